//! The headers that the user sends along: checked once, and never shown.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::{Config, Protocol};
use crate::export::BuildError;

/// What the transports set themselves, and what would break them.
const RESERVED: [&str; 7] =
    ["connection", "content-encoding", "content-length", "te", "trailer", "transfer-encoding", "upgrade"];

/// The user's headers; of a repeated name the last counts.
pub(super) fn read(config: &Config) -> Result<HeaderMap, BuildError> {
    let mut headers = HeaderMap::new();
    for (name, value) in &config.headers {
        let wrong = |what: &str| BuildError(format!("the OTLP header `{}` {what}", name.escape_debug()));
        let parsed = HeaderName::from_bytes(name.trim().as_bytes())
            .map_err(|_| wrong("is not a name that HTTP allows: letters, digits and `-`, without spaces"))?;
        if RESERVED.contains(&parsed.as_str()) {
            return Err(wrong("is set by the transport itself: leave it out"));
        }
        if config.protocol == Protocol::Grpc {
            // <https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>: binary metadata has an encoding
            // of its own, and names with this prefix belong to gRPC.
            if parsed.as_str().ends_with("-bin") {
                return Err(wrong("would be binary metadata in gRPC, which is not supported: rename it"));
            }
            if parsed.as_str().starts_with("grpc-") {
                return Err(wrong("is reserved by gRPC: leave it out"));
            }
        }
        let mut value = Some(value.trim())
            // `HeaderValue` takes more, which receivers and gRPC do not.
            .filter(|value| value.is_ascii())
            .and_then(|value| HeaderValue::from_str(value).ok())
            .ok_or_else(|| {
                wrong("has a value with characters other than printable ASCII (value not shown)")
            })?;
        value.set_sensitive(true);
        headers.insert(parsed, value);
    }
    Ok(headers)
}

/// What must not appear in any text, whoever wrote it: servers quote what they were sent.
pub(super) struct Secrets(Vec<String>);

impl Secrets {
    pub(super) fn of(config: &Config) -> Self {
        // Shorter ones would hide ordinary words, and are no secrets.
        const SHORTEST: usize = 4;
        let mut secrets = Vec::new();
        for (_, value) in &config.headers {
            secrets.push(value.trim());
            // `Bearer abc` is quoted as `abc`.
            secrets.extend(value.split_whitespace().next_back());
        }
        let endpoint = config.endpoint.split_once("://").map_or(config.endpoint.as_str(), |(_, rest)| rest);
        if let Some((credentials, _)) = endpoint.rsplit_once('@') {
            secrets.extend(credentials.split_once(':').map(|(_, password)| password));
        }
        secrets.retain(|secret| secret.len() >= SHORTEST);
        // The longest first: one may be part of another.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self(secrets.into_iter().map(str::to_owned).collect())
    }

    pub(super) fn hide(&self, text: String) -> String {
        self.0.iter().fold(text, |text, secret| {
            if text.contains(secret.as_str()) { text.replace(secret.as_str(), "***") } else { text }
        })
    }
}
