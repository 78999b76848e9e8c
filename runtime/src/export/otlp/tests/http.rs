//! OTLP over HTTP, against a receiver on loopback.

use std::time::{Duration, Instant, SystemTime};

use http::HeaderValue;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceResponse,
};
use prost::Message as _;

use super::gzip::unpacked;
use super::http_sink::{Received, Reply, Sink};
use super::{Config, batch, build, config, counts, expected_names, export, names, problem};
use crate::export::otlp::Protocol::HttpProtobuf;
use crate::export::otlp::http::{is_loopback, quotable_text, retry_after, status_message};
use crate::export::{Compression, Exporter, Tally};

fn exporter(sink: &Sink) -> Box<dyn Exporter> {
    build(config(HttpProtobuf, sink.endpoint()))
}

fn all_names(sink: &Sink) -> Vec<String> {
    sink.received().iter().flat_map(|received| names(&received.request())).collect()
}

#[tokio::test]
async fn a_batch_arrives_with_its_headers() {
    let sink = Sink::start(|_, _| Reply::ok()).await;
    let mut exporter = build(Config {
        headers: vec![("X-Key".into(), "one".into()), ("x-key".into(), " two ".into())],
        ..config(HttpProtobuf, sink.endpoint())
    });
    let tally = export(&mut *exporter, &batch("span", &[1, 2])).await;
    assert_eq!((counts(&tally), tally.problem), ((2, 0, 0), None));
    assert_eq!(exporter.name(), format!("otlp-http {}", sink.endpoint()));
    let [received] = &sink.received()[..] else { panic!("one request") };
    assert!(received.head.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{}", received.head);
    let version = env!("CARGO_PKG_VERSION");
    for line in [
        "content-type: application/x-protobuf",
        &format!("user-agent: traced/{version} OTel-OTLP-Exporter-Rust/{version}"),
        "x-key: two",
    ] {
        assert!(received.head.contains(&format!("\r\n{line}\r\n")), "{line} in {}", received.head);
    }
    assert!(!received.head.contains("x-key: one") && !received.head.contains("content-encoding"));
    assert_eq!(names(&received.request()), expected_names("span", 0..2));
}

#[tokio::test]
async fn what_is_to_be_compressed_is_so_in_each_attempt() {
    let sink = Sink::start(|before, _| match before {
        0 => Reply::Answer("503 Busy\r\n", Vec::new()),
        1 => Reply::ok(),
        _ => Reply::Answer("400 Bad Request\r\n", Vec::new()),
    })
    .await;
    let mut exporter =
        build(Config { compression: Compression::Gzip, ..config(HttpProtobuf, sink.endpoint()) });
    let tally = export(&mut *exporter, &batch("span", &[1_000; 20])).await;
    assert_eq!((counts(&tally), tally.problem), ((20, 0, 0), None));
    let [first, again] = &sink.received()[..] else { panic!("two requests") };
    assert!(first.head.contains("\r\ncontent-encoding: gzip\r\n"), "{}", first.head);
    assert!(first.body.len() < 2_000, "{}", first.body.len());
    assert_eq!(first, again);
    let request = Received { body: unpacked(&first.body), ..first.clone() }.request();
    assert_eq!(names(&request), expected_names("span", 0..20));
    // And if it is refused, the size by which it was cut is told, and that it was another one on its way.
    let tally = export(&mut *exporter, &batch("span", &[1_000])).await;
    assert!(problem(&tally).contains("bytes, sent as gzip, with the span"), "{}", problem(&tally));
}

/// Settings of proxies belong to the whole process, so the test above runs in another.
#[test]
fn a_proxy_does_not_take_what_stays_on_this_host() {
    let mut again = std::process::Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", "export::otlp::tests::http::a_batch_arrives_with_its_headers"]);
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        again.env(variable, "http://127.0.0.1:9");
    }
    let output = again.output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && shown.contains("1 passed"), "{shown}");
}

