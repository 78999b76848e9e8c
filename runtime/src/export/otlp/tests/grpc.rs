//! OTLP over gRPC, against a receiver on loopback.

use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceResponse,
};
use tokio::net::TcpListener;
use tonic::{Code, Status};

use super::grpc_sink::{Answer, Sink};
use super::retry_info::status_with_retry_info;
use super::{Config, batch, build, config, counts, expected_names, export, names, problem};
use crate::export::otlp::Protocol::Grpc;
use crate::export::{Compression, Exporter, Tally};

#[allow(clippy::unnecessary_wraps, reason = "what a receiver answers")]
fn ok() -> Option<Answer> {
    Some(Ok(ExportTraceServiceResponse::default()))
}

#[allow(clippy::unnecessary_wraps, reason = "what a receiver answers")]
fn partial_success() -> Option<Answer> {
    let partial = ExportTracePartialSuccess { rejected_spans: 2, error_message: "bad ids".into() };
    Some(Ok(ExportTraceServiceResponse { partial_success: Some(partial) }))
}

fn exporter(sink: &Sink) -> Box<dyn Exporter> {
    build(config(Grpc, sink.endpoint()))
}

fn all_names(sink: &Sink) -> Vec<String> {
    sink.received().iter().flat_map(|(_, request)| names(request)).collect()
}

#[tokio::test]
async fn a_batch_arrives_with_its_headers() {
    let sink = Sink::start(|_| ok());
    let mut exporter = build(Config {
        headers: vec![("X-Key".into(), " two ".into()), ("content-type".into(), "text/plain".into())],
        ..config(Grpc, format!("localhost:{}", sink.port))
    });
    let tally = export(&mut *exporter, &batch("span", &[1, 2])).await;
    assert_eq!((counts(&tally), tally.problem), ((2, 0, 0), None));
    assert_eq!(exporter.name(), format!("otlp-grpc localhost:{}", sink.port));
    let [(metadata, request)] = &sink.received()[..] else { panic!("one request") };
    assert_eq!(names(request), expected_names("span", 0..2));
    let header = |name| metadata.get(name).unwrap().to_str().unwrap();
    assert_eq!((header("x-key"), header("content-type")), ("two", "application/grpc"));
    assert_eq!(header("grpc-timeout"), "5000000u");
    assert!(!metadata.contains_key("grpc-encoding"));
    let version = env!("CARGO_PKG_VERSION");
    let agent = format!("traced/{version} OTel-OTLP-Exporter-Rust/{version} tonic/");
    assert!(header("user-agent").starts_with(&agent), "{}", header("user-agent"));
}

#[tokio::test]
async fn what_is_to_be_compressed_is_so_in_each_attempt() {
    let sink = Sink::start_by_gzip(|before| match before {
        0 => Some(Err(Status::unavailable("busy"))),
        _ => partial_success(),
    });
    let mut exporter = build(Config { compression: Compression::Gzip, ..config(Grpc, sink.endpoint()) });
    // What stays large: several frames of HTTP/2, and of the connection's window.
    let mut sizes = vec![1_000; 2_000];
    sizes.push(1_000_000);
    let tally = export(&mut *exporter, &batch("span", &sizes)).await;
    assert_eq!(counts(&tally), (1_999, 2, 0));
    assert!(problem(&tally).ends_with("rejected 2 spans: bad ids"), "{}", problem(&tally));
    let [first, again] = &sink.received()[..] else { panic!("two requests") };
    assert_eq!(first.0.get("grpc-encoding").unwrap(), "gzip");
    assert_eq!(first.0.get("grpc-accept-encoding").unwrap(), "gzip,identity");
    assert_eq!(names(&first.1), expected_names("span", 0..2_001));
    assert_eq!(first.1, again.1);
}

#[tokio::test]
async fn a_receiver_that_unpacks_nothing_says_so() {
    let sink = Sink::start(|_| ok());
    let mut exporter = build(Config { compression: Compression::Gzip, ..config(Grpc, sink.endpoint()) });
    let tally = export(&mut *exporter, &batch("span", &[1, 2])).await;
    assert_eq!((counts(&tally), sink.received().len()), ((0, 2, 0), 0));
    assert!(problem(&tally).contains("`gzip` which isn't supported"), "{}", problem(&tally));
    assert!(problem(&tally).contains("bytes, sent as gzip, with 2 spans"), "{}", problem(&tally));
}

