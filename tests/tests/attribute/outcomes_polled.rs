//! A `Poll` of a `Result` fails as that does.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use futures_util::{Stream, StreamExt, stream};
use traced::traced;

use crate::recorder::{recorded, recorded_async};

type Polled<T, E = String> = Poll<Result<T, E>>;

type PolledOption<T> = Poll<Option<T>>;

type Done<E> = Result<(), E>;

/// A reader that has as many items as it says, and then fails.
struct Items(u8);

impl Items {
    #[traced]
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), fmt::Error>> {
        match self.0 {
            0 => Poll::Ready(Err(fmt::Error)),
            1 => Poll::Pending,
            _ => Poll::Ready(Ok(())),
        }
    }

    #[traced(ret, err(type = "empty", expected = e.is_empty()))]
    fn poll_judged(&self, error: &str) -> Polled<u8> {
        if self.0 == 0 { Poll::Ready(Err(error.to_owned())) } else { Poll::Ready(Ok(self.0)) }
    }

    #[traced(err = off)]
    fn poll_not_looked_at(&self) -> Polled<u8> {
        Poll::Ready(Err(self.0.to_string()))
    }

    #[traced]
    fn poll_hidden(&self) -> Poll<Result<impl Sized, impl fmt::Display>> {
        if self.0 == 0 { Poll::Ready(Err("hidden")) } else { Poll::Ready(Ok(self.0)) }
    }

    #[traced]
    fn poll_hidden_value(&self) -> Poll<impl Sized> {
        if self.0 == 0 { Poll::Pending } else { Poll::Ready(self.0) }
    }

    #[traced]
    fn poll_hidden_option(&self) -> PolledOption<impl Sized> {
        if self.0 == 0 { Poll::Pending } else { Poll::Ready(Some(self.0)) }
    }

    #[traced]
    fn poll_hidden_item(&self) -> Poll<Option<Result<impl Sized, impl fmt::Display>>> {
        if self.0 == 0 { Poll::Ready(Some(Err("hidden"))) } else { Poll::Ready(Some(Ok(self.0))) }
    }
}

impl Stream for Items {
    type Item = Result<u8, String>;

    #[traced(ret)]
    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0 = self.0.wrapping_sub(1);
        Poll::Ready(match self.0 {
            u8::MAX => Some(Err("no more".to_owned())),
            0 => None,
            left => Some(Ok(left)),
        })
    }
}

#[traced(err(type = "of a block"))]
impl Items {
    fn poll_of_block(&self) -> Poll<Result<(), String>> {
        Poll::Ready(Err(self.0.to_string()))
    }
}

#[test]
fn ready_with_an_error_is_a_failure() {
    let mut context = Context::from_waker(Waker::noop());
    let tree = recorded(|| {
        for items in 0..3 {
            let _ = Items(items).poll_ready(&mut context);
        }
        let _ = (Items(1).poll_judged(""), Items(0).poll_judged(""), Items(0).poll_judged("late"));
        let _ = (Items(0).poll_not_looked_at(), Items(0).poll_of_block());
        let _ = (Items(0).poll_hidden(), Items(0).poll_hidden_item(), Items(1).poll_hidden());
        let _ = (Items(1).poll_hidden_value(), Items(1).poll_hidden_option(), hidden_in_alias());
        for items in 0..3 {
            let _ = Items(items).poll_next_unpin(&mut context);
        }
    });
    assert_eq!(
        tree,
        "Items::poll_ready failed: error an error occurred when formatting an argument (Error)\n\
         Items::poll_ready\n\
         Items::poll_ready\n\
         Items::poll_judged return=1\n\
         Items::poll_judged expected: display  (String) of type empty\n\
         Items::poll_judged failed: display late (String) of type empty\n\
         Items::poll_not_looked_at\n\
         Items::poll_of_block failed: display 0 (String) of type of a block\n\
         Items::poll_hidden failed: display hidden (&str)\n\
         Items::poll_hidden_item failed: display hidden (&str)\n\
         Items::poll_hidden\n\
         Items::poll_hidden_value\n\
         Items::poll_hidden_option\n\
         hidden_in_alias failed: display hidden (String)\n\
         Items::poll_next failed: display no more (String)\n\
         Items::poll_next\n\
         Items::poll_next return=1\n"
    );
}

#[traced]
fn hidden_in_alias() -> Done<impl fmt::Display> {
    let text = String::from("hidden");
    Err(text)
}

#[traced]
fn hidden_later() -> impl Future<Output = Result<u8, impl fmt::Display>> {
    std::future::ready(Err("hidden"))
}

#[traced]
fn hidden_poll_later() -> impl Future<Output = Poll<Result<u8, impl fmt::Display>>> {
    std::future::ready(Poll::Ready(Err("hidden")))
}

#[traced]
async fn later() -> Polled<()> {
    Poll::Ready(Err("late".to_owned()))
}

#[traced]
fn polls() -> impl Stream<Item = Polled<u8>> {
    stream::iter([Poll::Ready(Ok(1)), Poll::Ready(Err("last".to_owned()))])
}

#[test]
fn so_is_what_a_future_or_a_stream_yields() {
    let tree = recorded_async(async {
        let _ = later().await;
        assert_eq!(polls().count().await, 2);
        let _ = (hidden_later().await, hidden_poll_later().await);
    });
    assert_eq!(
        tree,
        "later failed: display late (String)\n\
         polls stream.items=2 failed: display last (String)\n\
         hidden_later failed: display hidden (&str)\n\
         hidden_poll_later failed: display hidden (&str)\n"
    );
}
