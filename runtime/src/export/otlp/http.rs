//! OTLP over HTTP/1.1 with binary Protocol Buffers.
//! Specification: <https://opentelemetry.io/docs/specs/otlp/#otlphttp>.

use std::error::Error;
use std::net::IpAddr;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use http::{StatusCode, header};
use reqwest::{Client, Response, Url, redirect};

use super::endpoint::{Endpoint, hint_broken_off};
use super::send::{Accepted, Answer, Transport};
use super::{Config, Protocol, headers, response};
use crate::export::{BoxFuture, BuildError, Compression};
use crate::record::wire::Fields;

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";
const HTML: &str = "text/html";

/// `google.rpc.Status.message`: <https://github.com/googleapis/googleapis/blob/master/google/rpc/status.proto>.
const STATUS_MESSAGE: u32 = 2;

/// How much of an answer is read: what it says to people is short.
const ANSWER_BYTES: usize = 64 << 10;

/// How long an answer is read, once its status is there: what counts is known then.
const ANSWER_TIME: Duration = Duration::from_secs(2);

struct Http {
    client: Client,
    endpoint: Endpoint,
    url: Url,
    headers: HeaderMap,
    /// An attempt's; zero for none.
    timeout: Duration,
}

pub(super) fn transport(config: &Config) -> Result<Box<dyn Transport>, BuildError> {
    let endpoint = Endpoint::parse(Protocol::HttpProtobuf, &config.endpoint)?;
    let url = Url::parse(config.endpoint.trim())
        .map_err(|error| BuildError(format!("the OTLP endpoint `{}` is no URL: {error}", endpoint.shown)))?;
    let mut headers = headers::read(config)?;
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROTOBUF));
    if config.compression == Compression::Gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    // <https://opentelemetry.io/docs/specs/otel/protocol/exporter/#user-agent>
    let agent = HeaderValue::from_static(super::USER_AGENT);
    headers.entry(header::USER_AGENT).or_insert(agent);
    let mut client = Client::builder()
        // A redirected POST arrives as a GET, or takes the headers to somebody else.
        .redirect(redirect::Policy::none())
        // Retries are counted and waited for in one place.
        .retry(reqwest::retry::never());
    if endpoint.uri.host().is_some_and(is_loopback) {
        // HTTP_PROXY without NO_PROXY would send what stays on this host through another.
        client = client.no_proxy();
    }
    let client = client.build().map_err(|error| {
        BuildError(format!("cannot make an HTTP client for `{}`: {}", endpoint.shown, innermost(&error)))
    })?;
    Ok(Box::new(Http { client, endpoint, url, headers, timeout: config.timeout }))
}

pub(super) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost")
        || bare.to_ascii_lowercase().ends_with(".localhost")
        || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl Transport for Http {
    fn name(&self) -> String {
        format!("otlp-http {}", self.endpoint.shown)
    }

    fn attempt(&mut self, request: Bytes) -> BoxFuture<'_, Answer> {
        let request = self.client.post(self.url.clone()).headers(self.headers.clone()).body(request);
        Box::pin(async move {
            let start = Instant::now();
            match request.send().await {
                Ok(answer) if answer.status().is_success() => {
                    accepted(answer, self.time_for_body(start)).await
                }
                Ok(answer) => refused(answer, self.time_for_body(start)).await,
                Err(error) => self.failed(&error),
            }
        })
    }
}

impl Http {
    /// Ends before the attempt does: what was answered must not be sent again because the answer is long.
    fn time_for_body(&self, start: Instant) -> Duration {
        if self.timeout.is_zero() {
            return ANSWER_TIME;
        }
        ANSWER_TIME.min(self.timeout.saturating_sub(start.elapsed()) / 2)
    }

    fn failed(&self, error: &reqwest::Error) -> Answer {
        let reason = innermost(error);
        if error.is_builder() {
            return Answer::Refused(format!("cannot be asked: {reason}"));
        }
        // <https://opentelemetry.io/docs/specs/otlp/#all-other-responses>: a server that cannot be reached, or
        // that disconnects without an answer, is tried again.
        let why = if error.is_connect() {
            format!("cannot be reached: {reason} ({})", self.endpoint.hint_unreached(Protocol::HttpProtobuf))
        } else {
            format!("broke the connection off: {reason} ({})", hint_broken_off(Protocol::HttpProtobuf))
        };
        Answer::Later(why, None)
    }
}

