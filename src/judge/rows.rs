//! Records by themselves: numbers, names, words, repetitions. Looks at all rows, joined to nobody.

use std::collections::BTreeMap;

use polars::prelude::*;

use super::note::{Note, n};
use crate::domain::{Code, Fate, Field as Meaning, SourceKind, columns as c};
use crate::refine::Rows;
use crate::scheme::{Mode, Scheme};

// Columns that live only in this file.
const ORIGIN_WITH_NAMES: &str = "origin_with_names";

/// Findings of this family, all buckets at once.
pub(super) fn findings(rows: &Rows, scheme: &Scheme) -> PolarsResult<Vec<DataFrame>> {
    let mut found = Vec::new();
    let mut ambiguous: Option<DataFrame> = None;
    for (kind, frame) in &rows.frames {
        let frame = if *kind == SourceKind::Tasks { with_no_person(frame)? } else { frame.clone() };
        let counted = frame.clone().lazy().filter(has_fate(&[Fate::IdUnusable, Fate::Used]));
        if *kind != SourceKind::Tasks {
            found.extend(unusable_numbers(&counted)?);
            found.push(Note::row(Code::NameMissing).of(nameless(counted.clone(), rows)?)?);
            found.push(repeated(&frame, *kind, rows, scheme)?);
        }
        found.push(region_unknown(&counted)?);
        let more = ambiguous_rows(&counted, *kind != SourceKind::Tasks)?;
        match &mut ambiguous {
            None => ambiguous = Some(more),
            Some(all) => {
                all.vstack_mut(&more)?;
            }
        }
        if frame.column(c::UNKNOWN_WORD).is_ok() {
            let unknown = has_fate(&[Fate::OtherScheme, Fate::IdUnusable, Fate::Used]).and(col(c::UNKNOWN_WORD).is_not_null());
            found.push(Note::row(Code::CategoryUnknown).found(col(c::UNKNOWN_WORD)).of(frame.clone().lazy().filter(unknown))?);
        }
        if frame.column(c::UNMATCHED).is_ok() {
            let alone = counted.clone().filter(col(c::UNMATCHED));
            let money = col(c::PERSONAL) + col(c::SUBSIDISED);
            found.push(Note::row(Code::ReversalUnmatched).amount(money).of(alone)?);
        }
    }
    found.extend(ambiguous.map(region_ambiguous).transpose()?);
    Ok(found)
}

fn has_fate(fates: &[Fate]) -> Expr {
    fates.iter().fold(lit(false), |any, fate| any.or(col(c::FATE).eq(lit(fate.index()))))
}

/// Tasks name regions, not persons.
fn with_no_person(tasks: &DataFrame) -> PolarsResult<DataFrame> {
    let none = lit(NULL).cast(DataType::String);
    tasks.clone().lazy().with_columns([none.clone().alias(c::ID), none.alias(c::NAME)]).collect()
}

fn unusable_numbers(rows: &LazyFrame) -> PolarsResult<Vec<DataFrame>> {
    let bad = rows.clone().filter(col(c::ID_VERDICT).is_not_null()).collect()?;
    let codes = [Code::IdMissing, Code::IdTruncated, Code::IdMalformed, Code::IdBirthdate, Code::IdChecksum];
    codes
        .into_iter()
        .map(|code| {
            let of_code = bad.clone().lazy().filter(col(c::ID_VERDICT).eq(lit(code.index())));
            Note::row(code).found(col(c::ID)).of(of_code)
        })
        .collect()
}

/// Rows without a name, in sheets that have a column for names.
fn nameless(rows: LazyFrame, all: &Rows) -> PolarsResult<LazyFrame> {
    let with_names: Vec<u32> =
        (0u32..).zip(&all.fields).filter(|(_, fields)| fields.contains(&Meaning::Name)).map(|(origin, _)| origin).collect();
    let with_names = df!(ORIGIN_WITH_NAMES => with_names)?.lazy();
    let blank = rows.filter(col(c::NAME).is_null());
    Ok(blank.join(with_names, [col(c::ORIGIN)], [col(ORIGIN_WITH_NAMES)], JoinArgs::new(JoinType::Semi)))
}

