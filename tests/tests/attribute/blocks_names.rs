//! What the functions of a block are called: those of a trait, in the `impl` of a type, by both.

use traced::traced;

use crate::recorder::{recorded, sites};

mod names {
    use traced::traced;

    pub(super) struct Id(pub(super) u64);

    macro_rules! from {
        ($behaviour:path, $from:ty) => {
            #[traced]
            impl $behaviour for Id {
                fn from(from: $from) -> Self {
                    Self(from.into())
                }
            }
        };
    }

    from!(From<u8>, u8);
    from!(std::convert::From<u16>, u16);

    #[traced]
    impl<F: for<'a> Fn(&'a u8) -> u8> From<(F, Vec<Self>)> for Id {
        #[traced(leaf, fields(n = from.1.len()))]
        fn from(from: (F, Vec<Self>)) -> Self {
            Self((from.0)(&1).into())
        }
    }

    /// As it is by itself.
    impl From<&str> for Id {
        #[traced]
        fn from(from: &str) -> Self {
            Self(from.len() as u64)
        }
    }

    #[traced]
    pub(super) mod nested {
        pub(crate) mod deeper {
            #[derive(Debug)]
            pub(crate) struct Key;

            impl std::fmt::Display for Key {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("key")
                }
            }

            impl std::error::Error for Key {
                #[traced::traced("source of a key")]
                fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
                    None
                }
            }

            impl Key {
                pub(crate) fn own(&self) -> String {
                    self.to_string()
                }
            }
        }
    }
}

struct Counter {
    n: u8,
}

const KIND: traced::Kind = traced::Kind::Client;

#[traced(fields(n = self.n, self.n, of = self::KIND as u8), parent = self.place(), kind = self::KIND)]
impl Counter {
    fn new(n: u8) -> Self {
        Self { n }
    }

    #[traced(fields(more = self.n + 1))]
    fn next(&self) -> u8 {
        self.n + 1
    }

    #[traced(off)]
    fn place(&self) -> traced::Carry {
        assert!(self.n > 0);
        traced::Carry::current()
    }
}

#[test]
fn what_mentions_self_is_for_the_functions_that_have_it() {
    let tree = recorded(|| assert_eq!(Counter::new(1).next(), 2));
    assert_eq!(tree, "Counter::new (Client) of=2\nCounter::next (Client) n=1 self.n=1 of=2 more=2\n");
}

#[test]
fn methods_of_a_trait_tell_which() {
    use std::error::Error as _;

    let all = || {
        let ids =
            [names::Id::from(1_u8), 2_u16.into(), (|n: &u8| *n, vec![names::Id(0)]).into(), "four".into()];
        assert_eq!(ids.map(|id| id.0), [1, 2, 1, 4]);
        let key = names::nested::deeper::Key;
        assert_eq!(key.own(), "key");
        assert!(key.source().is_none());
    };
    assert_eq!(
        recorded(all),
        "<Id as From>::from\n\
         <Id as From>::from\n\
         <Id as From>::from n=1\n\
         Id::from\n\
         Key::own\n\
         \x20 <Key as Display>::fmt\n\
         source of a key\n"
    );
    let functions: Vec<String> = sites(all).iter().map(|site| site.function()).collect();
    assert_eq!(
        functions[2..],
        [
            "attribute::blocks_names::names::<Id as From>::from",
            "attribute::blocks_names::names::Id::from",
            "attribute::blocks_names::names::nested::deeper::Key::own",
            "attribute::blocks_names::names::nested::deeper::<Key as Display>::fmt",
            "attribute::blocks_names::names::nested::deeper::<Key as Error>::source",
        ]
    );
}

struct User {
    id: u64,
}

fn limit() -> u64 {
    7
}

/// What mentions a parameter is for the functions that have it.
#[traced(
    fields(user = user.id, text = format!("{}", user.id), limit = limit(), of = users.iter().filter(|user| 0 < user.id).count()),
    err(type = format!("{}!", e.len()), expected = user.id == 3)
)]
mod handlers {
    use super::{User, limit};

    pub(super) fn show(user: &User) -> Result<u64, String> {
        if user.id == 2 { Ok(user.id) } else { Err("no".to_owned()) }
    }

    pub(super) fn list(users: &[User]) -> Result<usize, String> {
        if users.len() == 1 { Ok(users.len()) } else { Err("none".to_owned()) }
    }

    pub(super) fn both(users: &[User], user: &User) -> bool {
        users.iter().any(|other| other.id == user.id)
    }

    #[traced::traced(fields(limit = 3))]
    pub(super) mod inner {
        pub(crate) fn health() -> bool {
            true
        }

        pub(crate) fn deleted(user: &super::User) -> bool {
            user.id == 0
        }
    }
}

#[test]
fn what_mentions_a_parameter_is_for_the_functions_that_have_it() {
    let users = [User { id: 2 }];
    let [user] = &users;
    let tree = recorded(|| {
        let _ = (
            handlers::show(user),
            handlers::show(&User { id: 3 }),
            handlers::list(&users),
            handlers::list(&[]),
        );
        let _ = (handlers::both(&users, user), handlers::inner::health(), handlers::inner::deleted(user));
    });
    assert_eq!(
        tree,
        "show user=2 text=\"2\" limit=7\n\
         show user=3 text=\"3\" limit=7 expected: display no (String) of type 2!\n\
         list limit=7 of=1\n\
         list limit=7 of=0 failed: display none (String)\n\
         both user=2 text=\"2\" limit=7 of=1\n\
         health limit=3\n\
         deleted user=2 text=\"2\" limit=3\n"
    );
}

struct Shelf;

/// An attribute that both give is the function's, whether as a parameter or as a field.
#[traced(args(id, row), fields(code = 1, shop = "main"))]
impl Shelf {
    #[traced(fields(id = id + 70))]
    fn field(id: u32, row: u8) -> u32 {
        id + u32::from(row)
    }

    #[traced(args(code))]
    fn parameter(code: u32, id: u32) -> u32 {
        code + id
    }

    #[traced(fields(%id, row, code = 2))]
    fn all(id: u32, row: u8) -> u32 {
        id + u32::from(row)
    }
}

#[test]
fn what_both_give_is_the_functions() {
    let tree = recorded(|| {
        let _ = (Shelf::field(7, 1), Shelf::parameter(3, 4), Shelf::all(5, 6));
    });
    assert_eq!(
        tree,
        "Shelf::field row=1 code=1 shop=\"main\" id=77\n\
         Shelf::parameter code=3 shop=\"main\"\n\
         Shelf::all shop=\"main\" id=5 row=6 code=2\n"
    );
}
