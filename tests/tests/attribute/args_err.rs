//! The arguments `err` and `cancel`.

#![allow(clippy::unused_self, reason = "whether a method needs it is nothing to the attribute")]

use std::fmt;
use std::io;
use std::pin::Pin;

use traced::traced;

use crate::recorder::{recorded, recorded_async};

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("code {0}")]
struct Code(u16);

impl Code {
    fn is_not_found(&self) -> bool {
        self.0 == 404
    }

    fn code(&self) -> u16 {
        self.0
    }

    fn text(&self) -> Option<&'static str> {
        self.is_not_found().then_some("not_found")
    }
}

type Coded<T = ()> = Result<T, Code>;

#[traced(err = off)]
fn off(code: u16) -> Coded {
    Err(Code(code))
}

#[traced(err)]
fn on(code: u16) -> Coded {
    Err(Code(code))
}

#[traced(err = ?)]
fn debug(code: u16) -> Coded {
    Err(Code(code))
}

#[traced(err(?))]
fn debug_in_list(code: u16) -> Coded {
    Err(Code(code))
}

#[traced(err(expected))]
fn expected(code: u16) -> Coded {
    Err(Code(code))
}

#[traced(err(expected = |e| e.0 == 404))]
fn by_closure(code: u16) -> Coded {
    Err(Code(code))
}

#[traced(err(expected = e.is_not_found()))]
fn by_expression(code: u16) -> Coded {
    Err(Code(code))
}

#[traced(err(expected = Code::is_not_found))]
fn by_path(code: u16) -> Coded {
    Err(Code(code))
}

#[test]
fn an_error_is_looked_at_as_is_said() {
    let tree = recorded(|| {
        let _ = off(1);
        let _ = on(1);
        let _ = debug(1);
        let _ = debug_in_list(1);
        let _ = expected(1);
        for code in [500, 404] {
            let _ = by_closure(code);
            let _ = by_expression(code);
            let _ = by_path(code);
        }
    });
    assert_eq!(
        tree,
        "off\n\
         on failed: error code 1 (Code)\n\
         debug failed: Code(1) instead of error code 1 (Code)\n\
         debug_in_list failed: Code(1) instead of error code 1 (Code)\n\
         expected expected: error code 1 (Code)\n\
         by_closure failed: error code 500 (Code)\n\
         by_expression failed: error code 500 (Code)\n\
         by_path failed: error code 500 (Code)\n\
         by_closure expected: error code 404 (Code)\n\
         by_expression expected: error code 404 (Code)\n\
         by_path expected: error code 404 (Code)\n"
    );
}

const TIMEOUT: &str = "timeout";

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

#[traced(err(type = Code::text))]
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

struct OnlyDebug(&'static str);

impl fmt::Debug for OnlyDebug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// The error is neither named nor known, and `e` is a parameter too.
#[traced(err(?, type = std::any::type_name_of_val(e)))]
fn generic<E: fmt::Debug>(e: E) -> Result<impl Sized, E> {
    if true {
        return Err(e);
    }
    Ok(1)
}

#[derive(Debug, thiserror::Error)]
#[error("no {0}")]
struct Borrowing<'a>(&'a str);

#[traced(err(expected = e.0.is_empty(), type = e.0))]
fn borrowing<'a>(values: &'a mut [u8], key: &'a str) -> Result<&'a mut u8, Borrowing<'a>> {
    values.first_mut().ok_or(Borrowing(key))
}

#[traced(err(type = |e| e.downcast_ref::<Code>().map(Code::code)))]
fn any() -> anyhow::Result<()> {
    Err(Code(7).into())
}

struct Client {
    tolerated: u16,
}

impl Client {
    #[traced(err(expected = self.tolerates(e)))]
    fn fetch(&self, code: u16) -> Coded {
        Err(Code(code))
    }

    fn tolerates(&self, code: &Code) -> bool {
        code.0 == self.tolerated
    }
}

macro_rules! annotated {
    ($name:ident, $of_error:expr) => {
        #[traced(err(type = $of_error, expected = Code::is_not_found))]
        fn $name(code: u16) -> Coded {
            Err(Code(code))
        }
    };
}

annotated!(by_macro, |e| e.0);

#[test]
fn any_error_can_be_judged() {
    let tree = recorded(|| {
        let _ = generic(OnlyDebug("only"));
        let _ = borrowing(&mut [], "key");
        let _ = borrowing(&mut [], "");
        let _ = any();
        let _ = Client { tolerated: 404 }.fetch(404);
        let _ = by_macro(404);
    });
    assert_eq!(
        tree,
        "generic failed: only instead of debug only (OnlyDebug) of type attribute::args_err::OnlyDebug\n\
         borrowing failed: error no key (Borrowing) of type key\n\
         borrowing expected: error no  (Borrowing)\n\
         any failed: dynamic code 7 (Error) of type 7\n\
         Client::fetch expected: error code 404 (Code)\n\
         by_macro expected: error code 404 (Code) of type 404\n"
    );
}

