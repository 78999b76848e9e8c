//! The memory that all threads, batches and exporters share.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crossbeam_queue::ArrayQueue;
use crossbeam_utils::CachePadded;

use super::chunk::{CHUNK_BYTES, CHUNK_WORDS, Chunk, cost_of_words};

/// Less than this and hardly a thread could record.
const LEAST_MEMORY: usize = 64 * 1024;

/// No batch is larger than this, whatever the memory; what exporters send at once is bounded as well.
const LARGEST_BATCH: usize = 4 << 20;

/// How the memory is divided. Batches are copies of what was in chunks, and Rust's vectors may be twice as
/// large as what they hold; the parts are such that everything together stays within the limit:
///
/// - Threads draw chunks while less than 7/8 is in use by whatever.
/// - The batch being filled, and one for each exporter that has nothing else to do, fit in the last 1/8.
/// - An exporter takes further batches up to its share of 1/2, and only while less than 7/8 is in use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// Everything.
    pub(super) limit: usize,
    /// Up to here, chunks are drawn and batches wait.
    pub(super) pressure: usize,
    /// What one exporter holds at most, besides a single batch.
    pub(super) share: usize,
    /// The size of the largest batch, and so of the largest record.
    pub(super) batch: usize,
}

impl Plan {
    pub(super) fn new(memory: usize, exporters: usize) -> Self {
        let limit = memory.max(LEAST_MEMORY);
        let exporters = exporters.max(1);
        Self {
            limit,
            pressure: limit - limit / 8,
            share: limit / 2 / exporters,
            batch: (limit / 16 / (exporters + 1)).min(LARGEST_BATCH),
        }
    }

    /// A larger record is dropped: it would be a batch larger than the largest.
    pub(super) fn largest_record_words(self) -> usize {
        // In a batch it takes a few bytes more than in a chunk.
        self.batch / 8 - 16
    }
}

/// Counts the bytes in use, and keeps chunks that have been read for the next thread that needs one.
#[derive(Debug)]
pub(super) struct Budget {
    plan: Plan,
    used: CachePadded<AtomicUsize>,
    /// Chunks drawn since the start, wrapping: what tells the sleeping pipeline that there is work.
    drawn: CachePadded<AtomicUsize>,
    /// Chunks go round through here, and so are not freed on another core than they were allocated on. They
    /// stay counted as used: a burst's worth of them is given back when it gets quiet.
    spare: ArrayQueue<Arc<Chunk>>,
    #[cfg(test)]
    peak: AtomicUsize,
}

impl Budget {
    pub(super) fn new(plan: Plan) -> Self {
        Self {
            plan,
            used: CachePadded::default(),
            drawn: CachePadded::default(),
            spare: ArrayQueue::new((plan.limit / 8 / CHUNK_BYTES).clamp(2, 256)),
            #[cfg(test)]
            peak: AtomicUsize::new(0),
        }
    }

    pub(super) fn plan(&self) -> Plan {
        self.plan
    }

    /// A usual chunk, if there is memory.
    pub(super) fn draw(&self) -> Option<Arc<Chunk>> {
        let chunk = self
            .spare
            .pop()
            .or_else(|| self.try_take(CHUNK_BYTES).then(|| Arc::new(Chunk::with_words(CHUNK_WORDS))))?;
        self.drawn.fetch_add(1, Ordering::Relaxed);
        Some(chunk)
    }

    /// A chunk for one record that fits in no usual one, and a usual one to go on in: a thread does not keep
    /// the large one while it is idle.
    pub(super) fn draw_large(&self, words: usize) -> Option<(Arc<Chunk>, Arc<Chunk>)> {
        let cost = cost_of_words(words);
        if !self.try_take(cost) {
            return None;
        }
        let Some(next) = self.draw() else {
            self.give(cost);
            return None;
        };
        self.drawn.fetch_add(cost / CHUNK_BYTES, Ordering::Relaxed);
        Some((Arc::new(Chunk::with_words(words)), next))
    }

    /// Takes back a chunk that has been read to its end, by the reader, who is the last to hold it.
    pub(super) fn put_back(&self, mut chunk: Arc<Chunk>) {
        let cost = chunk.cost();
        if cost == CHUNK_BYTES
            && let Some(sole) = Arc::get_mut(&mut chunk)
        {
            sole.reset();
            if self.spare.push(chunk).is_ok() {
                return;
            }
        }
        self.give(cost);
    }

    /// Frees half of the spare chunks: it is quiet.
    pub(super) fn trim(&self) {
        for _ in 0..self.spare.len().div_ceil(2) {
            if self.spare.pop().is_some() {
                self.give(CHUNK_BYTES);
            }
        }
    }

    fn try_take(&self, bytes: usize) -> bool {
        let took = self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
            used.checked_add(bytes).filter(|sum| *sum <= self.plan.pressure)
        });
        #[cfg(test)]
        self.peak.fetch_max(self.used(), Ordering::Relaxed);
        took.is_ok()
    }

    /// Takes what has to be taken: the reader moves records from chunks to batches, and frees the chunks.
    fn take(&self, bytes: usize) {
        self.used.fetch_add(bytes, Ordering::Relaxed);
        #[cfg(test)]
        self.peak.fetch_max(self.used(), Ordering::Relaxed);
    }

    fn give(&self, bytes: usize) {
        self.used.fetch_sub(bytes, Ordering::Relaxed);
    }

    pub(super) fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// So much is in use that only what makes room may go on.
    pub(super) fn under_pressure(&self) -> bool {
        self.used() > self.plan.pressure
    }

    pub(super) fn drawn(&self) -> usize {
        self.drawn.load(Ordering::Relaxed)
    }

    #[cfg(test)]
    pub(super) fn peak(&self) -> usize {
        self.peak.load(Ordering::Relaxed)
    }

    #[cfg(test)]
    pub(super) fn spare(&self) -> usize {
        self.spare.len() * CHUNK_BYTES
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
            self.budget.take(more);
            self.bytes = bytes;
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.budget.give(self.bytes);
    }
}
