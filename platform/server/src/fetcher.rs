//! Asking services elsewhere on the network over HTTP. Their addresses are typed on a screen, so this is held short: over HTTPS, at addresses of
//! the public network or of those that the settings name, no redirect followed, no cookie kept, little read and not waited for long.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use config::Network;
use model::single_sign_on;
use oidc::relying::Message;
use publish::{Fetcher, Unanswered};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use tokio::runtime::Handle;
use url::{Host, Url};

/// Asked at the same time at most: each takes a thread while it waits, and those are for everybody.
const AT_ONCE: usize = 32;

/// Of them, of one host: one that does not answer leaves the others theirs.
const OF_ONE: usize = 8;

/// Asks what the settings let it ask.
pub struct HttpFetcher {
    networks: Arc<Networks>,
    client: reqwest::Client,
    turns: Turns,
    runtime: Handle,
}

/// The networks of the operator's own that may be asked.
struct Networks(Vec<Network>);

impl HttpFetcher {
    /// For these networks and the public one. Must be made within a tokio runtime.
    pub fn new(networks: Vec<Network>) -> Result<Self> {
        let networks = Arc::new(Networks(networks));
        let client = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(3))
            .timeout(Duration::from_secs(single_sign_on().asking.answer_seconds.into()))
            .redirect(Policy::none())
            .dns_resolver(Arc::new(Resolver(Arc::clone(&networks))))
            .user_agent("tongyuan")
            .no_proxy()
            .build()?;
        Ok(Self { networks, client, turns: Turns::default(), runtime: Handle::current() })
    }

    async fn ask(&self, message: &Message) -> Result<Vec<u8>, Unanswered> {
        let address = self.networks.admit(&message.address).map_err(Unanswered::Away)?;
        let request = match &message.form {
            Some(form) => self.client.post(address).form(form),
            None => self.client.get(address),
        };
        let request = request.header("accept", "application/json");
        let request = match &message.authorization {
            Some(authorization) => request.header("authorization", authorization),
            None => request,
        };
        let mut answer = request.send().await.map_err(told)?;
        let status = answer.status();
        if status.is_client_error() {
            return Err(Unanswered::Refused(status.as_u16()));
        }
        if !status.is_success() {
            return Err(Unanswered::Away(format!("{} answered {status}", host_of(&message.address))));
        }
        let most = single_sign_on().asking.answer_bytes;
        let mut read = Vec::new();
        while let Some(some) = answer.chunk().await.map_err(told)? {
            if read.len() + some.len() > most {
                let host = host_of(&message.address);
                return Err(Unanswered::Away(format!("the answer of {host} is larger than {most} bytes")));
            }
            read.extend_from_slice(&some);
        }
        Ok(read)
    }
}

impl Fetcher for HttpFetcher {
    fn fetch(&self, message: &Message) -> Result<Vec<u8>, Unanswered> {
        let host = host_of(&message.address);
        let _turn = self.turns.take(&host).ok_or_else(|| Unanswered::Away(format!("too many wait for {host} already")))?;
        self.runtime.block_on(self.ask(message))
    }
}

/// The hosts that are being asked, once for each question.
#[derive(Default)]
struct Turns(Mutex<Vec<String>>);

/// A place among them, given back when it is dropped.
struct Turn<'a>(&'a Turns, &'a str);

impl Turns {
    /// None where there is no place left.
    fn take<'a>(&'a self, host: &'a str) -> Option<Turn<'a>> {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = asked.len() >= AT_ONCE || asked.iter().filter(|one| *one == host).count() >= OF_ONE;
        (!is_full).then(|| {
            asked.push(host.to_owned());
            Turn(self, host)
        })
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut asked = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = asked.iter().position(|one| one == self.1) {
            asked.swap_remove(place);
        }
    }
}

/// The error with what brought it about: the outermost alone says that something failed and not what. The address may hold what is nobody's
/// business and is left out.
fn told(error: reqwest::Error) -> Unanswered {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(one) = cause {
        text = format!("{text}: {one}");
        cause = one.source();
    }
    Unanswered::Away(text)
}

fn host_of(address: &str) -> String {
    Url::parse(address).ok().and_then(|address| address.host_str().map(str::to_owned)).unwrap_or_default()
}

impl Networks {
    /// The address, if it may be asked. A name is looked at again when it is known where it leads.
    fn admit(&self, address: &str) -> Result<Url, String> {
        let address = Url::parse(address).map_err(|error| error.to_string())?;
        let at = match address.host() {
            Some(Host::Ipv4(at)) => Some(IpAddr::V4(at)),
            Some(Host::Ipv6(at)) => Some(IpAddr::V6(at)),
            Some(Host::Domain("localhost")) => Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            Some(Host::Domain(_)) => None,
            None => return Err("the address names no host".into()),
        };
        match address.scheme() {
            "https" => {}
            "http" if at.is_some_and(|at| at.is_loopback()) => {}
            _ => return Err("it may be asked over HTTPS alone".into()),
        }
        match at {
            Some(at) if !self.has(at) => Err(refusal(at)),
            _ => Ok(address),
        }
    }

