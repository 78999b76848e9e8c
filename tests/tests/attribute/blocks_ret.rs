//! What a block says of returned values holds for those that can be recorded so.

use std::fmt;
use std::pin::Pin;

use traced::traced;

use crate::recorder::{recorded, recorded_async};

struct Opaque;

#[derive(Clone, Debug)]
struct OnlyDebug;

struct OnlyDisplay;

impl fmt::Display for OnlyDisplay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("displayed")
    }
}

struct Store<T>(T);

#[traced(ret)]
impl<T: Clone> Store<T> {
    fn new(value: T) -> Self {
        Self(value)
    }

    fn opaque(&self) -> Result<Opaque, Opaque> {
        let _ = &self.0;
        Ok(Opaque)
    }

    fn generic(&self) -> T {
        self.0.clone()
    }

    fn bounded(&self) -> T
    where
        T: fmt::Debug,
    {
        self.0.clone()
    }

    fn hidden(&self) -> impl Sized {
        let _ = &self.0;
        Opaque
    }

    fn number(&self) -> Option<u8> {
        let _ = &self.0;
        Some(1)
    }

    #[traced(ret = ?)]
    fn by_its_own(&self) -> &'static str {
        let _ = &self.0;
        "text"
    }

    async fn later(&self) -> Result<Opaque, ()> {
        let _ = &self.0;
        Ok(Opaque)
    }

    fn boxed(&self) -> Pin<Box<dyn Future<Output = Opaque> + '_>> {
        let future = async { drop(self.later().await) };
        Box::pin(futures_util::FutureExt::map(future, |()| Opaque))
    }

    fn stream(&self) -> impl futures_util::Stream<Item = Opaque> {
        let _ = &self.0;
        futures_util::stream::iter([Opaque])
    }
}

#[traced(ret = ?)]
mod printed {
    use super::*;

    pub(super) fn opaque() -> Opaque {
        Opaque
    }

    pub(super) fn only_debug() -> Result<OnlyDebug, Opaque> {
        Ok(OnlyDebug)
    }
}

#[traced(ret = %)]
mod displayed {
    use super::*;

    pub(super) fn only_debug() -> OnlyDebug {
        OnlyDebug
    }

    pub(super) async fn only_display() -> OnlyDisplay {
        OnlyDisplay
    }
}

#[test]
fn what_cannot_be_recorded_is_passed_over() {
    let tree = recorded(|| {
        let store = Store::new(OnlyDebug);
        assert!(store.opaque().is_ok());
        let _ = (store.generic(), store.bounded());
        let _ = (store.hidden(), store.number(), store.by_its_own());
        let _ = (printed::opaque(), printed::only_debug().is_ok(), displayed::only_debug());
    });
    assert_eq!(
        tree,
        "Store::new\n\
         Store::opaque\n\
         Store::generic\n\
         Store::bounded return=OnlyDebug\n\
         Store::hidden\n\
         Store::number return=1\n\
         Store::by_its_own return=\"text\"\n\
         opaque\n\
         only_debug return=OnlyDebug\n\
         only_debug\n"
    );
    let tree = recorded_async(async {
        let store = Store(());
        store.boxed().await;
        assert_eq!(futures_util::StreamExt::count(store.stream()).await, 1);
        displayed::only_display().await;
    });
    assert_eq!(
        tree,
        "Store::boxed\n  Store::later\nStore::stream stream.items=1\nonly_display return=displayed\n"
    );
}
