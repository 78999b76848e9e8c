//! The compact record of a span: what the recorder writes, the pipeline moves and the exporters read.
//!
//! A record is a header of eight 64-bit words and a body of bytes. The header holds what every span has:
//!
//! | word | low half | high half |
//! |---|---|---|
//! | 0 | length in words (0: the body is elsewhere) | flags ([`Flags`]) |
//! | 1, 2 | trace id, high and low | |
//! | 3, 4 | span id, parent's span id (0: none) | |
//! | 5, 6 | start, end: nanoseconds since the Unix epoch | |
//! | 7 | origin ([`OriginId`]) | length of the body in bytes |
//!
//! The body holds the rest, already in the bytes of OTLP's `Span` message (attributes, events, links, status,
//! trace state, a name of its own, counts of what was dropped), so that exporting over OTLP copies it, and
//! whoever wants the parts walks them ([`SpanView`]). What is constant per call site is in neither: it is
//! kept once per [`Origin`].

mod batch;
mod body;
mod buffer;
mod event;
mod header;
mod kept;
mod limits;
mod link;
mod origin;
mod short;
mod value;
mod view;
pub(crate) mod wire;

pub(crate) use batch::Batch;
pub(crate) use body::{Body, encode_attribute};
pub(crate) use event::{encode_event, encode_event_with};
pub(crate) use header::{Flags, HEADER_WORDS, Header};
pub use limits::Limits;
pub(crate) use link::{LinkTo, span_context, wire_flags};
pub(crate) use origin::{Code, Origin, OriginId, Origins, scope_of};
pub(crate) use value::put_otel;
pub(crate) use view::{EventView, Items, LinkView, SpanView, StatusView, ValueView, pair};
