//! The same of values that do not live as long as the signature says.
#![allow(unused)]

use std::fmt::{Debug, Display};
use std::future::Future;
use std::pin::Pin;

use traced::traced;

#[traced]
fn hidden(text: &str) -> impl Display + 'static {
    let _ = 1;
    text
}

#[traced(ret = %, fields(n = 1))]
fn hidden_and_recorded(text: &str) -> impl Display + 'static {
    text
}

#[traced]
fn hidden_in_ok(text: &str) -> Result<impl Display + 'static, String> {
    if text.is_empty() {
        drop(1);
    }
    Ok(text)
}

#[traced]
fn hidden_parameter<T: Debug>(value: T) -> impl Debug + 'static {
    value
}

#[traced]
fn chained(list: &Vec<u8>) -> impl Iterator<Item = u8> + 'static {
    list.clone().into_iter().chain(list.iter().copied())
}

#[traced]
fn boxed(text: &str) -> Box<dyn Fn() -> usize> {
    Box::new(|| text.len())
}

#[traced(fields(late = Empty))]
fn boxed_with_late_fields(text: &str) -> Box<dyn Display> {
    Box::new(text)
}

#[traced]
fn boxed_parameter<T: Debug>(value: T) -> Box<dyn Debug> {
    Box::new(value)
}

#[traced]
fn boxed_and_owned(text: String) -> Box<dyn Fn() -> usize> {
    Box::new(|| text.len())
}

#[traced]
async fn in_a_future(text: &str) -> &'static str {
    text
}

#[traced(fields(n = 1))]
async fn in_a_future_with_fields(text: &str) -> Option<&'static str> {
    Some(text)
}

#[traced]
fn future(text: &str) -> impl Future<Output = usize> + 'static {
    async move { text.len() }
}

#[traced]
fn boxed_future(text: &str) -> Pin<Box<dyn Future<Output = usize>>> {
    Box::pin(async move { text.len() })
}
