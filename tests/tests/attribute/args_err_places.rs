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
         Store::wait cancelled, an error\n"
    );
}
