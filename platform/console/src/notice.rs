//! What a screen says after something was done: an address carries a code, never a sentence.

use std::borrow::Cow;

use serde::Serialize;

/// A sentence above the screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Notice {
    /// `success` or `warning`.
    pub(crate) tone: &'static str,
    pub(crate) text: Cow<'static, str>,
    /// Whether what was typed is kept now, or is to be forgotten: the browser may drop its copy.
    pub(crate) saves: bool,
}

impl Notice {
    /// The same with a sentence that knows more.
    pub(crate) fn saying(self, sentence: String) -> Self {
        Self { text: sentence.into(), ..self }
    }
}

/// The notice behind a code; unknown codes say nothing.
pub(crate) fn find(code: &str) -> Option<Notice> {
    let (tone, text) = of_contents(code).or_else(|| of_people(code))?;
    Some(Notice { tone, text: text.into(), saves: matches!(code, "saved" | "submitted" | "signed-out") })
}

/// Of texts, and of the sites they are on.
fn of_contents(code: &str) -> Option<(&'static str, &'static str)> {
    Some(match code {
        "founded" => ("success", "站点已建好，尚未开通：公众看到的是建设中公告。补齐下列事项后即可开通。"),
        "site-opened" => ("success", "站点已开通，公众可以访问。"),
        "site-offline" => ("success", "站点已临时下线，公众看到的是下线公告。"),
        "site-resumed" => ("success", "站点已恢复访问。"),
        "site-closing" => ("success", "关停公告已发布，到关停时间自动关停；公示期内可以撤销。"),
        "site-stays" => ("success", "已撤销关停，站点继续运行。"),
        "saved" => ("success", "草稿已保存。"),
        "submitted" => ("success", "已送审，可在下方查看审核进度。"),
        "cancelled" => ("success", "已收回稿件，可以继续修改。"),
        "approved" => ("success", "已审核通过，稿件进入下一审核环节。"),
        "annotated" => ("success", "批注已保存，撰稿人编辑稿件时可以看到。"),
        "offer-annotated" => ("success", "批注已保存，退回推送时一并交给推送方。"),
        "annotation-answered" => ("success", "答复已保存。"),
        "annotation-done" => ("success", "批注已标为已处理。"),
        "annotation-open" => ("success", "批注已重新打开。"),
        "annotation-deleted" => ("success", "批注已删除。"),
        "handed-over" => ("success", "已转办，对方会在工作台看到；其他审核员仍可审核。"),
        "returned" => ("success", "已退回稿件，撰稿人可看到退回意见。"),
        "moved" => ("success", "已调整栏目，原地址将自动转到新地址。"),
        "pushed" => ("success", "已推送，对方处理后可在下方查看结果。"),
        "offer-accepted" => ("success", "已接收，内容正在本站上线。"),
        "offer-scheduled" => ("success", "已接收，到点自动在本站上线；可在“定时安排”中更改或取消。"),
        "offer-declined" => ("success", "已退回，推送方可看到理由。"),
        "offer-reviewing" => ("success", "已转入本站审核。"),
        "offer-cancelled" => ("success", "已取消推送。"),
        "placement-set" => ("success", "投放设置已保存，相关页面正在更新；原地址自动转到新地址。"),
        "placement-removed" => ("success", "已从本站撤下，其他站点不受影响。"),
        "uploaded" => ("success", "文件已上传。图片请补充替代文字后再用于稿件。"),
        "media-saved" => ("success", "已保存，展示该文件的页面将自动更新。"),
        "media-deleted" => ("success", "文件已删除。"),
        "scheduled" => ("success", "已通过全部审核，到点自动发布，时间见“时间安排”。"),
        "times-asked" => ("success", "已保存时间安排，审核通过后生效。"),
        "expiry-set" => ("success", "已更新有效期。"),
        "schedule-changed" => ("success", "已更改时间。"),
        "schedule-cancelled" => ("success", "已取消该安排。"),
        "pinned" => ("success", "已更新置顶安排。"),
        "unpinned" => ("success", "已取消置顶。"),
        "notice-posted" => ("success", "公告已保存；立即生效的，数秒内在网站上显示。"),
        "notice-ended" => ("success", "公告已结束，数秒内从网站上撤下。"),
        "retried" => ("success", "任务已重新排队。"),
        "discarded" => ("success", "任务已移除。"),
        "job-kept" => ("warning", "该任务不能移除，否则会有页面漏更新，请在排除原因后重试。"),
        "job-gone" => ("warning", "该任务已被处理，无需再次操作。"),
        "copy-discarded" => ("success", "暂存稿已放弃。"),
        "seen" => ("success", "已确认全部告警。"),
        "seen-before" => ("warning", "这些告警已被确认过，无需再次操作。"),
        "channel-added" => ("success", "栏目已新建，网页正在生成，即可在其中撰写稿件。"),
        "dictionary-saved" => ("success", "已保存，撰写稿件时可以选用。"),
        "arrangement-live" => ("success", "已上线，网页数秒内更新。如需退回，可恢复上一版。"),
        "topic-opened" => ("success", "专题已开设，正在筹备，公众还看不到。编排好页面、备齐稿件后，再让专题上线。"),
        "topic-live" => ("success", "专题已上线，网页正在生成，数秒后公众可见。"),
        "site-removed" => ("success", "站点已删除。"),
        "agency-code" => ("success", "机构代码已修改。"),
        "block-kept" => ("success", "板块已存入草稿，上线后公众才能看到。"),
        "arrangement-kept" => ("success", "版面已确定，专题上线时按此显示。"),
        "arrangement-discarded" => ("success", "改动已放弃，编排与网站一致。"),
        "arrangement-restored" => ("success", "上一版已恢复为草稿，公众还看不到。请看过效果再上线。"),
        "look-saved" => ("success", "外观已保存，全站网页正在更新。"),
        "theme-worn" => ("success", "主题已更换，全站网页正在更新。"),
        "record-saved" => ("success", "站点资料已保存，全站网页正在更新。"),
        "channel-saved" => ("success", "栏目已保存，相关网页正在更新。"),
        "channel-placed" => ("success", "已移动，网站导航正在更新；栏目和稿件的网址不变。"),
        "channel-retired" => ("success", "栏目已停用，栏目页正在撤下；已发布的稿件仍可访问。"),
        "channel-restored" => ("success", "栏目已恢复，网页正在生成。"),
        "agency-saved" => ("success", "联系方式已保存，相关网页正在更新。"),
        "redirect-saved" => ("success", "跳转已保存，原地址上没有页面时即刻生效。"),
        "redirects-imported" => ("success", "已全部导入，即刻生效。"),
        "redirect-deleted" => ("success", "跳转已删除。"),
        "discarded-draft" => ("success", "已放入回收站，到期前可以恢复。"),
        "restored" => ("success", "已恢复为草稿。"),
        "view-saved" => ("success", "已保存为常用视图。"),
        "view-deleted" => ("success", "常用视图已删除。"),
        _ => return None,
    })
}

