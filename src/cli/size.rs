//! Decides how a size in bytes is typed.

const UNITS: &[(&str, u64)] = &[
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("b", 1),
    ("", 1),
];

/// Bytes: a whole number, and a unit of powers of 1000 (`kB`, `MB`, `GB`) or 1024 (`KiB`, `MiB`, `GiB`) if one is given.
pub(super) fn parse(text: &str) -> Result<u64, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = (&text[..digits], text[digits..].trim_start().to_ascii_lowercase());
    let factor = UNITS.iter().find(|(name, _)| *name == unit).map(|(_, factor)| *factor);
    let (1.., Some(factor)) = (digits, factor) else {
        return Err("a size is a whole number of bytes, or one with kB, MB, GB, KiB, MiB or GiB".to_owned());
    };
    let bytes = number.parse::<u64>().ok().and_then(|number| number.checked_mul(factor));
    bytes.ok_or_else(|| "no file is that large".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_decimal_and_binary_units() {
        let sizes = ["0", "100MB", "2 GiB", "10kb", "7b"].map(parse);
        assert_eq!(sizes, [Ok(0), Ok(100_000_000), Ok(2 << 30), Ok(10_000), Ok(7)]);
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in ["", "MB", "-1", "1.5GB", "10M", "1 apple", "99999999999999999999", "18446744073709551615kB", "1é"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
