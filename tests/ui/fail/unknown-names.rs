use traced::traced;

#[traced(crate = missing::traced)]
fn home() {}

#[traced(target = db)]
fn target_without_quotes() {}

#[traced(scope = payments)]
fn scope_without_quotes() {}

#[traced(name = order_id)]
fn name_of_nothing() {}

#[traced(parent = context, links = [cause])]
fn nowhere() {}

fn main() {
    home();
    target_without_quotes();
    scope_without_quotes();
    name_of_nothing();
    nowhere();
}
