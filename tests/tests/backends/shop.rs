//! The three services of the example, each a process of its own.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value as Json;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::span::Span;

const PATIENCE: Duration = Duration::from_secs(20);

/// How spans are sent.
pub(crate) struct Wire<'a> {
    pub(crate) exporter: &'static str,
    pub(crate) protocol: &'static str,
    pub(crate) compression: &'static str,
    pub(crate) backend: &'a str,
}

/// Processes, and the files that they write what they recorded to.
pub(crate) struct Shop {
    /// Makes the names of the services those of this run alone, since backends remember earlier ones.
    pub(crate) run: String,
    services: Vec<Child>,
    dumps: PathBuf,
    orders: String,
}

impl Shop {
    pub(crate) async fn open(wire: &Wire<'_>) -> Self {
        let run = format!("{:08x}", random() >> 32);
        let dumps = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("shop-{run}"));
        std::fs::create_dir_all(&dumps).unwrap();
        let mut shop = Self { run, services: Vec::new(), dumps, orders: String::new() };
        let payments = shop.start("payments", "", wire).await;
        let inventory = shop.start("inventory", &payments, wire).await;
        shop.orders = shop.start("orders", &inventory, wire).await;
        shop
    }

    /// Starts a service, and returns where it listens.
    async fn start(&mut self, role: &str, next: &str, wire: &Wire<'_>) -> String {
        let mut service = Command::new(microservices())
            .args([role, "--next", next])
            .env("OTEL_SERVICE_NAME", format!("{role}-{}", self.run))
            .env("OTEL_TRACES_EXPORTER", wire.exporter)
            .env("OTEL_EXPORTER_OTLP_PROTOCOL", wire.protocol)
            .env("OTEL_EXPORTER_OTLP_COMPRESSION", wire.compression)
            .env("OTEL_BSP_SCHEDULE_DELAY", "50")
            .env("TRACED_EXAMPLE_BACKEND", wire.backend)
            .env("TRACED_EXAMPLE_DUMP", self.dumps.join(role))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(service.stdout.as_mut().unwrap()).lines();
        let line = timeout(PATIENCE, lines.next_line()).await.expect("it says where it listens").unwrap();
        self.services.push(service);
        let line = line.unwrap_or_else(|| panic!("{role} ended at once"));
        line.strip_prefix("listening on ").expect(&line).to_owned()
    }

    /// Buys something. Whoever is not patient goes away while the bank thinks.
    pub(crate) async fn buy(&self, order: &Json, traceparent: &str, patient: bool) {
        let request = reqwest::Client::new()
            .post(format!("{}/orders", self.orders))
            .header("traceparent", traceparent)
            .json(order);
        let patience = if patient { PATIENCE } else { Duration::from_secs(1) };
        let answer = timeout(patience, request.send()).await;
        assert_eq!(answer.is_ok(), patient, "{answer:?}");
    }

    /// The spans of a trace, as soon as they are recorded.
    pub(crate) async fn recorded(&self, trace: &str, count: usize) -> Vec<Span> {
        let started = Instant::now();
        loop {
            let spans: Vec<_> = self.dumped().into_iter().filter(|span| span.trace == trace).collect();
            if spans.len() >= count {
                return spans;
            }
            assert!(started.elapsed() < PATIENCE, "{count} spans were to be recorded: {spans:#?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// All that has been recorded.
    fn dumped(&self) -> Vec<Span> {
        let mut spans = Vec::new();
        for file in std::fs::read_dir(&self.dumps).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            // The last line may be on its way.
            let whole = text.rfind('\n').map_or("", |end| &text[..end]);
            spans.extend(whole.lines().map(|line| serde_json::from_str::<Span>(line).unwrap()));
        }
        spans
    }

    /// Lets the processes end, and sees that they do so in silence and in time.
    pub(crate) async fn close(&mut self) {
        for mut service in std::mem::take(&mut self.services) {
            drop(service.stdin.take());
            let output = timeout(PATIENCE, service.wait_with_output()).await.expect("it ends").unwrap();
            let complaints = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && complaints.is_empty(), "{}: {complaints}", output.status);
        }
        std::fs::remove_dir_all(&self.dumps).unwrap();
    }
}

/// The program, built from what the sources say now: whatever lies there may be older.
fn microservices() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = std::process::Command::new(cargo);
        build.args(["build", "--package=traced-examples", "--bin=microservices", "--message-format=json"]);
        build.current_dir(env!("CARGO_MANIFEST_DIR"));
        if !cfg!(debug_assertions) {
            build.arg("--release");
        }
        let output = build.stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success(), "the example does not build");
        let messages = String::from_utf8(output.stdout).unwrap();
        let messages = messages.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
        let mut programs =
            messages.filter_map(|message| Some(PathBuf::from(message["executable"].as_str()?)));
        programs.next().expect("a program was built")
    })
}

/// The standard library's hashers begin at random.
pub(crate) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}
