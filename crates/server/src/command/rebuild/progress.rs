//! How far a rebuild is, on standard error: a bar on a terminal, now and then a line elsewhere.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use projections::{Name, Position};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// How long it takes until progress is worth showing.
const SHOWN_AFTER: Duration = Duration::from_secs(1);
/// How long from one line to the next, where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// The progress of one read model. Dropped, its bar is gone.
pub(super) struct Progress {
    name: Name,
    bar: ProgressBar,
    terminal: bool,
    begun: Instant,
    /// When the last line was printed.
    told: Option<Instant>,
}

impl Progress {
    pub(super) fn of(name: Name) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        bar.set_prefix(name.as_str());
        if let Ok(style) = ProgressStyle::with_template("{prefix} {bar:40} {pos}/{len} events, {eta} left") {
            bar.set_style(style);
        }
        Self { name, bar, terminal: std::io::stderr().is_terminal(), begun: Instant::now(), told: None }
    }

    /// Shows that everything up to `folded` is done, of all up to `head`.
    pub(super) fn show(&mut self, folded: Position, head: Position) {
        self.bar.set_length(head.get());
        self.bar.set_position(folded.get());
        if self.begun.elapsed() < SHOWN_AFTER {
            return;
        }
        if self.terminal {
            if self.bar.is_hidden() {
                self.bar.set_draw_target(ProgressDrawTarget::stderr());
            }
        } else if self.told.is_none_or(|told| told.elapsed() >= LINE_EVERY) {
            self.told = Some(Instant::now());
            eprintln!("{}: {folded} of {head} events", self.name);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
