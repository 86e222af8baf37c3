//! Pictures and attachments: from the upload to every site that shows them and away again; what is refused, and why.

use std::collections::BTreeSet;
use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use testkit::{Answer, Article, Backend, House};

use crate::files::{copy, write};
use crate::journey::{link_to, pages_of};

const SITES: [&str; 4] = ["jinchuan", "wangxi", "qingyu", "donglan"];

const TITLE: &str = "望溪区新建社区公园开放";

/// A picture that does not pack well, so that its sizes differ.
pub fn picture(width: u32, height: u32) -> DynamicImage {
    let at = |x: u32, y: u32| (x * 7 + y * 13 + (x * y) % 31) % 256;
    let byte = |value: u32| u8::try_from(value % 256).unwrap();
    RgbImage::from_fn(width, height, |x, y| Rgb([byte(at(x, y)), byte(at(y, x) / 2), byte(x / 4)])).into()
}

pub fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A JPEG of some size.
pub fn photo() -> Vec<u8> {
    encoded(&picture(700, 500), ImageFormat::Jpeg)
}

fn pdf() -> Vec<u8> {
    b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n".to_vec()
}

/// Every public address of uploads that a page names.
fn addresses(page: &str) -> BTreeSet<String> {
    let rests = page.split("/media/").skip(1);
    rests.map(|rest| rest.split(['"', ' ', ',']).next().unwrap_or_default()).map(|rest| format!("/media/{rest}")).collect()
}

