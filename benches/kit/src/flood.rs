//! More than can be exported: time of each span, losses, memory.

use std::sync::Barrier;
use std::time::{Duration, Instant};

use crate::Numbers;
use crate::machine::{forget_peak, peak_memory, pinned, sleep};
use crate::order::{Core, Flood, To};
use crate::peer::{GROUP, Peer, Sampling, Setup};

const THREADS: usize = 512;

pub(crate) fn flood<P: Peer>(flood: Flood, core: Core) -> Numbers {
    let spans = if flood == Flood::Slow { 300_000 } else { 1_000_000 };
    let to = match flood {
        Flood::Fast | Flood::Steady => To::Drop,
        Flood::Slow | Flood::Crowd => To::Slow(100),
    };
    let guard = pinned(core, || P::install(&Setup { to, sampling: Sampling::All }));
    let mut times = Vec::new();
    let (made, growth);
    if flood == Flood::Crowd {
        (made, growth) = crowd::<P>(spans / THREADS);
    } else {
        times = vec![u32::MAX; spans];
        forget_peak();
        let before = peak_memory();
        made = alone::<P>(&mut times, flood == Flood::Steady);
        growth = peak_memory().saturating_sub(before);
    }
    P::shutdown(&guard);
    let lost = made.saturating_sub(P::exported(&guard));
    let mut numbers: Numbers =
        [("lost".into(), lost as f64 / made as f64), ("memory".into(), growth as f64)].into();
    if let Some(counted) = P::lost(&guard) {
        numbers.insert("miscounted".into(), counted.abs_diff(lost) as f64);
    }
    if !times.is_empty() {
        times.sort_unstable();
        let at = |share: usize| f64::from(times[(times.len() - 1) * share / 1000]);
        numbers.extend([("p50".into(), at(500)), ("p99.9".into(), at(999)), ("max".into(), at(1000))]);
    }
    numbers
}

/// Calls of one thread; the time of each is written down, that of reading the clock included.
fn alone<P: Peer>(times: &mut [u32], steady: bool) -> u64 {
    let mut made = 0;
    let began = Instant::now();
    for (turn, group) in (0..).zip(times.chunks_mut(if steady { 1000 } else { 511 })) {
        if steady {
            let due = began + Duration::from_millis(turn);
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
        }
        made += 1 + group.len() as u64;
        P::under_root(|| {
            let mut last = Instant::now();
            for time in group {
                P::attributes(42, "c-123456", true);
                let now = Instant::now();
                *time = u32::try_from(now.duration_since(last).as_nanos()).unwrap_or(u32::MAX);
                last = now;
            }
        });
    }
    made
}

/// Calls of many threads at once. Returns how many spans they made, and how memory grew.
fn crowd<P: Peer>(each: usize) -> (u64, u64) {
    let start = Barrier::new(THREADS + 1);
    let groups = each as u64 / GROUP + 1;
    let mut before = 0;
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                start.wait();
                for _ in 0..groups {
                    P::under_root(|| (1..GROUP).for_each(|_| P::attributes(42, "c-123456", true)));
                }
            });
        }
        // The threads' own stacks are no telemetry.
        sleep(200_000);
        forget_peak();
        before = peak_memory();
        start.wait();
    });
    (THREADS as u64 * groups * GROUP, peak_memory().saturating_sub(before))
}
