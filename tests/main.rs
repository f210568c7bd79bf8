//! The integration tests, as one program.
