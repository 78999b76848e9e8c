use traced::traced;

use crate::recorder::{recorded, recorded_async};

#[derive(Debug)]
struct Order {
    #[allow(dead_code, reason = "printed")]
    id: u32,
}

struct Opaque;

#[traced(args)]
fn all(id: u64, order: &Order, name: &str, _hint: Option<bool>, _opaque: &Opaque, mut left: [u8; 2]) {
    left.reverse();
    let _ = (id, order, name, left);
}

#[traced(args(id, r#type))]
fn some(id: u64, name: &str, r#type: &Order) -> usize {
    name.len() + usize::try_from(id).unwrap() + usize::from(r#type.id == 1)
}

#[traced(skip(password, _opaque))]
fn login(user: String, password: &str, _opaque: Opaque) -> Result<String, String> {
    if password.is_empty() { Err(user) } else { Ok(user) }
}

#[traced(skip_all)]
fn none(id: u64) -> u64 {
    id
}

#[traced(args, skip(password))]
async fn all_but(user: &str, password: &str) -> usize {
    user.len() + password.len()
}

#[test]
fn parameters_are_recorded_as_they_are_else_as_they_print() {
    let order = Order { id: 1 };
    let tree = recorded(|| {
        all(u64::MAX, &order, "Ada", Some(true), &Opaque, [1, 2]);
        some(7, "Ada", &order);
        login("Ada".to_owned(), "secret", Opaque).unwrap();
        none(1);
    });
    assert_eq!(
        tree,
        "all id=18446744073709551615 order=Order { id: 1 } name=\"Ada\" _hint=true left=[1, 2]\n\
         some id=7 type=Order { id: 1 }\n\
         login user=\"Ada\"\n\
         none\n"
    );
    let tree = recorded_async(async {
        all_but("Ada", "secret").await;
    });
    assert_eq!(tree, "all_but user=\"Ada\"\n");
}

struct Repo;

impl Repo {
    #[traced(args)]
    fn load(&self, id: u64) -> u64 {
        let Self = self;
        id
    }

    #[traced(skip(self))]
    fn store(self, id: u64) -> u64 {
        let Self = self;
        id
    }
}

#[test]
fn self_is_never_recorded() {
    let tree = recorded(|| {
        Repo.load(1);
        Repo.store(2);
    });
    assert_eq!(tree, "Repo::load id=1\nRepo::store id=2\n");
}

#[traced(args, fields(id = id * 2, name = Empty, known = name.len()))]
fn replaced(id: u64, name: &str) {
    traced::record!(name = name.to_uppercase());
    let _ = id;
}

#[traced(args(id), fields(known = name.len()))]
fn beside(id: u64, name: &str) {
    let _ = (id, name);
}

#[test]
fn a_field_replaces_the_parameter_of_its_name() {
    let tree = recorded(|| {
        replaced(1, "Ada");
        beside(1, "Ada");
    });
    assert_eq!(tree, "replaced id=2 known=3 name=\"ADA\"\nbeside id=1 known=3\n");
}

#[traced(args)]
fn generic<T, D: std::fmt::Debug, V: traced::AttributeValue>(nothing: T, printed: D, typed: V) -> (T, D, V) {
    (nothing, printed, typed)
}

#[traced(args)]
fn patterns((a, b): (u8, u8), Order { id }: Order, [first, ..]: [&str; 2], _: u8) -> u32 {
    u32::from(a) + u32::from(b) + id + u32::try_from(first.len()).unwrap()
}

struct Fields {
    there: String,
    #[cfg(any())]
    gone: String,
}

#[traced(args)]
fn fields_with_cfg(
    Fields {
        there,
        #[cfg(any())]
        gone,
    }: Fields,
    (
        Fields {
            there: other,
            #[cfg(any())]
                gone: also_gone,
        },
        n,
    ): (Fields, u8),
) -> Option<usize> {
    (there.len() + other.len()).checked_sub(n.into())
}

#[traced(args)]
fn with_cfg(#[cfg(not(any()))] there: u8, #[cfg(any())] gone: u8) -> u8 {
    there
}

#[traced(args(there), fields(there.leading_zeros = there.leading_zeros()))]
fn one_with_cfg(#[cfg(not(any()))] there: u8, #[cfg(any())] gone: u8) -> u8 {
    there
}

#[traced(args)]
fn closures(f: impl Fn(u8) -> u8, text: impl AsRef<str> + std::fmt::Debug) -> usize {
    usize::from(f(1)) + text.as_ref().len()
}

#[test]
fn parameters_of_every_form_are_found() {
    let tree = recorded(|| {
        generic(1, "as it prints", "as it is");
        patterns((1, 2), Order { id: 3 }, ["a", "b"], 0);
        with_cfg(1);
        one_with_cfg(1);
        fields_with_cfg(Fields { there: "a".to_owned() }, (Fields { there: "b".to_owned() }, 1)).unwrap();
        closures(|x| x, "text");
    });
    assert_eq!(
        tree,
        "generic printed=\"as it prints\" typed=\"as it is\"\n\
         patterns a=1 b=2 id=3 first=\"a\"\n\
         with_cfg there=1\n\
         one_with_cfg there=1 there.leading_zeros=7\n\
         fields_with_cfg there=\"a\" other=\"b\" n=1\n\
         closures text=\"text\"\n"
    );
}

struct Unit;

struct Point {
    #[allow(dead_code, reason = "printed")]
    x: u8,
}

impl std::fmt::Debug for Point {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.x)
    }
}

