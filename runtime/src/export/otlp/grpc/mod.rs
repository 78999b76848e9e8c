//! OTLP over gRPC.
//! Specification: <https://opentelemetry.io/docs/specs/otlp/#otlpgrpc>.

pub(super) mod retry_info;

use std::convert::identity;
use std::error::Error as _;
use std::time::Duration;

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use http::HeaderValue;
use http::uri::PathAndQuery;
use http_body_util::BodyExt as _;
use tonic::body::Body;
use tonic::client::Grpc;
use tonic::codec::{BufferSettings, Codec, CompressionEncoding, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::metadata::MetadataMap;
use tonic::transport::{Channel, Endpoint as Connector};
use tonic::{Code, Request, Status};
use tower::ServiceExt as _;

use super::endpoint::{Endpoint, hint_broken_off};
use super::send::{Answer, Transport};
use super::{Config, Protocol, headers, response};
use crate::export::{BoxFuture, BuildError, Compression};

const EXPORT: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

struct Client {
    endpoint: Endpoint,
    connector: Connector,
    channel: Channel,
    headers: MetadataMap,
    compression: Compression,
    timeout: Duration,
}

pub(super) fn transport(config: &Config) -> Result<Box<dyn Transport>, BuildError> {
    let endpoint = Endpoint::parse(Protocol::Grpc, &config.endpoint)?;
    let wrong =
        |what: &str| BuildError(format!("the endpoint `{}` of OTLP over gRPC {what}", endpoint.shown));
    if endpoint.uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(wrong(
            "holds credentials, which gRPC would not send: set a header `authorization` in their place",
        ));
    }
    let mut headers = headers::read(config)?;
    headers.remove(http::header::CONTENT_TYPE);
    let agent = headers.remove(http::header::USER_AGENT);
    let agent = agent.unwrap_or_else(|| HeaderValue::from_static(super::USER_AGENT));
    let connector = Connector::from(endpoint.uri.clone())
        .user_agent(agent)
        .map_err(|_| BuildError("the OTLP header `user-agent` is not valid in gRPC".into()))?;
    let channel = connector.connect_lazy();
    let Config { compression, timeout, .. } = *config;
    if compression == Compression::Gzip {
        headers.insert("grpc-encoding", HeaderValue::from_static("gzip"));
    }
    let headers = MetadataMap::from_headers(headers);
    Ok(Box::new(Client { endpoint, connector, channel, headers, compression, timeout }))
}

impl Transport for Client {
    fn name(&self) -> String {
        format!("otlp-grpc {}", self.endpoint.shown)
    }

    fn attempt(&mut self, message: Bytes) -> BoxFuture<'_, Answer> {
        let mut request = Request::new(message);
        *request.metadata_mut() = self.headers.clone();
        if !self.timeout.is_zero() {
            request.set_timeout(self.timeout);
        }
        Box::pin(async move {
            match self.export(request).await {
                Ok(answer) => Answer::Accepted(response::accepted(&answer)),
                Err(status) => self.failed(&status),
            }
        })
    }

    fn reset(&mut self) {
        // A connection may be dead without either end knowing, and HTTP/2 would go on using it.
        self.channel = self.connector.connect_lazy();
    }
}

impl Client {
    async fn export(&self, request: Request<Bytes>) -> Result<Bytes, Status> {
        let is_compressed = self.compression == Compression::Gzip;
        let marked: fn(_) -> _ = if is_compressed { as_compressed } else { identity };
        let mut client = Grpc::new(self.channel.clone().map_request(marked));
        if is_compressed {
            // gRPC in Go answers as it was asked, whatever the request says that it accepts.
            client = client.accept_compressed(CompressionEncoding::Gzip);
        }
        client.ready().await.map_err(|error| Status::from_error(error.into()))?;
        let answer = client.unary(request, PathAndQuery::from_static(EXPORT), Plain).await?;
        Ok(answer.into_inner())
    }

