use std::time::Duration;

use opentelemetry_sdk::Resource;

use super::{Compiled, Wish, config};
use crate::export::Compression;
use crate::export::otlp::{Config, Protocol};
use crate::setup::InstallError;
use crate::setup::env::NO_LIMIT;
use crate::setup::exporters::OverOtlp;
use crate::setup::testing::{Environment, Refused};

const BOTH: Compiled = Compiled { http: true, grpc: true };
const HTTP: Compiled = Compiled { http: true, grpc: false };
const GRPC: Compiled = Compiled { http: false, grpc: true };

const PROTOCOL: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";
const TRACES_PROTOCOL: &str = "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL";
const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const TRACES_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
const TIMEOUT: &str = "OTEL_EXPORTER_OTLP_TIMEOUT";
const TRACES_TIMEOUT: &str = "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT";
const COMPRESSION: &str = "OTEL_EXPORTER_OTLP_COMPRESSION";
const TRACES_COMPRESSION: &str = "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION";
const INSECURE: &str = "OTEL_EXPORTER_OTLP_INSECURE";

fn resolved(environment: &Environment, wish: &Wish, compiled: Compiled) -> Result<Config, InstallError> {
    let resource = Resource::builder_empty().build();
    let over_otlp = OverOtlp::default();
    environment.with(|source| config(wish, &over_otlp, source, &resource, compiled)).map(Option::unwrap)
}

fn by_environment(environment: &Environment, compiled: Compiled) -> Config {
    resolved(environment, &Wish::default(), compiled).unwrap()
}

#[test]
fn protocols() {
    use Protocol::{Grpc, HttpProtobuf};
    let cases: &[(Compiled, &str, &str, Protocol, Refused)] = &[
        (BOTH, "", "", HttpProtobuf, &[]),
        (HTTP, "", "", HttpProtobuf, &[]),
        (GRPC, "", "", Grpc, &[]),
        (BOTH, "", " GRPC ", Grpc, &[]),
        (BOTH, "", "http/protobuf", HttpProtobuf, &[]),
        (BOTH, "grpc", "http/protobuf", Grpc, &[]),
        (BOTH, "", "http/json", HttpProtobuf, &[(PROTOCOL, "http/json")]),
        (BOTH, "http/json", "grpc", Grpc, &[(TRACES_PROTOCOL, "http/json")]),
        (BOTH, "", "udp", HttpProtobuf, &[(PROTOCOL, "udp")]),
        (HTTP, "", "grpc", HttpProtobuf, &[(PROTOCOL, "grpc")]),
        (GRPC, "http/protobuf", "", Grpc, &[(TRACES_PROTOCOL, "http/protobuf")]),
    ];
    for (compiled, traces, general, expected, refused) in cases {
        let environment = Environment::of([(TRACES_PROTOCOL, *traces), (PROTOCOL, *general)]);
        assert_eq!(by_environment(&environment, *compiled).protocol, *expected, "{traces} {general}");
        environment.assert_refused(refused.iter().copied());
    }
}

#[test]
fn a_protocol_that_is_not_compiled_names_its_feature() {
    for (compiled, protocol, feature) in
        [(HTTP, "grpc", "`otlp-grpc`"), (GRPC, "http/protobuf", "`otlp-http`")]
    {
        let environment = Environment::of([(PROTOCOL, protocol)]);
        by_environment(&environment, compiled);
        let warnings = environment.warnings().concat();
        assert!(warnings.contains(feature), "{warnings}");
    }
}

#[test]
fn addresses_of_the_environment_over_http() {
    let default = "http://localhost:4318/v1/traces";
    let cases: &[(&str, &str, &str, Refused)] = &[
        ("", "", default, &[]),
        ("", " http://host:4318 ", "http://host:4318/v1/traces", &[]),
        ("", "http://host:4318/", "http://host:4318/v1/traces", &[]),
        ("", "http://host/otlp/", "http://host/otlp/v1/traces", &[]),
        ("", "http://host/v1/traces", "http://host/v1/traces/v1/traces", &[]),
        ("http://host:4318", "http://other", "http://host:4318", &[]),
        ("http://host:4318/", "", "http://host:4318/", &[]),
        ("http://host/custom", "", "http://host/custom", &[]),
        ("", "host:4318", default, &[(ENDPOINT, "host:4318")]),
        ("", "ftp://host", default, &[(ENDPOINT, "ftp://host")]),
        ("bad", "http://host", "http://host/v1/traces", &[(TRACES_ENDPOINT, "bad")]),
        ("bad", "worse", default, &[(TRACES_ENDPOINT, "bad"), (ENDPOINT, "worse")]),
    ];
    for (traces, general, expected, refused) in cases {
        // Over HTTP the scheme alone says whether it is secure, and nothing is said about it.
        let environment =
            Environment::of([(TRACES_ENDPOINT, *traces), (ENDPOINT, *general), (INSECURE, "perhaps")]);
        assert_eq!(by_environment(&environment, HTTP).endpoint, *expected, "{traces} {general}");
        environment.assert_refused(refused.iter().copied());
    }
}

