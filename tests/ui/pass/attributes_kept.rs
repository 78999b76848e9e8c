//! Other attributes, visibility, where clauses and defaults stay as they were.
#![deny(warnings)]
#![allow(unexpected_cfgs)]

use traced::traced;

mod inside {
    use traced::traced;

    #[must_use]
    #[inline]
    #[traced]
    #[doc(hidden)]
    #[cfg(not(nothing))]
    pub(in crate::inside) fn restricted<T>(value: T) -> Option<T>
    where
        T: Clone + 'static,
        [u8; { let two = 2; two }]: Sized,
    {
        Some(value)
    }

    pub fn call() -> Option<u8> {
        restricted(1)
    }
}

#[traced]
fn conditional(#[cfg(nothing)] missing: Missing, #[cfg(not(nothing))] there: String) -> Option<String> {
    #[cfg(nothing)]
    drop(missing);
    Some(there)
}

#[traced]
#[deprecated]
fn old() {}

#[allow(deprecated)]
fn run() {
    assert_eq!(inside::call(), Some(1));
    assert_eq!(conditional("a".to_owned()), Some("a".to_owned()));
    old();
}

fn main() {
    traced_tests::assert_spans(
        run,
        "\
restricted
conditional
old
",
    );
}
