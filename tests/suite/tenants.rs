//! Another site's identifiers in every place where one can be put: in the path, in the query, in the body. What takes identifiers is
//! found by itself: parameters from the table of routes, fields from the forms of the screens as they are drawn. Nothing of the other
//! site is shown, which a word tells that stands in all that it keeps to itself, and nothing of it is changed, which its rows tell.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::{HeaderMap, Method};
use model::{Actor, Duty, Ground, Permission, RoleContent};
use publish::commands::{offer, role};
use testkit::{Answer, Article, Backend, Browser, Desk, House};
use web::{Access, Proof};

use crate::access::routes;
use crate::media::photo;

/// Whose people send, and whose identifiers they send.
const OWN: &str = "wangxi";
const OTHER: &str = "donglan";

/// What the other site keeps to itself says one of these.
const SECRETS: [&str; 2] = ["东岚密件", "donglan-miren"];

/// Parameters of paths that name nothing a site has: the site itself, files of the console, what belongs to the platform.
const NO_IDS: [&str; 11] =
    ["site", "file", "agency", "application", "citizen", "job", "role", "session", "token", "upstream", "link"];

/// Parts of addresses of what would end the walk: who sends is signed out, or their site is shut.
const NOT_WALKED: [&str; 4] = ["sign-out", "/me/", "/state/", "/sign-in"];

/// The sheet that something unsaved was begun on.
const SHEET: &str = "0198f3c2-7d10-7a41-9d2f-0c5f3a6b7e11";

/// What fields and queries are called that name something, also where nothing is in them as they are drawn.
const NAMED: [&str; 24] = [
    "id",
    "ids",
    "channel",
    "target",
    "parent",
    "before",
    "medium",
    "media",
    "cover",
    "attachments",
    "picture",
    "pictures",
    "explains",
    "group",
    "person",
    "to",
    "user",
    "members",
    "pick",
    "revision",
    "done_in",
    "site",
    "from",
    "sheet",
];

/// Identifiers by the parameter that they stand for in a path.
type Ids = BTreeMap<&'static str, Vec<String>>;

#[tokio::test(flavor = "multi_thread")]
async fn another_sites_identifiers_in_a_path_show_and_change_nothing() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        Walk::begin(&house, backend).await.paths().await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_sites_identifiers_in_a_form_or_a_query_show_and_change_nothing() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let walk = Walk::begin(&house, backend).await;
        let (sent, names) = walk.forms().await;
        assert!(sent > 300, "only {sent} forms were sent on {backend:?}");
        walk.queries(&names).await;
        house.close().await;
    }
}

/// Somebody who holds whatever a role of one's own may permit on their own site.
async fn everything(house: &House) -> Desk {
    let permissions = Permission::ALL.iter().copied().filter(|permission| permission.is_for(Duty::Business)).collect();
    let content = RoleContent { name: "全能".into(), note: String::new(), duty: Duty::Business, permissions };
    let made = role::add(house.engine(), &Actor::operator("test"), &content).unwrap();
    house.hire("everything", made, Ground::Site(house.site(OWN).id));
    house.desk("platform", "everything").await.at(OWN)
}

