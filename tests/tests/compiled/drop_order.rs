//! Arguments, locals and temporaries are dropped in the order in which they are without the attribute, in each edition.

use std::fmt::Write as _;

use crate::compiler::{Program, without_attributes};

/// What a function is, with `name`, its parameters and its body in it, and how it is called.
struct Kind {
    function: &'static str,
    call: &'static str,
    runs: Runs,
}

#[derive(Clone, Copy, PartialEq)]
enum Runs {
    AtOnce,
    /// As a future, which is also dropped while it is pending, and before it is polled.
    Later,
}

const KINDS: &[Kind] = &[
    Kind {
        function: "#[traced::traced] fn name(PARAMETERS) -> Option<Noisy> BODY",
        call: "name(ARGUMENTS)",
        runs: Runs::AtOnce,
    },
    Kind {
        function: "#[traced::traced] #[track_caller] fn name(PARAMETERS) -> Option<Noisy> BODY",
        call: "name(ARGUMENTS)",
        runs: Runs::AtOnce,
    },
    Kind {
        function: "impl Holder { #[traced::traced] fn name(self, PARAMETERS) -> Option<Noisy> BODY }",
        call: "Holder(Noisy(\"self\")).name(ARGUMENTS)",
        runs: Runs::AtOnce,
    },
    Kind {
        function: "impl Holder { #[traced::traced] fn name(&mut self, PARAMETERS) -> Option<Noisy> BODY }",
        call: "Holder(Noisy(\"self\")).name(ARGUMENTS)",
        runs: Runs::AtOnce,
    },
    Kind {
        function: "#[traced::traced] async fn name(PARAMETERS) -> Option<Noisy> BODY",
        call: "name(ARGUMENTS)",
        runs: Runs::Later,
    },
    Kind {
        function: "#[traced::traced(root, fields(key = 1))] async fn name(PARAMETERS) -> Option<Noisy> BODY",
        call: "name(ARGUMENTS)",
        runs: Runs::Later,
    },
    Kind {
        function: "#[traced::traced] impl Holder { async fn name(self, PARAMETERS) -> Option<Noisy> BODY }",
        call: "Holder(Noisy(\"self\")).name(ARGUMENTS)",
        runs: Runs::Later,
    },
    Kind {
        function: "#[traced::traced] fn name(PARAMETERS) -> impl Future<Output = Option<Noisy>> { async move BODY }",
        call: "name(ARGUMENTS)",
        runs: Runs::Later,
    },
    Kind {
        function: "#[traced::traced] fn name(PARAMETERS) -> Pin<Box<dyn Future<Output = Option<Noisy>>>> {
            Box::pin(async move BODY) }",
        call: "name(ARGUMENTS)",
        runs: Runs::Later,
    },
    Kind {
        function:
            "#[traced::traced(args)] fn name(PARAMETERS) -> Pin<Box<dyn Future<Output = Option<Noisy>>>> {
            Box::pin(async move BODY) }",
        call: "name(ARGUMENTS)",
        runs: Runs::Later,
    },
    Kind {
        function: "#[traced::traced] fn name(PARAMETERS) -> impl Future<Output = Option<Noisy>> {
            let local = Noisy(\"outer local\");
            let future = async move BODY;
            future }",
        call: "name(ARGUMENTS)",
        runs: Runs::Later,
    },
    // What an alias hides might be a future.
    Kind {
        function: "#[traced::traced] async fn name(PARAMETERS) -> Maybe BODY",
        call: "name(ARGUMENTS)",
        runs: Runs::Later,
    },
    Kind {
        function: "#[traced::traced] impl Holder { async fn name(self, PARAMETERS) -> Maybe BODY }",
        call: "Holder(Noisy(\"self\")).name(ARGUMENTS)",
        runs: Runs::Later,
    },
    Kind {
        function: "#[traced::traced(root)] async fn name(PARAMETERS) -> Maybe BODY",
        call: "name(ARGUMENTS)",
        runs: Runs::Later,
    },
];

/// What a function takes.
struct Parameters {
    declared: &'static str,
    arguments: &'static str,
    /// What the body looks at. The first can be given away, unless it is a reference.
    named: &'static [&'static str],
}

const fn named(
    declared: &'static str,
    arguments: &'static str,
    named: &'static [&'static str],
) -> Parameters {
    Parameters { declared, arguments, named }
}

