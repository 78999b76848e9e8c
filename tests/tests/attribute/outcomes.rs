use std::error::Error;
use std::fmt;
use std::num::ParseIntError;
use std::panic::{AssertUnwindSafe, catch_unwind};

use traced::traced;

use crate::recorder::{recorded, recorded_async};

type Parsed<T = u8> = Result<T, ParseIntError>;

#[derive(Debug)]
struct Borrowing<'a>(&'a str);

impl fmt::Display for Borrowing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no {}", self.0)
    }
}

impl Error for Borrowing<'_> {}

struct Opaque;

#[derive(Debug, thiserror::Error)]
#[error("not found")]
struct NotFound;

#[traced]
fn alias(text: &str) -> Parsed {
    let parsed = text.parse()?;
    Ok(parsed)
}

#[traced]
fn any() -> anyhow::Result<()> {
    anyhow::bail!("any")
}

#[traced]
fn boxed() -> Result<(), Box<dyn Error>> {
    Err("boxed".into())
}

#[traced]
fn boxed_shared() -> Result<(), Box<dyn Error + Send + Sync>> {
    Err("boxed")?
}

#[traced]
fn text() -> Result<(), String> {
    Err("text".to_owned())
}

#[traced]
fn opaque() -> Result<(), Opaque> {
    Err(Opaque)
}

#[traced]
fn borrowing<'a>(values: &'a mut [u8], key: &'a str) -> Result<&'a mut u8, Borrowing<'a>> {
    values.first_mut().ok_or(Borrowing(key))
}

#[traced]
fn generic<T, E: fmt::Display>(error: E) -> Result<T, E> {
    Err(error)
}

#[traced]
fn hidden() -> Result<impl fmt::Display, NotFound> {
    if true {
        return Err(NotFound);
    }
    Ok(1)
}

#[traced]
fn fine() -> Result<u8, NotFound> {
    Ok(1)
}

#[test]
fn every_error_is_seen_without_annotation() {
    let tree = recorded(|| {
        let _ = alias("x");
        let _ = alias("1");
        let _ = any();
        let _ = boxed();
        let _ = boxed_shared();
        let _ = text();
        let _ = opaque();
        let _ = borrowing(&mut [], "key");
        let _ = generic::<u8, _>(1);
        let _ = hidden();
        let _ = fine();
    });
    assert_eq!(
        tree,
        "alias failed: error invalid digit found in string (ParseIntError)\n\
         alias\n\
         any failed: dynamic any (Error)\n\
         boxed failed: dynamic boxed (Error>)\n\
         boxed_shared failed: dynamic boxed (Sync>)\n\
         text failed: display text (String)\n\
         opaque failed: opaque (Opaque)\n\
         borrowing failed: error no key (Borrowing)\n\
         generic failed: display 1 (i32)\n\
         hidden failed: error not found (NotFound)\n\
         fine\n"
    );
}

#[traced]
async fn alias_async(text: &str) -> Parsed {
    tokio::task::yield_now().await;
    let parsed = text.parse()?;
    Ok(parsed)
}

#[traced]
async fn any_async() -> anyhow::Result<()> {
    anyhow::bail!("any")
}

#[traced]
async fn borrowing_async<'a>(values: &'a mut [u8], key: &'a str) -> Result<&'a mut u8, Borrowing<'a>> {
    values.first_mut().ok_or(Borrowing(key))
}

#[traced]
async fn opaque_async() -> Result<impl fmt::Display, Opaque> {
    if true {
        return Err(Opaque);
    }
    Ok(1)
}

#[test]
fn errors_of_futures() {
    let tree = recorded_async(async {
        let _ = alias_async("x").await;
        let _ = any_async().await;
        let _ = borrowing_async(&mut [], "key").await;
        let _ = opaque_async().await;
    });
    assert_eq!(
        tree,
        "alias_async failed: error invalid digit found in string (ParseIntError)\n\
         any_async failed: dynamic any (Error)\n\
         borrowing_async failed: error no key (Borrowing)\n\
         opaque_async failed: opaque (Opaque)\n"
    );
}

#[traced]
fn panics() -> Result<(), NotFound> {
    panic!("on purpose")
}

#[traced]
fn panics_guarded() {
    panic!("on purpose")
}

#[traced]
fn never() -> ! {
    panic!("on purpose")
}

#[traced]
async fn panics_async() {
    tokio::task::yield_now().await;
    panic!("on purpose")
}

#[traced]
async fn never_async() -> ! {
    loop {
        inner();
        assert!(is_odd(3).await, "on purpose");
        assert!(is_odd(2).await, "on purpose");
    }
}

async fn is_odd(n: u8) -> bool {
    tokio::task::yield_now().await;
    n % 2 == 1
}

#[traced]
fn inner() {}

#[test]
fn a_panic_ends_the_span() {
    let tree = recorded(|| {
        let _ = catch_unwind(panics);
        let _ = catch_unwind(panics_guarded);
        let _ = catch_unwind(|| never());
    });
    assert_eq!(tree, "panics panicked\npanics_guarded panicked\nnever panicked\n");
    let tree = recorded(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let _ = catch_unwind(AssertUnwindSafe(|| runtime.block_on(panics_async())));
        let _ = catch_unwind(AssertUnwindSafe(|| runtime.block_on(async { never_async().await })));
    });
    assert_eq!(tree, "panics_async panicked\nnever_async panicked\n  inner\n");
}

struct Cleanup;

impl Drop for Cleanup {
    fn drop(&mut self) {
        inner();
    }
}

#[traced]
async fn pending() {
    let _cleanup = Cleanup;
    std::future::pending::<()>().await;
}

#[test]
fn a_pending_future_that_is_dropped_is_cancelled() {
    let tree = recorded_async(async {
        tokio::select! {
            biased;
            () = pending() => {}
            () = tokio::task::yield_now() => {}
        }
        drop(pending());
    });
    assert_eq!(tree, "pending cancelled\n  inner\n");
}

#[traced]
fn cleans_up(cleanup: Cleanup) -> Parsed {
    let _ = &cleanup;
    alias("x")
}

#[traced]
fn cleans_up_guarded() {
    let _cleanup = Cleanup;
}

#[traced]
fn cleans_up_argument(_: u8, cleanup: Cleanup) {
    let _ = &cleanup;
}

#[traced]
async fn cleans_up_async(cleanup: Cleanup) {
    let _ = &cleanup;
}

#[test]
fn spans_of_destructors_are_children() {
    let tree = recorded_async(async {
        let _ = cleans_up(Cleanup);
        cleans_up_guarded();
        cleans_up_argument(1, Cleanup);
        cleans_up_async(Cleanup).await;
    });
    assert_eq!(
        tree,
        "cleans_up failed: error invalid digit found in string (ParseIntError)\n\
         \x20 alias failed: error invalid digit found in string (ParseIntError)\n\
         \x20 inner\n\
         cleans_up_guarded\n\
         \x20 inner\n\
         cleans_up_argument\n\
         \x20 inner\n\
         cleans_up_async\n\
         \x20 inner\n"
    );
}
