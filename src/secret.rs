//! Decides how a secret is held: it cannot be printed by accident, and its memory is zeroed when it is dropped.

use std::fmt;

use zeroize::Zeroize;

/// The raw bytes of a credential.
///
/// There is no `Display` and no `Serialize`; `Debug` shows nothing of the value. [`Secret::expose`] marks each
/// place where the value leaves its wrapper.
///
/// ```
/// use barewire::secret::Secret;
///
/// let secret = Secret::new(b"correct horse");
/// assert_eq!(format!("{secret:?}"), "Secret(***)");
/// assert_eq!(secret.expose(), b"correct horse");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Secret(Box<[u8]>);

/// Shown in place of a value that is too short for any part of it to be given away.
pub const MASK: &str = "********";

impl Secret {
    /// Copies `bytes` into a new secret.
    pub fn new(bytes: impl AsRef<[u8]>) -> Self {
        Self(bytes.as_ref().into())
    }

    /// The value itself. Whoever calls this must not let it reach a log, an error or a report.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Length in UTF-16 units, as editors count columns; `None` if the value is not UTF-8.
    pub fn utf16_len(&self) -> Option<usize> {
        std::str::from_utf8(&self.0).ok().map(|text| text.encode_utf16().count())
    }

    /// Whether the value has no bytes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A form that lets a person recognise the value without being able to use it.
    ///
    /// A value of 40 bytes or more keeps its first six and last four, one of 24 or more its first four; anything
    /// shorter keeps nothing, not even its length.
    pub fn masked(&self) -> String {
        let (head, tail) = match self.0.len() {
            40.. => (6, 4),
            24.. => (4, 0),
            _ => return MASK.to_owned(),
        };
        let shown = |bytes: &[u8]| -> String {
            bytes.iter().map(|&byte| if byte.is_ascii_graphic() { char::from(byte) } else { '.' }).collect()
        };
        format!("{}{MASK}{}", shown(&self.0[..head]), shown(&self.0[self.0.len() - tail..]))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_the_value() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(***)");
    }

    #[test]
    fn a_length_in_utf16_units_is_that_of_text() {
        assert_eq!(Secret::new("pä😀").utf16_len(), Some(4));
        assert_eq!(Secret::new(b"\xff").utf16_len(), None);
    }

    #[test]
    fn a_short_value_is_masked_whole() {
        assert_eq!(Secret::new("hunter2").masked(), MASK);
        assert_eq!(Secret::new("").masked(), MASK);
    }

    #[test]
    fn a_long_value_keeps_ten_bytes_at_most() {
        let value = "PT".to_owned() + &"0123456789abcdef".repeat(3);
        assert_eq!(Secret::new(&value).masked(), "PT0123********cdef");
        assert_eq!(Secret::new(&value[..30]).masked(), "PT01********");
    }
}