/// Of accounts, and of what their people may do.
fn of_people(code: &str) -> Option<(&'static str, &'static str)> {
    Some(match code {
        "person-joined" => ("success", "已添加，对方登录后即可开始工作。"),
        "roles-set" => ("success", "角色已保存，即刻生效。"),
        "grant-given" => ("success", "已授权，即刻生效。"),
        "grant-taken" => ("success", "授权已取消，即刻生效。"),
        "person-removed" => ("success", "已移出，其原有稿件和操作记录保留。"),
        "deactivated" => ("success", "账号已停用，对方已退出登录。"),
        "activated" => ("success", "账号已恢复，可用原密码登录。"),
        "locked" => ("success", "账号已锁定，对方已退出登录，解除锁定前不能登录。"),
        "unlocked" => ("success", "已解除锁定，对方可以登录。"),
        "left" => ("success", "离任已办理，其角色已全部收回，姓名和操作记录保留。"),
        "citizen-suspended" => ("success", "账号已停用，其在各网站的登录已全部退出。"),
        "citizen-reinstated" => ("success", "账号已恢复，当事人可以登录。"),
        "person-signed-out" => ("success", "已退出其全部登录。"),
        "password-changed" => ("success", "密码已修改，其他地方的登录已退出。"),
        "contact-saved" => ("success", "联系方式已保存。"),
        "token-revoked" => ("success", "令牌已撤销，即刻失效。"),
        "session-ended" => ("success", "该登录已退出。"),
        "sessions-ended" => ("success", "其他登录已全部退出。"),
        "begin-again" => ("warning", "登录已超时，或验证失败次数过多，请重新登录。"),
        "guessed" | "locked-out" => ("warning", "验证失败次数过多，已暂停登录，请稍后再登录。"),
        "factor-added" => ("success", "已添加，下次登录即可使用。"),
        "factor-renamed" => ("success", "名称已保存。"),
        "factor-removed" => ("success", "已移除，不能再用它登录。"),
        "factors-reset" => ("success", "二次验证已重置，对方已退出登录。"),
        "upstream-saved" => ("success", "认证服务已保存。"),
        "linked" => ("success", "上级账号已关联，下次可在登录页由此登录。"),
        "unlinked" => ("success", "上级账号关联已解除，不能再由此登录。"),
        "consent-withdrawn" => ("success", "授权已撤回，该应用下次登录时须重新征得您的同意。"),
        "application-saved" => ("success", "应用已保存。"),
        "group-added" => ("success", "工作组已新建，设置审核环节、转办稿件时可以选用。"),
        "group-saved" => ("success", "工作组已保存。"),
        "group-deleted" => ("success", "工作组已删除，组内人员的角色不变。"),
        "role-added" => ("success", "角色已新建，添加人员、调整角色和限定授权时可以选用。"),
        "role-saved" => ("success", "角色已保存，担任该角色的人员即刻按新的权限工作。"),
        "role-deleted" => ("success", "角色已删除。"),
        "signed-out" => ("success", "您已安全退出。"),
        _ => return None,
    })
}
