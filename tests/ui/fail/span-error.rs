use traced::SpanError;

#[derive(Debug, thiserror::Error, SpanError)]
#[error("a")]
#[span_error(expectd)]
struct Misspelt;

#[derive(Debug, thiserror::Error, SpanError)]
#[error("a")]
#[span_error]
struct NoList;

#[derive(Debug, thiserror::Error, SpanError)]
#[error("a")]
#[span_error(type = 404, expected = "yes", transparent)]
struct Several;

#[derive(Debug, thiserror::Error, SpanError)]
#[error("a")]
#[span_error(type = "", type = "a", field)]
struct Twice;

#[derive(Debug, thiserror::Error, SpanError)]
#[span_error(transparent)]
enum OnEnum {
    #[error("a")]
    #[span_error(transparent, expected)]
    Both(std::fmt::Error),
    #[error("b")]
    #[span_error(transparent)]
    TwoFields(u8, u8),
    #[error("c")]
    OnField(#[span_error(type = "a")] u8, #[span_error(field)] u8, #[span_error(key = "b")] u8),
}

#[derive(Debug, thiserror::Error, SpanError)]
#[error("a")]
#[span_error(transparent)]
struct Foreign(std::fmt::Error);

#[derive(Debug, thiserror::Error, SpanError)]
#[error("a")]
struct NoAttribute {
    #[span_error(field)]
    list: Vec<Misspelt>,
}

#[derive(SpanError)]
struct NoError;

#[derive(SpanError)]
union Union {
    a: u8,
}

fn main() {
    // Each mistake is one error: the implementations are there.
    fn said<E: SpanError>() {}
    said::<Misspelt>();
    said::<NoList>();
    said::<Several>();
    said::<Twice>();
    said::<OnEnum>();
}
