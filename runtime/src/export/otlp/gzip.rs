//! Compressing requests.
//!
//! By zlib-rs through `flate2`, at level 1. For 512 spans of three attributes (125 KB) and for those of the shop in
//! `examples` (90 KB), on one core of an AMD EPYC in November 2026:
//!
//! | | level | bytes left | ns a KB | bytes left (shop) | ns a KB (shop) |
//! |---|---:|---:|---:|---:|---:|
//! | zlib-rs | 1 | 9.1 % | 500 | 14.8 % | 620 |
//! | | 2 | 7.9 % | 840 | 13.8 % | 1,210 |
//! | | 6 | 7.5 % | 2,580 | 12.4 % | 2,910 |
//! | `miniz_oxide`, the default of `flate2` | 1 | 8.1 % | 960 | 16.3 % | 1,700 |
//! | | 6 | 7.5 % | 5,460 | 12.3 % | 5,240 |
//!
//! So what makes spans small is done by the first level, and the others pay much for little. Neither takes a C compiler.

use bytes::Bytes;
use flate2::{Compress, Compression, FlushCompress, Status};

use super::encode::emptied;

const LEVEL: u32 = 1;

/// The largest window there is.
const WINDOW_BITS: u8 = 15;

/// Compresses requests, one at a time, in memory that is used again.
pub(super) struct Gzip {
    state: Compress,
    /// The buffer of the last request, once nobody reads it any more.
    out: Vec<u8>,
}

impl Gzip {
    pub(super) fn new() -> Self {
        Self { state: Compress::new_gzip(Compression::new(LEVEL), WINDOW_BITS), out: Vec::new() }
    }

    /// The request as a gzip file. None if there is a mistake in the compressor.
    pub(super) fn compress(&mut self, request: &[u8]) -> Option<Bytes> {
        let mut out = std::mem::take(&mut self.out);
        out.clear();
        // Enough for what does not get any smaller: nine bits for each byte, and what stands around it. The system
        // gives memory when it is written to, which for a tenth of this it is.
        out.reserve(request.len() + request.len() / 8 + 64);
        self.state.reset();
        let status = self.state.compress_vec(request, &mut out, FlushCompress::Finish).ok()?;
        (status == Status::StreamEnd).then(|| out.into())
    }

    /// Takes the buffer of a request back, unless somebody still reads it.
    pub(super) fn recycle(&mut self, bytes: Bytes) {
        if let Some(buffer) = emptied(bytes) {
            self.out = buffer;
        }
    }
}
