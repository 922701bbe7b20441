//! Sorting: rows are typed piece by piece while files are still being read, and every row goes into the bucket of its person.
//!
//! In:  sheets and pieces of their rows, from several threads and in any order.
//! Out: `Buckets`: all rows of a person in one of them, in order of file, sheet and row.
//!
//! What becomes of a row does not depend on how many buckets there are: whatever looks at several rows looks at those of one
//! person.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use chrono::NaiveDate;
use polars::prelude::*;
use rayon::prelude::*;

use super::buckets::{Buckets, Common, Division, Second, Shelf, of_origin, unread};
use super::identity::Digits;
use super::pieces::{self, Waiting, divided};
use super::places::Gazetteer;
use super::scratch::{self, Scratch};
use super::table::Table;
use super::{Truncated, Typed, UnknownWord, typed_book};
use crate::domain::{Code, Fault, Field, PersonKey, SourceKind, columns as c};
use crate::intake::{Handed, SourceSheet, Taker};
use crate::scheme::Scheme;

/// A sheet while its rows come in.
struct Open {
    sheet: SourceSheet,
    /// Rows taken.
    rows: u64,
    /// Whether its numbers lost their last digits.
    digits: Digits,
    /// Its rows do not count: it is read once more in another way.
    void: bool,
}

/// What has come in.
#[derive(Default)]
struct Shelves {
    /// By ticket.
    sheets: Vec<Open>,
    /// (ticket, first row, cells).
    repairs: Vec<(u32, u32, Second)>,
    /// Those that could not be read.
    unread: Vec<(u32, u32, DataFrame)>,
    unknown: Vec<(u32, UnknownWord)>,
    /// Numbers that are cut short; the flag says: only if the sheet's column lost digits.
    truncated: Vec<(u32, bool, Truncated)>,
    /// Books whose news the register of a ticket states itself.
    stated: BTreeSet<(u32, SourceKind)>,
    /// Every column that a source's rows have.
    schemas: BTreeMap<SourceKind, Schema>,
    /// Tables of figures, as text.
    figures: Vec<(u32, DataFrame)>,
    /// By source and bucket.
    persons: BTreeMap<SourceKind, Vec<Shelf>>,
}

/// Types rows and sorts them.
pub struct Sorter<'s> {
    scheme: &'s Scheme,
    as_of: NaiveDate,
    division: Division,
    scratch: Option<Scratch>,
    files: AtomicU64,
    gazetteer: Gazetteer,
    shelves: Mutex<Shelves>,
}

impl<'s> Sorter<'s> {
    /// With nothing in it.
    ///
    /// # Errors
    /// `Fault` where the scratch folder cannot be made.
    pub fn new(scheme: &'s Scheme, as_of: NaiveDate, division: Division) -> Result<Self, Fault> {
        let scratch = division.scratch.clone().map(Scratch::make).transpose()?;
        Ok(Sorter {
            scheme,
            as_of,
            division,
            scratch,
            files: AtomicU64::new(0),
            gazetteer: Gazetteer::default(),
            shelves: Mutex::default(),
        })
    }

    fn shelves(&self) -> MutexGuard<'_, Shelves> {
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn type_piece(&self, ticket: u32, rows: Handed<'_>) -> Result<(), Fault> {
        let sheet = self.shelves().sheets[ticket as usize].sheet.clone();
        let kind = sheet.origin.source;
        let (from, height) = (rows.first_row().unwrap_or(0), rows.height() as u64); // an empty piece
        if !kind.has_persons() {
            let mut shelves = self.shelves();
            shelves.sheets[ticket as usize].rows += height;
            shelves.figures.push((ticket, rows.into_frame()));
            return Ok(());
        }
        let table = Table::of_piece(ticket, sheet, rows).map_err(broken)?;
        let Typed {
            frame,
            repairs,
            unknown_words,
            ..
        } = typed_book(&table, self.scheme, &self.gazetteer, self.as_of).map_err(broken)?;
        let digits = *table.digits.lock().unwrap_or_else(PoisonError::into_inner);
        drop(table);
        let truncated = truncated(&frame).map_err(broken)?;
        let unread = unread(&repairs).map_err(broken)?;
        let repairs = self.put_away(repairs)?;
        let schema = frame.schema().as_ref().clone();
        let stated = stated(kind, &frame);
        let parts = divided(&frame, ticket, from, self.division.buckets).map_err(broken)?;
        drop(frame);
        let mut shelves = self.shelves();
        shelves.sheets[ticket as usize].digits += digits;
        shelves.sheets[ticket as usize].rows += height;
        shelves.schemas.entry(kind).or_default().merge(schema);
        shelves
            .repairs
            .extend(repairs.map(|repairs| (ticket, from, repairs)));
        shelves
            .unread
            .extend((unread.height() > 0).then_some((ticket, from, unread)));
        shelves.stated.extend(stated.map(|kind| (ticket, kind)));
        shelves
            .unknown
            .extend(unknown_words.into_iter().map(|word| (ticket, word)));
        shelves.truncated.extend(
            truncated
                .into_iter()
                .map(|(cut, known)| (ticket, cut, known)),
        );
        let full = shelves.put(kind, parts, &self.division);
        drop(shelves);
        for (bucket, pieces) in full {
            let file = self.write(kind, bucket, pieces)?;
            self.shelves().persons.entry(kind).or_default()[bucket]
                .files
                .push(file);
        }
        Ok(())
    }

