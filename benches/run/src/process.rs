//! Building the programs, and running them.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use kit::{Numbers, Order};

use crate::Error;

/// `benches/`.
pub(crate) fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace")
}

/// Builds programs, each by itself: together they would share the features of what they depend on.
pub(crate) fn build(packages: &[&str]) -> Result<(), Error> {
    for package in packages {
        eprintln!("building {package}");
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--release", "--quiet", "-p", package]).current_dir(home());
        // Where `program` looks for it.
        done(cargo.env("CARGO_TARGET_DIR", home().join("target")))?;
    }
    Ok(())
}

pub(crate) fn done(command: &mut Command) -> Result<(), Error> {
    if command.status()?.success() { Ok(()) } else { Err(format!("failed: {command:?}").into()) }
}

/// The program that a peer is part of.
pub(crate) fn program(peer: &str) -> PathBuf {
    let program = match peer.split_once('-') {
        Some((program, _)) => program,
        None => peer,
    };
    home().join("target/release").join(format!("peer-{program}"))
}

/// A command that nothing of the machine's own telemetry settings reaches.
pub(crate) fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("OTEL_")) {
        command.env_remove(name);
    }
    command
}

/// Has a peer's program carry an order out.
pub(crate) fn measure(order: &Order) -> Result<Numbers, Error> {
    let output = command(program(&order.peer)).arg(serde_json::to_string(order)?).output()?;
    serde_json::from_slice(&output.stdout)
        .map_err(|_| format!("{order:?}: {}", String::from_utf8_lossy(&output.stderr)).into())
}

/// The server that spans are sent to.
pub(crate) struct Sink {
    process: Child,
    pub(crate) address: String,
}

impl Sink {
    pub(crate) fn start() -> Result<Self, Error> {
        let mut process = command(home().join("target/release/sink")).stdout(Stdio::piped()).spawn()?;
        let mut address = String::new();
        let output = process.stdout.take().ok_or("no output")?;
        BufReader::new(output).read_line(&mut address)?;
        Ok(Self { process, address: address.trim().to_owned() })
    }

    /// Spans that have arrived so far.
    pub(crate) fn count(&self) -> Result<u64, Error> {
        Ok(self.get("/")?.0)
    }

    /// The last request, unpacked, and how many spans are in it.
    pub(crate) fn last(&self) -> Result<(u64, Vec<u8>), Error> {
        self.get("/last")
    }

    fn get(&self, path: &str) -> Result<(u64, Vec<u8>), Error> {
        let address = self.address.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address)?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n").ok_or("no answer")?;
        let body = answer.split_off(end + 4);
        let head = String::from_utf8_lossy(&answer).into_owned();
        let count = head.lines().find_map(|line| line.strip_prefix("spans: ")).ok_or("no count")?;
        Ok((count.parse()?, body))
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
