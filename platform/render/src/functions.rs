//! The functions templates read the library through. Each call adds what it read to the page's keys.
//!
//! All pages of a batch read one snapshot, so what one of them asked is answered to the others from memory, keys and all.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use minijinja::value::{Kwargs, Serde};
use minijinja::{Error, ErrorKind, State, Value};
use model::{Key, Keys, SiteId};

use crate::context::{BlockContext, CardContext, ChannelContext, NavItem, NoticeContext, SiteContext, SiteLink, StandingContext};
use crate::fragment::Fragment;

/// Which cards a template asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
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
    /// The blocks that stand in a slot of the home page, or of the front page of a topic.
    fn blocks(&self, slot: &str, topic: Option<&str>, keys: &mut Keys) -> Result<Vec<BlockContext>, LibraryError>;
    /// How the site stands; none while it is simply open.
    fn standing(&self, keys: &mut Keys) -> Result<Option<StandingContext>, LibraryError>;
    /// Every site of the platform.
    fn sites(&self, keys: &mut Keys) -> Result<Vec<SiteLink>, LibraryError>;
    /// The address of an asset.
    fn asset(&self, name: &str, keys: &mut Keys) -> Result<String, LibraryError>;
}

/// A question a template may ask.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Question {
    Nav { whole: bool },
    Channel(String),
    Cards(CardsWanted),
    Notices(String),
    Blocks(String, Option<String>),
    Standing,
    Sites,
    Asset(String),
    Fragment(Fragment),
}

/// A site's library with what it has answered so far. Lasts as long as the snapshot that the library reads.
pub struct Answers {
    library: Arc<dyn Library>,
    id: SiteId,
    site: Value,
    given: Mutex<HashMap<Question, (Value, Keys)>>,
}

impl Answers {
    /// Nothing asked yet.
    pub fn new(library: Arc<dyn Library>, id: SiteId, site: SiteContext) -> Self {
        Self { library, id, site: Value::from(Serde(site)), given: Mutex::default() }
    }

    /// The site as templates see it.
    pub(crate) fn site(&self) -> Value {
        self.site.clone()
    }

    /// What a page that used a template of this site depends on.
    pub(crate) fn template_key(&self, name: &str) -> Key {
        Key::file(self.id, &format!("templates/{name}"))
    }

    fn given(&self) -> MutexGuard<'_, HashMap<Question, (Value, Keys)>> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, question: &Question, read: &mut Keys) -> Result<Value, LibraryError> {
        let library = self.library.as_ref();
        Ok(match question {
            Question::Nav { whole } => Value::from(Serde(library.nav(*whole, read)?)),
            Question::Channel(key) => Value::from(Serde(library.channel(key, read)?)),
            Question::Cards(wanted) => Value::from(Serde(library.cards(wanted, read)?)),
            Question::Notices(kind) => Value::from(Serde(library.notices(kind, read)?)),
            Question::Blocks(slot, topic) => Value::from(Serde(library.blocks(slot, topic.as_deref(), read)?)),
            Question::Standing => Value::from(Serde(library.standing(read)?)),
            Question::Sites => Value::from(Serde(library.sites(read)?)),
            Question::Asset(name) => Value::from(library.asset(name, read)?),
            Question::Fragment(_) => return Err(LibraryError("a fragment is rendered, not found".into())),
        })
    }
}

/// One page's view of the library, and what was read through it.
pub(crate) struct Reading {
    answers: Arc<Answers>,
    keys: Mutex<Keys>,
}

impl Reading {
    pub(crate) fn new(answers: Arc<Answers>, keys: Keys) -> Arc<Self> {
        Arc::new(Self { answers, keys: Mutex::new(keys) })
    }

    pub(crate) fn answers(&self) -> &Arc<Answers> {
        &self.answers
    }

    /// Takes out everything read so far.
    pub(crate) fn take_keys(&self) -> Keys {
        std::mem::take(&mut *self.keys())
    }

    /// The answer given before, and noted as read by this page.
    pub(crate) fn recall(&self, question: &Question) -> Option<Value> {
        let given = self.answers.given();
        let (answer, read) = given.get(question)?;
        self.keys().extend(read.iter().cloned());
        Some(answer.clone())
    }

    /// Keeps an answer for the pages to come, and notes it as read by this one.
    pub(crate) fn learn(&self, question: Question, answer: Value, read: Keys) -> Value {
        self.keys().extend(read.iter().cloned());
        self.answers.given().insert(question, (answer.clone(), read));
        answer
    }

    fn keys(&self) -> MutexGuard<'_, Keys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask(&self, question: Question) -> Result<Value, Error> {
        if let Some(known) = self.recall(&question) {
            return Ok(known);
        }
        let mut read = Keys::new();
        let found = self.answers.find(&question, &mut read);
        let found = found.map_err(|error| Error::new(ErrorKind::InvalidOperation, error.0))?;
        Ok(self.learn(question, found, read))
    }

    /// The functions bound to this page, by name. They go into the context, so macros and includes see them too.
    pub(crate) fn functions(self: &Arc<Self>) -> BTreeMap<String, Value> {
        let mut functions = self.questions();
        let reading = Arc::clone(self);
        let fragment = move |state: &State, template: String, arguments: Kwargs| {
            Fragment::wanted(template, &arguments)?.answer(&reading, state)
        };
        functions.insert("fragment".to_owned(), Value::from_function(fragment));
        functions
    }

    /// The functions that read the library.
    pub(crate) fn questions(self: &Arc<Self>) -> BTreeMap<String, Value> {
        let mut functions = BTreeMap::new();
        let mut add = |name: &str, function: Value| {
            functions.insert(name.to_owned(), function);
        };
        let reading = Arc::clone(self);
        add("nav", Value::from_function(move || reading.ask(Question::Nav { whole: false })));
        let reading = Arc::clone(self);
        add("tree", Value::from_function(move || reading.ask(Question::Nav { whole: true })));
        let reading = Arc::clone(self);
        add("sites", Value::from_function(move || reading.ask(Question::Sites)));
        let reading = Arc::clone(self);
        add("find_channel", Value::from_function(move |key: String| reading.ask(Question::Channel(key))));
        let reading = Arc::clone(self);
        add("notices", Value::from_function(move |kind: String| reading.ask(Question::Notices(kind))));
        let reading = Arc::clone(self);
        let blocks = move |slot: String, topic: Option<String>| reading.ask(Question::Blocks(slot, topic));
        add("blocks", Value::from_function(blocks));
        let reading = Arc::clone(self);
        add("standing", Value::from_function(move || reading.ask(Question::Standing)));
        let reading = Arc::clone(self);
        add("asset", Value::from_function(move |name: String| reading.ask(Question::Asset(name))));
        let reading = Arc::clone(self);
        let resources = move |arguments: Kwargs| reading.ask(Question::Cards(wanted(&arguments)?));
        add("resources", Value::from_function(resources));
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
