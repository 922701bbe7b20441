//! Sorting: rows are typed piece by piece while files are still being read, and every row goes into the bucket of its person.
//!
//! In:  sheets and pieces of their rows, from several threads and in any order.
//! Out: `Buckets`: all rows of a person in one of them, in order of file, sheet and row.
//!
//! Buckets stay in memory, or lie in a scratch folder that goes when the buckets go, also after a fault. What becomes of a
//! row does not depend on how many buckets there are: whatever looks at several rows looks at those of one person.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use chrono::NaiveDate;
use polars::prelude::*;
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;
use polars_io::parquet::write::{ParquetCompression, ParquetWriter, StatisticsOptions};
use rayon::prelude::*;

use super::identity::Digits;
use super::places::{Atlas, Gazetteer};
use super::settle::{self, Sheets};
use super::table::Table;
use super::{Rows, Truncated, Typed, UnknownWord, no_repairs, typed_book};
use crate::domain::{Code, FateCounts, Fault, Field, PersonKey, Repair, SourceKind, columns as c};
use crate::intake::{Handed, Origin, Sheet, Taker, TotalRow};
use crate::scheme::Scheme;

/// Into how many buckets, and where they lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Division {
    /// Number of buckets; at least one.
    pub buckets: u32,
    /// Folder for buckets that do not fit into memory; `None` = they do.
    pub scratch: Option<PathBuf>,
    /// Rows of one source and bucket that wait in memory before they are written.
    pub waiting: usize,
}

impl Division {
    /// Everything in one bucket, in memory.
    pub const WHOLE: Division = Division { buckets: 1, scratch: None, waiting: 0 };
}

/// The bucket of a key: a multiplicative hash, because plain mod would split by sex (the 17th digit).
pub fn bucket_of(key: u64, of: u32) -> u32 {
    u32::try_from((key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) % u64::from(of.max(1))).unwrap_or_default() // below `of`
}

/// Rows of one sheet, typed: they follow each other on the sheet.
struct Piece {
    /// The sheet's ticket.
    ticket: u32,
    /// Number of the first row.
    from: u32,
    rows: usize,
    columns: Vec<(PlSmallStr, Kept)>,
}

/// A column while it waits. One that holds nothing is left out.
enum Kept {
    Whole(Column),
    /// The rows that hold anything, and what.
    Rare(Vec<u32>, Column),
}

/// A sheet while its rows come in.
struct Open {
    sheet: Sheet,
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
    repairs: Vec<(u32, u32, DataFrame)>,
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

/// A source's rows of one bucket.
#[derive(Default)]
struct Shelf {
    pieces: Vec<Piece>,
    /// Rows in `pieces`.
    waiting: usize,
    files: Vec<PathBuf>,
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
        let Typed { frame, repairs, unknown_words, .. } =
            typed_book(&table, self.scheme, &self.gazetteer, self.as_of).map_err(broken)?;
        let digits = *table.digits.lock().unwrap_or_else(PoisonError::into_inner);
        drop(table);
        let truncated = truncated(&frame).map_err(broken)?;
        let schema = frame.schema().as_ref().clone();
        let stated = stated(kind, &frame);
        let parts = divided(&frame, ticket, from, self.division.buckets).map_err(broken)?;
        drop(frame);
        let mut shelves = self.shelves();
        shelves.sheets[ticket as usize].digits += digits;
        shelves.sheets[ticket as usize].rows += height;
        shelves.schemas.entry(kind).or_default().merge(schema);
        if repairs.height() > 0 {
            shelves.repairs.push((ticket, from, repairs));
        }
        shelves.stated.extend(stated.map(|kind| (ticket, kind)));
        shelves.unknown.extend(unknown_words.into_iter().map(|word| (ticket, word)));
        shelves.truncated.extend(truncated.into_iter().map(|(cut, known)| (ticket, cut, known)));
        let full = shelves.put(kind, parts, &self.division);
        let schema = shelves.schemas[&kind].clone();
        drop(shelves);
        for (bucket, pieces) in full {
            let file = self.write(kind, bucket, pieces, &schema)?;
            self.shelves().persons.entry(kind).or_default()[bucket].files.push(file);
        }
        Ok(())
    }

