//! Which exporters there are, and which of them are wanted. The one place that knows the features.

use std::fmt;

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SpanExporter;

use super::InstallError;
use super::env::{self, Source};
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
use super::otlp;
use crate::export::{self, Compression, MakeExporter};

/// An exporter by the name it has in `OTEL_TRACES_EXPORTER`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Otlp,
    Zipkin,
    Console,
}

/// What this build can do, the default first.
const COMPILED: &[Kind] = &[
    #[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
    Kind::Otlp,
    #[cfg(feature = "zipkin")]
    Kind::Zipkin,
    #[cfg(feature = "console")]
    Kind::Console,
];

impl Kind {
    fn named(name: &str) -> Option<Self> {
        match name {
            "otlp" => Some(Self::Otlp),
            "zipkin" => Some(Self::Zipkin),
            "console" | "logging" => Some(Self::Console),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Otlp => "otlp",
            Self::Zipkin => "zipkin",
            Self::Console => "console",
        }
    }

    /// The cargo features, one of which it takes.
    fn features(self) -> &'static str {
        match self {
            Self::Otlp => "`otlp-http` or `otlp-grpc`",
            Self::Zipkin => "`zipkin`",
            Self::Console => "`console`",
        }
    }
}

/// What code says of all exporters over OTLP.
#[derive(Default)]
pub(super) struct OverOtlp {
    /// Never shown: credentials.
    pub(super) headers: Vec<(String, String)>,
    pub(super) compression: Option<Compression>,
}

/// An exporter that is wanted.
pub(super) enum Wish {
    #[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
    Otlp(otlp::Wish),
    #[cfg(feature = "zipkin")]
    Zipkin(Option<String>),
    #[cfg(feature = "console")]
    Console,
    Own {
        name: &'static str,
        make: MakeOwn,
    },
}

/// Makes an exporter of the user's into one of ours.
type MakeOwn = Box<dyn FnOnce(&Resource) -> Box<dyn export::Exporter> + Send>;

impl Wish {
    pub(super) fn own<E: SpanExporter + 'static>(exporter: E) -> Self {
        Self::Own {
            name: std::any::type_name::<E>(),
            make: Box::new(|resource| export::adapter::exporter(exporter, resource)),
        }
    }

    /// The builder's method that wishes it.
    pub(super) fn setting(&self) -> &'static str {
        match self {
            #[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
            Self::Otlp(_) => "otlp",
            #[cfg(feature = "zipkin")]
            Self::Zipkin(_) => "zipkin",
            #[cfg(feature = "console")]
            Self::Console => "console",
            Self::Own { .. } => "exporter",
        }
    }

    /// With the rest of its settings from the environment.
    /// None where the environment asks for what this build cannot do, which is reported.
    #[allow(clippy::unnecessary_wraps, reason = "only the exporters behind features can have bad settings")]
    fn make(
        self,
        over_otlp: &OverOtlp,
        source: Source<'_>,
        resource: &Resource,
    ) -> Result<Option<MakeExporter>, InstallError> {
        let _ = (over_otlp, source); // Only the exporters behind features need them.
        match self {
            #[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
            Self::Otlp(wish) => {
                let config = otlp::config(&wish, over_otlp, source, resource, otlp::COMPILED)?;
                Ok(config.map(|config| -> MakeExporter { Box::new(move || export::otlp::exporter(config)) }))
            }
            #[cfg(feature = "zipkin")]
            Self::Zipkin(address) => {
                let config = super::zipkin::config(address.as_deref(), source, resource)?;
                Ok(config
                    .map(|config| -> MakeExporter { Box::new(move || export::zipkin::exporter(config)) }))
            }
            #[cfg(feature = "console")]
            Self::Console => {
                let resource = resource.clone();
                Ok(Some(Box::new(move || export::console::exporter(&resource))))
            }
            Self::Own { make, .. } => {
                let resource = resource.clone();
                Ok(Some(Box::new(move || Ok(make(&resource)))))
            }
        }
    }
}

/// Addresses without credentials; of an exporter of the user's the type only, since its own `Debug` may show
/// headers.
impl fmt::Debug for Wish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            #[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
            Self::Otlp(wish) => write!(f, "otlp({})", shown(wish.address.as_deref())),
            #[cfg(feature = "zipkin")]
            Self::Zipkin(address) => write!(f, "zipkin({})", shown(address.as_deref())),
            #[cfg(feature = "console")]
            Self::Console => f.write_str("console()"),
            Self::Own { name, .. } => write!(f, "exporter({name})"),
        }
    }
}

#[cfg(any(feature = "otlp-http", feature = "otlp-grpc", feature = "zipkin"))]
fn shown(address: Option<&str>) -> String {
    address.map(super::redact::redacted).unwrap_or_default()
}

/// The exporters given in code, else those of the environment.
pub(super) fn resolve(
    code: Vec<Wish>,
    over_otlp: &OverOtlp,
    source: Source<'_>,
    resource: &Resource,
) -> Result<Vec<MakeExporter>, InstallError> {
    let wishes = if code.is_empty() { of_environment(source) } else { code };
    wishes.into_iter().filter_map(|wish| wish.make(over_otlp, source, resource).transpose()).collect()
}

