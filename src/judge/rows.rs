//! Records by themselves: numbers, names, words, repetitions. Looks at all rows, joined to nobody.

use polars::prelude::*;

use super::fates::of_fates;
use super::later::{INSIDE, Later};
use super::note::{Note, nothing};
use super::order::in_order;
use super::unread::{Unread, unreadable};
use crate::domain::{Code, Doubt, Doubts, Fate, Field as Meaning, SourceKind, columns as c};
use crate::intake::LongRow;
use crate::refine::{Claimed, Rows};
use crate::scheme::{Mode, Scheme};

// Columns that live only in this file.
const EXPECTED_CELLS: &str = "expected_cells";
const FOUND_CELLS: &str = "found_cells";
const OLD_NUMBER: &str = "old_number";

/// Findings of this family for one bucket, or for the tables of figures.
pub(super) fn findings(
    rows: &Rows,
    scheme: &Scheme,
    unread: &Unread,
    later: &mut Later,
) -> PolarsResult<Vec<DataFrame>> {
    let mut found = Vec::new();
    let mut ambiguous = Vec::new();
    for (kind, frame) in &rows.frames {
        let book = Noted::of(*kind, frame, unread)?;
        if kind.has_persons() {
            found.extend(unusable_numbers(&book.counted, *kind, later)?);
            found.push(name_missing(&book.counted, rows)?);
            found.push(marked_gone(&book.counted)?);
            found.extend(claimed(frame, rows)?);
            found.push(repeated(&book.all, *kind, (rows, scheme), later)?);
            found.extend(book.conflicts()?);
        }
        if let Some(unknown) = with_verdict(&book.counted, Code::RegionUnknown)? {
            let words = about_words(Code::RegionUnknown, unknown)?;
            later.unknown.push((*kind, words));
        }
        ambiguous.extend(with_verdict(&book.counted, Code::RegionAmbiguous)?);
        found.extend(book.unknown_words()?);
        let with_unread = unread.beside(&book.all)?;
        if with_unread.height() > 0 {
            found.push(unreadable(with_unread)?);
        }
        found.extend(book.reversals_unmatched()?);
    }
    later.ambiguous.extend(region_ambiguous(ambiguous)?);
    Ok(found)
}

/// Rows with more cells than their header, of all books: nothing in them is believed, not even whom they speak of.
pub(super) fn too_long(figures: &Rows) -> PolarsResult<DataFrame> {
    if figures.too_long.is_empty() {
        return Ok(nothing());
    }
    let rows = || figures.too_long.iter();
    let cells = |of: fn(&LongRow) -> u32| rows().map(|(_, row)| of(row)).collect::<Vec<_>>();
    let frame = df!(
        c::ORIGIN => rows().map(|(origin, _)| *origin).collect::<Vec<_>>(),
        c::ROW => cells(|row| row.row),
        EXPECTED_CELLS => cells(|row| row.expected),
        FOUND_CELLS => cells(|row| row.found),
    )?;
    let none = || lit(NULL).cast(DataType::String);
    let nobody = [c::ID, c::NAME, c::REGION].map(|name| none().alias(name));
    Note::row(Code::RowTooLong)
        .texts(col(EXPECTED_CELLS), col(FOUND_CELLS))
        .of(frame.lazy().with_columns(nobody))
}

/// Rows of a book that anything here could speak of.
struct Noted {
    all: DataFrame,
    /// Those that take part, or would but for their number.
    counted: DataFrame,
}

impl Noted {
    fn of(kind: SourceKind, frame: &DataFrame, unread: &Unread) -> PolarsResult<Self> {
        let all = if kind.has_persons() {
            noteworthy(frame, unread)?
        } else {
            with_no_person(frame)?
        };
        let counted = all.filter(&of_fates(&all, &[Fate::IdUnusable, Fate::Used])?)?;
        Ok(Noted { all, counted })
    }

