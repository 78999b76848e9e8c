//! Three services of a shop in one process, and three of its customers. It shows their traces in the terminal:
//!
//! ```sh
//! cargo run --bin quickstart
//! ```
//!
//! The same to Jaeger (or anything else that understands OTLP), and to Zipkin:
//!
//! ```sh
//! OTEL_TRACES_EXPORTER=otlp cargo run --bin quickstart
//! OTEL_TRACES_EXPORTER=zipkin cargo run --bin quickstart
//! ```
//!
//! Look for: the second attempt at a charge, since the till was not open; the notification that outlives the request;
//! the error with its causes, where it came up, and nowhere twice; and what was cancelled, in all three services,
//! when a customer gave up. The services are in `shop.rs`.

use std::error::Error;
use std::time::Duration;

use tokio::time::timeout;
use traced::traced;
use traced_examples::http::{self, CallError, Server};
use traced_examples::shop::{self, Order, Service};

fn main() -> Result<(), Box<dyn Error>> {
    let _telemetry = telemetry()?;
    open_shop()
}

/// From the environment alone, this would be `traced::init()`.
fn telemetry() -> Result<traced::Telemetry, traced::InstallError> {
    let builder = traced::builder().service("quickstart");
    match std::env::var("OTEL_TRACES_EXPORTER") {
        Ok(chosen) if !chosen.is_empty() => builder.install(),
        _ => builder.console().install(),
    }
}

#[tokio::main]
async fn open_shop() -> Result<(), Box<dyn Error>> {
    const ANY_PORT: &str = "127.0.0.1:0";
    let payments = Service::named("payments");
    let payments = Server::start(ANY_PORT, shop::payments(payments)).await?;
    let inventory = Service::named("inventory").calling(&payments.url);
    let inventory = Server::start(ANY_PORT, shop::inventory(inventory)).await?;
    let orders = Service::named("orders").calling(&inventory.url);
    let orders = Server::start(ANY_PORT, shop::orders(orders)).await?;

    let url = format!("{}/orders", orders.url);
    let (book, piano, island) = (
        Order::new(1, &["book", "bookmark"], 2_499),
        Order::new(2, &["piano"], 499_900),
        Order::new(3, &["island"], 120_000_000),
    );
    // What becomes of them is in the traces.
    let _ = buy(&url, &book).await;
    let _ = buy(&url, &piano).await;
    let _ = timeout(Duration::from_millis(250), buy(&url, &island)).await;

    for server in [orders, inventory, payments] {
        server.stop().await?;
    }
    Ok(())
}

#[traced]
async fn buy(shop: &str, order: &Order) -> Result<String, CallError> {
    http::post(shop.to_owned(), order).await
}
