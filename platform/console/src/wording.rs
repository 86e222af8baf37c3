//! What the audit log records, in the words people use for it.

use model::{AuditEntry, FactorKind};
use serde_json::Value;

/// An action in a few words, and what is worth knowing about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) what: String,
    pub(crate) detail: String,
}

/// Tells an entry; actions unknown here are named as they are recorded.
pub(crate) fn tell(entry: &AuditEntry) -> Told {
    let read = |text: &Option<String>| text.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null);
    let (before, after) = (read(&entry.before), read(&entry.after));
    words(&entry.action, &before, &after).unwrap_or_else(|| Told { what: entry.action.clone(), detail: String::new() })
}

fn words(action: &str, before: &Value, after: &Value) -> Option<Told> {
    let of_library = of_texts(action, before, after).or_else(|| of_places(action, before, after));
    of_library.or_else(|| of_sign_on(action, after)).or_else(|| of_citizens(action, after))
}

/// Of the public's accounts.
fn of_citizens(action: &str, after: &Value) -> Option<Told> {
    Some(match action {
        "citizen.register" => told("公众用户注册".into(), if after["guardian"] == true { "经监护人同意" } else { "" }.into()),
        "citizen.open" => {
            told("公众用户登录".into(), after["upstream"].as_str().map(|name| format!("经{name}")).unwrap_or_default())
        }
        "citizen.enter" => told("公众用户登录应用".into(), text(after, "application")),
        "citizen.agree" => told("公众用户授权并登录应用".into(), text(after, "application")),
        "citizen.take_back" => told("公众用户撤回对应用的授权".into(), text(after, "application")),
        "citizen.link" => told("公众用户关联认证服务".into(), text(after, "upstream")),
        "citizen.unlink" => told("公众用户解除关联认证服务".into(), text(after, "upstream")),
        "citizen.fail" => told("公众用户登录失败".into(), String::new()),
        "citizen.lock" => told("公众用户登录失败过多，暂停密码登录".into(), String::new()),
        "citizen.call" => told("公众用户修改称呼".into(), String::new()),
        "citizen.recipient" => told("公众用户更改联系方式".into(), String::new()),
        "citizen.password" => told("公众用户设置或取消密码".into(), String::new()),
        "citizen.out" => told("公众用户退出登录".into(), String::new()),
        "citizen.prove" => told("公众用户确认身份".into(), String::new()),
        "citizen.leave" => told("公众用户退出其他设备".into(), format!("{}处", after["count"])),
        "citizen.of_age" => told("监护人确认其已达年龄，删除监护人信息".into(), String::new()),
        "citizen.seek" => {
            let by = match after["by"].as_str() {
                Some("phone") => "按手机号",
                Some("mail") => "按电子邮箱",
                _ => "按账号编号",
            };
            told("查询公众用户".into(), format!("{by}，{}", if after["found"] == true { "已查到" } else { "未查到" }))
        }
        "citizen.look" => {
            told("查看公众用户资料".into(), if after["found"] == false { "没有该账号".into() } else { String::new() })
        }
        "citizen.suspend" => told("停用公众用户账号".into(), text(after, "reason")),
        "citizen.reinstate" => told("恢复公众用户账号".into(), String::new()),
        "citizen.real_name" => told("更新公众用户实名等级".into(), text(after, "source")),
        "citizen.export" => told("公众用户导出个人信息".into(), String::new()),
        "citizen.close" => told(
            if after["by"] == "guardian" { "监护人撤回同意，注销公众账号" } else { "公众用户注销账号" }.into(),
            String::new(),
        ),
        _ => return None,
    })
}

