//! The promise of the engine, tried with chance: whatever people and operators do, in whatever order, on whatever sites and
//! themes, the pages afterwards are byte for byte those of a render from nothing.
//!
//! A new deed of the platform belongs here: a variant of [`Deed`], an arm in [`deed`] and one in `World::act`.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use config::{ChannelManifest, SiteManifest, SubscriptionManifest};
use model::{Actor, ChannelId, ResourceId, ResourceKind, SiteId, Verdict};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use publish::CommandError;
use publish::commands::draft::{self, NewDraft};
use publish::commands::review::{self, Opinion};
use publish::commands::{relocation, submission, withdrawal};
use server::Role;
use server::commands::apply_sites;
use testkit::{Backend, Dice, House, HouseOptions, project_root};

use crate::rebuild::{difference, files_of, rebuilt};

const CASES: u32 = 12;

/// Deeds of one case, at most.
const DEEDS: usize = 9;

/// How long a deed may take to be on every page.
const PATIENCE: Duration = Duration::from_mins(1);

const SITES: [&str; 3] = ["one", "two", "three"];
const THEMES: [&str; 2] = ["plain", "other"];
const CHANNELS: [&str; 4] = ["news", "notes", "rules", "cases"];
const TEMPLATES: [&str; 6] = ["home.html", "channel.html", "article.html", "sitemap.html", "error.html", "_part.html"];
const ASSETS: [&str; 3] = ["a.css", "b.js", "c.svg"];

