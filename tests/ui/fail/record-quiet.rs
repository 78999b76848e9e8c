//! Where the arguments are wrong, a `record!` in the function is not another mistake.
use traced::traced;

#[traced(fields(rows = Empty), lvel = "debug")]
fn query(sql: &str) -> usize {
    #![allow(clippy::needless_return)]
    let rows = sql.len();
    traced::record!(rows);
    rows
}

#[traced(fields(rows = Empty), lvel = "debug")]
async fn query_async() {
    let inside = || traced::record!(rows = 1);
    inside();
}

#[traced(fields(rows = Empty), lvel = "debug")]
fn later() -> impl Future<Output = ()> {
    traced::record!(rows = 1);
    std::future::ready(())
}

mod my {
    pub use traced as telemetry;
}

#[my::telemetry::traced(crate = my::telemetry, fields(rows = Empty), lvel = "debug")]
fn elsewhere() {
    my::telemetry::record!(rows = 1);
}

struct Repo;

#[traced(fields(rows = Empty), lvel = "debug")]
impl Repo {
    fn load(&self) {
        traced::record!(rows = 1);
    }

    #[traced(knid = Server)]
    fn save(&self) {
        traced::record!(rows = 1);
    }
}

#[traced(fields(rows = Empty), lvel = "debug")]
fn what_is_recorded_is_looked_at() {
    traced::record!(rows = {
        let rows: u8 = "text";
        rows
    });
}

fn main() {}
