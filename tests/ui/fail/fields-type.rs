use traced::traced;

struct Order {
    id: u32,
}

#[traced(fields(order))]
fn as_it_is(order: &Order) {}

#[traced(fields(id = order.id, order = %order))]
fn displayed(order: &Order) {}

#[traced(fields(?order))]
fn debugged(order: &Order) {}

#[traced(fields(n = order.missing + 1))]
fn missing(order: &Order) {}

#[traced(fields(order = consume(order)))]
fn moved(order: Order) {}

fn consume(order: Order) -> u32 {
    order.id
}

fn main() {}
