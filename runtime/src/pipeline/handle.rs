//! The pipeline as the rest of the runtime holds it.

use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::Config;
use super::account::Ledger;
use super::budget::Plan;
use super::control::{Answer, Request, Shared};
use super::problem::{Kind, Problem};
use super::queue::{Intake, Producer};
use super::report::{Cause, FlushError, Report, Stats};
use super::thread::{self, Start};
use crate::export::{BuildError, MakeExporter};

/// The pipeline answers by the deadline. If it cannot, since an exporter blocks its thread, whoever waits
/// goes on this much later.
const GRACE: Duration = Duration::from_millis(100);

/// What the last spans get when the last handle is dropped without a shutdown.
const TIME_TO_END: Duration = Duration::from_secs(5);

/// A running pipeline. Clones are the same pipeline.
#[derive(Clone, Debug)]
pub(crate) struct Pipeline(Arc<Handle>);

#[derive(Debug)]
struct Handle {
    shared: Arc<Shared>,
    intake: Arc<Intake>,
    /// None without exporters.
    thread: Option<Mutex<Option<JoinHandle<()>>>>,
}

impl Pipeline {
    /// Starts the pipeline's thread, and makes the exporters there.
    pub(crate) fn start(config: Config, exporters: Vec<MakeExporter>) -> Result<Self, BuildError> {
        let mut config = config.sound();
        let plan = Plan::new(config.memory, exporters.len());
        config.memory = plan.limit;
        let intake = Arc::new(Intake::new(plan, !exporters.is_empty()));
        let shared = Arc::new(Shared::new(Ledger::new(intake.clone()), config.reporter.clone()));
        let mut handle = Handle { shared, intake, thread: None };
        if exporters.is_empty() {
            return Ok(Self(Arc::new(handle)));
        }
        let (started, starts) = sync_channel(1);
        let (shared, intake) = (handle.shared.clone(), handle.intake.clone());
        let start = Start { config, shared, intake, makers: exporters, started };
        let thread = std::thread::Builder::new()
            .name("traced-pipeline".to_owned())
            .spawn(move || thread::run(start))
            .map_err(|error| BuildError(format!("no thread for the pipeline: {error}")))?;
        let gone = || Err(BuildError("the pipeline's thread ended as it started".to_owned()));
        starts.recv().unwrap_or_else(|_| gone())?;
        handle.thread = Some(Mutex::new(Some(thread)));
        Ok(Self(Arc::new(handle)))
    }

    /// This thread's end of the queue.
    pub(crate) fn producer(&self) -> Producer {
        Producer::new(self.0.intake.clone())
    }

    /// Has everything that ended before the call exported, or returns an error: at the deadline, or if spans
    /// were lost since the last flush. May be called anywhere but on the pipeline's own thread.
    pub(crate) fn flush(&self, timeout: Duration) -> Result<Report, FlushError> {
        self.ask(false, timeout, deadline(timeout))
    }

    /// As [`flush`](Self::flush), and then ends the pipeline. What is not exported by the deadline has
    /// failed, and spans that end later are dropped. Called again it returns the same.
    pub(crate) fn shutdown(&self, timeout: Duration) -> Result<Report, FlushError> {
        self.ask(true, timeout, deadline(timeout))
    }

    /// The error for whoever would wait for the pipeline on its own thread.
    pub(crate) fn error_on_own_thread(&self) -> Option<FlushError> {
        let Handle { shared, intake, .. } = &*self.0;
        let own = !intake.is_forked() && shared.thread.get() == Some(&std::thread::current().id());
        own.then(|| shared.error(Cause::OwnThread))
    }

    /// [`flush`](Self::flush) for async code of any runtime.
    pub(crate) async fn flush_async(&self, timeout: Duration) -> Result<Report, FlushError> {
        self.ask_aside(false, timeout).await
    }

    /// [`shutdown`](Self::shutdown) for async code of any runtime.
    pub(crate) async fn shutdown_async(&self, timeout: Duration) -> Result<Report, FlushError> {
        self.ask_aside(true, timeout).await
    }

    /// The counts, without waiting.
    pub(crate) fn stats(&self) -> Stats {
        self.0.shared.ledger.stats()
    }

    /// A thread keeps the deadline: the caller's runtime may have no timer, and the pipeline's thread may be
    /// blocked by an exporter.
    async fn ask_aside(&self, shutdown: bool, timeout: Duration) -> Answer {
        let by = deadline(timeout);
        if let Some(answer) = self.answer_at_once(shutdown) {
            return answer;
        }
        let (answer, answered) = oneshot::channel();
        let this = self.clone();
        let thread = std::thread::Builder::new().name("traced-flush".to_owned());
        let spawned = thread.spawn(move || {
            let _ = answer.send(this.ask(shutdown, timeout, by));
        });
        if spawned.is_err() {
            return self.ask(shutdown, timeout, by);
        }
        answered.await.unwrap_or_else(|_| Err(self.0.shared.error(Cause::Gone)))
    }

