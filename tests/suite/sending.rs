//! Messages to phones and mailboxes: what a gateway and a mail server are told, and what the operator is told where there is none.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use config::Sender;
use model::{Recipient, RecipientKind};
use sender::{Message, SendError};
use serde_json::{Value, json};
use testkit::{Backend, House};

use crate::keys::tongyuan;
use crate::process;

/// What a gateway heard: who asked, and what.
type Heard = Arc<Mutex<Vec<(String, Value)>>>;

fn code() -> Message {
    Message::new("sign-in-code", "登录验证码", "您的登录验证码为246810，10分钟内有效。").with("code", "246810")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_is_told_whom_and_what_and_its_refusal_is_a_sentence_without_secrets() {
    let heard = Heard::default();
    let router = Router::new()
        .route("/send", axum::routing::post(hear))
        .route("/elsewhere", axum::routing::post(async || (StatusCode::TEMPORARY_REDIRECT, [("location", "/send")])))
        .with_state(Arc::clone(&heard));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, router).await });

    let folder = tempfile::TempDir::new().unwrap();
    let token = folder.path().join("token");
    write(&token, "gateway-secret\n", 0o600);
    let at = |path: &str| Sender {
        gateway: Some(format!("http://127.0.0.1:{port}{path}")),
        token_file: Some(token.clone()),
        ..Sender::default()
    };
    let Some(house) = House::open_set(Backend::Sqlite, |settings| settings.sender = at("/send?key=hidden")).await else { return };
    let sender = Arc::clone(&house.engine().sender);
    assert!(
        sender.reaches(RecipientKind::Phone) && sender.reaches(RecipientKind::Mail) && !sender.shown().contains("hidden"),
        "{}",
        sender.shown()
    );

    sender.send(&Recipient::Phone("13800138000".into()), &code()).await.unwrap();
    let (bearer, body) = heard.lock().unwrap().pop().unwrap();
    assert_eq!(bearer, "Bearer gateway-secret");
    let told = json!({
        "to": { "phone": "13800138000" },
        "kind": "sign-in-code",
        "subject": "登录验证码",
        "text": "您的登录验证码为246810，10分钟内有效。",
        "values": { "code": "246810" },
    });
    assert_eq!(body, told);

    let to = Recipient::Mail("refused@example.cn".into());
    let refused = sender.send(&to, &code()).await.unwrap_err();
    assert_eq!(refused.to_string(), "a message by mail was not sent: the gateway answered 422 Unprocessable Entity");
    heard.lock().unwrap().clear();
    let moved = sender::open(&at("/elsewhere")).unwrap().send(&to, &code()).await.unwrap_err();
    assert!(moved.to_string().contains("307") && heard.lock().unwrap().is_empty(), "codes follow no redirect: {moved}");
    let silent = Sender { gateway: Some("http://127.0.0.1:9/send?key=hidden".into()), ..Sender::default() };
    let silent = sender::open(&silent).unwrap().send(&to, &code()).await.unwrap_err().to_string();
    assert!(silent.contains("does not answer") && !silent.contains("hidden"), "{silent}");

    write(&token, "gateway-secret", 0o644);
    assert!(sender::open(&at("/send")).err().unwrap().to_string().contains("chmod 600"));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_goes_by_the_mail_server_and_a_phone_is_not_reached_by_it() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("smtp://127.0.0.1:{}", listener.local_addr().unwrap().port());
    let taken = std::thread::spawn(move || take_one(&listener));
    let from = "锦川市政府网站 <noreply@jinchuan.gov.cn>".to_owned();
    let sender = sender::open(&Sender { mail_server: Some(address), mail_from: from, ..Sender::default() }).unwrap();
    assert!(sender.reaches(RecipientKind::Mail) && !sender.reaches(RecipientKind::Phone));
    sender.send(&Recipient::Mail("li@example.cn".into()), &code()).await.unwrap();
    let mail = tokio::task::spawn_blocking(|| taken.join().unwrap()).await.unwrap();
    assert!(mail.contains("RCPT TO:<li@example.cn>") && mail.contains("MAIL FROM:<noreply@jinchuan.gov.cn>"), "{mail}");
    assert!(mail.contains("Content-Type: text/plain; charset=utf-8") && mail.contains("Subject: =?utf-8?b?"), "{mail}");

    let phone = sender.send(&Recipient::Phone("13800138000".into()), &code()).await.unwrap_err();
    assert_eq!(phone, SendError::Unset(RecipientKind::Phone));
    assert!(phone.to_string().contains("`gateway`"), "{phone}");
    let forged = Recipient::Mail("li@example.cn\r\nBcc: all@example.cn".into());
    assert!(sender.send(&forged, &code()).await.unwrap_err().to_string().contains("the address is none"));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_is_set_nobody_is_reached_and_a_house_under_test_keeps_what_it_sent() {
    let nobody = sender::open(&Sender::default()).unwrap();
    assert!(
        !nobody.reaches(RecipientKind::Phone)
            && !nobody.reaches(RecipientKind::Mail)
            && nobody.shown().contains("nobody can be reached")
    );
    let to = Recipient::Phone("13800138000".into());
    assert_eq!(nobody.send(&to, &code()).await, Err(SendError::Unset(RecipientKind::Phone)));

    let Some(house) = House::open(Backend::Sqlite).await else { return };
    house.engine().sender.send(&to, &code()).await.unwrap();
    assert_eq!(house.outbox.last_to("13800138000").unwrap().values["code"], "246810");
    assert_eq!((house.outbox.count_to("13800138000"), house.outbox.count_to("13900139000")), (1, 0));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::disallowed_methods, reason = "a test writes its own settings")]
