//! Where requests go: read once, checked, and shown to people without what is secret in it.

use http::Uri;

use super::Protocol;
use crate::export::BuildError;

/// A checked endpoint of scheme `http`.
pub(super) struct Endpoint {
    pub(super) uri: Uri,
    /// For people: without credentials and without a query, which may hold a token.
    pub(super) shown: String,
}

impl Endpoint {
    pub(super) fn parse(protocol: Protocol, endpoint: &str) -> Result<Self, BuildError> {
        let endpoint = endpoint.trim();
        let shown = without_credentials(endpoint);
        let (example, protocol_name) = match protocol {
            Protocol::Grpc => ("http://localhost:4317", "gRPC"),
            Protocol::HttpProtobuf => ("http://localhost:4318/v1/traces", "HTTP"),
        };
        let wrong = |what: &str| {
            Err(BuildError(format!(
                "the endpoint `{shown}` of OTLP over {protocol_name} {what}; one is `{example}`"
            )))
        };
        let with_scheme = match (endpoint.contains("://"), protocol) {
            // <https://opentelemetry.io/docs/specs/otel/protocol/exporter/>: gRPC takes any form that the
            // client takes, and `localhost:4317` is the usual one. Without TLS it can only mean http.
            (false, Protocol::Grpc) if !endpoint.starts_with("unix:") => format!("http://{endpoint}"),
            (false, _) => return wrong("does not start with `http://`"),
            (true, _) => endpoint.to_owned(),
        };
        let Ok(uri) = with_scheme.parse::<Uri>() else { return wrong("is not a URL") };
        let Some(host) = uri.host().filter(|host| !host.is_empty()) else { return wrong("has no host") };
        let port = uri
            .authority()
            .and_then(|authority| authority.as_str().rsplit_once(host))
            .map_or("", |(_, port)| port);
        if !port.is_empty() && uri.port_u16().is_none() {
            return wrong("has no valid port");
        }
        match uri.scheme_str() {
            Some("http") => {}
            Some("https") => {
                return Err(BuildError(format!(
                    "the endpoint `{shown}` needs TLS, which is not compiled in: use an `http://` endpoint, such \
                     as a collector on this host (`{example}`) that sends on over TLS"
                )));
            }
            _ => return wrong("does not start with `http://`"),
        }
        Ok(Self { uri, shown })
    }

    /// What to check when nobody can be reached there.
    pub(super) fn hint_unreached(&self, protocol: Protocol) -> &'static str {
        match (protocol, self.uri.port_u16()) {
            (Protocol::Grpc, Some(4318)) => {
                "is a collector listening there? 4318 is usually the port of OTLP over HTTP, 4317 that of gRPC"
            }
            (Protocol::HttpProtobuf, Some(4317)) => {
                "is a collector listening there? 4317 is usually the port of OTLP over gRPC, 4318 that of HTTP"
            }
            _ => "is a collector listening there?",
        }
    }
}

/// What to check when somebody is there who does not answer in this protocol.
pub(super) fn hint_broken_off(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Grpc => "is that its port for OTLP over gRPC, usually 4317?",
        Protocol::HttpProtobuf => "is that its port for OTLP over HTTP, usually 4318?",
    }
}

/// An endpoint as it may be shown, whether or not it is well formed.
pub(super) fn without_credentials(endpoint: &str) -> String {
    let bare = endpoint.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = match bare.find("://") {
        Some(at) => bare.split_at(at + 3),
        None => ("", bare),
    };
    // A password may hold a `/` that its writer forgot to encode: all before the last `@` is hidden.
    let rest = rest.rfind('@').and_then(|at| rest.get(at + 1..)).unwrap_or(rest);
    format!("{scheme}{rest}")
}
