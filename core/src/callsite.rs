//! Static facts of one annotated function.

mod path;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use self::path::{Owner, plain, short_type, split_qualified, starts_upper};
use crate::filter::Verdict;

/// The role of a span in a trace, as OpenTelemetry's
/// [`SpanKind`](https://opentelemetry.io/docs/specs/otel/trace/api/#spankind).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An operation inside a service: the default.
    #[default]
    Internal,
    /// The handling of a request that came from another process.
    Server,
    /// A request to another process, whose answer is awaited.
    Client,
    /// The sending of a message that is handled later.
    Producer,
    /// The handling of a message that was sent earlier.
    Consumer,
}

/// How much a span matters, as `tracing` has it: what a [filter](crate::filter) goes by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Most of all.
    Error,
    /// Something is not as it should be.
    Warn,
    /// The default.
    #[default]
    Info,
    /// For who works on the program.
    Debug,
    /// Least of all.
    Trace,
}

/// What is known of an annotated function before it runs. One `static` per function, made by the attribute.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "facts that have nothing to do with each other")]
pub struct CallSite {
    id: AtomicU32,
    name: Option<&'static str>,
    kind: Kind,
    method: bool,
    of_trait: Option<&'static str>,
    leaf: bool,
    late: bool,
    cancel_is_error: bool,
    level: Level,
    verdict: Verdict,
    target: Option<&'static str>,
    module: &'static str,
    scope: Option<&'static str>,
    version: Option<&'static str>,
    file: &'static str,
    line: u32,
    here: fn() -> &'static str,
}

/// The call sites that have been given a number; a number is its index here plus one.
static NUMBERED: Mutex<Vec<&'static CallSite>> = Mutex::new(Vec::new());

impl CallSite {
    /// A call site in `module` (`module_path!()`), at `file` and `line`.
    ///
    /// `here` returns the [`type_name`](std::any::type_name) of an item inside the annotated function: the
    /// function's own path, with the type it is a method of, plus one segment.
    #[must_use]
    pub const fn new(
        module: &'static str,
        file: &'static str,
        line: u32,
        here: fn() -> &'static str,
    ) -> Self {
        Self {
            id: AtomicU32::new(0),
            name: None,
            kind: Kind::Internal,
            method: false,
            of_trait: None,
            leaf: false,
            late: false,
            cancel_is_error: false,
            level: Level::Info,
            verdict: Verdict::new(),
            target: None,
            module,
            scope: None,
            version: None,
            file,
            line,
            here,
        }
    }

    /// The same in a package, and of a version of it; empty: the build tool names none.
    #[must_use]
    pub const fn of(
        package: &'static str,
        version: &'static str,
        module: &'static str,
        file: &'static str,
        line: u32,
        here: fn() -> &'static str,
    ) -> Self {
        let scope = if package.is_empty() { None } else { Some(package) };
        let version = if version.is_empty() { None } else { Some(version) };
        Self { scope, version, ..Self::new(module, file, line, here) }
    }

    /// The same of what is certainly a method or an associated function: it mentions `self` or `Self`.
    #[must_use]
    pub const fn of_method(
        package: &'static str,
        version: &'static str,
        module: &'static str,
        file: &'static str,
        line: u32,
        here: fn() -> &'static str,
    ) -> Self {
        Self { method: true, ..Self::of(package, version, module, file, line, here) }
    }

    /// Has the names tell the trait that the method is of, in the `impl` of a type: `<Type as Trait>::method`.
    #[must_use]
    pub const fn of_trait(mut self, name: &'static str) -> Self {
        self.of_trait = Some(name);
        self
    }

