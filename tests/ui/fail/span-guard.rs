use traced::span;

fn is_send<T: Send>(_: T) {}

async fn across_an_await() {
    let _guard = span!("load").guard();
    std::future::ready(()).await;
}

fn main() {
    is_send(across_an_await());
}
