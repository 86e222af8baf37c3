//! Tells somebody, wherever they are reached or were until now, that how they come in was changed: whoever took an account over would not.

use model::Recipient;
use web::App;

/// That somebody can come in by a service from now on.
pub(crate) const LINKED: &str = "已关联认证服务，可由其登录";

/// What is told, after “您的统一用户中心账号”.
pub(crate) async fn tell(app: &App, recipients: &[Recipient], what: &str) {
    let contact = &app.engine.settings.citizens.contact;
    let text = format!(
        "您的统一用户中心账号{what}。如非本人操作，请尽快登录统一用户中心，在“登录与安全”中退出其他设备，并核对联系方式和已关联的认证服务；不能登录的，请联系{contact}。"
    );
    let message = sender::Message::new("account-changed", "统一用户中心账号变动提醒", text).with("what", what);
    for recipient in recipients {
        // The change is made: that nobody could be told of it undoes nothing.
        if let Err(error) = app.engine.sender.send(recipient, &message).await {
            tracing::warn!(%error, recipient = recipient.masked(), "somebody was not told of a change to their account");
        }
    }
}
