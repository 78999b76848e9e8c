use traced::SpanError;

#[derive(Debug, thiserror::Error, SpanError)]
#[error("a")]
#[span_error(transparent = true)]
struct Value(std::fmt::Error);

#[derive(Debug, thiserror::Error, SpanError)]
#[error("a")]
#[span_error("timeout")]
struct NoKey;

#[derive(Debug, thiserror::Error, SpanError)]
#[error("a")]
struct NoKeyOnField {
    #[span_error("order.id")]
    id: u64,
    #[span_error(field = "")]
    empty: u64,
    #[span_error(field = id)]
    name: u64,
}

fn main() {
    fn said<E: SpanError>() {}
    said::<Value>();
    said::<NoKey>();
    said::<NoKeyOnField>();
}
