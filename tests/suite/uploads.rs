//! What a process takes of memory while many bring it malicious files at once, measured in the process itself.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::TcpStream;
use std::time::Duration;

use image::{ImageBuffer, ImageFormat, Rgba};
use testkit::{Backend, Browser, House};

use crate::media::{bomb, encoded, png_head};
use crate::process::{self, Node};

/// What the node may take: small, so that what is not bounded is told from what is.
const FILE_BYTES: u64 = 8 << 20;
const MEGAPIXELS: u64 = 10;

/// What a pixel takes at worst: eight bytes as it comes, four as it is made anew.
const PIXEL_BYTES: u64 = 12;

/// What a connection holds of a body that nobody reads yet.
const CONNECTION_BYTES: u64 = 512 << 10;

/// What a busy process sets aside besides: stacks, what its allocator keeps for the next to come.
const BESIDES: u64 = 96 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn malicious_files_brought_all_at_once_take_no_more_memory_than_the_settings_say() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let address = process::free_address();
    let node = Node::web(&tight(process::settings(&house, "uploads", address)));
    until_it_answers(address).await;
    let desk = house.desk_at(address, "wangxi", "editor").await;
    assert_eq!(desk.upload(&[("好.png", &small())]).await.status, 303, "what is good is taken");
    let before = node.peak();

    let mut brought = Vec::new();
    // Within every bound, and as much work as the bounds allow.
    for _ in 0..3 {
        let desk = desk.clone();
        brought.push(tokio::spawn(async move {
            let answer = desk.upload(&[("十六位.png", &deep())]).await;
            assert!([200, 303].contains(&answer.status), "{} {}", answer.status, answer.text());
        }));
    }
    for (name, bytes, status, reason) in malicious() {
        for _ in 0..if bytes.len() > 1 << 20 { 24 } else { 3 } {
            let (desk, bytes) = (desk.clone(), bytes.clone());
            brought.push(tokio::spawn(async move {
                let answer = desk.upload(&[(name, &bytes)]).await;
                assert!(answer.status == status && answer.text().contains(reason), "{name}: {} {}", answer.status, answer.text());
            }));
        }
    }
    for (body, reason) in endless() {
        for _ in 0..8 {
            let (browser, body) = (desk.browser.clone(), body.clone());
            brought.push(tokio::spawn(async move {
                // The node may have ended the connection before all was sent.
                let Some(answer) = browser.send_form("/console/wangxi/media", "mark", body).await else { return };
                assert!(answer.status == 400 && answer.text().contains(reason), "{} {}", answer.status, answer.text());
            }));
        }
    }
    let bound = before
        + web::UPLOADS_AT_ONCE as u64 * 2 * FILE_BYTES
        + MEGAPIXELS * 1_000_000 * PIXEL_BYTES
        + brought.len() as u64 * CONNECTION_BYTES
        + BESIDES;
    for one in brought {
        one.await.unwrap();
    }
    let peak = node.peak();
    let shown = |bytes: u64| format!("{} MiB", bytes >> 20);
    assert!(peak <= bound, "{} of at most {}, {} before", shown(peak), shown(bound), shown(before));
    assert_eq!(desk.upload(&[("又一个.png", &encoded(&image::RgbImage::new(9, 9).into(), ImageFormat::Png))]).await.status, 303);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_beyond_the_first_few_are_not_taken_and_the_person_is_told_once() {
    let Some(house) = House::open_set(Backend::Sqlite, |settings| settings.media.files_at_once = 2).await else { return };
    let editor = house.desk("wangxi", "editor").await;
    let pdf = |number: u32| format!("%PDF-1.4\n{number}\n%%EOF\n").into_bytes();
    let (first, second, third, fourth) = (pdf(1), pdf(2), pdf(3), pdf(4));
    let answer = editor.upload(&[("一.pdf", &first), ("二.pdf", &second), ("三.pdf", &third), ("四.pdf", &fourth)]).await;
    let text = answer.text();
    assert_eq!(answer.status, 422, "{text}");
    assert_eq!(text.matches("一次最多上传2个文件").count(), 1, "{text}");
    assert!(text.contains("一.pdf") && text.contains("二.pdf") && text.contains("三.pdf") && !text.contains("四.pdf"), "{text}");

    // Other fields, and a file that is larger than the bound between two pieces of a form, are passed over.
    let mut body = b"--mark\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\n".to_vec();
    body.extend(vec![b'x'; 5 << 20]);
    body.extend(b"\r\n--mark\r\nContent-Disposition: form-data; name=\"files\"; filename=\"\xE4\xBA\x94.pdf\"\r\n\r\n");
    body.extend(pdf(5));
    body.extend(b"\r\n--mark--\r\n");
    let answer = editor.browser.send_form("/console/wangxi/media", "mark", body).await.unwrap();
    assert_eq!(answer.status, 303, "{}", answer.text());
    house.close().await;
}