#[test]
fn loopback_is_told_from_elsewhere() {
    for host in ["127.0.0.9", "[::1]", "LOCALHOST", "a.localhost"] {
        assert!(is_loopback(host), "{host}");
    }
    for host in ["otel", "10.0.0.1", "localhost.example", "[::2]"] {
        assert!(!is_loopback(host), "{host}");
    }
}

#[test]
fn the_reason_in_a_refusal_is_read_however_it_is_cut() {
    let status = [&b"\x08\x03\x12\x07bad ids"[..], b"\x1a\x00"].concat();
    assert_eq!(status_message(&status), "bad ids");
    for cut in 0..status.len() {
        assert!(["", "bad ids"].contains(&&*status_message(&status[..cut])));
    }
    assert_eq!(quotable_text(b"<p>\r\n gone"), "<p>   gone");
    assert_eq!(quotable_text(&status), "");
}

#[tokio::test]
async fn the_same_bytes_are_sent_again_after_a_passing_refusal() {
    for status in
        ["429 Too Many Requests\r\n", "502 Bad Gateway\r\n", "503 Busy\r\n", "504 Gateway Timeout\r\n"]
    {
        let sink = Sink::start(move |before, _| match before {
            0 => Reply::Answer(status, b"busy".to_vec()),
            1 => Reply::Close,
            _ => Reply::ok(),
        })
        .await;
        let tally = export(&mut *exporter(&sink), &batch("span", &[1, 2, 3])).await;
        assert_eq!((counts(&tally), &tally.problem), ((3, 0, 0), &None), "{status}");
        let received = sink.received();
        assert_eq!(received.len(), 3, "{status}");
        assert!(received.iter().all(|other| *other == received[0]));
    }
}

#[tokio::test]
async fn a_lasting_refusal_is_not_sent_again() {
    for (answer, expected) in [
        ("400 Bad Request\r\n", "answered 400 Bad Request: no hush"),
        ("404 Not Found\r\n", "it usually ends in /v1/traces"),
        ("401 Unauthorized\r\n", "check the headers that authorize"),
        ("500 Internal Server Error\r\n", "answered 500"),
        ("301 Moved\r\nlocation: /else\r\n", "redirects are not followed"),
    ] {
        let sink = Sink::start(move |_, _| Reply::Answer(answer, b"no\nhush".to_vec())).await;
        let tally = export(&mut *exporter(&sink), &batch("span", &[1, 2])).await;
        assert_eq!((counts(&tally), sink.received().len()), ((0, 2, 0), 1), "{answer}");
        assert!(problem(&tally).contains(expected), "{}", problem(&tally));
        assert!(problem(&tally).contains(" with 2 spans)"), "{}", problem(&tally));
    }
}

#[tokio::test]
async fn secrets_are_hidden_where_the_receiver_quotes_them() {
    let sink = Sink::start(|_, _| {
        Reply::Answer("403 Forbidden\r\ncontent-type: text/plain\r\n", b"token hush-hush is unknown".to_vec())
    })
    .await;
    let mut exporter = build(Config {
        headers: vec![("authorization".into(), "Bearer hush-hush".into())],
        ..config(HttpProtobuf, sink.endpoint().replace("http://", "http://me:pass@"))
    });
    let tally = export(&mut *exporter, &batch("span", &[1])).await;
    assert!(
        sink.received()[0].head.contains("authorization: Bearer hush-hush"),
        "{}",
        sink.received()[0].head
    );
    assert!(!sink.received()[0].head.contains("Basic"), "what was set as a header counts");
    let name = format!("otlp-http {}", sink.endpoint());
    assert!(problem(&tally).starts_with(&format!("{name} answered 403 Forbidden: token *** is unknown")));
    assert!(problem(&tally).contains("the span `span 0`"), "{}", problem(&tally));
}

