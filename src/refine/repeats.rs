//! Repeats: the same record once more (docs/readings.md#repeated).

use std::cmp::{Ordering, Reverse};
use std::hash::{BuildHasher, Hash};

use polars::prelude::{PlHashMap, PlHashSet, PlRandomState};

use crate::domain::Fate;

/// What makes two rows of one person the same record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Mark<'t> {
    /// Voucher, and whether money went back (payments).
    Voucher(&'t str, bool),
    /// What was paid, of a payment without a voucher.
    Paid(Paid),
    /// Registration number.
    Number(&'t str),
    /// None of these: equal cells, and then only in different files.
    Digest(u64),
}

/// A payment by its values. Its place is compared apart: a file that has no column for it says nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Paid {
    /// Day.
    pub(crate) on: i32,
    /// Personal and subsidised money, in fen.
    pub(crate) fen: [i64; 2],
    /// 险种
    pub(crate) cover: u8,
}

/// Rows of a book, as far as one may be the record of another once more.
pub(crate) trait Records {
    /// Whom a row speaks of: tells persons apart.
    fn person(&self, at: usize) -> u64;
    /// What makes it a record.
    fn mark(&self, at: usize) -> Mark<'_>;
    /// Orders equal records: the first counts.
    fn better(&self, a: usize, b: usize) -> Ordering;
    /// What the sheet is of on which a row stands.
    fn stands(&self, at: usize) -> SheetOf;
    /// Whether two rows are equal, cell by cell.
    fn same_cells(&self, a: usize, b: usize) -> bool;
    /// What a row says of its record, where it says anything: what became of it, and its money.
    fn word(&self, _: usize) -> Word {
        Word {
            fate: Fate::Used,
            personal: 0,
            subsidised: 0,
        }
    }
    /// The values of a payment, with or without a voucher, and whether it has one.
    fn paid(&self, _: usize) -> Option<(Paid, bool)> {
        None
    }
    /// The place a row names.
    fn place(&self, _: usize) -> Option<&str> {
        None
    }
    /// Codes of the fields of a registration that both rows state and that differ, joined by `|`.
    fn differences(&self, _: usize, _: usize) -> String {
        String::new()
    }
}

/// What a row says of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

/// What a sheet is of.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SheetOf {
    /// Its file.
    pub(crate) file: u32,
    /// The sender's name for it.
    pub(crate) family: u32,
    /// Its batch: the newer, the higher.
    pub(crate) batch: u32,
}

/// What became of rows that are one record: each in row order.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Repeats another: (row, the row that is kept).
    pub(crate) repeated: Vec<(usize, usize)>,
    /// A newer batch says something else of the same record.
    pub(crate) outdated: Vec<usize>,
    /// Says something else than another row of its batch: (row, the other).
    pub(crate) contradicts: Vec<(usize, usize)>,
    /// Says something else of one payment than another row, and none is of a newer batch.
    pub(crate) denied: Vec<usize>,
    /// Perhaps one payment.
    pub(crate) alike: Vec<usize>,
}

