//! Pictures: measured before they are decoded, decoded within bounds, turned upright, and encoded anew, which leaves behind
//! whatever cameras, editors and attackers put beside the pixels.

use std::borrow::Cow;
use std::io::{self, Cursor, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use image::codecs::gif::{GifDecoder, GifEncoder, Repeat};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::codecs::webp::WebPEncoder;
use image::metadata::Orientation;
use image::{AnimationDecoder, DynamicImage, GenericImageView, ImageDecoder, ImageFormat, ImageReader, imageops};
use model::{MediaKind, Rendition};

use crate::{Limits, Refusal, Size, Taken, hash};

/// Widths in which pages offer a picture, beside its own.
const WIDTHS: &[u32] = &[320, 640, 960, 1600];

/// Widths of crops for covers.
const COVERS: &[u32] = &[640, 1280];

const JPEG_QUALITY: u8 = 85;

/// Looks like a JPEG of the quality above, at about two thirds of its size.
const WEBP_QUALITY: f32 = 80.0;

/// A picture narrower than this is too small to be marked.
const LEAST_MARKED: u32 = 240;

/// Moving pictures may have this many times the pixels of a still one over all their frames.
const FRAMES: u64 = 5;

/// Frames of a moving picture, however small.
const MOST_FRAMES: u32 = 1_000;

/// A large picture takes hundreds of megabytes while it is worked on: one at a time in a process.
static WORKBENCH: Mutex<()> = Mutex::new(());

/// Makes a picture anew, in its own size and in those pages offer.
pub(crate) fn take_in(file_name: String, kind: MediaKind, bytes: &[u8], limits: &Limits) -> Result<Taken, Refusal> {
    let _held = workbench();
    measure(bytes, kind, limits)?;
    let image = decode(bytes, kind, limits)?;
    let (width, height) = image.dimensions();
    let moving = if kind == MediaKind::Gif { animation(bytes, limits)? } else { None };
    let mut sizes = covers(&image, (50, 50))?;
    if moving.is_none() {
        sizes.extend(narrower(&image)?);
    }
    let (kind, bytes) = match (moving, kind) {
        (Some(bytes), _) => (kind, bytes),
        (None, MediaKind::Jpeg) => (kind, jpeg(&image)?),
        (None, MediaKind::Gif | MediaKind::Png) => (MediaKind::Png, png(&image)?),
        (None, _) => (kind, webp(&image)?),
    };
    let file_name = renamed(file_name, kind);
    Ok(Taken { kind, file_name, bytes, width, height, sizes })
}

/// Sizes of a kept picture made again, each in the form it had: its crops around what matters in it (percent from the left and
/// from the top). The form must not change with the focal point, because the address says it.
pub fn again(
    bytes: &[u8],
    kind: MediaKind,
    focal: (i32, i32),
    wanted: &[Rendition],
    limits: &Limits,
) -> Result<Vec<Size>, Refusal> {
    let _held = workbench();
    let image = decode(bytes, kind, limits)?;
    let made = wanted.iter().map(|known| {
        let width = u32::try_from(known.part.unsigned_abs()).map_err(|_| Refusal::Broken)?;
        let made = if known.is_cover() { cover(&image, focal, width) } else { narrowed(&image, width) };
        let bytes = encoded(&made, known.kind)?;
        Ok(size(known.part, &made, known.kind, bytes))
    });
    made.collect()
}

/// A kept picture with a mark in its lower right corner, encoded as before; one that moves or is small stays as it is.
pub fn watermarked(bytes: &[u8], kind: MediaKind, mark: &[u8], limits: &Limits) -> Result<Vec<u8>, Refusal> {
    let _held = workbench();
    if !kind.is_raster() || kind == MediaKind::Gif {
        return Ok(bytes.to_vec());
    }
    let mark = decode(mark, MediaKind::Png, limits)?;
    let image = decode(bytes, kind, limits)?;
    let (width, height) = image.dimensions();
    if width < LEAST_MARKED {
        return Ok(bytes.to_vec());
    }
    let mark = mark.thumbnail(width / 5, height / 5).into_rgba8();
    let margin = width / 50;
    let (left, top) = (width - mark.width() - margin, height.saturating_sub(mark.height() + margin));
    let mut marked = image.into_rgba8();
    imageops::overlay(&mut marked, &mark, i64::from(left), i64::from(top));
    let marked = DynamicImage::ImageRgba8(marked);
    encoded(&marked, kind)
}

fn workbench() -> MutexGuard<'static, ()> {
    WORKBENCH.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads no more than the head of the file.
fn measure(bytes: &[u8], kind: MediaKind, limits: &Limits) -> Result<(), Refusal> {
    let head = ImageReader::with_format(Cursor::new(bytes), format(kind));
    let (width, height) = head.into_dimensions().map_err(|error| refused(&error, limits))?;
    let pixels = u64::from(width) * u64::from(height);
    if width.max(height) > limits.longest_side || pixels > u64::from(limits.megapixels) * 1_000_000 {
        return Err(too_many(limits));
    }
    if pixels == 0 { Err(Refusal::Broken) } else { Ok(()) }
}

/// The pixels, turned upright.
fn decode(bytes: &[u8], kind: MediaKind, limits: &Limits) -> Result<DynamicImage, Refusal> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format(kind));
    let mut bounds = image::Limits::default();
    // Four bytes a pixel for the picture, and as much again for the decoder.
    bounds.max_alloc = Some(u64::from(limits.megapixels) * 8_000_000);
    reader.limits(bounds);
    let mut decoder = reader.into_decoder().map_err(|error| refused(&error, limits))?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let image = DynamicImage::from_decoder(decoder).map_err(|error| refused(&error, limits))?;
    let mut image = in_bytes(image);
    image.apply_orientation(orientation);
    Ok(image)
}

