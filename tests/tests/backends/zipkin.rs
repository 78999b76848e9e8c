//! Zipkin, by its JSON. It knows less than OTLP: what becomes of the rest is told by
//! <https://opentelemetry.io/docs/specs/otel/trace/sdk_exporters/zipkin/>.

use serde_json::{Map, Value as Json, json};

use super::fetch::{draws_dependencies, poll};
use super::shop::Wire;
use super::span::{Attributes, Span, assert_same};
use super::story::played;

const QUERY: &str = "http://127.0.0.1:9412/api/v2";

#[tokio::test]
#[ignore = "needs Jaeger and Zipkin: .ci/backends start"]
async fn zipkin_holds_what_came_as_json() {
    let backend = "http://127.0.0.1:9412/api/v2/spans";
    let wire = Wire { exporter: "zipkin", protocol: "", compression: "", backend };
    let (shop, traces) = played(&wire).await;
    for recorded in traces {
        let url = format!("{QUERY}/trace/{}", recorded.trace);
        let held = poll(&url, |answer| {
            let mut spans = answer.as_array()?.clone();
            spans.iter_mut().for_each(parse_annotations);
            spans.sort_by_key(|span| span["id"].as_str().map(str::to_owned));
            (spans.len() >= recorded.spans.len()).then_some(spans)
        });
        let expected: Vec<_> = recorded.spans.iter().map(as_zipkin).collect();
        assert_same(&held.await, &expected);
    }

    draws_dependencies(&format!("{QUERY}/dependencies"), |answer| answer, &shop.run).await;
}

/// What the specification makes of a span, and what Zipkin then makes of that: names in lower case.
fn as_zipkin(span: &Span) -> Json {
    let micros = |nanos: u64| nanos / 1000;
    let process = span.resource.iter().filter(|(key, _)| *key != "service.name");
    let tags = process.chain(&span.attributes).map(|(key, value)| (key.clone(), text(value).into()));
    let mut tags: Map<String, Json> = tags.collect();
    if span.status != "unset" {
        tags.insert("otel.status_code".into(), span.status.to_uppercase().into());
    }
    if span.status == "error" {
        tags.insert("error".into(), span.description.clone().into());
    }
    // And by the names that these had before.
    for of in ["scope", "library"] {
        tags.insert(format!("otel.{of}.name"), span.scope.clone().into());
        tags.insert(format!("otel.{of}.version"), span.scope_version.clone().into());
    }
    let mut zipkin = json!({
        "traceId": span.trace,
        "id": span.id,
        "parentId": span.parent,
        "name": span.name.to_lowercase(),
        "timestamp": micros(span.start),
        // Zipkin takes zero for none.
        "duration": micros(span.end - span.start).max(1),
        "localEndpoint": { "serviceName": span.service() },
        "tags": tags,
    });
    if span.kind != "Internal" {
        zipkin["kind"] = span.kind.to_uppercase().into();
    }
    if !span.events.is_empty() {
        let events = span.events.iter().map(|event| {
            let value = match &event.attributes {
                none if none.is_empty() => json!(event.name),
                some => json!({ &event.name: plain(some) }),
            };
            json!({ "timestamp": micros(event.time), "value": value })
        });
        zipkin["annotations"] = events.collect();
    }
    zipkin
}

/// The value of an annotation is text, `"name": {"key": value}` if there are attributes, in whatever order.
fn parse_annotations(span: &mut Json) {
    let annotations = span.get_mut("annotations").and_then(Json::as_array_mut);
    for annotation in annotations.into_iter().flatten() {
        let parsed =
            annotation["value"].as_str().and_then(|text| serde_json::from_str(&format!("{{{text}}}")).ok());
        if let Some(parsed) = parsed {
            annotation["value"] = parsed;
        }
    }
}

/// A value as a tag: lists as JSON.
fn text(value: &Json) -> String {
    match untyped(value) {
        Json::String(text) => text.clone(),
        Json::Number(number) if number.is_f64() => number.as_f64().unwrap_or_default().to_string(),
        other => other.to_string(),
    }
}

fn plain(attributes: &Attributes) -> Map<String, Json> {
    attributes.iter().map(|(key, value)| (key.clone(), untyped(value).clone())).collect()
}

/// `{"int": 1}` → `1`
fn untyped(value: &Json) -> &Json {
    value.as_object().and_then(|value| value.values().next()).expect("a value says its type")
}
