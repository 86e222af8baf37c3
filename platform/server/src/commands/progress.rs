//! Progress on a terminal; quiet in a pipe and with `--json`.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar that follows named steps.
pub(super) struct Progress(ProgressBar);

impl Progress {
    pub(super) fn new(quiet: bool) -> Self {
        let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::new(0) };
        let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {elapsed}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        Self(bar.with_style(style))
    }

    /// Shows that `done` of `total` are done of the step.
    pub(super) fn show(&self, step: &'static str, done: usize, total: usize) {
        self.0.set_message(step);
        self.0.set_length(total as u64);
        self.0.set_position(done as u64);
    }

    pub(super) fn end(&self) {
        self.0.finish_and_clear();
    }
}
