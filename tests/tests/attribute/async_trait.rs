//! Methods of `#[async_trait]` whose parameters are patterns, which it takes apart inside.

use async_trait::async_trait;
use traced::{record, traced};

use crate::recorder::recorded_async;

struct Order {
    id: u32,
    of: &'static str,
}

struct Noisy(&'static str);

impl Drop for Noisy {
    #[traced("dropped", fields(who = self.0))]
    fn drop(&mut self) {}
}

#[async_trait]
trait Shop {
    async fn place(&mut self, of: (u32, u32), order: Order, more: u32, note: &mut String) -> u32;
    async fn find(&self, order: Order) -> Result<u32, String>;
    async fn close(self: Box<Self>, why: (u8, Noisy), last: Noisy, both: (Noisy, Noisy));
}

struct Alone(u32);

fn plus(a: u32, b: u32) -> u32 {
    a + b
}

#[async_trait]
impl Shop for Alone {
    #[traced(args, ret, fields(sum = self::plus(a, id), left = self.0, text = format!("{of}-{}", self.0), late = Empty))]
    async fn place(
        &mut self,
        (a, _b): (u32, u32),
        Order { id, of }: Order,
        mut more: u32,
        _: &mut String,
    ) -> u32 {
        record!(late = a + 1);
        self.0 += 1;
        more += 1;
        more + id + u32::try_from(of.len()).unwrap()
    }

    #[traced(name = format!("find {id}"), fields(id, shop = "one"))]
    async fn find(&self, Order { id, .. }: Order) -> Result<u32, String> {
        if id == 3 {
            return Err("three".to_owned());
        }
        Ok(id)
    }

    #[traced(fields(a, left = self.0, first = first.0))]
    async fn close(self: Box<Self>, (a, _why): (u8, Noisy), last: Noisy, (first, _second): (Noisy, Noisy)) {
        let _local = Noisy("local");
        assert_eq!(a, 5);
        assert_eq!(last.0, "last");
    }
}

struct AsABlock(u32);

#[async_trait]
#[traced(skip(_why, last, first, _second), fields(left = self.0))]
impl Shop for AsABlock {
    async fn place(
        &mut self,
        (a, _b): (u32, u32),
        Order { id, of }: Order,
        mut more: u32,
        _: &mut String,
    ) -> u32 {
        self.0 += a;
        more += 1;
        more + id + u32::try_from(of.len()).unwrap()
    }

    #[traced(args(of))]
    async fn find(&self, Order { of, .. }: Order) -> Result<u32, String> {
        Err(of.to_owned())
    }

    async fn close(self: Box<Self>, (a, _why): (u8, Noisy), last: Noisy, (first, _second): (Noisy, Noisy)) {
        let _local = Noisy("local");
        assert_eq!((a, last.0, first.0), (5, "last", "first"));
    }
}

async fn serve(mut shop: Box<dyn Shop + Send>) {
    let order = |id| Order { id, of: "tea" };
    assert_eq!(shop.place((1, 2), order(3), 4, &mut String::new()).await, 11);
    shop.find(order(3)).await.unwrap_err();
    let both = (Noisy("first"), Noisy("second"));
    shop.close((5, Noisy("why")), Noisy("last"), both).await;
}

#[async_trait]
trait Ignores {
    async fn ignore(&self, _: u8, kept: u32, _: &str) -> u32;
    async fn ignore_only(&self, _: String);
}

#[async_trait]
impl Ignores for Alone {
    #[traced(args)]
    async fn ignore(&self, _: u8, kept: u32, _: &str) -> u32 {
        self.0 + kept
    }

    #[traced(args)]
    async fn ignore_only(&self, _: String) {}
}

#[test]
fn what_has_no_name_is_not_recorded() {
    let tree = recorded_async(async {
        Alone(1).ignore(2, 3, "4").await;
        Alone(1).ignore_only(String::new()).await;
    });
    assert_eq!(tree, "Alone::ignore kept=3\nAlone::ignore_only\n");
}

#[test]
fn patterns_that_it_takes_apart_are_known() {
    let tree = recorded_async(async {
        serve(Box::new(Alone(1))).await;
        serve(Box::new(AsABlock(1))).await;
    });
    let closed = "  dropped who=\"local\"
  dropped who=\"second\"
  dropped who=\"first\"
  dropped who=\"last\"
  dropped who=\"why\"
";
    assert_eq!(
        tree,
        format!(
            "Alone::place a=1 _b=2 id=3 of=\"tea\" more=4 sum=4 left=1 text=\"tea-1\" late=2 return=11
find 3 id=3 shop=\"one\" failed: display three (String)
Alone::close a=5 left=2 first=\"first\"
{closed}<AsABlock as Shop>::place a=1 _b=2 id=3 of=\"tea\" more=4 left=1
<AsABlock as Shop>::find of=\"tea\" left=2 failed: display tea (String)
<AsABlock as Shop>::close a=5 left=2
{closed}"
        )
    );
}
