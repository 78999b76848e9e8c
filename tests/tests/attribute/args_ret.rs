use std::fmt;

use traced::traced;

use crate::recorder::{recorded, recorded_async};

#[derive(Debug)]
struct Receipt(u32);

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "receipt {}", self.0)
    }
}

type Answer<T> = Result<T, String>;

#[traced(ret)]
fn typed(id: u32) -> u32 {
    id
}

#[traced(ret)]
fn printed() -> Receipt {
    Receipt(1)
}

#[traced(ret = ?)]
fn debug() -> &'static str {
    "text"
}

#[traced(ret = %, args)]
fn display(id: u32) -> Receipt {
    Receipt(id)
}

#[traced(ret)]
fn in_ok(id: u32) -> Answer<u32> {
    if id == 0 { Err("zero".to_owned()) } else { Ok(id) }
}

#[traced(ret)]
fn option(id: u32) -> Option<u32> {
    (id > 0).then_some(id)
}

#[traced(ret)]
fn nothing() {}

#[traced(ret)]
fn borrowed(text: &mut String) -> &mut String {
    text.push('!');
    text
}

#[traced(ret)]
fn opaque() -> impl Iterator<Item = u8> + fmt::Debug {
    [1_u8].into_iter().take(1)
}

#[test]
fn what_is_returned_is_recorded() {
    let tree = recorded(|| {
        typed(7);
        printed();
        debug();
        display(3);
        in_ok(1).unwrap();
        in_ok(0).unwrap_err();
        option(1);
        option(0);
        nothing();
        borrowed(&mut "hi".to_owned()).push('?');
        assert_eq!(opaque().count(), 1);
    });
    assert_eq!(
        tree,
        "typed return=7\n\
         printed return=Receipt(1)\n\
         debug return=\"text\"\n\
         display id=3 return=receipt 3\n\
         in_ok return=1\n\
         in_ok failed: display zero (String)\n\
         option return=1\n\
         option\n\
         nothing return=()\n\
         borrowed return=\"hi!\"\n\
         opaque return=Take { iter: IntoIter([1]), n: 1 }\n"
    );
}

#[traced(ret)]
async fn later(id: u32) -> Answer<Receipt> {
    tokio::task::yield_now().await;
    if id == 0 { Err("zero".to_owned()) } else { Ok(Receipt(id)) }
}

#[traced(ret = %)]
fn future(id: u32) -> impl Future<Output = Receipt> {
    async move { Receipt(id) }
}

#[traced(ret, leaf)]
fn boxed(id: u32) -> std::pin::Pin<Box<dyn Future<Output = u32>>> {
    Box::pin(async move { id })
}

#[test]
fn what_a_future_returns_is_recorded() {
    let tree = recorded_async(async {
        later(1).await.unwrap();
        later(0).await.unwrap_err();
        future(2).await;
        boxed(3).await;
    });
    assert_eq!(
        tree,
        "later return=Receipt(1)\n\
         later failed: display zero (String)\n\
         future return=receipt 2\n\
         boxed return=3\n"
    );
}

struct Counted<'a>(&'a std::cell::Cell<u32>);

impl fmt::Debug for Counted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.set(self.0.get() + 1);
        f.write_str("counted")
    }
}

#[traced(ret, args)]
fn counted<'a>(count: &'a std::cell::Cell<u32>, given: Counted<'a>) -> Counted<'a> {
    let _ = count;
    given
}

#[test]
fn nothing_is_printed_unless_it_is_recorded_and_then_once() {
    let count = std::cell::Cell::new(0);
    counted(&count, Counted(&count));
    assert_eq!(count.get(), 0);
    assert_eq!(
        recorded(|| {
            counted(&count, Counted(&count));
        }),
        "counted count=Cell { value: 0 } given=counted return=counted\n"
    );
    assert_eq!(count.get(), 2);
}
