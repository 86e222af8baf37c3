//! The form a resource is written in: what was typed, as it was typed, and what that means.

use std::str::FromStr;

use chrono::{NaiveDate, NaiveDateTime};
use model::text::is_text;
use model::working_copy::is_sheet;
use model::{Content, MediaId, Problem, ResourceId, ResourceKind, WorkingCopy, Writing};
use serde::{Deserialize, Serialize};

use crate::media::numbers;

/// Everything is text, so that nothing a browser may send is refused before it can be shown again.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Draft {
    /// The resource's version the writer began from.
    pub(crate) version: String,
    /// The number of the revision the writer began from.
    pub(crate) revision: String,
    pub(crate) channel: String,
    pub(crate) title: String,
    pub(crate) subtitle: String,
    pub(crate) summary: String,
    pub(crate) body: String,
    pub(crate) source: String,
    pub(crate) author: String,
    pub(crate) editor: String,
    pub(crate) keywords: String,
    pub(crate) document_number: String,
    pub(crate) issuing_bodies: String,
    pub(crate) written_on: String,
    pub(crate) effective_on: String,
    pub(crate) theme_class: String,
    pub(crate) validity: String,
    /// The number of a medium.
    pub(crate) cover: String,
    /// Numbers of media.
    pub(crate) attachments: String,
    pub(crate) genre: String,
    pub(crate) openness: String,
    pub(crate) openness_reason: String,
    pub(crate) secrecy_reviewer: String,
    pub(crate) secrecy_reviewed_on: String,
    /// Numbers of resources.
    pub(crate) explains: String,
    /// The number of a resource.
    pub(crate) superseded_by: String,
    /// The sheet a new text was begun on.
    pub(crate) begun: String,
    /// This form, as it was drawn in this window.
    pub(crate) sheet: String,
    /// Counts up with each autosave of the sheet.
    #[serde(skip_serializing)]
    pub(crate) sequence: String,
    /// `1`: it is to be handed in as urgent.
    pub(crate) urgent: String,
    /// What the writer says that they looked at.
    #[serde(skip_serializing)]
    pub(crate) looked_at: String,
    /// The button pressed: `save` or `submit`.
    #[serde(skip_serializing)]
    pub(crate) intent: String,
}

impl Draft {
    /// The form filled with what a revision says.
    pub(crate) fn of(content: &Content) -> Self {
        let day = |date: Option<NaiveDate>| date.map(|date| date.to_string()).unwrap_or_default();
        Self {
            title: content.title.clone(),
            subtitle: content.subtitle.clone(),
            summary: content.summary.clone(),
            body: typed(&content.body),
            source: content.source.clone(),
            author: content.author.clone(),
            editor: content.editor.clone(),
            keywords: content.keywords.join("，"),
            document_number: content.document_number.clone().unwrap_or_default(),
            issuing_bodies: content.issuing_bodies.join("，"),
            written_on: day(content.written_on),
            effective_on: day(content.effective_on),
            theme_class: content.theme_class.clone().unwrap_or_default(),
            validity: content.validity.map(|validity| validity.as_str().to_owned()).unwrap_or_default(),
            cover: content.cover.map(|id| id.to_string()).unwrap_or_default(),
            attachments: content.attachments.iter().map(ToString::to_string).collect::<Vec<_>>().join("，"),
            genre: content.genre.map(|genre| genre.as_str().to_owned()).unwrap_or_default(),
            openness: content.openness.as_str().to_owned(),
            openness_reason: content.openness_reason.clone(),
            secrecy_reviewer: content.secrecy_reviewer.clone(),
            secrecy_reviewed_on: day(content.secrecy_reviewed_on),
            explains: content.explains.iter().map(ToString::to_string).collect::<Vec<_>>().join("，"),
            superseded_by: content.superseded_by.map(|id| id.to_string()).unwrap_or_default(),
            ..Self::default()
        }
    }

