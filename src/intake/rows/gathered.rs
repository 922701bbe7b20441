//! The records of a sheet, and what was set aside.

use std::borrow::Cow;

use polars::prelude::DataFrame;

use super::chunks::Chunks;
use super::idle::Numbers;
use super::judged::RowIs;
use super::merged::{MergedColumns, Met};
use super::plan::{Plan, RowPerson};
use crate::domain::fault::WrongHeader;
use crate::domain::{Fate, FateCounts, Field, Refusal};
use crate::intake::cell::{self, RowCells};
use crate::intake::handed::{AsWritten, Borrowed, Store};
use crate::intake::marks;
use crate::intake::sheet::{LongRow, Origin, SheetLine, SourceSheet, Surroundings, TotalRow};
use crate::intake::trouble::Trouble;

/// A field whose two columns differ: where first, and what the columns are called.
#[derive(Clone, Debug)]
pub(crate) struct Differing {
    pub row: u32,
    pub field: Field,
    pub headers: Vec<String>,
    /// Several people stand in a row.
    pub are_people: bool,
}

impl Differing {
    fn refusal(self, origin: &Origin) -> Refusal {
        let (file, sheet) = (origin.file.clone(), origin.sheet.clone());
        let Differing {
            row,
            field,
            headers,
            are_people,
        } = self;
        if are_people {
            Refusal::Header(WrongHeader::PeopleBeside {
                file,
                sheet,
                row,
                headers,
            })
        } else {
            Refusal::Header(WrongHeader::ColumnAmbiguous {
                file,
                sheet,
                row,
                field,
                headers,
            })
        }
    }
}

/// Bytes of text that a sheet, or a part of one, may hold: a million rows of 1 KB, several times what any register has. A
/// text that a workbook holds once may stand in every cell.
const MOST_TEXT: u64 = 1 << 30;

/// Bytes of a text that is rather compared with the one above it than digested again.
const LONG_TEXT: usize = 12;

/// Plain records that follow each other, cell by cell.
pub(crate) struct PlainRun<'a> {
    /// Cells of a row.
    pub width: usize,
    /// Numbers of the rows.
    pub rows: Vec<u32>,
    /// The cells of all rows, row by row.
    pub cells: Vec<&'a str>,
}

/// Rows of a run: few enough to stay in the processor's own memory, text and all.
const RUN_ROWS: usize = 512;

impl PlainRun<'_> {
    /// Room for records as the header has them; nothing where a record takes more than to lay its cells into columns.
    pub(crate) fn of(plan: &Plan<'_>) -> Option<Self> {
        let [person] = &plan.people[..] else {
            return None;
        };
        let is_simple = person.own.is_empty() && plan.beside.is_empty() && plan.doubles.is_empty();
        let width = person.uses.len();
        (is_simple && width > 0).then(|| PlainRun {
            width,
            rows: Vec::with_capacity(RUN_ROWS),
            cells: Vec::with_capacity(RUN_ROWS * width),
        })
    }

    /// Whether it must be taken before it can grow.
    pub(crate) fn is_full(&self) -> bool {
        self.rows.len() >= RUN_ROWS
    }
}

/// The records of a sheet, and what was set aside. A large file is gathered in parts; parts are joined in order.
pub(crate) struct Gathered<S = Chunks> {
    store: S,
    /// Bytes of text kept.
    text: u64,
    /// Rows set aside by reason.
    pub set_aside: FateCounts,
    /// Total rows with their matched cells.
    pub totals: Vec<TotalRow>,
    /// Rows with more cells than their header.
    pub too_long: Vec<LongRow>,
    /// Rows met, whatever became of them; a household's row as many times as people stand in it.
    pub rows_read: u64,
    /// A field whose two columns differ somewhere.
    pub differing: Option<Differing>,
    /// What lines that are no records say of the rows below them.
    pub banners: Vec<SheetLine>,
    /// Cells merged down over records.
    pub(super) merged: MergedColumns,
    /// Person numbers in columns that nobody uses.
    pub(super) idle: Numbers,
}

/// Banners at most that are kept of a sheet.
const MOST_BANNERS: usize = 4096;

impl Gathered {
    /// Nothing yet, with room for so many rows.
    pub(crate) fn new(plan: &Plan<'_>, capacity: usize) -> Self {
        Gathered::with_store(Chunks::new(plan.fields(), capacity))
    }

    /// Makes room for the fields of a further header: they are blank in all rows so far.
    pub(crate) fn widen(&mut self, plan: &Plan<'_>) {
        self.store.widen(plan.fields());
    }

