//! Whom a client or a producer called.

use std::net::IpAddr;

use opentelemetry::trace::SpanKind;
use serde::Serialize;

use crate::record::{SpanView, ValueView};

/// One end of a call.
#[derive(Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Endpoint<'a> {
    /// Zipkin draws its dependencies from the names, so there is always one.
    pub(super) service_name: std::borrow::Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ipv4: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ipv6: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) port: Option<u16>,
}

/// The attributes that may tell, the best first, with those that hold the port that belongs to them.
/// <https://opentelemetry.io/docs/specs/otel/trace/sdk_exporters/zipkin/#otlp---zipkin>
const RANKING: [(&str, Option<&str>); 11] = [
    ("peer.service", None),
    ("server.address", None),
    ("net.peer.name", None),
    ("network.peer.address", Some("network.peer.port")),
    ("server.socket.domain", None),
    ("server.socket.address", Some("server.socket.port")),
    ("net.sock.peer.name", None),
    ("net.sock.peer.addr", Some("net.sock.peer.port")),
    ("peer.hostname", None),
    ("peer.address", None),
    ("db.name", None),
];

/// The other end of a call out of this process.
pub(super) fn endpoint<'a>(span: &SpanView<'a>) -> Option<Endpoint<'a>> {
    if !matches!(span.kind(), SpanKind::Client | SpanKind::Producer) {
        return None;
    }
    let mut best: Option<(usize, &'a str)> = None;
    for (key, value) in span.attributes() {
        let ValueView::Str(text) = value else { continue };
        if let Some(rank) = RANKING.iter().position(|(name, _)| *name == key)
            && !text.is_empty()
            && best.is_none_or(|(known, _)| rank < known)
        {
            best = Some((rank, text));
        }
    }
    let (rank, text) = best?;
    let Some(port_key) = RANKING[rank].1 else {
        return Some(Endpoint { service_name: text.into(), ..Endpoint::default() });
    };
    let port = span.attributes().find_map(|(key, value)| match value {
        ValueView::Int(port) if key == port_key => u16::try_from(port).ok(),
        _ => None,
    });
    let ip = text.parse::<IpAddr>().ok();
    let service_name = match port {
        Some(port) if ip.is_some_and(|ip| ip.is_ipv6()) => format!("[{text}]:{port}").into(),
        Some(port) => format!("{text}:{port}").into(),
        None => text.into(),
    };
    Some(Endpoint {
        service_name,
        ipv4: ip.filter(IpAddr::is_ipv4).map(|_| text),
        ipv6: ip.filter(IpAddr::is_ipv6).map(|_| text),
        port,
    })
}
