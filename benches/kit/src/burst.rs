//! The cost of a span: bursts that no peer's queue overflows from, and waiting until they are exported.
//!
//! The caller's clock runs in the bursts alone. Its waiting is subtracted from the process's, too; what wakes and
//! works meanwhile is not.

use std::time::{Duration, Instant};

use crate::machine::{pinned, process_cpu, sleep, thread_cpu};
use crate::order::{Case, Core};
use crate::peer::{GROUP, Peer};
use crate::{Numbers, Setup};

/// Groups in a burst: the SDK's queue takes four.
const GROUPS: u64 = 3;

/// Bursts before the clock runs.
const WARM_UP: u32 = 4;

/// Calls so far, and spans that must be exported in the end.
#[derive(Debug, Default)]
pub(crate) struct Made {
    pub(crate) calls: u64,
    pub(crate) spans: u64,
}

impl Made {
    /// A function by itself, so that callgrind can tell what is inside of it.
    #[inline(never)]
    pub(crate) fn burst<P: Peer>(&mut self, case: Case) {
        for _ in 0..GROUPS {
            let (calls, spans) = case.group::<P>();
            self.calls += calls;
            self.spans += spans;
        }
    }

    /// Waits until all is exported but what may wait for its batch to fill; not for long, since a peer may have
    /// room for more and take its time.
    pub(crate) fn wait<P: Peer>(&self, guard: Option<&P::Guard>, micros: u64) {
        let Some(guard) = guard else { return };
        let until = Instant::now() + Duration::from_millis(25);
        while self.spans.saturating_sub(P::exported(guard)) >= GROUP && Instant::now() < until {
            sleep(micros);
        }
    }
}

pub(crate) fn install<P: Peer>(setup: Option<&Setup>, core: Core) -> Option<P::Guard> {
    pinned(core, || setup.map(P::install))
}

pub(crate) fn bursts<P: Peer>(case: Case, core: Core, millis: u64) -> Numbers {
    let guard = install::<P>(case.setup().as_ref(), core);
    let mut made = Made::default();
    for _ in 0..WARM_UP {
        made.burst::<P>(case);
        made.wait::<P>(guard.as_ref(), 200);
    }
    guard.as_ref().map(P::flush);
    let until = Instant::now() + Duration::from_millis(millis);
    let calls_before = made.calls;
    let (process, thread) = (process_cpu(), thread_cpu());
    let (mut busy, mut each) = (0, Vec::new());
    while Instant::now() < until || each.len() < 12 {
        let (calls, began) = (made.calls, thread_cpu());
        made.burst::<P>(case);
        let took = thread_cpu() - began;
        busy += took;
        each.push(took as f64 / (made.calls - calls) as f64);
        made.wait::<P>(guard.as_ref(), 200);
    }
    guard.as_ref().map(P::flush);
    let others = (process_cpu() - process).saturating_sub(thread_cpu() - thread);
    let mut numbers = Numbers::new();
    numbers.insert("caller".into(), median(each));
    numbers.insert("process".into(), (others + busy) as f64 / (made.calls - calls_before) as f64);
    numbers.extend(finish::<P>(guard.as_ref(), &made));
    numbers
}

pub(crate) fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}

/// Ends telemetry, and says what was lost.
pub(crate) fn finish<P: Peer>(guard: Option<&P::Guard>, made: &Made) -> Option<(String, f64)> {
    let guard = guard?;
    P::shutdown(guard);
    Some(("lost".into(), made.spans.saturating_sub(P::exported(guard)) as f64))
}

/// The same bursts without a clock: whoever counts instructions takes the difference of two lengths.
pub(crate) fn count<P: Peer>(case: Case, bursts: u32) -> Numbers {
    let guard = case.setup().as_ref().map(P::install);
    let mut made = Made::default();
    // A clock may have to run for a while until it is as cheap as it then stays, and look more than once.
    for _ in 0..15 {
        std::thread::sleep(Duration::from_millis(120));
        let (calls, spans) = case.group::<P>();
        made.calls += calls;
        made.spans += spans;
        made.wait::<P>(guard.as_ref(), 1_000);
    }
    for _ in 0..bursts {
        made.burst::<P>(case);
        made.wait::<P>(guard.as_ref(), 2000);
    }
    guard.as_ref().map(P::flush);
    [("calls".into(), made.calls as f64)].into()
}
