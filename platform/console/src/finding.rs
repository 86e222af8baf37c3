//! What is looked for in the library, as an address says it: a search can be sent to a colleague, or kept as a view.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime};
use model::{ChannelId, ChannelTree, Problem, ResourceId, WorkState, from_local};
use serde::{Deserialize, Serialize};
use store::catalogue::{By, Filter, Mark, Seek};
use store::{Connection, people};

use crate::details::Detail;

/// Words of a search, and people a name may mean; more would not narrow it any further.
const MOST_WORDS: usize = 5;
const MOST_PEOPLE: i64 = 100;

/// Everything is text, so that nothing a browser may send is refused before it can be shown again.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Wish {
    pub(crate) q: String,
    /// A site's short name: chosen on the screen of all sites, it leads to the library of that one.
    pub(crate) site: String,
    channel: String,
    kind: String,
    state: String,
    work: String,
    author: String,
    keyword: String,
    /// `published`, or by default when it last changed.
    by: String,
    /// `oldest` first, or by default the newest.
    order: String,
    from: String,
    to: String,
    /// Details that are shown; the usual ones where none is named.
    #[serde(rename = "col")]
    columns: Vec<String>,
    /// The line that the page comes after or before, or `end`.
    #[serde(skip_serializing)]
    after: String,
    #[serde(skip_serializing)]
    before: String,
    #[serde(skip_serializing)]
    end: String,
    #[serde(skip_serializing)]
    pub(crate) done: String,
}

impl Wish {
    /// The search that an address's query says.
    pub(crate) fn of_query(query: &str) -> Self {
        serde_html_form::from_str(query).unwrap_or_default()
    }

    /// The search as an address's query, without the page.
    pub(crate) fn query(&self) -> String {
        let mut pairs: Vec<(&str, &str)> = self.criteria().into();
        pairs.extend([("by", self.by.as_str()), ("order", &self.order)]);
        pairs.extend(self.columns.iter().map(|column| ("col", column.as_str())));
        let pairs = pairs.into_iter().map(|(name, value)| (name, value.trim())).filter(|(_, value)| !value.is_empty());
        pairs.map(|(name, value)| format!("{name}={}", encoded(value))).collect::<Vec<_>>().join("&")
    }

    /// The same with the page: the list as it is seen.
    pub(crate) fn place(&self) -> String {
        let page = [("after", &self.after), ("before", &self.before), ("end", &self.end)];
        let page = page.into_iter().filter(|(_, value)| !value.is_empty());
        let page = page.map(|(name, value)| format!("{name}={}", encoded(value)));
        std::iter::once(self.query()).filter(|query| !query.is_empty()).chain(page).collect::<Vec<_>>().join("&")
    }

    /// Whether anything narrows the list.
    pub(crate) fn is_narrow(&self) -> bool {
        self.criteria().iter().any(|(_, value)| !value.trim().is_empty())
    }

    /// Whether anything is set that the form shows only when asked to.
    pub(crate) fn has_more(&self) -> bool {
        [&self.author, &self.keyword, &self.from, &self.to].iter().any(|value| !value.trim().is_empty())
    }

    /// The same search in the other order, or by the other time.
    pub(crate) fn sorted(&self, by: By) -> String {
        let turned = by == self.by() && self.is_newest_first();
        let order = if turned { "oldest" } else { "" };
        let by = if by == By::Published { "published" } else { "" };
        Self { by: by.into(), order: order.into(), ..self.clone() }.query()
    }

    pub(crate) fn by(&self) -> By {
        if self.by == "published" { By::Published } else { By::Updated }
    }

    pub(crate) fn is_newest_first(&self) -> bool {
        self.order != "oldest"
    }

    /// What of each resource is to be shown.
    pub(crate) fn details(&self, usual: &[Detail]) -> Vec<Detail> {
        let chosen = Detail::ALL.iter().copied().filter(|detail| self.columns.iter().any(|name| name == detail.as_str()));
        let chosen: Vec<Detail> = chosen.collect();
        if chosen.is_empty() { usual.to_vec() } else { chosen }
    }

    /// Which page.
    pub(crate) fn seek(&self) -> Seek {
        match (mark(&self.after), mark(&self.before), self.end.as_str()) {
            (Some(mark), ..) => Seek::After(mark),
            (_, Some(mark), _) => Seek::Before(mark),
            (.., "1") => Seek::Last,
            _ => Seek::First,
        }
    }

    /// The same where the channel is named as programs do, by its short name.
    pub(crate) fn with_channel_key(mut self, tree: &ChannelTree) -> Self {
        if let Some(channel) = tree.by_key(self.channel.trim()) {
            self.channel = channel.id.to_string();
        }
        self
    }

