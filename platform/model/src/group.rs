//! 工作组: people with a name in common, of a site or of the whole platform; where people are chosen, they are found under it.

use serde::Serialize;

use crate::text::is_plain_line;
use crate::{GroupId, Problem, UserId};

/// What is said of a group, and who is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct GroupContent {
    /// Its name, e.g. 新闻审核组.
    pub name: String,
    /// What it is for.
    pub duty: String,
    /// Who is in it, in the order of their numbers, each once.
    pub members: Vec<UserId>,
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Group {
    /// Its number.
    pub id: GroupId,
    /// What it is.
    pub content: GroupContent,
}

impl GroupContent {
    /// What is wrong with it, each at its field.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.name.is_empty() {
            problems.push(Problem::at("name", "请填写工作组名称"));
        }
        for (field, what, text, most) in [("name", "工作组名称", &self.name, 30), ("duty", "职责", &self.duty, 100)] {
            if text.chars().count() > most {
                problems.push(Problem::at(field, format!("{what}不超过{most}字")));
            } else if !is_plain_line(text) {
                problems.push(Problem::at(field, format!("{what}中有不能使用的字符")));
            }
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_has_a_name_and_may_be_empty() {
        let group = GroupContent { name: "新闻审核组".into(), ..GroupContent::default() };
        assert_eq!(group.problems(), []);
        let bad = GroupContent { duty: "职".repeat(101), ..GroupContent::default() };
        assert_eq!(bad.problems().iter().map(|one| one.field).collect::<Vec<_>>(), ["name", "duty"]);
    }
}
