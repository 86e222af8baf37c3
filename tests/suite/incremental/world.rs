//! The folder of sites as it stands, what has been written, and how each deed is done.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use config::{ChannelManifest, SiteManifest, SubscriptionManifest};
use model::{
    Acceptance, Actor, Announcement, Channel, Content, MediaId, NoticeContent, NoticeId, NoticeKind, Picture, Placement,
    ResourceId, SiteId, Validity, picture,
};
use publish::CommandError;
use publish::commands::arrangement::{self, Step};
use publish::commands::channel::{self, Details, Place};
use publish::commands::pin::Span;
use publish::commands::placement::Wishes;
use publish::commands::topic::NewTopic;
use publish::commands::{expiry, notice, offer, pin, placement, relocation, seal, site_state, takedown, topic, withdrawal};
use server::commands::apply_sites;
use testkit::{House, project_root};

use super::ask::{Ask, TEMPLATES, template_text};
use super::deed::{After, At, Deed, Plan, Shown};
use super::office::Office;
use super::{ASSETS, CHANNELS, POLICIES, SITES, THEMES};
use crate::files::{copy, write};

type Result = std::result::Result<(), CommandError>;

/// Everything a case is about.
pub struct World {
    folder: PathBuf,
    sites: Vec<SiteManifest>,
    retired: Vec<(usize, ChannelManifest)>,
    resources: Vec<(usize, ResourceId)>,
    policies: Vec<ResourceId>,
    notices: Vec<(Option<SiteId>, NoticeId)>,
    /// Those brought so far, by site and number.
    pictures: BTreeMap<(usize, usize), MediaId>,
    /// Makes every name and text a new one.
    turn: usize,
}

impl World {
    pub fn of(plan: &Plan, folder: &Path) -> Self {
        copy(&project_root().join("sites/_themes/_base"), &folder.join("_themes/_base"));
        let sites = (0..SITES.len()).map(|site| manifest(site, THEMES[plan.themes[site]], plan.page_size)).collect();
        let (resources, policies, retired, notices) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let pictures = BTreeMap::new();
        let world = Self { folder: folder.into(), sites, retired, resources, policies, notices, pictures, turn: 0 };
        for (number, asks) in plan.templates.iter().enumerate() {
            let (theme, template) = (number / TEMPLATES.len(), number % TEMPLATES.len());
            world.write_template(&format!("_themes/{}", THEMES[theme]), template, asks);
        }
        for theme in THEMES {
            world.write_offer(theme, CHANNELS[0]);
            // A template that asks for a file that is not there fails its page, as it should.
            for asset in ASSETS {
                write(&folder.join(format!("_themes/{theme}/assets/{asset}")), "/* first */");
            }
        }
        for site in 0..SITES.len() {
            world.write_manifest(site);
        }
        world
    }

    /// People are refused many things; the database must never be what fails.
    pub fn act(&mut self, house: &House, deed: &Deed) {
        self.turn += 1;
        let done = self.written(house, deed);
        assert!(!matches!(done, Err(CommandError::Store(_) | CommandError::Blob(_))), "{done:?}");
    }

