use traced::traced;

#[traced(name = id)]
fn no_text(id: u64) -> u64 {
    id
}

#[traced(name = format!("{}", id), "also")]
fn twice(id: u64) -> u64 {
    id
}

fn main() {
    no_text(1);
    twice(1);
}