#[tokio::test]
async fn a_passing_refusal_is_sent_again() {
    for code in [
        Code::Cancelled,
        Code::DeadlineExceeded,
        Code::Aborted,
        Code::OutOfRange,
        Code::Unavailable,
        Code::DataLoss,
    ] {
        let sink = Sink::start(move |before| match before {
            0 => Some(Err(Status::new(code, "busy"))),
            _ => ok(),
        });
        let tally = export(&mut *exporter(&sink), &batch("span", &[1, 2])).await;
        assert_eq!((counts(&tally), &tally.problem), ((2, 0, 0), &None), "{code:?}");
        let received = sink.received();
        assert_eq!(received.len(), 2, "{code:?}");
        assert_eq!(received[0].1, received[1].1);
    }
}

#[tokio::test]
async fn a_lasting_refusal_is_not_sent_again() {
    for (code, expected) in [
        (Code::InvalidArgument, "answered InvalidArgument: no way"),
        (Code::Unauthenticated, "check the headers that authorize"),
        (Code::Unimplemented, "is it an OTLP receiver"),
        (Code::ResourceExhausted, "answered ResourceExhausted"),
        (Code::Internal, "answered Internal"),
        (Code::Unknown, "answered Unknown"),
    ] {
        let sink = Sink::start(move |_| Some(Err(Status::new(code, "no\nway"))));
        let tally = export(&mut *exporter(&sink), &batch("span", &[1, 2])).await;
        assert_eq!((counts(&tally), sink.received().len()), ((0, 2, 0), 1), "{code:?}");
        assert!(problem(&tally).starts_with(&format!("otlp-grpc {} answered", sink.endpoint())));
        assert!(problem(&tally).contains(expected), "{}", problem(&tally));
    }
}

#[tokio::test]
async fn a_receiver_that_is_exhausted_says_when_to_come_back() {
    for (seconds, nanos, at_least) in [(0, 900_000_000, 900), (-3, 0, 0), (0, 0, 0)] {
        let sink = Sink::start(move |before| match before {
            0 => {
                let details = status_with_retry_info(seconds, nanos);
                Some(Err(Status::with_details(Code::ResourceExhausted, "slow down", details.into())))
            }
            _ => ok(),
        });
        let start = Instant::now();
        let tally = export(&mut *exporter(&sink), &batch("span", &[1])).await;
        assert_eq!((counts(&tally), sink.received().len()), ((1, 0, 0), 2), "{seconds} s");
        let taken = start.elapsed();
        assert!(taken >= Duration::from_millis(at_least) && taken < Duration::from_secs(3), "{taken:?}");
    }
}

#[tokio::test]
async fn what_a_partial_success_rejects_has_failed() {
    let sink = Sink::start(|_| partial_success());
    let tally = export(&mut *exporter(&sink), &batch("span", &[1, 1, 1])).await;
    assert_eq!((counts(&tally), sink.received().len()), ((1, 2, 0), 1));
    assert!(problem(&tally).ends_with("rejected 2 spans: bad ids"), "{}", problem(&tally));
}

#[tokio::test]
async fn a_request_refused_for_its_size_is_halved_without_loss() {
    // tonic's own refusal is OUT_OF_RANGE; the others are RESOURCE_EXHAUSTED in words of their own.
    let sink = Sink::start_with(150_000, |_| ok());
    let tally = export(&mut *exporter(&sink), &batch("span", &[20_000; 20])).await;
    assert_eq!((counts(&tally), all_names(&sink)), ((20, 0, 0), expected_names("span", 0..20)));
    assert_eq!(tally.problem, None);

    for words in [
        "grpc: received message larger than max (5000000 vs. 4194304)",
        "gRPC message exceeds maximum size 4194304: 5000000",
    ] {
        let sink = Sink::start(move |before| match before {
            0 => Some(Err(Status::resource_exhausted(words))),
            _ => ok(),
        });
        let tally = export(&mut *exporter(&sink), &batch("span", &[1; 5])).await;
        assert_eq!((counts(&tally), sink.received().len()), ((5, 0, 0), 3), "{words}");
        assert_eq!(all_names(&sink)[5..], expected_names("span", 0..5));
    }
}

