//! What is remembered of traces after they were shown, so that what comes later finds its place.

use std::collections::{HashMap, VecDeque};

/// Traces, and names in all of them together, that are remembered at most.
const TRACES: usize = 256;
const NAMES: usize = 10_000;
/// Of one trace.
const NAMES_PER_TRACE: usize = 1_000;
/// Columns of a name.
const NAME: usize = 60;

/// A span that was shown.
#[derive(Clone, Debug)]
pub(super) struct Name {
    pub(super) name: Box<str>,
    pub(super) service: Box<str>,
}

impl Name {
    pub(super) fn new(name: &str, service: &str) -> Self {
        let short = |text: &str| super::text::cut(text, NAME).into();
        Self { name: short(name), service: short(service) }
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` ({})", self.name, self.service)
    }
}

/// A trace that was shown, or a part of it.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) start: u64,
    pub(super) end: u64,
    names: HashMap<u64, Name>,
    /// Parents that had not ended, and what was shown without them.
    awaited: HashMap<u64, Vec<Name>>,
}

impl Known {
    /// The span with this id.
    pub(super) fn name(&self, id: u64) -> Option<&Name> {
        self.names.get(&id)
    }

    /// What was shown without its parent, which has this id.
    pub(super) fn waiting_for(&self, id: u64) -> &[Name] {
        self.awaited.get(&id).map_or(&[], Vec::as_slice)
    }

    /// Whether there is a place to speak of for what is under the span with this id.
    pub(super) fn knows(&self, id: u64) -> bool {
        self.names.contains_key(&id) || self.awaited.contains_key(&id)
    }

    pub(super) fn add(&mut self, id: u64, name: Name) {
        if self.names.len() < NAMES_PER_TRACE {
            self.names.insert(id, name);
        }
        self.awaited.remove(&id);
    }

    pub(super) fn add_without_parent(&mut self, parent: u64, child: Name) {
        let few = self.awaited.len() < NAMES_PER_TRACE / 4;
        if few || self.awaited.contains_key(&parent) {
            let children = self.awaited.entry(parent).or_default();
            if children.len() < 4 {
                children.push(child);
            }
        }
    }

    fn len(&self) -> usize {
        self.names.len() + self.awaited.values().map(Vec::len).sum::<usize>()
    }
}

/// The traces that were shown, the latest of them.
#[derive(Debug, Default)]
pub(super) struct Shown {
    traces: HashMap<u128, Known>,
    order: VecDeque<u128>,
    names: usize,
}

impl Shown {
    pub(super) fn get(&self, trace_id: u128) -> Option<&Known> {
        self.traces.get(&trace_id)
    }

    /// Notes that a part of a trace was shown, in `note`, and forgets the oldest traces if need be.
    pub(super) fn remember(&mut self, trace_id: u128, start: u64, end: u64, note: impl FnOnce(&mut Known)) {
        let known = self.traces.entry(trace_id).or_insert_with(|| {
            self.order.push_back(trace_id);
            Known { start, end, names: HashMap::new(), awaited: HashMap::new() }
        });
        let before = known.len();
        known.start = known.start.min(start);
        known.end = known.end.max(end);
        note(known);
        self.names = self.names + known.len() - before;
        while self.order.len() > TRACES || self.names > NAMES {
            let Some(oldest) = self.order.pop_front() else { break };
            self.names -= self.traces.remove(&oldest).map_or(0, |known| known.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded() {
        let mut shown = Shown::default();
        let name = Name::new(&"n".repeat(500), "s");
        for trace in 0..300 {
            shown.remember(trace, 0, 1, |known| {
                for id in 1..=1100 {
                    known.add(id, name.clone());
                    known.add_without_parent(id + 5000, name.clone());
                }
            });
        }
        assert!(
            shown.names <= NAMES && shown.traces.len() <= TRACES && shown.order.len() == shown.traces.len()
        );
        let last = shown.get(299).unwrap();
        assert_eq!((last.names.len(), last.awaited.len()), (NAMES_PER_TRACE, NAMES_PER_TRACE / 4));
        assert_eq!(last.name(1).unwrap().name.chars().count(), NAME);
        assert!(shown.get(0).is_none());
    }
}
