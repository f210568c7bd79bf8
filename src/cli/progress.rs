//! Decides when a person is shown how far the work is: on a terminal, when it takes longer than they would not notice.

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work that takes no longer than this shows nothing.
const PATIENCE: Duration = Duration::from_millis(500);

/// A line on standard error that comes late and goes away.
#[derive(Debug)]
pub(super) struct Progress {
    started: Instant,
    total: u64,
    done: u64,
    display: Display,
    what: &'static str,
}

#[derive(Debug)]
enum Display {
    Never,
    NotYet,
    Shown(ProgressBar),
}

impl Progress {
    /// Shows nothing, ever.
    pub(super) fn silent() -> Self {
        Self { started: Instant::now(), total: 0, done: 0, display: Display::Never, what: "files" }
    }

    /// Shows itself if standard error is a terminal.
    pub(super) fn on_terminal() -> Self {
        let display = if std::io::stderr().is_terminal() { Display::NotYet } else { Display::Never };
        Self { display, ..Self::silent() }
    }

    /// The same, where `what` is counted.
    pub(super) fn of(self, what: &'static str) -> Self {
        Self { what, ..self }
    }

    /// How long the work has taken.
    pub(super) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// So much is to be done.
    pub(super) fn expect(&mut self, total: u64) {
        self.total = total;
    }

    /// So much more is done.
    pub(super) fn advance(&mut self, done: u64) {
        let is_first = self.done == 0 && done > 0;
        self.done += done;
        match &self.display {
            Display::Shown(bar) => {
                if is_first {
                    bar.set_style(self.style());
                }
                bar.set_position(self.done);
            }
            Display::NotYet if self.elapsed() > PATIENCE => self.show(),
            Display::NotYet | Display::Never => {}
        }
    }

    /// Takes the line away.
    pub(super) fn finish(&mut self) {
        if let Display::Shown(bar) = &self.display {
            bar.finish_and_clear();
        }
        self.display = Display::Never;
    }

    fn show(&mut self) {
        let bar = ProgressBar::with_draw_target(Some(self.total), ProgressDrawTarget::stderr())
            .with_style(self.style())
            .with_position(self.done)
            .with_elapsed(self.elapsed());
        bar.tick();
        self.display = Display::Shown(bar);
    }

    fn style(&self) -> ProgressStyle {
        // How long it takes can be said when something is done.
        let rest = if self.done == 0 { "" } else { ", {eta} left" };
        let template = format!("{{bar:30}} {{human_pos}}/{{human_len}} {}{rest}", self.what);
        ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar())
    }
}
