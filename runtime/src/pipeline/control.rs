//! What is asked of the pipeline's thread, and answered by it.

use std::sync::mpsc::SyncSender;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

use super::account::Ledger;
use super::report::{Cause, FlushError, Report};
use super::reporter::Reporter;

pub(super) type Answer = Result<Report, FlushError>;

/// What the pipeline's thread and its users share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) ledger: Ledger,
    pub(super) reporter: Reporter,
    /// The pipeline's thread, which must not wait for itself.
    pub(super) thread: OnceLock<ThreadId>,
    control: Mutex<Control>,
}

#[derive(Debug, Default)]
pub(super) struct Control {
    pub(super) requests: Vec<Request>,
    /// The answer to shutdown, once there is one.
    pub(super) ended: Option<Answer>,
}

/// A flush or a shutdown.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) shutdown: bool,
    pub(super) timeout: Duration,
    pub(super) by: Instant,
    pub(super) answer: SyncSender<Answer>,
}

impl Request {
    pub(super) fn answer(&self, answer: Answer) {
        // Whoever asked may have stopped waiting.
        let _ = self.answer.try_send(answer);
    }
}

impl Shared {
    pub(super) fn new(ledger: Ledger, reporter: Reporter) -> Self {
        Self { ledger, reporter, thread: OnceLock::new(), control: Mutex::default() }
    }

    pub(super) fn control(&self) -> MutexGuard<'_, Control> {
        self.control.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn error(&self, cause: Cause) -> FlushError {
        FlushError { cause, report: self.ledger.report() }
    }

    /// Ends it with this answer, unless it has ended. The requests that nobody has taken are answered.
    pub(super) fn end(&self, answer: Answer) {
        self.ledger.intake.abandon();
        self.ledger.close();
        let mut control = self.control();
        let answer = control.ended.get_or_insert(answer).clone();
        let requests = std::mem::take(&mut control.requests);
        drop(control);
        for request in requests {
            if request.shutdown {
                request.answer(answer.clone());
            } else {
                request.answer(Err(self.error(Cause::AfterShutdown)));
            }
        }
    }
}
