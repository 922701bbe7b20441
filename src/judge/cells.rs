//! Cells that are counted: where a person counts, who was in force on a day, how many rows each cell has.

use polars::prelude::*;

use super::rulebook::r;
use crate::domain::columns as c;
use crate::people::in_force::in_force_on;
use crate::people::{People, p};
use crate::scheme::{Group, Scheme};

/// u32: where a row or person is counted, by its position among the places.
pub(super) const REGION: &str = "region_at_home";
/// How many rows a cell has.
pub(super) const COUNT: &str = "count";

/// Where a person is counted; who lives nowhere, in 其他 of the whole.
pub(super) fn home(people: &People) -> Expr {
    coalesce(&[col(r::PERSON_REGION), lit(people.places.root().number())])
}

/// How many rows each cell has, one row a cell, with COUNT.
pub(super) fn counted(rows: LazyFrame, by: &[&str]) -> PolarsResult<DataFrame> {
    let by: Vec<Expr> = by.iter().map(|name| col(*name)).collect();
    rows.group_by(by).agg([len().alias(COUNT)]).collect()
}

pub(super) fn counts(cells: &DataFrame) -> PolarsResult<impl Iterator<Item = u64>> {
    let counts = cells.column(COUNT)?.cast(&DataType::UInt64)?;
    Ok(counts
        .u64()?
        .iter()
        .flatten()
        .collect::<Vec<_>>()
        .into_iter())
}

/// Roster rows in force on a day, with where their persons are counted and how they stand.
pub(super) fn in_force(people: &People, on: Expr, scheme: &Scheme) -> PolarsResult<DataFrame> {
    let rows = &people.books.rosters.rows;
    let dated = [p::WHO, c::CATEGORY, c::IDENTIFIED, c::APPROVED, c::ENDED];
    let rows = rows.select(dated)?.lazy().filter(in_force_on(on, scheme));
    let rows = people
        .beside(rows.collect()?, &[r::PERSON_REGION, c::STANDING])?
        .lazy();
    rows.with_column(home(people).alias(REGION)).collect()
}

/// Category, region and standing.
pub(super) type Cell = (u16, u32, u8);

/// Persons of such rows by category, region and standing; of a group, once whatever their categories, under category 0.
pub(super) fn members(rows: DataFrame, group: Option<&Group>) -> PolarsResult<Vec<(Cell, u64)>> {
    let rows = match group {
        None => rows.lazy(),
        Some(group) => {
            let is_of =
                |at: &usize| col(c::CATEGORY).eq(lit(u16::try_from(*at).unwrap_or(u16::MAX)));
            let of_group = group
                .categories
                .iter()
                .map(is_of)
                .fold(lit(false), Expr::or);
            rows.lazy()
                .filter(of_group)
                .with_column(lit(0u16).cast(DataType::UInt16).alias(c::CATEGORY))
        }
    };
    let once = cols([p::WHO, c::CATEGORY]);
    let persons = rows.unique(Some(once), UniqueKeepStrategy::Any);
    let cells = counted(persons, &[c::CATEGORY, REGION, c::STANDING])?;
    let (category, region) = (
        cells.column(c::CATEGORY)?.u16()?,
        cells.column(REGION)?.u32()?,
    );
    let standing = cells.column(c::STANDING)?.u8()?;
    let cell = |at: usize| Some((category.get(at)?, region.get(at)?, standing.get(at)?));
    let cells = counts(&cells)?.enumerate();
    Ok(cells
        .filter_map(|(at, persons)| Some((cell(at)?, persons)))
        .collect())
}
