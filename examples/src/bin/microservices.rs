//! One service of the shop, as a process of its own. In three terminals:
//!
//! ```sh
//! OTEL_SERVICE_NAME=payments  cargo run --bin microservices payments  --listen 127.0.0.1:8003
//! OTEL_SERVICE_NAME=inventory cargo run --bin microservices inventory --listen 127.0.0.1:8002 --next http://127.0.0.1:8003
//! OTEL_SERVICE_NAME=orders    cargo run --bin microservices orders    --listen 127.0.0.1:8001 --next http://127.0.0.1:8002
//! ```
//!
//! and in a fourth, to buy something:
//!
//! ```sh
//! curl 127.0.0.1:8001/orders --json '{"id": 1, "items": ["book"], "cents": 2499, "kilograms": 0.8, "gift": true}'
//! ```
//!
//! Each ends when its standard input does (Ctrl-D): it answers what it has been asked, and sends the rest of its spans.
//! Look for: one trace over three processes, in Jaeger by default, in Zipkin with `OTEL_TRACES_EXPORTER=zipkin`.

use std::error::Error;
use std::{env, io};

use traced::{Builder, Telemetry};
use traced_examples::dump::Dump;
use traced_examples::http::Server;
use traced_examples::shop::{self, Service};

const USAGE: &str = "usage: microservices orders|inventory|payments [--listen ADDRESS] [--next URL]";

fn main() -> Result<(), Box<dyn Error>> {
    let _telemetry = telemetry()?;
    serve(env::args().skip(1))
}

#[tokio::main]
async fn serve(mut arguments: impl Iterator<Item = String>) -> Result<(), Box<dyn Error>> {
    let role = arguments.next().ok_or(USAGE)?;
    let (mut listen, mut next) = ("127.0.0.1:0".to_owned(), String::new());
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--listen" => listen = arguments.next().ok_or(USAGE)?,
            "--next" => next = arguments.next().ok_or(USAGE)?,
            _ => return Err(USAGE.into()),
        }
    }
    let service = Service::default().calling(&next);
    let routes = match role.as_str() {
        "orders" => shop::orders(service),
        "inventory" => shop::inventory(service),
        "payments" => shop::payments(service),
        _ => return Err(USAGE.into()),
    };
    let server = Server::start(listen, routes).await?;
    println!("listening on {}", server.url);
    tokio::task::spawn_blocking(|| io::copy(&mut io::stdin(), &mut io::sink())).await??;
    Ok(server.stop().await?)
}

/// All of it from the environment, unless a test wants to know what was recorded: what is given in code replaces what
/// the environment says, so that the one exporter that the test is about is given in code, too.
fn telemetry() -> Result<Telemetry, Box<dyn Error>> {
    let Some(dump) = env::var_os("TRACED_EXAMPLE_DUMP") else { return Ok(traced::init()?) };
    let export: fn(Builder, String) -> Builder = match env::var("OTEL_TRACES_EXPORTER").as_deref() {
        Ok("zipkin") => Builder::zipkin,
        _ => Builder::otlp,
    };
    let builder = export(traced::builder(), env::var("TRACED_EXAMPLE_BACKEND")?);
    Ok(builder.exporter(Dump::to(dump)?).install()?)
}
