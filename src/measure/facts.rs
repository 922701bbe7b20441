//! From what judge handed over to `Facts`.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use polars::prelude::*;

use super::lists::{GatheredLists, List};
use super::{
    Audit, CheckRun, Facts, Funding, GroupFigures, PersonLists, assessment, persons, regions,
};
use crate::domain::{RegionLevel, Standing};
use crate::judge::rulebook::r;
use crate::judge::{Extra, Judged, Printed, figures, needs};
use crate::refine::{Exported, Rows};
use crate::scheme::Scheme;

/// What the buckets came to, before it is measured.
pub struct Gathered<'r> {
    /// The rows that stand in no bucket: figures, fates of intake, which books were there.
    pub rows: &'r Rows,
    /// What all buckets add up to.
    pub judged: Judged<'r>,
    /// The long lists.
    pub lists: GatheredLists,
}

/// All figures and lists of a run.
///
/// # Errors
/// Only when a frame breaks its contract.
///
/// # Panics
/// Where persons or rows do not add up: both bridge equations hold for every region, and every person has one standing.
pub fn facts(gathered: Gathered<'_>, scheme: &Scheme, as_of: NaiveDate) -> PolarsResult<Facts> {
    let Gathered {
        rows,
        mut judged,
        lists,
    } = gathered;
    lists.take_whole(List::Repairs, rows.repairs.clone())?;
    let (counts, mut list) = lists.come();
    let person_lists = persons::lists(&mut judged, &rows.origins, scheme)?;
    let (declared, tallies) = (figures(rows, scheme)?, &judged.tallies);
    let (coverage, (groups, funding, audit)) = rayon::join(
        || regions::regions(tallies, &declared, scheme),
        || {
            (
                groups(tallies, scheme),
                funding(tallies, scheme),
                audit(tallies, scheme),
            )
        },
    );
    let facts = Facts {
        as_of,
        origins: rows.origins.clone(),
        assessment: assessment::assessed(tallies, &coverage, scheme, as_of),
        coverage,
        groups,
        funding,
        granted: Some(tallies.granted),
        audit,
        checks: checks(rows, &counts.findings),
        findings: list(List::Findings),
        refunds: counts.refunds,
        cases: list(List::Cases),
        subsidy: list(List::Subsidy),
        entries: list(List::Entries),
        standings: list(List::Standings),
        transit: list(List::Transit),
        exported: Exported::of(rows, scheme, as_of),
        repairs: list(List::Repairs),
        persons: tallies.standings.values().sum(),
        accepted: Vec::new(),
        accounts: rows.accounts.clone(),
        last: None,
        unclaimed: Vec::new(),
        lists: person_lists,
        fates: judged.fates,
    };
    assert_everybody_stands_once(&facts, matches!(judged.printed, Printed::Lists), scheme)?;
    let tallies = judged.tallies;
    rayon::spawn(move || drop(tallies)); // as many texts as counts
    Ok(facts)
}

/// Every person on the register has one standing, and one line in the ledgers where they were asked for.
fn assert_everybody_stands_once(facts: &Facts, ledgers: bool, scheme: &Scheme) -> PolarsResult<()> {
    assert_eq!(
        facts.standings.len() as u64,
        facts.persons,
        "every person on the register has one standing"
    );
    if ledgers {
        assert_ledgers_are_the_register(&facts.lists, facts.persons, scheme)?;
    }
    Ok(())
}

/// Every check: what it lacked, and what it found.
fn checks(rows: &Rows, findings: &[u64]) -> Vec<CheckRun> {
    needs::ran(&rows.there)
        .into_iter()
        .map(|(code, missing)| CheckRun {
            code,
            missing,
            rows: findings[usize::from(code.index())],
        })
        .collect()
}

/// Where both ledgers are asked for, they hold each person of the register once.
fn assert_ledgers_are_the_register(
    lists: &PersonLists,
    persons: u64,
    scheme: &Scheme,
) -> PolarsResult<()> {
    let asked = scheme.lists.enrolled && scheme.lists.uninsured;
    if !asked || lists.everyone.columns().is_empty() {
        return Ok(());
    }
    let on_register = lists.everyone.column(r::ON_REGISTER)?.bool()?.sum();
    assert_eq!(
        on_register.map_or(0, u64::from),
        persons,
        "both ledgers together are the register"
    );
    Ok(())
}

/// The region one level below the scheme's in which `region` lies; empty = none (其他).
fn first_below<'a>(scheme: &'a Scheme, region: &str) -> &'a str {
    let regions = &scheme.regions;
    let path = regions.path(region);
    let below = path.get(1).and_then(|code| regions.get(code));
    below.map_or("", |region| region.code.as_str())
}