/// One byte for each channel, as it is made anew: what has more takes twice the memory for nothing.
fn in_bytes(image: DynamicImage) -> DynamicImage {
    use DynamicImage::{ImageLuma8, ImageLumaA8, ImageRgb8, ImageRgba8};
    match image {
        ImageLuma8(_) | ImageLumaA8(_) | ImageRgb8(_) | ImageRgba8(_) => image,
        other if other.color().has_alpha() => other.into_rgba8().into(),
        other => other.into_rgb8().into(),
    }
}

/// A picture that moves, frame by frame; none for one that stands still.
fn animation(bytes: &[u8], limits: &Limits) -> Result<Option<Vec<u8>>, Refusal> {
    let mut decoder = GifDecoder::new(Cursor::new(bytes)).map_err(|error| refused(&error, limits))?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    let mut bounds = image::Limits::no_limits();
    // What stays from frame to frame, the frame itself, and both together: so none has more pixels than the picture.
    bounds.max_alloc = Some(12 * pixels);
    decoder.set_limits(bounds).map_err(|error| refused(&error, limits))?;
    let mut left = u64::from(limits.megapixels) * 1_000_000 * FRAMES;
    let mut made = Bounded { bytes: Vec::new(), most: limits.image_bytes.saturating_mul(FRAMES) };
    let mut count = 0;
    let mut encoder = GifEncoder::new_with_speed(&mut made, 30);
    encoder.set_repeat(Repeat::Infinite).map_err(|error| unwritten(&error, limits))?;
    for frame in decoder.into_frames() {
        let frame = frame.map_err(|error| refused(&error, limits))?;
        left = left.checked_sub(pixels).ok_or_else(|| too_many(limits))?;
        count += 1;
        if count > MOST_FRAMES {
            return Err(Refusal::TooManyFrames(MOST_FRAMES));
        }
        encoder.encode_frame(frame).map_err(|error| unwritten(&error, limits))?;
    }
    drop(encoder);
    Ok((count > 1).then_some(made.bytes))
}

/// Takes no more than so many bytes.
struct Bounded {
    bytes: Vec<u8>,
    most: u64,
}

