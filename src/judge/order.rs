//! Rows in order of preference, and surplus records: of n that exclude each other, all but the one that is kept.

use polars::prelude::*;

use crate::domain::columns as c;

// Columns that live only in this file.
const REPEATS: &str = "repeats";

/// Rows in order of preference by value; the file's place decides only between equals.
pub(super) fn in_order(frame: LazyFrame, by: &[&str]) -> LazyFrame {
    let by: Vec<PlSmallStr> = by
        .iter()
        .copied()
        .chain([c::ORIGIN, c::ROW])
        .map(PlSmallStr::from)
        .collect();
    let order = SortMultipleOptions::default()
        .with_nulls_last(true)
        .with_maintain_order(false);
    frame.sort(by, order)
}

/// Rows of `records` that share the columns `same` with an earlier one in the order `by`, with the kept row's place as
/// KEPT_ORIGIN and KEPT_ROW. What is not stated is not shared.
pub(super) fn surplus(records: &DataFrame, same: &[&str], by: &[&str]) -> PolarsResult<DataFrame> {
    let one_before = |name: &&str| col(*name).eq(col(*name).shift(lit(1)));
    let repeats = same.iter().map(one_before).fold(lit(true), Expr::and);
    let sorted = in_order(records.clone().lazy(), &[same, by].concat());
    let mut sorted = sorted.with_column(repeats.alias(REPEATS)).collect()?;
    let repeats = sorted.drop_in_place(REPEATS)?;
    let (origins, rows) = (
        sorted.column(c::ORIGIN)?.u32()?,
        sorted.column(c::ROW)?.u32()?,
    );
    let mut kept = (0, 0);
    let (mut kept_origins, mut kept_rows) = (
        Vec::with_capacity(sorted.height()),
        Vec::with_capacity(sorted.height()),
    );
    let mut is_surplus = Vec::with_capacity(sorted.height());
    let places = origins.into_no_null_iter().zip(rows.into_no_null_iter());
    for (repeats, place) in repeats.bool()?.iter().zip(places) {
        // The first of those that share is the one that is kept.
        kept = if repeats == Some(true) { kept } else { place };
        kept_origins.push(kept.0);
        kept_rows.push(kept.1);
        is_surplus.push(place != kept); // a row that names its person twice is one record
    }
    sorted
        .with_column(UInt32Chunked::from_vec(c::KEPT_ORIGIN.into(), kept_origins).into_column())?;
    sorted.with_column(UInt32Chunked::from_vec(c::KEPT_ROW.into(), kept_rows).into_column())?;
    sorted.filter(&BooleanChunked::from_iter(is_surplus))
}
