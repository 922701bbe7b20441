//! The walk, room by room: medians over several runs, in nanoseconds a row.
//!
//! `cargo bench --bench walk -- [--people 100000] [--runs 5] [--form csv] [--pipeline pipelines/xiangtan-2022.toml] [--only-data]`
//!
//! Not a timed test: nothing fails when it is slow. It makes its own sample in a scratch folder and writes nothing else.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use canbao::cli::{Only, Order, Progress};
use canbao::intake::Watch;
use canbao::run;
use canbao::sample::{Form, SampleOrder};
use canbao::words::{Label, Lang, Stage};
use chrono::{Days, Months, NaiveDate};

/// As the program itself: figures of another allocator would say nothing.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<()> {
    let asked = Asked::typed(std::env::args().skip(1))?;
    let scratch = tempfile::tempdir()?;
    let inputs = scratch.path().join("inputs");
    let sample = SampleOrder {
        people: Some(asked.people),
        seed: 1,
        weeks: 0,
        form: asked.form,
        out: inputs.clone(),
        tasks: Vec::new(),
    };
    let began = Instant::now();
    run::make_sample(&asked.pipeline, &sample)?;
    let sampled = began.elapsed();
    let as_of = as_of(&asked.pipeline)?;
    let mut laps = Vec::new();
    let mut rows = 0;
    for _ in 0..asked.runs {
        let stopwatch = Arc::new(Stopwatch::default());
        let order = Order {
            pipeline: asked.pipeline.clone(),
            as_of,
            inputs: Some(inputs.clone()),
            out: scratch.path().join("reports"),
            only: asked.only,
            watch: stopwatch.clone(),
            ..Order::default()
        };
        run::reconcile(&order)?;
        let (lap, read) = stopwatch.stopped();
        rows = read;
        laps.push(lap);
    }
    print_table(&asked, sampled, rows, &laps);
    Ok(())
}

/// What was asked for on the command line.
struct Asked {
    pipeline: PathBuf,
    people: u64,
    runs: usize,
    form: Form,
    only: Option<Only>,
}

impl Asked {
    fn typed(mut arguments: impl Iterator<Item = String>) -> Result<Asked> {
        let pipeline =
            PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("pipelines/xiangtan-2022.toml");
        let mut asked = Asked {
            pipeline,
            people: 100_000,
            runs: 5,
            form: Form::Csv,
            only: None,
        };
        while let Some(argument) = arguments.next() {
            let mut value = || {
                arguments
                    .next()
                    .with_context(|| format!("{argument} needs a value"))
            };
            match argument.as_str() {
                "--people" => asked.people = value()?.parse()?,
                "--runs" => asked.runs = value()?.parse::<usize>()?.max(1),
                "--pipeline" => asked.pipeline = PathBuf::from(value()?),
                "--form" => asked.form = form(&value()?)?,
                "--only-data" => asked.only = Some(Only::Data),
                "--bench" => {} // cargo adds it
                other => bail!("unknown argument {other}"),
            }
        }
        Ok(asked)
    }
}

fn form(text: &str) -> Result<Form> {
    Ok(match text {
        "csv" => Form::Csv,
        "xlsx" => Form::Xlsx,
        "parquet" => Form::Parquet,
        "mixed" => Form::Mixed,
        other => bail!("unknown form {other}"),
    })
}

/// The day for which the sample's answer key holds: the last of the month after the window.
fn as_of(pipeline: &std::path::Path) -> Result<NaiveDate> {
    let to = canbao::scheme::load(pipeline)?.window.to;
    let month = chrono::Datelike::with_day(&to, 1).context("a month without a first day")?;
    Ok(month + Months::new(2) - Days::new(1))
}

/// When each stage began, and how many rows were read.
#[derive(Default)]
struct Stopwatch {
    begun: Mutex<Vec<(Stage, Instant)>>,
    rows: Mutex<u64>,
}

impl Watch for Stopwatch {
    fn begin(&self, _file: &str, _bytes: u64) {}

    fn done(&self, _file: &str, rows: u64) {
        *self.rows.lock().expect("no thread panics while holding it") += rows;
    }
}

impl Progress for Stopwatch {
    fn stage(&self, stage: Stage) {
        self.begun
            .lock()
            .expect("no thread panics while holding it")
            .push((stage, Instant::now()));
    }
}

impl Stopwatch {
    /// Time of every stage up to now, and rows read.
    fn stopped(&self) -> (Vec<(Stage, Duration)>, u64) {
        let end = Instant::now();
        let begun = self
            .begun
            .lock()
            .expect("no thread panics while holding it");
        let ends = begun.iter().skip(1).map(|(_, at)| *at).chain([end]);
        let lap = begun
            .iter()
            .zip(ends)
            .map(|((stage, from), to)| (*stage, to - *from))
            .collect();
        (
            lap,
            *self.rows.lock().expect("no thread panics while holding it"),
        )
    }
}

fn print_table(asked: &Asked, sampled: Duration, rows: u64, laps: &[Vec<(Stage, Duration)>]) {
    let per_row = |time: Duration| time.as_nanos() as f64 / rows.max(1) as f64;
    println!(
        "{} persons, {} rows, {} runs, sample made in {} ms",
        asked.people,
        rows,
        laps.len(),
        sampled.as_millis()
    );
    println!();
    println!("| room | median ms | ns a row |");
    println!("|---|---:|---:|");
    for (at, (stage, _)) in laps[0].iter().enumerate() {
        let time = median(laps.iter().map(|lap| lap[at].1).collect());
        println!(
            "| {} | {:.1} | {:.0} |",
            stage.label(Lang::En),
            time.as_secs_f64() * 1000.0,
            per_row(time)
        );
    }
    let whole = median(
        laps.iter()
            .map(|lap| lap.iter().map(|(_, time)| *time).sum())
            .collect(),
    );
    println!(
        "| **whole walk** | {:.1} | {:.0} |",
        whole.as_secs_f64() * 1000.0,
        per_row(whole)
    );
}

/// The middle one; of an even number the lower of the two.
fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[(times.len() - 1) / 2]
}
