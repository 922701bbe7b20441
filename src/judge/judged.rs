//! What judging hands over, and what one bucket comes to.

use chrono::NaiveDate;
use polars::prelude::*;

use super::changes::RosterChange;
use super::later::Later;
use super::lists::Printed;
use super::note::n;
use super::suspects::{Candidates, Remainder};
use super::tallies::Tallies;
use crate::domain::{Code, FateCounts};
use crate::refine::arrivals::Arrived;
use crate::refine::overlap::Overlap;
use crate::scheme::Scheme;
use crate::vault::Adds;

/// By which law, of which day, and for which lists a run judges.
#[derive(Clone, Copy)]
pub struct Brief<'b> {
    /// The scheme.
    pub scheme: &'b Scheme,
    /// The as-of date.
    pub as_of: NaiveDate,
    /// The first payment day that may be on its way into the registrations, where there is one.
    pub in_transit_since: Option<NaiveDate>,
    /// What is printed beside the data files.
    pub printed: Printed<'b>,
}

/// What one bucket says row by row: a province has more of it than stands in memory. A frame without columns says nothing.
#[derive(Default)]
pub struct Said {
    /// Findings of checks that ran (`note::Note::of`), unsorted.
    pub findings: DataFrame,
    /// Refund cases: columns of cases.parquet.
    pub cases: DataFrame,
    /// Persons with an entitlement or a recorded subsidy: columns of `rosters::subsidies`.
    pub subsidy: DataFrame,
    /// Persons whose cover differs from everybody's: columns of `entries::list`.
    pub entries: DataFrame,
    /// Register persons: ID, NAME, REGION, STANDING, ORIGIN and ROW.
    pub standings: DataFrame,
    /// What is on its way: columns of `transit::list`.
    pub transit: DataFrame,
}

impl Said {
    /// How many findings there are of a code.
    ///
    /// # Errors
    /// When the frame breaks its contract.
    pub fn of_code(&self, code: Code) -> PolarsResult<u64> {
        if self.findings.width() == 0 {
            return Ok(0);
        }
        let codes = self.findings.column(n::CODE)?.u8()?.into_no_null_iter();
        Ok(codes.filter(|one| *one == code.index()).count() as u64)
    }
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
    /// Lists of one source that hold mostly the same persons.
    pub overlap: Overlap,
    /// Whether the lists that no data file holds were asked for: `roster`, `everyone`, households.
    pub printed: Printed<'r>,
}

/// What one bucket comes to.
#[derive(Default)]
pub(super) struct Part<'r> {
    pub(super) judged: Judged<'r>,
    pub(super) said: Said,
    /// Findings that only all buckets together can finish.
    pub(super) later: Later,
    /// Records that nobody on the register answers to.
    pub(super) remainder: Remainder,
    /// Numbers that truncated ones may have been.
    pub(super) candidates: Candidates,
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
        self.overlap.append(other.overlap);
    }
}
