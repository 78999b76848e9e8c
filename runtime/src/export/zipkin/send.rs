//! Posts spans, some at a time, and again if the server may take them later.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, Url};

use super::Config;
use super::model::Process;
use crate::export::{BoxFuture, BuildError, Exporter, Tally};
use crate::record::Batch;

/// Bytes of a request at most. A Zipkin server refuses more than 10 MB.
const REQUEST: usize = 5 << 20;
/// The pauses before the second and later attempts.
const PAUSES: [Duration; 3] =
    [Duration::from_millis(100), Duration::from_millis(300), Duration::from_millis(900)];
/// How long a server may ask to be left alone.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

pub(super) struct Zipkin {
    client: Client,
    endpoint: Url,
    /// The endpoint for people: no user, password or query.
    place: String,
    process: Process,
    request_bytes: usize,
}

impl Zipkin {
    pub(super) fn new(config: Config) -> Result<Self, BuildError> {
        let Config { endpoint, timeout, resource } = config;
        // What is not a URL as it should be may hold a password anywhere.
        let seen = if endpoint.contains('@') { "…" } else { endpoint.as_str() };
        let expected = "expected one such as http://localhost:9411/api/v2/spans";
        let parsed = Url::parse(&endpoint).map_err(|error| {
            BuildError(format!("the Zipkin endpoint `{seen}` is not a URL ({error}); {expected}"))
        })?;
        let place = place(&parsed);
        match parsed.scheme() {
            "http" => {}
            "https" => {
                return Err(BuildError(format!(
                    "the Zipkin endpoint {place} needs TLS, which the Zipkin exporter does not have; use http:// \
                     to a proxy or a Collector near by, or OTLP"
                )));
            }
            _ => {
                return Err(BuildError(format!(
                    "the Zipkin endpoint `{seen}` is not one of HTTP; {expected}"
                )));
            }
        }
        let client = client(timeout).map_err(|error| {
            BuildError(format!("no HTTP client for the Zipkin endpoint {place}: {error}"))
        })?;
        let process = Process::new(&resource);
        Ok(Self { client, endpoint: parsed, place, process, request_bytes: REQUEST })
    }

    #[cfg(test)]
    pub(super) fn with_request_bytes(self, request_bytes: usize) -> Self {
        Self { request_bytes, ..self }
    }

    async fn send_all(&self, batch: &Batch, tally: &mut Tally) {
        let mut request = Request::default();
        let mut one = Vec::new();
        for span in batch.spans() {
            one.clear();
            if let Err(error) = self.process.encode(&span, &mut one) {
                tally.dropped += 1;
                tally.problem =
                    Some(format!("the span `{}` cannot be written as JSON: {error}", span.name()));
                continue;
            }
            // The brackets around it.
            if one.len() + 2 > self.request_bytes {
                tally.dropped += 1;
                let (name, size, most) = (span.name(), one.len(), self.request_bytes);
                tally.problem = Some(format!(
                    "the span `{name}` takes {size} bytes, and a request to Zipkin at most {most}"
                ));
                continue;
            }
            if request.len() + one.len() + 1 > self.request_bytes {
                self.send(std::mem::take(&mut request), tally).await;
            }
            request.push(&one);
        }
        if request.spans > 0 {
            self.send(request, tally).await;
        }
    }

    /// Sends one request, and counts its spans.
    async fn send(&self, request: Request, tally: &mut Tally) {
        let spans = request.spans;
        // Shared by all attempts.
        let body = request.finish();
        let mut pauses = PAUSES.iter();
        loop {
            let failure = match self.attempt(body.clone()).await {
                Ok(()) => {
                    tally.exported += spans;
                    return;
                }
                Err(failure) => failure,
            };
            match pauses.next() {
                Some(pause) if failure.again => {
                    tokio::time::sleep(failure.pause.unwrap_or(*pause).min(LONGEST_PAUSE)).await;
                }
                _ => {
                    tally.failed += spans;
                    tally.problem = Some(format!("{}: {}", self.place, failure.text));
                    return;
                }
            }
        }
    }