#[test]
fn whatever_happens_the_pages_are_those_of_a_render_from_nothing() {
    let mut dice = Dice::thrown("incremental");
    let seed: Vec<u8> = (0..32).map(|_| u8::try_from(dice.below(256)).unwrap()).collect();
    let config = Config { cases: CASES, max_shrink_iters: 80, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let result = runner.run(&(plan(), proptest::collection::vec(deed(), 1..DEEDS)), |(plan, deeds)| {
        runtime.block_on(play(&plan, &deeds)).map_err(TestCaseError::fail)
    });
    if let Err(TestError::Fail(reason, (plan, deeds))) = result {
        let lines = |deeds: &[Deed]| deeds.iter().map(|deed| format!("  {deed:?}")).collect::<Vec<_>>().join("\n");
        panic!("{reason}\n\nThe shortest way there that was found, from {plan:?}:\n{}", lines(&deeds));
    }
    result.unwrap();
}

/// What sites and themes are like in the beginning.
#[derive(Clone, Debug)]
struct Plan {
    /// The theme of each site.
    themes: [usize; 3],
    page_size: i32,
    /// What each template of each theme asks for.
    templates: Vec<Vec<Ask>>,
}

/// One thing that somebody does. Numbers choose among what is there.
#[derive(Clone, Debug)]
enum Deed {
    Publish {
        site: usize,
        channel: usize,
    },
    Edit {
        which: usize,
    },
    Withdraw {
        which: usize,
    },
    Move {
        which: usize,
        channel: usize,
    },
    RenameChannel {
        site: usize,
        channel: usize,
    },
    RenameSite {
        site: usize,
    },
    ChangeSetting {
        site: usize,
    },
    /// Retired when declared, declared again when retired.
    RetireChannel {
        site: usize,
        channel: usize,
    },
    ResizeLists {
        site: usize,
        channel: usize,
        page_size: i32,
    },
    SwitchTheme {
        site: usize,
    },
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
    ChangeThemeAsset {
        theme: usize,
        asset: usize,
    },
    ChangeSiteAsset {
        site: usize,
        asset: usize,
    },
    /// Asked for when it is not, no longer when it is.
    Subscribe {
        site: usize,
        channel: usize,
        from_site: usize,
        from_channel: usize,
    },
}

/// Something a template asks the library for.
#[derive(Clone, Debug)]
enum Ask {
    Nav,
    Tree,
    Sites,
    FindChannel(usize),
    Resources { channels: Vec<usize>, limit: usize, offset: usize, deep: bool },
    Asset(usize),
    Site,
    Here,
    Part,
}

fn plan() -> impl Strategy<Value = Plan> {
    let templates = proptest::collection::vec(asks(), THEMES.len() * TEMPLATES.len());
    (proptest::array::uniform3(0..THEMES.len()), 1..4, templates).prop_map(|(themes, page_size, templates)| Plan {
        themes,
        page_size,
        templates,
    })
}

fn deed() -> impl Strategy<Value = Deed> {
    let (site, channel, theme, which) = (|| 0..SITES.len(), || 0..CHANNELS.len(), || 0..THEMES.len(), || 0..40_usize);
    prop_oneof![
        8 => (site(), channel()).prop_map(|(site, channel)| Deed::Publish { site, channel }),
        3 => which().prop_map(|which| Deed::Edit { which }),
        3 => which().prop_map(|which| Deed::Withdraw { which }),
        2 => (which(), channel()).prop_map(|(which, channel)| Deed::Move { which, channel }),
        1 => (site(), channel()).prop_map(|(site, channel)| Deed::RenameChannel { site, channel }),
        1 => site().prop_map(|site| Deed::RenameSite { site }),
        1 => site().prop_map(|site| Deed::ChangeSetting { site }),
        1 => (site(), channel()).prop_map(|(site, channel)| Deed::RetireChannel { site, channel }),
        1 => (site(), channel(), 1..4).prop_map(|(site, channel, page_size)| Deed::ResizeLists { site, channel, page_size }),
        1 => site().prop_map(|site| Deed::SwitchTheme { site }),
        2 => (theme(), 0..TEMPLATES.len(), asks())
            .prop_map(|(theme, template, asks)| Deed::RewriteTemplate { theme, template, asks }),
        1 => (site(), 0..TEMPLATES.len(), asks())
            .prop_map(|(site, template, asks)| Deed::OverrideTemplate { site, template, asks }),
        1 => (theme(), 0..ASSETS.len()).prop_map(|(theme, asset)| Deed::ChangeThemeAsset { theme, asset }),
        1 => (site(), 0..ASSETS.len()).prop_map(|(site, asset)| Deed::ChangeSiteAsset { site, asset }),
        2 => (site(), channel(), site(), channel()).prop_map(|(site, channel, from_site, from_channel)| {
            Deed::Subscribe { site, channel, from_site, from_channel }
        }),
    ]
}

fn asks() -> impl Strategy<Value = Vec<Ask>> {
    let channels = proptest::collection::vec(0..CHANNELS.len(), 0..3);
    let one = prop_oneof![
        Just(Ask::Nav),
        Just(Ask::Tree),
        Just(Ask::Sites),
        (0..CHANNELS.len() + 1).prop_map(Ask::FindChannel),
        (channels, 1..5_usize, 0..3_usize, any::<bool>()).prop_map(|(channels, limit, offset, deep)| Ask::Resources {
            channels,
            limit,
            offset,
            deep
        }),
        (0..ASSETS.len()).prop_map(Ask::Asset),
        Just(Ask::Site),
        Just(Ask::Here),
        Just(Ask::Part),
    ];
    proptest::collection::vec(one, 0..4)
}

const CARD: &str = "[{{ card.id }} {{ card.title }} {{ card.url }} {{ card.datetime }} {{ card.site_name }} {{ card.channel_name }} \
                    {{ card.channel_url }} {{ card.is_shared }} {{ card.summary }}]";

impl Ask {
    fn text(&self, template: usize) -> String {
        match self {
            Self::Nav => "{% for one in nav() %}{{ one.name }} {{ one.url }} {{ one.children|length }};{% endfor %}".into(),
            Self::Tree => {
                "{% for one in tree() recursive %}{{ one.key }} {{ one.description }}({{ loop(one.children) }}){% endfor %}"
                    .into()
            }
            Self::Sites => "{% for other in sites() %}{{ other.name }} {{ other.url }};{% endfor %}".into(),
            Self::FindChannel(channel) => {
                let key = CHANNELS.get(*channel).unwrap_or(&"nowhere");
                format!(
                    "{{% set found = find_channel(\"{key}\") %}}{{% if found %}}{{{{ found.name }}}} {{{{ found.url }}}}{{% else %}}none{{% endif %}}"
                )
            }
            Self::Resources { channels, limit, offset, deep } => {
                let keys: Vec<String> = channels.iter().map(|channel| format!("\"{}\"", CHANNELS[*channel])).collect();
                let from = if keys.is_empty() { String::new() } else { format!("channels=[{}], ", keys.join(", ")) };
                format!("{{% for card in resources({from}limit={limit}, offset={offset}, deep={deep}) %}}{CARD}{{% endfor %}}")
            }
            Self::Asset(asset) => format!("{{{{ asset(\"{}\") }}}}", ASSETS[*asset]),
            Self::Site => "{{ site.name }} {{ site.short_name }} {{ site.agency.phone }} {{ site.settings.colour }}".into(),
            Self::Here => format!(
                "{{{{ page.kind }}}} {{{{ page.path }}}} {{{{ page.title }}}} {{% if channel %}}{{{{ channel.name }}}} {{{{ channel.description }}}} \
                 {{% for step in channel.trail %}}{{{{ step.name }}}} {{{{ step.url }}}}/{{% endfor %}}{{% endif %}}\
                 {{% if listing %}}{{% for card in listing.items %}}{CARD}{{% endfor %}}{{{{ listing.number }}}} {{{{ listing.total }}}} \
                 {{{{ listing.newer_url }}}} {{{{ listing.older_url }}}} {{{{ listing.first_url }}}}{{% endif %}}\
                 {{% if article %}}{{{{ article.title }}}} {{{{ article.body|safe }}}} {{{{ article.published }}}} {{{{ article.index_number }}}} \
                 {{{{ article.owner.name }}}} {{{{ article.is_shared }}}} {{{{ article.canonical_url }}}}{{% endif %}}"
            ),
            // A part that includes itself would never end.
            Self::Part if template == TEMPLATES.len() - 1 => String::new(),
            Self::Part => "{% include \"_part.html\" %}".into(),
        }
    }
}

fn template_text(template: usize, asks: &[Ask]) -> String {
    let asked: Vec<String> = asks.iter().map(|ask| format!("<p>{}</p>", ask.text(template))).collect();
    format!("<main>\n{}\n</main>\n", asked.join("\n"))
}

/// Plays one case; says what is wrong, if anything.
async fn play(plan: &Plan, deeds: &[Deed]) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut world = World::of(plan, folder.path());
    let options = HouseOptions { backend: Backend::Sqlite, redis: false, sites: Some(folder.path().into()), duty: Role::Worker };
    let house = House::open_with(options).await.ok_or("no database")?;
    quiet(&house).await?;
    world.check(&house, 0).await.map_err(|wrong| format!("in the beginning: {wrong}"))?;
    for (number, deed) in (1..).zip(deeds) {
        world.act(&house, deed);
        quiet(&house).await.map_err(|wrong| format!("after deed {number}, {deed:?}: {wrong}"))?;
        world.check(&house, number).await.map_err(|wrong| format!("after deed {number}, {deed:?}: {wrong}"))?;
    }
    house.close().await;
    Ok(())
}

