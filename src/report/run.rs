//! Decides what a report may know of the run that it is of. Formats read no clock and no environment; they are told.

use crate::blob::Name;

/// When and where a scan ran. What is not known is left out of reports, or replaced as their format wants it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// When it began, in seconds since 1970, UTC.
    pub began: i64,
    /// When it ended, in seconds since 1970, UTC.
    pub ended: i64,
    /// The folder that it was started in, absolute. Paths below it are written relative to it.
    pub folder: Option<Name>,
    /// The id of the commit that is checked out, in hex.
    pub commit: Option<Box<str>>,
}
