//! The scopes of a batch's spans, encoded once per batch. OTLP nests spans in their scope.

use std::collections::HashMap;
use std::sync::Arc;

use opentelemetry::InstrumentationScope;

use crate::record::wire::{put_bytes, put_message};
use crate::record::{Origin, put_otel};

/// Field numbers of `InstrumentationScope`.
mod field {
    pub(super) const NAME: u32 = 1;
    pub(super) const VERSION: u32 = 2;
    pub(super) const ATTRIBUTE: u32 = 3;
}

/// Field numbers of `ScopeSpans`.
pub(super) const SCOPE: u32 = 1;
pub(super) const SPANS: u32 = 2;
const SCHEMA_URL: u32 = 3;

/// The end of a list of spans.
pub(super) const NONE: u32 = u32::MAX;

/// The scopes of a batch. Keeps its memory from batch to batch.
#[derive(Default)]
pub(super) struct Scopes {
    groups: Vec<Group>,
    bytes: Vec<u8>,
    /// By the address of a scope that the batch keeps alive.
    by_address: HashMap<usize, u32>,
    /// The origin met last, and its group: neighbours are often alike.
    last: Option<(usize, u32)>,
}

/// One scope, and its spans in the request that is being put together.
pub(super) struct Group {
    scope: Arc<InstrumentationScope>,
    /// Where the fields of `ScopeSpans` other than the spans lie.
    fields: std::ops::Range<usize>,
    /// The length of its `ScopeSpans`; zero while no span is in it.
    pub(super) len: usize,
    pub(super) first: u32,
    pub(super) last: u32,
}

impl Scopes {
    pub(super) fn clear(&mut self) {
        self.groups.clear();
        self.bytes.clear();
        self.by_address.clear();
        self.last = None;
    }

    /// The number of the group of this origin's spans.
    pub(super) fn group_of(&mut self, origin: &Arc<Origin>) -> u32 {
        let address = Arc::as_ptr(origin).addr();
        match self.last {
            Some((last, group)) if last == address => group,
            _ => {
                let group = self.look_up(&origin.scope);
                self.last = Some((address, group));
                group
            }
        }
    }

    fn look_up(&mut self, scope: &Arc<InstrumentationScope>) -> u32 {
        // Most programs have few: they are sooner looked through than hashed.
        let first = self.groups.iter().take(8).position(|group| Arc::ptr_eq(&group.scope, scope));
        if let Some(index) = first.and_then(|index| u32::try_from(index).ok()) {
            return index;
        }
        let address = Arc::as_ptr(scope).addr();
        if let Some(group) = self.by_address.get(&address) {
            return *group;
        }
        // Two that are equal are one scope to receivers.
        let known = self.groups.iter().position(|group| *group.scope == **scope);
        let index = known.unwrap_or_else(|| {
            let start = self.bytes.len();
            put_scope(&mut self.bytes, scope);
            let fields = start..self.bytes.len();
            self.groups.push(Group { scope: scope.clone(), fields, len: 0, first: NONE, last: NONE });
            self.groups.len() - 1
        });
        let index = u32::try_from(index).unwrap_or(NONE);
        self.by_address.insert(address, index);
        index
    }

    /// Takes all spans out of their groups, for the next request.
    pub(super) fn start_request(&mut self) {
        for group in &mut self.groups {
            (group.len, group.first, group.last) = (0, NONE, NONE);
        }
    }

    /// The length of what the `ScopeSpans` of all groups hold beside the spans.
    pub(super) fn all_fields_len(&self) -> usize {
        self.bytes.len()
    }

    /// The length of what the `ScopeSpans` of a group holds beside the spans.
    pub(super) fn fields_len(&self, group: u32) -> usize {
        self.groups.get(group as usize).map_or(0, |group| group.fields.len())
    }

    pub(super) fn get_mut(&mut self, group: u32) -> Option<&mut Group> {
        self.groups.get_mut(group as usize)
    }

    /// The groups that have spans in this request, with the bytes of what they have beside the spans.
    pub(super) fn in_request(&self) -> impl Iterator<Item = (&Group, &[u8])> {
        let groups = self.groups.iter().filter(|group| group.len > 0);
        groups.map(|group| (group, self.bytes.get(group.fields.clone()).unwrap_or_default()))
    }
}

impl Group {
    /// The length of its `ScopeSpans` with one more field of that length.
    pub(super) fn len_with(&self, field_len: usize) -> usize {
        if self.len == 0 { self.fields.len() + field_len } else { self.len + field_len }
    }
}

/// Appends the fields of `ScopeSpans` other than the spans.
fn put_scope(out: &mut Vec<u8>, scope: &InstrumentationScope) {
    put_message(out, SCOPE, |out| {
        put_text(out, field::NAME, scope.name());
        put_text(out, field::VERSION, scope.version().unwrap_or_default());
        for attribute in scope.attributes() {
            put_otel(out, field::ATTRIBUTE, attribute);
        }
    });
    put_text(out, SCHEMA_URL, scope.schema_url().unwrap_or_default());
}

/// Appends a text; an empty one is the default, which is left out.
pub(super) fn put_text(out: &mut Vec<u8>, field: u32, text: &str) {
    if !text.is_empty() {
        put_bytes(out, field, text.as_bytes());
    }
}
