//! What a filter leaves out, and that it can be changed while the program runs.
//!
//! ```sh
//! OTEL_TRACES_EXPORTER=console cargo run --bin filter
//! OTEL_TRACES_EXPORTER=console TRACED_FILTER=info,db=off cargo run --bin filter
//! ```
//!
//! The second order is shown in detail, whatever `TRACED_FILTER` says.

use traced::traced;

#[traced(args)]
fn order(id: u32) {
    for line in 0..2 {
        price(line);
    }
    save();
    // A trace of its own, linked to this one.
    audit(&traced::Carry::current());
}

#[traced(level = "debug", args)]
fn price(line: u32) {
    look_up();
}

#[traced(level = "trace")]
fn look_up() {}

#[traced(target = "db", kind = Client, name = format!("INSERT {}", "orders"))]
fn save() {}

#[traced(root, follows_from = cause)]
fn audit(cause: &traced::Carry) {}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let telemetry = traced::init()?;
    if std::env::var_os("TRACED_FILTER").is_none() {
        telemetry.set_filter("info")?;
    }
    order(1);
    telemetry.set_filter("trace")?;
    order(2);
    Ok(())
}
