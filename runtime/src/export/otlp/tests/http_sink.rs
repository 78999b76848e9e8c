//! A receiver of OTLP over HTTP, written down to the bytes, which answers as it is told.

use std::future::pending;
use std::sync::{Arc, Mutex};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Received {
    /// Request line and headers.
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

impl Received {
    pub(super) fn request(&self) -> ExportTraceServiceRequest {
        ExportTraceServiceRequest::decode(&self.body[..]).expect("decodes")
    }
}

/// What to do with a request, given how many came before.
pub(super) enum Reply {
    /// A status line with more headers (each ended by `\r\n`), and a body.
    Answer(&'static str, Vec<u8>),
    /// A status line with more headers, and a body that begins and never ends.
    Drip(&'static str),
    Close,
    Never,
}

impl Reply {
    pub(super) fn ok() -> Self {
        Self::Answer("200 OK\r\n", Vec::new())
    }
}

pub(super) struct Sink {
    pub(super) port: u16,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Sink {
    pub(super) async fn start(reply: impl Fn(usize, &Received) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let received = Arc::new(Mutex::new(Vec::new()));
        let (all, reply) = (received.clone(), Arc::new(reply));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (all, reply) = (all.clone(), reply.clone());
                tokio::spawn(async move { serve(stream, &all, &*reply).await });
            }
        });
        Self { port, received }
    }

    pub(super) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}/v1/traces", self.port)
    }

    pub(super) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    all: &Mutex<Vec<Received>>,
    reply: &(impl Fn(usize, &Received) -> Reply + Sync),
) -> Option<()> {
    let mut bytes = Vec::new();
    loop {
        let head_end = loop {
            if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            stream.read_buf(&mut bytes).await.ok().filter(|read| *read > 0)?;
        };
        let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
        });
        let end = head_end + length?;
        while bytes.len() < end {
            stream.read_buf(&mut bytes).await.ok().filter(|read| *read > 0)?;
        }
        let received = Received { head, body: bytes[head_end..end].to_vec() };
        bytes.drain(..end);
        let before = {
            let mut all = all.lock().unwrap();
            all.push(received.clone());
            all.len() - 1
        };
        match reply(before, &received) {
            Reply::Answer(head, body) => {
                let head = format!("HTTP/1.1 {head}content-length: {}\r\n\r\n", body.len());
                stream.write_all(&[head.as_bytes(), &body].concat()).await.ok()?;
            }
            Reply::Drip(head) => {
                let head = format!("HTTP/1.1 {head}content-length: 1000000\r\n\r\n");
                stream.write_all(head.as_bytes()).await.ok()?;
                loop {
                    stream.write_all(b"\n").await.ok()?;
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                }
            }
            Reply::Close => return None,
            Reply::Never => pending().await,
        }
    }
}