/// What a success says. One whose body is cut off remains a success: sending again would double the spans.
async fn accepted(answer: Response, time: Duration) -> Answer {
    let status = answer.status().as_u16();
    let kind = content_type(&answer);
    let body = body(answer, time).await;
    let odd = |what: String| {
        let odd = format!(
            "accepted all spans with an answer that is not OTLP's ({what}): is this an OTLP endpoint?"
        );
        Answer::Accepted(Accepted { odd, ..Accepted::default() })
    };
    match kind.as_deref() {
        _ if body.is_empty() => Answer::Accepted(Accepted::default()),
        // A login page, or the pages of something else that listens there.
        Some(HTML) => Answer::Refused(format!("answered {status} with {HTML}: is this an OTLP endpoint?")),
        Some(JSON) => Answer::Accepted(Accepted::default()),
        Some(PROTOBUF) | None if response::is_message(&body) => Answer::Accepted(response::accepted(&body)),
        Some(PROTOBUF) | None => odd("it does not decode".to_owned()),
        Some(other) => odd(response::quotable(other.as_bytes())),
    }
}

/// <https://opentelemetry.io/docs/specs/otlp/#failures-1>
async fn refused(answer: Response, time: Duration) -> Answer {
    let status = answer.status();
    let after = answer.headers().get(RETRY_AFTER).and_then(|value| retry_after(value, SystemTime::now()));
    let is_protobuf = content_type(&answer).is_none_or(|kind| kind == PROTOBUF);
    let body = body(answer, time).await;
    let mut said = if is_protobuf { status_message(&body) } else { String::new() };
    if said.is_empty() {
        // A `Status` is what the specification asks for; proxies write what they like, whatever its type says.
        said = quotable_text(&body);
    }
    let mut why = format!("answered {status}");
    if !said.is_empty() {
        why.push_str(": ");
        why.push_str(&said);
    }
    match status {
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => Answer::Later(why, after),
        StatusCode::PAYLOAD_TOO_LARGE => Answer::TooLarge(why),
        _ => Answer::Refused(why + advice(status)),
    }
}

/// The message of a `google.rpc.Status`.
pub(super) fn status_message(status: &[u8]) -> String {
    Fields(status)
        .first(STATUS_MESSAGE)
        .map(|message| response::quotable(message.bytes()))
        .unwrap_or_default()
}

/// Bytes that may be a text: nothing if they are none.
pub(super) fn quotable_text(bytes: &[u8]) -> String {
    let control = |byte: &u8| *byte < b' ' && !byte.is_ascii_whitespace();
    if bytes.iter().any(control) { String::new() } else { response::quotable(bytes) }
}

fn advice(status: StatusCode) -> &'static str {
    match status.as_u16() {
        300..=399 => " (redirects are not followed: set the endpoint that it points to)",
        401 | 403 | 407 => " (check the headers that authorize, such as OTEL_EXPORTER_OTLP_HEADERS)",
        404 | 405 => " (check the path: it usually ends in /v1/traces)",
        415 => " (it does not take binary OTLP: is this the endpoint of OTLP over HTTP?)",
        _ => "",
    }
}

/// In lower case and without parameters. Where there is none, it is the type that was sent.
fn content_type(answer: &Response) -> Option<String> {
    let value = String::from_utf8_lossy(answer.headers().get(CONTENT_TYPE)?.as_bytes()).into_owned();
    Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

/// As much of the body as arrives in time, up to what is of use.
async fn body(mut answer: Response, time: Duration) -> Vec<u8> {
    let mut body = Vec::new();
    let read = async {
        while let Ok(Some(chunk)) = answer.chunk().await {
            let room = ANSWER_BYTES - body.len();
            body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
            if body.len() == ANSWER_BYTES {
                break;
            }
        }
    };
    // What has come by then is what it says.
    let _ = tokio::time::timeout(time, read).await;
    body
}

/// The delay in a `Retry-After`: seconds or a date. What is neither, or lies in the past, is none.
/// <https://www.rfc-editor.org/rfc/rfc9110#name-retry-after>
pub(super) fn retry_after(value: &HeaderValue, now: SystemTime) -> Option<Duration> {
    let text = value.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    httpdate::parse_http_date(text).ok()?.duration_since(now).ok()
}

/// The reason that lies deepest: "Connection refused" rather than "error sending request".
fn innermost(error: &dyn Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
