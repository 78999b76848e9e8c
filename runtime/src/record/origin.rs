//! Where spans come from: a call site, or somebody's tracer. What is constant per origin is kept once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use opentelemetry::{InstrumentationScope, KeyValue};
use traced_core::{CallSite, Value};

use super::value::put_key_value;
use super::wire;

/// The number of an origin in this process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct OriginId(pub(crate) u32);

/// The bit that tells tracers' scopes from call sites.
const TRACER: u32 = 1 << 31;

/// Scopes of tracers that are told apart at most: they are kept for as long as the process lives.
const MAX_SCOPES: usize = 4096;

/// The scopes that tracers were asked for with; a scope is numbered once, however often it is asked for.
static SCOPES: Mutex<Scopes> = Mutex::new(Scopes { numbered: Vec::new(), by_name: None });

struct Scopes {
    numbered: Vec<Arc<Scope>>,
    by_name: Option<HashMap<String, Vec<u32>>>,
}

impl Scopes {
    fn number(&mut self, wanted: Scope) -> u32 {
        if let Some(known) = self.known(&wanted) {
            return known;
        }
        if self.numbered.len() < MAX_SCOPES {
            return self.add(wanted);
        }
        let others = Scope { name: format!("one of more than {MAX_SCOPES} scopes"), ..Scope::default() };
        self.known(&others).unwrap_or_else(|| self.add(others))
    }

    fn known(&self, wanted: &Scope) -> Option<u32> {
        let same_name = self.by_name.as_ref()?.get(&wanted.name)?;
        let is_it = |index: u32| self.numbered.get(index as usize).is_some_and(|known| **known == *wanted);
        same_name.iter().copied().find(|index| is_it(*index))
    }

    fn add(&mut self, wanted: Scope) -> u32 {
        let index = u32::try_from(self.numbered.len()).unwrap_or(u32::MAX);
        self.by_name.get_or_insert_default().entry(wanted.name.clone()).or_default().push(index);
        self.numbered.push(Arc::new(wanted));
        index
    }
}

impl OriginId {
    #[inline]
    pub(crate) fn of_call_site(site: &'static CallSite) -> Self {
        Self(site.id())
    }

    /// The call site that it is. Takes a lock.
    pub(crate) fn call_site(self) -> Option<&'static CallSite> {
        CallSite::by_id(self.0)
    }

    /// Numbers the scope of a tracer.
    pub(crate) fn of_scope(scope: &InstrumentationScope) -> Self {
        let wanted = Scope::of_tracer(scope);
        let mut scopes = SCOPES.lock().unwrap_or_else(PoisonError::into_inner);
        Self(TRACER | scopes.number(wanted))
    }
}

/// An instrumentation scope.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Scope {
    pub(crate) name: String,
    pub(crate) version: Option<String>,
    pub(crate) schema_url: Option<String>,
    pub(crate) attributes: Vec<KeyValue>,
}

impl Scope {
    fn of_tracer(scope: &InstrumentationScope) -> Self {
        Self {
            name: scope.name().to_owned(),
            version: scope.version().map(str::to_owned),
            schema_url: scope.schema_url().map(str::to_owned),
            attributes: scope.attributes().cloned().collect(),
        }
    }

    fn of_call_site(site: &CallSite) -> Self {
        Self {
            name: site.scope_name().to_owned(),
            version: site.scope_version().map(str::to_owned),
            ..Self::default()
        }
    }
}

/// What all spans of one origin have in common.
#[derive(Debug, Default)]
pub(crate) struct Origin {
    pub(crate) scope: Arc<Scope>,
    /// The name of the spans that have none of their own.
    pub(crate) name: String,
    /// The attributes of every span, as fields of OTLP's `Span`.
    pub(crate) constants: Vec<u8>,
    /// The name, as a field of OTLP's `Span`.
    pub(crate) name_field: Vec<u8>,
}

impl Origin {
    fn of_call_site(site: &CallSite, scope: Arc<Scope>) -> Self {
        let name = site.name();
        let mut constants = Vec::new();
        let function = site.function();
        let code = [
            ("code.function.name", Value::Str(&function)),
            ("code.file.path", Value::Str(site.file())),
            ("code.line.number", Value::Int(site.line().into())),
        ];
        for (key, value) in code {
            put_key_value(&mut constants, wire::span::ATTRIBUTE, key, value);
        }
        Self { name_field: name_field(&name), scope, name, constants }
    }

    fn of_scope(scope: Arc<Scope>) -> Self {
        Self { scope, ..Self::default() }
    }
}

/// The origins that have been met, by their numbers. Each pipeline has its own.
#[derive(Debug, Default)]
pub(crate) struct Origins {
    met: HashMap<OriginId, Arc<Origin>>,
    /// Call sites of one package share a scope, so that exporters group by pointer.
    scopes: Vec<Arc<Scope>>,
}

impl Origins {
    pub(crate) fn get(&mut self, id: OriginId) -> &Arc<Origin> {
        let scopes = &mut self.scopes;
        self.met.entry(id).or_insert_with(|| Arc::new(resolve(id, scopes)))
    }
}

fn resolve(id: OriginId, shared: &mut Vec<Arc<Scope>>) -> Origin {
    if id.0 & TRACER != 0 {
        let index = (id.0 & !TRACER) as usize;
        let scopes = SCOPES.lock().unwrap_or_else(PoisonError::into_inner);
        return Origin::of_scope(scopes.numbered.get(index).cloned().unwrap_or_default());
    }
    let Some(site) = CallSite::by_id(id.0) else { return Origin::default() };
    let wanted = Scope::of_call_site(site);
    let scope = if let Some(known) = shared.iter().find(|known| ***known == wanted) {
        known.clone()
    } else {
        let scope = Arc::new(wanted);
        shared.push(scope.clone());
        scope
    };
    Origin::of_call_site(site, scope)
}

fn name_field(name: &str) -> Vec<u8> {
    let mut field = Vec::new();
    wire::put_bytes(&mut field, wire::span::NAME, name.as_bytes());
    field
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(name: String) -> Scope {
        Scope { name, ..Scope::default() }
    }

    #[test]
    fn scopes_are_told_apart_up_to_a_number() {
        let mut scopes = Scopes { numbered: Vec::new(), by_name: None };
        let first = scopes.number(scope("0".into()));
        for name in 1..MAX_SCOPES {
            assert_ne!(scopes.number(scope(name.to_string())), first);
        }
        assert_eq!(scopes.number(scope("0".into())), first);
        let versioned = Scope { version: Some("2".into()), ..scope("0".into()) };
        let others = scopes.number(versioned);
        assert_eq!(scopes.number(scope("one more".into())), others);
        assert_eq!(scopes.numbered.len(), MAX_SCOPES + 1);
        assert_eq!(scopes.numbered[others as usize].name, "one of more than 4096 scopes");
    }
}
