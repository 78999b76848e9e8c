//! What is compressed comes out as it was.

use std::io::Read as _;

use flate2::read::GzDecoder;
use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};

use crate::export::otlp::gzip::Gzip;

pub(super) fn unpacked(file: &[u8]) -> Vec<u8> {
    let (mut decoder, mut bytes) = (GzDecoder::new(file), Vec::new());
    // A file whose checksum is not right is an error.
    decoder.read_to_end(&mut bytes).expect("a gzip file");
    assert!(decoder.into_inner().is_empty(), "and nothing after it");
    bytes
}

#[test]
fn requests_of_every_size_come_out_as_they_were() {
    let mut gzip = Gzip::new();
    let mut random = SmallRng::seed_from_u64(7);
    for len in [0, 1, 100, 32_768, 100_000, 4 << 20] {
        // What does not get smaller, what does, and the bytes whose code is the longest.
        let noise: Vec<u8> = std::iter::repeat_with(|| random.random()).take(len).collect();
        let high: Vec<u8> = noise.iter().map(|byte| byte | 0x90).collect();
        for request in [vec![b'a'; len], noise, high] {
            let file = gzip.compress(&request).expect("there is room");
            assert!(unpacked(&file) == request, "{len}");
            gzip.recycle(file);
        }
    }
}

#[test]
fn the_buffer_is_used_again() {
    let mut gzip = Gzip::new();
    let first = gzip.compress(&[b'a'; 5_000]).unwrap();
    let (address, capacity) = (first.as_ptr(), 5_000 + 5_000 / 8 + 64);
    gzip.recycle(first);
    // Would be there if it had been freed.
    let _other = Vec::<u8>::with_capacity(capacity);
    let second = gzip.compress(&[b'b'; 5_000]).unwrap();
    assert_eq!(second.as_ptr(), address);
    assert_eq!(unpacked(&second), [b'b'; 5_000]);
    // One that is still read is left alone.
    gzip.recycle(second.clone());
    let third = gzip.compress(&[b'c'; 5_000]).unwrap();
    assert_ne!(third.as_ptr(), address);
    assert_eq!(unpacked(&second), [b'b'; 5_000]);
}
