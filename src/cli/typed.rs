//! What was typed, as low-level arguments, and what it means, as an order.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use chrono::{Datelike, NaiveDate};
use clap::ArgMatches;
use clap::error::ErrorKind;

use super::menu::{COMMANDS, command};
use super::{Bars, Only, Order, slip};
use crate::domain::fault::WrongSetting;
use crate::domain::fault::{Complaints, Slip};
use crate::domain::{Accepted, Complaint, GraveCode, Refusal};
use crate::sample::{Form, SampleOrder};
use crate::words::{Lang, Stage};

/// What to do.
pub enum Typed {
    /// `run`
    Run {
        /// What was asked for.
        order: Order,
        /// Shows how far it has come.
        bars: Arc<Bars>,
    },
    /// `check`
    Check {
        /// What was asked for.
        order: Order,
        /// Shows how far it has come.
        bars: Arc<Bars>,
    },
    /// `sample`
    Sample {
        /// Pipeline file.
        pipeline: PathBuf,
        /// What to make; its published figures are read later.
        order: SampleOrder,
        /// Language of the closing lines.
        lang: Lang,
    },
    /// Help or version was printed.
    Shown,
}

/// Understands the command line.
///
/// # Errors
/// `Complaints` that say which argument makes no sense.
pub fn parse(arguments: Vec<OsString>, lang: Lang) -> Result<Typed> {
    let texts: Vec<String> = arguments
        .iter()
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let named = texts
        .iter()
        .skip(1)
        .map(String::as_str)
        .find(|text| COMMANDS.contains(text));
    let matches = match command(lang).try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
            ) =>
        {
            let _ = error.print(); // whoever closed the screen does not want to read it
            return Ok(Typed::Shown);
        }
        Err(error) => return Err(Complaints(vec![slip::complaint(&error, named, lang)]).into()),
    };
    match matches.subcommand() {
        Some(("run", typed)) => {
            let (order, bars) = watched(order(typed, lang)?, Stage::ALL, typed.get_flag("verbose"));
            Ok(Typed::Run { order, bars })
        }
        Some(("check", typed)) => {
            let (order, bars) =
                watched(order(typed, lang)?, &[Stage::Scheme, Stage::Reading], false);
            Ok(Typed::Check { order, bars })
        }
        Some((_, typed)) => Ok(Typed::Sample {
            pipeline: path(typed, "pipeline"),
            order: sample(typed),
            lang,
        }),
        None => unreachable!("the menu wants a command"),
    }
}

fn watched(order: Order, walk: &'static [Stage], verbose: bool) -> (Order, Arc<Bars>) {
    let bars = Arc::new(Bars::new(walk, order.lang, verbose));
    let started = chrono::Local::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, false);
    (
        Order {
            watch: bars.clone(),
            started: Some(started),
            ..order
        },
        bars,
    )
}

fn no_such_day(key: &str, text: &str) -> anyhow::Error {
    let refusal = Refusal::Setting(WrongSetting::BadDate {
        key: key.to_owned(),
        text: text.to_owned(),
    });
    Complaints(vec![Complaint::from(refusal)]).into()
}

fn path(typed: &ArgMatches, name: &str) -> PathBuf {
    typed.get_one::<PathBuf>(name).cloned().unwrap_or_default() // clap has seen to it that required ones are there
}

