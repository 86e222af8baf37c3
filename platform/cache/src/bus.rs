//! The bus: tells every node what has changed, so that nothing stale is kept in memory.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures_util::StreamExt;
use model::SiteId;
use redis::io::tcp::TcpSettings;
use redis::io::tcp::socket2::TcpKeepalive;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

const CHANNEL: &str = "tongyuan:bus";

/// How long to wait before a lost line is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// Lines on which a silent end is noticed within half a minute: a node that only listens would never notice it.
pub(crate) fn vigilant() -> TcpSettings {
    let keepalive = TcpKeepalive::new().with_time(Duration::from_secs(10)).with_interval(Duration::from_secs(5)).with_retries(3);
    TcpSettings::default().set_nodelay(true).set_keepalive(keepalive).set_user_timeout(Duration::from_secs(15))
}

/// What has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Message {
    /// These addresses have new bytes or none.
    Pages(Vec<(SiteId, String)>),
    /// Sites were declared or changed: names, hosts.
    Sites,
    /// Messages may have been lost: forget everything.
    Everything,
}

/// What hears the messages.
type Ear = Box<dyn Fn(&Message) + Send + Sync>;

/// Everything on this node that hears messages.
#[derive(Default)]
struct Ears(RwLock<Vec<Ear>>);

impl Ears {
    fn hear(&self, message: &Message) {
        self.0.read().unwrap_or_else(PoisonError::into_inner).iter().for_each(|ear| ear(message));
    }
}

pub(crate) struct Bus {
    ears: Arc<Ears>,
    remote: Option<mpsc::UnboundedSender<Message>>,
}

impl Bus {
    pub(crate) fn memory() -> Self {
        Self { ears: Arc::default(), remote: None }
    }

    pub(crate) fn redis(client: redis::Client) -> Self {
        let ears = Arc::default();
        let (remote, outgoing) = mpsc::unbounded_channel();
        tokio::spawn(forward(client.clone(), outgoing));
        tokio::spawn(receive(client, Arc::clone(&ears)));
        Self { ears, remote: Some(remote) }
    }

    pub(crate) fn announce(&self, message: &Message) {
        // Whoever caused a change and looks at this node finds it.
        self.ears.hear(message);
        if let Some(remote) = &self.remote {
            let _ = remote.send(message.clone());
        }
    }

    pub(crate) fn listen(&self, ear: Ear) {
        self.ears.0.write().unwrap_or_else(PoisonError::into_inner).push(ear);
    }
}

/// Sends what this node announces. What cannot be sent is not kept: once there is a line again, everybody is told to forget
/// everything, because other nodes' lines may have been well all the time.
async fn forward(client: redis::Client, mut outgoing: mpsc::UnboundedReceiver<Message>) {
    let mut connection = None;
    let mut lost = false;
    loop {
        let message = match tokio::time::timeout(if lost { AGAIN } else { Duration::MAX }, outgoing.recv()).await {
            Ok(None) => return,
            Ok(Some(message)) if !lost => message,
            Ok(Some(_)) | Err(_) => Message::Everything,
        };
        lost = !send(&client, &mut connection, &message).await;
    }
}

/// Says whether Redis has it.
async fn send(client: &redis::Client, connection: &mut Option<redis::aio::MultiplexedConnection>, message: &Message) -> bool {
    // What cannot be put into words is no other's concern.
    let Ok(text) = serde_json::to_string(message) else { return true };
    for _ in 0..2 {
        if connection.is_none() {
            *connection = client.get_multiplexed_async_connection().await.ok();
        }
        let Some(open) = connection.as_mut() else { return false };
        match redis::cmd("PUBLISH").arg(CHANNEL).arg(&text).query_async::<()>(open).await {
            Ok(()) => return true,
            Err(_) => *connection = None,
        }
    }
    false
}

/// Passes on what other nodes announce, and after every break of the line tells this node to forget everything.
async fn receive(client: redis::Client, ears: Arc<Ears>) {
    let mut first = true;
    loop {
        match subscribe(&client, &ears, first).await {
            Ok(()) => tracing::warn!("the line to Redis was closed; trying again"),
            Err(error) => tracing::warn!(%error, "no line to Redis; trying again"),
        }
        first = false;
        tokio::time::sleep(AGAIN).await;
    }
}

async fn subscribe(client: &redis::Client, ears: &Ears, first: bool) -> Result<(), redis::RedisError> {
    let mut line = client.get_async_pubsub().await?;
    line.subscribe(CHANNEL).await?;
    if !first {
        ears.hear(&Message::Everything);
    }
    let mut messages = line.on_message();
    while let Some(received) = messages.next().await {
        let text: String = received.get_payload()?;
        // A node of another release may say something new; forgetting everything is always right.
        ears.hear(&serde_json::from_str(&text).unwrap_or(Message::Everything));
    }
    Ok(())
}
