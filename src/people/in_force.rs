//! When a row of a roster is in force, and whether it decides a grant: the one place that says so.
//!
//! Expressions over the rows of the rosters, with the words of the notices.

use chrono::NaiveDate;
use polars::prelude::*;

use super::read::day;
use crate::domain::columns as c;
use crate::scheme::Scheme;

/// Certified by a day and not yet ended on it, under a category that the notice declares. A blank day of certification says
/// "always so far", a blank end "still".
pub(super) fn listed_on(on: Expr) -> Expr {
    let certified = col(c::IDENTIFIED)
        .is_null()
        .or(col(c::IDENTIFIED).lt_eq(on.clone()));
    let not_ended = col(c::ENDED).is_null().or(col(c::ENDED).gt(on));
    col(c::CATEGORY).is_not_null().and(certified).and(not_ended)
}

/// Approved, or where no approval is stated certified, after the cut-off: the lists of the season are closed.
pub fn approved_after(cut_off: NaiveDate) -> Expr {
    let approval = || coalesce(&[col(c::APPROVED), col(c::IDENTIFIED)]);
    approval().is_not_null().and(approval().gt(day(cut_off)))
}

/// In force on a day: listed on it, and not approved after the cut-off.
pub fn in_force_on(on: Expr, scheme: &Scheme) -> Expr {
    match scheme.roster.cut_off {
        None => listed_on(on),
        Some(cut_off) => listed_on(on).and(approved_after(cut_off).not()),
    }
}

/// In force on a day that decides a grant: the day of the payment, the cut-off, or either, as the notice says.
pub fn decides(payment_day: Expr, scheme: &Scheme) -> Expr {
    let rule = &scheme.roster;
    let on_payment = rule.payment_day.then(|| in_force_on(payment_day, scheme));
    let cut_off = rule.cut_off.filter(|_| rule.cut_off_day);
    let on_cut_off = cut_off.map(|on| in_force_on(day(on), scheme));
    on_payment
        .into_iter()
        .chain(on_cut_off)
        .reduce(Expr::or)
        .unwrap_or(lit(false)) // a scheme names at least one day
}
