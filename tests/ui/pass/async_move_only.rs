//! Arguments that are moved, borrowed and pinned by the body of a future.
use traced::traced;
use traced_tests::{assert_spans, now};

struct NotClone(String);

#[traced(fields(length = given.0.len()))]
async fn moves(given: NotClone, taken: &mut Vec<String>) -> &mut String {
    taken.push(given.0);
    taken.last_mut().unwrap()
}

#[traced]
async fn borrows<'a, 'b: 'a>(a: &'a str, b: &'b str) -> Result<&'a str, &'b str> {
    if a.is_empty() { Err(b) } else { Ok(a) }
}

fn run() {
    let mut taken = vec![];
    now(moves(NotClone("a".to_owned()), &mut taken)).push('b');
    assert_eq!(taken, ["ab"]);
    assert_eq!(now(borrows("", "b")), Err("b"));
}

fn main() {
    assert_spans(
        run,
        "\
moves length=1
borrows error.type=&str error: b
  - exception exception.type=&str exception.message=b
",
    );
}
