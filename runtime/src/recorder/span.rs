//! A span as OpenTelemetry's API sees it.

use std::borrow::Cow;
use std::time::SystemTime;

use opentelemetry::KeyValue;
use opentelemetry::trace::{SpanContext, Status};

use super::live::Live;
use super::pool::SlotRef;
use super::tell::recording;
use super::{clock, local};
use crate::record::{LinkTo, encode_event_with};

/// A span as OpenTelemetry's API sees it: that of a third party, which ends when this is dropped, or a
/// [guest's](Guest) view of another's.
#[derive(Debug)]
pub(crate) struct Span<const OWNER: bool = true> {
    context: SpanContext,
    /// None: nothing is recorded.
    place: Option<SlotRef>,
}

/// A span that an annotated function owns, reached through `Context`.
pub(crate) type Guest = Span<false>;

impl Span {
    /// One that records nothing.
    pub(crate) fn silent(context: SpanContext) -> Self {
        Self { context, place: None }
    }
}

impl<const OWNER: bool> Span<OWNER> {
    #[inline]
    pub(crate) fn new(context: SpanContext, span: SlotRef) -> Self {
        Self { context, place: Some(span) }
    }

    fn recording<R>(&self, work: impl FnOnce(&mut Live) -> R) -> Option<R> {
        recording(self.place?, work)
    }
}

impl<const OWNER: bool> opentelemetry::trace::Span for Span<OWNER> {
    fn add_event_with_timestamp<T>(&mut self, name: T, timestamp: SystemTime, attributes: Vec<KeyValue>)
    where
        T: Into<Cow<'static, str>>,
    {
        let Some(limits) = self.recording(|live| live.body.limits()) else { return };
        let event = encode_event_with(&name.into(), clock::unix_nanos(timestamp), &limits, &attributes);
        self.recording(|live| live.body.encoded_event(&event));
    }

    fn span_context(&self) -> &SpanContext {
        &self.context
    }

    fn is_recording(&self) -> bool {
        self.recording(|_| ()).is_some()
    }

    fn set_attribute(&mut self, attribute: KeyValue) {
        self.recording(|live| live.body.key_value(&attribute));
    }

    fn set_status(&mut self, status: Status) {
        self.recording(|live| {
            live.body.status(&match &status {
                Status::Unset => traced_core::Status::Unset,
                Status::Ok => traced_core::Status::Ok,
                Status::Error { description } => traced_core::Status::Error(description),
            });
        });
    }

    fn update_name<T>(&mut self, new_name: T)
    where
        T: Into<Cow<'static, str>>,
    {
        let name = new_name.into();
        self.recording(|live| live.body.rename(&name));
    }

    fn add_link(&mut self, span_context: SpanContext, attributes: Vec<KeyValue>) {
        self.recording(|live| live.link(&LinkTo::from(&span_context), &attributes));
    }

    fn end(&mut self) {
        // By the span's own clock, not by the system's, which may have been set since the span began.
        if let Some(span) = self.place {
            span.with(|live| live.finish(live.now(), local::push));
        }
    }

    fn end_with_timestamp(&mut self, timestamp: SystemTime) {
        if let Some(span) = self.place {
            span.with(|live| live.finish(clock::unix_nanos(timestamp), local::push));
        }
    }
}

impl<const OWNER: bool> Drop for Span<OWNER> {
    #[inline]
    fn drop(&mut self) {
        if OWNER && let Some(span) = self.place {
            local::end(span, clock::now());
        }
    }
}
