//! The environment: every variable that is read, and how a value of each kind is understood.
//!
//! Specification: <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/>.

use std::time::Duration;

use super::redact;
use crate::pipeline::{Problem, Reporter};

/// A timeout of zero means none. A year is longer than anybody waits, and can be added to any clock, which
/// the longest `Duration` cannot.
pub(super) const NO_LIMIT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// A variable that is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Variable {
    pub(super) name: &'static str,
    /// What is accepted, as it ends the sentence "expected …".
    pub(super) accepts: &'static str,
    shown: Shown,
}

/// How much of a value a report may show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Whole,
    /// Without user, password and query.
    Url,
    Never,
}

macro_rules! variables {
    ($($constant:ident: $name:literal, $shown:ident, $accepts:literal;)*) => {
        $(#[allow(dead_code, reason = "those of an exporter are read where it is compiled")]
        pub(super) const $constant: Variable =
            Variable { name: $name, accepts: $accepts, shown: Shown::$shown };)*

        /// Every variable that is read.
        #[cfg(test)]
        pub(super) const ALL: &[Variable] = &[$($constant),*];
    };
}

variables! {
    SDK_DISABLED: "OTEL_SDK_DISABLED", Whole, "`true` or `false`";
    SERVICE_NAME: "OTEL_SERVICE_NAME", Whole, "a name";
    RESOURCE_ATTRIBUTES: "OTEL_RESOURCE_ATTRIBUTES", Whole, "`key=value,key=value`, percent-encoded";
    PROPAGATORS: "OTEL_PROPAGATORS", Whole, "`none` or a list of `tracecontext` and `baggage`";
    FILTER: "TRACED_FILTER", Whole, "`level`, `target` or `target=level`, and commas between them";

    TRACES_EXPORTER: "OTEL_TRACES_EXPORTER", Whole, "`none` or a list of `otlp`, `zipkin` and `console`";
    TRACES_SAMPLER: "OTEL_TRACES_SAMPLER", Whole, "`always_on`, `always_off` or `traceidratio`, or one of them \
        after `parentbased_`";
    TRACES_SAMPLER_ARG: "OTEL_TRACES_SAMPLER_ARG", Whole, "a number from 0 to 1";

    OTLP_ENDPOINT: "OTEL_EXPORTER_OTLP_ENDPOINT", Url, "a URL such as `http://localhost:4318`";
    OTLP_TRACES_ENDPOINT: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", Url, "a URL such as \
        `http://localhost:4318/v1/traces`";
    OTLP_PROTOCOL: "OTEL_EXPORTER_OTLP_PROTOCOL", Whole, "`http/protobuf` or `grpc`";
    OTLP_TRACES_PROTOCOL: "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", Whole, "`http/protobuf` or `grpc`";
    OTLP_HEADERS: "OTEL_EXPORTER_OTLP_HEADERS", Never, "`name=value,name=value`, percent-encoded";
    OTLP_TRACES_HEADERS: "OTEL_EXPORTER_OTLP_TRACES_HEADERS", Never, "`name=value,name=value`, percent-encoded";
    OTLP_TIMEOUT: "OTEL_EXPORTER_OTLP_TIMEOUT", Whole, "a whole number of milliseconds";
    OTLP_TRACES_TIMEOUT: "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", Whole, "a whole number of milliseconds";
    OTLP_INSECURE: "OTEL_EXPORTER_OTLP_INSECURE", Whole, "`true` or `false`";
    OTLP_TRACES_INSECURE: "OTEL_EXPORTER_OTLP_TRACES_INSECURE", Whole, "`true` or `false`";
    OTLP_COMPRESSION: "OTEL_EXPORTER_OTLP_COMPRESSION", Whole, "`gzip` or `none`";
    OTLP_TRACES_COMPRESSION: "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", Whole, "`gzip` or `none`";
    OTLP_CERTIFICATE: "OTEL_EXPORTER_OTLP_CERTIFICATE", Whole, "nothing yet";
    OTLP_TRACES_CERTIFICATE: "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", Whole, "nothing yet";
    OTLP_CLIENT_KEY: "OTEL_EXPORTER_OTLP_CLIENT_KEY", Whole, "nothing yet";
    OTLP_TRACES_CLIENT_KEY: "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", Whole, "nothing yet";
    OTLP_CLIENT_CERTIFICATE: "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", Whole, "nothing yet";
    OTLP_TRACES_CLIENT_CERTIFICATE: "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE", Whole, "nothing yet";
    ZIPKIN_ENDPOINT: "OTEL_EXPORTER_ZIPKIN_ENDPOINT", Url, "a URL such as `http://localhost:9411/api/v2/spans`";
    ZIPKIN_TIMEOUT: "OTEL_EXPORTER_ZIPKIN_TIMEOUT", Whole, "a whole number of milliseconds";

    BSP_SCHEDULE_DELAY: "OTEL_BSP_SCHEDULE_DELAY", Whole, "a whole number of milliseconds";
    BSP_EXPORT_TIMEOUT: "OTEL_BSP_EXPORT_TIMEOUT", Whole, "a whole number of milliseconds";
    BSP_MAX_QUEUE_SIZE: "OTEL_BSP_MAX_QUEUE_SIZE", Whole, "a whole number, 1 or more";
    BSP_MAX_EXPORT_BATCH_SIZE: "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", Whole, "a whole number, 1 or more";

    ATTRIBUTE_COUNT_LIMIT: "OTEL_ATTRIBUTE_COUNT_LIMIT", Whole, "a whole number";
    ATTRIBUTE_VALUE_LENGTH_LIMIT: "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", Whole, "a whole number";
    SPAN_ATTRIBUTE_COUNT_LIMIT: "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", Whole, "a whole number";
    SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", Whole, "a whole number";
    SPAN_EVENT_COUNT_LIMIT: "OTEL_SPAN_EVENT_COUNT_LIMIT", Whole, "a whole number";
    SPAN_LINK_COUNT_LIMIT: "OTEL_SPAN_LINK_COUNT_LIMIT", Whole, "a whole number";
    EVENT_ATTRIBUTE_COUNT_LIMIT: "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", Whole, "a whole number";
    LINK_ATTRIBUTE_COUNT_LIMIT: "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", Whole, "a whole number";
}

