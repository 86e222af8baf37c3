//! Where a request comes from: the peer, or what a trusted proxy says of it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;

use crate::App;
use crate::guard::Gate;

/// The visitor's network address.
#[derive(Clone, Debug)]
pub struct ClientAddress(pub String);

impl FromRequestParts<Arc<App>> for ClientAddress {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let trusted = &app.engine.settings.web.trusted_proxies;
        // Every proxy may add a line of its own; only together, in order, are they the chain.
        let lines = parts.headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
        let forwarded = lines.collect::<Vec<_>>().join(",");
        Ok(Self(resolved(peer, trusted, Some(&forwarded)).map_or_else(|| "unknown".to_owned(), |address| address.to_string())))
    }
}

impl FromRequestParts<Gate> for ClientAddress {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, gate: &Gate) -> Result<Self, Self::Rejection> {
        Self::from_request_parts(parts, &gate.app).await
    }
}

/// What an address is counted by: of IPv6 the network, since one subscriber has all of it.
pub fn network(address: &str) -> String {
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V6(six)) => {
            let [a, b, c, d, ..] = six.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::")
        }
        _ => address.to_owned(),
    }
}

/// Walks the chain of proxies back from the peer, as long as each is trusted.
fn resolved(peer: Option<IpAddr>, trusted: &[IpAddr], forwarded: Option<&str>) -> Option<IpAddr> {
    let mut present = peer?.to_canonical();
    for hop in forwarded.unwrap_or_default().rsplit(',') {
        if !is_trusted(present, trusted) {
            break;
        }
        let Ok(before) = hop.trim().parse::<IpAddr>() else { break };
        present = before.to_canonical();
    }
    Some(present)
}

/// Whether this address is a proxy's whose word is taken. One that listens on IPv6 sees IPv4 in a dress of its own.
pub fn is_trusted(address: IpAddr, trusted: &[IpAddr]) -> bool {
    trusted.iter().any(|proxy| proxy.to_canonical() == address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let proxy = address("10.0.0.1");
        assert_eq!(resolved(Some(proxy), &[proxy], Some("6.6.6.6, 1.2.3.4")), Some(address("1.2.3.4")));
        assert_eq!(resolved(Some(address("9.9.9.9")), &[proxy], Some("1.2.3.4")), Some(address("9.9.9.9")));
        assert_eq!(resolved(Some(proxy), &[proxy], None), Some(proxy));
    }

    #[test]
    fn a_subscriber_is_counted_as_one() {
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2::9"));
        assert_ne!(network("2001:db8:1:2::9"), network("2001:db8:1:3::9"));
        assert_eq!(network("1.2.3.4"), "1.2.3.4");
    }

    #[test]
    fn an_address_is_the_same_in_both_its_forms() {
        let (proxy, mapped) = (address("10.0.0.1"), address("::ffff:10.0.0.1"));
        for (peer, trusted) in [(mapped, proxy), (proxy, mapped), (mapped, mapped)] {
            assert_eq!(resolved(Some(peer), &[trusted], Some("::ffff:1.2.3.4")), Some(address("1.2.3.4")));
        }
        assert!(is_trusted(mapped, &[proxy]) && !is_trusted(address("::10.0.0.1"), &[proxy]));
    }
}
