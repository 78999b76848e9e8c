use traced::traced;

#[traced(target = 1)]
fn number() {}

#[traced(target = "")]
fn empty() {}

#[traced(target = table)]
fn not_constant(table: &'static str) {}

#[traced(target = String::from("db"))]
fn wrong_type() {}

#[traced(target)]
fn nothing() {}

fn main() {
    number();
    empty();
    not_constant("orders");
    wrong_type();
    nothing();
}
