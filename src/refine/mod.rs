//! Refine: text → typed columns beside the text; each row gets its fate.
//!
//! In:  sheets of text and pieces of them, the scheme, the as-of date.
//! Out: `Rows`: one typed frame a source (docs on each field), origins, fates; of one bucket of persons at a time.
//! Never: opens a file other than its own scratch, or looks at two books at once.

pub mod arrivals;
mod book;
mod buckets;
pub mod dates;
mod declared;
mod elsewhere;
mod fates;
mod frame;
pub mod identity;
pub mod money;
pub mod names;
mod packed;
mod payments;
mod pieces;
pub mod places;
mod registrations;
mod repairs;
mod repeats;
mod residents;
mod reversals;
mod rosters;
pub(crate) mod scratch;
mod settle;
mod sorting;
mod table;
mod tasks;
pub mod vocabulary;
mod written;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

use anyhow::Result;
use chrono::NaiveDate;
use polars::prelude::*;

pub use self::buckets::{Buckets, Division};
use self::places::Gazetteer;
pub use self::sorting::Sorter;
use self::table::Table;
use crate::domain::{Fate, FateCounts, Field, Repair, SourceKind, columns as c};
use crate::intake::{Origin, SourceSheet, Taker, TotalRow};
use crate::scheme::Scheme;

/// Input rows, typed: all of them, or those of one bucket of persons; `totals`, `repairs`, `unread`, `truncated` and
/// `unknown_words` are then empty, since `Buckets::figures` has those of all. Every frame of persons has KEY, ORIGIN, ROW, FATE, ID, ID_VERDICT, NAME
/// and PLACE (never null: a number of `Buckets::atlas`) and holds every data row, whatever its fate; `FATE` in {Used, IdUnusable} takes part in figures.
#[derive(Clone, Debug)]
pub struct Rows {
    /// Position = ORIGIN. In order of source, file, sheet, whatever order the sheets came in.
    pub origins: Vec<Origin>,
    /// Rows set aside by intake, per origin.
    pub set_aside: Vec<FateCounts>,
    /// Fields that each origin has a column for: a blank cell is a gap only where there is a column.
    pub fields: Vec<Vec<Field>>,
    /// Total rows of tables of figures: (origin, row).
    pub totals: Vec<(u32, TotalRow)>,
    /// One frame a source that was read (absent = no file), in the order of `SourceKind`. `Elsewhere` holds
    /// registrations and payments together, told apart by IS_REGISTRATION and IS_PAYMENT.
    pub frames: Vec<(SourceKind, DataFrame)>,
    /// Every cell of a data row, whatever its fate, that is read as something else than what was written: ORIGIN, ROW,
    /// FIELD, BEFORE, AFTER, RULE, in that order. A cell that several rules touch has a row for each of them, all with the
    /// whole cell before and what it is read as in the end.
    /// Where buckets lie in scratch, those of persons lie there too (`Buckets::mended`).
    pub repairs: DataFrame,
    /// Those of all repairs that could not be read.
    pub unread: DataFrame,
    /// Numbers that were cut short, in no order.
    pub truncated: Vec<Truncated>,
    /// Books that are there, of all buckets: a book is there when it was sent; deaths and departures also when the register
    /// itself states some.
    pub there: BTreeSet<SourceKind>,
    /// Words that neither the national codes nor the scheme's vocabulary know, by source and column, with the number of
    /// data rows that use them.
    pub unknown_words: Vec<UnknownWord>,
}

/// A number that a spreadsheet cut short, as cleaned, and the name beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Truncated {
    /// The number: `430321199001011000`, `4.30321199001011E+17`.
    pub id: String,
    /// Cleaned name.
    pub name: String,
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
        self.frames
            .iter()
            .find(|(mine, _)| *mine == kind)
            .map(|(_, frame)| frame)
    }

    /// Rows by fate, per origin: those that intake set aside and those of the frames.
    pub fn fates(&self) -> Vec<FateCounts> {
        let mut counts = self.set_aside.clone();
        for (_, frame) in &self.frames {
            let origins = frame
                .column(c::ORIGIN)
                .and_then(|column| column.u32().cloned());
            let fates = frame
                .column(c::FATE)
                .and_then(|column| column.u8().cloned());
            let (Ok(origins), Ok(fates)) = (origins, fates) else {
                panic!("a frame without ORIGIN or FATE")
            };
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
        let column = |name: &str| {
            self.repairs
                .column(name)
                .and_then(|column| column.u8().cloned())
        };
        let origins = self
            .repairs
            .column(c::ORIGIN)
            .and_then(|column| column.u32().cloned());
        let (Ok(origins), Ok(fields), Ok(rules)) = (origins, column(c::FIELD), column(c::RULE))
        else {
            panic!("repairs without ORIGIN, FIELD or RULE")
        };
        let mut counts = BTreeMap::new();
        let cells = origins
            .into_no_null_iter()
            .zip(fields.into_no_null_iter())
            .zip(rules.into_no_null_iter());
        for ((origin, field), rule) in cells {
            *counts
                .entry((origin, Field::at(field), Repair::at(rule)))
                .or_default() += 1;
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
            assert_eq!(
                origin.rows_read,
                fates.total(),
                "rows lost or born in {} [{}]",
                origin.file,
                origin.sheet
            );
        }
    }
}

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

/// What becomes of the rows of one source.
struct Typed {
    frame: DataFrame,
    repairs: DataFrame,
    unknown_words: Vec<UnknownWord>,
}

/// Types the rows of a source, a piece of one sheet or all of them; of persons what each row says by itself.
fn typed_book(
    table: &Table,
    scheme: &Scheme,
    gazetteer: &Gazetteer,
    as_of: NaiveDate,
) -> Result<Typed> {
    let kind = table.kind;
    let frame = match kind {
        SourceKind::Register => residents::register(table, scheme, gazetteer, as_of),
        SourceKind::Registrations => registrations::typed(table, scheme, gazetteer, as_of),
        SourceKind::Payments => payments::typed(table, scheme, gazetteer, as_of),
        SourceKind::Rosters => rosters::typed(table, scheme, gazetteer),
        SourceKind::Elsewhere => elsewhere::typed(table, scheme, gazetteer, as_of),
        SourceKind::Tasks => tasks::typed(table, scheme),
        SourceKind::Deaths => residents::deaths(table, scheme, gazetteer, as_of),
        SourceKind::Departures => residents::departures(table, scheme, gazetteer, as_of),
        SourceKind::Students => residents::students(table, scheme, gazetteer),
        SourceKind::Previous => residents::previous(table, scheme, gazetteer),
        SourceKind::Households => residents::households(table, scheme, gazetteer),
        SourceKind::HouseholdTotals => residents::household_totals(table, scheme),
    }?;
    let repairs = repairs::frame(table)?;
    let unknown =
        std::mem::take(&mut *table.unknown.lock().unwrap_or_else(PoisonError::into_inner));
    let unknown = unknown.into_iter();
    let unknown_words = unknown
        .map(|((field, word), rows)| UnknownWord {
            source: kind,
            field,
            word,
            rows,
        })
        .collect();
    Ok(Typed {
        frame,
        repairs,
        unknown_words,
    })
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
