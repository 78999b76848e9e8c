//! What the pipeline's thread does: collects batches, hands them to the exporters' lanes, keeps deadlines.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use tokio::time::timeout_at;

use super::account::Lost;
use super::budget::Budget;
use super::control::{Answer, Request, Shared};
use super::drain::{Drain, Step};
use super::lane::{Gate, Held, Lane};
use super::pace::Pace;
use super::problem::{Kind, Problem};
use super::queue::Intake;
use super::report::{Cause, FlushError};
use crate::record::Origins;

/// Batches handed over before requests and deadlines are looked at again.
const BATCHES_AT_ONCE: usize = 16;

pub(super) struct Worker {
    shared: Arc<Shared>,
    intake: Arc<Intake>,
    lanes: Vec<Arc<Lane>>,
    /// The lanes' drivers.
    drivers: Vec<JoinHandle<()>>,
    drain: Drain,
    pace: Pace,
    delay: Duration,
    /// When the pass began, and the one before: what is read now was pushed after that.
    began: Instant,
    passed: Instant,
    /// Spans that the pass has found.
    found: usize,
    pause: Duration,
    surplus: Surplus,
    /// When the batch being filled is handed over at the latest.
    due: Option<Instant>,
    flushes: Vec<Flush>,
    /// What had been lost for each exporter at the last answer.
    lost: Vec<Lost>,
}

/// A request that is being worked on.
struct Flush {
    request: Request,
    /// Everything is collected once this pass is finished.
    pass: u64,
    /// Held by the lanes that are not done, once everything is collected.
    gate: Option<Gate>,
}

impl Flush {
    fn is_done(&self) -> bool {
        self.gate.as_ref().is_some_and(|gate| Arc::strong_count(gate) == 1)
    }
}

/// How far collecting came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    /// Everything is collected.
    Done,
    /// There may be more.
    More,
    /// No exporter has room.
    Stuck,
}

/// The end: what to answer, and whom.
pub(super) struct End {
    pub(super) answer: Answer,
    pub(super) requests: Vec<Request>,
}

impl Worker {
    pub(super) fn new(
        shared: Arc<Shared>,
        intake: Arc<Intake>,
        lanes: Vec<Arc<Lane>>,
        drivers: Vec<JoinHandle<()>>,
        origins: Origins,
        batch_spans: usize,
        delay: Duration,
    ) -> Self {
        let now = Instant::now();
        Self {
            drain: Drain::new(intake.clone(), origins, batch_spans),
            pace: Pace::new(batch_spans, delay, intake.budget.plan(), now),
            lost: vec![Lost::default(); lanes.len()],
            shared,
            intake,
            lanes,
            drivers,
            delay,
            began: now,
            passed: now,
            found: 0,
            pause: Duration::ZERO,
            surplus: Surplus { since: now, least: usize::MAX },
            due: None,
            flushes: Vec::new(),
        }
    }

    /// Until shutdown.
    pub(super) async fn run(mut self) -> End {
        loop {
            self.take_requests();
            let progress = self.collect().await;
            self.report_drops(progress);
            // No exporter has room: what is there can wait for one.
            if progress != Progress::Stuck && self.due.is_some_and(|due| due <= Instant::now()) {
                self.hand_over();
            }
            self.mark_flushes();
            self.answer_flushes();
            if self.is_over() {
                return self.end().await;
            }
            self.sleep(progress).await;
        }
    }

    fn take_requests(&mut self) {
        let requests = std::mem::take(&mut self.shared.control().requests);
        for request in requests {
            if request.shutdown {
                self.intake.close();
            }
            self.flushes.push(Flush { request, pass: self.drain.pass_after_now(), gate: None });
        }
    }

    /// Reads what threads have pushed, and hands full batches over.
    async fn collect(&mut self) -> Progress {
        let room = 2 * self.intake.budget.plan().batch;
        for _ in 0..BATCHES_AT_ONCE {
            // Rather than let a batch go, leave it with the threads; but not for one lane's sake.
            if !self.lanes.iter().any(|lane| lane.has_memory(room)) {
                return Progress::Stuck;
            }
            if !self.drain.is_passing() {
                self.passed = std::mem::replace(&mut self.began, Instant::now());
                self.found = 0;
                self.pace.look(self.began, self.intake.budget.drawn());
                self.surplus.free(&self.intake.budget, self.began);
            }
            let before = self.drain.len();
            match self.drain.step() {
                Step::Full(held) => {
                    self.found += held.batch.len() - before;
                    self.offer(held);
                    // The lanes go on meanwhile, and make room.
                    tokio::task::yield_now().await;
                }
                Step::Done => {
                    self.found += self.drain.len() - before;
                    self.pause = self.pace.found(self.found);
                    if self.drain.len() > 0 && self.due.is_none() {
                        self.due = self.passed.checked_add(self.delay);
                    }
                    return Progress::Done;
                }
            }
        }
        Progress::More
    }

    fn offer(&mut self, held: Held) {
        self.due = None;
        let held = Arc::new(held);
        for lane in &self.lanes {
            lane.offer(&held, &self.shared.reporter);
        }
    }

    /// Hands over the batch being filled.
    fn hand_over(&mut self) {
        self.due = None;
        if self.drain.len() > 0 {
            let held = self.drain.take();
            self.offer(held);
        }
    }

