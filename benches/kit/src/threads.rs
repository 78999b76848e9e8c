//! Two threads at once, each on a core of its own, beside each of them alone.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::Numbers;
use crate::burst::{Made, finish, install, median};
use crate::machine::{pin, thread_cpu};
use crate::order::{Case, Core};
use crate::peer::{GROUP, Peer};

/// Who works in a round.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Both,
    Only(usize),
}

/// In turns, so that none always finds the caches as the same one left them.
const TURNS: [Turn; 6] = [Turn::Both, Turn::Only(0), Turn::Only(1), Turn::Both, Turn::Only(1), Turn::Only(0)];

/// Rounds before the clock counts.
const WARM_UP: usize = 24;

/// CPU time of a span in each round of a thread.
#[derive(Default)]
struct Times {
    together: Vec<f64>,
    alone: Vec<f64>,
}

pub(crate) fn two_threads<P: Peer>(millis: u64) -> Numbers {
    pin(0);
    let guard = install::<P>(Case::Threads.setup().as_ref(), Core::Same);
    let guard = guard.as_ref();
    let both = Barrier::new(2);
    let until = Instant::now() + Duration::from_millis(millis);
    let go_on = AtomicBool::new(true);
    let thread = |number: usize, after: &mut dyn FnMut(usize)| {
        pin(number);
        let mut times = Times::default();
        for round in 0.. {
            both.wait();
            if !go_on.load(Ordering::Acquire) {
                break;
            }
            let turn = TURNS[round % TURNS.len()];
            if turn == Turn::Both || turn == Turn::Only(number) {
                let began = thread_cpu();
                // One group: two bursts at once would be more than the SDK's queue takes.
                let (calls, _) = Case::Threads.group::<P>();
                let took = (thread_cpu() - began) as f64 / calls as f64;
                if round >= WARM_UP {
                    if turn == Turn::Both { &mut times.together } else { &mut times.alone }.push(took);
                }
            }
            both.wait();
            after(round);
        }
        times
    };
    let mut made = Made::default();
    let (mut one, other) = std::thread::scope(|scope| {
        let other = scope.spawn(|| thread(1, &mut |_| ()));
        let one = thread(0, &mut |round| {
            made.spans += if TURNS[round % TURNS.len()] == Turn::Both { 2 * GROUP } else { GROUP };
            made.wait::<P>(guard, 200);
            go_on.store(round < 2 * WARM_UP || Instant::now() < until, Ordering::Release);
        });
        (one, other.join().expect("the other thread"))
    });
    one.together.extend(other.together);
    one.alone.extend(other.alone);
    let mut numbers = Numbers::new();
    numbers.insert("caller".into(), median(one.together));
    numbers.insert("alone".into(), median(one.alone));
    numbers.extend(finish::<P>(guard, &made));
    numbers
}
