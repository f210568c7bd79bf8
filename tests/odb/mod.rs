//! What is read from stores of objects, compared with what git itself says.
#![cfg(unix)]

mod forms;
mod place;
