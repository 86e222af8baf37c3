//! Standing queries (订阅): what a channel asks of the library, wherever it is written.

use serde::Serialize;

use crate::word::words;
use crate::{AgencyId, ChannelId, ResourceKind, SiteId, SubscriptionId};

words! {
    /// What happens to a resource that a standing query finds.
    Acceptance {
        /// It is shown at once.
        Automatic = "automatic" "自动展示",
        /// It is offered, and the site that asked decides.
        Local = "local" "本站确认后展示",
    }
}

/// A channel's standing query.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Subscription {
    /// Its number.
    pub id: SubscriptionId,
    /// The channel that is filled.
    pub channel_id: ChannelId,
    /// What it asks for.
    pub query: Query,
    /// What happens to what it finds.
    pub acceptance: Acceptance,
}

/// What is asked for; every criterion that is set must match, and at least one is.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Query {
    /// Written on this site.
    pub from_site: Option<SiteId>,
    /// Of this agency.
    pub from_agency: Option<AgencyId>,
    /// Live in this channel, whoever wrote it.
    pub from_channel: Option<ChannelId>,
    /// Of this theme class, or of any below this first level.
    pub theme_class: Option<String>,
    /// Of this kind.
    pub kind: Option<ResourceKind>,
    /// With any of these keywords; empty: not asked.
    pub tags: Vec<String>,
}

/// What a standing query looks at in a resource, beside the channels it is live in.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The site that wrote it.
    pub site: SiteId,
    /// The agency that answers for it.
    pub agency: AgencyId,
    /// What it is.
    pub kind: ResourceKind,
    /// Its theme class.
    pub theme_class: Option<&'a str>,
    /// Its keywords.
    pub tags: &'a [String],
}

impl Query {
    /// Whether it asks for a resource with these facts. Its channel is not looked at: being live there is what leads to it.
    pub fn wants(&self, facts: &Facts<'_>) -> bool {
        let theme = |wanted: &String| facts.theme_class.is_some_and(|class| class == wanted || first_level(class) == wanted);
        self.from_site.is_none_or(|site| site == facts.site)
            && self.from_agency.is_none_or(|agency| agency == facts.agency)
            && self.kind.is_none_or(|kind| kind == facts.kind)
            && self.theme_class.as_ref().is_none_or(theme)
            && (self.tags.is_empty() || self.tags.iter().any(|tag| facts.tags.contains(tag)))
    }

    /// The first criterion that is set, as a word: what a publication finds the query by. None when nothing is asked.
    pub fn lead(&self) -> Option<String> {
        if let Some(channel) = self.from_channel {
            return Some(channel_lead(channel));
        }
        if let Some(site) = self.from_site {
            return Some(format!("site:{site}"));
        }
        if let Some(agency) = self.from_agency {
            return Some(format!("agency:{agency}"));
        }
        if let Some(class) = &self.theme_class {
            return Some(format!("theme:{class}"));
        }
        if let Some(kind) = self.kind {
            return Some(format!("kind:{kind}"));
        }
        (!self.tags.is_empty()).then(|| TAGS.to_owned())
    }
}

impl Facts<'_> {
    /// The words under which queries for these facts are found.
    pub fn leads(&self) -> Vec<String> {
        let mut leads = vec![
            format!("site:{}", self.site),
            format!("agency:{}", self.agency),
            format!("kind:{}", self.kind),
            TAGS.to_owned(),
        ];
        if let Some(class) = self.theme_class {
            leads.extend([format!("theme:{class}"), format!("theme:{}", first_level(class))]);
        }
        leads
    }
}

/// The word under which queries for what is live in a channel are found.
pub fn channel_lead(channel: ChannelId) -> String {
    format!("channel:{channel}")
}

/// Queries that ask for keywords alone.
const TAGS: &str = "tags";

fn first_level(class: &str) -> &str {
    class.split_once('\\').map_or(class, |(first, _)| first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(tags: &[String]) -> Facts<'_> {
        Facts {
            site: SiteId(3), agency: AgencyId(4), kind: ResourceKind::Policy, theme_class: Some("综合政务\\政务公开"), tags
        }
    }

    #[test]
    fn every_criterion_that_is_set_must_match() {
        let tags = ["营商环境".to_owned()];
        let all = Query {
            from_site: Some(SiteId(3)),
            from_agency: Some(AgencyId(4)),
            from_channel: None,
            theme_class: Some("综合政务".into()),
            kind: Some(ResourceKind::Policy),
            tags: vec!["教育".into(), "营商环境".into()],
        };
        assert!(all.wants(&facts(&tags)));
        for wrong in [
            Query { from_site: Some(SiteId(9)), ..all.clone() },
            Query { from_agency: Some(AgencyId(9)), ..all.clone() },
            Query { theme_class: Some("综合政务\\其他".into()), ..all.clone() },
            Query { kind: Some(ResourceKind::Guide), ..all.clone() },
            Query { tags: vec!["教育".into()], ..all.clone() },
        ] {
            assert!(!wrong.wants(&facts(&tags)), "{wrong:?}");
        }
    }

    #[test]
    fn a_query_is_found_under_one_of_the_words_of_what_it_wants() {
        let tags = ["营商环境".to_owned()];
        for query in [
            Query { from_site: Some(SiteId(3)), tags: tags.to_vec(), ..Query::default() },
            Query { from_agency: Some(AgencyId(4)), ..Query::default() },
            Query { theme_class: Some("综合政务".into()), ..Query::default() },
            Query { theme_class: Some("综合政务\\政务公开".into()), ..Query::default() },
            Query { kind: Some(ResourceKind::Policy), ..Query::default() },
            Query { tags: tags.to_vec(), ..Query::default() },
        ] {
            let lead = query.lead().unwrap();
            assert!(facts(&tags).leads().contains(&lead), "{lead}");
        }
        assert_eq!(Query::default().lead(), None);
    }
}
