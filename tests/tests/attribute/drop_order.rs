//! Arguments are dropped in the order in which an unannotated function drops them.

use std::cell::RefCell;

use traced::traced;

use crate::recorder::recorded_async;

thread_local! {
    static DROPPED: RefCell<String> = const { RefCell::new(String::new()) };
}

struct Noisy(char);

impl Drop for Noisy {
    fn drop(&mut self) {
        DROPPED.with_borrow_mut(|dropped| dropped.push(self.0));
    }
}

macro_rules! both {
    ($($(#[$attribute:meta])* fn $name:ident($($arguments:tt)*) -> $ret:ty $body:block)+) => {
        #[allow(clippy::unnecessary_wraps)]
        mod plain {
            use super::*;
            $(pub(super) fn $name($($arguments)*) -> $ret $body)+
        }
        mod annotated {
            use super::*;
            $(#[traced] pub(super) fn $name($($arguments)*) -> $ret $body)+
        }
        mod annotated_async {
            use super::*;
            $(#[traced] pub(super) async fn $name($($arguments)*) -> $ret $body)+
        }
    };
}

both! {
    fn used_in_order(a: Noisy, b: Noisy, c: Noisy) -> usize {
        let _local = Noisy('l');
        [&a, &b, &c].len()
    }
    fn used_backwards(a: Noisy, b: Noisy, c: Noisy) -> Option<usize> {
        Some([&c, &b, &a].len())
    }
    fn underscored(a: Noisy, _b: Noisy, c: Noisy) -> () {
        let _ = (&a, &c);
    }
    fn destructured((a, b): (Noisy, Noisy), c: Noisy) -> Result<usize, ()> {
        Ok([&b, &c, &a].len())
    }
    fn moved(a: Noisy, b: Noisy, c: Noisy) -> String {
        drop(b);
        drop(c);
        format!("{}", a.0)
    }
    fn one_field(a: (Noisy, Noisy), b: Noisy) -> usize {
        [&b, &a.1].len()
    }
}

fn dropped(run: impl FnOnce()) -> String {
    run();
    DROPPED.take()
}

#[test]
fn as_without_the_attribute() {
    macro_rules! compare {
        ($($name:ident($($argument:expr),*);)+) => {$(
            let plain = dropped(|| { let _ = plain::$name($($argument),*); });
            assert_eq!(plain.len(), plain.chars().collect::<std::collections::BTreeSet<_>>().len());
            let annotated = dropped(|| { let _ = annotated::$name($($argument),*); });
            assert_eq!(annotated, plain, "{}", stringify!($name));
            recorded_async(async { let _ = annotated_async::$name($($argument),*).await; });
            assert_eq!(DROPPED.take(), plain, "async {}", stringify!($name));
        )+};
    }
    compare! {
        used_in_order(Noisy('a'), Noisy('b'), Noisy('c'));
        used_backwards(Noisy('a'), Noisy('b'), Noisy('c'));
        underscored(Noisy('a'), Noisy('b'), Noisy('c'));
        destructured((Noisy('a'), Noisy('b')), Noisy('c'));
        moved(Noisy('a'), Noisy('b'), Noisy('c'));
        one_field((Noisy('a'), Noisy('z')), Noisy('b'));
    }
}
