//! Progress on stderr: a bar when a person looks at it, nothing when a file or a pipe does.
//!
//! Standard output never carries progress, so results can be piped. Tied to
//! `hidden_unless_a_terminal`.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressStyle};

/// A count of finished steps, shared freely between threads; the bar goes away when it is dropped.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
}

const PLAIN: &str = "{bar:30} {pos}/{len} {elapsed} {wide_msg}";
const TIME_LEFT: &str = "{bar:30} {percent}% {elapsed}, {eta} left  {wide_msg}";

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("a constant template, tried by the tests")
}

impl Progress {
    /// A bar of `total` steps on stderr if that is a terminal, a silent counter otherwise.
    pub fn new(total: u64) -> Self {
        Self::on(io::stderr().is_terminal(), total)
    }

    /// The same with the time left, for steps that take about equally long.
    pub fn with_time_left(total: u64) -> Self {
        let progress = Self::new(total);
        if !progress.bar.is_hidden() {
            progress.bar.set_style(style(TIME_LEFT));
        }
        progress
    }

    fn on(terminal: bool, total: u64) -> Self {
        if !terminal {
            let bar = ProgressBar::hidden();
            bar.set_length(total);
            return Self { bar };
        }
        Self {
            bar: ProgressBar::new(total).with_style(style(PLAIN)),
        }
    }

    /// Says what is being worked on now.
    pub fn message(&self, what: &str) {
        self.bar.set_message(what.to_owned());
    }

    /// Counts one finished step.
    pub fn step(&self) {
        self.bar.inc(1);
    }

    /// Counts many finished steps.
    pub fn steps(&self, count: u64) {
        self.bar.inc(count);
    }

    /// Steps finished so far.
    pub fn done(&self) -> u64 {
        self.bar.position()
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_unless_a_terminal() {
        assert!(Progress::on(false, 3).bar.is_hidden());
        // Also runs the template. Whether this bar is drawn is up to the terminal the tests run in.
        assert_eq!(Progress::on(true, 3).bar.length(), Some(3));
        style(TIME_LEFT);
    }

    #[test]
    fn counts_across_threads() {
        let progress = Progress::on(false, 40);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..10).for_each(|_| progress.step()));
            }
        });
        assert_eq!(progress.done(), 40);
    }
}
