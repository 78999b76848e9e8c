//! The endpoint of the other protocol: a common mistake, which must end with a hint and not hang.

use super::{batch, build, config, counts, export, grpc_sink, http_sink, problem};
use crate::export::otlp::Protocol::{Grpc, HttpProtobuf};

#[tokio::test]
async fn http_sent_to_a_grpc_port() {
    let sink = grpc_sink::Sink::start(|_| None);
    let endpoint = format!("http://127.0.0.1:{}/v1/traces", sink.port);
    let tally = export(&mut *build(config(HttpProtobuf, endpoint)), &batch("span", &[1])).await;
    assert_eq!(counts(&tally), (0, 1, 0));
    assert!(problem(&tally).contains("is that its port for OTLP over"), "{}", problem(&tally));
}

#[tokio::test]
async fn grpc_sent_to_an_http_port() {
    let sink = http_sink::Sink::start(|_, _| http_sink::Reply::ok()).await;
    let endpoint = format!("http://127.0.0.1:{}", sink.port);
    let tally = export(&mut *build(config(Grpc, endpoint)), &batch("span", &[1])).await;
    assert_eq!(counts(&tally), (0, 1, 0));
    assert!(problem(&tally).contains("is that its port for OTLP over"), "{}", problem(&tally));
}

#[tokio::test]
async fn grpc_sent_to_a_server_that_answers_in_http_1() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
            let mut buffer = [0; 256];
            let _ = stream.read(&mut buffer).await;
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await;
        }
    });
    let tally = export(&mut *build(config(Grpc, endpoint)), &batch("span", &[1])).await;
    assert_eq!(counts(&tally), (0, 1, 0));
    assert!(problem(&tally).contains("is that its port for OTLP over"), "{}", problem(&tally));
}
