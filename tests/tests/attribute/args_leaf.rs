use traced::traced;

use crate::recorder::{recorded_async, sites};

#[traced]
fn branch() {}

#[traced(leaf)]
fn leaf() {}

#[traced("named", leaf, kind = Client)]
async fn later() -> Result<(), String> {
    Err("broken".to_owned())
}

#[test]
fn a_leaf_is_known_before_it_runs() {
    let leaves = |sites: Vec<&traced::__private::CallSite>| {
        sites.iter().map(|site| (site.name(), site.is_leaf())).collect::<Vec<_>>()
    };
    let sites = sites(|| {
        branch();
        leaf();
    });
    assert_eq!(leaves(sites), [("branch".to_owned(), false), ("leaf".to_owned(), true)]);
}

#[test]
fn a_leaf_is_recorded_like_any_other() {
    let tree = recorded_async(async {
        later().await.unwrap_err();
    });
    assert_eq!(tree, "named (Client) failed: display broken (String)\n");
}
