//! A shop of three services: orders has inventory set the goods aside, and inventory has payments take the money.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;
use traced::traced;

use crate::http::{self, CallError};

/// What somebody wants to buy.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it all")]
pub struct Order {
    pub id: u32,
    pub items: Vec<String>,
    pub cents: u64,
    pub kilograms: f64,
    pub gift: bool,
}

impl Order {
    /// An order of some things.
    #[must_use]
    pub fn new(id: u32, items: &[&str], cents: u64) -> Self {
        let items: Vec<_> = items.iter().map(ToString::to_string).collect();
        let kilograms = f64::from(id) / 2.0;
        Self { id, items, cents, kilograms, gift: false }
    }
}

/// What a service is told when it starts.
#[derive(Clone, Debug, Default)]
pub struct Service {
    /// Its name, where several services are one process. Where each is its own, `OTEL_SERVICE_NAME` says it.
    name: Option<&'static str>,
    /// Where the service that it calls listens: `http://127.0.0.1:8080`.
    next: String,
    awake: Arc<AtomicBool>,
}

impl Service {
    /// One of several in a process.
    #[must_use]
    pub fn named(name: &'static str) -> Self {
        Self { name: Some(name), ..Self::default() }
    }

    /// One that calls another, which listens there.
    #[must_use]
    pub fn calling(self, next: &str) -> Self {
        Self { next: next.to_owned(), ..self }
    }
}

/// The service that takes orders.
pub fn orders(service: Service) -> Router {
    Router::new().route("/orders", post(place_order)).with_state(service)
}

/// The service that knows what is in stock.
pub fn inventory(service: Service) -> Router {
    Router::new().route("/reservations", post(reserve)).with_state(service)
}

/// The service that takes the money.
pub fn payments(service: Service) -> Router {
    Router::new().route("/charges", post(charge)).with_state(service)
}

#[traced(kind = Server, fields(service.name, order.id))]
async fn place_order(
    State(service): State<Service>,
    Json(order): Json<Order>,
) -> Result<String, CheckoutError> {
    traced::current().set("order.items", &order.items).set("order.gift", order.gift);
    let receipt = http::post(format!("{}/reservations", service.next), &order).await?;
    traced::spawn(notify(order.id)); // Nobody waits for it, and it is part of the trace all the same.
    Ok(receipt)
}

#[traced]
async fn notify(order: u32) {
    sleep(Duration::from_millis(30)).await;
    traced::current().event("mail sent", [("order.id", order)]);
}

#[traced(kind = Server, fields(service.name, order.id))]
async fn reserve(State(service): State<Service>, Json(order): Json<Order>) -> Result<String, CheckoutError> {
    traced::current().set("order.kilograms", order.kilograms);
    let mut attempt = 1;
    loop {
        match http::post(format!("{}/charges", service.next), &order).await {
            Err(CallError::Refused(StatusCode::SERVICE_UNAVAILABLE, _)) if attempt < 3 => {
                traced::current().event("trying again", [("attempt", attempt)]);
                sleep(Duration::from_millis(10)).await;
                attempt += 1;
            }
            answer => return Ok(answer?),
        }
    }
}

#[traced(kind = Server, fields(service.name, order.id))]
async fn charge(State(service): State<Service>, Json(order): Json<Order>) -> Result<String, CheckoutError> {
    if !service.awake.swap(true, Ordering::Relaxed) {
        return Err(CheckoutError::TooEarly);
    }
    take_money(&order).await?;
    Ok(format!("order {} is paid", order.id))
}

#[traced(fields(order.cents))]
async fn take_money(order: &Order) -> Result<(), CheckoutError> {
    Ok(ask_bank(order.cents).await?)
}

async fn ask_bank(cents: u64) -> Result<(), PaymentError> {
    match cents {
        0..10_000 => sleep(Duration::from_millis(15)).await,
        10_000..1_000_000 => {
            sleep(Duration::from_millis(60)).await;
            Err(io::Error::from(io::ErrorKind::ConnectionReset))?;
        }
        _ => std::future::pending().await, // So much money: the bank has to think.
    }
    Ok(())
}

/// Why somebody did not get what they wanted.
#[derive(Debug, thiserror::Error)]
pub enum CheckoutError {
    /// A request to the next service failed.
    #[error("the order is stuck")]
    Stuck(#[from] CallError),
    /// The money could not be had.
    #[error("the order is not paid")]
    NotPaid(#[from] PaymentError),
    /// The first customer of the day has to ask twice.
    #[error("the till is not open yet")]
    TooEarly,
}

/// Why the money could not be had.
#[derive(Debug, thiserror::Error)]
pub enum PaymentError {
    /// The bank could not be asked.
    #[error("the bank hung up")]
    Bank(#[from] io::Error),
}

impl IntoResponse for CheckoutError {
    fn into_response(self) -> Response {
        let status = match self {
            CheckoutError::TooEarly => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_GATEWAY,
        };
        (status, self.to_string()).into_response()
    }
}
