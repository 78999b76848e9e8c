//! Takes OTLP over HTTP/1 and gRPC on one port of its own choice, which it prints; unpacks gzip; counts the spans, and
//! says to `GET /` in a header how many there were, and to `GET /last` what the last request was.

use std::convert::Infallible;
use std::io::Read as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use flate2::read::GzDecoder;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::TcpListener;

static SPANS: AtomicU64 = AtomicU64::new(0);
static LAST: Mutex<(u64, Bytes)> = Mutex::new((0, Bytes::new()));

fn main() -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("http://{}", listener.local_addr()?);
        loop {
            let (connection, _) = listener.accept().await?;
            connection.set_nodelay(true)?;
            tokio::spawn(async move {
                let server = auto::Builder::new(TokioExecutor::new());
                // A client that goes away is no error.
                let _ = server.serve_connection(TokioIo::new(connection), service_fn(answer)).await;
            });
        }
    })
}

type Body = BoxBody<Bytes, Infallible>;

async fn answer(request: Request<Incoming>) -> Result<Response<Body>, hyper::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    if head.method == Method::GET {
        let (count, body) = match head.uri.path() {
            "/last" => LAST.lock().expect("not poisoned").clone(),
            _ => (SPANS.load(Ordering::Acquire), Bytes::new()),
        };
        let mut response = Response::new(Full::new(body).boxed());
        response.headers_mut().insert("spans", count.into());
        return Ok(response);
    }
    let kind = head.headers.get(CONTENT_TYPE).cloned().unwrap_or(HeaderValue::from_static(""));
    let is_grpc = kind.as_bytes().starts_with(b"application/grpc");
    let message = if is_grpc { body.slice(5..) } else { body };
    let is_packed = ["content-encoding", "grpc-encoding"].iter().any(|name| head.headers.contains_key(*name));
    let message = if is_packed { unpacked(&message) } else { message };
    let count = spans(&message);
    SPANS.fetch_add(count, Ordering::AcqRel);
    *LAST.lock().expect("not poisoned") = (count, message);
    let mut response = Response::new(if is_grpc { empty_message() } else { Full::default().boxed() });
    response.headers_mut().insert(CONTENT_TYPE, kind);
    Ok(response)
}

fn unpacked(file: &[u8]) -> Bytes {
    let mut message = Vec::new();
    GzDecoder::new(file).read_to_end(&mut message).expect("a gzip file");
    message.into()
}

/// The answer that all is well, in a frame of gRPC's.
fn empty_message() -> Body {
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static("0"));
    Full::from(&[0; 5][..]).with_trailers(async { Some(Ok(trailers)) }).boxed()
}

/// Spans in an `ExportTraceServiceRequest`: its field 1's field 2's field 2.
fn spans(request: &[u8]) -> u64 {
    let mut count = 0;
    each(request, 1, &mut |resource| each(resource, 2, &mut |scope| each(scope, 2, &mut |_| count += 1)));
    count
}

/// The values of a field of a protobuf message, all of whose fields have lengths.
fn each(mut message: &[u8], wanted: u64, work: &mut dyn FnMut(&[u8])) {
    while let Some((key, rest)) = varint(message) {
        let Some((length, rest)) = varint(rest) else { return };
        let Some((value, rest)) = usize::try_from(length).ok().and_then(|it| rest.split_at_checked(it))
        else {
            return;
        };
        if key == wanted << 3 | 2 {
            work(value);
        }
        message = rest;
    }
}

fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0;
    for (at, byte) in bytes.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[at + 1..]));
        }
    }
    None
}
