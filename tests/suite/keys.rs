//! The keys that personal data is sealed with: none is there by itself, a new one seals from now on, and what older ones sealed is sealed
//! anew until they can be forgotten.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use store::contacts;
use testkit::{Backend, House};

use crate::contacts::say;
use crate::process;

const OWN: &str = "/console/me/contact";

/// Runs a command of the binary with these settings.
pub fn tongyuan(arguments: &[&str], config: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tongyuan"));
    command
        .args(arguments)
        .arg("--config")
        .arg(config)
        .env_remove("TONGYUAN_DATABASE")
        .env_remove("TONGYUAN_KEYS")
        .output()
        .unwrap()
}

fn json_of(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// How what is kept of somebody's phone begins.
fn sealing(house: &House, username: &str) -> String {
    let id = house.actor(username).user_id.unwrap();
    let kept = house.engine().store.read(|connection| contacts::find(connection, id)).unwrap();
    kept.phone.unwrap().0[..4].to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_older_key_sealed_is_sealed_anew_while_people_work_and_then_it_is_forgotten() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let config = process::settings(&house, "operator", process::free_address());
        let (editor, reviewer) = (house.desk("wangxi", "editor").await, house.desk("wangxi", "review1").await);
        for desk in [&editor, &reviewer] {
            assert_eq!(say(desk, OWN, "13812345678", "").await.status, 303, "{backend:?}");
        }
        let nothing = json_of(&tongyuan(&["keys", "rotate", "--json"], &config));
        assert_eq!((&nothing["renewed"], &nothing["idle"]), (&json!(0), &json!([])), "{backend:?}");

        assert_eq!(
            json_of(&tongyuan(&["keys", "add", "--cipher", "sm4-gcm", "--json"], &config))["key"],
            json!(2),
            "{backend:?}"
        );
        let kept = json_of(&tongyuan(&["keys", "forget", "--json"], &config));
        assert_eq!((&kept["forgotten"], &kept["held"]), (&json!([]), &json!([[1, 2]])), "it is needed still, {backend:?}");
        // The node that runs has read its keys before: it uses the new one from now on, and opens what the old one sealed.
        assert!(editor.browser.screen(OWN).await.text().contains("13812345678"), "{backend:?}");
        assert_eq!(say(&editor, OWN, "13900000000", "lin@example.gov.cn").await.status, 303, "{backend:?}");
        assert_eq!((sealing(&house, "wangxi-editor"), sealing(&house, "wangxi-review1")), ("2.s.".into(), "1.a.".into()));

        let done = json_of(&tongyuan(&["keys", "rotate", "--json"], &config));
        assert_eq!((&done["renewed"], &done["key"], &done["idle"]), (&json!(1), &json!(2), &json!([1])), "{backend:?}");
        assert_eq!(sealing(&house, "wangxi-review1"), "2.s.", "{backend:?}");
        let kept = house.engine().store.read(|c| contacts::find(c, house.actor("wangxi-review1").user_id.unwrap())).unwrap();
        assert_eq!(kept.phone.unwrap().1, house.engine().vault.mark("contacts.phone_sealed", "13812345678"), "{backend:?}");
        assert_eq!(json_of(&tongyuan(&["keys", "rotate", "--json"], &config))["renewed"], json!(0), "{backend:?}");

        assert_eq!(json_of(&tongyuan(&["keys", "forget", "--json"], &config))["forgotten"], json!([1]), "{backend:?}");
        assert!(reviewer.browser.screen(OWN).await.text().contains("13812345678"), "{backend:?}");
        assert_eq!(house.engine().vault.versions(), [2], "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::disallowed_methods, reason = "a test writes its own settings")]
async fn a_platform_starts_neither_without_keys_nor_with_those_of_another() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    assert_eq!(say(&house.desk("wangxi", "editor").await, OWN, "13812345678", "").await.status, 303);
    let config = process::settings(&house, "operator", process::free_address());
    assert!(tongyuan(&["check"], &config).status.success());

    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.split("[secrets]").next().unwrap()).unwrap();
    for command in [&["check"][..], &["serve", "--role", "web"]] {
        let told = tongyuan(command, &config);
        let sentence = String::from_utf8_lossy(&told.stderr).into_owned();
        assert!(!told.status.success() && sentence.contains("tongyuan keys new FILE"), "{sentence}");
        assert_eq!(sentence.trim().lines().count(), 1, "one sentence: {sentence}");
    }
    let file = house.folder().join("other.toml");
    assert!(tongyuan(&["keys", "new", file.to_str().unwrap()], &config).status.success());
    assert!(!tongyuan(&["keys", "new", file.to_str().unwrap()], &config).status.success(), "it is not written over");
    std::fs::write(&config, format!("{}[secrets]\nkeys = {file:?}\n", text.split("[secrets]").next().unwrap())).unwrap();
    for command in [&["check"][..], &["serve", "--role", "web"]] {
        let told = tongyuan(command, &config);
        assert!(!told.status.success() && String::from_utf8_lossy(&told.stderr).contains("does not open"), "{command:?}");
    }
    house.close().await;
}