#[allow(non_snake_case, reason = "they are letters of a formula, or of an interface of C")]
mod upper_case {
    use super::*;

    #[traced(args)]
    pub(super) fn all(N: usize, Name: &str, mut K: String) -> usize {
        K.push('!');
        N + Name.len() + K.len()
    }

    #[traced(args(N), fields(Name))]
    pub(super) async fn named(N: usize, Name: String) -> usize {
        N + Name.len()
    }

    #[traced(skip(N))]
    pub(super) fn skipped(N: usize, M: usize) -> usize {
        N + M
    }

    /// Whether such a name is a constant's only the compiler knows.
    #[traced(args(Point, B))]
    pub(super) fn asked_for(Unit: Unit, Point: Point, (a, B): (u8, u8)) -> Option<u8> {
        Some(a + B + Point.x)
    }

    #[traced(args)]
    pub(super) fn left_out(Unit: &Unit, Point: Point, (a, B): (u8, u8)) -> Option<u8> {
        Some(a + B + Point.x)
    }
}

#[test]
fn parameters_may_start_upper_case() {
    let tree = recorded(|| {
        upper_case::all(1, "a", "b".to_owned());
        upper_case::skipped(1, 2);
        upper_case::asked_for(Unit, Point { x: 1 }, (2, 3));
        upper_case::left_out(&Unit, Point { x: 1 }, (2, 3));
    });
    assert_eq!(
        tree,
        "all N=1 Name=\"a\" K=\"b\"\n\
         skipped M=2\n\
         asked_for Point=1 B=3\n\
         left_out a=2\n"
    );
    let tree = recorded_async(async {
        upper_case::named(1, "a".to_owned()).await;
    });
    assert_eq!(tree, "named N=1 Name=\"a\"\n");
}

#[allow(clippy::ref_option, reason = "it is a parameter's type too")]
#[traced(args, ret)]
fn optional(
    order: Option<Order>,
    of: &Option<Order>,
    by: Option<&Order>,
    opaque: Option<Opaque>,
    all: Option<Vec<Order>>,
) -> Option<std::time::Duration> {
    let _ = (of, by, opaque, all);
    order.map(|order| std::time::Duration::from_secs(order.id.into()))
}

#[test]
fn of_an_option_what_it_holds_is_recorded() {
    let tree = recorded(|| {
        let (order, id) = (Order { id: 1 }, 2);
        optional(Some(Order { id }), &Some(Order { id }), Some(&order), Some(Opaque), Some(vec![]));
        optional(None, &None, None, None, None);
    });
    assert_eq!(
        tree,
        "optional order=Order { id: 2 } of=Order { id: 2 } by=Order { id: 1 } all=[] return=2s\n\
         optional\n"
    );
}
