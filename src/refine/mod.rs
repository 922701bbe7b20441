//! Refine: text → typed columns beside the text; each row gets its fate.
//!
//! In:  sheets of text, the scheme, the as-of date.
//! Out: `Rows`: one typed frame a source (docs on each field), origins, fates.
//! Never: opens a file, or looks at two books at once.

mod book;
pub mod dates;
mod declared;
mod elsewhere;
mod fates;
mod frame;
pub mod identity;
pub mod money;
pub mod names;
mod payments;
pub mod places;
mod registrations;
mod repairs;
mod repeats;
mod residents;
mod reversals;
mod rosters;
mod table;
mod tasks;
pub mod vocabulary;
mod written;

use std::collections::BTreeMap;
use std::sync::PoisonError;

use anyhow::Result;
use chrono::NaiveDate;
use polars::prelude::*;
use rayon::prelude::*;

use self::table::Table;
use crate::domain::{Fate, FateCounts, Field, Repair, SourceKind, columns as c};
use crate::intake::{Origin, Sheet, TotalRow};
use crate::scheme::Scheme;

/// All input rows, typed. Every frame of persons has KEY, ORIGIN, ROW, FATE, ID, ID_VERDICT, NAME and holds every data
/// row, whatever its fate; `FATE` in {Used, IdUnusable} takes part in figures.
#[derive(Clone, Debug)]
pub struct Rows {
    /// Position = ORIGIN. In order of source, file, sheet, whatever order the sheets came in.
    pub origins: Vec<Origin>,
    /// Rows set aside by intake, per origin.
    pub set_aside: Vec<FateCounts>,
    /// Fields that each origin has a column for: a blank cell is a gap only where there is a column.
    pub fields: Vec<Vec<Field>>,
    /// Total rows of tasks tables: (origin, row).
    pub totals: Vec<(u32, TotalRow)>,
    /// One frame a source that was read (absent = no file), in the order of `SourceKind`. `Elsewhere` holds
    /// registrations and payments together, told apart by IS_REGISTRATION and IS_PAYMENT.
    pub frames: Vec<(SourceKind, DataFrame)>,
    /// Every cell of a data row, whatever its fate, that is read as something else than what was written: ORIGIN, ROW,
    /// FIELD, BEFORE, AFTER, RULE, in that order. A cell that several rules touch has a row for each of them, all with the
    /// whole cell before and what it is read as in the end.
    pub repairs: DataFrame,
    /// Words that neither the national codes nor the scheme's vocabulary know, by source and column, with the number of
    /// data rows that use them.
    pub unknown_words: Vec<UnknownWord>,
}

/// A word that nobody knows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnknownWord {
    /// Which book.
    pub source: SourceKind,
    /// Category, scheme, status or id-type.
    pub field: Field,
    /// As written.
    pub word: String,
    /// Rows that use it.
    pub rows: u64,
}

impl Rows {
    /// The frame of a source, if it was read.
    pub fn frame(&self, kind: SourceKind) -> Option<&DataFrame> {
        self.frames.iter().find(|(mine, _)| *mine == kind).map(|(_, frame)| frame)
    }

    /// Rows by fate, per origin: those that intake set aside and those of the frames.
    pub fn fates(&self) -> Vec<FateCounts> {
        let mut counts = self.set_aside.clone();
        for (_, frame) in &self.frames {
            let origins = frame.column(c::ORIGIN).and_then(|column| column.u32().cloned());
            let fates = frame.column(c::FATE).and_then(|column| column.u8().cloned());
            let (Ok(origins), Ok(fates)) = (origins, fates) else { panic!("a frame without ORIGIN or FATE") };
            for (origin, fate) in origins.into_no_null_iter().zip(fates.into_no_null_iter()) {
                counts[origin as usize].add(Fate::at(fate), 1);
            }
        }
        counts
    }

    /// How many cells each rule repaired, by origin and column. A cell that several rules touch counts under each.
    ///
    /// # Panics
    /// When `repairs` is not as documented.
    pub fn repair_counts(&self) -> BTreeMap<(u32, Field, Repair), u64> {
        let column = |name: &str| self.repairs.column(name).and_then(|column| column.u8().cloned());
        let origins = self.repairs.column(c::ORIGIN).and_then(|column| column.u32().cloned());
        let (Ok(origins), Ok(fields), Ok(rules)) = (origins, column(c::FIELD), column(c::RULE)) else {
            panic!("repairs without ORIGIN, FIELD or RULE")
        };
        let mut counts = BTreeMap::new();
        let cells = origins.into_no_null_iter().zip(fields.into_no_null_iter()).zip(rules.into_no_null_iter());
        for ((origin, field), rule) in cells {
            *counts.entry((origin, Field::at(field), Repair::at(rule))).or_default() += 1;
        }
        counts
    }

