//! Repeats: the same record once more (docs/readings.md#repeated).

use std::cmp::Ordering;
use std::hash::BuildHasher;

use polars::prelude::{PlHashSet, PlRandomState};

/// What makes two rows of one person the same record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Mark<'t> {
    /// Voucher and amount (payments).
    Voucher(&'t str, i64),
    /// Registration number.
    Number(&'t str),
    /// Neither: equal cells, and then only in different files.
    Digest(u64),
}

/// Rows of a book, as far as one may be the record of another once more.
pub(crate) trait Records {
    /// Whom a row speaks of: tells persons apart.
    fn person(&self, at: usize) -> u64;
    /// What makes it a record.
    fn mark(&self, at: usize) -> Mark<'_>;
    /// Orders equal records: the first counts.
    fn better(&self, a: usize, b: usize) -> Ordering;
    /// Whether two rows stand in one file.
    fn same_file(&self, a: usize, b: usize) -> bool;
}

/// For every row that repeats another: (row, the row that is kept), in row order. `several`: rows of persons that have several; `open`:
/// which rows are looked at.
pub(crate) fn find(
    records: &impl Records,
    several: &[usize],
    open: &[bool],
) -> Vec<(usize, usize)> {
    let mut hashes = hashed(records, several, open);
    hashes.sort_unstable();
    let mut found = Vec::new();
    for run in hashes
        .chunk_by(|a, b| a.0 == b.0)
        .filter(|run| run.len() > 1)
    {
        let mut rows: Vec<usize> = run.iter().map(|(_, at)| *at).collect();
        // Equal hashes of different records are as good as impossible, and still told apart here.
        while let Some(first) = rows.first().copied() {
            let record = |at: usize| (records.person(at), records.mark(at));
            let same = |at: &usize| record(*at) == record(first);
            let (group, rest): (Vec<usize>, Vec<usize>) = rows.into_iter().partition(same);
            settle(&group, records, &mut found);
            rows = rest;
        }
    }
    found.sort_unstable();
    found
}

/// Open rows of persons that have several, each with a hash of its record.
fn hashed(records: &impl Records, several: &[usize], open: &[bool]) -> Vec<(u64, usize)> {
    let random = PlRandomState::default();
    let rows = several.iter().copied().filter(|at| open[*at]);
    rows.map(|at| {
        let record = (records.person(at), records.mark(at));
        (random.hash_one(record), at)
    })
    .collect()
}

/// Rows of persons that have several, in order.
pub(crate) fn of_several(persons: &[u64]) -> Vec<usize> {
    // Most persons have one row in a book, and one row repeats nothing.
    let mut met: PlHashSet<u64> =
        PlHashSet::with_capacity_and_hasher(persons.len(), Default::default());
    let several: PlHashSet<u64> = persons
        .iter()
        .copied()
        .filter(|person| !met.insert(*person))
        .collect();
    drop(met);
    if several.is_empty() {
        return Vec::new();
    }
    (0..persons.len())
        .filter(|at| several.contains(&persons[*at]))
        .collect()
}

/// Of rows that are one record the best is kept.
fn settle(group: &[usize], records: &impl Records, found: &mut Vec<(usize, usize)>) {
    // Rows are in order of file, sheet and row, so position decides where values are equal.
    let best = |a: &&usize, b: &&usize| records.better(**a, **b).then(a.cmp(b));
    let Some(&kept) = group.iter().min_by(best) else {
        return;
    };
    let mark = records.mark(kept);
    for &at in group.iter().filter(|at| **at != kept) {
        // Equal rows of one file without voucher or number may be two real records: they count.
        if matches!(mark, Mark::Digest(_)) && records.same_file(at, kept) {
            continue;
        }
        found.push((at, kept));
    }
}
