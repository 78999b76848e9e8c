//! Reads a record.

use std::sync::Arc;

use opentelemetry::Value as OtelValue;
use opentelemetry::trace::{SpanId, SpanKind, TraceFlags, TraceId};

use super::wire::{self, Fields, any, key_value};
use super::{Header, Origin};

/// A recorded span, where it lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SpanView<'a> {
    pub(crate) header: Header,
    /// Fields of OTLP's `Span`.
    pub(crate) body: &'a [u8],
    pub(crate) origin: &'a Arc<Origin>,
}

impl<'a> SpanView<'a> {
    pub(crate) fn trace_id(&self) -> TraceId {
        TraceId::from(self.header.trace_id)
    }

    pub(crate) fn span_id(&self) -> SpanId {
        SpanId::from(self.header.span_id)
    }

    /// The parent's id; invalid (zero) if there is none.
    pub(crate) fn parent_id(&self) -> SpanId {
        SpanId::from(self.header.parent_id)
    }

    pub(crate) fn trace_flags(&self) -> TraceFlags {
        TraceFlags::new(self.header.flags.trace_flags())
    }

    pub(crate) fn kind(&self) -> SpanKind {
        match self.header.flags.kind() {
            2 => SpanKind::Server,
            3 => SpanKind::Client,
            4 => SpanKind::Producer,
            5 => SpanKind::Consumer,
            _ => SpanKind::Internal,
        }
    }

    pub(crate) fn name(&self) -> &'a str {
        if self.header.flags.own_name() { self.text(wire::span::NAME) } else { self.origin.name }
    }

    /// The W3C `tracestate`, empty if there is none.
    pub(crate) fn trace_state(&self) -> &'a str {
        self.text(wire::span::TRACE_STATE)
    }

    /// How long it took, in nanoseconds.
    pub(crate) fn duration(&self) -> u64 {
        self.header.end.saturating_sub(self.header.start)
    }

    pub(crate) fn status(&self) -> StatusView<'a> {
        let status = Fields(self.body).first(wire::span::STATUS);
        status.map_or(StatusView::Unset, |status| StatusView::read(status.bytes()))
    }

    /// The attributes: the span's own, then those that all spans of its origin have.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = (&'a str, ValueView<'a>)> + use<'a> {
        let own = Items::new(self.body, wire::span::ATTRIBUTE);
        let replaced = self.header.flags.own_code();
        let constants = Items::new(&self.origin.constants, wire::span::ATTRIBUTE);
        let kept = own.clone();
        own.chain(constants.filter(move |(key, _)| !replaced || !kept.clone().any(|(own, _)| own == *key)))
    }

    pub(crate) fn events(&self) -> impl Iterator<Item = EventView<'a>> + use<'a> {
        messages(self.body, wire::span::EVENT).map(EventView)
    }

    pub(crate) fn links(&self) -> impl Iterator<Item = LinkView<'a>> + use<'a> {
        messages(self.body, wire::span::LINK).map(LinkView)
    }

    pub(crate) fn dropped_attributes(&self) -> u32 {
        number(self.body, wire::span::DROPPED_ATTRIBUTES)
    }

    pub(crate) fn dropped_events(&self) -> u32 {
        number(self.body, wire::span::DROPPED_EVENTS)
    }

    pub(crate) fn dropped_links(&self) -> u32 {
        number(self.body, wire::span::DROPPED_LINKS)
    }

    fn text(&self, field: u32) -> &'a str {
        Fields(self.body).first(field).map_or("", |field| field.str())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StatusView<'a> {
    Unset,
    Ok,
    Error(&'a str),
}

impl<'a> StatusView<'a> {
    /// Reads a `Status`.
    pub(crate) fn read(status: &'a [u8]) -> Self {
        let (mut code, mut message) = (0, "");
        for field in Fields(status) {
            match field.number {
                wire::status::CODE => code = field.number_value(),
                wire::status::MESSAGE => message = field.str(),
                _ => {}
            }
        }
        match code {
            wire::status::OK => Self::Ok,
            wire::status::ERROR => Self::Error(message),
            _ => Self::Unset,
        }
    }
}

/// An event, where it lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EventView<'a>(&'a [u8]);

impl<'a> EventView<'a> {
    pub(crate) fn name(&self) -> &'a str {
        Fields(self.0).first(wire::event::NAME).map_or("", |name| name.str())
    }

    /// Nanoseconds since the Unix epoch.
    pub(crate) fn time(&self) -> u64 {
        Fields(self.0).first(wire::event::TIME).map_or(0, |time| time.number_value())
    }

    pub(crate) fn attributes(&self) -> Items<'a> {
        Items::new(self.0, wire::event::ATTRIBUTE)
    }

    pub(crate) fn dropped_attributes(&self) -> u32 {
        number(self.0, wire::event::DROPPED_ATTRIBUTES)
    }
}

/// A link, where it lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LinkView<'a>(&'a [u8]);

impl<'a> LinkView<'a> {
    /// Of a `Link`.
    pub(crate) fn new(link: &'a [u8]) -> Self {
        Self(link)
    }

    pub(crate) fn trace_id(&self) -> TraceId {
        let bytes = Fields(self.0).first(wire::link::TRACE_ID).and_then(|id| id.bytes().try_into().ok());
        bytes.map_or(TraceId::INVALID, TraceId::from_bytes)
    }