    /// Words that the vocabulary does not know, and declared cases that no rule names.
    fn unknown_words(&self) -> PolarsResult<Vec<DataFrame>> {
        let mut found = Vec::new();
        if let Ok(words) = self.all.column(c::UNKNOWN_WORD) {
            let fates = [
                Fate::NotArrived,
                Fate::OtherScheme,
                Fate::IdUnusable,
                Fate::Used,
            ];
            let unknown = of_fates(&self.all, &fates)? & words.is_not_null();
            let note = Note::row_of_person(Code::CategoryUnknown).found(col(c::UNKNOWN_WORD));
            found.push(note.of_those(&self.all, &unknown)?);
        }
        if let Ok(cases) = self.counted.column(c::UNKNOWN_CASE) {
            let note = Note::row_of_person(Code::CategoryUnknown)
                .texts(lit(Meaning::LateCase.code()), col(c::UNKNOWN_CASE));
            found.push(note.of_those(&self.counted, &cases.is_not_null())?);
        }
        Ok(found)
    }

    /// Registrations that contradict another of their number in the same batch.
    fn conflicts(&self) -> PolarsResult<Option<DataFrame>> {
        let Ok(conflict) = self.counted.column(c::CONFLICT) else {
            return Ok(None);
        };
        let note = Note::row_of_person(Code::RecordConflict)
            .texts(col(c::CONFLICT), coalesce(&[col(c::ID), lit("")]))
            .other(c::KEPT_ORIGIN, c::KEPT_ROW);
        let said = conflict.is_not_null();
        said.any()
            .then(|| note.of_those(&self.counted, &said))
            .transpose()
    }

    /// Negative payments that found none to cancel.
    fn reversals_unmatched(&self) -> PolarsResult<Option<DataFrame>> {
        let Ok(alone) = self.counted.column(c::UNMATCHED) else {
            return Ok(None);
        };
        let money = col(c::PERSONAL) + col(c::SUBSIDISED);
        let note = Note::row_of_person(Code::ReversalUnmatched).amount(money);
        note.of_those(&self.counted, alone.bool()?).map(Some)
    }
}

/// Rows of a book that anything here could speak of: the others are looked at once and never again.
fn noteworthy(rows: &DataFrame, unread: &Unread) -> PolarsResult<DataFrame> {
    let mut noted = rows.column(c::FATE)?.u8()?.equal(Fate::Repeated.index());
    for name in [
        c::ID_VERDICT,
        c::REGION_VERDICT,
        c::UNKNOWN_WORD,
        c::UNKNOWN_CASE,
        c::CONFLICT,
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
    if let Ok(doubts) = rows.column(c::DOUBTS)
        && doubts.null_count() < doubts.len()
    {
        noted = noted | doubts.is_not_null();
    }
    if !unread.is_empty() {
        noted = noted | unread.among(rows)?;
    }
    rows.filter(&noted)
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
        Code::IdShared,
    ]
    .into_iter()
    .map(of_code)
    .collect()
}

/// Rows with a remark behind the name that somebody is dead or moved out.
fn marked_gone(rows: &DataFrame) -> PolarsResult<DataFrame> {
    let doubts = rows.column(c::DOUBTS)?.u16()?;
    let gone: BooleanChunked = doubts
        .iter()
        .map(|set| set.is_some_and(|set| Doubts::of_bits(set).has(Doubt::MarkedGone)))
        .collect();
    Note::row_of_person(Code::MarkedGone).of_those(rows, &gone)
}

/// Rows of persons who claim as their old number one that others claim too.
fn claimed(rows: &DataFrame, all: &Rows) -> PolarsResult<Option<DataFrame>> {
    if all.claimed.is_empty() {
        return Ok(None);
    }
    let (origins, numbers) = (rows.column(c::ORIGIN)?.u32()?, rows.column(c::ROW)?.u32()?);
    let places = origins.into_no_null_iter().zip(numbers.into_no_null_iter());
    let claims: Vec<Option<&Claimed>> = places
        .map(|place| all.claimed.iter().find(|one| one.at == place))
        .collect();
    let holds: BooleanChunked = claims.iter().map(Option::is_some).collect();
    let claims: Vec<&Claimed> = claims.into_iter().flatten().collect();
    if claims.is_empty() {
        return Ok(None);
    }
    let mut with = rows.filter(&holds)?;
    let texts: Vec<&str> = claims.iter().map(|one| one.number.as_str()).collect();
    let others: (Vec<u32>, Vec<u32>) = claims.iter().map(|one| one.other).unzip();
    with.with_column(Column::new(OLD_NUMBER.into(), texts))?;
    with.with_column(UInt32Chunked::from_vec(c::KEPT_ORIGIN.into(), others.0).into_column())?;
    with.with_column(UInt32Chunked::from_vec(c::KEPT_ROW.into(), others.1).into_column())?;
    Note::row_of_person(Code::IdClaimed)
        .found(col(OLD_NUMBER))
        .other(c::KEPT_ORIGIN, c::KEPT_ROW)
        .of(with.lazy())
        .map(Some)
}