/// Of texts, and of what becomes of them.
fn of_texts(action: &str, before: &Value, after: &Value) -> Option<Told> {
    Some(match action {
        "resource.create" => told("新建稿件".into(), text(after, "title")),
        "resource.copy" => told("由批量复制新建".into(), text(after, "title")),
        "resource.save" => told(format!("保存{}", revision(after)), text(after, "title")),
        "resource.import" => told(if after["publish"] == true { "导入并发布" } else { "导入稿件" }.into(), text(after, "source")),
        "resource.take_over" => told("接手编辑".into(), format!("原编辑人 {}", text(before, "name"))),
        "resource.submit" => told(
            format!("{}送审{}", if after["urgent"] == true { "加急" } else { "" }, revision(after)),
            format!("{}{}", steps(after), looked_at(after)),
        ),
        "resource.cancel" => told("收回稿件".into(), text(before, "step")),
        "resource.review" => {
            let verdict = if after["verdict"] == "approve" { "通过" } else { "退回" };
            told(format!("{}{verdict}", text(after, "step")), text(after, "reason"))
        }
        "resource.hand_over" => told(format!("将{}转办给{}", text(after, "step"), text(after, "name")), text(after, "note")),
        "annotation.add" => told("批注".into(), annotated(after)),
        "annotation.change" => told("修改批注".into(), annotated(after)),
        "annotation.delete" => told("删除批注".into(), annotated(before)),
        "annotation.answer" => told("答复批注".into(), format!("{}；答复：{}", annotated(before), text(after, "text"))),
        "annotation.settle" => {
            told(if after["state"] == "done" { "将批注标为已处理" } else { "重新打开批注" }.into(), annotated(before))
        }
        "resource.publish" => told(format!("发布{}", revision(after)), index_number(after)),
        "resource.withdraw" => told("撤回".into(), ending(after)),
        "resource.takedown" => told("紧急下架".into(), ending(after)),
        "offer.push" => {
            let count = after["channels"].as_array().map_or(0, Vec::len);
            told(format!("推送到{count}个栏目"), text(after, "note"))
        }
        "offer.cancel" => told("取消推送".into(), String::new()),
        "offer.accept" => told("接收推送".into(), String::new()),
        "offer.schedule" => told("接收推送，定时上线".into(), text(after, "at")),
        "offer.decline" => told("退回推送".into(), text(after, "reason")),
        "offer.review_begin" => told("推送内容转入本站审核".into(), String::new()),
        "offer.review" => {
            let verdict = if after["verdict"] == "approve" { "通过" } else { "退回" };
            told(format!("推送内容{}{verdict}", text(after, "step")), text(after, "reason"))
        }
        "placement.set" => told("修改投放设置".into(), placed(before, after)),
        "placement.remove" => told("从本站撤下".into(), text(before, "path")),
        "resource.discard" => told("放入回收站".into(), text(after, "title")),
        "resource.restore" => told("从回收站恢复".into(), String::new()),
        "resource.erase" => told("彻底删除回收站稿件".into(), text(before, "title")),
        "resource.move" if after["name"].is_string() => {
            told("调整栏目".into(), format!("{} → {}", text(before, "name"), text(after, "name")))
        }
        "resource.move" => told("调整栏目".into(), String::new()),
        "media.upload" => told("上传文件".into(), text(after, "name")),
        "media.describe" => told("修改图片信息".into(), text(after, "alt")),
        "media.delete" => told("删除文件".into(), text(before, "name")),
        "resource.schedule" => told(format!("通过{}，定时发布", revision(after)), text(after, "at")),
        "resource.expire" | "placement.expire" => told(
            if action == "resource.expire" { "设置有效期" } else { "设置本站展示期限" }.into(),
            after["until"].as_str().map_or_else(|| "不限".to_owned(), |until| format!("至 {until}")),
        ),
        "placement.pin" => told("置顶".into(), format!("至 {}", text(after, "until"))),
        "placement.unpin" => told("取消置顶".into(), String::new()),
        "schedule.ask" => told("填写时间安排".into(), asked(after)),
        "schedule.change" => {
            told(format!("更改{}的时间", deed(before)), format!("{} 改为 {}", text(before, "at"), text(after, "at")))
        }
        "schedule.cancel" => told(format!("取消{}", deed(before)), text(before, "at")),
        "schedule.keep" => told(format!("按计划执行{}", deed(before)), format!("计划时间 {}", text(before, "at"))),
        "schedule.fail" => told(format!("未能执行{}", deed(before)), text(after, "reason")),
        "batch.begin" => {
            let what = after["what"].as_str().unwrap_or("批量操作");
            told(format!("发起{what}"), after["count"].as_i64().map(|n| format!("{n}篇")).unwrap_or_default())
        }
        _ => return None,
    })
}

