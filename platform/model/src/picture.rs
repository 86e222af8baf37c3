//! Pictures of a block (板块): media of the site in an order, each with what it is called, where it leads and what stands below it. A
//! block keeps them as a text, a line each.

use std::fmt;

use crate::MediaId;

/// A picture as a block shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Which medium.
    pub media: MediaId,
    /// 替代文字; empty: as the media library has it.
    pub alt: String,
    /// Where it leads: an address, or a resource of the library wherever it is shown (`resource:17`); empty: nowhere.
    pub link: String,
    /// 说明文字, below the picture.
    pub caption: String,
}

impl Picture {
    /// A medium of which nothing is said yet.
    pub fn of(media: MediaId) -> Self {
        Self { media, alt: String::new(), link: String::new(), caption: String::new() }
    }
}

/// The pictures of a value, in their order; none where it is no list of pictures.
pub fn read(value: &str) -> Vec<Picture> {
    value.lines().map(parse).collect::<Option<_>>().unwrap_or_default()
}

/// Pictures as they are kept.
pub fn written(pictures: &[Picture]) -> String {
    pictures.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn parse(line: &str) -> Option<Picture> {
    let mut parts = line.split('\t');
    let media = parts.next()?.strip_prefix("media:")?.parse().ok()?;
    let mut next = || parts.next().unwrap_or_default().to_owned();
    Some(Picture { media, alt: next(), link: next(), caption: next() })
}

/// `media:17`, 替代文字, address and 说明文字 with tabs between. What is written keeps neither tabs nor lines of its own.
impl fmt::Display for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        write!(f, "media:{}\t{}\t{}\t{}", self.media, plain(&self.alt), plain(&self.link), plain(&self.caption))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_read_as_they_are_written_and_nothing_else_is_taken_for_them() {
        let river =
            Picture {
                media: MediaId(17), alt: "望溪河\t春天".into(), link: "/gaikuang/".into(), caption: "春\n到".into()
            };
        let kept = written(&[river, Picture::of(MediaId(3))]);
        assert_eq!(kept, "media:17\t望溪河 春天\t/gaikuang/\t春 到\nmedia:3\t\t\t");
        assert_eq!(written(&read(&kept)), kept);
        assert_eq!(read("media:5").len(), 1);
        for other in ["", "yaowen", "中国政府网 https://www.gov.cn", "media:x", "media:5\n题目"] {
            assert_eq!(read(other), [], "{other}");
        }
    }
}