    fn failed(&mut self, status: &Status) -> Answer {
        // Only what did not come from the server has a cause on this side.
        if let Some(cause) = status.source() {
            self.reset();
            return Answer::Later(self.not_reached(status, cause), None);
        }
        let message = response::quotable(status.message().as_bytes());
        let why = format!("answered {:?}: {message}", status.code());
        if is_about_size(status) {
            return Answer::TooLarge(why);
        }
        let info = retry_info::read(status.details());
        let (has_info, asked) = (info.is_some(), info.and_then(|info| info.delay));
        // <https://opentelemetry.io/docs/specs/otlp/#failures>
        match status.code() {
            Code::Cancelled
            | Code::DeadlineExceeded
            | Code::Aborted
            | Code::OutOfRange
            | Code::Unavailable
            | Code::DataLoss => Answer::Later(why, asked),
            // The server can recover only if it says when.
            Code::ResourceExhausted if has_info => Answer::Later(why, asked),
            code => Answer::Refused(why + advice(code)),
        }
    }

    fn not_reached(&self, status: &Status, cause: &(dyn std::error::Error + 'static)) -> String {
        let mut innermost = cause;
        while let Some(source) = innermost.source() {
            innermost = source;
        }
        if innermost.is::<tonic::TimeoutExpired>() {
            return format!("gave no answer within {:?}", self.timeout);
        }
        if status.code() == Code::Unavailable {
            format!("cannot be reached: {innermost} ({})", self.endpoint.hint_unreached(Protocol::Grpc))
        } else {
            format!("broke the connection off: {innermost} ({})", hint_broken_off(Protocol::Grpc))
        }
    }
}

/// Whether a status says that the message was too large, as gRPC's implementations put it: Go `received message
/// larger than max`, Java `gRPC message exceeds maximum size`, C++ `Received message larger than max`, tonic
/// `decoded message length too large`, and a proxy with HTTP's 413. A quota has other words.
fn is_about_size(status: &Status) -> bool {
    let message = status.message().to_ascii_lowercase();
    match status.code() {
        Code::ResourceExhausted | Code::OutOfRange => {
            message.contains("larger than max")
                || message.contains("too large")
                || message.contains("message") && message.contains("size")
        }
        Code::Unknown => message.contains("http status code 413"),
        _ => false,
    }
}

fn advice(code: Code) -> &'static str {
    match code {
        Code::Unauthenticated | Code::PermissionDenied => {
            " (check the headers that authorize, such as OTEL_EXPORTER_OTLP_HEADERS)"
        }
        Code::Unimplemented => " (is it an OTLP receiver of traces? its port for gRPC is usually 4317)",
        _ => "",
    }
}

/// The first byte of the frame says whether the message in it is compressed. tonic says so only of what it has
/// compressed itself, at a level of its choice, and again for each attempt.
fn as_compressed(request: http::Request<Body>) -> http::Request<Body> {
    // There is one message, and its frame comes in one piece.
    let marked = |bytes| {
        // Nobody else reads them, so that they are not copied.
        let mut bytes = BytesMut::from(bytes);
        if let Some(first) = bytes.first_mut() {
            *first = 1;
        }
        bytes.freeze()
    };
    request.map(|body| Body::new(body.map_frame(move |frame| frame.map_data(marked))))
}

/// Passes messages through: they are encoded already, and answers are read by hand.
struct Plain;

impl Codec for Plain {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Framed;
    type Decoder = Plain;

    fn encoder(&mut self) -> Framed {
        Framed
    }

    fn decoder(&mut self) -> Plain {
        Plain
    }
}

/// Puts a message into tonic's buffer, behind the place for the frame's five bytes.
struct Framed;

impl Encoder for Framed {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, message: Bytes, out: &mut EncodeBuf<'_>) -> Result<(), Status> {
        out.reserve(message.len());
        out.put(message);
        Ok(())
    }

    fn buffer_settings(&self) -> BufferSettings {
        // Made to fit by `encode`, which knows the length.
        BufferSettings::new(0, usize::MAX)
    }
}

impl Decoder for Plain {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, answer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(answer.copy_to_bytes(answer.remaining())))
    }
}
