//! No lint reports generated code.
#![forbid(unsafe_code, unused_imports, unreachable_code)]
#![deny(warnings, unused, missing_docs, unreachable_pub, unused_qualifications, unused_lifetimes)]
#![deny(rust_2018_idioms, rust_2021_compatibility, rust_2024_compatibility, let_underscore_drop)]
#![deny(single_use_lifetimes, trivial_casts, unit_bindings, unused_results, unused_extern_crates)]
#![deny(variant_size_differences, redundant_lifetimes, non_ascii_idents, elided_lifetimes_in_paths)]

use std::panic::catch_unwind;

use traced::traced;
use traced_tests::{assert_spans, now};

/// An error.
#[derive(Debug)]
pub struct Broken<'a>(&'a str);

/// One expression.
#[traced]
pub fn short(a: u8) -> u8 { a + 1 }

/// One expression in a closure.
#[traced]
pub fn short_fallible(a: u8) -> Option<u8> { Some(a) }

/// One expression in a future.
#[traced]
pub async fn short_future(a: u8) -> u8 { a + 1 }

/// Nothing at all.
#[traced]
pub fn empty() {}

/// Nothing at all.
#[traced]
pub async fn empty_future(_: u8, _b: String) {}

/// Only a panic.
#[traced]
pub fn only_panics(_a: String) -> Result<u8, String> {
    panic!()
}

/// Only a panic.
#[traced]
pub async fn only_panics_later() -> Result<u8, String> {
    panic!()
}

/// Never returns.
#[traced]
pub fn never() -> ! {
    panic!()
}

/// A const block is no item.
#[traced]
pub fn constant() -> Option<u8> { const { Some(1) } }

/// Parentheses and borrows.
#[traced(fields(a = (a), b = &a, c = %(a + 1), d = { a }))]
pub fn fields<'a>(a: u8, text: &'a str) -> Result<u8, Broken<'a>> {
    if a > 0 {
        return Err(Broken(text));
    }
    Ok(a)
}

/// A parameter that is changed.
#[traced]
pub async fn mutable(mut a: u8, mut text: String) -> String {
    a += 1;
    text.push(char::from(a));
    text
}

/// Parameters, also those that say that they are not used.
#[traced(args, ret)]
pub fn parameters(a: u8, _b: u8, _c: Broken<'_>) -> u8 { a }

/// A field that is recorded.
#[traced(fields(late = Empty))]
pub fn late(a: u8) -> u8 {
    traced::record!(late = (a));
    if a > 0 { traced::record!(late = { a + 1 }) }
    a
}

/// A field that is not.
#[traced(fields(late = Empty), ret)]
pub async fn never_recorded(a: u8) -> Result<u8, Broken<'static>> { Ok(a) }

/// One that ends early.
#[traced(fields(late = Empty))]
pub fn ends(a: u8) -> ! {
    traced::record!(late = a);
    panic!()
}

/// A future of a future.
#[traced]
pub async fn yields() -> std::future::Ready<u8> { std::future::ready(1) }

/// An item after what we put there.
#[traced(fields(a = 1))]
pub fn with_an_item() -> u8 {
    const ONE: u8 = 1;
    ONE
}

/// Used by the attribute alone: in the body its name is another's.
#[traced(fields(text), parent = place)]
pub fn hidden(text: String, place: Option<traced::Carry>) -> Option<usize> {
    [(Some("ab"), 1)].into_iter().find_map(|(text, place)| Some(text?.len() + place))
}

/// The same.
#[traced(args(text), fields(late = Empty), parent = place)]
pub async fn hidden_later(text: String, place: Option<traced::Carry>) -> Option<usize> {
    traced::record!(late = 1);
    [(Some("ab"), 1)].into_iter().find_map(|(text, place)| Some(text?.len() + place))
}

fn run() {
    empty();
    assert_eq!(short(1), 2);
    assert_eq!(short_fallible(1), constant());
    assert!(fields(1, "x").is_err_and(|error| error.0 == "x"));
    assert_eq!(now(short_future(1)), 2);
    now(empty_future(1, String::new()));
    assert_eq!(now(mutable(b'a', String::new())), "b");
    assert_eq!(parameters(1, 2, Broken("a")), late(1));
    assert!(now(never_recorded(1)).is_ok());
    let _yields = now(yields());
    assert_eq!(with_an_item(), 1);
    assert_eq!(hidden("a".to_owned(), None), now(hidden_later("b".to_owned(), None)));
    assert!(catch_unwind(|| never()).is_err());
    assert!(catch_unwind(|| ends(1)).is_err());
    assert!(catch_unwind(|| only_panics(String::new())).is_err());
    assert!(catch_unwind(|| now(only_panics_later())).is_err());
}

fn main() {
    let broken = std::any::type_name::<Broken<'_>>();
    let panicked = "error.type=panic error: explicit panic
  - exception exception.type=panic exception.message=explicit panic";
    assert_spans(
        run,
        &format!(
            "\
empty
short
short_fallible
constant
fields a=1 b=1 c=2 d=1 error.type={broken} error: Broken(\"x\")
  - exception exception.type={broken} exception.message=Broken(\"x\")
short_future
empty_future
mutable
parameters a=1 _b=2 _c=Broken(\"a\") return=1
late late=2
never_recorded return=1
yields
with_an_item a=1
hidden text=a
hidden_later text=b late=1
never {panicked}
ends late=1 {panicked}
only_panics {panicked}
only_panics_later {panicked}
"
        ),
    );
}
