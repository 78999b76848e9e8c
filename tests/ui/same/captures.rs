//! The same of lifetimes that are captured in the edition 2024, and not in those before.
#![allow(unused)]

use std::fmt::Display;
use std::future::Future;

use traced::traced;

struct Cart(String);

#[traced]
fn hidden(text: &str) -> impl Display {
    text
}

#[traced]
fn hidden_in_an_option<'a>(text: &'a str) -> Option<impl Display> {
    Some(text)
}

#[traced]
fn drained(list: &mut Vec<u8>) -> impl Iterator<Item = u8> {
    list.drain(..)
}

impl Cart {
    #[traced]
    fn letters(&self) -> impl Iterator<Item = char> {
        self.0.chars()
    }
}

#[traced]
fn future(text: &str) -> impl Future<Output = usize> {
    async move { text.len() }
}
