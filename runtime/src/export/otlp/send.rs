//! Sends a batch: cuts it into requests, tries each until there is an answer that counts, and counts.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::Config;
use super::encode::{Encoder, Request};
use super::gzip::Gzip;
use super::headers::Secrets;
use super::retry::{ATTEMPTS, Backoff};
use crate::export::{BoxFuture, Compression, Exporter, Tally};
use crate::record::Batch;

/// Carries one request.
pub(super) trait Transport: Send {
    /// Such as `otlp-grpc http://localhost:4317`.
    fn name(&self) -> String;

    /// The request is compressed already, if it is to be.
    fn attempt(&mut self, request: Bytes) -> BoxFuture<'_, Answer>;

    /// Forgets a connection on which no answer came.
    fn reset(&mut self) {}
}

/// What became of an attempt. Texts continue a sentence that begins with the transport's name.
#[derive(Debug, PartialEq)]
pub(super) enum Answer {
    Accepted(Accepted),
    /// The receiver takes no request of this size.
    TooLarge(String),
    /// Another attempt would end the same way.
    Refused(String),
    /// Another attempt may succeed, after the delay that the receiver asked for.
    Later(String, Option<Duration>),
}

/// A request that has arrived, except for some of its spans perhaps.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Accepted {
    pub(super) rejected: usize,
    pub(super) message: String,
    /// What makes one doubt that the spans have arrived where they are understood.
    pub(super) odd: String,
}

/// OTLP over any transport.
pub(super) struct Sender {
    transport: Box<dyn Transport>,
    encoder: Encoder,
    gzip: Option<Gzip>,
    backoff: Backoff,
    timeout: Duration,
    /// A request holds no more bytes: before it is compressed, since receivers limit what they unpack.
    max_bytes: usize,
    /// Where the receiver refused larger requests: what to cut requests at, though a single span may pass it.
    cut_at: usize,
    secrets: Secrets,
}

impl Exporter for Sender {
    fn name(&self) -> String {
        self.transport.name()
    }

    fn export<'a>(&'a mut self, batch: &'a Arc<Batch>, tally: &'a mut Tally) -> BoxFuture<'a, ()> {
        Box::pin(self.send(batch, tally))
    }
}

impl Sender {
    pub(super) fn new(transport: Box<dyn Transport>, config: Config) -> Self {
        let secrets = Secrets::of(&config);
        let Config { timeout, compression, max_request_bytes, resource, .. } = config;
        Self {
            transport,
            encoder: Encoder::new(&resource),
            gzip: (compression == Compression::Gzip).then(Gzip::new),
            backoff: Backoff::new(),
            timeout,
            max_bytes: max_request_bytes,
            cut_at: max_request_bytes,
            secrets,
        }
    }

    async fn send(&mut self, batch: &Batch, tally: &mut Tally) {
        self.encoder.start(batch);
        self.drop_oversized(batch, tally);
        // The parts of the batch that are still to be sent, the first on top.
        let mut parts: Vec<_> = std::iter::once(0..batch.len()).collect();
        while let Some(part) = parts.pop() {
            let request = self.encoder.encode(batch, part.clone(), self.cut_at);
            if request.range.end < part.end {
                parts.push(request.range.end..part.end);
            }
            if request.spans == 0 {
                continue;
            }
            match self.deliver(&request, tally).await {
                Delivery::Accepted(accepted) => {
                    let rejected = accepted.rejected.min(request.spans);
                    tally.exported += request.spans - rejected;
                    tally.failed += rejected;
                    self.report_rejected(rejected, &accepted.message, tally);
                    if !accepted.odd.is_empty() {
                        self.report(tally, accepted.odd);
                    }
                }
                Delivery::TooLarge(_) if request.spans > 1 => {
                    self.learn_limit(request.bytes.len());
                    let Range { start, end } = request.range;
                    let middle = start.midpoint(end);
                    parts.push(middle..end);
                    parts.push(start..middle);
                }
                Delivery::TooLarge(why) | Delivery::Failed(why) => {
                    tally.failed += request.spans;
                    let spans = Self::describe(batch, &request);
                    let size = request.bytes.len();
                    let form = if self.gzip.is_some() { ", sent as gzip," } else { "" };
                    self.report(tally, format!("{why} (a request of {size} bytes{form} with {spans})"));
                }
            }
            self.encoder.recycle(request.bytes);
        }
    }

