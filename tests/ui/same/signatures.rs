//! The same in signatures: what is wrong there is told once.
#![allow(unused)]

use std::fmt::Debug;

use traced::traced;

struct Cart;

#[traced]
fn unknown_type() -> Nope {
    loop {}
}

#[traced]
async fn unknown_type_later() -> Nope {
    loop {}
}

#[traced(ret, fields(n = 1))]
async fn unknown_type_with_fields(text: String) -> Nope {
    loop {}
}

#[traced]
fn unknown_error() -> Result<u8, Nope> {
    Ok(1)
}

#[traced]
async fn unknown_error_later() -> Result<u8, Nope> {
    Ok(1)
}

impl Cart {
    #[traced]
    fn unknown_type_of_a_method(&self) -> Nope {
        loop {}
    }
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

#[traced]
fn slice() -> [u8] {
    *b"text"
}

#[traced]
async fn slice_later() -> [u8] {
    *b"text"
}

#[traced]
async fn text_later() -> str {
    *"text"
}

#[traced(fields(n = 1))]
fn any() -> dyn Debug {
    1
}

#[traced]
async fn any_later(text: String) -> dyn Debug {
    text
}

#[traced]
impl Cart {
    fn slice_in_a_block(&self) -> [u8] {
        *b"text"
    }
}
