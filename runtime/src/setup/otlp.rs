//! Where spans go over OTLP, and how.
//!
//! Specification: <https://opentelemetry.io/docs/specs/otel/protocol/exporter/>.

use std::time::Duration;

use opentelemetry_sdk::Resource;

use super::env::{self, Source, Variable};
use super::exporters::OverOtlp;
use super::{InstallError, headers, redact, url};
use crate::export::Compression;
use crate::export::otlp::{Config, Protocol};

const PATH: &str = "/v1/traces";
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
/// Servers of gRPC refuse messages over 4 MiB unless told otherwise; a little is left for what is around one.
const MAX_REQUEST_BYTES: usize = 4 * 1024 * 1024 - 4 * 1024;

/// What was said in code; the environment says the rest.
#[derive(Debug, Default)]
pub(super) struct Wish {
    pub(super) address: Option<String>,
    pub(super) protocol: Option<Protocol>,
}

/// Which protocols this build speaks: one at least, or this file would not be in it.
#[derive(Clone, Copy)]
pub(super) struct Compiled {
    http: bool,
    grpc: bool,
}

pub(super) const COMPILED: Compiled =
    Compiled { http: cfg!(feature = "otlp-http"), grpc: cfg!(feature = "otlp-grpc") };

/// The settings of an exporter. None where the environment asks for what this build cannot do, which is reported.
pub(super) fn config(
    wish: &Wish,
    over_otlp: &OverOtlp,
    source: Source<'_>,
    resource: &Resource,
    compiled: Compiled,
) -> Result<Option<Config>, InstallError> {
    let protocol = wish.protocol.unwrap_or_else(|| protocol(source, compiled));
    let endpoint = match &wish.address {
        Some(address) => address_of_code(address.trim(), protocol)?,
        None => match address_of_environment(source, protocol) {
            Some(address) => address,
            None => return Ok(None),
        },
    };
    refuse_what_is_not_there_yet(source);
    Ok(Some(Config {
        protocol,
        endpoint,
        headers: headers::resolve(&over_otlp.headers, source)?,
        timeout: source.timeout(&[env::OTLP_TRACES_TIMEOUT, env::OTLP_TIMEOUT], DEFAULT_TIMEOUT),
        compression: over_otlp.compression.unwrap_or_else(|| compression(source)),
        max_request_bytes: MAX_REQUEST_BYTES,
        resource: resource.clone(),
    }))
}

fn protocol(source: Source<'_>, compiled: Compiled) -> Protocol {
    let parse = |variable: &Variable, value: &str| match value.to_ascii_lowercase().as_str() {
        "http/protobuf" if compiled.http => Ok(Protocol::HttpProtobuf),
        "grpc" if compiled.grpc => Ok(Protocol::Grpc),
        "http/protobuf" => Err("it needs the cargo feature `otlp-http` of `traced`".to_owned()),
        "grpc" => Err("it needs the cargo feature `otlp-grpc` of `traced`".to_owned()),
        "http/json" => Err(format!("not supported yet; {}", variable.expected())),
        _ => Err(variable.expected()),
    };
    let default = if compiled.http { Protocol::HttpProtobuf } else { Protocol::Grpc };
    source.first(&[env::OTLP_TRACES_PROTOCOL, env::OTLP_PROTOCOL], parse, default, |taken| match taken {
        Protocol::HttpProtobuf => "http/protobuf".to_owned(),
        Protocol::Grpc => "grpc".to_owned(),
    })
}

/// A server's address gets the path of traces, unless it has it already.
fn address_of_code(address: &str, protocol: Protocol) -> Result<String, InstallError> {
    let wrong =
        |why: String| InstallError::Setting { setting: "otlp", value: redact::redacted(address), why };
    url::check(address).map_err(|why| wrong(format!("{why}; {}", env::OTLP_ENDPOINT.expected())))?;
    if url::needs_tls(address) {
        return Err(wrong(url::NO_TLS.to_owned()));
    }
    let (base, _) = redact::parts(address);
    let whole = protocol == Protocol::Grpc || base.trim_end_matches('/').ends_with(PATH);
    Ok(if whole { address.to_owned() } else { url::joined(address, PATH) })
}

/// Over HTTP, the general variable names a server and gets the path of traces; the one for traces is the
/// whole address: <https://opentelemetry.io/docs/specs/otel/protocol/exporter/#endpoint-urls-for-otlphttp>.
///
/// None where it needs TLS.
fn address_of_environment(source: Source<'_>, protocol: Protocol) -> Option<String> {
    let parse = |variable: &Variable, value: &str| {
        let value = match protocol {
            Protocol::Grpc => with_scheme(value, source),
            Protocol::HttpProtobuf => value.to_owned(),
        };
        url::check(&value).map_err(|why| format!("{why}; {}", variable.expected()))?;
        let append = protocol == Protocol::HttpProtobuf && variable.name == env::OTLP_ENDPOINT.name;
        Ok((Some(*variable), if append { url::joined(&value, PATH) } else { value }))
    };
    let default = match protocol {
        Protocol::Grpc => "http://localhost:4317",
        Protocol::HttpProtobuf => "http://localhost:4318/v1/traces",
    };
    let variables = [env::OTLP_TRACES_ENDPOINT, env::OTLP_ENDPOINT];
    let show = |taken: &(_, String)| redact::redacted(&taken.1);
    let (variable, address) = source.first(&variables, parse, (None, default.to_owned()), show);
    let Some(variable) = variable.filter(|_| url::needs_tls(&address)) else { return Some(address) };
    let value = source.text(&variable).unwrap_or_default();
    let insecure = env::OTLP_INSECURE.name;
    let why = if value.contains("://") {
        url::NO_TLS.to_owned()
    } else {
        format!("without a scheme and {insecure}=true, {}", url::NO_TLS)
    };
    source.refuse(&variable, &value, &why, "no OTLP exporter: spans are not sent over OTLP");
    None
}

/// For gRPC, an address without a scheme is a secure one unless `INSECURE` says otherwise:
/// <https://opentelemetry.io/docs/specs/otel/protocol/exporter/#configuration-options>.
fn with_scheme(address: &str, source: Source<'_>) -> String {
    if address.contains("://") {
        return address.to_owned();
    }
    let insecure = source.boolean(&[env::OTLP_TRACES_INSECURE, env::OTLP_INSECURE]);
    format!("{}://{address}", if insecure { "http" } else { "https" })
}

fn compression(source: Source<'_>) -> Compression {
    let parse = |variable: &Variable, value: &str| match value.to_ascii_lowercase().as_str() {
        "none" => Ok(Compression::None),
        "gzip" => Ok(Compression::Gzip),
        _ => Err(variable.expected()),
    };
    let variables = [env::OTLP_TRACES_COMPRESSION, env::OTLP_COMPRESSION];
    source.first(&variables, parse, Compression::None, |taken| match taken {
        Compression::None => "none".to_owned(),
        Compression::Gzip => "gzip".to_owned(),
    })
}

fn refuse_what_is_not_there_yet(source: Source<'_>) {
    for variable in [
        env::OTLP_TRACES_CERTIFICATE,
        env::OTLP_CERTIFICATE,
        env::OTLP_TRACES_CLIENT_KEY,
        env::OTLP_CLIENT_KEY,
        env::OTLP_TRACES_CLIENT_CERTIFICATE,
        env::OTLP_CLIENT_CERTIFICATE,
    ] {
        if let Some(value) = source.text(&variable) {
            source.refuse(&variable, &value, "not supported yet", "no certificate");
        }
    }
}

#[cfg(test)]
mod tests;