#[tokio::test]
async fn the_limit_counts_the_message_without_its_frame() {
    // The receiver's limit is exactly the size of the request, as ours.
    let spans = batch("span", &[100; 10]);
    let size = {
        let sink = Sink::start(|_| ok());
        export(&mut *exporter(&sink), &spans).await;
        prost::Message::encoded_len(&sink.received()[0].1)
    };
    for (limit, requests) in [(size, 1), (size - 1, 2)] {
        let sink = Sink::start_with(limit, |_| ok());
        let mut exporter = build(Config { max_request_bytes: limit, ..config(Grpc, sink.endpoint()) });
        let tally = export(&mut *exporter, &spans).await;
        assert_eq!((counts(&tally), sink.received().len()), ((10, 0, 0), requests));
    }
}

#[tokio::test]
async fn a_span_that_never_fits_is_dropped_alone() {
    let sink = Sink::start(|_| ok());
    let tally = export(&mut *exporter(&sink), &batch("span", &[10, 5 << 20, 10])).await;
    assert_eq!((counts(&tally), all_names(&sink)), ((2, 0, 1), expected_names("span", [0, 2])));
    assert!(problem(&tally).contains("`span 1`, dropped: it takes 5243"), "{}", problem(&tally));
}

#[tokio::test]
async fn a_port_where_nobody_listens_fails_with_the_reason_and_is_found_when_somebody_does() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let mut exporter = build(config(Grpc, format!("http://127.0.0.1:{port}")));
    let start = Instant::now();
    let tally = export(&mut *exporter, &batch("span", &[1, 1])).await;
    assert_eq!(counts(&tally), (0, 2, 0));
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    let said = problem(&tally);
    assert!(said.contains("cannot be reached: Connection refused"), "{said}");
    assert!(said.contains("is a collector listening there?), after 5 attempts (a request of"), "{said}");

    let sink = Sink::start_on(port, 4 << 20, |_| ok());
    let tally = export(&mut *exporter, &batch("later", &[1, 1])).await;
    assert_eq!((counts(&tally), sink.received().len()), ((2, 0, 0), 1));
}

#[tokio::test]
async fn a_receiver_that_falls_silent_leaves_the_tally_right() {
    let sink = Sink::start(|before| if before == 1 { None } else { ok() });
    let mut exporter = build(Config { max_request_bytes: 1_000, ..config(Grpc, sink.endpoint()) });
    let (mut tally, spans) = (Tally::default(), batch("span", &[600, 600, 600]));
    let export_all = exporter.export(&spans, &mut tally);
    assert!(tokio::time::timeout(Duration::from_secs(1), export_all).await.is_err());
    assert_eq!(counts(&tally), (1, 0, 0));
    let tally = export(&mut *exporter, &batch("next", &[1, 1])).await;
    assert_eq!(counts(&tally), (2, 0, 0));
    assert_eq!(all_names(&sink), ["span 0", "span 1", "next 0", "next 1"]);
}

#[tokio::test]
async fn an_attempt_ends_at_its_own_timeout() {
    let sink = Sink::start(|before| if before == 0 { None } else { ok() });
    let mut exporter = build(Config { timeout: Duration::from_millis(200), ..config(Grpc, sink.endpoint()) });
    let tally = export(&mut *exporter, &batch("span", &[1])).await;
    assert_eq!(counts(&tally), (1, 0, 0));
    assert!(sink.received().len() >= 2);
}

#[tokio::test]
async fn a_peer_that_accepts_and_says_nothing_is_told_from_one_that_refuses() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let mut exporter = build(Config { timeout: Duration::from_millis(50), ..config(Grpc, endpoint) });
    let tally = export(&mut *exporter, &batch("span", &[1])).await;
    assert_eq!(counts(&tally), (0, 1, 0));
    assert!(problem(&tally).contains("gave no answer within 50ms, after 5 attempts"), "{}", problem(&tally));
}
