//! The argument `err` on futures, on what returns one, and on blocks.

#![allow(clippy::unused_self, reason = "whether a method needs it is nothing to the attribute")]

use std::pin::Pin;

use traced::traced;

use crate::args_err::{Code, Coded};
use crate::recorder::recorded_async;

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

    /// What holds a `Result` is none.
    fn loaded(code: u16) -> Option<Result<u8, Code>> {
        Some(Err(Code(code)))
    }

    fn all(code: u16) -> Vec<Result<u8, Code>> {
        vec![Err(Code(code))]
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
        let _ = (Store.len(), Store::name(String::new()), Store::loaded(1), Store::all(1));
        tokio::select! {
            biased;
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
         Store::loaded\n\
         Store::all\n\
         Store::wait cancelled, an error\n"
    );
}

fn length(text: &str) -> u16 {
    text.len().try_into().unwrap()
}

struct Limits(bool);

/// What `err` mentions is there after the body, and with what is returned.
impl Limits {
    #[traced(err(expected = tolerant))]
    fn sync(&self, tolerant: bool) -> Coded {
        Err(Code(u16::from(tolerant)))
    }

    #[traced(err(expected = self.0, type = step))]
    async fn future(&mut self, step: &str) -> Coded {
        tokio::task::yield_now().await;
        Err(Code(length(step)))
    }

    #[traced(err(expected = tolerant, type = step))]
    fn boxed(step: &'static str, tolerant: bool) -> Pin<Box<dyn Future<Output = Coded> + Send>> {
        Box::pin(async move { if tolerant { Err(Code(1)) } else { later(length(step)).await } })
    }

    #[traced(err(expected = tolerant && self.0, type = step))]
    fn early<'a>(
        &'a self,
        step: &'a str,
        tolerant: bool,
    ) -> Pin<Box<dyn Future<Output = Coded> + Send + 'a>> {
        if step.is_empty() {
            return Box::pin(async { Err(Code(2)) });
        }
        Box::pin(self.opaque(step, tolerant))
    }

    #[traced(err(expected = tolerant, type = step))]
    fn opaque(&self, step: &str, tolerant: bool) -> impl Future<Output = Coded> {
        let code = length(step);
        async move { Err(Code(code)) }
    }

    #[traced(err(expected = |error| is_expected(error) && error.0 == 3))]
    fn by_parameter(is_expected: impl Fn(&Code) -> bool + Copy) -> Coded {
        Err(Code(3))
    }

    #[traced(err(expected = is_expected))]
    fn by_itself(is_expected: fn(&Code) -> bool) -> Coded {
        Err(Code(4))
    }
}

#[test]
fn what_is_said_may_be_a_parameter() {
    let tree = recorded_async(async {
        let mut limits = Limits(true);
        let _ = (limits.sync(true), limits.sync(false));
        let _ = limits.future("one").await;
        let _ = Limits::boxed("two", true).await;
        let _ = limits.early("", true).await;
        let _ = limits.early("three", false).await;
        let _ = (Limits::by_parameter(|_| true), Limits::by_itself(|_| true));
    });
    assert_eq!(
        tree,
        "Limits::sync expected: error code 1 (Code)\n\
         Limits::sync failed: error code 0 (Code)\n\
         Limits::future expected: error code 3 (Code) of type one\n\
         Limits::boxed expected: error code 1 (Code) of type two\n\
         Limits::early expected: error code 2 (Code)\n\
         Limits::early failed: error code 5 (Code) of type three\n  \
           Limits::opaque failed: error code 5 (Code) of type three\n\
         Limits::by_parameter expected: error code 3 (Code)\n\
         Limits::by_itself expected: error code 4 (Code)\n"
    );
}
