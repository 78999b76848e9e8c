use std::future::{Future, ready};
use std::pin::Pin;
use traced::traced;

trait Fused {}
impl<T> Fused for std::future::Ready<T> {}

#[traced]
fn not_only_a_future() -> impl Future<Output = u8> + Send + Fused {
    ready(1)
}

#[traced]
fn wrong_output() -> impl Future<Output = u8> {
    ready("a")
}

#[traced]
fn wrong_output_in_a_box() -> Pin<Box<dyn Future<Output = u8> + Send>> {
    let future = ready("a");
    Box::pin(future)
}

#[traced]
fn no_future() -> impl Future<Output = u8> {
    1
}

#[traced(ret)]
fn many() -> impl futures_util::Stream<Item = u8> {
    futures_util::stream::iter([1])
}

fn main() {
    let _ = many();
    let _ = (not_only_a_future(), wrong_output(), wrong_output_in_a_box(), no_future());
}
