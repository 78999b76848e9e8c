use traced::traced;

#[traced(nmae = "checkout")]
fn misspelt() {}

#[traced(retries)]
fn no_such() {}

#[traced(Server)]
fn kind_alone() {}

#[traced(kind = Sever)]
fn no_such_kind() {}

#[traced(laef)]
fn misspelt_leaf() {}

// Each mistake is one error: the functions are there.
fn main() {
    misspelt();
    no_such();
    kind_alone();
    no_such_kind();
    misspelt_leaf();
}