/// Gives a site one of everything that has a number; what it keeps to itself says the word.
async fn furnish(house: &House, site: &str, word: &str) {
    let (editor, admin) = (house.desk(site, "editor").await, house.desk(site, "admin").await);
    let at = |path: &str| format!("/console/{site}{path}");
    let must = |answer: Answer| assert!(matches!(answer.status, 200 | 303), "{}", answer.text());
    house.hire(&format!("{site}-miren"), model::Role::EDITOR, Ground::Site(house.site(site).id));

    let draft = editor.write(house, &Article::news(&format!("{word}草稿"))).await;
    let (live, _) = editor.publish(house, &Article::news(&format!("{site}的公开稿件"))).await;
    let soon = model::local(house.engine().clock.now() + chrono::TimeDelta::days(20)).format("%Y-%m-%dT%H:%M").to_string();
    must(admin.browser.submit(&at(&format!("/resources/{live}/expiry")), &[("until", &soon)]).await);
    let revision = latest(house, site, draft).to_string();
    let said = [("revision", revision.as_str()), ("field", "title"), ("quote", ""), ("occurrence", ""), ("text", word)];
    must(admin.browser.submit(&at(&format!("/resources/{draft}/annotations")), &said).await);
    let kept =
        [("sheet", SHEET), ("sequence", "1"), ("version", "1"), ("revision", revision.as_str()), ("title", word), ("body", word)];
    must(editor.browser.submit(&at(&format!("/working-copies/{draft}")), &kept).await);
    let medium = editor.bring(house, "tu.jpg", &photo()).await;
    must(editor.describe(medium, word, ("50", "50")).await);
    must(admin.browser.submit(&at("/people/groups"), &[("name", &format!("{word}组"))]).await);
    must(editor.browser.submit(&at("/library/views"), &[("name", word), ("query", "work=returned")]).await);
    must(editor.browser.submit(&at("/redirects"), &[("old", &format!("/{site}-jiu/")), ("new", "/")]).await);
    must(admin.browser.submit(&at("/notices/banners"), &[("kind", "banner"), ("title", "通告")]).await);
    let parent = house.channel(site, "zt").id.to_string();
    let topic = [
        ("template", "campaign"),
        ("key", topic_of(site)),
        ("name", word),
        ("description", word),
        ("keywords", "专题"),
        ("parent", &parent),
    ];
    must(admin.browser.submit(&at("/topics"), &topic).await);
    let id = draft.to_string();
    let batch = [("deed", "tag"), ("id", id.as_str()), ("add", word), ("left_out", "0"), ("expected", "1")];
    must(admin.browser.submit(&at("/library/batches"), &batch).await);
    receive(house, site).await;
}

/// Has the city push something to the site, which waits there.
async fn receive(house: &House, site: &str) {
    let editor = house.desk("qingyu", "editor").await;
    let (id, _) = editor.publish(house, &Article::news(&format!("推给{site}的稿件"))).await;
    let to = house.site(site).id;
    let statement = format!("UPDATE channels SET open_to_offers = {} WHERE site_id = {to}", truth(house));
    house.engine().store.administer(&statement).unwrap();
    let channel = house.channel(site, "tzgg").id;
    offer::push(house.engine(), &house.actor("qingyu-editor"), house.site("qingyu").id, model::ResourceId(id), &[channel], "")
        .unwrap();
}

/// Topics are called by their word.
fn topic_of(site: &str) -> &'static str {
    if site == OTHER { "mizt" } else { "zjzt" }
}

/// How the database writes what is true.
fn truth(house: &House) -> &'static str {
    if house.settings.database.starts_with("sqlite") { "1" } else { "TRUE" }
}

fn latest(house: &House, site: &str, id: i64) -> model::RevisionId {
    let site = house.site(site).id;
    let found = house.engine().store.read(|connection| store::resources::find(connection, site, model::ResourceId(id)));
    found.unwrap().unwrap().latest_revision_id.unwrap()
}

/// What a site has, by the parameters of paths.
fn ids(house: &House, site: &str) -> Ids {
    let id = house.site(site).id;
    let listed = |table: &str, column: &str| {
        let statement = format!("SELECT CAST({column} AS TEXT) AS told FROM {table} WHERE site_id = {id} ORDER BY id DESC");
        let mut found = house.engine().store.tell(&statement).unwrap();
        found.truncate(2);
        found
    };
    let both = |one: Vec<String>, other: Vec<String>| one.into_iter().chain(other).collect();
    let resources = listed("resources", "id");
    BTreeMap::from([
        ("id", both(resources.clone(), listed("media", "id"))),
        ("user", vec![house.actor(&format!("{site}-miren")).user_id.unwrap().to_string()]),
        ("group", listed("work_groups", "id")),
        ("publication", listed("publications", "id")),
        ("placement", listed("placements", "id")),
        ("offer", listed("offers", "id")),
        ("schedule", listed("schedules", "id")),
        ("notice", listed("notices", "id")),
        ("channel", listed("channels", "id")),
        ("topic", vec![topic_of(site).to_owned()]),
        ("block", vec!["1".to_owned()]),
        ("redirect", listed("redirects", "id")),
        ("writing", both(resources, vec![SHEET.to_owned()])),
        ("batch", listed("batches", "id")),
        (
            "view",
            house.engine().store.tell(&format!("SELECT CAST(id AS TEXT) AS told FROM saved_views WHERE site_id = {id}")).unwrap(),
        ),
        ("annotation", listed("annotations", "id")),
    ])
}

