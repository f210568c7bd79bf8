//! The results of tests, as CI servers read them.

use super::leaking;
use crate::support::Run;

#[test]
fn a_finding_is_a_failure_and_a_gap_an_error() {
    let run =
        leaking().file("big", &"0123456789\n".repeat(40)).args(["scan", "--max-file-size", "300b", "-f", "junit"]);
    let text = run.run().stdout;
    assert!(
        text.contains("<testsuites name=\"barewire\" tests=\"4\" failures=\"1\" errors=\"1\" time=\"0\">"),
        "{text}"
    );
    assert_eq!(text.matches("<testcase ").count(), 4, "{text}");
    assert_eq!((text.matches("<failure ").count(), text.matches("<error ").count()), (1, 1), "{text}");
    assert!(text.contains("<testcase classname=\"signalwire-api-token\" name=\"app.env:2:22\" time=\"0\">"), "{text}");
    assert!(text.contains("<property name=\"suppressed.inline-allow\" value=\"1\"/>"), "{text}");
    assert!(text.contains("<property name=\"complete\" value=\"false\"/>"), "{text}");
}

#[test]
fn a_clean_scan_is_one_test_that_passed() {
    let output = Run::new().file("a", "x").args(["scan", "-f", "junit"]).run();
    assert_eq!(output.code, 0, "{output}");
    assert!(output.stdout.contains("<testcase classname=\"barewire\" name=\"no secrets\" time=\"0\"/>"), "{output}");
    assert!(!output.stdout.contains("<failure"), "{output}");
}

#[cfg(unix)]
#[test]
fn no_name_of_a_file_breaks_the_document() {
    use std::os::unix::ffi::OsStrExt as _;
    let mut run = Run::new();
    let names: [&[u8]; 3] = [b"a\n\"<b>&]]>", b"\x01\x1b\x7f\xff", "\u{FFFE}".as_bytes()];
    for name in names {
        run = run.file(std::ffi::OsStr::from_bytes(name), "SIGNALWIRE_TOKEN=PT{hex:48}\n");
    }
    let text = run.args(["scan", "-f", "junit"]).run().stdout;
    assert_eq!(text.matches("<testcase ").count(), 3, "{text}");
    assert!(text.contains("name=\"a&#10;&quot;&lt;b&gt;&amp;]]&gt;:1:18\""), "{text}");
    assert!(text.contains("name=\"\\u{1}\\u{1B}\\u{7F}\\xFF:1:18\""), "{text}");
    assert!(!text.contains('\u{FFFE}'), "{text}");
}
