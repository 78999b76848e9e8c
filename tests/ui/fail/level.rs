use traced::traced;

#[traced(level = "inof")]
fn misspelt() {}

#[traced(level = "loud")]
fn unknown() {}

#[traced(level = 0)]
fn too_small() {}

#[traced(level = 6)]
fn too_large() {}

#[traced(level = true)]
fn no_level() {}

#[traced(level = MINE)]
fn constant() {}

#[traced(level = of(1))]
fn call() {}

#[traced(level)]
fn nothing() {}

#[traced(level("debug"))]
fn list() {}

fn main() {
    misspelt();
    unknown();
    too_small();
    too_large();
    no_level();
    constant();
    call();
    nothing();
    list();
}
