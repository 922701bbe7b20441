//! Cli: what can be typed, and what it means. The only room that reads the clock and the environment.
//!
//! In:  arguments, environment, today's date.
//! Out: an order for the walk; progress while it goes.
//! Never: touches a row, or walks itself.

mod menu;
mod order;
mod progress;
mod slip;
mod typed;

use std::ffi::OsString;

pub use order::{Only, Order, Progress, Unwatched};
pub use progress::{Bars, tell};
pub use typed::{Typed, parse};

use crate::words::Lang;

/// What the program was started with.
pub fn arguments() -> Vec<OsString> {
    std::env::args_os().collect()
}

/// `--lang` before everything; else Chinese where LANG is not English.
pub fn language(arguments: &[OsString]) -> Lang {
    let texts: Vec<&str> = arguments
        .iter()
        .filter_map(|argument| argument.to_str())
        .collect();
    let after = texts
        .iter()
        .position(|text| *text == "--lang")
        .and_then(|at| texts.get(at + 1).copied());
    let typed = after.or_else(|| texts.iter().find_map(|text| text.strip_prefix("--lang=")));
    let environment = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|v| !v.is_empty());
    match typed.map(str::to_owned).or(environment) {
        Some(text) if text.to_ascii_lowercase().starts_with("en") => Lang::En,
        _ => Lang::Zh,
    }
}