/// A word unknown to the tree: one a record.
fn region_unknown(rows: &LazyFrame) -> PolarsResult<DataFrame> {
    let unknown = rows.clone().filter(col(c::REGION_VERDICT).eq(lit(Code::RegionUnknown.index())));
    Note::row(Code::RegionUnknown).found(col(c::REGION_TEXT)).of(unknown)
}

/// Rows whose word names several regions, under the same columns whatever their book.
fn ambiguous_rows(rows: &LazyFrame, has_persons: bool) -> PolarsResult<DataFrame> {
    let ambiguous = rows.clone().filter(col(c::REGION_VERDICT).eq(lit(Code::RegionAmbiguous.index())));
    let key = if has_persons { col(c::KEY) } else { lit(NULL).cast(DataType::UInt64).alias(c::KEY) };
    ambiguous.select([key, col(c::ID), col(c::NAME), col(c::REGION), col(c::REGION_TEXT), col(c::ORIGIN), col(c::ROW)]).collect()
}

/// One a person over all books, the first book's row; rows of a table of regions each.
fn region_ambiguous(rows: DataFrame) -> PolarsResult<DataFrame> {
    let of_persons = rows.clone().lazy().filter(col(c::KEY).is_not_null());
    let one_a_person =
        crate::people::summary::in_order(of_persons, &[c::KEY]).unique_stable(Some(cols([c::KEY])), UniqueKeepStrategy::First);
    let of_tables = rows.lazy().filter(col(c::KEY).is_null());
    let note = Note::row(Code::RegionAmbiguous).found(col(c::REGION_TEXT));
    note.of(concat([one_a_person, of_tables], UnionArgs::default())?)
}

/// One a repeated record; between two increments one a pair of files, with the count.
fn repeated(frame: &DataFrame, kind: SourceKind, rows: &Rows, scheme: &Scheme) -> PolarsResult<DataFrame> {
    let repeated = frame.clone().lazy().filter(has_fate(&[Fate::Repeated])).collect()?;
    let single = |rows: LazyFrame| {
        Note::row(Code::RowRepeated).found(coalesce(&[col(c::ID), lit("")])).other(c::KEPT_ORIGIN, c::KEPT_ROW).of(rows)
    };
    let increment = scheme.source(kind).is_some_and(|rule| rule.mode == Mode::Increment);
    if !increment || repeated.height() == 0 {
        return single(repeated.lazy());
    }
    let (mine, kept) = (repeated.column(c::ORIGIN)?.u32()?, repeated.column(c::KEPT_ORIGIN)?.u32()?);
    let file = |origin: u32| rows.origins[origin as usize].file.as_str();
    let mut pairs: BTreeMap<(&str, &str), (u32, u32, u32)> = BTreeMap::new();
    let mut within = Vec::with_capacity(repeated.height());
    for (mine, kept) in mine.into_no_null_iter().zip(kept.into_no_null_iter()) {
        within.push(file(mine) == file(kept));
        if file(mine) != file(kept) {
            let pair = pairs.entry((file(kept), file(mine))).or_insert((mine, kept, 0));
            *pair = (pair.0.min(mine), pair.1.min(kept), pair.2 + 1);
        }
    }
    let mut found = single(repeated.filter(&BooleanChunked::from_iter(within))?.lazy())?;
    let pairs: Vec<(u32, u32, u32)> = pairs.into_values().collect();
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
    found.vstack_mut(&Note::row(Code::RowRepeated).found(col(n::FOUND)).other(c::KEPT_ORIGIN, c::KEPT_ROW).of(pairs)?)?;
    Ok(found)
}
