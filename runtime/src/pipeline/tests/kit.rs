//! Exporters to test with, and spans to push.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::super::{Config, Pipeline, Problem, Producer, Report, Reporter};
use crate::export::{BoxFuture, Exporter, MakeExporter, Tally};
use crate::record::{Batch, Flags, Header, OriginId};

/// What an exporter does with a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    Succeed,
    Fail,
    Hang,
    Panic,
    PanicAtOnce,
    /// Acknowledges half, drops one, and fails with the rest.
    Half,
    /// Acknowledges one, and hangs.
    OneThenHang,
    /// Takes some time for each batch.
    Slow(Duration),
    /// Blocks the thread.
    Block(Duration),
}

/// What an exporter has seen.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) exported: AtomicU64,
    pub(super) batches: AtomicU64,
    pub(super) flushes: AtomicU64,
    pub(super) ticks: AtomicU64,
    pub(super) largest_batch: AtomicU64,
    pub(super) spans: Mutex<Vec<(u64, u64, usize)>>,
    pub(super) keep_spans: AtomicBool,
    pub(super) suppressed: AtomicBool,
}

pub(super) struct Fake {
    pub(super) does: Does,
    pub(super) seen: Arc<Seen>,
    pub(super) tick: Option<Duration>,
    pub(super) flush: Does,
}

impl Fake {
    pub(super) fn new(does: Does) -> (Self, Arc<Seen>) {
        let seen = Arc::new(Seen::default());
        (Self { does, seen: seen.clone(), tick: None, flush: Does::Succeed }, seen)
    }

    pub(super) fn make(self) -> MakeExporter {
        Box::new(move || Ok(Box::new(self)))
    }
}

impl Exporter for Fake {
    fn name(&self) -> String {
        format!("fake {:?}", self.does)
    }

    fn export<'a>(&'a mut self, batch: &'a Arc<Batch>, tally: &'a mut Tally) -> BoxFuture<'a, ()> {
        assert_ne!(self.does, Does::PanicAtOnce, "at once");
        Box::pin(async move {
            let seen = &self.seen;
            seen.batches.fetch_add(1, Ordering::SeqCst);
            seen.largest_batch.fetch_max(batch.len() as u64, Ordering::SeqCst);
            let none =
                tracing::dispatcher::get_default(tracing::Dispatch::is::<tracing::subscriber::NoSubscriber>);
            let suppressed = opentelemetry::Context::is_current_telemetry_suppressed() && none;
            // On threads for blocking work as well: names are resolved there, for example.
            let aside = tokio::task::spawn_blocking(opentelemetry::Context::is_current_telemetry_suppressed);
            let suppressed = suppressed && aside.await.unwrap();
            seen.suppressed.store(suppressed, Ordering::SeqCst);
            if seen.keep_spans.load(Ordering::SeqCst) {
                let mut spans = seen.spans.lock().unwrap();
                spans.extend(batch.spans().map(|it| (it.header.parent_id, it.header.span_id, it.body.len())));
            }
            tally.exported = match self.does {
                Does::Succeed => batch.len(),
                Does::Fail => 0,
                Does::Hang => std::future::pending().await,
                Does::Panic | Does::PanicAtOnce => panic!("on purpose"),
                Does::Half => {
                    tally.dropped = 1;
                    batch.len() / 2
                }
                Does::OneThenHang => {
                    tally.exported = 1;
                    std::future::pending().await
                }
                Does::Slow(time) => {
                    tokio::time::sleep(time).await;
                    batch.len()
                }
                Does::Block(time) => {
                    std::thread::sleep(time);
                    batch.len()
                }
            };
            if tally.exported < batch.len() {
                tally.problem = Some("refused by the receiver".to_owned());
            }
            seen.exported.fetch_add(tally.exported as u64, Ordering::SeqCst);
        })
    }

    fn flush(&mut self) -> BoxFuture<'_, ()> {
        self.seen.flushes.fetch_add(1, Ordering::SeqCst);
        match self.flush {
            Does::Hang => Box::pin(std::future::pending()),
            Does::Panic => panic!("on purpose"),
            _ => Box::pin(async {}),
        }
    }

    fn tick_interval(&self) -> Option<Duration> {
        self.tick
    }

    fn tick(&mut self) {
        self.seen.ticks.fetch_add(1, Ordering::SeqCst);
    }
}

/// Long enough for any machine; a test that waits this long has failed.
pub(super) const LONG: Duration = Duration::from_secs(60);

pub(super) fn config() -> Config {
    Config {
        batch_size: 512,
        delay: Duration::from_secs(3600),
        export_timeout: LONG,
        queue_size: None,
        memory: 16 << 20,
        code_attributes: true,
        reporter: Reporter::to(Arc::new(|_| {})),
    }
}

/// A pipeline of one exporter that reports nothing.
pub(super) fn with(does: Does) -> (Pipeline, Arc<Seen>) {
    let (fake, seen) = Fake::new(does);
    (Pipeline::start(config(), vec![fake.make()]).unwrap(), seen)
}

pub(super) fn header(thread: u64, number: u64) -> Header {
    Header {
        flags: Flags::default(),
        trace_id: 1,
        span_id: number,
        parent_id: thread,
        start: 1,
        end: 2,
        origin: OriginId(u32::MAX),
    }
}

pub(super) fn push(producer: &mut Producer, spans: u64) {
    for number in 0..spans {
        producer.push(&header(0, number), &[7; 21]);
    }
}

/// The exact sum, for each exporter.
pub(super) fn check(report: &Report) {
    for it in &report.exporters {
        assert_eq!(report.made, it.exported + it.failed + it.dropped + it.queued, "{report}");
    }
}

/// Waits until it is so.
pub(super) fn until(condition: impl Fn() -> bool) {
    let by = Instant::now() + LONG;
    while !condition() {
        assert!(Instant::now() < by, "never came to be");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// What is reported.
pub(super) fn listening() -> (Reporter, Arc<Mutex<Vec<Problem>>>) {
    let problems = Arc::new(Mutex::new(Vec::new()));
    let into = problems.clone();
    (Reporter::to(Arc::new(move |problem| into.lock().unwrap().push(problem.clone()))), problems)
}
