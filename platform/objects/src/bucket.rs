//! Objects in a bucket of an S3-compatible store. The client is asynchronous; a small runtime of its own lets worker threads wait.

use std::fmt;
use std::io;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, BackoffConfig, ClientOptions, Error, GetOptions, ObjectStore, ObjectStoreExt, PutOptions, RetryConfig,
};
use tokio::runtime::Runtime;

use crate::{Access, Listed, OpenError, Opened};

/// Names fetched by one request of a list: what S3 gives at most.
const BATCH: usize = 1_000;

#[derive(Clone)]
pub(crate) struct Bucket {
    inner: Arc<Inner>,
}

struct Inner {
    place: String,
    prefix: String,
    store: Arc<AmazonS3>,
    runtime: Option<Runtime>,
}

impl Bucket {
    pub(crate) fn open(place: &str, access: &Access) -> Result<Self, OpenError> {
        let unusable = |reason: String| OpenError::Unusable { place: place.to_owned(), reason };
        let (bucket, prefix) = parts(place).ok_or_else(|| OpenError::UnknownScheme(place.to_owned()))?;
        if access.access_key.is_empty() || access.secret_key.is_empty() {
            return Err(OpenError::NoKeys(place.to_owned()));
        }
        // Fails only when somebody has chosen a provider already, and then that one serves.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let patience = ClientOptions::new().with_timeout(Duration::from_secs(30)).with_connect_timeout(Duration::from_secs(5));
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(bucket)
            .with_region(if access.region.is_empty() { "us-east-1" } else { &access.region })
            .with_access_key_id(&access.access_key)
            .with_secret_access_key(&access.secret_key)
            .with_client_options(patience)
            // One request an object: not every S3-compatible store knows the bulk form.
            .with_disable_bulk_delete(true)
            .with_retry(retries());
        if let Some(endpoint) = &access.endpoint {
            builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
        }
        let store = builder.build().map_err(|error| unusable(error.to_string()))?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("objects")
            .enable_all()
            .build()
            .map_err(|error| unusable(error.to_string()))?;
        let inner = Inner { place: place.to_owned(), prefix, store: Arc::new(store), runtime: Some(runtime) };
        Ok(Self { inner: Arc::new(inner) })
    }

    pub(crate) fn shown(&self) -> &str {
        &self.inner.place
    }

    pub(crate) fn get(&self, name: &str) -> io::Result<Option<Bytes>> {
        let (store, path) = self.target(name)?;
        found(self.wait(async move { store.get(&path).await?.bytes().await })?)
    }

    pub(crate) fn open_piecewise(&self, name: &str) -> io::Result<Option<Opened>> {
        let (store, path) = self.target(name)?;
        let Some(meta) = found(self.wait(async move { store.head(&path).await })?)? else { return Ok(None) };
        let mark = meta.e_tag.clone().unwrap_or_else(|| format!("{}-{}", meta.size, meta.last_modified));
        let object = Piecewise { bucket: self.clone(), path: meta.location, tag: meta.e_tag };
        Ok(Some(Opened::in_bucket(object, meta.size, mark)))
    }

    pub(crate) fn put(&self, name: &str, bytes: Bytes, content_type: &'static str) -> io::Result<()> {
        let (store, path) = self.target(name)?;
        let attributes = Attributes::from_iter([(Attribute::ContentType, content_type)]);
        let options = PutOptions { attributes, ..PutOptions::default() };
        self.wait(async move { store.put_opts(&path, bytes.into(), options).await })?.map(drop).map_err(told)
    }

    pub(crate) fn delete(&self, name: &str) -> io::Result<()> {
        let (store, path) = self.target(name)?;
        found(self.wait(async move { store.delete(&path).await })?).map(drop)
    }

