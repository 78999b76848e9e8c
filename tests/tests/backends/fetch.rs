//! Asks a backend, again and again, until it has what a test waits for.

use std::time::{Duration, Instant};

use serde_json::Value as Json;

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

async fn get(url: &str) -> reqwest::Result<Json> {
    reqwest::get(url).await?.error_for_status()?.json().await
}

/// Milliseconds since 1970.
pub(crate) fn now_millis() -> u128 {
    std::time::UNIX_EPOCH.elapsed().unwrap().as_millis()
}

/// Who calls whom how often in the story.
pub(crate) fn dependencies(run: &str) -> Vec<(String, String, Option<u64>)> {
    let link = |from, to, calls| (format!("{from}-{run}"), format!("{to}-{run}"), Some(calls));
    vec![link("inventory", "payments", 4), link("orders", "inventory", 3)]
}
