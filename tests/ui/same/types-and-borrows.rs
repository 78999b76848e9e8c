//! Mistakes in annotated functions. The compiler says the same of them without the attribute.
#![allow(unused)]

use std::collections::HashMap;
use std::fmt::Display;

use traced::traced;

struct Failed;

struct Cart {
    items: Vec<String>,
}

#[traced]
fn wrong_type(a: u8) -> u8 {
    "text"
}

#[traced]
fn wrong_type_in_ok(a: u8) -> Result<u8, Failed> {
    Ok("text")
}

#[traced]
fn wrong_early_return(a: u8) -> Option<u8> {
    if a > 1 {
        return a;
    }
    None
}

#[traced]
fn wrong_error(text: &str) -> Result<u8, Failed> {
    Ok(text.parse::<u8>()?)
}

#[traced]
fn question_mark_without_a_result(text: &str) -> String {
    text.parse::<u8>()?;
    String::new()
}

#[traced]
fn no_value() -> Option<u8> {
}

#[traced]
fn forgotten_semicolon(a: u8) -> Result<u8, Failed> {
    Ok(a);
}

#[traced]
fn wrong_argument(a: u8) -> Option<String> {
    wrong_type("a");
    None
}

#[traced]
fn no_such_method(cart: &Cart) -> Option<usize> {
    Some(cart.items.length())
}

#[traced]
fn no_such_variable(cart: &Cart) -> Option<usize> {
    Some(card.items.len())
}

#[traced]
fn branches(a: bool) -> Result<u8, String> {
    if a { Ok(1) } else { "one" }
}

#[traced]
fn missing_bound<T>(value: T) -> Option<String> {
    Some(value.to_string())
}

#[traced]
fn not_annotated(text: &str) -> Option<u8> {
    let values = text.chars().collect();
    None
}

#[traced]
fn moved_twice(a: String) -> Option<String> {
    drop(a);
    Some(a)
}

#[traced]
fn moved_local() -> Option<String> {
    let text = String::new();
    let other = text;
    Some(text)
}

#[traced]
fn escapes(a: u8) -> Option<&'static str> {
    let text = a.to_string();
    Some(&text)
}

#[traced]
fn escapes_argument(a: String) -> Option<&'static str> {
    Some(&a)
}

#[traced]
fn two_borrows(cart: &mut Cart) -> Option<usize> {
    let first = &mut cart.items;
    let second = &mut cart.items;
    first.push(String::new());
    Some(second.len())
}

#[traced]
fn changes_what_is_borrowed(map: &mut HashMap<String, String>) -> Option<String> {
    let first = map.get("a")?;
    map.clear();
    Some(first.clone())
}

#[traced]
fn not_mutable(text: String) -> Option<String> {
    text.push('a');
    Some(text)
}

#[traced]
fn not_mutable_behind_a_reference(cart: &Cart) -> Option<()> {
    cart.items.push(String::new());
    None
}

#[traced]
fn out_of_a_reference(cart: &Cart) -> Option<Vec<String>> {
    Some(cart.items)
}

#[traced]
fn wrong_lifetime<'a, 'b>(a: &'a str, b: &'b str) -> Option<&'a str> {
    Some(b)
}

#[traced]
fn never_set() -> Option<u8> {
    let a: u8;
    Some(a)
}

#[traced]
fn not_unsafe(pointer: *const u8) -> Option<u8> {
    Some(*pointer)
}

#[traced]
fn not_every_case(a: Option<u8>) -> Option<u8> {
    match a {
        Some(1) => None,
        None => None,
    }
}

impl Cart {
    #[traced]
    fn first(&self) -> Result<&mut String, Failed> {
        self.items.first_mut().ok_or(Failed)
    }

    #[traced]
    fn opaque(&self) -> impl Display {
        Failed
    }
}

struct Held(String);

impl Drop for Held {
    fn drop(&mut self) {}
}

#[traced]
fn taken_apart(Held(text): Held) -> Option<u8> {
    drop(text);
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
fn any() -> dyn std::fmt::Debug {
    1
}

#[traced]
async fn any_later(text: String) -> dyn std::fmt::Debug {
    text
}

#[traced]
impl Cart {
    fn slice_in_a_block(&self) -> [u8] {
        *b"text"
    }
}
