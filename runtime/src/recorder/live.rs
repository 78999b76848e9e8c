//! A span that has begun.

use std::sync::Arc;

use opentelemetry::Context;

use super::capture::Sink;
use super::clock;
use super::failure::Heard;
use super::pool::SlotRef;
use crate::record::{Body, Header, LinkTo};

/// A span that has begun. Boxed, and its memory reused, so that beginning one allocates nothing.
#[derive(Debug, Default)]
pub(crate) struct Live {
    pub(crate) header: Header,
    pub(crate) body: Body,
    /// What makes the clock's time the Unix epoch's.
    pub(crate) offset: u64,
    pub(crate) state: State,
    /// To be exported, not only recorded.
    pub(crate) sampled: bool,
    /// What is current while it is polled. Spans of synchronous code leave it on the stack instead.
    pub(crate) context: Option<Context>,
    /// The parent, if it lives in this process and is known. Kept until the next span: it means nothing once that ended.
    pub(crate) parent: Option<SlotRef>,
    /// The errors and panics that spans inside have recorded last.
    pub(crate) told_inside: Heard,
    /// The test that wants to see it.
    pub(crate) capture: Option<Arc<Sink>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum State {
    /// Takes what it is told.
    #[default]
    Recording,
    /// Ended, or never recorded: takes nothing more.
    Silent,
}

impl Live {
    pub(crate) fn is_recording(&self) -> bool {
        self.state == State::Recording
    }

    /// The current time, in nanoseconds since the Unix epoch, on this span's clock.
    pub(crate) fn now(&self) -> u64 {
        clock::now().wrapping_add(self.offset)
    }

    /// Adds a link.
    pub(crate) fn link(&mut self, to: &LinkTo<'_>, attributes: &[opentelemetry::KeyValue]) {
        if self.is_recording() {
            self.body.link(to, attributes);
        }
    }

    /// Ends it, once: what comes later is ignored. `end` is in nanoseconds since the Unix epoch; `push` hands a record to
    /// the pipeline.
    #[inline]
    pub(crate) fn finish(&mut self, end: u64, push: impl FnOnce(&Header, &[u8])) {
        if !self.is_recording() {
            return;
        }
        self.state = State::Silent;
        self.header.end = end;
        let body = self.body.finish(&mut self.header.flags);
        if let Some(sink) = self.capture.take() {
            sink.push(self.header, body);
        }
        if self.sampled {
            push(&self.header, body);
        }
    }

    /// Gives back what the next span in this place is not likely to need.
    #[inline]
    pub(crate) fn trim(&mut self) {
        self.body.trim();
    }
}
