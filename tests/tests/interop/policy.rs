//! What an error says of itself, and the attribute of it: what is recorded then.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::pin::pin;
use std::task::{Context, Waker};

use traced::testing::capture;
use traced::{Fields, SpanError, traced};

#[derive(Debug, thiserror::Error)]
#[error("status {status}")]
struct Refused {
    status: u16,
    source: Cause,
}

#[derive(Debug, thiserror::Error)]
#[error("the cause")]
struct Cause;

impl SpanError for Refused {
    fn error_type(&self) -> Option<Cow<'_, str>> {
        Some(self.status.to_string().into())
    }

    fn is_expected(&self) -> bool {
        self.status == 404
    }

    fn attributes(&self, fields: &mut dyn Fields) {
        fields.set("http.response.status_code", &self.status);
    }
}

fn refused(status: u16) -> Refused {
    Refused { status, source: Cause }
}

#[traced]
fn asked(status: u16) -> Result<(), Refused> {
    Err(refused(status))
}

#[traced]
fn passes_on(status: u16) -> Result<(), Refused> {
    asked(status)
}

#[traced]
fn boxed(status: u16) -> Result<(), Box<Refused>> {
    Ok(asked(status)?)
}

#[traced]
fn any(status: u16) -> Result<(), Box<dyn Error>> {
    Ok(asked(status)?)
}

#[traced(err(expected = false, type = "said"))]
fn argument_first(status: u16) -> Result<(), Refused> {
    Err(refused(status))
}

#[traced(err = ?)]
fn for_programmers() -> Result<(), Cause> {
    fails()
}

#[traced]
fn fails() -> Result<(), Cause> {
    Err(Cause)
}

#[traced(err = off)]
fn not_looked_at() -> Result<(), Cause> {
    Err(Cause)
}

#[traced(err(expected))]
async fn expected() -> Result<(), Cause> {
    fails()
}

#[traced]
async fn above_expected() -> Result<(), Cause> {
    expected().await
}

#[traced(cancel = error)]
async fn must_end() {
    std::future::pending::<()>().await;
}

/// Panics whenever it is asked.
#[derive(Debug)]
struct Panics;

impl fmt::Display for Panics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it panics")
    }
}

impl Error for Panics {}

impl SpanError for Panics {
    fn error_type(&self) -> Option<Cow<'_, str>> {
        panic!("asked for the type")
    }

    fn attributes(&self, fields: &mut dyn Fields) {
        fields.set("before", "the panic");
        panic!("asked for attributes")
    }
}

#[traced]
fn panics() -> Result<(), Panics> {
    Err(Panics)
}

pub(crate) fn story() {
    let _ = asked(404);
    let _ = passes_on(500);
    let _ = boxed(404);
    let _ = any(404);
    let _ = argument_first(404);
    let _ = for_programmers();
    let _ = not_looked_at();
    let waker = &mut Context::from_waker(Waker::noop());
    assert!(pin!(above_expected()).poll(waker).is_ready());
    assert!(pin!(must_end()).poll(waker).is_pending());
    let _ = panics();
}

#[test]
fn an_error_is_recorded_as_is_said() {
    let capture = capture();
    story();
    let any = "alloc::boxed::Box<dyn core::error::Error>";
    assert_eq!(
        capture.tree(),
        format!(
            "\
asked http.response.status_code=404 error.type=404
passes_on http.response.status_code=500 error.type=500 error: status 500
  asked http.response.status_code=500 error.type=500 error: status 500
    - exception exception.type=interop::policy::Refused exception.message=status 500
boxed http.response.status_code=404 error.type=404
  asked http.response.status_code=404 error.type=404
any error.type={any} error: status 404
  - exception exception.type={any} exception.message=status 404
  asked http.response.status_code=404 error.type=404
argument_first http.response.status_code=404 error.type=said error: status 404
  - exception exception.type=interop::policy::Refused exception.message=status 404
for_programmers error.type=interop::policy::Cause error: Cause
  fails error.type=interop::policy::Cause error: the cause
    - exception exception.type=interop::policy::Cause exception.message=the cause
not_looked_at
above_expected error.type=interop::policy::Cause error: the cause
  expected error.type=interop::policy::Cause
    fails error.type=interop::policy::Cause error: the cause
      - exception exception.type=interop::policy::Cause exception.message=the cause
must_end error.type=cancelled error: cancelled
  - cancelled
panics before=the panic error.type=interop::policy::Panics error: it panics
  - exception exception.type=interop::policy::Panics exception.message=it panics
"
        )
    );
    let spans = capture.spans();
    let trace = |name: &str| {
        let span = spans.iter().find(|span| span.name == name).unwrap();
        span.event("exception")?.attribute("exception.stacktrace").map(|trace| trace.to_string())
    };
    let told = "interop::policy::Refused: status 404\nCaused by: the cause";
    assert_eq!(trace("argument_first").as_deref(), Some(told));
}