/// Every row that is the other site's, by its table. Left out is what whoever sends may bring about there without any of its
/// identifiers: pages that show what is public, counts, and what they offer it.
fn rows(house: &House) -> BTreeMap<String, Vec<String>> {
    const OF_PAGES: [&str; 5] = ["pages", "page_keys", "page_views", "events", "sessions"];
    let store = &house.engine().store;
    let (site, sender) = (house.site(OTHER).id, house.site(OWN).id);
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for column in store.describe().unwrap() {
        let (table, column) = column.split_once('.').unwrap();
        tables.entry(table.to_owned()).or_default().push(column.to_owned());
    }
    tables.retain(|table, _| !OF_PAGES.contains(&table.as_str()));
    let mut found = BTreeMap::new();
    for (table, columns) in tables {
        let has = |name: &str| columns.iter().any(|column| column == name);
        let of_site = match table.as_str() {
            "offers" => format!("site_id = {site} AND from_site_id <> {sender}"),
            "sites" => format!("id = {site}"),
            "users" | "work_group_members" => {
                let named = if table == "users" { "id" } else { "user_id" };
                format!("{named} IN (SELECT user_id FROM grants WHERE site_id = {site})")
            }
            _ if has("site_id") => format!("site_id = {site}"),
            _ if has("resource_id") => format!("resource_id IN (SELECT id FROM resources WHERE site_id = {site})"),
            _ => continue,
        };
        let told =
            columns.iter().map(|column| format!("COALESCE(CAST({column} AS TEXT), '-')")).collect::<Vec<_>>().join(" || '|' || ");
        let mut rows = store.tell(&format!("SELECT {told} AS told FROM {table} WHERE {of_site}")).unwrap();
        rows.sort();
        found.insert(table, rows);
    }
    assert!(found.len() > 20, "{:?}", found.keys());
    found
}

/// One person's way through everything.
struct Walk<'a> {
    house: &'a House,
    desk: Desk,
    own: Ids,
    other: Ids,
    before: BTreeMap<String, Vec<String>>,
    backend: Backend,
}

impl<'a> Walk<'a> {
    async fn begin(house: &'a House, backend: Backend) -> Self {
        furnish(house, OTHER, SECRETS[0]).await;
        furnish(house, OWN, "望溪的").await;
        house.quiet().await;
        let (own, other) = (ids(house, OWN), ids(house, OTHER));
        for (name, found) in &other {
            assert!(!found.is_empty(), "the other site has no {name} on {backend:?}");
        }
        let desk = everything(house).await;
        Self { house, desk, own, other, before: rows(house), backend }
    }

    fn browser(&self) -> &Browser {
        &self.desk.browser
    }

    /// Every route that names something in its path, with what the other site has, also with the other site's own name.
    async fn paths(&self) {
        for (method, path, access) in self.walked() {
            let asked: Vec<&str> = parameters(path).filter(|name| !NO_IDS.contains(name)).collect();
            for name in &asked {
                assert!(self.other.contains_key(name), "{path} names {name}: say in `ids` what a site has of it");
            }
            let most = asked.iter().map(|name| self.other[name].len()).max().unwrap_or(1);
            for at in 0..most {
                let named = |name: &str| self.other.get(name).map(|ids| ids[at.min(ids.len() - 1)].clone());
                let address = filled(path, OWN, named);
                self.send(&method, &address, &[]).await;
                if path.contains("{site}") && access != Access::Anyone {
                    let answer = self.send(&method, &filled(path, OTHER, named), &[]).await;
                    assert_eq!(answer.status, 404, "{method} {path} of the other site, {:?}", self.backend);
                }
            }
            self.unchanged(&format!("{method} {path}"));
        }
    }

    /// Every screen of one's own, by its address.
    fn screens(&self) -> Vec<String> {
        let mut screens: Vec<String> = Vec::new();
        for (method, path, _) in self.walked() {
            if method == Method::GET {
                let most = parameters(path).filter_map(|name| self.own.get(name)).map(Vec::len).max().unwrap_or(1);
                let named = |at: usize| {
                    move |name: &str| self.own.get(name).and_then(|ids| Some(ids.get(at.min(ids.len().checked_sub(1)?))?.clone()))
                };
                screens.extend((0..most).map(|at| filled(path, OWN, named(at))));
            }
        }
        screens
    }

