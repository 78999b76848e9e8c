use traced::traced;

#[traced(parent = id)]
fn no_place(id: u64) -> u64 {
    id
}

#[traced(parent)]
fn nothing() {}

#[traced(root, parent = cx)]
fn both(cx: &traced::Carry) {}

#[traced(root = true)]
fn root_with_value() {}

#[traced(parent = [cx])]
async fn two(cx: &traced::Carry) {}

fn main() {
    no_place(1);
    nothing();
    both(&traced::Carry::current());
    root_with_value();
    drop(two(&traced::Carry::current()));
}
