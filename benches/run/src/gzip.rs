//! What compressing costs by itself, by the library and at the level that `traced` has it done.

use std::time::Duration;

use flate2::{Compress, Compression, FlushCompress, Status};
use kit::thread_cpu;

use crate::Error;

const ROUNDS: usize = 60;

/// CPU nanoseconds of compressing a request of so many spans, for each, at the pace of [`kit::Pace::Bursts`]: caches are
/// as cold as they are there.
pub(crate) fn alone(spans: u64, request: &[u8]) -> Result<f64, Error> {
    let mut state = Compress::new_gzip(Compression::new(1), 15);
    let mut file = Vec::with_capacity(request.len() * 9 / 8 + 64);
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        std::thread::sleep(Duration::from_millis(3));
        let began = thread_cpu();
        state.reset();
        file.clear();
        let status = state.compress_vec(request, &mut file, FlushCompress::Finish)?;
        times.push(thread_cpu() - began);
        if status != Status::StreamEnd {
            return Err("no room for a compressed request".into());
        }
    }
    times.sort_unstable();
    Ok(times[ROUNDS / 2] as f64 / spans as f64)
}
