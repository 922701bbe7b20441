//! Fates of a table's rows, settled in the order of precedence: what is settled first stays.

use std::cmp::Ordering;

use polars::prelude::*;
use rayon::prelude::*;

use super::frame;
use super::repeats::{self, Mark};
use super::table::Table;
use crate::domain::{Fate, columns as c};
use crate::scheme::{Mode, Scheme};

/// One fate a row, and which row a repeated one repeats.
pub(crate) struct Fates {
    of: Vec<Fate>,
    kept: Vec<(usize, usize)>,
}

impl Fates {
    /// Everything used, but the rows of older snapshots.
    pub(crate) fn begin(table: &Table, scheme: &Scheme) -> Self {
        let dated = scheme.source(table.kind).is_some_and(|rule| rule.mode == Mode::Snapshot && rule.batch.is_some());
        // Text order; a file whose name has no batch is older than any that has.
        let newest = table.parts.iter().filter_map(|part| part.origin.batch.as_deref()).max();
        let fate = |old: bool| if old { Fate::Superseded } else { Fate::Used };
        Fates { of: table.by_part(|part| fate(dated && part.origin.batch.as_deref() != newest)), kept: Vec::new() }
    }

    /// Whether no fate but `used` has been settled yet.
    pub(crate) fn is_open(&self, at: usize) -> bool {
        self.of[at] == Fate::Used
    }

    /// Settles repeated rows. Called right after `begin`, as precedence wants it.
    pub(crate) fn settle_repeated<'t>(
        &mut self,
        table: &Table,
        person: &[u64],
        mark: impl Fn(usize) -> Mark<'t> + Sync,
        better: impl Fn(usize, usize) -> Ordering + Sync,
    ) {
        let taken_out: Vec<bool> = self.of.iter().map(|fate| *fate != Fate::Used).collect();
        self.kept = repeats::find(table, person, &taken_out, mark, better);
        for (at, _) in &self.kept {
            self.of[*at] = Fate::Repeated;
        }
    }

    /// Settles one fate for the open rows that a condition holds for.
    pub(crate) fn settle(&mut self, fate: Fate, holds: impl Fn(usize) -> bool + Sync) {
        self.of.par_iter_mut().enumerate().with_min_len(8_192).for_each(|(at, mine)| {
            if *mine == Fate::Used && holds(at) {
                *mine = fate;
            }
        });
    }

    /// FATE, KEPT_ORIGIN and KEPT_ROW.
    pub(crate) fn columns(&self, table: &Table) -> [Column; 3] {
        let kept = |name: &str, of: &[u32]| {
            if self.kept.is_empty() {
                return UInt32Chunked::full_null(name.into(), table.len).into_column();
            }
            let mut cells: Vec<Option<u32>> = vec![None; table.len];
            for (at, kept) in &self.kept {
                cells[*at] = Some(of[*kept]);
            }
            cells.into_iter().collect::<UInt32Chunked>().with_name(name.into()).into_column()
        };
        [
            frame::indexes(c::FATE, self.of.iter().map(|fate| fate.index()).collect()),
            kept(c::KEPT_ORIGIN, &table.origin),
            kept(c::KEPT_ROW, &table.row),
        ]
    }
}
