//! Which headers carry the context.

use super::env::{self, Source};
use crate::propagation::Propagator;

const DEFAULT: [Propagator; 2] = [Propagator::TraceContext, Propagator::Baggage];

/// The propagators given in code, else `OTEL_PROPAGATORS`, else the W3C's two; each once.
pub(super) fn resolve(code: Option<&[Propagator]>, source: Source<'_>) -> Vec<Propagator> {
    match code {
        Some(code) => once(code),
        None => from_environment(source),
    }
}

fn from_environment(source: Source<'_>) -> Vec<Propagator> {
    let names = source.names(&env::PROPAGATORS);
    let mut propagators = Vec::new();
    let mut refused = Vec::new();
    for name in &names {
        match name.as_str() {
            "tracecontext" => propagators.push(Propagator::TraceContext),
            "baggage" => propagators.push(Propagator::Baggage),
            "none" if names.len() == 1 => return Vec::new(),
            "none" => refused.push((name, "it stands beside others".to_owned())),
            "b3" | "b3multi" | "jaeger" | "xray" | "ottrace" => {
                refused.push((name, format!("not supported yet; {}", env::PROPAGATORS.expected())));
            }
            _ => refused.push((name, env::PROPAGATORS.expected())),
        }
    }
    if propagators.is_empty() {
        propagators.extend(DEFAULT);
    }
    for (name, why) in refused {
        source.refuse(&env::PROPAGATORS, name, &why, &listed(&propagators));
    }
    propagators
}

fn once(propagators: &[Propagator]) -> Vec<Propagator> {
    let mut once = Vec::new();
    for propagator in propagators {
        if !once.contains(propagator) {
            once.push(*propagator);
        }
    }
    once
}

fn listed(propagators: &[Propagator]) -> String {
    let names: Vec<_> = propagators
        .iter()
        .map(|propagator| match propagator {
            Propagator::TraceContext => "tracecontext",
            Propagator::Baggage => "baggage",
        })
        .collect();
    names.join(",")
}

#[cfg(test)]
mod tests {
    use super::resolve;
    use crate::propagation::Propagator::{self, Baggage, TraceContext};
    use crate::setup::testing::Environment;

    #[test]
    fn propagators_of_the_environment() {
        let cases: &[(&str, &[Propagator], &[&str])] = &[
            ("", &[TraceContext, Baggage], &[]),
            ("baggage", &[Baggage], &[]),
            (" Baggage , TRACECONTEXT,baggage,", &[Baggage, TraceContext], &[]),
            ("none", &[], &[]),
            ("none,none", &[], &[]),
            ("none,baggage", &[Baggage], &["none"]),
            ("b3", &[TraceContext, Baggage], &["b3"]),
            ("b3multi,tracecontext,jaeger", &[TraceContext], &["b3multi", "jaeger"]),
            ("xray,ottrace", &[TraceContext, Baggage], &["xray", "ottrace"]),
            ("trace-context", &[TraceContext, Baggage], &["trace-context"]),
        ];
        for (value, expected, refused) in cases {
            let environment = Environment::of([("OTEL_PROPAGATORS", *value)]);
            assert_eq!(&environment.with(|source| resolve(None, source)), expected, "{value}");
            environment.assert_refused(refused.iter().map(|entry| ("OTEL_PROPAGATORS", *entry)));
        }
    }

    #[test]
    fn propagators_of_the_code_come_first() {
        let environment = Environment::of([("OTEL_PROPAGATORS", "b3")]);
        let twice = [Baggage, Baggage];
        assert_eq!(environment.with(|source| resolve(Some(&twice), source)), [Baggage]);
        assert!(environment.with(|source| resolve(Some(&[]), source)).is_empty());
        environment.assert_refused([]);
    }
}
