//! The people of one site at work.

use chrono::{NaiveDateTime, TimeDelta};
use model::{Actor, Channel, Content, MediaId, Offer, Placement, ResourceId, SiteId, Times, Verdict};
use publish::CommandError;
use publish::commands::draft::{self, NewDraft};
use publish::commands::media::{self, Description, Upload};
use publish::commands::offer::Terms;
use publish::commands::placement::Wishes;
use publish::commands::review::{self, Opinion};
use publish::commands::{offer, offer_review, submission, times};
use store::Connection;
use testkit::House;

use super::deed::Decision;
use super::{CHANNELS, SITES};

/// An editor, a reviewer, an administrator and their site.
pub struct Office<'h> {
    pub house: &'h House,
    pub site: SiteId,
    pub editor: Actor,
    pub reviewer: Actor,
    pub admin: Actor,
}

impl<'h> Office<'h> {
    pub fn of(house: &'h House, site: usize) -> Self {
        let key = SITES[site];
        let (editor, reviewer) = (house.actor(&format!("{key}-editor")), house.actor(&format!("{key}-review1")));
        let admin = house.actor(&format!("{key}-admin"));
        Self { house, site: house.site(key).id, editor, reviewer, admin }
    }

    /// That of a site known by its number.
    pub fn at(house: &'h House, id: SiteId) -> Self {
        let site = SITES.iter().position(|key| house.site(key).id == id).unwrap();
        Self::of(house, site)
    }

    pub fn now(&self) -> NaiveDateTime {
        self.house.engine().clock.now()
    }

    pub fn channel(&self, channel: usize) -> Option<Channel> {
        let tree = self.read(|connection| store::channels::tree(connection, self.site));
        tree.by_key(CHANNELS[channel]).cloned()
    }

    /// Writes something; nothing is live yet.
    pub fn write(&self, channel: usize, content: Content) -> Result<Option<ResourceId>, CommandError> {
        self.channel(channel).map(|channel| self.write_in(&channel, content)).transpose()
    }

    /// Writes something in whatever channel.
    pub fn write_in(&self, channel: &Channel, content: Content) -> Result<ResourceId, CommandError> {
        let new = NewDraft { channel: channel.id, kind: channel.resource_kind, content };
        draft::create(self.house.engine(), &self.editor, self.site, new)
    }

    /// Writes a revision and passes the one review.
    pub fn rewrite(&self, id: ResourceId, content: Content, publish_at: Option<NaiveDateTime>) -> Result<(), CommandError> {
        draft::save(self.house.engine(), &self.editor, self.site, id, self.version(id), content)?;
        self.approve(id, publish_at)
    }

    /// Hands in and passes the one review.
    pub fn approve(&self, id: ResourceId, publish_at: Option<NaiveDateTime>) -> Result<(), CommandError> {
        let engine = self.house.engine();
        if publish_at.is_some() {
            times::ask(engine, &self.editor, self.site, id, Times { publish_at, withdraw_at: None })?;
        }
        submission::submit(engine, &self.editor, self.site, id, self.version(id))?;
        review::give(engine, &self.reviewer, self.site, id, opinion()).map(|_| ())
    }

    /// Brings a file that must be taken, and says what is in it.
    pub fn bring(&self, name: &str, bytes: Vec<u8>) -> MediaId {
        let engine = self.house.engine();
        let kept = media::upload(engine, &self.editor, self.site, Upload { name: name.to_owned(), bytes }).unwrap();
        kept.media().id
    }

    pub fn describe(&self, id: MediaId, alt: &str, focal: i32) -> Result<(), CommandError> {
        let said = Description { alt: alt.to_owned(), focal_x: focal, focal_y: 100 - focal };
        media::describe(self.house.engine(), &self.editor, self.site, id, said)
    }

    /// Answers an offer that waits.
    pub fn decide(&self, offer: &Offer, decision: Decision) -> Result<(), CommandError> {
        let (engine, reviewer) = (self.house.engine(), &self.reviewer);
        match decision {
            Decision::Accept(after, slug) => {
                let at = after.map(|seconds| self.now() + TimeDelta::seconds(seconds));
                let slug = if slug { format!("o{}", offer.id) } else { String::new() };
                let wishes = Wishes { slug, title_prefix: "〔荐〕".into() };
                offer::accept(engine, reviewer, self.site, offer.id, &Terms { at, wishes }).map(|_| ())
            }
            Decision::Decline => offer::decline(engine, reviewer, self.site, offer.id, "不相关"),
            Decision::Review => {
                offer_review::begin(engine, &self.editor, self.site, offer.id)?;
                offer_review::give(engine, reviewer, self.site, offer.id, &opinion(), &Terms::default()).map(|_| ())
            }
        }
    }

    /// Where a resource is or was shown, on whatever site.
    pub fn places(house: &House, id: ResourceId) -> Vec<Placement> {
        house.engine().store.read(|connection| store::placements::list_by_resource(connection, id)).unwrap()
    }

    /// What waits for a decision about a resource, on whatever site.
    pub fn offers(house: &House, id: ResourceId) -> Vec<Offer> {
        let all = house.engine().store.read(|connection| store::offers::list_by_resource(connection, id)).unwrap();
        all.into_iter().filter(|offer| offer.state.is_undecided()).collect()
    }

    fn version(&self, id: ResourceId) -> i64 {
        self.read(|connection| store::resources::find(connection, self.site, id)).unwrap().version
    }

    pub fn read<T>(&self, queries: impl FnOnce(&mut Connection) -> store::Result<T>) -> T {
        self.house.engine().store.read(queries).unwrap()
    }
}

fn opinion() -> Opinion {
    Opinion { submission: None, step: 0, verdict: Verdict::Approve, reason: String::new(), times: None }
}
