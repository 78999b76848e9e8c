use traced::span;

fn main() {
    let bytes = 1;
    span!("parse"; fields(bytes)).in_scope(|| {});
    span!("parse", rows = Empty).in_scope(|| {});
    span!("parse", "" = bytes).in_scope(|| {});
}
