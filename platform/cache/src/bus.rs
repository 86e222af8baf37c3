//! The bus: tells every node what has changed, so that nothing stale is kept in memory.

use std::time::Duration;

use futures_util::StreamExt;
use model::SiteId;
use serde::{Deserialize, Serialize};
use tokio::sync::{broadcast, mpsc};

const CHANNEL: &str = "tongyuan:bus";

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

/// One end of the bus.
pub struct Listener(broadcast::Receiver<Message>);

impl Listener {
    /// The next message; none when the platform stops.
    pub async fn next(&mut self) -> Option<Message> {
        match self.0.recv().await {
            Ok(message) => Some(message),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(Message::Everything),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}

pub(crate) struct Bus {
    local: broadcast::Sender<Message>,
    remote: Option<mpsc::UnboundedSender<Message>>,
}

impl Bus {
    pub(crate) fn memory() -> Self {
        Self { local: broadcast::channel(1_024).0, remote: None }
    }

    pub(crate) fn redis(client: redis::Client) -> Self {
        let (local, _) = broadcast::channel(1_024);
        let (remote, outgoing) = mpsc::unbounded_channel();
        tokio::spawn(forward(client.clone(), outgoing));
        tokio::spawn(receive(client, local.clone()));
        Self { local, remote: Some(remote) }
    }

    pub(crate) fn announce(&self, message: &Message) {
        // Nobody listening is no fault: a worker has no pages in memory.
        let _ = self.local.send(message.clone());
        if let Some(remote) = &self.remote {
            let _ = remote.send(message.clone());
        }
    }

    pub(crate) fn listen(&self) -> Listener {
        Listener(self.local.subscribe())
    }
}

/// Sends what this node announces; what cannot be sent is dropped, because a node that loses Redis forgets everything anyway.
async fn forward(client: redis::Client, mut outgoing: mpsc::UnboundedReceiver<Message>) {
    let mut connection = None;
    while let Some(message) = outgoing.recv().await {
        let Ok(text) = serde_json::to_string(&message) else { continue };
        for _ in 0..2 {
            if connection.is_none() {
                connection = client.get_multiplexed_async_connection().await.ok();
            }
            let Some(open) = connection.as_mut() else { break };
            match redis::cmd("PUBLISH").arg(CHANNEL).arg(&text).query_async::<()>(open).await {
                Ok(()) => break,
                Err(_) => connection = None,
            }
        }
    }
}

/// Passes on what other nodes announce, and after every break of the line tells this node to forget everything.
async fn receive(client: redis::Client, local: broadcast::Sender<Message>) {
    let mut first = true;
    loop {
        match subscribe(&client, &local, first).await {
            Ok(()) => tracing::warn!("the line to Redis was closed; trying again"),
            Err(error) => tracing::warn!(%error, "no line to Redis; trying again"),
        }
        first = false;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn subscribe(client: &redis::Client, local: &broadcast::Sender<Message>, first: bool) -> Result<(), redis::RedisError> {
    let mut line = client.get_async_pubsub().await?;
    line.subscribe(CHANNEL).await?;
    if !first {
        let _ = local.send(Message::Everything);
    }
    let mut messages = line.on_message();
    while let Some(received) = messages.next().await {
        let text: String = received.get_payload()?;
        // A node of another release may say something new; forgetting everything is always right.
        let _ = local.send(serde_json::from_str(&text).unwrap_or(Message::Everything));
    }
    Ok(())
}
