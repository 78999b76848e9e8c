//! Arguments that are moved, borrowed and pinned by the body of a future.
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use traced::traced;

struct NotClone(String);

#[traced(fields(length = given.0.len()))]
async fn moves(given: NotClone, taken: &mut Vec<String>) -> &mut String {
    taken.push(given.0);
    taken.last_mut().unwrap()
}

#[traced]
async fn borrows<'a, 'b: 'a>(a: &'a str, b: &'b str) -> Result<&'a str, &'b str> {
    if a.is_empty() { Err(b) } else { Ok(a) }
}

fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!(),
    }
}

fn main() {
    let mut taken = vec![];
    now(moves(NotClone("a".to_owned()), &mut taken)).push('b');
    assert_eq!(taken, ["ab"]);
    assert_eq!(now(borrows("", "b")), Err("b"));
}
