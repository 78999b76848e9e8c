//! How programs end: whatever runtime they have, and whatever the receiver does, they end in time, and either the
//! spans have arrived or somebody is told that they have not.
//!
//! | module | what it shows |
//! |---|---|
//! | `arrive` | with a receiver that works, a thousand spans arrive from every kind of program |
//! | `own_thread` | a shutdown asked for where it would wait for itself changes nothing |
//! | `unreachable` | without one, the program ends within its deadline and tells what was lost |
//! | `environment` | telemetry that is switched off, and settings that cannot be used |

mod arrive;
mod environment;
mod own_thread;
mod unreachable;

use std::process::Command;

use traced_tests::process::{self, Finished};

/// Every kind of program, by the arguments of `subject`.
const PROGRAMS: [(&str, &str); 10] = [
    ("none", "outside"),
    ("current_thread", "outside"),
    ("current_thread", "inside"),
    ("current_thread", "task"),
    ("one_worker", "outside"),
    ("one_worker", "inside"),
    ("one_worker", "task"),
    ("many_workers", "outside"),
    ("many_workers", "inside"),
    ("many_workers", "task"),
];

const MADE: u64 = 1_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    Http,
    Grpc,
}

impl Protocol {
    const ALL: [Self; 2] = [Self::Http, Self::Grpc];

    fn name(self) -> &'static str {
        match self {
            Self::Http => "http/protobuf",
            Self::Grpc => "grpc",
        }
    }
}

/// Runs the program against a receiver.
fn subject(program: (&str, &str), end: &str, protocol: Protocol, url: &str) -> Finished {
    subject_with(
        program,
        end,
        &[("OTEL_EXPORTER_OTLP_ENDPOINT", url), ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol.name())],
    )
}

fn subject_with((runtime, guard): (&str, &str), end: &str, variables: &[(&str, &str)]) -> Finished {
    let mut command = Command::new(env!("CARGO_BIN_EXE_subject"));
    command.args([runtime, guard, end]);
    process::run(command, variables)
}

/// Runs `work` for every kind of program over every protocol, all at once: most of the time they wait.
fn every_program(work: impl Fn((&'static str, &'static str), Protocol) + Sync) {
    std::thread::scope(|scope| {
        let work = &work;
        let each = |program, protocol| {
            let name = format!("{program:?} {protocol:?}");
            std::thread::Builder::new()
                .name(name)
                .spawn_scoped(scope, move || work(program, protocol))
                .unwrap()
        };
        for protocol in Protocol::ALL {
            for program in PROGRAMS {
                each(program, protocol);
            }
        }
    });
}
