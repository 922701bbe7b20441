//! Run: the walks through the rooms, front door to back door: reconcile, survey, make a sample.
//!
//! In:  an order: which pipeline, which day, where from, where to.
//! Out: a report folder, whole or not at all; or what was found before the work (`survey`).
//! Never: reads the clock or the environment: what it needs to know stands in the order.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::archive::{Earlier, WantedRun};
use crate::domain::fault::{Complaints, WrongEarlier, WrongInputs};
use crate::domain::{Code, Complaint, Fault, Grave, Kept, Level, Refusal};
use crate::judge::{Brief, Judged, Printed};
use crate::measure::{Facts, GatheredLists, GroupFigures};
use crate::refine::arrivals::Arrived;
use crate::refine::{Buckets, Sorter};
use crate::report::{Contents, Desk, Output, Part, RunInfo};
use crate::sample::{SampleOrder, SampleSummary};
use crate::scheme::Scheme;
use crate::survey::Survey;
use crate::vault::Load;
use crate::words::{Lang, Stage, check};
use crate::{archive, intake, judge, measure, refine, report, sample, scheme, survey};

pub use crate::cli::{Only, Order, Progress};

/// Regions that a complaint names for an example.
const REGIONS_NAMED: usize = 8;

/// What came of it. Lists of `facts` that lay in scratch can be read no more: scratch is gone.
pub struct Outcome {
    /// The report folder.
    pub folder: PathBuf,
    /// Older reports that were not simply replaced.
    pub kept: Vec<Kept>,
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
    let scope = Scope::of(order, &scheme)?;
    let desk = desk(order, &scheme)?; // fails now, not in an hour
    stage(Stage::Reading);
    let buckets = rows(order, &scheme, &desk)?;
    let figures = buckets.figures();
    let unclaimed = intake::unclaimed(&scheme, &inputs(order, &scheme))?;
    let mut grave = survey::grave(&figures, &unclaimed, &scheme, order.as_of)?;
    let replaced = archive::run_of(&reports(order, &scheme), order.as_of);
    grave.extend(
        replaced
            .iter()
            .flat_map(|report| survey::halved(&figures, report)),
    );
    stop_at(&grave, order, &scheme)?;
    stage(Stage::Judging);
    let lists = GatheredLists::none(&figures, &scheme, buckets.scratch().map(Path::to_path_buf));
    let take = |bucket, said| lists.take(bucket, said);
    let exported = refine::Exported::of(&figures, &scheme, order.as_of);
    let brief = Brief {
        scheme: &scheme,
        as_of: order.as_of,
        in_transit_since: exported.in_transit_since(&scheme),
        printed: scope.printed(),
    };
    let judged = judge::by_bucket(&buckets, brief, &take)?;
    order.watch.rows(buckets.rows_read());
    came_whole(&judged.arrived, &figures, &scheme)?;
    grave.extend(judged.overlap.graves(&figures));
    stage(Stage::Measuring);
    lists.take_repairs(buckets.mended())?;
    let groups = scope.groups(&judged);
    let gathered = measure::Gathered {
        rows: &figures,
        judged,
        lists,
    };
    let mut facts = measure::facts(gathered, &scheme, order.as_of)?;
    grave.extend(amounts_flood(&facts, &figures));
    stop_at(&grave, order, &scheme)?;
    facts.accepted = grave;
    facts.unclaimed = unclaimed.files;
    facts.last = archive::last_run(&reports(order, &scheme), order.as_of);
    if let Some(earlier) = &earlier {
        facts.compare(earlier, &scheme);
    }
    order.watch.rows(facts.standings.len() as u64);
    stage(Stage::Writing);
    order.watch.rows(facts.rows());
    let local = scope.local(&facts, groups)?;
    let run = run_info(order, &scheme);
    let contents = Contents {
        facts: &facts,
        scheme: &scheme,
        lang: order.lang,
        run: &run,
    };
    let placed = desk.write(scope.documents(contents, local.as_ref())?)?;
    Ok(Outcome {
        folder: placed.folder,
        kept: placed.kept,
        denied: is_denied(&facts, &scheme),
        scheme,
        facts,
    })
}

/// Stops at grave facts to which nobody gave leave: all of them at once.
fn stop_at(grave: &[Grave], order: &Order, scheme: &Scheme) -> Result<()> {
    let leave = |one: &&Grave| {
        let declared = scheme.accepted_on(order.as_of);
        order
            .accepted
            .iter()
            .chain(declared)
            .any(|leave| leave.covers(one))
    };
    let stops: Vec<Complaint> = grave
        .iter()
        .filter(|one| !leave(one))
        .cloned()
        .map(Complaint::from)
        .collect();
    if stops.is_empty() {
        return Ok(());
    }
    Err(Complaints(stops).into())
}

/// The folder that the rows come from.
fn inputs(order: &Order, scheme: &Scheme) -> PathBuf {
    let named = order.inputs.as_ref();
    named.unwrap_or(&scheme.inputs).clone()
}

/// The folder of this pipeline's reports.
fn reports(order: &Order, scheme: &Scheme) -> PathBuf {
    order.out.join(&scheme.slug)
}

/// Where the report goes.
fn desk(order: &Order, scheme: &Scheme) -> Result<Desk> {
    let region = order.region.as_deref();
    Desk::of_region(&order.out, &scheme.slug, order.as_of, region)
}