    pub(crate) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let (store, from) = self.target(from)?;
        let to = path(&self.full(to))?;
        // S3 knows no renaming; its copy keeps everything that is kept about an object.
        found(self.wait(async move {
            store.copy(&from, &to).await?;
            store.delete(&from).await
        })?)
        .map(drop)
    }

    pub(crate) fn size(&self, name: &str) -> io::Result<Option<u64>> {
        let (store, path) = self.target(name)?;
        Ok(found(self.wait(async move { store.head(&path).await })?)?.map(|meta| meta.size))
    }

    pub(crate) fn list(&self, prefix: &str, each: &mut dyn FnMut(Listed) -> io::Result<()>) -> io::Result<()> {
        let below = self.full(prefix);
        let own = if self.inner.prefix.is_empty() { 0 } else { self.inner.prefix.len() + 1 };
        let mut after = None;
        loop {
            let batch = self.list_after(&below, after.as_ref())?;
            let Some(last) = batch.last() else { return Ok(()) };
            after = Some(last.location.clone());
            let is_last = batch.len() < BATCH;
            for meta in batch {
                let name = meta.location.as_ref().get(own..).unwrap_or_default().to_owned();
                if !name.starts_with('.') {
                    each(Listed { name, size: meta.size })?;
                }
            }
            if is_last {
                return Ok(());
            }
        }
    }

    fn list_after(&self, below: &str, after: Option<&Path>) -> io::Result<Vec<object_store::ObjectMeta>> {
        let prefix = if below.is_empty() { None } else { Some(path(below)?) };
        let (store, after) = (Arc::clone(&self.inner.store), after.cloned());
        let listing = async move {
            let names = match &after {
                Some(after) => store.list_with_offset(prefix.as_ref(), after),
                None => store.list(prefix.as_ref()),
            };
            names.take(BATCH).try_collect().await
        };
        self.wait(listing)?.map_err(told)
    }

    fn target(&self, name: &str) -> io::Result<(Arc<AmazonS3>, Path)> {
        Ok((Arc::clone(&self.inner.store), path(&self.full(name))?))
    }

    fn full(&self, name: &str) -> String {
        match (self.inner.prefix.as_str(), name) {
            ("", name) => name.to_owned(),
            (prefix, "") => prefix.to_owned(),
            (prefix, name) => format!("{prefix}/{name}"),
        }
    }

    /// Waits for an answer on whatever thread: the work is done by the runtime's own.
    fn wait<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> io::Result<T> {
        let stopped = || io::Error::other("the object store is being closed");
        let (sender, receiver) = mpsc::sync_channel(1);
        self.inner.runtime.as_ref().ok_or_else(stopped)?.spawn(async move {
            // Nobody waits any more when the process stops.
            let _ = sender.send(work.await);
        });
        receiver.recv().map_err(|_| stopped())
    }
}

/// One object, to be read piece by piece.
#[derive(Debug)]
pub(crate) struct Piecewise {
    bucket: Bucket,
    path: Path,
    tag: Option<String>,
}

impl Piecewise {
    /// A piece, refused when something else has taken the object's place.
    pub(crate) fn read(&self, from: u64, length: usize) -> io::Result<Bytes> {
        let (store, path) = (Arc::clone(&self.bucket.inner.store), self.path.clone());
        let range = Some((from..from + length as u64).into());
        let options = GetOptions { range, if_match: self.tag.clone(), ..GetOptions::default() };
        self.bucket.wait(async move { store.get_opts(&path, options).await?.bytes().await })?.map_err(told)
    }
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Bucket").field(&self.inner.place).finish()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // An ordinary drop would wait, which threads that answer requests must not.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Bucket and prefix of `s3://bucket/prefix`.
fn parts(place: &str) -> Option<(&str, String)> {
    let (bucket, prefix) = place.strip_prefix("s3://")?.split_once('/').unwrap_or((place.strip_prefix("s3://")?, ""));
    (!bucket.is_empty()).then(|| (bucket, prefix.trim_matches('/').to_owned()))
}

/// A few quick tries here; whoever asks has its own way of trying again later.
fn retries() -> RetryConfig {
    let backoff = BackoffConfig {
        init_backoff: Duration::from_millis(100),
        max_backoff: Duration::from_secs(2),
        ..BackoffConfig::default()
    };
    RetryConfig { backoff, max_retries: 4, retry_timeout: Duration::from_secs(30) }
}

fn path(name: &str) -> io::Result<Path> {
    Path::parse(name).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))
}

fn found<T>(result: object_store::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(told(error)),
    }
}

fn told(error: Error) -> io::Error {
    let kind = match &error {
        Error::NotFound { .. } => io::ErrorKind::NotFound,
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => io::ErrorKind::PermissionDenied,
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, error)
}
