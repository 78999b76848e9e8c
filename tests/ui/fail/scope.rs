use traced::traced;

#[traced(scope = 'a')]
fn letter() {}

#[traced(scope = "")]
fn empty() {}

#[traced(scope("payments"))]
fn list() {}

fn main() {
    letter();
    empty();
    list();
}
