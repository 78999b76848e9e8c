//! Over loopback.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use opentelemetry::{Array, InstrumentationScope, KeyValue, Value};
use opentelemetry_sdk::Resource;
use serde_json::json;
use traced_core::Status;

use super::send::Zipkin;
use super::{Config, exporter};
use crate::export::{Exporter as _, Tally};
use crate::record::{Batch, Body, Flags, Header, Limits, LinkTo, OriginId, Origins, encode_event_with};

fn config(endpoint: &str) -> Config {
    let resource = Resource::builder_empty().with_service_name("orders");
    let resource = resource.with_attribute(KeyValue::new("service.namespace", "shop")).build();
    Config { endpoint: endpoint.to_owned(), timeout: Duration::from_millis(500), resource }
}

/// A span with this id and parent, and what `fill` makes of it.
fn span(batch: &mut Batch, id: u64, parent: u64, kind: u8, fill: impl FnOnce(&mut Body)) {
    let scope = InstrumentationScope::builder("shop").with_version("1.2.0").build();
    let mut body = Body::default();
    body.reset(&Limits { attributes: 12, ..Limits::default() });
    body.rename("work");
    fill(&mut body);
    let mut flags = Flags::new(1, kind);
    flags.set_own_name(true);
    let body = body.finish(&mut flags);
    let header = Header {
        flags,
        trace_id: 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c,
        span_id: id,
        parent_id: parent,
        start: 1_793_700_930_120_000_999,
        end: 1_793_700_930_120_003_000,
        origin: OriginId::of_scope(&scope),
    };
    batch.push(header, body, &mut Origins::default());
}

fn some(spans: u64) -> Arc<Batch> {
    let mut batch = Batch::default();
    for id in 1..=spans {
        span(&mut batch, id, 0, 1, |_| {});
    }
    batch.into()
}

/// A server that answers as it is told, one connection after the other, and shows what it was sent.
fn sink(answers: &[&'static str]) -> (String, mpsc::Receiver<serde_json::Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, received) = mpsc::channel();
    let answers = answers.to_vec();
    std::thread::spawn(move || {
        for answer in answers {
            let (stream, _) = listener.accept().unwrap();
            let mut stream = BufReader::new(stream);
            let (mut line, mut length) = (String::new(), 0);
            while stream.read_line(&mut line).unwrap() > 2 {
                let header = line.to_ascii_lowercase();
                if let Some(value) = header.strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                line.clear();
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).unwrap();
            sender.send(serde_json::from_slice(&body).unwrap()).unwrap();
            let answer = format!("HTTP/1.1 {answer}\r\nConnection: close\r\n\r\n");
            stream.get_mut().write_all(answer.as_bytes()).unwrap();
        }
    });
    (format!("http://{address}/api/v2/spans"), received)
}

fn export(batch: &Arc<Batch>, make: impl FnOnce() -> Zipkin) -> Tally {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut tally = Tally::default();
        make().export(batch, &mut tally).await;
        tally
    })
}

fn exported(batch: &Arc<Batch>, endpoint: &str) -> Tally {
    export(batch, || Zipkin::new(config(endpoint)).unwrap())
}

/// What is sent of one span.
fn sent(kind: u8, fill: impl FnOnce(&mut Body)) -> serde_json::Value {
    let (endpoint, received) = sink(&["202 Accepted"]);
    let mut batch = Batch::default();
    span(&mut batch, 2, 1, kind, fill);
    let tally = exported(&batch.into(), &endpoint);
    assert_eq!((tally.exported, tally.problem), (1, None));
    received.recv().unwrap()[0].take()
}

fn set(body: &mut Body, key: &'static str, value: impl Into<Value>) {
    body.key_value(&KeyValue::new(key, value));
}

