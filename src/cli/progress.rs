//! Progress on a terminal as bars, elsewhere as plain lines. Never a name or a number of a person.

use std::io::Write;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Progress;
use crate::intake::Watch;
use crate::words::{Lang, Stage, Took, progress, progress_rows, stage_took};

/// One bar with the current stage; with `-v` a line a stage with its time and the peak memory so far.
pub struct Bars {
    lang: Lang,
    verbose: bool,
    walk: &'static [Stage],
    bar: ProgressBar,
    now: Mutex<Option<(Stage, Instant, u64)>>,
}

impl Bars {
    /// For one walk through these stages.
    pub fn new(walk: &'static [Stage], lang: Lang, verbose: bool) -> Bars {
        // Hidden where standard error is no terminal; plain lines then say the same.
        let bar =
            ProgressBar::with_draw_target(Some(walk.len() as u64), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{spinner} [{bar:24}] {msg}  {elapsed}") {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Bars {
            lang,
            verbose,
            walk,
            bar,
            now: Mutex::new(None),
        }
    }

    /// Takes the bar off the screen.
    pub fn finish(&self) {
        self.close_stage();
        self.bar.finish_and_clear();
    }

    fn close_stage(&self) {
        let Ok(mut now) = self.now.lock() else { return };
        if let (Some((stage, began, rows)), true) = (now.take(), self.verbose) {
            let took = Took {
                time: began.elapsed(),
                rows,
                peak: peak_memory(),
            };
            let line = stage_took(stage, took, self.lang);
            self.bar.suspend(|| tell(&line));
        }
    }
}

impl Watch for Bars {
    fn begin(&self, _file: &str, _bytes: u64) {}

    fn done(&self, file: &str, rows: u64) {
        if let Ok(mut now) = self.now.lock()
            && let Some((stage, _, total)) = now.as_mut()
        {
            *total += rows;
            self.bar.set_message(format!(
                "{}  {file}",
                progress_rows(*stage, self.walk, *total, self.lang)
            ));
        }
    }
}

impl Progress for Bars {
    fn rows(&self, rows: u64) {
        if let Ok(mut now) = self.now.lock()
            && let Some((_, _, total)) = now.as_mut()
        {
            *total += rows;
        }
    }

    fn stage(&self, stage: Stage) {
        self.close_stage();
        let line = progress(stage, self.walk, self.lang);
        if self.bar.is_hidden() && !self.verbose {
            tell(&line);
        }
        self.bar
            .set_position(self.walk.iter().take_while(|one| **one != stage).count() as u64);
        self.bar.set_message(line);
        if let Ok(mut now) = self.now.lock() {
            *now = Some((stage, Instant::now(), 0));
        }
    }
}

/// One line to standard error. Where that is closed or its disk is full, the work goes on: a report is worth more than the
/// word that it is being made.
pub fn tell(line: &str) {
    let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
}

/// Peak resident memory in bytes, where the system tells it.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace()
        .nth(1)?
        .parse::<u64>()
        .ok()
        .map(|kib| kib * 1024)
}
