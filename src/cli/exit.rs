//! Decides the exit code, for every command, in one function.

use crate::scan::Outcome;

/// Complete, and nothing was found that matters.
pub(super) const CLEAN: u8 = 0;
/// Something was found that matters. `--exit-code` changes it.
pub(super) const LEAKS: u8 = 1;
/// The request was wrong, or its answer could not be delivered.
pub(super) const USAGE: u8 = 2;
/// Something could not be scanned, and nothing was found in the rest.
pub(super) const INCOMPLETE: u8 = 3;

/// The codes as `--help` explains them.
pub(super) const HELP: &str = "\
Exit codes:
  0  complete and clean: nothing at or above --fail-on
  1  findings (--exit-code changes this one only)
  2  usage or configuration error, nothing was scanned; or a report could not be written
  3  incomplete: something could not be scanned, and nothing was found in the rest";

/// What `--exit-code` takes: any code that does not mean something else.
pub(super) fn parse(text: &str) -> Result<u8, &'static str> {
    match text.parse() {
        Ok(USAGE | INCOMPLETE) => Err("2 and 3 mean that something went wrong; findings need another code"),
        Ok(code) => Ok(code),
        Err(_) => Err("an exit code is a whole number from 0 to 255"),
    }
}

/// Whether all was scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// All was scanned.
    Complete,
    /// Something was not.
    Partial,
}

/// Whether the reports reached their places. A reader that went away counts as reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delivery {
    /// All of them did.
    Done,
    /// One did not.
    Failed,
}

/// The code of a scan, where findings are worth `leaks`.
///
/// Findings win. If they are worth 0, the code is still that of all else: 0 always means complete and delivered.
pub(super) fn code(outcome: Outcome, extent: Extent, delivery: Delivery, leaks: u8) -> u8 {
    match (outcome, extent, delivery) {
        (Outcome::Leaks, ..) if leaks != CLEAN => leaks,
        (Outcome::Incomplete, ..) | (_, Extent::Partial, _) => INCOMPLETE,
        (_, _, Delivery::Failed) => USAGE,
        (Outcome::Clean | Outcome::Leaks, Extent::Complete, Delivery::Done) => CLEAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_win_over_all_else() {
        assert_eq!(code(Outcome::Leaks, Extent::Complete, Delivery::Done, LEAKS), 1);
        assert_eq!(code(Outcome::Leaks, Extent::Partial, Delivery::Failed, 9), 9);
    }

    #[test]
    fn zero_means_complete_and_delivered() {
        assert_eq!(code(Outcome::Clean, Extent::Complete, Delivery::Done, LEAKS), 0);
        assert_eq!(code(Outcome::Clean, Extent::Complete, Delivery::Failed, LEAKS), 2);
        assert_eq!(code(Outcome::Incomplete, Extent::Partial, Delivery::Done, LEAKS), 3);
        assert_eq!(code(Outcome::Leaks, Extent::Complete, Delivery::Done, 0), 0);
        assert_eq!(code(Outcome::Leaks, Extent::Partial, Delivery::Done, 0), 3);
        assert_eq!(code(Outcome::Leaks, Extent::Complete, Delivery::Failed, 0), 2);
    }
}
