#[traced::traced]
#[path = "../pass/async_move_only.rs"]
mod elsewhere;

fn main() {

}
