#[traced::traced]
#[path = "../pass/async_move_only.rs"]
mod elsewhere;

#[traced::traced]
trait Alias = Clone;

fn main() {

}
