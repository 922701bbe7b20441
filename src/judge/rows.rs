//! Records by themselves: numbers, names, words, repetitions. Looks at all rows, joined to nobody.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use polars::prelude::*;
use rayon::prelude::*;

use super::note::{Homes, Note, in_their_regions, n, nothing};
use super::suspects::Candidates;
use crate::domain::{Code, Fate, Field as Meaning, Region, RegionTree, SourceKind, columns as c};
use crate::refine::Rows;
use crate::scheme::{Mode, Scheme};

/// Sheet and number of a row, and the field and text of each cell in it that could not be read.
type UnreadRow<'c> = (u32, u32, Vec<(&'c str, &'c str)>);

// Columns that live only in this file.
const CANDIDATES: &str = "candidates";
const INSIDE: &str = "inside";

/// Regions at most that a word is said to be perhaps.
const MOST_REGIONS: usize = 5;

/// Distinct words at most for which near-names are looked up: their candidates are ranked by likeness.
const MOST_WORDS: usize = 1_000;

/// Findings that only all buckets together can finish. They add up.
#[derive(Default)]
pub(super) struct Later {
    /// id-truncated by book, without the numbers they may have been.
    truncated: Vec<(SourceKind, DataFrame)>,
    /// region-unknown by book, without the regions they may be; INSIDE is the region that the row names rightly.
    unknown: Vec<(SourceKind, DataFrame)>,
    /// region-ambiguous, likewise.
    ambiguous: Vec<DataFrame>,
    /// Repetitions between increments: (book, file that is kept, other file) → sheets and count.
    pairs: BTreeMap<(SourceKind, String, String), (u32, u32, u32)>,
}

impl Later {
    /// Adds what another bucket has.
    pub(super) fn append(&mut self, mut other: Later) {
        self.truncated.append(&mut other.truncated);
        self.unknown.append(&mut other.unknown);
        self.ambiguous.append(&mut other.ambiguous);
        for (pair, (mine, kept, count)) in other.pairs {
            let sum = self.pairs.entry(pair).or_insert((mine, kept, 0));
            *sum = (sum.0.min(mine), sum.1.min(kept), sum.2 + count);
        }
    }

    /// Its findings so far.
    pub(super) fn frames(&self) -> impl Iterator<Item = &DataFrame> {
        let of_books = self
            .truncated
            .iter()
            .chain(&self.unknown)
            .map(|(_, frame)| frame);
        of_books.chain(&self.ambiguous)
    }

    /// The same, to be changed.
    pub(super) fn frames_mut(&mut self) -> impl Iterator<Item = &mut DataFrame> {
        let of_books = self
            .truncated
            .iter_mut()
            .chain(&mut self.unknown)
            .map(|(_, frame)| frame);
        of_books.chain(&mut self.ambiguous)
    }

    /// Puts findings about rows where their persons are.
    pub(super) fn in_their_regions(&mut self, homes: &Homes<'_>) -> PolarsResult<()> {
        for frame in self.frames_mut() {
            *frame = in_their_regions(std::mem::take(frame), homes)?;
        }
        Ok(())
    }

    /// The findings, finished.
    pub(super) fn finished(
        self,
        candidates: &Candidates,
        tree: &RegionTree,
    ) -> PolarsResult<Vec<DataFrame>> {
        let mut found = Vec::new();
        for (kind, mut frame) in self.truncated {
            let (id, name) = (frame.column(c::ID)?.str()?, frame.column(c::NAME)?.str()?);
            let expected: StringChunked = id
                .iter()
                .zip(name.iter())
                .map(|(id, name)| candidates.for_number(kind, id?, name?))
                .collect();
            frame.with_column(expected.with_name(n::EXPECTED.into()).into_column())?;
            found.push(frame);
        }
        for (_, rows) in by_book(self.unknown)? {
            found.push(with_candidates(rows, |inside, word| {
                tree.near(inside, word, MOST_REGIONS)
            })?);
        }
        for (_, rows) in by_book(
            self.ambiguous
                .into_iter()
                .map(|rows| (SourceKind::Register, rows))
                .collect(),
        )? {
            found.push(with_candidates(rows, |inside, word| {
                tree.called(inside, word)
                    .into_iter()
                    .take(MOST_REGIONS)
                    .collect()
            })?);
        }
        found.push(repeated_files(self.pairs.into_values().collect())?);
        Ok(found)
    }
}

