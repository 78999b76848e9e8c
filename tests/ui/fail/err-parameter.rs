use std::future::Future;
use std::pin::Pin;

use traced::traced;

struct Queue {
    is_closed: bool,
    length: usize,
}

impl Queue {
    #[traced(err(expected = self.is_closed))]
    fn push(&mut self) -> Result<(), String> {
        self.length += 1;
        Err("full".into())
    }

    #[traced(err(expected = self.is_closed))]
    async fn push_later(&mut self) -> Result<(), String> {
        self.length += 1;
        Err("full".into())
    }

    // The body does not take it.
    #[traced(err(expected = self.is_closed))]
    fn untouched(&mut self) -> Result<(), String> {
        Err("full".into())
    }
}

#[traced(err(expected = |e: &String| name.is_empty() && e.is_empty()))]
fn find(name: String) -> Result<String, String> {
    Err(name)
}

#[traced(err(expected = e == "none", type = name))]
async fn find_later(name: String) -> Result<String, String> {
    Err(name)
}

#[traced(err(expected = name.is_empty()))]
fn find_boxed(name: String) -> Pin<Box<dyn Future<Output = Result<String, String>>>> {
    Box::pin(async move { Err(name) })
}

// Another of that name.
#[traced(err(expected = matches!(e.first(), Some(name) if name.is_empty())))]
fn find_all(name: String) -> Result<(), Vec<String>> {
    Err(vec![name])
}

fn main() {
    let mut queue = Queue { is_closed: true, length: 0 };
    let _ = (queue.push(), queue.untouched(), find(String::new()), find_all(String::new()));
    drop((queue.push_later(), find_later(String::new()), find_boxed(String::new())));
}
