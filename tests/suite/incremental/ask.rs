//! What the templates of a case ask the library for, as chance chooses it.

use proptest::prelude::*;

use super::{ASSETS, CHANNELS};

/// The templates that chance writes; the last two are parts of the others.
pub const TEMPLATES: [&str; 8] =
    ["home.html", "channel.html", "topic.html", "article.html", "sitemap.html", "error.html", "_part.html", "_fragment.html"];

const NOTICES: [&str; 3] = ["banner", "emergency", "mourning"];

/// Something a template asks the library for.
#[derive(Clone, Debug)]
pub enum Ask {
    Nav,
    Tree,
    Sites,
    FindChannel(usize),
    Resources {
        channels: Vec<usize>,
        limit: usize,
        offset: usize,
        deep: bool,
    },
    Asset(usize),
    Notices(usize),
    /// What is arranged, with what each block shows.
    Blocks,
    Site,
    /// What is told of this page.
    Here,
    /// `_part.html`, included.
    Part,
    /// `_fragment.html`, rendered once for all pages that tell it the same.
    Fragment,
}

pub fn asks() -> impl Strategy<Value = Vec<Ask>> {
    let channels = proptest::collection::vec(0..CHANNELS.len(), 0..3);
    let one = prop_oneof![
        1 => Just(Ask::Nav),
        1 => Just(Ask::Tree),
        1 => Just(Ask::Sites),
        1 => (0..CHANNELS.len() + 1).prop_map(Ask::FindChannel),
        2 => (channels, 1..5_usize, 0..3_usize, any::<bool>()).prop_map(|(channels, limit, offset, deep)| Ask::Resources {
            channels,
            limit,
            offset,
            deep
        }),
        1 => (0..ASSETS.len()).prop_map(Ask::Asset),
        1 => (0..NOTICES.len()).prop_map(Ask::Notices),
        2 => Just(Ask::Blocks),
        1 => Just(Ask::Site),
        2 => Just(Ask::Here),
        1 => Just(Ask::Part),
        1 => Just(Ask::Fragment),
    ];
    proptest::collection::vec(one, 0..4)
}

pub fn template_text(template: usize, asks: &[Ask]) -> String {
    let asked: Vec<String> = asks.iter().map(|ask| format!("<p>{}</p>", ask.text(TEMPLATES[template]))).collect();
    format!("<main>\n{}\n</main>\n", asked.join("\n"))
}

const CARD: &str = "[{{ card.id }} {{ card.title }} {{ card.url }} {{ card.datetime }} {{ card.site_name }} {{ card.channel_name }} \
                    {{ card.channel_url }} {{ card.is_shared }} {{ card.is_pinned }} {{ card.summary }} \
                    {% if card.cover %}{{ card.cover.url }} {{ card.cover.srcset }} {{ card.cover.alt }}{% endif %}]";

const HERE: &str = "{{ page.kind }} {{ page.path }} {{ page.title }} \
    {% if channel %}{{ channel.name }} {{ channel.description }} \
    {% for step in channel.trail %}{{ step.name }} {{ step.url }}/{% endfor %}{% endif %}\
    {% if listing %}{% for card in listing.items %}CARD{% endfor %}{{ listing.number }} {{ listing.total }} \
    {{ listing.newer_url }} {{ listing.older_url }} {{ listing.first_url }}{% endif %}\
    {% if article %}{{ article.title }} {{ article.body|safe }} {{ article.published }} {{ article.index_number }} \
    {{ article.owner.name }} {{ article.is_shared }} {{ article.canonical_url }} \
    {% if article.older %}{{ article.older.title }} {{ article.older.url }}{% endif %} \
    {% if article.newer %}{{ article.newer.title }} {{ article.newer.url }}{% endif %} \
    {% for one in article.explains %}{{ one.title }} {{ one.url }};{% endfor %} \
    {% for one in article.explained_by %}{{ one.title }} {{ one.url }};{% endfor %} \
    {% for file in article.attachments %}{{ file.name }} {{ file.url }} {{ file.size }}{% endfor %}{% endif %}";

impl Ask {
    fn text(&self, template: &str) -> String {
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
            Self::Notices(kind) => format!(
                "{{% for one in notices(\"{}\") %}}{{{{ one.title }}}} {{{{ one.text }}}} {{{{ one.is_citywide }}}};{{% endfor %}}",
                NOTICES[*kind]
            ),
            Self::Blocks => {
                let page = if template == "topic.html" { "\"topic\", channel.key" } else { "\"main\"" };
                format!(
                    "{{% for block in blocks({page}) %}}{{{{ block.kind }}}} {{{{ block.id }}}} {{{{ block.channel.name if block.channel }}}} \
                     {{% for one in block.channels or [] %}}{{{{ one.name }}}} {{{{ one.children|length }}}}/{{% endfor %}}\
                     {{% for one in block.pictures or [] %}}{{{{ one.url }}}} {{{{ one.srcset }}}} {{{{ one.alt }}}} {{{{ one.link }}}}{{% endfor %}}\
                     {{% if block.channel %}}{{% for card in resources(channel=block.channel.key, limit=block.limit) %}}{CARD}{{% endfor %}}{{% endif %}};{{% endfor %}}"
                )
            }
            Self::Site => "{{ site.name }} {{ site.short_name }} {{ site.agency.phone }} {{ site.settings.colour }}".into(),
            // A fragment is told nothing of its page but what it is given.
            Self::Here if template == "_fragment.html" => "{{ here }}".into(),
            Self::Here => HERE.replace("CARD", CARD),
            // A part that includes itself would never end.
            Self::Part | Self::Fragment if template.starts_with('_') => String::new(),
            Self::Part => "{% include \"_part.html\" %}".into(),
            Self::Fragment => "{{ fragment(\"_fragment.html\", here=channel.name if channel else none) }}".into(),
        }
    }
}
