//! One book as text: the sheets of a source laid end to end, read by row position from any thread.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use polars::prelude::*;

use super::frame;
use super::identity::Digits;
use super::ledger::{After, MendedCells, Notes};
use super::links::Links;
use super::says::Says;
use super::sums::Sums;
use super::written::{is_marker, is_no_number};
use crate::domain::{Field, Repair, Repairs, SourceKind, columns as c};
use crate::intake::{self, Borrowed, Handed, MergedColumn, Origin, SheetLine, SourceSheet};

/// All sheets of one source, or a piece of one of them, whose text may still stand in the file.
pub(crate) struct BookText<'f> {
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
    pub(crate) parts: Vec<SheetPart>,
    fields: Vec<Stored<'f>>,
    /// Cells that are read as something else than what was written.
    pub(crate) ledger: MendedCells,
    /// Words that the vocabulary does not know.
    pub(crate) unknown: Mutex<UnknownWords>,
    /// Whether the numbers lost their last digits, as far as they were read.
    pub(crate) digits: Mutex<Digits>,
    /// Numbers that mean others.
    pub(crate) links: Mutex<Links>,
    /// What lines of the sheet state of the places of the rows below them: (row, code), ascending.
    pub(crate) stated: Vec<(u32, Option<String>)>,
    /// Rows, ascending, under one amount that is merged over several.
    pub(crate) undivided: Vec<usize>,
    /// What the sums and subsidies of the sheet speak for, as far as they were read.
    pub(crate) sums: Mutex<Sums>,
}

/// Where every row stands, and what its cells come to.
#[derive(Default)]
struct RowLines {
    origin: Vec<u32>,
    row: Vec<u32>,
    digest: Vec<u64>,
}

impl RowLines {
    /// Lays a sheet's behind those that are there, and says where.
    fn append(&mut self, origin: u32, sheet: &DataFrame) -> PolarsResult<Range<usize>> {
        let from = self.row.len();
        self.row
            .extend(sheet.column(c::ROW)?.u32()?.into_no_null_iter());
        self.digest
            .extend(sheet.column(c::DIGEST)?.u64()?.into_no_null_iter());
        self.origin.resize(self.row.len(), origin);
        Ok(from..self.row.len())
    }
}

/// How many rows hold a word that the vocabulary does not know, by the column it stands in.
pub(crate) type UnknownWords = BTreeMap<(Field, String), u64>;

/// One sheet inside a table.
pub(crate) struct SheetPart {
    /// Its rows.
    pub(crate) rows: Range<usize>,
    /// Where it comes from.
    pub(crate) origin: Origin,
    /// Header of the number column says 残疾证号.
    pub(crate) disability_number: bool,
    /// Header of the reversal flag is the national code's.
    pub(crate) reversal_code: bool,
    /// What the sheet says of itself.
    pub(crate) says: Says,
    has: u64,
}

impl SheetPart {
    /// Whether the sheet has a column for the field.
    pub(crate) fn has(&self, field: Field) -> bool {
        self.has >> field.index() & 1 == 1
    }
}

/// The text of a field.
enum Stored<'f> {
    /// No sheet has a column for it, or no room looks at it.
    Nothing,
    /// Copied, in one chunk.
    Column(StringChunked),
    /// As it stands in the file.
    Borrowed(intake::CellTexts<'f>),
}

/// One text column, or none.
#[derive(Clone, Copy)]
pub(crate) enum TextColumn<'t> {
    Nothing,
    Column(&'t <StringType as PolarsDataType>::Array),
    Borrowed(&'t intake::CellTexts<'t>),
}

impl<'t> TextColumn<'t> {
    /// The cell, unless blank.
    #[inline]
    pub(crate) fn get(self, at: usize) -> Option<&'t str> {
        let cell = match self {
            TextColumn::Nothing => None,
            TextColumn::Column(column) => column.get(at),
            TextColumn::Borrowed(texts) => Some(texts.get(at)),
        };
        cell.filter(|cell| !cell.is_empty())
    }
}

