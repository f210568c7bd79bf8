//! Decides how memory for objects is used again: a buffer keeps what it has, and little is kept in all.

/// Bytes that a thread keeps for later at the most.
const KEPT: usize = 4 << 20;

/// Memory for one object. What is behind the object in it is of no meaning.
#[derive(Default)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
    len: usize,
}

impl Buffer {
    /// The object.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[..self.len]
    }

    /// Makes it `len` bytes long, of no particular value.
    pub(super) fn set_len(&mut self, len: usize) {
        if self.bytes.len() < len {
            if self.bytes.capacity() < len {
                // A new allocation of zeros is not touched, unlike one that grows.
                self.bytes = vec![0; len.max(2 * self.bytes.capacity().min(KEPT / 64)).max(256)];
            } else {
                self.bytes.resize(len, 0);
            }
        }
        self.len = len;
    }
}

impl From<Vec<u8>> for Buffer {
    fn from(bytes: Vec<u8>) -> Self {
        let len = bytes.len();
        Self { bytes, len }
    }
}

/// Buffers that are not in use.
#[derive(Default)]
pub(super) struct Pool {
    buffers: Vec<Buffer>,
    size: usize,
}

impl Pool {
    /// A buffer of `len` bytes, of no particular value.
    pub(super) fn take(&mut self, len: usize) -> Buffer {
        let mut buffer = self.buffers.pop().unwrap_or_default();
        self.size -= buffer.bytes.len();
        buffer.set_len(len);
        buffer
    }

    /// Keeps the buffer for later, unless much is kept already.
    pub(super) fn give(&mut self, buffer: Buffer) {
        if self.size + buffer.bytes.len() <= KEPT {
            self.size += buffer.bytes.len();
            self.buffers.push(buffer);
        }
    }
}