/// The frames of one book as one: words are looked up once.
fn by_book(frames: Vec<(SourceKind, DataFrame)>) -> PolarsResult<BTreeMap<SourceKind, DataFrame>> {
    let mut books: BTreeMap<SourceKind, DataFrame> = BTreeMap::new();
    for (kind, frame) in frames {
        match books.get_mut(&kind) {
            Some(mine) => {
                mine.vstack_mut_owned(frame)?;
            }
            None => {
                books.insert(kind, frame);
            }
        }
    }
    Ok(books)
}

/// Findings of this family for one bucket, or for the tables of figures.
pub(super) fn findings(
    rows: &Rows,
    scheme: &Scheme,
    unread: &Unread,
    later: &mut Later,
) -> PolarsResult<Vec<DataFrame>> {
    let mut found = Vec::new();
    let mut ambiguous: Option<DataFrame> = None;
    for (kind, frame) in &rows.frames {
        let frame = if kind.has_persons() {
            noteworthy(frame, unread)?
        } else {
            with_no_person(frame)?
        };
        let counted = frame.filter(&of_fates(&frame, &[Fate::IdUnusable, Fate::Used])?)?;
        if kind.has_persons() {
            found.extend(unusable_numbers(&counted, *kind, later)?);
            found.push(
                Note::row_of_person(Code::NameMissing)
                    .of_those(&counted, &nameless(&counted, rows)?)?,
            );
            found.push(repeated(&frame, *kind, rows, scheme, later)?);
        }
        if let Some(unknown) = with_verdict(&counted, Code::RegionUnknown)? {
            later
                .unknown
                .push((*kind, about_words(Code::RegionUnknown, unknown)?));
        }
        if let Some(more) = with_verdict(&counted, Code::RegionAmbiguous)? {
            // The same columns whatever the book.
            let more = more.select([
                c::KEY,
                c::ID_VERDICT,
                c::ID,
                c::NAME,
                c::REGION,
                c::REGION_TEXT,
                c::ORIGIN,
                c::ROW,
            ])?;
            match &mut ambiguous {
                None => ambiguous = Some(more),
                Some(all) => {
                    all.vstack_mut(&more)?;
                }
            }
        }
        if let Ok(words) = frame.column(c::UNKNOWN_WORD) {
            let unknown = of_fates(&frame, &[Fate::OtherScheme, Fate::IdUnusable, Fate::Used])?
                & words.is_not_null();
            found.push(
                Note::row_of_person(Code::CategoryUnknown)
                    .found(col(c::UNKNOWN_WORD))
                    .of_those(&frame, &unknown)?,
            );
        }
        if let Ok(cases) = counted.column(c::UNKNOWN_CASE) {
            let note = Note::row_of_person(Code::CategoryUnknown)
                .texts(lit(Meaning::LateCase.code()), col(c::UNKNOWN_CASE));
            found.push(note.of_those(&counted, &cases.is_not_null())?);
        }
        let with_unread = unread.beside(&frame)?;
        if with_unread.height() > 0 {
            found.push(unreadable(with_unread)?);
        }
        if let Ok(alone) = counted.column(c::UNMATCHED) {
            let money = col(c::PERSONAL) + col(c::SUBSIDISED);
            found.push(
                Note::row_of_person(Code::ReversalUnmatched)
                    .amount(money)
                    .of_those(&counted, alone.bool()?)?,
            );
        }
    }
    later
        .ambiguous
        .extend(ambiguous.map(region_ambiguous).transpose()?);
    Ok(found)
}

/// Rows of a book that anything here could speak of: the others are looked at once and never again.
fn noteworthy(rows: &DataFrame, unread: &Unread) -> PolarsResult<DataFrame> {
    let mut noted = rows.column(c::FATE)?.u8()?.equal(Fate::Repeated.index());
    for name in [
        c::ID_VERDICT,
        c::REGION_VERDICT,
        c::UNKNOWN_WORD,
        c::UNKNOWN_CASE,
    ] {
        if let Ok(said) = rows.column(name)
            && said.null_count() < said.len()
        {
            noted = noted | said.is_not_null();
        }
    }
    if rows.column(c::NAME)?.null_count() > 0 {
        noted = noted | rows.column(c::NAME)?.is_null();
    }
    if let Ok(unmatched) = rows.column(c::UNMATCHED) {
        noted = &noted | unmatched.bool()?;
    }
    if !unread.at.is_empty() {
        noted = noted
            | unread
                .places(rows)?
                .map(|place| unread.at.contains_key(&place))
                .collect::<BooleanChunked>();
    }
    rows.filter(&noted)
}