    /// Rows counted while reading and rows counted by fate are two counts of one truth.
    /// A difference is our bug, never the data's, so it stops before a wrong report is written.
    ///
    /// # Panics
    /// When they differ, naming file and sheet.
    pub fn assert_balanced(&self) {
        for (origin, fates) in self.origins.iter().zip(self.fates()) {
            assert_eq!(origin.rows_read, fates.total(), "rows lost or born in {} [{}]", origin.file, origin.sheet);
        }
    }
}

/// Types every sheet and settles the fate of every row.
///
/// # Errors
/// Only when a sheet breaks intake's contract (ROW, DIGEST, text columns).
pub fn typed(mut sheets: Vec<Sheet>, scheme: &Scheme, as_of: NaiveDate) -> Result<Rows> {
    // Positions of origins then say the order of files, which decides where values are equal.
    sheets.sort_by(|a, b| {
        let key = |sheet: &Sheet| (sheet.origin.source, sheet.origin.file.clone(), sheet.origin.sheet.clone());
        key(a).cmp(&key(b))
    });
    let origins = sheets.iter().map(|sheet| sheet.origin.clone()).collect();
    let set_aside = sheets.iter().map(|sheet| sheet.set_aside).collect();
    let fields = sheets.iter().map(|sheet| sheet.columns.iter().filter_map(|column| column.field).collect()).collect();
    let numbered: Vec<(u32, Sheet)> = (0u32..).zip(sheets).collect();
    let is_tasks = |sheet: &&(u32, Sheet)| sheet.1.origin.source == SourceKind::Tasks;
    let totals = numbered.iter().filter(is_tasks).flat_map(|(at, sheet)| sheet.totals.iter().map(|row| (*at, row.clone())));
    let totals = totals.collect();
    let mut books: Vec<Vec<(u32, Sheet)>> = Vec::new();
    for sheet in numbered {
        match books.last_mut().filter(|book| book[0].1.origin.source == sheet.1.origin.source) {
            Some(book) => book.push(sheet),
            None => books.push(vec![sheet]),
        }
    }
    // A book's text is let go of as soon as the book is typed.
    let typed: Vec<Typed> = books.into_par_iter().map(|book| typed_book(book, scheme, as_of)).collect::<Result<_>>()?;
    let mut rows =
        Rows { origins, set_aside, fields, totals, frames: Vec::new(), repairs: no_repairs()?, unknown_words: Vec::new() };
    for mut book in typed {
        rows.frames.push((book.kind, book.frame));
        rows.repairs.vstack_mut_owned(book.repairs)?;
        rows.unknown_words.append(&mut book.unknown_words);
    }
    Ok(rows)
}

/// What becomes of one book.
struct Typed {
    kind: SourceKind,
    frame: DataFrame,
    repairs: DataFrame,
    unknown_words: Vec<UnknownWord>,
}

/// Types one source's sheets.
fn typed_book(book: Vec<(u32, Sheet)>, scheme: &Scheme, as_of: NaiveDate) -> Result<Typed> {
    let kind = book[0].1.origin.source;
    let table = Table::new(kind, book)?;
    let frame = match kind {
        SourceKind::Register => residents::register(&table, scheme, as_of),
        SourceKind::Registrations => registrations::typed(&table, scheme, as_of),
        SourceKind::Payments => payments::typed(&table, scheme, as_of),
        SourceKind::Rosters => rosters::typed(&table, scheme),
        SourceKind::Elsewhere => elsewhere::typed(&table, scheme, as_of),
        SourceKind::Tasks => tasks::typed(&table, scheme),
        SourceKind::Deaths => residents::deaths(&table, scheme, as_of),
        SourceKind::Departures => residents::departures(&table, scheme, as_of),
        SourceKind::Students => residents::students(&table, scheme),
        SourceKind::Previous => residents::previous(&table, scheme),
        SourceKind::Households => residents::households(&table, scheme),
    }?;
    let repairs = repairs::frame(&table)?;
    let unknown = table.unknown.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter();
    let unknown_words = unknown.map(|((field, word), rows)| UnknownWord { source: kind, field, word, rows }).collect();
    Ok(Typed { kind, frame, repairs, unknown_words })
}

/// `Rows::repairs` where nothing was repaired.
fn no_repairs() -> Result<DataFrame> {
    let none = Vec::<u32>::new();
    let texts = Vec::<&str>::new();
    let rules = Series::new_empty(c::RULE.into(), &DataType::UInt8);
    let fields = Series::new_empty(c::FIELD.into(), &DataType::UInt8);
    let mut frame = df!(c::ORIGIN => none.clone(), c::ROW => none)?;
    frame.with_column(fields.into_column())?;
    frame.with_column(Series::new(c::BEFORE.into(), texts.clone()).into_column())?;
    frame.with_column(Series::new(c::AFTER.into(), texts).into_column())?;
    frame.with_column(rules.into_column())?;
    Ok(frame)
}
