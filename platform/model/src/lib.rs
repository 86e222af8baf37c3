//! The nouns of the platform and their rules: typed ids, sites, the library, reviews, permissions, the working-day calendar, the clock.
//!
//! No I/O happens here. Every other room speaks in these words.

pub mod alarm;
pub mod audit;
pub mod batch;
pub mod calendar;
pub mod channel;
pub mod clock;
mod column_type;
mod dictionary;
mod group;
pub mod id;
pub mod key;
pub mod markup;
pub mod media;
pub mod notice;
pub mod number;
pub mod offer;
pub mod page;
pub mod person;
pub mod problem;
pub mod proof;
pub mod prose;
pub mod publication;
pub mod redirect;
pub mod resource;
pub mod review;
pub mod saved_view;
pub mod schedule;
pub mod site;
pub mod subscription;
pub mod text;
pub mod theme_class;
pub mod word;
pub mod work;
pub mod working_copy;

pub use alarm::{Alarm, FaultKind};
pub use audit::{Actor, AuditEntry};
pub use batch::{Batch, BatchDeed, BatchItem, BatchItemState, BatchTally};
pub use calendar::{Calendar, CalendarError};
pub use channel::{Channel, ChannelTree, Late};
pub use clock::{Clock, FixedClock, SystemClock, from_local, local};
pub use column_type::{ColumnTypes, column_types};
pub use dictionary::Dictionary;
pub use group::{Group, GroupContent};
pub use id::*;
pub use key::{Key, Keys};
pub use media::{Media, MediaKind, MediaRole, Rendition};
pub use notice::{Notice, NoticeContent, NoticeKind, NoticeState};
pub use number::{DocumentNumber, IndexNumber, NumberError};
pub use offer::{Offer, OfferState};
pub use page::{Page, PageKind, PageSpec, PageState};
pub use person::{Grant, Permission, Person, Role, User};
pub use problem::Problem;
pub use publication::{Outcome, Publication, PublicationKind, Receipt, ReceiptPage};
pub use redirect::Redirect;
pub use resource::{
    Card, Content, Genre, Openness, Origin, Placement, Resource, ResourceKind, ResourceState, Revision, Validity, WorkState,
};
pub use review::{Review, ReviewError, Seen, Submission, SubmissionState, Verdict};
pub use saved_view::SavedView;
pub use schedule::{Deed, Schedule, ScheduleState, Times};
pub use site::{Agency, Site};
pub use subscription::{Acceptance, Subscription};
pub use theme_class::{ThemeClass, UnknownThemeClass};
pub use word::UnknownWord;
pub use work::{Event, EventKind, Job, JobState, Lane};
pub use working_copy::{WorkingCopy, Writing};
