//! Hundreds of tests in one process, in parallel: each sees its own spans and no others.

use std::net::Ipv4Addr;
use std::sync::mpsc;

use axum::http::HeaderMap;
use opentelemetry_sdk::trace::InMemorySpanExporter;
use traced::propagation::{extract_headers, inject_headers};
use traced::testing::capture;
use traced::{FutureExt as _, traced};

#[traced(fields(test))]
fn leaf(test: usize) {}

#[traced(fields(test))]
async fn task(test: usize) {
    tokio::task::yield_now().await;
    leaf(test);
}

#[traced(fields(test))]
async fn work(test: usize) {
    let first = traced::spawn(task(test));
    let second = tokio::spawn(task(test).in_current_span());
    first.await.unwrap();
    second.await.unwrap();
    let on_a_thread = task(test).in_current_span();
    let thread = std::thread::spawn(move || runtime(test).block_on(on_a_thread));
    tokio::task::spawn_blocking(|| thread.join().unwrap()).await.unwrap();
}

/// Of every kind.
fn runtime(test: usize) -> tokio::runtime::Runtime {
    let mut builder = match test % 10 {
        0 => tokio::runtime::Builder::new_multi_thread(),
        _ => tokio::runtime::Builder::new_current_thread(),
    };
    builder.worker_threads(2).build().unwrap()
}

#[test]
fn two_hundred_tests_in_parallel_see_their_own_spans_only() {
    const TESTS: usize = 200;
    let all_begun = std::sync::Barrier::new(TESTS);
    std::thread::scope(|scope| {
        for test in 0..TESTS {
            let all_begun = &all_begun;
            scope.spawn(move || {
                let capture = capture();
                all_begun.wait();
                runtime(test).block_on(work(test));
                let task = format!("  task test={test}\n    leaf test={test}\n");
                assert_eq!(capture.tree(), format!("work test={test}\n{}", task.repeat(3)));
            });
        }
    });
}

#[traced(kind = Server)]
async fn handle() -> &'static str {
    tokio::task::yield_now().await;
    look_up();
    "done"
}

#[traced]
fn look_up() {}

/// A server that knows of no test, on a thread and a runtime of its own.
fn server() -> String {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(|| {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let handler = |headers: HeaderMap| handle().in_context(extract_headers(&headers));
            let app = axum::Router::new().route("/", axum::routing::get(handler));
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(listener, app).await.unwrap();
        });
    });
    url
}

#[traced(kind = Client, fields(test))]
async fn request(client: &reqwest::Client, url: &str, test: usize) {
    let mut headers = HeaderMap::new();
    inject_headers(&mut headers);
    let answer = client.get(url).headers(headers).send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "done");
}

#[test]
fn a_shared_servers_spans_find_the_test_that_sent_the_request() {
    const TESTS: usize = 20;
    const REQUESTS: usize = 10;
    let url = server();
    std::thread::scope(|scope| {
        for test in 0..TESTS {
            let url = &url;
            scope.spawn(move || {
                let capture = capture();
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(async {
                    let client = reqwest::Client::builder().no_proxy().build().unwrap();
                    for _ in 0..REQUESTS {
                        request(&client, url, test).await;
                    }
                });
                // A server's span may end after its answer has arrived.
                assert!(capture.wait_until(|spans| spans.len() >= 3 * REQUESTS));
                let one = format!("request [client] test={test}\n  handle [server]\n    look_up\n");
                assert_eq!(capture.tree(), one.repeat(REQUESTS));
                assert!(capture.find("handle").unwrap().parent_is_remote);
                assert!(!capture.find("look_up").unwrap().parent_is_remote);
            });
        }
    });
}

#[test]
fn nothing_is_captured_after_the_drop() {
    let first = capture();
    let (go, gone) = mpsc::channel();
    let (done, all_done) = mpsc::channel();
    let late = async move {
        gone.recv().unwrap();
        leaf(0);
        done.send(()).unwrap();
    };
    let late = late.in_current_span();
    let thread = std::thread::spawn(|| runtime(1).block_on(late));
    leaf(1);
    assert_eq!(first.tree(), "leaf test=1\n");
    drop(first);
    leaf(2);
    assert!(!traced::current().is_recording());
    let second = capture();
    go.send(()).unwrap();
    all_done.recv().unwrap();
    thread.join().unwrap();
    leaf(3);
    assert_eq!(second.tree(), "leaf test=3\n");
}

#[test]
fn a_capture_inside_a_capture_has_its_own_spans() {
    let outer = capture();
    leaf(1);
    let inner = capture();
    leaf(2);
    assert_eq!(inner.tree(), "leaf test=2\n");
    drop(inner);
    leaf(3);
    assert_eq!(outer.tree(), "leaf test=1\nleaf test=3\n");
}

#[test]
fn captures_beside_an_installed_pipeline() {
    traced_tests::alone!({
        let exporter = InMemorySpanExporter::default();
        let telemetry = traced::builder().exporter(exporter.clone()).install().unwrap();
        let values = || {
            let _ = telemetry.flush(std::time::Duration::from_secs(10)).unwrap();
            let mut spans: Vec<_> = exporter.get_finished_spans().unwrap();
            spans.sort_by_key(|span| span.start_time);
            spans.into_iter().map(|span| span.attributes[0].value.to_string()).collect::<Vec<_>>()
        };
        leaf(0);
        std::thread::scope(|scope| {
            scope
                .spawn(|| {
                    let capture = capture();
                    leaf(1);
                    assert_eq!(capture.tree(), "leaf test=1\n");
                })
                .join()
                .unwrap();
        });
        let second = capture();
        leaf(2);
        assert_eq!(second.tree(), "leaf test=2\n");
        drop(second);
        leaf(3);
        assert_eq!(values(), ["0", "1", "2", "3"], "the pipeline gets all, captured or not");
    });
}
