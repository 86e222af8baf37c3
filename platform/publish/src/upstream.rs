//! 上级认证: somebody is sent to a service above us, and what they bring back is judged. Who they are to us, and what for they were sent, is the
//! business of whoever sends them: staff and citizens go the same way.
//!
//! All that must be known of one departure is made from a secret that only its browser keeps. What is kept here is that it took place, so
//! that it can come back once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::NaiveDateTime;
use model::{Clientele, Upstream, single_sign_on};
use oidc::relying::{Arrival, Client, Departure, Given, Keys, Message, Mistrust, Service, Subject, read_keys};
use store::sealed::UPSTREAM_SECRET;
use store::upstream_requests::{self, Request};
use store::upstreams;
use vault::{Place, Sealed};

use crate::commands::{CommandError, upstream as registry};
use crate::engine::Engine;
use crate::fetcher::Unanswered;

/// Why nobody is signed in. The text is for the log.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Nobody registered it for them, or it is closed.
    #[error("there is no such service")]
    Unknown,
    /// Nobody was sent, or another browser was, or it was too long ago, or they have come back before.
    #[error("nobody was sent who could come back so")]
    Over,
    /// Too many were sent from where they are.
    #[error("too many were sent from there")]
    TooOften,
    /// They changed their mind there.
    #[error("they were not signed in there")]
    Stopped,
    /// It could not be asked.
    #[error("the service could not be asked: {0}")]
    Away(String),
    /// What it says is not believed.
    #[error("the service is not believed: {0}")]
    Untrue(Mistrust),
    /// Our own side could not do it.
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// Somebody who is back.
#[derive(Debug)]
pub struct Returned {
    /// The service that says who they are.
    pub upstream: Upstream,
    /// What for they were sent, in the words of who sent them.
    pub errand: String,
    /// Whom it means.
    pub subject: Subject,
}

/// What is known of services by now, by who they are.
#[derive(Default)]
pub struct Directory(Mutex<HashMap<String, Known>>);

#[derive(Clone)]
struct Known {
    service: Service,
    at: NaiveDateTime,
    keys: Option<(Keys, NaiveDateTime)>,
}

impl Failure {
    /// What whoever was sent is told.
    pub fn sentence(&self) -> &'static str {
        match self {
            Self::Unknown => "该认证服务未登记或已停用",
            Self::Over => "本次操作已超时，或不是在同一个浏览器中发起的，请重新开始",
            Self::TooOften => "操作过于频繁，请过几分钟再试",
            Self::Stopped => "您在认证服务中取消了登录，或认证服务未同意登录",
            Self::Away(_) => "暂时连接不上认证服务，请稍后再试，或改用其他方式登录",
            Self::Untrue(_) => "认证服务返回的结果未通过核验，登录已中止。反复出现的，请告知管理员",
            Self::Command(_) => "系统暂时不能完成登录，请稍后再试",
        }
    }
}

impl From<Mistrust> for Failure {
    fn from(mistrust: Mistrust) -> Self {
        match mistrust {
            Mistrust::Refused(word) if word == "access_denied" => Self::Stopped,
            other => Self::Untrue(other),
        }
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        Self::Command(error.into())
    }
}

/// Sends the browser that keeps `secret` to the service called `key`, which must be for such people, to come back to `redirect`; gives the
/// address that leads there. `anew`: it asks even whoever has a session there still.
pub fn begin(
    engine: &Engine,
    (clientele, key): (Clientele, &str),
    secret: &str,
    (redirect, anew): (&str, bool),
    errand: &str,
) -> Result<String, Failure> {
    let upstream = find(engine, clientele, key)?;
    let (service, client) = (service(engine, &upstream.content.issuer)?, client(engine, &upstream)?);
    let (departure, now) = (Departure::of(secret), engine.clock.now());
    let request = Request { upstream: upstream.id, redirect: redirect.to_owned(), errand: errand.to_owned(), begun_at: now };
    let forgotten = now - single_sign_on().asking.lasts();
    let hash = hashed(&departure.state());
    engine.store.write(|connection| upstream_requests::insert(connection, &hash, &request, forgotten))?;
    Ok(service.leave(&client, (redirect, anew), &upstream.content.scopes, &departure))
}

/// Judges what the browser that keeps `secret` brings back from it. What its rules look at is asked for where the token leaves it out;
/// `address` is where they come from, for the log.
pub fn finish(
    engine: &Engine,
    (clientele, key): (Clientele, &str),
    secret: &str,
    said: Vec<(String, String)>,
    address: &str,
) -> Result<Returned, Failure> {
    let departure = Departure::of(secret);
    let arrival = Arrival::new(said).map_err(|_| Failure::Over)?;
    // Hashes compare in the same time whatever is guessed. Another browser's state is not used up by whoever brings it here.
    if blake3::hash(arrival.state().as_bytes()) != blake3::hash(departure.state().as_bytes()) {
        return Err(Failure::Over);
    }
    let hash = hashed(arrival.state());
    let request = engine.store.write(|connection| upstream_requests::take(connection, &hash))?.ok_or(Failure::Over)?;
    let upstream = find(engine, clientele, key)?;
    let is_late = request.begun_at + single_sign_on().asking.lasts() < engine.clock.now();
    if is_late || upstream.id != request.upstream {
        return Err(Failure::Over);
    }
    match ask(engine, &upstream, &request, &departure, &arrival) {
        Ok(subject) => Ok(Returned { upstream, errand: request.errand, subject }),
        Err(failure) => {
            registry::failed(engine, &upstream, address, failure.sentence())?;
            Err(failure)
        }
    }
}

