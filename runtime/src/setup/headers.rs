//! The headers of requests over OTLP. They carry credentials: no report, error or `Debug` shows a value.

use http::{HeaderName, HeaderValue};

use super::InstallError;
use super::env::{self, Source, Variable};

/// The environment's headers, with those given in code over them, name by name.
pub(super) fn resolve(
    code: &[(String, String)],
    source: Source<'_>,
) -> Result<Vec<(String, String)>, InstallError> {
    let mut headers = of_environment(source);
    for (name, value) in code {
        let (name, value) = checked(name.trim(), value).map_err(|why| InstallError::Setting {
            setting: "headers",
            value: name.clone(),
            why: format!("the header {why}"),
        })?;
        put(&mut headers, name, value);
    }
    Ok(headers)
}

/// The headers for traces stand in for the general ones, unless there are none:
/// <https://opentelemetry.io/docs/specs/otel/protocol/exporter/#specifying-headers-via-environment-variables>.
fn of_environment(source: Source<'_>) -> Vec<(String, String)> {
    for variable in [env::OTLP_TRACES_HEADERS, env::OTLP_HEADERS] {
        if let Some(value) = source.text(&variable) {
            return listed(&variable, &value, source);
        }
    }
    Vec::new()
}

fn listed(variable: &Variable, value: &str, source: Source<'_>) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    for (at, entry) in value.split(',').enumerate().filter(|(_, entry)| !entry.trim().is_empty()) {
        match env::pair(entry).and_then(|(name, value)| checked(&name, &value)) {
            Ok((name, value)) => put(&mut headers, name, value),
            Err(why) => {
                let why = format!("entry {} {why}; {}", at + 1, variable.expected());
                source.refuse(variable, value, &why, "the other entries");
            }
        }
    }
    headers
}

/// Names in lower case, so that they compare and suit HTTP/2.
fn checked(name: &str, value: &str) -> Result<(String, String), &'static str> {
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| "has a name that is none of a header")?;
    HeaderValue::from_str(value).map_err(|_| "has a value with characters that no header may have")?;
    Ok((name.as_str().to_owned(), value.to_owned()))
}

fn put(headers: &mut Vec<(String, String)>, name: String, value: String) {
    headers.retain(|(other, _)| *other != name);
    headers.push((name, value));
}

#[cfg(test)]
mod tests {
    use super::resolve;
    use crate::setup::InstallError;
    use crate::setup::testing::Environment;

    const GENERAL: &str = "OTEL_EXPORTER_OTLP_HEADERS";
    const TRACES: &str = "OTEL_EXPORTER_OTLP_TRACES_HEADERS";

    fn resolved(environment: &Environment, code: &[(&str, &str)]) -> Result<String, InstallError> {
        let code: Vec<_> =
            code.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let headers = environment.with(|source| resolve(&code, source))?;
        let lines: Vec<_> = headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
        Ok(lines.concat())
    }

    #[test]
    fn headers_of_the_environment() {
        for (traces, general, expected) in [
            ("", "", ""),
            ("", "a=b", "a: b\n"),
            ("", " Api-Key = k%20e%3Dy , b=c,", "api-key: k e=y\nb: c\n"),
            ("", "authorization=Basic dXNlcg==", "authorization: Basic dXNlcg==\n"),
            ("", "a=", "a: \n"),
            ("", "a=1,A=2", "a: 2\n"),
            ("c=d", "a=b", "c: d\n"),
            ("  ", "a=b", "a: b\n"),
        ] {
            let environment = Environment::of([(TRACES, traces), (GENERAL, general)]);
            assert_eq!(resolved(&environment, &[]).unwrap(), expected, "{traces} {general}");
            environment.assert_refused([]);
        }
    }

    #[test]
    fn a_bad_entry_is_named_by_its_place_and_never_shown() {
        for bad in
            ["hunter2", "=hunter2", "na me=hunter2", "name=hunter2%zz", "name=hunter2%0a", "name=hunter2%00"]
        {
            let environment = Environment::of([(GENERAL, format!("a=b,{bad},c=d").as_str())]);
            assert_eq!(resolved(&environment, &[]).unwrap(), "a: b\nc: d\n", "{bad}");
            let warnings = environment.warnings();
            assert_eq!(warnings.len(), 1, "{bad}");
            let text = warnings.concat();
            assert!(text.contains(GENERAL) && text.contains("entry 2"), "{text}");
            assert!(!text.contains("hunter2") && !text.contains("a=b"), "{text}");
        }
    }

    #[test]
    fn headers_of_the_code_come_first_name_by_name() {
        let environment = Environment::of([(GENERAL, "a=environment,b=environment")]);
        let headers = resolved(&environment, &[("A", "code"), ("c", "code")]).unwrap();
        assert_eq!(headers, "b: environment\na: code\nc: code\n");
    }

    #[test]
    fn a_bad_header_in_code_is_an_error_that_does_not_show_its_value() {
        let environment = Environment::of([]);
        for header in [("na me", "hunter2"), ("", "hunter2"), ("name", "hunter2\n")] {
            let error = resolved(&environment, &[header]).unwrap_err();
            let text = format!("{error} {error:?}");
            assert!(
                text.contains("headers") && text.contains(header.0) && !text.contains("hunter2"),
                "{text}"
            );
        }
    }
}
