//! The threads' end of the pipeline: each has a queue of its own.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{PoisonError, TryLockError};

use crossbeam_utils::CachePadded;

use super::bell::Bell;
use super::budget::{Budget, Plan};
use super::chunk::{Chunk, write_body};
use super::reader::Reader;
use super::sync::{
    Arc, AtomicBool, AtomicU32, AtomicU64, AtomicUsize, CHUNK_WORDS, Mutex, MutexGuard, SegQueue, fence,
};
use crate::record::{HEADER_WORDS, Header};

/// Everything that threads share with the pipeline's.
#[derive(Debug)]
pub(super) struct Intake {
    pub(super) budget: Arc<Budget>,
    pub(super) bell: Bell,
    /// Spans are taken: there is an exporter, and no shutdown yet.
    open: CachePadded<AtomicBool>,
    registry: Mutex<Registry>,
    /// The sleeping pipeline is woken once this many chunks have been drawn ([`Budget::drawn`]).
    wake_at: CachePadded<AtomicUsize>,
    /// The process that the pipeline's thread is in; after `fork`, the child has no such thread.
    process: AtomicU32,
}

#[derive(Debug, Default)]
struct Registry {
    queues: HashMap<u64, Arc<Queue>>,
    /// Queues with spans that the pipeline has not met.
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
    /// Bodies that fit in no chunk, in the order of their headers.
    large: SegQueue<Box<[u8]>>,
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

    /// The next body that is not in a chunk. It is there once its header is.
    pub(super) fn take_large(&self) -> Option<Box<[u8]>> {
        self.large.pop()
    }
}

impl Intake {
    pub(super) fn new(plan: Plan, open: bool) -> Self {
        Self {
            budget: Arc::new(Budget::new(plan)),
            bell: Bell::default(),
            open: AtomicBool::new(open).into(),
            registry: Mutex::new(Registry { closed: !open, ..Registry::default() }),
            wake_at: CachePadded::default(),
            process: AtomicU32::new(std::process::id()),
        }
    }

    /// Registers a new thread's queue.
    fn register(&self) -> Arc<Queue> {
        let mut queue = Queue::default();
        let Some(mut registry) = self.registry() else { return Arc::new(queue) };
        registry.last_id += 1;
        queue.id = registry.last_id;
        let queue = Arc::new(queue);
        registry.queues.insert(queue.id, queue.clone());
        queue
    }

