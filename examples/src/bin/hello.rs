//! What the README opens with:
//!
//! ```sh
//! OTEL_SERVICE_NAME=shop OTEL_TRACES_EXPORTER=console cargo run --bin hello
//! ```

use std::num::ParseIntError;
use traced::traced;

#[traced(fields(order.id = id))]
fn place_order(id: u32, price: &str) -> Result<u32, ParseIntError> {
    traced::current().event("stock checked", [("left", 3)]);
    charge(price)
}

#[traced(fields(price))]
fn charge(price: &str) -> Result<u32, ParseIntError> {
    price.parse() // An `Err` is recorded without asking.
}

fn main() -> Result<(), traced::InstallError> {
    let _telemetry = traced::init()?; // Until this is dropped; OTEL_* says where spans go.
    _ = place_order(7, "12 euros");
    Ok(())
}
