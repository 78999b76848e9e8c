//! The whole road: made, encoded, sent and acknowledged by another process.

use std::time::{Duration, Instant};

use crate::Numbers;
use crate::burst::Made;
use crate::machine::{pinned, process_cpu, thread_cpu};
use crate::order::{Case, Core, Pace, To};
use crate::peer::{GROUP, Peer, Sampling, Setup};

/// How long spans are made.
const FOR: Duration = Duration::from_millis(600);

pub(crate) fn road<P: Peer>(to: &To, pace: Pace, core: Core) -> Numbers {
    let (spans, pause) = match pace {
        Pace::Bursts => (GROUP, Duration::from_millis(3)),
        Pace::Trickle => (100, Duration::from_millis(10)),
        Pace::Tight => (0, Duration::ZERO),
    };
    let setup = Setup { to: to.clone(), sampling: Sampling::All };
    let pauses = paced(pause, || {});
    let guard = pinned(core, || P::install(&setup));
    // The connection, and what is allocated only once.
    let mut made = Made::default();
    made.burst::<P>(Case::Attributes);
    P::flush(&guard);
    let before = made.spans;
    let cost = if pace == Pace::Tight {
        tight::<P>(&guard, &mut made)
    } else {
        let began = Cost::now();
        let cost = paced(pause, || {
            P::under_root(|| (1..spans).for_each(|_| P::attributes(42, "c-123456", true)));
            made.spans += spans;
        });
        P::flush(&guard);
        Cost { caller: cost.caller, process: Cost::now().process - began.process }.without(&pauses)
    };
    let count = (made.spans - before) as f64;
    P::shutdown(&guard);
    [
        ("caller".into(), cost.caller as f64 / count),
        ("process".into(), cost.process as f64 / count),
        ("pauses".into(), pauses.process as f64 / count),
        // The runner asks the server how many have arrived.
        ("made".into(), made.spans as f64),
    ]
    .into()
}

/// As [`crate::burst::count`], sent.
pub(crate) fn count<P: Peer>(to: &To, bursts: u32) -> Numbers {
    let guard = P::install(&Setup { to: to.clone(), sampling: Sampling::All });
    let mut made = Made::default();
    for _ in 0..bursts {
        made.burst::<P>(Case::Attributes);
        made.wait::<P>(Some(&guard), 2000);
    }
    P::flush(&guard);
    [("calls".into(), made.calls as f64)].into()
}

/// CPU time.
struct Cost {
    caller: u64,
    process: u64,
}

impl Cost {
    fn now() -> Self {
        Self { caller: thread_cpu(), process: process_cpu() }
    }

    fn since(&self, before: &Self) -> Self {
        Self { caller: self.caller - before.caller, process: self.process - before.process }
    }

    fn without(&self, other: &Self) -> Self {
        Self {
            caller: self.caller.saturating_sub(other.caller),
            process: self.process.saturating_sub(other.process),
        }
    }
}

/// Works, and pauses, and works…
fn paced(pause: Duration, mut work: impl FnMut()) -> Cost {
    let before = Cost::now();
    if pause > Duration::ZERO {
        for _ in 0..FOR.as_micros() / pause.as_micros() {
            work();
            std::thread::sleep(pause);
        }
    }
    Cost::now().since(&before)
}

/// Bursts, and waiting until they are acknowledged, which does not count.
fn tight<P: Peer>(guard: &P::Guard, made: &mut Made) -> Cost {
    let (began, mut busy) = (Cost::now(), 0);
    let until = Instant::now() + FOR;
    while Instant::now() < until {
        let before = thread_cpu();
        made.burst::<P>(Case::Attributes);
        busy += thread_cpu() - before;
        made.wait::<P>(Some(guard), 200);
    }
    P::flush(guard);
    let cost = Cost::now().since(&began);
    Cost { caller: busy, process: cost.process - cost.caller + busy }
}
