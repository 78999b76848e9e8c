use traced::traced;

#[traced(fields("" = 1))]
fn empty() {}

#[traced(fields(1 = 1))]
fn number() {}

#[traced(fields(a..b = 1))]
fn two_dots() {}

#[traced(fields(order.id: 1))]
fn colon() {}

#[traced(fields(order-id = 1))]
fn dash() {}

#[traced(fields(order.len()))]
fn call(order: &str) -> usize {
    order.len()
}

#[traced(fields(order[0]))]
fn index(order: &[u8]) -> usize {
    order.len()
}

fn main() {
    let _ = (dash(), call(""), index(&[]));
    empty();
    number();
    two_dots();
    colon();
}
