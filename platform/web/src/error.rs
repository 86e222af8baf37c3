//! One table from cause to answer: people see a kind sentence, the log sees the cause.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};
use model::Problem;
use publish::CommandError;
use std::sync::Arc;

use crate::route::API;
use crate::{App, Door, Tenant};

/// Why a request was not answered as asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or not for this person.
    #[error("not found")]
    NotFound,
    /// They may not do this.
    #[error("forbidden")]
    Forbidden,
    /// The form was not drawn for the session that sends it.
    #[error("not a form of this session")]
    Forged,
    /// A program brought no token that opens anything.
    #[error("no token")]
    NoToken,
    /// What was sent has problems, each at its field: for programs. Screens show the form again instead.
    #[error("{}", sentences(.0))]
    Invalid(Vec<Problem>),
    /// They must sign in first and then come back to this address.
    #[error("not signed in")]
    SignIn(String),
    /// A citizen must do something first, at an address that ends where the address to come back to is put.
    #[error("a citizen must sign in or prove who they are first")]
    CitizenFirst(&'static str, String),
    /// The password must be changed before anything else: where to go on afterwards, or none where something was sent that is not done.
    #[error("the password must be changed first")]
    ChangePassword(Option<String>),
    /// A second factor must be set up before anything else: where to go on afterwards, or none where something was sent that is not done.
    #[error("a second factor must be set up first")]
    AddFactor(Option<String>),
    /// The request is not understood; the sentence is for the person.
    #[error("{0}")]
    BadRequest(String),
    /// A rule says no; the sentence is for the person.
    #[error("{0}")]
    Refused(String),
    /// Too many attempts.
    #[error("too many attempts")]
    TooMany,
    /// The database does not answer.
    #[error("{0}")]
    Unavailable(String),
    /// Our own fault; the text is for the log.
    #[error("{0}")]
    Fault(String),
}

/// An error as its page shows it.
#[derive(Clone, Debug, serde::Serialize)]
pub struct ErrorView {
    /// HTTP status.
    pub status: u16,
    /// A few words.
    pub title: String,
    /// What to do.
    pub message: String,
    /// To be told to the operator; in the log line too.
    pub request_id: String,
    /// Whether it is for want of a permission: what somebody holds, and what would give it, can be looked up.
    pub is_forbidden: bool,
}

/// What an error carries out of a handler, to be drawn as a page by [`draw`].
#[derive(Clone)]
struct Undrawn {
    status: StatusCode,
    title: &'static str,
    message: String,
    cause: Option<String>,
    is_forbidden: bool,
    /// Those at fields.
    problems: Vec<Problem>,
}

/// An error as a program is told it.
#[derive(serde::Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    view: &'a ErrorView,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    problems: &'a [Problem],
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Unavailable(reason) => Self::Unavailable(reason),
            store::Error::Stale => Self::Refused("该内容刚刚被他人修改，请刷新后再操作".into()),
            other => Self::Fault(other.to_string()),
        }
    }
}

impl From<CommandError> for Error {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::NotFound => Self::NotFound,
            CommandError::Forbidden => Self::Forbidden,
            CommandError::Refused(sentence) => Self::Refused(sentence),
            CommandError::Invalid(problems) => Self::Refused(sentences(&problems)),
            CommandError::Stale => Self::from(store::Error::Stale),
            CommandError::Blob(_) | CommandError::Sealed(_) | CommandError::Signing(_) => Self::Fault(error.to_string()),
            CommandError::Store(error) => error.into(),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        if let Self::SignIn(next) = &self {
            return Redirect::to(&format!("/console/sign-in?next={}", encoded(next))).into_response();
        }
        if let Self::CitizenFirst(way, next) = &self {
            return Redirect::to(&format!("{way}{}", encoded(next))).into_response();
        }
        if let Self::ChangePassword(Some(next)) = &self {
            return Redirect::to(&format!("/console/me/password?next={}", encoded(next))).into_response();
        }
        if let Self::AddFactor(Some(next)) = &self {
            return Redirect::to(&format!("/console/me/factors?next={}", encoded(next))).into_response();
        }
        let undrawn = self.undrawn();
        let mut response = undrawn.status.into_response();
        if undrawn.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(undrawn);
        response
    }
}