    /// A sheet as it begins, without rows: all that is known of it before its end.
    pub(crate) fn opening(plan: &Plan<'_>, origin: &Origin) -> SourceSheet {
        SourceSheet {
            origin: origin.clone(),
            header_row: 0,
            columns: plan.columns().to_vec(),
            table: Gathered::new(plan, 0).frame(),
            set_aside: FateCounts::default(),
            totals: Vec::new(),
            too_long: Vec::new(),
            unused_numbers: Vec::new(),
            beside: Surroundings::default(),
            merged: Vec::new(),
            said: plan.titles(),
        }
    }

    /// The frame of the data rows; nothing is left here.
    pub(crate) fn frame(&mut self) -> DataFrame {
        self.store.frame()
    }
}

impl<'a> Gathered<Borrowed<'a>> {
    /// Nothing yet, with room for so many rows whose text is borrowed.
    pub(crate) fn borrowing(plan: &Plan<'_>, capacity: usize) -> Self {
        Gathered::with_store(Borrowed::new(plan.fields(), capacity))
    }

    /// Takes the data rows of a run, all of one person and of the header's width.
    ///
    /// Column by column: what stands below each other is alike, and the machine guesses right what comes next.
    pub(crate) fn take_run(&mut self, plan: &Plan<'_>, run: &mut PlainRun<'a>) {
        let Borrowed {
            rows,
            digests,
            cells: columns,
        } = &mut self.store;
        let before = digests.len();
        for record in run.cells.chunks_exact(run.width) {
            self.idle.look(&plan.idle, |column| {
                record.get(column).copied().unwrap_or("")
            });
        }
        self.rows_read += run.rows.len() as u64;
        rows.append(&mut run.rows);
        digests.resize(rows.len(), 0);
        let Some(person) = plan.people.first() else {
            return;
        };
        for (column, used) in person.uses.iter().enumerate() {
            let cells = || {
                run.cells
                    .get(column..)
                    .unwrap_or_default()
                    .iter()
                    .step_by(run.width)
                    .copied()
            };
            let trimmed = || cells().map(cell::trimmed);
            match used.slot {
                Some(slot) if used.whole => {
                    let kept = cells()
                        .zip(trimmed())
                        .map(|(cell, text)| if text.is_empty() { text } else { cell });
                    columns[slot].1.extend(kept);
                }
                Some(slot) => columns[slot].1.extend(trimmed()),
                None => {}
            }
            if let Some(seed) = used.seed {
                add_digests(&mut digests[before..], seed, trimmed());
            }
        }
        for slot in &person.absent {
            columns[*slot].1.extend(rows[before..].iter().map(|_| ""));
        }
        run.cells.clear();
    }

    /// The data rows, and everything else.
    pub(crate) fn split(self, plan: &Plan<'_>) -> (Borrowed<'a>, Gathered) {
        let empty = Gathered::new(plan, 0);
        let Gathered {
            store,
            text,
            set_aside,
            totals,
            too_long,
            rows_read,
            differing,
            banners,
            merged,
            idle,
        } = self;
        (
            store,
            Gathered {
                text,
                set_aside,
                totals,
                too_long,
                rows_read,
                differing,
                banners,
                merged,
                idle,
                ..empty
            },
        )
    }
}

impl<S> Gathered<S> {
    fn with_store(store: S) -> Self {
        Gathered {
            store,
            text: 0,
            set_aside: FateCounts::default(),
            totals: Vec::new(),
            too_long: Vec::new(),
            rows_read: 0,
            differing: None,
            banners: Vec::new(),
            merged: MergedColumns::default(),
            idle: Numbers::default(),
        }
    }

    /// Takes a row that is known to be no record.
    pub(crate) fn take_aside(&mut self, cells: &[Cow<'_, str>], fate: Fate) {
        let blank = cells.iter().all(|c| cell::trimmed(c).is_empty());
        self.rows_read += 1;
        self.set_aside
            .add(if blank { Fate::Blank } else { fate }, 1);
    }

    /// Takes rows that are not there at all: gaps between the rows of a workbook.
    pub(crate) fn take_blanks(&mut self, rows: u64) {
        self.rows_read += rows;
        self.set_aside.add(Fate::Blank, rows);
    }

    /// Takes one row below the header.
    pub(crate) fn take<'a>(
        &mut self,
        plan: &Plan<'_>,
        met: Met<'_>,
        cells: &mut RowCells<'a>,
    ) -> RowIs
    where
        S: Store<'a>,
    {
        let row = met.row;
        let prepared = plan.prepare(cells);
        let mut judged = plan.judged(cells, !prepared.taken.is_empty());
        if judged == RowIs::Data && !plan.people.iter().any(|person| person.is_there(cells)) {
            judged = RowIs::Aside(Fate::Note);
        }
        if judged == RowIs::Data && met.out_of_sight {
            judged = RowIs::Aside(Fate::Hidden);
        }
        judged = plan.with_surplus(judged, cells);
        match judged {
            RowIs::Data => {
                self.merged.fill(plan, met, cells);
                for person in plan.people.iter().filter(|person| person.is_there(cells)) {
                    self.take_record(plan, person, row, cells);
                }
                if let Some(field) = prepared.differing.filter(|_| self.differing.is_none()) {
                    self.differing = Some(Differing {
                        row,
                        field,
                        headers: plan.claimants(field),
                        are_people: plan.repeats_people,
                    });
                }
            }
            RowIs::Aside(fate) => {
                self.rows_read += 1;
                self.set_aside.add(fate, 1);
                if matches!(fate, Fate::Note | Fate::Heading) && self.banners.len() < MOST_BANNERS {
                    self.banners.extend(plan.told(row, cells));
                }
                if fate == Fate::Total {
                    self.totals.push(TotalRow {
                        row,
                        cells: plan.kept(cells),
                    });
                }
                if fate == Fate::TooLong {
                    self.too_long.push(long_row(plan, row, cells));
                }
            }
            RowIs::AnotherHeader => prepared.undo(cells),
            RowIs::Glued => {}
        }
        judged
    }