impl Write for Bounded {
    fn write(&mut self, some: &[u8]) -> io::Result<usize> {
        if (self.bytes.len() + some.len()) as u64 > self.most {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.bytes.extend_from_slice(some);
        Ok(some.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The picture in every offered width below its own, each in the form in which it is smallest.
fn narrower(image: &DynamicImage) -> Result<Vec<Size>, Refusal> {
    let wanted = WIDTHS.iter().copied().filter(|wanted| *wanted < image.width());
    wanted
        .map(|wanted| {
            let narrower = narrowed(image, wanted);
            let (kind, bytes) = smallest(&narrower)?;
            Ok(size(i64::from(wanted), &narrower, kind, bytes))
        })
        .collect()
}

/// The crops for covers, in the widths of covers. All are WebP, however small another form would be, see [`again`].
fn covers(image: &DynamicImage, focal: (i32, i32)) -> Result<Vec<Size>, Refusal> {
    let (wide, high) = cut(image);
    if wide < 32 || high < 18 {
        return Ok(Vec::new());
    }
    let mut widths: Vec<u32> = COVERS.iter().copied().filter(|wanted| *wanted <= wide).collect();
    if widths.is_empty() {
        widths.push(wide);
    }
    widths
        .into_iter()
        .map(|wanted| {
            let cover = cover(image, focal, wanted);
            let bytes = webp(&cover)?;
            Ok(size(-i64::from(wanted), &cover, MediaKind::Webp, bytes))
        })
        .collect()
}

fn narrowed(image: &DynamicImage, wanted: u32) -> DynamicImage {
    image.thumbnail_exact(wanted, scaled(image.height(), wanted, image.width()))
}

/// The largest part of 16 by 9 around what matters, made as wide as wanted.
fn cover(image: &DynamicImage, (focal_x, focal_y): (i32, i32), wanted: u32) -> DynamicImage {
    let (wide, high) = cut(image);
    let left = begin(image.width(), wide, focal_x);
    let top = begin(image.height(), high, focal_y);
    let cut = imageops::crop_imm(image, left, top, wide, high);
    DynamicImage::ImageRgba8(imageops::thumbnail(&*cut, wanted, scaled(high, wanted, wide)))
}

/// The sides of the largest part of 16 by 9.
fn cut(image: &DynamicImage) -> (u32, u32) {
    let (width, height) = image.dimensions();
    if width * 9 > height * 16 { (height * 16 / 9, height) } else { (width, width * 9 / 16) }
}

/// Where a part of `part` pixels begins so that the point at `percent` is as near its middle as the edges allow.
fn begin(whole: u32, part: u32, percent: i32) -> u32 {
    let point = i64::from(whole) * i64::from(percent.clamp(0, 100)) / 100;
    let begin = (point - i64::from(part) / 2).clamp(0, i64::from(whole - part));
    u32::try_from(begin).unwrap_or_default()
}

fn scaled(side: u32, part: u32, whole: u32) -> u32 {
    let scaled = u64::from(side) * u64::from(part) / u64::from(whole);
    u32::try_from(scaled).unwrap_or(u32::MAX).max(1)
}

fn size(part: i64, image: &DynamicImage, kind: MediaKind, bytes: Vec<u8>) -> Size {
    let side = |pixels: u32| i32::try_from(pixels).unwrap_or(i32::MAX);
    let rendition = Rendition { part, hash: hash(&bytes), kind, width: side(image.width()), height: side(image.height()) };
    Size { rendition, bytes }
}

/// Whichever form is smaller: what is usual for pictures with and without see-through parts, or WebP. Pages name it plainly in
/// `img` and `srcset`, without a second form to fall back to: every browser that the platform supports shows WebP.
fn smallest(image: &DynamicImage) -> Result<(MediaKind, Vec<u8>), Refusal> {
    let usual = if is_see_through(image) { MediaKind::Png } else { MediaKind::Jpeg };
    let (usual, other) = ((usual, encoded(image, usual)?), (MediaKind::Webp, webp(image)?));
    Ok(if other.1.len() < usual.1.len() { other } else { usual })
}

fn encoded(image: &DynamicImage, kind: MediaKind) -> Result<Vec<u8>, Refusal> {
    match kind {
        MediaKind::Jpeg => jpeg(image),
        MediaKind::Webp => webp(image),
        _ => png(image),
    }
}

fn is_see_through(image: &DynamicImage) -> bool {
    image.color().has_alpha() && image.pixels().any(|(_, _, pixel)| pixel.0[3] < 255)
}

fn jpeg(image: &DynamicImage) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY);
    let written = match image {
        DynamicImage::ImageLuma8(gray) => gray.write_with_encoder(encoder),
        DynamicImage::ImageRgb8(colours) => colours.write_with_encoder(encoder),
        other => other.to_rgb8().write_with_encoder(encoder),
    };
    written.map(|()| bytes).map_err(|_| Refusal::Broken)
}

fn png(image: &DynamicImage) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Default, FilterType::Adaptive);
    let written = match image {
        DynamicImage::ImageLuma8(gray) => gray.write_with_encoder(encoder),
        DynamicImage::ImageRgb8(colours) => colours.write_with_encoder(encoder),
        other if is_see_through(other) => other.to_rgba8().write_with_encoder(encoder),
        other => other.to_rgb8().write_with_encoder(encoder),
    };
    written.map(|()| bytes).map_err(|_| Refusal::Broken)
}

