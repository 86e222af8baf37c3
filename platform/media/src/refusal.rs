//! Why a file is refused, in a sentence for the person who brought it.

use model::MediaKind;
use model::media::readable_size;

/// Why a file is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The name leads elsewhere or hides what it is.
    #[error("文件名含有路径符号、控制字符或方向控制字符，请改名后重新上传")]
    Name,
    /// The name has no extension.
    #[error("文件名没有扩展名，请补上后重新上传")]
    NoExtension,
    /// Nothing is in it.
    #[error("文件是空的")]
    Empty,
    /// More bytes than may be.
    #[error("文件超过{}", readable_size(i64::try_from(*.0).unwrap_or(i64::MAX)))]
    TooLarge(u64),
    /// It is a web page, whatever its name says.
    #[error("文件内容是网页代码，不能上传")]
    WebPage,
    /// It is none of the kinds that are taken.
    #[error("不支持的文件类型，可上传JPG、PNG、GIF、WebP、SVG图片和PDF、OFD、Word、Excel、PPT、ZIP文件")]
    Unknown,
    /// Its name says one of these kinds, its bytes say nothing.
    #[error("文件内容不是有效的“.{extension}”文件，可能已损坏或只改了扩展名，请核对")]
    Disguised {
        /// What the name says.
        extension: String,
    },
    /// Its name says something else than its bytes.
    #[error("文件内容是{}，与扩展名“.{extension}”不符，请核对文件", kind.chinese())]
    Mismatch {
        /// What the bytes are.
        kind: MediaKind,
        /// What the name says.
        extension: String,
    },
    /// More pixels than may be.
    #[error("图片尺寸过大，请缩小到{megapixels}百万像素以内、每边不超过{side}像素")]
    TooManyPixels {
        /// Millions of pixels that may be.
        megapixels: u32,
        /// Pixels along a side that may be.
        side: u32,
    },
    /// A picture that moves through more frames than it may.
    #[error("动图超过{0}帧，请减少帧数后重新上传")]
    TooManyFrames(u32),
    /// It begins like a file of its kind and does not go on like one.
    #[error("文件已损坏或不完整，无法读取")]
    Broken,
    /// An archive that asks for a password, or is packed in a way that is not known here.
    #[error("压缩包已加密或采用不常见的压缩方式，无法检查，请重新打包")]
    Locked,
    /// An archive that would unpack to very much.
    #[error("压缩包内文件过多，或解压后体积异常，已拒绝")]
    Bomb,
    /// An archive whose files would unpack outside its folder.
    #[error("压缩包内的文件名含有非法路径，已拒绝")]
    Path,
    /// A document that brings programs along.
    #[error("文档含有宏，请另存为不含宏的文档后重新上传")]
    Macros,
    /// A drawing that holds what a drawing does not need.
    #[error("SVG图片含有不允许的内容（{0}），请在制图软件中另存为纯图形后重新上传")]
    Drawing(String),
}