impl<'f> BookText<'f> {
    /// Rows of one sheet, which is known by its ticket.
    pub(crate) fn of_piece(ticket: u32, sheet: SourceSheet, rows: Handed<'f>) -> Result<Self> {
        let kind = sheet.origin.source;
        let Borrowed {
            rows,
            digests,
            cells,
        } = match rows {
            Handed::Frame(table) => {
                return BookText::new(kind, vec![(ticket, SourceSheet { table, ..sheet })]);
            }
            Handed::Borrowed(borrowed) => borrowed,
        };
        let len = rows.len();
        let part = SheetPart {
            rows: 0..len,
            disability_number: is_disability_number(&sheet),
            reversal_code: is_reversal_code(&sheet),
            says: Says::of(&sheet),
            origin: sheet.origin,
            has: cells
                .iter()
                .fold(0, |bits, (field, _)| bits | 1 << field.index()),
        };
        let mut fields: Vec<Stored<'f>> = Field::ALL.iter().map(|_| Stored::Nothing).collect();
        for (field, cells) in cells.into_iter().filter(|(field, _)| is_read(kind, *field)) {
            fields[usize::from(field.index())] = Stored::Borrowed(cells);
        }
        let lines = RowLines {
            origin: vec![ticket; len],
            row: rows,
            digest: digests,
        };
        Ok(BookText::with(kind, lines, vec![part], fields))
    }

    /// Lays the sheets of one source end to end; `sheets` come with their positions in `Rows::origins`.
    pub(crate) fn new(kind: SourceKind, mut sheets: Vec<(u32, SourceSheet)>) -> Result<Self> {
        let len: usize = sheets.iter().map(|(_, sheet)| sheet.table.height()).sum();
        assert!(
            u32::try_from(len).is_ok(),
            "rows of one book are counted in 32 bits"
        );
        let mut lines = RowLines::default();
        let mut parts = Vec::with_capacity(sheets.len());
        for (at, sheet) in &sheets {
            let rows = lines.append(*at, &sheet.table)?;
            let present = |field: &&Field| sheet.table.column(field.code()).is_ok();
            parts.push(SheetPart {
                rows,
                origin: sheet.origin.clone(),
                disability_number: is_disability_number(sheet),
                reversal_code: is_reversal_code(sheet),
                says: Says::of(sheet),
                has: Field::ALL
                    .iter()
                    .filter(present)
                    .fold(0, |bits, field| bits | 1 << field.index()),
            });
        }
        let fields = Field::ALL
            .iter()
            .map(|field| joined(kind, *field, &mut sheets))
            .collect::<Result<_>>()?;
        let mut table = BookText::with(kind, lines, parts, fields);
        for (part, (_, sheet)) in sheets.iter().enumerate() {
            table.note_merged(part, &sheet.merged);
        }
        table.undivided.sort_unstable();
        Ok(table)
    }

    /// Notes cells of a sheet that were filled from merged ones, and rows whose amount is merged over several.
    fn note_merged(&mut self, part: usize, merged: &[MergedColumn]) {
        let mut undivided = Vec::new();
        let mut notes = Notes::of(&self.ledger);
        for column in merged {
            let cells = self.texts(column.field);
            for at in self.rows_of(part, &column.filled) {
                if let Some(text) = cells.get(at) {
                    let after = || After::Text(text.to_owned());
                    notes.take((at, column.field), Repairs::one(Repair::Merged), after);
                }
            }
            undivided.extend(self.rows_of(part, &column.undivided));
        }
        drop(notes);
        self.undivided.append(&mut undivided);
    }

