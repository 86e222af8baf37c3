//! Sites (站点) and the agencies (机构) that run them.

use serde::{Deserialize, Serialize};

use crate::{AgencyId, SiteId};

/// A tenant: the city portal or a district site.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Site {
    /// Its number.
    pub id: SiteId,
    /// Short name in addresses and commands, e.g. `wangxi`.
    pub key: String,
    /// 主办单位
    pub agency: Agency,
    /// Full name (`SiteName`).
    pub name: String,
    /// Name among its siblings, e.g. 望溪区.
    pub short_name: String,
    /// Primary domain (`SiteDomain`).
    pub domain: String,
    /// 政府网站标识码 (`SiteIDCode`), regulations.md §1.3.
    pub site_code: String,
    /// ICP备案编号
    pub icp_number: String,
    /// 公安机关备案号
    pub police_number: String,
    /// 党政机关网站标识
    pub conac_url: String,
    /// Name of the theme it wears.
    pub theme: String,
    /// Free settings for the theme.
    pub settings: serde_json::Value,
    /// The asset laid over its pictures; empty for none.
    pub watermark: String,
}

/// The body responsible for a site or a resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agency {
    /// Its number; zero until stored.
    #[serde(skip, default = "unstored")]
    pub id: AgencyId,
    /// Organisation code, the first part of its index numbers.
    pub code: String,
    /// Full standard name.
    pub name: String,
    /// Telephone.
    pub phone: String,
    /// Postal address.
    pub address: String,
    /// Postcode.
    pub postcode: String,
    /// Mail address.
    pub email: String,
}

fn unstored() -> AgencyId {
    AgencyId(0)
}

/// Whether `code` is a 政府网站标识码: ten digits, or `bm` and eight digits (regulations.md §1.3).
pub fn is_site_code(code: &str) -> bool {
    let digits = code.strip_prefix("bm").unwrap_or(code);
    let wanted = if code.starts_with("bm") { 8 } else { 10 };
    digits.len() == wanted && digits.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a site with this code is the city's own: the code of a city's region ends in two noughts (GB/T 2260).
pub fn is_of_city(code: &str) -> bool {
    code.get(4..6) == Some("00")
}

#[cfg(test)]
mod tests {
    use super::{is_of_city, is_site_code};

    #[test]
    fn a_site_code_is_ten_digits_or_bm_and_eight() {
        for good in ["3590000001", "bm01000001"] {
            assert!(is_site_code(good), "{good}");
        }
        for bad in ["310000000044", "35900000O1", "bm0100001", "", "bm"] {
            assert!(!is_site_code(bad), "{bad}");
        }
    }

    #[test]
    fn a_citys_own_sites_are_known_by_their_region() {
        for (code, own) in [("9901000001", true), ("9901020001", false), ("9900000100", true), ("", false), ("市", false)] {
            assert_eq!(is_of_city(code), own, "{code}");
        }
    }
}
