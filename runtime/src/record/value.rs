//! Values of attributes, brought into the forms that OTLP has.

use std::fmt::Write as _;
use std::panic::AssertUnwindSafe;

use opentelemetry::{Array, KeyValue};
use traced_core::Value;

use super::wire::{self, any, bytes_len, key_value, varint_len};

/// Appends one attribute of OpenTelemetry's as a field of the enclosing message.
pub(crate) fn put_otel(out: &mut Vec<u8>, field: u32, pair: &KeyValue) {
    let mut scratch = Scratch::default();
    let value = scratch.plain_of_otel(&pair.value, None);
    put_plain(out, field, pair.key.as_str(), value);
}

/// A value in one of the forms of OTLP's `AnyValue`.
#[derive(Clone, Copy)]
pub(super) enum Plain<'a> {
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(&'a str),
    /// The bytes of an `ArrayValue`.
    List(&'a [u8]),
}

impl From<bool> for Plain<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Plain<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<f64> for Plain<'_> {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl<'a> From<&'a str> for Plain<'a> {
    fn from(value: &'a str) -> Self {
        Self::Str(value)
    }
}

/// Appends a `KeyValue`. Every length is known beforehand, so nothing is moved.
pub(super) fn put_plain(out: &mut Vec<u8>, field: u32, key: &str, value: Plain<'_>) {
    let value_len = plain_len(value);
    wire::put_len(out, field, bytes_len(key.len()) + bytes_len(value_len));
    wire::put_bytes(out, key_value::KEY, key.as_bytes());
    wire::put_len(out, key_value::VALUE, value_len);
    put_any(out, value);
}

fn plain_len(value: Plain<'_>) -> usize {
    match value {
        Plain::Bool(_) => 2,
        Plain::Int(value) => 1 + varint_len(value.cast_unsigned()),
        Plain::Float(_) => 9,
        Plain::Str(value) => bytes_len(value.len()),
        Plain::List(value) => bytes_len(value.len()),
    }
}

fn put_any(out: &mut Vec<u8>, value: Plain<'_>) {
    match value {
        Plain::Bool(value) => wire::put_uint(out, any::BOOL, value.into()),
        Plain::Int(value) => wire::put_uint(out, any::INT, value.cast_unsigned()),
        Plain::Float(value) => wire::put_fixed64(out, any::DOUBLE, value.to_bits()),
        Plain::Str(value) => wire::put_bytes(out, any::STRING, value.as_bytes()),
        Plain::List(value) => wire::put_bytes(out, any::ARRAY, value),
    }
}

/// Where values are brought into a plain form.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    text: String,
    list: Vec<u8>,
}

