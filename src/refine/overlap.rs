//! Overlap: lists of one source that hold mostly the same persons (docs/readings.md#family-twice). They are one sender's under
//! two names, and the older would go on counting beside the newer.

use std::collections::BTreeMap;

use polars::prelude::*;

use super::batches::Turn;
use super::rows::Rows;
use crate::domain::{Fate, Grave, SourceKind, columns as c};
use crate::scheme::{Mode, Scheme};

/// Below so many persons in common chance may have it: a hamlet's two rosters.
const FEWEST: u64 = 3;

/// Persons of lists, and of pairs of lists. Those of several buckets add up.
#[derive(Clone, Debug, Default)]
pub struct Overlap {
    /// Entries of a list, and rows of it that repeat nothing; a list is known by its first sheet in `Rows::origins`.
    lists: BTreeMap<u32, (u64, u64)>,
    /// Entries that two lists have in common.
    common: BTreeMap<(u32, u32), u64>,
}

impl Overlap {
    /// Adds another bucket's.
    pub fn append(&mut self, other: Overlap) {
        for (list, (entries, own)) in other.lists {
            let mine = self.lists.entry(list).or_default();
            *mine = (mine.0 + entries, mine.1 + own);
        }
        for (pair, entries) in other.common {
            *self.common.entry(pair).or_default() += entries;
        }
    }

    /// What these rows say.
    ///
    /// # Errors
    /// Only when a frame lacks its common columns.
    pub fn of(rows: &Rows, scheme: &Scheme) -> PolarsResult<Self> {
        let mut overlap = Overlap::default();
        for (kind, frame) in &rows.frames {
            let rule = scheme.source(*kind);
            if kind.has_persons() && rule.is_some_and(|rule| rule.mode == Mode::Snapshot) {
                let lists = Lists::of(*kind, rows);
                if lists.may_overlap() {
                    overlap.take(frame, &lists)?;
                }
            }
        }
        Ok(overlap)
    }

    fn take(&mut self, frame: &DataFrame, lists: &Lists) -> PolarsResult<()> {
        let keys = frame.column(c::KEY)?.u64()?.iter();
        let origins = frame.column(c::ORIGIN)?.u32()?.iter();
        let fates = frame.column(c::FATE)?.u8()?.iter();
        // A person on several lists of hardship, under a category each, is on each by right.
        let categories = frame
            .column(c::CATEGORY)
            .ok()
            .map(Column::u16)
            .transpose()?;
        let mut entries: Vec<(u64, u16, u32)> = Vec::new();
        for (at, ((key, origin), fate)) in keys.zip(origins).zip(fates).enumerate() {
            let (Some(key), Some(origin), Some(fate)) = (key, origin, fate) else {
                continue;
            };
            let Some(list) = lists.of_origin[origin as usize] else {
                continue;
            };
            let is_repeated = Fate::at(fate) == Fate::Repeated;
            if Fate::at(fate) != Fate::Used && !is_repeated {
                continue;
            }
            self.lists.entry(list).or_default().1 += u64::from(!is_repeated);
            let category = categories.and_then(|all| all.get(at)).unwrap_or(u16::MAX); // none
            entries.push((key, category, list));
        }
        entries.sort_unstable();
        entries.dedup();
        for entry in entries.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            for (at, (.., list)) in entry.iter().enumerate() {
                self.lists.entry(*list).or_default().0 += 1;
                for (.., other) in &entry[at + 1..] {
                    *self.common.entry((*list, *other)).or_default() += 1;
                }
            }
        }
        Ok(())
    }

    /// Pairs of lists with more than half of each in common. A copy that says nothing of its own does no harm.
    pub fn graves(&self, rows: &Rows) -> Vec<Grave> {
        let of = |list: u32| self.lists.get(&list).copied().unwrap_or_default(); // every list of a pair is there
        let is_twice = |((one, other), common): &(&(u32, u32), &u64)| {
            let ((one, own), (other, others)) = (of(*one), of(*other));
            let is_copy = one == **common && other == **common && (own == 0 || others == 0);
            **common >= FEWEST && **common * 2 > one.max(other) && !is_copy
        };
        let file = |list: u32| rows.origins[list as usize].file.clone();
        self.common
            .iter()
            .filter(is_twice)
            .map(|((one, other), persons)| Grave::FamilyTwice {
                file: file(*one),
                other: file(*other),
                persons: *persons,
            })
            .collect()
    }
}

/// The lists of a source that count.
struct Lists {
    /// By position in `Rows::origins`: the first sheet of the same file.
    of_origin: Vec<Option<u32>>,
    /// Rows that were read, by list.
    rows: Vec<u64>,
}

impl Lists {
    fn of(kind: SourceKind, rows: &Rows) -> Lists {
        let mut first: BTreeMap<&str, (u32, u64)> = BTreeMap::new();
        let sheets = rows.origins.iter().zip(&rows.turns);
        let of_origin = (0u32..).zip(sheets).map(|(at, (origin, turn))| {
            let counts = origin.source == kind && *turn == Turn::Counts;
            counts.then(|| {
                let list = first.entry(&origin.file).or_insert((at, 0));
                list.1 += origin.rows_read;
                list.0
            })
        });
        let of_origin = of_origin.collect();
        Lists {
            of_origin,
            rows: first.into_values().map(|(_, rows)| rows).collect(),
        }
    }

    /// Whether two of them are near enough in size to have more than half of each in common.
    fn may_overlap(&self) -> bool {
        let mut rows = self.rows.clone();
        rows.sort_unstable();
        rows.windows(2).any(|two| two[0] * 2 > two[1])
    }
}
