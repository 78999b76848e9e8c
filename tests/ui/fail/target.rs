use traced::traced;

#[traced(target = 1)]
fn number() {}

#[traced(target = "")]
fn empty() {}

#[traced(target = table)]
fn not_constant(table: &'static str) {
    let _ = table;
}

#[traced(target = String::from("db"))]
fn wrong_type() {}

#[traced(target)]
fn nothing() {}

#[traced(scope = &table)]
fn reference_of_a_parameter(table: &'static str) {
    let _ = table;
}

fn main() {
    number();
    empty();
    not_constant("orders");
    wrong_type();
    nothing();
    reference_of_a_parameter("orders");
}