impl Scratch {
    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.text.capacity() + self.list.capacity()
    }

    /// Gives memory back that exceeds this.
    #[inline]
    pub(super) fn trim(&mut self, keep: usize) {
        if self.text.capacity() > keep || self.list.capacity() > keep {
            *self = Self::default();
        }
    }

    pub(super) fn plain<'s>(&'s mut self, value: Value<'s>, limit: Option<usize>) -> Plain<'s> {
        match value {
            Value::Bool(value) => Plain::Bool(value),
            Value::Float(value) => Plain::Float(value),
            Value::Str(value) => Plain::Str(cut(value, limit)),
            Value::Int(value) => match i64::try_from(value) {
                Ok(value) => Plain::Int(value),
                Err(_) => self.print(&value, limit),
            },
            Value::Display(value) => self.print(value, limit),
            Value::Debug(value) => self.print(&format_args!("{value:?}"), limit),
            Value::List(list) => {
                self.list.clear();
                let as_text = !is_homogeneous(list);
                list.each(&mut |value| self.element(value, as_text, limit));
                Plain::List(&self.list)
            }
            // The seam may learn of more kinds of value than this version knows.
            other => self.print(&format_args!("{other:?}"), limit),
        }
    }

    pub(super) fn plain_of_otel<'s>(
        &'s mut self,
        value: &'s opentelemetry::Value,
        limit: Option<usize>,
    ) -> Plain<'s> {
        match value {
            opentelemetry::Value::Bool(value) => Plain::Bool(*value),
            opentelemetry::Value::I64(value) => Plain::Int(*value),
            opentelemetry::Value::F64(value) => Plain::Float(*value),
            opentelemetry::Value::String(value) => Plain::Str(cut(value.as_str(), limit)),
            opentelemetry::Value::Array(array) => {
                self.list.clear();
                match array {
                    Array::Bool(values) => self.elements(values.iter().map(|value| Plain::Bool(*value))),
                    Array::I64(values) => self.elements(values.iter().map(|value| Plain::Int(*value))),
                    Array::F64(values) => self.elements(values.iter().map(|value| Plain::Float(*value))),
                    Array::String(values) => {
                        self.elements(values.iter().map(|value| Plain::Str(cut(value.as_str(), limit))));
                    }
                    other => return self.print(other, limit),
                }
                Plain::List(&self.list)
            }
            other => self.print(other, limit),
        }
    }

    fn print(&mut self, value: &dyn std::fmt::Display, limit: Option<usize>) -> Plain<'_> {
        self.text.clear();
        write_guarded(&mut self.text, value);
        Plain::Str(cut(&self.text, limit))
    }

    fn elements<'v>(&mut self, values: impl Iterator<Item = Plain<'v>>) {
        for value in values {
            put_element(&mut self.list, value);
        }
    }

    fn element(&mut self, value: Value<'_>, as_text: bool, limit: Option<usize>) {
        match value {
            Value::Str(value) => put_element(&mut self.list, Plain::Str(cut(value, limit))),
            Value::Bool(value) if !as_text => put_element(&mut self.list, Plain::Bool(value)),
            Value::Float(value) if !as_text => put_element(&mut self.list, Plain::Float(value)),
            Value::Int(value) if !as_text => {
                put_element(&mut self.list, Plain::Int(i64::try_from(value).unwrap_or(i64::MAX)));
            }
            // Text as it is, and a list in a list as it prints: OpenTelemetry's lists do not nest.
            value => {
                self.text.clear();
                match value {
                    Value::Display(value) => write_guarded(&mut self.text, value),
                    Value::Bool(value) => write_guarded(&mut self.text, &value),
                    Value::Int(value) => write_guarded(&mut self.text, &value),
                    Value::Float(value) => write_guarded(&mut self.text, &value),
                    value => write_guarded(&mut self.text, &format_args!("{value:?}")),
                }
                put_element(&mut self.list, Plain::Str(cut(&self.text, limit)));
            }
        }
    }
}

/// Writes what a value prints, as far as it comes: one that fails or panics must cost nobody more than its own text.
fn write_guarded(text: &mut String, value: &dyn std::fmt::Display) {
    let _ = std::panic::catch_unwind(AssertUnwindSafe(|| write!(text, "{value}")));
}

fn put_element(out: &mut Vec<u8>, value: Plain<'_>) {
    wire::put_len(out, any::ARRAY_VALUE, plain_len(value));
    put_any(out, value);
}

/// Whether all values are of one type, and integers fit.
fn is_homogeneous(list: &dyn traced_core::List) -> bool {
    let mut first = None;
    let mut same = true;
    list.each(&mut |value| {
        let kind = match value {
            Value::Bool(_) => 0,
            Value::Int(value) if i64::try_from(value).is_ok() => 1,
            Value::Float(_) => 2,
            _ => 3,
        };
        same &= *first.get_or_insert(kind) == kind;
    });
    same && first != Some(3)
}

/// The text up to a number of characters.
#[inline]
pub(super) fn cut(text: &str, limit: Option<usize>) -> &str {
    match limit {
        // Never more characters than bytes: the common case needs no count.
        Some(limit) if text.len() > limit => {
            text.char_indices().nth(limit).map_or(text, |(at, _)| text.get(..at).unwrap_or(text))
        }
        _ => text,
    }
}
