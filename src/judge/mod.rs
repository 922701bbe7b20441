//! Judge: says of every person what does not agree.
//!
//! In:  people, one row a person, with what each book says about them; rows that nobody can be joined to.
//! Out: findings, one standing a person, refund cases, and tallies that add up.
//! Never: reads files, drops persons, or speaks a human language.

mod amounts;
mod assessed;
pub mod cases;
mod changes;
mod checks;
mod entries;
pub mod households;
pub mod lists;
mod names;
pub mod needs;
pub mod note;
mod rosters;
mod rows;
mod standings;
mod surplus;
mod suspects;
mod tables;
mod tallies;
mod traits;

use std::panic::resume_unwind;
use std::sync::Arc;

use chrono::NaiveDate;
use polars::prelude::*;

pub use changes::{Change, RosterChange};
pub use entries::{LATE, STUDENT};
pub use households::Remark;
pub use lists::{Enrolment, OutOfForce, Printed};
use note::n;
pub use rosters::Verdict;
pub use tables::{Figures, figures, in_full};
use tallies::Counting;
pub use tallies::{Extra, RowClass, Tallies};

use crate::domain::{FateCounts, SourceKind};
use crate::people::{self, Places};
use crate::refine::arrivals::Arrived;
use crate::refine::{Buckets, Rows};
use crate::scheme::Scheme;
use crate::vault::{Adds, Sum, in_turn, on_its_own};

/// What one bucket says row by row: a province has more of it than stands in memory. A frame without columns says nothing.
#[derive(Default)]
pub struct Said {
    /// Findings of checks that ran (`note::Note::of`), unsorted.
    pub findings: DataFrame,
    /// Refund cases: columns of `cases::frame`.
    pub cases: DataFrame,
    /// Persons with an entitlement or a recorded subsidy: columns of `rosters::subsidies`.
    pub subsidy: DataFrame,
    /// Persons whose cover differs from everybody's: columns of `entries::list`.
    pub entries: DataFrame,
    /// Register persons: ID, NAME, REGION, STANDING, ORIGIN and ROW.
    pub standings: DataFrame,
}

/// What judging hands over beside `Said`. Frames of several buckets are stacked.
#[derive(Default)]
pub struct Judged<'r> {
    /// Counts of all buckets; of one of them none, since threads count on from bucket to bucket.
    pub tallies: Tallies,
    /// Entries of rosters: columns of `lists::roster`.
    pub roster: Vec<DataFrame>,
    /// Everyone on the register, where the pipeline asks for a list of them: columns of `lists::everyone`.
    pub everyone: Vec<DataFrame>,
    /// Members of households with a collective account: columns of `households::members`.
    pub members: Vec<DataFrame>,
    /// What changed on the rosters since the batch before.
    pub changes: Vec<RosterChange>,
    /// Rows by fate, per origin: those of tables of figures and of intake, and those of every bucket.
    pub fates: Vec<FateCounts>,
    /// How whole the rosters came.
    pub arrived: Arrived,
    /// Whether the lists that no data file holds were asked for: `roster`, `everyone`, households.
    pub printed: Printed<'r>,
}

pub use cases::Case;

/// What one bucket comes to.
struct Part<'r> {
    judged: Judged<'r>,
    said: Said,
    /// Findings that only all buckets together can finish.
    later: rows::Later,
    /// Records that nobody on the register answers to.
    remainder: suspects::Remainder,
    /// Numbers that truncated ones may have been.
    candidates: suspects::Candidates,
}

/// Takes what a bucket says as soon as it is judged, and last, as one bucket more, what only all of them together could say.
/// Called from several threads.
pub type Takes<'t> = &'t (dyn Fn(usize, Said) -> anyhow::Result<()> + Sync);

