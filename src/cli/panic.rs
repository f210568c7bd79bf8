//! Decides what a failure of this program says: where it happened. The message could hold what was being scanned.

use std::io::Write as _;
use std::panic::PanicHookInfo;

/// Replaces the default words on a panic.
pub(super) fn install() {
    std::panic::set_hook(Box::new(tell));
}

fn tell(info: &PanicHookInfo<'_>) {
    let place = info.location().map(|at| format!(" at {}:{}", at.file(), at.line())).unwrap_or_default();
    // There is nobody to tell that it could not be told.
    drop(writeln!(anstream::stderr(), "internal error{place} (please report)"));
}
