use traced::traced;

#[traced("a", name = "b")]
fn name_twice() {}

#[traced(kind = Server, kind = Client)]
fn kind_twice() {}

#[traced(fields(a), fields(b = 1))]
fn fields_twice(a: u8) {}

#[traced(fields(a, b.c = 1, "a" = 2, b.c = 3))]
fn one_field_twice(a: u8) {}

#[traced(leaf, kind = Server, leaf)]
fn leaf_twice() {}

#[traced]
#[traced(leaf)]
fn attribute_twice() {}

#[traced]
#[traced::traced(off)]
fn off_beside_it() {}

fn main() {
    name_twice();
    kind_twice();
    fields_twice(1);
    one_field_twice(1);
    leaf_twice();
    attribute_twice();
    off_beside_it();
}
