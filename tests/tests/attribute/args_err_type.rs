//! The argument `err(type = ..)`: the error's `error.type`.

use std::io;

use futures_util::FutureExt as _;
use traced::traced;

use crate::args_err::{Code, Coded};
use crate::recorder::recorded;

const TIMEOUT: &str = "timeout";

/// The type of a code that has one.
fn text(code: &Code) -> Option<&'static str> {
    code.is_not_found().then_some("not_found")
}

/// Its parts are not to be moved out of it.
#[derive(Debug)]
struct Refused {
    reason: String,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Late(#[allow(dead_code, reason = "printed")] String),
}

#[traced(err(type = e.reason))]
fn part() -> Result<(), Refused> {
    Err(Refused { reason: "closed".to_owned(), kind: Kind::Late(String::new()) })
}

#[traced(err(type = %e.reason, expected = e.reason.is_empty()))]
async fn part_displayed() -> Result<(), Refused> {
    part()
}

#[traced(err(type = ?e.kind))]
fn part_debugged() -> Result<(), Refused> {
    part()
}

#[test]
fn it_may_be_a_part_of_the_error() {
    let tree = recorded(|| {
        part().unwrap_err();
        part_displayed().now_or_never().unwrap().unwrap_err();
        let Kind::Late(_) = part_debugged().unwrap_err().kind;
    });
    let types: Vec<_> = tree.lines().map(|line| line.rsplit_once(" of type ").unwrap().1).collect();
    assert_eq!(types, ["closed", "closed", "closed", "Late(\"\")", "closed"], "{tree}");
}

#[traced(err(type = "timeout"))]
fn literal(code: u16) -> Coded {
    Err(Code(code))
}

#[traced(err(type = TIMEOUT))]
fn constant(code: u16) -> Coded {
    Err(Code(code))
}

#[traced(err(type = e.code()))]
fn number(code: u16) -> Coded {
    Err(Code(code))
}

#[traced(err(type = text))]
fn maybe(code: u16) -> Coded {
    Err(Code(code))
}

#[traced(err(type = format!("http {e}")))]
fn formatted(code: u16) -> Coded {
    Err(Code(code))
}

#[traced(err(type = ?e.kind()))]
fn debugged() -> io::Result<()> {
    Err(io::ErrorKind::NotFound.into())
}

#[traced(err(type = %e.kind()))]
fn displayed() -> io::Result<()> {
    Err(io::ErrorKind::NotFound.into())
}

#[traced(err(?, expected = e.is_not_found(), type = |e| e.0))]
fn all(code: u16) -> Coded {
    Err(Code(code))
}

#[test]
fn an_error_is_of_the_type_that_is_said() {
    let tree = recorded(|| {
        let _ = literal(1);
        let _ = constant(1);
        let _ = number(1);
        let _ = maybe(1);
        let _ = maybe(404);
        let _ = formatted(1);
        let _ = debugged();
        let _ = displayed();
        let _ = all(404);
    });
    assert_eq!(
        tree,
        "literal failed: error code 1 (Code) of type timeout\n\
         constant failed: error code 1 (Code) of type timeout\n\
         number failed: error code 1 (Code) of type 1\n\
         maybe failed: error code 1 (Code)\n\
         maybe failed: error code 404 (Code) of type not_found\n\
         formatted failed: error code 1 (Code) of type http code 1\n\
         debugged failed: error entity not found (Error) of type NotFound\n\
         displayed failed: error entity not found (Error) of type entity not found\n\
         all expected: Code(404) instead of error code 404 (Code) of type 404\n"
    );
}
