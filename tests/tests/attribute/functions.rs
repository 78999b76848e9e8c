//! Functions that return a function: what the signature says of its parameters is known where it is made.

use std::pin::Pin;

use futures_util::FutureExt as _;
use traced::traced;

use crate::recorder::recorded;

type Boxed<T> = Pin<Box<dyn Future<Output = T>>>;

/// Dropped in a span of its own.
struct Noisy;

impl Drop for Noisy {
    fn drop(&mut self) {
        dropped();
    }
}

#[traced]
fn dropped() {}

#[traced]
fn within(n: u8) -> u8 {
    n
}

#[traced]
fn length() -> impl Fn(&str) -> usize {
    |text| text.len()
}

#[traced(args)]
fn tail(from: usize, _noisy: Noisy) -> impl for<'a> Fn(&'a str) -> &'a str + Send {
    move |text| &text[from..]
}

#[traced]
fn counter(seen: &mut Vec<String>, mut first: String) -> impl FnMut(&str) -> usize {
    first.push('!');
    seen.push(first);
    move |text| {
        seen.push(text.to_owned());
        seen.len()
    }
}

#[traced(args)]
fn taken_apart((n, _): (usize, String)) -> impl Fn(&str) -> bool {
    move |text| text.len() == n
}

#[traced]
fn adder() -> impl Fn(u8) -> Box<dyn Fn(u8) -> u8> {
    |x| Box::new(move |y| x + y)
}

struct Wanted<T>(T);

#[traced]
impl<T: PartialEq> Wanted<T> {
    fn is(&self) -> impl Fn(&T) -> bool {
        |other| *other == self.0
    }
}

trait Measure {
    #[traced]
    fn measure(&self) -> impl Fn(&str) -> usize {
        |text| text.len()
    }
}

impl Measure for u8 {}

#[traced]
fn handler() -> impl Fn(u8) -> Boxed<u8> {
    move |n| Box::pin(async move { within(n) })
}

#[traced]
fn plain() -> fn(u8) -> Boxed<u8> {
    |n| ::std::boxed::Box::pin(async move { within(n) })
}

#[traced]
fn asynchronous() -> impl AsyncFn(&str) -> usize {
    async |text| text.len()
}

#[test]
fn a_span_is_around_what_makes_it_and_not_around_what_it_does() {
    let spans = recorded(|| {
        assert_eq!((length()("four"), tail(2, Noisy)("four")), (4, "ur"));
        assert_eq!(counter(&mut Vec::new(), "one".to_owned())("two"), 2);
        assert!(taken_apart((4, String::new()))("four"));
        assert_eq!(adder()(1)(2), 3);
        assert!(Wanted("a".to_owned()).is()(&"a".to_owned()));
        assert_eq!(1_u8.measure()("four"), 4);
        assert_eq!(handler()(1).now_or_never(), Some(1));
        assert_eq!(plain()(1).now_or_never(), Some(1));
        assert_eq!(asynchronous()("four").now_or_never(), Some(4));
    });
    assert_eq!(
        spans,
        "length
tail from=2
  dropped
counter
taken_apart n=4
adder
Wanted::is
Measure::measure
handler
within
plain
within
asynchronous
"
    );
}
