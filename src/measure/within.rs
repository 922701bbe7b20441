//! The figures and lists of one region, out of those of the scheme it lies in: what its workbooks print.

use std::collections::HashSet;

use polars::prelude::*;

use super::facts::groups;
use super::{Assessed, CheckRun, Facts, GroupFigures, PersonLists, Refunds};
use crate::domain::{Code, RegionTree};
use crate::judge::Tallies;
use crate::judge::note::n;
use crate::scheme::Scheme;

/// Special groups of a region, by what lies below it.
pub fn groups_within(tallies: &Tallies, region: &Scheme) -> Vec<GroupFigures> {
    let inside = |code: &str| region.regions.is_inside(code);
    let here = Tallies {
        groups: tallies
            .groups
            .iter()
            .filter(|((_, code, _), _)| inside(code))
            .map(|(key, n)| (key.clone(), *n))
            .collect(),
        rosters: tallies
            .rosters
            .iter()
            .filter(|((_, code, _), _)| inside(code))
            .map(|(key, n)| (key.clone(), *n))
            .collect(),
        students: tallies
            .students
            .iter()
            .filter(|((code, _), _)| inside(code))
            .map(|(key, n)| (key.clone(), *n))
            .collect(),
        ..Tallies::default()
    };
    groups(&here, region)
}

impl Facts {
    /// The facts of a region: rows of regions inside it, and persons who live there. `region` is the scheme seen from it.
    ///
    /// # Errors
    /// When a scratch file cannot be read.
    pub fn within(&self, region: &Scheme, groups: Vec<GroupFigures>) -> PolarsResult<Facts> {
        let tree = &region.regions;
        let findings = self.findings.filtered(|rows| inside(rows, tree))?;
        let cases = self.cases_of(&self.persons_of(&findings, tree)?)?;
        let coverage: Vec<_> = self
            .coverage
            .iter()
            .filter(|row| is_within(&row.code, &row.parent, tree))
            .cloned()
            .collect();
        let whole = coverage.iter().find(|row| row.code == tree.root());
        Ok(Facts {
            as_of: self.as_of,
            origins: self.origins.clone(),
            fates: self.fates.clone(),
            accepted: self.accepted.clone(),
            accounts: self.accounts.clone(),
            last: self.last.clone(),
            unclaimed: self.unclaimed.clone(),
            persons: whole.map_or(0, |row| row.register()), // a region of the table has a row
            coverage,
            groups,
            funding: self
                .funding
                .iter()
                .filter(|row| tree.is_inside(&row.region_code))
                .cloned()
                .collect(),
            granted: None,
            audit: self
                .audit
                .iter()
                .filter(|row| tree.is_inside(&row.region_code))
                .cloned()
                .collect(),
            checks: checks(&self.checks, &findings)?,
            findings: findings.into(),
            refunds: Refunds::of(&cases)?,
            cases: cases.into(),
            subsidy: self.subsidy.filtered(|rows| inside(rows, tree))?.into(),
            entries: self.entries.filtered(|rows| inside(rows, tree))?.into(),
            standings: self.standings.filtered(|rows| inside(rows, tree))?.into(),
            transit: self.transit.filtered(|rows| inside(rows, tree))?.into(),
            exported: self.exported,
            repairs: DataFrame::empty().into(), // no workbook prints them
            assessment: self
                .assessment
                .as_ref()
                .and_then(|assessed| assessed.within(tree)),
            lists: self.lists.within(tree)?,
        })
    }

    /// Numbers of the persons who live in a region: on its register, or with a finding there.
    fn persons_of(&self, findings: &DataFrame, tree: &RegionTree) -> PolarsResult<HashSet<String>> {
        let cases = self.cases.frame()?;
        let asked: PlHashSet<&str> = cases.column("id")?.str()?.iter().flatten().collect();
        let mut here = HashSet::new();
        let mut take = |rows: &DataFrame| -> PolarsResult<()> {
            let ids = rows.column("id")?.str()?.iter().flatten();
            here.extend(ids.filter(|id| asked.contains(id)).map(str::to_owned));
            Ok(())
        };
        take(findings)?;
        take(&self.standings.filtered(|rows| inside(rows, tree))?)?;
        Ok(here)
    }

    fn cases_of(&self, persons: &HashSet<String>) -> PolarsResult<DataFrame> {
        self.cases.filtered(|rows| {
            let ids = rows.column("id")?.str()?.iter();
            Ok(ids
                .map(|id| Some(id.is_some_and(|id| persons.contains(id))))
                .collect())
        })
    }
}

/// A row of the coverage table: a region inside, or 其他 below one.
fn is_within(code: &str, parent: &str, tree: &RegionTree) -> bool {
    tree.is_inside(if code.is_empty() { parent } else { code })
}

fn inside(rows: &DataFrame, tree: &RegionTree) -> PolarsResult<BooleanChunked> {
    let codes = rows.column("region_code")?.str()?.iter();
    Ok(codes
        .map(|code| Some(code.is_some_and(|code| tree.is_inside(code))))
        .collect())
}

fn checks(all: &[CheckRun], findings: &DataFrame) -> PolarsResult<Vec<CheckRun>> {
    let mut counts = [0u64; Code::COUNT];
    for code in findings
        .column(n::CODE)?
        .str()?
        .iter()
        .flatten()
        .filter_map(Code::from_code)
    {
        counts[usize::from(code.index())] += 1;
    }
    Ok(all
        .iter()
        .map(|check| CheckRun {
            rows: counts[usize::from(check.code.index())],
            ..check.clone()
        })
        .collect())
}

impl Assessed {
    /// The places inside a region; `None` where none of it is under assessment.
    fn within(&self, tree: &RegionTree) -> Option<Assessed> {
        let here = |code: &String| tree.is_inside(code);
        let mut assessed = self.clone();
        assessed.rows.retain(|row| here(&row.code));
        assessed
            .leaders
            .retain(|leader| leader.regions.iter().all(here));
        Some(assessed).filter(|assessed| !assessed.rows.is_empty())
    }
}

impl PersonLists {
    fn within(&self, tree: &RegionTree) -> PolarsResult<PersonLists> {
        // A list that nobody asked for has no columns.
        let here = |rows: &DataFrame| {
            if rows.width() == 0 {
                Ok(rows.clone())
            } else {
                rows.filter(&inside(rows, tree)?)
            }
        };
        Ok(PersonLists {
            roster: here(&self.roster)?,
            everyone: here(&self.everyone)?,
            households: self
                .households
                .iter()
                .filter(|one| tree.is_inside(&one.region_code))
                .cloned()
                .collect(),
            changes: self
                .changes
                .iter()
                .filter(|one| tree.is_inside(&one.region_code))
                .cloned()
                .collect(),
            roster_changes: DataFrame::empty(), // no workbook prints it
        })
    }
}