    /// Has the pipeline read a queue, from its first chunk on.
    fn introduce(&self, queue: &Arc<Queue>, first: &Arc<Chunk>) {
        if let Some(mut registry) = self.registry()
            && !registry.closed
        {
            registry.new.push(Reader::new(queue.clone(), first.clone()));
        }
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

    /// The pipeline falls asleep, until so many chunks have been drawn in all. False if they have been already.
    pub(super) fn fall_asleep(&self, until_drawn: usize) -> bool {
        self.wake_at.store(until_drawn, Ordering::Relaxed);
        self.bell.set_asleep(true);
        // Whoever drew before could not see that it is asleep.
        !self.has_much()
    }

    fn has_much(&self) -> bool {
        let beyond = self.budget.drawn().wrapping_sub(self.wake_at.load(Ordering::Relaxed));
        beyond < usize::MAX / 2
    }

    /// Wakes the pipeline if there is much for it to do.
    fn nudge(&self) {
        // Pairs with the fence between the pipeline's falling asleep and its last look.
        fence(Ordering::SeqCst);
        if self.bell.is_asleep() && self.has_much() {
            self.bell.nudge();
        }
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
    pub(super) fn chunks_to_wake(&self) -> usize {
        self.wake_at.load(Ordering::SeqCst) - self.budget.drawn()
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
    /// What is written to; none before the first span.
    chunk: Option<Arc<Chunk>>,
    /// Where in the chunk.
    at: usize,
}

/// Adds one to what only this thread writes. Released, so that who reads what came later sees this as well.
#[inline]
fn count(counter: &AtomicU64) {
    counter.store(counter.load(Ordering::Relaxed) + 1, Ordering::Release);
}

impl Producer {
    /// A new thread's.
    pub(super) fn new(intake: Arc<Intake>) -> Self {
        Self { queue: intake.register(), intake, chunk: None, at: 0 }
    }

    /// Takes a sampled span that has ended. Never blocks; drops and counts it if there is no memory left.
    #[inline]
    pub(crate) fn push(&mut self, header: &Header, body: &[u8]) {
        if !self.intake.open.load(Ordering::Relaxed) {
            return self.refuse();
        }
        if !self.write(header, body, 0) {
            self.push_elsewhere(header, body);
        }
    }

    /// Counts a root that the sampler left out.
    #[inline]
    pub(crate) fn sampled_out(&mut self) {
        count(&self.queue.sampled_out);
    }

    /// Writes a record, if it fits in the rest of the chunk. So many bytes of its body are elsewhere.
    #[inline]
    fn write(&mut self, header: &Header, body: &[u8], elsewhere: usize) -> bool {
        let words = Header::record_words(body.len());
        let Some(chunk) = &self.chunk else { return false };
        let Some(place) = chunk.place(self.at, words) else { return false };
        let Some((head, rest)) = place.split_first_chunk::<HEADER_WORDS>() else { return false };
        // Before the record is published, so that no more is ever exported than was pushed.
        count(&self.queue.pushed);
        let len = if elsewhere == 0 { words } else { 0 };
        header.each_word(len, body.len() + elsewhere, |at, word| head[at].store(word, Ordering::Relaxed));
        if !body.is_empty() {
            write_body(rest, body);
        }
        self.at += words;
        chunk.publish(self.at);
        true
    }

    #[cold]
    fn refuse(&mut self) {
        count(&self.queue.not_taken);
        // After shutdown nobody reads it; its memory is not needed any more.
        self.chunk = None;
    }

    /// Pushes a record that does not fit in the rest of the chunk.
    #[cold]
    fn push_elsewhere(&mut self, header: &Header, body: &[u8]) {
        if Header::record_words(body.len()) > CHUNK_WORDS {
            self.push_large(header, body);
        } else if !(self.go_on() && self.write(header, body, 0)) {
            count(&self.queue.over_budget);
        }
        self.intake.nudge();
    }

    /// Pushes a record that fits in no chunk: its body takes another way.
    fn push_large(&mut self, header: &Header, body: &[u8]) {
        if body.len() > self.intake.budget.plan().largest_body() {
            return count(&self.queue.too_large);
        }
        let has_place = self.chunk.as_ref().is_some_and(|it| it.place(self.at, HEADER_WORDS).is_some());
        if !(has_place || self.go_on()) || !self.intake.budget.draw_large(body.len()) {
            return count(&self.queue.over_budget);
        }
        // Before the header, by which it is looked for.
        self.queue.large.push(body.into());
        self.write(header, &[], body.len());
    }

    /// Goes on in another chunk, if there is memory for one.
    fn go_on(&mut self) -> bool {
        let Some(next) = self.intake.budget.draw() else { return false };
        match &self.chunk {
            Some(chunk) => chunk.link(next.clone()),
            None => self.intake.introduce(&self.queue, &next),
        }
        self.chunk = Some(next);
        self.at = 0;
        true
    }
}

#[cfg(test)]
impl Producer {
    /// What it holds of the budget.
    pub(super) fn chunk_bytes(&self) -> usize {
        self.chunk.as_ref().map_or(0, |_| super::chunk::CHUNK_BYTES)
    }
}

impl Drop for Producer {
    // Runs while thread-locals are being destroyed: it touches none.
    fn drop(&mut self) {
        self.queue.ended.store(true, Ordering::SeqCst);
        // The pipeline retires the queue after it has read it. If it is over: before this, it is found here;
        // after this, the pipeline finds it as it ends.
        let closed = self.intake.registry().is_some_and(|registry| registry.closed);
        if closed || self.chunk.is_none() {
            self.intake.retire(self.queue.id);
        }
    }
}
