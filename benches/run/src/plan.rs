//! What is measured of whom.

use kit::{Case, Core, Flood, Order, Pace, To, What};

use crate::process::{Sink, build, measure};
use crate::result::Results;
use crate::{Error, count, table};

/// Rounds of the recorder's cases, and of the whole road.
const ROUNDS: usize = 5;
const ROAD_ROUNDS: usize = 3;

/// How long a process makes bursts.
const MILLIS: u64 = 100;

const PROGRAMS: [&str; 7] =
    ["sink", "peer-traced", "peer-otel", "peer-tracing", "peer-fastrace", "peer-apollo", "peer-floor"];

/// Ours first.
pub(crate) const PEERS: [&str; 7] =
    ["traced", "otel", "otel-global", "tracing", "tracing-lean", "fastrace", "apollo"];

/// Who is told apart in a flood.
pub(crate) const FLOODED: [&str; 4] = ["traced", "otel", "tracing-lean", "fastrace"];

/// Who sends, how.
pub(crate) const ROADS: [(&str, &str); 6] = [
    ("traced", "http"),
    ("otel", "http"),
    ("tracing-lean", "http"),
    ("fastrace", "http"),
    ("traced", "grpc"),
    ("otel", "grpc"),
];

pub(crate) const CASES: [Case; 11] = [
    Case::Child,
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

/// Of these, the instructions of all peers are counted; of ours, all that have one thread.
const COUNTED: [Case; 4] = [Case::Child, Case::Attributes, Case::Async, Case::Error];

pub(crate) const CORES: [Core; 2] = [Core::Same, Core::Other];

pub(crate) fn all() -> Result<(), Error> {
    build(&PROGRAMS)?;
    let mut results = Results::now();
    recorder(&mut results)?;
    road(&mut results)?;
    flood(&mut results)?;
    // If the next step fails, this is not lost.
    results.write("result.json")?;
    instructions(&mut results)?;
    results.write("result.json")?;
    table::write(&results)
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
                for peer in PEERS.into_iter().chain(floor) {
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
        for pace in [Pace::Bursts, Pace::Trickle, Pace::Tight] {
            for core in CORES.into_iter().filter(|core| pace == Pace::Bursts || *core == Core::Other) {
                for (peer, by) in ROADS {
                    // One for each: what a peer leaves unsent must not arrive in the next one's time.
                    let sink = Sink::start()?;
                    let address = sink.address.clone();
                    let to = if by == "grpc" { To::Grpc(address) } else { To::Http(address) };
                    let what = What::Road { to, pace };
                    let mut numbers = measure(&Order { peer: peer.to_owned(), what, core })?;
                    let made = numbers.remove("made").unwrap_or_default();
                    #[allow(clippy::cast_precision_loss)]
                    numbers.insert("lost".into(), 1.0 - sink.count()? as f64 / made);
                    results.add(&key(peer, &format!("{by} {pace:?}"), core), numbers);
                }
            }
        }
    }
    Ok(())
}

fn flood(results: &mut Results) -> Result<(), Error> {
    for flood in [Flood::Fast, Flood::Steady, Flood::Slow, Flood::Crowd] {
        for core in CORES.into_iter().filter(|core| flood == Flood::Fast || *core == Core::Other) {
            eprintln!("flood: {flood:?}, {core:?} core");
            for peer in FLOODED {
                let numbers = measure(&Order { peer: peer.to_owned(), what: What::Flood(flood), core })?;
                results.add(&key(peer, &format!("{flood:?}"), core), numbers);
            }
        }
    }
    Ok(())
}

/// Two at a time: other processes do not change how many there are.
fn instructions(results: &mut Results) -> Result<(), Error> {
    eprintln!("instructions");
    let ours = ours().map(|case| ("traced", case));
    let others = PEERS[1..].iter().flat_map(|peer| COUNTED.map(|case| (*peer, case)));
    for (peer, case, numbers) in counted(&ours.chain(others).collect::<Vec<_>>())? {
        results.add(&key(peer, &format!("{case:?}"), Core::Other), numbers);
    }
    Ok(())
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