const PARAMETERS: &[Parameters] = &[
    named("a: Noisy, b: Noisy, c: Noisy", r#"Noisy("a"), Noisy("b"), Noisy("c")"#, &["a", "b", "c"]),
    named("mut a: Noisy, mut b: Noisy", r#"Noisy("a"), Noisy("b")"#, &["a", "b"]),
    named("_a: Noisy, b: Noisy, _c: Noisy", r#"Noisy("a"), Noisy("b"), Noisy("c")"#, &["b"]),
    named("a: Noisy, unused: Noisy, c: Noisy", r#"Noisy("a"), Noisy("unused"), Noisy("c")"#, &["a", "c"]),
    named("a: Noisy, _: Noisy, c: Noisy", r#"Noisy("a"), Noisy("_"), Noisy("c")"#, &["a", "c"]),
    named("(a, b): (Noisy, Noisy), c: Noisy", r#"(Noisy("a"), Noisy("b")), Noisy("c")"#, &["a", "b", "c"]),
    named("(a, _): (Noisy, Noisy), c: Noisy", r#"(Noisy("a"), Noisy("_")), Noisy("c")"#, &["a", "c"]),
    named(
        "Pair { left, .. }: Pair, c: Noisy",
        r#"Pair { left: Noisy("l"), right: Noisy("r") }, Noisy("c")"#,
        &["left", "c"],
    ),
    named(
        "a: Noisy, Pair { right, left }: Pair",
        r#"Noisy("a"), Pair { left: Noisy("l"), right: Noisy("r") }"#,
        &["a", "left", "right"],
    ),
    named("[a, b]: [Noisy; 2], c: Noisy", r#"[Noisy("a"), Noisy("b")], Noisy("c")"#, &["a", "b", "c"]),
    named("pair: (Noisy, Noisy), c: Noisy", r#"(Noisy("0"), Noisy("1")), Noisy("c")"#, &["pair.1", "c"]),
    named("r#in: Noisy, b: Noisy", r#"Noisy("in"), Noisy("b")"#, &["r#in", "b"]),
    named("ref a: Noisy, b: Noisy", r#"Noisy("a"), Noisy("b")"#, &["*a", "b"]),
    named(
        "ref mut a: Noisy, (ref b, _): (Noisy, Noisy)",
        r#"Noisy("a"), (Noisy("b"), Noisy("_"))"#,
        &["*a", "*b"],
    ),
    named("A: Noisy, mut B: Noisy", r#"Noisy("A"), Noisy("B")"#, &["A", "B"]),
    named("(a, B): (Noisy, Noisy), C: Noisy", r#"(Noisy("a"), Noisy("B")), Noisy("C")"#, &["a", "B", "C"]),
    named("a: Noisy, Unit: Unit, b: Noisy", r#"Noisy("a"), Unit, Noisy("b")"#, &["a", "b"]),
];

/// Bodies: `ALL` is touched in order, `BACKWARDS` in the other; `FIRST` is the first.
const BODIES: &[(&str, &str)] = &[
    ("unused", "None"),
    ("used", "touch(&[ALL]); None"),
    ("backwards", "touch(&[BACKWARDS]); None"),
    ("given_away", r#"let local = Noisy("local"); touch(&[BACKWARDS]); drop(FIRST); None"#),
    ("returned", r#"let local = Noisy("local"); touch(&[BACKWARDS]); Some(FIRST)"#),
    (
        "in_the_tail",
        r#"let local = Noisy("local"); touch(&[BACKWARDS]); Noisy("first").none().or(Noisy("second").none())"#,
    ),
    (
        "borrows_in_the_tail",
        r#"let local = Noisy("local"); touch(&[BACKWARDS]); FIRST.guard("guarded").none()"#,
    ),
    (
        "in_a_tail_block",
        r#"let local = Noisy("local"); touch(&[BACKWARDS]); { let inner = Noisy("inner"); FIRST.guard("guarded").none() }"#,
    ),
    (
        "match_in_the_tail",
        r#"touch(&[ALL]); match Noisy("matched").none() { None => { drop(Noisy("arm")); None } some => some }"#,
    ),
    (
        "if_let_in_the_tail",
        r#"touch(&[ALL]); if let Some(some) = Noisy("asked").none() { Some(some) } else { drop(Noisy("else")); None }"#,
    ),
    (
        "returns_early",
        r#"let local = Noisy("local"); touch(&[BACKWARDS]); if !cfg!(test) { return Noisy("early").none(); } Some(FIRST)"#,
    ),
    (
        "question_mark",
        r#"let local = Noisy("local"); touch(&[BACKWARDS]); let value = FIRST.guard("guarded").none()?; Some(value)"#,
    ),
    ("closure_in_it", "let touched = || touch(&[BACKWARDS]); touched(); None"),
    ("item_in_it", "fn item() {} item(); touch(&[BACKWARDS]); None"),
    ("panics", r#"let local = Noisy("local"); touch(&[BACKWARDS]); resume_unwind(Box::new(()))"#),
];

/// Functions of every kind with all parameters, with the bodies handed round, and a `main` that calls them.
pub(crate) fn program() -> (String, Vec<String>) {
    let mut source = include_str!("../../ui/same/drop-order.rs").to_owned();
    let mut main = "fn main() {\n    cell::install(&FORGETS).unwrap();\n".to_owned();
    let mut all = Vec::new();
    for (number, kind) in KINDS.iter().enumerate() {
        for (row, parameters) in PARAMETERS.iter().enumerate() {
            let theirs = BODIES.iter().skip((number + row) % 3).step_by(3);
            for (what, body) in theirs.filter(|(_, body)| possible(kind, parameters, body)) {
                let name = format!("{what}_{number}_{row}");
                writeln!(source, "{}", function(kind, parameters, body).replace("name", &name)).unwrap();
                let call = kind.call.replace("name", &name).replace("ARGUMENTS", parameters.arguments);
                let calls = match kind.runs {
                    Runs::AtOnce => vec![(name, format!("drop({call})"))],
                    Runs::Later => (0..3)
                        .map(|times| {
                            (format!("{name} polled {times} times"), format!("polled({call}, {times})"))
                        })
                        .collect(),
                };
                for (name, call) in calls {
                    writeln!(main, "    report(\"{name}\", || {call});").unwrap();
                    all.push(name);
                }
            }
        }
    }
    (source + &main + "}\n", all)
}

/// A reference can neither be given away, nor outlive the function in its future.
fn possible(kind: &Kind, parameters: &Parameters, body: &str) -> bool {
    !parameters.named[0].starts_with('*') || !gives_first(body) && !kind.function.contains("async move")
}

fn gives_first(body: &str) -> bool {
    body.contains("drop(FIRST)") || body.contains("Some(FIRST)")
}

fn function(kind: &Kind, parameters: &Parameters, body: &str) -> String {
    let of_self = if kind.function.contains("self") { &["self.0"][..] } else { &[] };
    let all: Vec<String> =
        [of_self, parameters.named].concat().iter().map(|name| format!("&{name}")).collect();
    let backwards: Vec<&str> = all.iter().rev().map(String::as_str).collect();
    let first = parameters.named[0];
    let first = if gives_first(body) { first.to_owned() } else { format!("({first})") };
    let body = body
        .replace("ALL", &all.join(", "))
        .replace("BACKWARDS", &backwards.join(", "))
        .replace("FIRST", &first);
    let pending = if kind.runs == Runs::Later { "Once(false).await; " } else { "" };
    kind.function
        .replace("PARAMETERS", parameters.declared)
        .replace("BODY", &format!("{{ {pending}{body} }}"))
}

fn printed(name: &str, edition: &'static str, source: &str) -> Vec<String> {
    let output = Program::new(name, source).edition(edition).built().unwrap().output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn in_each_edition() {
    let (source, calls) = program();
    let bare = without_attributes(&source);
    let mut wrong = Vec::new();
    let of_editions = ["2021", "2024"].map(|edition| {
        let with = printed(&format!("drop_order_{edition}"), edition, &source);
        let without = printed(&format!("drop_order_bare_{edition}"), edition, &bare);
        assert_eq!([with.len(), without.len()], [calls.len(); 2]);
        for ((name, with), without) in calls.iter().zip(&with).zip(&without) {
            assert!(with.starts_with(name) && without.starts_with(name), "{with}, {without}");
            if with != without {
                wrong.push(format!("{edition}: {with}\n but {without}"));
            }
        }
        without
    });
    assert!(wrong.is_empty(), "{} of {} are wrong:\n{}", wrong.len(), 2 * calls.len(), wrong.join("\n"));
    let [old, new] = of_editions;
    let changed = old.iter().zip(&new).filter(|(old, new)| old != new).count();
    assert!(changed > 20, "only {changed} differ between the editions");
}

/// Functions with a guard for a span: where the last expression leaves something behind, that is in the span.
const GUARDED: &str = r#"
#[traced::traced] fn of_a_number(a: &Noisy) -> bool { let local = Noisy("local"); Noisy("left").none().is_none() }
#[traced::traced] fn of_nothing(a: &Noisy) { let local = Noisy("local"); drop(Noisy("left").none()) }
#[traced::traced] fn after_items(a: &Noisy) -> bool { const NONE: bool = true; Noisy("left").none().is_none() == NONE }
#[traced::traced] #[track_caller] fn of_a_value(a: Noisy) -> Option<Noisy> { let local = Noisy("local"); a.guard("left").none() }

fn main() {
    cell::install(&FORGETS).unwrap();
    EXITS.set(true);
    let a = std::mem::ManuallyDrop::new(Noisy("a"));
    report("of_a_number", || { of_a_number(&a); });
    report("of_nothing", || of_nothing(&a));
    report("after_items", || { after_items(&a); });
    report("of_a_value", || drop(of_a_value(Noisy("a"))));
}
"#;

#[test]
fn before_the_span_ends() {
    let source = include_str!("../../ui/same/drop-order.rs").to_owned() + GUARDED;
    let of = |edition| printed(&format!("drop_order_guarded_{edition}"), edition, &source);
    assert_eq!(
        of("2021"),
        [
            "of_a_number: local left exit",
            "of_nothing: local left exit",
            "after_items: left exit",
            "of_a_value: local guard left a exit",
        ]
    );
    assert_eq!(
        of("2024"),
        [
            "of_a_number: left local exit",
            "of_nothing: left local exit",
            "after_items: left exit",
            "of_a_value: guard left local a exit",
        ]
    );
}
