//! Fates of a book's rows, settled in the order of precedence: what is settled first stays.

use polars::prelude::*;
use rayon::prelude::*;

use super::frame;
use super::repeats::{self, Records};
use crate::domain::{Doubt, Fate, columns as c};

/// One fate a row, and which row a repeated one repeats.
pub(crate) struct Fates {
    of: Vec<Fate>,
    kept: Vec<(usize, usize)>,
    /// Rows that may be one payment, or say two things of one record.
    doubts: Vec<(usize, Doubt)>,
    /// Of registrations what they say otherwise: (row, fields).
    conflicts: Vec<(usize, String)>,
}

impl Fates {
    /// Everything used, but the rows of older snapshots.
    pub(crate) fn begin(superseded: impl Iterator<Item = bool>) -> Self {
        let fate = |old: bool| if old { Fate::Superseded } else { Fate::Used };
        Fates {
            of: superseded.map(fate).collect(),
            kept: Vec::new(),
            doubts: Vec::new(),
            conflicts: Vec::new(),
        }
    }

    /// Whether no fate but `used` has been settled yet.
    pub(crate) fn is_open(&self, at: usize) -> bool {
        self.of[at] == Fate::Used
    }

    /// Whether a row says of itself that it does not count.
    pub(crate) fn is_void(&self, at: usize) -> bool {
        self.of[at] == Fate::Void
    }

    /// Settles repeated rows, and those of which a newer batch says something else. Called right after `settle_own_first`, as
    /// precedence wants it. What says of itself that it does not count may contradict what counts, and repeats nothing.
    pub(crate) fn settle_repeated(&mut self, records: &impl Records, several: &[usize]) {
        let takes_part = |fate: &Fate| matches!(fate, Fate::Used | Fate::Void | Fate::NotArrived);
        let open: Vec<bool> = self.of.iter().map(takes_part).collect();
        let found = repeats::find(records, several, &open);
        self.kept = found.repeated;
        self.kept.retain(|(at, _)| self.of[*at] == Fate::Used);
        for (at, _) in &self.kept {
            self.of[*at] = Fate::Repeated;
        }
        for at in found.outdated {
            self.of[at] = Fate::Superseded;
        }
        let alike = found.alike.into_iter().map(|at| (at, Doubt::SameValues));
        self.doubts.extend(alike);
        let denied = found.denied.into_iter();
        self.doubts
            .extend(denied.map(|at| (at, Doubt::Contradicted)));
        for (at, other) in found.contradicts {
            let both = [at, other].map(|at| (at, Doubt::Contradicted));
            self.doubts.extend(both);
            self.conflicts.push((at, records.differences(at, other)));
            self.kept.push((at, other));
        }
    }

    /// The doubts that came of other rows.
    pub(crate) fn doubts(&self) -> &[(usize, Doubt)] {
        &self.doubts
    }

    /// CONFLICT: codes of the fields in which a row contradicts the one that KEPT_ORIGIN and KEPT_ROW name.
    pub(crate) fn conflicts(&self) -> Column {
        if self.conflicts.is_empty() {
            return StringChunked::full_null(c::CONFLICT.into(), self.of.len()).into_column();
        }
        let mut cells: Vec<Option<&str>> = vec![None; self.of.len()];
        for (at, fields) in &self.conflicts {
            cells[*at] = Some(fields);
        }
        frame::text(c::CONFLICT, cells.into_iter())
    }

    /// Settles one fate for the open rows that a condition holds for.
    pub(crate) fn settle(&mut self, fate: Fate, holds: impl Fn(usize) -> bool + Sync) {
        self.of
            .par_iter_mut()
            .enumerate()
            .with_min_len(65_536)
            .for_each(|(at, mine)| {
                if *mine == Fate::Used && holds(at) {
                    *mine = fate;
                }
            });
    }

    /// Settles for the open rows what each by itself comes to, as far as that explains a repetition away.
    pub(crate) fn settle_own_first(&mut self, own: &[Fate]) {
        for (mine, own) in self.of.iter_mut().zip(own) {
            if *mine == Fate::Used && *own < Fate::Repeated {
                *mine = *own;
            }
        }
    }

    /// Settles for the open rows what each by itself comes to.
    pub(crate) fn settle_own(&mut self, own: &[Fate]) {
        for (mine, own) in self.of.iter_mut().zip(own) {
            if *mine == Fate::Used {
                *mine = *own;
            }
        }
    }

    /// FATE, KEPT_ORIGIN and KEPT_ROW; `origin` and `row` say where the rows stand.
    pub(crate) fn columns(&self, origin: &[u32], row: &[u32]) -> [Column; 3] {
        let kept = |name: &str, of: &[u32]| {
            if self.kept.is_empty() {
                return UInt32Chunked::full_null(name.into(), self.of.len()).into_column();
            }
            let mut cells: Vec<Option<u32>> = vec![None; self.of.len()];
            for (at, kept) in &self.kept {
                cells[*at] = Some(of[*kept]);
            }
            cells
                .into_iter()
                .collect::<UInt32Chunked>()
                .with_name(name.into())
                .into_column()
        };
        [
            frame::indexes(c::FATE, self.of.iter().map(|fate| fate.index()).collect()),
            kept(c::KEPT_ORIGIN, origin),
            kept(c::KEPT_ROW, row),
        ]
    }
}
