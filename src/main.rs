//! Start and exit.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use canbao::cli::{self, Typed};
use canbao::{intake, run, words};

/// Many small texts are made on one thread and freed on another, which this allocator is made for.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Reports written, and a finding of level `deny` fired (DESIGN §9).
const DENIED: u8 = 1;

fn main() -> ExitCode {
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

fn perform(typed: Typed) -> Result<u8> {
    match typed {
        Typed::Run { order, bars } => {
            let outcome = run::reconcile(&order)?;
            bars.finish();
            show(&words::summary(&outcome.facts, &outcome.scheme, &outcome.folder, order.lang));
            Ok(if outcome.denied { DENIED } else { 0 })
        }
        Typed::Check { order, bars } => {
            let survey = run::survey(&order)?;
            bars.finish();
            show(&words::check::text(&survey, order.lang));
            Ok(tell(&survey.into_errors(), order.lang))
        }
        Typed::Sample { pipeline, order, lang } => {
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