pub(super) fn has_fate(fates: &[Fate]) -> Expr {
    fates.iter().fold(lit(false), |any, fate| {
        any.or(col(c::FATE).eq(lit(fate.index())))
    })
}

/// Rows that came to one of these.
fn of_fates(rows: &DataFrame, fates: &[Fate]) -> PolarsResult<BooleanChunked> {
    let came_to = rows.column(c::FATE)?.u8()?.iter();
    Ok(came_to
        .map(|fate| fates.iter().any(|one| Some(one.index()) == fate))
        .collect())
}

/// Rows whose place this is said of, if there are any.
fn with_verdict(rows: &DataFrame, verdict: Code) -> PolarsResult<Option<DataFrame>> {
    let said = rows.column(c::REGION_VERDICT)?.u8()?.equal(verdict.index());
    said.any().then(|| rows.filter(&said)).transpose()
}

/// Tasks name regions, not persons.
fn with_no_person(tasks: &DataFrame) -> PolarsResult<DataFrame> {
    let none = lit(NULL).cast(DataType::String);
    let nobody = [
        lit(NULL).cast(DataType::UInt64).alias(c::KEY),
        lit(NULL).cast(DataType::UInt8).alias(c::ID_VERDICT),
    ];
    tasks
        .clone()
        .lazy()
        .with_columns([none.clone().alias(c::ID), none.alias(c::NAME)])
        .with_columns(nobody)
        .collect()
}

fn unusable_numbers(
    rows: &DataFrame,
    kind: SourceKind,
    later: &mut Later,
) -> PolarsResult<Vec<DataFrame>> {
    let verdicts = rows.column(c::ID_VERDICT)?.u8()?;
    let of_code = |code: Code| {
        Note::row_of_person(code)
            .found(col(c::ID))
            .of_those(rows, &verdicts.equal(code.index()))
    };
    let truncated = of_code(Code::IdTruncated)?;
    if truncated.height() > 0 {
        later.truncated.push((kind, truncated));
    }
    [
        Code::IdMissing,
        Code::IdMalformed,
        Code::IdBirthdate,
        Code::IdChecksum,
    ]
    .into_iter()
    .map(of_code)
    .collect()
}

/// Cells that could not be read and that no other finding speaks of, row by row. An unread amount of a payment is
/// amount-wrong, an unread day of payment outside-window.
pub(super) struct Unread {
    /// A row a record: CANDIDATES the fields' codes, BEFORE the texts.
    cells: DataFrame,
    /// Where the cells of an (origin, row) stand in `cells`.
    at: PlHashMap<(u32, u32), IdxSize>,
}

impl Unread {
    /// Of rows as `Buckets::figures` has them.
    pub(super) fn of(rows: &Rows) -> PolarsResult<Unread> {
        let unread = &rows.unread;
        let (origins, fields) = (
            unread.column(c::ORIGIN)?.u32()?,
            unread.column(c::FIELD)?.u8()?,
        );
        let said_elsewhere = |origin: u32, field: Meaning| {
            let of_payments = rows.origins[origin as usize].source == SourceKind::Payments;
            of_payments
                && matches!(
                    field,
                    Meaning::PaidOn | Meaning::Personal | Meaning::Total | Meaning::Subsidy
                )
        };
        let cells = origins.into_no_null_iter().zip(fields.into_no_null_iter());
        let unsaid: BooleanChunked = cells
            .map(|(origin, field)| !said_elsewhere(origin, Meaning::at(field)))
            .collect();
        let unread = unread.filter(&unsaid)?;
        // Cells of one row follow each other; the persons of one household row share its cells.
        let mut cells: Vec<UnreadRow<'_>> = Vec::new();
        let places = unread
            .column(c::ORIGIN)?
            .u32()?
            .into_no_null_iter()
            .zip(unread.column(c::ROW)?.u32()?.into_no_null_iter());
        let fields = unread.column(c::FIELD)?.u8()?.into_no_null_iter();
        let texts = unread
            .column(c::BEFORE)?
            .str()?
            .iter()
            .map(Option::unwrap_or_default);
        for ((origin, row), (field, text)) in places.zip(fields.zip(texts)) {
            let cell = (Meaning::at(field).code(), text);
            match cells
                .last_mut()
                .filter(|(at, number, _)| (*at, *number) == (origin, row))
            {
                Some((.., known)) if known.contains(&cell) => {}
                Some((.., known)) => known.push(cell),
                None => cells.push((origin, row, vec![cell])),
            }
        }
        let joined = |part: fn(&(&str, &str)) -> String| -> Vec<String> {
            cells
                .iter()
                .map(|(.., of_row)| of_row.iter().map(part).collect::<Vec<_>>().join("|"))
                .collect()
        };
        Ok(Unread {
            at: cells
                .iter()
                .zip(0..)
                .map(|((origin, row, _), at)| ((*origin, *row), at))
                .collect(),
            cells: df!(
                CANDIDATES => joined(|(field, _)| (*field).to_owned()),
                c::BEFORE => joined(|(_, text)| (*text).to_owned()),
            )?,
        })
    }

