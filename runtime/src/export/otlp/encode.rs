//! From records to the bytes of an `ExportTraceServiceRequest`.
//! <https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto>
//!
//! Protocol Buffers write the length of a message before the message. The lengths of all spans are summed
//! first, which is cheap since their bodies are already encoded: so every length takes as few bytes as it can,
//! nothing is moved, and where a request has to be cut is known before the first byte is written.

use std::ops::Range;

use bytes::Bytes;
use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;

use super::scopes::{NONE, SPANS, Scopes, put_text};
use crate::record::wire::{self, Fields, bytes_len, span};
use crate::record::{Batch, SpanView, put_otel, wire_flags};

/// `ExportTraceServiceRequest.resource_spans`.
const RESOURCE_SPANS: u32 = 1;

/// Field numbers of `ResourceSpans`, and of its `Resource`.
const RESOURCE: u32 = 1;
const SCOPE_SPANS: u32 = 2;
const SCHEMA_URL: u32 = 3;
const RESOURCE_ATTRIBUTE: u32 = 1;

/// Encodes batches, one at a time, each as one request or several.
pub(super) struct Encoder {
    /// The fields of `ResourceSpans` other than `scope_spans`.
    resource: Vec<u8>,
    scopes: Scopes,
    spans: Vec<Planned>,
    /// The length of the longest span of the batch.
    longest: usize,
    /// The buffer of the last request, once nobody reads it any more.
    out: Vec<u8>,
}

/// What is known of a span before it is written.
#[derive(Clone, Copy)]
struct Planned {
    /// The length of its `Span` message.
    len: usize,
    group: u32,
    /// The next span of its group in this request.
    next: u32,
    /// It is in no request.
    left_out: bool,
}

/// A part of a batch, encoded.
pub(super) struct Request {
    pub(super) bytes: Bytes,
    /// How many spans are in it.
    pub(super) spans: usize,
    /// The spans of the batch that it covers; those that were left out among them.
    pub(super) range: Range<usize>,
}

impl Encoder {
    pub(super) fn new(resource: &Resource) -> Self {
        let mut fields = Vec::new();
        wire::put_message(&mut fields, RESOURCE, |out| {
            for (key, value) in resource {
                put_otel(out, RESOURCE_ATTRIBUTE, &KeyValue::new(key.clone(), value.clone()));
            }
        });
        put_text(&mut fields, SCHEMA_URL, resource.schema_url().unwrap_or_default());
        Self { resource: fields, scopes: Scopes::default(), spans: Vec::new(), longest: 0, out: Vec::new() }
    }

    /// Turns to a batch; whatever became of the one before.
    pub(super) fn start(&mut self, batch: &Batch) {
        self.scopes.clear();
        self.spans.clear();
        self.longest = 0;
        for view in batch.spans() {
            let (len, group) = (span_len(&view), self.scopes.group_of(view.origin));
            self.longest = self.longest.max(len);
            self.spans.push(Planned { len, group, next: NONE, left_out: false });
        }
    }

    /// What no request with nothing but one span of the batch takes more than.
    pub(super) fn len_alone_at_most(&self) -> usize {
        bytes_len(self.resource.len() + bytes_len(self.scopes.all_fields_len() + bytes_len(self.longest)))
    }

    /// The number of bytes of a request with nothing but this span of the batch.
    pub(super) fn len_alone(&self, index: usize) -> usize {
        let Some(planned) = self.spans.get(index) else { return 0 };
        let group_len = self.scopes.fields_len(planned.group) + bytes_len(planned.len);
        bytes_len(self.resource.len() + bytes_len(group_len))
    }

    /// Keeps a span of the batch out of the requests to come.
    pub(super) fn leave_out(&mut self, index: usize) {
        if let Some(planned) = self.spans.get_mut(index) {
            planned.left_out = true;
        }
    }

    /// Encodes spans of the batch from the start of this range: as many as a request of `limit` bytes holds,
    /// and one at least.
    pub(super) fn encode(&mut self, batch: &Batch, range: Range<usize>, limit: usize) -> Request {
        let (end, spans, len) = self.plan(&range, limit);
        let range = range.start..end;
        if spans == 0 {
            return Request { bytes: Bytes::new(), spans, range };
        }
        let mut out = std::mem::take(&mut self.out);
        out.clear();
        out.reserve_exact(bytes_len(len));
        wire::put_len(&mut out, RESOURCE_SPANS, len);
        out.extend_from_slice(&self.resource);
        for (group, fields) in self.scopes.in_request() {
            wire::put_len(&mut out, SCOPE_SPANS, group.len);
            out.extend_from_slice(fields);
            let mut index = group.first;
            while let Some(planned) = self.spans.get(index as usize) {
                if let Some(view) = batch.get(index as usize) {
                    wire::put_len(&mut out, SPANS, planned.len);
                    put_span(&mut out, &view);
                }
                index = planned.next;
            }
        }
        debug_assert_eq!(out.len(), bytes_len(len), "the lengths written are those summed");
        Request { bytes: out.into(), spans, range }
    }

