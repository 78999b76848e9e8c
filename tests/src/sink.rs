//! Receivers of OTLP over loopback. Each runs on a thread of its own, with a runtime of its own, so that which
//! runtime a test uses does not matter.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::StatusCode;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use tokio::sync::oneshot;

/// A receiver that keeps what it gets.
#[derive(Debug)]
pub struct Sink {
    address: SocketAddr,
    received: Arc<Received>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Received {
    requests: Mutex<Vec<ExportTraceServiceRequest>>,
    more: Condvar,
}

impl Sink {
    /// One that takes `POST /v1/traces` with protobuf.
    #[must_use]
    pub fn http() -> Self {
        Self::start(|listener, received, stopped| async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let app = axum::Router::new().route("/v1/traces", axum::routing::post(post)).with_state(received);
            let stopped = async { drop(stopped.await) };
            axum::serve(listener, app).with_graceful_shutdown(stopped).await.unwrap();
        })
    }

    /// One that takes gRPC.
    #[must_use]
    pub fn grpc() -> Self {
        Self::start(|listener, received, stopped| async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let incoming = tonic::transport::server::TcpIncoming::from(listener);
            let stopped = async { drop(stopped.await) };
            tonic::transport::Server::builder()
                .add_service(TraceServiceServer::new(Grpc(received)))
                .serve_with_incoming_shutdown(incoming, stopped)
                .await
                .unwrap();
        })
    }

    fn start<F, S>(serve: S) -> Self
    where
        F: Future<Output = ()>,
        S: FnOnce(TcpListener, Arc<Received>, oneshot::Receiver<()>) -> F + Send + 'static,
    {
        // Bound here, so that a client may connect as soon as this returns.
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::<Received>::default();
        let (stop, mut stopped) = oneshot::channel();
        let (stop_serving, serving_stopped) = oneshot::channel();
        let keep = received.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let serving = serve(listener, keep, serving_stopped);
                tokio::pin!(serving);
                tokio::select! {
                    () = &mut serving => {}
                    _ = &mut stopped => {
                        let _ = stop_serving.send(());
                        // A client that keeps its connection open must not keep the test waiting.
                        let _ = tokio::time::timeout(Duration::from_millis(50), serving).await;
                    }
                }
            });
        });
        Self { address, received, stop: Some(stop), thread: Some(thread) }
    }

    /// Where it listens: `http://127.0.0.1:port`.
    #[must_use]
    pub fn url(&self) -> String {
        url(self.address)
    }

    /// The requests so far.
    #[must_use]
    pub fn requests(&self) -> Vec<ExportTraceServiceRequest> {
        self.received.lock().clone()
    }

    /// The spans so far.
    #[must_use]
    pub fn spans(&self) -> Vec<Span> {
        let requests = self.requests().into_iter();
        let resources = requests.flat_map(|request| request.resource_spans);
        resources.flat_map(|resource| resource.scope_spans).flat_map(|scope| scope.spans).collect()
    }

    /// Waits until the spans fulfil a condition, for at most ten seconds. Returns whether they do.
    #[must_use]
    pub fn wait_until(&self, condition: impl Fn(&[Span]) -> bool) -> bool {
        let deadline = std::time::Instant::now() + Duration::from_secs(10);
        loop {
            let seen = self.received.lock().len();
            if condition(&self.spans()) {
                return true;
            }
            let left = deadline.saturating_duration_since(std::time::Instant::now());
            if left.is_zero() {
                return false;
            }
            let requests = self.received.lock();
            drop(self.received.more.wait_timeout_while(requests, left, |requests| requests.len() == seen));
        }
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let served = thread.join();
            assert!(served.is_ok() || std::thread::panicking(), "the sink has panicked");
        }
    }
}

impl Received {
    fn take(&self, request: ExportTraceServiceRequest) {
        self.lock().push(request);
        self.more.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Vec<ExportTraceServiceRequest>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn post(
    axum::extract::State(received): axum::extract::State<Arc<Received>>,
    body: Bytes,
) -> (StatusCode, Vec<u8>) {
    match ExportTraceServiceRequest::decode(body) {
        Ok(request) => {
            received.take(request);
            (StatusCode::OK, ExportTraceServiceResponse::default().encode_to_vec())
        }
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string().into_bytes()),
    }
}

struct Grpc(Arc<Received>);

#[tonic::async_trait]
impl TraceService for Grpc {
    async fn export(
        &self,
        request: tonic::Request<ExportTraceServiceRequest>,
    ) -> Result<tonic::Response<ExportTraceServiceResponse>, tonic::Status> {
        self.0.take(request.into_inner());
        Ok(tonic::Response::new(ExportTraceServiceResponse::default()))
    }
}

/// A peer that accepts connections and never answers.
#[derive(Debug)]
pub struct Silent {
    address: SocketAddr,
    shared: Arc<SilentShared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct SilentShared {
    stopped: AtomicBool,
    accepted: AtomicUsize,
}

impl Silent {
    /// Starts one.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::<SilentShared>::default();
        let mine = shared.clone();
        let thread = std::thread::spawn(move || {
            let mut held = Vec::new();
            for connection in listener.incoming() {
                if mine.stopped.load(Ordering::SeqCst) {
                    break;
                }
                mine.accepted.fetch_add(1, Ordering::SeqCst);
                // Open until the end: a connection that is closed is an answer.
                held.push(connection);
            }
        });
        Self { address, shared, thread: Some(thread) }
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> String {
        url(self.address)
    }

    /// Connections so far.
    #[must_use]
    pub fn accepted(&self) -> usize {
        self.shared.accepted.load(Ordering::SeqCst)
    }
}

impl Drop for Silent {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // Wakes it.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A port where nobody listens.
#[derive(Debug)]
pub struct Nobody {
    address: SocketAddr,
    /// Bound and not listening: connections are refused, and nobody else gets the port meanwhile.
    _bound: tokio::net::TcpSocket,
}

impl Nobody {
    /// Takes a port.
    #[must_use]
    pub fn there() -> Self {
        let bound = tokio::net::TcpSocket::new_v4().unwrap();
        bound.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        Self { address: bound.local_addr().unwrap(), _bound: bound }
    }

    /// Where nobody listens.
    #[must_use]
    pub fn url(&self) -> String {
        url(self.address)
    }
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}