#[test]
fn addresses_of_the_environment_over_grpc() {
    let default = "http://localhost:4317";
    let cases: &[(&str, &str, &str, &str, Refused)] = &[
        ("", "", "", default, &[]),
        ("", "http://host:4317", "", "http://host:4317", &[]),
        ("http://host", "https://other", "", "http://host", &[]),
        ("", "host:4317", "True", "http://host:4317", &[]),
        ("", "unix:///socket", "", default, &[(ENDPOINT, "unix:///socket")]),
    ];
    for (traces, general, insecure, expected, refused) in cases {
        let environment =
            Environment::of([(TRACES_ENDPOINT, *traces), (ENDPOINT, *general), (INSECURE, *insecure)]);
        assert_eq!(by_environment(&environment, GRPC).endpoint, *expected, "{traces} {general} {insecure}");
        environment.assert_refused(refused.iter().copied());
    }
}

/// Sending it elsewhere, or in the clear, is not what was asked for.
#[test]
fn an_address_of_the_environment_that_needs_tls_is_told_and_leaves_the_exporter_out() {
    for (compiled, traces, general, insecure, variable, shown) in [
        (HTTP, "", "https://user:hunter2@host/otlp", "", ENDPOINT, "https://***@host/otlp:"),
        (HTTP, "HTTPS://host/v1/traces", "http://other", "", TRACES_ENDPOINT, "HTTPS://host/v1/traces:"),
        (GRPC, "https://host", "http://other", "true", TRACES_ENDPOINT, "https://host:"),
        (GRPC, "", "host:4317", "", ENDPOINT, "host:4317: without a scheme and"),
        (GRPC, "", "host:4317", "false", ENDPOINT, "host:4317: without a scheme and"),
    ] {
        let environment =
            Environment::of([(TRACES_ENDPOINT, traces), (ENDPOINT, general), (INSECURE, insecure)]);
        let resource = Resource::builder_empty().build();
        let (wish, over_otlp) = (Wish::default(), OverOtlp::default());
        let made = environment.with(|source| config(&wish, &over_otlp, source, &resource, compiled)).unwrap();
        assert!(made.is_none(), "{traces} {general}");
        let warnings = environment.warnings();
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        for part in [&format!("{variable}={shown}"), "TLS", "spans are not sent over OTLP"] {
            assert!(warnings[0].contains(part), "{part}: {warnings:?}");
        }
    }
}

#[test]
fn a_refused_address_is_shown_without_credentials() {
    let environment = Environment::of([(ENDPOINT, "ftp://user:hunter2@host?key=hunter3")]);
    by_environment(&environment, BOTH);
    let warnings = environment.warnings().concat();
    assert!(warnings.contains("ftp://***@host?***") && !warnings.contains("hunter"), "{warnings}");

    let environment =
        Environment::of([(TRACES_ENDPOINT, "ftp://host"), (ENDPOINT, "http://user:hunter2@host")]);
    by_environment(&environment, BOTH);
    let warnings = environment.warnings().concat();
    assert!(warnings.contains("using http://***@host") && !warnings.contains("hunter"), "{warnings}");
}

#[test]
fn addresses_of_the_code() {
    let environment = Environment::of([(ENDPOINT, "bad"), (PROTOCOL, "bad")]);
    for (protocol, address, expected) in [
        (Protocol::HttpProtobuf, "http://host:4318", "http://host:4318/v1/traces"),
        (Protocol::HttpProtobuf, "http://host/otlp/", "http://host/otlp/v1/traces"),
        (Protocol::HttpProtobuf, "http://host/v1/traces", "http://host/v1/traces"),
        (Protocol::HttpProtobuf, "http://host?key=a", "http://host/v1/traces?key=a"),
        (Protocol::Grpc, "http://host:4317", "http://host:4317"),
    ] {
        let wish = Wish { address: Some(address.to_owned()), protocol: Some(protocol) };
        let config = resolved(&environment, &wish, BOTH).unwrap();
        assert_eq!((config.endpoint.as_str(), config.protocol), (expected, protocol));
        environment.assert_refused([]);
    }
    let wish = Wish { address: Some("http://host".to_owned()), protocol: None };
    let grpc = Environment::of([(PROTOCOL, "grpc"), (ENDPOINT, "http://other")]);
    let config = resolved(&grpc, &wish, BOTH).unwrap();
    assert_eq!((config.endpoint.as_str(), config.protocol), ("http://host", Protocol::Grpc));
}

