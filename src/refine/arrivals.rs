//! Arrivals: whether the newest rosters came whole. A department's list that arrives half empty, or without numbers, would
//! take their grants from everyone it leaves out: better no report than such a one.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use polars::prelude::*;

use super::batches::Turn;
use super::rows::Rows;
use crate::domain::fault::WrongRosters;
use crate::domain::{Code, Fate, Ratio, Refusal, SourceKind, columns as c};
use crate::intake::Origin;
use crate::scheme::Scheme;

/// The name a department gives its list: of its family what stands behind the last folder.
pub fn list_name(origin: &Origin) -> &str {
    let family = origin.family.rsplit('/').next().unwrap_or(&origin.family);
    if family.is_empty() {
        // Named by a day alone.
        let name = origin.file.rsplit('/').next().unwrap_or(&origin.file);
        name.rsplit_once('.').map_or(name, |(stem, _)| stem)
    } else {
        family
    }
}

/// What is wrong with the rosters that count; nothing where they came whole. `rows` says which files were read.
pub fn refusals(arrived: &Arrived, rows: &Rows, scheme: &Scheme) -> Vec<Refusal> {
    let mut found = shrunk(arrived, rows, scheme);
    found.extend(blank(arrived, rows, scheme));
    found
}

/// Persons and rows of the lists that count, and of those before them, by sheet. Those of several buckets add up.
#[derive(Clone, Debug, Default)]
pub struct Arrived {
    now: BTreeMap<usize, HashSet<u64>>,
    before: BTreeMap<usize, HashSet<u64>>,
    /// Rows of each list that counts, and those of them without a number.
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
    pub fn of(rows: &Rows) -> PolarsResult<Self> {
        let Some(frame) = rows.frame(SourceKind::Rosters) else {
            return Ok(Arrived::default());
        };
        let mut arrived = Arrived::expected(rows);
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

    /// Every list arrived, also one without a single person in it.
    fn expected(rows: &Rows) -> Self {
        let mut arrived = Arrived::default();
        for (at, (origin, turn)) in rows.origins.iter().zip(&rows.turns).enumerate() {
            let lists = match turn {
                Turn::Counts => &mut arrived.now,
                Turn::Before => &mut arrived.before,
                Turn::Older | Turn::Later => continue,
            };
            if origin.source == SourceKind::Rosters {
                lists.entry(at).or_default();
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

/// List by list: a department's against its own last one.
fn shrunk(arrived: &Arrived, rows: &Rows, scheme: &Scheme) -> Vec<Refusal> {
    let family = |at: &usize| rows.origins[*at].family.as_str();
    let families: BTreeSet<&str> = arrived.before.keys().map(family).collect();
    let limit = scheme.roster_stop.shrink;
    let mut found = Vec::new();
    for name in families {
        let of = |files: &BTreeMap<usize, HashSet<u64>>| -> (Vec<String>, u64) {
            let mine = files.iter().filter(|(at, _)| family(at) == name);
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
    let mut lists: BTreeMap<&str, (Vec<String>, u64, u64)> = BTreeMap::new();
    for (at, (all, blank)) in &arrived.rows {
        let origin = &rows.origins[*at];
        let list = lists.entry(&origin.family).or_default();
        list.0.push(origin.file.clone());
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
