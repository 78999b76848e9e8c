//! Where spans come from: a call site, or somebody's tracer. What is constant per origin is kept once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use opentelemetry::{InstrumentationScope, KeyValue};
use traced_core::CallSite;

use super::value::put_otel;
use super::wire;

/// The number of an origin in this process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct OriginId(pub(crate) u32);

/// The bit that tells tracers' scopes from call sites.
const TRACER: u32 = 1 << 31;

/// Scopes of tracers that are told apart at most: they are kept for as long as the process lives.
const MAX_SCOPES: usize = 4096;

/// The scopes that tracers were asked for with; a scope is numbered once, however often it is asked for.
static SCOPES: Mutex<Scopes> = Mutex::new(Scopes { numbered: Vec::new(), by_name: BTreeMap::new() });

struct Scopes {
    numbered: Vec<Arc<InstrumentationScope>>,
    by_name: BTreeMap<&'static str, Vec<u32>>,
}

impl Scopes {
    fn number(&mut self, wanted: &InstrumentationScope) -> u32 {
        if let Some(known) = self.known(wanted) {
            return known;
        }
        if self.numbered.len() < MAX_SCOPES {
            return self.add(wanted);
        }
        let others = format!("one of more than {MAX_SCOPES} scopes");
        let others = InstrumentationScope::builder(others).build();
        self.known(&others).unwrap_or_else(|| self.add(&others))
    }

    fn known(&self, wanted: &InstrumentationScope) -> Option<u32> {
        let same_name = self.by_name.get(wanted.name())?;
        let is_it = |index: u32| self.numbered.get(index as usize).is_some_and(|known| **known == *wanted);
        same_name.iter().copied().find(|index| is_it(*index))
    }

    fn add(&mut self, wanted: &InstrumentationScope) -> u32 {
        let index = u32::try_from(self.numbered.len()).unwrap_or(u32::MAX);
        let name = forever(wanted.name());
        let mut scope = InstrumentationScope::builder(name).with_attributes(wanted.attributes().cloned());
        if let Some(version) = wanted.version() {
            scope = scope.with_version(forever(version));
        }
        if let Some(schema_url) = wanted.schema_url() {
            scope = scope.with_schema_url(forever(schema_url));
        }
        self.by_name.entry(name).or_default().push(index);
        self.numbered.push(Arc::new(scope.build()));
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
        Self(TRACER | lock(&SCOPES).number(scope))
    }
}

/// The texts of call sites, by their numbers: each is put together once, and kept for as long as the process lives,
/// as the call site is.
static TEXTS: Mutex<BTreeMap<u32, Texts>> = Mutex::new(BTreeMap::new());

#[derive(Clone, Copy)]
struct Texts {
    name: &'static str,
    function: &'static str,
}

impl Texts {
    fn of(site: &'static CallSite) -> Self {
        let make = || Self { name: forever(&site.name()), function: forever(&site.function()) };
        *lock(&TEXTS).entry(site.id()).or_insert_with(make)
    }
}

/// A copy that lives as long as the process, so that spans refer to it. Only of what there is a bounded number of.
fn forever(text: &str) -> &'static str {
    text.to_owned().leak()
}

/// Where a call site is in the code.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Code {
    function: &'static str,
    file: &'static str,
    line: u32,
}

impl Code {
    pub(crate) fn of(site: &'static CallSite) -> Self {
        Self { function: Texts::of(site).function, file: site.file(), line: site.line() }
    }

    /// The number of attributes.
    pub(crate) const ATTRIBUTES: usize = 3;

    /// Appends the attributes that say it. Nothing is copied.
    #[inline]
    pub(crate) fn put(self, attributes: &mut Vec<KeyValue>) {
        attributes.push(KeyValue::new("code.function.name", self.function));
        attributes.push(KeyValue::new("code.file.path", self.file));
        attributes.push(KeyValue::new("code.line.number", i64::from(self.line)));
    }
}

/// What all spans of one origin have in common. What it refers to is `'static`, so that nothing is copied or counted
/// for each span.
#[derive(Debug, Default)]
pub(crate) struct Origin {
    pub(crate) scope: Arc<InstrumentationScope>,
    /// The name of the spans that have none of their own.
    pub(crate) name: &'static str,
    /// The attributes of every span; none of a tracer's.
    pub(crate) code: Option<Code>,
    /// The same, as fields of OTLP's `Span`.
    pub(crate) constants: Vec<u8>,
    /// The name, as a field of OTLP's `Span`.
    pub(crate) name_field: Vec<u8>,
}

