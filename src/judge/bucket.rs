//! One bucket: its rows, its persons, what the rule book and the checks say of them, and what is counted.

use std::sync::Arc;

use polars::prelude::*;

use super::cases::Suspicions;
use super::counting::Counting;
use super::judged::{Brief, Judged, Part, Said};
use super::later::Later;
use super::note::{self, n};
use super::suspects::{Candidates, Remainder, Wanted};
use super::unread::Unread;
use super::{
    amounts, cases, changes, checks, entries, expected, households, lists, names, needs, rosters,
    rows, rulebook, standings, tables, transit,
};
use crate::domain::SourceKind;
use crate::people::{self, People, Places};
use crate::refine::arrivals::Arrived;
use crate::refine::overlap::Overlap;
use crate::refine::{Buckets, Rows};
use crate::vault::on_its_own;

/// What judging any bucket needs.
pub(super) struct Judging<'j, 'r> {
    buckets: &'j Buckets,
    brief: Brief<'r>,
    pub(super) places: Arc<Places>,
    unread: Unread,
    wanted: Wanted<'j>,
    /// Persons whose numbers stand in rows that are not believed.
    in_long_rows: PlHashSet<u64>,
}

impl<'j, 'r> Judging<'j, 'r> {
    /// `figures` are the tables that name no persons.
    pub(super) fn of(
        buckets: &'j Buckets,
        figures: &'j Rows,
        brief: Brief<'r>,
    ) -> PolarsResult<Self> {
        let (atlas, regions) = (buckets.atlas(), &brief.scheme.regions);
        let places = Places::of(atlas, regions.root(), brief.scheme.pool_digits);
        Ok(Judging {
            buckets,
            brief,
            places: Arc::new(places),
            unread: Unread::of(figures)?,
            wanted: Wanted::of(figures),
            in_long_rows: figures.keys_in_long_rows(),
        })
    }

