//! What a scan of a repository's history reports, and what it says of that which it could not see.
#![cfg(unix)]

mod forms;
mod oracle;
mod truth;
