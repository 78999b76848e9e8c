//! Runs somebody else's code where it may block, and from where its panics do not spread.
//!
//! It runs on a thread for blocking work of the pipeline's runtime: exporters that are built on an async client
//! find a reactor there, those that are built on a blocking one may block, and neither holds up the others.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use tokio::task::JoinHandle;

/// What runs. It is told to give up when this is dropped.
pub(super) struct Job<T> {
    handle: JoinHandle<Result<T, String>>,
    signal: Arc<Signal>,
}

impl<T: Send + 'static> Job<T> {
    pub(super) fn start(work: impl FnOnce(&Arc<Signal>) -> T + Send + 'static) -> Self {
        let signal = Arc::new(Signal::default());
        let theirs = signal.clone();
        let handle = tokio::task::spawn_blocking(move || isolated(move || work(&theirs)));
        Self { handle, signal }
    }
}

impl<T> Future for Job<T> {
    /// An error is a panic of the work's, or the end of the runtime.
    type Output = Result<T, String>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let handle = Pin::new(&mut self.handle).poll(context);
        handle.map(|joined| joined.unwrap_or_else(|error| Err(error.to_string())))
    }
}

impl<T> Drop for Job<T> {
    fn drop(&mut self) {
        self.signal.state().given_up = true;
        self.signal.changed.notify_all();
    }
}

/// Runs work that records no telemetry of its own, which would be exported by it again, and returns the message
/// if it panics. On a thread that is not the pipeline's own, where both are off already.
pub(super) fn isolated<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    let nobody = tracing::Dispatch::none();
    let caught = catch_unwind(AssertUnwindSafe(|| {
        let _suppressed = opentelemetry::Context::enter_telemetry_suppressed_scope();
        tracing::dispatcher::with_default(&nobody, work)
    }));
    caught.map_err(|panic| panicked(&*panic))
}

pub(super) fn panicked(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.map_or_else(|| "panicked".to_owned(), |text| format!("panicked: {text}"))
}

/// Wakes a thread that drives a future, or tells it to stop.
#[derive(Debug, Default)]
pub(super) struct Signal {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    woken: bool,
    given_up: bool,
}

impl Signal {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Polls a future on this thread until it is ready; drops it and returns none if it is given up.
    ///
    /// Not tokio's `block_on`, inside which a blocking client would panic.
    pub(super) fn drive<T>(self: &Arc<Self>, future: impl Future<Output = T>) -> Option<T> {
        let mut future = pin!(future);
        let waker = Waker::from(self.clone());
        let mut context = Context::from_waker(&waker);
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                return Some(output);
            }
            let idle = |state: &mut State| !state.woken && !state.given_up;
            let waited = self.changed.wait_while(self.state(), idle);
            let mut state = waited.unwrap_or_else(PoisonError::into_inner);
            if state.given_up {
                return None;
            }
            state.woken = false;
        }
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.state().woken = true;
        self.changed.notify_all();
    }
}