/// What becomes of every row that is a record of another once more. `several`: rows of persons that have several; `open`: which rows
/// are looked at.
pub(crate) fn find(records: &impl Records, several: &[usize], open: &[bool]) -> Found {
    let several: Vec<usize> = several.iter().copied().filter(|at| open[*at]).collect();
    let mut found = Found::default();
    for group in groups(&several, |at| (records.person(at), records.mark(at))) {
        let mut of_group = OfGroup {
            records,
            found: &mut found,
        };
        match records.mark(group[0]) {
            Mark::Voucher(..) => of_group.one_voucher(&group),
            Mark::Paid(_) => of_group.one_payment(&group),
            Mark::Number(_) => of_group.one_number(&group),
            Mark::Digest(_) => of_group.equal_cells(&group),
        }
    }
    found.alike.extend(alike(records, &several, &found));
    found.alike.sort_unstable();
    found.alike.dedup();
    found.repeated.sort_unstable();
    found.outdated.sort_unstable();
    found.contradicts.sort_unstable();
    found.denied.sort_unstable();
    found
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

/// Rows with equal keys, where there are two at least, each group in row order.
fn groups<K: Hash + Eq>(rows: &[usize], key: impl Fn(usize) -> K) -> Vec<Vec<usize>> {
    let random = PlRandomState::default();
    let mut hashes: Vec<(u64, usize)> = rows
        .iter()
        .map(|at| (random.hash_one(key(*at)), *at))
        .collect();
    hashes.sort_unstable();
    let mut found = Vec::new();
    for run in hashes.chunk_by(|a, b| a.0 == b.0) {
        let mut rows: Vec<usize> = run.iter().map(|(_, at)| *at).collect();
        // Equal hashes of different keys are as good as impossible, and still told apart here.
        while rows.len() > 1 {
            let first = key(rows[0]);
            let (group, rest): (Vec<usize>, Vec<usize>) =
                rows.into_iter().partition(|at| key(*at) == first);
            if group.len() > 1 {
                found.push(group);
            }
            rows = rest;
        }
    }
    found
}

/// Payments that are kept and may be one all the same: equal values in several files, one of them without a voucher.
fn alike(records: &impl Records, several: &[usize], found: &Found) -> Vec<usize> {
    let bare = |at: &usize| records.paid(*at).is_some_and(|(_, voucher)| !voucher);
    // Nobody without a voucher: nothing to ask.
    let persons: PlHashSet<u64> = several
        .iter()
        .filter(|at| bare(at))
        .map(|at| records.person(*at))
        .collect();
    if persons.is_empty() {
        return Vec::new();
    }
    let repeated = found.repeated.iter().map(|(at, _)| at);
    let gone: PlHashSet<usize> = repeated.chain(&found.outdated).copied().collect();
    let asked: Vec<usize> = several
        .iter()
        .copied()
        .filter(|at| {
            persons.contains(&records.person(*at))
                && records.paid(*at).is_some()
                && !gone.contains(at)
        })
        .collect();
    let values = |at: usize| (records.person(at), records.paid(at).map(|(paid, _)| paid));
    let mut rows = Vec::new();
    for group in groups(&asked, values) {
        for mine in &group {
            let is_other = |other: &&usize| {
                *other != mine
                    && (bare(mine) || bare(other))
                    && records.stands(*mine).file != records.stands(**other).file
                    && may_be_one_place(records.place(*mine), records.place(**other))
            };
            if group.iter().any(|other| is_other(&other)) {
                rows.push(*mine);
            }
        }
    }
    rows
}

fn may_be_one_place(one: Option<&str>, other: Option<&str>) -> bool {
    one.zip(other).is_none_or(|(one, other)| one == other)
}

/// The rows of one record.
struct OfGroup<'r, R> {
    records: &'r R,
    found: &'r mut Found,
}

