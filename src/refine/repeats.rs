//! Repeats: the same record once more (docs/readings.md#repeated).

use std::cmp::Ordering;
use std::hash::BuildHasher;

use polars::prelude::{PlHashSet, PlRandomState};

use crate::domain::Fate;

/// What makes two rows of one person the same record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Mark<'t> {
    /// Voucher, and whether money went back (payments).
    Voucher(&'t str, bool),
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
    /// What a row says of its record, where it says anything: what became of it, and its money. Two words about one voucher that differ in it are
    /// no repetition.
    fn word(&self, _at: usize) -> Word {
        Word {
            fate: Fate::Used,
            personal: 0,
            subsidised: 0,
        }
    }
    /// Whether the file of the first row is of an earlier day than that of the second.
    fn is_earlier(&self, _a: usize, _b: usize) -> bool {
        false
    }
}

/// What a row says of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// What the row by itself comes to, as far as it says that it does not count.
    pub(crate) fate: Fate,
    /// Fen.
    pub(crate) personal: i64,
    /// Fen.
    pub(crate) subsidised: i64,
}

impl Word {
    /// Whether both cannot be true of one payment: one row of the person's money and one of the subsidy are two parts of it.
    fn contradicts(self, other: Self) -> bool {
        let are_parts = self.personal == 0 && other.subsidised == 0
            || self.subsidised == 0 && other.personal == 0;
        self != other && !(are_parts && self.fate == other.fate)
    }
}

/// What is found of rows that are one record.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// Rows that repeat another: (row, the row that is kept), in row order.
    pub(crate) repeated: Vec<(usize, usize)>,
    /// Rows of which a later file says something else.
    pub(crate) overtaken: Vec<usize>,
    /// Rows that contradict each other, and no file is later.
    pub(crate) contradicted: Vec<usize>,
}

/// What is found of the rows that are looked at (`open`).
pub(crate) fn find(records: &impl Records, open: &[bool]) -> Found {
    let mut hashes = of_several(records, open);
    hashes.sort_unstable();
    let mut found = Found::default();
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
    found.repeated.sort_unstable();
    found
}

/// Rows of persons that have several, each with a hash of its record.
fn of_several(records: &impl Records, open: &[bool]) -> Vec<(u64, usize)> {
    let rows = || (0..open.len()).filter(|at| open[*at]);
    // Most persons have one row in a book, and one row repeats nothing.
    let mut met: PlHashSet<u64> =
        PlHashSet::with_capacity_and_hasher(open.len(), Default::default());
    let several: PlHashSet<u64> = rows()
        .map(|at| records.person(at))
        .filter(|person| !met.insert(*person))
        .collect();
    drop(met);
    if several.is_empty() {
        return Vec::new();
    }
    let random = PlRandomState::default();
    rows()
        .map(|at| (records.person(at), at))
        .filter(|(person, _)| several.contains(person))
        .map(|(person, at)| (random.hash_one((person, records.mark(at))), at))
        .collect()
}

/// Of rows that are one record the best is kept; of words about it that differ the later one.
fn settle(group: &[usize], records: &impl Records, found: &mut Found) {
    let Some(&first) = group.first() else { return };
    let is_voucher = matches!(records.mark(first), Mark::Voucher(..));
    let contradicts = |a: usize, b: usize| records.word(a).contradicts(records.word(b));
    if !is_voucher
        || group
            .iter()
            .all(|at| records.word(*at) == records.word(first))
    {
        keep_best(group, records, found);
        return;
    }
    let is_overtaken = |at: &usize| {
        let mut others = group.iter();
        others.any(|other| contradicts(*at, *other) && records.is_earlier(*at, *other))
    };
    let (old, mut rest): (Vec<usize>, Vec<usize>) = group.iter().partition(|at| is_overtaken(at));
    found.overtaken.extend(old);
    let is_denied = |at: &&usize| rest.iter().any(|other| contradicts(**at, *other));
    found.contradicted.extend(rest.iter().filter(is_denied));
    while let Some(&first) = rest.first() {
        let says = |at: &usize| records.word(*at) == records.word(first);
        let (same, others): (Vec<usize>, Vec<usize>) = rest.into_iter().partition(says);
        keep_best(&same, records, found);
        rest = others;
    }
}

/// Of rows that say the same the best is kept.
fn keep_best(group: &[usize], records: &impl Records, found: &mut Found) {
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
        found.repeated.push((at, kept));
    }
}
