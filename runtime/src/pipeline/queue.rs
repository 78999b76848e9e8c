//! The threads' end of the pipeline: each has a queue of its own.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering, fence};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use crossbeam_utils::CachePadded;

use super::bell::Bell;
use super::budget::{Budget, Plan};
use super::chunk::{CHUNK_BYTES, CHUNK_WORDS, Chunk};
use super::reader::Reader;
use crate::record::{HEADER_WORDS, Header};

/// Everything that threads share with the pipeline's.
#[derive(Debug)]
pub(super) struct Intake {
    pub(super) budget: Arc<Budget>,
    pub(super) bell: Bell,
    /// Spans are taken: there is an exporter, and no shutdown yet.
    open: AtomicBool,
    registry: Mutex<Registry>,
    /// Chunks drawn since the last look at which a sleeping pipeline is woken.
    wake_at: usize,
    /// [`Budget::drawn`] when the pipeline last looked.
    looked_at: CachePadded<AtomicUsize>,
    /// The process that the pipeline's thread is in; after `fork`, the child has no such thread.
    process: AtomicU32,
}

#[derive(Debug, Default)]
struct Registry {
    queues: HashMap<u64, Arc<Queue>>,
    /// Queues that the pipeline has not met.
    new: Vec<Reader>,
    /// Of threads that have ended.
    ended: Counts,
    last_id: u64,
    /// Nobody reads any more.
    closed: bool,
}

/// What one thread counts. It alone writes, so there are no read-modify-writes.
#[derive(Debug, Default)]
pub(super) struct Queue {
    id: u64,
    pushed: AtomicU64,
    over_budget: AtomicU64,
    too_large: AtomicU64,
    /// After shutdown, or without exporters.
    not_taken: AtomicU64,
    sampled_out: AtomicU64,
    /// The thread has ended.
    ended: AtomicBool,
}

/// The counts of one thread, or of several together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) pushed: u64,
    pub(super) over_budget: u64,
    pub(super) too_large: u64,
    pub(super) not_taken: u64,
    pub(super) sampled_out: u64,
}

impl Counts {
    pub(super) fn dropped(&self) -> u64 {
        self.over_budget + self.too_large + self.not_taken
    }

    pub(super) fn made(&self) -> u64 {
        self.pushed + self.dropped()
    }

    fn add(&mut self, other: Self) {
        self.pushed += other.pushed;
        self.over_budget += other.over_budget;
        self.too_large += other.too_large;
        self.not_taken += other.not_taken;
        self.sampled_out += other.sampled_out;
    }
}

impl Queue {
    pub(super) fn counts(&self) -> Counts {
        Counts {
            pushed: self.pushed(),
            over_budget: self.over_budget.load(Ordering::Acquire),
            too_large: self.too_large.load(Ordering::Acquire),
            not_taken: self.not_taken.load(Ordering::Acquire),
            sampled_out: self.sampled_out.load(Ordering::Acquire),
        }
    }

    pub(super) fn pushed(&self) -> u64 {
        self.pushed.load(Ordering::Acquire)
    }

    /// Whether the thread has ended. What it pushed is visible then.
    pub(super) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::SeqCst)
    }

    pub(super) fn id(&self) -> u64 {
        self.id
    }
}

impl Intake {
    pub(super) fn new(plan: Plan, open: bool, batch_spans: usize) -> Self {
        // A batch of the smallest spans, if there is memory for that many: larger ones wake it no more often, since it is
        // woken only out of its long sleep.
        let smallest = HEADER_WORDS * 8;
        let wake_at =
            (batch_spans.saturating_mul(smallest) / CHUNK_BYTES).clamp(1, plan.pressure / 4 / CHUNK_BYTES);
        Self {
            budget: Arc::new(Budget::new(plan)),
            bell: Bell::default(),
            open: AtomicBool::new(open),
            registry: Mutex::new(Registry { closed: !open, ..Registry::default() }),
            wake_at,
            looked_at: CachePadded::default(),
            process: AtomicU32::new(std::process::id()),
        }
    }

    /// A new thread's end.
    pub(super) fn producer(self: &Arc<Self>) -> Producer {
        let chunk = Arc::new(Chunk::default());
        let mut queue = Arc::new(Queue::default());
        if let Some(mut registry) = self.registry() {
            registry.last_id += 1;
            queue = Arc::new(Queue { id: registry.last_id, ..Queue::default() });
            registry.queues.insert(queue.id, queue.clone());
            if !registry.closed {
                registry.new.push(Reader::new(queue.clone(), chunk.clone()));
            }
        }
        Producer { intake: self.clone(), queue, chunk, at: 0 }
    }

    /// The queues that are new since the last call.
    pub(super) fn take_new(&self) -> Vec<Reader> {
        self.registry().map_or_else(Vec::new, |mut registry| std::mem::take(&mut registry.new))
    }

    /// Forgets a thread that has ended, but not its counts.
    pub(super) fn retire(&self, id: u64) {
        if let Some(mut registry) = self.registry()
            && let Some(queue) = registry.queues.remove(&id)
        {
            registry.ended.add(queue.counts());
        }
    }

    /// The counts of all threads, those that have ended included.
    pub(super) fn counts(&self) -> Counts {
        let Some(registry) = self.registry() else { return Counts::default() };
        let mut counts = registry.ended;
        for queue in registry.queues.values() {
            counts.add(queue.counts());
        }
        counts
    }

