//! Run: the walks through the rooms, front door to back door: reconcile, survey, make a sample.
//!
//! In:  an order: which pipeline, which day, where from, where to.
//! Out: a report folder, whole or not at all; or what was found before the work (`survey`).
//! Never: reads the clock or the environment: what it needs to know stands in the order.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::archive::{Earlier, Wanted};
use crate::domain::fault::{Complaints, WrongEarlier, WrongInputs};
use crate::domain::{Complaint, Fault, Level, Refusal};
use crate::judge::Printed;
use crate::measure::{Facts, Lists};
use crate::refine::arrivals::Arrived;
use crate::refine::{Division, Sorter};
use crate::report::{Contents, Desk, Output, RunInfo};
use crate::sample::{SampleOrder, SampleSummary};
use crate::scheme::Scheme;
use crate::survey::Survey;
use crate::words::{Lang, Stage, check};
use crate::{archive, intake, judge, measure, refine, report, sample, scheme, survey};

pub use crate::cli::{Only, Order, Progress};

/// Regions that a complaint names for an example.
const REGIONS_NAMED: usize = 8;

/// What came of it. Lists of `facts` that lay in scratch can be read no more: scratch is gone.
pub struct Outcome {
    /// The report folder.
    pub folder: PathBuf,
    /// The scheme that was run.
    pub scheme: Scheme,
    /// All figures.
    pub facts: Facts,
    /// Whether a finding of level `deny` fired.
    pub denied: bool,
}

/// Reads, joins, judges, measures and writes.
///
/// # Errors
/// `Complaints` (exit 2) or a `Fault` (exit 3); older reports are then untouched.
///
/// # Panics
/// When rows or persons do not add up: our bug, which must not reach a report.
pub fn reconcile(order: &Order) -> Result<Outcome> {
    let stage = |stage| order.watch.stage(stage);
    stage(Stage::Scheme);
    let scheme = scheme::load(&order.pipeline)?;
    let earlier = earlier(order, &scheme)?;
    let inputs = order
        .inputs
        .clone()
        .unwrap_or_else(|| scheme.inputs.clone());
    let region = order
        .region
        .as_deref()
        .map(|code| region(code, &scheme))
        .transpose()?;
    let desk = Desk::of_region(
        &order.out,
        &scheme.slug,
        order.as_of,
        order.region.as_deref(),
    )?; // fails now, not in an hour
    stage(Stage::Reading);
    let sorter = Sorter::new(
        &scheme,
        order.as_of,
        division(order, &scheme, &inputs, &desk),
    )?;
    intake::hand_on(&scheme, &inputs, &sorter, order.watch.as_ref())?;
    let buckets = sorter.sorted()?;
    stage(Stage::Judging);
    let is_overview = region.is_none() && scheme.is_of_a_province() && order.only.is_none();
    let printed = match &region {
        _ if order.only == Some(Only::Data) || is_overview => Printed::Nothing,
        Some(region) => Printed::Within(&region.regions),
        None => Printed::Lists,
    };
    let figures = buckets.figures();
    let lists = Lists::none(&figures, &scheme, buckets.scratch().map(Path::to_path_buf));
    let judged = judge::by_bucket(&buckets, &scheme, order.as_of, printed, &|bucket, said| {
        lists.take(bucket, said)
    })?;
    order.watch.rows(buckets.rows_read());
    came_whole(&judged.arrived, &figures, &scheme)?;
    stage(Stage::Measuring);
    let groups = region
        .as_ref()
        .map(|region| measure::groups_within(&judged.tallies, region));
    lists.take_repairs(buckets.mended())?;
    let mut facts = measure::facts(&figures, judged, lists, &scheme, order.as_of)?;
    if let Some(earlier) = &earlier {
        facts.compare(earlier, &scheme);
    }
    drop(figures);
    order.watch.rows(facts.standings.len() as u64);
    stage(Stage::Writing);
    order.watch.rows(facts.rows());
    let local = region
        .zip(groups)
        .map(|(region, groups)| Ok::<_, anyhow::Error>((facts.within(&region, groups)?, region)));
    let local = local.transpose()?;
    let info = RunInfo {
        started: order.started.clone(),
        inputs_folder: inputs.display().to_string(),
        region: order.region.clone(),
    };
    let contents = Contents {
        facts: &facts,
        scheme: &scheme,
        lang: order.lang,
        run: &info,
    };
    let documents = if is_overview {
        report::overview(contents)?
    } else {
        documents(order.only, contents, local.as_ref())?
    };
    let folder = desk.write(documents)?;
    let denied = facts
        .checks
        .iter()
        .any(|check| check.rows > 0 && scheme.level(check.code) == Level::Deny);
    Ok(Outcome {
        folder,
        scheme,
        facts,
        denied,
    })
}

