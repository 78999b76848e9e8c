//! Carries a context of OpenTelemetry's that is not, or not yet, a recorder's.

use std::cell::RefCell;

use opentelemetry::trace::TraceContextExt as _;
use opentelemetry::{Context, ContextGuard};
use traced_core::{Attached, Carried, Carry, LinkTo};

use crate::context;

thread_local! {
    /// What is attached on this thread; None where something was detached out of order.
    static GUARDS: RefCell<Vec<Option<ContextGuard>>> = const { RefCell::new(Vec::new()) };
}

/// Where this thread is; nowhere while it is being torn down.
pub(super) fn here() -> Carry {
    if context::is_there() { carry(Context::current()) } else { Carry::default() }
}

/// Carries a context.
pub(crate) fn carry(context: Context) -> Carry {
    Carry::of(Box::new(CarriedContext(context)))
}

struct CarriedContext(Context);

impl Carried for CarriedContext {
    fn again(&self) -> Box<dyn Carried> {
        Box::new(Self(self.0.clone()))
    }

    fn link(&self, tell: &mut dyn FnMut(&LinkTo<'_>)) {
        context::link_to(self.0.span().span_context(), tell);
    }

    fn attach(&self) -> Attached {
        if !context::is_there() {
            return Attached::new(usize::MAX);
        }
        let attached = GUARDS.try_with(|guards| {
            let guard = self.0.clone().attach();
            let mut guards = guards.borrow_mut();
            guards.push(Some(guard));
            guards.len() - 1
        });
        Attached::new(attached.unwrap_or(usize::MAX))
    }

    fn detach(&self, attached: Attached) {
        let guard = GUARDS.try_with(|guards| {
            let mut guards = guards.borrow_mut();
            let guard = guards.get_mut(attached.word()).and_then(Option::take);
            while guards.last().is_some_and(Option::is_none) {
                guards.pop();
            }
            guard
        });
        // Outside the borrow: what the context holds may be dropped here, and come back.
        drop(guard);
    }
}