#[test]
fn a_bad_address_in_code_is_an_error() {
    let environment = Environment::of([]);
    for protocol in [Protocol::Grpc, Protocol::HttpProtobuf] {
        let wish = Wish { address: Some("user:hunter2@host:4318".to_owned()), protocol: Some(protocol) };
        let error = resolved(&environment, &wish, BOTH).err().unwrap().to_string();
        assert!(error.contains("`otlp`") && error.contains("***@host:4318"), "{error}");
        assert!(error.contains("`http://`") && !error.contains("hunter2"), "{error}");
    }
}

#[test]
fn an_address_in_code_that_needs_tls_is_an_error() {
    for protocol in [Protocol::Grpc, Protocol::HttpProtobuf] {
        let wish = Wish { address: Some("https://user:hunter2@host".to_owned()), protocol: Some(protocol) };
        let error = resolved(&Environment::of([]), &wish, BOTH).err().unwrap();
        assert!(matches!(error, InstallError::Setting { setting: "otlp", .. }), "{error}");
        assert!(error.to_string().contains("TLS") && !error.to_string().contains("hunter2"), "{error}");
    }
}

#[test]
fn timeouts() {
    let default = Duration::from_secs(10);
    let cases: &[(&str, &str, Duration, Refused)] = &[
        ("", "", default, &[]),
        ("", "500", Duration::from_millis(500), &[]),
        ("250", "500", Duration::from_millis(250), &[]),
        ("", "0", NO_LIMIT, &[]),
        ("", "-1", default, &[(TIMEOUT, "-1")]),
        ("10s", "500", Duration::from_millis(500), &[(TRACES_TIMEOUT, "10s")]),
    ];
    for (traces, general, expected, refused) in cases {
        let environment = Environment::of([(TRACES_TIMEOUT, *traces), (TIMEOUT, *general)]);
        assert_eq!(by_environment(&environment, BOTH).timeout, *expected, "{traces} {general}");
        environment.assert_refused(refused.iter().copied());
    }
}

#[test]
fn compressions() {
    use Compression::{Gzip, None as No};
    let cases: &[(&str, &str, Compression, Refused)] = &[
        ("", "", No, &[]),
        ("", "none", No, &[]),
        ("", " GZIP ", Gzip, &[]),
        ("gzip", "none", Gzip, &[]),
        ("none", "gzip", No, &[]),
        ("", "zstd", No, &[(COMPRESSION, "zstd")]),
        ("deflate", "gzip", Gzip, &[(TRACES_COMPRESSION, "deflate")]),
    ];
    for (traces, general, expected, refused) in cases {
        let environment = Environment::of([(TRACES_COMPRESSION, *traces), (COMPRESSION, *general)]);
        assert_eq!(by_environment(&environment, BOTH).compression, *expected, "{traces} {general}");
        environment.assert_refused(refused.iter().copied());
    }
}

#[test]
fn a_compression_that_is_refused_is_told_with_what_is_accepted_and_taken() {
    let environment = Environment::of([(TRACES_COMPRESSION, "zstd"), (COMPRESSION, "gzip")]);
    by_environment(&environment, BOTH);
    let warnings = environment.warnings().concat();
    assert!(warnings.contains("expected `gzip` or `none`") && warnings.contains("using gzip"), "{warnings}");
}

#[test]
fn a_compression_in_code_comes_first() {
    let environment = Environment::of([(COMPRESSION, "zstd"), (TRACES_COMPRESSION, "gzip")]);
    let over_otlp = OverOtlp { compression: Some(Compression::None), ..OverOtlp::default() };
    let resource = Resource::builder_empty().build();
    let config = environment.with(|source| config(&Wish::default(), &over_otlp, source, &resource, BOTH));
    assert_eq!(config.unwrap().unwrap().compression, Compression::None);
    environment.assert_refused([]);
}

#[test]
fn what_is_not_there_yet_is_said() {
    for name in ["CERTIFICATE", "CLIENT_KEY", "CLIENT_CERTIFICATE"] {
        for signal in ["", "TRACES_"] {
            let variable = format!("OTEL_EXPORTER_OTLP_{signal}{name}");
            for (value, accepted) in [("", true), ("none", false), ("file", false)] {
                let environment = Environment::of([(variable.as_str(), value)]);
                by_environment(&environment, BOTH);
                environment.assert_refused((!accepted).then_some((variable.as_str(), value)));
            }
        }
    }
}
