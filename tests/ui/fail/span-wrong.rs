use traced::span;

struct Order;

fn main() {
    let bytes = 1;
    span!().in_scope(|| {});
    span!(bytes).in_scope(|| {});
    span!("").in_scope(|| {});
    span!("parse", kind = Client).in_scope(|| {});
    span!("parse", bytes; knid = Client, ret, name = "a").in_scope(|| {});
    span!("parse", bytes, bytes = 2).in_scope(|| {});
    span!("parse", order = Order).in_scope(|| {});
    span!("parse", byte).in_scope(|| {});
    span!("parse", bytes).start().emd();
    span!(bytes = 1).in_scope(|| {});
    span!(%bytes).in_scope(|| {});
    span!(1, bytes).in_scope(|| {});
    span!("parse" bytes = 1).in_scope(|| {});
    span!("parse"; bytes = 1, Server, off).in_scope(|| {});
    span!("parse", bytes: 1).in_scope(|| {});
}
