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

use chrono::NaiveDate;
use polars::prelude::*;

pub use changes::{Change, RosterChange};
pub use entries::{LATE, STUDENT};
pub use households::Remark;
pub use lists::{Enrolment, OutOfForce, Printed};
pub use rosters::Verdict;
pub use tables::{Figures, figure, figures};
pub use tallies::{Extra, RowClass, Tallies};

use crate::domain::SourceKind;
use crate::people::{self, p};
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
    /// Whether the lists that no data file holds were asked for: `roster`, `everyone`, households.
    pub printed: Printed,
}

pub use cases::Case;

/// More rows than this are judged in several buckets, so that what is known of a person stands in memory only for some.
const ROWS_A_BUCKET: usize = 1_000_000;

/// Every bucket looks at every row once more: beyond this many, memory is saved at the cost of time.
const MOST_BUCKETS: u64 = 16;

/// Judges bucket by bucket, in at least as many as asked for. The result does not depend on the number of buckets.
pub fn by_bucket(rows: &Rows, scheme: &Scheme, as_of: NaiveDate, buckets: u64, printed: Printed) -> anyhow::Result<Judged> {
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
        printed,
    };
    let of_rows = note::persons_of(&judged.findings)?;
    let mut regions = Vec::new();
    judged.findings.push(suspects::id_suspect(rows)?);
    judged.findings.extend(tables::findings(rows, scheme)?);
    for bucket in 0..buckets {
        let people = people::gather(rows, scheme, as_of, bucket, buckets)?;
        let frame = standings::with_standing(people.frame.lazy())?;
        let books = &people.books;
        regions.push(note::regions_of(&of_rows, &frame)?.lazy());
        judged.findings.extend(checks::findings(&frame, books, scheme)?);
        judged.findings.extend(amounts::findings(&frame, books, &people.dossiers, scheme)?);
        judged.findings.extend(rosters::findings(&frame, books, scheme, as_of)?);
        judged.findings.extend(names::findings(&frame, books)?);
        judged.cases.extend(cases::cases(&frame, books, scheme)?);
        judged.subsidy.push(rosters::subsidies(&frame, scheme)?);
        judged.entries.push(entries::list(&frame, &people.entered, scheme)?);
        judged.standings.push(standings::of_register(&frame, books, scheme)?);
        judged.tallies += tallies::of_bucket(&frame, books, scheme, as_of)?;
        if printed == Printed::Lists {
            judged.roster.push(lists::roster(&frame, books, scheme, as_of)?);
        }
        if printed == Printed::Lists && scheme.lists.of_everyone() {
            judged.everyone.push(lists::everyone(&frame, books, rows, scheme)?);
        }
        if rows.frame(SourceKind::Households).is_some() {
            let members = households::members(&frame, books, scheme)?;
            judged.findings.push(households::amount_wrong(&members, &frame)?);
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

/// Whether a person has a normal employee registration anywhere.
fn is_employee() -> Expr {
    (col(p::EMPLOYEE_HERE) + col(p::EMPLOYEE_AWAY)).gt(lit(0u32))
}

/// Whether a person has a normal resident registration anywhere.
fn is_resident() -> Expr {
    (col(p::RESIDENT_HERE) + col(p::RESIDENT_AWAY)).gt(lit(0u32))
}

/// Whether a person has a normal registration here.
fn is_registered_here() -> Expr {
    (col(p::RESIDENT_HERE) + col(p::EMPLOYEE_HERE)).gt(lit(0u32))
}

/// Whether a person is entitled to a grant.
fn is_entitled() -> Expr {
    col(p::GRANT).gt(lit(0i64))
}
