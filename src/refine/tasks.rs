//! Tasks: published population, task, floor and last year's enrolment of every region → typed.

use std::cmp::Ordering;

use anyhow::Result;
use polars::prelude::*;

use super::fates::Fates;
use super::places::RowPlaces;
use super::repeats::{Mark, Records};
use super::table::BookText;
use super::{frame, repairs};
use crate::domain::{Field, columns as c};
use crate::scheme::Scheme;

/// One row a region; no persons.
pub(crate) fn typed(table: &BookText, scheme: &Scheme) -> Result<DataFrame> {
    let figure = |field, name: &str| {
        let figures: Int64Chunked = repairs::counts(table, field).into_iter().collect();
        figures.with_name(name.into()).into_column()
    };
    let mut columns = region_rows(table, scheme)?;
    columns.extend([
        figure(Field::Population, c::POPULATION),
        figure(Field::Task, c::TASK),
        figure(Field::Floor, c::FLOOR),
        figure(Field::LastYear, c::LAST_YEAR),
        figure(Field::LastYearEmployee, c::LAST_YEAR_EMPLOYEE),
        figure(Field::LastYearTotal, c::LAST_YEAR_TOTAL),
    ]);
    Ok(DataFrame::new(table.len, columns)?)
}

/// Rows of a table of figures: of no person, the first counts.
struct OfNobody<'t>(&'t BookText<'t>);

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

    fn same_file(&self, a: usize, b: usize) -> bool {
        self.0.part(a).origin.file == self.0.part(b).origin.file
    }
}

/// What every table of figures has: where a row stands, its fate, and the region it speaks of.
pub(crate) fn region_rows(table: &BookText, scheme: &Scheme) -> Result<Vec<Column>> {
    let places = RowPlaces::read(table, scheme);
    let old = super::settle::superseded(
        table.kind,
        table.parts.iter().map(|part| &part.origin),
        scheme,
    );
    let mut of_part = old.into_iter();
    let mut fates = Fates::begin(table.by_part(|_| of_part.next() == Some(true)).into_iter());
    let all: Vec<usize> = (0..table.len).collect();
    fates.settle_repeated(&OfNobody(table), &all);
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
