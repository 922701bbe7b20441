//! Rows: what refine hands over.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use polars::prelude::*;

use super::account::Account;
use super::batches::Turn;
use super::identity;
use super::links::Claimed;
use crate::domain::{Fate, FateCounts, Field, Repair, SourceKind, columns as c};
use crate::intake::{LongRow, Origin, SourceSheet, TotalRow};

/// Input rows, typed: all of them, or those of one bucket of persons; `totals`, `too_long`, `unused_numbers`, `cut`, `accounts`, `repairs`, `unread`, `truncated` and
/// `unknown_words` are then empty, since `Buckets::figures` has those of all. Every frame of persons has KEY, ORIGIN, ROW, FATE, ID, ID_VERDICT, NAME
/// and PLACE (never null: a number of `Buckets::atlas`) and holds every data row, whatever its fate; `FATE` in {Used, IdUnusable} takes part in figures.
#[derive(Clone, Debug)]
pub struct Rows {
    /// Position = ORIGIN. In order of source, file, sheet, whatever order the sheets came in.
    pub origins: Vec<Origin>,
    /// What each origin is among the lists of its sender.
    pub turns: Vec<Turn>,
    /// Rows set aside by intake, per origin.
    pub set_aside: Vec<FateCounts>,
    /// What the rows of persons of each origin come to, before any is judged.
    pub accounts: Vec<Account>,
    /// Fields that each origin has a column for: a blank cell is a gap only where there is a column.
    pub fields: Vec<Vec<Field>>,
    /// Total rows of tables of figures: (origin, row).
    pub totals: Vec<(u32, TotalRow)>,
    /// Rows of texts with more cells than their header: (origin, row).
    pub too_long: Vec<(u32, LongRow)>,
    /// Columns of person numbers that nobody uses: (origin, column from 1).
    pub unused_numbers: Vec<(u32, u64)>,
    /// Texts that end within a row: (origin, row).
    pub cut: Vec<(u32, u32)>,
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
    /// Old numbers that several persons claim, with the rows that do.
    pub claimed: Vec<Claimed>,
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
    /// What sheets say before any of their rows is typed.
    pub(super) fn of_sheets(sheets: &[SourceSheet]) -> Result<Rows> {
        let origins: Vec<Origin> = sheets.iter().map(|sheet| sheet.origin.clone()).collect();
        let fields = |sheet: &SourceSheet| {
            sheet
                .columns
                .iter()
                .filter_map(|column| column.field)
                .collect()
        };
        let figures = (0u32..)
            .zip(sheets)
            .filter(|(_, sheet)| !sheet.origin.source.has_persons());
        Ok(Rows {
            turns: vec![Turn::Counts; sheets.len()],
            set_aside: sheets.iter().map(|sheet| sheet.set_aside).collect(),
            accounts: vec![Account::default(); sheets.len()],
            fields: sheets.iter().map(fields).collect(),
            totals: figures
                .flat_map(|(at, sheet)| sheet.totals.iter().map(move |row| (at, row.clone())))
                .collect(),
            cut: (0u32..)
                .zip(sheets)
                .filter_map(|(at, sheet)| Some((at, sheet.beside.cut_row?)))
                .collect(),
            unused_numbers: (0u32..)
                .zip(sheets)
                .flat_map(|(at, sheet)| {
                    sheet.unused_numbers.iter().map(move |column| (at, *column))
                })
                .collect(),
            too_long: (0u32..)
                .zip(sheets)
                .flat_map(|(at, sheet)| sheet.too_long.iter().map(move |row| (at, row.clone())))
                .collect(),
            frames: Vec::new(),
            repairs: no_repairs()?,
            unread: no_repairs()?,
            truncated: Vec::new(),
            there: origins.iter().map(|origin| origin.source).collect(),
            unknown_words: Vec::new(),
            claimed: Vec::new(),
            origins,
        })
    }

    /// Rows of a bucket, without what stands in no bucket.
    pub(super) fn of_bucket(&self, frames: Vec<(SourceKind, DataFrame)>) -> Result<Rows> {
        Ok(Rows {
            origins: self.origins.clone(),
            turns: self.turns.clone(),
            set_aside: vec![FateCounts::default(); self.origins.len()],
            accounts: Vec::new(),
            fields: self.fields.clone(),
            totals: Vec::new(),
            too_long: Vec::new(),
            unused_numbers: Vec::new(),
            cut: Vec::new(),
            frames,
            repairs: no_repairs()?,
            unread: no_repairs()?,
            truncated: Vec::new(),
            there: self.there.clone(),
            unknown_words: Vec::new(),
            claimed: Vec::new(),
        })
    }

    /// Keys of the persons whose numbers stand in rows that are too long.
    pub fn keys_in_long_rows(&self) -> PlHashSet<u64> {
        let numbers = self.too_long.iter().flat_map(|(_, row)| &row.numbers);
        let examined = numbers
            .map(|number| identity::examine(Some(number), identity::IdType::National, false));
        examined
            .filter_map(|read| read.key.ok())
            .map(|key| key.0)
            .collect()
    }

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

/// `Rows::repairs` where nothing was repaired.
pub(super) fn no_repairs() -> Result<DataFrame> {
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
