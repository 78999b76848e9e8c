use traced::traced;

struct Failed(Vec<Reason>);

struct Reason;

impl Failed {
    fn code(&self) -> u16 {
        404
    }
}

#[traced(err(expected = e.code()))]
fn number_as_expected() -> Result<(), Failed> {
    Ok(())
}

#[traced(err(expected = |e| e.is_not_found()))]
fn no_such_method() -> Result<(), Failed> {
    Ok(())
}

#[traced(err(expected = |e, more| true))]
fn closure_of_two() -> Result<(), Failed> {
    Ok(())
}

#[traced(err(type = &e.0))]
async fn not_an_attribute() -> Result<(), Failed> {
    Ok(())
}

#[traced(err = ?)]
fn no_debug() -> Result<(), Failed> {
    Ok(())
}

fn main() {
    let _ = (number_as_expected(), no_such_method(), closure_of_two(), no_debug(), not_an_attribute());
    let _ = Failed(vec![Reason]).code();
}
