//! `#[derive(SpanError)]`, mostly beside thiserror.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use traced::testing::capture;
use traced::{SpanError, traced};

#[derive(Debug, thiserror::Error, SpanError)]
#[error("too late")]
#[span_error(type = "timeout")]
struct Timeout;

#[derive(Debug, thiserror::Error, SpanError)]
#[span_error(expected, type = "client")]
enum LoadError<'a, S: Error> {
    #[error("no order {id} in {place}")]
    #[span_error(type = "not_found")]
    NotFound {
        #[span_error(field = "order.id")]
        id: u64,
        #[span_error(field)]
        place: &'a str,
    },
    #[error("not like this")]
    Invalid,
    #[error(transparent)]
    #[span_error(transparent)]
    Timeout(#[from] Timeout),
    #[error("the store says {0}")]
    #[span_error(expected = false)]
    Store(S, #[span_error(field = "store.attempts")] Option<u8>),
}

/// Asks whatever it holds.
#[derive(Debug, SpanError)]
#[span_error(transparent)]
struct Wrapped<E> {
    inner: E,
}

impl<E: fmt::Display> fmt::Display for Wrapped<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<E: Error> Error for Wrapped<E> {}

/// Says nothing: an error like any other.
#[derive(Debug, thiserror::Error, SpanError)]
#[error("plain")]
struct Plain;

#[derive(Debug, thiserror::Error, SpanError)]
enum Never {}

#[traced]
fn never() -> Result<(), Never> {
    Ok(())
}

#[traced]
fn fails<E>(error: E) -> Result<(), E>
where
    E: SpanError,
{
    Err(error)
}

#[traced]
async fn loads(id: u64, place: &str) -> Result<(), LoadError<'_, fmt::Error>> {
    Err(LoadError::NotFound { id, place })
}

#[test]
fn each_variant_says_what_is_recorded() {
    type Load = LoadError<'static, fmt::Error>;
    let capture = capture();
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(loads(7, "here")).unwrap_err();
    fails(Load::Invalid).unwrap_err();
    fails(Load::from(Timeout)).unwrap_err();
    fails(LoadError::Store(fmt::Error, Some(3))).unwrap_err();
    fails(Wrapped { inner: Load::NotFound { id: 8, place: "there" } }).unwrap_err();
    fails(Box::new(Timeout)).unwrap_err();
    fails(Arc::new(Load::Invalid)).unwrap_err();
    fails(&Timeout).unwrap_err();
    fails(Plain).unwrap_err();
    never().unwrap();
    // Older compilers print no lifetimes.
    let tree = capture.tree().replace("<'_, ", "<");
    assert_eq!(
        tree,
        "\
loads order.id=7 place=here error.type=not_found
fails error.type=client
fails error.type=timeout error: too late
  - exception exception.type=interop::span_error::LoadError<core::fmt::Error> exception.message=too late
fails store.attempts=3 error.type=client error: the store says an error occurred when formatting an argument
  - exception exception.type=interop::span_error::LoadError<core::fmt::Error> exception.message=the store \
         says an error occurred when formatting an argument
fails order.id=8 place=there error.type=not_found
fails error.type=timeout error: too late
  - exception exception.type=alloc::boxed::Box<interop::span_error::Timeout> exception.message=too late
fails error.type=client
fails error.type=timeout error: too late
  - exception exception.type=&interop::span_error::Timeout exception.message=too late
fails error.type=interop::span_error::Plain error: plain
  - exception exception.type=interop::span_error::Plain exception.message=plain
never
"
    );
}

/// With fields that are no plain values.
#[derive(Debug, thiserror::Error, SpanError)]
#[span_error(expected)]
enum Refused<T: fmt::Display> {
    #[error("by peer")]
    Peer {
        #[span_error(field = %)]
        address: std::net::IpAddr,
        #[span_error(field = ?"after")]
        waited: std::time::Duration,
    },
    #[error("by {0}")]
    Other(#[span_error(field = %"who")] T, #[span_error(field = ?"why")] Plain),
}

#[test]
fn a_field_may_be_what_it_prints() {
    let capture = capture();
    let (address, waited) = (std::net::Ipv4Addr::LOCALHOST.into(), std::time::Duration::from_millis(3));
    fails(Refused::<u8>::Peer { address, waited }).unwrap_err();
    fails(Refused::Other('x', Plain)).unwrap_err();
    assert_eq!(
        capture.tree(),
        "fails address=127.0.0.1 after=3ms error.type=interop::span_error::Refused<u8>\n\
         fails who=x why=Plain error.type=interop::span_error::Refused<char>\n"
    );
}

#[test]
fn of_an_error_that_is_only_handled_it_has_to_be_said() {
    #[traced]
    fn handles(say: bool) {
        if say {
            traced::current().set("error.type", Timeout.error_type());
        }
        traced::current().error(&Timeout);
    }
    let capture = capture();
    handles(false);
    handles(true);
    let types = capture.spans().iter().map(|span| span.attribute("error.type")).collect::<Vec<_>>();
    assert_eq!(types, [Some(std::any::type_name::<Timeout>().into()), Some("timeout".into())]);
}