    /// What was typed as content, laid over `before` where the form has no field for it.
    pub(crate) fn content(&self, kind: ResourceKind, before: Content) -> Result<Content, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut content = Content {
            title: self.title.trim().to_owned(),
            subtitle: self.subtitle.trim().to_owned(),
            summary: self.summary.trim().to_owned(),
            body: self.body.replace("\r\n", "\n"),
            source: self.source.trim().to_owned(),
            author: self.author.trim().to_owned(),
            editor: self.editor.trim().to_owned(),
            keywords: list(&self.keywords),
            attachments: media(&mut problems, "attachments", &self.attachments),
            cover: media(&mut problems, "cover", &self.cover).first().copied(),
            openness: word(&mut problems, "openness", "公开属性", &self.openness).unwrap_or_default(),
            openness_reason: self.openness_reason.trim().to_owned(),
            secrecy_reviewer: self.secrecy_reviewer.trim().to_owned(),
            secrecy_reviewed_on: day(&mut problems, "secrecy_reviewed_on", &self.secrecy_reviewed_on),
            ..before
        };
        if kind == ResourceKind::Policy {
            content.document_number = some(&self.document_number);
            content.issuing_bodies = list(&self.issuing_bodies);
            content.written_on = day(&mut problems, "written_on", &self.written_on);
            content.effective_on = day(&mut problems, "effective_on", &self.effective_on);
            content.theme_class = some(&self.theme_class);
            content.validity = word(&mut problems, "validity", "有效性", &self.validity);
            content.genre = word(&mut problems, "genre", "公文种类", &self.genre);
            content.superseded_by = resources(&mut problems, "superseded_by", &self.superseded_by).first().copied();
        }
        if kind == ResourceKind::Interpretation {
            content.explains = resources(&mut problems, "explains", &self.explains);
        }
        if problems.is_empty() {
            return Ok(content);
        }
        problems.extend(model::problem::in_draft(&content));
        Err(problems)
    }

    /// As much of it as can be read, and what cannot.
    pub(crate) fn readable(&self, kind: ResourceKind) -> (Content, Vec<Problem>) {
        match self.content(kind, Content::default()) {
            Ok(content) => (content, Vec::new()),
            Err(problems) => {
                let none = String::new;
                let rest = Self {
                    written_on: none(),
                    effective_on: none(),
                    validity: none(),
                    cover: none(),
                    attachments: none(),
                    ..self.clone()
                };
                (rest.content(kind, Content::default()).unwrap_or_default(), problems)
            }
        }
    }

    /// Whether it is to be handed in for review too.
    pub(crate) fn is_for_review(&self) -> bool {
        self.intent == "submit"
    }

    /// The working copy that holds what was typed; none where no sheet of ours brought it.
    pub(crate) fn working_copy(&self, writing: Writing, kept_at: NaiveDateTime) -> Option<WorkingCopy> {
        let title = self.title.trim().chars().filter(|letter| is_text(*letter)).take(200).collect();
        let form = serde_json::to_string(self).ok()?;
        let sheet = Some(self.sheet.clone()).filter(|sheet| is_sheet(sheet))?;
        Some(WorkingCopy { writing, sheet, sequence: self.sequence.parse().unwrap_or(0), title, form, kept_at })
    }

    /// What a new text is known by until it is saved.
    pub(crate) fn writing(&self) -> Option<Writing> {
        is_sheet(&self.begun).then(|| Writing::New(self.begun.clone()))
    }

    /// What was typed beside the text, under the names of the fields.
    pub(crate) fn told(&self) -> Vec<(&'static str, String)> {
        let fields = [
            ("标题", &self.title),
            ("副标题", &self.subtitle),
            ("摘要", &self.summary),
            ("来源", &self.source),
            ("作者", &self.author),
            ("责任编辑", &self.editor),
            ("关键词", &self.keywords),
            ("发文字号", &self.document_number),
            ("发文机关", &self.issuing_bodies),
            ("成文日期", &self.written_on),
            ("施行日期", &self.effective_on),
            ("主题分类", &self.theme_class),
            ("封面图片编号", &self.cover),
            ("附件编号", &self.attachments),
        ];
        fields.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name, value.clone())).collect()
    }

    /// The version the writer began from; one that never was, where the field was tampered with.
    pub(crate) fn seen(&self) -> i64 {
        self.version.trim().parse().unwrap_or(-1)
    }
}