/// Judges bucket by bucket; what the buckets come to adds up. The result does not depend on the number of buckets.
///
/// # Errors
/// `Fault` where scratch cannot be read or written; else only when a frame breaks its contract.
pub fn by_bucket<'r>(
    buckets: &Buckets,
    scheme: &Scheme,
    as_of: NaiveDate,
    printed: Printed<'r>,
    take: Takes<'_>,
) -> anyhow::Result<Judged<'r>> {
    let figures = buckets.figures();
    let judging = Judging {
        buckets,
        scheme,
        as_of,
        printed,
        places: Arc::new(Places::of(
            buckets.atlas(),
            scheme.regions.root(),
            scheme.pool_digits,
        )),
        unread: rows::Unread::of(&figures)?,
        wanted: suspects::Wanted::of(&figures),
    };
    let sum = Sum::of(judging.of_figures(&figures)?);
    let counted = in_turn(
        buckets.count(),
        || Counting::of(scheme, as_of),
        |counting, at| {
            let mut part = judging.bucket(at, counting)?;
            take(at, std::mem::take(&mut part.said))?;
            sum.take(at, part);
            Ok(())
        },
    )?;
    let counted = || {
        let mut counting = Counting::of(scheme, as_of);
        counted
            .into_iter()
            .for_each(|of_thread| counting.append(of_thread));
        counting.into_tallies(&judging.places)
    };
    let Part {
        mut judged,
        said,
        later,
        remainder,
        candidates,
    } = sum.whole();
    let mut findings = vec![said.findings];
    judged.tallies = std::thread::scope(|threads| -> anyhow::Result<Tallies> {
        let tallies = threads.spawn(counted);
        findings.extend(later.finished(&candidates, &scheme.regions)?);
        if !remainder.is_empty() {
            findings.push(suspects::id_suspect(&remainder, buckets.count(), &|at| {
                buckets.kept(at)
            })?);
        }
        Ok(tallies.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })?;
    findings.push(households::footing(&judged.members, &figures)?);
    take(
        buckets.count(),
        Said {
            findings: of_checks_that_ran(findings, &figures)?,
            ..Said::default()
        },
    )?;
    judged.changes.sort();
    for (origin, fates) in figures.origins.iter().zip(&judged.fates) {
        assert_eq!(
            origin.rows_read,
            fates.total(),
            "rows lost or born in {} [{}]",
            origin.file,
            origin.sheet
        );
    }
    Ok(judged)
}

/// Findings as one frame, without those of checks that lacked a book.
fn of_checks_that_ran(findings: Vec<DataFrame>, rows: &Rows) -> PolarsResult<DataFrame> {
    let mut all = note::nothing().drop(n::PERSON)?;
    for more in findings.into_iter().filter(|more| more.height() > 0) {
        all.vstack_mut_owned(more)?;
    }
    needs::keep_run(&all, &rows.there)
}

/// What judging any bucket needs.
struct Judging<'j, 'r> {
    buckets: &'j Buckets,
    scheme: &'j Scheme,
    as_of: NaiveDate,
    printed: Printed<'r>,
    places: Arc<Places>,
    unread: rows::Unread,
    wanted: suspects::Wanted<'j>,
}

