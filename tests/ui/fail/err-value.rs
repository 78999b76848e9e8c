use traced::traced;

#[derive(Debug)]
struct Failed;

impl Failed {
    fn code(&self) -> u16 {
        404
    }
}

#[traced(err = of)]
fn misspelt_off() -> Result<(), Failed> {
    Ok(())
}

#[traced(err = "off")]
fn text() -> Result<(), Failed> {
    Ok(())
}

#[traced(err(off))]
fn off_in_list() -> Result<(), Failed> {
    Ok(())
}

#[traced(err(expcted))]
fn misspelt() -> Result<(), Failed> {
    Ok(())
}

#[traced(err("timeout"))]
fn text_in_list() -> Result<(), Failed> {
    Ok(())
}

#[traced(err(type))]
fn no_type() -> Result<(), Failed> {
    Ok(())
}

#[traced(err(type = ))]
fn empty_type() -> Result<(), Failed> {
    Ok(())
}

#[traced(err(expected, type = "a", expected))]
fn twice() -> Result<(), Failed> {
    Ok(())
}

#[traced(err: off)]
fn colon() -> Result<(), String> {
    Ok(())
}

#[traced(err off)]
fn nothing_between() -> Result<(), String> {
    Ok(())
}

#[traced(err = )]
fn left_out() -> Result<(), String> {
    Ok(())
}

fn main() {
    // Each mistake is one error: the functions are there.
    let _ = (misspelt_off(), text(), off_in_list(), misspelt(), text_in_list(), no_type(), empty_type());
    let _ = twice().map_err(|failed| failed.code());
    let _ = (colon(), nothing_between(), left_out());
}