#[test]
fn a_span_is_mapped_as_specified() {
    let span = sent(2, |body| {
        set(body, "http.route", "/orders");
        set(body, "http.response.status_code", 200);
        set(body, "ratio", 0.5);
        set(body, "infinite", f64::INFINITY);
        set(body, "cached", true);
        set(body, "items", Value::Array(Array::String(vec!["a\"b".into(), "c".into()])));
        set(body, "numbers", Value::Array(Array::I64(vec![1, 2])));
        // Belongs to the resource, not to a span; and what Zipkin would take for a failure.
        set(body, "service.name", "somebody else");
        set(body, "error", false);
        let limits = body.limits();
        body.encoded_event(&encode_event_with("plain", 1_793_700_930_120_001_500, &limits, &[]));
        let attributes = [KeyValue::new("key", "a"), KeyValue::new("n", 7)];
        body.encoded_event(&encode_event_with(
            "cache \"miss\"",
            1_793_700_930_120_002_000,
            &limits,
            &attributes,
        ));
        let to = LinkTo { trace_id: 1, span_id: 1, trace_flags: 0, remote: true, trace_state: None };
        body.link(&to, &[]);
    });
    assert_eq!(
        span,
        json!({
            "traceId": "0af7651916cd43dd8448eb211c80319c",
            "parentId": "0000000000000001",
            "id": "0000000000000002",
            "kind": "SERVER",
            "name": "work",
            "timestamp": 1_793_700_930_120_000_u64,
            "duration": 2,
            "localEndpoint": { "serviceName": "orders" },
            "annotations": [
                { "timestamp": 1_793_700_930_120_001_u64, "value": "plain" },
                { "timestamp": 1_793_700_930_120_002_u64, "value": r#""cache \"miss\"":{"key":"a","n":7}"# },
            ],
            "tags": {
                "http.route": "/orders",
                "http.response.status_code": "200",
                "ratio": "0.5",
                "infinite": "Infinity",
                "cached": "true",
                "items": r#"["a\"b","c"]"#,
                "numbers": "[1,2]",
                "service.name": "somebody else",
                "service.namespace": "shop",
                "otel.scope.name": "shop",
                "otel.scope.version": "1.2.0",
                "otel.library.name": "shop",
                "otel.library.version": "1.2.0",
            },
        })
    );
}

#[test]
fn what_is_absent_is_left_out() {
    let (endpoint, received) = sink(&["202 Accepted"]);
    exported(&some(1), &endpoint);
    let span = received.recv().unwrap()[0].take();
    let keys: Vec<_> = span.as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected = ["traceId", "id", "name", "timestamp", "duration", "localEndpoint", "tags"];
    expected.sort_unstable();
    assert_eq!(keys, expected);
}

#[test]
fn errors_have_their_tags_and_successes_only_if_the_application_says_so() {
    let tags = |status: Option<Status<'_>>| {
        let span = sent(1, |body| {
            set(body, "error", true);
            if let Some(status) = &status {
                body.status(status);
            }
        });
        (span["tags"]["otel.status_code"].clone(), span["tags"]["error"].clone())
    };
    assert_eq!(tags(Some(Status::Error("declined"))), (json!("ERROR"), json!("declined")));
    assert_eq!(tags(Some(Status::Error(""))), (json!("ERROR"), json!("")));
    assert_eq!(tags(Some(Status::Ok)), (json!("OK"), json!(null)));
    assert_eq!(tags(None), (json!(null), json!(null)));
}

#[test]
fn what_was_dropped_is_counted() {
    let span = sent(1, |body| {
        const KEYS: [&str; 15] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o"];
        for key in KEYS {
            set(body, key, 1);
        }
    });
    assert_eq!(span["tags"]["otel.dropped_attributes_count"], json!("3"));
    assert_eq!(span["tags"]["otel.dropped_events_count"], json!(null));
}

