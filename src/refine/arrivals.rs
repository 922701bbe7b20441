//! Arrivals: whether the newest rosters came whole. A department's list that arrives half empty, or without numbers, would
//! take their grants from everyone it leaves out: better no report than such a one.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use polars::prelude::*;

use super::rows::Rows;
use crate::domain::fault::WrongRosters;
use crate::domain::{Code, Fate, Ratio, Refusal, SourceKind, columns as c};
use crate::intake::Origin;
use crate::scheme::{Mode, Scheme, SourceRule};

/// Batches of the rosters: the newest, and the one before it where older lists are at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batches {
    /// Batch that counts; `None` where file names have no batch.
    pub newest: Option<String>,
    /// The batch before it; the inner `None` are files whose name has no batch.
    pub before: Option<Option<String>>,
}

/// The batches of the rosters that were read, where `[sources.rosters]` has a `batch` and comes as snapshots.
pub fn batches(rows: &Rows, scheme: &Scheme) -> Option<Batches> {
    let rule = scheme.source(SourceKind::Rosters)?;
    let dated = rule.mode == Mode::Snapshot && rule.batch.is_some();
    // Text order, as fates have it: a file whose name has no batch is older than any that has.
    let mut all: Vec<Option<String>> = rosters(rows).map(|origin| origin.batch.clone()).collect();
    all.sort();
    all.dedup();
    let newest = all.pop()?;
    Some(Batches {
        newest,
        before: if dated { all.pop() } else { None },
    })
}

fn rosters(rows: &Rows) -> impl Iterator<Item = &Origin> {
    rows.origins
        .iter()
        .filter(|origin| origin.source == SourceKind::Rosters)
}

/// The name a department gives its list: the file's, without folder, ending, batch and date.
pub fn list_name(file: &str, rule: Option<&SourceRule>) -> String {
    let name = file.rsplit('/').next().unwrap_or(file);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let batch = rule
        .and_then(|rule| rule.batch.as_ref())
        .and_then(|batch| batch.find(name));
    let without = batch.map_or_else(|| stem.to_owned(), |found| stem.replace(found.as_str(), ""));
    let plain = without
        .trim_end_matches(|at: char| at.is_ascii_digit() || matches!(at, '_' | '-' | '.' | ' '));
    if plain.is_empty() {
        stem.to_owned()
    } else {
        plain.to_owned()
    }
}

/// What is wrong with the newest batch of rosters; nothing where it came whole. `rows` says which files were read.
pub fn refusals(arrived: &Arrived, rows: &Rows, scheme: &Scheme) -> Vec<Refusal> {
    let Some(batches) = batches(rows, scheme) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    if batches.before.is_some() {
        found.extend(shrunk(arrived, rows, scheme));
    }
    found.extend(blank(arrived, rows, scheme));
    found
}

/// Persons and rows of the two newest batches, by file. Those of several buckets add up.
#[derive(Clone, Debug, Default)]
pub struct Arrived {
    now: BTreeMap<usize, HashSet<u64>>,
    before: BTreeMap<usize, HashSet<u64>>,
    /// Rows of each file of the newest batch, and those of them without a number.
    rows: BTreeMap<usize, (u64, u64)>,
}

impl Arrived {
    /// Adds another bucket's.
    pub fn append(&mut self, other: Arrived) {
        let pairs = [(&mut self.now, other.now), (&mut self.before, other.before)];
        for (mine, theirs) in pairs {
            for (file, persons) in theirs {
                mine.entry(file).or_default().extend(persons);
            }
        }
        for (file, (rows, blank)) in other.rows {
            let mine = self.rows.entry(file).or_default();
            *mine = (mine.0 + rows, mine.1 + blank);
        }
    }

    /// What these rows say.
    ///
    /// # Errors
    /// Only when a frame lacks its common columns.
    pub fn of(rows: &Rows, scheme: &Scheme) -> PolarsResult<Self> {
        let (Some(frame), Some(batches)) = (rows.frame(SourceKind::Rosters), batches(rows, scheme))
        else {
            return Ok(Arrived::default());
        };
        let mut arrived = Arrived::expected(rows, &batches);
        let keys = frame.column(c::KEY)?.u64()?.iter();
        let origins = frame.column(c::ORIGIN)?.u32()?.iter();
        let fates = frame.column(c::FATE)?.u8()?.iter();
        let verdicts = frame.column(c::ID_VERDICT)?.u8()?.iter();
        for (((key, origin), fate), verdict) in keys.zip(origins).zip(fates).zip(verdicts) {
            let (Some(key), Some(origin)) = (key, origin) else {
                continue;
            };
            let counts = fate.is_some_and(|fate| fate != Fate::Superseded.index());
            // A number that a spreadsheet cut off (4.40783E+17) is none.
            let without = [Code::IdMissing, Code::IdTruncated]
                .iter()
                .any(|code| verdict == Some(code.index()));
            arrived.take(origin as usize, key, (counts, counts && without));
        }
        Ok(arrived)
    }

