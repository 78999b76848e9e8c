//! How fast the processor's counter runs, by what it and the system's clocks said at two moments.

/// The bits of a rate behind the point.
const FRACTION: u32 = 56;

/// A rate is known when this times what is uncertain is less than what was counted: then it is right to ten in a million,
/// and in fact far more so, since both readings are late by about the same.
const PRECISION: u64 = 100_000;

/// What a clock may be set by, in nanoseconds, without anybody caring.
const STEP: u64 = 1_000_000;

/// What the counter's time is ahead of the system's when it takes over, in nanoseconds: more than it falls behind by what is
/// wrong with the rate until all threads have noticed.
const LEAD: u64 = 100;

/// What the counter and the system's clocks said at about the same moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    /// Of the counter; read first.
    pub(super) count: u64,
    /// What the counter has counted until the clock that cannot be set was read.
    pub(super) width: u64,
    /// Nanoseconds of a clock that cannot be set.
    pub(super) nanos: u64,
    /// Nanoseconds since the Unix epoch, by a clock that can be.
    pub(super) unix: u64,
}

/// What makes nanoseconds of the counter's counts. They go on where the clock's that cannot be set left off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rate {
    /// Nanoseconds of a count. Whole numbers take half the instructions of what goes through a float.
    pub(super) factor: u64,
    /// Those of the count zero; in wrapping arithmetic.
    pub(super) base: u64,
}

/// What two readings tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Rate(Rate),
    /// Too little time was between them for how long it took to read them.
    Early,
    /// Nothing, and the first one is of no use any more: a clock was set, or the machine was suspended, when a counter goes
    /// on, begins anew or stands still, as it likes.
    Disturbed,
}

impl Rate {
    /// The time at which the counter said this, in nanoseconds.
    #[inline]
    pub(super) fn at(self, count: u64) -> u64 {
        self.since_zero(count).wrapping_add(self.base)
    }

    /// Wraps, as all that is made of it.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "wrapping arithmetic")]
    fn since_zero(self, count: u64) -> u64 {
        ((u128::from(count) * u128::from(self.factor)) >> FRACTION) as u64
    }
}

