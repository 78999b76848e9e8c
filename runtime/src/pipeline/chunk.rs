//! The pieces of memory that records are written into by one thread and read from by the pipeline's.

use std::sync::atomic::Ordering;

use super::sync::{Arc, AtomicU64, AtomicUsize, CHUNK_WORDS, OnceLock};

/// What a chunk takes of the memory budget.
pub(super) const CHUNK_BYTES: usize = 4096;

/// Words that one thread writes while another reads those already published. The words are atomics, written
/// and read relaxed, so that sharing them needs nothing unsafe: on the usual machines they are plain stores.
#[derive(Debug)]
pub(super) struct Chunk {
    words: [AtomicU64; CHUNK_WORDS],
    /// How many words are published; stored with release after the words themselves.
    published: AtomicUsize,
    /// Where the writer went on; nothing is written here any more once it is set.
    next: OnceLock<Arc<Chunk>>,
}

impl Default for Chunk {
    fn default() -> Self {
        Self {
            words: std::array::from_fn(|_| AtomicU64::new(0)),
            published: AtomicUsize::new(0),
            next: OnceLock::new(),
        }
    }
}

impl Chunk {
    /// The place for so many words from an index, if they fit.
    #[inline]
    pub(super) fn place(&self, at: usize, words: usize) -> Option<&[AtomicU64]> {
        self.words.get(at..)?.get(..words)
    }

    /// Publishes everything before an index, which must have been written.
    #[inline]
    pub(super) fn publish(&self, end: usize) {
        self.published.store(end, Ordering::Release);
    }

    /// What is published from an index on.
    pub(super) fn published(&self, from: usize) -> &[AtomicU64] {
        self.words.get(from..self.published.load(Ordering::Acquire)).unwrap_or_default()
    }

    /// Says where the writer goes on.
    pub(super) fn link(&self, next: Arc<Chunk>) {
        // Set once only: the one writer leaves the chunk as it does so.
        let _ = self.next.set(next);
    }

    pub(super) fn next(&self) -> Option<&Arc<Chunk>> {
        self.next.get()
    }

    /// Makes it as good as new. The words keep what they held: nothing unpublished is ever read.
    pub(super) fn reset(&mut self) {
        self.next.take();
        self.publish(0);
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        // One after the other: a chunk that drops the next one, and so on, would overflow the stack.
        let mut next = self.next.take();
        while let Some(mut chunk) = next {
            next = Arc::get_mut(&mut chunk).and_then(|chunk| chunk.next.take());
        }
    }
}

/// Writes a body into a place for just its words.
#[inline(never)]
pub(super) fn write_body(place: &[AtomicU64], body: &[u8]) {
    let (full, odd) = body.as_chunks();
    for (word, bytes) in place.iter().zip(full) {
        word.store(u64::from_le_bytes(*bytes), Ordering::Relaxed);
    }
    if !odd.is_empty()
        && let Some(word) = place.last()
    {
        word.store(last_word(body, odd), Ordering::Relaxed);
    }
}

/// The word of the last few bytes, filled up with zeros.
#[inline]
fn last_word(body: &[u8], odd: &[u8]) -> u64 {
    match body.last_chunk() {
        // What is in it of the word before is shifted out.
        Some(bytes) => u64::from_le_bytes(*bytes) >> (64 - 8 * odd.len()),
        None => odd.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}
