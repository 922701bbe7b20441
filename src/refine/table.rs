//! One book as text: the sheets of a source laid end to end, read by row position from any thread.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use polars::prelude::*;
use rayon::prelude::*;

use super::repairs::{Ledger, Notes};
use crate::domain::{Field, SourceKind, columns as c};
use crate::intake::{Origin, Sheet};

/// Rows a thread takes at a time: large enough that per-piece caches of words pay.
const PIECE: usize = 1 << 17;

/// All sheets of one source.
pub(crate) struct Table {
    /// Which book.
    pub(crate) kind: SourceKind,
    /// Number of rows.
    pub(crate) len: usize,
    /// Position of the row's sheet in `Rows::origins`.
    pub(crate) origin: Vec<u32>,
    /// Row number as the clerk sees it.
    pub(crate) row: Vec<u32>,
    /// Intake's digest of the cells.
    pub(crate) digest: Vec<u64>,
    /// The sheets, in row order.
    pub(crate) parts: Vec<Part>,
    fields: Vec<Option<StringChunked>>,
    /// Cells that are read as something else than what was written.
    pub(crate) ledger: Ledger,
    /// Words that the vocabulary does not know.
    pub(crate) unknown: Mutex<UnknownWords>,
}

/// How many rows hold a word that the vocabulary does not know, by the column it stands in.
pub(crate) type UnknownWords = BTreeMap<(Field, String), u64>;

/// One sheet inside a table.
pub(crate) struct Part {
    /// Its rows.
    pub(crate) rows: Range<usize>,
    /// Where it comes from.
    pub(crate) origin: Origin,
    /// Header of the number column says 残疾证号.
    pub(crate) disability_number: bool,
    has: u64,
}

impl Part {
    /// Whether the sheet has a column for the field.
    pub(crate) fn has(&self, field: Field) -> bool {
        self.has >> field.index() & 1 == 1
    }
}

/// One text column, or none.
#[derive(Clone, Copy)]
pub(crate) struct Texts<'t>(Option<&'t <StringType as PolarsDataType>::Array>);

impl<'t> Texts<'t> {
    /// The cell, unless blank.
    pub(crate) fn get(self, at: usize) -> Option<&'t str> {
        self.0?.get(at).filter(|cell| !cell.is_empty())
    }
}

impl Table {
    /// Lays the sheets of one source end to end; `sheets` come with their positions in `Rows::origins`.
    pub(crate) fn new(kind: SourceKind, mut sheets: Vec<(u32, Sheet)>) -> Result<Self> {
        let len: usize = sheets.iter().map(|(_, sheet)| sheet.table.height()).sum();
        assert!(u32::try_from(len).is_ok(), "rows of one book are counted in 32 bits");
        let (mut origin, mut row, mut digest) = (Vec::with_capacity(len), Vec::with_capacity(len), Vec::with_capacity(len));
        let mut parts = Vec::with_capacity(sheets.len());
        for (at, sheet) in &sheets {
            let from = origin.len();
            origin.resize(from + sheet.table.height(), *at);
            row.extend(sheet.table.column(c::ROW)?.u32()?.into_no_null_iter());
            digest.extend(sheet.table.column(c::DIGEST)?.u64()?.into_no_null_iter());
            let present = |field: &&Field| sheet.table.column(field.code()).is_ok();
            parts.push(Part {
                rows: from..origin.len(),
                origin: sheet.origin.clone(),
                disability_number: sheet
                    .columns
                    .iter()
                    .any(|col| col.field == Some(Field::Id) && is_disability_header(&col.header)),
                has: Field::ALL.iter().filter(present).fold(0, |bits, field| bits | 1 << field.index()),
            });
        }
        let fields = Field::ALL.iter().map(|field| joined(kind, *field, &mut sheets)).collect::<Result<_>>()?;
        Ok(Table { kind, len, origin, row, digest, parts, fields, ledger: Ledger::default(), unknown: Mutex::default() })
    }

