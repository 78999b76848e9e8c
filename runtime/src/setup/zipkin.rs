//! Where spans go for Zipkin.

use std::time::Duration;

use opentelemetry_sdk::Resource;

use super::env::{self, Source};
use super::{InstallError, redact, url};
use crate::export::zipkin::Config;

const PATH: &str = "/api/v2/spans";
const DEFAULT: &str = "http://localhost:9411/api/v2/spans";
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// The settings of an exporter, to this address if one was given in code.
pub(super) fn config(
    address: Option<&str>,
    source: Source<'_>,
    resource: &Resource,
) -> Result<Config, InstallError> {
    let endpoint = match address {
        Some(address) => of_code(address.trim())?,
        None => of_environment(source),
    };
    let timeout = source.timeout(&[env::ZIPKIN_TIMEOUT], DEFAULT_TIMEOUT);
    Ok(Config { endpoint, timeout, resource: resource.clone() })
}

fn of_code(address: &str) -> Result<String, InstallError> {
    url::check(address).map_err(|why| InstallError::Setting {
        setting: "zipkin",
        value: redact::redacted(address),
        why: format!("{why}; {}", env::ZIPKIN_ENDPOINT.expected()),
    })?;
    // Zipkin has but one path for spans, so a server's address is enough.
    let has_path = address.parse::<http::Uri>().is_ok_and(|uri| uri.path().len() > 1);
    Ok(if has_path { address.to_owned() } else { url::joined(address, PATH) })
}

fn of_environment(source: Source<'_>) -> String {
    let parse = |variable: &env::Variable, value: &str| match url::check(value) {
        Ok(()) => Ok(value.to_owned()),
        Err(why) => Err(format!("{why}; {}", variable.expected())),
    };
    source.first(&[env::ZIPKIN_ENDPOINT], parse, DEFAULT.to_owned(), |taken| redact::redacted(taken))
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
        environment.with(|source| config(address, source, &Resource::builder_empty().build()))
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
