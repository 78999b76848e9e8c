use traced::traced;

struct Repo;

// What is wrong with the block's arguments is told once.
#[traced(kind = Sever, retries)]
impl Repo {
    fn load(&self) {}

    fn save(&self) {}
}

// A function that is wrong is told of, and is there; the others are recorded.
#[traced]
impl Repo {
    #[traced(nmae = "checkout")]
    fn misspelt(&self) {}

    #[traced("a")]
    #[traced("b")]
    fn twice(&self) {}

    #[traced]
    const fn asked_for() {}

    const fn passed_over() {}

    #[traced(off, "a")]
    fn off_and_more(&self) {}
}

#[traced("all")]
mod named {
    pub fn one() {}
}

#[traced]
trait Store {
    #[traced]
    fn load(&self);

    fn passed_over(&self);
}

impl Store for Repo {
    fn load(&self) {}

    fn passed_over(&self) {}
}

// What is to be skipped and is nowhere would be recorded under its right name.
#[traced(skip(pasword))]
mod users {
    pub fn sign_in(password: &str) -> bool {
        password.is_empty()
    }
}

fn main() {
    users::sign_in("a");
    Repo.load();
    Repo.save();
    Repo.misspelt();
    Repo.twice();
    Repo::asked_for();
    Repo::passed_over();
    Repo.off_and_more();
    named::one();
    Store::load(&Repo);
    Store::passed_over(&Repo);
}