/// The township in which `region` lies, else the region below the scheme's; empty = none (其他).
fn township<'a>(scheme: &'a Scheme, region: &str) -> &'a str {
    let regions = &scheme.regions;
    let on_path = regions
        .path(region)
        .into_iter()
        .filter_map(|code| regions.get(code));
    let township = on_path
        .into_iter()
        .find(|region| region.level == RegionLevel::Township);
    township.map_or_else(
        || first_below(scheme, region),
        |region| region.code.as_str(),
    )
}

/// Every category, every group of the scheme, and the students.
pub(super) fn groups(tallies: &crate::judge::Tallies, scheme: &Scheme) -> Vec<GroupFigures> {
    let mut groups = Vec::new();
    let of = |which: usize, tally: &BTreeMap<(u16, String, u8), u64>| {
        let mine = tally
            .iter()
            .filter(|((at, ..), _)| usize::from(*at) == which);
        by_region(
            scheme,
            mine.map(|((_, region, standing), persons)| (region, *standing, *persons)),
        )
    };
    for (at, group) in scheme.groups.iter().enumerate() {
        groups.push(GroupFigures {
            name: group.name.clone(),
            must_be_100: group.must_be_100,
            rows: of(at, &tallies.groups),
        });
    }
    for (at, category) in scheme.categories.iter().enumerate() {
        groups.push(GroupFigures {
            name: category.name.clone(),
            must_be_100: false,
            rows: of(at, &tallies.rosters),
        });
    }
    let students = tallies
        .students
        .iter()
        .map(|((region, standing), persons)| (region, *standing, *persons));
    groups.push(GroupFigures {
        name: super::STUDENTS.to_owned(),
        must_be_100: false,
        rows: by_region(scheme, students),
    });
    groups.retain(|group| !group.rows.is_empty());
    groups
}

fn by_region<'a>(
    scheme: &Scheme,
    tally: impl Iterator<Item = (&'a String, u8, u64)>,
) -> Vec<(String, [u64; Standing::COUNT])> {
    let mut rows: BTreeMap<&str, [u64; Standing::COUNT]> = BTreeMap::new();
    let mut last: Option<(&str, &str)> = None; // counts come region by region
    for (region, standing, persons) in tally {
        let below = last
            .filter(|(known, _)| known == region)
            .map_or_else(|| first_below(scheme, region), |(_, below)| below);
        last = Some((region, below));
        rows.entry(below).or_default()[usize::from(standing)] += persons;
    }
    let other = rows.remove("");
    let rows = rows
        .into_iter()
        .map(|(code, standings)| (code.to_owned(), standings));
    rows.chain(other.map(|standings| (String::new(), standings)))
        .collect()
}

/// In order of payer (as declared), category, region; 其他 last.
fn funding(tallies: &crate::judge::Tallies, scheme: &Scheme) -> Vec<Funding> {
    let mut rows: BTreeMap<(usize, usize, bool, &str), (u64, i64)> = BTreeMap::new();
    for ((category, region), (persons, fen)) in &tallies.funding {
        let category = usize::from(*category);
        let payer = scheme
            .categories
            .iter()
            .position(|other| other.payer == scheme.categories[category].payer)
            .unwrap_or(category);
        let region = township(scheme, region);
        let row = rows
            .entry((payer, category, region.is_empty(), region))
            .or_default();
        *row = (row.0 + persons, row.1 + fen);
    }
    rows.into_iter()
        .map(|((_, category, _, region), (persons, fen))| Funding {
            payer: scheme.categories[category].payer.clone(),
            category: scheme.categories[category].name.clone(),
            region_code: region.to_owned(),
            persons,
            fen,
        })
        .collect()
}

/// In order of kind and region; who is in no region of the scheme comes last.
fn audit(tallies: &crate::judge::Tallies, scheme: &Scheme) -> Vec<Audit> {
    let mut rows: BTreeMap<(u8, bool, &str), (u64, u64)> = BTreeMap::new();
    for ((kind, region), (persons, registrations)) in &tallies.audit {
        let region = if region == scheme.regions.root() {
            ""
        } else {
            region.as_str()
        };
        let row = rows.entry((*kind, region.is_empty(), region)).or_default();
        *row = (row.0 + persons, row.1 + registrations);
    }
    let fen = |registrations: u64| {
        i64::try_from(registrations)
            .ok()
            .zip(scheme.fiscal)
            .map(|(count, fiscal)| count * fiscal)
    };
    rows.into_iter()
        .map(|((kind, _, region), (persons, registrations))| Audit {
            kind: Extra::at(kind),
            region_code: region.to_owned(),
            persons,
            registrations,
            fen: fen(registrations),
        })
        .collect()
}
