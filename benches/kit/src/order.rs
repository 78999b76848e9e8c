//! What is to be measured.

use serde::{Deserialize, Serialize};

/// One measurement.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Order {
    /// As the peer's program calls it.
    pub peer: String,
    pub what: What,
    pub core: Core,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum What {
    /// CPU time per span, measured for so long.
    Bursts {
        case: Case,
        millis: u64,
    },
    /// So many bursts and nothing else, for who counts instructions from outside.
    Count {
        case: Case,
        bursts: u32,
    },
    /// The same, sent.
    CountRoad {
        to: To,
        bursts: u32,
    },
    Flood(Flood),
    /// CPU time per span that is made, encoded and sent.
    Road {
        to: To,
        pace: Pace,
    },
}

/// Where everything but the caller runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Core {
    /// On the caller's core.
    Same,
    /// On another one.
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Case {
    /// A child span without attributes.
    Child,
    /// The same of a function that promises to make no span itself, for peers that can be told so.
    Leaf,
    /// A span without a parent.
    Root,
    /// A child span with an i64, a &str and a bool.
    Attributes,
    /// A future that yields twice.
    Async,
    /// An `io::Error`, recorded with event and status.
    Error,
    /// Spans nested ten deep.
    Tree,
    /// A call below a span that is not sampled.
    UnsampledParent,
    /// A call without a parent, that the sampler says no to.
    UnsampledRoot,
    /// A call without a parent, of which one in a hundred is sampled.
    Ratio,
    /// A call while nobody records.
    Nothing,
    /// Child spans of two threads at once.
    Threads,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Flood {
    /// 1,000,000 spans as fast as possible.
    Fast,
    /// 1,000,000 spans, a thousand each millisecond.
    Steady,
    /// 300,000 as fast as possible, to an exporter that takes 100 ms for each batch.
    Slow,
    /// As many of 512 threads together, 1,000,000 in all, to that exporter.
    Crowd,
}

/// How the spans of the whole road come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pace {
    /// 512 every 3 ms.
    Bursts,
    /// 100 every 10 ms.
    Trickle,
    /// As fast as nobody drops.
    Tight,
}

/// Where spans go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum To {
    /// To a `SpanExporter` that drops its batch.
    Drop,
    /// To one that takes so many milliseconds for that.
    Slow(u64),
    /// To a server, over OTLP http/protobuf.
    Http(String),
    /// The same as gzip.
    HttpGzip(String),
    /// To a server, over OTLP gRPC.
    Grpc(String),
    /// The same as gzip.
    GrpcGzip(String),
}
