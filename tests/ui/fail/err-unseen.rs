use traced::traced;

#[traced(err(expected))]
fn nothing() {}

#[traced(err = ?)]
async fn number() -> u32 {
    1
}

#[traced(err(type = "timeout"))]
fn text(_owned: String) -> String {
    String::new()
}

#[traced(err(type = "timeout"))]
fn option() -> Option<u8> {
    None
}

#[traced(err(type = "timeout"))]
#[track_caller]
fn tracked() -> Result<(), String> {
    Ok(())
}

#[traced(cancel = error)]
fn no_future() -> Result<(), String> {
    Ok(())
}

#[traced(cancel)]
async fn no_value() {}

#[traced(cancel = off)]
async fn other_value() {}

#[traced(cancel = 3)]
async fn number_as_value() {}

#[traced(cancel = )]
async fn value_left_out() {}

fn main() {
    nothing();
    let _ = (number(), text(String::new()), option(), tracked(), no_future(), no_value(), other_value());
    let _ = (number_as_value(), value_left_out());
}