    /// Every form of every screen of one's own, and of each every field that carries an identifier, with each that the other site has.
    /// Says how many were sent, and what those fields are called.
    async fn forms(&self) -> (usize, BTreeSet<String>) {
        let (mut done, mut sent) = (BTreeSet::new(), 0);
        for screen in self.screens() {
            let drawn = self.browser().screen(&screen).await;
            if drawn.status != 200 || !drawn.header("content-type").starts_with("text/html") {
                continue;
            }
            for form in Form::all(&drawn.text(), &screen) {
                if is_left_out(&form.action) {
                    continue;
                }
                for field in form.fields.iter().filter(|field| field.carries_an_id()) {
                    // The same field of the same form is on many screens.
                    if !done.insert((pattern(&form.action), field.name.clone())) {
                        continue;
                    }
                    let mut drawn = form.clone();
                    for id in self.other.values().flatten() {
                        let fields = drawn.with(&field.name, id);
                        let fields: Vec<(&str, &str)> =
                            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
                        let answer = self.send(&form.method, &form.action, &fields).await;
                        sent += 1;
                        // Where something was done, or another was quicker, the form is another one now.
                        if matches!(answer.status, 303 | 409) {
                            let again = Form::all(&self.browser().screen(&screen).await.text(), &screen);
                            drawn = again.into_iter().find(|one| one.action == form.action).unwrap_or(drawn);
                        }
                    }
                    self.unchanged(&format!("{} of {} in {screen}", field.name, form.action));
                }
            }
        }
        (sent, done.into_iter().map(|(_, name)| name).collect())
    }

    /// Every screen of one's own, asked for with each identifier of the other site under every name that carries one.
    async fn queries(&self, names: &BTreeSet<String>) {
        let names: BTreeSet<&str> = names.iter().map(String::as_str).chain(NAMED).collect();
        for screen in self.screens() {
            for id in self.other.values().flatten() {
                let fields: Vec<(&str, &str)> = names.iter().map(|name| (*name, id.as_str())).collect();
                self.send(&Method::GET, &screen, &fields).await;
            }
            self.unchanged(&format!("a query of {screen}"));
        }
    }

    fn walked(&self) -> impl Iterator<Item = (Method, &'static str, Access)> {
        // What programs ask takes no session.
        let own = routes(self.house).into_iter().filter(|(_, path, _, proof)| *proof == Proof::Session && !is_left_out(path));
        own.map(|(method, path, access, _)| (method, path, access))
    }

    async fn send(&self, method: &Method, address: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = if *method == Method::GET {
            let query: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
            let mark = if query.is_empty() { "" } else { "?" };
            // What is told as it happens has no end of its own.
            if address.ends_with("/progress") {
                let _ = self.browser().follow(address, "\n").await;
                return Answer { status: 404, headers: HeaderMap::new(), bytes: Vec::new() };
            }
            self.browser().screen(&format!("{address}{mark}{}", query.join("&"))).await
        } else {
            let sent = self.browser().submit(address, fields).await;
            // What was done is shown where it leads to.
            let shown = if sent.status == 303 { self.browser().screen(&sent.location()).await } else { sent.clone() };
            Answer { status: sent.status, ..shown }
        };
        let told = format!("{method} {address} with {fields:?}, {:?}: {}", self.backend, answer.status);
        assert!(answer.status < 500, "{told}");
        let text = answer.text();
        for secret in SECRETS {
            // What was sent may be shown again.
            let is_own = fields.iter().any(|(_, value)| value.contains(secret));
            assert!(is_own || !text.contains(secret), "{told} shows what is another site's: {text}");
        }
        answer
    }

    fn unchanged(&self, by: &str) {
        let now = rows(self.house);
        for (table, before) in &self.before {
            assert_eq!(before, &now[table], "{by} changed {table} of another site on {:?}", self.backend);
        }
    }
}

fn is_left_out(address: &str) -> bool {
    NOT_WALKED.iter().any(|part| address.contains(part))
}

