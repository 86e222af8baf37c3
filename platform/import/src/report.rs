//! What an import did and what a person should look at.

use std::collections::BTreeMap;

use serde::Serialize;

/// The outcome of one import.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Files found.
    pub read: usize,
    /// New resources.
    pub added: usize,
    /// Known resources with a new revision.
    pub revised: usize,
    /// Known resources that were the same.
    pub unchanged: usize,
    /// Known resources that people have worked on since: left as they are.
    pub kept: usize,
    /// Made live by this run.
    pub published: usize,
    /// Older versions marked 已修改.
    pub superseded: usize,
    /// What could not be taken in: path and reason.
    pub refused: Vec<(String, String)>,
    /// What was taken in but looks wrong: path and warning, `种类：具体情况`.
    pub warnings: Vec<(String, String)>,
}

impl Report {
    /// How many warnings there are of each kind.
    pub fn warnings_by_kind(&self) -> BTreeMap<&str, usize> {
        let mut kinds = BTreeMap::new();
        for (_, warning) in &self.warnings {
            *kinds.entry(warning.split('：').next().unwrap_or(warning)).or_insert(0) += 1;
        }
        kinds
    }

    /// Whether every file is accounted for.
    pub fn is_complete(&self) -> bool {
        self.read == self.added + self.revised + self.unchanged + self.kept + self.refused.len()
    }
}