impl<'r> Judging<'_, 'r> {
    /// What the tables of figures come to: they name no persons.
    fn of_figures(&self, figures: &Rows) -> anyhow::Result<Part<'r>> {
        let scheme = self.scheme;
        let mut later = rows::Later::default();
        let mut findings = rows::findings(figures, scheme, &self.unread, &mut later)?;
        let nowhere = note::Homes::default();
        later.in_their_regions(&nowhere)?;
        for frame in &mut findings {
            *frame = note::in_their_regions(std::mem::take(frame), &nowhere)?;
        }
        let tables = tables::findings(figures, scheme)?.into_iter();
        findings.extend(
            tables
                .map(|frame| note::in_their_regions(frame, &nowhere))
                .collect::<PolarsResult<Vec<_>>>()?,
        );
        let said = Said {
            findings: of_checks_that_ran(findings, figures)?,
            ..Said::default()
        };
        let judged = Judged {
            fates: figures.fates(),
            printed: self.printed,
            ..Judged::default()
        };
        Ok(Part {
            judged,
            said,
            later,
            remainder: suspects::Remainder::default(),
            candidates: suspects::Candidates::default(),
        })
    }

    /// Judges one bucket, and keeps the faces of its register for a second look.
    fn bucket(&self, at: usize, counting: &mut Counting) -> anyhow::Result<Part<'r>> {
        let Judging {
            buckets,
            scheme,
            as_of,
            printed,
            ..
        } = *self;
        let rows = buckets.open(at)?;
        let mut later = rows::Later::default();
        let mut findings = rows::findings(&rows, scheme, &self.unread, &mut later)?;
        let mut judged = Judged {
            changes: changes::changes(&rows, scheme, as_of)?,
            fates: rows.fates(),
            arrived: Arrived::of(&rows, scheme)?,
            ..Judged::default()
        };
        let candidates = suspects::Candidates::of(&rows, &self.wanted)?;
        let of_rows = note::persons_of(findings.iter().chain(later.frames()))?;
        let people = people::gather(&rows, &self.places, scheme, as_of)?;
        let traits = traits::Traits::of(&people, scheme);
        let (remainder, faces) = suspects::Remainder::of(&rows, &people)?;
        buckets.keep(at, faces)?;
        let homes = note::homes(&of_rows, &people);
        findings.extend(checks::findings(&people, &traits, scheme)?);
        findings.extend(amounts::findings(&people, scheme)?);
        findings.extend(rosters::findings(&people, &traits, scheme, as_of)?);
        findings.extend(names::findings(&people)?);
        counting.bucket(&people, &traits, scheme, as_of)?;
        if printed.any() {
            judged
                .roster
                .push(printed.of(lists::roster(&people, &traits, scheme, as_of)?)?);
        }
        if printed.any() && scheme.lists.of_everyone() {
            judged
                .everyone
                .push(printed.of(lists::everyone(&people, &traits, &rows, scheme)?)?);
        }
        let has_totals = rows
            .origins
            .iter()
            .any(|origin| origin.source == SourceKind::HouseholdTotals);
        if rows.frame(SourceKind::Households).is_some() {
            let members = households::members(&people, scheme)?;
            findings.push(households::amount_wrong(&members, &people)?);
            // Totals of households are checked against their members.
            if printed.any() || has_totals {
                judged.members.push(members);
            }
        }
        let placed = findings
            .into_iter()
            .map(|frame| note::in_their_regions(frame, &homes))
            .collect::<PolarsResult<_>>()?;
        later.in_their_regions(&homes)?;
        let mut said = Said {
            findings: of_checks_that_ran(placed, &rows)?,
            cases: cases::frame(cases::cases(&people, &traits, scheme)?)?,
            subsidy: rosters::subsidies(&people, &traits, scheme)?,
            entries: entries::list(&people, scheme)?,
            standings: standings::of_register(&people, &traits, scheme)?,
        };
        // Standings are of everyone: they may as well keep the texts of the bucket.
        [&mut said.findings, &mut said.subsidy, &mut said.entries]
            .into_iter()
            .try_for_each(on_its_own)?;
        let kept = [
            &mut judged.roster,
            &mut judged.everyone,
            &mut judged.members,
        ]
        .into_iter()
        .flatten();
        kept.chain(later.frames_mut()).try_for_each(on_its_own)?;
        Ok(Part {
            judged,
            said,
            later,
            remainder,
            candidates,
        })
    }
}

impl Adds for Part<'_> {
    fn append(&mut self, other: Self) {
        self.judged.append(other.judged);
        self.later.append(other.later);
        self.remainder.append(other.remainder);
        self.candidates.append(other.candidates);
    }
}

impl<'r> Judged<'r> {
    /// Adds another bucket's.
    fn append(&mut self, mut other: Judged<'r>) {
        self.roster.append(&mut other.roster);
        self.everyone.append(&mut other.everyone);
        self.members.append(&mut other.members);
        self.changes.append(&mut other.changes);
        for (mine, theirs) in self.fates.iter_mut().zip(other.fates) {
            *mine += theirs;
        }
        self.arrived.append(other.arrived);
    }
}
