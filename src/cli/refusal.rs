//! Decides which arguments are refused: those that hold a secret. By then it is in the shell's history.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::error::Error;
use crate::report::mask;

/// Refuses arguments that hold what looks like a secret. The argument is not repeated.
pub(super) fn check(args: &[OsString]) -> Result<(), Error> {
    if !args.iter().skip(1).any(|arg| is_refused(arg)) {
        return Ok(());
    }
    Err(Error::new("an argument looks like a secret, such as a SignalWire API token; nothing was done").help(
        "Rotate that secret: it is now in the history of the shell, and others on this machine could see it. \
         A value is searched for with `barewire stdin`, never as an argument.",
    ))
}

/// The name of a file is given by a hook, not typed; it is searched, and reported, like the content.
fn is_refused(arg: &OsStr) -> bool {
    mask::holds_secret(&arg.to_string_lossy()) && !Path::new(arg).exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_recognised_anywhere_in_an_argument() {
        let refused = |arg: &str| check(&["barewire".into(), arg.into()]).is_err();
        let token = format!("PT{}", "0a1b2c3d".repeat(6));
        assert!(refused(&token));
        assert!(refused(&format!("--path=x/{token}.env")));
        assert!(refused("https://me:sesame@example.com"));
        assert!(!refused(&token[..20]));
        assert!(!refused("scan"));
    }
}
