//! What the pipeline's thread does: collects batches, hands them to the exporters' lanes, keeps deadlines.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use tokio::time::timeout_at;

use super::account::Lost;
use super::control::{Answer, Request, Shared};
use super::drain::{Drain, Step};
use super::lane::{Gate, Held, Lane};
use super::problem::{Kind, Problem};
use super::queue::Intake;
use super::report::{Cause, FlushError};
use crate::record::Origins;

/// How often threads' queues are looked at while spans keep coming.
const POLL: Duration = Duration::from_millis(2);

/// After so many looks that found little, it is quiet.
const CALM: u32 = 8;

/// Batches handed over before requests and deadlines are looked at again.
const BATCHES_AT_ONCE: usize = 16;

pub(super) struct Worker {
    shared: Arc<Shared>,
    intake: Arc<Intake>,
    lanes: Vec<Arc<Lane>>,
    /// The lanes' drivers.
    drivers: Vec<JoinHandle<()>>,
    drain: Drain,
    batch_spans: usize,
    delay: Duration,
    /// Whether memory was short when it was last seen to that an exporter has room: what is offered then is
    /// what there was room for, even if threads have taken more since.
    under_pressure: bool,
    /// When the last pass began: what is read next was pushed later.
    passed: Instant,
    /// When the batch being filled is handed over at the latest.
    due: Option<Instant>,
    /// Looks in a row that found little.
    calm: u32,
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
    /// Everything is collected: so many spans.
    Done(usize),
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
        Self {
            drain: Drain::new(intake.clone(), origins, batch_spans),
            lost: vec![Lost::default(); lanes.len()],
            shared,
            intake,
            lanes,
            drivers,
            batch_spans,
            delay,
            under_pressure: false,
            passed: Instant::now(),
            due: None,
            calm: CALM,
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
        let began = Instant::now();
        let before = self.drain.len();
        let room = 2 * self.intake.budget.plan().batch;
        for batches in 0..BATCHES_AT_ONCE {
            // Rather than let a batch go, leave it with the threads; but not for one lane's sake.
            self.under_pressure = self.intake.budget.under_pressure();
            if !self.lanes.iter().any(|lane| lane.has_memory(room, self.under_pressure)) {
                return Progress::Stuck;
            }
            match self.drain.step() {
                Step::Full(held) => {
                    self.offer(held);
                    // The lanes go on meanwhile, and make room.
                    tokio::task::yield_now().await;
                }
                Step::Done => {
                    if self.drain.len() == 0 {
                        self.due = None;
                    } else if self.due.is_none() {
                        self.due = self.passed.checked_add(self.delay);
                    }
                    self.passed = began;
                    return Progress::Done(
                        batches * self.batch_spans + self.drain.len() - before.min(self.drain.len()),
                    );
                }
            }
        }
        Progress::More
    }

    fn offer(&mut self, held: Held) {
        self.due = None;
        let held = Arc::new(held);
        for lane in &self.lanes {
            lane.offer(&held, self.under_pressure, &self.shared.reporter);
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
        if self.calm >= CALM {
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
        let long = now + self.delay;
        let deadlines = self.flushes.iter().map(|flush| flush.request.by);
        let asked = deadlines.fold(long, Instant::min);
        let until = self.due.map_or(asked, |due| due.min(asked));
        match progress {
            Progress::More => tokio::task::yield_now().await,
            // A lane rings when it has room.
            Progress::Stuck => {
                let _ = timeout_at(asked.into(), self.intake.bell.rung()).await;
            }
            Progress::Done(spans) => {
                self.calm = if spans * 4 > self.batch_spans { 0 } else { self.calm.saturating_add(1) };
                if self.calm < CALM {
                    let _ = timeout_at(until.min(now + POLL).into(), self.intake.bell.rung()).await;
                    return;
                }
                self.intake.bell.set_asleep(true);
                // Whoever drew before could not see that it is asleep.
                let mut quiet = false;
                if !self.intake.has_much() {
                    quiet = timeout_at(until.into(), self.intake.bell.rung()).await.is_err();
                }
                self.intake.bell.set_asleep(false);
                if quiet && spans == 0 {
                    self.intake.budget.trim();
                }
            }
        }
    }
}
