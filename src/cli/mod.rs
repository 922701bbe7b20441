//! Cli: what can be typed, and what it means. The only room that reads the clock and the environment.
//!
//! In:  arguments, environment, today's date.
//! Out: an order for `run` or `sample`; progress, messages, the exit code.
//! Never: touches a row.

mod progress;
mod survey;
mod typed;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;

use crate::sample::{self, SampleOrder};
use crate::words::{self, Lang};
use crate::{run, scheme};
use progress::Bars;
use typed::Typed;

/// Reports written, and a finding of level `deny` fired (DESIGN §9).
const DENIED: u8 = 1;

/// Reads what was typed, does it, says what came of it.
pub fn start() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let lang = language(&arguments);
    match typed::parse(arguments, lang) {
        Ok(Typed::Run(order, verbose)) => finish(reconcile(order, verbose), lang),
        Ok(Typed::Check(order)) => finish(check(order), lang),
        Ok(Typed::Sample { pipeline, order }) => finish(make_sample(&pipeline, order, lang), lang),
        Ok(Typed::Shown) => ExitCode::SUCCESS,
        Err(complaint) => finish(Err(complaint), lang),
    }
}

/// `--lang` before everything; else Chinese where LANG is not English.
fn language(arguments: &[OsString]) -> Lang {
    let texts: Vec<&str> = arguments.iter().filter_map(|argument| argument.to_str()).collect();
    let after = texts.iter().position(|text| *text == "--lang").and_then(|at| texts.get(at + 1).copied());
    let typed = after.or_else(|| texts.iter().find_map(|text| text.strip_prefix("--lang=")));
    let environment =
        ["LC_ALL", "LC_MESSAGES", "LANG"].iter().filter_map(|name| std::env::var(name).ok()).find(|v| !v.is_empty());
    match typed.map(str::to_owned).or(environment) {
        Some(text) if text.to_ascii_lowercase().starts_with("en") => Lang::En,
        _ => Lang::Zh,
    }
}

fn finish(done: Result<u8>, lang: Lang) -> ExitCode {
    match done {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            let (text, code) = words::error(&error, lang);
            eprintln!("{text}");
            ExitCode::from(code)
        }
    }
}

fn reconcile(mut order: run::Order, verbose: bool) -> Result<u8> {
    let bars = Arc::new(Bars::new(order.lang, verbose));
    order.watch = bars.clone();
    order.started = Some(chrono::Local::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, false));
    let outcome = run::reconcile(&order)?;
    bars.finish();
    println!("{}", words::summary(&outcome.facts, &outcome.scheme, &outcome.folder, order.lang));
    Ok(if outcome.denied { DENIED } else { 0 })
}

fn check(mut order: run::Order) -> Result<u8> {
    let bars = Arc::new(Bars::new(order.lang, false));
    order.watch = bars.clone();
    let survey = run::survey(&order)?;
    bars.finish();
    println!("{}", survey::text(&survey, order.lang));
    Ok(0)
}

fn make_sample(pipeline: &Path, mut order: SampleOrder, lang: Lang) -> Result<u8> {
    let scheme = scheme::load(pipeline)?;
    let folder = pipeline.parent().unwrap_or(Path::new("")); // a bare file name lies in the current folder
    order.tasks = sample::published(&folder.join("tasks").join(format!("{}.csv", scheme.slug)))?;
    let summary = sample::write(&scheme, &order)?;
    println!("{}", survey::sample(&summary, &order.out, lang));
    Ok(0)
}
