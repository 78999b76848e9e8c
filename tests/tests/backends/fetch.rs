//! Asks a backend, again and again, until it has what a test waits for.

use std::time::{Duration, Instant, UNIX_EPOCH};

use serde_json::Value as Json;
use tokio::net::TcpStream;

const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(100);

/// What a URL answers, as soon as it is what was waited for: `None` of `wanted` means not yet.
pub(crate) async fn poll<T>(url: &str, wanted: impl Fn(&Json) -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        let answer = get(url).await;
        if let Some(found) = answer.as_ref().ok().and_then(&wanted) {
            return found;
        }
        assert!(
            started.elapsed() < PATIENCE,
            "{url}: this is all that was there in {PATIENCE:?}: {answer:#?}"
        );
        tokio::time::sleep(PAUSE).await;
    }
}

/// Waits until somebody listens there.
pub(crate) async fn listens(port: u16) {
    let started = Instant::now();
    while let Err(error) = TcpStream::connect(("127.0.0.1", port)).await {
        assert!(started.elapsed() < PATIENCE, "nobody listens on port {port}: {error}");
        tokio::time::sleep(PAUSE).await;
    }
}

async fn get(url: &str) -> reqwest::Result<Json> {
    reqwest::get(url).await?.error_for_status()?.json().await
}

/// Sees that a backend draws the services of a run as they call each other.
pub(crate) async fn draws_dependencies(url: &str, links: impl Fn(&Json) -> &Json, run: &str) {
    let url = format!("{url}?endTs={}&lookback=600000", UNIX_EPOCH.elapsed().unwrap().as_millis());
    let drawn = poll(&url, |answer| {
        let links = links(answer).as_array()?.iter().map(|link| {
            let name = |key: &str| link[key].as_str().unwrap_or_default().to_owned();
            (name("parent"), name("child"), link["callCount"].as_u64())
        });
        let of_run = links.filter(|(from, ..)| from.ends_with(run));
        // Jaeger's memory counts spans below others of the same service, too.
        let mut between: Vec<_> = of_run.filter(|(from, to, _)| from != to).collect();
        between.sort();
        (between.len() >= 2).then_some(between)
    });
    let link = |from, to, calls| (format!("{from}-{run}"), format!("{to}-{run}"), Some(calls));
    let expected = vec![link("inventory", "payments", 4), link("orders", "inventory", 3)];
    assert_eq!(drawn.await, expected);
}
