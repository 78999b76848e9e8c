use std::future::Future;

use async_trait::async_trait;
use traced::traced;

use crate::recorder::{recorded, recorded_async};

#[traced]
fn leaf() {}

#[traced(fields(n))]
async fn child(n: u8) -> u8 {
    tokio::task::yield_now().await;
    leaf();
    n
}

#[traced]
async fn parent(text: String) -> usize {
    let (one, two) = tokio::join!(child(1), child(2));
    text.len() + usize::from(one + two)
}

#[test]
fn a_future_is_current_while_it_is_polled() {
    let tree = recorded_async(async {
        assert_eq!(parent("ab".to_owned()).await, 5);
        leaf();
    });
    assert_eq!(
        tree,
        "parent\n\
         \x20 child n=1\n\
         \x20   leaf\n\
         \x20 child n=2\n\
         \x20   leaf\n\
         leaf\n"
    );
}

#[async_trait]
trait Store: Sync {
    async fn load(&self, id: u32) -> Result<String, String>;

    #[traced(fields(id))]
    async fn load_default(&self, id: u32) -> String {
        tokio::task::yield_now().await;
        self.load(id).await.unwrap_or_default()
    }
}

struct Memory<T>(T);

#[async_trait]
impl<T: Send + Sync + ToString> Store for Memory<T> {
    #[traced(fields(id))]
    async fn load(&self, id: u32) -> Result<String, String> {
        tokio::task::yield_now().await;
        leaf();
        if id > 0 { Err(self.0.to_string()) } else { Ok(self.0.to_string()) }
    }
}

struct Quiet;

#[async_trait(?Send)]
impl Quietly for Quiet {
    #[traced("quiet")]
    async fn quietly(&mut self, (left, mut right): (u8, u8), _: String) {
        right += left;
        tokio::task::yield_now().await;
        let _ = right;
        leaf();
    }
}

#[async_trait(?Send)]
trait Quietly {
    async fn quietly(&mut self, pair: (u8, u8), text: String);
}

#[test]
fn methods_of_async_trait() {
    let tree = recorded_async(async {
        let store: &dyn Store = &Memory("x");
        assert_eq!(store.load(0).await.as_deref(), Ok("x"));
        assert_eq!(store.load_default(1).await, "");
        Quiet.quietly((1, 2), String::new()).await;
    });
    assert_eq!(
        tree,
        "Memory::load id=0\n\
         \x20 leaf\n\
         Store::load_default id=1\n\
         \x20 Memory::load id=1 failed: display x (String)\n\
         \x20   leaf\n\
         quiet\n\
         \x20 leaf\n"
    );
}

trait Greets {
    fn name(&self) -> &'static str;

    #[traced]
    async fn greet(&self) -> Result<String, String> {
        tokio::task::yield_now().await;
        leaf();
        Err(format!("who is {}?", self.name()))
    }

    #[traced(ret)]
    fn length(&self) -> impl Future<Output = usize> {
        std::future::ready(self.name().len())
    }
}

impl Greets for () {
    fn name(&self) -> &'static str {
        "nobody"
    }
}

impl Greets for u8 {
    fn name(&self) -> &'static str {
        "a number"
    }

    #[traced]
    async fn greet(&self) -> Result<String, String> {
        tokio::task::yield_now().await;
        Ok(self.to_string())
    }
}

#[test]
fn async_methods_of_traits() {
    let tree = recorded_async(async {
        assert_eq!(().greet().await, Err("who is nobody?".to_owned()));
        assert_eq!(1_u8.greet().await, Ok("1".to_owned()));
        assert_eq!(1_u8.length().await, 8);
    });
    assert_eq!(
        tree,
        "Greets::greet failed: display who is nobody? (String)\n  leaf\nu8::greet\nGreets::length return=8\n"
    );
}

struct Service {
    calls: u32,
}

impl Service {
    #[traced(fields(calls = self.calls))]
    async fn call(&mut self) -> &mut u32 {
        tokio::task::yield_now().await;
        self.calls += 1;
        &mut self.calls
    }

