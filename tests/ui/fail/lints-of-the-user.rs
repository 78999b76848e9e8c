//! The attribute hides none of the user's own mistakes.
#![deny(unused)]

use traced::traced;

#[traced]
fn guarded(unused_argument: u8, mut not_changed: u8) -> u8 {
    let unused_variable = 1;
    not_changed
}

#[traced]
fn closed(unused_argument: String, used: u8) -> Option<u8> {
    let unused_variable = 1;
    return Some((used));
    let unreachable = 2;
}

#[traced]
async fn later(unused_argument: String, used: u8) -> u8 {
    let unused_variable = 1;
    Some(1);
    fallible();
    { used }
}

#[traced]
fn fallible() -> Result<(), String> {
    Ok(())
}

#[traced]
fn never_called() {}

fn main() {
    guarded(1, 2);
    closed(String::new(), 1);
    later(String::new(), 1);
}