/// Of sites, people and the platform.
fn of_places(action: &str, before: &Value, after: &Value) -> Option<Told> {
    Some(match action {
        "site.remove" => told("删除站点".into(), text(before, "name")),
        "site.found" => told("新建站点".into(), text(after, "name")),
        "site.state" => told(format!("站点状态：{}变为{}", site_state(before), site_state(after)), {
            let announced = &after["announcement"];
            [text(announced, "title"), text(announced, "basis")]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join("，")
        }),
        "dictionary.save" => told("修改来源与作者".into(), String::new()),
        "site.record" => told("修改站点资料".into(), text(after, "name")),
        "arrangement.live" => told(
            if after["page"] == "" { "首页编排上线" } else { "专题页编排上线" }.into(),
            format!("{}个板块", after["blocks"].as_array().map_or(0, Vec::len)),
        ),
        "arrangement.restored" => told(
            if after["page"] == "" { "首页编排恢复上一版" } else { "专题页编排恢复上一版" }.into(),
            format!("{}个板块", after["blocks"].as_array().map_or(0, Vec::len)),
        ),
        "look.theme" => told("更换主题".into(), text(after, "theme")),
        "look.save" => told("修改外观".into(), text(after, "primary")),
        "channel.add" => told("新建栏目".into(), format!("{} {}", text(after, "name"), text(after, "path"))),
        "channel.change" => told("修改栏目".into(), text(after, "name")),
        "channel.place" => told("移动栏目".into(), text(after, "name")),
        "channel.retire" => told("停用栏目".into(), text(after, "name")),
        "channel.restore" => told("恢复栏目".into(), text(after, "name")),
        "notice.post" => told(format!("发布{}", notice_kind(after)), text(after, "title")),
        "notice.end" => told(format!("结束{}", notice_kind(after)), text(after, "title")),
        "pages.refresh" => told("全量生成页面".into(), String::new()),
        "pages.repair" => told("修复公开页面".into(), after["faults"].as_i64().map(|n| format!("{n}处")).unwrap_or_default()),
        "alarms.see" => told("确认告警".into(), after["count"].as_i64().map(|n| format!("{n}条")).unwrap_or_default()),
        "audit.verify" => told("核验审计日志".into(), if after["intact"] == true { "完整" } else { "发现缺失或改动" }.into()),
        "audit.export" => told("导出审计日志".into(), text(after, "conditions")),
        "people.export" => told("导出人员工作量".into(), text(after, "period")),
        "contact.read" => told("查看他人联系方式".into(), text(after, "name")),
        "contact.change" => told("修改联系方式".into(), text(after, "name")),
        "keys.add" => told("增加密钥".into(), format!("第{}号", after["key"])),
        "keys.rotate" => told("密钥轮换".into(), format!("{}项改用第{}号密钥", after["count"], after["key"])),
        "keys.forget" => told("移除旧密钥".into(), String::new()),
        "token.make" => told(format!("生成访问令牌“{}”", text(after, "name")), token(after)),
        "token.revoke" => told(format!("撤销访问令牌“{}”", text(before, "name")), token(before)),
        "person.read" => told("查看他人资料".into(), text(after, "name")),
        "redirects.save" => told("设置跳转".into(), redirects(after)),
        "redirects.delete" => told("删除跳转".into(), text(before, "old")),
        "view.save" => told("保存常用视图".into(), text(after, "name")),
        "view.delete" => told("删除常用视图".into(), text(before, "name")),
        "site.apply" => told("应用站点配置".into(), count_of(after)),
        "session.open" => told("登录".into(), entered(after)),
        "session.fail" if after["second"] == true => told("二次验证失败".into(), text(after, "username")),
        "session.fail" if after["via"].is_string() => {
            told("登录未放行".into(), format!("{}（经{}）", text(after, "username"), text(after, "via")))
        }
        "session.fail" => told("登录失败".into(), text(after, "username")),
        "session.lock" => told("登录失败过多，暂停登录".into(), text(after, "username")),
        "factor.add" => told("添加二次验证方式".into(), factor(after)),
        "factor.rename" => told("二次验证方式改名".into(), format!("{} 改为 {}", text(before, "name"), text(after, "name"))),
        "factor.remove" => told("移除二次验证方式".into(), factor(before)),
        "factor.codes" => told("重新生成恢复码".into(), String::new()),
        "factor.recover" => told("使用恢复码".into(), format!("还剩{}个", after["left"])),
        "factor.reset" => told("重置二次验证".into(), text(after, "username")),
        "session.leave" => told("退出登录".into(), String::new()),
        "session.prove" => told("确认身份".into(), String::new()),
        "library.export" => told("导出信息资源".into(), text(after, "conditions")),
        "session.end" => told("退出登录".into(), format!("{}：{}处", text(after, "name"), after["count"])),
        "job.retry" => told("重新执行任务".into(), text(before, "error")),
        "job.discard" => told("移除任务".into(), text(before, "error")),
        "user.add" => told("新建账号".into(), text(after, "username")),
        "user.reset" => told("重置密码".into(), text(after, "username")),
        "user.grant" => told(format!("调整{}的角色", text(after, "name")), format!("{} 改为 {}", roles(before), roles(after))),
        "grant.give" => told(format!("授予{}", text(after, "name")), limited(after)),
        "grant.take" => told(format!("取消{}的授权", text(before, "name")), limited(before)),
        "grant.lapse" => told(format!("{}的授权到期", text(before, "name")), limited(before)),
        "user.password" => told("修改本人密码".into(), text(after, "username")),
        "user.lock" => told("锁定账号".into(), text(after, "username")),
        "user.unlock" => told("解除账号锁定".into(), text(after, "username")),
        "user.disuse" => told(format!("{}天未使用，自动锁定账号", after["days"]), text(after, "username")),
        "user.leave" => told("办理离任".into(), text(after, "username")),
        "user.deactivate" => told("停用账号".into(), text(after, "username")),
        "user.activate" => told("恢复账号".into(), text(after, "username")),
        "role.add" => told(format!("新建角色“{}”", text(after, "name")), permissions(after)),
        "role.save" => told(format!("修改角色“{}”", text(after, "name")), role_changes(before, after)),
        "role.delete" => told(format!("删除角色“{}”", text(before, "name")), permissions(before)),
        "group.add" => told("新建工作组".into(), text(after, "name")),
        "group.save" => told("修改工作组".into(), text(after, "name")),
        "group.delete" => told("删除工作组".into(), text(before, "name")),
        "agency.code" => {
            told("修改机构代码".into(), format!("{}：{}改为{}", text(after, "name"), text(before, "code"), text(after, "code")))
        }
        "topic.live" => told("专题上线".into(), text(after, "name")),
        "agency.save" => told("修改机构联系方式".into(), text(after, "name")),
        "calendar.import" => told("导入节假日安排".into(), String::new()),
        _ => return None,
    })
}

