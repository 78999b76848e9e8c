use traced::traced;

#[traced(fields(custmer, %order.id))]
fn no_such_parameter(customer: &str) -> usize {
    customer.len()
}

#[traced(fields(self))]
fn no_self() {}

#[traced(fields("quoted"))]
fn quoted_without_value() {}

#[traced(fields(a =, %b = 1, 1, c.))]
fn malformed(a: u8) {}

fn main() {
    no_such_parameter("a");
    no_self();
    quoted_without_value();
    malformed(1);
}
