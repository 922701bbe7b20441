//! Sorting: rows are typed piece by piece while files are still being read, and every row goes into the bucket of its person.
//!
//! In:  sheets and pieces of their rows, from several threads and in any order.
//! Out: `Buckets`: all rows of a person in one of them, in order of file, sheet and row.
//!
//! What becomes of a row does not depend on how many buckets there are: whatever looks at several rows looks at those of one
//! person.

use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use chrono::NaiveDate;
use polars::prelude::*;
use rayon::prelude::*;

use super::batches::{Turn, sheets_of};
use super::buckets::Buckets;
use super::noted::{Aside, Noted};
use super::places::{self, Gazetteer};
use super::rows::Rows;
use super::table::BookText;
use super::typing::typed_book;
use crate::domain::{Fault, SourceKind, columns as c};
use crate::intake::{Handed, SourceSheet, Taker};
use crate::scheme::Scheme;
use crate::vault::{Division, Filling, Labels};

/// What the vault is told of rows: all of a person lie together; tickets of sheets become positions in `Rows::origins`.
const LABELS: Labels = Labels {
    key: c::KEY,
    row: c::ROW,
    lot: c::ORIGIN,
    waited: c::KEY_WAITED,
};

/// Types every sheet and settles the fate of every row, all in one bucket.
///
/// # Errors
/// Only when a sheet breaks intake's contract (ROW, DIGEST, text columns).
pub fn typed(sheets: Vec<SourceSheet>, scheme: &Scheme, as_of: NaiveDate) -> Result<Rows> {
    sorted(sheets, scheme, as_of, Division::WHOLE)?.whole()
}

/// Types whole sheets and sorts their rows into buckets.
///
/// # Errors
/// As `typed`; `Fault` where scratch cannot be written.
pub fn sorted(
    sheets: Vec<SourceSheet>,
    scheme: &Scheme,
    as_of: NaiveDate,
    division: Division,
) -> Result<Buckets> {
    let sorter = Sorter::new(scheme, as_of, division)?;
    for sheet in sheets {
        sorter.finish(sheet)?;
    }
    sorter.sorted()
}

/// Types rows and sorts them.
pub struct Sorter<'s> {
    scheme: &'s Scheme,
    as_of: NaiveDate,
    filling: Filling<SourceKind>,
    gazetteer: Gazetteer,
    noted: Mutex<Noted>,
}

impl<'s> Sorter<'s> {
    /// With nothing in it.
    ///
    /// # Errors
    /// `Fault` where the scratch folder cannot be made.
    pub fn new(scheme: &'s Scheme, as_of: NaiveDate, division: Division) -> Result<Self, Fault> {
        Ok(Sorter {
            scheme,
            as_of,
            filling: Filling::new(division, LABELS)?,
            gazetteer: Gazetteer::default(),
            noted: Mutex::default(),
        })
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn type_piece(&self, ticket: u32, rows: Handed<'_>) -> Result<(), Fault> {
        let sheet = self.noted().sheets[ticket as usize].sheet.clone();
        let kind = sheet.origin.source;
        if !kind.has_persons() {
            self.noted().take_figures(ticket, rows.into_frame());
            return Ok(());
        }
        let from = rows.first_row().unwrap_or(0); // an empty piece
        let stated = places::stated(&sheet, self.scheme);
        let told = sheet.said.clone();
        let mut table = BookText::of_piece(ticket, sheet, rows).map_err(broken)?;
        table.stated = stated;
        table.fill_from_lines(&told);
        let mut typed =
            typed_book(&table, self.scheme, &self.gazetteer, self.as_of).map_err(broken)?;
        let beside =
            Aside::of(kind, &mut typed, &table, (self.scheme, self.as_of)).map_err(broken)?;
        drop(table);
        let repairs = if typed.repairs.height() > 0 {
            Some(self.filling.keep(typed.repairs)?)
        } else {
            None
        };
        self.noted().take((ticket, from), beside, repairs);
        self.filling.take(kind, ticket, typed.frame)
    }

    /// All that came in, ready to be opened bucket by bucket.
    ///
    /// # Errors
    /// Only when a frame breaks its contract.
    ///
    /// # Panics
    /// When a sheet's rows were lost on the way here.
    pub fn sorted(self) -> Result<Buckets> {
        let Sorter {
            scheme,
            as_of,
            filling,
            gazetteer,
            noted,
        } = self;
        let noted = noted.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut whole = noted.whole(scheme, as_of)?;
        if filling.scratch().is_none() {
            whole.take_mended()?;
        }
        whole.rows.take_figures(whole.figures, scheme, as_of)?;
        let atlas = gazetteer.into_atlas();
        let accounts = whole.rows.accounts.iter_mut();
        accounts.for_each(|account| account.place(&atlas));
        Ok(Buckets {
            sheets: sheets_of(&whole.rows.origins),
            old: whole
                .rows
                .turns
                .iter()
                .map(|turn| *turn != Turn::Counts)
                .collect(),
            figures: whole.rows,
            lossy: whole.lossy,
            parts: whole.parts,
            atlas,
            mended: Mutex::new(whole.mended),
            claimed: whole.claimed,
            vault: filling.filled(whole.places, whole.moves)?,
        })
    }
}

impl Taker for Sorter<'_> {
    fn begin(&self, sheet: &SourceSheet) -> u32 {
        let sheet = SourceSheet {
            table: sheet.table.clear(),
            ..sheet.clone()
        };
        self.noted().begin(sheet)
    }

    fn take(&self, ticket: u32, rows: Handed<'_>) -> Result<(), Fault> {
        self.type_piece(ticket, rows)
    }

    fn room(&self) -> u64 {
        self.filling.room()
    }

    fn void(&self, ticket: u32) {
        self.noted().sheets[ticket as usize].void = true;
    }

    fn finish(&self, mut sheet: SourceSheet) -> Result<(), Fault> {
        let table = std::mem::take(&mut sheet.table);
        let begun = self.noted().ticket_of(&sheet);
        let ticket = begun.unwrap_or_else(|| self.noted().begin(sheet.clone()));
        // Its lines are known by now.
        self.noted().sheets[ticket as usize]
            .sheet
            .said
            .clone_from(&sheet.said);
        // A source is known by its first sheet, if without rows.
        if table.height() > 0 || !self.filling.knows(sheet.origin.source) {
            let pieces = pieces_of(&table).map_err(broken)?;
            let slice =
                |(from, rows)| self.take(ticket, Handed::Frame(table.slice(from as i64, rows)));
            pieces.into_par_iter().try_for_each(slice)?;
        }
        self.noted().sheets[ticket as usize].sheet = sheet;
        Ok(())
    }
}

/// Rows of a sheet that was read whole which are typed at a time.
const PIECE_ROWS: usize = 1 << 16;

/// Pieces of a table, (from, rows), the last one empty where the table is: persons of one household's row stay together.
fn pieces_of(table: &DataFrame) -> PolarsResult<Vec<(usize, usize)>> {
    let rows = table.column(c::ROW)?.u32()?;
    let (mut pieces, mut from) = (Vec::new(), 0);
    while from < table.height() || pieces.is_empty() {
        let mut to = (from + PIECE_ROWS).min(table.height());
        while to < table.height() && rows.get(to) == rows.get(to - 1) {
            to += 1;
        }
        pieces.push((from, to - from));
        from = to;
    }
    Ok(pieces)
}

/// A frame that breaks its contract is our bug, told as such.
fn broken(error: impl std::fmt::Display) -> Fault {
    panic!("a piece of rows that intake or refine made is not as promised: {error}")
}
