//! Programs that tests run, and tests that need a process of their own because what they install is process-wide.

use std::io::Read;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Nothing that a test runs may take longer: it hangs.
const WATCHDOG: Duration = Duration::from_secs(30);

/// Says which test is to run in this process, since it was started for that test alone.
const ALONE: &str = "TRACED_TESTS_ALONE";

/// What a program has done.
#[derive(Clone, Debug)]
pub struct Finished {
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed.
    pub stdout: String,
    /// What it complained about.
    pub stderr: String,
    /// From its start to its end.
    pub took: Duration,
}

impl Finished {
    /// The value of a line `key=value` that it printed.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<&str> {
        self.stdout.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
    }

    /// A number that it printed as `key=number`.
    #[must_use]
    pub fn number(&self, key: &str) -> u64 {
        let value = self.value(key).and_then(|value| value.parse().ok());
        value.unwrap_or_else(|| panic!("no number {key} in {self:#?}"))
    }
}

/// Runs a program to its end, without what the environment says of telemetry but `variables`. Kills it and fails if
/// it hangs.
#[must_use]
pub fn run(mut command: Command, variables: &[(&str, &str)]) -> Finished {
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("OTEL_") || name.starts_with("TRACED_") || name.starts_with("RUST_") {
            command.env_remove(name);
        }
    }
    command.envs(variables.iter().copied()).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let start = Instant::now();
    let mut child = command.spawn().unwrap();
    let stdout = read(child.stdout.take().unwrap());
    let stderr = read(child.stderr.take().unwrap());
    // Both are at their end when the program is.
    let ended = [&stdout, &stderr].map(|output| output.at_end(start + WATCHDOG));
    let took = start.elapsed();
    if ended != [true, true] {
        // It may have ended by itself meanwhile.
        let _ = child.kill();
    }
    let status = child.wait().unwrap();
    let finished = Finished { status, stdout: stdout.text(), stderr: stderr.text(), took };
    assert_eq!(ended, [true, true], "killed after {WATCHDOG:?}: {command:?} {finished:#?}");
    finished
}

/// Runs the rest of a test in a process of its own: what it installs is gone when it ends, and no other test is
/// there.
///
/// `test` is the whole name of the calling test: write [`alone!`](crate::alone).
pub fn alone(test: &str, variables: &[(&str, &str)], work: impl FnOnce()) {
    let test = test.split_once("::").map_or(test, |(_, test)| test);
    if std::env::var(ALONE).as_deref() == Ok(test) {
        return work();
    }
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--nocapture"]);
    let finished = run(command, &[&[(ALONE, test)], variables].concat());
    assert!(finished.status.success(), "{}\n{}", finished.stdout, finished.stderr);
    assert!(finished.stdout.contains("1 passed"), "no test {test}: {}", finished.stdout);
}

/// Runs the rest of a test in a process of its own. Everything in the test must be in it. Before it may stand
/// variables of that process, as `[("KEY", "value")],`.
#[macro_export]
macro_rules! alone {
    ($work:block) => {
        $crate::alone!([], $work)
    };
    ($variables:expr, $work:block) => {{
        fn here() {}
        fn name_of<T>(_: T) -> &'static str {
            ::std::any::type_name::<T>()
        }
        let test = name_of(here).trim_end_matches("::here");
        $crate::process::alone(test, &$variables, || $work);
    }};
}

/// Reads to the end on a thread of its own, so that a program that prints much is not held up.
fn read(mut from: impl Read + Send + 'static) -> Output {
    let (send, received) = mpsc::channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            if send.send(buffer[..read].to_vec()).is_err() {
                break;
            }
        }
    });
    Output { received, bytes: std::cell::RefCell::default() }
}

struct Output {
    received: mpsc::Receiver<Vec<u8>>,
    bytes: std::cell::RefCell<Vec<u8>>,
}

impl Output {
    /// Waits for the end. Returns whether it was there before the deadline.
    fn at_end(&self, deadline: Instant) -> bool {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.received.recv_timeout(left) {
                Ok(bytes) => self.bytes.borrow_mut().extend(bytes),
                Err(mpsc::RecvTimeoutError::Disconnected) => return true,
                Err(mpsc::RecvTimeoutError::Timeout) => return false,
            }
        }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes.borrow()).into_owned()
    }
}
