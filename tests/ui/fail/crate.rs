use traced::traced;

#[traced(crate = "my::traced")]
fn text() {}

#[traced(crate)]
fn nothing() {}

fn main() {
    text();
    nothing();
}
