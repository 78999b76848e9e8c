//! Writes what was recorded to a file, one span a line as JSON, so that a test can compare it with what a backend
//! says. Ids are hexadecimal digits, times are nanoseconds since 1970, and each value says its type.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use serde_json::{Map, Value as Json, json};
use traced::opentelemetry::trace::Status;
use traced::opentelemetry::{Array, KeyValue, Value};

/// An exporter that writes to a file.
#[derive(Debug)]
pub struct Dump {
    file: Mutex<File>,
    resource: Map<String, Json>,
}

impl Dump {
    /// Adds to the file, which is made if it is missing.
    pub fn to(path: impl AsRef<Path>) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self { file: Mutex::new(file), resource: Map::new() })
    }
}

impl SpanExporter for Dump {
    async fn export(&self, spans: Vec<SpanData>) -> OTelSdkResult {
        let lines: Vec<_> = spans.iter().map(|span| line(span, &self.resource).to_string() + "\n").collect();
        let lines = lines.concat();
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(lines.as_bytes()).map_err(|error| OTelSdkError::InternalFailure(error.to_string()))
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource = resource.iter().map(|(key, it)| (key.to_string(), value(it))).collect();
    }
}

fn line(span: &SpanData, resource: &Map<String, Json>) -> Json {
    let (status, description) = match &span.status {
        Status::Unset => ("unset", ""),
        Status::Ok => ("ok", ""),
        Status::Error { description } => ("error", description.as_ref()),
    };
    let events = span.events.iter().map(|event| {
        json!({ "name": event.name, "time": nanos(event.timestamp), "attributes": attributes(&event.attributes) })
    });
    json!({
        "resource": resource,
        "trace": span.span_context.trace_id().to_string(),
        "id": span.span_context.span_id().to_string(),
        "parent": span.parent_span_id.to_string(),
        "name": span.name,
        "kind": format!("{:?}", span.span_kind),
        "start": nanos(span.start_time),
        "end": nanos(span.end_time),
        "status": status,
        "description": description,
        "attributes": attributes(&span.attributes),
        "events": events.collect::<Vec<_>>(),
        "scope": span.instrumentation_scope.name(),
        "scope_version": span.instrumentation_scope.version().unwrap_or_default(),
    })
}

fn attributes(pairs: &[KeyValue]) -> Map<String, Json> {
    pairs.iter().map(|pair| (pair.key.to_string(), value(&pair.value))).collect()
}

fn value(value: &Value) -> Json {
    match value {
        Value::Bool(value) => json!({ "bool": value }),
        Value::I64(value) => json!({ "int": value }),
        Value::F64(value) => json!({ "double": value }),
        Value::Array(Array::Bool(values)) => json!({ "bools": values }),
        Value::Array(Array::I64(values)) => json!({ "ints": values }),
        Value::Array(Array::F64(values)) => json!({ "doubles": values }),
        Value::Array(values) => {
            let values = if let Array::String(values) = values { values.as_slice() } else { &[] };
            json!({ "strings": values.iter().map(ToString::to_string).collect::<Vec<_>>() })
        }
        value => json!({ "string": value.as_str() }),
    }
}

fn nanos(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
