//! Surplus records: of n that exclude each other, all but the one that is kept.

use polars::prelude::*;

use crate::domain::columns as c;
use crate::people::{summary::in_order, to_one};

// Columns that live only in this file.
const ROWS_IN_GROUP: &str = "rows_in_group";

/// Rows of `records` that share the columns `same` with an earlier one in the order `by`, with the kept row's
/// place as KEPT_ORIGIN and KEPT_ROW. Groups of one are dropped first, so that only few rows are sorted.
pub(super) fn surplus(records: &DataFrame, same: &[&str], by: &[&str]) -> PolarsResult<DataFrame> {
    let records = records.clone().lazy();
    let group: Vec<Expr> = same.iter().map(|name| col(*name)).collect();
    let several =
        records.clone().group_by(group.clone()).agg([len().alias(ROWS_IN_GROUP)]).filter(col(ROWS_IN_GROUP).gt(lit(1u32)));
    let crowded = records.join(several, group.clone(), group.clone(), JoinArgs::new(JoinType::Semi)).collect()?;
    let sorted = in_order(crowded.lazy(), &[same, by].concat()).collect()?;
    let kept = sorted.clone().lazy().unique_stable(Some(cols(same.iter().copied())), UniqueKeepStrategy::First).select(
        group.iter().cloned().chain([col(c::ORIGIN).alias(c::KEPT_ORIGIN), col(c::ROW).alias(c::KEPT_ROW)]).collect::<Vec<_>>(),
    );
    let is_kept = col(c::ORIGIN).eq(col(c::KEPT_ORIGIN)).and(col(c::ROW).eq(col(c::KEPT_ROW)));
    sorted.lazy().join(kept, group.clone(), group, to_one()).filter(is_kept.not()).collect()
}