/// Compares two readings.
pub(super) fn between(first: &Reading, last: &Reading) -> Told {
    let counts = last.count.checked_sub(first.count);
    let nanos = last.nanos.checked_sub(first.nanos);
    let (Some(counts), Some(nanos)) = (counts, nanos) else { return Told::Disturbed };
    if last.unix.abs_diff(first.unix.wrapping_add(nanos)) > STEP {
        return Told::Disturbed;
    }
    let uncertain = first.width.saturating_add(last.width).max(1);
    if uncertain.saturating_mul(PRECISION) > counts {
        return Told::Early;
    }
    // Not zero: then nobody would know that it is known.
    let factor = u64::try_from((u128::from(nanos) << FRACTION) / u128::from(counts));
    let Some(factor) = factor.ok().filter(|factor| *factor != 0) else { return Told::Disturbed };
    let rate = Rate { factor, base: 0 };
    let ahead = last.nanos.wrapping_add(LEAD);
    Told::Rate(Rate { base: ahead.wrapping_sub(rate.since_zero(last.count)), ..rate })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};

    use super::*;

    const SECOND: u64 = 1_000_000_000;
    const YEAR: u64 = 365 * 24 * 3600 * SECOND;

    /// A counter and clocks that run as they should.
    #[derive(Clone, Copy, Debug)]
    struct Machine {
        hertz: u64,
        /// Of the counter, when the clock said zero.
        count: u64,
        unix: u64,
    }

    impl Machine {
        fn count(&self, nanos: u64) -> u64 {
            let counts = u128::from(nanos) * u128::from(self.hertz) / u128::from(SECOND);
            self.count + u64::try_from(counts).unwrap()
        }

        /// `late`: nanoseconds from reading the counter to reading the clocks, of twice as many in all.
        fn read(&self, nanos: u64, late: u64) -> Reading {
            let width = self.count(nanos + late) - self.count(nanos - late);
            Reading { count: self.count(nanos - late), width, nanos, unix: self.unix + nanos }
        }
    }

    fn rate(told: Told) -> Option<Rate> {
        if let Told::Rate(rate) = told { Some(rate) } else { None }
    }

    const MACHINE: Machine = Machine { hertz: 2_445_000_000, count: 1 << 50, unix: 50 * YEAR };

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_time_is_that_of_the_clock(
            hertz in 10_000_000..8_000_000_000_u64,
            count in 0..1_u64 << 60,
            unix in 0..100 * YEAR,
            first in SECOND..YEAR,
            wait in SECOND / 10..1000 * SECOND,
            late in (0..200_u64, 0..200_u64),
            after in 0..YEAR,
        ) {
            let machine = Machine { hertz, count, unix };
            let last = first + wait;
            let told = between(&machine.read(first, late.0), &machine.read(last, late.1));
            let Some(rate) = rate(told) else {
                // 10 MHz cannot be read to a tenth of a microsecond.
                prop_assert!(told == Told::Early && wait < SECOND, "{told:?}");
                return Ok(());
            };
            let now = last + after;
            let got = rate.at(machine.count(now));
            // What one reading was late and the other was not, and the counts that were not whole.
            let wrong = late.0.abs_diff(late.1) + 2 * SECOND / hertz + 2;
            let over = u128::from(wrong) * u128::from(after) / u128::from(wait);
            let bound = u64::try_from(over).unwrap() + LEAD + late.1 + wrong;
            prop_assert!(got.abs_diff(now) <= bound, "{got} instead of {now}, by {bound}");
        }

        #[test]
        fn a_later_count_is_a_later_time(
            hertz in 10_000_000..8_000_000_000_u64,
            count in 0..1_u64 << 60,
            at in 20 * SECOND..YEAR,
            more in 0..YEAR,
        ) {
            let machine = Machine { hertz, count, unix: 0 };
            let rate = rate(between(&machine.read(SECOND, 10), &machine.read(20 * SECOND, 10))).unwrap();
            let (now, later) = (rate.at(machine.count(at)), rate.at(machine.count(at + more)));
            prop_assert!(now <= later && later - now <= more + more / 10_000 + 200);
            prop_assert_eq!(now, rate.at(machine.count(at)));
        }

        /// What was read of the clock before is not later than what is read of the counter after, though both readings
        /// were as late as they may be.
        #[test]
        fn taking_over_does_not_turn_time_back(
            hertz in 100_000_000..8_000_000_000_u64,
            late in (0..250_u64, 0..250_u64),
            preempted in 0..10_000_000_u64,
        ) {
            let machine = Machine { hertz, ..MACHINE };
            let (first, last) = (SECOND, SECOND + SECOND / 10);
            let told = between(&machine.read(first, late.0), &machine.read(last, late.1));
            if let Some(rate) = rate(told) {
                let noticed = last + preempted;
                prop_assert!(rate.at(machine.count(noticed)) >= noticed);
            }
        }
    }

    #[test]
    fn what_was_read_slowly_is_read_again_later() {
        let first = MACHINE.read(SECOND, 5_000);
        for (wait, early) in [(SECOND / 10, true), (SECOND, true), (3 * SECOND, false)] {
            let told = between(&first, &MACHINE.read(SECOND + wait, 5_000));
            assert_eq!(told == Told::Early, early, "{told:?}");
            assert_ne!(told, Told::Disturbed);
        }
    }

    #[test]
    fn what_was_disturbed_tells_nothing() {
        let (first, last) = (MACHINE.read(SECOND, 10), MACHINE.read(2 * SECOND, 10));
        let set = |by: i64| Reading { unix: last.unix.wrapping_add_signed(by), ..last };
        for by in [2_000_000, -2_000_000, i64::MIN] {
            assert_eq!(between(&first, &set(by)), Told::Disturbed);
        }
        assert!(rate(between(&first, &set(500_000))).is_some());
        // Suspended: the clock that cannot be set stood still, and the counter went on, stood still or began anew.
        let hour = 3_600 * SECOND;
        for count in [last.count + MACHINE.hertz * 3_600, last.count, 1_000] {
            assert_eq!(between(&first, &Reading { unix: last.unix + hour, count, ..last }), Told::Disturbed);
        }
        assert_eq!(between(&first, &Reading { count: 1_000, ..last }), Told::Disturbed);
        assert_eq!(between(&last, &first), Told::Disturbed);
        assert_eq!(between(&first, &Reading { count: first.count, ..last }), Told::Early);
    }
}