#[traced(err(expected = e.is_not_found()))]
async fn later(code: u16) -> Coded {
    tokio::task::yield_now().await;
    Err(Code(code))
}

#[traced(err(type = e.code()))]
fn boxed(code: u16) -> Pin<Box<dyn Future<Output = Coded> + Send>> {
    Box::pin(async move { Err(Code(code)) })
}

#[traced(err(type = e.code()))]
fn opaque(code: u16) -> impl Future<Output = Coded> {
    async move { Err(Code(code)) }
}

#[traced(err = off)]
async fn off_later(code: u16) -> Coded {
    Err(Code(code))
}

#[test]
fn errors_of_futures_are_judged() {
    let tree = recorded_async(async {
        let _ = later(404).await;
        let _ = later(500).await;
        let _ = boxed(1).await;
        let _ = opaque(1).await;
        let _ = off_later(1).await;
    });
    assert_eq!(
        tree,
        "later expected: error code 404 (Code)\n\
         later failed: error code 500 (Code)\n\
         boxed failed: error code 1 (Code) of type 1\n\
         opaque failed: error code 1 (Code) of type 1\n\
         off_later\n"
    );
}

#[traced(err(expected = panics(e), type = "before"))]
fn judged_by_panic() -> Coded {
    Err(Code(1))
}

fn panics(_: &Code) -> bool {
    panic!("on purpose")
}

#[test]
fn what_panics_while_it_judges_says_nothing() {
    let tree = recorded(|| assert_eq!(judged_by_panic(), Err(Code(1))));
    assert_eq!(tree, "judged_by_panic failed: error code 1 (Code)\n");
}

#[traced(cancel = error)]
async fn must_end() {
    std::future::pending::<()>().await;
}

#[traced]
async fn may_be_dropped() {
    std::future::pending::<()>().await;
}

#[test]
fn a_dropped_future_has_failed_if_that_is_said() {
    let tree = recorded_async(async {
        tokio::select! {
            biased;
            () = must_end() => {}
            () = may_be_dropped() => {}
            () = tokio::task::yield_now() => {}
        }
    });
    assert_eq!(tree, "must_end cancelled, an error\nmay_be_dropped cancelled\n");
}

fn made(code: u16) -> Pin<Box<dyn Future<Output = Coded> + Send>> {
    Box::pin(std::future::ready(Err(Code(code))))
}

#[traced(err(expected = e.is_not_found()))]
fn returned(code: u16) -> Pin<Box<dyn Future<Output = Coded> + Send>> {
    made(code)
}

#[traced(err = off)]
fn returned_off(code: u16) -> impl Future<Output = Coded> {
    made(code)
}

#[traced(cancel = error)]
fn returned_pending() -> impl Future<Output = ()> {
    std::future::pending()
}

struct Store;

/// Each function takes what goes with it.
#[traced(err(expected = Code::is_not_found), cancel = error)]
impl Store {
    fn load(code: u16) -> Result<u8, Code> {
        Err(Code(code))
    }

    /// Of which the block does not see that it is a `Result`.
    fn alias(code: u16) -> Coded {
        Err(Code(code))
    }

    #[traced(err(expected))]
    fn own(code: u16) -> Coded {
        Err(Code(code))
    }

    async fn wait(&self) -> String {
        std::future::pending().await
    }

    #[traced(err = off)]
    async fn refresh(&self) -> Result<(), Code> {
        Err(Code(404))
    }

    fn len(&self) -> usize {
        size_of_val(self)
    }

    fn name(name: String) -> Option<String> {
        Some(name)
    }
}

#[test]
fn errors_of_returned_futures_and_in_blocks_are_judged() {
    let tree = recorded_async(async {
        let _ = returned(404).await;
        let _ = returned(500).await;
        let _ = returned_off(500).await;
        let _ = (Store::load(404), Store::alias(404), Store::own(500));
        let _ = Store.refresh().await;
        let _ = (Store.len(), Store::name(String::new()));
        tokio::select! {
            biased;
            () = returned_pending() => {}
            _ = Store.wait() => {}
            () = tokio::task::yield_now() => {}
        }
    });
    assert_eq!(
        tree,
        "returned expected: error code 404 (Code)\n\
         returned failed: error code 500 (Code)\n\
         returned_off\n\
         Store::load expected: error code 404 (Code)\n\
         Store::alias failed: error code 404 (Code)\n\
         Store::own expected: error code 500 (Code)\n\
         Store::refresh\n\
         Store::len\n\
         Store::name\n\
         returned_pending cancelled, an error\n\
         Store::wait cancelled, an error\n"
    );
}
