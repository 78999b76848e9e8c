use traced::traced;

#[traced(fields("" = 1))]
fn empty() {}

#[traced(fields(1 = 1))]
fn number() {}

#[traced(fields(a..b = 1))]
fn two_dots() {}

#[traced(fields(order.id: 1))]
fn colon() {}

fn main() {
    empty();
    number();
    two_dots();
    colon();
}
