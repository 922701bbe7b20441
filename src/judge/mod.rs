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

use chrono::NaiveDate;
use polars::prelude::*;

pub use changes::{Change, RosterChange};
pub use entries::{LATE, STUDENT};
pub use households::Remark;
pub use lists::{Enrolment, OutOfForce};
pub use rosters::Verdict;
pub use tables::{Figures, figure, figures};
pub use tallies::{Extra, RowClass, Tallies};

use crate::domain::SourceKind;
use crate::people;
use crate::refine::Rows;
use crate::scheme::Scheme;

/// What judging hands over. Frames of several buckets are stacked; tallies are added.
pub struct Judged {
    /// Findings (`note::Note::of`), unsorted.
    pub findings: Vec<DataFrame>,
    /// Register persons with KEY, ID, NAME, REGION, STANDING, ORIGIN, ROW.
    pub standings: Vec<DataFrame>,
    /// Refund cases.
    pub cases: Vec<cases::Case>,
    /// Persons with an entitlement or a recorded subsidy: columns of `rosters::subsidies`.
    pub subsidy: Vec<DataFrame>,
    /// Persons whose cover differs from everybody's: columns of `entries::list`.
    pub entries: Vec<DataFrame>,
    /// Counts that add up.
    pub tallies: Tallies,
    /// Entries of rosters: columns of `lists::roster`.
    pub roster: Vec<DataFrame>,
    /// Everyone on the register, where the pipeline asks for a list of them: columns of `lists::everyone`.
    pub everyone: Vec<DataFrame>,
    /// Members of households with a collective account: columns of `households::members`.
    pub members: Vec<DataFrame>,
    /// What changed on the rosters since the batch before.
    pub changes: Vec<RosterChange>,
}

pub use cases::Case;

/// More rows than this are judged in several buckets, so that what is known of a person stands in memory only for some.
const ROWS_A_BUCKET: usize = 1_000_000;

/// Every bucket looks at every row once more: beyond this many, memory is saved at the cost of time.
const MOST_BUCKETS: u64 = 16;

/// Judges bucket by bucket, in at least as many as asked for. The result does not depend on the number of buckets.
pub fn by_bucket(rows: &Rows, scheme: &Scheme, as_of: NaiveDate, buckets: u64) -> anyhow::Result<Judged> {
    let height: usize = rows.frames.iter().map(|(_, frame)| frame.height()).sum();
    let buckets = buckets.max(MOST_BUCKETS.min((height / ROWS_A_BUCKET) as u64 + 1));
    let mut judged = Judged {
        findings: rows::findings(rows, scheme)?,
        standings: Vec::new(),
        cases: Vec::new(),
        subsidy: Vec::new(),
        entries: Vec::new(),
        tallies: Tallies::default(),
        roster: Vec::new(),
        everyone: Vec::new(),
        members: Vec::new(),
        changes: changes::changes(rows, scheme, as_of)?,
    };
    let of_rows = note::persons_of(&judged.findings)?;
    let mut regions = Vec::new();
    judged.findings.push(suspects::id_suspect(rows)?);
    judged.findings.extend(tables::findings(rows, scheme)?);
    for bucket in 0..buckets {
        let people = people::gather(rows, scheme, as_of, bucket, buckets)?;
        let traits = traits::Traits::of(&people, scheme);
        regions.push(note::regions_of(&of_rows, &people)?.lazy());
        judged.findings.extend(checks::findings(&people, &traits, scheme)?);
        judged.findings.extend(amounts::findings(&people, scheme)?);
        judged.findings.extend(rosters::findings(&people, &traits, scheme, as_of)?);
        judged.findings.extend(names::findings(&people)?);
        judged.cases.extend(cases::cases(&people, &traits, scheme)?);
        judged.subsidy.push(rosters::subsidies(&people, &traits, scheme)?);
        judged.entries.push(entries::list(&people, scheme)?);
        judged.standings.push(standings::of_register(&people, &traits, scheme)?);
        judged.tallies += tallies::of_bucket(&people, &traits, scheme, as_of)?;
        judged.roster.push(lists::roster(&people, &traits, scheme, as_of)?);
        if scheme.lists.of_everyone() {
            judged.everyone.push(lists::everyone(&people, &traits, rows, scheme)?);
        }
        if rows.frame(SourceKind::Households).is_some() {
            let members = households::members(&people, scheme)?;
            judged.findings.push(households::amount_wrong(&members, &people)?);
            judged.members.push(members);
        }
    }
    judged.findings.push(households::footing(&judged.members, rows)?);
    let regions = concat(regions, UnionArgs::default())?.collect()?;
    let placed = judged.findings.into_iter().map(|frame| note::in_their_regions(frame, &regions));
    judged.findings = placed.collect::<PolarsResult<_>>()?;
    let ran = needs::ran(rows);
    judged.findings = judged.findings.into_iter().map(|frame| needs::keep_run(frame, &ran)).collect::<PolarsResult<_>>()?;
    Ok(judged)
}
