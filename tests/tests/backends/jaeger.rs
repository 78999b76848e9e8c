//! Jaeger, by OTLP over gRPC and over HTTP, compressed and as it is.

use serde_json::{Value as Json, json};

use super::collector::Collector;
use super::fetch::{draws_dependencies, poll};
use super::shop::Wire;
use super::span::{Attributes, Event, Span, assert_same, sorted};
use super::story::played;

#[tokio::test]
#[ignore = "needs Jaeger and Zipkin: .ci/backends start"]
async fn jaeger_holds_what_came_over_grpc() {
    holds("grpc", "none").await;
}

#[tokio::test]
#[ignore = "needs Jaeger and Zipkin: .ci/backends start"]
async fn jaeger_holds_what_came_over_grpc_as_gzip() {
    holds("grpc", "gzip").await;
}

#[tokio::test]
#[ignore = "needs Jaeger and Zipkin: .ci/backends start"]
async fn jaeger_holds_what_came_over_http() {
    holds("http/protobuf", "none").await;
}

#[tokio::test]
#[ignore = "needs Jaeger and Zipkin: .ci/backends start"]
async fn jaeger_holds_what_came_over_http_as_gzip() {
    holds("http/protobuf", "gzip").await;
}

async fn holds(protocol: &'static str, compression: &'static str) {
    let jaeger = Collector::start().await;
    let backend = if protocol == "grpc" { &jaeger.grpc } else { &jaeger.http };
    let (shop, traces) = played(&Wire { exporter: "otlp", protocol, compression, backend }).await;
    for recorded in traces {
        let url = format!("{}/api/v3/traces/{}", jaeger.query, recorded.trace);
        let held = poll(&url, |answer| {
            let spans = spans(answer);
            (spans.len() >= recorded.spans.len()).then_some(spans)
        });
        let mut held = sorted(held.await);
        held.iter_mut().for_each(remove_remarks);
        assert_same(&held, &recorded.spans);
    }

    draws_dependencies(&format!("{}/api/dependencies", jaeger.query), |answer| &answer["data"], &shop.run)
        .await;
}

/// Jaeger remarks that it leaves times as they are where a parent is not there, or has ended before its child.
fn remove_remarks(span: &mut Span) {
    let remarks = span.attributes.remove("@jaeger@warnings").unwrap_or_default();
    for remark in list(&remarks["strings"]) {
        assert!(text(remark).contains("clock skew adjustment"), "{remark}");
    }
}

/// The spans in `TracesData` of OTLP's JSON.
pub(crate) fn spans(answer: &Json) -> Vec<Span> {
    let mut spans = Vec::new();
    for resource in list(&answer["result"]["resourceSpans"]) {
        let of_resource = attributes(&resource["resource"]["attributes"]);
        for scope in list(&resource["scopeSpans"]) {
            spans.extend(list(&scope["spans"]).iter().map(|it| span(it, &scope["scope"], &of_resource)));
        }
    }
    spans
}

fn span(it: &Json, scope: &Json, resource: &Attributes) -> Span {
    let kinds = ["Unspecified", "Internal", "Server", "Client", "Producer", "Consumer"];
    let kind = it["kind"].as_u64().and_then(|kind| kinds.get(usize::try_from(kind).ok()?));
    let events = list(&it["events"]).iter().map(|event| Event {
        name: text(&event["name"]),
        time: number(&event["timeUnixNano"]),
        attributes: attributes(&event["attributes"]),
    });
    Span {
        resource: resource.clone(),
        trace: text(&it["traceId"]),
        id: text(&it["spanId"]),
        parent: text(&it["parentSpanId"]),
        name: text(&it["name"]),
        kind: (*kind.unwrap_or(&"?")).to_owned(),
        start: number(&it["startTimeUnixNano"]),
        end: number(&it["endTimeUnixNano"]),
        status: ["unset", "ok", "error"][usize::try_from(number(&it["status"]["code"])).unwrap()].to_owned(),
        description: text(&it["status"]["message"]),
        attributes: attributes(&it["attributes"]),
        events: events.collect(),
        scope: text(&scope["name"]),
        scope_version: text(&scope["version"]),
    }
}

fn attributes(pairs: &Json) -> Attributes {
    list(pairs).iter().map(|pair| (text(&pair["key"]), value(&pair["value"]))).collect()
}

fn value(value: &Json) -> Json {
    let (kind, value) = value.as_object().and_then(|value| value.iter().next()).expect("a value has a type");
    match kind.as_str() {
        "stringValue" => json!({ "string": value }),
        "boolValue" => json!({ "bool": value }),
        // 64 bits are text in protobuf's JSON.
        "intValue" => json!({ "int": text(value).parse::<i64>().unwrap() }),
        "doubleValue" => json!({ "double": value.as_f64().unwrap() }),
        "arrayValue" => {
            let items: Vec<_> =
                list(&value["values"]).iter().map(|item| item["stringValue"].clone()).collect();
            json!({ "strings": items })
        }
        other => panic!("{other}: {value}"),
    }
}

fn list(value: &Json) -> &[Json] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Json) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn number(value: &Json) -> u64 {
    value.as_u64().or_else(|| value.as_str()?.parse().ok()).unwrap_or_default()
}
