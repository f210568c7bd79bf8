//! Decides which arguments are refused: those that hold a token. By then it is in the shell's history.

use std::ffi::OsString;

use super::error::Error;

const PREFIX: &[u8] = b"PT";
const DIGITS: usize = 48;

/// Refuses arguments that hold what looks like an API token. The argument is not repeated.
pub(super) fn check(args: &[OsString]) -> Result<(), Error> {
    if !args.iter().any(|arg| holds_token(arg.as_encoded_bytes())) {
        return Ok(());
    }
    Err(Error::new("an argument looks like a SignalWire API token; nothing was done").help(
        "Rotate that token: it is now in the history of the shell, and others on this machine could see it. \
         A value is searched for with `barewire stdin`, never as an argument.",
    ))
}

fn holds_token(arg: &[u8]) -> bool {
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    arg.windows(PREFIX.len() + DIGITS)
        .any(|window| window.starts_with(PREFIX) && window[PREFIX.len()..].iter().all(is_digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_recognised_anywhere_in_an_argument() {
        let token = format!("PT{}", "0a1b2c3d".repeat(6));
        assert!(holds_token(token.as_bytes()));
        assert!(holds_token(format!("--path=x/{token}.env").as_bytes()));
        assert!(!holds_token(&token.as_bytes()[..49]));
        assert!(!holds_token(b"scan"));
    }
}
