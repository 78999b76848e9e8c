//! The attribute with the real recorder. A binary of its own: the tests of `attribute` install another one.

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
checkout [server] order.lines=2 customer=Bob error.type=attribute_captured::SoldOut error: cake is sold out
  reserve one item=tea
  reserve one item=cake error.type=attribute_captured::SoldOut error: cake is sold out
    - exception exception.type=attribute_captured::SoldOut exception.message=cake is sold out
wait
  - cancelled
"
    );
    let reserve = capture.find("reserve one").unwrap();
    assert_eq!(reserve.attribute("code.function.name").unwrap().as_str(), "attribute_captured::reserve");
}
