//! Decides how numbers are said to a person.

use std::fmt;

/// A count and what it counts: `1 file`, `1,234 files`.
#[derive(Clone, Copy)]
pub(super) struct Count(pub(super) u64, pub(super) &'static str);

impl Count {
    /// The length of something.
    pub(super) fn of(len: usize, noun: &'static str) -> Self {
        Self(len as u64, noun)
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.0 == 1 { "" } else { "s" };
        write!(f, "{} {}{plural}", Grouped(self.0), self.1)
    }
}

/// A number with its thousands set apart: `1,234,567`.
#[derive(Clone, Copy)]
pub(super) struct Grouped(pub(super) u64);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

/// A number of bytes: `56.7 MB`.
#[derive(Clone, Copy)]
pub(super) struct Bytes(pub(super) u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, name) = match self.0 {
            0..1_000 => return write!(f, "{} B", self.0),
            1_000..1_000_000 => (1_000, "kB"),
            1_000_000..1_000_000_000 => (1_000_000, "MB"),
            _ => (1_000_000_000, "GB"),
        };
        let tenths = self.0 / (unit / 10);
        write!(f, "{}.{} {name}", Grouped(tenths / 10), tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular() {
        assert_eq!(Count(0, "file").to_string(), "0 files");
        assert_eq!(Count(1, "file").to_string(), "1 file");
        assert_eq!(Count(1_234_567, "file").to_string(), "1,234,567 files");
        assert_eq!(Count(123, "file").to_string(), "123 files");
    }

    #[test]
    fn bytes_keep_one_decimal() {
        let shown =
            [0, 999, 1_000, 56_789_012, 999_999, 7_000_000_000, 1_234_000_000_000].map(|n| Bytes(n).to_string());
        assert_eq!(shown, ["0 B", "999 B", "1.0 kB", "56.7 MB", "999.9 kB", "7.0 GB", "1,234.0 GB"]);
    }
}
