//! What may be done in a case, and what sites and themes are like before it.

use proptest::prelude::*;

use super::ask::{Ask, TEMPLATES, asks};
use super::{ASSETS, CHANNELS, SITES, THEMES};

/// What sites and themes are like in the beginning.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The theme of each site.
    pub themes: [usize; 3],
    pub page_size: i32,
    /// What each template of each theme asks for.
    pub templates: Vec<Vec<Ask>>,
}

/// A channel of a site.
pub type At = (usize, usize);

/// One of the resources, and one of the places it is shown in.
pub type Shown = (usize, usize);

/// Seconds from now.
pub type After = i64;

/// One thing that somebody does. Numbers choose among what is there.
#[derive(Clone, Debug)]
pub enum Deed {
    /// At once, or later.
    Publish(At, Option<After>),
    Edit(usize, Option<After>),
    /// A revision with a picture, as its cover too.
    Illustrate(usize, usize),
    /// A revision with a file to take away.
    Attach(usize),
    /// A revision whose text leads to another one.
    Link(usize, usize),
    /// A revision that explains one of the policy files.
    Explain(usize, usize),
    /// Says something else of one of the pictures, and that something else matters in it.
    Describe(usize, i32),
    Withdraw(usize),
    TakeDown(usize),
    Move(usize, usize),
    Expire(usize, After),
    /// Address, and whether the title has a prefix.
    SetPlace(Shown, bool, bool),
    RemovePlace(Shown),
    ExpireHere(Shown, After),
    Pin(Shown, Option<After>, After),
    Unpin(Shown),
    /// On one site or on all.
    Post(Option<usize>, usize, Option<After>, Option<After>),
    EndNotice(usize),
    /// In the console, what is said of a channel and whether the navigation shows it.
    DescribeChannel(At),
    /// Below another channel or at the top, in front of another or last.
    PlaceChannel(At, Option<usize>, Option<usize>),
    /// In the console: retired when it stands, restored when it is retired.
    CloseChannel(At),
    /// In the console, from the template of the theme.
    OpenTopic(At),
    /// In the console: what was opened is shown to the public, with all that waits in it.
    ShowTopic(usize),
    /// In the console, the home page: a block for each of these channels, live at once; none of them: as the theme begins.
    ArrangeHome(usize, Vec<usize>),
    /// In the console, the home page: as it was before it was as it is, live at once.
    RestoreHome(usize),
    /// In the console, one of the pictures last on the home page, leading to one of the resources, live at once.
    ShowPicture(usize, usize, usize),
    /// Takes a site offline, brings it back, announces its closing, calls that off.
    Stand(usize, usize),
    Push(usize, At),
    Decide(usize, Decision),
    Wait(After),
    RenameChannel(At),
    RenameSite(usize),
    ChangeSetting(usize),
    /// Retired when declared, declared again when retired.
    RetireChannel(At),
    ResizeLists(At, i32),
    SwitchTheme(usize),
    RewriteTemplate {
        theme: usize,
        template: usize,
        asks: Vec<Ask>,
    },
    OverrideTemplate {
        site: usize,
        template: usize,
        asks: Vec<Ask>,
    },
    ChangeThemeAsset(usize, usize),
    /// The home page that a theme begins with shows another channel.
    BeginWith(usize, usize),
    ChangeSiteAsset(usize, usize),
    /// Asked for when it is not, no longer when it is; whether the site wants to decide.
    Subscribe(At, At, bool),
}

/// What a site answers to an offer.
#[derive(Clone, Copy, Debug)]
pub enum Decision {
    /// At once or later; whether under an address of its own.
    Accept(Option<After>, bool),
    Decline,
    Review,
}

impl Deed {
    /// How many seconds pass before it.
    pub fn takes(&self) -> i64 {
        if let Self::Wait(seconds) = self { *seconds } else { 1 }
    }
}

pub fn plan() -> impl Strategy<Value = Plan> {
    let templates = proptest::collection::vec(asks(), THEMES.len() * TEMPLATES.len());
    (proptest::array::uniform3(0..THEMES.len()), 1..4, templates).prop_map(|(themes, page_size, templates)| Plan {
        themes,
        page_size,
        templates,
    })
}

/// First something is published, so that there is something to do things with; then whatever chance brings.
pub fn deeds(most: usize) -> impl Strategy<Value = Vec<Deed>> {
    let published = proptest::collection::vec(at().prop_map(|at| Deed::Publish(at, None)), 1..4);
    let others = proptest::collection::vec(prop_oneof![4 => of_editors(), 3 => of_sites(), 2 => of_operators()], 1..most);
    (published, others).prop_map(|(published, others)| published.into_iter().chain(others).collect())
}

