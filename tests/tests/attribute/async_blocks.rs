//! An `async` block at the end of a function that is not `async`: it is the span's, and holds what it holds without it.

use std::pin::Pin;
use std::rc::Rc;

use traced::{Carry, traced};

use crate::recorder::recorded_async;

#[traced]
fn leaf() {}

#[traced]
pub(crate) fn by_hand(n: u8) -> Pin<Box<dyn Future<Output = Result<u8, String>> + Send>> {
    let doubled = n * 2;
    Box::pin(async move {
        tokio::task::yield_now().await;
        leaf();
        Err(format!("{doubled}"))?;
        Ok(1)
    })
}

#[traced(fields(text))]
fn returned<'a>(text: &'a str) -> impl Future<Output = &'a str> + Send {
    async move {
        tokio::task::yield_now().await;
        leaf();
        text
    }
}

#[test]
fn futures_returned_by_functions() {
    let tree = recorded_async(async {
        drop(by_hand(0));
        assert_eq!(by_hand(1).await, Err("2".to_owned()));
        assert_eq!(returned("a").await, "a");
    });
    assert_eq!(tree, "by_hand failed: display 2 (String)\n  leaf\nreturned text=\"a\"\n  leaf\n");
}

type Boxed = Pin<Box<dyn Future<Output = usize>>>;

/// The block holds none of the parameters.
#[traced(args(text), parent = of)]
fn holds_nothing(text: String, of: Carry) -> Boxed {
    Box::pin(async {
        leaf();
        1
    })
}

/// It holds what they were, and other variables of their names.
#[traced(ret, fields(text, length = Empty))]
fn holds_less(text: &str, _not_send: Rc<u8>) -> impl Future<Output = Result<usize, String>> + Send + use<> {
    let text = text.len();
    async move {
        tokio::task::yield_now().await;
        traced::record!(length = text);
        leaf();
        text.checked_sub(1).ok_or_else(|| "empty".to_owned())
    }
}

#[traced(args(text))]
fn gives_it_away(text: String) -> Boxed {
    drop(text);
    Box::pin(async move { 2 })
}

#[traced(fields(text))]
fn takes_it(text: String) -> Boxed {
    Box::pin(async {
        let text = text;
        text.len()
    })
}

#[traced(fields(len = text.len()))]
fn early(text: String) -> Boxed {
    if text.is_empty() {
        return Box::pin(std::future::ready(0));
    }
    Box::pin(async move { text.len() })
}

#[test]
fn a_block_holds_no_parameter_only_because_it_is_recorded() {
    let tree = recorded_async(async {
        drop(takes_it("never polled".to_owned()));
        assert_eq!(holds_nothing("a".to_owned(), Carry::default()).await, 1);
        assert_eq!(holds_less("ab", Rc::new(1)).await, Ok(1));
        assert!(holds_less("", Rc::new(1)).await.is_err());
        assert_eq!(gives_it_away("b".to_owned()).await, 2);
        assert_eq!(takes_it("abc".to_owned()).await, 3);
        assert_eq!(early("abcd".to_owned()).await, 4);
        assert_eq!(early(String::new()).await, 0);
    });
    assert_eq!(
        tree,
        "holds_nothing text=\"a\"\n\
         \x20 leaf\n\
         holds_less text=\"ab\" length=2 return=1\n\
         \x20 leaf\n\
         holds_less text=\"\" length=0 failed: display empty (String)\n\
         \x20 leaf\n\
         gives_it_away text=\"b\"\n\
         takes_it text=\"abc\"\n\
         early len=4\n\
         early len=0\n"
    );
}
