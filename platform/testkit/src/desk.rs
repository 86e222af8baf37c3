//! A member of staff at the console: writes, submits, reviews, withdraws, all through its forms.

use std::time::Duration;

use crate::house::{House, PASSWORD};
use crate::{Answer, Browser};

/// What a test writes; fields left empty are sent empty.
#[derive(Clone, Debug, Default)]
pub struct Article {
    /// Short name of the channel.
    pub channel: String,
    /// 标题
    pub title: String,
    /// Body in HTML.
    pub body: String,
    /// 摘要
    pub summary: String,
    /// The number of a medium.
    pub cover: String,
    /// Numbers of media.
    pub attachments: String,
}

impl Article {
    /// News for 要闻动态.
    pub fn news(title: &str) -> Self {
        Self {
            channel: "yaowen".into(),
            title: title.into(),
            body: format!("<p>{title}的正文。</p>"),
            summary: format!("{title}的摘要。"),
            ..Self::default()
        }
    }
}

/// One signed-in person on one site.
#[derive(Clone)]
pub struct Desk {
    /// Their browser.
    pub browser: Browser,
    /// The key of the site.
    pub site: String,
}

impl Desk {
    pub(crate) async fn sign_in(browser: Browser, site: &str, username: &str) -> Self {
        let answer =
            browser.submit("/console/sign-in", &[("username", username), ("password", PASSWORD), ("next", "/console")]).await;
        assert_eq!(answer.status, 303, "{username} cannot sign in: {}", answer.text());
        Self { browser, site: site.to_owned() }
    }

    /// The same person on another site.
    #[must_use]
    pub fn at(self, site: &str) -> Self {
        Self { site: site.to_owned(), ..self }
    }

    /// Makes a token for these permissions on a site, or with none on the platform, as 我的账号 does; gives what is shown once.
    pub async fn make_token(&self, name: &str, site: &str, permissions: &[&str]) -> String {
        let mut fields = vec![("name", name), ("ground", site), ("days", "30")];
        fields.extend(permissions.iter().map(|permission| ("permissions", *permission)));
        let answer = self.browser.submit("/console/me/tokens", &fields).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let text = answer.text();
        let token = text.split("data-copied=\"令牌\">").nth(1).and_then(|rest| rest.split('<').next());
        token.expect("the token is shown").to_owned()
    }

    /// Begins a resource; gives its number.
    pub async fn write(&self, house: &House, article: &Article) -> i64 {
        let channel = house.channel(&self.site, &article.channel).id.to_string();
        let mut fields = form(article);
        fields.push(("channel", &channel));
        fields.push(("action", "save"));
        let answer = self.browser.submit(&format!("/console/{}/resources", self.site), &fields).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        number_in(&answer.location(), "/resources/")
    }

    /// Brings files into the media library.
    pub async fn upload(&self, files: &[(&str, &[u8])]) -> Answer {
        self.browser.upload(&format!("/console/{}/media", self.site), files).await
    }

    /// Brings one file that must be taken; gives its number.
    pub async fn bring(&self, house: &House, name: &str, bytes: &[u8]) -> i64 {
        let answer = self.upload(&[(name, bytes)]).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let (site, filter) = (house.site(&self.site).id, store::media::Filter::default());
        let newest = house.engine().store.read(|connection| store::media::list(connection, site, &filter, 0, 1));
        newest.expect("media can be read").first().expect("it is there").id.0
    }

    /// Says what is in a picture and what matters in it.
    pub async fn describe(&self, id: i64, alt: &str, focal: (&str, &str)) -> Answer {
        let fields = [("alt", alt), ("focal_x", focal.0), ("focal_y", focal.1)];
        self.browser.submit(&format!("/console/{}/media/{id}", self.site), &fields).await
    }

    /// Adds a revision to a resource.
    pub async fn rewrite(&self, house: &House, id: i64, article: &Article) -> Answer {
        let version = self.version(house, id).to_string();
        let channel = house.channel(&self.site, &article.channel).id.to_string();
        let mut fields = form(article);
        fields.extend([("version", version.as_str()), ("channel", &channel), ("action", "save")]);
        self.browser.submit(&format!("{}/edit", self.address(id)), &fields).await
    }

    /// Hands the latest revision in for review.
    pub async fn hand_in(&self, house: &House, id: i64) -> Answer {
        let version = self.version(house, id).to_string();
        self.browser.submit(&format!("{}/submit", self.address(id)), &[("version", &version)]).await
    }

    /// Approves a step.
    pub async fn approve(&self, id: i64, step: i32) -> Answer {
        let step = step.to_string();
        self.browser
            .submit(&format!("{}/review", self.address(id)), &[("step", &step), ("verdict", "approve"), ("reason", "")])
            .await
    }

    /// Sends a step back.
    pub async fn send_back(&self, id: i64, step: i32, reason: &str) -> Answer {
        let step = step.to_string();
        self.browser
            .submit(&format!("{}/review", self.address(id)), &[("step", &step), ("verdict", "return"), ("reason", reason)])
            .await
    }

    /// Takes a resource down everywhere.
    pub async fn withdraw(&self, site: &str, id: i64, reason: &str) -> Answer {
        self.browser.submit(&format!("/console/{site}/resources/{id}/withdraw"), &[("reason", reason)]).await
    }

    /// Writes, hands in and passes three reviews by three people, then waits until everything is live. Gives the resource's
    /// number and the answer to the last approval.
    pub async fn publish(&self, house: &House, article: &Article) -> (i64, Answer) {
        let id = self.write(house, article).await;
        (id, self.pass_reviews(house, id).await)
    }

    /// Hands in and passes three reviews by three people, then waits until everything is live.
    pub async fn pass_reviews(&self, house: &House, id: i64) -> Answer {
        let handed_in = self.hand_in(house, id).await;
        assert_eq!(handed_in.status, 303, "{}", handed_in.text());
        let mut last = handed_in;
        for step in 0..3 {
            let reviewer = house.desk(&self.site, &format!("review{}", step + 1)).await;
            last = reviewer.approve(id, step).await;
            assert_eq!(last.status, 303, "{}", last.text());
        }
        house.quiet().await;
        last
    }

    /// The receipt's screen, once it says that everything is live.
    pub async fn receipt(&self, address: &str) -> Answer {
        for _ in 0..100 {
            let answer = self.browser.screen(address).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            if answer.text().contains("已上线") || answer.text().contains("已撤下") {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{address} never says that it is live");
    }

    fn address(&self, id: i64) -> String {
        format!("/console/{}/resources/{id}", self.site)
    }

    fn version(&self, house: &House, id: i64) -> i64 {
        let site = house.site(&self.site).id;
        let resource = house.engine().store.read(|connection| store::resources::find(connection, site, model::ResourceId(id)));
        resource.expect("resources can be read").expect("the resource is there").version
    }
}

fn form(article: &Article) -> Vec<(&str, &str)> {
    vec![
        ("title", &article.title),
        ("subtitle", ""),
        ("summary", &article.summary),
        ("body", &article.body),
        ("source", "测试单位"),
        ("author", ""),
        ("editor", "测试编辑"),
        ("keywords", "测试"),
        ("document_number", ""),
        ("issuing_bodies", ""),
        ("written_on", ""),
        ("effective_on", ""),
        ("theme_class", ""),
        ("validity", ""),
        ("cover", &article.cover),
        ("attachments", &article.attachments),
    ]
}

/// The number that follows `mark` in an address.
fn number_in(address: &str, mark: &str) -> i64 {
    let rest = address.split(mark).nth(1).unwrap_or_default();
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or_else(|_| panic!("{address} names no number"))
}
