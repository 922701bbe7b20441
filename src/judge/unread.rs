//! Cells that could not be read.

use polars::prelude::*;

use super::fates::has_fate;
use super::note::Note;
use crate::domain::{Code, Fate, Field as Meaning, SourceKind, columns as c};
use crate::refine::Rows;

/// Sheet and number of a row, and the field and text of each cell in it that could not be read.
type UnreadRow<'c> = (u32, u32, Vec<(&'c str, &'c str)>);

// Columns that live only in this file.
const CANDIDATES: &str = "candidates";

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
        let cells = by_row(&unread)?;
        let joined = |part: fn(&(&str, &str)) -> String| -> Vec<String> {
            let of_row = |cells: &UnreadRow<'_>| cells.2.iter().map(part).collect::<Vec<_>>();
            cells.iter().map(|row| of_row(row).join("|")).collect()
        };
        let at = cells.iter().zip(0..);
        Ok(Unread {
            at: at
                .map(|((origin, row, _), at)| ((*origin, *row), at))
                .collect(),
            cells: df!(
                CANDIDATES => joined(|(field, _)| (*field).to_owned()),
                c::BEFORE => joined(|(_, text)| (*text).to_owned()),
            )?,
        })
    }

    /// Whether there is none at all.
    pub(super) fn is_empty(&self) -> bool {
        self.at.is_empty()
    }

    /// Which of these rows have such cells.
    pub(super) fn among(&self, rows: &DataFrame) -> PolarsResult<BooleanChunked> {
        let places = self.places(rows)?;
        Ok(places.map(|place| self.at.contains_key(&place)).collect())
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
    pub(super) fn beside(&self, rows: &DataFrame) -> PolarsResult<DataFrame> {
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

/// Cells of one row follow each other; the persons of one household row share its cells.
fn by_row(unread: &DataFrame) -> PolarsResult<Vec<UnreadRow<'_>>> {
    let origins = unread.column(c::ORIGIN)?.u32()?.into_no_null_iter();
    let rows = unread.column(c::ROW)?.u32()?.into_no_null_iter();
    let fields = unread.column(c::FIELD)?.u8()?.into_no_null_iter();
    let texts = unread.column(c::BEFORE)?.str()?.iter();
    let texts = texts.map(Option::unwrap_or_default); // a cell that was written has a text
    let mut found: Vec<UnreadRow<'_>> = Vec::new();
    for (place, (field, text)) in origins.zip(rows).zip(fields.zip(texts)) {
        let cell = (Meaning::at(field).code(), text);
        let same = found
            .last_mut()
            .filter(|(origin, row, _)| (*origin, *row) == place);
        match same {
            Some((.., known)) if known.contains(&cell) => {}
            Some((.., known)) => known.push(cell),
            None => found.push((place.0, place.1, vec![cell])),
        }
    }
    Ok(found)
}

/// Days, amounts and counts that nobody can read: one a record, with the columns they stand in. A record with a word that
/// nobody knows has this finding already.
pub(super) fn unreadable(rows: DataFrame) -> PolarsResult<DataFrame> {
    let no_word = if rows.column(c::UNKNOWN_WORD).is_ok() {
        col(c::UNKNOWN_WORD).is_null()
    } else {
        lit(true)
    };
    let counted = rows
        .lazy()
        .filter(has_fate(&[Fate::Void, Fate::IdUnusable, Fate::Used]).and(no_word));
    Note::row_of_person(Code::CategoryUnknown)
        .texts(col(CANDIDATES), col(c::BEFORE))
        .of(counted)
}
