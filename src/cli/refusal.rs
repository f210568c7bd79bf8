//! Decides which arguments are refused: those that hold a secret. By then it is in the shell's history.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::error::Error;
use crate::report::mask;

/// Refuses arguments that hold what looks like a secret. The argument is not repeated.
pub(super) fn check(args: &[OsString]) -> Result<(), Error> {
    // git hands the address of a remote to a hook, and a manager the names of files; nobody typed them.
    let is_hook = args.get(1).is_some_and(|word| word == "hook") && args.get(2).is_some_and(|word| word == "run");
    let is_handed = |arg: &OsStr| is_hook && !arg.as_encoded_bytes().starts_with(b"-");
    if !args.iter().skip(1).any(|arg| !is_handed(arg) && is_refused(arg)) {
        return Ok(());
    }
    Err(Error::new("an argument looks like a secret, such as a SignalWire API token; nothing was done").help(
        "Rotate that secret: it is now in the history of the shell, and others on this machine could see it. \
         A value is searched for with `barewire stdin`. A command that asks for a token takes it with \
         --token-stdin or --token-file, other secrets of a request with --input, never as an argument.",
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

    #[test]
    fn what_git_hands_to_a_hook_was_not_typed() {
        let check = |args: &[&str]| check(&args.iter().map(OsString::from).collect::<Vec<_>>());
        let address = "https://me:sesame@example.com/x.git";
        assert!(check(&["barewire", "hook", "run", "pre-push", "--", "origin", address]).is_ok());
        assert!(check(&["barewire", "hook", "run", &format!("--exclude={address}")]).is_err());
        assert!(check(&["barewire", "hook", address]).is_err());
    }
}
