//! Tasks: published population, task, floor and last year's enrolment of every region → typed.

use std::cmp::Ordering;

use anyhow::Result;
use chrono::NaiveDate;
use polars::prelude::*;

use super::batches::{Turn, sheets_of, turns};
use super::fates::Fates;
use super::places::RowPlaces;
use super::repeats::{Mark, Records, SheetOf};
use super::table::BookText;
use super::{frame, repairs};
use crate::domain::{Field, columns as c};
use crate::intake::Origin;
use crate::scheme::Scheme;

/// One row a region; no persons.
pub(crate) fn typed(table: &BookText, scheme: &Scheme, as_of: NaiveDate) -> Result<DataFrame> {
    let figure = |field, name: &str| {
        let figures: Int64Chunked = repairs::counts(table, field).into_iter().collect();
        figures.with_name(name.into()).into_column()
    };
    let mut columns = region_rows(table, scheme, as_of)?;
    columns.extend([
        called(table),
        figure(Field::Population, c::POPULATION),
        figure(Field::Task, c::TASK),
        figure(Field::Floor, c::FLOOR),
        figure(Field::LastYear, c::LAST_YEAR),
        figure(Field::LastYearEmployee, c::LAST_YEAR_EMPLOYEE),
        figure(Field::LastYearTotal, c::LAST_YEAR_TOTAL),
    ]);
    Ok(DataFrame::new(table.len, columns)?)
}

/// The region as it is written: its narrowest name, else its code.
fn called(table: &BookText) -> Column {
    let names = [
        Field::Village,
        Field::Township,
        Field::County,
        Field::Place,
        Field::RegionCode,
    ];
    let names = names.map(|field| table.texts(field));
    let name = |at: usize| names.iter().find_map(|column| column.get(at));
    frame::text(c::CALLED, (0..table.len).map(name))
}

/// Rows of a table of figures: of no person, the first counts.
struct OfNobody<'t>(&'t BookText<'t>, Vec<SheetOf>);

impl Records for OfNobody<'_> {
    fn person(&self, _: usize) -> u64 {
        0
    }

    fn mark(&self, at: usize) -> Mark<'_> {
        Mark::Digest(self.0.digest[at])
    }

    fn better(&self, a: usize, b: usize) -> Ordering {
        a.cmp(&b)
    }

    fn stands(&self, at: usize) -> SheetOf {
        let part = self.0.parts.partition_point(|part| part.rows.end <= at);
        self.1[part]
    }

    fn same_cells(&self, a: usize, b: usize) -> bool {
        self.0.digest[a] == self.0.digest[b]
    }
}

/// What every table of figures has: where a row stands, its fate, and the region it speaks of.
pub(crate) fn region_rows(
    table: &BookText,
    scheme: &Scheme,
    as_of: NaiveDate,
) -> Result<Vec<Column>> {
    let places = RowPlaces::read(table, scheme);
    let origins: Vec<Origin> = table.parts.iter().map(|part| part.origin.clone()).collect();
    let mut turns = turns(&origins, scheme, as_of).into_iter();
    let old = table.by_part(|_| turns.next() != Some(Turn::Counts));
    let mut fates = Fates::begin(old.into_iter());
    let all: Vec<usize> = (0..table.len).collect();
    fates.settle_repeated(&OfNobody(table, sheets_of(&origins)), &all);
    let rows = 0..table.len;
    let verdicts: UInt8Chunked = rows
        .clone()
        .map(|at| places.at(at).verdict.map(|code| code.index()))
        .collect();
    let [fate, kept_origin, kept_row] = fates.columns(&table.origin, &table.row);
    Ok(vec![
        UInt32Chunked::from_vec(c::ORIGIN.into(), table.origin.clone()).into_column(),
        UInt32Chunked::from_vec(c::ROW.into(), table.row.clone()).into_column(),
        fate,
        kept_origin,
        kept_row,
        frame::text(
            c::REGION,
            rows.clone().map(|at| places.at(at).region.as_deref()),
        ),
        frame::rare_text(c::REGION_TEXT, rows.map(|at| places.at(at).text.as_deref())),
        verdicts.with_name(c::REGION_VERDICT.into()).into_column(),
    ])
}