/// Reads and types all rows, and sorts them by person: in memory, or beside the report where they do not fit.
fn rows(order: &Order, scheme: &Scheme, desk: &Desk) -> Result<Buckets> {
    let inputs = inputs(order, scheme);
    let load = Load {
        bytes: intake::weight(scheme, &inputs),
        with_lists: order.only != Some(Only::Data),
        memory: order.memory,
        buckets: order.buckets,
        scratch: desk.scratch(),
    };
    let sorter = Sorter::new(scheme, order.as_of, load.divided())?;
    intake::hand_on(scheme, &inputs, &sorter, order.watch.as_ref())?;
    sorter.sorted()
}

/// A flood of amounts that do not agree, where there is one.
fn amounts_flood(facts: &Facts, figures: &refine::Rows) -> Option<Grave> {
    let mut checks = facts.checks.iter();
    let amounts = checks.find(|check| check.code == Code::AmountWrong)?;
    survey::flood_of_amounts(figures, amounts.rows)
}

/// What the manifest says of the run itself.
fn run_info(order: &Order, scheme: &Scheme) -> RunInfo {
    RunInfo {
        started: order.started.clone(),
        inputs_folder: inputs(order, scheme).display().to_string(),
        region: order.region.clone(),
        documents: match order.only {
            None => Part::All,
            Some(Only::Data) => Part::Data,
            Some(Only::Reports) => Part::Reports,
        },
    }
}

/// Whether a finding fired that the scheme does not let pass.
fn is_denied(facts: &Facts, scheme: &Scheme) -> bool {
    let mut checks = facts.checks.iter();
    checks.any(|check| check.rows > 0 && scheme.level(check.code) == Level::Deny)
}

/// What is asked for, and of where.
struct Scope {
    only: Option<Only>,
    /// The scheme as a region sees it, where workbooks are asked of one.
    region: Option<Scheme>,
    /// Of a province as a whole nobody reads lists.
    is_overview: bool,
}

impl Scope {
    fn of(order: &Order, scheme: &Scheme) -> Result<Scope> {
        let code = order.region.as_deref();
        let region = code.map(|code| region(code, scheme)).transpose()?;
        Ok(Scope {
            only: order.only,
            is_overview: region.is_none() && scheme.is_of_a_province() && order.only.is_none(),
            region,
        })
    }

    /// The lists that are wanted beside the data files.
    fn printed(&self) -> Printed<'_> {
        match &self.region {
            _ if self.only == Some(Only::Data) || self.is_overview => Printed::Nothing,
            Some(region) => Printed::Within(&region.regions),
            None => Printed::Lists,
        }
    }

    /// Groups of the region's persons.
    fn groups(&self, judged: &Judged<'_>) -> Option<Vec<GroupFigures>> {
        let region = self.region.as_ref()?;
        Some(measure::groups_within(&judged.tallies, region))
    }

    /// The figures of the region.
    fn local(
        &self,
        facts: &Facts,
        groups: Option<Vec<GroupFigures>>,
    ) -> Result<Option<(Facts, &Scheme)>> {
        let Some((region, groups)) = self.region.as_ref().zip(groups) else {
            return Ok(None);
        };
        Ok(Some((facts.within(region, groups)?, region)))
    }

    /// Data files of the whole scheme, workbooks of it or of the region.
    fn documents<'a>(
        &self,
        contents: Contents<'a>,
        local: Option<&'a (Facts, &'a Scheme)>,
    ) -> Result<Vec<Output<'a>>> {
        let printed = local.map_or(contents, |(facts, scheme)| Contents {
            facts,
            scheme,
            ..contents
        });
        match self.only {
            None if self.is_overview => report::overview(contents),
            None => report::all(contents, printed),
            Some(Only::Data) => Ok(report::only_data(contents)),
            Some(Only::Reports) => report::only_reports(contents, printed),
        }
    }
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
    let wanted = WantedRun {
        slug: &scheme.slug,
        as_of: order.as_of,
        level: assessment.level,
        places,
    };
    archive::earlier(folder, &wanted).map(Some)
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
    let inputs = inputs(order, &scheme);
    order.watch.stage(Stage::Reading);
    let overview = intake::survey(&scheme, &inputs, order.suggest, order.watch.as_ref())?;
    let asked = survey::Asked {
        inputs,
        as_of: order.as_of,
        names_day: order.names_day,
        closely: order.suggest,
        accepted: order.accepted.clone(),
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
    let order = SampleOrder {
        tasks,
        ..order.clone()
    };
    let made = || {
        let own = sample::scaled_pipeline(&scheme, &order, pipeline)?;
        let scaled = own.as_deref().map(scheme::load).transpose()?;
        let summary = sample::write(scaled.as_ref().unwrap_or(&scheme), &order)?;
        Ok(SampleSummary {
            pipeline: own,
            ..summary
        })
    };
    made().map_err(
        |error: anyhow::Error| match error.root_cause().downcast_ref() {
            Some(io) => Fault::unwritable(order.out.clone(), io).into(),
            None => error,
        },
    )
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
    let own = summary.pipeline.as_deref();
    lines.extend(own.map(|file| check::made_pipeline(file, lang)));
    lines.push(check::planted(
        summary.planted.iter().map(|(_, rows)| rows).sum(),
        lang,
    ));
    lines.join("\n")
}
