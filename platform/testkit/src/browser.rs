//! HTTP as a browser speaks it: hosts, cookies, no redirects followed unasked.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

/// Where one signs in.
const DOOR: &str = "/console/sign-in";

/// One visitor.
#[derive(Clone)]
pub struct Browser {
    address: SocketAddr,
    client: reqwest::Client,
    /// The token in the forms of the last screen it was shown.
    token: Arc<Mutex<Option<String>>>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The body as it came, undecoded unless the client asked for it.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// A header as text; empty when absent.
    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    }

    /// Where a redirect leads.
    pub fn location(&self) -> String {
        self.header("location")
    }

    /// The content of an official meta tag.
    pub fn meta(&self, name: &str) -> Option<String> {
        let text = self.text();
        let start = text.find(&format!("<meta name=\"{name}\" content=\""))?;
        let rest = &text[start..];
        let content = rest.split("content=\"").nth(1)?;
        content.split('"').next().map(str::to_owned)
    }
}

impl Browser {
    pub(crate) fn new(address: SocketAddr) -> Self {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .cookie_store(true)
            .no_proxy()
            // An upload waits for its turn unread, as long as it takes; browsers wait too.
            .tcp_user_timeout(None)
            .no_gzip()
            .no_brotli()
            // Nothing here speaks TLS, and to read the machine's authorities takes longer than most answers.
            .tls_built_in_root_certs(false)
            .build()
            .expect("a client can be made");
        Self { address, client, token: Arc::default() }
    }

    /// A visitor of another node.
    pub fn at(address: SocketAddr) -> Self {
        Self::new(address)
    }

    /// Asks a site for a page.
    pub async fn get(&self, site: &str, path: &str) -> Answer {
        self.get_with(&format!("{site}.test"), path, &[]).await
    }

    /// Asks a host for a path with headers of the test's own.
    pub async fn get_with(&self, host: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(self.client.get(self.url(path)), host, headers).await
    }

    /// HEAD.
    pub async fn head(&self, host: &str, path: &str) -> Answer {
        self.send(self.client.head(self.url(path)), host, &[]).await
    }

    /// Asks the console for a screen.
    pub async fn screen(&self, path: &str) -> Answer {
        self.get_with("localhost", path, &[]).await
    }

    /// What has come of a screen that need not end, once these words are among it; all that came when they do not come in time.
    pub async fn follow(&self, path: &str, words: &str) -> String {
        let mut response =
            self.client.get(self.url(path)).header("host", "localhost").send().await.expect("the platform answers");
        let mut told = Vec::new();
        let end = tokio::time::Instant::now() + std::time::Duration::from_secs(5);
        while !String::from_utf8_lossy(&told).contains(words) {
            match tokio::time::timeout_at(end, response.chunk()).await {
                Ok(Ok(Some(some))) => told.extend_from_slice(&some),
                _ => break,
            }
        }
        String::from_utf8_lossy(&told).into_owned()
    }

