//! Decides what barewire remembers of its own deeds between two runs, and where: never the value of a secret.

mod ledger;
mod store;
mod written;

pub use ledger::{Entries, Entry, Ledger, LedgerError, State};
pub use store::StoreError;
