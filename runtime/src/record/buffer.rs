//! The bytes of a record in the making.

/// Bytes to append to. What is small is put in place, into memory that is there already and has been written before, so
/// that one check of the room is enough for all its pieces.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    memory: Vec<u8>,
    /// How much of the memory is in use.
    len: usize,
}

impl Buffer {
    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        self.memory.get(..self.len).unwrap_or_default()
    }

    /// Appends what `put` appends.
    #[inline]
    pub(super) fn append(&mut self, put: impl FnOnce(&mut Vec<u8>)) {
        self.memory.truncate(self.len);
        put(&mut self.memory);
        self.len = self.memory.len();
    }

    /// Appends what `put` puts in place and returns the length of. False, and nothing is appended, if that is none or if
    /// there is no [room](Self::make_room).
    #[inline]
    pub(super) fn put<const N: usize>(&mut self, put: impl FnOnce(&mut [u8; N]) -> Option<usize>) -> bool {
        let Some(free) = self.memory.get_mut(self.len..) else { return false };
        let Some(room) = free.first_chunk_mut() else { return false };
        let Some(len) = put(room) else { return false };
        self.len += len;
        true
    }

    /// Makes room for N bytes to be put in place, if there is none, and for more to follow.
    pub(super) fn make_room<const N: usize>(&mut self) {
        if self.memory.len() < self.len + N {
            self.memory.resize(self.len + 4 * N, 0);
        }
    }

    /// Takes a part out.
    pub(super) fn remove(&mut self, part: std::ops::Range<usize>) {
        self.len -= self.memory.drain(part).len();
    }

    /// Takes all out.
    #[inline]
    pub(super) fn clear(&mut self) {
        self.len = 0;
    }

    /// Takes all out, and gives memory back that exceeds this.
    #[inline]
    pub(super) fn trim(&mut self, keep: usize) {
        self.clear();
        if self.memory.capacity() > keep {
            self.memory.truncate(keep);
            self.memory.shrink_to(keep);
        }
    }

    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.memory.capacity()
    }
}
