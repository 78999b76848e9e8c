//! HTTP between services: a server that continues the trace of a request, and a client that sends it along.

use std::io;
use std::sync::LazyLock;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use serde::Serialize;
use tokio::net::{TcpListener, ToSocketAddrs};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use traced::propagation::{extract_headers, inject_headers};
use traced::{FutureExt as _, traced};

/// A server that runs until it is stopped.
#[derive(Debug)]
pub struct Server {
    /// Where it listens: `http://127.0.0.1:8080`.
    pub url: String,
    stop: oneshot::Sender<()>,
    running: JoinHandle<io::Result<()>>,
}

impl Server {
    /// Starts it. Port 0 lets the system choose one.
    pub async fn start(listen: impl ToSocketAddrs, routes: Router) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let (stop, stopped) = oneshot::channel();
        let served = axum::serve(listener, routes.layer(from_fn(continue_trace)));
        let served = served.with_graceful_shutdown(async { _ = stopped.await });
        Ok(Self { url, stop, running: tokio::spawn(served.into_future()) })
    }

    /// Stops it, once the requests that it works on are answered.
    pub async fn stop(self) -> io::Result<()> {
        drop(self.stop);
        self.running.await?
    }
}

/// What the request brought becomes the context that its handler runs in.
async fn continue_trace(request: Request, next: Next) -> Response {
    let context = extract_headers(request.headers());
    next.run(request).in_context(context).await
}

/// Why a call brought nothing.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The service says no, and why.
    #[error("{0}: {1}")]
    Refused(StatusCode, String),
    /// The service could not be asked.
    #[error("no answer")]
    NoAnswer(#[from] reqwest::Error),
}

/// Sends something to a service, and returns its answer. One attempt, one span.
#[traced("POST", kind = Client, fields(url.full = url))]
pub async fn post(url: String, body: &impl Serialize) -> Result<String, CallError> {
    static CLIENT: LazyLock<reqwest::Client> = LazyLock::new(reqwest::Client::new);
    let mut request = CLIENT.post(url).json(body).build()?;
    inject_headers(request.headers_mut());
    let answer = CLIENT.execute(request).await?;
    let status = answer.status();
    traced::current().set("http.response.status_code", status.as_u16());
    let text = answer.text().await?;
    if status.is_success() { Ok(text) } else { Err(CallError::Refused(status, text)) }
}