/// WebP: without loss where that is smaller, as with drawings and pictures of text, and for the sake of see-through edges; else as
/// photographs need it.
fn webp(image: &DynamicImage) -> Result<Vec<u8>, Refusal> {
    let exact = exact_webp(image)?;
    if is_see_through(image) {
        return Ok(exact);
    }
    let colours = match image {
        DynamicImage::ImageRgb8(colours) => Cow::Borrowed(colours),
        other => Cow::Owned(other.to_rgb8()),
    };
    let encoder = webp::Encoder::from_rgb(&colours, colours.width(), colours.height());
    let lossy = encoder.encode_simple(false, WEBP_QUALITY).map_err(|_| Refusal::Broken)?;
    Ok(if lossy.len() < exact.len() { lossy.to_vec() } else { exact })
}

fn exact_webp(image: &DynamicImage) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    let encoder = WebPEncoder::new_lossless(&mut bytes);
    let written = if is_see_through(image) {
        image.to_rgba8().write_with_encoder(encoder)
    } else {
        image.to_rgb8().write_with_encoder(encoder)
    };
    written.map(|()| bytes).map_err(|_| Refusal::Broken)
}

/// A picture kept in another form is downloaded under a name that says so.
fn renamed(name: String, kind: MediaKind) -> String {
    let extension = name.rsplit('.').next().unwrap_or_default().to_lowercase();
    if MediaKind::by_extension(&extension) == Some(kind) {
        return name;
    }
    let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
    format!("{stem}.{}", kind.extension())
}

fn format(kind: MediaKind) -> ImageFormat {
    match kind {
        MediaKind::Png => ImageFormat::Png,
        MediaKind::Gif => ImageFormat::Gif,
        MediaKind::Webp => ImageFormat::WebP,
        _ => ImageFormat::Jpeg,
    }
}

fn refused(error: &image::ImageError, limits: &Limits) -> Refusal {
    match error {
        image::ImageError::Limits(_) => too_many(limits),
        _ => Refusal::Broken,
    }
}

/// Made anew, frames can take more bytes than they came with.
fn unwritten(error: &image::ImageError, limits: &Limits) -> Refusal {
    match error {
        image::ImageError::IoError(_) => Refusal::TooLarge(limits.image_bytes),
        other => refused(other, limits),
    }
}

