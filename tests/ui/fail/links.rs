use traced::traced;

#[traced(links = [id, cx])]
fn one_is_none(id: u64, cx: &traced::Carry) -> u64 {
    id
}

#[traced(links = ids)]
fn none_of_them(ids: Vec<u64>) {}

#[traced(follows_from = "id")]
fn text() {}

#[traced(links(cx))]
fn list(cx: &traced::Carry) {}

#[traced(links = [cx], links = [cx])]
fn twice(cx: &traced::Carry) {}

fn main() {
    one_is_none(1, &traced::Carry::current());
    none_of_them(vec![1]);
    text();
    list(&traced::Carry::current());
    twice(&traced::Carry::current());
}
