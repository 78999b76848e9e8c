//! What is bought in the shop, and what the traces of it look like.

use serde_json::{Value as Json, json};

use super::shop::{Shop, Wire, random};
use super::span::{Span, sorted, tree};

/// The span that the customers' requests come from, which no backend knows.
const CUSTOMER: &str = "00f067aa0ba902b7";

/// One customer, one trace.
pub(crate) struct Purchase {
    order: Json,
    /// Whether the customer waits for the answer.
    patient: bool,
    tree: &'static str,
}

/// A trace as the processes recorded it.
pub(crate) struct Recorded {
    pub(crate) trace: String,
    pub(crate) spans: Vec<Span>,
}

/// The first charge of the day is refused once; a bank hangs up; a customer gives up.
fn purchases() -> [Purchase; 3] {
    [
        Purchase {
            order: json!({"id": 1, "items": ["book", "größe L"], "cents": 2_499, "kilograms": 0.8, "gift": true}),
            patient: true,
            tree: "\
orders: place_order [Server]
  orders: POST [Client]
    inventory: reserve [Server] - trying again
      inventory: POST [Client] - exception error: 503 Service Unavailable: the till is not open yet
        payments: charge [Server] - exception error: the till is not open yet
      inventory: POST [Client]
        payments: charge [Server]
          payments: take_money [Internal]
  orders: notify [Internal] - mail sent
",
        },
        Purchase {
            order: json!({"id": 2, "items": [], "cents": 499_900, "kilograms": 230, "gift": false}),
            patient: true,
            tree: "\
orders: place_order [Server] error: the order is stuck
  orders: POST [Client] - exception error: 502 Bad Gateway: the order is stuck
    inventory: reserve [Server] error: the order is stuck
      inventory: POST [Client] - exception error: 502 Bad Gateway: the order is not paid
        payments: charge [Server] error: the order is not paid
          payments: take_money [Internal] - exception error: the order is not paid
",
        },
        Purchase {
            order: json!({"id": 3, "items": ["island"], "cents": 120_000_000, "kilograms": 4e12, "gift": false}),
            patient: false,
            tree: "\
orders: place_order [Server] - cancelled
  orders: POST [Client] - cancelled
    inventory: reserve [Server] - cancelled
      inventory: POST [Client] - cancelled
        payments: charge [Server] - cancelled
          payments: take_money [Internal] - cancelled
",
        },
    ]
}

/// Opens a shop that sends its spans over this wire, buys, closes it, and returns what was recorded, having seen that
/// it is what it should be.
pub(crate) async fn played(wire: &Wire<'_>) -> (Shop, Vec<Recorded>) {
    let mut shop = Shop::open(wire).await;
    let mut recorded = Vec::new();
    for Purchase { order, patient, tree: expected } in purchases() {
        let trace = format!("{:032x}", u128::from(random()) << 64 | u128::from(random()));
        shop.buy(&order, &format!("00-{trace}-{CUSTOMER}-01"), patient).await;
        let spans = shop.recorded(&trace, expected.lines().count()).await;
        assert_eq!(tree(&spans, CUSTOMER), expected);
        recorded.push(Recorded { trace, spans: sorted(spans) });
    }
    shop.close().await;
    (shop, recorded)
}
