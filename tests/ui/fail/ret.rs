use traced::traced;

struct Opaque;

#[traced(ret)]
fn not_recordable() -> Opaque {
    Opaque
}

#[traced(ret)]
async fn not_recordable_later() -> Result<Opaque, ()> {
    Ok(Opaque)
}

#[traced(ret = ?)]
fn not_debug() -> Opaque {
    Opaque
}

#[traced(ret = %)]
fn not_display() -> Option<u8> {
    None
}

#[traced(ret = text)]
fn a_value() -> u8 {
    1
}

#[traced(ret(Dbg))]
fn unknown_way() -> u8 {
    1
}

#[traced(ret)]
fn never() -> ! {
    std::process::exit(1)
}

#[traced(ret)]
#[track_caller]
fn tracked() -> u8 {
    1
}

#[traced(ret = )]
fn nothing() -> u8 {
    1
}

// The block passes it over, and a function's own does not.
#[traced(ret)]
impl Opaque {
    fn passed_over() -> Self {
        Self
    }

    #[traced(ret)]
    fn asked_for() -> Self {
        Self
    }
}

fn main() {
    let _ = (not_recordable, not_recordable_later, not_debug, not_display, a_value, unknown_way);
    let _ = (never as fn() -> !, tracked);
    let _ = nothing;
    let _ = (Opaque::passed_over, Opaque::asked_for);
}
