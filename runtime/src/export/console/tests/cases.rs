//! One thing each.

use super::*;

#[test]
fn a_single_span() {
    assert_shown(
        &shown([span(1, 0, "main", 0, 7)]),
        "
4bf92f3577b34da6a3ce929d0e0e4736  orders  1 span                   7.00 ms  2026-11-03 10:15:30.120Z
main                                                               7.00 ms  ━━━━━━━━━━━━━━━━━━━━━━━━",
    );
}

#[test]
fn nothing_is_shown_before_the_root_has_ended_and_all_is_quiet() {
    let mut screen = Screen::plain();
    screen.add([span(2, 1, "child", 1, 2)]);
    assert_eq!(screen.after(QUIET * 5), "");
    screen.add([span(1, 0, "root", 0, 3)]);
    assert_eq!(screen.after(QUIET / 2), "");
    screen.add([span(3, 1, "sibling", 2, 3)]);
    assert_eq!(screen.after(QUIET / 2), "");
    assert_eq!(screen.after(QUIET / 2).matches("ms  ").count(), 4);
    assert_eq!(screen.after(QUIET * 100) + &screen.flush(), "");
}

#[test]
fn a_remote_parent_is_not_waited_for() {
    assert_shown(
        &shown([span(2, 1, "GET /", 0, 10).kind(2).remote()]),
        "
4bf92f3577b34da6a3ce929d0e0e4736  orders  1 span                   10.0 ms  2026-11-03 10:15:30.120Z
GET /  SERVER                                                      10.0 ms  ━━━━━━━━━━━━━━━━━━━━━━━━
   ↑ remote parent 0000000000000001",
    );
}

#[test]
fn services_in_one_process_are_one_tree() {
    // The inner one stays in the service that its parent said it is in; the last is the resource's again.
    assert_shown(
        &shown([
            span(4, 3, "query", 3, 5),
            span(5, 4, "notify", 4, 5).remote().kind(5),
            span(3, 2, "GET /stock", 2, 6).kind(2).remote().service("inventory"),
            span(2, 1, "fetch", 1, 7).kind(3).service("orders"),
            span(1, 0, "main", 0, 8),
        ]),
        "
4bf92f3577b34da6a3ce929d0e0e4736  orders  5 spans                  8.00 ms  2026-11-03 10:15:30.120Z
main                                                               8.00 ms  ━━━━━━━━━━━━━━━━━━━━━━━━
└─ fetch  CLIENT                                                   6.00 ms     ━━━━━━━━━━━━━━━━━━
   └─ GET /stock  SERVER  (inventory)                              4.00 ms        ━━━━━━━━━━━━
      └─ query                                                     2.00 ms           ━━━━━━
         └─ notify  CONSUMER  (orders)                             1.00 ms              ━━━",
    );
}

#[test]
fn an_unfinished_trace_is_shown_in_the_end_and_goes_on() {
    let mut screen = Screen::plain();
    screen.add([span(3, 2, "query", 2, 4)]);
    assert_eq!(screen.after(Duration::from_secs(9)), "");
    assert_shown(
        &screen.after(Duration::from_secs(1)),
        "
4bf92f3577b34da6a3ce929d0e0e4736  orders  1 span  unfinished       2.00 ms  2026-11-03 10:15:30.122Z
… as far as it is known: not over after 10 s; 1 open span
query                                                              2.00 ms  ━━━━━━━━━━━━━━━━━━━━━━━━
   ↑ parent 0000000000000002 is not known here",
    );
    // What is under the same open span needs no such wait any more.
    screen.add([span(4, 2, "query again", 4, 6)]);
    assert_shown(
        &screen.quiet(),
        "
4bf92f3577b34da6a3ce929d0e0e4736  orders  1 span  continued        4.00 ms  2026-11-03 10:15:30.122Z
… later, under span 0000000000000002, which has not ended
└─ query again                                                     2.00 ms              ━━━━━━━━━━━━",
    );
    screen.add([span(2, 1, "load", 1, 9), span(1, 0, "main", 0, 10)]);
    assert_shown(
        &screen.quiet(),
        "
4bf92f3577b34da6a3ce929d0e0e4736  orders  2 spans  continued       10.0 ms  2026-11-03 10:15:30.120Z
main                                                               10.0 ms  ━━━━━━━━━━━━━━━━━━━━━━━━
└─ load                                                            8.00 ms    ╺━━━━━━━━━━━━━━━━━━╸
      ↑ shown before: `query` (orders)  `query again` (orders)",
    );
}

#[test]
fn a_flush_shows_what_has_not_ended() {
    let mut screen = Screen::plain();
    screen.add([span(3, 2, "query", 2, 4)]);
    let shown = screen.flush();
    assert!(shown.contains("… as far as it is known: flushed before it was over; 1 open span\n"), "{shown}");
}

#[test]
fn two_traces_keep_apart() {
    let mut screen = Screen::plain();
    screen.add([
        span(2, 1, "a child", 0, 1),
        span(1, 0, "b root", 0, 1).trace(7),
        span(1, 0, "a root", 0, 1),
    ]);
    let shown = screen.quiet();
    let names: Vec<_> = shown.lines().filter_map(|line| line.split("  ").next()).collect();
    assert_eq!(names.join("|"), format!("|{TRACE:032x}|a root|└─ a child||{:032x}|b root", 7));
}