    fn ask(&self, shutdown: bool, timeout: Duration, by: Instant) -> Answer {
        if let Some(answer) = self.answer_at_once(shutdown) {
            return answer;
        }
        let Handle { shared, intake, .. } = &*self.0;
        let (answer, answered) = sync_channel(1);
        {
            let mut control = shared.control();
            // It may have ended just now, and then nobody takes requests.
            if control.ended.is_some() {
                drop(control);
                return self.answer_at_once(shutdown).unwrap_or_else(|| Err(shared.error(Cause::Gone)));
            }
            control.requests.push(Request { shutdown, timeout, by, answer });
        }
        intake.bell.ring();
        // Not tokio's: on a runtime of one thread, whoever waited for that would keep it from being driven.
        match answered.recv_timeout(by.saturating_duration_since(Instant::now()) + GRACE) {
            Ok(answer) => {
                if shutdown {
                    self.join();
                }
                answer
            }
            Err(RecvTimeoutError::Timeout) if shutdown => self.abandon(timeout),
            Err(RecvTimeoutError::Timeout) => Err(shared.error(Cause::TimedOut(timeout))),
            Err(RecvTimeoutError::Disconnected) => {
                self.answer_at_once(shutdown).unwrap_or_else(|| Err(shared.error(Cause::Gone)))
            }
        }
    }

    /// The answer where there is nothing to wait for, or waiting would be for ever.
    fn answer_at_once(&self, shutdown: bool) -> Option<Answer> {
        let Handle { shared, intake, thread } = &*self.0;
        // First: in a forked process, locks may be held for ever.
        if intake.is_forked() {
            return Some(Err(shared.error(Cause::Forked)));
        }
        if let Some(error) = self.error_on_own_thread() {
            return Some(Err(error));
        }
        let mut control = shared.control();
        if thread.is_none() && control.ended.is_none() {
            let answer = Ok(shared.ledger.report());
            if shutdown {
                control.ended = Some(answer.clone());
            }
            return Some(answer);
        }
        let ended = control.ended.clone()?;
        drop(control);
        let is_gone = matches!(&ended, Err(error) if error.cause == Cause::Gone);
        Some(if shutdown || is_gone { ended } else { Err(shared.error(Cause::AfterShutdown)) })
    }

    /// Ends without the pipeline's thread, which an exporter blocks.
    fn abandon(&self, timeout: Duration) -> Answer {
        let shared = &self.0.shared;
        shared.ledger.close();
        shared.end(Err(shared.error(Cause::TimedOut(timeout))));
        let why = format!(
            "an exporter blocked the pipeline's thread for longer than {timeout:?}, the time for shutdown"
        );
        let ended = shared.control().ended.clone();
        let report = ended.as_ref().map(|answer| match answer {
            Ok(report) => report,
            Err(error) => error.report(),
        });
        let failed = report.map_or(0, |report| report.failed);
        shared.reporter.report(Problem::new(Kind::Shutdown, None, failed, why));
        ended.unwrap_or_else(|| Err(shared.error(Cause::TimedOut(timeout))))
    }

    /// Waits for the thread, which has answered and so is about to end, but not for long.
    fn join(&self) {
        let Some(thread) = &self.0.thread else { return };
        let Some(thread) = thread.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
        let until = Instant::now() + GRACE;
        while !thread.is_finished() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(1));
        }
        // Only dropped: its panics are caught in it, and `join` itself panics where the system refuses.
    }
}

#[cfg(test)]
impl Pipeline {
    pub(super) fn budget(&self) -> &super::budget::Budget {
        &self.0.intake.budget
    }

    pub(super) fn is_asleep(&self) -> bool {
        self.0.intake.bell.is_asleep()
    }

    /// How many chunks threads may draw without waking it.
    pub(super) fn chunks_to_wake(&self) -> usize {
        self.0.intake.chunks_to_wake()
    }

    /// Threads that are not forgotten.
    pub(super) fn queues(&self) -> usize {
        self.0.intake.queues()
    }

    /// As a child process sees it after a fork.
    pub(super) fn start_forked(config: Config, exporters: Vec<MakeExporter>) -> Self {
        let pipeline = Self::start(config, exporters).unwrap();
        pipeline.0.intake.pretend_forked();
        pipeline
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if self.intake.is_forked() {
            // The thread is not in this process, where another may have its number: it would be the one that
            // is detached.
            std::mem::forget(self.thread.take());
            return;
        }
        // Nobody can ask for it any more.
        if self.thread.is_none() {
            return;
        }
        let mut control = self.shared.control();
        if control.ended.is_none() {
            let (answer, _) = sync_channel(1);
            let by = Instant::now() + TIME_TO_END;
            control.requests.push(Request { shutdown: true, timeout: TIME_TO_END, by, answer });
            drop(control);
            self.intake.bell.ring();
        }
    }
}

/// Far ahead at most: an instant has a limit.
fn deadline(timeout: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(365 * 24 * 3600);
    let now = Instant::now();
    now.checked_add(timeout.min(FAR)).unwrap_or(now)
}