#[test]
fn a_client_says_whom_it_called() {
    type Set = (&'static str, Value);
    let remote = |kind, attributes: &[Set]| {
        let attributes = attributes.to_vec();
        sent(kind, |body| attributes.into_iter().for_each(|(key, value)| set(body, key, value)))["remoteEndpoint"].clone()
    };
    let peer =
        [("db.name", "shop".into()), ("server.address", "db.local".into()), ("peer.service", "db".into())];
    assert_eq!(remote(3, &peer), json!({ "serviceName": "db" }));
    assert_eq!(remote(4, &peer[..2]), json!({ "serviceName": "db.local" }));
    assert_eq!(remote(3, &peer[..1]), json!({ "serviceName": "shop" }));
    assert_eq!(remote(2, &peer), json!(null));
    assert_eq!(remote(3, &[]), json!(null));
    let socket = [("network.peer.port", 5432.into()), ("network.peer.address", "10.0.0.7".into())];
    assert_eq!(
        remote(3, &socket),
        json!({ "serviceName": "10.0.0.7:5432", "ipv4": "10.0.0.7", "port": 5432 })
    );
    assert_eq!(remote(3, &socket[1..]), json!({ "serviceName": "10.0.0.7", "ipv4": "10.0.0.7" }));
    let socket = [("network.peer.port", 5432.into()), ("network.peer.address", "fe80::1".into())];
    assert_eq!(
        remote(3, &socket),
        json!({ "serviceName": "[fe80::1]:5432", "ipv6": "fe80::1", "port": 5432 })
    );
    let socket = [("network.peer.address", "/run/db.sock".into())];
    assert_eq!(remote(3, &socket), json!({ "serviceName": "/run/db.sock" }));
}

#[test]
fn a_busy_server_is_asked_again() {
    let busy = [
        "503 Service Unavailable\r\nRetry-After: 0",
        "429 Too Many Requests",
        "502 Bad Gateway",
        "202 Accepted",
    ];
    let (endpoint, received) = sink(&busy);
    let tally = exported(&some(3), &endpoint);
    assert_eq!((tally.exported, tally.failed, tally.problem), (3, 0, None));
    let bodies: Vec<_> = received.iter().collect();
    assert_eq!(bodies.len(), 4);
    assert!(bodies.iter().all(|body| *body == bodies[0]));
}

#[test]
fn a_refusal_is_final_and_says_why() {
    let (endpoint, received) =
        sink(&["400 Bad Request\r\nContent-Length: 14\r\n\r\nnot\nour\x1bformat", "202 Accepted"]);
    let tally = exported(&some(3), &endpoint);
    assert_eq!((tally.exported, tally.failed), (0, 3));
    let problem = tally.problem.unwrap();
    assert_eq!(problem, format!("{endpoint}: HTTP 400 Bad Request: not our format"));
    assert_eq!(received.try_iter().count(), 1);
    let (endpoint, _received) = sink(&["404 Not Found"]);
    let problem = exported(&some(1), &endpoint).problem.unwrap();
    assert!(problem.ends_with("HTTP 404 Not Found; the path is usually /api/v2/spans"), "{problem}");
}

#[test]
fn no_server_is_reported_after_some_attempts_and_without_the_password() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let begun = Instant::now();
    let endpoint = format!("http://user:secret@127.0.0.1:{port}/api/v2/spans?key=secret");
    let tally = exported(&some(2), &endpoint);
    assert_eq!((tally.exported, tally.failed), (0, 2));
    let problem = tally.problem.unwrap();
    assert!(problem.starts_with(&format!("http://127.0.0.1:{port}/api/v2/spans: ")), "{problem}");
    assert!(
        problem.contains("onnection refused") && problem.ends_with("is Zipkin running there?"),
        "{problem}"
    );
    assert!(!problem.contains("secret"), "{problem}");
    assert!(begun.elapsed() > Duration::from_secs(1) && begun.elapsed() < Duration::from_secs(3));
    assert_eq!(
        Zipkin::new(config(&endpoint)).unwrap().name(),
        format!("zipkin http://127.0.0.1:{port}/api/v2/spans")
    );
}

#[test]
fn a_silent_server_costs_one_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let begun = Instant::now();
    let tally = exported(&some(1), &format!("http://{}/", listener.local_addr().unwrap()));
    assert_eq!(tally.failed, 1);
    assert!(tally.problem.as_ref().unwrap().contains("timed out"), "{tally:?}");
    assert!(begun.elapsed() < Duration::from_millis(1500), "{:?}", begun.elapsed());
}

#[test]
fn requests_are_split_and_a_span_too_large_is_dropped_alone() {
    let (endpoint, received) = sink(&["202 Accepted", "500 Internal Server Error"]);
    let mut batch = Batch::default();
    for id in 1..=5 {
        span(&mut batch, id, 0, 1, |body| set(body, "text", "x".repeat(if id == 3 { 2000 } else { 300 })));
    }
    let tally = export(&batch.into(), || Zipkin::new(config(&endpoint)).unwrap().with_request_bytes(1300));
    assert_eq!((tally.exported, tally.failed, tally.dropped), (2, 2, 1));
    let ids = received.iter().map(|body| {
        let spans = body.as_array().unwrap().iter();
        spans.map(|span| span["id"].as_str().unwrap().trim_start_matches('0').to_owned()).collect::<String>()
    });
    assert_eq!(ids.collect::<Vec<_>>(), ["12", "45"]);
}

#[test]
fn a_wrong_endpoint_is_refused_with_what_would_do() {
    let refusal = |endpoint: &str| match exporter(config(endpoint)) {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    };
    assert!(
        refusal("https://u:p@zipkin/api/v2/spans")
            .starts_with("the Zipkin endpoint https://zipkin/api/v2/spans needs TLS")
    );
    assert!(refusal("localhost:9411").contains("`localhost:9411` is not one of HTTP; expected one such as"));
    assert!(refusal("zipkin").contains("`zipkin` is not a URL"));
    assert!(!refusal("u:secret@zipkin:9411 x").contains("secret"));
}
