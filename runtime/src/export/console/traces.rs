//! Spans that wait for the rest of their trace.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::record::{Header, Origin, SpanView};

/// How long nothing must have come for a trace before it is shown.
pub(super) const QUIET: Duration = Duration::from_millis(100);

/// How much is held back, and how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// A trace is shown by then, finished or not.
    pub(super) age: Duration,
    pub(super) spans: usize,
    pub(super) bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { age: Duration::from_secs(10), spans: 20_000, bytes: 8 << 20 }
    }
}

/// A span, kept after its batch is gone.
#[derive(Debug)]
pub(super) struct Kept {
    header: Header,
    body: Box<[u8]>,
    origin: Arc<Origin>,
}

impl Kept {
    pub(super) fn new(span: &SpanView<'_>) -> Self {
        Self { header: span.header, body: span.body.into(), origin: span.origin.clone() }
    }

    pub(super) fn view(&self) -> SpanView<'_> {
        SpanView { header: self.header, body: &self.body, origin: &self.origin }
    }

    fn memory(&self) -> usize {
        size_of::<Self>() + self.body.len()
    }
}

/// Why spans are shown now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// The local roots have ended, and nothing came for a while.
    Quiet,
    /// They have been held for as long as any are.
    Age(Duration),
    /// More are held than may be.
    Bound,
    Flush,
}

/// Spans of one trace that are to be shown.
#[derive(Debug)]
pub(super) struct Due {
    pub(super) trace_id: u128,
    pub(super) spans: Vec<Kept>,
    /// How many parents have not ended.
    pub(super) missing: usize,
    pub(super) why: Why,
}

impl Due {
    /// More of the trace is expected.
    pub(super) fn is_unfinished(&self) -> bool {
        self.missing > 0 || matches!(self.why, Why::Age(_) | Why::Bound)
    }
}

#[derive(Debug)]
struct Pending {
    number: u64,
    first: Instant,
    last: Instant,
    spans: Vec<Kept>,
    ids: HashSet<u64>,
    /// Parents in this process that have not ended.
    missing: HashSet<u64>,
    bytes: usize,
}

/// The traces that wait.
#[derive(Debug, Default)]
pub(super) struct Traces {
    bounds: Bounds,
    pending: HashMap<u128, Pending>,
    /// By arrival of their first span.
    order: BTreeMap<u64, u128>,
    next_number: u64,
    spans: usize,
    bytes: usize,
}

impl Traces {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self { bounds, ..Self::default() }
    }

    /// Takes a span. `is_known` says of a parent that there is no need to wait for it.
    pub(super) fn add(&mut self, span: &SpanView<'_>, now: Instant, is_known: impl FnOnce(u64) -> bool) {
        let header = span.header;
        let pending = self.pending.entry(header.trace_id).or_insert_with(|| {
            let number = self.next_number;
            self.next_number += 1;
            self.order.insert(number, header.trace_id);
            Pending {
                number,
                first: now,
                last: now,
                spans: Vec::new(),
                ids: HashSet::new(),
                missing: HashSet::new(),
                bytes: 0,
            }
        });
        let kept = Kept::new(span);
        let bytes = kept.memory();
        pending.last = now;
        pending.bytes += bytes;
        pending.spans.push(kept);
        pending.ids.insert(header.span_id);
        pending.missing.remove(&header.span_id);
        // A remote parent may be in this process too, but most are not: those would be waited for in vain.
        let parent = header.parent_id;
        let local = parent != 0 && !header.flags.parent_remote();
        if local && !pending.ids.contains(&parent) && !is_known(parent) {
            pending.missing.insert(parent);
        }
        self.spans += 1;
        self.bytes += bytes;
    }

    /// What is due by time, the oldest trace first.
    pub(super) fn due(&mut self, now: Instant) -> Vec<Due> {
        let age = self.bounds.age;
        let due = |pending: &Pending| {
            let quiet = now.saturating_duration_since(pending.last) >= QUIET;
            if quiet && pending.missing.is_empty() {
                Some(Why::Quiet)
            } else {
                (now.saturating_duration_since(pending.first) >= age).then_some(Why::Age(age))
            }
        };
        let all = self.order.values();
        let due: Vec<_> = all.filter_map(|id| Some((*id, due(self.pending.get(id)?)?))).collect();
        due.into_iter().filter_map(|(id, why)| self.take(id, why)).collect()
    }

    /// The oldest trace, if more is held than may be.
    pub(super) fn over_bound(&mut self) -> Option<Due> {
        if self.spans <= self.bounds.spans && self.bytes <= self.bounds.bytes {
            return None;
        }
        let (_, &oldest) = self.order.first_key_value()?;
        self.take(oldest, Why::Bound)
    }

    /// All traces, the oldest first.
    pub(super) fn all(&mut self) -> Vec<Due> {
        let all: Vec<_> = self.order.values().copied().collect();
        all.into_iter().filter_map(|id| self.take(id, Why::Flush)).collect()
    }

    fn take(&mut self, trace_id: u128, why: Why) -> Option<Due> {
        let pending = self.pending.remove(&trace_id)?;
        self.order.remove(&pending.number);
        self.spans -= pending.spans.len();
        self.bytes -= pending.bytes;
        Some(Due { trace_id, spans: pending.spans, missing: pending.missing.len(), why })
    }
}
