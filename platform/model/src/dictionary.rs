//! 来源与作者: the names that the people of a site choose from when they write.

use serde::{Deserialize, Serialize};

use crate::Problem;

/// Names of each list at most.
const MOST: usize = 200;

/// The lists of a site, each in the order it is offered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dictionary {
    /// 来源
    pub sources: Vec<String>,
    /// 作者
    pub authors: Vec<String>,
}

impl Dictionary {
    /// What is wrong with it: a name that the field of a text would refuse, or too many.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (field, what, words, most) in [("sources", "来源", &self.sources, 60), ("authors", "作者", &self.authors, 40)] {
            if words.len() > MOST {
                problems.push(Problem::at(field, format!("{what}不超过{MOST}个，现有{}个", words.len())));
            } else if let Some(long) = words.iter().find(|word| word.chars().count() > most) {
                problems.push(Problem::at(field, format!("“{long}”超过{most}字")));
            }
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_may_be_empty_but_neither_its_names_nor_itself_too_long() {
        assert_eq!(Dictionary::default().problems(), []);
        let long = Dictionary { sources: vec!["源".repeat(61)], authors: (0..201).map(|at| at.to_string()).collect() };
        assert_eq!(long.problems().iter().map(|one| one.field).collect::<Vec<_>>(), ["sources", "authors"]);
    }
}
