//! Plants secrets wherever a command for credentials can meet one, and looks for them in all that it says and leaves behind.
#![cfg(unix)]

mod debug;
mod field;
mod process;
mod said;
