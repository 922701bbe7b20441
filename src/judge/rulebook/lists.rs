//! What the printed lists say of a person, of a roster row, and of a member of a household.

use chrono::NaiveDate;
use polars::prelude::*;

use super::sentences::{subsidy_missed, subsidy_unentitled, subsidy_while_employee};
use super::terms::{
    dead_before, first_of, granted, has_paid, insured_away, insured_here, is_employee, is_entitled,
    is_free, is_resident, nothing_yet, registered_here, says, several, stands,
};
use super::{Enrolment, OutOfForce, Remark, Verdict, r};
use crate::domain::{Standing, columns as c};
use crate::people::in_force::{approved_after, in_force_on};
use crate::people::{p, read::day};
use crate::scheme::Scheme;

/// What the subsidy list says of a person (`Verdict`): the first that fits
/// (docs/readings.md#subsidy).
pub(in crate::judge) fn verdict() -> Expr {
    let is = |verdict: Verdict| says(verdict.index());
    let unrecorded = || granted().eq(lit(0i64));
    let open = nothing_yet().and(col(p::PAYABLE).gt(lit(0i64)));
    first_of(
        [
            (subsidy_while_employee(), is(Verdict::WhileEmployee)),
            (subsidy_unentitled(), is(Verdict::Unentitled)),
            (subsidy_missed(), is(Verdict::Missed)),
            (several(p::SUBSIDISED_HERE), is(Verdict::Overlap)),
            (is_entitled().not(), is(Verdict::NoGrant)),
            (is_resident().not(), is(Verdict::NotRegistered)),
            (open, is(Verdict::Open)),
            (unrecorded().and(is_free()), is(Verdict::FreeUnrecorded)),
            (unrecorded(), is(Verdict::PaidUnrecorded)),
        ],
        is(Verdict::Right),
    )
}

/// How far a person's enrolment of this year has come (`Enrolment`).
pub(in crate::judge) fn enrolment() -> Expr {
    let is = |enrolment: Enrolment| says(enrolment.index());
    let done = is_employee().or(insured_here()).or(insured_away());
    first_of(
        [
            (done, is(Enrolment::Done)),
            (is_resident(), is(Enrolment::Unpaid)),
            (has_paid(), is(Enrolment::Unregistered)),
        ],
        is(Enrolment::Nothing),
    )
}

/// Where a person is registered: the region here, else the pool of the other place; employee before
/// resident. A position among the places.
pub(in crate::judge) fn registered_in() -> Expr {
    when(registered_here())
        .then(coalesce(&[col(p::COUNTED_REGION), col(r::PERSON_REGION)]))
        .otherwise(coalesce(&[col(p::EMPLOYEE_POOL), col(p::RESIDENT_POOL)]))
}

/// To be asked to enrol: not covered, alive, not gone; covered here without having paid counts as
/// not covered.
pub(in crate::judge) fn to_canvass() -> Expr {
    let open = stands([
        Standing::Uninsured,
        Standing::Unreachable,
        Standing::Declined,
    ]);
    open.and(col(p::DEAD).not()).and(col(p::DEPARTED).not())
}

/// Covered, here or elsewhere.
pub(in crate::judge) fn is_insured() -> Expr {
    let insured = Standing::ALL
        .iter()
        .filter(|standing| standing.is_insured());
    insured.fold(lit(false), |any, standing| any.or(stands([*standing])))
}

/// Why a row of a roster is not in force on a day (`OutOfForce`, the first that fits); null where
/// it is.
pub(in crate::judge) fn out_of_force(scheme: &Scheme, as_of: NaiveDate) -> Expr {
    let is = |why: OutOfForce| says(why.index());
    let too_late = scheme.roster.cut_off.map_or(lit(false), approved_after);
    first_of(
        [
            (
                in_force_on(day(as_of), scheme),
                lit(NULL).cast(DataType::UInt8),
            ),
            (col(c::CATEGORY).is_null(), is(OutOfForce::UnknownCategory)),
            (col(c::ENDED).lt_eq(day(as_of)), is(OutOfForce::Ended)),
            (too_late, is(OutOfForce::TooLate)),
        ],
        is(OutOfForce::NotYet),
    )
}

/// Why a member of a household is not charged, or needs a second look (`Remark`): the first that
/// fits, null for none (docs/readings.md#households). `is_kept` says that this row is the one on
/// which the person is charged.
pub(in crate::judge) fn remark(is_kept: Expr, paid: Expr, scheme: &Scheme) -> Expr {
    let is = |remark: Remark| says(remark.index());
    first_of(
        [
            (is_kept.not(), is(Remark::OtherHousehold)),
            (dead_before(scheme), is(Remark::Deceased)),
            (is_employee(), is(Remark::Employee)),
            (col(p::PAYABLE).eq(lit(0i64)), is(Remark::Subsidised)),
            (paid.gt_eq(col(p::PAYABLE)), is(Remark::Paid)),
        ],
        lit(NULL).cast(DataType::UInt8),
    )
}

/// Who is not charged through a household, whatever is due.
pub(in crate::judge) fn is_not_charged(remark: &str) -> Expr {
    let not_charged = [Remark::OtherHousehold, Remark::Deceased, Remark::Employee];
    let is = |one: Remark| col(remark).eq(says(one.index()));
    not_charged.map(is).into_iter().fold(lit(false), Expr::or)
}