/// Systems that sign people in through us, and services through which they sign in here.
fn of_sign_on(action: &str, after: &Value) -> Option<Told> {
    Some(match action {
        "application.add" => told("登记单点登录应用".into(), text(after, "name")),
        "application.save" => told("修改单点登录应用".into(), text(after, "name")),
        "application.secret" => told("更换应用密钥".into(), text(after, "name")),
        "application.enter" => {
            let what = if after["agreed"].is_null() { "登录应用" } else { "授权并登录应用" };
            told(what.into(), text(after, "name"))
        }
        "application.take_back" => told("撤回对应用的授权".into(), text(after, "name")),
        "upstream.add" => told("登记上级认证服务".into(), text(after, "name")),
        "upstream.save" => {
            let secret = if after["new_secret"] == true { "；更换应用密钥" } else { "" };
            told("修改上级认证服务".into(), text(after, "name") + secret)
        }
        "upstream.fail" => told("上级认证未通过".into(), format!("{}：{}", text(after, "name"), text(after, "reason"))),
        "upstream.link" => told("关联上级账号".into(), text(after, "upstream")),
        "upstream.unlink" => told(format!("解除{}的上级账号关联", text(after, "name")), text(after, "upstream")),
        "upstream.follow" => told(format!("随上级的组调整{}的角色", text(after, "name")), followed(after)),
        "signing.turn" => told("启用新的签名密钥".into(), String::new()),
        _ => return None,
    })
}

