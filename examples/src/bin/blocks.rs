//! A whole `impl` annotated at once: look for `Orders::load` and `Orders::delete`, both of kind client, and for
//! `is_connected`, which is left out.
//!
//! ```sh
//! OTEL_TRACES_EXPORTER=console cargo run --bin blocks
//! ```

use traced::traced;

struct Orders {
    rows: std::collections::BTreeMap<u64, String>,
}

#[traced(kind = Client, fields(db.collection.name = Self::TABLE))]
impl Orders {
    const TABLE: &str = "orders";

    fn load(&self, id: u64) -> Result<&str, String> {
        let row = self.is_connected().then(|| self.rows.get(&id)).flatten();
        row.map(String::as_str).ok_or(format!("no order {id}"))
    }

    #[traced(fields(id))]
    fn delete(&mut self, id: u64) -> Option<String> {
        self.rows.remove(&id)
    }

    #[traced(off)]
    fn is_connected(&self) -> bool {
        !self.rows.is_empty()
    }
}

#[traced]
fn clean_up() -> Result<(), String> {
    let mut orders = Orders { rows: [(7, "a book".to_owned())].into() };
    println!("{} goes", orders.load(7)?);
    orders.delete(7);
    orders.load(7)?;
    Ok(())
}

fn main() -> Result<(), traced::InstallError> {
    let _telemetry = traced::init()?;
    println!("{:?}", clean_up());
    Ok(())
}
