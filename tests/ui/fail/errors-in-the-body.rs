//! The errors of the user's code are where they would be without the attribute.
use traced::traced;

struct Failed;

#[traced]
fn wrong_type(a: u8) -> Result<u8, Failed> {
    let wrong: u8 = "text";
    Ok(wrong)
}

#[traced]
fn wrong_error(text: &str) -> Result<u8, Failed> {
    Ok(text.parse::<u8>()?)
}

#[traced]
async fn wrong_error_later(text: &str) -> Result<u8, Failed> {
    Ok(text.parse::<u8>()?)
}

#[traced]
async fn wrong_type_later() -> u8 {
    "text"
}

#[traced]
fn no_value() -> Option<u8> {
}

#[traced]
fn moved_twice(a: String) -> Option<String> {
    drop(a);
    Some(a)
}

#[traced]
fn escapes(a: String) -> Option<&'static str> {
    Some(&a)
}

fn main() {}