    /// The cells of a field.
    pub(crate) fn texts(&self, field: Field) -> Texts<'_> {
        Texts(self.fields[usize::from(field.index())].as_ref().and_then(|column| column.downcast_iter().next()))
    }

    /// The cells of a field that hold anything, in row order.
    pub(crate) fn cells(&self, field: Field) -> impl Iterator<Item = &str> {
        let texts = self.texts(field);
        (0..self.len).filter_map(move |at| texts.get(at))
    }

    /// Whether any sheet has a column for the field.
    pub(crate) fn has(&self, field: Field) -> bool {
        self.parts.iter().any(|part| part.has(field))
    }

    /// A text column handed on as written, under another name.
    pub(crate) fn as_written(&self, field: Field, name: &str) -> Column {
        match &self.fields[usize::from(field.index())] {
            Some(column) => column.clone().with_name(name.into()).into_column(),
            None => StringChunked::full_null(name.into(), self.len).into_column(),
        }
    }

    /// The sheet a row stands on.
    pub(crate) fn part(&self, row: usize) -> &Part {
        &self.parts[self.parts.partition_point(|part| part.rows.end <= row)]
    }

    /// One value a sheet, spread over its rows.
    pub(crate) fn by_part<T: Copy>(&self, mut value: impl FnMut(&Part) -> T) -> Vec<T> {
        let mut spread = Vec::with_capacity(self.len);
        for part in &self.parts {
            spread.resize(part.rows.end, value(part));
        }
        spread
    }

    /// One value a row, computed on all cores, in row order.
    pub(crate) fn each<T: Send>(&self, value: impl Fn(usize) -> T + Sync + Send) -> Vec<T> {
        (0..self.len).into_par_iter().with_min_len(8_192).map(value).collect()
    }

    /// The same for cells that may need a repair: what a thread notes is handed in with its rows.
    pub(crate) fn each_noting<T: Send>(&self, value: impl Fn(usize, &mut Notes<'_>) -> T + Sync + Send) -> Vec<T> {
        let rows = (0..self.len).into_par_iter().with_min_len(8_192);
        rows.map_init(|| Notes::of(&self.ledger), |notes, at| value(at, notes)).collect()
    }

    /// Counts the rows whose word in a column nobody knows.
    pub(crate) fn count_unknown<'w>(&self, field: Field, words: impl Iterator<Item = Option<&'w str>>) {
        let mut counts: PlHashMap<&str, u64> = PlHashMap::default();
        for word in words.flatten() {
            *counts.entry(word).or_default() += 1;
        }
        let mut unknown = self.unknown.lock().unwrap_or_else(PoisonError::into_inner);
        unknown.extend(counts.into_iter().map(|(word, rows)| ((field, word.to_owned()), rows)));
    }

    /// One value a row from the words of one column; every distinct word is read once a piece.
    pub(crate) fn each_word<'t, T: Copy + Send>(&'t self, field: Field, read: impl Fn(Option<&'t str>) -> T + Sync) -> Vec<T> {
        let texts = self.texts(field);
        if texts.0.is_none() {
            return vec![read(None); self.len];
        }
        let pieces = self.pieces(|rows| {
            let mut known: PlHashMap<Option<&str>, T> = PlHashMap::default();
            let mut last = None;
            let of_row = rows.map(|at| {
                let word = texts.get(at);
                // Most columns of this kind hold one word all the way down.
                let value = match last {
                    Some((same, value)) if same == word => value,
                    _ => *known.entry(word).or_insert_with(|| read(word)),
                };
                last = Some((word, value));
                value
            });
            of_row.collect::<Vec<T>>()
        });
        pieces.concat()
    }

    /// Pieces of rows, worked on by all cores, results in row order.
    pub(crate) fn pieces<T: Send>(&self, work: impl Fn(Range<usize>) -> T + Sync + Send) -> Vec<T> {
        let starts: Vec<usize> = (0..self.len).step_by(PIECE).collect();
        starts.into_par_iter().map(|from| work(from..(from + PIECE).min(self.len))).collect()
    }
}

/// A field over all sheets in one chunk, taken out of them; nothing if no sheet has it, or no room looks at it.
fn joined(kind: SourceKind, field: Field, sheets: &mut [(u32, Sheet)]) -> Result<Option<StringChunked>> {
    let name = field.code();
    let nobody_asks = match field {
        Field::Sex | Field::PersonNo | Field::Serial => true,
        // Only a collective account prints it.
        Field::Relation => kind != SourceKind::Households,
        _ => false,
    };
    if nobody_asks || !sheets.iter().any(|(_, sheet)| sheet.table.column(name).is_ok()) {
        return Ok(None);
    }
    let mut whole = StringChunked::full_null(name.into(), 0);
    for (_, sheet) in sheets {
        match sheet.table.drop_in_place(name) {
            Ok(column) => whole.append(column.str()?)?,
            Err(_) => whole.append(&StringChunked::full_null(name.into(), sheet.table.height()))?,
        }
    }
    whole.rechunk_mut();
    Ok(Some(whole))
}

fn is_disability_header(header: &str) -> bool {
    let header = crate::domain::region::region_word(header);
    header.contains("残疾证") || header.contains("残疾人证")
}