    /// Where a request ends, how many spans are in it, and the length of its `ResourceSpans`; links the spans
    /// of each group.
    fn plan(&mut self, range: &Range<usize>, limit: usize) -> (usize, usize, usize) {
        self.scopes.start_request();
        let mut len = self.resource.len();
        let mut count = 0;
        let end = range.end.min(self.spans.len());
        for index in range.start..end {
            let Some(planned) = self.spans.get(index).copied() else { break };
            if planned.left_out {
                continue;
            }
            let (Some(group), Ok(number)) = (self.scopes.get_mut(planned.group), u32::try_from(index)) else {
                continue;
            };
            let group_len = group.len_with(bytes_len(planned.len));
            let before = if group.len == 0 { 0 } else { bytes_len(group.len) };
            let with = len - before + bytes_len(group_len);
            if count > 0 && bytes_len(with) > limit {
                return (index, count, len);
            }
            (len, count) = (with, count + 1);
            group.len = group_len;
            let previous = std::mem::replace(&mut group.last, number);
            match self.spans.get_mut(previous as usize) {
                Some(previous) => previous.next = number,
                None => group.first = number,
            }
            if let Some(planned) = self.spans.get_mut(index) {
                planned.next = NONE;
            }
        }
        (end, count, len)
    }

    /// Takes the buffer of a request back, unless somebody still reads it.
    pub(super) fn recycle(&mut self, bytes: Bytes) {
        if let Some(buffer) = emptied(bytes) {
            self.out = buffer;
        }
    }
}

/// The buffer of a request, unless somebody still reads it.
pub(super) fn emptied(request: Bytes) -> Option<Vec<u8>> {
    // One huge batch must not keep its memory for all the small ones that follow.
    const KEEP: usize = 1 << 20;
    let mut buffer = request.try_into_mut().ok().filter(|buffer| buffer.capacity() <= KEEP)?;
    buffer.clear();
    Some(buffer.into())
}

/// The ids of trace and span, kind, start, end and flags: what all spans have.
const FIXED_LEN: usize = 18 + 10 + 2 + 9 + 9 + 6;
const PARENT_LEN: usize = 10;

/// The length of the `Span` message that [`put_span`] writes.
fn span_len(view: &SpanView<'_>) -> usize {
    let header = &view.header;
    let parent = if header.parent_id == 0 { 0 } else { PARENT_LEN };
    let name = if header.flags.own_name() { 0 } else { view.origin.name_field.len() };
    let mut constants = 0;
    each_constant(view, |bytes| constants += bytes.len());
    FIXED_LEN + parent + name + view.body.len() + constants
}

fn put_span(out: &mut Vec<u8>, view: &SpanView<'_>) {
    let header = &view.header;
    wire::put_bytes(out, span::TRACE_ID, &header.trace_id.to_be_bytes());
    wire::put_bytes(out, span::SPAN_ID, &header.span_id.to_be_bytes());
    if header.parent_id != 0 {
        wire::put_bytes(out, span::PARENT_SPAN_ID, &header.parent_id.to_be_bytes());
    }
    if !header.flags.own_name() {
        out.extend_from_slice(&view.origin.name_field);
    }
    // Unspecified and unknown kinds read as internal everywhere.
    let kind = if let kind @ 1..=5 = header.flags.kind() { kind } else { 1 };
    wire::put_uint(out, span::KIND, kind.into());
    wire::put_fixed64(out, span::START, header.start);
    wire::put_fixed64(out, span::END, header.end);
    out.extend_from_slice(view.body);
    each_constant(view, |bytes| out.extend_from_slice(bytes));
    let flags = wire_flags(header.flags.trace_flags(), header.flags.parent_remote());
    wire::put_fixed32(out, span::FLAGS, flags);
}

/// The attributes of the origin that the span does not replace: the keys of a span's attributes are unique.
/// <https://opentelemetry.io/docs/specs/otel/common/#attribute-collections>
#[inline]
fn each_constant<'a>(view: &SpanView<'a>, mut take: impl FnMut(&'a [u8])) {
    if !view.header.flags.own_code() {
        return take(&view.origin.constants);
    }
    for constant in Fields(&view.origin.constants) {
        let key = attribute_key(constant.bytes());
        let mut own = Fields(view.body).filter(|field| field.number == span::ATTRIBUTE);
        if !own.any(|field| attribute_key(field.bytes()) == key) {
            take(constant.whole);
        }
    }
}

fn attribute_key(pair: &[u8]) -> &[u8] {
    Fields(pair).next().map_or(&[], |key| key.bytes())
}
