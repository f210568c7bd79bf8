//! What is read from stores of objects, compared with what git itself says.
#![cfg(unix)]

mod build;
mod damage;
mod forms;
mod hostile;
mod place;
mod replaced;
