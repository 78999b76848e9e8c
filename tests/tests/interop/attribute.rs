//! The attribute with the real recorder: the tests of the attribute itself have one of their own.

use traced::traced;

#[derive(Debug, thiserror::Error)]
#[error("{0} is sold out")]
struct SoldOut(&'static str);

#[traced(kind = Server, fields(order.lines = lines.len(), %customer))]
async fn checkout(customer: &str, lines: Vec<&'static str>) -> Result<usize, SoldOut> {
    let mut reserved = 0;
    for line in lines {
        tokio::task::yield_now().await;
        reserved += reserve(line)?;
    }
    Ok(reserved)
}

#[traced("reserve one", fields(item))]
fn reserve(item: &'static str) -> Result<usize, SoldOut> {
    if item == "cake" { Err(SoldOut(item)) } else { Ok(1) }
}

#[traced]
async fn wait() {
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn a_tree_of_spans() {
    let capture = traced::testing::capture();
    assert_eq!(checkout("Ada", vec!["tea"]).await.unwrap(), 1);
    checkout("Bob", vec!["tea", "cake"]).await.unwrap_err();
    tokio::select! {
        biased;
        () = wait() => {}
        () = tokio::task::yield_now() => {}
    }
    assert_eq!(
        capture.tree(),
        "\
checkout [server] order.lines=1 customer=Ada
  reserve one item=tea
checkout [server] order.lines=2 customer=Bob error.type=interop::attribute::SoldOut error: cake is sold out
  reserve one item=tea
  reserve one item=cake error.type=interop::attribute::SoldOut error: cake is sold out
    - exception exception.type=interop::attribute::SoldOut exception.message=cake is sold out
wait
  - cancelled
"
    );
    let reserve = capture.find("reserve one").unwrap();
    assert_eq!(reserve.attribute("code.function.name").unwrap().as_str(), "interop::attribute::reserve");
}

/// Holds any error, and prints a backtrace, as `anyhow::Error` does. Counts how often.
struct Any(Box<dyn std::error::Error + Send + Sync>, std::cell::Cell<u32>);

impl AsRef<dyn std::error::Error + Send + Sync> for Any {
    fn as_ref(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
        &*self.0
    }
}

impl std::fmt::Debug for Any {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.1.set(self.1.get() + 1);
        write!(f, "{}\n\nStack backtrace:\n   0: here", self.0)
    }
}

#[traced]
fn inner() -> Result<(), Any> {
    Err(Any(SoldOut("cake").into(), std::cell::Cell::default()))
}

#[traced]
fn outer() -> Result<(), Any> {
    inner()
}

#[test]
fn a_backtrace_is_printed_once_however_many_functions_the_error_passes_through() {
    let capture = traced::testing::capture();
    let error = outer().unwrap_err();
    assert_eq!(error.1.get(), 1);
    let inner = capture.find("inner").unwrap();
    let trace = inner.event("exception").unwrap().attributes.last().unwrap().value.as_str().into_owned();
    assert!(trace.ends_with("Stack backtrace:\n   0: here"), "{trace}");
    assert!(capture.find("outer").unwrap().events.is_empty());
}