    #[traced]
    async fn generic<T: AsRef<str>, const N: usize>(&self, texts: [T; N]) -> Result<usize, &'static str> {
        texts.iter().map(|text| text.as_ref().len()).reduce(|a, b| a + b).ok_or("none")
    }
}

#[traced]
async fn recursive(n: u8) -> u8 {
    if n == 0 {
        return 0;
    }
    Box::pin(recursive(n - 1)).await + 1
}

#[test]
fn methods_and_recursion() {
    let tree = recorded_async(async {
        let mut service = Service { calls: 0 };
        *service.call().await += 1;
        assert_eq!(service.generic(["a", "b"]).await, Ok(2));
        assert_eq!(service.generic::<&str, 0>([]).await, Err("none"));
        assert_eq!(recursive(1).await, 1);
    });
    assert_eq!(
        tree,
        "Service::call calls=0\n\
         Service::generic\n\
         Service::generic failed: display none (&str)\n\
         recursive\n\
         \x20 recursive\n"
    );
}

#[tokio::main(flavor = "current_thread")]
#[traced]
async fn runtime_above() -> Result<(), String> {
    leaf();
    Err("above".to_owned())
}

#[traced]
#[tokio::main(flavor = "current_thread")]
async fn runtime_below() -> Result<(), String> {
    leaf();
    Err("below".to_owned())
}

#[test]
fn with_tokio_main() {
    let tree = recorded(|| {
        let _ = runtime_above();
        let _ = runtime_below();
    });
    assert_eq!(
        tree,
        "runtime_above failed: display above (String)\n\
         \x20 leaf\n\
         runtime_below failed: display below (String)\n\
         \x20 leaf\n"
    );
}

#[tokio::test]
#[traced]
async fn a_tokio_test_above() {
    leaf();
}

#[traced]
#[tokio::test]
async fn a_tokio_test_below() -> Result<(), String> {
    leaf();
    Ok(())
}

/// Looks at the function, also for the word `async`, and calls it.
#[axum::debug_handler]
#[traced]
async fn handled_above(axum::extract::Path(n): axum::extract::Path<u8>) -> String {
    child(n).await.to_string()
}

#[traced(args(n))]
#[axum::debug_handler]
async fn handled_below(axum::extract::Path(n): axum::extract::Path<u8>) -> String {
    child(n).await.to_string()
}

#[test]
fn handlers_of_axum_above_and_below() {
    use tower::ServiceExt as _;

    let tree = recorded_async(async {
        let router = axum::Router::new()
            .route("/above/{n}", axum::routing::get(handled_above))
            .route("/below/{n}", axum::routing::get(handled_below));
        for uri in ["/above/1", "/below/2"] {
            let request = axum::extract::Request::get(uri).body(axum::body::Body::empty()).unwrap();
            assert!(router.clone().oneshot(request).await.unwrap().status().is_success());
        }
    });
    assert_eq!(
        tree,
        "handled_above\n\
         \x20 child n=1\n\
         \x20   leaf\n\
         handled_below n=2\n\
         \x20 child n=2\n\
         \x20   leaf\n"
    );
}

fn is_send<T: Send>(value: T) -> T {
    value
}

#[traced]
async fn handle() -> tokio::task::JoinHandle<u8> {
    tokio::spawn(child(1))
}

#[traced]
async fn future_of_future() -> impl Future<Output = u8> {
    child(2)
}

#[test]
fn a_future_may_return_a_future() {
    let tree = recorded_async(async {
        assert_eq!(handle().await.await.unwrap(), 1);
        assert_eq!(future_of_future().await.await, 2);
    });
    assert_eq!(
        tree,
        "handle\n\
         child n=1\n\
         \x20 leaf\n\
         future_of_future\n\
         child n=2\n\
         \x20 leaf\n"
    );
}

#[test]
fn futures_stay_send() {
    drop(is_send(child(1)));
    drop(is_send(parent(String::new())));
    drop(is_send(crate::async_blocks::by_hand(1)));
}