async fn the_operator_is_told_who_can_be_reached_and_what_is_set_wrongly() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let config = process::settings(&house, "operator", process::free_address());
    let usual = std::fs::read_to_string(&config).unwrap();
    for (set, is_right, told) in [
        ("", true, "messages: nobody can be reached"),
        ("log = true", true, "messages: written to the log, codes and all: for development alone"),
        ("gateway = \"https://sms.internal/send?key=hidden\"", true, "messages: the gateway at sms.internal\n"),
        ("gateway = \"http://sms.internal/send\"", false, "sender.gateway must begin with https://"),
        ("mail_server = \"smtps://mail.internal\"", false, "sender.mail_from"),
    ] {
        std::fs::write(&config, format!("{usual}\n[sender]\n{set}\n")).unwrap();
        let answer = tongyuan(&["check"], &config);
        let said = String::from_utf8_lossy(if is_right { &answer.stdout } else { &answer.stderr });
        assert!(answer.status.success() == is_right && said.contains(told) && !said.contains("hidden"), "{set}: {said}");
    }
    house.close().await;
}

async fn hear(State(heard): State<Heard>, headers: HeaderMap, body: String) -> StatusCode {
    if body.contains("refused@") {
        return StatusCode::UNPROCESSABLE_ENTITY;
    }
    let bearer = headers["authorization"].to_str().unwrap().to_owned();
    heard.lock().unwrap().push((bearer, serde_json::from_str(&body).unwrap()));
    StatusCode::ACCEPTED
}

/// A mail server for one mail: all that was said to it.
fn take_one(listener: &TcpListener) -> String {
    let (stream, _) = listener.accept().unwrap();
    let mut answers = stream.try_clone().unwrap();
    let mut said = String::new();
    let mut is_mail = false;
    answers.write_all(b"220 test\r\n").unwrap();
    for line in BufReader::new(stream).lines() {
        let line = line.unwrap();
        said.push_str(&line);
        said.push('\n');
        let answer = match line.as_str() {
            "." => "250 taken\r\n",
            "DATA" => "354 go on\r\n",
            "QUIT" => break,
            _ if is_mail => continue,
            _ => "250 yes\r\n",
        };
        is_mail = line == "DATA";
        answers.write_all(answer.as_bytes()).unwrap();
        if line == "." {
            break;
        }
    }
    said
}

fn write(path: &std::path::Path, text: &str, mode: u32) {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}