fn told(what: String, detail: String) -> Told {
    Told { what, detail }
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

fn revision(value: &Value) -> String {
    value["revision"].as_i64().map(|number| format!("第{number}版")).unwrap_or_default()
}

/// What an annotation says, and at what.
fn annotated(value: &Value) -> String {
    let anchor = &value["anchor"];
    let place = match anchor["quote"].as_str().filter(|quote| !quote.is_empty()) {
        Some(quote) => format!("“{quote}”"),
        None => anchor["field"].as_str().and_then(|word| word.parse().ok()).map_or("稿件", model::Field::chinese).to_owned(),
    };
    format!("{place}：{}", value["text"].as_str().unwrap_or_default())
}

/// The kind of deed an action is, in few words: what a person's activity is counted by.
pub(crate) fn kind(action: &str) -> &'static str {
    match action {
        "resource.create" => "新建稿件",
        "resource.save" => "保存稿件",
        "resource.submit" => "送审",
        "resource.review" | "offer.review" => "审核",
        "resource.publish" => "发布",
        "resource.withdraw" | "resource.takedown" => "撤回、下架",
        "resource.hand_over" => "转办",
        "session.open" => "登录",
        _ => match action.split('.').next().unwrap_or_default() {
            "resource" | "batch" | "schedule" => "稿件管理",
            "offer" | "placement" => "推送与投放",
            "media" => "媒体库",
            "channel" | "dictionary" | "redirects" | "site" => "网站设置",
            "factor" | "user" | "grant" | "role" | "group" | "agency" | "contact" | "token" | "application" | "signing"
            | "upstream" => "人员与机构",
            "notice" => "公告",
            _ => "其他",
        },
    }
}

/// 经省统一身份认证平台，并经二次验证
fn entered(after: &Value) -> String {
    let via = after["via"].as_str().map(|via| format!("经{via}"));
    let second = (after["second"] == true).then(|| "经二次验证".to_owned());
    [via, second].into_iter().flatten().collect::<Vec<_>>().join("，并")
}

/// 授予编辑（望溪）；收回审核员（望溪）（省统一身份认证平台）
fn followed(after: &Value) -> String {
    let names = |of: &Value| of.as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>().join("、");
    let told = |verb: &str, of: &Value| Some(names(of)).filter(|names| !names.is_empty()).map(|names| format!("{verb}{names}"));
    let changes = [told("授予", &after["given"]), told("收回", &after["taken"])];
    format!("{}（{}）", changes.into_iter().flatten().collect::<Vec<_>>().join("；"), text(after, "upstream"))
}

/// 验证器“手机”
fn factor(of: &Value) -> String {
    let kind = text(of, "kind").parse::<FactorKind>().map(FactorKind::chinese).unwrap_or_default();
    format!("{kind}“{}”", text(of, "name"))
}

/// Why something was taken down, and the review that ended with it.
fn ending(after: &Value) -> String {
    let ended = after["ended"].as_str().map(|step| format!("；新版本的审核（{step}）随之终止"));
    text(after, "reason") + &ended.unwrap_or_default()
}

/// 全平台：查看、撰写
fn token(value: &Value) -> String {
    let names: Vec<&str> = value["permissions"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    format!("{}：{}", text(value, "place"), names.join("、"))
}

/// 编辑，限“要闻动态”及下级栏目，至2026-12-31 18:00
fn limited(value: &Value) -> String {
    let channel = value["channel"].as_str().map(|channel| format!("限“{channel}”及下级栏目"));
    let until = value["until"].as_str().map(|until| format!("至{until}"));
    [Some(text(value, "role")), channel, until].into_iter().flatten().collect::<Vec<_>>().join("，")
}

/// 编辑、审核员
fn roles(value: &Value) -> String {
    let words = value["roles"].as_array().into_iter().flatten().filter_map(Value::as_str);
    // Older entries say the words of the roles there were, later ones what they were called.
    let name = |word| match word {
        "editor" => "编辑",
        "reviewer" => "审核员",
        "administrator" => "管理员",
        "auditor" => "审计员",
        name => name,
    };
    let names: Vec<&str> = words.map(name).collect();
    if names.is_empty() { "无".to_owned() } else { names.join("、") }
}

/// 查看、撰写
fn permissions(value: &Value) -> String {
    value["permissions"].as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>().join("、")
}

/// What became of a role: its name, what it permits more, and what no more.
fn role_changes(before: &Value, after: &Value) -> String {
    let held = |value: &Value| -> Vec<String> {
        value["permissions"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let (had, has) = (held(before), held(after));
    let given: Vec<&str> = has.iter().filter(|one| !had.contains(one)).map(String::as_str).collect();
    let taken: Vec<&str> = had.iter().filter(|one| !has.contains(one)).map(String::as_str).collect();
    let renamed = (before["name"] != after["name"]).then(|| format!("原名“{}”", text(before, "name")));
    let noted = (before["note"] != after["note"]).then(|| "说明已改".to_owned());
    let given = (!given.is_empty()).then(|| format!("增加{}", given.join("、")));
    let taken = (!taken.is_empty()).then(|| format!("取消{}", taken.join("、")));
    [renamed, noted, given, taken].into_iter().flatten().collect::<Vec<_>>().join("；")
}

fn deed(value: &Value) -> &'static str {
    value["deed"].as_str().and_then(|word| word.parse::<model::Deed>().ok()).map_or("定时安排", model::Deed::chinese)
}

fn site_state(value: &Value) -> &'static str {
    value["state"].as_str().and_then(|word| word.parse::<model::SiteState>().ok()).map_or("未知", model::SiteState::chinese)
}

fn notice_kind(value: &Value) -> &'static str {
    value["kind"].as_str().and_then(|word| word.parse::<model::NoticeKind>().ok()).map_or("公告", model::NoticeKind::chinese)
}

