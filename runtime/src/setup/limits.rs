//! How much a span may hold.

use super::env::{self, Source, Variable};
use crate::record::Limits;

/// The limits given in code, else those of the environment. A limit of spans, events or links comes before
/// the general one:
/// <https://opentelemetry.io/docs/specs/otel/common/#attribute-limits>.
pub(super) fn resolve(code: Option<Limits>, source: Source<'_>) -> Limits {
    if let Some(code) = code {
        return code;
    }
    let mut limits = Limits::default();
    let general = env::ATTRIBUTE_COUNT_LIMIT;
    for (limit, variables) in [
        (&mut limits.attributes, &[env::SPAN_ATTRIBUTE_COUNT_LIMIT, general] as &[Variable]),
        (&mut limits.events, &[env::SPAN_EVENT_COUNT_LIMIT]),
        (&mut limits.links, &[env::SPAN_LINK_COUNT_LIMIT]),
        (&mut limits.attributes_per_event, &[env::EVENT_ATTRIBUTE_COUNT_LIMIT, general]),
        (&mut limits.attributes_per_link, &[env::LINK_ATTRIBUTE_COUNT_LIMIT, general]),
    ] {
        *limit = u32::try_from(source.number(variables, 0, (*limit).into())).unwrap_or(u32::MAX);
    }
    let length = [env::SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT, env::ATTRIBUTE_VALUE_LENGTH_LIMIT];
    limits.value_length = source.limit(&length, 0).map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
    limits
}

#[cfg(test)]
mod tests {
    use super::resolve;
    use crate::record::Limits;
    use crate::setup::testing::Environment;

    #[test]
    fn each_variable_sets_its_limit() {
        let default = Limits::default();
        for (variable, expected) in [
            ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", Limits { attributes: 7, ..default }),
            ("OTEL_SPAN_EVENT_COUNT_LIMIT", Limits { events: 7, ..default }),
            ("OTEL_SPAN_LINK_COUNT_LIMIT", Limits { links: 7, ..default }),
            ("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", Limits { attributes_per_event: 7, ..default }),
            ("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", Limits { attributes_per_link: 7, ..default }),
            (
                "OTEL_ATTRIBUTE_COUNT_LIMIT",
                Limits { attributes: 7, attributes_per_event: 7, attributes_per_link: 7, ..default },
            ),
            ("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", Limits { value_length: Some(7), ..default }),
            ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", Limits { value_length: Some(7), ..default }),
        ] {
            let good = Environment::of([(variable, " 7 ")]);
            assert_eq!(good.with(|source| resolve(None, source)), expected, "{variable}");
            good.assert_refused([]);

            let empty = Environment::of([(variable, " ")]);
            assert_eq!(empty.with(|source| resolve(None, source)), default, "{variable}");
            empty.assert_refused([]);

            for bad in ["-1", "many", "1.5", "99999999999999999999"] {
                let environment = Environment::of([(variable, bad)]);
                assert_eq!(environment.with(|source| resolve(None, source)), default, "{variable}={bad}");
                let warnings = environment.warnings();
                assert!(!warnings.is_empty(), "{variable}={bad}");
                assert!(
                    warnings.iter().all(|text| text.contains(variable) && text.contains(bad)),
                    "{warnings:?}"
                );
            }

            let code = Limits { events: 1, ..default };
            assert_eq!(good.with(|source| resolve(Some(code), source)), code, "{variable}");
        }
    }

    #[test]
    fn zero_is_a_limit_and_the_largest_number_is_none() {
        let environment = Environment::of([
            ("OTEL_SPAN_EVENT_COUNT_LIMIT", "0"),
            ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "0"),
            ("OTEL_SPAN_LINK_COUNT_LIMIT", "9999999999"),
        ]);
        let limits = environment.with(|source| resolve(None, source));
        assert_eq!((limits.events, limits.value_length, limits.links), (0, Some(0), u32::MAX));
        environment.assert_refused([]);
    }

    #[test]
    fn the_specific_limit_comes_before_the_general_one_unless_it_is_bad() {
        let environment = Environment::of([
            ("OTEL_ATTRIBUTE_COUNT_LIMIT", "10"),
            ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "20"),
            ("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "bad"),
            ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "100"),
            ("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "200"),
        ]);
        let limits = environment.with(|source| resolve(None, source));
        assert_eq!((limits.attributes, limits.attributes_per_link, limits.value_length), (20, 10, Some(200)));
        let warnings = environment.warnings();
        assert_eq!(warnings.len(), 1);
        assert!(warnings.iter().all(|text| text.contains("using 10")), "{warnings:?}");
    }
}
