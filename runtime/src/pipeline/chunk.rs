//! The pieces of memory that records are written into by one thread and read from by the pipeline's.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use crate::record::{HEADER_WORDS, Header};

/// What a usual chunk takes of the memory budget.
pub(super) const CHUNK_BYTES: usize = 4096;

/// The words of a usual chunk: a little less than its bytes, for its own fields and the allocator's.
pub(super) const CHUNK_WORDS: usize = 500;

/// Words that one thread writes while another reads those already published. The words are atomics, written
/// and read relaxed, so that sharing them needs nothing unsafe: on the usual machines they are plain stores.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    words: Box<[AtomicU64]>,
    /// How many words are published; stored with release after the words themselves.
    published: AtomicUsize,
    /// Where the writer went on; nothing is written here any more once it is set.
    next: OnceLock<Arc<Chunk>>,
}

impl Chunk {
    pub(super) fn with_words(words: usize) -> Self {
        Self { words: (0..words).map(|_| AtomicU64::new(0)).collect(), ..Self::default() }
    }

    /// The number of words that fit.
    #[inline]
    pub(super) fn capacity(&self) -> usize {
        self.words.len()
    }

    /// What it takes of the memory budget.
    pub(super) fn cost(&self) -> usize {
        cost_of_words(self.words.len())
    }

    /// Writes a record at an index with room for it, and publishes it with all before it.
    #[inline]
    pub(super) fn write(&self, at: usize, header: Header, body: &[u8]) {
        let end = at + Header::record_words(body.len());
        let Some(place) = self.words.get(at..end) else { return };
        let Some((head, rest)) = place.split_at_checked(HEADER_WORDS) else { return };
        for (word, value) in head.iter().zip(header.to_words(body.len())) {
            word.store(value, Ordering::Relaxed);
        }
        let (full, odd) = body.as_chunks::<8>();
        for (word, bytes) in rest.iter().zip(full) {
            word.store(u64::from_le_bytes(*bytes), Ordering::Relaxed);
        }
        if let Some(word) = rest.get(full.len()) {
            let mut last = [0; 8];
            last[..odd.len()].copy_from_slice(odd);
            word.store(u64::from_le_bytes(last), Ordering::Relaxed);
        }
        self.published.store(end, Ordering::Release);
    }

    /// How many words may be read.
    pub(super) fn published(&self) -> usize {
        self.published.load(Ordering::Acquire)
    }

    /// The header of the record at an index, and where the record ends.
    pub(super) fn header(&self, at: usize) -> Option<([u64; HEADER_WORDS], usize)> {
        let mut header = [0; HEADER_WORDS];
        for (value, word) in header.iter_mut().zip(self.words.get(at..at + HEADER_WORDS)?) {
            *value = word.load(Ordering::Relaxed);
        }
        let (_, body) = Header::from_words(&header);
        Some((header, at + Header::record_words(body)))
    }

    /// The words between two indices.
    pub(super) fn words(&self, from: usize, to: usize) -> impl Iterator<Item = u64> + '_ {
        self.words.get(from..to).unwrap_or_default().iter().map(|word| word.load(Ordering::Relaxed))
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
        *self.published.get_mut() = 0;
    }
}

/// What a chunk of that many words takes of the memory budget.
pub(super) fn cost_of_words(words: usize) -> usize {
    // An empty one is what a thread has before its first span.
    if words == 0 { 0 } else { words * 8 + (CHUNK_BYTES - CHUNK_WORDS * 8) }
}
