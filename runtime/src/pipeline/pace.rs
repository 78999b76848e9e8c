//! How often the pipeline looks at the queues.
//!
//! A look wakes a thread, which costs as much as many spans do. So it comes by a timer, when about two batches are to be
//! expected; threads wake the pipeline only where they bring far more than that.

use std::time::{Duration, Instant};

use super::budget::Plan;
use super::chunk::CHUNK_BYTES;
use crate::record::HEADER_WORDS;

const SHORTEST: Duration = Duration::from_millis(4);

#[derive(Debug)]
pub(super) struct Pace {
    /// Spans that are worth a look.
    wanted: usize,
    longest: Duration,
    /// Chunks that a batch of the smallest spans fills.
    few: usize,
    /// Chunks that may be drawn unseen.
    most: usize,
    /// The last look, and the chunks that had been drawn since the start.
    looked: Instant,
    drawn: usize,
    /// The time between the last two looks, and the chunks drawn meanwhile.
    elapsed: Duration,
    drew: usize,
    /// The chunks that will be drawn until the next look.
    expected: usize,
}

impl Pace {
    pub(super) fn new(batch_spans: usize, longest: Duration, plan: Plan, now: Instant) -> Self {
        let most = (plan.chunks / CHUNK_BYTES / 4).max(1);
        let few = batch_spans.saturating_mul(HEADER_WORDS * 8) / CHUNK_BYTES;
        Self {
            wanted: batch_spans.saturating_mul(2),
            longest,
            few: few.clamp(1, most),
            most,
            looked: now,
            drawn: 0,
            elapsed: Duration::ZERO,
            drew: 0,
            expected: 0,
        }
    }

    /// A look begins, when so many chunks have been drawn since the start.
    pub(super) fn look(&mut self, now: Instant, drawn: usize) {
        self.elapsed = now.duration_since(self.looked);
        self.drew = drawn.wrapping_sub(self.drawn);
        (self.looked, self.drawn) = (now, drawn);
    }

    /// The look has found so many spans. How long to sleep until the next one.
    pub(super) fn found(&mut self, spans: usize) -> Duration {
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let enough = self.elapsed.saturating_mul(number(self.wanted)) / number(spans).max(1);
        // Little is found at times of what comes in bursts.
        let longest = self.longest.min(4 * self.elapsed);
        let pause = enough.min(longest).max(SHORTEST.min(self.longest));
        let expected = self.drew as u128 * pause.as_micros() / self.elapsed.as_micros().max(1);
        self.expected = usize::try_from(expected).unwrap_or(usize::MAX).min(self.most);
        pause
    }

    /// How many chunks will have been drawn since the start when it is time to look, even if the pause is not over.
    pub(super) fn enough(&self) -> usize {
        self.drawn.wrapping_add((2 * self.expected).clamp(self.few, self.most))
    }
}
