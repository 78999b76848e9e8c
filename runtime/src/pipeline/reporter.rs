//! Takes problems to where people look, at a limited rate.

use std::fmt;
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::subscriber::NoSubscriber;

use super::problem::{Kind, Problem};
use super::{guarded, quiet};

/// Problems of one kind are told this often at most.
const EVERY: Duration = Duration::from_secs(30);

/// Takes what is wrong to where people look: to the callback if there is one, else to `tracing` where it has
/// a subscriber, else to standard error. The first problem of a kind at once, further ones put together.
#[derive(Clone, Default)]
pub(crate) struct Reporter {
    callback: Option<Callback>,
    told: Arc<Mutex<Vec<Told>>>,
}

type Callback = Arc<dyn Fn(&Problem) + Send + Sync>;

struct Told {
    kind: Kind,
    exporter: Option<String>,
    at: Instant,
    /// What has come up since.
    held_back: Option<Problem>,
}

impl fmt::Debug for Reporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reporter").finish_non_exhaustive()
    }
}

impl Reporter {
    /// Reports to a callback.
    pub(crate) fn to(callback: Callback) -> Self {
        Self { callback: Some(callback), ..Self::default() }
    }

    pub(crate) fn report(&self, problem: Problem) {
        self.report_at(problem, Instant::now());
    }

    pub(super) fn report_at(&self, problem: Problem, now: Instant) {
        if let Some(problem) = self.admit(problem, now) {
            self.tell(&problem);
        }
    }

    /// Tells what was held back and is due; everything, if `all`.
    pub(super) fn tell_held_back(&self, now: Instant, all: bool) {
        let mut due = Vec::new();
        {
            let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
            for told in told.iter_mut().filter(|told| all || now.duration_since(told.at) >= EVERY) {
                if let Some(problem) = told.held_back.take() {
                    told.at = now;
                    due.push(problem);
                }
            }
        }
        for problem in due {
            self.tell(&problem);
        }
    }

    /// What to tell now, if anything. The lock is not held while telling: a callback may have problems too.
    fn admit(&self, problem: Problem, now: Instant) -> Option<Problem> {
        // Each bad setting is another problem.
        if problem.kind == Kind::Setting {
            return Some(problem);
        }
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |told: &&mut Told| told.kind == problem.kind && told.exporter == problem.exporter;
        let Some(told) = told.iter_mut().find(same) else {
            told.push(Told {
                kind: problem.kind,
                exporter: problem.exporter.clone(),
                at: now,
                held_back: None,
            });
            return Some(problem);
        };
        let problem = match told.held_back.take() {
            Some(before) => Problem {
                spans: before.spans + problem.spans,
                times: before.times + problem.times,
                ..problem
            },
            None => problem,
        };
        if now.duration_since(told.at) >= EVERY {
            told.at = now;
            return Some(problem);
        }
        told.held_back = Some(problem);
        None
    }

    fn tell(&self, problem: &Problem) {
        if let Some(callback) = &self.callback {
            // Never silent, whatever the callback does.
            if guarded::call(|| quiet::lifted(|| callback(problem))).is_err() {
                to_stderr(&format_args!("{problem} (and the callback for problems panicked)"));
            }
            return;
        }
        let told = guarded::call(|| quiet::lifted(|| to_tracing(problem)));
        if !told.unwrap_or(false) {
            to_stderr(problem);
        }
    }
}

/// Whether there is a subscriber. One that filters this out does what somebody told it to.
fn to_tracing(problem: &Problem) -> bool {
    // Not `has_been_set`, which is true as soon as any thread has had any dispatcher, even none at all.
    let subscribed = tracing::dispatcher::get_default(|dispatch| !dispatch.is::<NoSubscriber>());
    if subscribed {
        tracing::warn!(target: "traced", "{problem}");
    }
    subscribed
}

fn to_stderr(problem: &dyn fmt::Display) {
    // Unlike `eprintln!`, which panics if standard error is closed. One write, so that lines stay whole.
    let line = format!("traced: {problem}\n");
    let _ = std::io::stderr().write_all(line.as_bytes());
}
