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

#[cfg(test)]
mod tests {
    use super::*;

    const BATCH: usize = 512;
    /// Of plain spans, eight words each.
    const SPANS_IN_CHUNK: usize = 62;

    struct Load {
        pace: Pace,
        now: Instant,
        drawn: usize,
    }

    impl Load {
        fn new() -> Self {
            let now = Instant::now();
            let pace = Pace::new(BATCH, Duration::from_secs(5), Plan::new(16 << 20, 1), now);
            Self { pace, now, drawn: 0 }
        }

        /// A look after some time, which finds so many spans.
        fn look(&mut self, after: Duration, spans: usize) -> Duration {
            self.now += after;
            self.drawn += spans.div_ceil(SPANS_IN_CHUNK);
            self.pace.look(self.now, self.drawn);
            self.pace.found(spans)
        }

        /// The pause in the end, with so many spans a second.
        fn settle(&mut self, spans_per_second: u32) -> Duration {
            let mut pause = SHORTEST;
            for _ in 0..20 {
                let spans = spans_in(pause, spans_per_second);
                pause = self.look(pause, spans);
            }
            pause
        }

        /// Chunks that may be drawn before it is woken.
        fn room(&self) -> usize {
            self.pace.enough() - self.drawn
        }
    }

    fn spans_in(time: Duration, per_second: u32) -> usize {
        usize::try_from((time * per_second).as_secs()).unwrap()
    }

    #[test]
    fn a_look_comes_when_two_batches_are_there() {
        let mut load = Load::new();
        assert_eq!(load.settle(10_240).as_millis(), 100);
        assert_eq!(load.settle(102_400).as_millis(), 10);
        // There is memory for more.
        assert_eq!(load.settle(10_000_000), SHORTEST);
        assert_eq!(load.settle(10), Duration::from_secs(5));
    }

    #[test]
    fn a_steady_load_wakes_nobody() {
        let mut load = Load::new();
        for spans_per_second in [10_000, 100_000, 1_000_000] {
            let pause = load.settle(spans_per_second);
            let chunks = spans_in(pause, spans_per_second) / SPANS_IN_CHUNK;
            assert!(load.room() > chunks + chunks / 2, "{spans_per_second}");
        }
        // But a quarter of the memory does.
        load.settle(100_000_000);
        assert_eq!(load.room(), (12 << 20) / 4 / CHUNK_BYTES);
    }

    #[test]
    fn a_batch_after_silence_wakes() {
        let mut load = Load::new();
        assert_eq!(load.room(), BATCH * HEADER_WORDS * 8 / CHUNK_BYTES);
        load.settle(1_000_000);
        load.settle(0);
        assert_eq!(load.room(), BATCH * HEADER_WORDS * 8 / CHUNK_BYTES);
    }

    #[test]
    fn between_bursts_the_pause_grows_by_and_by() {
        let mut load = Load::new();
        load.settle(100_000);
        assert_eq!(load.look(Duration::from_millis(5), 0), Duration::from_millis(20));
        assert_eq!(load.look(Duration::from_millis(20), 0), Duration::from_millis(80));
        assert_eq!(load.look(Duration::from_secs(4), 0), Duration::from_secs(5));
    }
}