fn order(typed: &ArgMatches, lang: Lang) -> Result<Order> {
    let as_of = match typed.get_one::<String>("as-of") {
        None => chrono::Local::now().date_naive(),
        Some(text) => NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .ok()
            .filter(|day| (1998..=2100).contains(&day.year())) // as the years of a scheme
            .ok_or_else(|| no_such_day("--as-of", text))?,
    };
    // `check` has no --out, --only and --region, `run` no --suggest.
    let only = typed
        .try_get_one::<String>("only")
        .ok()
        .flatten()
        .map(|only| {
            if only == "data" {
                Only::Data
            } else {
                Only::Reports
            }
        });
    let out = typed.try_get_one::<PathBuf>("out").ok().flatten().cloned();
    let since = typed
        .try_get_one::<PathBuf>("since")
        .ok()
        .flatten()
        .cloned();
    let region = typed
        .try_get_one::<String>("region")
        .ok()
        .flatten()
        .map(|code| code.trim().to_owned());
    let suggest = typed.try_get_one::<bool>("suggest").ok().flatten().copied();
    let buckets = typed.try_get_one::<u64>("buckets").ok().flatten().copied();
    let memory = typed.try_get_one::<String>("memory").ok().flatten();
    Ok(Order {
        pipeline: path(typed, "pipeline"),
        as_of,
        names_day: typed.contains_id("as-of"),
        inputs: typed.get_one::<PathBuf>("inputs").cloned(),
        out: out.unwrap_or_else(|| PathBuf::from("reports")),
        since,
        lang,
        only,
        region,
        suggest: suggest.unwrap_or(false), // a flag that was not typed
        memory: memory.map_or_else(
            || Ok(half_of_what_is_free()),
            |text| bytes("--memory", text),
        )?,
        buckets: buckets.and_then(|buckets| u32::try_from(buckets).ok()),
        accepted: accepted(typed)?,
        ..Order::default()
    })
}

/// What leave was given to.
fn accepted(typed: &ArgMatches) -> Result<Vec<Accepted>> {
    let texts = typed.try_get_many::<String>("accept").ok().flatten();
    texts
        .into_iter()
        .flatten()
        .map(|text| leave(text))
        .collect()
}

/// `CODE` or `CODE=FILE`.
fn leave(text: &str) -> Result<Accepted> {
    let (code, file) = match text.split_once('=') {
        Some((code, file)) => (code, Some(file.trim().to_owned())),
        None => (text, None),
    };
    let code = GraveCode::from_code(code.trim()).ok_or_else(|| {
        let known = GraveCode::ALL.iter().map(|code| code.code().to_owned());
        let slip = Slip::BadChoice {
            option: "--accept".to_owned(),
            typed: text.to_owned(),
            known: known.collect(),
        };
        Complaints(vec![Complaint::from(slip)])
    })?;
    Ok(Accepted { code, file })
}

/// Memory that a run may take where nothing was said.
fn half_of_what_is_free() -> u64 {
    let refresh = sysinfo::RefreshKind::nothing()
        .with_memory(sysinfo::MemoryRefreshKind::nothing().with_ram());
    sysinfo::System::new_with_specifics(refresh).available_memory() / 2
}

/// `4GiB`, `512MiB`, `2G`: a whole number with its unit, powers of 1024.
fn bytes(option: &str, text: &str) -> Result<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let unit = text[digits..].trim().to_ascii_lowercase();
    let shift = match unit.trim_end_matches('b').trim_end_matches('i') {
        "k" => Some(10),
        "m" => Some(20),
        "g" => Some(30),
        "t" => Some(40),
        _ => None,
    };
    let count = text[..digits]
        .parse::<u64>()
        .ok()
        .filter(|count| *count > 0);
    let size = count
        .zip(shift)
        .and_then(|(count, shift)| count.checked_mul(1 << shift));
    size.ok_or_else(|| {
        let slip = Slip::BadSize {
            option: option.to_owned(),
            typed: text.to_owned(),
        };
        Complaints(vec![Complaint::from(Refusal::CommandLine(slip))]).into()
    })
}

fn sample(typed: &ArgMatches) -> SampleOrder {
    let form = match typed.get_one::<String>("form").map(String::as_str) {
        Some("csv") => Form::Csv,
        Some("xlsx") => Form::Xlsx,
        Some("parquet") => Form::Parquet,
        _ => Form::Mixed,
    };
    SampleOrder {
        people: typed.get_one::<u64>("people").copied(),
        seed: typed.get_one::<u64>("seed").copied().unwrap_or(1), // the documented default
        weeks: typed.get_one::<u32>("weeks").copied().unwrap_or(0), // the documented default
        form,
        out: path(typed, "out"),
        tasks: Vec::new(),
    }
}
