//! What is returned is coerced to the declared type, as without the attribute.
use std::error::Error;
use std::fmt::Debug;

use traced::traced;

#[traced]
fn boxed() -> Box<dyn Debug> {
    Box::new(1)
}

#[traced]
fn question_mark(text: &str) -> Result<Box<dyn Debug>, Box<dyn Error>> {
    let parsed: u8 = text.parse()?;
    Ok(Box::new(parsed))
}

#[traced]
async fn later(text: &str) -> Result<Box<dyn Debug>, Box<dyn Error>> {
    let parsed: u8 = text.parse()?;
    if parsed > 9 {
        return Err("too large".into());
    }
    Ok(Box::new(parsed))
}

#[traced]
fn pointer(n: u8) -> Option<fn(u8) -> u8> {
    if n > 0 { Some(|n| n + 1) } else { Some(|n| n) }
}

#[traced]
fn slice(values: Vec<&'static [u8]>) -> Option<&'static [u8]> {
    if values.is_empty() {
        return Some(&[1, 2]);
    }
    values.first().copied()
}

fn run() {
    assert_eq!(format!("{:?}", boxed()), "1");
    assert!(question_mark("x").is_err());
    assert_eq!(pointer(1).map(|f| f(1)), Some(2));
    assert_eq!(slice(vec![]), Some(&[1, 2][..]));
    assert!(traced_tests::now(later("10")).is_err());
}

fn main() {
    traced_tests::assert_spans(
        run,
        "\
boxed
question_mark error.type=alloc::boxed::Box<dyn core::error::Error> error: invalid digit found in string
  - exception exception.type=alloc::boxed::Box<dyn core::error::Error> \
exception.message=invalid digit found in string
pointer
slice
later error.type=alloc::boxed::Box<dyn core::error::Error> error: too large
  - exception exception.type=alloc::boxed::Box<dyn core::error::Error> exception.message=too large
",
    );
}
