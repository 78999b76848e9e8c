//! A span that begins when the future or the stream that it is put around is polled first.

use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::around::{Around, Ends, Scope};
use crate::callsite::CallSite;
use crate::carry::Carry;
use crate::cell;
use crate::outcome::Outcome;
use crate::own::Own;
use crate::recorder::{Attached, SpanIds};
use crate::span::{Begun, Live, begin_with};
use crate::value::{Fields, LinkTo, List, Value};

/// A span that has not begun, with its fields.
///
/// `fields` is called now, since what it borrows may be gone later; not at all while nobody records.
#[inline]
pub fn later(site: &'static CallSite, mut fields: impl FnMut(&mut dyn Fields)) -> Later {
    let kept = match cell::recorder() {
        None => None,
        Some(_) => Kept::of(&mut fields),
    };
    Later { site, kept }
}

/// A span that has not begun.
#[derive(Debug)]
#[must_use = "nothing is recorded until it is put around something"]
pub struct Later {
    site: &'static CallSite,
    kept: Option<Box<Kept>>,
}

impl Later {
    /// Has the span begin somewhere else. `place` is called now, and not at all while nobody records.
    pub fn there(mut self, place: impl FnOnce() -> Carry) -> Self {
        if cell::recorder().is_some() {
            let place = place();
            if !place.is_empty() {
                self.kept.get_or_insert_default().there = place;
            }
        }
        self
    }

    /// Puts the span around the future that `make` returns, which is to be a future of `T`.
    ///
    /// That it is one is asked where it is polled: so a mistake is reported at the function's return type, once.
    #[inline]
    pub fn run<T, F, O>(self, make: impl FnOnce() -> F, outcome: O) -> LaterInSpan<F, O, T>
    where
        O: for<'r> FnOnce(&'r T, Own) -> Outcome<'r>,
    {
        let span = Deferred { later: Some(self), outcome: Some(outcome), live: None };
        LaterInSpan { around: Around::new(make(), span), of: PhantomData }
    }

    /// The same where the type is not written down.
    #[inline]
    pub fn infer<F, O>(self, make: impl FnOnce() -> F, outcome: O) -> LaterInSpan<F, O, F::Output>
    where
        F: Future,
        O: for<'r> FnOnce(&'r F::Output, Own) -> Outcome<'r>,
    {
        self.run(make, outcome)
    }

    /// The same in a box like that of `make`. While nobody records it is that of `make`.
    #[inline]
    pub fn boxed<T, F, O>(
        self,
        make: impl FnOnce() -> F,
        outcome: O,
        in_box: impl FnOnce(LaterInSpan<F, O, T>) -> F,
    ) -> F
    where
        O: for<'r> FnOnce(&'r T, Own) -> Outcome<'r>,
    {
        if cell::recorder().is_none() { make() } else { in_box(self.run(make, outcome)) }
    }

    /// Begins the span.
    pub fn begin(mut self) -> Begun {
        match self.kept.take() {
            None => begin_with(self.site, |_| {}),
            Some(kept) => kept.there.in_scope(|| begin_with(self.site, |fields| kept.show(fields))),
        }
    }
}

/// A future that runs in a span which begins with the first poll.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct LaterInSpan<F, O, T> {
    around: Around<F, Deferred<O>>,
    of: PhantomData<fn() -> T>,
}

impl<F, O, T> Future for LaterInSpan<F, O, T>
where
    F: Future<Output = T>,
    O: for<'r> FnOnce(&'r T, Own) -> Outcome<'r>,
{
    type Output = T;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        // SAFETY: `around` is pinned whenever `Self` is: it is reached in no other way, there is no `Drop` and no
        // `Unpin` of its own, and it is not `repr(packed)`.
        unsafe { self.map_unchecked_mut(|this| &mut this.around) }.poll(cx)
    }
}

/// The span of a [`LaterInSpan`], which may not have begun.
#[derive(Debug)]
struct Deferred<O> {
    later: Option<Later>,
    outcome: Option<O>,
    live: Option<Live>,
}

impl<O> Deferred<O> {
    fn end(&mut self, outcome: Outcome<'_>) {
        if let Some(live) = self.live.take() {
            live.recorder.end(live.span, outcome);
        }
    }
}

