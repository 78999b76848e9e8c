//! The body of an `unsafe fn` stays one: unsafe operations need no block of their own.
#![allow(unsafe_op_in_unsafe_fn)]

use traced::traced;

#[traced]
unsafe fn guarded(pointer: *const u8) -> u8 {
    *pointer
}

#[traced]
unsafe fn closed(pointer: *const u8) -> Option<u8> {
    Some(*pointer)
}

#[traced]
async unsafe fn future(pointer: *const u8) -> u8 {
    *pointer
}

#[traced]
unsafe extern "C" fn foreign(pointer: *const u8) -> u8 {
    *pointer
}

fn run() {
    let n = 1_u8;
    unsafe {
        assert_eq!(guarded(&n), 1);
        assert_eq!(closed(&n), Some(1));
        assert_eq!(foreign(&n), 1);
        assert_eq!(traced_tests::now(future(&n)), 1);
    }
}

fn main() {
    traced_tests::assert_spans(
        run,
        "\
guarded
closed
foreign
future
",
    );
}