    async fn attempt(&self, body: Bytes) -> Result<(), Failure> {
        let request =
            self.client.post(self.endpoint.clone()).header(CONTENT_TYPE, "application/json").body(body);
        match request.send().await {
            Ok(response) if response.status().is_success() => Ok(()),
            Ok(response) => Err(Failure::of_response(response).await),
            Err(error) => Err(Failure::of_error(error)),
        }
    }
}

impl Exporter for Zipkin {
    fn name(&self) -> String {
        format!("zipkin {}", self.place)
    }

    fn export<'a>(&'a mut self, batch: &'a Arc<Batch>, tally: &'a mut Tally) -> BoxFuture<'a, ()> {
        Box::pin(self.send_all(batch, tally))
    }
}

fn client(timeout: Duration) -> Result<Client, String> {
    let builder = Client::builder().timeout(timeout).redirect(reqwest::redirect::Policy::none());
    // Another crate may switch on a TLS feature of reqwest's that panics here when the program has chosen no
    // TLS provider.
    let built = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| builder.build()));
    match built {
        Ok(Ok(client)) => Ok(client),
        Ok(Err(error)) => Err(chain(&error)),
        Err(_) => Err("reqwest panicked while it was set up, probably for want of a TLS provider".to_owned()),
    }
}

fn place(endpoint: &Url) -> String {
    let mut place = endpoint.clone();
    place.set_query(None);
    place.set_fragment(None);
    // These fail for a URL that cannot have any.
    let _ = place.set_username("");
    let _ = place.set_password(None);
    place.into()
}

/// A JSON list in the making.
#[derive(Default)]
struct Request {
    list: Vec<u8>,
    spans: usize,
}

impl Request {
    /// The bytes when finished.
    fn len(&self) -> usize {
        self.list.len() + 1
    }

    fn push(&mut self, span: &[u8]) {
        self.list.push(if self.spans == 0 { b'[' } else { b',' });
        self.list.extend_from_slice(span);
        self.spans += 1;
    }

    fn finish(mut self) -> Bytes {
        self.list.push(b']');
        self.list.into()
    }
}

/// An attempt that did not succeed.
struct Failure {
    text: String,
    /// Another may.
    again: bool,
    /// As the server wishes.
    pause: Option<Duration>,
}

impl Failure {
    fn of_error(error: reqwest::Error) -> Self {
        // After a timeout the server may have the spans: another attempt would wait as long, and show them twice.
        let again = error.is_connect() || (error.is_request() && !error.is_timeout());
        let hint = if error.is_connect() { "; is Zipkin running there?" } else { "" };
        Self { text: format!("{}{hint}", chain(&error.without_url())), again, pause: None }
    }

    async fn of_response(mut response: Response) -> Self {
        let status = response.status();
        let again = matches!(
            status,
            StatusCode::TOO_MANY_REQUESTS
                | StatusCode::BAD_GATEWAY
                | StatusCode::SERVICE_UNAVAILABLE
                | StatusCode::GATEWAY_TIMEOUT
        );
        let pause = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let pause = pause.and_then(|seconds| seconds.trim().parse().ok()).map(Duration::from_secs);
        let hint = match status {
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => "; the path is usually /api/v2/spans",
            _ if status.is_redirection() => "; redirects are not followed",
            _ => "",
        };
        // The beginning, which says what is wrong, of an answer that may be a whole page.
        let answer = response.chunk().await.ok().flatten().unwrap_or_default();
        let answer = String::from_utf8_lossy(&answer);
        let answer = answer.chars().map(|char| if char.is_control() { ' ' } else { char });
        let answer: String = answer.take(200).collect();
        let answer = if answer.trim().is_empty() { answer } else { format!(": {}", answer.trim()) };
        Self { text: format!("HTTP {status}{answer}{hint}"), again, pause }
    }
}

/// The error with its sources: the last says what really happened.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