    /// Writes rows that waited long enough.
    fn write(&self, kind: SourceKind, bucket: usize, pieces: Vec<Piece>, schema: &Schema) -> Result<PathBuf, Fault> {
        let folder = self.scratch.as_ref().map(|scratch| scratch.folder.clone()).unwrap_or_default(); // only asked with a scratch
        let path = folder.join(format!("{}-{bucket}-{}.parquet", kind.code(), self.files.fetch_add(1, Relaxed)));
        write(&path, &mut stacked(&pieces, schema).map_err(broken)?)?;
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
        let Sorter { scheme, as_of, division, scratch, gazetteer, shelves, .. } = self;
        let shelves = shelves.into_inner().unwrap_or_else(PoisonError::into_inner);
        let Shelves { sheets, repairs, unknown, truncated, stated, schemas, figures, persons } = shelves;
        let (order, origin_of) = in_order(&sheets);
        for open in order.iter().map(|ticket| &sheets[*ticket]) {
            let Sheet { origin, set_aside, .. } = &open.sheet;
            let accounted = open.rows + set_aside.total();
            assert_eq!(origin.rows_read, accounted, "rows lost or born in {} {}", origin.file, origin.sheet);
        }
        let lossy: Vec<bool> = order.iter().map(|ticket| sheets[*ticket].digits.are_lost()).collect();
        let known = truncated.into_iter().filter_map(|(ticket, cut, known)| {
            let origin = origin_of[ticket as usize]?;
            (!cut || lossy[origin as usize]).then_some(known)
        });
        let truncated = known.collect();
        let mut of_sheet: Vec<Option<Sheet>> = sheets.into_iter().map(|open| (!open.void).then_some(open.sheet)).collect();
        let sheets: Vec<Sheet> = order.into_iter().filter_map(|ticket| of_sheet[ticket].take()).collect();
        let mut common = Common::of(&sheets, scheme, lossy, truncated);
        common.there.extend(stated.into_iter().filter(|(ticket, _)| origin_of[*ticket as usize].is_some()).map(|(_, kind)| kind));
        common.unknown_words = words(unknown, &origin_of);
        common.repairs = joined_repairs(repairs, &origin_of)?;
        common.unread = unread(&common.repairs)?;
        let (figures, of_figures) = figure_tables(figures, &sheets, &origin_of, scheme, as_of)?;
        common.take_figures(of_figures)?;
        common.unknown_words.sort();
        let mut buckets: Vec<BTreeMap<SourceKind, Shelf>> = (0..division.buckets).map(|_| BTreeMap::new()).collect();
        for (kind, shelves) in persons {
            for (bucket, shelf) in buckets.iter_mut().zip(shelves) {
                bucket.insert(kind, shelf);
            }
        }
        let buckets = buckets.into_iter().map(|shelves| Mutex::new(Some(shelves))).collect();
        let kept = (0..division.buckets).map(|_| Mutex::new(Second::Nothing)).collect();
        let atlas = gazetteer.into_atlas();
        Ok(Buckets { common, figures, schemas, atlas, origin_of, buckets, kept, scratch })
    }
}

