use traced::traced;

#[traced(name = 1)]
fn number_as_name() {}

#[traced(b"bytes")]
fn bytes_as_name() {}

#[traced("")]
fn empty_name() {}

#[traced(name)]
fn no_name() {}

#[traced(kind = "server")]
fn text_as_kind() {}

#[traced(kind = { 1 })]
fn number_as_kind() {}

#[traced(fields = a)]
fn fields_with_equals(a: u8) {}

#[traced(leaf = true)]
fn leaf_with_equals() {}

#[traced(leaf(true))]
fn leaf_with_list() {}

#[traced(name = , kind = , level = , target = , parent = , links = , crate = )]
fn values_left_out() {}

#[traced(crate = my::)]
fn half_a_path() {}

fn main() {
    number_as_name();
    bytes_as_name();
    empty_name();
    no_name();
    text_as_kind();
    number_as_kind();
    fields_with_equals(1);
    leaf_with_equals();
    leaf_with_list();
    values_left_out();
    half_a_path();
}