/// Nothing is left here but by a panic of the outcome.
impl<O> Drop for Deferred<O> {
    #[inline]
    fn drop(&mut self) {
        self.end(Outcome::Panic);
    }
}

impl<O> Scope for Deferred<O> {
    fn starts(&mut self) {
        if let Some(later) = self.later.take() {
            self.live = later.begin().into_live();
        }
    }

    #[inline]
    fn attach(&self) -> Option<Attached> {
        self.live.as_ref().map(|live| live.recorder.attach(&live.span))
    }

    #[inline]
    fn detach(&self, attached: Attached) {
        if let Some(live) = &self.live {
            live.recorder.detach(attached);
        }
    }

    fn abandoned(&mut self, panicked: bool) {
        self.end(if panicked { Outcome::Panic } else { Outcome::Cancelled });
    }
}

impl<T, O: for<'r> FnOnce(&'r T, Own) -> Outcome<'r>> Ends<T> for Deferred<O> {
    #[inline]
    fn ended(&mut self, output: &T) {
        if let Some(own) = self.live.as_ref().map(Live::own)
            && let Some(outcome) = self.outcome.take()
        {
            // Asked while the span is still held here: what the output says of itself may panic.
            let outcome = outcome(output, own);
            self.end(outcome);
        }
    }
}

/// What outlives the call.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    there: Carry,
    name: Option<String>,
    fields: Vec<(String, Owned)>,
    links: Vec<(SpanIds, bool, String)>,
}

#[derive(Debug)]
enum Owned {
    Bool(bool),
    Int(i128),
    Float(f64),
    Text(String),
    List(Vec<Owned>),
}

impl Kept {
    /// None: there are no fields. An expression that panics ends them: the program would not have panicked
    /// without telemetry.
    pub(crate) fn of(fields: &mut dyn FnMut(&mut dyn Fields)) -> Option<Box<Self>> {
        let mut kept = Self::default();
        let _ = catch_unwind(AssertUnwindSafe(|| fields(&mut kept)));
        let is_empty = kept.name.is_none() && kept.fields.is_empty() && kept.links.is_empty();
        (!is_empty).then(|| Box::new(kept))
    }

    pub(crate) fn show(&self, fields: &mut dyn Fields) {
        if let Some(name) = &self.name {
            fields.name(name);
        }
        for (key, value) in &self.fields {
            value.show(&mut |value| fields.field(key, value));
        }
        for (ids, is_remote, trace_state) in &self.links {
            fields.link(&LinkTo::new(*ids).remote(*is_remote).trace_state(trace_state));
        }
    }
}

impl Fields for Kept {
    fn field(&mut self, key: &str, value: Value<'_>) {
        self.fields.push((key.to_owned(), Owned::of(value)));
    }

    fn name(&mut self, name: &str) {
        self.name = Some(name.to_owned());
    }

    fn link(&mut self, to: &LinkTo<'_>) {
        self.links.push((to.ids, to.is_remote, to.trace_state.to_owned()));
    }
}

impl Owned {
    fn of(value: Value<'_>) -> Self {
        match value {
            Value::Bool(value) => Self::Bool(value),
            Value::Int(value) => Self::Int(value),
            Value::Float(value) => Self::Float(value),
            Value::Str(text) => Self::Text(text.to_owned()),
            Value::Display(value) => Self::Text(value.to_string()),
            Value::Debug(value) => Self::Text(format!("{value:?}")),
            Value::List(list) => {
                let mut values = Vec::new();
                list.each(&mut |value| values.push(Self::of(value)));
                Self::List(values)
            }
        }
    }

    fn show(&self, take: &mut dyn FnMut(Value<'_>)) {
        match self {
            Self::Bool(value) => take(Value::Bool(*value)),
            Self::Int(value) => take(Value::Int(*value)),
            Self::Float(value) => take(Value::Float(*value)),
            Self::Text(text) => take(Value::Str(text)),
            Self::List(values) => take(Value::List(&values.as_slice())),
        }
    }
}

impl List for &[Owned] {
    fn each(&self, take: &mut dyn FnMut(Value<'_>)) {
        for value in *self {
            value.show(take);
        }
    }
}