    /// Keeps repairs where the buckets lie, few of them in memory.
    fn put_away(&self, mut repairs: DataFrame) -> Result<Option<Second>, Fault> {
        match &self.scratch {
            Some(scratch) if repairs.height() > FEW_REPAIRS => {
                let path = scratch.folder.join(format!(
                    "repairs-{}.parquet",
                    self.files.fetch_add(1, Relaxed)
                ));
                scratch::write(&path, &mut repairs)?;
                Ok(Some(Second::File(path)))
            }
            _ => Ok((repairs.height() > 0).then_some(Second::Frame(repairs))),
        }
    }

    /// Writes rows that waited long enough.
    fn write(
        &self,
        kind: SourceKind,
        bucket: usize,
        pieces: Vec<Waiting>,
    ) -> Result<PathBuf, Fault> {
        let folder = self
            .scratch
            .as_ref()
            .map(|scratch| scratch.folder.clone())
            .unwrap_or_default(); // only asked with a scratch
        let path = folder.join(format!(
            "{}-{bucket}-{}.rows",
            kind.code(),
            self.files.fetch_add(1, Relaxed)
        ));
        pieces::write(&path, &pieces)?;
        Ok(path)
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
            division,
            scratch,
            gazetteer,
            shelves,
            ..
        } = self;
        let shelves = shelves.into_inner().unwrap_or_else(PoisonError::into_inner);
        let Shelves {
            sheets,
            repairs,
            unread: cells,
            unknown,
            truncated,
            stated,
            schemas,
            figures,
            persons,
        } = shelves;
        let (order, origin_of) = in_order(&sheets);
        for open in order.iter().map(|ticket| &sheets[*ticket]) {
            let SourceSheet {
                origin, set_aside, ..
            } = &open.sheet;
            let accounted = open.rows + set_aside.total();
            assert_eq!(
                origin.rows_read, accounted,
                "rows lost or born in {} {}",
                origin.file, origin.sheet
            );
        }
        let lossy: Vec<bool> = order
            .iter()
            .map(|ticket| sheets[*ticket].digits.are_lost())
            .collect();
        let known = truncated.into_iter().filter_map(|(ticket, cut, known)| {
            let origin = origin_of[ticket as usize]?;
            (!cut || lossy[origin as usize]).then_some(known)
        });
        let truncated = known.collect();
        let mut of_sheet: Vec<Option<SourceSheet>> = sheets
            .into_iter()
            .map(|open| (!open.void).then_some(open.sheet))
            .collect();
        let sheets: Vec<SourceSheet> = order
            .into_iter()
            .filter_map(|ticket| of_sheet[ticket].take())
            .collect();
        let mut common = Common::of(&sheets, scheme, lossy, truncated)?;
        common.there.extend(
            stated
                .into_iter()
                .filter(|(ticket, _)| origin_of[*ticket as usize].is_some())
                .map(|(_, kind)| kind),
        );
        common.unknown_words = words(unknown, &origin_of);
        for (origin, cells) in in_row_order(cells, &origin_of) {
            common.unread.vstack_mut_owned(of_origin(cells, origin)?)?;
        }
        let mut mended = in_row_order(repairs, &origin_of);
        if scratch.is_none() {
            for (origin, repairs) in mended.drain(..) {
                common
                    .repairs
                    .vstack_mut_owned(of_origin(repairs.read()?, origin)?)?;
            }
            common.repairs.rechunk_mut_par();
        }
        let (figures, of_figures) = figure_tables(figures, &sheets, &origin_of, scheme, as_of)?;
        common.take_figures(of_figures)?;
        common.unknown_words.sort();
        let mut buckets: Vec<BTreeMap<SourceKind, Shelf>> =
            (0..division.buckets).map(|_| BTreeMap::new()).collect();
        for (kind, shelves) in persons {
            for (bucket, shelf) in buckets.iter_mut().zip(shelves) {
                bucket.insert(kind, shelf);
            }
        }
        let buckets = buckets
            .into_iter()
            .map(|shelves| Mutex::new(Some(shelves)))
            .collect();
        let kept = (0..division.buckets)
            .map(|_| Mutex::new(Second::Nothing))
            .collect();
        let atlas = gazetteer.into_atlas();
        let mended = Mutex::new(mended);
        Ok(Buckets {
            common,
            figures,
            schemas,
            atlas,
            origin_of,
            buckets,
            kept,
            mended,
            scratch,
        })
    }
}