    pub(crate) fn span_id(&self) -> SpanId {
        let bytes = Fields(self.0).first(wire::link::SPAN_ID).and_then(|id| id.bytes().try_into().ok());
        bytes.map_or(SpanId::INVALID, SpanId::from_bytes)
    }

    pub(crate) fn trace_state(&self) -> &'a str {
        Fields(self.0).first(wire::link::TRACE_STATE).map_or("", |state| state.str())
    }

    /// The trace flags, and whether the linked span is remote, as in OTLP.
    pub(crate) fn flags(&self) -> u32 {
        number(self.0, wire::link::FLAGS)
    }

    pub(crate) fn attributes(&self) -> Items<'a> {
        Items::new(self.0, wire::link::ATTRIBUTE)
    }

    pub(crate) fn dropped_attributes(&self) -> u32 {
        number(self.0, wire::link::DROPPED_ATTRIBUTES)
    }
}

/// The value of an attribute, where it lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum ValueView<'a> {
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(&'a str),
    /// The bytes of an `ArrayValue`: read it with [`ValueView::elements`].
    List(&'a [u8]),
}

impl<'a> ValueView<'a> {
    fn read(any_value: &'a [u8]) -> Self {
        Self::read_field(Fields(any_value)).unwrap_or(Self::Str(""))
    }

    #[inline]
    fn read_field(mut field: Fields<'a>) -> Option<Self> {
        Some(match field.number()? {
            any::BOOL => Self::Bool(field.varint()? != 0),
            any::INT => Self::Int(field.varint()?.cast_signed()),
            any::DOUBLE => Self::Float(f64::from_bits(field.fixed64()?)),
            any::ARRAY => Self::List(field.bytes()?),
            any::STRING => Self::Str(std::str::from_utf8(field.bytes()?).ok()?),
            _ => return None,
        })
    }

    /// The values of a list; of another value, none.
    pub(crate) fn elements(&self) -> impl Iterator<Item = ValueView<'a>> + use<'a> {
        let list = if let Self::List(list) = self { list } else { &[][..] };
        messages(list, any::ARRAY_VALUE).map(Self::read)
    }
}

impl std::fmt::Display for ValueView<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::Int(value) => value.fmt(f),
            Self::Float(value) => value.fmt(f),
            Self::Str(value) => value.fmt(f),
            Self::List(_) => {
                f.write_str("[")?;
                for (index, element) in self.elements().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    match element {
                        Self::Str(text) => write!(f, "{text:?}")?,
                        other => other.fmt(f)?,
                    }
                }
                f.write_str("]")
            }
        }
    }
}

impl From<ValueView<'_>> for OtelValue {
    fn from(value: ValueView<'_>) -> Self {
        match value {
            ValueView::Bool(value) => value.into(),
            ValueView::Int(value) => value.into(),
            ValueView::Float(value) => value.into(),
            ValueView::Str(value) => value.to_owned().into(),
            ValueView::List(_) => OtelValue::Array(list_of(&value.elements().collect::<Vec<_>>())),
        }
    }
}

/// A list of OpenTelemetry's: of one type, as the record holds it.
fn list_of(elements: &[ValueView<'_>]) -> opentelemetry::Array {
    use opentelemetry::{Array, StringValue};
    match elements.first() {
        Some(ValueView::Bool(_)) => {
            Array::Bool(elements.iter().map(|value| matches!(value, ValueView::Bool(true))).collect())
        }
        Some(ValueView::Int(_)) => Array::I64(
            elements.iter().map(|value| if let ValueView::Int(value) = value { *value } else { 0 }).collect(),
        ),
        Some(ValueView::Float(_)) => Array::F64(
            elements
                .iter()
                .map(|value| if let ValueView::Float(value) = value { *value } else { 0.0 })
                .collect(),
        ),
        _ => Array::String(elements.iter().map(|value| StringValue::from(value.to_string())).collect()),
    }
}

/// Attributes, where they lie.
#[derive(Clone, Debug)]
pub(crate) struct Items<'a> {
    fields: Fields<'a>,
    number: u32,
}

impl<'a> Items<'a> {
    /// The fields of a message that are `KeyValue`s under this number.
    pub(crate) fn new(message: &'a [u8], number: u32) -> Self {
        Self { fields: Fields(message), number }
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = (&'a str, ValueView<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let number = self.number;
        let field = self.fields.find(|field| field.number == number)?;
        let (key, value) = pair(field.bytes())?;
        Some((std::str::from_utf8(key).unwrap_or_default(), value))
    }
}

/// Reads a `KeyValue`: the bytes of the key, and the value.
pub(crate) fn pair(key_value: &[u8]) -> Option<(&[u8], ValueView<'_>)> {
    let mut fields = Fields(key_value);
    let key = (fields.number()? == key_value::KEY).then(|| fields.bytes())??;
    let value = (fields.number()? == key_value::VALUE).then(|| fields.bytes())??;
    Some((key, ValueView::read(value)))
}

fn messages(message: &[u8], number: u32) -> impl Iterator<Item = &[u8]> {
    Fields(message).filter(move |field| field.number == number).map(|field| field.bytes())
}

fn number(message: &[u8], number: u32) -> u32 {
    Fields(message).first(number).map_or(0, |field| field.count())
}
