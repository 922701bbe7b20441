//! Measure: tallies that add up → coverage, bridge, funding.
//!
//! In:  typed rows (for tasks and declared totals), what judge handed over, the scheme.
//! Out: `Facts`: every figure of the reports, exact, and the frames of the lists.
//! Never: prints, rounds, or speaks a human language; opens a file but the scratch files it is given.

pub mod assessment;
mod facts;
mod lists;
mod persons;
mod regions;
mod within;

use std::ops::AddAssign;

pub use assessment::Assessed;
pub use facts::{Gathered, facts};
pub use lists::{GatheredLists, List, of_codes};
pub use persons::{Household, Member, PersonLists};
pub use within::groups_within;

use chrono::NaiveDate;
use polars::prelude::*;

use crate::archive::{Earlier, LastRun};
use crate::domain::{Code, FateCounts, Fen, Grave, RegionLevel, SourceKind, Standing};
use crate::intake::Origin;
use crate::judge::{Extra, SubsidiesRecorded};
use crate::refine::{Account, Exported};
use crate::scheme::Scheme;
pub use crate::vault::{BATCH_ROWS, Runs};

closed_list! {
    /// A line of the bridge from registered rows to the register (docs/readings.md#bridge), in the
    /// order it is read.
    pub enum BridgeLine {
        /// Normal rows that name this region.
        Registered = "registered",
        /// − rows whose number is unusable.
        Unusable = "unusable",
        /// − all but one row of a person.
        Surplus = "surplus",
        /// − counted row of a person who is not on the register.
        NotOnRegister = "not-on-register",
        /// − counted row of a person on the register of another region of the scheme.
        OtherRegister = "other-register",
        /// − deceased.
        Deceased = "deceased",
        /// + on this region's register, counted in another region of the scheme.
        CountedElsewhere = "counted-elsewhere",
        /// − not insured for lack of payment.
        Unpaid = "unpaid",
        /// = local employees and residents of the register.
        Local = "local",
        /// + the other standings, one line each.
        ElsewhereEmployee = "elsewhere-employee",
        ElsewhereResident = "elsewhere-resident",
        DeceasedRegister = "deceased-register",
        Military = "military",
        Prison = "prison",
        Unreachable = "unreachable",
        Declined = "declined",
        OtherReason = "other",
        InTransit = "in-transit",
        Uninsured = "uninsured",
        Pending = "pending",
        /// = persons of the register.
        Register = "register",
    }
}

/// Name of the group of students; the lists of other departments name their own.
pub const STUDENTS: &str = "在校学生";

/// A rate of one region.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateFigure {
    /// Numerator.
    pub count: u64,
    /// Denominator, where the region has one.
    pub of: Option<u64>,
    /// Persons that reach the target.
    pub need: Option<u64>,
}

impl RateFigure {
    /// Target reached; `None` without a target or denominator.
    pub fn met(&self) -> Option<bool> {
        self.need.map(|need| self.count >= need)
    }

    /// 还差: persons still missing.
    pub fn missing(&self) -> Option<u64> {
        self.need.map(|need| need.saturating_sub(self.count))
    }
}

/// All figures of one region, or of 其他 under a parent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegionFigures {
    /// Level of the row.
    pub level: RegionLevel,
    /// Region code; empty for 其他.
    pub code: String,
    /// Code of the region above.
    pub parent: String,
    /// A unit without a code of its own.
    pub unit: bool,
    /// Published population.
    pub population: Option<u64>,
    /// Task.
    pub task: Option<u64>,
    /// Declared floor.
    pub floor: Option<u64>,
    /// Last year's enrolment.
    pub last_year: Option<u64>,
    /// Normal resident rows here.
    pub registered_resident: u64,
    /// Normal employee rows here.
    pub registered_employee: u64,
    /// Persons registered here whose resident registration is paid, subsidised or free; counted where a rate asks for it.
    pub paid_resident: u64,
    /// Employees here, each once; counted where a rate asks for it.
    pub paid_employee: u64,
    /// Register persons by `Standing::index`; adds up to the register.
    pub standings: [u64; Standing::COUNT],
    /// One a rate of the scheme, in its order.
    pub rates: Vec<RateFigure>,
    /// 1,1,3 by the primary rate; `None` for units, 其他 and rows without denominator.
    pub rank: Option<u32>,
    /// Persons by `BridgeLine::index`.
    pub bridge: [u64; BridgeLine::COUNT],
}

