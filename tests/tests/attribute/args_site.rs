//! `level`, `target`, `scope` and `crate`.

use traced::__private::{CallSite, Level};

use crate::recorder::{recorded, sites};

#[traced::traced]
fn plain() {}

#[traced::traced(level = "Warn", target = "db", scope = "payments")]
fn all_of_them() {}

mod names {
    pub(super) const TARGET: &str = "by::path";
    #[allow(dead_code, reason = "a level is known by its name")]
    pub(super) const DEBUG: u8 = 0;
}

#[traced::traced(level = names::DEBUG, target = names::TARGET, scope = { concat!("a", "b") })]
fn constants() {}

#[traced::traced(level = 1)]
fn one() {}

#[traced::traced(level = 5)]
fn five() {}

#[test]
fn what_a_filter_goes_by() {
    let found = sites(|| {
        plain();
        all_of_them();
        constants();
        one();
        five();
    });
    let facts = |site: &&'static CallSite| (site.span_level(), site.span_target(), site.scope_name());
    let found: Vec<_> = found.iter().map(facts).collect();
    let here = module_path!();
    assert_eq!(
        found,
        [
            (Level::Info, here, "traced-tests"),
            (Level::Warn, "db", "payments"),
            (Level::Debug, "by::path", "ab"),
            (Level::Trace, here, "traced-tests"),
            (Level::Error, here, "traced-tests"),
        ]
    );
}

/// A crate that re-exports ours; `::traced` could be missing.
mod my {
    pub(super) mod telemetry {
        pub(crate) use ::traced::{__private, record, traced};
    }
}

mod elsewhere {
    use super::my::telemetry;

    #[allow(dead_code, reason = "what must not be named")]
    mod traced {}

    #[telemetry::traced(crate = super::my::telemetry, ret, args, kind = Client, root, fields(late = Empty))]
    pub(super) fn sync(number: u8) -> Result<u8, String> {
        telemetry::record!(late = number + 1);
        Ok(number)
    }

    #[telemetry::traced(crate = crate::args_site::my::telemetry, name = number.to_string(), level = "debug")]
    pub(super) async fn later(number: u8) -> Result<(), String> {
        Err("broken".to_owned())
    }
}

#[test]
fn the_crate_may_be_elsewhere() {
    let tree = recorded(|| {
        elsewhere::sync(1).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(elsewhere::later(7)).unwrap_err();
    });
    assert_eq!(tree, "sync (Client) number=1 late=2 return=1\n7 failed: display broken (String)\n");
}
