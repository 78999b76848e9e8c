//! Who the spans are from.
//!
//! Not by the SDK's detector of the environment, which does not percent-decode and takes empty keys.

use std::path::Path;

use opentelemetry::{Key, KeyValue};
use opentelemetry_sdk::Resource;

use super::env::{self, Source};

const SERVICE_NAME: Key = Key::from_static_str("service.name");

/// The attributes given in code, else those of the environment, else the defaults; key by key.
pub(super) fn resolve(code: &[KeyValue], source: Source<'_>) -> Resource {
    let executable = std::env::current_exe().ok();
    // Later ones replace earlier ones.
    let mut attributes = vec![
        // `opentelemetry` is reserved for the SDK of that project; this is another implementation:
        // <https://opentelemetry.io/docs/specs/semconv/resource/#telemetry-sdk>.
        KeyValue::new("telemetry.sdk.name", "traced"),
        KeyValue::new("telemetry.sdk.language", "rust"),
        KeyValue::new("telemetry.sdk.version", env!("CARGO_PKG_VERSION")),
        KeyValue::new(SERVICE_NAME, unknown_service(executable.as_deref())),
    ];
    attributes.extend(of_environment(source));
    attributes.extend(source.text(&env::SERVICE_NAME).map(|name| KeyValue::new(SERVICE_NAME, name)));
    attributes.extend_from_slice(code);
    // A service without a name would be refused or shown as a blank: as good as not given.
    attributes
        .retain(|attribute| attribute.key != SERVICE_NAME || !attribute.value.as_str().trim().is_empty());
    Resource::builder_empty().with_attributes(attributes).build()
}

/// `OTEL_RESOURCE_ATTRIBUTES`, which is discarded whole if something in it is wrong:
/// <https://opentelemetry.io/docs/specs/otel/resource/sdk/#specifying-resource-information-via-an-environment-variable>.
fn of_environment(source: Source<'_>) -> Vec<KeyValue> {
    let parse = |variable: &env::Variable, value: &str| {
        let mut attributes = Vec::new();
        for (at, entry) in value.split(',').enumerate().filter(|(_, entry)| !entry.trim().is_empty()) {
            let (key, value) =
                env::pair(entry).map_err(|why| format!("entry {} {why}; {}", at + 1, variable.expected()))?;
            attributes.push(KeyValue::new(key, value));
        }
        Ok(attributes)
    };
    source.first(&[env::RESOURCE_ATTRIBUTES], parse, Vec::new(), |_| "none of its attributes".to_owned())
}

/// <https://opentelemetry.io/docs/specs/semconv/resource/#service>
fn unknown_service(executable: Option<&Path>) -> String {
    match executable.and_then(Path::file_name) {
        Some(name) => format!("unknown_service:{}", name.to_string_lossy()),
        None => "unknown_service".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use opentelemetry::{Key, KeyValue};

    use super::{resolve, unknown_service};
    use crate::setup::testing::Environment;

    const ATTRIBUTES: &str = "OTEL_RESOURCE_ATTRIBUTES";
    const NAME: &str = "OTEL_SERVICE_NAME";

    /// The attribute of the resource that this environment and code make.
    fn attribute(environment: &Environment, code: &[KeyValue], key: &'static str) -> Option<String> {
        let resource = environment.with(|source| resolve(code, source));
        resource.get(&Key::from_static_str(key)).map(|value| value.as_str().into_owned())
    }

    #[test]
    fn this_is_not_the_opentelemetry_sdk() {
        let nothing = Environment::of([]);
        assert_eq!(attribute(&nothing, &[], "telemetry.sdk.name").as_deref(), Some("traced"));
        assert_eq!(attribute(&nothing, &[], "telemetry.sdk.language").as_deref(), Some("rust"));
        let version = attribute(&nothing, &[], "telemetry.sdk.version");
        assert_eq!(version.as_deref(), Some(env!("CARGO_PKG_VERSION")));
        nothing.assert_refused([]);
    }

    #[test]
    fn the_name_of_the_service() {
        let code = [KeyValue::new("service.name", "code")];
        let list = "service.name=list";
        for (name, attributes, code, expected) in [
            ("variable", list, &code[..], "code"),
            ("variable", list, &[], "variable"),
            (" ", list, &[], "list"),
            ("", "service.name=", &[], "unknown_service:"),
            ("", "", &[], "unknown_service:"),
            ("variable", "", &[KeyValue::new("service.name", " ")], "variable"),
        ] {
            let environment = Environment::of([(NAME, name), (ATTRIBUTES, attributes)]);
            let name = attribute(&environment, code, "service.name").unwrap_or_default();
            assert!(name.starts_with(expected), "{name} for {expected}");
            environment.assert_refused([]);
        }
    }

    #[test]
    fn a_service_without_a_name_is_called_after_its_executable() {
        assert_eq!(unknown_service(Some(Path::new("/usr/bin/orders"))), "unknown_service:orders");
        assert_eq!(unknown_service(Some(Path::new("/"))), "unknown_service");
        assert_eq!(unknown_service(None), "unknown_service");
    }

    #[test]
    fn attributes_of_the_environment_are_decoded() {
        for (value, key, expected) in [
            ("a=b", "a", "b"),
            (" a = b ,c=d", "a", "b"),
            ("a=b%20c%2Cd%3De", "a", "b c,d=e"),
            ("a%2Cb=c", "a,b", "c"),
            ("a=%C3%A9", "a", "é"),
            ("a=é", "a", "é"),
            ("a=b=c", "a", "b=c"),
            ("a=", "a", ""),
            ("a=1,a=2", "a", "2"),
            ("a=b,", "a", "b"),
            ("a=1+1", "a", "1+1"),
        ] {
            let environment = Environment::of([(ATTRIBUTES, value)]);
            assert_eq!(attribute(&environment, &[], key).as_deref(), Some(expected), "{value}");
            environment.assert_refused([]);
        }
    }

    #[test]
    fn a_list_with_a_mistake_is_discarded_whole() {
        for value in ["a=b,c", "a=b,=c", "a=b,c=%zz", "a=b,c=%2", "a=b,c=%+1", "a=b,c=%FF", "a=b, %20%20"] {
            let environment = Environment::of([(ATTRIBUTES, value)]);
            assert_eq!(attribute(&environment, &[], "a"), None, "{value}");
            let warnings = environment.warnings();
            assert_eq!(warnings.len(), 1, "{value}");
            let text = warnings.concat();
            assert!(text.contains(ATTRIBUTES) && text.contains(value) && text.contains("entry 2"), "{text}");
        }
    }

    #[test]
    fn attributes_of_the_code_come_before_the_environments() {
        let environment = Environment::of([(ATTRIBUTES, "a=environment,b=environment")]);
        let code = [KeyValue::new("a", "code")];
        assert_eq!(attribute(&environment, &code, "a").as_deref(), Some("code"));
        assert_eq!(attribute(&environment, &code, "b").as_deref(), Some("environment"));
    }
}
