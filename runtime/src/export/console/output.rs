//! The thread that writes. A terminal that was stopped, or a pager that waits, blocks whoever writes to it, and
//! that must not be the thread that all exporters share.

use std::io::{ErrorKind, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};

use tokio::sync::oneshot;

/// Bytes that wait for the writer at most.
const WAITING: usize = 8 << 20;

enum Message {
    Show { text: String, spans: usize },
    Flush(oneshot::Sender<()>),
}

/// What has gone wrong.
#[derive(Debug, Default)]
pub(super) struct Losses {
    /// Spans that were not written, and not spoken of yet.
    pub(super) spans: usize,
    pub(super) problem: Option<String>,
    /// Nobody reads any more.
    pub(super) closed: bool,
}

#[derive(Default)]
struct Shared {
    losses: Mutex<Losses>,
    waiting: AtomicUsize,
}

impl Shared {
    fn losses(&self) -> MutexGuard<'_, Losses> {
        self.losses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lose(&self, spans: usize, problem: String) {
        let mut losses = self.losses();
        losses.spans += spans;
        losses.problem = Some(problem);
    }
}

/// This end of the thread. It ends when this is dropped.
pub(super) struct Output {
    sender: mpsc::Sender<Message>,
    shared: Arc<Shared>,
}

impl Output {
    pub(super) fn new(writer: Box<dyn Write + Send>) -> std::io::Result<Self> {
        let (sender, receiver) = mpsc::channel();
        let shared = Arc::new(Shared::default());
        let theirs = shared.clone();
        std::thread::Builder::new()
            .name("traced-console".to_owned())
            .spawn(move || write_all(writer, &receiver, &theirs))?;
        Ok(Self { sender, shared })
    }

    /// Hands over a text that shows so many spans.
    pub(super) fn show(&self, text: String, spans: usize) {
        let bytes = text.len();
        if self.shared.waiting.fetch_add(bytes, Ordering::Relaxed) > WAITING {
            self.shared.waiting.fetch_sub(bytes, Ordering::Relaxed);
            let waiting = "the console does not take its output; traces were left out".to_owned();
            return self.shared.lose(spans, waiting);
        }
        if self.sender.send(Message::Show { text, spans }).is_err() {
            self.shared.lose(spans, "the thread that writes to the console is gone".to_owned());
        }
    }

    /// Returns when all that was handed over has been written.
    pub(super) fn flushed(&self) -> impl Future<Output = ()> + Send + use<> {
        let (done, flushed) = oneshot::channel();
        let sent = self.sender.send(Message::Flush(done));
        async move {
            if sent.is_ok() {
                // An error is a thread that has ended: there is nothing to wait for.
                let _ = flushed.await;
            }
        }
    }

    pub(super) fn losses(&self) -> MutexGuard<'_, Losses> {
        self.shared.losses()
    }
}

fn write_all(mut writer: Box<dyn Write + Send>, messages: &mpsc::Receiver<Message>, shared: &Shared) {
    for message in messages {
        match message {
            Message::Show { text, spans } => {
                let written = writer.write_all(text.as_bytes()).and_then(|()| writer.flush());
                shared.waiting.fetch_sub(text.len(), Ordering::Relaxed);
                if let Err(error) = written {
                    shared.lose(spans, format!("cannot write to the console: {error}"));
                    shared.losses().closed |= error.kind() == ErrorKind::BrokenPipe;
                }
            }
            Message::Flush(done) => {
                let _ = done.send(());
            }
        }
    }
}
