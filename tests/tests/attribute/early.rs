//! Futures that a function returns before its end: they are its futures as well, whoever can tell that they are futures.

use std::future::ready;
use std::pin::Pin;

use futures_util::FutureExt as _;
use traced::{record, traced};

use crate::recorder::recorded_async;
use crate::services::Service;

type Boxed<T> = Pin<Box<dyn Future<Output = Result<T, String>> + Send>>;

/// The end of a function, with what its macros hide.
macro_rules! ensure {
    ($holds:expr) => {
        if !$holds {
            return Box::pin(async { Err("hidden".to_owned()) });
        }
    };
}

struct Echo;

impl Service<u8> for Echo {
    type Response = u8;
    type Error = String;
    type Future = Boxed<u8>;

    #[traced(fields(request))]
    fn call(&mut self, request: u8) -> Self::Future {
        if request == 0 {
            return Box::pin(async { Err("zero".to_owned()) });
        }
        Box::pin(async move { Ok(request) })
    }
}

/// Nothing says of what it answers that it is `'static`.
struct Limited<S>(S, u32);

impl<S, R> Service<R> for Limited<S>
where
    S: Service<R, Error: From<String> + std::fmt::Display, Future: Send + 'static>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    #[traced(fields(left, step = Empty))]
    fn call(&mut self, request: R) -> Self::Future {
        record!(left = self.1, step = "made");
        let Some(taken) = self.1.checked_sub(1) else {
            return Box::pin(async { Err("limited".to_owned().into()) });
        };
        self.1 = taken;
        let answer = self.0.call(request);
        Box::pin(async move {
            record!(step = "polled");
            let answer = answer.await?;
            if taken > 100 {
                return Err("never".to_owned().into());
            }
            Ok(answer)
        })
    }
}

#[traced(fields(of = text))]
fn in_sight(text: &'static str) -> Pin<Box<dyn Future<Output = Result<usize, String>> + Send>> {
    let is_empty = |text: &str| {
        if text == " " {
            return true;
        }
        text.is_empty()
    };
    if is_empty(text) {
        return Box::pin(ready(Err("empty".to_owned())));
    }
    Box::pin(ready(Ok(text.len())))
}

#[traced(fields(n = Empty))]
fn in_what_is_returned(n: Option<u8>) -> Pin<Box<dyn Future<Output = Result<u8, String>> + Send>> {
    record!(n = n.is_some());
    Box::pin(match n {
        Some(n) => ready(Ok(n)),
        None => return Box::pin(async { Err("none".to_owned()) }),
    })
}

#[traced]
fn hidden(holds: bool) -> Boxed<u8> {
    ensure!(holds);
    Box::pin(async { Ok(1) })
}

#[traced]
fn hidden_and_written_out(holds: bool) -> Pin<Box<dyn Future<Output = Result<u8, String>> + Send>> {
    ensure!(holds);
    Box::pin(async { Ok(1) })
}

#[traced]
fn by_another_way(empty: bool) -> Boxed<u8> {
    if empty {
        return ready(Err("other".to_owned())).boxed();
    }
    Box::pin(async { Ok(1) })
}

#[track_caller]
#[traced]
fn tracked(empty: bool) -> Boxed<u32> {
    let line = std::panic::Location::caller().line();
    if empty {
        return Box::pin(async { Err("tracked".to_owned()) });
    }
    Box::pin(async move { Ok(line) })
}

/// A future by another name.
trait Answer: Future<Output = Result<u8, String>> {}

impl<T: Future<Output = Result<u8, String>>> Answer for T {}

#[traced]
fn by_another_trait(n: u8) -> Pin<Box<dyn Answer>> {
    ensure!(n > 0);
    if n == 1 {
        return Box::pin(async { Err("one".to_owned()) });
    }
    Box::pin(async move { Ok(n) })
}

#[traced(leaf)]
fn before() {}

#[test]
fn they_are_recorded_as_the_last_is() {
    let tree = recorded_async(async {
        let mut limited = Limited(Echo, 2);
        limited.call(1).await.unwrap();
        limited.call(0).await.unwrap_err();
        limited.call(1).await.unwrap_err();
        in_sight("").await.unwrap_err();
        in_sight("abc").await.unwrap();
        in_what_is_returned(None).await.unwrap_err();
        in_what_is_returned(Some(1)).await.unwrap();
        for holds in [false, true] {
            let futures = [hidden(holds), hidden_and_written_out(holds), by_another_way(!holds)];
            before();
            for future in futures {
                assert_eq!(future.await.is_ok(), holds);
            }
        }
        tracked(true).await.unwrap_err();
        assert_eq!(tracked(false).await, Ok(line!()));
        for n in 0..3 {
            assert_eq!(by_another_trait(n).await.is_ok(), n == 2);
        }
    });
    assert_eq!(
        tree,
        "Limited::call left=2 step=\"made\" step=\"polled\"
  Echo::call request=1
Limited::call left=1 step=\"made\" step=\"polled\" failed: display zero (String)
  Echo::call request=0 failed: display zero (String)
Limited::call left=0 step=\"made\" failed: display limited (String)
in_sight of=\"\" failed: display empty (String)
in_sight of=\"abc\"
in_what_is_returned n=false failed: display none (String)
in_what_is_returned n=true
before
hidden failed: display hidden (String)
hidden_and_written_out failed: display hidden (String)
by_another_way failed: display other (String)
before
hidden
hidden_and_written_out
by_another_way
tracked failed: display tracked (String)
tracked
by_another_trait failed: display hidden (String)
by_another_trait failed: display one (String)
by_another_trait
"
    );
}
