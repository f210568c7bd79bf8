//! What a scan of a repository's history reports, and what it says of that which it could not see.
#![cfg(unix)]

mod damage;
mod exclude;
mod forgiven;
mod forms;
mod oracle;
mod random;
mod suppressed;
mod traps;
mod truth;
mod wording;
