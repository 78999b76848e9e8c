//! The same in signatures: of names that are not known.
#![allow(unused)]

use traced::traced;

#[traced]
fn unknown_error() -> Result<u8, Nope> {
    Ok(1)
}

#[traced]
async fn unknown_error_later() -> Result<u8, Nope> {
    Ok(1)
}

#[traced]
fn unknown_module() -> nope::Nope {
    loop {}
}

#[traced]
fn no_lifetime(text: &str, other: &str) -> &str {
    text
}

#[traced]
fn unknown_argument(text: Nope) -> Option<u8> {
    None
}
