//! What is in a box that a function returns, where only the compiler knows: a future, or something else.
//!
//! An inherent method goes before a trait's: the type of a boxed future has one, and any type has the trait's.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use crate::callsite::CallSite;
use crate::later::{Later, LaterInSpan};
use crate::outcome::Outcome;
use crate::own::Own;
use crate::place::EnteredThere;
use crate::polled::{self, Making};

/// A type that is returned.
#[derive(Debug)]
pub struct Of<A>(PhantomData<fn() -> A>);

impl<A> Of<A> {
    /// The one value.
    pub const TYPE: Self = Self(PhantomData);
}

macro_rules! of_futures {
    ($($($auto:ident)*;)*) => {$(
        impl<T> Of<Pin<Box<dyn Future<Output = T> $(+ $auto)* + '_>>> {
            /// To be held while the function itself runs.
            pub fn starts(self, span: &mut Later) -> Making<'_> {
                span.making()
            }

            /// Puts the span around what goes into the box.
            pub fn around<F, O>(self, span: Later, future: F, outcome: O) -> LaterInSpan<F, O>
            where
                F: Future<Output = T>,
                O: for<'r> FnOnce(&'r T, Own) -> Outcome<'r>,
            {
                span.run(move || future, outcome)
            }
        }
    )*};
}

of_futures! {
    ;
    Send;
    Sync;
    Send Sync;
}

/// Any other type: the span is around the call.
pub trait Other: Sized {
    /// To be held while the function itself runs.
    fn starts(self, span: &mut Later) -> InCall {
        let entered = span.take().enter();
        let late = span.late();
        if let Some(site) = late {
            polled::poll_starts(site, Some(entered.own()));
        }
        InCall { late, _entered: entered }
    }

    /// What goes into the box.
    fn around<F, O>(self, _: Later, inside: F, _: O) -> F
    where
        O: for<'r> FnOnce(&'r NoFuture, Own) -> Outcome<'r>,
    {
        inside
    }
}

impl<A> Other for Of<A> {}

/// The output that is asked how the call ended. There is none.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "nothing of it can be recorded")]
pub struct NoFuture(());

/// A span around a call, in which `record!` may look for it.
#[derive(Debug)]
pub struct InCall {
    late: Option<&'static CallSite>,
    _entered: EnteredThere,
}

impl Drop for InCall {
    fn drop(&mut self) {
        if let Some(site) = self.late {
            polled::poll_ends(site);
        }
    }
}