    /// (origin, row) of rows.
    fn places<'r>(
        &self,
        rows: &'r DataFrame,
    ) -> PolarsResult<impl Iterator<Item = (u32, u32)> + use<'r>> {
        let (origins, numbers) = (rows.column(c::ORIGIN)?.u32()?, rows.column(c::ROW)?.u32()?);
        Ok(origins.into_no_null_iter().zip(numbers.into_no_null_iter()))
    }

    /// Those rows that have such cells, with CANDIDATES and BEFORE.
    fn beside(&self, rows: &DataFrame) -> PolarsResult<DataFrame> {
        let places = self.places(rows)?.zip(0 as IdxSize..);
        let (with, cells): (Vec<IdxSize>, Vec<IdxSize>) = places
            .filter_map(|(place, row)| Some((row, *self.at.get(&place)?)))
            .unzip();
        let mut with = rows.take(&IdxCa::from_vec(PlSmallStr::EMPTY, with))?;
        let cells = self
            .cells
            .take(&IdxCa::from_vec(PlSmallStr::EMPTY, cells))?;
        for column in cells.into_columns() {
            with.with_column(column)?;
        }
        Ok(with)
    }
}

/// Days, amounts and counts that nobody can read: one a record, with the columns they stand in. A record with a word that
/// nobody knows has this finding already.
fn unreadable(rows: DataFrame) -> PolarsResult<DataFrame> {
    let no_word = if rows.column(c::UNKNOWN_WORD).is_ok() {
        col(c::UNKNOWN_WORD).is_null()
    } else {
        lit(true)
    };
    let counted = rows
        .lazy()
        .filter(has_fate(&[Fate::IdUnusable, Fate::Used]).and(no_word));
    Note::row_of_person(Code::CategoryUnknown)
        .texts(col(CANDIDATES), col(c::BEFORE))
        .of(counted)
}

/// Rows without a name, in sheets that have a column for names.
fn nameless(rows: &DataFrame, all: &Rows) -> PolarsResult<BooleanChunked> {
    let (names, origins) = (rows.column(c::NAME)?.str()?, rows.column(c::ORIGIN)?.u32()?);
    let has_names = |origin: u32| all.fields[origin as usize].contains(&Meaning::Name);
    Ok(names
        .iter()
        .zip(origins.into_no_null_iter())
        .map(|(name, origin)| name.is_none() && has_names(origin))
        .collect())
}

/// Findings about the words of these rows, with the region that the row names rightly.
fn about_words(code: Code, rows: DataFrame) -> PolarsResult<DataFrame> {
    let inside = rows.column(c::REGION)?.clone().with_name(INSIDE.into());
    let mut found = Note::row_of_person(code)
        .found(col(c::REGION_TEXT))
        .of(rows.lazy())?;
    found.with_column(inside)?;
    Ok(found)
}

