//! Prints how many spans its functions ask for: none with `--cfg traced_off`. Run by `tests/tests/off.rs`.

use std::sync::atomic::{AtomicU32, Ordering};

use traced::__private::recorder::{Change, Evaluate, Recorder, SpanIds};
use traced::__private::{Attached, CallSite, Carried, Handle, Outcome, cell};
use traced::traced;

/// Counts what it is asked for, and records nothing.
struct Counts;

static ASKED: AtomicU32 = AtomicU32::new(0);

impl Recorder for Counts {
    fn enter(&self, _: &'static CallSite, _: Evaluate<'_>) -> Option<Attached> {
        ASKED.fetch_add(1, Ordering::Relaxed);
        None
    }

    fn begin(&self, _: &'static CallSite, _: Evaluate<'_>) -> Option<Handle> {
        ASKED.fetch_add(1, Ordering::Relaxed);
        None
    }

    fn attach(&self, _: &Handle) -> Attached {
        Attached::new(0)
    }

    fn exit(&self, _: Attached, _: Outcome<'_>) {}
    fn detach(&self, _: Attached) {}
    fn end(&self, _: Handle, _: Outcome<'_>) {}
    fn change_span(&self, _: &Handle, _: Change<'_>) {}
    fn change(&self, _: Change<'_>) {}

    fn entered(&self, _: &Attached) -> Option<Handle> {
        None
    }

    fn is_recording(&self, _: &Handle) -> bool {
        false
    }

    fn current(&self) -> Option<SpanIds> {
        None
    }

    fn carry(&self) -> Option<Box<dyn Carried>> {
        None
    }
}

#[traced]
fn plain() -> u8 {
    1
}

#[traced(name = String::new(), level = "debug", root, args, ret, fields(late = Empty))]
fn with_arguments(text: &str) -> Result<usize, std::num::ParseIntError> {
    traced::record!(late = text.len());
    text.parse()
}

struct Type(u8);

impl Type {
    #[traced(skip(number))]
    fn method(&self, number: u8) -> u8 {
        let number = number + self.0;
        traced::current().set("number", number);
        number
    }
}

#[traced(kind = Client)]
async fn later(bytes: [u8; 8]) -> [u8; 8] {
    std::future::ready(()).await;
    bytes
}

async fn bare(bytes: [u8; 8]) -> [u8; 8] {
    std::future::ready(()).await;
    bytes
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    cell::install(&Counts)?;
    plain();
    with_arguments("3")?;
    Type(1).method(1);
    let mut future = std::pin::pin!(later([1; 8]));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    if future.as_mut().poll(&mut context).is_pending() {
        return Err("it was ready".into());
    }
    let more = size_of_val(&later([1; 8])) - size_of_val(&bare([1; 8]));
    let asked = ASKED.load(Ordering::Relaxed);
    println!("{asked} spans, the future {}", if more == 0 { "as it was" } else { "larger" });
    Ok(())
}
