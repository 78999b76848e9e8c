//! One exporter's lane: what waits for it, and the task that hands it over.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::account::Account;
use super::budget::Charge;
use super::guarded;
use super::problem::{Kind, Problem};
use super::queue::Intake;
use super::reporter::Reporter;
use crate::export::{Exporter, Tally};
use crate::record::Batch;

/// A batch, and what it takes of the memory budget.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) batch: Arc<Batch>,
    pub(super) charge: Charge,
}

/// Present while something that came before it has not been done.
pub(super) type Gate = Arc<()>;

/// What the pipeline knows of an exporter. Only its thread uses it: the locks are never contended.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) account: Arc<Account>,
    bounds: Bounds,
    waiting: Mutex<Waiting>,
    arrived: Notify,
}

/// How much may wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) spans: Option<usize>,
    pub(super) bytes: usize,
}

#[derive(Debug, Default)]
struct Waiting {
    items: VecDeque<Item>,
    /// Spans in the items.
    spans: usize,
    /// Bytes of the batches in the items, and of the one in flight.
    bytes: usize,
}

#[derive(Debug)]
enum Item {
    Batch(Arc<Held>),
    Flush { by: Instant, gate: Gate },
}

impl Lane {
    pub(super) fn new(account: Arc<Account>, bounds: Bounds) -> Self {
        Self { account, bounds, waiting: Mutex::default(), arrived: Notify::new() }
    }

    /// Whether it could take one more batch that takes that many bytes.
    pub(super) fn has_memory(&self, bytes: usize) -> bool {
        let held = self.waiting().bytes;
        held == 0 || held + bytes <= self.bounds.bytes
    }

    /// Takes a batch, or counts its spans as dropped.
    pub(super) fn offer(&self, held: &Arc<Held>, reporter: &Reporter) {
        let (spans, bytes) = (held.batch.len(), held.charge.bytes());
        let has_memory = self.has_memory(bytes);
        let mut waiting = self.waiting();
        let has_places = self.bounds.spans.is_none_or(|most| waiting.spans + spans <= most);
        if has_memory && has_places {
            waiting.spans += spans;
            waiting.bytes += bytes;
            waiting.items.push_back(Item::Batch(held.clone()));
            self.arrived.notify_one();
            return;
        }
        drop(waiting);
        self.account.count_dropped(spans);
        let bound = match self.bounds.spans {
            Some(most) if has_memory => format!("the queue of {most} spans (OTEL_BSP_MAX_QUEUE_SIZE)"),
            _ => format!("its share of the memory for telemetry ({} KiB)", self.bounds.bytes / 1024),
        };
        let why =
            format!("{bound} is full: it exports fewer spans than are made; sample less, or allow more");
        self.account.remember(why.clone());
        reporter.report(Problem::new(Kind::LaneFull, Some(&self.account.name), spans as u64, why));
    }

    /// Has the exporter flush after everything that waits. The gate is dropped when that is done.
    pub(super) fn flush(&self, by: Instant, gate: Gate) {
        self.waiting().items.push_back(Item::Flush { by, gate });
        self.arrived.notify_one();
    }

    async fn next(&self) -> Item {
        loop {
            if let Some(item) = self.pop() {
                return item;
            }
            self.arrived.notified().await;
        }
    }