    /// The rows of a sheet, as positions, whose numbers lie in ascending spans.
    fn rows_of<'s>(
        &'s self,
        part: usize,
        spans: &'s [(u32, u32)],
    ) -> impl Iterator<Item = usize> + 's {
        let rows = self.parts[part].rows.clone();
        let numbers = &self.row[rows.clone()];
        let from = numbers.first().copied().unwrap_or(u32::MAX);
        let to = numbers.last().copied().unwrap_or(0);
        let near = spans.partition_point(|(_, last)| *last < from);
        let near = spans[near..]
            .iter()
            .take_while(move |(first, _)| *first <= to);
        near.flat_map(move |(first, last)| {
            let begin = numbers.partition_point(|number| number < first);
            let end = numbers.partition_point(|number| number <= last);
            rows.start + begin..rows.start + end
        })
    }

    fn with(
        kind: SourceKind,
        lines: RowLines,
        parts: Vec<SheetPart>,
        fields: Vec<Stored<'f>>,
    ) -> Self {
        let RowLines {
            origin,
            row,
            digest,
        } = lines;
        let (ledger, unknown, digits, links) = (
            MendedCells::default(),
            Mutex::default(),
            Mutex::default(),
            Mutex::default(),
        );
        BookText {
            kind,
            len: row.len(),
            origin,
            row,
            digest,
            parts,
            fields,
            ledger,
            unknown,
            digits,
            links,
            stated: Vec::new(),
            undivided: Vec::new(),
            sums: Mutex::default(),
        }
    }

    /// Households that lines between the records name, as printed forms do; their columns are not on the sheet.
    pub(crate) fn fill_from_lines(&mut self, told: &[SheetLine]) {
        for field in [Field::Household, Field::Head] {
            let lines: Vec<&SheetLine> = told
                .iter()
                .filter(|line| line.field == Some(field))
                .collect();
            if lines.is_empty() {
                continue;
            }
            let cell = |row: &u32| {
                let above = lines.partition_point(|line| line.row < *row);
                let line = lines[..above].last()?;
                Some(line.text.as_str()).filter(|text| !text.is_empty())
            };
            let column: StringChunked = self.row.iter().map(cell).collect();
            self.fields[usize::from(field.index())] =
                Stored::Column(column.with_name(field.code().into()));
        }
    }

    /// The cells of a field.
    pub(crate) fn texts(&self, field: Field) -> TextColumn<'_> {
        match &self.fields[usize::from(field.index())] {
            Stored::Nothing => TextColumn::Nothing,
            Stored::Column(column) => column
                .downcast_iter()
                .next()
                .map_or(TextColumn::Nothing, TextColumn::Column),
            Stored::Borrowed(texts) => TextColumn::Borrowed(texts),
        }
    }

    /// Whether any sheet has a column for the field.
    pub(crate) fn has(&self, field: Field) -> bool {
        self.parts.iter().any(|part| part.has(field))
    }

    /// A text column handed on as written, under another name.
    pub(crate) fn as_written(&self, field: Field, name: &str) -> Column {
        match &self.fields[usize::from(field.index())] {
            Stored::Column(column) => column.clone().with_name(name.into()).into_column(),
            Stored::Borrowed(_) => {
                let texts = self.texts(field);
                frame::text(name, (0..self.len).map(|at| texts.get(at)))
            }
            Stored::Nothing => StringChunked::full_null(name.into(), self.len).into_column(),
        }
    }

    /// A column of numbers that tell things apart: what says that there is none tells nothing apart.
    pub(crate) fn keys(&self, field: Field, name: &str) -> Column {
        let texts = self.texts(field);
        if (0..self.len).any(|at| texts.get(at).is_some_and(is_no_number)) {
            let key = |at| texts.get(at).filter(|key| !is_no_number(key));
            return frame::text(name, (0..self.len).map(key));
        }
        self.as_written(field, name)
    }

    /// The sheet a row stands on.
    pub(crate) fn part(&self, row: usize) -> &SheetPart {
        &self.parts[self.parts.partition_point(|part| part.rows.end <= row)]
    }

    /// One value a sheet, spread over its rows.
    pub(crate) fn by_part<T: Copy>(&self, mut value: impl FnMut(&SheetPart) -> T) -> Vec<T> {
        let mut spread = Vec::with_capacity(self.len);
        for part in &self.parts {
            spread.resize(part.rows.end, value(part));
        }
        spread
    }

    /// One value a row, in row order. On this thread: other threads type other pieces.
    pub(crate) fn each<T>(&self, value: impl Fn(usize) -> T) -> Vec<T> {
        (0..self.len).map(value).collect()
    }

    /// The same for cells that may need a repair: what is noted is handed in at the end.
    pub(crate) fn each_noting<T>(&self, value: impl Fn(usize, &mut Notes<'_>) -> T) -> Vec<T> {
        let mut notes = Notes::of(&self.ledger);
        (0..self.len).map(|at| value(at, &mut notes)).collect()
    }

    /// Counts the rows whose word in a column nobody knows.
    pub(crate) fn count_unknown<'w>(
        &self,
        field: Field,
        words: impl Iterator<Item = Option<&'w str>>,
    ) {
        let mut counts: PlHashMap<&str, u64> = PlHashMap::default();
        for word in words.flatten() {
            *counts.entry(word).or_default() += 1;
        }
        let mut unknown = self.unknown.lock().unwrap_or_else(PoisonError::into_inner);
        unknown.extend(
            counts
                .into_iter()
                .map(|(word, rows)| ((field, word.to_owned()), rows)),
        );
    }

    /// One value a row from the words of one column; every distinct word is read once.
    pub(crate) fn each_word<'t, T: Copy>(
        &'t self,
        field: Field,
        read: impl Fn(Option<&'t str>) -> T,
    ) -> Vec<T> {
        let texts = self.texts(field);
        if matches!(texts, TextColumn::Nothing) {
            return vec![read(None); self.len];
        }
        let mut known: PlHashMap<Option<&str>, T> = PlHashMap::default();
        let mut last = None;
        let of_row = (0..self.len).map(|at| {
            let word = texts.get(at);
            // Most columns of this kind hold one word all the way down.
            let value = match last {
                Some((same, value)) if same == word => value,
                _ => *known
                    .entry(word)
                    .or_insert_with(|| read(word.filter(|word| !is_marker(word)))),
            };
            last = Some((word, value));
            value
        });
        of_row.collect()
    }
}

