//! The terms of the rule book: what its sentences are made of, each said once.

use polars::prelude::*;

use super::r;
use crate::domain::{Cover, Standing, columns as c};
use crate::people::p;
use crate::scheme::Scheme;

/// At least one.
pub(super) fn any(count: &str) -> Expr {
    col(count).gt(lit(0u32))
}

/// More than one.
pub(in crate::judge) fn several(count: &str) -> Expr {
    col(count).gt(lit(1u32))
}

/// Some money.
fn some(money: &str) -> Expr {
    col(money).gt(lit(0i64))
}

/// The member of a closed list as a column holds it.
pub(in crate::judge) fn says(index: u8) -> Expr {
    lit(index).cast(DataType::UInt8)
}

/// No text.
pub(in crate::judge) fn no_text() -> Expr {
    lit(NULL).cast(DataType::String)
}

/// No money: a bare literal would be of whatever width holds it.
pub(in crate::judge) fn no_money() -> Expr {
    lit(0i64).cast(DataType::Int64)
}

/// A text in place of a position in a closed list; empty for none.
pub fn in_words<T: Into<String>>(column: &str, texts: impl Iterator<Item = (u8, T)>) -> Expr {
    texts.fold(lit(""), |rest, (at, text)| {
        let is = col(column).eq(says(at));
        when(is).then(lit(text.into())).otherwise(rest)
    })
}

/// The first that fits, of cases in the order of precedence.
pub(in crate::judge) fn first_of<const N: usize>(
    cases: [(Expr, Expr); N],
    otherwise: Expr,
) -> Expr {
    let earlier_wins = |rest, (fits, then)| when(fits).then(then).otherwise(rest);
    cases.into_iter().rev().fold(otherwise, earlier_wins)
}

/// One of these standings.
pub(in crate::judge) fn stands<const N: usize>(standings: [Standing; N]) -> Expr {
    let is = |standing: Standing| col(c::STANDING).eq(says(standing.index()));
    standings.map(is).into_iter().fold(lit(false), Expr::or)
}

/// A record of resident cover.
pub(in crate::judge) fn resident_record() -> Expr {
    col(c::COVER).eq(says(Cover::Resident.index()))
}

/// On the register.
pub(in crate::judge) fn on_register() -> Expr {
    col(p::REGISTER_AT).is_not_null()
}

/// On a roster, in force or not.
pub(super) fn on_roster() -> Expr {
    col(p::ROSTER_AT).is_not_null()
}

/// A normal employee registration anywhere.
pub(in crate::judge) fn is_employee() -> Expr {
    any(p::EMPLOYEE_HERE).or(any(p::EMPLOYEE_AWAY))
}

/// A normal resident registration anywhere.
pub(in crate::judge) fn is_resident() -> Expr {
    any(p::RESIDENT_HERE).or(any(p::RESIDENT_AWAY))
}

/// A normal employee registration here.
pub(super) fn employee_here() -> Expr {
    any(p::EMPLOYEE_HERE)
}

/// A normal resident registration here.
pub(in crate::judge) fn resident_here() -> Expr {
    any(p::RESIDENT_HERE)
}

/// A normal resident registration in another place.
pub(super) fn resident_away() -> Expr {
    any(p::RESIDENT_AWAY)
}

/// A normal registration here.
pub(super) fn registered_here() -> Expr {
    resident_here().or(employee_here())
}

/// An effective resident payment anywhere.
pub(super) fn has_paid() -> Expr {
    any(p::PAYMENTS)
}

/// An effective resident payment here.
pub(super) fn has_paid_here() -> Expr {
    any(p::PAYMENTS_HERE)
}

/// Personal money of resident payments.
pub(super) fn has_paid_money() -> Expr {
    some(p::PAID)
}

/// Entitled to a grant.
pub(in crate::judge) fn is_entitled() -> Expr {
    some(p::GRANT)
}

/// Subsidised as a resident here.
pub(super) fn is_subsidised() -> Expr {
    any(p::SUBSIDISED_HERE)
}

/// Subsidy recorded beside the payments, in fen.
pub(super) fn recorded_subsidy() -> Expr {
    col(p::REGISTRATION_SUBSIDY) + col(p::ROSTER_SUBSIDY)
}

/// Everything subsidised: payments, registrations, rosters, in fen.
pub(in crate::judge) fn granted() -> Expr {
    col(p::SUBSIDISED_PAID) + recorded_subsidy()
}

/// Nothing is left to pay.
pub(in crate::judge) fn is_free() -> Expr {
    col(p::PAYABLE).eq(lit(0i64))
}

/// Money for a resident registration here: paid in its pool, recorded as subsidised, or nothing owed.
pub(super) fn pays_here() -> Expr {
    any(p::PAID_FOR_HERE)
        .or(recorded_subsidy().gt(lit(0i64)))
        .or(is_free())
}

/// The same of a registration in another place. Grants of ours hold in our own pool only.
pub(super) fn pays_away() -> Expr {
    let ours = some(p::ROSTER_SUBSIDY).or(is_free());
    any(p::PAID_FOR_AWAY)
        .or(some(p::REGISTRATION_SUBSIDY))
        .or(col(p::AWAY_IN_OWN_POOL).and(ours))
}

/// Nothing paid and nothing subsidised.
pub(super) fn nothing_yet() -> Expr {
    has_paid().not().and(recorded_subsidy().eq(lit(0i64)))
}

/// Dead before the benefit period, or on a day that is not stated.
pub(in crate::judge) fn dead_before(scheme: &Scheme) -> Expr {
    col(p::DEAD).and(is_before_benefit(p::DEATH_ON, scheme))
}

/// Gone before the benefit period, or on a day that is not stated.
pub(super) fn departed_before(scheme: &Scheme) -> Expr {
    col(p::DEPARTED).and(is_before_benefit(p::DEPARTED_ON, scheme))
}

fn is_before_benefit(day: &str, scheme: &Scheme) -> Expr {
    let begins = crate::people::read::day(scheme.benefit.from);
    col(day).is_null().or(col(day).lt(begins))
}

/// A resident registration here that insures.
pub(super) fn insured_here() -> Expr {
    resident_here().and(col(r::RESIDENT_INSURES))
}

/// A resident registration in another place that insures.
pub(super) fn insured_away() -> Expr {
    resident_away().and(col(r::RESIDENT_INSURES_AWAY))
}

/// The category of the grant, else of the roster in force.
pub(in crate::judge) fn category() -> Expr {
    coalesce(&[col(p::GRANT_CATEGORY), col(p::CATEGORY_NOW)])
}

/// A category's name, or what else the scheme says of it, in place of its position; null for none.
pub(in crate::judge) fn of_category(
    at: Expr,
    scheme: &Scheme,
    of: impl Fn(&crate::scheme::Category) -> &str,
) -> Expr {
    let named = (0u16..).zip(&scheme.categories); // a few dozen
    named.fold(no_text(), |rest, (position, category)| {
        let is = at.clone().eq(lit(position));
        when(is).then(lit(of(category))).otherwise(rest)
    })
}
