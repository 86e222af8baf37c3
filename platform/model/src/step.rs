//! A step of the reviews (审核环节) that a text passes: what it is called, and the group (工作组) it is for.

use serde::{Deserialize, Serialize};

use crate::GroupId;

/// One step. Where it is for every reviewer it is written as its name alone. A declaration names the group, the library has its number.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Written<G>", into = "Written<G>")]
pub struct Step<G: Clone = GroupId> {
    /// Its name, e.g. 一审.
    pub name: String,
    /// Whose it is; none: every reviewer's.
    pub group: Option<G>,
}

impl<G: Clone> From<&str> for Step<G> {
    /// A step for every reviewer.
    fn from(name: &str) -> Self {
        Self { name: name.to_owned(), group: None }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields, expecting = "a review step is its name, or a table of its name and its group")]
enum Written<G> {
    Plain(String),
    OfGroup { name: String, group: G },
}

impl<G: Clone> From<Written<G>> for Step<G> {
    fn from(written: Written<G>) -> Self {
        match written {
            Written::Plain(name) => Self { name, group: None },
            Written::OfGroup { name, group } => Self { name, group: Some(group) },
        }
    }
}

impl<G: Clone> From<Step<G>> for Written<G> {
    fn from(Step { name, group }: Step<G>) -> Self {
        match group {
            None => Self::Plain(name),
            Some(group) => Self::OfGroup { name, group },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_for_everybody_is_written_as_its_name_and_read_either_way() {
        let steps = [Step::from("一审"), Step { name: "二审".into(), group: Some(GroupId(5)) }];
        let written = serde_json::json!(steps).to_string();
        assert_eq!(written, r#"["一审",{"group":5,"name":"二审"}]"#);
        assert_eq!(serde_json::from_str::<Vec<Step>>(&written).ok().as_deref(), Some(&steps[..]));
        let unknown = serde_json::from_str::<Step>(r#"{"name":"二审","group":5,"who":"x"}"#).unwrap_err().to_string();
        assert!(unknown.contains("a review step is its name"), "{unknown}");
    }
}