/// The names in a route's path.
fn parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn filled(path: &str, site: &str, named: impl Fn(&str) -> Option<String>) -> String {
    let part = |part: &str| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
        Some("site") => site.to_owned(),
        Some(name) => named(name).unwrap_or_else(|| "1".to_owned()),
        None => part.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// An address without its numbers.
fn pattern(address: &str) -> String {
    let plain = |part: &str| if part.chars().any(|letter| letter.is_ascii_digit()) { "#".to_owned() } else { part.to_owned() };
    address.split('?').next().unwrap_or_default().split('/').map(plain).collect::<Vec<_>>().join("/")
}

/// A form as a screen has it.
#[derive(Clone)]
struct Form {
    method: Method,
    action: String,
    fields: Vec<Field>,
}

/// A field with what it holds as drawn, and all that it could.
#[derive(Clone)]
struct Field {
    name: String,
    value: Option<String>,
    offered: Vec<String>,
}

impl Field {
    /// Whether a number can be in it that names something: one is, or could be chosen, or what it is called says so.
    fn carries_an_id(&self) -> bool {
        const NUMBERS: [&str; 10] =
            ["_token", "version", "sequence", "step", "expected", "left_out", "focal_x", "focal_y", "page", "seen"];
        let is_number = |text: &String| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let holds = self.value.iter().chain(&self.offered).any(is_number);
        !NUMBERS.contains(&self.name.as_str()) && (holds || NAMED.contains(&self.name.as_str()))
    }
}

impl Form {
    /// Every form of a screen; one without an action goes to the screen itself.
    fn all(page: &str, screen: &str) -> Vec<Self> {
        page.split("<form").skip(1).filter_map(|rest| Self::read(rest.split("</form>").next()?, screen)).collect()
    }

    fn read(form: &str, screen: &str) -> Option<Self> {
        let head = form.split('>').next()?;
        let is_post = attribute(head, "method").is_some_and(|method| method.eq_ignore_ascii_case("post"));
        let action = attribute(head, "action").filter(|action| !action.is_empty()).unwrap_or_else(|| screen.to_owned());
        let mut fields: Vec<Field> = Vec::new();
        for tag in form.split('<').skip(1) {
            let (head, rest) = tag.split_once('>').unwrap_or((tag, ""));
            let is = |name: &str| head.split_whitespace().next() == Some(name);
            if is("option") {
                let Some(field) = fields.last_mut() else { continue };
                let value = attribute(head, "value").unwrap_or_else(|| rest.trim().to_owned());
                if field.value.is_none() || head.contains(" selected") {
                    field.value = Some(value.clone());
                }
                field.offered.push(value);
            } else if is("input") || is("select") || is("textarea") || is("button") {
                let Some(name) = attribute(head, "name") else { continue };
                let given = attribute(head, "value").or_else(|| is("textarea").then(|| unescaped(rest.trim_start_matches('\n'))));
                let is_ticked = matches!(attribute(head, "type").as_deref(), Some("checkbox" | "radio"));
                let is_pressed = is("button") && fields.iter().any(|field| field.name == name);
                let value = if (is_ticked && !head.contains(" checked")) || is_pressed { None } else { given.clone() };
                fields.push(Field { name, value, offered: given.into_iter().collect() });
            }
        }
        Some(Self { method: if is_post { Method::POST } else { Method::GET }, action: unescaped(&action), fields })
    }

    /// What it sends with this in that field.
    fn with(&self, name: &str, value: &str) -> Vec<(String, String)> {
        let rest = self.fields.iter().filter(|field| field.name != name && field.name != "_token");
        let drawn = rest.filter_map(|field| Some((field.name.clone(), field.value.clone()?)));
        drawn.map(filled_in).chain([(name.to_owned(), value.to_owned())]).collect()
    }
}

/// What is required and was drawn empty would be asked for before anything else.
fn filled_in((name, value): (String, String)) -> (String, String) {
    const TEXTS: [&str; 5] = ["name", "title", "text", "reason", "note"];
    if value.is_empty() && TEXTS.contains(&name.as_str()) { (name, "望溪".to_owned()) } else { (name, value) }
}

/// What an attribute of a tag says.
fn attribute(head: &str, name: &str) -> Option<String> {
    let rest = head.split(&format!(" {name}=\"")).nth(1)?;
    Some(unescaped(rest.split('"').next()?))
}

fn unescaped(text: &str) -> String {
    [("&quot;", "\""), ("&#x27;", "'"), ("&#x2f;", "/"), ("&#x3d;", "="), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")]
        .iter()
        .fold(text.to_owned(), |text, (written, meant)| text.replace(written, meant))
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
