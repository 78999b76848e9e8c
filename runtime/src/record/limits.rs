//! How much one span may hold.

/// How much one span may hold. Specification:
/// <https://opentelemetry.io/docs/specs/otel/trace/sdk/#span-limits>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Attributes of a span; 128 by default.
    pub attributes: u32,
    /// Events of a span; 128 by default.
    pub events: u32,
    /// Links of a span; 128 by default.
    pub links: u32,
    /// Attributes of an event; 128 by default.
    pub attributes_per_event: u32,
    /// Attributes of a link; 128 by default.
    pub attributes_per_link: u32,
    /// Characters of a text value; unlimited by default.
    pub value_length: Option<usize>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            attributes: 128,
            events: 128,
            links: 128,
            attributes_per_event: 128,
            attributes_per_link: 128,
            value_length: None,
        }
    }
}
