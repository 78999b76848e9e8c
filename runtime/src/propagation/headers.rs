//! HTTP headers as a carrier.

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, Injector};

/// Writes the current trace into the headers of a request.
///
/// ```
/// let mut headers = http::HeaderMap::new();
/// traced::propagation::inject_headers(&mut headers);
/// ```
pub fn inject_headers(headers: &mut HeaderMap) {
    super::inject(&mut Headers(headers));
}

/// The current context with the trace that a request's headers brought.
///
/// ```
/// let headers = http::HeaderMap::new();
/// let context = traced::propagation::extract_headers(&headers);
/// # drop(context);
/// ```
#[must_use]
pub fn extract_headers(headers: &HeaderMap) -> Context {
    super::extract(&HeadersRead(headers))
}

struct Headers<'a>(&'a mut HeaderMap);

impl Injector for Headers<'_> {
    fn set(&mut self, key: &str, value: String) {
        // What cannot be a header is left out: a trace must not break a request.
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(key), HeaderValue::try_from(value)) {
            self.0.insert(name, value);
        }
    }
}

struct HeadersRead<'a>(&'a HeaderMap);

impl Extractor for HeadersRead<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }

    fn get_all(&self, key: &str) -> Option<Vec<&str>> {
        // A value that is no text makes the whole unreadable, rather than vanish from it.
        let all: Result<Vec<_>, _> = self.0.get_all(key).iter().map(HeaderValue::to_str).collect();
        all.ok().filter(|all| !all.is_empty())
    }
}