impl RegionFigures {
    /// Persons of the register.
    pub fn register(&self) -> u64 {
        self.standings.iter().sum()
    }
    /// Registered rows, both covers.
    pub fn registered(&self) -> u64 {
        self.registered_resident + self.registered_employee
    }
    /// Register persons insured anywhere.
    pub fn insured(&self) -> u64 {
        Standing::ALL
            .iter()
            .filter(|s| s.is_insured())
            .map(|s| self.standings[usize::from(s.index())])
            .sum()
    }
    /// Register persons insured or settled otherwise.
    pub fn settled(&self) -> u64 {
        Standing::ALL
            .iter()
            .filter(|s| s.is_settled())
            .map(|s| self.standings[usize::from(s.index())])
            .sum()
    }
    /// Persons of one standing.
    pub fn standing(&self, standing: Standing) -> u64 {
        self.standings[usize::from(standing.index())]
    }
}

/// A category, group or the students, by township.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupFigures {
    /// Name of the category or group.
    pub name: String,
    /// The notice wants everyone covered.
    pub must_be_100: bool,
    /// Region code one level below the scheme's region (empty = 其他) and persons by `Standing::index`. In order of code, 其他 last.
    pub rows: Vec<(String, [u64; Standing::COUNT])>,
}

/// A row of the funding table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Funding {
    /// Who pays.
    pub payer: String,
    /// Category.
    pub category: String,
    /// Township; empty for 其他.
    pub region_code: String,
    /// Persons.
    pub persons: u64,
    /// Grants.
    pub fen: Fen,
}

/// Resident registrations beyond the one that stays: each drew the fiscal subsidy once more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// Why there are several.
    pub kind: Extra,
    /// Region of the persons; empty for 其他.
    pub region_code: String,
    /// Persons.
    pub persons: u64,
    /// Registrations too many.
    pub registrations: u64,
    /// Fiscal subsidy drawn too often; `None` where the notice does not state it.
    pub fen: Option<Fen>,
}

/// What the refund cases come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refunds {
    /// Cases.
    pub cases: u64,
    /// Those that the rules allow.
    pub eligible: u64,
    /// Money of all.
    pub refund_fen: Fen,
    /// Money of those that the rules allow.
    pub eligible_fen: Fen,
}

impl Refunds {
    /// Of rows of cases.parquet.
    ///
    /// # Errors
    /// When they are not such rows.
    fn of(cases: &DataFrame) -> PolarsResult<Refunds> {
        let mut refunds = Refunds {
            cases: cases.height() as u64,
            ..Refunds::default()
        };
        let (money, eligible) = (
            cases.column("refund_fen")?.i64()?,
            cases.column("eligible")?.bool()?,
        );
        for (fen, eligible) in money.into_no_null_iter().zip(eligible.iter()) {
            refunds.refund_fen += fen;
            if eligible == Some(true) {
                refunds.eligible += 1;
                refunds.eligible_fen += fen;
            }
        }
        Ok(refunds)
    }
}

impl AddAssign for Refunds {
    fn add_assign(&mut self, other: Refunds) {
        self.cases += other.cases;
        self.eligible += other.eligible;
        self.refund_fen += other.refund_fen;
        self.eligible_fen += other.eligible_fen;
    }
}