    /// Gives up on spans that no request may hold, so that they do not take others with them.
    fn drop_oversized(&mut self, batch: &Batch, tally: &mut Tally) {
        if self.encoder.len_alone_at_most() <= self.max_bytes {
            return;
        }
        for index in 0..batch.len() {
            let size = self.encoder.len_alone(index);
            if size > self.max_bytes
                && let Some(view) = batch.get(index)
            {
                self.encoder.leave_out(index);
                tally.dropped += 1;
                let (name, limit) = (view.name(), self.max_bytes);
                self.report(
                    tally,
                    format!(
                        "does not get the span `{name}`, dropped: it takes {size} bytes by itself, and a request \
                         holds {limit} at most; record less in it, or limit the length of values"
                    ),
                );
            }
        }
    }

    /// Tries until there is an answer that counts, or as often as makes sense.
    async fn deliver(&mut self, request: &Request, tally: &mut Tally) -> Delivery {
        let body = match &mut self.gzip {
            Some(gzip) => gzip.compress(&request.bytes),
            None => Some(request.bytes.clone()),
        };
        let Some(body) = body else {
            return Delivery::Failed("does not get what gzip cannot compress".to_owned());
        };
        let delivery = self.try_often(&body, tally).await;
        if let Some(gzip) = &mut self.gzip {
            gzip.recycle(body);
        }
        delivery
    }

    async fn try_often(&mut self, body: &Bytes, tally: &mut Tally) -> Delivery {
        let problem_before = tally.problem.clone();
        let mut attempt = 1;
        loop {
            let (why, asked) = match self.attempt(body.clone()).await {
                Answer::Accepted(accepted) => {
                    tally.problem = problem_before;
                    return Delivery::Accepted(accepted);
                }
                Answer::TooLarge(why) => return Delivery::TooLarge(why),
                Answer::Refused(why) => return Delivery::Failed(why),
                Answer::Later(why, _) if attempt == ATTEMPTS => {
                    return Delivery::Failed(format!("{why}, after {ATTEMPTS} attempts"));
                }
                Answer::Later(why, asked) => (why, asked),
            };
            let delay = self.backoff.delay(attempt, asked);
            // Said beforehand: whoever drops this future at a deadline is left with the reason.
            self.report(tally, format!("{why}; not yet sent again after attempt {attempt}"));
            tokio::time::sleep(delay).await;
            attempt += 1;
        }
    }

    async fn attempt(&mut self, request: Bytes) -> Answer {
        if self.timeout.is_zero() {
            return self.transport.attempt(request).await;
        }
        let attempt = tokio::time::timeout(self.timeout, self.transport.attempt(request)).await;
        attempt.unwrap_or_else(|_| {
            self.transport.reset();
            Answer::Later(format!("gave no answer within {:?}", self.timeout), None)
        })
    }

    /// Cuts the requests to come at what has a chance, instead of sending every batch twice.
    fn learn_limit(&mut self, refused: usize) {
        // So that no answer, however odd, turns a batch into requests of single spans for good.
        const LEAST: usize = 64 << 10;
        self.cut_at = self.cut_at.min((refused / 2).max(LEAST));
    }

    fn report_rejected(&self, rejected: usize, message: &str, tally: &mut Tally) {
        match (rejected, message) {
            (0, "") => {}
            // <https://opentelemetry.io/docs/specs/otlp/#partial-success>: a warning, with nothing lost.
            (0, warning) => self.report(tally, format!("accepted all spans but says: {warning}")),
            (_, "") => self.report(tally, format!("rejected {} without a reason", plural(rejected))),
            (_, reason) => self.report(tally, format!("rejected {}: {reason}", plural(rejected))),
        }
    }

    /// The spans of a request that failed; a single one by its name.
    fn describe(batch: &Batch, request: &Request) -> String {
        match batch.get(request.range.start) {
            Some(view) if request.spans == 1 && request.range.len() == 1 => {
                format!("the span `{}`", view.name())
            }
            _ => plural(request.spans),
        }
    }

    fn report(&self, tally: &mut Tally, what: String) {
        let name = self.transport.name();
        tally.problem = Some(format!("{name} {}", self.secrets.hide(what)));
    }
}

/// What became of a request, after all attempts.
enum Delivery {
    Accepted(Accepted),
    TooLarge(String),
    Failed(String),
}

fn plural(spans: usize) -> String {
    if spans == 1 { "1 span".into() } else { format!("{spans} spans") }
}
