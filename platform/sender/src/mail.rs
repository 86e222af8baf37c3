//! A mail server of the operator's, by SMTP over TLS.

use std::time::Duration;

use config::Secret;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use url::Url;

use crate::gateway::is_this_machine;
use crate::{Message, SetupError};

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// Hands mail over to one server.
pub struct MailServer {
    from: Mailbox,
    host: String,
    transport: Transport,
}

impl MailServer {
    /// A server at `smtps://HOST` (TLS at once) or `smtp://HOST` (STARTTLS, which is insisted on but on this machine).
    pub(crate) fn new(address: &str, from: &str, user: &str, password: Secret) -> Result<Self, SetupError> {
        let nonsense = |sentence: String| SetupError::Nonsense(sentence);
        let from = from.parse().map_err(|_| nonsense(format!("sender.mail_from `{from}` must be a mail address")))?;
        let address = Url::parse(address).ok().filter(Url::has_host);
        let address = address.ok_or_else(|| nonsense("sender.mail_server must be smtps://HOST or smtp://HOST".into()))?;
        let host = address.host_str().unwrap_or_default().to_owned();
        let builder = match address.scheme() {
            "smtps" => Transport::relay(&host),
            "smtp" if is_loopback(&address) => Ok(Transport::builder_dangerous(&host)),
            "smtp" => Transport::starttls_relay(&host),
            other => return Err(nonsense(format!("sender.mail_server must begin with smtps:// or smtp://, not {other}://"))),
        };
        let mut builder =
            builder.map_err(|error| nonsense(format!("sender.mail_server: {error}")))?.timeout(Some(Duration::from_secs(10)));
        if let Some(port) = address.port() {
            builder = builder.port(port);
        }
        if !user.is_empty() {
            builder = builder.credentials(Credentials::new(user.to_owned(), password.reveal().to_owned()));
        }
        Ok(Self { from, host, transport: builder.build() })
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) async fn send(&self, to: &str, message: &Message) -> Result<(), String> {
        let to = to.parse().map_err(|_| "the address is none".to_owned())?;
        let mail = lettre::Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(message.subject.as_str())
            .header(ContentType::TEXT_PLAIN)
            .body(message.text.clone())
            .map_err(|error| error.to_string())?;
        self.transport.send(mail).await.map(|_| ()).map_err(|error| match error.status() {
            // What it says besides may name the recipient.
            Some(code) => format!("the mail server answered {code}"),
            None if error.is_timeout() => "the mail server does not answer".to_owned(),
            None => "the mail server cannot be reached".to_owned(),
        })
    }
}

/// Schemes that are not the web's leave hosts as they were written.
fn is_loopback(address: &Url) -> bool {
    let host = address.host_str().unwrap_or_default();
    Url::parse(&format!("http://{host}")).is_ok_and(|address| is_this_machine(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_server_is_named_with_how_it_is_spoken_to_and_who_speaks() {
        let made = |address: &str, from: &str| MailServer::new(address, from, "", Secret::default()).is_ok();
        assert!(made("smtps://mail.internal", "锦川市政府网站 <noreply@jinchuan.gov.cn>"));
        assert!(made("smtp://127.0.0.1:2525", "noreply@jinchuan.gov.cn"));
        assert!(!made("mail.internal", "noreply@jinchuan.gov.cn") && !made("https://mail.internal", "noreply@jinchuan.gov.cn"));
        assert!(!made("smtps://mail.internal", "锦川"));
    }
}