/// Rows without a name, in sheets that have a column for names.
fn name_missing(rows: &DataFrame, all: &Rows) -> PolarsResult<DataFrame> {
    let (names, origins) = (rows.column(c::NAME)?.str()?, rows.column(c::ORIGIN)?.u32()?);
    let has_names = |origin: u32| all.fields[origin as usize].contains(&Meaning::Name);
    let cells = names.iter().zip(origins.into_no_null_iter());
    let nameless: BooleanChunked = cells
        .map(|(name, origin)| name.is_none() && has_names(origin))
        .collect();
    Note::row_of_person(Code::NameMissing).of_those(rows, &nameless)
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

/// One a person over all books, the first book's row; rows of a table of regions each. The same columns whatever the book.
fn region_ambiguous(books: Vec<DataFrame>) -> PolarsResult<Option<DataFrame>> {
    let columns = [
        c::KEY,
        c::ID_VERDICT,
        c::ID,
        c::NAME,
        c::REGION,
        c::REGION_TEXT,
        c::ORIGIN,
        c::ROW,
    ];
    let mut rows = DataFrame::empty();
    for book in books {
        rows = match rows.width() {
            0 => book.select(columns)?,
            _ => rows.vstack(&book.select(columns)?)?,
        };
    }
    if rows.width() == 0 {
        return Ok(None);
    }
    let of_persons = rows.clone().lazy().filter(col(c::KEY).is_not_null());
    let one_a_person = in_order(of_persons, &[c::KEY])
        .unique_stable(Some(cols([c::KEY])), UniqueKeepStrategy::First);
    let of_tables = rows.lazy().filter(col(c::KEY).is_null());
    let all = concat([one_a_person, of_tables], UnionArgs::default())?;
    about_words(Code::RegionAmbiguous, all.collect()?).map(Some)
}

/// One a repeated record; between two increments one a pair of files, later, with the count.
fn repeated(
    frame: &DataFrame,
    kind: SourceKind,
    (rows, scheme): (&Rows, &Scheme),
    later: &mut Later,
) -> PolarsResult<DataFrame> {
    let repeated = frame.filter(&of_fates(frame, &[Fate::Repeated])?)?;
    let rule = scheme.source(kind);
    let alone = if rule.is_some_and(|rule| rule.mode == Mode::Increment) {
        within_files(repeated, kind, rows, later)?
    } else {
        repeated
    };
    if alone.height() == 0 {
        return Ok(nothing());
    }
    Note::row_of_person(Code::RowRepeated)
        .found(coalesce(&[col(c::ID), lit("")]))
        .other(c::KEPT_ORIGIN, c::KEPT_ROW)
        .of(alone.lazy())
}

/// The records that repeat one of their own file; of those that repeat another file's the pair is counted.
fn within_files(
    repeated: DataFrame,
    kind: SourceKind,
    rows: &Rows,
    later: &mut Later,
) -> PolarsResult<DataFrame> {
    let file = |origin: u32| rows.origins[origin as usize].file.as_str();
    let mine = repeated.column(c::ORIGIN)?.u32()?.into_no_null_iter();
    let kept = repeated.column(c::KEPT_ORIGIN)?.u32()?.into_no_null_iter();
    let mut within = Vec::with_capacity(repeated.height());
    for (mine, kept) in mine.zip(kept) {
        within.push(file(mine) == file(kept));
        if file(mine) != file(kept) {
            let pair = (kind, file(kept).to_owned(), file(mine).to_owned());
            let pair = later.pairs.entry(pair).or_insert((mine, kept, 0));
            *pair = (pair.0.min(mine), pair.1.min(kept), pair.2 + 1);
        }
    }
    repeated.filter(&BooleanChunked::from_iter(within))
}
