use traced::{span, traced};

#[traced(fields(n = text.parse::<u8>()?, len = text.len()))]
fn question_mark(text: &str) -> Result<u8, std::num::ParseIntError> {
    text.parse()
}

#[traced(fields(n = later().await))]
async fn waits() {
    span!("inside", n = later().await).in_scope(|| {});
}

#[traced(fields(n = if text.is_empty() { return 0 } else { 1 }))]
fn leaves(text: &str) -> usize {
    text.len()
}

// What is in a closure leaves that.
#[traced(fields(n = (|| text.parse::<u8>().ok()?.checked_add(1))()))]
fn in_a_closure(text: &str) -> usize {
    text.len()
}

#[traced(fields(%text = ?text))]
fn marked_twice(text: &str) -> usize {
    text.len()
}

async fn later() -> u8 {
    1
}

fn main() {
    let _ = (question_mark("1"), waits(), leaves("1"), in_a_closure("1"), marked_twice("1"));
}
