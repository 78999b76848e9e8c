//! The sampler of the environment.

use opentelemetry_sdk::trace::Sampler;

use super::env::{self, Source, Variable};

/// What `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG` say.
pub(super) fn from_environment(source: Source<'_>) -> Sampler {
    let (root, parent_based) =
        source.first(&[env::TRACES_SAMPLER], parse, (Root::On, true), |taken| shown(*taken));
    let root = match root {
        Root::On => Sampler::AlwaysOn,
        Root::Off => Sampler::AlwaysOff,
        Root::Ratio => Sampler::TraceIdRatioBased(ratio(source)),
    };
    if parent_based { Sampler::ParentBased(Box::new(root)) } else { root }
}

#[derive(Clone, Copy)]
enum Root {
    On,
    Off,
    Ratio,
}

fn parse(variable: &Variable, value: &str) -> Result<(Root, bool), String> {
    let name = value.to_ascii_lowercase();
    let (root, parent_based) = match name.strip_prefix("parentbased_") {
        Some(root) => (root, true),
        None => (name.as_str(), false),
    };
    let root = match root {
        "always_on" => Root::On,
        "always_off" => Root::Off,
        "traceidratio" => Root::Ratio,
        "jaeger_remote" | "xray" => return Err(format!("not supported yet; {}", variable.expected())),
        _ => return Err(variable.expected()),
    };
    Ok((root, parent_based))
}

fn shown((root, parent_based): (Root, bool)) -> String {
    let root = match root {
        Root::On => "always_on",
        Root::Off => "always_off",
        Root::Ratio => "traceidratio",
    };
    format!("{}{root}", if parent_based { "parentbased_" } else { "" })
}

/// All, unless the argument says otherwise. The range refuses NaN, which would sample nothing.
fn ratio(source: Source<'_>) -> f64 {
    let parse = |variable: &Variable, value: &str| {
        value.parse().ok().filter(|ratio| (0.0..=1.0).contains(ratio)).ok_or_else(|| variable.expected())
    };
    source.first(&[env::TRACES_SAMPLER_ARG], parse, 1.0, f64::to_string)
}

#[cfg(test)]
mod tests {
    use super::from_environment;
    use crate::setup::testing::{Environment, Refused};

    const SAMPLER: &str = "OTEL_TRACES_SAMPLER";
    const ARGUMENT: &str = "OTEL_TRACES_SAMPLER_ARG";

    #[test]
    fn samplers_of_the_environment() {
        let cases: &[(&str, &str, &str, Refused)] = &[
            ("", "", "ParentBased(AlwaysOn)", &[]),
            // The argument belongs to a sampler: <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#general-sdk-configuration>.
            ("", "0.5", "ParentBased(AlwaysOn)", &[]),
            ("always_on", "", "AlwaysOn", &[]),
            (" Always_OFF ", "ignored", "AlwaysOff", &[]),
            ("traceidratio", "", "TraceIdRatioBased(1.0)", &[]),
            ("traceidratio", " 0.25 ", "TraceIdRatioBased(0.25)", &[]),
            ("traceidratio", "0", "TraceIdRatioBased(0.0)", &[]),
            ("traceidratio", "1", "TraceIdRatioBased(1.0)", &[]),
            ("traceidratio", "7", "TraceIdRatioBased(1.0)", &[(ARGUMENT, "7")]),
            ("traceidratio", "-0.1", "TraceIdRatioBased(1.0)", &[(ARGUMENT, "-0.1")]),
            ("traceidratio", "NaN", "TraceIdRatioBased(1.0)", &[(ARGUMENT, "NaN")]),
            ("traceidratio", "half", "TraceIdRatioBased(1.0)", &[(ARGUMENT, "half")]),
            ("parentbased_always_on", "", "ParentBased(AlwaysOn)", &[]),
            ("parentbased_always_off", "", "ParentBased(AlwaysOff)", &[]),
            ("parentbased_traceidratio", "0.1", "ParentBased(TraceIdRatioBased(0.1))", &[]),
            ("jaeger_remote", "", "ParentBased(AlwaysOn)", &[(SAMPLER, "jaeger_remote")]),
            (
                "parentbased_jaeger_remote",
                "",
                "ParentBased(AlwaysOn)",
                &[(SAMPLER, "parentbased_jaeger_remote")],
            ),
            ("xray", "", "ParentBased(AlwaysOn)", &[(SAMPLER, "xray")]),
            ("sometimes", "", "ParentBased(AlwaysOn)", &[(SAMPLER, "sometimes")]),
        ];
        for (sampler, argument, expected, refused) in cases {
            let environment = Environment::of([(SAMPLER, *sampler), (ARGUMENT, *argument)]);
            let chosen = environment.with(from_environment);
            assert_eq!(&format!("{chosen:?}"), expected, "{sampler} {argument}");
            environment.assert_refused(refused.iter().copied());
        }
    }
}
