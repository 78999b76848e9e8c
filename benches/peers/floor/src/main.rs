//! No peer: what a span that OpenTelemetry's users can see costs at least. A `Context` with a span in it, attached
//! and detached; the time-stamp counter read twice; a record of 64 bytes pushed into a ring.

use std::cell::RefCell;
use std::future::{Future, ready};
use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use kit::{Peer, Setup, work};
use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry::trace::noop::NoopSpan;
use rtrb::{Consumer, Producer, RingBuffer};

struct Floor;

type Record = [u64; 8];

thread_local! {
    static RING: RefCell<Option<Producer<Record>>> = const { RefCell::new(None) };
}

static OTHER_END: Mutex<Option<Consumer<Record>>> = Mutex::new(None);
static TAKEN: AtomicU64 = AtomicU64::new(0);

impl Peer for Floor {
    type Guard = ();

    fn install(_: &Setup) {
        let (producer, consumer) = RingBuffer::new(16 * 1024);
        RING.set(Some(producer));
        *OTHER_END.lock().expect("not poisoned") = Some(consumer);
        std::thread::spawn(|| {
            loop {
                std::thread::sleep(Duration::from_millis(2));
                let mut end = OTHER_END.lock().expect("not poisoned");
                let Some(end) = &mut *end else { return };
                while end.pop().is_ok() {
                    TAKEN.fetch_add(1, Ordering::Release);
                }
            }
        });
    }

    fn exported((): &()) -> u64 {
        TAKEN.load(Ordering::Acquire)
    }

    fn flush((): &()) {}

    fn shutdown((): &()) {
        std::thread::sleep(Duration::from_millis(10));
    }

    fn under_root(work: impl FnOnce()) {
        span(work);
    }

    fn under_unsampled(_: impl FnOnce()) {}

    fn plain() {
        span(work);
    }

    fn attributes(_: i64, _: &str, _: bool) {}

    fn yields() -> impl Future<Output = ()> {
        ready(())
    }

    fn fails() -> io::Result<()> {
        Ok(())
    }

    fn tree(_: u32) {}
}

#[inline]
fn span(work: impl FnOnce()) {
    let start = fastant::Instant::now();
    let attached = Context::current_with_span(NoopSpan::DEFAULT).attach();
    work();
    drop(attached);
    let took = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
    let record = [took, 1, 2, 3, 4, 5, 6, 7];
    RING.with_borrow_mut(|ring| ring.as_mut().map(|ring| ring.push(record)));
}

fn main() {
    kit::main(&[("floor", kit::measure::<Floor>)]);
}