    /// What to look for; says at the fields what cannot be understood. Without a tree nothing is said about channels.
    pub(crate) fn filter(&self, tree: Option<&ChannelTree>) -> Result<Filter, Vec<Problem>> {
        let mut problems = Vec::new();
        let channels = tree.map(|tree| channels(&mut problems, tree, &self.channel)).unwrap_or_default();
        let filter = Filter {
            words: self.q.split_whitespace().take(MOST_WORDS).map(str::to_owned).collect(),
            channels,
            kind: word(&mut problems, "kind", &self.kind),
            // What is in the bin is looked at there.
            work: word(&mut problems, "work", if self.work == WorkState::Discarded.as_str() { "-" } else { &self.work }),
            state: word(&mut problems, "state", &self.state),
            authors: None,
            keyword: Some(self.keyword.trim().to_owned()).filter(|keyword| !keyword.is_empty()),
            by: self.by(),
            from: day(&mut problems, "from", &self.from).map(midnight),
            until: day(&mut problems, "to", &self.to).and_then(|day| day.checked_add_days(Days::new(1))).map(midnight),
        };
        if filter.from.zip(filter.until).is_some_and(|(from, until)| from >= until) {
            problems.push(Problem::at("to", "结束日期不能早于开始日期"));
        }
        if problems.is_empty() { Ok(filter) } else { Err(problems) }
    }

    /// Asks whom the name means.
    pub(crate) fn with_authors(&self, connection: &mut Connection, filter: Filter) -> store::Result<Filter> {
        let name = self.author.trim();
        if name.is_empty() {
            return Ok(filter);
        }
        let people = people::list_named(connection, name, true, MOST_PEOPLE)?;
        Ok(Filter { authors: Some(people.into_iter().map(|user| user.id).collect()), ..filter })
    }

    fn criteria(&self) -> [(&'static str, &str); 9] {
        [
            ("q", &self.q),
            ("channel", &self.channel),
            ("kind", &self.kind),
            ("state", &self.state),
            ("work", &self.work),
            ("author", &self.author),
            ("keyword", &self.keyword),
            ("from", &self.from),
            ("to", &self.to),
        ]
    }
}

/// A line's place in the order, as an address says it.
pub(crate) fn told(mark: Mark) -> String {
    format!("{}-{}", mark.at.and_utc().timestamp_micros(), mark.id)
}

/// Percent-encodes a value of a query.
pub(crate) fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn mark(text: &str) -> Option<Mark> {
    let (micros, id) = text.split_once('-')?;
    let at = DateTime::from_timestamp_micros(micros.parse().ok()?)?.naive_utc();
    Some(Mark { at, id: ResourceId(id.parse().ok()?) })
}

fn word<T: std::str::FromStr>(problems: &mut Vec<Problem>, field: &'static str, text: &str) -> Option<T> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let word = text.parse().ok();
    if word.is_none() {
        problems.push(Problem::at(field, "请从列表中选择"));
    }
    word
}

fn channels(problems: &mut Vec<Problem>, tree: &ChannelTree, text: &str) -> Vec<ChannelId> {
    let Some(id) = word::<ChannelId>(problems, "channel", text) else { return Vec::new() };
    if tree.by_id(id).is_none() {
        problems.push(Problem::at("channel", "请从列表中选择"));
        return Vec::new();
    }
    tree.subtree(id)
}

fn day(problems: &mut Vec<Problem>, field: &'static str, text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let date = text.parse().ok();
    if date.is_none() {
        problems.push(Problem::at(field, "日期应为“2026-03-05”的形式"));
    }
    date
}

/// When a day begins in China, as UTC.
fn midnight(day: NaiveDate) -> NaiveDateTime {
    from_local(day.and_time(chrono::NaiveTime::MIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_its_address() {
        let wish = Wish::of_query("q=%E9%80%9A%E7%9F%A5+2026&kind=policy&state=&col=kind&col=author&after=5-7");
        assert_eq!((wish.q.as_str(), wish.columns.len()), ("通知 2026", 2));
        assert_eq!(wish.query(), "q=%E9%80%9A%E7%9F%A5%202026&kind=policy&col=kind&col=author");
        assert_eq!(Wish::of_query(&wish.query()).query(), wish.query());
        assert!(matches!(wish.seek(), Seek::After(Mark { id: ResourceId(7), .. })));
        assert_eq!(wish.place(), format!("{}&after=5-7", wish.query()));
        assert_eq!(Wish::of_query("end=1").place(), "end=1");
        assert_eq!(
            Wish::of_query("//elsewhere.example/&x=%22").place(),
            "",
            "nothing but a search is kept of what an address says"
        );
    }

    #[test]
    fn days_are_those_of_china_and_the_last_is_whole() {
        let wish = Wish { from: "2026-03-05".into(), to: "2026-03-05".into(), ..Wish::default() };
        let filter = wish.filter(None).unwrap();
        assert_eq!(filter.from.unwrap().to_string(), "2026-03-04 16:00:00");
        assert_eq!(filter.until.unwrap().to_string(), "2026-03-05 16:00:00");
    }

    #[test]
    fn what_is_no_criterion_is_told_at_its_field() {
        let wish = Wish { kind: "x".into(), from: "昨天".into(), ..Wish::default() };
        let fields: Vec<_> = wish.filter(None).unwrap_err().into_iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["kind", "from"]);
        assert!(Wish { from: "2026-03-06".into(), to: "2026-03-05".into(), ..Wish::default() }.filter(None).is_err());
    }
}
