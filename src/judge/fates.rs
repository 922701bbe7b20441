//! Rows by what became of them.

use polars::prelude::*;

use crate::domain::{Fate, columns as c};

/// A row came to one of these.
pub(super) fn has_fate(fates: &[Fate]) -> Expr {
    fates.iter().fold(lit(false), |any, fate| {
        any.or(col(c::FATE).eq(lit(fate.index())))
    })
}

/// Rows that came to one of these.
pub(super) fn of_fates(rows: &DataFrame, fates: &[Fate]) -> PolarsResult<BooleanChunked> {
    let came_to = rows.column(c::FATE)?.u8()?.iter();
    Ok(came_to
        .map(|fate| fates.iter().any(|one| Some(one.index()) == fate))
        .collect())
}
