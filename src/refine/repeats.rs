//! Repeats: the same record once more (DESIGN §4, row-repeated).

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

/// For every row that repeats another: (row, the row that is kept), in row order.
///
/// `person` tells persons apart, rows that are not `open` are not looked at, `better` orders rows by value, `same_file` says
/// whether two rows stand in one file.
pub(crate) fn find<'t>(
    person: &[u64],
    open: impl Fn(&usize) -> bool,
    mark: impl Fn(usize) -> Mark<'t>,
    better: impl Fn(usize, usize) -> Ordering,
    same_file: impl Fn(usize, usize) -> bool,
) -> Vec<(usize, usize)> {
    // Most persons have one row in a book, and one row repeats nothing.
    let mut met: PlHashSet<u64> =
        PlHashSet::with_capacity_and_hasher(person.len(), Default::default());
    let several: PlHashSet<u64> = (0..person.len())
        .filter(&open)
        .map(|at| person[at])
        .filter(|key| !met.insert(*key))
        .collect();
    drop(met);
    if several.is_empty() {
        return Vec::new();
    }
    let random = PlRandomState::default();
    let candidates = (0..person.len()).filter(|at| several.contains(&person[*at]) && open(at));
    let mut hashes: Vec<(u64, usize)> = candidates
        .map(|at| (random.hash_one((person[at], mark(at))), at))
        .collect();
    hashes.sort_unstable();
    let mut found = Vec::new();
    for run in hashes
        .chunk_by(|a, b| a.0 == b.0)
        .filter(|run| run.len() > 1)
    {
        let mut rows: Vec<usize> = run.iter().map(|(_, at)| *at).collect();
        // Equal hashes of different records are as good as impossible, and still told apart here.
        while let Some(first) = rows.first().copied() {
            let same = |at: &usize| person[*at] == person[first] && mark(*at) == mark(first);
            let (group, rest): (Vec<usize>, Vec<usize>) = rows.into_iter().partition(same);
            settle(&group, mark(first), &better, &same_file, &mut found);
            rows = rest;
        }
    }
    found.sort_unstable();
    found
}

fn settle(
    group: &[usize],
    mark: Mark<'_>,
    better: &impl Fn(usize, usize) -> Ordering,
    same_file: &impl Fn(usize, usize) -> bool,
    found: &mut Vec<(usize, usize)>,
) {
    // Rows are in order of file, sheet and row, so position decides where values are equal.
    let Some(&kept) = group.iter().min_by(|a, b| better(**a, **b).then(a.cmp(b))) else {
        return;
    };
    for &at in group.iter().filter(|at| **at != kept) {
        // Equal rows of one file without voucher or number may be two real records: they count.
        if matches!(mark, Mark::Digest(_)) && same_file(at, kept) {
            continue;
        }
        found.push((at, kept));
    }
}
