//! Without a receiver that works: nobody listens, or somebody does and never answers.

use std::time::Duration;

use traced_tests::process::Finished;
use traced_tests::sink::{Nobody, Silent};

use crate::{MADE, Protocol, every_program, subject};

/// What one shutdown may take, by default and as the program asks for it.
const DEADLINE: Duration = Duration::from_secs(5);

/// The machine may be busy; a program that waits for its deadline three times, or for no deadline, is still seen.
const GENEROUS: u32 = 3;

fn assert_in_time(finished: &Finished) {
    assert!(finished.took < DEADLINE * GENEROUS, "{finished:#?}");
}

/// The guard tells on standard error what the program did not ask for.
fn assert_told(finished: &Finished, url: &str) {
    assert_eq!(finished.status.code(), Some(0), "{finished:#?}");
    assert_in_time(finished);
    // In one line, or in one for each batch: in all, every span.
    let told = finished.stderr.lines().filter_map(|line| {
        let (who, what) = line.strip_prefix("traced: ")?.split_once(": ")?;
        let (spans, _) = what.split_once(" spans lost: ")?;
        who.contains(url).then(|| spans.parse::<u64>().ok())?
    });
    assert_eq!(told.sum::<u64>(), MADE, "{finished:#?}");
}

fn assert_reported(finished: &Finished, url: &str) {
    assert_eq!(finished.status.code(), Some(0), "{finished:#?}");
    assert_in_time(finished);
    let error = finished.value("shutdown.error").unwrap_or_else(|| panic!("no error: {finished:#?}"));
    assert!(error.contains(url), "{error}");
    assert_eq!(finished.number("shutdown.made"), MADE);
    assert_eq!(finished.number("shutdown.failed"), MADE, "{finished:#?}");
    for none in ["exported", "dropped", "queued"] {
        assert_eq!(finished.number(&format!("shutdown.{none}")), 0, "{none}: {finished:#?}");
    }
}

#[test]
fn with_nobody_there_main_returns_and_tells() {
    every_program(|program, protocol| {
        let nobody = Nobody::there();
        assert_told(&subject(program, "return", protocol, &nobody.url()), &nobody.url());
    });
}

#[test]
fn with_nobody_there_shutdown_reports_what_failed() {
    every_program(|program, protocol| {
        let nobody = Nobody::there();
        assert_reported(&subject(program, "report", protocol, &nobody.url()), &nobody.url());
    });
}

#[test]
fn with_no_answer_main_returns_and_tells() {
    every_program(|program, protocol| {
        let silent = Silent::start();
        assert_told(&subject(program, "return", protocol, &silent.url()), &silent.url());
        assert!(silent.accepted() > 0, "it was asked");
    });
}

#[test]
fn with_no_answer_shutdown_reports_what_failed() {
    every_program(|program, protocol| {
        let silent = Silent::start();
        let finished = subject(program, "report", protocol, &silent.url());
        assert_reported(&finished, &silent.url());
        assert_eq!(finished.value("shutdown.timeout"), Some("true"), "{finished:#?}");
        assert!(silent.accepted() > 0, "it was asked");
    });
}

#[test]
fn with_no_answer_an_asynchronous_shutdown_reports_too() {
    every_program(|program, protocol| {
        if program.1 == "inside" {
            let silent = Silent::start();
            assert_reported(&subject(program, "report_async", protocol, &silent.url()), &silent.url());
        }
    });
}

#[test]
fn with_no_answer_flush_and_shutdown_wait_for_one_deadline_each() {
    every_program(|program, protocol| {
        let silent = Silent::start();
        let finished = subject(program, "flush", protocol, &silent.url());
        assert_eq!(finished.status.code(), Some(0), "{finished:#?}");
        assert!(finished.value("flush.error").is_some(), "{finished:#?}");
        assert!(finished.value("shutdown.error").is_some(), "{finished:#?}");
        for what in ["flush", "shutdown"] {
            let took = Duration::from_millis(finished.number(&format!("{what}.ms")));
            assert!(took < DEADLINE * GENEROUS, "{finished:#?}");
        }
        // Not three: the two waits do not add up with anything else.
        assert!(finished.took < DEADLINE * 2 * GENEROUS, "{finished:#?}");
        assert_eq!(finished.number("shutdown.failed"), MADE, "{finished:#?}");
    });
}

#[test]
fn with_no_answer_a_panic_in_main_ends_in_time_as_well() {
    for protocol in Protocol::ALL {
        let silent = Silent::start();
        let finished = subject(("current_thread", "inside"), "panic", protocol, &silent.url());
        assert_eq!(finished.status.code(), Some(101), "{finished:#?}");
        assert_in_time(&finished);
    }
}