/// Waits until nothing waits; a page that fails is waited for by nobody.
async fn quiet(house: &House) -> Result<(), String> {
    let begun = Instant::now();
    while !house.engine().is_idle().unwrap() {
        let failed = house.engine().store.read(|connection| store::pages::list_failed(connection, 1)).unwrap();
        if let Some(page) = failed.first() {
            return Err(format!("{} failed: {:?}", page.path, page.failure));
        }
        if begun.elapsed() > PATIENCE {
            return Err("the queue does not empty".into());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

/// The folder of sites as it stands, and what has been written.
struct World {
    folder: PathBuf,
    sites: Vec<SiteManifest>,
    retired: Vec<(usize, ChannelManifest)>,
    resources: Vec<(usize, ResourceId)>,
    /// Makes every name and text a new one.
    turn: usize,
}

impl World {
    fn of(plan: &Plan, folder: &Path) -> Self {
        copy(&project_root().join("sites/_themes/_base"), &folder.join("_themes/_base"));
        let sites = (0..SITES.len()).map(|site| manifest(site, THEMES[plan.themes[site]], plan.page_size)).collect();
        let world = Self { folder: folder.into(), sites, retired: Vec::new(), resources: Vec::new(), turn: 0 };
        for (number, asks) in plan.templates.iter().enumerate() {
            let (theme, template) = (number / TEMPLATES.len(), number % TEMPLATES.len());
            world.write_template(&format!("_themes/{}", THEMES[theme]), template, asks);
        }
        for theme in THEMES {
            // A template that asks for a file that is not there fails its page, as it should.
            for asset in ASSETS {
                put(&folder.join(format!("_themes/{theme}/assets/{asset}")), "/* first */");
            }
        }
        for site in 0..SITES.len() {
            world.write_manifest(site);
        }
        world
    }

    fn act(&mut self, house: &House, deed: &Deed) {
        self.turn += 1;
        let turn = self.turn;
        match deed {
            Deed::Publish { site, channel } => self.publish(house, *site, *channel),
            Deed::Edit { which } => self.on(house, *which, |on, id| {
                let version = on.version(id);
                draft::save(on.house.engine(), &on.editor, on.site, id, version, content(turn))?;
                on.approve(id)
            }),
            Deed::Withdraw { which } => self
                .on(house, *which, |on, id| withdrawal::withdraw(on.house.engine(), &on.editor, on.site, id, "测试").map(|_| ())),
            Deed::Move { which, channel } => self.on(house, *which, |on, id| match on.channel(*channel) {
                Some(target) => relocation::relocate(on.house.engine(), &on.editor, on.site, id, target),
                None => Ok(()),
            }),
            Deed::RenameChannel { site, channel } => self.declare(house, *site, |manifest| {
                let named = manifest.channels.iter_mut().find(|declared| declared.key == CHANNELS[*channel]);
                if let Some(declared) = named {
                    declared.name = format!("栏目{turn}");
                }
            }),
            Deed::RenameSite { site } => self.declare(house, *site, |manifest| manifest.name = format!("站点{turn}")),
            Deed::ChangeSetting { site } => self.declare(house, *site, |manifest| {
                manifest.settings.insert("colour".into(), format!("#{turn}").into());
            }),
            Deed::RetireChannel { site, channel } => self.retire(house, *site, CHANNELS[*channel]),
            Deed::ResizeLists { site, channel, page_size } => self.declare(house, *site, |manifest| {
                let sized = manifest.channels.iter_mut().find(|declared| declared.key == CHANNELS[*channel]);
                if let Some(declared) = sized {
                    declared.page_size = *page_size;
                }
            }),
            Deed::SwitchTheme { site } => self.declare(house, *site, |manifest| {
                manifest.theme = THEMES.iter().find(|theme| **theme != manifest.theme).unwrap().to_string();
            }),
            Deed::RewriteTemplate { theme, template, asks } => {
                self.write_template(&format!("_themes/{}", THEMES[*theme]), *template, asks);
                self.apply_one_of(house, THEMES[*theme]);
            }
            Deed::OverrideTemplate { site, template, asks } => {
                self.write_template(SITES[*site], *template, asks);
                self.apply(house, *site);
            }
            Deed::ChangeThemeAsset { theme, asset } => {
                put(&self.folder.join(format!("_themes/{}/assets/{}", THEMES[*theme], ASSETS[*asset])), &format!("/* {turn} */"));
                self.apply_one_of(house, THEMES[*theme]);
            }
            Deed::ChangeSiteAsset { site, asset } => {
                put(&self.folder.join(format!("{}/assets/{}", SITES[*site], ASSETS[*asset])), &format!("/* {turn} */"));
                self.apply(house, *site);
            }
            Deed::Subscribe { site, channel, from_site, from_channel } => {
                self.subscribe(house, *site, *channel, *from_site, *from_channel);
            }
        }
    }

    fn publish(&mut self, house: &House, site: usize, channel: usize) {
        let on = Office::of(house, site);
        let Some(channel) = on.channel(channel) else { return };
        let new = NewDraft { channel, kind: ResourceKind::Article, content: content(self.turn) };
        match draft::create(house.engine(), &on.editor, on.site, new) {
            Ok(id) => {
                tolerate(on.approve(id));
                self.resources.push((site, id));
            }
            Err(error) => tolerate(Err(error)),
        }
    }

    fn on(&self, house: &House, which: usize, change: impl FnOnce(&Office<'_>, ResourceId) -> Result<(), CommandError>) {
        if self.resources.is_empty() {
            return;
        }
        let (site, id) = self.resources[which % self.resources.len()];
        tolerate(change(&Office::of(house, site), id));
    }

    fn retire(&mut self, house: &House, site: usize, key: &str) {
        if let Some(at) = self.retired.iter().position(|(of, channel)| *of == site && channel.key == key) {
            let (_, channel) = self.retired.remove(at);
            // Before a channel below it, a parent must be declared.
            self.sites[site].channels.insert(0, channel);
        } else {
            let channels = &mut self.sites[site].channels;
            let is_parent = channels.iter().any(|channel| channel.parent.as_deref() == Some(key));
            if is_parent || channels.len() == 1 {
                return;
            }
            let at = channels.iter().position(|channel| channel.key == key).unwrap();
            let mut channel = channels.remove(at);
            channel.parent = None;
            self.retired.push((site, channel));
            self.sites[site].subscriptions.retain(|subscription| subscription.channel != key);
        }
        self.write_manifest(site);
        self.apply(house, site);
    }

    fn subscribe(&mut self, house: &House, site: usize, channel: usize, from_site: usize, from_channel: usize) {
        let manifest = &mut self.sites[site];
        if site == from_site || !manifest.channels.iter().any(|declared| declared.key == CHANNELS[channel]) {
            return;
        }
        let wanted = SubscriptionManifest {
            channel: CHANNELS[channel].into(),
            from_site: Some(SITES[from_site].into()),
            from_channel: Some(CHANNELS[from_channel].into()),
            from_agency: None,
            theme_class: None,
            kind: None,
            tags: Vec::new(),
            acceptance: model::Acceptance::Automatic,
        };
        match manifest.subscriptions.iter().position(|known| *known == wanted) {
            Some(at) => drop(manifest.subscriptions.remove(at)),
            None => manifest.subscriptions.push(wanted),
        }
        self.write_manifest(site);
        self.apply(house, site);
    }

    fn declare(&mut self, house: &House, site: usize, change: impl FnOnce(&mut SiteManifest)) {
        change(&mut self.sites[site]);
        self.write_manifest(site);
        self.apply(house, site);
    }

    fn apply(&self, house: &House, site: usize) {
        apply_sites(house.engine(), &[self.folder.join(SITES[site])]).unwrap();
    }

    /// A theme is shared: declaring any of its sites is enough.
    fn apply_one_of(&self, house: &House, theme: &str) {
        if let Some(site) = self.sites.iter().position(|manifest| manifest.theme == theme) {
            self.apply(house, site);
        }
    }

    fn write_manifest(&self, site: usize) {
        put(&self.folder.join(SITES[site]).join("site.toml"), &toml::to_string(&self.sites[site]).unwrap());
    }

    fn write_template(&self, owner: &str, template: usize, asks: &[Ask]) {
        put(&self.folder.join(owner).join("templates").join(TEMPLATES[template]), &template_text(template, asks));
    }

    /// The pages as they are against those of a render from nothing, from a copy of the database.
    async fn check(&self, house: &House, number: usize) -> Result<(), String> {
        let (waiting, failed) = house.engine().store.read(store::pages::count_waiting).unwrap();
        if (waiting, failed) != (0, 0) {
            return Err(format!("{waiting} pages wait, {failed} failed"));
        }
        let (copy, fresh) = (house.folder().join(format!("{number}.db")), house.folder().join(format!("fresh{number}")));
        house.engine().store.administer(&format!("VACUUM INTO '{}'", copy.display())).unwrap();
        let wanted = rebuilt(house, &format!("sqlite:{}", copy.display()), &fresh).await;
        let wrong = difference(&files_of(&house.settings.pages), &wanted);
        std::fs::remove_dir_all(fresh).unwrap();
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n  ")) }
    }
}

/// The people of one site at work.
struct Office<'h> {
    house: &'h House,
    key: &'static str,
    site: SiteId,
    editor: Actor,
    reviewer: Actor,
}

impl<'h> Office<'h> {
    fn of(house: &'h House, site: usize) -> Self {
        let key = SITES[site];
        let (editor, reviewer) = (house.actor(&format!("{key}-editor")), house.actor(&format!("{key}-review1")));
        Self { house, key, site: house.site(key).id, editor, reviewer }
    }

    fn channel(&self, channel: usize) -> Option<ChannelId> {
        let tree = self.house.engine().store.read(|connection| store::channels::tree(connection, self.house.site(self.key).id));
        tree.unwrap().by_key(CHANNELS[channel]).map(|channel| channel.id)
    }

    fn version(&self, id: ResourceId) -> i64 {
        let found = self.house.engine().store.read(|connection| store::resources::find(connection, self.site, id));
        found.unwrap().unwrap().version
    }

    /// Hands in and passes the one review.
    fn approve(&self, id: ResourceId) -> Result<(), CommandError> {
        let engine = self.house.engine();
        submission::submit(engine, &self.editor, self.site, id, self.version(id))?;
        let opinion = Opinion { step: 0, verdict: Verdict::Approve, reason: String::new(), times: None };
        review::give(engine, &self.reviewer, self.site, id, opinion).map(|_| ())
    }
}

/// People are refused many things; the database must never be what fails.
fn tolerate(result: Result<(), CommandError>) {
    assert!(!matches!(result, Err(CommandError::Store(_))), "{result:?}");
}

fn content(turn: usize) -> model::Content {
    model::Content {
        title: format!("标题{turn}"),
        summary: format!("摘要{turn}"),
        body: format!("<p>正文{turn}</p>"),
        source: "测试".into(),
        ..model::Content::default()
    }
}

fn manifest(site: usize, theme: &str, page_size: i32) -> SiteManifest {
    let channel = |key: &str, parent: Option<&str>| {
        let parent = parent.map_or(String::new(), |parent| format!("parent = \"{parent}\"\n"));
        format!(
            "[[channels]]\nkey = \"{key}\"\nname = \"{key}栏\"\ndescription = \"{key}的说明\"\nkind = \"通知公告\"\n\
             page_size = {page_size}\n{parent}"
        )
    };
    let key = SITES[site];
    let text = format!(
        "key = \"{key}\"\nname = \"{key}站\"\nshort_name = \"{key}\"\ndomain = \"www.{key}.test\"\nhosts = [\"www.{key}.test\"]\n\
         site_code = \"990102000{site}\"\nicp_number = \"\"\npolice_number = \"\"\nconac_url = \"\"\ntheme = \"{theme}\"\n\
         [agency]\ncode = \"9901020{site}X\"\nname = \"{key}办公室\"\nphone = \"1\"\naddress = \"\"\npostcode = \"\"\nemail = \"\"\n\
         [settings]\ncolour = \"#000\"\n[workflow]\nsteps = [\"审核\"]\n{}{}{}{}",
        channel("news", None),
        channel("notes", None),
        channel("rules", None),
        channel("cases", Some("rules")),
    );
    toml::from_str(&text).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a test writes its own sites")]
fn put(file: &Path, text: &str) {
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, text).unwrap();
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