/// The scheme as the region sees it that workbooks are asked of.
fn region(code: &str, scheme: &Scheme) -> Result<Scheme> {
    scheme.within(code).ok_or_else(|| {
        let root = scheme.regions.root();
        let below = scheme.regions.children(root).take(REGIONS_NAMED);
        let near = below
            .map(|region| format!("{} {}", region.code, region.name))
            .collect();
        let refusal = Refusal::Inputs(WrongInputs::RegionNotHere {
            code: code.to_owned(),
            scheme: scheme.regions.name(root).to_owned(),
            near,
        });
        Complaints(vec![Complaint::from(refusal)]).into()
    })
}

/// What was asked for: data files of the whole scheme, workbooks of it or of a region.
fn documents<'a>(
    only: Option<Only>,
    contents: Contents<'a>,
    local: Option<&'a (Facts, Scheme)>,
) -> Result<Vec<Output<'a>>> {
    let printed = local.map_or(contents, |(facts, scheme)| Contents {
        facts,
        scheme,
        ..contents
    });
    match only {
        None => report::all(contents, printed),
        Some(Only::Data) => Ok(report::only_data(contents)),
        Some(Only::Reports) => report::only_reports(contents, printed),
    }
}

/// The earlier run that changes are against, where one is named.
fn earlier(order: &Order, scheme: &Scheme) -> Result<Option<Earlier>> {
    let Some(folder) = &order.since else {
        return Ok(None);
    };
    let Some(assessment) = &scheme.assessment else {
        let refusal = Refusal::Earlier(WrongEarlier::NothingToCompare {
            pipeline: order.pipeline.clone(),
        });
        return Err(Complaints(vec![Complaint::from(refusal)]).into());
    };
    let places = scheme
        .regions
        .inside()
        .into_iter()
        .filter(|region| region.level == assessment.level);
    let places = places
        .map(|region| (region.code.as_str(), region.name.as_str()))
        .collect();
    let wanted = Wanted {
        slug: &scheme.slug,
        as_of: order.as_of,
        level: assessment.level,
        places,
    };
    archive::earlier(folder, &wanted).map(Some)
}

/// Bytes of rows, as csv, whose persons are judged at a time while they fit into memory. What is done once a bucket costs time,
/// and what is known of its persons costs memory: of a county's 300 MB, 8, 10, 12 and 15 buckets took 2.75, 2.75, 2.81 and
/// 2.87 s and 855, 830, 785 and 774 MiB (medians of three), when a bucket cost twice as much as now.
const BUCKET_BYTES: u64 = 32 << 20;

/// Most buckets in memory: the rows of a block of a file lie in that many pieces. Of a city's 2.9 GB, 40, 60 and 91 buckets took
/// 22.2, 22.1 and 22.4 s and 3,030, 2,880 and 2,770 MiB.
const MOST_IN_MEMORY: u64 = 60;

/// The same where they do not fit: a bucket is read back, and what is known of its persons stands in memory at once.
const MOST_BUCKET_BYTES: u64 = 256 << 20;

/// What a run takes that keeps all its rows in memory, beside some times the bytes of their csv.
const AT_LEAST: u64 = 256 << 20;

/// How many times: a county's 300 MB take 800 MB in all, a city's 2.9 GB take 3.1.
const TIMES_KEPT: u64 = 2;

/// The same with workbooks: lists that no data file holds stand in memory beside the rows. A city takes 4.7 GB.
const TIMES_KEPT_PRINTED: u64 = 5;

