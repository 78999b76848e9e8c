use traced::traced;

#[traced(skip(pasword))]
fn unknown(user: &str, password: &str) -> usize {
    user.len() + password.len()
}

#[traced(skip(self))]
fn no_self(id: u32) -> u32 {
    id
}

#[traced(skip)]
fn all(id: u32) -> u32 {
    id
}

#[traced(skip(id, id))]
fn twice(id: u32) -> u32 {
    id
}

#[traced(args(id), skip(id))]
fn with_args(id: u32) -> u32 {
    id
}

#[traced(args, skip_all)]
fn with_skip_all(id: u32) -> u32 {
    id
}

#[traced(skip_all = true)]
fn with_a_value(id: u32) -> u32 {
    id
}

struct Repo;

impl Repo {
    #[traced(skip(self.id))]
    fn part(&self) {}
}

#[traced(args(order.id, id = 1))]
fn part_recorded(order: (u8, u8), id: u8) {
    let _ = (order, id);
}

fn main() {
    let _ = (unknown, no_self, all, twice, with_args, with_skip_all, with_a_value);
    let _ = (Repo::part, part_recorded);
}
