//! Spans without a function of their own: a closure, a future, and a handle that another thread ends.
//!
//! ```sh
//! OTEL_TRACES_EXPORTER=console cargo run --bin span
//! ```

use std::time::{Duration, SystemTime};

use traced::{span, traced};

#[traced]
async fn import(text: &str) {
    let lines: Vec<String> =
        span!("parse", bytes = text.len()).in_scope(|| text.lines().map(str::to_owned).collect());

    let queued = SystemTime::now() - Duration::from_millis(20);
    span!("wait in queue").start_at(queued).end();

    let job = span!("job", lines = lines.len(); kind = Consumer).start();
    let worker = std::thread::spawn(move || {
        job.set("worker", "import").event("begun", [("first", lines[0].as_str())]);
        job.in_scope(|| println!("{lines:?}"));
        job.end();
    });
    span!("wait for the worker")
        .in_future(async {
            while !worker.is_finished() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        })
        .await;
}

#[tokio::main]
async fn main() -> Result<(), traced::InstallError> {
    let _telemetry = traced::init()?;
    import("a\nb").await;
    Ok(())
}
