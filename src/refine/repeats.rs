//! Repeats: the same record once more (DESIGN §4, row-repeated).

use std::cmp::Ordering;
use std::hash::BuildHasher;

use polars::prelude::PlRandomState;
use rayon::prelude::*;

use super::table::Table;

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
/// `person` tells persons apart, `taken_out` rows are not looked at, `better` orders rows by value.
pub(crate) fn find<'t>(
    table: &Table,
    person: &[u64],
    taken_out: &[bool],
    mark: impl Fn(usize) -> Mark<'t> + Sync,
    better: impl Fn(usize, usize) -> Ordering + Sync,
) -> Vec<(usize, usize)> {
    let random = PlRandomState::default();
    let mut hashes: Vec<(u64, u32)> = (0..table.len)
        .into_par_iter()
        .filter(|at| !taken_out[*at])
        .map(|at| (random.hash_one((person[at], mark(at))), at as u32))
        .collect();
    hashes.par_sort_unstable();
    let mut found = Vec::new();
    for run in hashes.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1) {
        let mut rows: Vec<usize> = run.iter().map(|(_, at)| *at as usize).collect();
        // Equal hashes of different records are as good as impossible, and still told apart here.
        while let Some(first) = rows.first().copied() {
            let same = |at: &usize| person[*at] == person[first] && mark(*at) == mark(first);
            let (group, rest): (Vec<usize>, Vec<usize>) = rows.into_iter().partition(same);
            settle(table, &group, mark(first), &better, &mut found);
            rows = rest;
        }
    }
    found.sort_unstable();
    found
}

fn settle(
    table: &Table,
    group: &[usize],
    mark: Mark<'_>,
    better: &impl Fn(usize, usize) -> Ordering,
    found: &mut Vec<(usize, usize)>,
) {
    // Tables are in order of file, sheet and row, so position decides where values are equal.
    let Some(&kept) = group.iter().min_by(|a, b| better(**a, **b).then(a.cmp(b))) else { return };
    for &at in group.iter().filter(|at| **at != kept) {
        // Equal rows of one file without voucher or number may be two real records: they count.
        if matches!(mark, Mark::Digest(_)) && table.same_file(at, kept) {
            continue;
        }
        found.push((at, kept));
    }
}