/// A body of plain paragraphs is shown as plain text, if that text would become the same body again.
fn typed(body: &str) -> String {
    let plain = render::html::lines(body).join("\n\n");
    if render::html::clean(&plain).is_ok_and(|cleaned| cleaned == body) { plain } else { body.to_owned() }
}

fn some(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Words as people list them, each once.
pub(crate) fn list(text: &str) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    for item in text.split([',', '，', '、', ';', '；', '\n']).map(str::trim).filter(|item| !item.is_empty()) {
        if !items.iter().any(|known| known == item) {
            items.push(item.to_owned());
        }
    }
    items
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

fn media(problems: &mut Vec<Problem>, field: &'static str, text: &str) -> Vec<MediaId> {
    numbers(text).unwrap_or_else(|wrong| {
        problems.push(Problem::at(field, format!("“{wrong}”不是媒体编号，请填写数字或从媒体库选择")));
        Vec::new()
    })
}

fn resources(problems: &mut Vec<Problem>, field: &'static str, text: &str) -> Vec<ResourceId> {
    numbers(text).unwrap_or_else(|wrong| {
        problems.push(Problem::at(field, format!("“{wrong}”不是稿件编号，请填写数字或查找选择")));
        Vec::new()
    })
}

/// One of the words of a list; none where nothing was chosen.
fn word<T: FromStr>(problems: &mut Vec<Problem>, field: &'static str, name: &str, text: &str) -> Option<T> {
    if text.is_empty() {
        return None;
    }
    let found = text.parse().ok();
    if found.is_none() {
        problems.push(Problem::at(field, format!("请从列表中选择{name}")));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_what_was_written() {
        let content = Content {
            title: "通知".into(),
            body: "<p>第一段</p>\n<p>第二段 &amp; 其他</p>".into(),
            keywords: vec!["甲".into(), "乙".into()],
            written_on: NaiveDate::from_ymd_opt(2026, 3, 5),
            validity: Some(model::Validity::Valid),
            superseded_by: Some(ResourceId(7)),
            secrecy_reviewer: "王".into(),
            ..Content::default()
        };
        let draft = Draft::of(&content);
        assert_eq!(draft.body, "第一段\n\n第二段 & 其他");
        let again = draft.content(ResourceKind::Policy, content.clone()).unwrap();
        assert_eq!(Content { body: render::html::clean(&again.body).unwrap(), ..again }, content);
    }

    #[test]
    fn a_body_that_plain_text_cannot_say_stays_html() {
        for body in ["<p>甲<strong>乙</strong></p>", "<p>a &lt; b</p>", "<ul><li>一</li></ul>"] {
            assert_eq!(Draft::of(&Content { body: body.into(), ..Content::default() }).body, body);
        }
    }

    #[test]
    fn lists_are_split_at_every_usual_comma() {
        assert_eq!(list("甲，乙、 丙;丁,甲"), ["甲", "乙", "丙", "丁"]);
    }

    #[test]
    fn a_date_that_is_none_is_told_at_its_field() {
        let draft = Draft { title: "通知".into(), written_on: "3月5日".into(), ..Draft::default() };
        let problems = draft.content(ResourceKind::Policy, Content::default()).unwrap_err();
        assert_eq!(problems[0].field, "written_on");
        assert!(draft.content(ResourceKind::Article, Content::default()).is_ok());
    }
}
