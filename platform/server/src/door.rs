//! The public door over HTTP: published pages are read back as a visitor gets them.

use std::time::Duration;

use anyhow::Result;
use tokio::runtime::Handle;

/// Asks a web node for pages, naming the site's host.
pub struct HttpDoor {
    address: String,
    client: reqwest::Client,
    runtime: Handle,
}

impl HttpDoor {
    /// A door at `address`, e.g. `http://127.0.0.1:8080`. Must be made within a tokio runtime.
    pub fn new(address: String) -> Result<Self> {
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(5))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self { address, client, runtime: Handle::current() })
    }
}

impl publish::Door for HttpDoor {
    fn get(&self, host: &str, path: &str) -> Result<(u16, Vec<u8>), String> {
        let request = self.client.get(format!("{}{path}", self.address)).header("host", host);
        self.runtime
            .block_on(async {
                let response = request.send().await?;
                let status = response.status().as_u16();
                Ok::<_, reqwest::Error>((status, response.bytes().await?.to_vec()))
            })
            .map_err(|error| error.to_string())
    }
}