fn too_many(limits: &Limits) -> Refusal {
    Refusal::TooManyPixels { megapixels: limits.megapixels, side: limits.longest_side }
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage, Rgba, RgbaImage};

    use super::*;

    const LIMITS: Limits = Limits {
        image_bytes: 1 << 24,
        attachment_bytes: 0,
        megapixels: 4,
        longest_side: 3_000,
        archive_entries: 0,
        unpacked_bytes: 0,
    };

    /// Left half red, right half blue.
    fn halves(width: u32, height: u32) -> DynamicImage {
        RgbImage::from_fn(width, height, |x, _| if x < width / 2 { Rgb([220, 20, 20]) } else { Rgb([20, 20, 220]) }).into()
    }

    #[test]
    fn a_picture_is_offered_in_the_widths_below_its_own() {
        let taken = take_in("a.jpg".into(), MediaKind::Jpeg, &jpeg(&halves(1_000, 500)).unwrap(), &LIMITS).unwrap();
        let parts: Vec<_> = taken.sizes.iter().map(|size| size.rendition.part).collect();
        assert_eq!(parts, [-640, 320, 640, 960]);
        assert_eq!((taken.width, taken.height), (1_000, 500));
        let cover = &taken.sizes[0].rendition;
        assert_eq!((cover.width, cover.height), (640, 360));
    }

    #[test]
    fn a_crop_shows_what_matters() {
        let bytes = png(&halves(1_800, 600)).unwrap();
        for (focal_x, channel) in [(0, 0), (100, 2)] {
            let known = covers(&halves(1_800, 600), (50, 50)).unwrap().remove(0).rendition;
            let made = again(&bytes, MediaKind::Png, (focal_x, 50), &[known], &LIMITS).unwrap();
            let cover = decode(&made[0].bytes, made[0].rendition.kind, &LIMITS).unwrap().to_rgb8();
            let middle = cover.get_pixel(cover.width() / 2, cover.height() / 2);
            assert!(middle.0[channel] > 150, "{middle:?} at {focal_x}");
        }
    }

    #[test]
    fn a_mark_is_laid_into_the_lower_right_corner() {
        let bytes = png(&halves(600, 300)).unwrap();
        let mark = png(&RgbaImage::from_pixel(100, 50, Rgba([255, 255, 255, 255])).into()).unwrap();
        let marked = decode(&watermarked(&bytes, MediaKind::Png, &mark, &LIMITS).unwrap(), MediaKind::Png, &LIMITS).unwrap();
        assert_eq!(marked.get_pixel(560, 270).0, [255, 255, 255, 255]);
        assert_eq!(marked.get_pixel(10, 10).0, [220, 20, 20, 255]);
    }

    #[test]
    fn too_many_pixels_are_refused_from_the_head_alone() {
        for (width, height) in [(20_000, 20_000), (4_000, 10), (2_500, 2_500)] {
            let mut head = png(&halves(2, 2)).unwrap();
            head[16..20].copy_from_slice(&u32::to_be_bytes(width));
            head[20..24].copy_from_slice(&u32::to_be_bytes(height));
            let sum = crc(&head[12..29]);
            head[29..33].copy_from_slice(&sum.to_be_bytes());
            let refused = take_in("a.png".into(), MediaKind::Png, &head, &LIMITS).unwrap_err();
            assert!(matches!(refused, Refusal::TooManyPixels { .. }), "{refused:?}");
        }
        assert_eq!(take_in("a.png".into(), MediaKind::Png, b"\x89PNG\r\n\x1a\n", &LIMITS).unwrap_err(), Refusal::Broken);
    }

    #[test]
    fn a_moving_picture_keeps_moving_and_a_still_one_becomes_smaller() {
        let frames = |count: usize| encoded_frames(&halves(64, 36), count);
        let moving = take_in("a.gif".into(), MediaKind::Gif, &frames(3), &LIMITS).unwrap();
        let decoder = GifDecoder::new(Cursor::new(&moving.bytes)).unwrap();
        assert_eq!((moving.kind, decoder.into_frames().count()), (MediaKind::Gif, 3));
        let still = take_in("a.gif".into(), MediaKind::Gif, &frames(1), &LIMITS).unwrap();
        assert_eq!((still.kind, still.file_name.as_str()), (MediaKind::Png, "a.png"));
    }

    /// A GIF of frames of one colour, each with nothing but its head and a few pixels.
    fn gif(screen: (u16, u16), frames: &[(u16, u16)]) -> Vec<u8> {
        let sides = |(width, height): (u16, u16)| [width.to_le_bytes(), height.to_le_bytes()].concat();
        let mut bytes = b"GIF89a".to_vec();
        bytes.extend(sides(screen));
        bytes.extend([0x80, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF]);
        for frame in frames {
            bytes.extend([0x2C, 0, 0, 0, 0]);
            bytes.extend(sides(*frame));
            // In codes of three bits: begin, pixel 0, end.
            bytes.extend([0, 2, 2, 0b0100_0100, 0b1, 0]);
        }
        bytes.push(0x3B);
        bytes
    }

    #[test]
    fn a_frame_cannot_be_larger_than_its_picture_nor_frames_be_without_number() {
        let large = gif((1, 1), &[(1, 1), (u16::MAX, u16::MAX)]);
        assert!(matches!(animation(&large, &LIMITS), Err(Refusal::TooManyPixels { .. })));
        let taken = take_in("a.gif".into(), MediaKind::Gif, &large, &LIMITS);
        assert!(matches!(taken, Err(Refusal::TooManyPixels { .. })), "{taken:?}");
        let first = take_in("a.gif".into(), MediaKind::Gif, &gif((1, 1), &[(u16::MAX, u16::MAX)]), &LIMITS);
        assert!(first.is_err());

        assert!(animation(&gif((1, 1), &[(1, 1); MOST_FRAMES as usize]), &LIMITS).unwrap().is_some());
        let many = animation(&gif((1, 1), &[(1, 1); MOST_FRAMES as usize + 1]), &LIMITS);
        assert_eq!(many, Err(Refusal::TooManyFrames(MOST_FRAMES)));
        let few = Limits { megapixels: 1, ..LIMITS };
        let wide = gif((2_600, 1_000), &[(1, 1), (1, 1)]);
        assert!(matches!(animation(&wide, &few), Err(Refusal::TooManyPixels { .. })), "each frame counts as a whole picture");
        let made = Limits { image_bytes: 10, ..LIMITS };
        let long = encoded_frames(&halves(64, 36), 3);
        assert_eq!(animation(&long, &made), Err(Refusal::TooLarge(10)), "made anew it may not become many times what may come");
    }

    fn encoded_frames(image: &DynamicImage, count: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = GifEncoder::new_with_speed(&mut bytes, 30);
        for _ in 0..count {
            encoder.encode_frame(image::Frame::new(image.to_rgba8())).unwrap();
        }
        drop(encoder);
        bytes
    }

    #[test]
    fn a_photograph_is_offered_as_webp_wherever_that_is_smaller() {
        // Soft shades with a little grain, as cameras make them.
        let grain = |x: u32, y: u32| (x ^ (y << 10)).wrapping_mul(2_654_435_761) >> 29;
        let shade = |value: u32| u8::try_from(value.min(255)).unwrap();
        let photograph: DynamicImage = RgbImage::from_fn(1_000, 700, |x, y| {
            let grain = grain(x, y);
            Rgb([shade(x / 5 + grain), shade((x + y) / 8 + grain), shade(200 - y / 5 + grain)])
        })
        .into();
        let taken = take_in("a.jpg".into(), MediaKind::Jpeg, &jpeg(&photograph).unwrap(), &LIMITS).unwrap();
        assert_eq!(taken.kind, MediaKind::Jpeg, "in its own size it stays what it was");
        for size in &taken.sizes {
            assert_eq!(size.rendition.kind, MediaKind::Webp, "{:?}", size.rendition);
            let shown = decode(&size.bytes, MediaKind::Webp, &LIMITS).unwrap();
            assert!(size.bytes.len() < jpeg(&shown).unwrap().len(), "{:?}", size.rendition);
        }
        let again = take_in("a.webp".into(), MediaKind::Webp, &webp(&photograph).unwrap(), &LIMITS).unwrap();
        assert_eq!((again.kind, again.file_name.as_str()), (MediaKind::Webp, "a.webp"));
    }

    #[test]
    fn a_size_made_again_is_what_it_was_and_a_crop_keeps_its_form_wherever_it_is_cut() {
        // Flat on the left, where forms without loss are tiny; noise on the right.
        let uneven: DynamicImage = RgbImage::from_fn(1_600, 400, |x, y| {
            let noise = u8::try_from((x * 7 + y * 13 + (x * y) % 31) % 256).unwrap();
            if x < 800 { Rgb([9, 9, 9]) } else { Rgb([noise, noise / 2, 255 - noise]) }
        })
        .into();
        let taken = take_in("a.png".into(), MediaKind::Png, &png(&uneven).unwrap(), &LIMITS).unwrap();
        let known: Vec<Rendition> = taken.sizes.iter().map(|size| size.rendition.clone()).collect();
        assert!(known.len() > 3 && known.iter().filter(|one| one.is_cover()).all(|cover| cover.kind == MediaKind::Webp));
        let same = again(&taken.bytes, taken.kind, (50, 50), &known, &LIMITS).unwrap();
        assert_eq!(same.iter().map(|size| size.rendition.clone()).collect::<Vec<_>>(), known);

        let cover = known.iter().find(|one| one.is_cover()).unwrap();
        for kind in [MediaKind::Webp, MediaKind::Jpeg] {
            let before = Rendition { kind, ..cover.clone() };
            for focal_x in [0, 100] {
                let made = again(&taken.bytes, taken.kind, (focal_x, 50), std::slice::from_ref(&before), &LIMITS).unwrap();
                assert_eq!((made[0].rendition.kind, made[0].rendition.part), (kind, cover.part));
                assert!(made[0].rendition.hash != cover.hash && decode(&made[0].bytes, kind, &LIMITS).is_ok());
            }
        }
    }

    /// CRC-32 as PNG has it.
    fn crc(bytes: &[u8]) -> u32 {
        let mut sum = u32::MAX;
        for byte in bytes {
            sum ^= u32::from(*byte);
            for _ in 0..8 {
                sum = if sum & 1 == 1 { (sum >> 1) ^ 0xEDB8_8320 } else { sum >> 1 };
            }
        }
        !sum
    }
}
