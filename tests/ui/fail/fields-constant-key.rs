//! A key that is a constant.
use traced::traced;

const ROWS: &str = "rows";
const NUMBER: u8 = 1;

#[traced(fields({ NUMBER } = 1))]
fn no_text() {}

#[traced(fields({} = 1))]
fn nothing() {}

#[traced(fields({ ROWS }))]
fn no_value() {}

#[traced(fields(%{ ROWS } = 1))]
fn mark_before() {}

#[traced(fields({ ROWS } = 1, { ROWS } = 2))]
fn twice() {}

#[traced(fields({ ROWS } = Empty))]
fn late() {
    traced::record!({ ROWS } = 1);
    traced::record!(rows = 1);
    traced::record!({ NUMBER } = 1);
}

fn main() {}
