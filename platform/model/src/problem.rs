//! What is wrong with what a person wrote: one message at one field.

use std::str::FromStr;

use chrono::NaiveDate;
use serde::Serialize;

use crate::media::{foreign_without_alt, references};
use crate::{Content, DocumentNumber, Media, MediaId, Openness, ResourceKind, ThemeClass, Validity};

/// A field and a clear sentence about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The form field's name.
    pub field: &'static str,
    /// What to change, in Chinese.
    pub message: String,
}

impl Problem {
    /// A problem at a field.
    pub fn at(field: &'static str, message: impl Into<String>) -> Self {
        Self { field, message: message.into() }
    }
}

/// Characters of a title at most.
pub const LONGEST_TITLE: usize = 200;

/// Keywords of a text at most, once it is handed in.
pub const MOST_KEYWORDS: usize = 20;

/// Keywords that are kept of a draft, whose writer has yet to choose among them.
const MOST_KEPT_KEYWORDS: usize = 200;

/// Characters of a keyword at most.
pub const LONGEST_KEYWORD: usize = 30;

/// What keeps this content from being kept at all: a draft may be incomplete, but must have a title and sound values.
pub fn in_draft(content: &Content) -> Vec<Problem> {
    let mut problems = Vec::new();
    length(&mut problems, "title", "标题", &content.title, 1, LONGEST_TITLE);
    length(&mut problems, "subtitle", "副标题", &content.subtitle, 0, 120);
    length(&mut problems, "summary", "摘要", &content.summary, 0, 200);
    length(&mut problems, "source", "来源", &content.source, 0, 60);
    length(&mut problems, "author", "作者", &content.author, 0, 40);
    length(&mut problems, "editor", "责任编辑", &content.editor, 0, 40);
    if content.body.chars().count() > 500_000 {
        problems.push(Problem::at("body", "正文过长，请控制在50万字以内"));
    }
    list(&mut problems, "keywords", "关键词", &content.keywords, MOST_KEPT_KEYWORDS, LONGEST_KEYWORD);
    if content.attachments.len() > 50 {
        problems.push(Problem::at("attachments", "附件不超过50个"));
    }
    list(&mut problems, "issuing_bodies", "发文机关", &content.issuing_bodies, 20, 60);
    if let Some(number) = &content.document_number
        && let Err(error) = DocumentNumber::from_str(number)
    {
        problems.push(Problem::at("document_number", error.to_string()));
    }
    if let Some(class) = &content.theme_class
        && let Err(error) = ThemeClass::from_str(class)
    {
        problems.push(Problem::at("theme_class", error.to_string()));
    }
    length(&mut problems, "openness_reason", "不主动公开的理由", &content.openness_reason, 0, 200);
    // Such a text is never handed in: keeping it is the last that is done with it, so there is no later moment to ask.
    if content.openness != Openness::Active && content.openness_reason.trim().is_empty() {
        problems.push(Problem::at("openness_reason", format!("请填写{}的理由", content.openness.chinese())));
    }
    length(&mut problems, "secrecy_reviewer", "保密审查人", &content.secrecy_reviewer, 0, 40);
    if content.explains.len() > 20 {
        problems.push(Problem::at("explains", "解读的文件不超过20个"));
    }
    problems
}

/// What a draft may leave for later, and nothing else: whatever goes further has settled it, be it reviewed or taken in.
pub fn left_open(content: &Content) -> Vec<Problem> {
    let mut problems = Vec::new();
    let count = content.keywords.len();
    if (MOST_KEYWORDS + 1..=MOST_KEPT_KEYWORDS).contains(&count) {
        problems.push(Problem::at("keywords", format!("关键词不超过{MOST_KEYWORDS}个，现有{count}个")));
    }
    if content.secrecy_reviewer.trim().is_empty() && content.secrecy_reviewed_on.is_some() {
        problems.push(Problem::at("secrecy_reviewer", "已填保密审查日期，请填写保密审查人"));
    }
    problems
}

/// What is missing before reviewers should see it: everything the page must show (regulations.md §1.6, §4.5).
pub fn before_review(kind: ResourceKind, content: &Content, today: NaiveDate) -> Vec<Problem> {
    let mut problems = in_draft(content);
    problems.extend(left_open(content));
    if content.body.trim().is_empty() {
        problems.push(Problem::at("body", "请填写正文"));
    }
    if content.source.trim().is_empty() {
        problems.push(Problem::at("source", "请填写来源（发布单位或转载来源）"));
    }
    if content.secrecy_reviewed_on.is_some_and(|day| day > today) {
        problems.push(Problem::at("secrecy_reviewed_on", "保密审查日期不得晚于今天"));
    }
    if content.openness != Openness::Active {
        let told = format!("{}的信息不得在网站发布，可作为草稿保存在信息资源库", content.openness.chinese());
        problems.push(Problem::at("openness", told));
    }
    if kind == ResourceKind::Policy {
        if content.issuing_bodies.is_empty() {
            problems.push(Problem::at("issuing_bodies", "政策文件须填写发文机关"));
        }
        if content.written_on.is_none() {
            problems.push(Problem::at("written_on", "政策文件须填写成文日期"));
        }
        if content.validity.is_none() {
            problems.push(Problem::at("validity", "政策文件须标明有效性"));
        }
        if content.validity == Some(Validity::Pending) && content.effective_on.is_none() {
            problems.push(Problem::at("effective_on", "尚未生效的文件须填写施行日期"));
        }
    }
    problems
}

