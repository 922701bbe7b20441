//! The hot parts one by one, by criterion: numbers, headers, reading and typing, joins by key with tallies, sheets.
//!
//! `cargo bench --bench hot [-- FILTER]`, FILTER being a part of a name: identity, header, room, sheet
//!
//! Only through the stable doors of the library (`examine`, `survey`, `reconcile`, the report's documents), so that a room may be
//! rebuilt without touching this file. Persons are a sample's, made in a scratch folder. Not a timed test: nothing fails.

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use canbao::cli::{Only, Order, Progress};
use canbao::domain::SourceKind;
use canbao::intake::{self, Watch};
use canbao::refine::identity::{IdType, examine};
use canbao::report::{self, Contents, RunInfo};
use canbao::run::{self, Outcome};
use canbao::sample::{Form, SampleOrder};
use canbao::scheme;
use canbao::words::{Lang, Stage};
use chrono::NaiveDate;
use criterion::{BenchmarkId, Criterion, Throughput};

/// As the program itself: figures of another allocator would say nothing.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Persons of the sample that rooms are timed on.
const PEOPLE: u64 = 20_000;

fn main() -> Result<()> {
    let scratch = tempfile::tempdir()?;
    let mut criterion = Criterion::default().sample_size(20).configure_from_args();
    numbers(&mut criterion);
    headers(&mut criterion, scratch.path())?;
    walk(&mut criterion, scratch.path())?;
    criterion.final_summary();
    Ok(())
}

fn pipeline() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/xiangtan-2022.toml")
}

/// Identity numbers: plain ones, which almost all are, and those that need a repair or a verdict.
fn numbers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("identity");
    group.throughput(Throughput::Elements(1));
    for (what, number) in [
        ("plain", "11010519491231002X"),
        ("lower-case", "11010519491231002x"),
        ("full-width", "１１０１０５１９４９１２３１００２Ｘ"),
        ("fifteen", "110105491231002"),
        ("wrong-check", "110105194912310021"),
        ("scientific", "4.30321E+17"),
    ] {
        group.bench_with_input(
            BenchmarkId::from_parameter(what),
            number,
            |bench, number| {
                bench.iter(|| examine(black_box(Some(number)), IdType::National, false));
            },
        );
    }
    group.finish();
}

/// Header finding: files of a few rows, so that finding the header is the work.
fn headers(criterion: &mut Criterion, scratch: &Path) -> Result<()> {
    let plain = "缴费人姓名,证件号码,缴费年度,缴费金额,财政资助金额,缴费日期,电子税票号码,缴费地\n";
    let titled = format!("湘潭县2022年度缴费明细\n截至2022年3月31日　　单位：人、元\n{plain}");
    let levels = "缴费人,,费款所属期,缴费,,\n姓名,身份证件号码,起,金额,日期,凭证号\n";
    let mut group = criterion.benchmark_group("header");
    for (what, head) in [
        ("plain", plain),
        ("titled", &titled),
        ("two-levels", levels),
    ] {
        let folder = scratch.join(what);
        fs::create_dir(&folder)?;
        let row = "于志,430321198610076657,2022,320.00,2021-09-11,342200000000031";
        fs::write(folder.join("缴费明细.csv"), format!("{head}{row}\n"))?;
        let mut scheme = scheme::load(&pipeline())?;
        let sources = &mut scheme.sources;
        sources.retain(|rule| rule.kind == SourceKind::Payments);
        let known = intake::survey(&scheme, &folder, false, &intake::Silent)?;
        ensure!(
            known.looked.iter().all(|file| file.outcome.is_ok()),
            "a header that should be found: {what}"
        );
        group.bench_function(what, |bench| {
            bench.iter(|| {
                intake::survey(&scheme, &folder, false, &intake::Silent)
                    .map(|overview| overview.looked.len())
                    .ok()
            });
        });
    }
    group.finish();
    Ok(())
}

/// The rooms of a run on a small county, each timed by itself; then what the report makes of the facts.
fn walk(criterion: &mut Criterion, scratch: &Path) -> Result<()> {
    let inputs = scratch.join("inputs");
    let sample = SampleOrder {
        people: Some(PEOPLE),
        seed: 1,
        weeks: 0,
        form: Form::Csv,
        out: inputs.clone(),
        tasks: Vec::new(),
    };
    run::make_sample(&pipeline(), &sample)?;
    let order = |watch: Arc<Stopwatch>| Order {
        pipeline: pipeline(),
        as_of: NaiveDate::from_ymd_opt(2022, 3, 31).unwrap_or_default(),
        inputs: Some(inputs.clone()),
        out: scratch.join("reports"),
        only: Some(Only::Data),
        watch,
        ..Order::default()
    };
    let outcome = run::reconcile(&order(Arc::default()))?;
    let mut group = criterion.benchmark_group("room");
    group.throughput(Throughput::Elements(PEOPLE));
    // Judging is joins by key and tallies; measuring and writing stand beside it for comparison.
    for (what, stages) in [
        ("read-and-type", [Stage::Reading]),
        ("joins-and-tallies", [Stage::Judging]),
        ("measure", [Stage::Measuring]),
        ("data-files", [Stage::Writing]),
    ] {
        group.bench_function(what, |bench| {
            bench.iter_custom(|times| (0..times).map(|_| lap(&order, &stages)).sum());
        });
    }
    group.finish();
    sheets(criterion, &outcome);
    Ok(())
}

/// The time of some stages of one run.
fn lap(order: &impl Fn(Arc<Stopwatch>) -> Order, stages: &[Stage]) -> Duration {
    let watch: Arc<Stopwatch> = Arc::default();
    if run::reconcile(&order(watch.clone())).is_err() {
        return Duration::ZERO; // the first run went through, and nothing has changed
    }
    watch.spent_in(stages)
}

/// Workbooks out of facts: the leaders' tables, and the largest list of persons.
fn sheets(criterion: &mut Criterion, outcome: &Outcome) {
    let info = RunInfo::default();
    let contents = Contents {
        facts: &outcome.facts,
        scheme: &outcome.scheme,
        lang: Lang::Zh,
        run: &info,
    };
    let Ok(documents) = report::workbooks(contents) else {
        return;
    }; // scratch that cannot be read: nothing to measure
    let mut group = criterion.benchmark_group("sheet");
    for (what, name) in [
        ("tables", "参保进度通报.xlsx"),
        ("findings", "问题清单.xlsx"),
    ] {
        if let Some(document) = documents.iter().find(|document| document.path == name) {
            group.bench_function(what, |bench| {
                bench.iter(|| document.bytes().map(|bytes| bytes.len()).ok())
            });
        }
    }
    group.finish();
}

/// When each stage began.
#[derive(Default)]
struct Stopwatch {
    begun: Mutex<Vec<(Stage, Instant)>>,
}

impl Watch for Stopwatch {
    fn begin(&self, _file: &str, _bytes: u64) {}

    fn done(&self, _file: &str, _rows: u64) {}
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
    /// From the beginning of each of these stages to the beginning of the next, or to now.
    fn spent_in(&self, stages: &[Stage]) -> Duration {
        let end = Instant::now();
        let begun = self
            .begun
            .lock()
            .expect("no thread panics while holding it");
        let ends = begun.iter().skip(1).map(|(_, at)| *at).chain([end]);
        begun
            .iter()
            .zip(ends)
            .filter(|((stage, _), _)| stages.contains(stage))
            .map(|((_, from), to)| to - *from)
            .sum()
    }
}
