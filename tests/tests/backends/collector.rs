//! A Jaeger of a test's own: it may die, and it holds nothing of others. Jaeger's memory draws dependencies in quadratic
//! time, with its locks held, so that a huge trace of somebody else's stops it for minutes.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Stdio;

use tokio::process::{Child, Command};

use super::fetch::{listens, poll};

/// A running Jaeger, killed when dropped.
pub(crate) struct Collector {
    process: Child,
    /// Where it takes OTLP over gRPC.
    pub(crate) grpc: String,
    /// Where it takes OTLP over HTTP.
    pub(crate) http: String,
    /// Where it answers.
    pub(crate) query: String,
}

impl Collector {
    pub(crate) async fn start() -> Self {
        let [grpc, http, query, query_grpc] = free_ports();
        // `yaml:` is a provider of configuration that takes it from the command line.
        let configuration = format!(
            "yaml:{{
                service: {{
                    extensions: [jaeger_storage, jaeger_query],
                    pipelines: {{ traces: {{ receivers: [otlp], exporters: [jaeger_storage_exporter] }} }},
                    telemetry: {{ metrics: {{ level: none }} }}
                }},
                extensions: {{
                    jaeger_storage: {{ backends: {{ here: {{ memory: {{ max_traces: 100 }} }} }} }},
                    jaeger_query: {{
                        storage: {{ traces: here }},
                        http: {{ endpoint: '127.0.0.1:{query}' }},
                        grpc: {{ endpoint: '127.0.0.1:{query_grpc}' }}
                    }}
                }},
                receivers: {{
                    otlp: {{
                        protocols: {{
                            grpc: {{ endpoint: '127.0.0.1:{grpc}' }},
                            http: {{ endpoint: '127.0.0.1:{http}' }}
                        }}
                    }}
                }},
                exporters: {{ jaeger_storage_exporter: {{ trace_storage: here }} }}
            }}"
        );
        let process = Command::new(jaeger())
            .args(["--config", &configuration])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("Jaeger is where .ci/backends puts it");
        listens(grpc).await;
        listens(http).await;
        let query = format!("http://127.0.0.1:{query}");
        poll(&format!("{query}/api/services"), |_| Some(())).await;
        let [grpc, http] = [grpc, http].map(|port| format!("http://127.0.0.1:{port}"));
        Self { process, grpc, http, query }
    }

    /// Kills it, as a machine that goes away would.
    pub(crate) async fn kill(&mut self) {
        self.process.kill().await.unwrap();
    }
}

/// Where `.ci/backends` installs it.
fn jaeger() -> PathBuf {
    let cache = |name| std::env::var_os(name).map(PathBuf::from);
    let folder = cache("TRACED_BACKENDS").unwrap_or_else(|| {
        let cache = cache("XDG_CACHE_HOME").or_else(|| Some(cache("HOME")?.join(".cache")));
        cache.expect("there is a home").join("traced-backends")
    });
    folder.join("jaeger")
}

/// Ports that nobody listens on.
fn free_ports<const N: usize>() -> [u16; N] {
    // All at once, so that no two are the same.
    let listeners = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}
