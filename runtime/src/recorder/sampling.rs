//! Who decides which spans are recorded, and the rule that follows from it: what a thread can apply by itself.

use opentelemetry_sdk::trace::{Sampler, ShouldSample};

/// Who decides which spans are recorded.
#[derive(Clone, Debug)]
pub(crate) enum SamplerChoice {
    /// One of the SDK's.
    BuiltIn(Sampler),
    /// The application's: it may look at the name, the kind, the attributes and the links too.
    Custom(Box<dyn ShouldSample>),
}

impl SamplerChoice {
    pub(crate) fn sampler(&self) -> &dyn ShouldSample {
        match self {
            Self::BuiltIn(sampler) => sampler,
            Self::Custom(sampler) => &**sampler,
        }
    }
}

/// What is to be done with a new span.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    /// There is somebody to export to; else only captures see spans.
    pub(crate) exports: bool,
    /// A child does as its parent does.
    pub(crate) parent_based: bool,
    decide: Decide,
}

/// How it is decided whether a root is sampled; and a child, if it does not do as its parent does.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Decide {
    /// The sampler is asked.
    asks: bool,
    /// Else it is if the lower half of the trace id, without its last bit, is below this.
    below: u64,
}

impl Rule {
    /// Of nobody but captures.
    pub(crate) const CAPTURES: Self = Self { exports: false, parent_based: true, decide: Decide::ALWAYS };

    pub(crate) fn of(choice: &SamplerChoice) -> Self {
        let (parent_based, decide) = match choice {
            SamplerChoice::Custom(_) => (false, Decide::ASK),
            SamplerChoice::BuiltIn(Sampler::ParentBased(root)) => (true, Decide::of_unknown(&**root)),
            SamplerChoice::BuiltIn(sampler) => (false, Decide::of(sampler)),
        };
        Self { exports: true, parent_based, decide }
    }

    /// Whether the sampler is asked for a root, or for a child.
    #[inline]
    pub(crate) fn asks_for(self, is_root: bool) -> bool {
        self.decide.asks && (is_root || !self.parent_based)
    }

    /// Whether a trace is sampled. None: the sampler is to be asked.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the lower half of the trace id")]
    pub(crate) fn decide(self, trace_id: u128) -> Option<bool> {
        (!self.decide.asks).then_some((trace_id as u64) >> 1 < self.decide.below)
    }
}

impl Decide {
    const ALWAYS: Self = Self { asks: false, below: u64::MAX };
    const NEVER: Self = Self { asks: false, below: 0 };
    const ASK: Self = Self { asks: true, below: 0 };

    fn of(sampler: &Sampler) -> Self {
        match sampler {
            Sampler::AlwaysOn => Self::ALWAYS,
            Sampler::AlwaysOff => Self::NEVER,
            Sampler::TraceIdRatioBased(ratio) => Self::of_ratio(*ratio),
            _ => Self::ASK,
        }
    }

    /// Of the sampler inside of a parent-based one, whose type cannot be asked for: one of the SDK's is known by its
    /// size and by how it shows itself. Any other is asked.
    fn of_unknown(sampler: &dyn ShouldSample) -> Self {
        if size_of_val(sampler) != size_of::<Sampler>() {
            return Self::ASK;
        }
        let shown = format!("{sampler:?}");
        match shown.as_str() {
            "AlwaysOn" => Self::ALWAYS,
            "AlwaysOff" => Self::NEVER,
            _ => {
                let ratio = shown.strip_prefix("TraceIdRatioBased(").and_then(|rest| rest.strip_suffix(')'));
                ratio.and_then(|ratio| ratio.parse().ok()).map_or(Self::ASK, Self::of_ratio)
            }
        }
    }

    /// As the SDK samples by a ratio, so that services that sample by the same ratio agree:
    /// <https://opentelemetry.io/docs/specs/otel/trace/sdk/#traceidratiobased>.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a ratio from 0 to 1 of 2^63"
    )]
    fn of_ratio(ratio: f64) -> Self {
        if ratio >= 1.0 {
            return Self::ALWAYS;
        }
        Self { asks: false, below: (ratio.max(0.0) * (1_u64 << 63) as f64) as u64 }
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{SpanKind, TraceId};
    use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult};
    use rand::rngs::SmallRng;
    use rand::{Rng, SeedableRng};

    use super::*;

    fn boxed(sampler: impl ShouldSample + 'static) -> SamplerChoice {
        SamplerChoice::BuiltIn(Sampler::ParentBased(Box::new(sampler)))
    }

    #[test]
    fn the_rule_of_a_built_in_sampler_is_what_it_would_say() {
        let mut random = SmallRng::seed_from_u64(7);
        let ratios = [-1.0, 0.0, 1e-18, 0.01, 0.1, 1.0 / 3.0, 0.5, 0.999_999, 1.0, 2.0, f64::NAN];
        let ratios = ratios.map(Sampler::TraceIdRatioBased);
        for sampler in ratios.into_iter().chain([Sampler::AlwaysOn, Sampler::AlwaysOff]) {
            for (parent_based, choice) in
                [(true, boxed(sampler.clone())), (false, SamplerChoice::BuiltIn(sampler.clone()))]
            {
                let rule = Rule::of(&choice);
                assert_eq!((rule.exports, rule.parent_based), (true, parent_based));
                for _ in 0..200 {
                    let id: u128 = random.random();
                    let says =
                        sampler.should_sample(None, TraceId::from(id), "", &SpanKind::Internal, &[], &[]);
                    let is_sampled = says.decision == SamplingDecision::RecordAndSample;
                    assert_eq!(rule.decide(id), Some(is_sampled), "{sampler:?} {id:x}");
                }
            }
        }
    }

    #[test]
    fn a_sampler_that_is_not_known_is_asked() {
        /// Shows itself as one of the SDK's.
        #[derive(Clone, Debug)]
        struct AlwaysOff;

        impl ShouldSample for AlwaysOff {
            fn should_sample(
                &self,
                _: Option<&opentelemetry::Context>,
                _: TraceId,
                _: &str,
                _: &SpanKind,
                _: &[opentelemetry::KeyValue],
                _: &[opentelemetry::trace::Link],
            ) -> SamplingResult {
                unreachable!("nobody asks")
            }
        }

        for (choice, asks_root, asks_child) in [
            (boxed(AlwaysOff), true, false),
            (boxed(Sampler::ParentBased(Box::new(Sampler::AlwaysOn))), true, false),
            (SamplerChoice::Custom(Box::new(AlwaysOff)), true, true),
        ] {
            let rule = Rule::of(&choice);
            assert_eq!((rule.asks_for(true), rule.asks_for(false)), (asks_root, asks_child));
        }
    }
}
