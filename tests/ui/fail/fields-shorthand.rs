use traced::traced;

#[traced(fields(custmer, %order.id))]
fn no_such_parameter(customer: &str) -> usize {
    customer.len()
}

#[traced(fields(iid))]
fn nearly_short(id: u8) -> u8 {
    id
}

// Of several words, a short one is seldom a mistake; nor is one letter.
#[traced(fields(db.system, y, count))]
fn declared(id: u8, x: u8) -> u8 {
    traced::record!(db.system = "sqlite", y = id, count = 1);
    x
}

#[traced(fields(self))]
fn no_self() {}

#[traced(fields("quoted"))]
fn quoted_without_value() {}

#[traced(fields(a =, %b = 1, 1, c.))]
fn malformed(a: u8) {}

#[traced(fields(pair.0, %pair.1.len))]
fn numbered(pair: (u8, String)) -> u8 {
    pair.0
}

fn main() {
    no_such_parameter("a");
    nearly_short(1);
    declared(1, 2);
    no_self();
    quoted_without_value();
    malformed(1);
    numbered((1, String::new()));
}