impl Taker for Sorter<'_> {
    fn begin(&self, sheet: &SourceSheet) -> u32 {
        let sheet = SourceSheet {
            table: sheet.table.clear(),
            ..sheet.clone()
        };
        let mut shelves = self.shelves();
        shelves.sheets.push(Open {
            sheet,
            rows: 0,
            digits: Digits::default(),
            void: false,
        });
        u32::try_from(shelves.sheets.len() - 1)
            .expect("fewer sheets than rows, and rows are counted in 32 bits")
    }

    fn take(&self, ticket: u32, rows: Handed<'_>) -> Result<(), Fault> {
        self.type_piece(ticket, rows)
    }

    fn void(&self, ticket: u32) {
        self.shelves().sheets[ticket as usize].void = true;
    }

    fn finish(&self, mut sheet: SourceSheet) -> Result<(), Fault> {
        let same = |open: &Open| {
            let (mine, theirs) = (&open.sheet.origin, &sheet.origin);
            !open.void
                && (mine.source, &mine.file, &mine.sheet)
                    == (theirs.source, &theirs.file, &theirs.sheet)
        };
        let begun = self
            .shelves()
            .sheets
            .iter()
            .position(same)
            .and_then(|at| u32::try_from(at).ok());
        let table = std::mem::take(&mut sheet.table);
        let ticket = match begun {
            Some(ticket) => ticket,
            None => self.begin(&SourceSheet {
                table: table.clear(),
                ..sheet.clone()
            }),
        };
        let is_new = !self.shelves().schemas.contains_key(&sheet.origin.source);
        if table.height() > 0 || is_new {
            let pieces = pieces_of(&table).map_err(broken)?;
            let slice =
                |(from, rows)| self.take(ticket, Handed::Frame(table.slice(from as i64, rows)));
            pieces.into_par_iter().try_for_each(slice)?;
        }
        drop(table);
        let mut shelves = self.shelves();
        let open = &mut shelves.sheets[ticket as usize];
        open.sheet = SourceSheet {
            table: DataFrame::empty(),
            ..sheet
        };
        Ok(())
    }
}

/// So many repairs of a piece are not worth a file.
const FEW_REPAIRS: usize = 256;

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

impl Shelves {
    /// Puts a piece's parts on their shelves, and hands back what has waited long enough to be written.
    fn put(
        &mut self,
        kind: SourceKind,
        parts: Vec<(usize, Waiting)>,
        division: &Division,
    ) -> Vec<(usize, Vec<Waiting>)> {
        let shelves = self.persons.entry(kind).or_default();
        shelves.resize_with(division.buckets as usize, Shelf::default);
        let mut full = Vec::new();
        for (bucket, piece) in parts {
            let shelf = &mut shelves[bucket];
            shelf.waiting += piece.rows;
            shelf.pieces.push(piece);
            if division.scratch.is_some() && shelf.waiting >= division.waiting {
                shelf.waiting = 0;
                full.push((bucket, std::mem::take(&mut shelf.pieces)));
            }
        }
        full
    }
}

/// Books whose news the rows of a register state themselves.
fn stated(kind: SourceKind, frame: &DataFrame) -> impl Iterator<Item = SourceKind> + use<> {
    let states = |column: &str| {
        kind == SourceKind::Register
            && frame
                .column(column)
                .is_ok_and(|days| days.null_count() < days.len())
    };
    let deaths = states(c::DEATH).then_some(SourceKind::Deaths);
    deaths
        .into_iter()
        .chain(states(c::MOVED_OUT).then_some(SourceKind::Departures))
}