    fn take_record<'a>(
        &mut self,
        plan: &Plan<'_>,
        person: &RowPerson,
        row: u32,
        cells: &[Cow<'a, str>],
    ) where
        S: Store<'a>,
    {
        self.rows_read += 1;
        self.idle.look(&plan.idle, |column| cell::at(cells, column));
        let mut digest = 0_u64;
        for (column, written) in cells.iter().enumerate() {
            let text = cell::trimmed(written);
            let used = person.uses.get(column).unwrap_or(&plan.beyond);
            if let Some(slot) = used.slot {
                if text.is_empty() {
                    self.store.blank(slot);
                } else {
                    let kept = if used.whole { written } else { text };
                    self.text += kept.len() as u64;
                    self.store.put(slot, kept, AsWritten(written));
                }
            }
            if let Some(seed) = used.seed.filter(|_| !text.is_empty()) {
                digest = digest.wrapping_add(cell::digest(seed, text));
            }
        }
        // Columns that a short row does not reach, and fields that stand for others of the household only.
        let beyond = person
            .uses
            .iter()
            .skip(cells.len())
            .filter_map(|used| used.slot);
        for slot in beyond.chain(person.absent.iter().copied()) {
            self.store.blank(slot);
        }
        self.store.end_row(row, digest);
    }

    /// What is kept is more than any sheet of records holds: (limit in MiB).
    pub(crate) fn overflows(&self) -> Option<u64> {
        (self.text > MOST_TEXT).then_some(MOST_TEXT >> 20)
    }
}

/// A row with more cells than its header.
fn long_row(plan: &Plan<'_>, row: u32, cells: &[Cow<'_, str>]) -> LongRow {
    let filled = cells
        .iter()
        .rposition(|text| !cell::trimmed(text).is_empty())
        .map_or(0, |last| last + 1);
    let numbers = cells.iter().map(|text| cell::trimmed(text));
    LongRow {
        row,
        // A row of text has at most 16,384 cells.
        expected: plan.header_cells() as u32,
        found: filled as u32,
        numbers: numbers
            .filter(|text| marks::is_citizen_number(text))
            .map(str::to_owned)
            .collect(),
    }
}

/// Adds the digests of a column's cells to those of their rows.
fn add_digests<'c>(digests: &mut [u64], seed: u64, cells: impl Iterator<Item = &'c str>) {
    let (mut last, mut known) = ("", 0);
    for (digest, text) in digests
        .iter_mut()
        .zip(cells)
        .filter(|(_, text)| !text.is_empty())
    {
        // Most books are sorted by place, whose words are long; numbers differ from row to row.
        let differs = text.len() < LONG_TEXT || text.as_bytes()[0].is_ascii() || text != last;
        if differs {
            (last, known) = (text, cell::digest(seed, text));
        }
        *digest = digest.wrapping_add(known);
    }
}

/// Joins gathered parts, in order, into the sheet they are parts of.
pub(crate) fn joined(opening: SourceSheet, parts: Vec<Gathered>) -> Result<SourceSheet, Trouble> {
    let mut sheet = opening;
    let mut idle = Numbers::default();
    for mut part in parts {
        if let Some(differing) = part.differing.take() {
            return Err(differing.refusal(&sheet.origin).into());
        }
        let frame = part.frame();
        sheet.origin.rows_read += part.rows_read;
        sheet.set_aside += part.set_aside;
        sheet.totals.append(&mut part.totals);
        sheet.too_long.append(&mut part.too_long);
        sheet.said.append(&mut part.banners);
        sheet.merged.append(&mut part.merged.0);
        idle.append(part.idle);
        if sheet.table.height() == 0 {
            sheet.table = frame;
        } else if frame.height() > 0 {
            sheet
                .table
                .vstack_mut(&frame)
                .expect("parts of one plan have one schema");
        }
    }
    sheet.unused_numbers = idle.full();
    Ok(sheet)
}
