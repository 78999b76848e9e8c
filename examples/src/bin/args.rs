//! What is recorded of a function's arguments and of what it returns, and what becomes known on the way.
//!
//! ```sh
//! OTEL_TRACES_EXPORTER=console cargo run --bin args
//! ```

use traced::{Redacted, at_most, traced};

#[derive(Debug)]
struct Query<'a> {
    table: &'a str,
    limit: Option<u32>,
}

/// All parameters: those that are no plain values as they print for programmers. And what comes of it.
#[traced(args, ret)]
fn search(query: &Query<'_>, page: usize, token: Redacted<&str>) -> Result<usize, String> {
    if token.is_empty() {
        return Err("no token".to_owned());
    }
    Ok(fetch(query, page, "connection 7"))
}

/// All but one; and two fields that are known later.
#[traced(kind = Client, skip(connection), fields(query = query.table, limit = query.limit, rows = Empty, plan = Empty))]
fn fetch(query: &Query<'_>, page: usize, connection: &str) -> usize {
    traced::record!(plan = at_most(12, format!("scan {} on {connection}", query.table)));
    let rows = query.limit.map_or(100, |limit| limit as usize) * page;
    traced::record!(rows);
    rows
}

fn main() -> Result<(), traced::InstallError> {
    let _telemetry = traced::init()?;
    let query = Query { table: "orders", limit: Some(20) };
    _ = search(&query, 2, Redacted("secret"));
    Ok(())
}