    /// Every file of a batch arrived, also one without a single person in it.
    fn expected(rows: &Rows, batches: &Batches) -> Self {
        let mut arrived = Arrived::default();
        let origins = rows.origins.iter().enumerate();
        for (at, origin) in origins.filter(|(_, origin)| origin.source == SourceKind::Rosters) {
            if origin.batch == batches.newest || batches.before.is_none() {
                arrived.now.entry(at).or_default();
            } else if Some(&origin.batch) == batches.before.as_ref() {
                arrived.before.entry(at).or_default();
            }
        }
        arrived
    }

    /// Takes a row of a file: of whom, whether it counts, and whether it does so without a number.
    fn take(&mut self, file: usize, key: u64, (counts, without): (bool, bool)) {
        if let Some(persons) = self.now.get_mut(&file) {
            persons.insert(key);
            let (rows, blank) = self.rows.entry(file).or_default();
            *rows += u64::from(counts);
            *blank += u64::from(without);
        } else if let Some(persons) = self.before.get_mut(&file) {
            persons.insert(key);
        }
    }
}

/// List by list, by the name a department gives it; lists of a name that only one batch has are compared together, so that a
/// file that was renamed is none that is missing.
fn shrunk(arrived: &Arrived, rows: &Rows, scheme: &Scheme) -> Vec<Refusal> {
    let rule = scheme.source(SourceKind::Rosters);
    let named = |files: &BTreeMap<usize, HashSet<u64>>| -> BTreeSet<String> {
        files
            .keys()
            .map(|at| list_name(&rows.origins[*at].file, rule))
            .collect()
    };
    let (now, before) = (named(&arrived.now), named(&arrived.before));
    let mut groups: Vec<BTreeSet<String>> = now
        .intersection(&before)
        .map(|name| BTreeSet::from([name.clone()]))
        .collect();
    groups.push(now.symmetric_difference(&before).cloned().collect());
    let limit = scheme.roster_stop.shrink;
    let mut found = Vec::new();
    for group in groups {
        let of = |files: &BTreeMap<usize, HashSet<u64>>| -> (Vec<String>, u64) {
            let mine = files
                .iter()
                .filter(|(at, _)| group.contains(&list_name(&rows.origins[**at].file, rule)));
            let (mut names, mut persons) = (Vec::new(), HashSet::<u64>::new());
            for (at, keys) in mine {
                names.push(rows.origins[*at].file.clone());
                persons.extend(keys);
            }
            names.dedup();
            (names, persons.len() as u64)
        };
        let ((files, now), (before_files, before)) = (of(&arrived.now), of(&arrived.before));
        // Of a short list one or two may always go.
        let is_less = before.saturating_sub(now) >= 3
            && u128::from(now) * u128::from(limit.of)
                < u128::from(before) * u128::from(limit.count);
        if is_less {
            found.push(Refusal::Rosters(WrongRosters::RosterShrunk {
                files,
                before_files,
                now,
                before,
                limit: percent(limit),
            }));
        }
    }
    found
}

/// List by list: one row or two without a number are gaps for the findings; more than the limit of them is a list that came broken.
fn blank(arrived: &Arrived, rows: &Rows, scheme: &Scheme) -> Vec<Refusal> {
    let rule = scheme.source(SourceKind::Rosters);
    let mut lists: BTreeMap<String, (Vec<String>, u64, u64)> = BTreeMap::new();
    for (at, (all, blank)) in &arrived.rows {
        let file = &rows.origins[*at].file;
        let list = lists.entry(list_name(file, rule)).or_default();
        list.0.push(file.clone());
        (list.1, list.2) = (list.1 + all, list.2 + blank);
    }
    let limit = scheme.roster_stop.blank;
    let is_broken = |all: u64, blank: u64| {
        let is_more =
            u128::from(blank) * u128::from(limit.of) > u128::from(all) * u128::from(limit.count);
        // Two of a short list are two gaps, unless they are most of it.
        is_more && (blank > 2 || blank == 2 && all < 4)
    };
    let broken = lists
        .into_values()
        .filter(|(_, all, blank)| is_broken(*all, *blank));
    let refusal = |(mut files, rows, blank): (Vec<String>, u64, u64)| {
        files.dedup();
        Refusal::Rosters(WrongRosters::RosterBlank {
            files,
            blank,
            rows,
            limit: percent(limit),
        })
    };
    broken.map(refusal).collect()
}

fn percent(limit: Ratio) -> String {
    let text = limit.percent(2);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_keeps_its_name_from_month_to_month() {
        // file, name
        for (file, name) in [
            ("资助名册_民政局_20220131.xlsx", "资助名册_民政局"),
            ("民政/低保 2021-12.csv", "低保"),
            ("残联.xlsx", "残联"),
            ("202112.csv", "202112"),
        ] {
            assert_eq!(list_name(file, None), name, "{file}");
        }
    }
}