/// Numbers of a piece that are cut short, and those that may turn out to be (true).
fn truncated(frame: &DataFrame) -> PolarsResult<Vec<(bool, Truncated)>> {
    let (verdicts, cut) = (
        frame.column(c::ID_VERDICT)?.u8()?,
        frame.column(c::CUT)?.bool()?,
    );
    let (keys, ids, names) = (
        frame.column(c::KEY)?.u64()?,
        frame.column(c::ID)?.str()?,
        frame.column(c::NAME)?.str()?,
    );
    let mut found = Vec::new();
    for (at, (verdict, cut)) in verdicts.iter().zip(cut.iter()).enumerate() {
        let is_cut = cut == Some(true);
        if verdict == Some(Code::IdTruncated.index()) || is_cut {
            let number = || keys.get(at).and_then(|key| PersonKey(key).national_text());
            if let (Some(id), Some(name)) = (
                ids.get(at).map(str::to_owned).or_else(number),
                names.get(at),
            ) {
                found.push((
                    is_cut,
                    Truncated {
                        id,
                        name: name.to_owned(),
                    },
                ));
            }
        }
    }
    Ok(found)
}

/// Tickets of sheets that count, in order of source, file and sheet, and the place of every ticket in it.
fn in_order(sheets: &[Open]) -> (Vec<usize>, Vec<Option<u32>>) {
    let mut order: Vec<usize> = (0..sheets.len())
        .filter(|ticket| !sheets[*ticket].void)
        .collect();
    // Positions of origins then say the order of files, which decides where values are equal.
    order.sort_by(|a, b| {
        let key = |ticket: usize| {
            let origin = &sheets[ticket].sheet.origin;
            (origin.source, &origin.file, &origin.sheet)
        };
        key(*a).cmp(&key(*b))
    });
    let mut origin_of = vec![None; sheets.len()];
    for (at, ticket) in (0u32..).zip(&order) {
        origin_of[*ticket] = Some(at);
    }
    (order, origin_of)
}

/// Unknown words with the rows that use them, by source, column and word.
fn words(unknown: Vec<(u32, UnknownWord)>, origin_of: &[Option<u32>]) -> Vec<UnknownWord> {
    let mut counts: BTreeMap<(SourceKind, Field, String), u64> = BTreeMap::new();
    for (_, word) in unknown
        .into_iter()
        .filter(|(ticket, _)| origin_of[*ticket as usize].is_some())
    {
        *counts
            .entry((word.source, word.field, word.word))
            .or_default() += word.rows;
    }
    counts
        .into_iter()
        .map(|((source, field, word), rows)| UnknownWord {
            source,
            field,
            word,
            rows,
        })
        .collect()
}

/// What pieces say in order of source, file, sheet and row, with their origins; pieces that do not count are left out.
fn in_row_order<T>(mut pieces: Vec<(u32, u32, T)>, origin_of: &[Option<u32>]) -> Vec<(u32, T)> {
    pieces.sort_by_key(|(ticket, from, _)| (origin_of[*ticket as usize], *from));
    pieces
        .into_iter()
        .filter_map(|(ticket, _, said)| Some((origin_of[ticket as usize]?, said)))
        .collect()
}

/// Frames of tables of figures, and what else was noted of them.
type FigureTables = (Vec<(SourceKind, DataFrame)>, Vec<Typed>);

/// Tables of figures are few and small: typed as wholes, source by source.
fn figure_tables(
    pieces: Vec<(u32, DataFrame)>,
    sheets: &[SourceSheet],
    origin_of: &[Option<u32>],
    scheme: &Scheme,
    as_of: NaiveDate,
) -> Result<FigureTables> {
    let mut of_origin: BTreeMap<u32, DataFrame> = BTreeMap::new();
    for (ticket, table) in pieces {
        let Some(origin) = origin_of[ticket as usize] else {
            continue;
        };
        match of_origin.get_mut(&origin) {
            Some(mine) => {
                mine.vstack_mut_owned(table)?;
            }
            None => {
                of_origin.insert(origin, table);
            }
        }
    }
    let mut books: BTreeMap<SourceKind, Vec<(u32, SourceSheet)>> = BTreeMap::new();
    for (origin, mut table) in of_origin {
        table.sort_in_place(
            [c::ROW],
            SortMultipleOptions::default().with_maintain_order(true),
        )?;
        let sheet = SourceSheet {
            table,
            ..sheets[origin as usize].clone()
        };
        books
            .entry(sheet.origin.source)
            .or_default()
            .push((origin, sheet));
    }
    let (mut frames, mut rest) = (Vec::new(), Vec::new());
    for (kind, book) in books {
        let mut typed = typed_book(
            &Table::new(kind, book)?,
            scheme,
            &Gazetteer::default(),
            as_of,
        )?;
        frames.push((kind, std::mem::take(&mut typed.frame)));
        rest.push(typed);
    }
    Ok((frames, rest))
}

/// A frame that breaks its contract is our bug, told as such.
fn broken(error: impl std::fmt::Display) -> Fault {
    panic!("a piece of rows that intake or refine made is not as promised: {error}")
}
