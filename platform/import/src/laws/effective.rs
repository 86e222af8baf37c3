//! The day a law came into force, from its last articles (`本条例自2021年1月1日起施行`) or its
//! preamble.

use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;

use super::body::Block;
use super::dates::{DATE, read_date, with_plain_digits};
use super::{Act, Adoption};

/// The day, if it can be told, and what a person should know about it.
pub(super) struct Effective {
    pub date: Option<NaiveDate>,
    pub warnings: Vec<String>,
}

/// The clause speaks of this law by its kind (本条例, 本实施办法, 本《办法》), not of its text before
/// a date (本条例施行前…) nor of another law, whose title would stand between.
static CLAUSE: LazyLock<Regex> = LazyLock::new(|| {
    let day = format!("(?P<date>{DATE})|(?P<event>[^，。；《》]{{0,8}}(?:公布|发布|颁布|批准|通过)之日)");
    let text = format!(r"本《?\p{{Han}}{{2,6}}》?(?:自|从|于)\s*(?:{day})(?:零时)?起?(?:施行|实施|执行|生效|实行)");
    Regex::new(&text).expect("a constant pattern")
});

enum Clause {
    Day(NaiveDate),
    OnPublication,
    OnPassing,
    OnApproval,
}

/// Tell the day from the clause in the body, or from the preamble where the body has none.
pub(super) fn find(blocks: &[Block], adopted: &[Adoption]) -> Effective {
    let mut warnings = Vec::new();
    let stated = last_in_force(adopted);
    let date = match read_clauses(blocks).as_slice() {
        [] => {
            let articles = blocks.iter().any(|block| matches!(block, Block::Article { .. }));
            if articles && stated.is_none() {
                warnings.push("没有施行日期条款：正文可能不完整".to_owned());
            }
            stated
        }
        clauses => {
            if clauses.len() > 1 {
                warnings.push(format!("施行日期条款不止一处：共{}处，取最后一处", clauses.len()));
            }
            let date = clauses.last().and_then(|clause| clause.resolve(adopted)).or(stated);
            if date.is_none() {
                warnings.push("施行日期不明：条款为自公布等之日起施行，而题注未写明该日".to_owned());
            }
            date
        }
    };
    Effective { date, warnings }
}

impl Clause {
    fn resolve(&self, adopted: &[Adoption]) -> Option<NaiveDate> {
        match self {
            Self::Day(date) => Some(*date),
            Self::OnPublication => publication(adopted),
            Self::OnPassing => last_of(adopted, Act::Passed),
            Self::OnApproval => last_of(adopted, Act::Approved),
        }
    }
}

fn read_clauses(blocks: &[Block]) -> Vec<Clause> {
    let texts = blocks.iter().filter_map(|block| match block {
        Block::Article { text, .. } | Block::Paragraph(text) => Some(with_plain_digits(text)),
        _ => None,
    });
    texts.filter_map(|text| read_clause(&text)).collect()
}

fn read_clause(text: &str) -> Option<Clause> {
    let found = CLAUSE.captures(text)?;
    if let Some(date) = found.name("date") {
        return read_date(date.as_str()).map(Clause::Day);
    }
    let event = found.name("event")?.as_str();
    Some(if event.contains("通过") {
        Clause::OnPassing
    } else if event.contains("批准") {
        Clause::OnApproval
    } else {
        Clause::OnPublication
    })
}

/// The publication the words 自公布之日起 speak of: the first one, or after the text was made anew
/// the one of the new text. A decision that changes several laws leaves the clause as it was.
fn publication(adopted: &[Adoption]) -> Option<NaiveDate> {
    let anew = adopted.iter().rposition(is_made_anew);
    let published = |adoption: &&Adoption| {
        let by_order = adoption.instrument.as_deref().is_some_and(|name| name.contains("令第"));
        adoption.act == Act::Published || (by_order && is_made_anew(adoption))
    };
    match anew {
        Some(index) => {
            let day = adopted[index].date;
            adopted.iter().find(|adoption| adoption.date >= day && published(adoption))
        }
        None => adopted.iter().find(published),
    }
    .map(|adoption| adoption.date)
}

/// Revised as a whole: not by a decision, whose title stands in 《》 or begins with 关于.
fn is_made_anew(adoption: &Adoption) -> bool {
    let decision = |name: &str| name.starts_with('《') || name.starts_with("关于");
    adoption.act == Act::Revised && !adoption.instrument.as_deref().is_some_and(decision)
}

fn last_in_force(adopted: &[Adoption]) -> Option<NaiveDate> {
    last_of(adopted, Act::InForce)
}

fn last_of(adopted: &[Adoption], act: Act) -> Option<NaiveDate> {
    adopted.iter().rev().find(|adoption| adoption.act == act).map(|adoption| adoption.date)
}

#[cfg(test)]
mod tests {
    use super::super::{body, preamble};
    use super::*;

    fn effective_on(lines: &str, body: &str) -> Option<String> {
        let adopted = preamble::read(lines).adopted;
        find(&body::read_blocks(body), &adopted).date.map(|date| date.to_string())
    }

    #[test]
    fn the_clause_names_the_day() {
        let body = "第九条 本条例自2021年1月1日起施行。2001年5月1日起施行的《旧条例》同时废止。";
        assert_eq!(effective_on("", body).as_deref(), Some("2021-01-01"));
        let old = "第九条 本《办法》从一九九三年三月一日起施行。";
        assert_eq!(effective_on("", old).as_deref(), Some("1993-03-01"));
    }

    #[test]
    fn the_day_of_publication_comes_from_the_preamble() {
        let body = "第九条 本规定自发布之日起施行。";
        let lines = "1990年10月5日 国务院批准\n1990年10月22日 交通部令第8号发布\n\
            2011年1月8日 《国务院关于废止和修改部分行政法规的决定》修订";
        assert_eq!(effective_on(lines, body).as_deref(), Some("1990-10-22"));
    }

    #[test]
    fn a_text_made_anew_counts_from_its_own_publication() {
        let body = "第九条 本规定自公布之日起施行。";
        let lines = "1990年10月22日 交通部发布\n2010年3月1日 国务院令第7号修订";
        assert_eq!(effective_on(lines, body).as_deref(), Some("2010-03-01"));
    }

    #[test]
    fn a_day_that_cannot_be_told_is_not_guessed() {
        let lines = "2010年3月1日 河南省人民代表大会常务委员会通过";
        assert_eq!(effective_on(lines, "第九条 本规定自公布之日起施行。"), None);
        assert_eq!(effective_on(lines, "第九条 本市自2012年1月1日起实施许可制度。"), None);
        assert_eq!(effective_on("", "第九条 本条例施行前，自2012年1月1日起执行的标准"), None);
    }

    #[test]
    fn the_preamble_is_asked_where_the_body_has_no_clause() {
        let lines = "1988年9月8日 青岛市人民代表大会常务委员会通过\n1989年1月1日 施行";
        assert_eq!(effective_on(lines, "第九条 甲").as_deref(), Some("1989-01-01"));
    }
}
