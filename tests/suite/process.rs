//! Nodes as processes of their own, to be killed.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use testkit::House;

/// A running `tongyuan serve`; dropping it is `kill -9`.
pub struct Node(Child);

impl Node {
    /// Starts a node that works.
    pub fn worker(settings: &Path) -> Self {
        Self::start("worker", settings)
    }

    /// Starts a node that answers requests.
    pub fn web(settings: &Path) -> Self {
        Self::start("web", settings)
    }

    fn start(role: &str, settings: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tongyuan"));
        command.args(["serve", "--role", role, "--config"]).arg(settings).env_remove("TONGYUAN_DATABASE");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().unwrap())
    }
}

impl Node {
    /// The most memory it has had resident, in bytes.
    pub fn peak(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap() << 10
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// Writes the settings of a second process on the house's database, cache and pages, which listens at `listen`. What it
/// publishes is read back at the house.
#[expect(clippy::disallowed_methods, reason = "a test writes its own settings")]
pub fn settings(house: &House, name: &str, listen: SocketAddr) -> PathBuf {
    let settings = &house.settings;
    let text = format!(
        "database = {:?}\ncache = {:?}\npages = \"{}\"\nblobs = \"{}\"\nsites = \"{}\"\n[web]\nlisten = \"{listen}\"\nsecure = {}\nsecond_factor = \"offered\"\npublic_url = {:?}\n\
         [publish]\nworkers = 2\nsync = false\ndoor = \"http://{}\"\n[secrets]\nkeys = \"{}\"\n[citizens]\naddress = {:?}\n",
        settings.database,
        settings.cache,
        settings.pages.display(),
        settings.blobs.display(),
        settings.sites.display(),
        settings.web.secure,
        settings.web.public_url,
        house.platform.address.unwrap(),
        settings.secrets.keys.as_ref().unwrap().display(),
        settings.citizens.address.as_ref().unwrap(),
    );
    let file = house.folder().join(format!("{name}.toml"));
    std::fs::write(&file, text).unwrap();
    file
}

/// An address that nobody listens at now.
pub fn free_address() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}
