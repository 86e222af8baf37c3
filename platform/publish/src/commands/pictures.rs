//! The pictures of a block: what is said of them held to what the site's media library and the shared library have, and links to this
//! platform kept as what they lead to, so that they follow it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use config::{FieldKind, ThemeField};
use model::notice::is_address;
use model::text::is_plain_line;
use model::{MediaId, Picture, ResourceId, SiteId, picture, prose};
use store::{Connection, media, placements, resources, sites};

use super::arrangement::FieldProblem;
use crate::engine::Engine;

/// Characters of 替代文字, as for texts.
const LONGEST_ALT: usize = 200;

/// Characters of 说明文字.
const LONGEST_CAPTION: usize = 60;

/// What pictures may name.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    /// Media of the site.
    pub media: HashMap<MediaId, model::Media>,
    /// Live resources of whatever site: what they are called, and where they are found now.
    pub resources: HashMap<ResourceId, (String, String)>,
}

impl Shelf {
    /// What the pictures in these values name, as far as it is there.
    pub(super) fn find<'v>(
        engine: &Engine,
        connection: &mut Connection,
        site: SiteId,
        values: impl Iterator<Item = &'v String>,
    ) -> store::Result<Self> {
        let named: Vec<Picture> = values.flat_map(|value| picture::read(value)).collect();
        let ids: Vec<MediaId> = named.iter().map(|picture| picture.media).collect();
        let linked: BTreeSet<ResourceId> = named.iter().filter_map(|picture| prose::parse_address(&picture.link)).collect();
        let media = media::find_all(connection, site, &ids)?.into_iter().map(|one| (one.id, one)).collect();
        let here = placements::find_cards_of(connection, site, &linked)?;
        let own = placements::list_own(connection, &linked)?;
        let mut found = HashMap::new();
        for (id, (_, revision)) in resources::list_live(connection, &linked)? {
            let address = match (here.get(&id), own.get(&id).filter(|own| own.live)) {
                (Some(card), _) => card.placement.path.clone(),
                (None, Some(own)) => match sites::find(connection, own.site_id)? {
                    Some(site) => format!("{}{}", engine.settings.public_url(&site.key, &site.domain), own.path),
                    None => continue,
                },
                (None, None) => continue,
            };
            found.insert(id, (revision.content.title, address));
        }
        Ok(Self { media, resources: found })
    }

    /// What is wrong with the pictures of a field, each at what was typed of it: `KEY-2-alt`.
    pub(super) fn problems(&self, field: &ThemeField, value: &str) -> Vec<FieldProblem> {
        if field.kind != FieldKind::Pictures {
            return Vec::new();
        }
        let pictures = picture::read(value);
        let wrong = pictures.iter().enumerate().flat_map(|(at, picture)| {
            let wrong = [
                ("media", self.of_media(picture)),
                ("alt", self.of_alt(picture)),
                ("link", self.of_link(picture)),
                ("caption", of_caption(picture)),
            ];
            wrong.into_iter().filter_map(move |(part, why)| Some((at, part, why?)))
        });
        let at_field = |(at, part, why): (usize, &str, String)| FieldProblem {
            field: format!("{}-{at}-{part}", field.key),
            message: format!("第{}张图片：{why}", at + 1),
        };
        wrong.map(at_field).collect()
    }

    fn of_media(&self, picture: &Picture) -> Option<String> {
        match self.media.get(&picture.media) {
            None => Some(format!("本站媒体库中没有编号为{}的图片，请移除后重新选择", picture.media)),
            Some(media) if !media.kind.is_image() => Some("所选文件不是图片，请移除后重新选择".to_owned()),
            Some(_) => None,
        }
    }

    /// What the library says of a picture will do.
    fn of_alt(&self, picture: &Picture) -> Option<String> {
        if picture.alt.is_empty() {
            let media = self.media.get(&picture.media)?;
            return media.alt.is_empty().then(|| "请填写替代文字，说明图片内容".to_owned());
        }
        line_problem("替代文字", &picture.alt, LONGEST_ALT)
    }

    fn of_link(&self, picture: &Picture) -> Option<String> {
        if let Some(id) = prose::parse_address(&picture.link) {
            return (!self.resources.contains_key(&id)).then(|| "链接的稿件目前没有公开，请更换或清空链接".to_owned());
        }
        (!is_address(&picture.link)).then(|| "链接应以 http://、https:// 或 / 开头".to_owned())
    }
}

fn of_caption(picture: &Picture) -> Option<String> {
    line_problem("说明文字", &picture.caption, LONGEST_CAPTION)
}

fn line_problem(name: &str, text: &str, longest: usize) -> Option<String> {
    if !is_plain_line(text) {
        return Some(format!("{name}含有不能显示的字符，请重新输入"));
    }
    (text.chars().count() > longest).then(|| format!("{name}不超过{longest}字"))
}

/// What was typed, with every address of something live on a site of this platform as the resource it shows.
pub fn following(
    engine: &Engine,
    connection: &mut Connection,
    site: SiteId,
    values: &BTreeMap<String, String>,
) -> store::Result<BTreeMap<String, String>> {
    if values.values().all(|value| picture::read(value).is_empty()) {
        return Ok(values.clone());
    }
    let bases: Vec<(SiteId, String)> =
        sites::list(connection)?.iter().map(|one| (one.id, engine.settings.public_url(&one.key, &one.domain))).collect();
    let mut kept = values.clone();
    for value in kept.values_mut() {
        let mut pictures = picture::read(value);
        if pictures.is_empty() {
            continue;
        }
        for picture in &mut pictures {
            let elsewhere = bases.iter().find_map(|(id, base)| Some((*id, picture.link.strip_prefix(base.as_str())?)));
            let (on, path) = elsewhere.unwrap_or((site, &picture.link));
            if !path.starts_with('/') || !is_address(path) {
                continue;
            }
            if let Some(shown) = placements::find_by_path(connection, on, path)?.filter(|placement| placement.live) {
                picture.link = format!("resource:{}", shown.resource_id);
            }
        }
        *value = picture::written(&pictures);
    }
    Ok(kept)
}
