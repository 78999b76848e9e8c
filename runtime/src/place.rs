//! What names a place where a span can begin, or a span to be linked to: the arguments `parent`, `links` and
//! `follows_from`.

use std::sync::Arc;

use traced_core::{Carry, Fields, LinkTo};

/// Somewhere that a span can begin: what `#[traced(parent = ..)]` and `#[traced(links = [..])]` take.
///
/// A [`Carry`]; with the feature `otel` also an `opentelemetry::Context` and a `SpanContext`; a reference of one, an `Arc`,
/// and an `Option`: `None` is where the caller is, and is no link.
///
/// ```
/// use traced::{Carry, Place, traced};
///
/// struct Message {
///     from: Carry,
/// }
///
/// impl Place for Message {
///     fn carry(&self) -> Carry {
///         self.from.clone()
///     }
/// }
///
/// #[traced(parent = message)]
/// fn handle(message: &Message) {}
/// handle(&Message { from: Carry::current() });
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say where a span is",
    label = "expected an `opentelemetry::Context`, a `SpanContext`, a `traced::Carry`, or an `Option` of one",
    note = "ids and spans of `tracing` are not known here; a type of your own can implement `traced::Place`"
)]
pub trait Place {
    /// The place, to be made current.
    fn carry(&self) -> Carry;

    /// Tells the span that is there, if any, to be linked to.
    fn link(&self, tell: &mut dyn FnMut(&LinkTo<'_>)) {
        self.carry().link(tell);
    }
}

impl Place for Carry {
    fn carry(&self) -> Carry {
        self.clone()
    }

    fn link(&self, tell: &mut dyn FnMut(&LinkTo<'_>)) {
        Carry::link(self, tell);
    }
}

impl<T: Place + ?Sized> Place for &T {
    fn carry(&self) -> Carry {
        (**self).carry()
    }

    fn link(&self, tell: &mut dyn FnMut(&LinkTo<'_>)) {
        (**self).link(tell);
    }
}

impl<T: Place + ?Sized> Place for Arc<T> {
    fn carry(&self) -> Carry {
        (**self).carry()
    }

    fn link(&self, tell: &mut dyn FnMut(&LinkTo<'_>)) {
        (**self).link(tell);
    }
}

impl<T: Place> Place for Option<T> {
    fn carry(&self) -> Carry {
        self.as_ref().map(Place::carry).unwrap_or_default()
    }

    fn link(&self, tell: &mut dyn FnMut(&LinkTo<'_>)) {
        if let Some(place) = self {
            place.link(tell);
        }
    }
}

#[cfg(feature = "otel")]
mod otel {
    use opentelemetry::Context;
    use opentelemetry::trace::{SpanContext, TraceContextExt as _};

    use super::{Carry, LinkTo, Place};
    use crate::context::{current, link_to};
    use crate::task::context::carry;

    impl Place for Context {
        fn carry(&self) -> Carry {
            carry(self.clone())
        }

        fn link(&self, tell: &mut dyn FnMut(&LinkTo<'_>)) {
            link_to(self.span().span_context(), tell);
        }
    }

    /// What else is current stays.
    impl Place for SpanContext {
        fn carry(&self) -> Carry {
            carry(current().with_remote_span_context(self.clone()))
        }

        fn link(&self, tell: &mut dyn FnMut(&LinkTo<'_>)) {
            link_to(self, tell);
        }
    }
}

/// Spans to be linked to: a [`Place`], or a list of them.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say which spans to link to",
    label = "expected an `opentelemetry::Context`, a `SpanContext` or a `traced::Carry`, or a `Vec` or slice of them",
    note = "ids and spans of `tracing` are not known here; a type of your own can implement `traced::Place`"
)]
pub trait Places {
    fn links(&self, tell: &mut dyn FnMut(&LinkTo<'_>));
}

#[diagnostic::do_not_recommend]
impl<T: Place> Places for T {
    fn links(&self, tell: &mut dyn FnMut(&LinkTo<'_>)) {
        self.link(tell);
    }
}

impl<T: Place> Places for [T] {
    fn links(&self, tell: &mut dyn FnMut(&LinkTo<'_>)) {
        for place in self {
            place.link(tell);
        }
    }
}

impl<T: Place, const N: usize> Places for [T; N] {
    fn links(&self, tell: &mut dyn FnMut(&LinkTo<'_>)) {
        self.as_slice().links(tell);
    }
}

impl<T: Place> Places for Vec<T> {
    fn links(&self, tell: &mut dyn FnMut(&LinkTo<'_>)) {
        self.as_slice().links(tell);
    }
}

impl<T: Place> Places for &[T] {
    fn links(&self, tell: &mut dyn FnMut(&LinkTo<'_>)) {
        (**self).links(tell);
    }
}

impl<T: Place> Places for &Vec<T> {
    fn links(&self, tell: &mut dyn FnMut(&LinkTo<'_>)) {
        self.as_slice().links(tell);
    }
}

/// What `parent = place` becomes.
#[doc(hidden)]
pub fn parent(place: &(impl Place + ?Sized)) -> Carry {
    place.carry()
}

/// What `links = [..]` and `follows_from = ..` become.
#[doc(hidden)]
pub fn link(fields: &mut dyn Fields, places: &(impl Places + ?Sized)) {
    places.links(&mut |to| fields.link(to));
}