fn of_editors() -> impl Strategy<Value = Deed> {
    let (which, later) = (|| 0..40_usize, || prop_oneof![3 => Just(None), 1 => (1..6_i64).prop_map(Some)]);
    prop_oneof![
        8 => (at(), later()).prop_map(|(at, later)| Deed::Publish(at, later)),
        3 => (which(), later()).prop_map(|(which, later)| Deed::Edit(which, later)),
        2 => (which(), 0..3_usize).prop_map(|(which, picture)| Deed::Illustrate(which, picture)),
        1 => which().prop_map(Deed::Attach),
        2 => (which(), which()).prop_map(|(which, other)| Deed::Link(which, other)),
        2 => (which(), which()).prop_map(|(which, policy)| Deed::Explain(which, policy)),
        1 => (which(), 0..100).prop_map(|(which, focal)| Deed::Describe(which, focal)),
        2 => which().prop_map(Deed::Withdraw),
        1 => which().prop_map(Deed::TakeDown),
        2 => (which(), 0..CHANNELS.len()).prop_map(|(which, channel)| Deed::Move(which, channel)),
        1 => (which(), 1..6_i64).prop_map(|(which, after)| Deed::Expire(which, after)),
        2 => (1..8_i64).prop_map(Deed::Wait),
    ]
}

fn of_sites() -> impl Strategy<Value = Deed> {
    let (which, later) = (|| 0..40_usize, || prop_oneof![2 => Just(None), 1 => (1..6_i64).prop_map(Some)]);
    let shown = || (0..40_usize, 0..4_usize);
    prop_oneof![
        2 => (shown(), any::<bool>(), any::<bool>()).prop_map(|(shown, slug, prefix)| Deed::SetPlace(shown, slug, prefix)),
        1 => shown().prop_map(Deed::RemovePlace),
        1 => (shown(), 1..6_i64).prop_map(|(shown, after)| Deed::ExpireHere(shown, after)),
        3 => (shown(), later(), 6..20_i64).prop_map(|(shown, from, until)| Deed::Pin(shown, from, until)),
        1 => shown().prop_map(Deed::Unpin),
        2 => (prop::option::of(0..SITES.len()), 0..3_usize, later(), prop::option::of(6..20_i64))
            .prop_map(|(site, kind, from, until)| Deed::Post(site, kind, from, until)),
        1 => which().prop_map(Deed::EndNotice),
        1 => at().prop_map(Deed::DescribeChannel),
        2 => (at(), beside(), beside()).prop_map(|(at, parent, before)| Deed::PlaceChannel(at, parent, before)),
        2 => at().prop_map(Deed::CloseChannel),
        1 => at().prop_map(Deed::OpenTopic),
        1 => (0..SITES.len()).prop_map(Deed::ShowTopic),
        2 => (0..SITES.len(), proptest::collection::vec(0..CHANNELS.len(), 0..3))
            .prop_map(|(site, channels)| Deed::ArrangeHome(site, channels)),
        1 => (0..SITES.len()).prop_map(Deed::RestoreHome),
        2 => (0..SITES.len(), 0..3_usize, which()).prop_map(|(site, picture, which)| Deed::ShowPicture(site, picture, which)),
        2 => (0..SITES.len(), 0..4_usize).prop_map(|(site, how)| Deed::Stand(site, how)),
        3 => (which(), at()).prop_map(|(which, at)| Deed::Push(which, at)),
        3 => (which(), decision()).prop_map(|(which, decision)| Deed::Decide(which, decision)),
        3 => (at(), at(), any::<bool>()).prop_map(|(at, from, decides)| Deed::Subscribe(at, from, decides)),
    ]
}

fn of_operators() -> impl Strategy<Value = Deed> {
    let (site, theme, asset) = (|| 0..SITES.len(), || 0..THEMES.len(), || 0..ASSETS.len());
    prop_oneof![
        1 => at().prop_map(Deed::RenameChannel),
        1 => site().prop_map(Deed::RenameSite),
        1 => site().prop_map(Deed::ChangeSetting),
        1 => at().prop_map(Deed::RetireChannel),
        1 => (at(), 1..4).prop_map(|(at, page_size)| Deed::ResizeLists(at, page_size)),
        1 => site().prop_map(Deed::SwitchTheme),
        2 => (theme(), 0..TEMPLATES.len(), asks())
            .prop_map(|(theme, template, asks)| Deed::RewriteTemplate { theme, template, asks }),
        1 => (site(), 0..TEMPLATES.len(), asks())
            .prop_map(|(site, template, asks)| Deed::OverrideTemplate { site, template, asks }),
        1 => (theme(), asset()).prop_map(|(theme, asset)| Deed::ChangeThemeAsset(theme, asset)),
        1 => (theme(), 0..CHANNELS.len()).prop_map(|(theme, channel)| Deed::BeginWith(theme, channel)),
        1 => (site(), asset()).prop_map(|(site, asset)| Deed::ChangeSiteAsset(site, asset)),
    ]
}

/// Another channel, or none.
fn beside() -> impl Strategy<Value = Option<usize>> {
    prop::option::of(0..CHANNELS.len())
}

fn at() -> impl Strategy<Value = At> {
    (0..SITES.len(), 0..CHANNELS.len())
}

fn decision() -> impl Strategy<Value = Decision> {
    let later = prop_oneof![2 => Just(None), 1 => (1..6_i64).prop_map(Some)];
    let accept = (later, any::<bool>()).prop_map(|(later, slug)| Decision::Accept(later, slug));
    prop_oneof![3 => accept, 1 => Just(Decision::Decline), 2 => Just(Decision::Review)]
}