    /// Sends a form to the console, as a page of the console would.
    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = if path == DOOR { held(&self.screen(DOOR).await) } else { self.token().await };
        let all: Vec<_> = token.iter().map(|token| ("_token", token.as_str())).chain(fields.iter().copied()).collect();
        self.submit_with(path, &all, &[("sec-fetch-site", "same-origin")]).await
    }

    /// The token that the forms of the console hold for it; none for whoever is not signed in. A screen is looked at where none was yet.
    pub async fn token(&self) -> Option<String> {
        let mut path = "/console".to_owned();
        for _ in 0..3 {
            let known = self.known().clone();
            if known.is_some() {
                return known;
            }
            let answer = self.screen(&path).await;
            if answer.status != 303 {
                break;
            }
            path = answer.location();
        }
        self.known().clone()
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a form to another host, as the page that was looked at last would.
    pub async fn submit_at(&self, host: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.known().clone();
        let all: Vec<_> = token.iter().map(|token| ("_token", token.as_str())).chain(fields.iter().copied()).collect();
        self.send_form_to(host, path, &all, &[("sec-fetch-site", "same-origin")]).await
    }

    /// Sends a form with headers of the test's own.
    pub async fn submit_with(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        self.send_form_to("localhost", path, fields, headers).await
    }

    /// Sends a form to a host with headers of the test's own.
    pub async fn send_form_to(&self, host: &str, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let body: String =
            fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect::<Vec<_>>().join("&");
        let request = self.client.post(self.url(path)).header("content-type", "application/x-www-form-urlencoded").body(body);
        self.send(request, host, headers).await
    }

    /// Sends JSON to the platform, as programs do.
    pub async fn send_json(&self, path: &str, body: &str, headers: &[(&str, &str)]) -> Answer {
        let request = self.client.post(self.url(path)).header("content-type", "application/json").body(body.to_owned());
        self.send(request, "localhost", headers).await
    }

    /// Sends files to the console, as a file field of a form does.
    pub async fn upload(&self, path: &str, files: &[(&str, &[u8])]) -> Answer {
        const MARK: &str = "-----------------------------tongyuan";
        let mut body = Vec::new();
        if let Some(token) = self.token().await {
            body.extend(format!("--{MARK}\r\nContent-Disposition: form-data; name=\"_token\"\r\n\r\n{token}\r\n").bytes());
        }
        for (name, bytes) in files {
            let name = name.replace('\\', "\\\\").replace('"', "%22");
            body.extend(format!("--{MARK}\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n").bytes());
            body.extend(b"Content-Type: application/octet-stream\r\n\r\n");
            body.extend(*bytes);
            body.extend(b"\r\n");
        }
        body.extend(format!("--{MARK}--\r\n").bytes());
        let kind = format!("multipart/form-data; boundary={MARK}");
        let request = self.client.post(self.url(path)).header("content-type", kind).body(body);
        self.send(request, "localhost", &[("sec-fetch-site", "same-origin")]).await
    }

    /// Sends a body of the test's own as a form with files, its parts told apart by `mark`; none where the connection was ended.
    pub async fn send_form(&self, path: &str, mark: &str, body: Vec<u8>) -> Option<Answer> {
        let token = self.token().await.unwrap_or_default();
        let request = self.client.post(self.url(path)).header("host", "localhost").header("sec-fetch-site", "same-origin");
        let request = request.header("x-csrf-token", token);
        let response =
            request.header("content-type", format!("multipart/form-data; boundary={mark}")).body(body).send().await.ok()?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Some(Answer { status, headers, bytes: response.bytes().await.ok()?.to_vec() })
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    async fn send(&self, request: reqwest::RequestBuilder, host: &str, headers: &[(&str, &str)]) -> Answer {
        let mut all = HeaderMap::new();
        all.insert("host", HeaderValue::from_str(host).expect("a host is plain text"));
        for (name, value) in headers {
            let name: HeaderName = name.parse().expect("a header name");
            all.insert(name, HeaderValue::from_str(value).expect("a header value"));
        }
        let response = request.headers(all).send().await.expect("the platform answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.expect("the body arrives").to_vec();
        let answer = Answer { status, headers, bytes };
        self.learn(&answer);
        answer
    }

    /// Another session has another token, which is in the next screen. The one at the door is nobody's session's.
    fn learn(&self, answer: &Answer) {
        if answer.headers.contains_key("set-cookie") {
            *self.known() = None;
        } else if answer.header("content-type").starts_with("text/html")
            && !answer.text().contains(&format!("action=\"{DOOR}\""))
            && let Some(token) = held(answer)
        {
            *self.known() = Some(token);
        }
    }
}

/// The token that the forms of a screen hold.
fn held(screen: &Answer) -> Option<String> {
    let text = screen.text();
    let token = text.split("name=\"_token\" value=\"").nth(1)?.split('"').next()?;
    Some(token.to_owned())
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
