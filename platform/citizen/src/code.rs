//! 验证码: how often one is sent, and sending it.

use std::sync::Arc;
use std::time::Duration;

use model::{Problem, Recipient, citizen_policy};
use publish::Engine;
use publish::commands::citizen;
use publish::commands::citizen_code::{self, Purpose};
use rand::RngExt;
use web::{App, Error, network, random_token};

/// Sends a code; gives what the page for it must hold, or what is wrong where none is sent.
pub(crate) async fn send(
    app: &Arc<App>,
    purpose: Purpose,
    recipient: &Recipient,
    (field, address): (&'static str, &str),
) -> Result<Result<String, Vec<Problem>>, Error> {
    let rule = citizen_policy().codes;
    let refused = |sentence: String| Ok(Err(vec![Problem::at(field, sentence)]));
    let cache = &app.engine.cache;
    if cache.hit(&format!("citizen:codes:{}", network(address)), Duration::from_hours(1)).await > rule.per_address {
        return refused("您所在的网络获取验证码过于频繁，请一小时后再试".into());
    }
    for ((most, window), key) in rule.bounds().into_iter().zip(keys(recipient)) {
        if cache.hit(&key, window).await > most {
            return refused(match window.as_secs() {
                seconds @ ..=300 => format!("验证码刚刚已发送，请填写收到的验证码，或{seconds}秒后重新获取"),
                seconds @ ..=3_600 => {
                    format!("该{}获取验证码过于频繁，请{}小时后再试", recipient.kind().chinese(), seconds / 3_600)
                }
                _ => format!("该{}24小时内获取验证码的次数已达上限，请稍后再试", recipient.kind().chinese()),
            });
        }
    }
    let code = generate(rule.digits);
    let asked = random_token();
    let (kept, to, of) = (code.clone(), recipient.clone(), asked.clone());
    app.command(move |engine| citizen_code::put(engine, purpose, (&to, &of), &kept)).await?;
    match app.engine.sender.send(recipient, &message(purpose, &code, rule.minutes)).await {
        Ok(()) => Ok(Ok(asked)),
        Err(error) => {
            tracing::error!(%error, recipient = recipient.masked(), "a code was not sent");
            // It may have been sent all the same, so what is counted by the hour and the day stays.
            let [pause, ..] = keys(recipient);
            cache.clear(&pause).await;
            refused("验证码暂时无法发送，请稍后再试；急需办理的，请使用其他登录方式".into())
        }
    }
}

/// Whether somebody has typed the code they were sent; what is wrong where they have not.
pub(crate) async fn take(
    app: &Arc<App>,
    purpose: Purpose,
    (recipient, asked): (&Recipient, &str),
    (typed, address): (&str, &str),
) -> Result<Result<(), Vec<Problem>>, Error> {
    let rule = citizen_policy().codes;
    let wrong = |sentence: String| Ok(Err(vec![Problem::at("code", sentence)]));
    let code: String = typed.chars().filter(|letter| !letter.is_whitespace()).collect();
    if code.len() != rule.digits || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return wrong(format!("请填写{}位数字验证码", rule.digits));
    }
    let guesses = format!("citizen:guesses:{}", network(address));
    let window = Duration::from_secs(u64::from(rule.wrong_minutes) * 60);
    if app.engine.cache.hit(&guesses, window).await > rule.wrong_per_address {
        return wrong(format!("您所在的网络验证失败次数过多，请{}分钟后再试", rule.wrong_minutes));
    }
    let (to, of, from) = (recipient.clone(), asked.to_owned(), address.to_owned());
    if app.command(move |engine| citizen_code::take(engine, purpose, (&to, &of), &code)).await? {
        app.engine.cache.take_back(&guesses).await;
        return Ok(Ok(()));
    }
    // Only what was really judged: else anybody could fill the log.
    app.command(move |engine| citizen::kept_out(engine, None, &from, false)).await?;
    wrong(format!("验证码不正确或已失效（{}分钟内有效，连续输错{}次作废），请核对或重新获取", rule.minutes, rule.tries))
}

/// Lets somebody be sent a code again at once.
pub async fn forget_sent(engine: &Engine, recipient: &Recipient) {
    for key in keys(recipient) {
        engine.cache.clear(&key).await;
    }
}

/// Under which what is sent to a recipient is counted, by the pause, by the hour and by the day; the cache learns no number.
fn keys(recipient: &Recipient) -> [String; 3] {
    let hash = blake3::hash(recipient.text().as_bytes()).to_hex();
    ["pause", "hour", "day"].map(|window| format!("citizen:{window}:{hash}"))
}

fn generate(digits: usize) -> String {
    let mut random = rand::rng();
    (0..digits).map(|_| char::from(b'0' + random.random_range(0..10))).collect()
}

fn message(purpose: Purpose, code: &str, minutes: u32) -> sender::Message {
    let (kind, what) = match purpose {
        Purpose::SignIn => ("sign-in-code", "登录或注册统一用户中心"),
        Purpose::Recipient => ("recipient-code", "绑定到统一用户中心账号"),
        Purpose::Confirm => ("confirm-code", "确认您本人的操作"),
        Purpose::Consent => ("consent-code", "监护人同意未成年人注册统一用户中心账号。请阅读页面上的说明，同意后再填写"),
        Purpose::Guardian => ("guardian-code", "监护人查看和撤回同意"),
    };
    let text = format!("验证码{code}，用于{what}，{minutes}分钟内有效。请勿告诉他人；如非本人操作，请忽略。");
    sender::Message::new(kind, "统一用户中心验证码", text).with("code", code).with("minutes", minutes.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_digits_and_is_another_each_time() {
        let codes: std::collections::HashSet<String> = (0..50).map(|_| generate(6)).collect();
        assert!(codes.len() > 45 && codes.iter().all(|code| code.len() == 6 && code.parse::<u32>().is_ok()));
    }
}
