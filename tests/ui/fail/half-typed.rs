//! Each of these is one error.
use traced::traced;

#[traced(,)]
fn comma() {}

#[traced(?)]
fn mark() {}

#[traced(links = [a b])]
fn list() {}

#[traced(fields(x = (a b)))]
fn value() {}

#[traced(fields(x = Empty))]
fn late() {
    traced::record!(x = [1 2]);
}

fn main() {
    traced::span!("parse", x = [1 2]).in_scope(|| {});
}