    /// What editors do; the rest is for others.
    fn written(&mut self, house: &House, deed: &Deed) -> Result {
        let turn = self.turn;
        let engine = house.engine();
        match deed {
            Deed::Publish((site, channel), later) => {
                let on = Office::of(house, *site);
                let Some(id) = on.write(*channel, content(turn))? else { return Ok(()) };
                self.resources.push((*site, id));
                if CHANNELS[*channel] == POLICIES {
                    self.policies.push(id);
                }
                on.approve(id, at(house, *later))
            }
            Deed::Edit(which, later) => self.with(house, *which, |on, id| on.rewrite(id, content(turn), at(house, *later))),
            Deed::Illustrate(which, picture) => {
                let Some((site, id)) = self.pick(*which) else { return Ok(()) };
                let picture = self.picture(house, site, *picture)?;
                let shown = Content {
                    body: format!("<p>正文{turn}</p><p><img src=\"media:{picture}\"></p>"),
                    cover: Some(picture),
                    ..content(turn)
                };
                Office::of(house, site).rewrite(id, shown, None)
            }
            Deed::Attach(which) => self.with(house, *which, |on, id| {
                let file =
                    on.bring("附件.pdf", b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n".into());
                on.rewrite(id, Content { attachments: vec![file], ..content(turn) }, None)
            }),
            Deed::Link(which, other) => {
                let Some((_, other)) = self.pick(*other) else { return Ok(()) };
                let body = format!("<p>正文{turn}，见<a href=\"resource:{other}\">此文</a></p>");
                self.with(house, *which, |on, id| on.rewrite(id, Content { body, ..content(turn) }, None))
            }
            Deed::Explain(which, policy) => {
                let Some(policy) = self.policies.get(policy % self.policies.len().max(1)) else { return Ok(()) };
                let explaining = Content { explains: vec![*policy], ..content(turn) };
                self.with(house, *which, |on, id| on.rewrite(id, explaining, None))
            }
            Deed::Describe(which, focal) => match self.pictures.iter().nth(which % self.pictures.len().max(1)) {
                Some(((site, _), picture)) => Office::of(house, *site).describe(*picture, &format!("图{turn}"), *focal),
                None => Ok(()),
            },
            Deed::Withdraw(which) => {
                self.with(house, *which, |on, id| withdrawal::withdraw(engine, &on.editor, on.site, id, "测试").map(|_| ()))
            }
            Deed::TakeDown(which) => {
                self.with(house, *which, |_, id| takedown::order(engine, &house.actor("admin"), id, "测试").map(|_| ()))
            }
            Deed::Move(which, channel) => self.with(house, *which, |on, id| match on.channel(*channel) {
                Some(target) => relocation::relocate(engine, &Actor::operator("test"), on.site, id, target.id),
                None => Ok(()),
            }),
            Deed::Expire(which, after) => {
                self.with(house, *which, |on, id| expiry::expire(engine, &on.reviewer, on.site, id, at(house, Some(*after))))
            }
            other => self.shown(house, other),
        }
    }

    /// What sites do with what is shown on them; the rest is for operators.
    fn shown(&mut self, house: &House, deed: &Deed) -> Result {
        let turn = self.turn;
        let engine = house.engine();
        match deed {
            Deed::SetPlace(shown, slug, prefix) => self.there(house, *shown, |on, place| {
                let slug = if *slug { format!("s{turn}") } else { String::new() };
                let title_prefix = if *prefix { format!("〔{turn}〕") } else { String::new() };
                placement::set(engine, &on.admin, on.site, place.id, &Wishes { slug, title_prefix })
            }),
            Deed::RemovePlace(shown) => {
                self.there(house, *shown, |on, place| placement::remove(engine, &on.admin, on.site, place.id))
            }
            Deed::ExpireHere(shown, after) => self.there(house, *shown, |on, place| {
                expiry::expire_here(engine, &on.admin, on.site, place.id, at(house, Some(*after)))
            }),
            Deed::Pin(shown, from, until) => self.there(house, *shown, |on, place| {
                let span = Span { from: at(house, *from), until: on.now() + TimeDelta::seconds(*until) };
                pin::pin(engine, &on.reviewer, on.site, place.id, span)
            }),
            Deed::Unpin(shown) => self.there(house, *shown, |on, place| pin::unpin(engine, &on.reviewer, on.site, place.id)),
            Deed::Post(site, kind, from, until) => {
                let on = Office::of(house, site.unwrap_or(0));
                let content = NoticeContent {
                    kind: [NoticeKind::Banner, NoticeKind::Emergency, NoticeKind::Mourning][*kind],
                    title: format!("公告{turn}"),
                    text: format!("内容{turn}"),
                    link: String::new(),
                    starts_at: at(house, *from),
                    ends_at: at(house, *until),
                };
                let site = site.map(|_| on.site);
                self.notices.push((site, notice::post(engine, &on.reviewer, site, &content)?));
                Ok(())
            }
            Deed::EndNotice(which) => match self.notices.get(which % self.notices.len().max(1)) {
                Some((site, id)) => notice::end(engine, &Office::of(house, 0).reviewer, *site, *id),
                None => Ok(()),
            },
            Deed::Stand(site, how) => {
                let on = Office::of(house, *site);
                let until = on.now() + TimeDelta::days(if *how == 0 { 3 } else { 31 });
                let announcement = Announcement {
                    title: format!("公告{turn}"),
                    text: format!("内容{turn}"),
                    basis: "测试".into(),
                    until: Some(until),
                    moved_to: String::new(),
                };
                match how {
                    0 => site_state::go_offline(engine, &on.reviewer, on.site, &announcement),
                    1 => site_state::resume(engine, &on.reviewer, on.site),
                    2 => site_state::announce_closing(engine, &on.reviewer, on.site, &announcement),
                    _ => site_state::call_off(engine, &on.reviewer, on.site),
                }
            }
            Deed::Push(which, (site, channel)) => self.with(house, *which, |on, id| {
                let Some(target) = Office::of(house, *site).channel(*channel) else { return Ok(()) };
                offer::push(engine, &on.editor, on.site, id, &[target.id], "").map(|_| ())
            }),
            Deed::Decide(which, decision) => {
                let waiting: Vec<_> = self.resources.iter().flat_map(|(_, id)| Office::offers(house, *id)).collect();
                match waiting.get(which % waiting.len().max(1)) {
                    Some(offer) => Office::at(house, offer.site_id).decide(offer, *decision),
                    None => Ok(()),
                }
            }
            other => self.arranged(house, other),
        }
    }

    /// What administrators do to the channels of their site in the console; the rest is for operators.
    fn arranged(&mut self, house: &House, deed: &Deed) -> Result {
        let (engine, turn) = (house.engine(), self.turn);
        match deed {
            Deed::DescribeChannel((site, channel)) => Self::arrange(house, *site, *channel, |on, channel| {
                let before = Details::of(channel);
                let (name, keywords) = (format!("栏目{turn}"), vec![format!("词{turn}")]);
                let details = Details { name, keywords, navigation: !before.navigation, ..before.clone() };
                channel::change(engine, &on.editor, on.site, channel.id, &seal(&before), &details)
            }),
            Deed::PlaceChannel((site, channel), parent, before) => Self::arrange(house, *site, *channel, |on, channel| {
                let id = |beside: Option<usize>| beside.and_then(|beside| on.channel(beside)).map(|beside| beside.id);
                channel::place(engine, &on.editor, on.site, channel.id, Place { parent: id(*parent), before: id(*before) })
            }),
            Deed::CloseChannel((site, channel)) => Self::arrange(house, *site, *channel, |on, channel| {
                let deed = if channel.retired { channel::restore } else { channel::retire };
                deed(engine, &on.editor, on.site, channel.id)
            }),
            Deed::OpenTopic((site, channel)) => {
                let on = Office::of(house, *site);
                let Some(channel) = on.channel(*channel) else { return Ok(()) };
                let topic = NewTopic {
                    template: "t".into(),
                    parent: Some(channel.id),
                    key: format!("t{turn}"),
                    name: format!("专题{turn}"),
                    description: format!("专题{turn}的说明"),
                    keywords: vec!["专题".into()],
                };
                topic::open(engine, &on.editor, on.site, &topic)?;
                // What is published in it waits until it is shown.
                let news = house.channel(SITES[*site], &format!("t{turn}-news"));
                let id = on.write_in(&news, content(turn))?;
                self.resources.push((*site, id));
                on.approve(id, None)
            }
            Deed::ShowTopic(site) => {
                let on = Office::of(house, *site);
                let tree = on.read(|connection| store::channels::tree(connection, on.site));
                let is_prepared = |channel: &&Channel| channel.preparing && !channel.retired && !channel.topic.is_empty();
                let Some(topic) = tree.all().iter().find(is_prepared) else { return Ok(()) };
                let seen = on.read(|connection| Ok(topic::prepared(connection, on.site, &topic.key).unwrap().seal()));
                topic::go_live(engine, &on.editor, on.site, &topic.key, &seen)
            }
            Deed::ArrangeHome(site, channels) => Self::arrange_home(house, *site, channels),
            Deed::RestoreHome(site) => Self::restore_home(house, *site),
            Deed::ShowPicture(site, picture, which) => self.show_picture(house, *site, *picture, *which),
            other => {
                self.declared(house, other);
                Ok(())
            }
        }
    }

    fn show_picture(&mut self, house: &House, site: usize, picture: usize, which: usize) -> Result {
        let picture = Picture::of(self.picture(house, site, picture)?);
        let link = self.pick(which).map(|(_, id)| format!("resource:{id}")).unwrap_or_default();
        let shown = picture::written(&[Picture { link, ..picture }]);
        let (engine, on) = (house.engine(), Office::of(house, site));
        let now = || engine.store.read(|connection| arrangement::find(engine, connection, on.site, ""));
        let step = |step: &Step| arrangement::step(engine, on.site, "", &now()?.seal(), step);
        let at = step(&Step::Add { slot: "main".into(), kind: "show".into() })?;
        let told = Step::Tell { at, slot: "main".into(), values: [("pictures".to_owned(), shown)].into() };
        if step(&told).is_err() {
            return arrangement::discard(engine, on.site, "", &now()?.seal());
        }
        arrangement::go_live(engine, &on.editor, on.site, "", &now()?.seal())
    }

    fn restore_home(house: &House, site: usize) -> Result {
        let (engine, on) = (house.engine(), Office::of(house, site));
        let now = || engine.store.read(|connection| arrangement::find(engine, connection, on.site, ""));
        let before = now()?;
        if before.previous.is_none() {
            return Ok(());
        }
        arrangement::step(engine, on.site, "", &before.seal(), &Step::Restore { previous: before.previous_seal() })?;
        let seen = now()?.seal();
        arrangement::go_live(engine, &on.editor, on.site, "", &seen)
    }

    fn arrange_home(house: &House, site: usize, channels: &[usize]) -> Result {
        let (engine, on) = (house.engine(), Office::of(house, site));
        let now = || engine.store.read(|connection| arrangement::find(engine, connection, on.site, ""));
        let step = |step: &Step| arrangement::step(engine, on.site, "", &now()?.seal(), step);
        step(&Step::Reset)?;
        let begun = now()?.draft.0.len();
        for channel in channels {
            let at = step(&Step::Add { slot: "main".into(), kind: "list".into() })?;
            let told = |key: &str, value: &str| (key.to_owned(), value.to_owned());
            let values = [told("channel", CHANNELS[*channel]), told("channels", "news rules"), told("limit", "2")];
            step(&Step::Tell { at, slot: "main".into(), values: values.into() })?;
        }
        for _ in 0..begun.min(channels.len()) {
            step(&Step::Remove { at: 0 })?;
        }
        let seen = now()?.seal();
        arrangement::go_live(engine, &on.editor, on.site, "", &seen)
    }

    /// Something with a channel of a site, whether it stands or not.
    fn arrange(house: &House, site: usize, channel: usize, act: impl FnOnce(&Office<'_>, &Channel) -> Result) -> Result {
        let on = Office::of(house, site);
        on.channel(channel).map_or(Ok(()), |channel| act(&on, &channel))
    }

    /// What operators do to sites and themes.
    fn declared(&mut self, house: &House, deed: &Deed) {
        let turn = self.turn;
        match deed {
            Deed::RenameChannel(at) => self.declare_channel(house, *at, |channel| channel.name = format!("栏目{turn}")),
            Deed::ResizeLists(at, page_size) => self.declare_channel(house, *at, |channel| channel.page_size = *page_size),
            Deed::RenameSite(site) => self.declare(house, *site, |manifest| manifest.name = format!("站点{turn}")),
            Deed::ChangeSetting(site) => self.declare(house, *site, |manifest| {
                manifest.settings.insert("colour".into(), format!("#{turn}").into());
            }),
            Deed::SwitchTheme(site) => self.declare(house, *site, |manifest| {
                manifest.theme = THEMES.iter().find(|theme| **theme != manifest.theme).unwrap().to_string();
            }),
            Deed::RetireChannel((site, channel)) => self.retire(house, *site, CHANNELS[*channel]),
            Deed::RewriteTemplate { theme, template, asks } => {
                self.write_template(&format!("_themes/{}", THEMES[*theme]), *template, asks);
                self.apply_one_of(house, THEMES[*theme]);
            }
            Deed::OverrideTemplate { site, template, asks } => {
                self.write_template(SITES[*site], *template, asks);
                self.apply(house, *site);
            }
            Deed::ChangeThemeAsset(theme, asset) => {
                write(
                    &self.folder.join(format!("_themes/{}/assets/{}", THEMES[*theme], ASSETS[*asset])),
                    format!("/* {turn} */"),
                );
                self.apply_one_of(house, THEMES[*theme]);
            }
            Deed::BeginWith(theme, channel) => {
                self.write_offer(THEMES[*theme], CHANNELS[*channel]);
                self.apply_one_of(house, THEMES[*theme]);
            }
            Deed::ChangeSiteAsset(site, asset) => {
                write(&self.folder.join(format!("{}/assets/{}", SITES[*site], ASSETS[*asset])), format!("/* {turn} */"));
                self.apply(house, *site);
            }
            Deed::Subscribe(at, from, decides) => self.subscribe(house, *at, *from, *decides),
            other => assert!(matches!(other, Deed::Wait(_)), "nobody does {other:?}"),
        }
    }

    fn pick(&self, which: usize) -> Option<(usize, ResourceId)> {
        self.resources.get(which % self.resources.len().max(1)).copied()
    }

    /// Something with one of the resources, on the site that owns it.
    fn with(&self, house: &House, which: usize, act: impl FnOnce(&Office<'_>, ResourceId) -> Result) -> Result {
        self.pick(which).map_or(Ok(()), |(site, id)| act(&Office::of(house, site), id))
    }

    /// Something with one of the places of a resource, on the site of that place.
    fn there(&self, house: &House, (which, place): Shown, act: impl FnOnce(&Office<'_>, &Placement) -> Result) -> Result {
        let places = self.pick(which).map_or_else(Vec::new, |(_, id)| Office::places(house, id));
        places.get(place % places.len().max(1)).map_or(Ok(()), |place| act(&Office::at(house, place.site_id), place))
    }

    /// One of three pictures, brought to the site when it is first wanted.
    fn picture(&mut self, house: &House, site: usize, number: usize) -> std::result::Result<MediaId, CommandError> {
        if let Some(known) = self.pictures.get(&(site, number)) {
            return Ok(*known);
        }
        let width = 120 + 250 * u32::try_from(number).unwrap();
        let shades = image::GrayImage::from_fn(width, width, |x, y| image::Luma([u8::try_from((x * 7 + y * 3) % 256).unwrap()]));
        let mut bytes = Cursor::new(Vec::new());
        shades.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        let on = Office::of(house, site);
        let id = on.bring(&format!("{number}.png"), bytes.into_inner());
        self.pictures.insert((site, number), id);
        on.describe(id, "图", 50)?;
        Ok(id)
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

    fn subscribe(&mut self, house: &House, (site, channel): At, (from_site, from_channel): At, decides: bool) {
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
            acceptance: if decides { Acceptance::Local } else { Acceptance::Automatic },
        };
        let alike =
            |known: &SubscriptionManifest| SubscriptionManifest { acceptance: wanted.acceptance, ..known.clone() } == wanted;
        match manifest.subscriptions.iter().position(alike) {
            Some(at) => drop(manifest.subscriptions.remove(at)),
            None => manifest.subscriptions.push(wanted),
        }
        self.write_manifest(site);
        self.apply(house, site);
    }

    fn declare_channel(&mut self, house: &House, (site, channel): At, change: impl FnOnce(&mut ChannelManifest)) {
        self.declare(house, site, |manifest| {
            if let Some(declared) = manifest.channels.iter_mut().find(|declared| declared.key == CHANNELS[channel]) {
                change(declared);
            }
        });
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
        write(&self.folder.join(SITES[site]).join("site.toml"), toml::to_string(&self.sites[site]).unwrap());
    }

    /// What a theme offers to be arranged, and the channel its home page begins with.
    fn write_offer(&self, theme: &str, channel: &str) {
        let offer = format!(
            "name = \"{theme}\"\n[[slots]]\nkey = \"main\"\nname = \"主体\"\n\
             [[slots]]\nkey = \"topic\"\nname = \"专题\"\npage = \"topic\"\n\
             [[blocks]]\nkey = \"list\"\nname = \"列表\"\ndescription = \"列表\"\nfields = [\n\
             {{ key = \"channel\", name = \"栏目\", kind = \"channel\", required = true }},\n\
             {{ key = \"channels\", name = \"栏目\", kind = \"channels\" }},\n\
             {{ key = \"limit\", name = \"条数\", kind = \"number\", least = 1, most = 9, default = \"3\" }},\n]\n\
             [[blocks]]\nkey = \"show\"\nname = \"图\"\ndescription = \"图\"\nfields = [\n\
             {{ key = \"pictures\", name = \"图\", kind = \"pictures\", least = 1, required = true }},\n]\n\
             [[home]]\nslot = \"main\"\nkind = \"list\"\nvalues = {{ channel = \"{channel}\" }}\n\
             [[topics]]\nkey = \"t\"\nname = \"专题\"\ndescription = \"专题\"\n\
             channels = [{{ key = \"{{topic}}-news\", name = \"动态\" }}]\n\
             blocks = [\n{{ slot = \"topic\", kind = \"list\", values = {{ channel = \"{channel}\", channels = \"{{topic}}-news\" }} }},\n\
             {{ slot = \"topic\", kind = \"list\", values = {{ channel = \"{{topic}}-news\" }} }},\n]\n"
        );
        write(&self.folder.join(format!("_themes/{theme}/theme.toml")), offer);
    }

    fn write_template(&self, owner: &str, template: usize, asks: &[Ask]) {
        write(&self.folder.join(owner).join("templates").join(TEMPLATES[template]), template_text(template, asks));
    }
}

fn at(house: &House, after: Option<After>) -> Option<chrono::NaiveDateTime> {
    after.map(|seconds| house.engine().clock.now() + TimeDelta::seconds(seconds))
}

fn content(turn: usize) -> Content {
    Content {
        title: format!("标题{turn}"),
        summary: format!("摘要{turn}"),
        body: format!("<p>正文{turn}</p>"),
        source: "测试".into(),
        // Policy files are not reviewed without these.
        issuing_bodies: vec!["测试".into()],
        written_on: chrono::NaiveDate::from_ymd_opt(2026, 11, 1),
        validity: Some(Validity::Valid),
        ..Content::default()
    }
}

fn manifest(site: usize, theme: &str, page_size: i32) -> SiteManifest {
    let channel = |key: &str, parent: Option<&str>| {
        let parent = parent.map_or(String::new(), |parent| format!("parent = \"{parent}\"\n"));
        format!(
            "[[channels]]\nkey = \"{key}\"\nname = \"{key}栏\"\ndescription = \"{key}的说明\"\nkind = \"通知公告\"\n\
             page_size = {page_size}\nopen_to_offers = true\nresources = \"{}\"\n{parent}",
            if key == POLICIES { "policy" } else { "article" }
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
