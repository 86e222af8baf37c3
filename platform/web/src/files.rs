//! Files as a form sends them, read piece by piece.
//!
//! What they take of memory is bounded in three ways: nothing may grow long between one piece and the next, a form has so many
//! parts and no more, and of all forms only a few are read at once in a process. The others wait before anything of them is read.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use futures_util::Stream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use crate::{App, Error};

/// Forms with files that are read and judged at once in a process.
pub const UPLOADS_AT_ONCE: usize = 3;

/// Bytes that may come without a part of the form beginning or going on: the head of a part, or what stands before the first.
const IN_BETWEEN: usize = 1 << 20;

/// Parts of one form.
const PARTS: usize = 1_000;

/// A file that is no longer than this grows as it comes.
const SMALL: usize = 1 << 20;

/// How long a form may be silent while others wait for their turn.
const SILENCE: Duration = Duration::from_secs(30);

/// The files of a form, whose turn has come.
pub struct Files {
    form: Multipart,
    unread: Arc<AtomicUsize>,
    parts: usize,
    turn: Turn,
}

/// The right to keep a file in memory. Whatever holds a file must hold this as well, also when nobody waits for its answer.
#[derive(Clone)]
pub struct Turn(#[expect(dead_code, reason = "it is held, not used")] Arc<OwnedSemaphorePermit>);

/// One part of a form, which must be read to its end.
pub struct Part<'f> {
    field: Field<'f>,
    unread: &'f AtomicUsize,
}

impl FromRequest<Arc<App>> for Files {
    type Rejection = Error;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Error> {
        let permit = Arc::clone(&app.uploads).acquire_owned().await.map_err(|error| Error::Fault(error.to_string()))?;
        let unread = Arc::new(AtomicUsize::new(0));
        let watched = request
            .map(|body| Body::from_stream(Watched { body: body.into_data_stream(), unread: Arc::clone(&unread), rests: false }));
        let form = Multipart::from_request(watched, app).await;
        let form = form.map_err(|_| Error::BadRequest("请求中没有文件，请重新选择文件上传。".into()))?;
        Ok(Self { form, unread, parts: 0, turn: Turn(Arc::new(permit)) })
    }
}

impl Files {
    /// The next part; none at the end.
    pub async fn next(&mut self) -> Result<Option<Part<'_>>, Error> {
        self.parts += 1;
        if self.parts > PARTS {
            return Err(Error::BadRequest("一次上传的内容过多，请分次上传。".into()));
        }
        let Self { form, unread, .. } = self;
        let field = in_time(form.next_field(), unread).await?;
        Ok(field.map(|field| Part { field, unread }))
    }

    /// The right to keep a file of this form in memory.
    pub fn turn(&self) -> Turn {
        self.turn.clone()
    }
}

impl Part<'_> {
    /// The name of a file of this field; none for other fields, and where no file was chosen.
    pub fn file_of(&self, field: &str) -> Option<String> {
        let name = self.field.file_name().filter(|name| !name.is_empty() && self.field.name() == Some(field))?;
        Some(name.to_owned())
    }

    /// Its bytes; none when there are more than that, of which no more are kept.
    pub async fn read(mut self, most: u64) -> Result<Option<Vec<u8>>, Error> {
        let mut bytes = Some(Vec::new());
        while let Some(piece) = in_time(self.field.chunk(), self.unread).await? {
            bytes = bytes.filter(|bytes: &Vec<u8>| (bytes.len() + piece.len()) as u64 <= most);
            if let Some(bytes) = &mut bytes {
                if bytes.len() + piece.len() > bytes.capacity().max(SMALL) {
                    // All the room at once, of which only what is filled is memory: growing by doubling would copy it over and over.
                    bytes.reserve_exact(usize::try_from(most).unwrap_or(usize::MAX).saturating_sub(bytes.len()));
                }
                bytes.extend_from_slice(&piece);
            }
        }
        Ok(bytes)
    }

    /// Passes over it.
    pub async fn skip(self) -> Result<(), Error> {
        self.read(0).await.map(|_| ())
    }
}

/// The next thing a form has; whatever came until then is no longer unread.
async fn in_time<T>(next: impl Future<Output = Result<T, MultipartError>>, unread: &AtomicUsize) -> Result<T, Error> {
    let broken = || Error::BadRequest("上传中断或内容不完整，请重新上传。".into());
    let found = timeout(SILENCE, next).await.map_err(|_| broken())?;
    if unread.swap(0, Ordering::Relaxed) > IN_BETWEEN {
        return Err(Error::BadRequest("上传的内容格式异常，已停止接收，请用浏览器重新选择文件上传。".into()));
    }
    found.map_err(|error| {
        tracing::debug!(%error, "an upload ended early");
        broken()
    })
}

/// A body that is read no further while nothing comes of what was read. It gives one piece each time it is asked and then rests,
/// because its reader takes in all that it can get before it looks at any of it.
struct Watched {
    body: BodyDataStream,
    unread: Arc<AtomicUsize>,
    rests: bool,
}

impl Stream for Watched {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.rests) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let piece = ready!(Pin::new(&mut self.body).poll_next(context));
        if let Some(Ok(bytes)) = &piece {
            self.rests = true;
            if self.unread.fetch_add(bytes.len(), Ordering::Relaxed) + bytes.len() > IN_BETWEEN {
                return Poll::Ready(Some(Err(axum::Error::new("too much without a part of the form"))));
            }
        }
        Poll::Ready(piece)
    }
}
