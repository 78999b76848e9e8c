//! The braces of a `$b:block` are not the user's to leave out, so they are not reported as unused.
#![deny(warnings)]

use traced::traced;

macro_rules! functions {
    ($last:block $all:block $sync:ident $whole:ident $counted:ident $later:ident $inside:ident $here:ident $of:ident) => {
        #[traced]
        fn $sync() -> Result<u8, String> {
            $last
        }

        #[traced]
        fn $whole(_text: String) -> Result<u8, String> $all

        #[traced(ret, fields(late = Empty))]
        fn $counted(_text: String) -> Result<u8, String> {
            let value: Result<u8, String> = $last;
            if value.is_err() {
                return $last;
            }
            $last
        }

        #[traced]
        async fn $later(_text: String) -> Result<u8, String> {
            $last
        }

        #[traced]
        fn $inside() -> impl Future<Output = Result<u8, String>> {
            async move { $last }
        }

        #[traced]
        #[track_caller]
        fn $here() -> Result<u8, String> {
            $last
        }

        #[traced]
        fn $of<T: Default>(_value: T) -> Result<u8, T> {
            let closure = || $last;
            closure().map_err(|_: String| T::default())
        }
    };
}

functions!({ Ok(1) } { Ok(1) } sync whole counted later inside here of);

fn main() {
    assert_eq!(sync(), Ok(1));
    assert_eq!(whole(String::new()), counted(String::new()));
    assert_eq!(of(1), Ok(1));
    assert_eq!(here(), Ok(1));
    drop((later(String::new()), inside()));
}
