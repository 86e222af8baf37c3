//! Links of a cleaned text: where each leads and where it stands. Nothing is fetched: what is elsewhere is judged by its form.

use super::Place;
use crate::media;

/// One link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its address as it stands there.
    pub address: String,
    /// The words that are linked; none where a picture is.
    pub place: Option<Place>,
}

impl Link {
    /// The address within its own site, without query and fragment, that a link leads to; `hosts` are the site's own.
    pub fn internal(&self, hosts: &[String]) -> Option<&str> {
        let (host, path) = match host_of(&self.address) {
            Some((host, path)) => (Some(host), path),
            None => (None, self.address.as_str()),
        };
        let bare = |host: &str| host.split(':').next().unwrap_or(host).to_ascii_lowercase();
        if host.is_some_and(|host| !hosts.contains(&bare(host))) || !path.starts_with('/') {
            return None;
        }
        path.split(['?', '#']).next()
    }

    /// What is wrong with the form of an address, as far as it can be seen without going there.
    pub fn fault(&self) -> Option<&'static str> {
        let address = self.address.trim();
        let (scheme, rest) = address.split_once(':').unwrap_or(("", address));
        match scheme {
            _ if address.is_empty() => Some("没有填写地址"),
            "http" | "https" => {
                let host = host_of(address).map_or("", |(host, _)| host);
                let is_host =
                    host.contains('.') && !host.contains(char::is_whitespace) && !host.ends_with('.') && !host.contains("..");
                (!is_host).then_some("网址不完整")
            }
            "mailto" => (!rest.contains('@')).then_some("邮箱地址不完整"),
            "tel" | "media" | "resource" => None,
            _ if address.starts_with("//") => Some("网址缺少“https:”"),
            _ if address.starts_with(['/', '#']) => None,
            _ if address.starts_with("www.") => Some("网址缺少“https://”"),
            _ => Some("地址应以“/”或“https://”开头"),
        }
    }
}

/// Every link of a cleaned text, in order.
pub fn links(body: &str) -> Vec<Link> {
    media::anchors(body)
        .into_iter()
        .map(|(address, start)| {
            let rest = &body[start..];
            let words = text_of(&rest[..rest.find("</a>").unwrap_or(rest.len())]);
            let before = text_of(&body[..start]);
            let place = (!words.is_empty()).then(|| Place { occurrence: before.matches(words.as_str()).count(), text: words });
            Link { address: address.replace("&amp;", "&"), place }
        })
        .collect()
}

/// Host and what follows it, of an address that names one.
fn host_of(address: &str) -> Option<(&str, &str)> {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    Some((&rest[..end], if end == rest.len() { "/" } else { &rest[end..] }))
}

/// HTML without its tags.
pub(super) fn text_of(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        text.push_str(&rest[..open]);
        rest = rest[open..].find('>').map_or("", |close| &rest[open + close + 1..]);
    }
    text.push_str(rest);
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", " ").replace("&amp;", "&").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(address: &str) -> Link {
        Link { address: address.into(), place: None }
    }

    #[test]
    fn links_are_found_with_their_words() {
        let found = links(r#"<p>详见<a href="/a?x=1&amp;y=2" rel="x"><b>附件</b></a>和<a href="media:3">附件</a></p>"#);
        assert_eq!(found[0].address, "/a?x=1&y=2");
        assert_eq!(found[1].place, Some(Place { text: "附件".into(), occurrence: 1 }));
    }

    #[test]
    fn addresses_of_ones_own_site_are_told_from_others() {
        let hosts = ["wangxi.gov.cn".to_owned()];
        assert_eq!(link("/yaowen/?page=2#a").internal(&hosts), Some("/yaowen/"));
        assert_eq!(link("https://WANGXI.gov.cn:8080/yaowen/").internal(&hosts), Some("/yaowen/"));
        assert_eq!(link("https://wangxi.gov.cn").internal(&hosts), Some("/"));
        for other in ["https://www.gov.cn/", "mailto:a@b.cn", "#top", "media:3"] {
            assert_eq!(link(other).internal(&hosts), None, "{other}");
        }
    }

    #[test]
    fn an_address_that_cannot_lead_anywhere_is_told_by_its_form() {
        for good in ["https://www.gov.cn/zhengce", "/yaowen/", "#top", "mailto:a@b.cn", "tel:12345", "media:3"] {
            assert_eq!(link(good).fault(), None, "{good}");
        }
        for bad in ["", "http://", "https://gov", "www.gov.cn", "//www.gov.cn", "mailto:", "yaowen.html", "https://a b.cn/"] {
            assert!(link(bad).fault().is_some(), "{bad}");
        }
    }
}