fn of_environment(source: Source<'_>) -> Vec<Wish> {
    kinds_of_environment(source, COMPILED)
        .into_iter()
        .filter_map(|kind| match kind {
            #[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
            Kind::Otlp => Some(Wish::Otlp(otlp::Wish::default())),
            #[cfg(feature = "zipkin")]
            Kind::Zipkin => Some(Wish::Zipkin(None)),
            #[cfg(feature = "console")]
            Kind::Console => Some(Wish::Console),
            #[allow(unreachable_patterns, reason = "only where every feature is on")]
            _ => None,
        })
        .collect()
}

/// What `OTEL_TRACES_EXPORTER` asks for:
/// <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#exporter-selection>.
///
/// A name nobody knows is ignored. A known one that this build lacks is not replaced by another exporter:
/// spans go nowhere that was not asked for.
fn kinds_of_environment(source: Source<'_>, compiled: &[Kind]) -> Vec<Kind> {
    let variable = env::TRACES_EXPORTER;
    let names = source.names(&variable);
    let (mut kinds, mut refused, mut lacking) = (Vec::new(), Vec::new(), false);
    for name in &names {
        match Kind::named(name) {
            Some(kind) if compiled.contains(&kind) => {
                if !kinds.contains(&kind) {
                    kinds.push(kind);
                }
                if name != kind.name() {
                    refused.push((name, format!("it is the deprecated name of `{}`", kind.name())));
                }
            }
            Some(kind) => {
                lacking = true;
                refused.push((name, format!("it needs the cargo feature {} of `traced`", kind.features())));
            }
            None if name == "none" && names.len() == 1 => return Vec::new(),
            None if name == "none" => refused.push((name, "it stands beside others".to_owned())),
            None => refused.push((name, variable.expected())),
        }
    }
    if kinds.is_empty() && !lacking {
        kinds.extend(compiled.first());
        if kinds.is_empty() {
            let why = "this build has no exporter: add a cargo feature of `traced` (`otlp-http`, `otlp-grpc`, \
                       `zipkin`, `console`) or give one in code (`Builder::exporter`)";
            source.refuse(&variable, "", why, "none");
        }
    }
    let taken = if kinds.is_empty() {
        "none".to_owned()
    } else {
        kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(",")
    };
    for (name, why) in refused {
        source.refuse(&variable, name, &why, &taken);
    }
    kinds
}

#[cfg(test)]
mod tests {
    use super::Kind::{self, Console, Otlp, Zipkin};
    use super::kinds_of_environment;
    use crate::setup::testing::Environment;

    const VARIABLE: &str = "OTEL_TRACES_EXPORTER";
    const ALL: &[Kind] = &[Otlp, Zipkin, Console];

    #[test]
    fn exporters_of_the_environment() {
        /// What is compiled, the value, what is chosen, and which entries are refused.
        type Case = (&'static [Kind], &'static str, &'static [Kind], &'static [&'static str]);
        let cases: &[Case] = &[
            (ALL, "", &[Otlp], &[]),
            (ALL, ",", &[Otlp], &[]),
            (ALL, "otlp", &[Otlp], &[]),
            (ALL, " Zipkin ,CONSOLE, otlp", &[Zipkin, Console, Otlp], &[]),
            (ALL, "otlp,otlp,zipkin,otlp", &[Otlp, Zipkin], &[]),
            (ALL, "none", &[], &[]),
            (ALL, "NONE,none", &[], &[]),
            (ALL, "none,zipkin", &[Zipkin], &["none"]),
            (ALL, "logging", &[Console], &["logging"]),
            (ALL, "logging,console", &[Console], &["logging"]),
            (ALL, "jaeger", &[Otlp], &["jaeger"]),
            (ALL, "zipkin,jaeger", &[Zipkin], &["jaeger"]),
            (&[Otlp], "zipkin", &[], &["zipkin"]),
            (&[Otlp], "console,otlp", &[Otlp], &["console"]),
            (&[Zipkin, Console], "", &[Zipkin], &[]),
            (&[Console], "", &[Console], &[]),
            (&[Console], "otlp,zipkin", &[], &["otlp", "zipkin"]),
            (&[], "otlp", &[], &["otlp"]),
            (&[], "none", &[], &[]),
        ];
        for (compiled, value, expected, refused) in cases {
            let environment = Environment::of([(VARIABLE, *value)]);
            let kinds = environment.with(|source| kinds_of_environment(source, compiled));
            assert_eq!(&kinds, expected, "{value} of {compiled:?}");
            environment.assert_refused(refused.iter().map(|name| (VARIABLE, *name)));
        }
    }

    #[test]
    fn an_exporter_that_is_not_compiled_names_its_feature() {
        for (name, feature) in
            [("otlp", "`otlp-http` or `otlp-grpc`"), ("zipkin", "`zipkin`"), ("logging", "`console`")]
        {
            let environment = Environment::of([(VARIABLE, name)]);
            environment.with(|source| kinds_of_environment(source, &[]));
            let warnings = environment.warnings().concat();
            assert!(warnings.contains("cargo feature") && warnings.contains(feature), "{warnings}");
        }
    }

    #[test]
    fn a_build_without_exporters_says_so_once() {
        let environment = Environment::of([]);
        assert!(environment.with(|source| kinds_of_environment(source, &[])).is_empty());
        let warnings = environment.warnings();
        assert_eq!(warnings.len(), 1);
        assert!(warnings.concat().contains("`otlp-http`"), "{warnings:?}");
    }
}