#[test]
fn what_is_held_is_bounded() {
    let bounds = Bounds { spans: 3, ..Bounds::default() };
    let mut screen = Screen::new(Style { color: false, width: 100 }, bounds);
    assert_eq!(
        screen.add([
            span(2, 1, "old", 0, 1),
            span(2, 1, "new", 0, 1).trace(7),
            span(3, 1, "new", 0, 1).trace(7)
        ]),
        ""
    );
    let shown = screen.add([span(4, 1, "new", 0, 1).trace(7)]);
    assert!(
        shown.contains(
            "… as far as it is known: more spans are held back than there is room for; 1 open span\nold "
        ),
        "{shown}"
    );
    let bounds = Bounds { bytes: 1000, ..Bounds::default() };
    let mut screen = Screen::new(Style { color: false, width: 100 }, bounds);
    assert!(screen.add([span(2, 1, "big", 0, 1).field("text", "x".repeat(2000).as_str())]).contains("big"));
    assert_eq!(screen.flush(), "");
}

#[test]
fn no_text_reaches_the_terminal_as_it_is() {
    let evil = "\x1b]0;owned\x07\x1b[2J\r\n\u{202e}\u{9b}31m";
    for color in [false, true] {
        let mut screen = Screen::new(Style { color, width: 100 }, Bounds::default());
        screen.view = View::new(Style { color, width: 100 }, evil.to_owned(), Bounds::default());
        screen.add([
            span(2, 1, evil, 0, 1).service(evil).field(evil, evil).event(
                evil,
                0,
                &[(evil, Value::Str(evil))],
            ),
            span(1, 0, "root", 0, 1).exception(evil, evil, &format!("Caused by: {evil}")),
        ]);
        let mut shown = screen.quiet();
        screen.add([span(3, 2, "late", 1, 2)]);
        shown += &screen.quiet();
        assert!(shown.contains("later, under `\\u{1b}]0;owned"), "{shown}");
        let codes = ["1", "2", "2;3", "31", "34", "36", "0"].map(|code| format!("\x1b[{code}m"));
        let bare = codes.iter().fold(shown, |text, code| text.replace(code.as_str(), ""));
        let bad: Vec<_> =
            bare.chars().filter(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}').collect();
        assert!(bad.is_empty(), "{bad:?}\n{bare:?}");
        // And none makes a line of its own.
        assert!(bare.lines().all(|line| !line.starts_with("31m")));
    }
}

#[test]
fn columns_stay_aligned_whatever_the_script() {
    assert_shown(
        &shown([
            span(2, 1, "在庫を確認する", 0, 2).field("商品", "りんご"),
            span(3, 1, "💳 zahlen für größere Bestellungen", 2, 4),
            span(1, 0, &"とても長い名前".repeat(8), 0, 4),
        ]),
        "
4bf92f3577b34da6a3ce929d0e0e4736  orders  3 spans                  4.00 ms  2026-11-03 10:15:30.120Z
とても長い名前とても長い名前とても長い名前とても長い名前とても…    4.00 ms  ━━━━━━━━━━━━━━━━━━━━━━━━
├─ 在庫を確認する                                                  2.00 ms  ━━━━━━━━━━━━
│     商品=りんご
└─ 💳 zahlen für größere Bestellungen                              2.00 ms              ━━━━━━━━━━━━",
    );
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let spans = || {
        sample::spans().into_iter().chain((100..140).map(|id| {
            span(id, if id == 100 { 14 } else { id - 1 }, &"name ".repeat(30), 0, 1)
                .service(&"service".repeat(9))
                .kind(2)
                .field("text", "lorem ipsum ".repeat(90).as_str())
        }))
    };
    for width in [60, 70, 89, 90, 100, 160] {
        let mut screen = Screen::new(Style { color: false, width }, Bounds::default());
        screen.add(spans());
        let shown = screen.quiet();
        for line in shown.lines() {
            assert!(super::super::text::width(line) <= width, "{width}: {line}");
        }
    }
}

#[test]
fn a_child_outside_of_its_parent_widens_the_picture() {
    let mut skewed = span(3, 1, "ends before it starts", 5, 5);
    skewed.header.end = skewed.header.start - MS;
    assert_shown(
        &shown([span(1, 0, "main", 2, 6), span(2, 1, "early", 0, 3), span(4, 1, "outlives", 5, 8), skewed]),
        "
4bf92f3577b34da6a3ce929d0e0e4736  orders  4 spans                  8.00 ms  2026-11-03 10:15:30.120Z
main                                                               4.00 ms        ━━━━━━━━━━━━
├─ early                                                           3.00 ms  ━━━━━━━━━
├─ outlives                                                        3.00 ms                 ━━━━━━━━━
└─ ends before it starts                                              0 ns                 ╸",
    );
}

