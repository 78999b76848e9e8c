//! How deep annotated futures nest: in the compiler, which counts the types that are in each other, and on the stack.

use std::fmt::Write as _;

use crate::compiler::Program;

/// A program of `async fn`s that call each other, with the attribute on each.
fn chain(attribute: &str, levels: usize, before: &str) -> String {
    let mut source = format!(
        "{before}
         async fn level_0(n: u64) -> Result<u64, String> {{
             let mut pending = true;
             std::future::poll_fn(|_| if std::mem::take(&mut pending) {{
                 std::task::Poll::Pending
             }} else {{
                 std::task::Poll::Ready(())
             }}).await;
             Ok(n)
         }}
         fn main() {{
             let run = || {{
                 let mut future = std::pin::pin!(level_{levels}(0));
                 let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
                 loop {{
                     if let std::task::Poll::Ready(n) = future.as_mut().poll(&mut cx) {{
                         assert_eq!(n, Ok({levels}));
                         break;
                     }}
                 }}
             }};
             std::thread::Builder::new().stack_size(2 << 20).spawn(run).unwrap().join().unwrap();
         }}\n"
    );
    for (level, below) in (1..=levels).zip(0..) {
        writeln!(
            source,
            "{attribute} async fn level_{level}(n: u64) -> Result<u64, String> {{
                 let n = level_{below}(n).await?;
                 Ok(n + 1)
             }}"
        )
        .unwrap();
    }
    source
}

fn nests(name: &str, attribute: &str, levels: usize) -> bool {
    Program::new(name, &chain(attribute, levels, "")).built().is_ok()
}

/// The deepest chain that the compiler takes.
fn deepest(name: &str, attribute: &str) -> usize {
    let (mut fits, mut too_deep) = (1, 128);
    while fits + 1 < too_deep {
        let levels = usize::midpoint(fits, too_deep);
        if nests(name, attribute, levels) { fits = levels } else { too_deep = levels }
    }
    fits
}

#[test]
fn at_the_default_recursion_limit() {
    let bare = deepest("bare_chain", "");
    for (name, attribute) in [
        ("chain", "#[traced::traced]"),
        ("chain_with", "#[traced::traced(ret, fields(n))]"),
        ("chain_of_roots", "#[traced::traced(root)]"),
    ] {
        let annotated = deepest(name, attribute);
        assert!(annotated * 100 >= bare * 60, "{attribute} {annotated}, bare {bare}");
    }
}

/// 2 MB is what a thread gets.
#[test]
fn on_a_stack_of_2_mb() {
    for (name, options, levels) in
        [("debug_stack", vec![], 100), ("release_stack", vec!["-Copt-level=3"], 200)]
    {
        let source = chain("#[traced::traced]", levels, "#![recursion_limit = \"2048\"]");
        let program = options.into_iter().fold(Program::new(name, &source), Program::option);
        let ran = program.built().unwrap().status().unwrap();
        assert!(ran.success(), "{levels} levels: {ran}");
    }
}
