//! What is measured of whom.

use kit::{Case, Core, Flood, Order, Pace, To, What};

use crate::process::{Sink, build, measure};
use crate::result::{RESULT, Results};
use crate::{Error, count, encoder, gzip, report};

/// Rounds of the recorder's cases, and of the whole road.
const ROUNDS: usize = 5;
const ROAD_ROUNDS: usize = 3;

/// How long a process makes bursts.
const MILLIS: u64 = 100;

const PROGRAMS: [&str; 7] =
    ["sink", "peer-traced", "peer-otel", "peer-tracing", "peer-fastrace", "peer-apollo", "peer-floor"];

/// Ours first.
pub(crate) const PEERS: [&str; 8] =
    ["traced", "traced-lean", "otel", "otel-global", "tracing", "tracing-lean", "fastrace", "apollo"];

/// Who is told apart in a flood.
pub(crate) const FLOODED: [&str; 4] = ["traced", "otel", "tracing-lean", "fastrace"];

/// Who sends, how.
pub(crate) const ROADS: [(&str, &str); 10] = [
    ("traced", "http"),
    ("traced-lean", "http"),
    ("otel", "http"),
    ("tracing-lean", "http"),
    ("fastrace", "http"),
    ("traced", "grpc"),
    ("otel", "grpc"),
    ("traced", "http gzip"),
    ("traced", "grpc gzip"),
    ("otel", "http gzip"),
];

/// At which pace spans are sent, and where the pipeline is.
pub(crate) const PACES: [(Pace, Core); 4] = [
    (Pace::Bursts, Core::Same),
    (Pace::Bursts, Core::Other),
    (Pace::Trickle, Core::Other),
    (Pace::Tight, Core::Other),
];

pub(crate) const FLOODS: [(Flood, Core); 5] = [
    (Flood::Fast, Core::Same),
    (Flood::Fast, Core::Other),
    (Flood::Steady, Core::Other),
    (Flood::Slow, Core::Other),
    (Flood::Crowd, Core::Other),
];

pub(crate) const CASES: [Case; 12] = [
    Case::Child,
    Case::Leaf,
    Case::Attributes,
    Case::Async,
    Case::Error,
    Case::Tree,
    Case::Root,
    Case::UnsampledParent,
    Case::UnsampledRoot,
    Case::Ratio,
    Case::Nothing,
    Case::Threads,
];

pub(crate) const CORES: [Core; 2] = [Core::Same, Core::Other];

pub(crate) fn all() -> Result<(), Error> {
    build(&PROGRAMS)?;
    let mut results = Results::now();
    // What is measured is not lost if a later step fails.
    for step in [recorder, road, flood, instructions, encoder::measure] {
        step(&mut results)?;
        results.write(RESULT)?;
    }
    report::write()
}

/// How a measurement is called in the results.
pub(crate) fn key(peer: &str, what: &str, core: Core) -> String {
    format!("{peer} {what} {core:?}")
}

fn recorder(results: &mut Results) -> Result<(), Error> {
    for round in 1..=ROUNDS {
        eprintln!("recorder, round {round} of {ROUNDS}");
        for case in CASES {
            for core in CORES.into_iter().filter(|core| case != Case::Threads || *core == Core::Same) {
                let floor = (case == Case::Child).then_some("floor");
                for peer in who(case).chain(floor) {
                    let what = What::Bursts { case, millis: MILLIS };
                    let numbers = measure(&Order { peer: peer.to_owned(), what, core })?;
                    results.add(&key(peer, &format!("{case:?}"), core), numbers);
                }
            }
        }
    }
    Ok(())
}

fn road(results: &mut Results) -> Result<(), Error> {
    for round in 1..=ROAD_ROUNDS {
        eprintln!("whole road, round {round} of {ROAD_ROUNDS}");
        for (pace, core) in PACES {
            for (peer, by) in ROADS {
                let is_gzip = by.ends_with("gzip");
                if is_gzip && (pace, core) != (Pace::Bursts, Core::Other) {
                    continue;
                }
                // One for each: what a peer leaves unsent must not arrive in the next one's time.
                let sink = Sink::start()?;
                let what = What::Road { to: to(by, &sink), pace };
                let mut numbers = measure(&Order { peer: peer.to_owned(), what, core })?;
                let made = numbers.remove("made").unwrap_or_default();
                numbers.insert("lost".into(), 1.0 - sink.count()? as f64 / made);
                if is_gzip {
                    let (spans, request) = sink.last()?;
                    numbers.insert("gzip alone".into(), gzip::alone(spans, &request)?);
                }
                results.add(&key(peer, &format!("{by} {pace:?}"), core), numbers);
            }
        }
    }
    Ok(())
}

fn to(by: &str, sink: &Sink) -> To {
    let address = sink.address.clone();
    match by {
        "http" => To::Http(address),
        "http gzip" => To::HttpGzip(address),
        "grpc" => To::Grpc(address),
        _ => To::GrpcGzip(address),
    }
}

fn flood(results: &mut Results) -> Result<(), Error> {
    for (flood, core) in FLOODS {
        eprintln!("flood: {flood:?}, {core:?} core");
        for peer in FLOODED {
            let numbers = measure(&Order { peer: peer.to_owned(), what: What::Flood(flood), core })?;
            results.add(&key(peer, &format!("{flood:?}"), core), numbers);
        }
    }
    Ok(())
}

/// Two at a time: other processes do not change how many there are.
fn instructions(results: &mut Results) -> Result<(), Error> {
    eprintln!("instructions");
    let wanted: Vec<_> = ours().flat_map(|case| who(case).map(move |peer| (peer, case))).collect();
    for (peer, case, numbers) in counted(&wanted)? {
        results.add(&key(peer, &format!("{case:?}"), Core::Other), numbers);
    }
    Ok(())
}

/// Who is measured in a case.
fn who(case: Case) -> impl Iterator<Item = &'static str> {
    PEERS.into_iter().filter(move |peer| case != Case::Leaf || peer.starts_with("traced"))
}

/// The cases of ours whose instructions are counted.
pub(crate) fn ours() -> impl Iterator<Item = Case> {
    CASES.into_iter().filter(|case| *case != Case::Threads)
}

/// Counts instructions, two programs at a time.
pub(crate) fn counted<'a>(wanted: &[(&'a str, Case)]) -> Result<Vec<(&'a str, Case, kit::Numbers)>, Error> {
    let work = |part: usize| {
        let mine = wanted.iter().skip(part).step_by(2);
        mine.map(|(peer, case)| {
            let numbers = count::instructions(peer, *case).map_err(|error| error.to_string())?;
            Ok::<_, String>((*peer, *case, numbers))
        })
        .collect::<Result<Vec<_>, _>>()
    };
    let (one, other) = std::thread::scope(|scope| {
        let other = scope.spawn(|| work(1));
        (work(0), other.join())
    });
    let mut counted = one?;
    counted.extend(other.map_err(|_| "a thread panicked")??);
    Ok(counted)
}
