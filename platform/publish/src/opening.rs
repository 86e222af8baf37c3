//! 开通前检查: what a site must have, and what it should have, before the public sees it.

use std::collections::HashMap;

use model::site::is_site_code;
use model::{Channel, ChannelId, Site, site_rules};
use store::{Connection, channels};

/// One thing that is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What it is, in a few words.
    pub name: &'static str,
    /// Whether all is well.
    pub is_met: bool,
    /// Whether the site cannot open without it.
    pub is_must: bool,
    /// What is missing and how it is mended; empty when all is well.
    pub missing: String,
    /// The screen of the site where it is mended, such as `channels`; empty where no screen does that.
    pub mend: &'static str,
    /// The field there; empty where it is no form.
    pub field: &'static str,
    /// The channels that have nothing.
    pub blank: Vec<(ChannelId, String)>,
}

/// The screen of what is recorded of a site; whoever founds sites may use it.
pub const RECORD: &str = "record";

/// The form of a new text; whoever writes on the site may use it.
pub const WRITE: &str = "resources/new";

/// Everything that is looked at, in the order people go through it.
pub fn checks(connection: &mut Connection, site: &Site) -> store::Result<Vec<Check>> {
    let mut checks = of_record(site);
    checks.extend(of_content(connection, site)?);
    Ok(checks)
}

/// What is on every page's foot.
fn of_record(site: &Site) -> Vec<Check> {
    let recorded = |name, is_met, is_must, field| {
        let missing = if is_met {
            String::new()
        } else {
            format!("{name}尚未填写或格式有误，由系统管理员在“站点资料”中补充")
        };
        Check { name, is_met, is_must, missing, mend: RECORD, field, blank: Vec::new() }
    };
    let agency = &site.agency;
    vec![
        recorded("政府网站标识码", is_site_code(&site.site_code), true, "site_code"),
        recorded("ICP备案编号", !site.icp_number.is_empty(), true, "icp_number"),
        recorded("公安机关备案号", !site.police_number.is_empty(), true, "police_number"),
        recorded("主办单位及联系电话", !agency.name.is_empty() && !agency.phone.is_empty(), true, ""),
        recorded("党政机关网站标识", !site.conac_url.is_empty(), false, "conac_url"),
    ]
}

/// What visitors find to read.
fn of_content(connection: &mut Connection, site: &Site) -> store::Result<Vec<Check>> {
    let tree = channels::tree(connection, site.id)?;
    let live: HashMap<ChannelId, i64> =
        channels::extents(connection, site.id)?.into_iter().map(|(id, extent)| (id, extent.live_items)).collect();
    let is_blank = |id: ChannelId| tree.subtree(id).iter().all(|below| live.get(below).is_none_or(|items| *items == 0));
    let obligatory = &site_rules().opening.columns;
    let blank = tree.all().iter().filter(|channel| !channel.retired && !channel.preparing && is_blank(channel.id));
    let (must, may): (Vec<_>, Vec<_>) = blank.partition(|channel| obligatory.contains(&channel.kind));
    let has_news = live.values().any(|items| *items > 0);
    let news = if has_news { "" } else { "还没有发布稿件，请撰写并送审" };
    Ok(vec![
        Check {
            name: "至少一篇已发布的稿件",
            is_met: has_news,
            is_must: true,
            missing: news.into(),
            mend: WRITE,
            field: "",
            blank: Vec::new(),
        },
        full("必备栏目有内容", true, "请在以下栏目发布内容", WRITE, &must),
        full("没有空白栏目", false, "以下栏目还没有内容，请补充或停用", "channels", &may),
    ])
}

/// Whether none of some channels is blank.
fn full(name: &'static str, is_must: bool, told: &str, mend: &'static str, blank: &[&Channel]) -> Check {
    let missing = if blank.is_empty() { "" } else { told };
    let blank: Vec<_> = blank.iter().map(|channel| (channel.id, channel.name.clone())).collect();
    Check { name, is_met: blank.is_empty(), is_must, missing: missing.into(), mend, field: "", blank }
}