impl Error {
    fn undrawn(self) -> Undrawn {
        let problems = if let Self::Invalid(problems) = &self { problems.clone() } else { Vec::new() };
        let is_forbidden = matches!(self, Self::Forbidden);
        let (status, title, message, cause) = match self {
            Self::NotFound | Self::SignIn(_) | Self::CitizenFirst(..) => {
                (StatusCode::NOT_FOUND, "页面不存在", "您访问的页面不存在，或您没有查看权限。".to_owned(), None)
            }
            Self::Forbidden => {
                (StatusCode::FORBIDDEN, "没有权限", "您的账号没有此项操作权限，如有需要请联系站点管理员。".to_owned(), None)
            }
            Self::ChangePassword(_) => (
                StatusCode::CONFLICT,
                "请先修改密码",
                "您须先修改密码，本次操作没有执行，所填内容没有保存。请在新窗口打开后台修改密码，再返回原页面重新提交。"
                    .to_owned(),
                None,
            ),
            Self::AddFactor(_) => (
                StatusCode::CONFLICT,
                "请先设置二次验证",
                "您须先设置二次验证，本次操作没有执行，所填内容没有保存。请在新窗口打开后台完成设置，再返回原页面重新提交。"
                    .to_owned(),
                None,
            ),
            Self::Forged => (
                StatusCode::FORBIDDEN,
                "表单已失效",
                "您在打开此页面之后重新登录过，或请求并非由本平台的页面发出，因此没有执行。请返回上一页，刷新后重新提交。"
                    .to_owned(),
                None,
            ),
            Self::NoToken => (
                StatusCode::UNAUTHORIZED,
                "访问令牌无效",
                "请求没有携带有效的访问令牌：令牌可能填写有误、已过期或已撤销，或其所属账号已停用。".to_owned(),
                None,
            ),
            Self::Invalid(problems) => (StatusCode::UNPROCESSABLE_ENTITY, "内容有误", sentences(&problems), None),
            Self::BadRequest(sentence) => (StatusCode::BAD_REQUEST, "请求有误", sentence, None),
            Self::Refused(sentence) => (StatusCode::CONFLICT, "无法完成操作", sentence, None),
            Self::TooMany => (StatusCode::TOO_MANY_REQUESTS, "操作过于频繁", "尝试次数过多，请稍后再试。".to_owned(), None),
            Self::Unavailable(cause) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "数据库暂时无法连接",
                "公众网站仍可正常访问，其他操作请稍后再试。已填写的内容请先自行保存。".to_owned(),
                Some(cause),
            ),
            Self::Fault(cause) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "系统繁忙",
                "系统暂时无法处理您的请求，请稍后再试。如问题持续存在，请将请求编号告知运维人员。".to_owned(),
                Some(cause),
            ),
        };
        Undrawn { status, title, message, cause, is_forbidden, problems }
    }
}

/// Gives every request an id, and every failed one its page with that id and one log line.
pub(crate) async fn draw(State((app, door)): State<(Arc<App>, Door)>, request: Request, next: Next) -> Response {
    let request_id = uuid::Uuid::now_v7().simple().to_string();
    let asked = format!("{} {}", request.method(), request.uri().path());
    let is_of_program = request.uri().path().starts_with(API);
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert("x-request-id", value);
    }
    let undrawn = response.extensions_mut().remove::<Undrawn>().or_else(|| bare(&response));
    let Some(undrawn) = undrawn else { return response };
    if let Some(cause) = &undrawn.cause {
        tracing::error!(request_id, asked, cause, status = undrawn.status.as_u16(), "a request failed");
    }
    let view = ErrorView {
        status: undrawn.status.as_u16(),
        title: undrawn.title.to_owned(),
        message: undrawn.message,
        request_id,
        is_forbidden: undrawn.is_forbidden,
    };
    let headers = std::mem::take(response.headers_mut());
    let mut drawn = if is_of_program {
        (undrawn.status, Json(Told { view: &view, problems: &undrawn.problems })).into_response()
    } else {
        match (app.error_screen)(door, &view) {
            Ok(page) => (undrawn.status, page).into_response(),
            Err(error) => {
                tracing::error!(request_id = view.request_id, %error, "the error page could not be drawn");
                (undrawn.status, format!("{}\n{}\n请求编号：{}\n", view.title, view.message, view.request_id)).into_response()
            }
        }
    };
    for (name, value) in &headers {
        if name != header::CONTENT_LENGTH && name != header::CONTENT_TYPE {
            drawn.headers_mut().insert(name, value.clone());
        }
    }
    drawn
}

/// Gives a failure on a site the site's own page for it, and its cause one log line. Where the site has no such page the sentence is all.
pub(crate) async fn draw_on_site(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let site = request.extensions().get::<Tenant>().map(|tenant| tenant.site.key.clone());
    let asked = format!("{} {}", request.method(), request.uri().path());
    let mut response = next.run(request).await;
    let Some(undrawn) = response.extensions_mut().remove::<Undrawn>() else { return response };
    if let Some(cause) = &undrawn.cause {
        tracing::error!(asked, cause, status = undrawn.status.as_u16(), "a request to a site failed");
    }
    let (engine, path) = (Arc::clone(&app.engine), publish::address::error(undrawn.status.as_u16()));
    let page = tokio::task::spawn_blocking(move || engine.pages().read(&site?, &path).ok()?).await.ok().flatten();
    let unkept = [(header::CACHE_CONTROL, "no-store")];
    match page {
        Some(page) => (undrawn.status, unkept, Html(page.plain)).into_response(),
        None => (undrawn.status, unkept, format!("{}\n", undrawn.message)).into_response(),
    }
}

/// Failures that axum or a layer answered without a page of ours.
fn bare(response: &Response) -> Option<Undrawn> {
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let is_answered = kind.starts_with(b"text/html") || kind.starts_with(b"application/json");
    if is_answered || !(status.is_client_error() || status.is_server_error()) {
        return None;
    }
    let error = match status {
        StatusCode::NOT_FOUND => Error::NotFound,
        StatusCode::FORBIDDEN => Error::Forbidden,
        StatusCode::METHOD_NOT_ALLOWED => Error::BadRequest("该地址不支持此操作。".into()),
        StatusCode::PAYLOAD_TOO_LARGE => Error::BadRequest("提交的内容过大。".into()),
        StatusCode::REQUEST_TIMEOUT => Error::BadRequest("请求超时，请重试。".into()),
        _ if status.is_server_error() => Error::Fault(format!("answered {status} without a page")),
        _ => Error::BadRequest("提交的内容不完整或格式有误，请返回检查。".into()),
    };
    Some(Undrawn { status, ..error.undrawn() })
}

/// What is wrong, in one line.
fn sentences(problems: &[Problem]) -> String {
    problems.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>().join("；")
}

/// Percent-encodes a local address for a query.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}