#[tokio::test]
async fn credentials_in_the_endpoint_are_sent_and_not_shown() {
    let sink = Sink::start(|_, _| Reply::ok()).await;
    let mut exporter = build(config(HttpProtobuf, sink.endpoint().replace("http://", "http://me:pass@")));
    export(&mut *exporter, &batch("span", &[1])).await;
    assert!(sink.received()[0].head.contains("authorization: Basic bWU6cGFzcw=="), "{:?}", sink.received());
    assert_eq!(exporter.name(), format!("otlp-http {}", sink.endpoint()));
}

#[tokio::test]
async fn the_delay_that_the_receiver_asks_for_is_kept() {
    let sink = Sink::start(|before, _| match before {
        0 => Reply::Answer("503 Busy\r\nretry-after: 1\r\n", Vec::new()),
        1 => Reply::Answer("429 Busy\r\nretry-after: -5\r\n", Vec::new()),
        _ => Reply::ok(),
    })
    .await;
    let start = Instant::now();
    let tally = export(&mut *exporter(&sink), &batch("span", &[1])).await;
    assert_eq!((counts(&tally), sink.received().len()), ((1, 0, 0), 3));
    let taken = start.elapsed();
    assert!(taken >= Duration::from_secs(1) && taken < Duration::from_secs(3), "{taken:?}");
}

#[test]
fn retry_after_is_seconds_or_a_date() {
    let read = |value| retry_after(&HeaderValue::from_static(value), SystemTime::UNIX_EPOCH);
    assert_eq!(read("120"), Some(Duration::from_secs(120)));
    assert_eq!(read(" 0 "), Some(Duration::ZERO));
    assert_eq!(read("Thu, 01 Jan 1970 00:01:30 GMT"), Some(Duration::from_secs(90)));
    assert_eq!(read("Thursday, 01-Jan-70 00:01:30 GMT"), Some(Duration::from_secs(90)));
    for none in ["", "-1", "1.5", "soon", "99999999999999999999", "Thu, 99 Jan 1970 00:01:30 GMT"] {
        assert_eq!(read(none), None, "{none}");
    }
    let later = SystemTime::UNIX_EPOCH + Duration::from_secs(3_600);
    assert_eq!(retry_after(&HeaderValue::from_static("Thu, 01 Jan 1970 00:01:30 GMT"), later), None);
}

#[tokio::test]
async fn what_a_partial_success_rejects_has_failed() {
    for (rejected, counted, said) in [
        (2, (1, 2, 0), "rejected 2 spans: bad ids"),
        (900, (0, 3, 0), "rejected 3 spans: bad ids"),
        (0, (3, 0, 0), "accepted all spans but says: bad ids"),
        (-1, (3, 0, 0), "accepted all spans but says: bad ids"),
    ] {
        let sink = Sink::start(move |_, _| {
            let partial =
                ExportTracePartialSuccess { rejected_spans: rejected, error_message: "bad ids".into() };
            let answer = ExportTraceServiceResponse { partial_success: Some(partial) };
            Reply::Answer("200 OK\r\ncontent-type: application/x-protobuf\r\n", answer.encode_to_vec())
        })
        .await;
        let tally = export(&mut *exporter(&sink), &batch("span", &[1, 1, 1])).await;
        assert_eq!((counts(&tally), sink.received().len()), (counted, 1));
        assert!(problem(&tally).ends_with(said), "{}", problem(&tally));
    }
}

#[tokio::test]
async fn an_answer_in_json_is_a_success() {
    let sink = Sink::start(|_, _| {
        Reply::Answer("200 OK\r\ncontent-type: application/json\r\n", b"\n\x02\x08\x02".into())
    });
    let sink = sink.await;
    let tally = export(&mut *exporter(&sink), &batch("span", &[1, 1])).await;
    assert_eq!((counts(&tally), tally.problem), ((2, 0, 0), None));
}

