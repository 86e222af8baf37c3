//! Where an account is in its life, as screens tell it, and what can be done with it there.

use chrono::NaiveDateTime;
use model::{AccountDeed, AccountState, User};
use serde::Serialize;

use crate::moment::Moment;

/// Where the account is in its life.
#[derive(Serialize)]
pub(crate) struct Stage {
    name: &'static str,
    /// Empty where there is nothing to say.
    tone: &'static str,
    /// Until when, where it ends by itself.
    until: Option<Moment>,
}

/// A deed as it is offered.
#[derive(Serialize)]
pub(crate) struct Offered {
    word: &'static str,
    name: &'static str,
    told: &'static str,
    is_harsh: bool,
}

/// The state of an account, as a list or a page tells it.
pub(crate) fn stage(user: &User, now: NaiveDateTime) -> Stage {
    let state = user.state(now);
    let tone = match state {
        AccountState::Normal => "",
        AccountState::Invited => "reviewing",
        AccountState::Locked => "returned",
        AccountState::Inactive | AccountState::Left => "withdrawn",
    };
    let until = user.locked_until.filter(|until| user.is_active() && *until > now);
    Stage { name: state.chinese(), tone, until: until.map(Into::into) }
}

/// What can be done with an account in this state, the mildest first.
pub(crate) fn offered(state: AccountState) -> Vec<Offered> {
    let offered = |deed: &AccountDeed| {
        let told = match deed {
            AccountDeed::Lock => "用于账号有异常、需要查明的情形。锁定后立即退出登录，解除锁定前不能登录；角色和记录保留。",
            AccountDeed::Unlock => "解除后可用原密码登录，此前的失败次数不再计算。请先向本人核实。",
            AccountDeed::Deactivate => {
                "用于暂不使用的账号。停用后立即退出登录，在所有站点都不能再登录；角色和记录保留，可随时恢复。"
            }
            AccountDeed::Activate => "恢复后可用原密码登录，角色与停用前相同。",
            AccountDeed::Leave => {
                "用于调离、退休等不再使用账号的情形。办理后收回全部角色、退出工作组，账号不能恢复；姓名在稿件和记录中保留，用户名不再分配给他人。在办稿件请先转办。"
            }
        };
        Offered { word: deed.as_str(), name: deed.chinese(), told, is_harsh: deed.shuts_out() }
    };
    AccountDeed::ALL.iter().filter(|deed| deed.fits(state)).map(offered).collect()
}
