#![deny(unused_must_use)]

use traced::span;

fn main() {
    span!("parse");
    span!("parse").guard();
    span!("parse").start();
    span!("parse").in_future(async {});
}
