//! Start and exit.

use std::ffi::c_long;
use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use canbao::cli::{self, Typed};
use canbao::{intake, run, words};

/// Many small texts are made on one thread and freed on another, which this allocator is made for.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Memory that was freed goes back to the system after so many milliseconds. Reading and judging a bucket of persons takes a
/// second or two and then asks for as much again: given back after one, as is the default, it is asked for anew every time.
const KEPT_FOR: c_long = 3_000;

/// What it is by default.
const KEPT_BY_DEFAULT: c_long = 1_000;

/// Reports written, and a finding of level `deny` fired (docs/clerk.md#exit).
const DENIED: u8 = 1;

fn main() -> ExitCode {
    keep_freed_memory();
    intake::hush_caught_panics();
    let arguments = cli::arguments();
    let lang = cli::language(&arguments);
    match cli::parse(arguments, lang).and_then(perform) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            let (text, code) = words::error(&error, lang);
            cli::tell(&text);
            ExitCode::from(code)
        }
    }
}

/// Tells the allocator for how long. Where somebody set it, it stays as it is.
fn keep_freed_memory() {
    if freed::kept_for() == KEPT_BY_DEFAULT {
        freed::keep_for(KEPT_FOR);
    }
}

/// How long the allocator keeps freed memory, in milliseconds.
#[expect(unsafe_code, reason = "the allocator has no safe function for it")]
mod freed {
    use std::ffi::{c_int, c_long};

    /// `mi_option_purge_delay` of mimalloc 3 (mimalloc.h), which no constant names.
    const PURGE_DELAY: c_int = 15;

    pub(super) fn kept_for() -> c_long {
        // SAFETY: checks that there is such an option, and reads its number.
        unsafe { libmimalloc_sys::mi_option_get(PURGE_DELAY) }
    }

    pub(super) fn keep_for(milliseconds: c_long) {
        // SAFETY: checks that there is such an option, and writes its number, of which every value is allowed. No other
        // thread is there yet.
        unsafe { libmimalloc_sys::mi_option_set(PURGE_DELAY, milliseconds) }
    }
}

fn perform(typed: Typed) -> Result<u8> {
    match typed {
        Typed::Run { order, bars } => {
            let outcome = run::reconcile(&order)?;
            bars.finish();
            Ok(closing(outcome, order.lang))
        }
        Typed::Check { order, bars } => {
            let survey = run::survey(&order)?;
            bars.finish();
            show(&words::check::text(&survey, order.lang));
            Ok(tell(&survey.into_errors(), order.lang))
        }
        Typed::Sample {
            pipeline,
            order,
            lang,
        } => {
            let summary = run::make_sample(&pipeline, &order)?;
            show(&run::sample_text(&summary, &order.out, lang));
            Ok(0)
        }
        Typed::Shown => Ok(0),
    }
}

/// Tells what came of a run; its exit code.
fn closing(outcome: run::Outcome, lang: words::Lang) -> u8 {
    show(&words::summary(
        &outcome.facts,
        &outcome.scheme,
        &outcome.folder,
        lang,
    ));
    if let Some(kept) = words::kept(&outcome.kept, lang) {
        show(&kept);
    }
    let code = if outcome.denied { DENIED } else { 0 };
    std::mem::forget(outcome); // the program ends: the system takes millions of texts back faster than one by one
    code
}

/// Tells what would have stopped a run; the exit code is that of the first.
fn tell(errors: &[anyhow::Error], lang: words::Lang) -> u8 {
    let mut code = None;
    for error in errors {
        let (text, of_kind) = words::error(error, lang);
        cli::tell(&text);
        code.get_or_insert(of_kind);
    }
    code.unwrap_or(0) // nothing is wrong
}

/// Whoever stopped listening (`canbao check … | head`) has seen enough; the work itself is done.
fn show(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

#[cfg(test)]
mod tests {
    use std::env;
    use std::process::Command;

    use super::*;

    /// Set for the process that is asked.
    const ASKED: &str = "CANBAO_ASKED_FOR_FREED_MEMORY";

    #[test]
    fn freed_memory_is_kept_for_longer_unless_somebody_set_for_how_long() {
        if env::var_os(ASKED).is_some() {
            let before = freed::kept_for();
            keep_freed_memory();
            println!("kept {before}, then {}", freed::kept_for());
            return;
        }
        // The allocator knows the option by its name: that it heeds it shows that ours is the same.
        for (set, told) in [
            (None, "kept 1000, then 3000"),
            (Some("4321"), "kept 4321, then 4321"),
        ] {
            let mut child = Command::new(env::current_exe().expect("this test"));
            child
                .args(["--exact", "--nocapture"])
                .arg("tests::freed_memory_is_kept_for_longer_unless_somebody_set_for_how_long")
                .env(ASKED, "1")
                .env_remove("MIMALLOC_PURGE_DELAY");
            if let Some(set) = set {
                child.env("MIMALLOC_PURGE_DELAY", set);
            }
            let output = child.output().expect("this test once more");
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(said.contains(told), "{set:?}: {said}");
        }
    }
}
