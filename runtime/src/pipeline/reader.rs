//! The pipeline's end of a thread's queue.

use std::sync::atomic::Ordering;

use super::budget::Budget;
use super::chunk::Chunk;
use super::queue::Queue;
use super::sync::Arc;
use crate::record::{Batch, HEADER_WORDS, Header, Origins};

/// Reads what one thread pushes, in its order.
#[derive(Debug)]
pub(super) struct Reader {
    queue: Arc<Queue>,
    chunk: Arc<Chunk>,
    /// Where in the chunk.
    at: usize,
    /// Records read since the start.
    read: u64,
    /// Chunks read to their end whose writer still held them when they were left, for an instant.
    left: Vec<Arc<Chunk>>,
    /// What has been reported of what the thread dropped.
    reported: Dropped,
}

/// Drops that people should know of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Dropped {
    pub(super) over_budget: u64,
    pub(super) too_large: u64,
}

/// Why reading paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pause {
    /// Everything up to the target is read.
    Target,
    /// The batch is full.
    Full,
}

/// The largest batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    pub(super) spans: usize,
    pub(super) bytes: usize,
}

impl Reader {
    pub(super) fn new(queue: Arc<Queue>, first: Arc<Chunk>) -> Self {
        Self { queue, chunk: first, at: 0, read: 0, left: Vec::new(), reported: Dropped::default() }
    }

    pub(super) fn queue(&self) -> &Queue {
        &self.queue
    }

    /// Moves records to the batch, until this many have been read since the start. Chunks that are done go
    /// back to the budget.
    pub(super) fn read(
        &mut self,
        target: u64,
        batch: &mut Batch,
        origins: &mut Origins,
        room: Room,
        budget: &Budget,
    ) -> Pause {
        while self.read < target {
            let published = self.chunk.published(self.at);
            if published.is_empty() {
                if !self.go_on(budget) {
                    break;
                }
                continue;
            }
            let most = usize::try_from(target - self.read).unwrap_or(usize::MAX);
            let most = most.min(room.spans.saturating_sub(batch.len()));
            let (records, words) = batch.take(published, most, room.bytes, origins);
            self.at += words;
            self.read += records as u64;
            if records == 0 && !self.take_large(batch, origins, room, budget) {
                return Pause::Full;
            }
        }
        Pause::Target
    }

    /// Moves a record whose body is elsewhere, if that is what comes next and there is room for it.
    fn take_large(&mut self, batch: &mut Batch, origins: &mut Origins, room: Room, budget: &Budget) -> bool {
        let Some(header) = self.chunk.published(self.at).first_chunk::<HEADER_WORDS>() else { return false };
        let header = header.each_ref().map(|word| word.load(Ordering::Relaxed));
        let is_large = Header::len_in(header[0]) == 0;
        let (header, body) = Header::from_words(&header);
        let fits = batch.is_empty() || batch.len() < room.spans && batch.memory() + body < room.bytes;
        if !is_large || !fits {
            return false;
        }
        let Some(body) = self.queue.take_large() else { return false };
        batch.push(header, &body, origins);
        budget.put_back_large(body.len());
        self.at += HEADER_WORDS;
        self.read += 1;
        true
    }

    /// The thread has ended and everything is read.
    pub(super) fn is_done(&self) -> bool {
        // In this order: what was pushed before the end is visible after it.
        self.queue.has_ended() && self.read == self.queue.pushed()
    }

    /// What the thread has dropped since the last call.
    pub(super) fn newly_dropped(&mut self) -> Dropped {
        let counts = self.queue.counts();
        let now = Dropped { over_budget: counts.over_budget, too_large: counts.too_large };
        let before = std::mem::replace(&mut self.reported, now);
        Dropped {
            over_budget: now.over_budget - before.over_budget,
            too_large: now.too_large - before.too_large,
        }
    }

    /// Leaves a chunk that is read. Whether there is more to read.
    fn go_on(&mut self, budget: &Budget) -> bool {
        while let Some(next) = self.chunk.next().cloned() {
            // More may have been published before it was left, and after it was looked at.
            if !self.chunk.published(self.at).is_empty() {
                return true;
            }
            let chunk = std::mem::replace(&mut self.chunk, next);
            self.at = 0;
            self.left.push(chunk);
            while let Some(index) = self.left.iter().position(|chunk| Arc::strong_count(chunk) == 1) {
                budget.put_back(self.left.swap_remove(index));
            }
        }
        !self.chunk.published(self.at).is_empty()
    }

    /// Gives back all chunks. The writer has gone, or will draw no more.
    pub(super) fn give_back(self, budget: &Budget) {
        for chunk in self.left {
            budget.put_back(chunk);
        }
        let mut last = Some(self.chunk);
        while let Some(chunk) = last {
            last = chunk.next().cloned();
            budget.put_back(chunk);
        }
    }
}