/// The node's settings with little room for uploads.
#[expect(clippy::disallowed_methods, reason = "a test writes its own settings")]
fn tight(settings: std::path::PathBuf) -> std::path::PathBuf {
    let mut text = std::fs::read_to_string(&settings).unwrap();
    write!(text, "[media]\nimage_bytes = {FILE_BYTES}\nattachment_bytes = {FILE_BYTES}\nmegapixels = {MEGAPIXELS}\n").unwrap();
    std::fs::write(&settings, text).unwrap();
    settings
}

async fn until_it_answers(address: std::net::SocketAddr) {
    for _ in 0..300 {
        if TcpStream::connect(address).is_ok() {
            assert_eq!(Browser::at(address).screen("/console/sign-in").await.status, 200);
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the node does not answer within half a minute");
}

/// Name, bytes, and what the answer must be.
fn malicious() -> Vec<(&'static str, Vec<u8>, u16, &'static str)> {
    let large = usize::try_from(FILE_BYTES).unwrap();
    let mut noise = b"\xFF\xD8\xFF".to_vec();
    noise.resize(large, 7);
    let mut unpackable = b"PK\x03\x04".to_vec();
    unpackable.resize(large, 7);
    let mut beyond = pdf_head();
    beyond.resize(large + 1, b' ');
    vec![
        ("网页.jpg", b"<!DOCTYPE html><script>alert(1)</script>".to_vec(), 422, "文件内容是网页代码"),
        (
            "图.svg",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>x</script></svg>".to_vec(),
            422,
            "不允许的内容（元素script）",
        ),
        ("巨图.png", png_head(20_000, 20_000), 422, "图片尺寸过大"),
        ("膨胀.gif", inflating_gif(), 422, "图片尺寸过大"),
        ("炸弹.zip", bomb(), 422, "解压后体积异常"),
        ("../../etc/passwd.png", small(), 422, "文件名含有路径符号"),
        ("..\\..\\x.png", small(), 422, "文件名含有路径符号"),
        ("噪声.jpg", noise, 422, "文件已损坏"),
        ("乱码.zip", unpackable, 422, "文件已损坏"),
        ("过大.pdf", beyond, 422, "文件超过8.0 MB"),
    ]
}

/// Forms that never come to a file: their bodies and what the answer says.
fn endless() -> Vec<(Vec<u8>, &'static str)> {
    let preamble = vec![b'x'; 96 << 20];
    let mut head = b"--mark\r\nContent-Disposition: form-data; name=\"files\"; filename=\"".to_vec();
    head.resize(96 << 20, b'x');
    let part = "--mark\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a\"\r\n\r\n\r\n";
    let mut parts = part.repeat(100_000).into_bytes();
    parts.extend(b"--mark--\r\n");
    vec![(preamble, "格式异常"), (head, "格式异常"), (parts, "内容过多")]
}

fn small() -> Vec<u8> {
    encoded(&image::RgbImage::new(8, 8).into(), ImageFormat::Png)
}

fn pdf_head() -> Vec<u8> {
    b"%PDF-1.4\n%%EOF\n".to_vec()
}

/// Nearly as many pixels as may be, of sixteen bits in each of four channels.
fn deep() -> Vec<u8> {
    let picture = ImageBuffer::from_pixel(3_300, 3_000, Rgba([9_000_u16, 30_000, 60_000, u16::MAX]));
    encoded(&picture.into(), ImageFormat::Png)
}

/// A GIF of one pixel, whose second frame is 16,000 by 16,000 and all there: a gigabyte once it is decoded.
fn inflating_gif() -> Vec<u8> {
    let mut bytes = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xFF\xFF\xFF".to_vec();
    for (side, pixels) in [(1_u16, 1), (16_000, 256_000_000)] {
        bytes.extend([0x2C, 0, 0, 0, 0]);
        bytes.extend([side.to_le_bytes(), side.to_le_bytes()].concat());
        bytes.extend([0, 2]);
        for block in run_of_zeros(pixels).chunks(255) {
            bytes.push(u8::try_from(block.len()).unwrap());
            bytes.write_all(block).unwrap();
        }
        bytes.push(0);
    }
    bytes.push(0x3B);
    bytes
}

/// LZW of so many zeros: each code stands for one more than the code before, up to the last there can be, which is repeated.
fn run_of_zeros(pixels: usize) -> Vec<u8> {
    let (mut bytes, mut held, mut count) = (Vec::new(), 0_u32, 0);
    let mut put = |code: u32, width: u32| {
        held |= code << count;
        count += width;
        while count >= 8 {
            bytes.push(held.to_le_bytes()[0]);
            held >>= 8;
            count -= 8;
        }
    };
    // Code 4 begins, 5 ends, 0 is one zero, 6 is two, 7 is three …
    put(4, 3);
    let (mut left, mut length, mut width) = (pixels, 1, 3);
    while left > 0 {
        let run = length.min(left);
        put(if run == 1 { 0 } else { u32::try_from(run).unwrap() + 4 }, width);
        left -= run;
        // Having read this code, the decoder knows as many codes as lead up to the next.
        let known = u32::try_from(length).unwrap() + 5;
        if known == 1 << width && width < 12 {
            width += 1;
        }
        length = (length + 1).min(4_091);
    }
    put(5, width);
    put(0, 7);
    bytes
}
