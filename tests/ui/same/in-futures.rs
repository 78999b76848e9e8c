//! The same in futures.
#![allow(unused)]

use std::collections::HashMap;

use traced::traced;

struct Failed;

struct Cart {
    items: Vec<String>,
}

#[traced]
async fn wrong_type(a: u8) -> u8 {
    "text"
}

#[traced]
async fn wrong_type_in_ok(a: u8) -> Result<u8, Failed> {
    Ok("text")
}

#[traced]
async fn wrong_early_return(a: u8) -> Option<u8> {
    if a > 1 {
        return a;
    }
    None
}

#[traced]
async fn wrong_error(text: &str) -> Result<u8, Failed> {
    Ok(text.parse::<u8>()?)
}

#[traced]
async fn question_mark_without_a_result(text: &str) -> String {
    text.parse::<u8>()?;
    String::new()
}

#[traced]
async fn no_value() -> Option<u8> {
}

#[traced]
async fn forgotten_await(a: u8) -> Option<u8> {
    wrong_early_return(a)
}

#[traced]
async fn no_such_method(cart: &Cart) -> Option<usize> {
    Some(cart.items.length())
}

#[traced]
async fn no_such_variable(cart: &Cart) -> Option<usize> {
    Some(card.items.len())
}

#[traced]
async fn moved_twice(a: String) -> Option<String> {
    drop(a);
    Some(a)
}

#[traced]
async fn escapes(a: u8) -> Option<&'static str> {
    let text = a.to_string();
    Some(&text)
}

#[traced]
async fn two_borrows(cart: &mut Cart) -> Option<usize> {
    let first = &mut cart.items;
    let second = &mut cart.items;
    first.push(String::new());
    Some(second.len())
}

#[traced]
async fn not_mutable(text: String) -> Option<String> {
    text.push('a');
    Some(text)
}

#[traced]
async fn out_of_a_reference(cart: &Cart) -> Option<Vec<String>> {
    Some(cart.items)
}

#[traced]
async fn wrong_lifetime<'a, 'b>(a: &'a str, b: &'b str) -> Option<&'a str> {
    Some(b)
}

struct Held(String);

impl Drop for Held {
    fn drop(&mut self) {}
}

#[traced]
async fn taken_apart(Held(text): Held) {
    drop(text);
}

#[traced]
async fn taken_apart_with_a_value(Held(text): Held) -> Option<u8> {
    drop(text);
    None
}

#[traced(args)]
async fn no_such_method_in_what_is_hidden(a: Vec<u8>) -> impl ToString {
    a.lenn().to_string()
}

#[traced(fields(n = 1))]
async fn of_no_type_that_is_known(a: Vec<u8>) -> impl ToString {
    a.lenn()
}

#[traced]
async fn no_such_function(a: u8) -> impl ToString {
    missing(a).await
}

#[traced(ret)]
fn no_such_error() -> Result<u8, Missing> {
    Ok(1)
}

#[traced(err(expected = true))]
async fn no_such_error_in_a_future() -> Result<u8, Missing> {
    Ok(1)
}

trait Shop {
    fn declared_otherwise(&self) -> impl Future<Output = u8>;
    fn declared_with_a_value(&self) -> impl Future<Output = u8>;
    fn declared_with_less(&self);
}

impl Shop for Cart {
    #[traced]
    async fn declared_otherwise(&self) -> u16 {
        self.items.len() as u16
    }

    #[traced]
    async fn declared_with_a_value(&self) {
        drop(&self.items);
    }

    #[traced]
    async fn declared_with_less(&self) {
        drop(&self.items);
    }
}
