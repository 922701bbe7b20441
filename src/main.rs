//! Start and exit.

use std::ffi::{c_int, c_long};
use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use canbao::cli::{self, Typed};
use canbao::{intake, run, words};

/// Many small texts are made on one thread and freed on another, which this allocator is made for.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Memory that was freed goes back to the system after so many milliseconds. Reading and judging a bucket of persons takes a
/// second or two and then asks for as much again: given back after one, as is the default, a city's run took 4 % longer.
const KEPT_FOR: c_long = 3_000;

/// `mi_option_purge_delay` of mimalloc 3, and what it is by default, in milliseconds.
const PURGE_DELAY: (c_int, c_long) = (15, 1_000);

/// Reports written, and a finding of level `deny` fired (DESIGN §9).
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
            eprintln!("{text}");
            ExitCode::from(code)
        }
    }
}

/// Tells the allocator for how long. Where the option is not what it was, or somebody set it, it stays as it is.
#[expect(unsafe_code, reason = "the allocator has no safe function for it")]
fn keep_freed_memory() {
    let (option, default) = PURGE_DELAY;
    // SAFETY: both functions check that there is such an option, and read and write its number, of which every value is
    // allowed (mimalloc.h). No other thread is there yet.
    unsafe {
        if libmimalloc_sys::mi_option_get(option) == default {
            libmimalloc_sys::mi_option_set(option, KEPT_FOR);
        }
    }
}

fn perform(typed: Typed) -> Result<u8> {
    match typed {
        Typed::Run { order, bars } => {
            let outcome = run::reconcile(&order)?;
            bars.finish();
            show(&words::summary(
                &outcome.facts,
                &outcome.scheme,
                &outcome.folder,
                order.lang,
            ));
            let code = if outcome.denied { DENIED } else { 0 };
            std::mem::forget(outcome); // the program ends: the system takes millions of texts back faster than one by one
            Ok(code)
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

/// Tells what would have stopped a run; the exit code is that of the first.
fn tell(errors: &[anyhow::Error], lang: words::Lang) -> u8 {
    let mut code = None;
    for error in errors {
        let (text, of_kind) = words::error(error, lang);
        eprintln!("{text}");
        code.get_or_insert(of_kind);
    }
    code.unwrap_or(0) // nothing is wrong
}

/// Whoever stopped listening (`canbao check … | head`) has seen enough; the work itself is done.
fn show(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