    fn pop(&self) -> Option<Item> {
        let mut waiting = self.waiting();
        let item = waiting.items.pop_front()?;
        if let Item::Batch(held) = &item {
            waiting.spans -= held.batch.len();
        }
        Some(item)
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Hands batches to the exporter, one at a time.
pub(super) struct Driver {
    pub(super) exporter: Box<dyn Exporter>,
    pub(super) lane: Arc<Lane>,
    pub(super) tick: Option<Duration>,
    pub(super) export_timeout: Duration,
    pub(super) reporter: Reporter,
    pub(super) intake: Arc<Intake>,
}

impl Driver {
    /// Until it is aborted.
    pub(super) async fn run(mut self) {
        let every = self.tick.map(|every| every.max(Duration::from_millis(1)));
        let mut next_tick = every.map(|every| Instant::now() + every);
        loop {
            let item = match next_tick {
                Some(tick) => timeout_at(tick, self.lane.next()).await.ok(),
                None => Some(self.lane.next().await),
            };
            match item {
                Some(Item::Batch(held)) => self.export(held).await,
                Some(Item::Flush { by, gate }) => {
                    self.flush(by).await;
                    drop(gate);
                }
                None => {}
            }
            if let (Some(every), Some(tick)) = (every, next_tick)
                && Instant::now() >= tick
            {
                next_tick = Some(Instant::now() + every);
                let ticked = guarded::call(|| self.exporter.tick());
                self.note(ticked, "while doing what is due");
            }
            // There is room now, or a flush is done.
            self.intake.bell.answer();
        }
    }

    async fn export(&mut self, held: Arc<Held>) {
        let by = Instant::now() + self.export_timeout;
        // Settles even if this whole future is dropped meanwhile, as at the deadline of a shutdown.
        let mut flight = Flight {
            lane: &self.lane,
            reporter: &self.reporter,
            tally: Tally::default(),
            ending: Ending::Aborted,
            held,
        };
        let (batch, tally) = (&flight.held.batch, &mut flight.tally);
        let ended = timeout_at(by, guarded::run(|| self.exporter.export(batch, tally))).await;
        flight.ending = match ended {
            Ok(Ok(())) => Ending::Done,
            Ok(Err(panic)) => Ending::Panicked(panic),
            Err(_) => Ending::TimedOut(self.export_timeout),
        };
    }

    async fn flush(&mut self, by: Instant) {
        if Instant::now() >= by {
            return;
        }
        match timeout_at(by, guarded::run(|| self.exporter.flush())).await {
            Ok(flushed) => self.note(flushed, "while flushing"),
            Err(_) => self.lane.account.remember("the exporter did not flush in time".to_owned()),
        }
    }

    fn note(&self, result: Result<(), String>, when: &str) {
        if let Err(panic) = result {
            let why = format!("the exporter panicked {when}: {panic}");
            self.lane.account.remember(why.clone());
            self.reporter.report(Problem::new(Kind::Exporter, Some(&self.lane.account.name), 0, why));
        }
    }
}

/// A batch that the exporter has.
struct Flight<'a> {
    lane: &'a Lane,
    reporter: &'a Reporter,
    tally: Tally,
    ending: Ending,
    held: Arc<Held>,
}

enum Ending {
    Done,
    TimedOut(Duration),
    Panicked(String),
    Aborted,
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        let spans = self.held.batch.len();
        let account = &self.lane.account;
        let lost = account.settle(spans, &self.tally);
        self.lane.waiting().bytes -= self.held.charge.bytes();
        let told = self.tally.problem.take();
        let aside = told.as_ref().map(|told| format!(" ({told})")).unwrap_or_default();
        let why = match &self.ending {
            Ending::Done if lost.total() == 0 && told.is_none() => return,
            Ending::Done => told.unwrap_or_else(|| "the exporter did not say why".to_owned()),
            Ending::TimedOut(after) => {
                format!("no answer within {after:?}, the time for an export (OTEL_BSP_EXPORT_TIMEOUT){aside}")
            }
            Ending::Panicked(panic) => format!("the exporter panicked: {panic}{aside}"),
            Ending::Aborted => format!("shut down before the receiver answered{aside}"),
        };
        account.remember(why.clone());
        // What a shutdown cuts off is reported once, for everything together.
        if !matches!(self.ending, Ending::Aborted) {
            let kind = if lost.failed > 0 { Kind::Failed } else { Kind::Exporter };
            self.reporter.report(Problem::new(kind, Some(&account.name), lost.total(), why));
        }
    }
}
