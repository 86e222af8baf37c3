//! A role of the city's own (自设角色), as it is made and changed: what it says, and what it must be.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::text::is_plain_line;
use crate::{Duty, Permission, Problem, Role, RoleId};

/// What is said of a role, and what it permits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RoleContent {
    /// Its name on screens, e.g. 信息公开专员.
    pub name: String,
    /// What it is for, in a line.
    pub note: String,
    /// What it is there for: chosen when it is made, and kept, because people hold it by it.
    pub duty: Duty,
    /// What it permits.
    pub permissions: BTreeSet<Permission>,
}

impl RoleContent {
    /// What a role says and permits now.
    pub fn of(role: &Role) -> Self {
        Self { name: role.name.clone(), note: role.note.clone(), duty: role.duty, permissions: role.permissions.clone() }
    }

    /// The role that is so, under that number and word.
    pub fn as_role(&self, id: RoleId, word: &str) -> Role {
        Role {
            id,
            word: word.to_owned(),
            name: self.name.clone(),
            note: self.note.clone(),
            duty: self.duty,
            permissions: self.permissions.clone(),
        }
    }

    /// What is wrong with it, each at its field.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.name.is_empty() {
            problems.push(Problem::at("name", "请填写角色名称"));
        }
        for (field, what, text, most) in [("name", "角色名称", &self.name, 20), ("note", "说明", &self.note, 60)] {
            if text.chars().count() > most {
                problems.push(Problem::at(field, format!("{what}不超过{most}字")));
            } else if !is_plain_line(text) {
                problems.push(Problem::at(field, format!("{what}中有不能使用的字符")));
            }
        }
        // Who says what people may do, and who looks at what they did, are as the platform has them.
        if !matches!(self.duty, Duty::Business | Duty::System) {
            problems.push(Problem::at("duty", "自设角色只能是业务或系统管理角色"));
        }
        if self.permissions.is_empty() {
            problems.push(Problem::at("permissions", "请至少勾选一项权限"));
        }
        for permission in self.permissions.iter().filter(|permission| !permission.is_for(self.duty)) {
            let sentence = format!("“{}”不属于{}角色的权限，请取消勾选", permission.chinese(), self.duty.chinese());
            problems.push(Problem::at("permissions", sentence));
        }
        let blind = self.permissions.iter().find(|permission| permission.is_of_content() && **permission != Permission::Read);
        if let Some(permission) = blind.filter(|_| !self.permissions.contains(&Permission::Read)) {
            problems.push(Problem::at("permissions", format!("“{}”须与“查看”一并勾选", permission.chinese())));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(duty: Duty, permissions: &[Permission]) -> RoleContent {
        RoleContent {
            name: "信息公开专员".into(), note: String::new(), duty, permissions: permissions.iter().copied().collect()
        }
    }

    fn fields(content: &RoleContent) -> Vec<&'static str> {
        content.problems().iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn a_role_of_ones_own_mixes_no_duties() {
        use Permission::{Audit, Found, Push, Read, Roles, Staff, Takedown, Write};
        for fine in [role(Duty::Business, &[Read, Write, Push, Staff]), role(Duty::System, &[Read, Write, Takedown, Found])] {
            assert_eq!(fine.problems(), []);
        }
        for mixed in [
            role(Duty::Business, &[Read, Takedown]),
            role(Duty::Business, &[Read, Audit]),
            role(Duty::Business, &[Read, Roles]),
            role(Duty::System, &[Found, Staff]),
        ] {
            assert_eq!(fields(&mixed), ["permissions"], "{mixed:?}");
        }
        assert_eq!(fields(&role(Duty::Security, &[Staff])), ["duty"]);
        assert_eq!(fields(&role(Duty::Audit, &[Audit])), ["duty"]);
    }

    #[test]
    fn what_is_done_with_texts_takes_seeing_them() {
        assert_eq!(fields(&role(Duty::Business, &[Permission::Write])), ["permissions"]);
        assert_eq!(fields(&role(Duty::Business, &[])), ["permissions"]);
        let nameless = RoleContent { name: String::new(), note: "说".repeat(61), ..role(Duty::Business, &[Permission::Read]) };
        assert_eq!(fields(&nameless), ["name", "note"]);
    }
}
