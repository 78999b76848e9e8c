//! What a peer implements, and how it is measured. One process measures one thing of one peer: who records is
//! global state, and a peer must not find the caches, threads and allocations of another.
//!
//! | module | what lives there |
//! |---|---|
//! | `order` | what is to be measured, as the runner says it and the peers' processes read it |
//! | `peer` | what a peer implements; one group of calls of each case |
//! | `machine` | clocks of CPU time, pinning to cores, memory |
//! | `burst` | the cost of a span: bursts, and waiting until they are exported |
//! | `flood` | as fast as possible: time of each span, losses, memory |
//! | `road` | made, encoded and sent |
//! | `threads` | two threads at once |

mod burst;
mod flood;
mod machine;
mod order;
mod peer;
mod road;
mod threads;

pub use machine::thread_cpu;
pub use order::{Case, Core, Flood, Order, Pace, To, What};
pub use peer::{Peer, RATIO, Sampling, Setup, Twice, refused, work};

use std::collections::BTreeMap;

/// What was measured, by name.
pub type Numbers = BTreeMap<String, f64>;

/// Measures a peer.
pub type Measure = fn(&Order) -> Numbers;

/// The `main` of a peer's program: reads the order, measures, prints the numbers.
///
/// # Panics
///
/// If the first argument is no order for one of these peers.
pub fn main(peers: &[(&str, Measure)]) {
    let order = std::env::args().nth(1).expect("an order, as JSON");
    let order: Order = serde_json::from_str(&order).expect("an order, as JSON");
    let (_, measure) = peers.iter().find(|(name, _)| *name == order.peer).expect("a peer of this program");
    println!("{}", serde_json::to_string(&measure(&order)).expect("numbers"));
}

/// Carries an order out.
#[must_use]
pub fn measure<P: Peer>(order: &Order) -> Numbers {
    match &order.what {
        What::Bursts { case: Case::Threads, millis } => threads::two_threads::<P>(*millis),
        What::Bursts { case, millis } => burst::bursts::<P>(*case, order.core, *millis),
        What::Count { case, bursts } => burst::count::<P>(*case, *bursts),
        What::CountRoad { to, bursts } => road::count::<P>(to, *bursts),
        What::Flood(flood) => flood::flood::<P>(*flood, order.core),
        What::Road { to, pace } => road::road::<P>(to, *pace, order.core),
    }
}