    /// Takes no more spans.
    pub(super) fn close(&self) {
        self.open.store(false, Ordering::SeqCst);
    }

    /// Nobody reads from now on: threads that end retire themselves.
    pub(super) fn abandon(&self) {
        self.close();
        let Some(mut registry) = self.registry() else { return };
        registry.closed = true;
        registry.new.clear();
        let ended: Vec<u64> =
            registry.queues.values().filter(|queue| queue.has_ended()).map(|queue| queue.id).collect();
        drop(registry);
        for id in ended {
            self.retire(id);
        }
    }

    /// Remembers what has been drawn up to now.
    pub(super) fn look(&self) {
        self.looked_at.store(self.budget.drawn(), Ordering::Relaxed);
    }

    /// So much has been drawn since the last look that the pipeline should not sleep.
    pub(super) fn has_much(&self) -> bool {
        self.budget.drawn().wrapping_sub(self.looked_at.load(Ordering::Relaxed)) >= self.wake_at
    }

    /// This process was forked from the one that the pipeline's thread is in.
    pub(super) fn is_forked(&self) -> bool {
        std::process::id() != self.process.load(Ordering::Relaxed)
    }

    #[cfg(test)]
    pub(super) fn pretend_forked(&self) {
        self.process.store(0, Ordering::SeqCst);
    }

    #[cfg(test)]
    pub(super) fn queues(&self) -> usize {
        self.registry().map_or(0, |registry| registry.queues.len())
    }

    /// None in a forked process where the lock was held while it forked: nobody will release it there.
    fn registry(&self) -> Option<MutexGuard<'_, Registry>> {
        match self.registry.try_lock() {
            Ok(registry) => Some(registry),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) if self.is_forked() => None,
            Err(TryLockError::WouldBlock) => {
                Some(self.registry.lock().unwrap_or_else(PoisonError::into_inner))
            }
        }
    }
}

/// One thread's end of the queue. Dropped when the thread ends; nothing in it is lost then.
#[derive(Debug)]
pub(crate) struct Producer {
    intake: Arc<Intake>,
    queue: Arc<Queue>,
    /// What is written to; at first one of no words.
    chunk: Arc<Chunk>,
    /// Where in the chunk.
    at: usize,
}

/// Adds one to what only this thread writes. Released, so that who reads what came later sees this as well.
#[inline]
fn count(counter: &AtomicU64) {
    counter.store(counter.load(Ordering::Relaxed) + 1, Ordering::Release);
}

impl Producer {
    /// Takes a sampled span that has ended. Never blocks; drops and counts it if there is no memory left.
    #[inline]
    pub(crate) fn push(&mut self, header: Header, body: &[u8]) {
        let words = Header::record_words(body.len());
        if !self.intake.open.load(Ordering::Relaxed) {
            return self.refuse();
        }
        if self.chunk.capacity() - self.at < words {
            return self.push_elsewhere(words, header, body);
        }
        // Before the record is published, so that no more is ever exported than was pushed.
        count(&self.queue.pushed);
        self.chunk.write(self.at, header, body);
        self.at += words;
    }

    /// Counts a root that the sampler left out.
    #[inline]
    pub(crate) fn sampled_out(&mut self) {
        count(&self.queue.sampled_out);
    }

    #[cold]
    fn refuse(&mut self) {
        count(&self.queue.not_taken);
        if self.chunk.capacity() > 0 {
            // After shutdown nobody reads it; its memory is not needed any more.
            self.chunk = Arc::new(Chunk::default());
            self.at = 0;
        }
    }

    /// Pushes a record that does not fit in the rest of the chunk, and goes on in another.
    #[cold]
    fn push_elsewhere(&mut self, words: usize, header: Header, body: &[u8]) {
        let budget = &self.intake.budget;
        if words > budget.plan().largest_record_words() {
            return count(&self.queue.too_large);
        }
        let drawn = if words > CHUNK_WORDS {
            budget.draw_large(words)
        } else {
            budget.draw().map(|next| (next.clone(), next))
        };
        if let Some((chunk, next)) = drawn {
            count(&self.queue.pushed);
            chunk.write(0, header, body);
            // Only now, since a reader takes a linked chunk as left by its writer.
            self.at = if Arc::ptr_eq(&chunk, &next) {
                words
            } else {
                chunk.link(next.clone());
                0
            };
            self.chunk.link(chunk);
            self.chunk = next;
        } else {
            count(&self.queue.over_budget);
        }
        // Pairs with the fence between the pipeline's falling asleep and its last look.
        fence(Ordering::SeqCst);
        if self.intake.bell.is_asleep() && self.intake.has_much() {
            self.intake.bell.nudge();
        }
    }
}

#[cfg(test)]
impl Producer {
    /// What it holds of the budget.
    pub(super) fn chunk_bytes(&self) -> usize {
        self.chunk.cost()
    }
}

impl Drop for Producer {
    // Runs while thread-locals are being destroyed: it touches none.
    fn drop(&mut self) {
        self.queue.ended.store(true, Ordering::SeqCst);
        // The pipeline retires the queue after it has read it. If it is over: before this, it is found here;
        // after this, the pipeline finds it as it ends.
        let closed = self.intake.registry().is_some_and(|registry| registry.closed);
        if closed {
            self.intake.retire(self.queue.id);
        }
    }
}
