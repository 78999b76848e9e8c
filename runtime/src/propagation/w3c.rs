//! W3C Trace Context, Level 2: <https://www.w3.org/TR/trace-context-2/>.

use std::str::FromStr as _;
use std::sync::LazyLock;

use opentelemetry::Context;
use opentelemetry::propagation::text_map_propagator::FieldIter;
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};

const PARENT: &str = "traceparent";
const STATE: &str = "tracestate";

/// The flags that Level 2 defines: sampled, and random trace id. Others must not be passed on.
const KNOWN_FLAGS: u8 = 0b11;

/// A `tracestate` has this many members at most.
const MAX_MEMBERS: usize = 32;

static FIELDS: LazyLock<[String; 2]> = LazyLock::new(|| [PARENT.to_owned(), STATE.to_owned()]);

/// The headers `traceparent` and `tracestate` of W3C Trace Context, Level 2. A malformed `traceparent` is as good as
/// none; a malformed `tracestate` is left out alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct TraceContext;

impl TextMapPropagator for TraceContext {
    fn inject_context(&self, context: &Context, injector: &mut dyn Injector) {
        let span = context.span();
        let span = span.span_context();
        if !span.is_valid() {
            return;
        }
        let flags = span.trace_flags().to_u8() & KNOWN_FLAGS;
        injector.set(PARENT, format!("00-{}-{}-{flags:02x}", span.trace_id(), span.span_id()));
        let state = span.trace_state().header();
        if !state.is_empty() {
            injector.set(STATE, state);
        }
    }

    fn extract_with_context(&self, context: &Context, extractor: &dyn Extractor) -> Context {
        match extracted(extractor) {
            Some(span) => context.with_remote_span_context(span),
            None => context.clone(),
        }
    }

    fn fields(&self) -> FieldIter<'_> {
        FieldIter::new(&*FIELDS)
    }
}

fn extracted(extractor: &dyn Extractor) -> Option<SpanContext> {
    let parents = extractor.get_all(PARENT)?;
    let [parent] = parents.as_slice() else { return None };
    let (trace_id, span_id, flags) = parse_parent(parent.trim_matches([' ', '\t']))?;
    let state = extractor.get_all(STATE).map(|values| parse_state(&values.join(","))).unwrap_or_default();
    Some(SpanContext::new(trace_id, span_id, flags, true, state))
}

/// Parses `version-traceid-parentid-flags`. Of a later version, what this one defines is read, and more may follow.
fn parse_parent(text: &str) -> Option<(TraceId, SpanId, TraceFlags)> {
    let mut parts = text.split('-');
    let version = hex(parts.next()?, 2)?;
    let trace_id = hex(parts.next()?, 32)?;
    let span_id = hex(parts.next()?, 16)?;
    let flags = hex(parts.next()?, 2)?;
    let more = parts.next().is_some();
    if version == 0xff || trace_id == 0 || span_id == 0 || (version == 0 && more) {
        return None;
    }
    let flags = u8::try_from(flags).ok()? & KNOWN_FLAGS;
    Some((TraceId::from(trace_id), SpanId::from(u64::try_from(span_id).ok()?), TraceFlags::new(flags)))
}

/// Exactly so many lower-case hexadecimal digits.
fn hex(text: &str, digits: usize) -> Option<u128> {
    let lower = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (text.len() == digits && lower).then(|| u128::from_str_radix(text, 16).ok())?
}

/// The members, or none of them if one is malformed or there are too many.
fn parse_state(text: &str) -> TraceState {
    let members =
        text.split(',').map(|member| member.trim_matches([' ', '\t'])).filter(|member| !member.is_empty());
    // OpenTelemetry's own reader lets an empty key pass, and cuts off what is too many.
    if members.clone().any(|member| member.starts_with('=')) || members.count() > MAX_MEMBERS {
        return TraceState::default();
    }
    TraceState::from_str(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    const GOOD: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn extract(parent: &str, state: &str) -> Option<SpanContext> {
        let headers =
            HashMap::from([(PARENT.to_owned(), parent.to_owned()), (STATE.to_owned(), state.to_owned())]);
        extracted(&headers)
    }

    #[test]
    fn a_parent_is_read_and_written_again() {
        let span = extract(GOOD, "b=2,a=1").unwrap();
        assert!(span.is_remote() && span.is_sampled());
        let mut headers = HashMap::new();
        TraceContext.inject_context(&Context::new().with_remote_span_context(span), &mut headers);
        assert_eq!(headers[PARENT], GOOD);
        assert_eq!(headers[STATE], "b=2,a=1");
    }

    #[test]
    fn what_is_malformed_is_as_good_as_none() {
        for bad in [
            "",
            "00",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "0-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-+af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01é",
        ] {
            assert_eq!(extract(bad, ""), None, "{bad}");
        }
    }

    #[test]
    fn a_later_version_may_say_more() {
        assert!(extract("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-comes", "").is_some());
        assert!(extract("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "").is_some());
        assert_eq!(extract("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.", ""), None);
    }

    #[test]
    fn only_known_flags_are_kept() {
        let flags =
            |flags: &str| extract(&format!("{}{flags}", &GOOD[..53]), "").unwrap().trace_flags().to_u8();
        assert_eq!((flags("00"), flags("01"), flags("02"), flags("03"), flags("ff")), (0, 1, 2, 3, 3));
    }

    #[test]
    fn a_bad_state_is_left_out_alone() {
        let many = (0..33).map(|member| format!("k{member}=1")).collect::<Vec<_>>().join(",");
        for bad in [many.as_str(), "A=1", "a", "a=b=c,d", "=1"] {
            let span = extract(GOOD, bad).unwrap();
            assert_eq!(span.trace_state().header(), "", "{bad}");
        }
        assert_eq!(extract(GOOD, " a=1 , ,b=2,").unwrap().trace_state().header(), "a=1,b=2");
    }
}