/// Pictures that a reader who cannot see them would miss, each named (WCAG 2.2, 1.1.1). `used` are the media of the content.
pub fn without_alt(content: &Content, used: &[Media]) -> Vec<Problem> {
    let lacks = |id: MediaId| used.iter().find(|media| media.id == id && media.kind.is_image() && media.alt.trim().is_empty());
    let lacking = references(&content.body).into_iter().filter(|found| found.is_image && found.alt.is_empty());
    let mut named: Vec<String> = lacking.filter_map(|found| lacks(found.id)).map(|media| media.file_name.clone()).collect();
    named.extend(foreign_without_alt(&content.body));
    named.dedup();
    let told = |name: String| Problem::at("body", format!("正文图片“{name}”缺少替代文字，请在正文或媒体库中补充"));
    let mut problems: Vec<Problem> = named.into_iter().map(told).collect();
    if let Some(media) = content.cover.and_then(lacks) {
        problems.push(Problem::at("cover", format!("封面图片“{}”缺少替代文字，请在媒体库中补充", media.file_name)));
    }
    problems
}

fn length(problems: &mut Vec<Problem>, field: &'static str, name: &str, text: &str, least: usize, most: usize) {
    let count = text.trim().chars().count();
    if count < least {
        problems.push(Problem::at(field, format!("请填写{name}")));
    } else if count > most {
        problems.push(Problem::at(field, format!("{name}不超过{most}字，现有{count}字")));
    }
}

fn list(problems: &mut Vec<Problem>, field: &'static str, name: &str, texts: &[String], most: usize, longest: usize) {
    if texts.len() > most {
        problems.push(Problem::at(field, format!("{name}不超过{most}个")));
    } else if texts.iter().any(|text| text.chars().count() > longest) {
        problems.push(Problem::at(field, format!("每个{name}不超过{longest}字")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 25).unwrap();

    #[test]
    fn a_draft_needs_only_a_title() {
        let content = Content { title: "通知".into(), ..Content::default() };
        assert!(in_draft(&content).is_empty());
        assert_eq!(in_draft(&Content::default())[0].field, "title");
    }

    #[test]
    fn a_draft_may_leave_open_what_reviewers_must_find_settled() {
        let content = Content {
            title: "通知".into(),
            body: "<p>正文</p>".into(),
            source: "办公室".into(),
            keywords: (0..=MOST_KEYWORDS).map(|one| format!("词{one}")).collect(),
            secrecy_reviewed_on: Some(TODAY),
            ..Content::default()
        };
        assert!(in_draft(&content).is_empty());
        let told = before_review(ResourceKind::Article, &content, TODAY);
        assert_eq!(told.iter().map(|problem| problem.field).collect::<Vec<_>>(), ["keywords", "secrecy_reviewer"]);
        assert_eq!(told[0].message, "关键词不超过20个，现有21个");
        let many = Content { keywords: vec!["词".into(); MOST_KEPT_KEYWORDS + 1], ..content };
        assert_eq!(in_draft(&many)[0].field, "keywords");
        assert_eq!(before_review(ResourceKind::Article, &many, TODAY).len(), 2, "it is said once");
    }

    #[test]
    fn what_is_not_actively_disclosed_needs_a_reason_and_is_not_published() {
        let closed = Content {
            title: "通知".into(),
            body: "<p>正文</p>".into(),
            source: "办公室".into(),
            openness: Openness::Closed,
            ..Content::default()
        };
        assert_eq!(in_draft(&closed)[0].field, "openness_reason");
        let reasoned = Content { openness_reason: "涉及商业秘密".into(), ..closed };
        assert!(in_draft(&reasoned).is_empty());
        assert_eq!(before_review(ResourceKind::Article, &reasoned, TODAY)[0].field, "openness");
    }

    #[test]
    fn a_policy_is_not_reviewed_without_its_metadata() {
        let content =
            Content { title: "通知".into(), body: "<p>正文</p>".into(), source: "办公室".into(), ..Content::default() };
        let fields: Vec<_> = before_review(ResourceKind::Policy, &content, TODAY).iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["issuing_bodies", "written_on", "validity"]);
        assert!(before_review(ResourceKind::Article, &content, TODAY).is_empty());
    }

    #[test]
    fn a_secrecy_review_is_not_dated_ahead() {
        let reviewed = |day| Content {
            title: "通知".into(),
            body: "<p>正文</p>".into(),
            source: "办公室".into(),
            secrecy_reviewer: "陈立".into(),
            secrecy_reviewed_on: Some(day),
            ..Content::default()
        };
        assert!(before_review(ResourceKind::Article, &reviewed(TODAY), TODAY).is_empty());
        let ahead = reviewed(TODAY.succ_opt().unwrap());
        assert_eq!(before_review(ResourceKind::Article, &ahead, TODAY)[0].field, "secrecy_reviewed_on");
    }
}