impl Variable {
    /// What is accepted, as a reason to refuse something else.
    pub(super) fn expected(&self) -> String {
        format!("expected {}", self.accepts)
    }

    fn show<'v>(&self, value: &'v str) -> std::borrow::Cow<'v, str> {
        match self.shown {
            Shown::Whole => value.into(),
            Shown::Url => redact::redacted(value).into(),
            Shown::Never => "(not shown)".into(),
        }
    }
}

/// Where values come from, and where complaints about them go. Tests bring a table instead of the process's
/// environment, which all threads share.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    read: &'a dyn Fn(&str) -> Option<String>,
    reporter: &'a Reporter,
}

impl<'a> Source<'a> {
    pub(super) fn new(read: &'a dyn Fn(&str) -> Option<String>, reporter: &'a Reporter) -> Self {
        Self { read, reporter }
    }

    /// The trimmed value. An empty one is the same as none:
    /// <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#parsing-empty-value>.
    pub(super) fn text(&self, variable: &Variable) -> Option<String> {
        let value = (self.read)(variable.name)?;
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// Says that a value is not used, why, and what is used instead.
    pub(super) fn refuse(&self, variable: &Variable, value: &str, why: &str, taken: &str) {
        self.reporter.report(Problem::setting(variable.name, &variable.show(value), why, taken));
    }

    /// What the first of these variables says that has an acceptable value, else the default. The more
    /// specific variable comes first. A refused value counts as none, so that the next variable has its turn.
    pub(super) fn first<T>(
        &self,
        variables: &[Variable],
        parse: impl Fn(&Variable, &str) -> Result<T, String>,
        default: T,
        show: impl Fn(&T) -> String,
    ) -> T {
        let mut refused = Vec::new();
        let mut taken = default;
        for variable in variables {
            let Some(value) = self.text(variable) else { continue };
            match parse(variable, &value) {
                Ok(value) => {
                    taken = value;
                    break;
                }
                Err(why) => refused.push((variable, value, why)),
            }
        }
        for (variable, value, why) in refused {
            self.refuse(variable, &value, &why, &show(&taken));
        }
        taken
    }

    /// Only `true` is true:
    /// <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#boolean>.
    pub(super) fn boolean(&self, variables: &[Variable]) -> bool {
        let parse = |variable: &Variable, value: &str| match value.to_ascii_lowercase().as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(variable.expected()),
        };
        self.first(variables, parse, false, bool::to_string)
    }

    /// A whole number, not less than `least`.
    pub(super) fn number(&self, variables: &[Variable], least: u64, default: u64) -> u64 {
        self.first(variables, |variable, value| whole(variable, value, least), default, u64::to_string)
    }

    /// A whole number, not less than `least`, and no limit unless one is set.
    pub(super) fn limit(&self, variables: &[Variable], least: u64) -> Option<u64> {
        let parse = |variable: &Variable, value: &str| whole(variable, value, least).map(Some);
        let show =
            |limit: &Option<u64>| limit.map_or_else(|| "no limit".to_owned(), |limit| limit.to_string());
        self.first(variables, parse, None, show)
    }

    /// Milliseconds, of which zero means no limit:
    /// <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#timeout>.
    pub(super) fn timeout(&self, variables: &[Variable], default: Duration) -> Duration {
        let parse = |variable: &Variable, value: &str| match whole(variable, value, 0)? {
            0 => Ok(NO_LIMIT),
            millis => Ok(Duration::from_millis(millis).min(NO_LIMIT)),
        };
        self.first(variables, parse, default, |timeout| {
            if *timeout == NO_LIMIT { "no limit".to_owned() } else { timeout.as_millis().to_string() }
        })
    }

    /// The entries of a list: trimmed, in lower case, each once, in order.
    pub(super) fn names(&self, variable: &Variable) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for name in self.text(variable).unwrap_or_default().split(',') {
            let name = name.trim().to_ascii_lowercase();
            if !name.is_empty() && !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

/// A whole number, not less than `least`.
pub(super) fn whole(variable: &Variable, value: &str, least: u64) -> Result<u64, String> {
    value.parse().ok().filter(|number| *number >= least).ok_or_else(|| variable.expected())
}

/// `name=value` of a list, both trimmed and percent-decoded; or what is wrong with it.
pub(super) fn pair(entry: &str) -> Result<(String, String), &'static str> {
    let (name, value) = entry.split_once('=').ok_or("has no `=`")?;
    let decoded = |text: &str| percent_decoded(text.trim()).ok_or("is not percent-encoded UTF-8");
    let (name, value) = (decoded(name)?, decoded(value)?);
    if name.is_empty() { Err("has nothing before `=`") } else { Ok((name, value)) }
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let value = digit()? * 16 + digit()?;
        bytes.push(u8::try_from(value).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests;