    fn report_drops(&mut self, progress: Progress) {
        if progress == Progress::Stuck {
            self.drain.look_for_drops();
        }
        let dropped = self.drain.take_dropped();
        let plan = self.intake.budget.plan();
        if dropped.over_budget > 0 {
            let why = format!(
                "the memory for telemetry ({} KiB) is in use: spans are made faster than they are exported; \
                 sample less, or allow more memory",
                plan.limit / 1024
            );
            self.shared.reporter.report(Problem::new(Kind::MemoryFull, None, dropped.over_budget, why));
        }
        if dropped.too_large > 0 {
            let why = format!(
                "larger than {} KiB each, a sixteenth of the memory for telemetry divided among exporters; \
                 record less in one span, or allow more memory",
                plan.batch / 1024
            );
            self.shared.reporter.report(Problem::new(Kind::TooLarge, None, dropped.too_large, why));
        }
        if progress == Progress::Done {
            self.shared.reporter.tell_held_back(Instant::now(), false);
        }
    }

    /// Has the lanes flush once everything asked for is with them.
    fn mark_flushes(&mut self) {
        let drain = &self.drain;
        let is_collected = |flush: &Flush| flush.gate.is_none() && drain.has_finished(flush.pass);
        if !self.flushes.iter().any(is_collected) {
            return;
        }
        self.hand_over();
        let drain = &self.drain;
        for flush in self.flushes.iter_mut().filter(|it| it.gate.is_none() && drain.has_finished(it.pass)) {
            let gate = Gate::default();
            for lane in &self.lanes {
                lane.flush(flush.request.by.into(), gate.clone());
            }
            flush.gate = Some(gate);
        }
    }

    /// Answers those that are done, and those whose time is over. Shutdowns are answered at the end.
    fn answer_flushes(&mut self) {
        let now = Instant::now();
        let is_ready = |it: &mut Flush| !it.request.shutdown && (it.is_done() || it.request.by <= now);
        for flush in self.flushes.extract_if(.., is_ready).collect::<Vec<_>>() {
            let answer = self.answer((!flush.is_done()).then_some(flush.request.timeout));
            flush.request.answer(answer);
        }
    }

    /// The answer to give now.
    fn answer(&mut self, timed_out: Option<Duration>) -> Answer {
        let lost = self.shared.ledger.lost();
        let before = std::mem::replace(&mut self.lost, lost);
        let report = self.shared.ledger.report();
        if let Some(after) = timed_out {
            return Err(FlushError { cause: Cause::TimedOut(after), report });
        }
        let new = self.lanes.iter().zip(&self.lost).zip(before);
        let new = new.map(|((lane, lost), before)| (lane, lost.since(before)));
        match new.max_by_key(|(_, lost)| lost.total()) {
            Some((lane, Lost { failed, dropped })) if failed + dropped > 0 => {
                let exporter = lane.account.name.clone();
                Err(FlushError { cause: Cause::Lost { exporter, failed, dropped }, report })
            }
            _ => Ok(report),
        }
    }

    /// Whether a shutdown is done, or its time is over.
    fn is_over(&self) -> bool {
        let now = Instant::now();
        let mut shutdowns = self.flushes.iter().filter(|flush| flush.request.shutdown);
        shutdowns.any(|flush| flush.is_done() || flush.request.by <= now)
    }

    async fn end(mut self) -> End {
        let shutdowns = || self.flushes.iter().filter(|flush| flush.request.shutdown);
        let is_done = shutdowns().any(Flush::is_done);
        let timed_out = shutdowns().map(|flush| flush.request.timeout).min().filter(|_| !is_done);
        let before = self.shared.ledger.lost();
        for driver in &self.drivers {
            driver.abort();
        }
        for driver in self.drivers.drain(..) {
            let _ = driver.await;
        }
        self.shared.ledger.fail_the_rest();
        for ((lane, lost), before) in self.lanes.iter().zip(self.shared.ledger.lost()).zip(before) {
            let failed = lost.since(before).failed;
            if failed > 0 {
                let why = format!(
                    "not sent within {:?}, the time for shutdown; see whether the receiver is reachable, or \
                     allow more time",
                    timed_out.unwrap_or_default()
                );
                lane.account.remember(why.clone());
                let problem = Problem::new(Kind::Shutdown, Some(&lane.account.name), failed, why);
                self.shared.reporter.report(problem);
            }
        }
        self.drain.look_for_drops();
        self.report_drops(Progress::More);
        self.shared.reporter.tell_held_back(Instant::now(), true);
        let answer = self.answer(timed_out);
        End { answer, requests: self.flushes.drain(..).map(|flush| flush.request).collect() }
    }

    async fn sleep(&mut self, progress: Progress) {
        let now = Instant::now();
        let until = match progress {
            Progress::More => return tokio::task::yield_now().await,
            // An exporter says when it has room.
            Progress::Stuck => now + self.delay,
            Progress::Done => self.due.unwrap_or(now + self.delay).min(now + self.pause),
        };
        let deadlines = self.flushes.iter().map(|flush| flush.request.by);
        let until = deadlines.fold(until, Instant::min);
        let bell = &self.intake.bell;
        bell.set_awaits(progress == Progress::Stuck || !self.flushes.is_empty());
        if progress == Progress::Stuck || self.intake.fall_asleep(self.pace.enough()) {
            let _ = timeout_at(until.into(), bell.rung()).await;
        }
        bell.set_asleep(false);
    }
}

/// Chunks that go round and have not been needed for some time.
struct Surplus {
    since: Instant,
    least: usize,
}

impl Surplus {
    /// Called before chunks are read, when most of them are in use.
    fn free(&mut self, budget: &Budget, now: Instant) {
        const TIME: Duration = Duration::from_secs(1);
        self.least = self.least.min(budget.spare());
        if now.duration_since(self.since) >= TIME {
            budget.trim(self.least);
            *self = Self { since: now, least: usize::MAX };
        }
    }
}