fn asked(after: &Value) -> String {
    let times = [("定时发布", &after["publish_at"]), ("有效期至", &after["withdraw_at"])];
    let told: Vec<String> = times.iter().filter_map(|(name, at)| at.as_str().map(|at| format!("{name} {at}"))).collect();
    if told.is_empty() { "不定时".to_owned() } else { told.join("，") }
}

fn steps(after: &Value) -> String {
    let name = |step: &Value| step.as_str().or(step["name"].as_str()).map(str::to_owned);
    let names: Vec<String> = after["steps"].as_array().into_iter().flatten().filter_map(name).collect();
    names.join("、")
}

/// What was found in the text and looked at.
fn looked_at(after: &Value) -> String {
    let found: Vec<&str> = after["looked_at"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if found.is_empty() { String::new() } else { format!("；已核对：{}", found.join("；")) }
}

fn redirects(after: &Value) -> String {
    match after["count"].as_i64() {
        Some(1) => format!("{} → {}", after["old"].as_str().unwrap_or_default(), after["new"].as_str().unwrap_or_default()),
        Some(count) => format!("{count}条"),
        None => String::new(),
    }
}

fn index_number(after: &Value) -> String {
    after["index_number"].as_str().map(|number| format!("索引号 {number}")).unwrap_or_default()
}

/// What changed of a placement.
fn placed(before: &Value, after: &Value) -> String {
    let names = [("path", "地址"), ("title_prefix", "标题前缀")];
    let changed = names.iter().filter(|(field, _)| before[field] != after[field]);
    changed
        .map(|(field, name)| format!("{name}改为“{}”", after[field].as_str().unwrap_or_default()))
        .collect::<Vec<_>>()
        .join("，")
}

fn count_of(after: &Value) -> String {
    after.as_array().map(|changes| format!("{}处变更", changes.len())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// Every action written as `action: "…"` in the Rust files of a folder.
    fn actions(folder: &Path) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let source = std::fs::read_to_string(entry.unwrap().path()).unwrap_or_default();
            for rest in source.split("action: \"").skip(1) {
                found.insert(rest.split('"').next().unwrap_or_default().to_owned());
            }
        }
        found
    }

    #[test]
    fn every_action_that_is_recorded_has_words() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut known = actions(&here.join("../publish/src/commands"));
        assert!(known.contains("resource.publish"), "{known:?}");
        known.append(&mut actions(&here.join("../server/src/commands")));
        for action in known.into_iter().chain(
            [
                "resource.takedown",
                "resource.withdraw",
                "session.fail",
                "session.lock",
                "session.leave",
                "session.prove",
                "user.lock",
                "user.unlock",
                "user.deactivate",
                "user.activate",
                "user.leave",
                "job.retry",
                "job.discard",
                "citizen.register",
                "citizen.open",
                "citizen.fail",
                "citizen.lock",
                "citizen.call",
                "citizen.recipient",
                "citizen.password",
                "citizen.leave",
                "citizen.out",
                "citizen.prove",
                "citizen.of_age",
                "citizen.real_name",
                "citizen.export",
                "citizen.enter",
                "citizen.agree",
                "citizen.take_back",
                "citizen.link",
                "citizen.unlink",
                "citizen.close",
            ]
            .map(String::from),
        ) {
            assert!(words(&action, &Value::Null, &Value::Null).is_some(), "no words for {action}");
        }
    }

    #[test]
    fn a_review_is_told_with_its_verdict_and_reason() {
        let after = serde_json::json!({ "step": "二审", "verdict": "return", "reason": "数据有误" });
        assert_eq!(
            words("resource.review", &Value::Null, &after),
            Some(Told { what: "二审退回".into(), detail: "数据有误".into() })
        );
    }
}
