//! The memory that all threads, batches and exporters share.

use std::sync::atomic::Ordering;

use crossbeam_utils::CachePadded;

use super::chunk::{CHUNK_BYTES, Chunk};
use super::sync::{Arc, ArrayQueue, AtomicUsize};

/// Less than this and hardly a thread could record.
const LEAST_MEMORY: usize = 64 * 1024;

/// No batch is larger than this, whatever the memory; what exporters send at once is bounded as well.
const LARGEST_BATCH: usize = 4 << 20;

/// How the memory is divided. No part grows where another is small: an allocator seldom gives to one thread what
/// another has freed, so that the process takes what each part took at its largest.
///
/// - Chunks, which threads draw.
/// - Batches that wait for exporters. What a single exporter has no room for waits in chunks, so this is small;
///   several have more, so that none waits for another.
/// - One eighth for the batch being filled, and for what exporters make of the one that they send.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// Everything.
    pub(super) limit: usize,
    /// What threads draw in all.
    pub(super) chunks: usize,
    /// What waits for one exporter.
    pub(super) share: usize,
    /// The size of the largest batch, and so of the largest record.
    pub(super) batch: usize,
}

impl Plan {
    pub(super) fn new(memory: usize, exporters: usize) -> Self {
        let limit = memory.max(LEAST_MEMORY);
        let exporters = exporters.max(1);
        let waiting = if exporters == 1 { limit / 8 } else { limit / 8 * 3 };
        Self {
            limit,
            chunks: limit - limit / 8 - waiting,
            share: waiting / exporters,
            batch: (limit / 16 / (exporters + 1)).min(LARGEST_BATCH),
        }
    }

    /// A larger body is dropped with its record: it would be a batch larger than the largest.
    pub(super) fn largest_body(self) -> usize {
        // In a batch it takes a few bytes more.
        self.batch.saturating_sub(128)
    }
}

/// Counts the bytes in use, and keeps chunks for the next thread that needs one.
#[derive(Debug)]
pub(super) struct Budget {
    plan: Plan,
    /// What threads have drawn, the chunks that go round included.
    chunks: CachePadded<AtomicUsize>,
    /// What batches take.
    batches: AtomicUsize,
    /// Chunks drawn since the start, wrapping.
    drawn: CachePadded<AtomicUsize>,
    /// Chunks go round through here, and so are not freed on another core than they were allocated on.
    spare: ArrayQueue<Arc<Chunk>>,
    #[cfg(test)]
    peak: AtomicUsize,
}

impl Budget {
    pub(super) fn new(plan: Plan) -> Self {
        Self {
            plan,
            chunks: CachePadded::default(),
            batches: AtomicUsize::default(),
            drawn: CachePadded::default(),
            spare: ArrayQueue::new((plan.limit / 8 / CHUNK_BYTES).clamp(2, 256)),
            #[cfg(test)]
            peak: AtomicUsize::new(0),
        }
    }

    pub(super) fn plan(&self) -> Plan {
        self.plan
    }

    /// A chunk, if there is memory for one.
    pub(super) fn draw(&self) -> Option<Arc<Chunk>> {
        let chunk = self.spare.pop().or_else(|| self.make_some())?;
        self.drawn.fetch_add(1, Ordering::Relaxed);
        Some(chunk)
    }

    /// Takes memory for something large, if there is any.
    pub(super) fn draw_large(&self, bytes: usize) -> bool {
        let drawn = self.try_take(bytes);
        if drawn {
            self.drawn.fetch_add(bytes / CHUNK_BYTES, Ordering::Relaxed);
        }
        drawn
    }

    pub(super) fn put_back_large(&self, bytes: usize) {
        self.chunks.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Takes back a chunk that has been read to its end, by the reader, who is the last to hold it.
    pub(super) fn put_back(&self, mut chunk: Arc<Chunk>) {
        if let Some(sole) = Arc::get_mut(&mut chunk) {
            sole.reset();
            if self.spare.push(chunk).is_ok() {
                return;
            }
        }
        self.chunks.fetch_sub(CHUNK_BYTES, Ordering::Relaxed);
    }

    /// The number of chunks that are ready to be drawn.
    pub(super) fn spare(&self) -> usize {
        self.spare.len()
    }

    /// Frees so many of them.
    pub(super) fn trim(&self, chunks: usize) {
        for _ in 0..chunks {
            if self.spare.pop().is_some() {
                self.chunks.fetch_sub(CHUNK_BYTES, Ordering::Relaxed);
            }
        }
    }

    /// Makes several chunks. Memory that is touched for the first time costs microseconds, which rather one span of
    /// hundreds pays than one of thirty.
    #[cold]
    fn make_some(&self) -> Option<Arc<Chunk>> {
        const TOGETHER: usize = 16;
        let chunk = self.make()?;
        for _ in 1..TOGETHER.min(self.spare.capacity()) {
            let Some(further) = self.make() else { break };
            if self.spare.push(further).is_err() {
                self.chunks.fetch_sub(CHUNK_BYTES, Ordering::Relaxed);
            }
        }
        Some(chunk)
    }

    fn make(&self) -> Option<Arc<Chunk>> {
        self.try_take(CHUNK_BYTES).then(Arc::default)
    }

    fn try_take(&self, bytes: usize) -> bool {
        let took = self.chunks.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
            used.checked_add(bytes).filter(|sum| *sum <= self.plan.chunks)
        });
        #[cfg(test)]
        self.note_peak();
        took.is_ok()
    }

    pub(super) fn drawn(&self) -> usize {
        self.drawn.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
impl Budget {
    pub(super) fn used(&self) -> usize {
        self.chunks.load(Ordering::Relaxed) + self.batches.load(Ordering::Relaxed)
    }

    fn note_peak(&self) {
        self.peak.fetch_max(self.used(), Ordering::Relaxed);
    }

    pub(super) fn peak(&self) -> usize {
        self.peak.load(Ordering::Relaxed)
    }
}

/// A part of the budget that is given back when dropped.
#[derive(Debug)]
pub(super) struct Charge {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Charge {
    pub(super) fn new(budget: Arc<Budget>) -> Self {
        Self { budget, bytes: 0 }
    }

    pub(super) fn grow_to(&mut self, bytes: usize) {
        if let Some(more @ 1..) = bytes.checked_sub(self.bytes) {
            self.budget.batches.fetch_add(more, Ordering::Relaxed);
            self.bytes = bytes;
            #[cfg(test)]
            self.budget.note_peak();
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.budget.batches.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
