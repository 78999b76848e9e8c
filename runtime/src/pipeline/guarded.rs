//! Runs other people's code, exporters and callbacks, so that its panics stay its own.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::export::BoxFuture;

/// Calls it; the panic's message if it panics.
///
/// Whatever it was about may be left in a bad state; it is an exporter's own, and is only ever called again
/// through here.
pub(super) fn call<T>(f: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(f)).map_err(|payload| message(payload.as_ref()))
}

/// Makes a future and drives it; the panic's message if one of both panics.
pub(super) async fn run<'a>(make: impl FnOnce() -> BoxFuture<'a, ()>) -> Result<(), String> {
    Guarded(Some(call(make)?)).await
}

struct Guarded<'a>(Option<BoxFuture<'a, ()>>);

impl Future for Guarded<'_> {
    type Output = Result<(), String>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(future) = &mut self.0 else { return Poll::Ready(Ok(())) };
        match call(|| future.as_mut().poll(cx)) {
            Ok(poll) => poll.map(Ok),
            Err(message) => Poll::Ready(Err(message)),
        }
    }
}

impl Drop for Guarded<'_> {
    fn drop(&mut self) {
        // A future that is dropped at a deadline may panic as well. The panic hook has told of it.
        let future = self.0.take();
        let _ = call(|| drop(future));
    }
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a value that is no text").to_owned()
}
