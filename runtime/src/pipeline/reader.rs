//! The pipeline's end of a thread's queue.

use std::sync::Arc;

use super::budget::Budget;
use super::chunk::Chunk;
use super::lane::Held;
use super::queue::Queue;
use crate::record::Origins;

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
        held: &mut Held,
        origins: &mut Origins,
        room: Room,
        budget: &Budget,
    ) -> Pause {
        while self.read < target {
            if self.at >= self.chunk.published() {
                // Before chunks are given back, so that nobody takes what the batch has come to need.
                held.charge.grow_to(held.batch.allocated());
                if !self.go_on(budget) {
                    break;
                }
            }
            let batch = &mut held.batch;
            let Some((header, end)) = self.chunk.header(self.at) else { break };
            let bytes = (end - self.at) * 8;
            if batch.len() >= room.spans || !batch.is_empty() && batch.memory() + bytes > room.bytes {
                return Pause::Full;
            }
            batch.push_words(&header, self.chunk.words(self.at + header.len(), end), origins);
            self.at = end;
            self.read += 1;
        }
        Pause::Target
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
            if self.at < self.chunk.published() {
                return true;
            }
            let chunk = std::mem::replace(&mut self.chunk, next);
            self.at = 0;
            self.left.push(chunk);
            while let Some(index) = self.left.iter().position(|chunk| Arc::strong_count(chunk) == 1) {
                budget.put_back(self.left.swap_remove(index));
            }
        }
        self.at < self.chunk.published()
    }

    /// Gives back all chunks. The writer has gone, or will draw no more.
    pub(super) fn give_back(mut self, budget: &Budget) {
        for chunk in std::mem::take(&mut self.left) {
            budget.put_back(chunk);
        }
        while let Some(next) = self.chunk.next().cloned() {
            budget.put_back(std::mem::replace(&mut self.chunk, next));
        }
        budget.put_back(std::mem::take(&mut self.chunk));
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        // One after the other: a chunk that drops the next one, and so on, would overflow the stack.
        while let Some(next) = self.chunk.next().cloned() {
            self.chunk = next;
        }
    }
}
