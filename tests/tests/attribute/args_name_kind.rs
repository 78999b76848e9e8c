use traced::traced;

use crate::recorder::recorded;

const KIND: traced::Kind = traced::Kind::Producer;

#[traced("checkout")]
fn positional() {}

#[traced(name = "check out", kind = Server)]
fn named() {}

#[traced(kind = self::KIND)]
fn by_path() {}

#[traced(kind = { if cfg!(test) { traced::Kind::Consumer } else { traced::Kind::Client } })]
fn by_block() {}

#[traced(kind = Client,)]
fn by_name() {}

#[test]
fn names_and_kinds() {
    let tree = recorded(|| {
        positional();
        named();
        by_path();
        by_block();
        by_name();
    });
    assert_eq!(
        tree,
        "checkout\n\
         check out (Server)\n\
         by_path (Producer)\n\
         by_block (Consumer)\n\
         by_name (Client)\n"
    );
}

#[traced(name = format!("GET {route}"))]
fn computed(route: &str) {
    traced::span!(format!("parse {route}"), route; kind = Client).in_scope(|| {});
    traced::span!(route).in_scope(|| {});
}

#[test]
fn a_name_may_be_made_at_each_call() {
    let tree = recorded(|| {
        computed("/a");
        computed("/b");
    });
    assert_eq!(
        tree,
        "GET /a\n  parse /a (Client) route=\"/a\"\n  /a\n\
         GET /b\n  parse /b (Client) route=\"/b\"\n  /b\n"
    );
}