    /// Gives the spans a name of the user's instead of the function's.
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.name = Some(name);
        self
    }

    /// Sets the kind of the spans.
    #[must_use]
    pub const fn kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// Promises that the function makes no span inside its own, so that a recorder need not make it current.
    ///
    /// Where the promise is broken nothing is lost: a span made inside becomes a sibling.
    #[must_use]
    pub const fn leaf(mut self) -> Self {
        self.leaf = true;
        self
    }

    /// Says that the function returns a future or a stream, and records fields in its span.
    #[must_use]
    pub const fn late(mut self) -> Self {
        self.late = true;
        self
    }

    /// Says that a span whose future is dropped while it is pending has failed.
    #[must_use]
    pub const fn cancel_is_error(mut self) -> Self {
        self.cancel_is_error = true;
        self
    }

    /// Sets how much the spans matter.
    #[must_use]
    pub const fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Sets what a filter knows the spans by, instead of the module.
    #[must_use]
    pub const fn target(mut self, target: &'static str) -> Self {
        self.target = Some(target);
        self
    }

    /// Names the instrumentation scope, instead of the package.
    #[must_use]
    pub const fn scope(mut self, name: &'static str) -> Self {
        self.scope = Some(name);
        self
    }

    /// The name of the spans: the user's, else the function's, in an `impl` as `Type::method`, or with the trait as
    /// `<Type as Trait>::method`.
    #[must_use]
    pub fn name(&self) -> String {
        match self.name {
            Some(name) => name.to_owned(),
            None => self.short_name(),
        }
    }

    /// The fully qualified name of the function, without the noise of generics: `code.function.name`.
    #[must_use]
    pub fn function(&self) -> String {
        let local = self.local_path();
        if local.is_empty() {
            self.module.to_owned()
        } else {
            format!("{}::{}", self.module, local.join("::"))
        }
    }

    /// The kind of the spans.
    #[must_use]
    pub fn span_kind(&self) -> Kind {
        self.kind
    }

    /// Whether the function promised to make no span inside its own.
    #[inline]
    #[must_use]
    pub fn is_leaf(&self) -> bool {
        self.leaf
    }

    /// Whether the function records fields in the span of what it returns.
    #[inline]
    #[must_use]
    pub fn has_late(&self) -> bool {
        self.late
    }

    /// Whether a span has failed whose future is dropped while it is pending.
    #[must_use]
    pub fn fails_when_cancelled(&self) -> bool {
        self.cancel_is_error
    }

    /// How much the spans matter.
    #[must_use]
    pub fn span_level(&self) -> Level {
        self.level
    }

    /// What a filter knows the spans by: the user's, else the module.
    #[must_use]
    pub fn span_target(&self) -> &'static str {
        self.target.unwrap_or(self.module)
    }

    /// Whether the filter of this process lets the spans be.
    #[inline]
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.verdict.of(self)
    }

    /// The module that the function is in.
    #[must_use]
    pub fn module(&self) -> &'static str {
        self.module
    }

    /// The name of the instrumentation scope: the package's, else the first segment of the module.
    #[must_use]
    pub fn scope_name(&self) -> &'static str {
        match self.scope {
            Some(scope) => scope,
            None => self.module.split("::").next().unwrap_or(self.module),
        }
    }

    /// The version of the package, where the build tool says it.
    #[must_use]
    pub fn scope_version(&self) -> Option<&'static str> {
        self.version
    }

    /// The source file: `code.file.path`.
    #[must_use]
    pub fn file(&self) -> &'static str {
        self.file
    }

    /// The line in the source file, from 1: `code.line.number`.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The number of this call site in this process, from 1, given at the first call.
    #[inline]
    pub fn id(&'static self) -> u32 {
        match self.id.load(Ordering::Acquire) {
            0 => self.number(),
            id => id,
        }
    }

    /// The call site that [`id`](Self::id) gave this number to.
    #[must_use]
    pub fn by_id(id: u32) -> Option<&'static CallSite> {
        let numbered = NUMBERED.lock().unwrap_or_else(PoisonError::into_inner);
        numbered.get(usize::try_from(id).ok()?.checked_sub(1)?).copied()
    }

    #[cold]
    fn number(&'static self) -> u32 {
        let mut numbered = NUMBERED.lock().unwrap_or_else(PoisonError::into_inner);
        let known = self.id.load(Ordering::Relaxed);
        if known != 0 {
            return known;
        }
        numbered.push(self);
        let id = u32::try_from(numbered.len()).unwrap_or(u32::MAX);
        self.id.store(id, Ordering::Release);
        id
    }

    fn short_name(&self) -> String {
        let local = self.local_path();
        match local.as_slice() {
            [] => self.module.to_owned(),
            [.., owner, function] if self.method || starts_upper(owner) => format!("{owner}::{function}"),
            [.., function] => function.clone(),
        }
    }

    /// The segments of the function's path below its module.
    fn local_path(&self) -> Vec<String> {
        let path = (self.here)();
        // The last segment is the helper item's own.
        let path = path.rsplit_once("::").map_or(path, |(path, _)| path);
        let (owner, tail) = split_qualified(path);
        let tail = match owner {
            None => tail.strip_prefix(self.module).unwrap_or(tail),
            Some(_) => tail,
        };
        let owner = owner.map(|owner| match (owner, self.of_trait) {
            (Owner::Type(ty), Some(behaviour)) => format!("<{} as {behaviour}>", short_type(ty)),
            (Owner::Type(path) | Owner::AnyType(path), _) => short_type(path),
        });
        let mut segments: Vec<String> = owner.into_iter().collect();
        segments.extend(
            plain(tail)
                .split("::")
                .filter(|segment| !segment.is_empty() && *segment != "{{closure}}")
                .map(str::to_owned),
        );
        segments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_given_once() {
        static SITE: CallSite = CallSite::new("app", "f.rs", 1, || "app::f::__here");
        let id = SITE.id();
        assert_eq!(id, SITE.id());
        assert!(std::ptr::eq(CallSite::by_id(id).unwrap(), &raw const SITE));
        assert!(CallSite::by_id(0).is_none());
    }
}
