//! Decides what a failure of this program says: where it happened. The message could hold what was being scanned.

use std::io::Write as _;
use std::panic::PanicHookInfo;

/// Replaces the default words on a panic.
pub(super) fn install() {
    std::panic::set_hook(Box::new(tell));
}

fn tell(info: &PanicHookInfo<'_>) {
    let place = info.location().map(|at| format!(" at {}:{}", at.file(), at.line())).unwrap_or_default();
    // There is nobody to tell that it could not be told.
    drop(writeln!(anstream::stderr(), "internal error{place} (please report)"));
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use crate::blob::{Blob, Name, Origin};
    use crate::detector::Detector;
    use crate::finding::{Event, Sink};
    use crate::report::{Format, Layout, Writer, notes};
    use crate::rule::RuleSet;
    use crate::scan::Scan;
    use crate::source::{Buffer, Listing, Loaded, Omitted, Source, SourceError};
    use crate::suppress::Suppressor;

    fn secret() -> String {
        format!("PT{}", "0a1b2c3d".repeat(6))
    }

    /// Two items. The first holds a secret; the second makes the program fail with that secret on its lips.
    #[derive(Default)]
    struct Trap(Omitted);

    impl Source for Trap {
        fn list(&self, _jobs: usize) -> Result<Box<dyn Listing + '_>, SourceError> {
            Ok(Box::new(self))
        }
    }

    impl Listing for &Trap {
        fn len(&self) -> usize {
            2
        }

        fn omitted(&self) -> &Omitted {
            &self.0
        }

        fn name(&self, item: usize) -> Name {
            Name::new(format!("item {item}"))
        }

        fn load(&self, item: usize, _buffer: &mut Buffer, visit: &mut dyn FnMut(&Blob<'_>)) -> Loaded {
            let text = format!("é SIGNALWIRE_TOKEN={}", secret());
            visit(&Blob::whole(&self.name(item), Origin::Tree, text.as_bytes()));
            if item == 1 {
                // A text that is cut within a character says all of itself.
                drop(text[1..].to_owned());
            }
            Loaded { bytes: text.len() as u64, gap: None }
        }
    }

    /// Prints what a report looks like, in all formats.
    struct Reports;

    impl Sink for Reports {
        fn receive(&mut self, event: &Event<'_>) -> std::io::Result<()> {
            println!("{event:?}");
            if let Event::Finished(report) = event {
                notes(report, Layout::default(), None, &mut std::io::stdout())?;
            }
            let others = [Format::Jsonl, Format::Csv, Format::Sarif, Format::Gitlab, Format::Junit, Format::Github];
            for format in [Format::Text, Format::Json, Format::GithubSummary].into_iter().chain(others) {
                Writer::new(format, Layout::default(), std::io::stdout()).receive(event)?;
            }
            Ok(())
        }
    }

    #[test]
    #[ignore = "it is run by the test below, as a program of its own"]
    fn a_program_that_fails() {
        super::install();
        let detector = Detector::new(RuleSet::builtin().unwrap());
        let scan = Scan { detector: &detector, suppressor: &Suppressor::default(), now: 0, jobs: 2 };
        let scanned = scan.run(&Trap::default(), ".".to_owned(), &mut Reports).unwrap();
        assert_eq!(scanned.report.coverage.problems.len(), 1);
    }

    #[test]
    fn a_failure_does_not_say_what_was_being_scanned() {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "cli::panic::tests::a_program_that_fails", "--ignored", "--nocapture"]);
        let output = command.env("RUST_BACKTRACE", "full").output().unwrap();
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        assert!(output.status.success(), "{said}");
        assert!(said.contains("internal error at "), "{said}");
        assert!(said.contains("failed:\n  item 1 "), "{said}");
        assert!(said.contains("signalwire-api-token"), "{said}");
        let secret = secret();
        for run in secret.as_bytes().windows(12) {
            assert!(!said.contains(std::str::from_utf8(run).unwrap()), "{said}");
        }
    }

    #[test]
    #[ignore = "it is run by the test below, as a program of its own"]
    fn a_thread_that_fails_with_a_token() {
        super::install();
        let held = crate::secret::Secret::new(secret());
        let failed = std::thread::spawn(move || {
            // The worst that could be said.
            panic!("{}", String::from_utf8_lossy(held.expose()));
        });
        assert!(failed.join().is_err());
    }

    #[test]
    fn a_failure_does_not_say_which_token_was_held() {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "cli::panic::tests::a_thread_that_fails_with_a_token", "--ignored", "--nocapture"]);
        let output = command.env("RUST_BACKTRACE", "full").output().unwrap();
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        assert!(output.status.success() && said.contains("internal error at "), "{said}");
        for run in secret().as_bytes().windows(12) {
            assert!(!said.contains(std::str::from_utf8(run).unwrap()), "{said}");
        }
    }
}
