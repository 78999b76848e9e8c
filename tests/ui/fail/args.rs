use traced::traced;

struct Opaque;

#[traced(args(idd, nmae))]
fn unknown(id: u32, name: &str) -> usize {
    name.len() + id as usize
}

#[traced(args(id))]
fn none() {}

#[traced(args(id, id))]
fn twice(id: u32) -> u32 {
    id
}

#[traced(args(id), fields(id = 1))]
fn as_a_field_too(id: u32) -> u32 {
    id
}

#[traced(args(self))]
fn no_self() {}

struct Repo;

impl Repo {
    #[traced(args(self, id))]
    fn with_self(&self, id: u32) -> u32 {
        let Self = self;
        id
    }
}

#[traced(args(%id, name = id, 1))]
fn not_names(id: u32) -> u32 {
    id
}

#[traced(args = id)]
fn not_a_list(id: u32) -> u32 {
    id
}

#[traced(args(opaque))]
fn not_recordable(opaque: Opaque) -> usize {
    std::mem::size_of_val(&opaque)
}

#[traced(args(value))]
fn generic<T: Copy>(value: T) -> T {
    value
}

fn main() {
    let _ = (unknown, none, twice, as_a_field_too, no_self, Repo::with_self, not_names, not_a_list);
    let _ = (not_recordable, generic::<u8>);
}
