use std::cell::Cell;
use std::fmt;

use traced::traced;

use crate::recorder::{recorded, recorded_async};

#[derive(Debug)]
struct Order {
    id: u32,
    lines: Vec<&'static str>,
}

struct Customer(&'static str);

impl fmt::Display for Customer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[traced(fields(
    order.id = order.id,
    "quoted key" = order.lines.len(),
    type = "express",
    %customer,
    ?order.lines,
    retries,
    note,
    twice = retries * 2,
    shown = %customer.0,
    debugged = ?order,
))]
fn place(order: &Order, customer: &Customer, retries: u8, note: Option<&str>) -> usize {
    order.lines.len() + customer.0.len() + usize::from(retries) + note.map_or(0, str::len)
}

#[test]
fn fields_keep_their_types_and_order() {
    let order = Order { id: 7, lines: vec!["tea", "cake"] };
    let tree = recorded(|| {
        place(&order, &Customer("Ada"), 2, None);
        place(&order, &Customer("Bob"), 0, Some("hi"));
    });
    assert_eq!(
        tree,
        "place order.id=7 quoted key=2 type=\"express\" customer=Ada order.lines=[\"tea\", \"cake\"] retries=2 \
         twice=4 shown=Ada debugged=Order { id: 7, lines: [\"tea\", \"cake\"] }\n\
         place order.id=7 quoted key=2 type=\"express\" customer=Bob order.lines=[\"tea\", \"cake\"] retries=0 \
         note=\"hi\" twice=0 shown=Bob debugged=Order { id: 7, lines: [\"tea\", \"cake\"] }\n"
    );
}

fn counted(count: &Cell<u32>) -> u32 {
    count.set(count.get() + 1);
    count.get()
}

#[traced(fields(n = counted(count)))]
fn counting(count: &Cell<u32>) {
    let _ = count;
}

#[traced(fields(n = counted(count)))]
async fn counting_async(count: &Cell<u32>) {
    let _ = count;
}

#[test]
fn fields_are_evaluated_once_and_only_while_recording() {
    let count = Cell::new(0);
    counting(&count);
    assert_eq!(count.get(), 0);
    assert_eq!(recorded(|| counting(&count)), "counting n=1\n");
    assert_eq!(count.get(), 1);
    assert_eq!(recorded_async(counting_async(&count)), "counting_async n=2\n");
    assert_eq!(count.get(), 2);
    // With a recorder that does not want these spans.
    counting(&count);
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(counting_async(&count));
    assert_eq!(count.get(), 2);
}

struct Basket {
    items: Vec<String>,
}

impl Basket {
    #[traced(fields(items = self.items.len(), item))]
    fn add(&mut self, item: String) -> &mut String {
        self.items.push(item);
        self.items.last_mut().unwrap()
    }

    #[traced(fields(first = self.items.first(), ?left))]
    fn into_parts(self, (left, _right): (usize, usize)) -> (Vec<String>, Vec<String>) {
        let mut items = self.items;
        let rest = items.split_off(left);
        (items, rest)
    }
}

#[test]
fn fields_see_what_the_body_moves_or_changes() {
    let mut basket = Basket { items: vec![] };
    let tree = recorded(|| {
        basket.add("tea".to_owned()).push('!');
        assert_eq!(basket.into_parts((1, 0)), (vec!["tea!".to_owned()], vec![]));
    });
    assert_eq!(tree, "Basket::add items=0 item=\"tea\"\nBasket::into_parts first=\"tea!\" left=1\n");
}
