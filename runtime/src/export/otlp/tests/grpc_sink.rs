//! A receiver of OTLP over gRPC, made of tonic and the schema, which answers as it is told.

use std::sync::{Arc, Mutex};

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use tonic::codec::CompressionEncoding;
use tonic::metadata::MetadataMap;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

pub(super) type Received = (MetadataMap, ExportTraceServiceRequest);

pub(super) type Answer = Result<ExportTraceServiceResponse, Status>;

pub(super) struct Sink {
    pub(super) port: u16,
    received: Arc<Mutex<Vec<Received>>>,
}

struct Service<F> {
    received: Arc<Mutex<Vec<Received>>>,
    /// What to answer, given how many requests came before; None: never.
    reply: F,
}

impl Sink {
    pub(super) fn start(reply: impl Fn(usize) -> Option<Answer> + Send + Sync + 'static) -> Self {
        Self::start_with(4 << 20, reply)
    }

    /// With a limit to the size of messages.
    pub(super) fn start_with(
        limit: usize,
        reply: impl Fn(usize) -> Option<Answer> + Send + Sync + 'static,
    ) -> Self {
        Self::start_on(0, limit, reply)
    }

    /// Takes messages that are compressed, too, and answers so.
    pub(super) fn start_by_gzip(reply: impl Fn(usize) -> Option<Answer> + Send + Sync + 'static) -> Self {
        const GZIP: CompressionEncoding = CompressionEncoding::Gzip;
        Self::serve(0, reply, |service| service.accept_compressed(GZIP).send_compressed(GZIP))
    }

    /// On a port of one's choice.
    pub(super) fn start_on(
        port: u16,
        limit: usize,
        reply: impl Fn(usize) -> Option<Answer> + Send + Sync + 'static,
    ) -> Self {
        Self::serve(port, reply, |service| service.max_decoding_message_size(limit))
    }

    fn serve<F: Fn(usize) -> Option<Answer> + Send + Sync + 'static>(
        port: u16,
        reply: F,
        set: impl FnOnce(TraceServiceServer<Service<F>>) -> TraceServiceServer<Service<F>>,
    ) -> Self {
        let incoming = TcpIncoming::bind(([127, 0, 0, 1], port).into()).unwrap();
        let port = incoming.local_addr().unwrap().port();
        let received = Arc::default();
        let service = set(TraceServiceServer::new(Service { received: Arc::clone(&received), reply }));
        tokio::spawn(Server::builder().add_service(service).serve_with_incoming(incoming));
        Self { port, received }
    }

    pub(super) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(super) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

#[tonic::async_trait]
impl<F: Fn(usize) -> Option<Answer> + Send + Sync + 'static> TraceService for Service<F> {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let before = {
            let mut received = self.received.lock().unwrap();
            received.push((request.metadata().clone(), request.into_inner()));
            received.len() - 1
        };
        match (self.reply)(before) {
            Some(answer) => answer.map(Response::new),
            None => std::future::pending().await,
        }
    }
}