/// Says of every finding about a word which regions it may be: `烟塘村委会(430321100201)`, joined by `|`, none as null.
/// Every distinct word is looked up once; beyond `MOST_WORDS` of them, in their order, the column holds no village names
/// but addresses, and nobody is helped by candidates.
fn with_candidates<'t>(
    mut found: DataFrame,
    candidates: impl Fn(Option<&str>, &str) -> Vec<&'t Region> + Sync,
) -> PolarsResult<DataFrame> {
    let inside = found.drop_in_place(INSIDE)?;
    let (inside, words) = (inside.str()?, found.column(n::FOUND)?.str()?);
    let pairs = || inside.iter().zip(words.iter());
    let distinct: BTreeSet<(Option<&str>, &str)> = pairs()
        .filter_map(|(inside, word)| Some((inside, word?)))
        .collect();
    let looked_up: Vec<(Option<&str>, &str)> = distinct.into_iter().take(MOST_WORDS).collect();
    let known: HashMap<(Option<&str>, &str), String> = looked_up
        .into_par_iter()
        .map(|(inside, word)| {
            let texts: Vec<String> = candidates(inside, word)
                .iter()
                .map(|region| format!("{}({})", region.name, region.code))
                .collect();
            ((inside, word), texts.join("|"))
        })
        .collect();
    let expected: StringChunked = pairs()
        .map(|(inside, word)| {
            known
                .get(&(inside, word?))
                .map(String::as_str)
                .filter(|text| !text.is_empty())
        })
        .collect();
    found.with_column(expected.with_name(n::EXPECTED.into()).into_column())?;
    Ok(found)
}

/// One a person over all books, the first book's row; rows of a table of regions each.
fn region_ambiguous(rows: DataFrame) -> PolarsResult<DataFrame> {
    let of_persons = rows.clone().lazy().filter(col(c::KEY).is_not_null());
    let one_a_person = super::order::in_order(of_persons, &[c::KEY])
        .unique_stable(Some(cols([c::KEY])), UniqueKeepStrategy::First);
    let of_tables = rows.lazy().filter(col(c::KEY).is_null());
    about_words(
        Code::RegionAmbiguous,
        concat([one_a_person, of_tables], UnionArgs::default())?.collect()?,
    )
}

/// One a repeated record; between two increments one a pair of files, later, with the count.
fn repeated(
    frame: &DataFrame,
    kind: SourceKind,
    rows: &Rows,
    scheme: &Scheme,
    later: &mut Later,
) -> PolarsResult<DataFrame> {
    let is_repeated = of_fates(frame, &[Fate::Repeated])?;
    if !is_repeated.any() {
        return Ok(nothing());
    }
    let repeated = frame.filter(&is_repeated)?;
    let single = |rows: LazyFrame| {
        Note::row_of_person(Code::RowRepeated)
            .found(coalesce(&[col(c::ID), lit("")]))
            .other(c::KEPT_ORIGIN, c::KEPT_ROW)
            .of(rows)
    };
    let increment = scheme
        .source(kind)
        .is_some_and(|rule| rule.mode == Mode::Increment);
    if !increment {
        return single(repeated.lazy());
    }
    let (mine, kept) = (
        repeated.column(c::ORIGIN)?.u32()?,
        repeated.column(c::KEPT_ORIGIN)?.u32()?,
    );
    let file = |origin: u32| rows.origins[origin as usize].file.as_str();
    let mut within = Vec::with_capacity(repeated.height());
    for (mine, kept) in mine.into_no_null_iter().zip(kept.into_no_null_iter()) {
        within.push(file(mine) == file(kept));
        if file(mine) != file(kept) {
            let pair = (kind, file(kept).to_owned(), file(mine).to_owned());
            let pair = later.pairs.entry(pair).or_insert((mine, kept, 0));
            *pair = (pair.0.min(mine), pair.1.min(kept), pair.2 + 1);
        }
    }
    single(repeated.filter(&BooleanChunked::from_iter(within))?.lazy())
}

/// One a pair of files: sheets of the lowest place, and how many records stand in both.
fn repeated_files(pairs: Vec<(u32, u32, u32)>) -> PolarsResult<DataFrame> {
    let pairs = df!(
        c::ORIGIN => pairs.iter().map(|pair| pair.0).collect::<Vec<_>>(),
        c::KEPT_ORIGIN => pairs.iter().map(|pair| pair.1).collect::<Vec<_>>(),
        n::FOUND => pairs.iter().map(|pair| pair.2).collect::<Vec<_>>(),
    )?;
    let none = |kind: DataType| lit(NULL).cast(kind);
    let pairs = pairs.lazy().with_columns([
        none(DataType::String).alias(c::ID),
        none(DataType::String).alias(c::NAME),
        none(DataType::String).alias(c::REGION),
        none(DataType::UInt32).alias(c::ROW),
        none(DataType::UInt32).alias(c::KEPT_ROW),
    ]);
    Note::row(Code::RowRepeated)
        .found(col(n::FOUND))
        .other(c::KEPT_ORIGIN, c::KEPT_ROW)
        .of(pairs)?
        .drop(n::PERSON)
}