impl Taker for Sorter<'_> {
    fn begin(&self, sheet: &Sheet) -> u32 {
        let sheet = Sheet { table: sheet.table.clear(), ..sheet.clone() };
        let mut shelves = self.shelves();
        shelves.sheets.push(Open { sheet, rows: 0, digits: Digits::default(), void: false });
        u32::try_from(shelves.sheets.len() - 1).expect("fewer sheets than rows, and rows are counted in 32 bits")
    }

    fn take(&self, ticket: u32, rows: Handed<'_>) -> Result<(), Fault> {
        self.type_piece(ticket, rows)
    }

    fn void(&self, ticket: u32) {
        self.shelves().sheets[ticket as usize].void = true;
    }

    fn finish(&self, mut sheet: Sheet) -> Result<(), Fault> {
        let same = |open: &Open| {
            let (mine, theirs) = (&open.sheet.origin, &sheet.origin);
            !open.void && (mine.source, &mine.file, &mine.sheet) == (theirs.source, &theirs.file, &theirs.sheet)
        };
        let begun = self.shelves().sheets.iter().position(same).and_then(|at| u32::try_from(at).ok());
        let table = std::mem::take(&mut sheet.table);
        let ticket = match begun {
            Some(ticket) => ticket,
            None => self.begin(&Sheet { table: table.clear(), ..sheet.clone() }),
        };
        let is_new = !self.shelves().schemas.contains_key(&sheet.origin.source);
        if table.height() > 0 || is_new {
            let pieces = pieces_of(&table).map_err(broken)?;
            let slice = |(from, rows)| self.take(ticket, Handed::Frame(table.slice(from as i64, rows)));
            pieces.into_par_iter().try_for_each(slice)?;
        }
        drop(table);
        let mut shelves = self.shelves();
        let open = &mut shelves.sheets[ticket as usize];
        open.sheet = Sheet { table: DataFrame::empty(), ..sheet };
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

impl Shelves {
    /// Puts a piece's parts on their shelves, and hands back what has waited long enough to be written.
    fn put(&mut self, kind: SourceKind, parts: Vec<(usize, Piece)>, division: &Division) -> Vec<(usize, Vec<Piece>)> {
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

/// What every bucket's `Rows` share.
struct Common {
    origins: Vec<Origin>,
    set_aside: Vec<FateCounts>,
    fields: Vec<Vec<Field>>,
    totals: Vec<(u32, TotalRow)>,
    old: Vec<bool>,
    lossy: Vec<bool>,
    truncated: Vec<Truncated>,
    there: BTreeSet<SourceKind>,
    unknown_words: Vec<UnknownWord>,
    repairs: DataFrame,
    /// Those of `repairs` that could not be read at all.
    unread: DataFrame,
}

impl Common {
    fn of(sheets: &[Sheet], scheme: &Scheme, lossy: Vec<bool>, truncated: Vec<Truncated>) -> Common {
        let origins: Vec<Origin> = sheets.iter().map(|sheet| sheet.origin.clone()).collect();
        let mut old = Vec::with_capacity(origins.len());
        for book in origins.chunk_by(|a, b| a.source == b.source) {
            old.extend(settle::superseded(book[0].source, book.iter(), scheme));
        }
        let numbered = || (0u32..).zip(sheets);
        let is_figures = |sheet: &(u32, &Sheet)| !sheet.1.origin.source.has_persons();
        let totals = numbered().filter(is_figures).flat_map(|(at, sheet)| sheet.totals.iter().map(move |row| (at, row.clone())));
        Common {
            set_aside: sheets.iter().map(|sheet| sheet.set_aside).collect(),
            fields: sheets.iter().map(|sheet| sheet.columns.iter().filter_map(|column| column.field).collect()).collect(),
            totals: totals.collect(),
            old,
            lossy,
            truncated,
            there: origins.iter().map(|origin| origin.source).collect(),
            unknown_words: Vec::new(),
            repairs: DataFrame::empty(),
            unread: DataFrame::empty(),
            origins,
        }
    }

    /// Repairs and unknown words of tables of figures.
    fn take_figures(&mut self, figures: Vec<Typed>) -> Result<()> {
        for mut typed in figures {
            self.unknown_words.append(&mut typed.unknown_words);
            self.unread.vstack_mut(&unread(&typed.repairs)?)?;
            self.repairs.vstack_mut_owned(typed.repairs)?;
        }
        Ok(())
    }

    fn rows(&self, frames: Vec<(SourceKind, DataFrame)>, set_aside: Vec<FateCounts>, repairs: DataFrame) -> Rows {
        Rows {
            origins: self.origins.clone(),
            set_aside,
            fields: self.fields.clone(),
            totals: self.totals.clone(),
            frames,
            repairs,
            truncated: self.truncated.clone(),
            there: self.there.clone(),
            unknown_words: self.unknown_words.clone(),
        }
    }
}

/// All input rows, person by person in buckets. Goes with its scratch folder.
pub struct Buckets {
    common: Common,
    figures: Vec<(SourceKind, DataFrame)>,
    schemas: BTreeMap<SourceKind, Schema>,
    atlas: Atlas,
    /// Position in `Rows::origins` of every ticket; `None` = its rows do not count.
    origin_of: Vec<Option<u32>>,
    buckets: Vec<Mutex<Option<BTreeMap<SourceKind, Shelf>>>>,
    /// What is kept of each for a second look.
    kept: Vec<Mutex<Second>>,
    scratch: Option<Scratch>,
}

/// A frame that is kept, in memory or in scratch.
enum Second {
    Nothing,
    Frame(DataFrame),
    File(PathBuf),
}

impl Buckets {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.buckets.len()
    }

    /// The folder where buckets lie that do not fit into memory. It goes when this goes.
    pub fn scratch(&self) -> Option<&Path> {
        self.scratch.as_ref().map(|scratch| scratch.folder.as_path())
    }

    /// Rows counted while reading.
    pub fn rows_read(&self) -> u64 {
        self.common.origins.iter().map(|origin| origin.rows_read).sum()
    }

    /// What is in no bucket: origins, rows set aside, tables of figures, all repairs and unknown words.
    pub fn figures(&self) -> Rows {
        self.common.rows(self.figures.clone(), self.common.set_aside.clone(), self.common.repairs.clone())
    }

    /// The rows of one bucket, each with its fate. Its repairs are those that could not be read. A bucket is opened once: its
    /// rows are let go of.
    ///
    /// # Errors
    /// `Fault` where a scratch file cannot be read.
    ///
    /// # Panics
    /// When it was opened before.
    pub fn open(&self, at: usize) -> Result<Rows> {
        let shelves = self.buckets[at].lock().unwrap_or_else(PoisonError::into_inner).take();
        let shelves = shelves.expect("a bucket is opened once");
        let sheets = Sheets { origins: &self.common.origins, old: &self.common.old, lossy: &self.common.lossy };
        let settled = |(kind, shelf)| -> Result<(SourceKind, DataFrame)> {
            let frame = self.gathered(kind, shelf, &self.schemas[&kind])?;
            Ok((kind, settle::settled(kind, &frame, &sheets)?))
        };
        let frames = shelves.into_par_iter().map(settled).collect::<Result<_>>()?;
        let nothing = vec![FateCounts::default(); self.common.origins.len()];
        Ok(self.common.rows(frames, nothing, self.common.unread.clone()))
    }

    /// Keeps a frame of a bucket for later: in memory, or where the buckets lie.
    ///
    /// # Errors
    /// `Fault` where scratch cannot be written.
    pub fn keep(&self, at: usize, mut frame: DataFrame) -> Result<()> {
        let kept = match &self.scratch {
            None => Second::Frame(frame),
            Some(scratch) => {
                let path = scratch.folder.join(format!("kept-{at}.parquet"));
                write(&path, &mut frame)?;
                Second::File(path)
            }
        };
        *self.kept[at].lock().unwrap_or_else(PoisonError::into_inner) = kept;
        Ok(())
    }

    /// What was kept of a bucket, once.
    ///
    /// # Errors
    /// `Fault` where scratch cannot be read.
    pub fn kept(&self, at: usize) -> Result<DataFrame> {
        let mut kept = self.kept[at].lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *kept, Second::Nothing) {
            Second::Nothing => Ok(DataFrame::empty()),
            Second::Frame(frame) => Ok(frame),
            Second::File(path) => Ok(read_back(&path)?),
        }
    }

    /// Everything as one.
    ///
    /// # Errors
    /// As `open`.
    pub fn whole(self) -> Result<Rows> {
        let mut all = self.figures();
        for at in 0..self.count() {
            for (kind, frame) in self.open(at)?.frames {
                match all.frames.iter_mut().find(|(mine, _)| *mine == kind) {
                    Some((_, mine)) => {
                        mine.vstack_mut_owned(frame)?;
                    }
                    None => all.frames.push((kind, frame)),
                }
            }
        }
        all.frames.sort_by_key(|(kind, _)| *kind);
        Ok(all)
    }

    /// A shelf's rows in order of file, sheet and row, under the origins' own numbers.
    fn gathered(&self, kind: SourceKind, shelf: Shelf, schema: &Schema) -> Result<DataFrame> {
        let Shelf { mut pieces, files, .. } = shelf;
        let is_valid = |piece: &Piece| self.origin_of[piece.ticket as usize].is_some();
        pieces.retain(is_valid);
        pieces.sort_by_key(|piece| (self.origin_of[piece.ticket as usize], piece.from));
        let from_disk = files.iter().map(|file| read_back(file)).collect::<Result<Vec<_>, Fault>>()?;
        let is_from_disk = !from_disk.is_empty();
        let mut whole = stacked(&pieces, schema)?;
        drop(pieces);
        for frame in from_disk {
            whole.vstack_mut_owned(widened(&frame, schema)?)?;
        }
        if is_from_disk {
            whole.rechunk_mut_par();
        }
        let tickets = whole.column(c::ORIGIN)?.u32()?;
        let origins: UInt32Chunked = tickets.iter().map(|ticket| self.origin_of[ticket? as usize]).collect();
        whole.with_column(origins.with_name(c::ORIGIN.into()).into_column())?;
        if is_from_disk {
            whole = in_row_order(whole)?;
        }
        self.atlas.spell_out(&mut whole, kind.is_pooled())?;
        Ok(whole)
    }
}

/// Rows that came back from disk lie as they came in; those of sheets that do not count are left out.
fn in_row_order(frame: DataFrame) -> Result<DataFrame> {
    let origins = frame.column(c::ORIGIN)?.u32()?;
    let rows = frame.column(c::ROW)?.u32()?;
    let places = origins.iter().zip(rows.iter()).zip(0 as IdxSize..);
    let mut order: Vec<(u64, IdxSize)> =
        places.filter_map(|((origin, row), at)| Some((u64::from(origin?) << 32 | u64::from(row?), at))).collect();
    // Stable: persons of one household's row keep their order.
    order.sort_by_key(|(place, _)| *place);
    let order = IdxCa::from_vec("".into(), order.into_iter().map(|(_, at)| at).collect());
    Ok(frame.take(&order)?)
}

/// Scratch is read once, by the same program: what is fast to write and read.
fn write(path: &Path, frame: &mut DataFrame) -> Result<(), Fault> {
    let mut write = || -> PolarsResult<()> {
        frame.rechunk_mut_par();
        let writer = ParquetWriter::new(File::create(path)?);
        let writer = writer.with_compression(ParquetCompression::Lz4Raw).with_statistics(StatisticsOptions::empty());
        writer.set_parallel(false).with_row_group_size(Some(frame.height().max(1))).finish(frame)?;
        Ok(())
    };
    write().map_err(|error| unwritable(path, &error))
}

fn read_back(file: &Path) -> Result<DataFrame, Fault> {
    let read = || ParquetReader::new(File::open(file)?).set_rechunk(false).finish();
    let unreadable = |error: PolarsError| Fault::Unreadable { file: file.display().to_string(), reason: error.to_string() };
    let frame = read().map_err(unreadable)?;
    // What was read is not needed again, and scratch takes room.
    let _ = std::fs::remove_file(file);
    Ok(frame)
}

/// Pieces as one frame with all columns of a schema: what a piece lacks is null.
fn stacked(pieces: &[Piece], schema: &Schema) -> PolarsResult<DataFrame> {
    let rows = pieces.iter().map(|piece| piece.rows).sum();
    let column = |(name, kind): (&PlSmallStr, &DataType)| -> PolarsResult<Column> {
        if *name == c::ORIGIN {
            let mut tickets = Vec::with_capacity(rows);
            pieces.iter().for_each(|piece| tickets.resize(tickets.len() + piece.rows, piece.ticket));
            return Ok(UInt32Chunked::from_vec(name.clone(), tickets).into_column());
        }
        let of_piece = |piece: &Piece| piece.columns.iter().position(|(mine, _)| mine == name);
        if pieces.iter().all(|piece| of_piece(piece).is_none()) {
            return Ok(Column::full_null(name.clone(), rows, kind));
        }
        let mut whole = Series::new_empty(name.clone(), kind);
        for piece in pieces {
            match of_piece(piece).map(|at| &piece.columns[at].1) {
                Some(Kept::Whole(column)) => whole.append(column.as_materialized_series())?,
                Some(Kept::Rare(at, values)) => whole.append(&spread(at, values, piece.rows)?)?,
                None => whole.append(&Series::full_null(name.clone(), piece.rows, kind))?,
            };
        }
        Ok(whole.rechunk().into_column())
    };
    let columns = schema.iter().map(column).collect::<PolarsResult<_>>()?;
    DataFrame::new(rows, columns)
}

/// A frame that was written before other sheets brought further columns.
fn widened(frame: &DataFrame, schema: &Schema) -> PolarsResult<DataFrame> {
    let column = |(name, kind): (&PlSmallStr, &DataType)| {
        frame.column(name).cloned().unwrap_or_else(|_| Column::full_null(name.clone(), frame.height(), kind))
    };
    DataFrame::new(frame.height(), schema.iter().map(column).collect())
}

/// A rare column over all rows of its piece.
fn spread(at: &[u32], values: &Column, rows: usize) -> PolarsResult<Series> {
    let mut place = vec![None; rows];
    for (which, at) in (0 as IdxSize..).zip(at) {
        place[*at as usize] = Some(which);
    }
    let place: IdxCa = place.into_iter().collect();
    Ok(values.take(&place)?.take_materialized_series())
}

/// A column of which less than one row in so many holds anything is kept as those rows.
const RARE: usize = 8;

/// A piece's rows by bucket, in their order.
fn divided(frame: &DataFrame, ticket: u32, from: u32, buckets: u32) -> PolarsResult<Vec<(usize, Piece)>> {
    let mut of_bucket: Vec<Vec<IdxSize>> = vec![Vec::new(); buckets as usize];
    // The bucket of every row, and its place in it.
    let mut places: Vec<(u32, u32)> = Vec::with_capacity(frame.height());
    for (at, key) in (0 as IdxSize..).zip(frame.column(c::KEY)?.u64()?.into_no_null_iter()) {
        let bucket = bucket_of(key, buckets);
        let rows = &mut of_bucket[bucket as usize];
        places.push((bucket, rows.len() as IdxSize));
        rows.push(at);
    }
    let mut pieces: Vec<Piece> =
        of_bucket.iter().map(|rows| Piece { ticket, from, rows: rows.len(), columns: Vec::new() }).collect();
    let of_bucket: Vec<IdxCa> = of_bucket.into_iter().map(|rows| IdxCa::from_vec("".into(), rows)).collect();
    for column in frame.columns().iter().filter(|column| *column.name() != c::ORIGIN) {
        let held = column.len() - column.null_count();
        if held == 0 {
            continue;
        }
        let mut keep = |bucket: usize, kept| pieces[bucket].columns.push((column.name().clone(), kept));
        if held * RARE >= column.len() {
            for (bucket, rows) in of_bucket.iter().enumerate().filter(|(_, rows)| !rows.is_empty()) {
                // In one bucket the rows are what they are.
                let mine = if buckets == 1 { column.clone() } else { column.take(rows)? };
                keep(bucket, Kept::Whole(mine));
            }
            continue;
        }
        let (mut rows, mut at): (Vec<Vec<IdxSize>>, Vec<Vec<u32>>) =
            (vec![Vec::new(); buckets as usize], vec![Vec::new(); buckets as usize]);
        let is_held = column.is_not_null();
        for (row, _) in is_held.iter().enumerate().filter(|(_, held)| *held == Some(true)) {
            let (bucket, place) = places[row];
            rows[bucket as usize].push(row as IdxSize);
            at[bucket as usize].push(place);
        }
        for (bucket, (rows, at)) in rows.into_iter().zip(at).enumerate().filter(|(_, (rows, _))| !rows.is_empty()) {
            keep(bucket, Kept::Rare(at, column.take(&IdxCa::from_vec("".into(), rows))?));
        }
    }
    Ok(pieces.into_iter().enumerate().filter(|(_, piece)| piece.rows > 0).collect())
}

/// Books whose news the rows of a register state themselves.
fn stated(kind: SourceKind, frame: &DataFrame) -> impl Iterator<Item = SourceKind> + use<> {
    let states =
        |column: &str| kind == SourceKind::Register && frame.column(column).is_ok_and(|days| days.null_count() < days.len());
    let deaths = states(c::DEATH).then_some(SourceKind::Deaths);
    deaths.into_iter().chain(states(c::MOVED_OUT).then_some(SourceKind::Departures))
}

/// Numbers of a piece that are cut short, and those that may turn out to be (true).
fn truncated(frame: &DataFrame) -> PolarsResult<Vec<(bool, Truncated)>> {
    let (verdicts, cut) = (frame.column(c::ID_VERDICT)?.u8()?, frame.column(c::CUT)?.bool()?);
    let (keys, ids, names) = (frame.column(c::KEY)?.u64()?, frame.column(c::ID)?.str()?, frame.column(c::NAME)?.str()?);
    let mut found = Vec::new();
    for (at, (verdict, cut)) in verdicts.iter().zip(cut.iter()).enumerate() {
        let is_cut = cut == Some(true);
        if verdict == Some(Code::IdTruncated.index()) || is_cut {
            let number = || keys.get(at).and_then(|key| PersonKey(key).national_text());
            if let (Some(id), Some(name)) = (ids.get(at).map(str::to_owned).or_else(number), names.get(at)) {
                found.push((is_cut, Truncated { id, name: name.to_owned() }));
            }
        }
    }
    Ok(found)
}

/// Tickets of sheets that count, in order of source, file and sheet, and the place of every ticket in it.
fn in_order(sheets: &[Open]) -> (Vec<usize>, Vec<Option<u32>>) {
    let mut order: Vec<usize> = (0..sheets.len()).filter(|ticket| !sheets[*ticket].void).collect();
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
    for (_, word) in unknown.into_iter().filter(|(ticket, _)| origin_of[*ticket as usize].is_some()) {
        *counts.entry((word.source, word.field, word.word)).or_default() += word.rows;
    }
    counts.into_iter().map(|((source, field, word), rows)| UnknownWord { source, field, word, rows }).collect()
}

/// Repairs of all pieces in order of source, file, sheet and row.
fn joined_repairs(mut pieces: Vec<(u32, u32, DataFrame)>, origin_of: &[Option<u32>]) -> Result<DataFrame> {
    pieces.retain(|(ticket, ..)| origin_of[*ticket as usize].is_some());
    pieces.sort_by_key(|(ticket, from, _)| (origin_of[*ticket as usize], *from));
    let mut all = no_repairs()?;
    for (ticket, _, mut frame) in pieces {
        let origin = origin_of[ticket as usize].unwrap_or_default(); // those without one are gone
        frame.with_column(UInt32Chunked::full(c::ORIGIN.into(), origin, frame.height()).into_column())?;
        all.vstack_mut_owned(frame)?;
    }
    all.rechunk_mut_par();
    Ok(all)
}

/// Cells that could not be read.
fn unread(repairs: &DataFrame) -> PolarsResult<DataFrame> {
    let rules = repairs.column(c::RULE)?.u8()?;
    let is_unread: BooleanChunked = rules.into_no_null_iter().map(|rule| rule == Repair::Unreadable.index()).collect();
    repairs.filter(&is_unread)
}

/// Frames of tables of figures, and what else was noted of them.
type FigureTables = (Vec<(SourceKind, DataFrame)>, Vec<Typed>);

/// Tables of figures are few and small: typed as wholes, source by source.
fn figure_tables(
    pieces: Vec<(u32, DataFrame)>,
    sheets: &[Sheet],
    origin_of: &[Option<u32>],
    scheme: &Scheme,
    as_of: NaiveDate,
) -> Result<FigureTables> {
    let mut of_origin: BTreeMap<u32, DataFrame> = BTreeMap::new();
    for (ticket, table) in pieces {
        let Some(origin) = origin_of[ticket as usize] else { continue };
        match of_origin.get_mut(&origin) {
            Some(mine) => {
                mine.vstack_mut_owned(table)?;
            }
            None => {
                of_origin.insert(origin, table);
            }
        }
    }
    let mut books: BTreeMap<SourceKind, Vec<(u32, Sheet)>> = BTreeMap::new();
    for (origin, mut table) in of_origin {
        table.sort_in_place([c::ROW], SortMultipleOptions::default().with_maintain_order(true))?;
        let sheet = Sheet { table, ..sheets[origin as usize].clone() };
        books.entry(sheet.origin.source).or_default().push((origin, sheet));
    }
    let (mut frames, mut rest) = (Vec::new(), Vec::new());
    for (kind, book) in books {
        let mut typed = typed_book(&Table::new(kind, book)?, scheme, &Gazetteer::default(), as_of)?;
        frames.push((kind, std::mem::take(&mut typed.frame)));
        rest.push(typed);
    }
    Ok((frames, rest))
}

/// A folder for buckets, gone when this goes. It holds numbers of persons in clear: nobody else may look into it.
#[derive(Debug)]
struct Scratch {
    folder: PathBuf,
}

impl Scratch {
    fn make(folder: PathBuf) -> Result<Scratch, Fault> {
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        // What a killed run left is nobody's.
        if folder.exists() {
            std::fs::remove_dir_all(&folder).map_err(|error| Fault::unwritable(folder.clone(), &error))?;
        }
        builder.recursive(true).create(&folder).map_err(|error| Fault::unwritable(folder.clone(), &error))?;
        Ok(Scratch { folder })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A frame that breaks its contract is our bug, told as such.
fn broken(error: impl std::fmt::Display) -> Fault {
    panic!("a piece of rows that intake or refine made is not as promised: {error}")
}

fn unwritable(path: &Path, error: &PolarsError) -> Fault {
    match error {
        PolarsError::IO { error, .. } => Fault::unwritable(path.to_owned(), error),
        other => Fault::unwritable(path.to_owned(), &std::io::Error::other(other.to_string())),
    }
}