impl Facts {
    /// Every sheet that was read with its rows by fate and what they come to, by source, file and sheet: the order in which
    /// files were opened must not show.
    ///
    /// # Panics
    /// Where an origin lacks its fates or its account.
    pub fn received(&self) -> Vec<(&Origin, FateCounts, &Account)> {
        let (origins, fates, accounts) = (&self.origins, &self.fates, &self.accounts);
        assert_eq!(origins.len(), fates.len(), "every origin has its fates");
        assert_eq!(
            origins.len(),
            accounts.len(),
            "every origin has its account"
        );
        let sheets = origins.iter().zip(fates).zip(accounts);
        let mut all: Vec<_> = sheets
            .map(|((origin, fates), account)| (origin, *fates, account))
            .collect();
        all.sort_by_key(|(origin, ..)| (origin.source, &origin.file, &origin.sheet));
        all
    }
}

/// Whether a check could run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckRun {
    /// Which check.
    pub code: Code,
    /// Sources that it needs and that were not there; empty = it ran.
    pub missing: Vec<SourceKind>,
    /// Findings.
    pub rows: u64,
}

/// Everything the reports say. Columns of the lists are those of docs/outputs.md, in that order,
/// sorted.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The day it speaks of.
    pub as_of: NaiveDate,
    /// Position = ORIGIN.
    pub origins: Vec<Origin>,
    /// Rows by fate, per origin.
    pub fates: Vec<FateCounts>,
    /// One row a region in the order of coverage.csv (level, parent, code; 其他 last under its parent).
    pub coverage: Vec<RegionFigures>,
    /// Special groups.
    pub groups: Vec<GroupFigures>,
    /// Money by payer, category and region.
    pub funding: Vec<Funding>,
    /// Subsidies that books record; `None` within a region, of which only the table is cut out.
    pub granted: Option<SubsidiesRecorded>,
    /// Extra registrations by kind and region, in that order, 其他 last.
    pub audit: Vec<Audit>,
    /// One a finding code, in order.
    pub checks: Vec<CheckRun>,
    /// findings.parquet: all String but row, other_row (u32?) and amount_fen (i64?).
    pub findings: Runs,
    /// cases.parquet: String; paid_on, first_paid_on, event_on Date?; paid_fen, refund_fen i64; eligible bool.
    pub cases: Runs,
    /// subsidy.parquet: String; *_fen i64.
    pub subsidy: Runs,
    /// entries.parquet: String; *_fen i64; paid_on, starts_on, waits_until, benefit_from, benefit_to Date?.
    pub entries: Runs,
    /// standings.parquet: String; row u32.
    pub standings: Runs,
    /// transit.parquet: String; paid_on, until Date?; fen i64; row u32.
    pub transit: Runs,
    /// The days on which the books were exported.
    pub exported: Exported,
    /// repairs.parquet: String but row u32; in order of source, file, sheet, row, field and rule.
    pub repairs: Runs,
    /// What the cases come to.
    pub refunds: Refunds,
    /// Persons on the register.
    pub persons: u64,
    /// Grave facts that the run was given leave to.
    pub accepted: Vec<Grave>,
    /// What the rows of each origin come to before any is judged, by position.
    pub accounts: Vec<Account>,
    /// The run before, where there is one: what the sources came to then.
    pub last: Option<LastRun>,
    /// Files of the folder that no source claims, by name.
    pub unclaimed: Vec<String>,
    /// Lists of persons beside those of the data files.
    pub lists: PersonLists,
    /// Weekly table, tiers, scores, where the pipeline asks for them.
    pub assessment: Option<Assessed>,
}

impl Facts {
    /// Rows of all lists that data files hold.
    pub fn rows(&self) -> u64 {
        let lists = [
            &self.findings,
            &self.cases,
            &self.subsidy,
            &self.entries,
            &self.standings,
            &self.transit,
            &self.repairs,
        ];
        lists.iter().map(|list| list.len() as u64).sum()
    }

    /// Adds what has changed since an earlier run.
    pub fn compare(&mut self, earlier: &Earlier, scheme: &Scheme) {
        if let Some(assessment) = &mut self.assessment {
            assessment.compare(earlier, scheme);
        }
    }
}