#[tokio::test]
async fn a_page_is_no_success() {
    let sink = Sink::start(|_, _| {
        Reply::Answer("200 OK\r\ncontent-type: Text/HTML; charset=utf-8\r\n", b"<p>Log in".into())
    });
    let sink = sink.await;
    let tally = export(&mut *exporter(&sink), &batch("span", &[1, 1])).await;
    assert_eq!((counts(&tally), sink.received().len()), ((0, 2, 0), 1));
    let said = problem(&tally);
    assert!(said.contains("answered 200 with text/html: is this an OTLP endpoint?"), "{said}");
}

#[tokio::test]
async fn an_odd_answer_is_a_success_that_is_told() {
    for (head, body, expected) in [
        ("200 OK\r\ncontent-type: text/plain\r\n", "thanks", Some("(text/plain): is this")),
        ("200 OK\r\ncontent-type: application/x-protobuf\r\n", "{}", Some("(it does not decode): is this")),
        ("200 OK\r\n", "OK", Some("(it does not decode): is this")),
        ("200 OK\r\ncontent-type: text/html\r\n", "", None),
        ("204 No Content\r\ncontent-type: text/plain\r\n", "", None),
    ] {
        let sink = Sink::start(move |_, _| Reply::Answer(head, body.into())).await;
        let tally = export(&mut *exporter(&sink), &batch("span", &[1, 1])).await;
        assert_eq!((counts(&tally), sink.received().len()), ((2, 0, 0), 1), "{head}");
        match expected {
            Some(expected) => assert!(problem(&tally).contains(expected), "{}", problem(&tally)),
            None => assert_eq!(tally.problem, None, "{head}"),
        }
    }
}

#[tokio::test]
async fn a_success_whose_body_never_ends_is_one() {
    for timeout in [Duration::from_millis(400), Duration::ZERO] {
        let sink = Sink::start(|_, _| Reply::Drip("200 OK\r\ncontent-type: application/json\r\n")).await;
        let mut exporter = build(Config { timeout, ..config(HttpProtobuf, sink.endpoint()) });
        let start = Instant::now();
        let tally = export(&mut *exporter, &batch("span", &[1, 1])).await;
        assert_eq!((counts(&tally), sink.received().len(), tally.problem), ((2, 0, 0), 1, None));
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }
}

#[tokio::test]
async fn a_request_refused_for_its_size_is_halved_without_loss() {
    const TAKES: usize = 150_000;
    let sink = Sink::start(|_, received| {
        if received.body.len() > TAKES {
            Reply::Answer("413 Payload Too Large\r\n", Vec::new())
        } else {
            Reply::ok()
        }
    })
    .await;
    let mut exporter = exporter(&sink);
    let sizes = [&[20_000; 20][..], &[200_000], &[20_000; 3]].concat();
    let tally = export(&mut *exporter, &batch("span", &sizes)).await;
    assert_eq!(counts(&tally), (23, 1, 0));
    assert!(
        problem(&tally).contains("413") && problem(&tally).contains("the span `span 20`"),
        "{}",
        problem(&tally)
    );
    let taken = |from: usize| -> Vec<String> {
        let received = sink.received();
        let taken = received[from..].iter().filter(|received| received.body.len() <= TAKES);
        taken.flat_map(|received| names(&received.request())).collect()
    };
    assert_eq!(taken(0), expected_names("span", (0..20).chain(21..24)));
    // The next batch is cut beforehand.
    let before = sink.received().len();
    let tally = export(&mut *exporter, &batch("next", &[20_000; 20])).await;
    assert_eq!((counts(&tally), taken(before)), ((20, 0, 0), expected_names("next", 0..20)));
    assert!(sink.received()[before..].iter().all(|received| received.body.len() <= TAKES));
}

