//! Each kind of function does what it did, in a span.

use std::ops::ControlFlow;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use traced::traced;

use crate::recorder::recorded;

#[traced]
fn constant<const N: usize, T: Copy + Default>() -> [T; N] {
    [T::default(); N]
}

#[traced]
fn recursive(n: u8) -> Option<u8> {
    if n == 0 {
        return None;
    }
    recursive(n - 1).or(Some(n))
}

#[traced]
unsafe fn dangerous(pointer: *const u8) -> Result<u8, String> {
    // SAFETY: the caller's.
    Ok(unsafe { *pointer })
}

#[traced]
extern "C" fn foreign(n: i32) -> i32 {
    n + 1
}

#[traced]
fn iterator<'a>(text: &'a str, skipped: &'a str) -> impl Iterator<Item = char> + 'a {
    let text = text.strip_prefix(skipped).unwrap_or(text);
    text.chars().rev()
}

#[traced]
fn longest<'a>(mut left: &'a str, right: &'a str, _: u8, [_first, ..]: [u8; 2]) -> Option<&'a str> {
    if right.len() > left.len() {
        left = right;
    }
    Some(left)
}

#[traced]
#[track_caller]
fn located() -> &'static Location<'static> {
    Location::caller()
}

#[track_caller]
#[traced]
fn located_below() -> Result<u32, String> {
    let line = Location::caller().line();
    if line > 0 { Ok(line) } else { Err("nowhere".to_owned()) }
}

struct Counter {
    count: u32,
    texts: Vec<String>,
}

impl Counter {
    #[traced]
    fn count(&mut self) -> &mut u32 {
        self.count += 1;
        &mut self.count
    }

    #[traced]
    fn text(&mut self, at: usize) -> Result<&mut String, usize> {
        let length = self.texts.len();
        self.texts.get_mut(at).ok_or(length)
    }

    #[traced]
    fn pinned(self: Pin<&mut Self>) -> Option<u32> {
        Some(self.count)
    }

    #[traced]
    fn boxed(self: Box<Self>) -> Vec<String> {
        self.texts
    }
}

#[traced]
fn attributes_inside(n: u8) -> Option<u8> {
    #![allow(unused_variables)]
    //! And documentation.
    let unused = n;
    None
}

#[traced]
fn items_inside(n: u8) -> u16 {
    const ADDED: u16 = 1;
    fn wide(n: u8) -> u16 {
        u16::from(n)
    }
    wide(n) + ADDED
}

#[traced]
fn closures(f: impl Fn(u8) -> u8, g: &dyn Fn(u8) -> u8) -> Vec<u8> {
    vec![f(1), g(1)]
}

#[test]
fn sync_functions() {
    let tree = recorded(|| {
        assert_eq!(constant::<2, u8>(), [0, 0]);
        assert_eq!(recursive(1), Some(1));
        let three = 3;
        // SAFETY: the pointer comes from a place that lives.
        assert_eq!(unsafe { dangerous(&raw const three) }, Ok(3));
        assert_eq!(foreign(1), 2);
        assert_eq!(iterator("xab", "x").collect::<String>(), "ba");
        assert_eq!(longest("a", "bc", 0, [1, 2]), Some("bc"));
        let mut counter = Counter { count: 0, texts: vec!["a".to_owned()] };
        *counter.count() += 1;
        assert_eq!(Pin::new(&mut counter).pinned(), Some(2));
        counter.text(0).unwrap().push('b');
        assert_eq!(counter.text(1), Err(1));
        assert_eq!(Box::new(counter).boxed(), ["ab"]);
        assert_eq!(attributes_inside(1), None);
        assert_eq!(items_inside(1), 2);
        assert_eq!(closures(|n| n, &|n| n + 1), [1, 2]);
    });
    assert_eq!(
        tree,
        "constant\n\
         recursive\n\
         \x20 recursive\n\
         dangerous\n\
         foreign\n\
         iterator\n\
         longest\n\
         Counter::count\n\
         Counter::pinned\n\
         Counter::text\n\
         Counter::text failed: display 1 (usize)\n\
         Counter::boxed\n\
         attributes_inside\n\
         items_inside\n\
         closures\n"
    );
}

#[test]
fn the_caller_is_still_tracked() {
    assert_eq!(located().line(), line!());
    assert_eq!(located_below(), Ok(line!()));
    assert_eq!(recorded(|| drop((located(), located_below()))), "located\nlocated_below\n");
}

#[traced(ret = ?)]
fn breaks(n: u8) -> ControlFlow<String, u8> {
    if n > 1 {
        ControlFlow::Break("enough".to_owned())?;
    }
    ControlFlow::Continue(n)
}

#[traced]
fn polled(cx: &mut Context<'_>, fails: bool) -> Poll<Result<String, String>> {
    let text = ready!(Pin::new(&mut std::future::ready("done")).poll(cx));
    Poll::Ready(if fails { Err(text.to_owned()) } else { Ok(text.to_owned()) })
}

/// To break off is no failure of the call; to be ready with an error is.
#[test]
fn what_question_marks_take_is_a_failure_if_it_is_an_error() {
    let tree = recorded(|| {
        assert_eq!(breaks(1), ControlFlow::Continue(1));
        assert_eq!(breaks(2), ControlFlow::Break("enough".to_owned()));
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(polled(&mut context, false), Poll::Ready(Ok("done".to_owned())));
        assert_eq!(polled(&mut context, true), Poll::Ready(Err("done".to_owned())));
    });
    assert_eq!(
        tree,
        "breaks return=Continue(1)\nbreaks return=Break(\"enough\")\npolled\n\
         polled failed: display done (String)\n"
    );
}

macro_rules! make {
    ($name:ident, $argument:ident: $ty:ty, $body:block) => {
        #[traced(fields($argument, more = $argument + added))]
        fn $name($argument: $ty, added: $ty) -> Result<$ty, String> {
            let result: Result<$ty, String> = $body;
            Ok(result? + added)
        }

        mod whole {
            use traced::traced;
            #[traced]
            pub(super) fn $name($argument: $ty) -> Result<$ty, String> $body
        }
    };
}

make!(made, number: u8, { Ok(number) });

mod shorter {
    use traced::traced;

    macro_rules! shorter {
        ($number:ident: $ty:ty) => {
            #[traced(fields($number))]
            pub(super) fn shorter($number: $ty, other: $ty) -> Option<$ty> {
                Some($number + other)
            }
        };
    }
    shorter!(number: u8);
}

#[test]
fn functions_made_by_macros() {
    let tree = recorded(|| {
        assert_eq!(made(1, 2), Ok(3));
        assert_eq!(whole::made(1), Ok(1));
        assert_eq!(shorter::shorter(1, 1), Some(2));
    });
    assert_eq!(tree, "made number=1 more=3\nmade\nshorter number=1\n");
}
