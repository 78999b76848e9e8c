//! What goes into a static: `kind`, `target`, `scope`.
use traced::{Kind, traced};

const KIND: Kind = Kind::Client;

struct Repo;

impl Repo {
    const KIND: Kind = Kind::Client;
    const TARGET: &str = "db";

    #[traced(kind = Self::KIND)]
    fn kind() {}

    #[traced(target = Self::TARGET, scope = <Self as Named>::NAME)]
    fn target_and_scope() {}
}

trait Named {
    const NAME: &str;
}

impl Named for Repo {
    const NAME: &str = "repo";
}

#[traced(kind = KIND)]
fn constant() {}

#[traced(kind = self::KIND, fields({ Repo::TARGET } = 1))]
fn by_its_path() {}

#[traced(kind = { KIND })]
fn in_braces() {}

mod other {
    pub const T: &str = "db";
}

#[traced(kind = T::KIND, target = other::T, scope = <T as Named>::NAME)]
fn of_a_type<T: Named>(_: T) {}

#[traced(kind = { N })]
fn of_a_number<const N: u8>() {}

fn main() {
    of_a_type(Repo);
    of_a_number::<1>();
    Repo::kind();
    Repo::target_and_scope();
    constant();
    by_its_path();
    in_braces();
}
