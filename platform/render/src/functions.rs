//! The functions templates read the library through. Each call adds what it read to the page's keys.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::{Kwargs, Serde};
use minijinja::{Error, ErrorKind, Value};
use model::Keys;

use crate::context::{CardContext, ChannelContext, NavItem, NoticeContext, SiteLink};

/// Which cards a template asks for.
#[derive(Clone, Debug, Default)]
pub struct CardsWanted {
    /// Short names of channels; empty: the whole site.
    pub channels: Vec<String>,
    /// With the channels below them.
    pub deep: bool,
    /// Of this kind alone.
    pub kind: Option<String>,
    /// How many to pass over.
    pub offset: i64,
    /// How many at most.
    pub limit: i64,
}

/// Why the library could not answer; the page fails with this sentence.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct LibraryError(pub String);

/// What a site's templates may ask of the library. Every answer adds the keys it depends on, also when it is empty.
pub trait Library: Send + Sync {
    /// The channel tree from the top; `whole` with channels outside the navigation.
    fn nav(&self, whole: bool, keys: &mut Keys) -> Result<Vec<NavItem>, LibraryError>;
    /// A channel by its short name; none when the site has no such channel.
    fn channel(&self, key: &str, keys: &mut Keys) -> Result<Option<ChannelContext>, LibraryError>;
    /// Cards, newest first.
    fn cards(&self, wanted: &CardsWanted, keys: &mut Keys) -> Result<Vec<CardContext>, LibraryError>;
    /// The notices of a kind that are on, the latest first.
    fn notices(&self, kind: &str, keys: &mut Keys) -> Result<Vec<NoticeContext>, LibraryError>;
    /// Every site of the platform.
    fn sites(&self, keys: &mut Keys) -> Result<Vec<SiteLink>, LibraryError>;
    /// The address of an asset.
    fn asset(&self, name: &str, keys: &mut Keys) -> Result<String, LibraryError>;
}

/// One page's view of the library, and what was read through it.
pub(crate) struct Reading {
    library: Arc<dyn Library>,
    keys: Mutex<Keys>,
}

impl Reading {
    pub(crate) fn new(library: Arc<dyn Library>, keys: Keys) -> Arc<Self> {
        Arc::new(Self { library, keys: Mutex::new(keys) })
    }

    /// Everything read so far.
    pub(crate) fn keys(&self) -> Keys {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn ask<T>(&self, question: impl FnOnce(&dyn Library, &mut Keys) -> Result<T, LibraryError>) -> Result<T, Error> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        question(self.library.as_ref(), &mut keys).map_err(|error| Error::new(ErrorKind::InvalidOperation, error.0))
    }

    /// The functions bound to this page, by name. They go into the context, so macros and includes see them too.
    pub(crate) fn functions(self: &Arc<Self>) -> BTreeMap<String, Value> {
        let mut functions = BTreeMap::new();
        let mut add = |name: &str, function: Value| {
            functions.insert(name.to_owned(), function);
        };
        let reading = Arc::clone(self);
        add("nav", Value::from_function(move || reading.ask(|library, keys| library.nav(false, keys)).map(Serde)));
        let reading = Arc::clone(self);
        add("tree", Value::from_function(move || reading.ask(|library, keys| library.nav(true, keys)).map(Serde)));
        let reading = Arc::clone(self);
        add("sites", Value::from_function(move || reading.ask(|library, keys| library.sites(keys)).map(Serde)));
        let reading = Arc::clone(self);
        add(
            "find_channel",
            Value::from_function(move |key: &str| reading.ask(|library, keys| library.channel(key, keys)).map(Serde)),
        );
        let reading = Arc::clone(self);
        add(
            "notices",
            Value::from_function(move |kind: &str| reading.ask(|library, keys| library.notices(kind, keys)).map(Serde)),
        );
        let reading = Arc::clone(self);
        add("asset", Value::from_function(move |name: &str| reading.ask(|library, keys| library.asset(name, keys))));
        let reading = Arc::clone(self);
        add(
            "resources",
            Value::from_function(move |arguments: Kwargs| {
                let wanted = wanted(&arguments)?;
                reading.ask(|library, keys| library.cards(&wanted, keys)).map(Serde)
            }),
        );
        functions
    }
}

/// More than this on one page is a mistake of the template, not a wish.
const MOST_CARDS: i64 = 200;

fn wanted(arguments: &Kwargs) -> Result<CardsWanted, Error> {
    let mut channels: Vec<String> = arguments.get::<Option<Vec<String>>>("channels")?.unwrap_or_default();
    channels.extend(arguments.get::<Option<String>>("channel")?);
    let wanted = CardsWanted {
        channels,
        deep: arguments.get::<Option<bool>>("deep")?.unwrap_or(false),
        kind: arguments.get("kind")?,
        offset: arguments.get::<Option<i64>>("offset")?.unwrap_or(0).max(0),
        limit: arguments.get::<Option<i64>>("limit")?.unwrap_or(10).clamp(0, MOST_CARDS),
    };
    arguments.assert_all_used()?;
    Ok(wanted)
}
