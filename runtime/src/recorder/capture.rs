//! Spans for a test to see: those that descend from where it asked for them, through `Context`, or through the
//! trace id where a request has carried it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};

use opentelemetry::Context;

use crate::record::{Batch, Header, Origins};

/// How many captures there are. While there are none, a span costs one load of this.
static ACTIVE: AtomicUsize = AtomicUsize::new(0);

/// The captures by the traces that began in them.
static TRACES: Mutex<Option<HashMap<u128, Weak<Sink>>>> = Mutex::new(None);

/// Where a capture's spans go.
#[derive(Debug, Default)]
pub(crate) struct Sink {
    spans: Mutex<Vec<(Header, Vec<u8>)>>,
    more: Condvar,
}

/// Marks a `Context` as a capture's. It may outlive the capture, and keeps nothing alive.
struct Marker(Weak<Sink>);

/// Whether anybody captures.
#[inline]
pub(crate) fn active() -> bool {
    ACTIVE.load(Ordering::Relaxed) != 0
}

/// A capture, for as long as this lives.
#[derive(Debug)]
pub(crate) struct Registered(Arc<Sink>);

impl Registered {
    pub(crate) fn new() -> Self {
        ACTIVE.fetch_add(1, Ordering::SeqCst);
        Self(Arc::new(Sink::default()))
    }

    pub(crate) fn sink(&self) -> &Arc<Sink> {
        &self.0
    }

    /// A context with nothing but this capture's mark.
    pub(crate) fn context(&self) -> Context {
        Context::new().with_value(Marker(Arc::downgrade(&self.0)))
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        ACTIVE.fetch_sub(1, Ordering::SeqCst);
        let sink = Arc::downgrade(&self.0);
        traces().get_or_insert_default().retain(|_, other| !other.ptr_eq(&sink));
    }
}

/// The capture that a span in this context, of this trace, belongs to.
#[cold]
pub(crate) fn of(context: &Context, trace_id: Option<u128>) -> Option<Arc<Sink>> {
    match context.get::<Marker>() {
        Some(marker) => marker.0.upgrade(),
        None => traces().as_ref()?.get(&trace_id?)?.upgrade(),
    }
}

/// Notes that a trace belongs to a capture, so that it is known again where only its id arrives.
#[cold]
pub(crate) fn claim(trace_id: u128, sink: &Arc<Sink>) {
    traces().get_or_insert_default().entry(trace_id).or_insert_with(|| Arc::downgrade(sink));
}

impl Sink {
    pub(crate) fn push(&self, header: Header, body: &[u8]) {
        self.lock().push((header, body.to_vec()));
        self.more.notify_all();
    }

    /// The spans so far, as a batch.
    pub(crate) fn batch(&self) -> Batch {
        let mut batch = Batch::default();
        let mut origins = Origins::default();
        for (header, body) in self.lock().iter() {
            batch.push(*header, body, &mut origins);
        }
        batch
    }

    /// Waits until a number of spans is there, or the time is over.
    pub(crate) fn wait_beyond(&self, seen: usize, timeout: std::time::Duration) {
        let waited = self.more.wait_timeout_while(self.lock(), timeout, |spans| spans.len() <= seen);
        drop(waited);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Header, Vec<u8>)>> {
        self.spans.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn traces() -> MutexGuard<'static, Option<HashMap<u128, Weak<Sink>>>> {
    TRACES.lock().unwrap_or_else(PoisonError::into_inner)
}