impl<R: Records> OfGroup<'_, R> {
    /// Rows are in order of file, sheet and row, so position decides where values are equal.
    fn best(&self, rows: impl Iterator<Item = usize>) -> Option<usize> {
        rows.min_by(|a, b| self.records.better(*a, *b).then(a.cmp(b)))
    }

    /// One row is kept, the others repeat it.
    fn keep_one(&mut self, rows: &[usize]) -> Option<usize> {
        let kept = self.best(rows.iter().copied())?;
        let others = rows.iter().filter(|at| **at != kept);
        self.found.repeated.extend(others.map(|at| (*at, kept)));
        Some(kept)
    }

    /// Occurrence by occurrence: the second of one file is the second of another. By value, not by row.
    fn occurrences(&self, group: &[usize]) -> Vec<Vec<usize>> {
        let mut group = group.to_vec();
        group.sort_by(|a, b| self.records.better(*a, *b).then(a.cmp(b)));
        let mut met: Vec<(u32, usize)> = Vec::new();
        let mut found: Vec<Vec<usize>> = Vec::new();
        for at in group {
            let file = self.records.stands(at).file;
            let nth = match met.iter_mut().find(|(known, _)| *known == file) {
                Some((_, times)) => {
                    *times += 1;
                    *times
                }
                None => {
                    met.push((file, 0));
                    0
                }
            };
            if nth == found.len() {
                found.push(Vec::new());
            }
            found[nth].push(at);
        }
        found
    }

    /// Whether rows of one payment all say the same of it.
    fn is_one_word(&self, group: &[usize]) -> bool {
        let mut words = group.iter().map(|at| self.records.word(*at));
        let first = words.next();
        words.all(|word| Some(word) == first)
    }

    /// Of rows of one payment those that say the same, word by word, without those that a newer batch contradicts.
    /// `denies`: whether the first contradicts the second.
    fn by_word(
        &mut self,
        group: &[usize],
        denies: impl Fn(usize, usize) -> bool,
    ) -> Vec<Vec<usize>> {
        let records = self.records;
        let batch = |at: usize| records.stands(at).batch;
        let mut newest_first = group.to_vec();
        newest_first.sort_by_key(|at| Reverse(batch(*at)));
        let is_outdated = |at: &usize| {
            let mut newer = newest_first
                .iter()
                .take_while(|other| batch(*at) < batch(**other));
            newer.any(|other| denies(*other, *at))
        };
        let (old, rest): (Vec<usize>, Vec<usize>) = group.iter().partition(|at| is_outdated(at));
        self.found.outdated.extend(old);
        let is_denied = |at: &&usize| {
            let mut others = rest.iter();
            others.any(|other| denies(*other, **at) || denies(**at, *other))
        };
        self.found.denied.extend(rest.iter().filter(is_denied));
        let mut places: PlHashMap<Word, usize> = PlHashMap::default();
        let mut found: Vec<Vec<usize>> = Vec::new();
        for at in rest {
            let place = *places.entry(records.word(at)).or_insert(found.len());
            if place == found.len() {
                found.push(Vec::new());
            }
            found[place].push(at);
        }
        found
    }

    /// One voucher: another word about it is never the same once more.
    fn one_voucher(&mut self, group: &[usize]) {
        if self.is_one_word(group) {
            return self.lines_of_voucher(group);
        }
        let records = self.records;
        let denies = |a: usize, b: usize| records.word(a).contradicts(records.word(b));
        for same in self.by_word(group, denies) {
            self.lines_of_voucher(&same);
        }
    }

    /// Equal words about one voucher: each file's lines once. Equal lines of one order may be one that was written twice.
    fn lines_of_voucher(&mut self, group: &[usize]) {
        let occurrences = self.occurrences(group);
        let is_twice = occurrences.len() > 1
            && group.iter().enumerate().any(|(at, row)| {
                group[at + 1..].iter().any(|other| {
                    self.records.stands(*row).file == self.records.stands(*other).file
                        && self.records.same_cells(*row, *other)
                })
            });
        for rows in occurrences {
            let kept = self.keep_one(&rows);
            self.found.alike.extend(kept.filter(|_| is_twice));
        }
    }

    /// Equal values without a voucher: between the files of a sender one payment, between those of several perhaps two.
    fn one_payment(&mut self, group: &[usize]) {
        let mut places: Vec<&str> = group
            .iter()
            .filter_map(|at| self.records.place(*at))
            .collect();
        places.sort_unstable();
        places.dedup();
        // A row that names no place is of the only one that the others name.
        let place = |at: usize| self.records.place(at).filter(|_| places.len() > 1);
        let of_one = |at: usize| (self.records.stands(at).family, place(at));
        let mut rows: Vec<usize> = group.to_vec();
        let mut records = Vec::new();
        while let Some(&first) = rows.first() {
            let (same, rest): (Vec<usize>, Vec<usize>) = rows
                .into_iter()
                .partition(|at| of_one(*at) == of_one(first));
            for same in self.words_of_payment(same) {
                records.extend(self.occurrences(&same));
            }
            rows = rest;
        }
        for rows in records {
            self.keep_one(&rows);
        }
    }

    /// Equal values without a voucher, word by word. Two lines of one file are two payments and contradict nothing: a file
    /// denies what it says less often than another.
    fn words_of_payment(&mut self, group: Vec<usize>) -> Vec<Vec<usize>> {
        if self.is_one_word(&group) {
            return vec![group];
        }
        let records = self.records;
        let said = |at: usize, word: Word| (records.stands(at).file, word);
        let mut times: PlHashMap<(u32, Word), u32> = PlHashMap::default();
        for &at in &group {
            *times.entry(said(at, records.word(at))).or_default() += 1;
        }
        let times = |at: usize, word: Word| times.get(&said(at, word)).copied().unwrap_or(0); // never said
        self.by_word(&group, |a, b| {
            let word = records.word(b);
            records.word(a) != word && times(a, word) < times(b, word)
        })
    }

    /// One registration number: the newest batch counts; what contradicts it there is a question.
    fn one_number(&mut self, group: &[usize]) {
        // What says of itself that it does not count says nothing of a registration.
        let counts = |at: &usize| self.records.word(*at).fate == Fate::Used;
        let group: Vec<usize> = group.iter().copied().filter(counts).collect();
        let newest = group.iter().map(|at| self.records.stands(*at).batch).max();
        let is_newest = |at: &usize| Some(self.records.stands(*at).batch) == newest;
        let Some(kept) = self.best(group.iter().copied().filter(is_newest)) else {
            return;
        };
        for &at in group.iter().filter(|at| **at != kept) {
            if self.records.differences(at, kept).is_empty() {
                self.found.repeated.push((at, kept));
            } else if is_newest(&at) {
                self.found.contradicts.push((at, kept));
            } else {
                self.found.outdated.push(at);
            }
        }
    }

    /// Equal rows of one file without voucher or number may be two real records: they count.
    fn equal_cells(&mut self, group: &[usize]) {
        let Some(kept) = self.best(group.iter().copied()) else {
            return;
        };
        let file = self.records.stands(kept).file;
        let others = group
            .iter()
            .filter(|at| self.records.stands(**at).file != file);
        self.found.repeated.extend(others.map(|at| (*at, kept)));
    }
}
