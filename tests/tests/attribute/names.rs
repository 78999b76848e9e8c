use traced::traced;

use crate::recorder::{recorded, sites};

#[traced]
fn free() {}

mod nested {
    use traced::traced;

    pub(super) struct Repo<T>(pub(super) T);

    impl<T> Repo<T> {
        #[traced]
        pub(super) fn load(&self) -> &T {
            &self.0
        }

        #[traced]
        pub(super) fn associated() -> Result<Option<Self>, T> {
            Ok(None)
        }
    }

    pub(super) trait Store {
        #[traced]
        fn save(&self) {
            self.flush();
        }

        fn flush(&self);
    }

    impl<T> Store for Repo<T> {
        #[traced]
        fn flush(&self) {}
    }

    #[traced]
    pub(super) fn outer() -> u8 {
        #[traced]
        fn inner() -> u8 {
            1
        }
        inner()
    }
}

#[test]
fn the_name_is_the_functions() {
    use nested::Store;

    let tree = recorded(|| {
        free();
        let repo = nested::Repo(1);
        repo.load();
        let _ = nested::Repo::<u8>::associated();
        repo.save();
        nested::outer();
    });
    assert_eq!(
        tree,
        "free\n\
         Repo::load\n\
         Repo::associated\n\
         Store::save\n\
         \x20 Repo::flush\n\
         outer\n\
         \x20 inner\n"
    );
}

#[test]
fn the_site_knows_where_it_is() {
    let sites = sites(|| {
        free();
        nested::Repo(1).load();
    });
    let [free, load] = sites.as_slice() else { panic!("{sites:?}") };
    assert_eq!(free.function(), "attribute::names::free");
    assert_eq!(free.file(), file!());
    // The line of `fn free`, not of its attribute.
    assert_eq!(free.line(), 6);
    assert_eq!(free.scope_name(), "traced-tests");
    assert_eq!(free.scope_version(), Some(env!("CARGO_PKG_VERSION")));
    assert_eq!(load.function(), "attribute::names::nested::Repo::load");
    assert_eq!(load.module(), "attribute::names::nested");
}
