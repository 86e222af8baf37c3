//! A PostgreSQL and a Redis of a test's own, to be stopped and started. They are found as `tests/run` finds them.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A PostgreSQL server that can be stopped and started again with what it holds.
pub struct Postgres {
    programs: PathBuf,
    port: u16,
    folder: TempDir,
    running: Option<Child>,
}

impl Postgres {
    /// Makes a cluster and starts it; says loudly when there is no PostgreSQL.
    pub fn start() -> Option<Self> {
        let Some(programs) = postgres_programs() else {
            eprintln!("SKIPPED: there is no PostgreSQL in /usr/lib/postgresql; tests/run installs it");
            return None;
        };
        let folder = TempDir::new().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        // PostgreSQL refuses to run as root, so its folder belongs to whom it runs as.
        if let Some((user, group)) = postgres_account() {
            open_to_all(folder.path());
            std::os::unix::fs::chown(&data, Some(user), Some(group)).unwrap();
        }
        let mut server = Self { programs, port: super::process::free_address().port(), folder, running: None };
        let made = server
            .command("initdb")
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--pgdata"])
            .arg(&data)
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(made.success(), "PostgreSQL makes a cluster");
        server.resume();
        Some(server)
    }

    /// The address of its first database.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Starts it again where it was.
    pub fn resume(&mut self) {
        let data = self.folder.path().join("data");
        let mut command = self.command("postgres");
        command.arg("-D").arg(&data).args(["-p", &self.port.to_string(), "-c", "fsync=off"]);
        command.args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]);
        self.running = Some(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
        let begun = Instant::now();
        while store::Store::open(&self.url()).is_err() {
            assert!(begun.elapsed() < PATIENCE, "PostgreSQL answers");
            pause();
        }
    }

    /// Takes it away without a word to anybody, as a failing machine would.
    pub fn lose(&mut self) {
        let Some(mut server) = self.running.take() else { return };
        // SIGQUIT ends its children with it; after SIGKILL they would stay behind.
        let told = Command::new("kill").args(["-QUIT", &server.id().to_string()]).status().unwrap();
        assert!(told.success());
        server.wait().unwrap();
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        if let Some((user, group)) = postgres_account() {
            command.uid(user).gid(group);
        }
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.lose();
    }
}

/// A Redis server that can be stopped and started again, empty.
pub struct Redis {
    port: u16,
    folder: TempDir,
    running: Option<Child>,
}

impl Redis {
    /// Starts a server; says loudly when there is no Redis.
    pub fn start() -> Option<Self> {
        if Command::new("redis-server").arg("--version").stdout(Stdio::null()).status().is_err() {
            eprintln!("SKIPPED: there is no redis-server; tests/run installs it");
            return None;
        }
        let mut server = Self { port: super::process::free_address().port(), folder: TempDir::new().unwrap(), running: None };
        server.resume();
        Some(server)
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// Starts it again.
    pub fn resume(&mut self) {
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port", &self.port.to_string(), "--dir"]);
        command.arg(self.folder.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.running = Some(command.spawn().unwrap());
        let begun = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(begun.elapsed() < PATIENCE, "Redis answers");
            pause();
        }
    }

    /// Takes it away without a word to anybody.
    pub fn lose(&mut self) {
        if let Some(mut server) = self.running.take() {
            server.kill().unwrap();
            server.wait().unwrap();
        }
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.lose();
    }
}

/// The folder of the newest PostgreSQL there is; the packages keep it out of PATH.
fn postgres_programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?.filter_map(Result::ok);
    let found = versions.map(|version| version.path().join("bin")).filter(|bin| bin.join("initdb").exists());
    found.max_by_key(|bin| bin.parent().and_then(Path::file_name).and_then(|name| name.to_str()?.parse::<u32>().ok()))
}

/// Whom PostgreSQL runs as when the test runs as root; none when the test does not.
fn postgres_account() -> Option<(u32, u32)> {
    use std::os::unix::fs::MetadataExt;
    if std::fs::metadata("/proc/self").unwrap().uid() != 0 {
        return None;
    }
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap();
    let fields: Vec<&str> = accounts.lines().find(|line| line.starts_with("postgres:"))?.split(':').collect();
    Some((fields[2].parse().unwrap(), fields[3].parse().unwrap()))
}

fn open_to_all(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[expect(clippy::disallowed_methods, reason = "a test waits for a server to start")]
fn pause() {
    std::thread::sleep(Duration::from_millis(50));
}