#[test]
fn an_error_that_was_passed_on_is_told_once() {
    let shown = shown([
        span(3, 2, "inner", 2, 4).exception("E", "boom", "E: boom"),
        span(2, 1, "middle", 1, 5).failed("E", "boom"),
        span(1, 0, "outer", 0, 6).failed("Other", "gave up"),
    ]);
    assert_shown(
        &shown,
        "
4bf92f3577b34da6a3ce929d0e0e4736  orders  3 spans  2 errors        6.00 ms  2026-11-03 10:15:30.120Z
✗ outer                                                            6.00 ms  ━━━━━━━━━━━━━━━━━━━━━━━━
│  ✗ Other: gave up
└─ ✗ middle                                                        4.00 ms      ━━━━━━━━━━━━━━━━
   └─ ✗ inner                                                      2.00 ms          ━━━━━━━━
         ✗ E: boom",
    );
}

#[test]
fn an_error_type_of_its_own_is_shown_where_it_is_new() {
    let told = [("exception.type", Value::Str("E")), ("exception.message", Value::Str("boom"))];
    let shown = shown([
        span(4, 3, "inner", 3, 4).event("exception", 1, &told).failed("timeout", "boom"),
        span(3, 2, "as the child's", 2, 5).failed("timeout", "boom"),
        span(2, 1, "another", 1, 6).failed("unavailable", "boom"),
        span(6, 5, "inner", 6, 7).exception("F", "bang", "F: bang"),
        span(5, 1, "as the child's exception", 6, 7).failed("F", "bang"),
        span(7, 1, "with the status", 6, 7).event("exception", 0, &told).failed("refused", "not again"),
        span(1, 0, "root", 0, 7),
    ]);
    assert_shown(
        &shown,
        "
4bf92f3577b34da6a3ce929d0e0e4736  orders  7 spans  3 errors        7.00 ms  2026-11-03 10:15:30.120Z
root                                                               7.00 ms  ━━━━━━━━━━━━━━━━━━━━━━━━
├─ ✗ another                                                       5.00 ms     ╺━━━━━━━━━━━━━━━━╸
│  │  error.type=unavailable
│  └─ ✗ as the child's                                             3.00 ms         ━━━━━━━━━━
│     └─ ✗ inner                                                   1.00 ms            ╺━━╸
│           error.type=timeout
│           ✗ E: boom
├─ ✗ as the child's exception                                      1.00 ms                      ╺━━━
│  └─ ✗ inner                                                      1.00 ms                      ╺━━━
│        ✗ F: bang
└─ ✗ with the status                                               1.00 ms                      ╺━━━
      ✗ E: boom
      ✗ refused: not again",
    );
}

#[test]
fn a_deep_chain_is_shown_whole() {
    let depth = 20_000;
    let begun = Instant::now();
    let mut screen =
        Screen::new(Style { color: false, width: 100 }, Bounds { spans: 100_000, ..Bounds::default() });
    screen.view.traces =
        super::super::traces::Traces::new(Bounds { spans: 100_000, bytes: 1 << 30, ..Bounds::default() });
    screen.add((1..=depth).rev().map(|id| span(id, id - 1, "down", id, depth)));
    let shown = screen.quiet();
    assert_eq!(shown.lines().count(), usize::try_from(depth).unwrap() + 2);
    assert_eq!(
        shown.lines().last().unwrap(),
        "⋯                             └─ down                                 0 ns                         ╺"
    );
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

#[test]
fn a_wide_trace_takes_time_by_its_size() {
    let time = |spans: u64| {
        let bounds = Bounds { spans: 1 << 20, bytes: 1 << 30, ..Bounds::default() };
        let mut screen = Screen::new(Style { color: false, width: 100 }, bounds);
        let batch = batch(
            (1..=spans).rev().map(|id| span(id, u64::from(id > 1), "many", id, spans + 1).field("n", 1)),
        );
        let begun = Instant::now();
        for index in 0..batch.len() {
            assert!(screen.view.add(&batch, index, screen.now).is_none());
        }
        let shown = screen.quiet();
        let took = begun.elapsed();
        assert_eq!(shown.lines().count() as u64, spans * 2 + 2);
        took
    };
    let (few, many) = (time(1_000), time(20_000));
    // Twenty times as much; in quadratic time it would take four hundred times as long.
    assert!(many < few * 100, "{few:?} {many:?}");
}

#[test]
fn a_header_with_much_to_say_takes_the_room_of_the_date() {
    let mut screen = Screen::plain();
    screen.view =
        View::new(Style { color: false, width: 100 }, "checkout-worker".to_owned(), Bounds::default());
    screen.add((1..=13).map(|id| {
        let span = span(id, u64::from(id > 1), "work", 0, 7);
        if id > 8 { span.failed("Broken", "it broke") } else { span }
    }));
    let shown = screen.quiet();
    assert_eq!(
        shown.lines().nth(1),
        Some(
            "4bf92f3577b34da6a3ce929d0e0e4736  checkout-worker  13 spans  5 errors   7.00 ms  10:15:30.120Z"
        )
    );
    assert!(shown.lines().nth(2).is_some_and(|line| line.starts_with("work ")), "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() <= 100), "{shown}");
}
