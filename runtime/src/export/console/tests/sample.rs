//! One trace with everything in it.

use super::*;

/// Three services in one process; a retry, a chain of errors, a cancellation, a panic, a link.
pub(super) fn spans() -> Vec<Span> {
    let chain = "payments::PaymentError: card 4242 was declined\n\
                 Caused by: payments::gateway::GatewayError: the gateway answered 402 after 2 attempts\n\
                 Caused by: std::io::Error: connection reset by peer (os error 104)";
    let declined = |span: Span| span.failed("payments::PaymentError", "card 4242 was declined");
    vec![
        span(3, 2, "Stock::lookup", 5, 12).field("sku", "A-1").field("db.rows", 1),
        span(2, 1, "reserve_stock", 4, 38).field("items", 3).event(
            "cache miss",
            1,
            &[("key", Value::Str("stock:A-1"))],
        ),
        span(5, 4, "POST /reserve", 14, 36)
            .remote()
            .kind(2)
            .service("inventory")
            .field("http.request.method", "POST")
            .field("http.route", "/reserve")
            .field("http.response.status_code", 200),
        span(6, 5, "UPDATE stock", 17, 33)
            .kind(3)
            .field("db.system.name", "postgresql")
            .field("db.query.text", "UPDATE stock SET reserved = reserved + $1 WHERE sku = $2 AND warehouse = $3 AND on_hand - reserved >= $1 RETURNING id"),
        span(4, 2, "POST inventory:8080", 13, 37).kind(3),
        span(10, 9, "try 1", 48, 80).kind(3).exception(
            "payments::gateway::Timeout",
            "no answer within 30 ms",
            "payments::gateway::Timeout: no answer within 30 ms",
        ),
        declined(span(11, 9, "try 2", 92, 150).kind(3).field("http.request.resend_count", 1)),
        span(14, 13, "authorize", 98, 146).exception("payments::PaymentError", "card 4242 was declined", chain),
        declined(span(13, 11, "POST /charge", 96, 148).remote().kind(2).service("payments").field("amount", "42.00 EUR")),
        declined(span(9, 1, "charge_card", 46, 152).field("card", "•••• 4242")),
        span(15, 1, "recommend", 46, 72).event("cancelled", 26, &[]),
        span(16, 1, "render_receipt", 153, 154).exception(
            "panic",
            "index out of bounds: the len is 3 but the index is 3",
            "",
        ),
        declined(
            span(1, 0, "place_order", 0, 155)
                .kind(2)
                .field("order.id", 42)
                .field("customer", "Ada L.")
                .link(0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c, 0xb7ad_6b71_6920_3331),
        ),
    ]
}

/// Comes when the trace was shown already.
pub(super) fn late() -> Vec<Span> {
    vec![
        span(21, 20, "smtp: MAIL FROM", 410, 460).kind(3),
        span(20, 1, "send_receipt", 400, 512).field("to", "ada@example.org"),
    ]
}

#[test]
fn everything_at_once() {
    let mut screen = Screen::plain();
    screen.add(spans());
    let mut shown = screen.quiet();
    screen.add(late());
    shown += &screen.quiet();
    assert_shown(&shown, include_str!("sample.txt"));
}

#[test]
fn colours_add_nothing_but_colours() {
    let mut screen = Screen::new(Style { color: true, width: 100 }, Bounds::default());
    screen.add(spans());
    let mut shown = screen.quiet();
    screen.add(late());
    shown += &screen.quiet();
    let mut plain = String::new();
    for piece in shown.split("\x1b[") {
        plain += piece
            .split_once('m')
            .filter(|(code, _)| !code.contains(|c: char| c.is_alphabetic() || c == '\n'))
            .map_or(piece, |(_, text)| text);
    }
    assert_shown(&plain, include_str!("sample.txt"));
    let failed = shown.lines().find(|line| line.contains("authorize")).unwrap();
    assert!(failed.contains("\x1b[31mauthorize\x1b[0m"), "{failed:?}");
}