#[tokio::test]
async fn batches_are_cut_at_the_limit_and_only_what_never_fits_is_dropped() {
    let sink = Sink::start(|_, _| Reply::ok()).await;
    let whole = {
        let mut exporter = exporter(&sink);
        export(&mut *exporter, &batch("span", &[100; 10])).await;
        sink.received()[0].body.len()
    };
    let limited =
        |max_request_bytes| build(Config { max_request_bytes, ..config(HttpProtobuf, sink.endpoint()) });
    export(&mut *limited(whole), &batch("span", &[100; 10])).await;
    assert_eq!(sink.received().len(), 2, "exactly at the limit: one request");
    let tally = export(&mut *limited(whole - 1), &batch("span", &[100; 10])).await;
    assert_eq!((counts(&tally), sink.received().len()), ((10, 0, 0), 4), "one byte over: two");
    assert!(sink.received()[2..].iter().all(|received| received.body.len() < whole));

    let tally = export(&mut *limited(whole), &batch("big", &[100, 100, 5_000, 100])).await;
    assert_eq!(counts(&tally), (3, 0, 1));
    assert_eq!(all_names(&sink)[30..], expected_names("big", [0, 1, 3]));
    assert_eq!(sink.received().len(), 5, "the rest is still one request");
    let said = problem(&tally);
    assert!(
        said.contains("`big 2`, dropped: it takes 51") && said.contains(&format!("{whole} at most")),
        "{said}"
    );
}

#[tokio::test]
async fn a_port_where_nobody_listens_fails_with_the_reason() {
    let port = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let mut exporter = build(config(HttpProtobuf, format!("http://127.0.0.1:{port}/v1/traces")));
    let start = Instant::now();
    let tally = export(&mut *exporter, &batch("span", &[1, 1])).await;
    assert_eq!(counts(&tally), (0, 2, 0));
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    let said = problem(&tally);
    assert!(said.contains("cannot be reached: Connection refused"), "{said}");
    assert!(said.contains("is a collector listening there?), after 5 attempts (a request of"), "{said}");
}

#[tokio::test]
async fn a_receiver_that_falls_silent_leaves_the_tally_right() {
    let sink = Sink::start(|before, _| if before == 1 { Reply::Never } else { Reply::ok() }).await;
    let mut exporter = build(Config { max_request_bytes: 1_000, ..config(HttpProtobuf, sink.endpoint()) });
    let mut tally = Tally::default();
    let spans = batch("span", &[600, 600, 600]);
    let export_all = exporter.export(&spans, &mut tally);
    assert!(tokio::time::timeout(Duration::from_secs(1), export_all).await.is_err());
    assert_eq!(counts(&tally), (1, 0, 0));
    // And the exporter goes on.
    let tally = export(&mut *exporter, &batch("next", &[1, 1])).await;
    assert_eq!(counts(&tally), (2, 0, 0));
    assert_eq!(all_names(&sink), ["span 0", "span 1", "next 0", "next 1"]);
}

#[tokio::test]
async fn an_attempt_ends_at_its_own_timeout() {
    let sink = Sink::start(|before, _| if before == 0 { Reply::Never } else { Reply::ok() }).await;
    let timeout = Duration::from_millis(200);
    let mut exporter = build(Config { timeout, ..config(HttpProtobuf, sink.endpoint()) });
    let tally = export(&mut *exporter, &batch("span", &[1])).await;
    assert_eq!(counts(&tally), (1, 0, 0));
    assert!(sink.received().len() >= 2);
}

#[tokio::test]
async fn a_deadline_during_a_wait_leaves_the_reason() {
    let sink = Sink::start(|_, _| Reply::Answer("503 Busy\r\nretry-after: 3600\r\n", Vec::new())).await;
    let mut exporter = exporter(&sink);
    let (mut tally, spans) = (Tally::default(), batch("span", &[1]));
    let export_all = exporter.export(&spans, &mut tally);
    assert!(tokio::time::timeout(Duration::from_millis(300), export_all).await.is_err());
    assert_eq!(sink.received().len(), 1);
    assert!(
        problem(&tally).contains("answered 503 Service Unavailable; not yet sent again"),
        "{}",
        problem(&tally)
    );
}