    /// Whether there may be asked: on the public network, or on one of the operator's own.
    fn has(&self, at: IpAddr) -> bool {
        let at = at.to_canonical();
        is_public(at) || self.0.iter().any(|network| network.contains(at))
    }
}

fn refusal(at: IpAddr) -> String {
    format!("{at} is on no public network: if it is to be asked, name its network in `private_networks` under `[upstream]`")
}

/// What names lead to, without what may not be asked: looked up once, so that nobody can have it lead elsewhere afterwards.
struct Resolver(Arc<Networks>);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let networks = Arc::clone(&self.0);
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let (admitted, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|at| networks.has(at.ip()));
            if admitted.is_empty()
                && let Some(other) = others.first()
            {
                return Err(refusal(other.ip()).into());
            }
            Ok(Box::new(admitted.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is of the network that everybody shares.
fn is_public(at: IpAddr) -> bool {
    match at {
        IpAddr::V4(at) => is_public_v4(at),
        IpAddr::V6(at) => is_public_v6(at),
    }
}

fn is_public_v4(at: Ipv4Addr) -> bool {
    let [first, second, third, _] = at.octets();
    let is_special = at.is_private()
        || at.is_loopback()
        || at.is_link_local()
        || at.is_multicast()
        || at.is_documentation()
        || first == 0
        || first >= 240
        || (first == 100 && (64..128).contains(&second))
        || (first == 192 && second == 0 && third == 0)
        || (first == 198 && (18..20).contains(&second));
    !is_special
}

/// Of the one block that is given out (`2000::/3`); not what stands for an address of the older kind, which may be any.
fn is_public_v6(at: Ipv6Addr) -> bool {
    let [first, second, ..] = at.segments();
    let is_given_out = first & 0xe000 == 0x2000;
    let is_special = first == 0x2002 || (first == 0x2001 && (second < 0x200 || second == 0xdb8));
    is_given_out && !is_special
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(some: &[&str]) -> Networks {
        Networks(some.iter().map(|network| network.parse().unwrap()).collect())
    }

    #[test]
    fn a_host_that_does_not_answer_leaves_the_others_their_places() {
        let turns = Turns::default();
        let mut taken: Vec<_> = (0..OF_ONE).map_while(|_| turns.take("dead.example")).collect();
        assert!(taken.len() == OF_ONE && turns.take("dead.example").is_none());
        assert!(turns.take("alive.example").is_some());
        taken.pop();
        assert!(turns.take("dead.example").is_some(), "a place is given back");
        let others: Vec<String> = (0..AT_ONCE).map(|number| format!("{number}.example")).collect();
        let all = others.iter().filter_map(|host| turns.take(host)).collect::<Vec<_>>();
        assert_eq!(all.len() + taken.len(), AT_ONCE);
    }

    #[test]
    fn nothing_within_is_asked_that_the_settings_do_not_name() {
        let none = networks(&[]);
        for within in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001::1",
            "2001:db8::1",
        ] {
            assert!(!none.has(within.parse().unwrap()), "{within}");
        }
        for public in ["8.8.8.8", "114.114.114.114", "2400:3200::1", "::ffff:8.8.8.8"] {
            assert!(none.has(public.parse().unwrap()), "{public}");
        }
        let some = networks(&["10.20.0.0/16", "fd00:1::/32"]);
        assert!(some.has("10.20.3.4".parse().unwrap()) && some.has("fd00:1::5".parse().unwrap()));
        assert!(some.has("::ffff:10.20.3.4".parse().unwrap()));
        assert!(!some.has("10.21.3.4".parse().unwrap()) && !some.has("127.0.0.1".parse().unwrap()));
    }

    #[test]
    fn only_the_machine_itself_is_asked_without_encryption_and_only_where_the_settings_say_so() {
        let local = networks(&["127.0.0.0/8"]);
        for good in ["https://id.example.gov.cn/x", "http://127.0.0.1:9000/", "http://localhost:9000/", "https://8.8.8.8/"] {
            assert!(local.admit(good).is_ok(), "{good}");
        }
        for bad in [
            "http://id.example.gov.cn/",
            "http://8.8.8.8/",
            "https://10.0.0.1/",
            "https://[::1]/",
            "https://0x7f.1.2.3.4/",
            "https://169.254.169.254/latest/meta-data/",
            "file:///etc/passwd",
            "ftp://id.example.gov.cn/",
        ] {
            assert!(local.admit(bad).is_err(), "{bad}");
        }
        assert!(networks(&[]).admit("http://127.0.0.1/").is_err() && networks(&[]).admit("https://2130706433/").is_err());
    }

    #[tokio::test]
    async fn a_name_that_leads_within_is_not_followed() {
        let resolver = Resolver(Arc::new(networks(&[])));
        assert!(resolver.resolve("localhost".parse().unwrap()).await.is_err());
        let resolver = Resolver(Arc::new(networks(&["127.0.0.0/8", "::1/128"])));
        assert!(resolver.resolve("localhost".parse().unwrap()).await.unwrap().count() > 0);
    }
}