    /// What the tables of figures come to.
    pub(super) fn of_figures(&self, figures: &Rows) -> PolarsResult<Part<'r>> {
        let scheme = self.brief.scheme;
        let mut later = Later::default();
        let mut findings = rows::findings(figures, scheme, &self.unread, &mut later)?;
        findings.extend(tables::findings(figures, scheme)?);
        findings.push(expected::findings(figures, scheme)?);
        findings.push(rows::too_long(figures)?);
        let nowhere = note::Homes::default();
        later.in_their_regions(&nowhere)?;
        let said = Said {
            findings: of_checks_that_ran(note::all_in_their_regions(findings, &nowhere)?, figures)?,
            ..Said::default()
        };
        let judged = Judged {
            fates: figures.fates(),
            printed: self.brief.printed,
            ..Judged::default()
        };
        Ok(Part {
            judged,
            said,
            later,
            ..Part::default()
        })
    }

    /// Judges one bucket, and keeps the faces of its register for a second look.
    pub(super) fn bucket(&self, at: usize, counting: &mut Counting) -> anyhow::Result<Part<'r>> {
        let Brief { scheme, as_of, .. } = self.brief;
        let rows = self.buckets.open(at)?;
        let mut later = Later::default();
        let mut findings = rows::findings(&rows, scheme, &self.unread, &mut later)?;
        let of_rows = note::persons_of(findings.iter().chain(later.frames()))?;
        let people = people::gather(&rows, &self.places, scheme, as_of)?;
        let people = rulebook::ruled(people, self.brief.in_transit_since, scheme)?;
        let (remainder, faces) = Remainder::of(&rows, &people)?;
        self.buckets.keep(at, faces)?;
        counting.bucket(&people, scheme, as_of)?;
        let names = names::compared(&people)?;
        findings.extend(self.of_persons(&people)?);
        findings.extend(names.findings);
        let mut judged = Judged {
            changes: changes::changes(&rows, scheme, as_of)?,
            fates: rows.fates(),
            arrived: Arrived::of(&rows)?,
            overlap: Overlap::of(&rows, scheme)?,
            ..Judged::default()
        };
        findings.extend(self.households(&people, &rows, &mut judged)?);
        self.lists(&people, &rows, &mut judged)?;
        let homes = note::homes(&of_rows, &people)?;
        later.in_their_regions(&homes)?;
        later.frames_mut().try_for_each(on_its_own)?;
        let findings = of_checks_that_ran(note::all_in_their_regions(findings, &homes)?, &rows)?;
        Ok(Part {
            judged,
            said: self.said(&people, &rows, &names.in_conflict, findings)?,
            later,
            remainder,
            candidates: Candidates::of(&rows, &self.wanted)?,
        })
    }

    /// Findings of every family about persons and their records.
    fn of_persons(&self, people: &People) -> PolarsResult<Vec<DataFrame>> {
        let Brief { scheme, as_of, .. } = self.brief;
        let mut findings = checks::findings(people, scheme)?;
        findings.extend(amounts::findings(people, scheme)?);
        findings.extend(rosters::findings(people, scheme, as_of)?);
        Ok(findings)
    }

    /// Members of collective accounts, and what does not agree about them. Totals of households are checked against them, so
    /// that they are kept for those as well as for print.
    fn households(
        &self,
        people: &People,
        rows: &Rows,
        judged: &mut Judged<'_>,
    ) -> PolarsResult<Option<DataFrame>> {
        if rows.frame(SourceKind::Households).is_none() {
            return Ok(None);
        }
        let mut origins = rows.origins.iter();
        let has_totals = origins.any(|origin| origin.source == SourceKind::HouseholdTotals);
        let mut members = households::members(people, self.brief.scheme)?;
        let findings = households::amount_wrong(&members, people)?;
        if self.brief.printed.any() || has_totals {
            on_its_own(&mut members)?;
            judged.members.push(members);
        }
        Ok(Some(findings))
    }

    /// The lists that no data file holds, where they are printed.
    fn lists(&self, people: &People, rows: &Rows, judged: &mut Judged<'_>) -> PolarsResult<()> {
        let Brief {
            scheme,
            as_of,
            printed,
            ..
        } = self.brief;
        if !printed.any() {
            return Ok(());
        }
        let mut roster = printed.of(lists::roster(people, scheme, as_of)?)?;
        on_its_own(&mut roster)?;
        judged.roster.push(roster);
        if scheme.lists.of_everyone() {
            let mut everyone = printed.of(lists::everyone(people, rows, scheme)?)?;
            on_its_own(&mut everyone)?;
            judged.everyone.push(everyone);
        }
        Ok(())
    }

    /// What is doubtful of persons rather than of their rows.
    fn suspicions<'s>(&'s self, in_conflict: &'s PlHashSet<u64>) -> Suspicions<'s> {
        Suspicions {
            in_conflict,
            in_long_rows: &self.in_long_rows,
        }
    }

    /// What the bucket says row by row. Standings are of everyone: they may as well keep the texts of the bucket.
    fn said(
        &self,
        people: &People,
        rows: &Rows,
        in_conflict: &PlHashSet<u64>,
        findings: DataFrame,
    ) -> PolarsResult<Said> {
        let scheme = self.brief.scheme;
        let mut said = Said {
            findings,
            cases: cases::cases(people, self.suspicions(in_conflict), scheme)?,
            subsidy: rosters::subsidies(people, scheme)?,
            entries: entries::list(people, scheme)?,
            standings: standings::of_register(people, scheme)?,
            transit: transit::list(people, rows, scheme)?,
        };
        [
            &mut said.findings,
            &mut said.cases,
            &mut said.subsidy,
            &mut said.entries,
            &mut said.transit,
        ]
        .into_iter()
        .try_for_each(on_its_own)?;
        Ok(said)
    }
}

/// Findings as one frame, without those of checks that lacked a book.
pub(super) fn of_checks_that_ran(findings: Vec<DataFrame>, rows: &Rows) -> PolarsResult<DataFrame> {
    let mut all = note::nothing().drop(n::PERSON)?;
    for more in findings.into_iter().filter(|more| more.height() > 0) {
        all.vstack_mut_owned(more)?;
    }
    needs::keep_run(&all, &rows.there)
}