fn blobs_of(house: &House) -> usize {
    let mut found = 0;
    let Ok(folders) = std::fs::read_dir(&house.settings.blobs) else { return 0 };
    for folder in folders.map(Result::unwrap).filter(|folder| !folder.file_name().to_string_lossy().starts_with('.')) {
        found += std::fs::read_dir(folder.path()).unwrap().count();
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_and_an_attachment_go_live_wherever_their_article_does_and_are_gone_with_it() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let visitor = house.browser();
        let editor = house.desk("wangxi", "editor").await;
        let image = editor.bring(&house, "公园 全景.jpg", &encoded(&picture(1_200, 900), ImageFormat::Jpeg)).await;
        let file = editor.bring(&house, "关于公园开放的通知.pdf", &pdf()).await;
        let article = Article {
            body: format!("<p>正文。</p><p><img src=\"media:{image}\"></p><p><a href=\"media:{file}\">通知全文</a></p>"),
            cover: image.to_string(),
            attachments: file.to_string(),
            ..Article::news(TITLE)
        };

        // Without alternative text it is not handed in, and both places are named.
        let id = editor.write(&house, &article).await;
        let refused = editor.hand_in(&house, id).await;
        assert_eq!(refused.status, 422);
        for wanted in ["正文图片“公园 全景.jpg”缺少替代文字", "封面图片“公园 全景.jpg”缺少替代文字"]
        {
            assert!(refused.text().contains(wanted), "{wanted}");
        }
        assert_eq!(editor.describe(image, "社区公园中心广场", ("50", "50")).await.status, 303);

        // Before it is live, nobody outside can have it.
        assert!(!pages_of(&house, &SITES).keys().any(|path| path.contains("/media/")), "{backend:?}");
        editor.pass_reviews(&house, id).await;

        let mut shown = Vec::new();
        for (site, list) in [("wangxi", "/yaowen/"), ("jinchuan", "/quxian/")] {
            let path = link_to(&visitor.get(site, list).await.text(), TITLE).expect("the list links to the article");
            let page = visitor.get(site, &path).await.text();
            assert!(page.contains("alt=\"社区公园中心广场\" loading=\"lazy\""), "{page}");
            assert!(page.contains("width=\"1200\" height=\"900\"") && page.contains(" 320w, ") && page.contains(" 1200w\""));
            assert!(page.contains("关于公园开放的通知.pdf</a>") && page.contains("PDF文档，") && !page.contains("media:"));
            shown.push((site, addresses(&page)));
        }
        assert_eq!(shown[0].1, shown[1].1, "both sites show the same");
        // The home page shows the cover, of which every site that shows the article has its own.
        let home = visitor.get("wangxi", "/").await.text();
        let covers: BTreeSet<String> = addresses(&home).into_iter().filter(|address| address.contains("c.")).collect();
        assert!(!covers.is_empty() && home.contains("alt=\"社区公园中心广场\""), "{home}");
        for (site, all) in &mut shown {
            all.extend(covers.clone());
            assert!(all.len() >= 6, "{all:?}");
            for address in all.iter() {
                check_upload(site, address, &visitor.get(site, address).await);
            }
        }
        assert_eq!(
            visitor.get("qingyu", shown[0].1.first().unwrap()).await.status,
            404,
            "sites that do not show it have nothing"
        );

        // Nothing was forgotten, and rendering it all again changes no byte.
        let incremental = pages_of(&house, &SITES);
        publish::commands::refresh::refresh(house.engine(), &model::Actor::operator("test"), None).unwrap();
        house.quiet().await;
        assert_eq!(pages_of(&house, &SITES), incremental, "{backend:?}");

        let administrator = house.desk("platform", "admin").await;
        assert_eq!(administrator.withdraw("wangxi", id, "内容有误").await.status, 303);
        house.quiet().await;
        for (site, addresses) in &shown {
            for address in addresses {
                assert_eq!(visitor.get(site, address).await.status, 410, "{site}{address} on {backend:?}");
            }
        }
        assert!(!pages_of(&house, &SITES).keys().any(|path| path.contains("/media/")), "{backend:?}");

        // Approved again, it is all back.
        editor.pass_reviews(&house, id).await;
        for (site, addresses) in &shown {
            for address in addresses {
                assert_eq!(visitor.get(site, address).await.status, 200, "{site}{address} on {backend:?}");
            }
        }
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_attachment_is_answered_like_any_page_though_it_is_never_held_in_memory() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let (host, visitor) = ("wangxi.test", house.browser());
    let editor = house.desk("wangxi", "editor").await;
    let large = large_pdf(3 << 20);
    let file = editor.bring(&house, "关于年鉴.pdf", &large).await;
    let article = Article { attachments: file.to_string(), ..Article::news(TITLE) };
    let (id, _) = editor.publish(&house, &article).await;
    let path = link_to(&visitor.get("wangxi", "/yaowen/").await.text(), TITLE).unwrap();
    let address = addresses(&visitor.get("wangxi", &path).await.text()).into_iter().find(|one| one.ends_with(".pdf")).unwrap();

    let whole = visitor.get_with(host, &address, &[("accept-encoding", "gzip, br")]).await;
    assert_eq!((whole.status, whole.bytes == large), (200, true));
    let told = |name: &str| whole.header(name);
    assert_eq!((told("content-type").as_str(), told("accept-ranges").as_str()), ("application/pdf", "bytes"));
    assert_eq!((told("cache-control").as_str(), told("vary").as_str()), ("no-cache", "accept-encoding"));
    assert_eq!((told("content-length"), told("content-encoding")), (large.len().to_string(), String::new()));
    assert_eq!(told("etag"), format!("\"{}\"", &blake3::hash(&large).to_hex()[..16]));
    assert!(told("content-security-policy").contains("sandbox") && told("content-disposition").starts_with("attachment;"));
    let tag = told("etag");

    let head = visitor.head(host, &address).await;
    assert_eq!((head.status, head.bytes.len(), head.header("content-length")), (200, 0, large.len().to_string()));
    let known = visitor.get_with(host, &address, &[("if-none-match", &format!("W/{tag}"))]).await;
    assert_eq!((known.status, known.bytes.len(), known.header("etag")), (304, 0, tag.clone()));
    // A part that lies across the pieces that are read at once.
    let part = visitor.get_with(host, &address, &[("range", "bytes=500000-1700000"), ("if-range", &tag)]).await;
    assert_eq!((part.status, part.bytes == large[500_000..=1_700_000]), (206, true));
    assert_eq!(part.header("content-range"), format!("bytes 500000-1700000/{}", large.len()));
    let end = visitor.get_with(host, &address, &[("range", "bytes=-5")]).await;
    assert_eq!((end.status, end.bytes.as_slice()), (206, &large[large.len() - 5..]));
    let outside = visitor.get_with(host, &address, &[("range", "bytes=9999999-")]).await;
    assert_eq!((outside.status, outside.header("content-range")), (416, format!("bytes */{}", large.len())));
    let stale = visitor.get_with(host, &address, &[("range", "bytes=0-1"), ("if-range", "\"old\"")]).await;
    assert_eq!((stale.status, stale.bytes.len()), (200, large.len()));

    // What is in its place is told by its own hash, though nobody said that it has changed.
    let other = large_pdf((3 << 20) + 8);
    write(&house.settings.pages.join("wangxi").join(&address[1..]), &other);
    let changed = visitor.get_with(host, &address, &[("if-none-match", &tag)]).await;
    assert_eq!((changed.status, changed.bytes == other), (200, true));
    assert_eq!(changed.header("etag"), format!("\"{}\"", &blake3::hash(&other).to_hex()[..16]));

    let administrator = house.desk("platform", "admin").await;
    assert_eq!(administrator.withdraw("wangxi", id, "内容有误").await.status, 303);
    house.quiet().await;
    assert_eq!(visitor.get("wangxi", &address).await.status, 410);
    house.close().await;
}

/// A PDF of this many bytes.
pub fn large_pdf(size: usize) -> Vec<u8> {
    let [mut bytes, end] = [b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n%".to_vec(), pdf().split_off(39)];
    let filling = (0..size - bytes.len() - end.len() - 1).map(|at| b'a' + u8::try_from((at * 7 + at / 1_000) % 26).unwrap());
    bytes.extend(filling);
    bytes.push(b'\n');
    bytes.extend(end);
    bytes
}

/// Safe headers, and bytes that are what the address says.
fn check_upload(site: &str, address: &str, answer: &Answer) {
    assert_eq!(answer.status, 200, "{site}{address}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(answer.header("content-security-policy").contains("sandbox"));
    if address.ends_with(".pdf") {
        assert_eq!(answer.header("content-type"), "application/pdf");
        let name = answer.header("content-disposition");
        assert!(name.starts_with("attachment; filename*=UTF-8''%E5%85%B3%E4%BA%8E"), "{name}");
        assert_eq!(answer.bytes, pdf());
        return;
    }
    assert_eq!(answer.header("content-disposition"), "");
    let kind = answer.header("content-type");
    assert!(["image/jpeg", "image/webp"].contains(&kind.as_str()), "{kind}");
    let decoded = image::load_from_memory(&answer.bytes).unwrap();
    let last = address.rsplit('-').next().unwrap();
    if let Some((width, _)) = last.split_once("w.") {
        assert_eq!(decoded.width().to_string(), width, "{address}");
    } else if let Some((width, _)) = last.split_once("c.") {
        assert_eq!((decoded.width().to_string().as_str(), decoded.width() * 9 / 16), (width, decoded.height()), "{address}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_what_is_said_of_a_picture_reaches_its_pages_and_no_others() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let visitor = house.browser();
    let editor = house.desk("wangxi", "editor").await;
    let administrator = house.desk("wangxi", "admin").await;
    let image = editor.bring(&house, "图.jpg", &encoded(&picture(1_600, 500), ImageFormat::Jpeg)).await;
    editor.describe(image, "旧的说明", ("0", "50")).await;
    let body = format!("<p>正文。<img src=\"media:{image}\"></p>");
    let article = Article { body, cover: image.to_string(), ..Article::news(TITLE) };
    let (id, _) = editor.publish(&house, &article).await;
    let path = link_to(&visitor.get("wangxi", "/yaowen/").await.text(), TITLE).unwrap();
    let home = visitor.get("wangxi", "/").await.text();
    let cover = addresses(&home).into_iter().find(|address| address.contains("c.")).expect("the home page shows the cover");
    let before = visitor.get("wangxi", &cover).await.bytes;
    let all = pages_of(&house, &SITES);

    // Whoever may only write says nothing new on a page that is live.
    let refused = editor.describe(image, "新的说明", ("100", "50")).await;
    assert_eq!(refused.status, 403);
    assert!(refused.text().contains("须由有撤回权限的人员") && refused.text().contains("新的说明"), "{}", refused.text());
    house.quiet().await;
    assert_eq!(pages_of(&house, &SITES), all);

    assert_eq!(administrator.describe(image, "新的说明", ("100", "50")).await.status, 303);
    house.quiet().await;
    assert!(visitor.get("wangxi", &path).await.text().contains("alt=\"新的说明\""));
    assert_ne!(visitor.get("wangxi", &cover).await.bytes, before, "the cover is cropped elsewhere");
    let changed: Vec<String> =
        pages_of(&house, &SITES).into_iter().filter(|(path, hash)| all.get(path) != Some(hash)).map(|(path, _)| path).collect();
    assert!(changed.iter().all(|path| path.contains("/wangxi/") || path.contains("/jinchuan/")), "{changed:?}");
    assert!(!changed.iter().any(|path| path.ends_with("sitemap.html")), "{changed:?}");
    let incremental = pages_of(&house, &SITES);
    publish::commands::refresh::refresh(house.engine(), &model::Actor::operator("test"), None).unwrap();
    house.quiet().await;
    assert_eq!(pages_of(&house, &SITES), incremental);

    // What is on a page cannot lose its description, nor have a point outside itself.
    assert_eq!(administrator.describe(image, " ", ("100", "50")).await.status, 422);
    let answer = administrator.describe(image, "新的说明", ("101", "x")).await;
    assert!(answer.status == 422 && answer.text().contains("0到100") && answer.text().contains("value=\"101\""));

    // Once it is taken down, it is the editor's again.
    assert_eq!(administrator.withdraw("wangxi", id, "更换图片").await.status, 303);
    house.quiet().await;
    assert_eq!(editor.describe(image, "再改的说明", ("100", "50")).await.status, 303);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn malicious_files_are_refused_each_with_its_reason_and_the_good_ones_kept() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let editor = house.desk("wangxi", "editor").await;
    let good = encoded(&picture(40, 30), ImageFormat::Png);
    let html = b"<!DOCTYPE html><html><script>alert(1)</script></html>".as_slice();
    let script = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>".as_slice();
    let inflating = inflating_png(11_000, 3_600);
    assert!(inflating.len() < 400_000, "a small file: {}", inflating.len());
    let huge = png_head(20_000, 20_000);
    let inflating_beyond = inflating_png(11_990, 11_990);
    let mut cut = encoded(&picture(400, 300), ImageFormat::Jpeg);
    cut.truncate(300);
    for (name, bytes, reason) in [
        ("网页.jpg", html, "文件内容是网页代码"),
        ("图.svg", script, "SVG图片含有不允许的内容（元素script）"),
        ("onload.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"x()\"/>", "事件属性onload"),
        ("外链.svg", b"<svg><image href=\"https://t.example/a.png\"/></svg>", "SVG图片含有不允许的内容"),
        ("巨图.png", &huge, "图片尺寸过大"),
        ("膨胀.png", &inflating_beyond, "图片尺寸过大"),
        ("残缺.jpg", &cut, "文件已损坏"),
        ("../../etc/passwd.png", &good, "文件名含有路径符号"),
        ("..\\..\\x.png", &good, "文件名含有路径符号"),
        ("表\u{202E}gnp.png", &good, "方向控制字符"),
        ("无扩展名", &good, "没有扩展名"),
        ("其实是图.pdf", &good, "文件内容是PNG图片，与扩展名“.pdf”不符"),
        ("程序.zip", b"MZ\x90\0\x03", "文件内容不是有效的“.zip”文件"),
        ("程序.exe", b"MZ\x90\0\x03", "不支持的文件类型"),
        ("空.png", b"", "文件是空的"),
        ("炸弹.zip", &bomb(), "解压后体积异常"),
    ] {
        let answer = editor.upload(&[(name, bytes)]).await;
        assert_eq!(answer.status, 422, "{name}: {}", answer.text());
        assert!(answer.text().contains(reason), "{name}: {}", answer.text());
    }
    assert_eq!(blobs_of(&house), 0, "nothing of them is kept");

    // A small file with many pixels, but not too many, is decoded within its bounds.
    assert_eq!(editor.upload(&[("平.png", &inflating)]).await.status, 303);

    let answer = editor.upload(&[("好图.png", &good), ("网页.jpg", html)]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("好图.png") && answer.text().contains("网页.jpg"), "{}", answer.text());
    let list = editor.browser.screen("/console/wangxi/media?view=list").await.text();
    assert!(list.contains("好图.png") && !list.contains("网页.jpg"), "{list}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_is_not_even_kept_in_memory() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let editor = house.desk("wangxi", "editor").await;
    let set = &house.settings.media;
    let large = vec![0xFF_u8; usize::try_from(set.attachment_bytes).unwrap() + 1];
    let answer = editor.upload(&[("大.pdf", &large), ("小.pdf", &pdf())]).await;
    assert_eq!(answer.status, 422, "{}", answer.text());
    assert!(answer.text().contains("文件超过50.0 MB") && answer.text().contains("小.pdf"), "{}", answer.text());

    // A picture has a bound of its own.
    let mut picture = encoded(&picture(40, 30), ImageFormat::Jpeg);
    picture.resize(usize::try_from(set.image_bytes).unwrap() + 1, 0);
    let answer = editor.upload(&[("大图.jpg", &picture)]).await;
    assert!(answer.status == 422 && answer.text().contains("文件超过20.0 MB"), "{}", answer.text());
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_file_is_stored_once_and_where_a_camera_was_is_nowhere() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let editor = house.desk("wangxi", "editor").await;
    let photo = with_gps(&encoded(&picture(300, 200), ImageFormat::Jpeg));
    assert!(contains(&photo, b"GPS-SECRET-31.2304") && image::load_from_memory(&photo).is_ok());
    let id = editor.bring(&house, "现场.jpg", &photo).await;
    let kept = blobs_of(&house);

    let again = editor.upload(&[("另一个名字.jpg", &photo)]).await;
    assert!(again.status == 200 && again.text().contains("本站已有相同文件“现场.jpg”"), "{}", again.text());
    let other = house.desk("qingyu", "editor").await;
    other.bring(&house, "现场.jpg", &photo).await;
    assert_eq!(blobs_of(&house), kept, "another site's is the same bytes");

    let shown = editor.browser.screen(&format!("/console/wangxi/media/{id}/file")).await;
    assert_eq!((shown.status, shown.header("content-type").as_str()), (200, "image/jpeg"));
    assert!(!contains(&shown.bytes, b"GPS-SECRET") && !contains(&shown.bytes, b"Exif"));
    let upright = image::load_from_memory(&shown.bytes).unwrap();
    assert_eq!((upright.width(), upright.height()), (200, 300), "it is turned as the camera said");
    for folder in std::fs::read_dir(&house.settings.blobs).unwrap() {
        for blob in std::fs::read_dir(folder.unwrap().path()).unwrap() {
            assert!(!contains(&std::fs::read(blob.unwrap().path()).unwrap(), b"GPS-SECRET"));
        }
    }

    // Deleted on one site, it stays on the other; deleted there too, nothing is left.
    assert_eq!(editor.browser.submit(&format!("/console/wangxi/media/{id}/delete"), &[]).await.status, 303);
    assert_eq!(blobs_of(&house), kept);
    assert_eq!(editor.browser.screen(&format!("/console/wangxi/media/{id}/file")).await.status, 404);
    assert_eq!(other.browser.screen(&format!("/console/qingyu/media/{}/file", id + 1)).await.status, 200);
    assert_eq!(other.browser.submit(&format!("/console/qingyu/media/{}/delete", id + 1), &[]).await.status, 303);
    assert_eq!(blobs_of(&house), 0);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_sites_media_are_refused_at_the_field_and_nothing_typed_is_lost() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let stranger = house.desk("qingyu", "editor").await;
        let foreign = stranger.bring(&house, "他站.png", &encoded(&picture(40, 30), ImageFormat::Png)).await;
        let editor = house.desk("wangxi", "editor").await;
        let own = editor.bring(&house, "本站.pdf", &pdf()).await;
        for (body, cover, attachments, wanted) in [
            (format!("<p><img src=\"media:{foreign}\" alt=\"图\">原文还在</p>"), String::new(), String::new(), "body-problem"),
            (format!("<p><a href=\"media:{foreign}\">表</a>原文还在</p>"), String::new(), String::new(), "body-problem"),
            ("<p>原文还在</p>".into(), foreign.to_string(), String::new(), "cover-problem"),
            ("<p>原文还在</p>".into(), String::new(), format!("{own}，{foreign}"), "attachments-problem"),
            ("<p>原文还在</p>".into(), own.to_string(), String::new(), "cover-problem"),
            ("<p>原文还在</p>".into(), String::new(), "附件一".into(), "attachments-problem"),
            (format!("<p><img src=\"media:{own}\" alt=\"图\">原文还在</p>"), String::new(), String::new(), "body-problem"),
        ] {
            let channel = house.channel("wangxi", "yaowen").id.to_string();
            let fields = [
                ("channel", channel.as_str()),
                ("title", "借用他站图片"),
                ("body", &body),
                ("cover", &cover),
                ("attachments", &attachments),
                ("source", "x"),
            ];
            let answer = editor.browser.submit("/console/wangxi/resources", &fields).await;
            assert_eq!(answer.status, 422, "{body} {cover} {attachments}: {}", answer.text());
            assert!(answer.text().contains(wanted) && answer.text().contains("原文还在"), "{wanted} on {backend:?}");
        }
        for path in [format!("media/{foreign}"), format!("media/{foreign}/file")] {
            assert_eq!(editor.browser.screen(&format!("/console/wangxi/{path}")).await.status, 404, "{path}");
        }
        assert_eq!(editor.describe(foreign, "x", ("1", "1")).await.status, 404);
        let answer = editor.browser.submit(&format!("/console/wangxi/media/{foreign}/delete"), &[]).await;
        assert_eq!(answer.status, 404);
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_text_says_of_a_picture_is_kept_in_the_library_where_that_says_nothing() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let stranger = house.desk("qingyu", "editor").await;
        let foreign = stranger.bring(&house, "他站.png", &encoded(&picture(40, 30), ImageFormat::Png)).await;
        let bare = editor.bring(&house, "大桥.png", &encoded(&picture(41, 30), ImageFormat::Png)).await;
        let told = editor.bring(&house, "公园.png", &encoded(&picture(42, 30), ImageFormat::Png)).await;
        let live = editor.bring(&house, "河堤.png", &encoded(&picture(43, 30), ImageFormat::Png)).await;
        assert_eq!(editor.describe(told, "公园全景", ("50", "50")).await.status, 303);
        let alt = |id: i64, site: &str| {
            let site = house.site(site).id;
            let found = house.engine().store.read(|connection| store::media::find(connection, site, model::MediaId(id)));
            found.unwrap().unwrap().alt
        };
        let text = |body: String| Article { body, ..Article::news("图说") };
        let written = |id: i64, alt: &str| format!("<p><img src=\"media:{id}\" alt=\"{alt}\">图。</p>");

        // Kept with the first text, decoded, and never written over.
        let body =
            [written(bare, "大桥 &amp; “江面” &lt;北岸&gt;"), written(bare, "又一次"), written(told, "另一种说法")].concat();
        let first = editor.write(&house, &text(body)).await;
        assert_eq!(alt(bare, "wangxi"), "大桥 & “江面” <北岸>", "{backend:?}");
        assert_eq!(alt(told, "wangxi"), "公园全景", "{backend:?}");
        assert_eq!(editor.rewrite(&house, first, &text(written(bare, "改过的说法"))).await.status, 303);
        assert_eq!(alt(bare, "wangxi"), "大桥 & “江面” <北岸>", "{backend:?}");
        let screen = editor.browser.screen(&format!("/console/wangxi/media/{bare}")).await.text();
        assert!(screen.contains("大桥 &amp; “江面”"), "{backend:?}: {screen}");

        // Of another site's picture nothing is said, and too much is not half kept.
        let channel = house.channel("wangxi", "yaowen").id.to_string();
        let borrowed = written(foreign, "他站的图");
        let form = [("channel", channel.as_str()), ("title", "借图"), ("body", borrowed.as_str()), ("source", "x")];
        assert_eq!(editor.browser.submit("/console/wangxi/resources", &form).await.status, 422);
        assert_eq!(alt(foreign, "qingyu"), "", "{backend:?}");
        let second = editor.write(&house, &text(written(live, &"长".repeat(201)))).await;
        assert_eq!(alt(live, "wangxi"), "", "{backend:?}");

        // What the public sees is changed by those who may, and by no text.
        editor.pass_reviews(&house, second).await;
        editor.write(&house, &text(written(live, "河堤"))).await;
        assert_eq!(alt(live, "wangxi"), "", "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unused_media_are_found_and_what_is_used_cannot_be_deleted() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let used = editor.bring(&house, "用到的.pdf", &pdf()).await;
        let unused = editor.bring(&house, "没用到的.png", &encoded(&picture(40, 30), ImageFormat::Png)).await;
        let article = Article { attachments: used.to_string(), ..Article::news(TITLE) };
        let id = editor.write(&house, &article).await;
        let list = editor.browser.screen("/console/wangxi/media?unused=1").await.text();
        assert!(list.contains("没用到的.png") && !list.contains(">用到的.pdf"), "{backend:?}: {list}");
        let found = editor.browser.screen("/console/wangxi/media?q=%E7%94%A8%E5%88%B0&kind=document").await.text();
        assert!(found.contains("用到的.pdf") && !found.contains("没用到的.png"), "{backend:?}");

        let detail = editor.browser.screen(&format!("/console/wangxi/media/{used}")).await.text();
        assert!(
            detail.contains(TITLE) && detail.contains(&format!("/resources/{id}")) && detail.contains("上传文件"),
            "{detail}"
        );
        let refused = editor.browser.submit(&format!("/console/wangxi/media/{used}/delete"), &[]).await;
        assert!(refused.status == 409 && refused.text().contains("正在被稿件"), "{}", refused.text());
        assert_eq!(editor.browser.submit(&format!("/console/wangxi/media/{unused}/delete"), &[]).await.status, 303);

        // The form and the resource's page show what was chosen; reviewers may look at it.
        let edit = editor.browser.screen(&format!("/console/wangxi/resources/{id}/edit")).await.text();
        assert!(edit.contains(&format!("name=\"attachments\" value=\"{used}\"")), "{edit}");
        let chosen = editor.browser.screen(&format!("/console/wangxi/media/chosen?attachments={used}&cover=999")).await.text();
        assert!(chosen.contains("用到的.pdf") && chosen.contains("没有编号为 999 的文件"), "{chosen}");
        let chosen = editor.browser.screen("/console/wangxi/media/chosen?cover=").await.text();
        assert!(chosen.contains("选择图片") && !chosen.contains("添加附件"), "{chosen}");
        let reviewer = house.desk("wangxi", "review1").await;
        assert!(reviewer.browser.screen(&format!("/console/wangxi/resources/{id}")).await.text().contains("用到的.pdf"));
        let file = reviewer.browser.screen(&format!("/console/wangxi/media/{used}/file")).await;
        assert!(file.status == 200 && file.header("content-disposition").starts_with("attachment"));
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_offered_what_serves_its_purpose_and_nothing_of_other_sites() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let offered = async |query: &str| {
            let answer = editor.browser.screen(&format!("/console/wangxi/media/picker?{query}")).await;
            assert_eq!(answer.status, 200, "{backend:?} {query}");
            answer.text()
        };
        assert!(offered("purpose=image").await.contains("上传第一张图片"));
        assert!(offered("purpose=attachments").await.contains("上传第一个文件"));

        let document = editor.bring(&house, "附表.pdf", &pdf()).await;
        let picture = editor.bring(&house, "公园.png", &encoded(&picture(40, 30), ImageFormat::Png)).await;
        let foreign = house.desk("qingyu", "editor").await.bring(&house, "外站.pdf", &pdf()).await;
        let all = offered(&format!("purpose=attachments&first={foreign},{document}")).await;
        assert!(!all.contains("外站.pdf"), "{backend:?}: {all}");
        // What was just brought comes first, though the picture is newer.
        let place = |name: &str| all.find(&format!("data-name=\"{name}\"")).unwrap();
        assert!(place("附表.pdf") < place("公园.png"), "{backend:?}: {all}");
        for purpose in ["image", "cover"] {
            let pictures = offered(&format!("purpose={purpose}&first={document}")).await;
            assert!(pictures.contains(&format!("data-choose=\"{picture}\"")), "{purpose}: {pictures}");
            assert!(!pictures.contains("附表.pdf"), "{purpose}: {pictures}");
        }
        assert!(offered("purpose=link").await.contains(&format!("data-choose=\"{document}\"")));
        // Nothing found is told apart from nothing there.
        let nothing = offered("purpose=image&sought=%E9%99%84%E8%A1%A8").await;
        assert!(nothing.contains("没有文件名含“附表”的图片") && !nothing.contains("上传第一张"), "{nothing}");
        assert_eq!(editor.browser.screen("/console/wangxi/media/picker?purpose=other").await.status, 400);
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_medium_of_two_articles_stays_until_the_last_of_them_is_gone() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let visitor = house.browser();
    let editor = house.desk("wangxi", "editor").await;
    let file = editor.bring(&house, "表.pdf", &pdf()).await;
    let with = |title: &str| Article { attachments: file.to_string(), ..Article::news(title) };
    let (first, _) = editor.publish(&house, &with("第一篇")).await;
    let (second, _) = editor.publish(&house, &with("第二篇")).await;
    let path = link_to(&visitor.get("wangxi", "/yaowen/").await.text(), "第一篇").unwrap();
    let address = addresses(&visitor.get("wangxi", &path).await.text()).into_iter().next().unwrap();

    let administrator = house.desk("platform", "admin").await;
    administrator.withdraw("wangxi", first, "撤回").await;
    house.quiet().await;
    assert_eq!(visitor.get("wangxi", &address).await.status, 200);
    // The second drops it with its next revision, and only when that is approved.
    assert_eq!(editor.rewrite(&house, second, &Article::news("第二篇")).await.status, 303);
    house.quiet().await;
    assert_eq!(visitor.get("wangxi", &address).await.status, 200);
    editor.pass_reviews(&house, second).await;
    for site in ["wangxi", "jinchuan"] {
        assert_eq!(visitor.get(site, &address).await.status, 410, "{site}");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_lays_its_mark_over_its_pictures_and_follows_its_change() {
    let sites = tempfile::TempDir::new().unwrap();
    copy(&testkit::project_root().join("sites"), sites.path());
    let options = testkit::HouseOptions {
        backend: Backend::Sqlite,
        redis: false,
        sites: Some(sites.path().to_owned()),
        duty: server::Role::All,
    };
    let Some(house) = House::open_with(options).await else { return };
    let visitor = house.browser();
    let editor = house.desk("wangxi", "editor").await;
    let image = editor.bring(&house, "图.png", &encoded(&RgbImage::new(500, 400).into(), ImageFormat::Png)).await;
    let body = format!("<p><img src=\"media:{image}\" alt=\"黑图\"></p>");
    editor.publish(&house, &Article { body, ..Article::news(TITLE) }).await;
    let path = link_to(&visitor.get("wangxi", "/yaowen/").await.text(), TITLE).unwrap();
    let address = addresses(&visitor.get("wangxi", &path).await.text())
        .into_iter()
        .find(|one| one.ends_with("0w.webp") || one.ends_with("0w.jpg"))
        .unwrap();
    let corner = async |site: &str| {
        let shown = image::load_from_memory(&visitor.get(site, &address).await.bytes).unwrap().to_rgb8();
        shown.get_pixel(shown.width() * 9 / 10, shown.height() - shown.width() / 25).0
    };
    assert_eq!(corner("wangxi").await, [0, 0, 0]);

    let mark = |colour: [u8; 3]| encoded(&RgbImage::from_pixel(100, 60, Rgb(colour)).into(), ImageFormat::Png);
    let asset = sites.path().join("wangxi/assets/watermark.png");
    write(&asset, mark([255, 255, 255]));
    let manifest = sites.path().join("wangxi/site.toml");
    let declared = std::fs::read_to_string(&manifest).unwrap();
    write(&manifest, declared.replace("[workflow]", "[media]\nwatermark = \"watermark.png\"\n\n[workflow]"));
    house.declare_sites();
    house.quiet().await;
    assert!(corner("wangxi").await[0] > 200, "{:?}", corner("wangxi").await);
    assert_eq!(corner("jinchuan").await, [0, 0, 0], "another site shows it without");

    write(&asset, mark([255, 0, 0]));
    house.declare_sites();
    house.quiet().await;
    let [red, green, _] = corner("wangxi").await;
    assert!(red > 200 && green < 60, "a new mark is laid over what is live");

    write(&manifest, declared.replace("[workflow]", "[media]\nwatermark = \"none.png\"\n\n[workflow]"));
    let folders = server::commands::site_folders(sites.path()).unwrap();
    let refused = server::commands::apply_sites(house.engine(), &folders).unwrap_err();
    assert!(format!("{refused:#}").contains("none.png"), "{refused:#}");
    house.close().await;
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// A JPEG with an EXIF segment: turned by a quarter, and a place in its GPS directory.
fn with_gps(jpeg: &[u8]) -> Vec<u8> {
    let secret = b"GPS-SECRET-31.2304\0";
    let mut tiff = b"MM\0\x2A\0\0\0\x08".to_vec();
    // IFD0: Orientation (6: turned), GPS IFD at 38.
    tiff.extend([0, 2]);
    tiff.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0]);
    tiff.extend([0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 38]);
    tiff.extend([0, 0, 0, 0]);
    // GPS IFD: GPSAreaInformation, as bytes at 56.
    tiff.extend([0, 1]);
    tiff.extend([0, 0x1C, 0, 7, 0, 0, 0, u8::try_from(secret.len()).unwrap(), 0, 0, 0, 56]);
    tiff.extend([0, 0, 0, 0]);
    tiff.extend(secret);
    let mut segment = b"Exif\0\0".to_vec();
    segment.extend(tiff);
    let mut made = jpeg[..2].to_vec();
    made.extend([0xFF, 0xE1]);
    made.extend(u16::try_from(segment.len() + 2).unwrap().to_be_bytes());
    made.extend(segment);
    made.extend(&jpeg[2..]);
    made
}

/// A whole PNG of one colour, small as a file however many pixels it has.
fn inflating_png(width: u32, height: u32) -> Vec<u8> {
    let mut made = Cursor::new(Vec::new());
    if u64::from(width) * u64::from(height) < 50_000_000 {
        image::GrayImage::new(width, height).write_to(&mut made, ImageFormat::Png).unwrap();
        return made.into_inner();
    }
    // Only its head says so many; the body would go on and on.
    png_head(width, height)
}

/// A PNG whose head claims this size.
pub fn png_head(width: u32, height: u32) -> Vec<u8> {
    let mut made = encoded(&picture(8, 8), ImageFormat::Png);
    made[16..20].copy_from_slice(&width.to_be_bytes());
    made[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = crc(&made[12..29]);
    made[29..33].copy_from_slice(&sum.to_be_bytes());
    made
}

/// A ZIP archive of some kilobytes whose one file is a hundred megabytes of nothing.
pub fn bomb() -> Vec<u8> {
    let size = 100 << 20;
    let packed = deflated_zeros(size);
    let (length, unpacked) = (u32::try_from(packed.len()).unwrap(), u32::try_from(size).unwrap());
    let sizes = [[0; 4], length.to_le_bytes(), unpacked.to_le_bytes()].concat();
    let mut zip = b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0".to_vec();
    zip.extend(&sizes);
    zip.extend(b"\x05\0\0\0a.txt");
    zip.extend(&packed);
    let directory = u32::try_from(zip.len()).unwrap();
    zip.extend(b"PK\x01\x02\x14\0\x14\0\0\0\x08\0\0\0\0\0");
    zip.extend(&sizes);
    zip.extend(b"\x05\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0a.txt");
    let end = u32::try_from(zip.len()).unwrap() - directory;
    zip.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    zip.extend(end.to_le_bytes());
    zip.extend(directory.to_le_bytes());
    zip.extend([0, 0]);
    zip
}

/// DEFLATE of `size` zero bytes: one literal, then runs of 258, with the fixed codes.
fn deflated_zeros(size: usize) -> Vec<u8> {
    struct Bits(Vec<u8>, u32, u32);
    impl Bits {
        fn put(&mut self, value: u32, count: u32) {
            for bit in 0..count {
                self.1 |= ((value >> bit) & 1) << self.2;
                self.2 += 1;
                if self.2 == 8 {
                    self.0.push(u8::try_from(self.1).unwrap());
                    (self.1, self.2) = (0, 0);
                }
            }
        }
    }
    let mut bits = Bits(Vec::new(), 0, 0);
    bits.put(0b011, 3);
    // Literal 0 is 00110000, first bit first; length 258 is code 285: 11000101; distance 1 is 00000.
    bits.put(0b0000_1100, 8);
    for _ in 0..(size - 1) / 258 {
        bits.put(0b1010_0011, 8);
        bits.put(0, 5);
    }
    bits.put(0, 7);
    bits.put(0, 7);
    bits.0
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