/// A field over all sheets in one chunk, taken out of them; nothing if no sheet has it, or no room looks at it.
fn joined(
    kind: SourceKind,
    field: Field,
    sheets: &mut [(u32, SourceSheet)],
) -> Result<Stored<'static>> {
    let name = field.code();
    if !is_read(kind, field)
        || !sheets
            .iter()
            .any(|(_, sheet)| sheet.table.column(name).is_ok())
    {
        return Ok(Stored::Nothing);
    }
    let mut whole = StringChunked::full_null(name.into(), 0);
    for (_, sheet) in sheets {
        match sheet.table.drop_in_place(name) {
            Ok(column) => whole.append(column.str()?)?,
            Err(_) => whole.append(&StringChunked::full_null(name.into(), sheet.table.height()))?,
        }
    }
    whole.rechunk_mut();
    Ok(Stored::Column(whole))
}

/// Whether any room looks at a field of a book.
fn is_read(kind: SourceKind, field: Field) -> bool {
    match field {
        Field::Sex | Field::PersonNo | Field::Serial => false,
        // Only a collective account prints it.
        Field::Relation => kind == SourceKind::Households,
        _ => true,
    }
}

fn is_disability_number(sheet: &SourceSheet) -> bool {
    sheet
        .columns
        .iter()
        .any(|column| column.field == Some(Field::Id) && is_disability_header(&column.header))
}

/// REVS_FLAG: there 0 is a reversal too, as any other value than Z.
fn is_reversal_code(sheet: &SourceSheet) -> bool {
    let mut columns = sheet.columns.iter();
    columns.any(|column| {
        column.field == Some(Field::ReversalFlag)
            && column.header.trim().eq_ignore_ascii_case("REVS_FLAG")
    })
}

fn is_disability_header(header: &str) -> bool {
    let header = crate::domain::region::region_word(header);
    header.contains("残疾证") || header.contains("残疾人证")
}
