//! What is in the braces of a key is a constant, and not computed at each call.
use traced::traced;

trait Keyed {
    const KEY: &'static str;
}

impl Keyed for u8 {
    const KEY: &'static str = "u8";
}

static TABLE: [&str; 2] = ["first", "second"];

const fn first() -> &'static str {
    "first"
}

fn computed() -> &'static str {
    "computed"
}

#[traced(fields({ computed() } = 1))]
fn wrong() {}

#[traced(fields({ computed() } = Empty))]
async fn wrong_late() {
    traced::record!({ computed() } = 1);
}

#[traced(fields({ T::KEY } = 1, { first() } = 2, { TABLE[1] } = 3, { concat!("a", "b") } = Empty))]
fn right<T: Keyed>() {
    traced::record!({ concat!("a", "b") } = 1);
}

fn main() {
    wrong();
    let _ = (wrong_late, right::<u8>);
}
