//! Where spans go for Zipkin.

use std::time::Duration;

use opentelemetry_sdk::Resource;

use super::env::{self, Source};
use super::{InstallError, redact, url};
use crate::export::zipkin::Config;

const PATH: &str = "/api/v2/spans";
const DEFAULT: &str = "http://localhost:9411/api/v2/spans";
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// The settings of an exporter, to this address if one was given in code. None where the environment asks for
/// what this build cannot do, which is reported.
pub(super) fn config(
    address: Option<&str>,
    source: Source<'_>,
    resource: &Resource,
) -> Result<Option<Config>, InstallError> {
    let endpoint = match address {
        Some(address) => of_code(address.trim())?,
        None => match of_environment(source) {
            Some(address) => address,
            None => return Ok(None),
        },
    };
    let timeout = source.timeout(&[env::ZIPKIN_TIMEOUT], DEFAULT_TIMEOUT);
    Ok(Some(Config { endpoint, timeout, resource: resource.clone() }))
}

fn of_code(address: &str) -> Result<String, InstallError> {
    let wrong =
        |why: String| InstallError::Setting { setting: "zipkin", value: redact::redacted(address), why };
    url::check(address).map_err(|why| wrong(format!("{why}; {}", env::ZIPKIN_ENDPOINT.expected())))?;
    if url::needs_tls(address) {
        return Err(wrong(url::NO_TLS.to_owned()));
    }
    // Zipkin has but one path for spans, so a server's address is enough.
    let has_path = address.parse::<http::Uri>().is_ok_and(|uri| uri.path().len() > 1);
    Ok(if has_path { address.to_owned() } else { url::joined(address, PATH) })
}

/// None where it needs TLS.
fn of_environment(source: Source<'_>) -> Option<String> {
    let parse = |variable: &env::Variable, value: &str| match url::check(value) {
        Ok(()) => Ok(value.to_owned()),
        Err(why) => Err(format!("{why}; {}", variable.expected())),
    };
    let variable = env::ZIPKIN_ENDPOINT;
    let address = source.first(&[variable], parse, DEFAULT.to_owned(), |taken| redact::redacted(taken));
    if url::needs_tls(&address) {
        source.refuse(&variable, &address, url::NO_TLS, "no Zipkin exporter: spans are not sent to Zipkin");
        return None;
    }
    Some(address)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use opentelemetry_sdk::Resource;

    use super::config;
    use crate::export::zipkin::Config;
    use crate::setup::InstallError;
    use crate::setup::env::NO_LIMIT;
    use crate::setup::testing::Environment;

    const ENDPOINT: &str = "OTEL_EXPORTER_ZIPKIN_ENDPOINT";
    const TIMEOUT: &str = "OTEL_EXPORTER_ZIPKIN_TIMEOUT";

    fn resolved(environment: &Environment, address: Option<&str>) -> Result<Config, InstallError> {
        let resource = Resource::builder_empty().build();
        environment.with(|source| config(address, source, &resource)).map(Option::unwrap)
    }

    #[test]
    fn addresses_of_the_environment() {
        let default = "http://localhost:9411/api/v2/spans";
        for (value, expected, accepted) in [
            ("", default, true),
            (" http://zipkin:9411/path ", "http://zipkin:9411/path", true),
            ("http://zipkin:9411", "http://zipkin:9411", true),
            ("zipkin:9411", default, false),
        ] {
            let environment = Environment::of([(ENDPOINT, value)]);
            assert_eq!(resolved(&environment, None).unwrap().endpoint, expected, "{value}");
            environment.assert_refused((!accepted).then_some((ENDPOINT, value)));
        }
    }

    #[test]
    fn addresses_of_the_code() {
        let environment = Environment::of([(ENDPOINT, "bad")]);
        for (address, expected) in [
            ("http://zipkin:9411", "http://zipkin:9411/api/v2/spans"),
            ("http://zipkin:9411/", "http://zipkin:9411/api/v2/spans"),
            ("http://zipkin:9411/base/spans?a=b", "http://zipkin:9411/base/spans?a=b"),
        ] {
            assert_eq!(resolved(&environment, Some(address)).unwrap().endpoint, expected);
        }
        let error = resolved(&environment, Some("user:secret@zipkin:9411")).err().unwrap().to_string();
        assert!(
            error.contains("`zipkin`") && error.contains("***@zipkin:9411") && !error.contains("secret"),
            "{error}"
        );
        environment.assert_refused([]);
    }

    #[test]
    fn an_address_that_needs_tls_is_told_of_the_environment_and_an_error_of_the_code() {
        let address = "https://user:hunter2@zipkin/api/v2/spans";
        let environment = Environment::of([(ENDPOINT, address)]);
        let resource = Resource::builder_empty().build();
        assert!(environment.with(|source| config(None, source, &resource)).unwrap().is_none());
        let warnings = environment.warnings();
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        for part in [ENDPOINT, "https://***@zipkin", "TLS", "not sent to Zipkin"] {
            assert!(warnings[0].contains(part), "{part}: {warnings:?}");
        }
        let error = environment.with(|source| config(Some(address), source, &resource)).err().unwrap();
        assert!(matches!(error, InstallError::Setting { setting: "zipkin", .. }), "{error}");
        assert!(!error.to_string().contains("hunter2") && error.to_string().contains("TLS"), "{error}");
        environment.assert_refused([]);
    }

    #[test]
    fn timeouts_of_the_environment() {
        for (value, expected, accepted) in [
            ("", Duration::from_secs(10), true),
            ("250", Duration::from_millis(250), true),
            ("0", NO_LIMIT, true),
            ("-1", Duration::from_secs(10), false),
        ] {
            let environment = Environment::of([(TIMEOUT, value)]);
            assert_eq!(resolved(&environment, None).unwrap().timeout, expected, "{value}");
            environment.assert_refused((!accepted).then_some((TIMEOUT, value)));
        }
    }
}
