use traced::traced;

#[traced("checkout", feilds(a), kind = Klient, name = "again", fields(a b, c), kind)]
fn every_one_is_reported(a: u8) -> u8 {
    a
}

fn main() {
    every_one_is_reported(1);
}
