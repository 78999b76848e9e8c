//! Settings that cannot work are refused, and no secret is shown.

use super::config;
use crate::export::otlp::endpoint::{Endpoint, without_credentials};
use crate::export::otlp::headers::{Secrets, read};
use crate::export::otlp::{Config, Protocol, exporter};

fn refusal(config: Config) -> String {
    match exporter(config) {
        Ok(exporter) => panic!("{} was accepted", exporter.name()),
        Err(error) => error.to_string(),
    }
}

fn with_header(protocol: Protocol, name: &str, value: &str) -> Config {
    Config { headers: vec![(name.into(), value.into())], ..config(protocol, "http://localhost:1/v1/traces") }
}

#[test]
#[cfg(all(feature = "otlp-http", feature = "otlp-grpc"))]
fn https_needs_what_is_not_compiled_in() {
    for protocol in [Protocol::Grpc, Protocol::HttpProtobuf] {
        let refusal = refusal(config(protocol, "https://me:secret@collector.example:4317/x?token=secret"));
        assert!(refusal.contains("TLS, which is not compiled in: use an `http://`"), "{refusal}");
        assert!(refusal.contains("`https://collector.example:4317/x`"), "{refusal}");
        assert!(!refusal.contains("secret"), "{refusal}");
    }
}

#[test]
fn endpoints_that_are_none_are_refused() {
    for protocol in [Protocol::Grpc, Protocol::HttpProtobuf] {
        for endpoint in
            ["", "http://", "ftp://x", "http://a b", "http://me:secret@:4317", "unix:/x", "http://x:99999"]
        {
            let refused =
                Endpoint::parse(protocol, endpoint).map(|endpoint| endpoint.uri).map_err(|error| error.0);
            let refusal = refused.expect_err(endpoint);
            assert!(
                refusal.contains("one is `http://localhost:431") && !refusal.contains("secret"),
                "{refusal}"
            );
        }
    }
    assert!(Endpoint::parse(Protocol::HttpProtobuf, "localhost:4318").is_err());
}

#[test]
fn a_grpc_endpoint_without_a_scheme_means_http() {
    let endpoint = Endpoint::parse(Protocol::Grpc, "localhost:4317").map_err(|error| error.0).unwrap();
    assert_eq!(endpoint.uri.to_string(), "http://localhost:4317/");
}

#[test]
fn credentials_are_cut_off() {
    assert_eq!(without_credentials("http://me:p@ss/w@host:1/x?key=1#y"), "http://host:1/x");
    assert_eq!(without_credentials("me:pass@host"), "host");
}

#[test]
#[cfg(all(feature = "otlp-http", feature = "otlp-grpc"))]
fn headers_that_cannot_be_sent_are_named_without_their_value() {
    for protocol in [Protocol::Grpc, Protocol::HttpProtobuf] {
        for (name, value) in [("no name", "hush"), ("x-key", "hush\nhush"), ("x-key", "hushé"), ("", "hush")]
        {
            let refusal = refusal(with_header(protocol, name, value));
            assert!(refusal.contains(&format!("`{name}`")) && !refusal.contains("hush"), "{refusal}");
        }
        for (name, value) in [("Content-Length", "1"), ("Content-Encoding", "gzip")] {
            assert!(refusal(with_header(protocol, name, value)).contains("leave it out"), "{name}");
        }
    }
    assert!(refusal(with_header(Protocol::Grpc, "x-bin", "hush")).contains("binary"));
    assert!(refusal(config(Protocol::Grpc, "http://me:hush@localhost:1")).contains("`authorization`"));
}

#[test]
fn no_secret_is_in_any_debug_output() {
    let mut config = with_header(Protocol::HttpProtobuf, "authorization", "Bearer hush");
    config.endpoint = "http://me:hush@localhost:1/v1/traces?key=hush".into();
    let shown = format!("{config:?} {:?}", read(&config));
    assert!(shown.contains("authorization") && !shown.contains("hush"), "{shown}");
    let quoted = Secrets::of(&config).hide("`hush` of `Bearer hush` is unknown".into());
    assert_eq!(quoted, "`***` of `***` is unknown");
}
