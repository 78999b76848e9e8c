//! What is in the braces of a key is a constant, and neither a variable nor computed.
use traced::traced;

#[traced(fields({ key } = 1))]
fn variable(key: &str) {}

fn main() {
    variable("a");
}
