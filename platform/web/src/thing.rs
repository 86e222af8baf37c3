//! What lies in channels of a site and is named in the path of a route: the permission is asked for where it lies.

use model::{ChannelId, OfferId, PlacementId, ResourceId, SiteId};
use store::{Connection, offers, placements, resources};

/// What a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    /// A text of the site.
    Text,
    /// A text that the site shows, its own or another's.
    Shown,
    /// An offer that the site received.
    Offer,
    /// An offer that the site made.
    Sent,
    /// A placement on the site.
    Placement,
}

impl Thing {
    /// The parameter that names it.
    pub fn parameter(self) -> &'static str {
        match self {
            Self::Text | Self::Shown => "id",
            Self::Offer | Self::Sent => "offer",
            Self::Placement => "placement",
        }
    }

    /// In which channels of the site it lies: an offer where it is to be shown, and where its text lies for the site that made it.
    /// In none: the site has no such thing.
    pub(crate) fn channels(self, connection: &mut Connection, site: SiteId, id: i64) -> store::Result<Vec<ChannelId>> {
        let one = match self {
            Self::Text => lies_in(connection, site, ResourceId(id))?,
            Self::Shown => {
                let placed = placements::list_by_resource(connection, ResourceId(id))?;
                let here = placed.iter().filter(|placement| placement.site_id == site).map(|placement| placement.channel_id);
                return Ok(here.chain(lies_in(connection, site, ResourceId(id))?).collect());
            }
            Self::Offer => offers::find_received(connection, site, OfferId(id))?.map(|offer| offer.channel_id),
            Self::Sent => match offers::find_sent(connection, site, OfferId(id))? {
                Some(offer) => lies_in(connection, site, offer.resource_id)?,
                None => None,
            },
            Self::Placement => placements::find(connection, site, PlacementId(id))?.map(|placement| placement.channel_id),
        };
        Ok(one.into_iter().collect())
    }
}

fn lies_in(connection: &mut Connection, site: SiteId, text: ResourceId) -> store::Result<Option<ChannelId>> {
    Ok(resources::find(connection, site, text)?.map(|text| text.channel_id))
}
