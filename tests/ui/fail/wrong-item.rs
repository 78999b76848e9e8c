use traced::traced;

#[traced]
const fn at_compile_time() -> u8 {
    1
}

#[traced]
struct NotCalled;

trait Store {
    #[traced]
    fn load(&self) -> u8;
}

impl Store for NotCalled {
    fn load(&self) -> u8 {
        at_compile_time()
    }
}

#[traced("name")]
const NEITHER: u8 = 1;

fn main() {
    NotCalled.load();
    let _ = NEITHER;
}