/// Whether a service answers and is who it should be; what is wrong, where it is not.
pub fn try_out(engine: &Engine, upstream: &Upstream) -> Result<(), Failure> {
    let service = service(engine, &upstream.content.issuer)?;
    keys(engine, &upstream.content.issuer, &service)?;
    client(engine, upstream)?;
    Ok(())
}

fn find(engine: &Engine, clientele: Clientele, key: &str) -> Result<Upstream, Failure> {
    let found = engine.store.read(|connection| upstreams::find_by_key(connection, key))?;
    found.filter(|upstream| upstream.content.is_open && upstream.clientele == clientele).ok_or(Failure::Unknown)
}

fn ask(
    engine: &Engine,
    upstream: &Upstream,
    request: &Request,
    departure: &Departure,
    arrival: &Arrival,
) -> Result<Subject, Failure> {
    let (issuer, client) = (&upstream.content.issuer, client(engine, upstream)?);
    let service = service(engine, issuer)?;
    let code = arrival.code(&service)?;
    let given = Given::read(&fetch(engine, &service.redeem(&client, code, &request.redirect, departure))?)?;
    let judge = |keys: &Keys| given.judge(&service, keys, &client, departure, engine.clock.now(), single_sign_on().asking.skew());
    let (known, at) = keys(engine, issuer, &service)?;
    let mut subject = match judge(&known) {
        // It may have turned its keys. Whoever sends us tokens with invented names does not have us ask all the time.
        Err(Mistrust::UnknownKey) if at + single_sign_on().asking.keys_again() <= engine.clock.now() => {
            judge(&fetch_keys(engine, issuer, &service)?.0)?
        }
        judged => judged?,
    };
    let claim = upstream.content.claim.as_str();
    if !claim.is_empty()
        && !subject.says(claim)
        && let Some(message) = service.ask_more(&given)
    {
        subject.learn(&fetch(engine, &message)?)?;
    }
    Ok(subject)
}

/// What a service says of itself, asked for now and then.
fn service(engine: &Engine, issuer: &str) -> Result<Service, Failure> {
    let now = engine.clock.now();
    if let Some(known) = engine.upstreams.find(issuer).filter(|known| known.at + single_sign_on().asking.known() > now) {
        return Ok(known.service);
    }
    let message = Message { address: Service::document_of(issuer), form: None, authorization: None };
    let service = Service::read(issuer, &fetch(engine, &message)?)?;
    engine.upstreams.keep(issuer, Known { service: service.clone(), at: now, keys: None });
    Ok(service)
}

/// Its keys, and when they were asked for.
fn keys(engine: &Engine, issuer: &str, service: &Service) -> Result<(Keys, NaiveDateTime), Failure> {
    match engine.upstreams.find(issuer).and_then(|known| known.keys) {
        Some(keys) => Ok(keys),
        None => fetch_keys(engine, issuer, service),
    }
}

fn fetch_keys(engine: &Engine, issuer: &str, service: &Service) -> Result<(Keys, NaiveDateTime), Failure> {
    let keys = (read_keys(&fetch(engine, &service.ask_keys())?)?, engine.clock.now());
    if let Some(known) = engine.upstreams.find(issuer) {
        engine.upstreams.keep(issuer, Known { keys: Some(keys.clone()), ..known });
    }
    Ok(keys)
}

/// Who we are to it.
fn client(engine: &Engine, upstream: &Upstream) -> Result<Client, Failure> {
    let kept = engine.store.read(|connection| upstreams::find_secret(connection, upstream.id))?;
    let place = Place::new(UPSTREAM_SECRET.name, upstream.id.0);
    let open = |text: String| {
        let sealed: Sealed = text.parse().map_err(|_| vault::Error::Broken(place.to_string()))?;
        engine.vault.open_text(place, &sealed)
    };
    let secret = kept.map(open).transpose().map_err(CommandError::from)?;
    Ok(Client { name: upstream.content.client.clone(), secret })
}

fn fetch(engine: &Engine, message: &Message) -> Result<Vec<u8>, Failure> {
    engine.fetcher.fetch(message).map_err(|unanswered| match unanswered {
        Unanswered::Refused(status) => Failure::Untrue(Mistrust::Refused(format!("HTTP {status}"))),
        Unanswered::Away(why) => Failure::Away(why),
    })
}

fn hashed(state: &str) -> String {
    blake3::hash(state.as_bytes()).to_hex().to_string()
}

impl Directory {
    fn find(&self, issuer: &str) -> Option<Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(issuer).cloned()
    }

    fn keep(&self, issuer: &str, known: Known) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(issuer.to_owned(), known);
    }
}
