//! What the program says and how it ends, seen from outside.

use crate::support::Run;

#[test]
fn the_program_starts() {
    let run = Run::new().file("a.env", "A={same:a=hex:8}").env("LANG", "C").stdin("").armed_arg("{digits:4}");
    assert_eq!(run.kept("a").len(), 8);
    assert_eq!(run.run().to_string(), "exit code: 0\n");
}