/// How many times the bytes of a csv that is allowed for its buckets while they are judged, two at a time.
const TIMES_JUDGED: u64 = 12;

/// Most buckets: more would be files of a few rows.
const MOST_BUCKETS: u64 = 1024;

/// Into how many buckets the rows go, and whether they fit into memory.
fn division(order: &Order, scheme: &Scheme, inputs: &Path, desk: &Desk) -> Division {
    let bytes = intake::weight(scheme, inputs);
    let times = if order.only == Some(Only::Data) {
        TIMES_KEPT
    } else {
        TIMES_KEPT_PRINTED
    };
    let fits = bytes.saturating_mul(times).saturating_add(AT_LEAST) <= order.memory;
    let (of_bucket, most) = match fits {
        true => (BUCKET_BYTES, MOST_IN_MEMORY),
        false => (
            (order.memory / 4 / TIMES_JUDGED).clamp(1 << 20, MOST_BUCKET_BYTES),
            MOST_BUCKETS,
        ),
    };
    let chosen = u32::try_from(bytes.div_ceil(of_bucket).clamp(1, most)).unwrap_or(1); // at most a thousand
    let buckets = order.buckets.unwrap_or(chosen);
    // A row that waits takes some dozens of bytes; of a dozen books four are large.
    let waiting = order.memory / 8 / (u64::from(buckets) * 4 * 128);
    let waiting = usize::try_from(waiting.clamp(2_048, 131_072)).unwrap_or(2_048); // below the limit
    Division {
        buckets,
        scratch: (!fits).then(|| desk.scratch()),
        waiting,
    }
}

/// Rosters that arrived half empty stop the run before anything is written.
fn came_whole(arrived: &Arrived, figures: &refine::Rows, scheme: &Scheme) -> Result<()> {
    let wrong = refine::arrivals::refusals(arrived, figures, scheme);
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Complaints(wrong.into_iter().map(Complaint::from).collect()).into())
}

/// Reads and types everything that can be read, and writes nothing. What would stop a run stands in the survey.
///
/// # Errors
/// `Complaints` about the pipeline, or about a folder that is not there.
pub fn survey(order: &Order) -> Result<Survey> {
    order.watch.stage(Stage::Scheme);
    let scheme = scheme::load(&order.pipeline)?;
    let inputs = order
        .inputs
        .clone()
        .unwrap_or_else(|| scheme.inputs.clone());
    order.watch.stage(Stage::Reading);
    let overview = intake::survey(&scheme, &inputs, order.suggest, order.watch.as_ref())?;
    let asked = survey::Asked {
        inputs,
        as_of: order.as_of,
        closely: order.suggest,
    };
    survey::of(overview, scheme, asked)
}

/// Makes a synthetic scheme of the pipeline; its published figures lie beside it in `tasks/`.
///
/// # Errors
/// `Complaints` (exit 2) or a `Fault` (exit 3).
pub fn make_sample(pipeline: &Path, order: &SampleOrder) -> Result<SampleSummary> {
    let scheme = scheme::load(pipeline)?;
    let folder = pipeline.parent().unwrap_or(Path::new("")); // a bare file name lies in the current folder
    let table = folder.join("tasks").join(format!("{}.csv", scheme.slug));
    let tasks = sample::published(&table).map_err(|error| Fault::Unreadable {
        file: table.display().to_string(),
        reason: format!("{error:#}"),
    })?;
    sample::write(
        &scheme,
        &SampleOrder {
            tasks,
            ..order.clone()
        },
    )
    .map_err(|error| match error.root_cause().downcast_ref() {
        Some(io) => Fault::unwritable(order.out.clone(), io).into(),
        None => error,
    })
}

/// What a clerk reads after `make_sample`.
pub fn sample_text(summary: &SampleSummary, out: &Path, lang: Lang) -> String {
    let mut lines = vec![check::made(summary.people, out, lang)];
    lines.extend(
        summary
            .files
            .iter()
            .map(|(file, rows)| check::made_file(file, *rows, lang)),
    );
    lines.push(check::planted(
        summary.planted.iter().map(|(_, rows)| rows).sum(),
        lang,
    ));
    lines.join("\n")
}