impl Origin {
    fn of_call_site(site: &'static CallSite, scope: Arc<InstrumentationScope>, code: Option<Code>) -> Self {
        let name = Texts::of(site).name;
        let mut constants = Vec::new();
        let mut attributes = Vec::new();
        if let Some(code) = code {
            code.put(&mut attributes);
        }
        for pair in &attributes {
            put_otel(&mut constants, wire::span::ATTRIBUTE, pair);
        }
        Self { name_field: name_field(name), scope, name, code, constants }
    }

    fn of_scope(scope: Arc<InstrumentationScope>) -> Self {
        Self { scope, ..Self::default() }
    }
}

/// Knows what origins are by their numbers. Each pipeline has its own.
#[derive(Debug)]
pub(crate) struct Origins {
    /// Call sites of one package share a scope, so that exporters group by pointer.
    scopes: Vec<Arc<InstrumentationScope>>,
    /// Whether spans of call sites say where in the code they are.
    code: bool,
}

impl Default for Origins {
    fn default() -> Self {
        Self::new(true)
    }
}

impl Origins {
    pub(crate) fn new(code: bool) -> Self {
        Self { scopes: Vec::new(), code }
    }

    /// To be called once for each number.
    pub(crate) fn resolve(&mut self, id: OriginId) -> Origin {
        if id.0 & TRACER != 0 {
            let index = (id.0 & !TRACER) as usize;
            return Origin::of_scope(lock(&SCOPES).numbered.get(index).cloned().unwrap_or_default());
        }
        let Some(site) = CallSite::by_id(id.0) else { return Origin::default() };
        let wanted = scope_of(site);
        let scope = if let Some(known) = self.scopes.iter().find(|known| ***known == wanted) {
            known.clone()
        } else {
            let scope = Arc::new(wanted);
            self.scopes.push(scope.clone());
            scope
        };
        Origin::of_call_site(site, scope, self.code.then(|| Code::of(site)))
    }
}

/// The scope of a call site: its package.
pub(crate) fn scope_of(site: &CallSite) -> InstrumentationScope {
    let scope = InstrumentationScope::builder(site.scope_name());
    match site.scope_version() {
        Some(version) => scope.with_version(version).build(),
        None => scope.build(),
    }
}

fn name_field(name: &str) -> Vec<u8> {
    let mut field = Vec::new();
    wire::put_bytes(&mut field, wire::span::NAME, name.as_bytes());
    field
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(name: String) -> InstrumentationScope {
        InstrumentationScope::builder(name).build()
    }

    #[test]
    fn where_a_call_site_is_in_the_code_may_be_left_out() {
        static SITE: CallSite = CallSite::new("shop", "src/shop.rs", 42, || "shop::pay::here");
        let id = OriginId::of_call_site(&SITE);
        let (mut with, mut without) = (Origins::new(true), Origins::new(false));
        let (with, without) = (with.resolve(id), without.resolve(id));
        assert_eq!((with.name, with.scope.name()), (without.name, without.scope.name()));
        assert_eq!(with.name_field, without.name_field);
        assert!(with.code.is_some() && !with.constants.is_empty());
        assert!(without.code.is_none() && without.constants.is_empty());
    }

    #[test]
    fn scopes_are_told_apart_up_to_a_number() {
        let mut scopes = Scopes { numbered: Vec::new(), by_name: BTreeMap::new() };
        let first = scopes.number(&scope("0".into()));
        for name in 1..MAX_SCOPES {
            assert_ne!(scopes.number(&scope(name.to_string())), first);
        }
        assert_eq!(scopes.number(&scope("0".into())), first);
        let versioned = InstrumentationScope::builder("0").with_version("2").build();
        let others = scopes.number(&versioned);
        assert_eq!(scopes.number(&scope("one more".into())), others);
        assert_eq!(scopes.numbered.len(), MAX_SCOPES + 1);
        assert_eq!(scopes.numbered[others as usize].name(), "one of more than 4096 scopes");
    }
}
