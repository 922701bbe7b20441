//! What is said of a person: every sentence an expression, with the code of its finding or a name
//! of its own.

use chrono::NaiveDate;
use polars::prelude::*;

use super::r;
use super::terms::{
    dead_before, departed_before, granted, has_paid, has_paid_here, has_paid_money, is_employee,
    is_entitled, is_resident, is_subsidised, nothing_yet, on_register, on_roster, registered_here,
    resident_away, resident_here, several, stands,
};
use crate::domain::{Code, Standing};
use crate::people::{p, read::day};
use crate::scheme::Scheme;

/// The sentences that are findings. Where one is about records of the person, a check looks at the
/// records of these.
pub(super) fn findings(scheme: &Scheme) -> Vec<(Code, Expr)> {
    vec![
        // docs/readings.md#cross-scheme: nobody is insured twice (不得重复参保).
        (Code::CrossScheme, is_employee().and(is_resident())),
        // docs/readings.md#paid-not-registered: money came, nobody is registered.
        (
            Code::PaidNotRegistered,
            has_paid_here()
                .and(is_resident().not())
                .and(col(r::IN_TRANSIT).not()),
        ),
        // docs/readings.md#registered-not-paid
        (Code::RegisteredNotPaid, registered_not_paid()),
        // docs/readings.md#deceased-registered
        (
            Code::DeceasedRegistered,
            dead_before(scheme).and(registered_here()),
        ),
        // docs/readings.md#deceased-paid: on the day of death itself one may still pay.
        (
            Code::DeceasedPaid,
            col(p::LAST_PAID_HERE).gt(col(p::DEATH_ON)),
        ),
        // docs/readings.md#moved-out
        (
            Code::MovedOut,
            departed_before(scheme).and(registered_here()),
        ),
        // docs/readings.md#uninsured
        (Code::Uninsured, uninsured()),
        // docs/readings.md#not-on-register
        (
            Code::NotOnRegister,
            // Who studies here is registered by the school, and stands on its list.
            registered_here()
                .and(on_register().not())
                .and(col(p::STUDENT).not()),
        ),
        // docs/readings.md#student-duplicate: students are insured where they study (大学生在就学地参保).
        (Code::StudentDuplicate, col(p::STUDENT).and(resident_away())),
        // docs/readings.md#hardship-uninsured; 朱集 二: 困难人员全部纳入; 开平 五（一）: who is not registered is
        // named to the departments.
        (Code::HardshipUninsured, hardship_uninsured()),
        // docs/readings.md#subsidy-missed
        (Code::SubsidyMissed, subsidy_missed()),
        // docs/readings.md#subsidy-unentitled
        (Code::SubsidyUnentitled, subsidy_unentitled()),
        // docs/readings.md#subsidy-while-employee
        (Code::SubsidyWhileEmployee, subsidy_while_employee()),
    ]
}

/// The sentences that choose whose records, or whose money, is looked at.
pub(super) fn others() -> Vec<(&'static str, Expr)> {
    let listed = is_entitled().or(is_subsidised()).or(col(p::ROSTER_NOW));
    vec![
        (r::ON_REGISTER, on_register()),
        (r::REGISTERED_IN_POOLS, several(p::RESIDENT_POOLS)),
        (r::PAID_IN_POOLS, several(p::PAYMENT_POOLS)),
        (r::PAID_IN_DOUBT, paid_in_doubt()),
        (
            r::PAYERS_OVERLAP,
            is_entitled().and(several(p::GRANT_PAYERS)),
        ),
        (r::SUBSIDIES_OVERLAP, several(p::SUBSIDISED_HERE)),
        (r::ON_SUBSIDY_LIST, listed),
        (r::MAY_BE_REFUNDED, may_be_refunded()),
    ]
}

/// docs/readings.md#transit: every payment here is so late that the list of registrations may not
/// know of it yet.
pub(super) fn in_transit(since: Option<NaiveDate>) -> Expr {
    let Some(since) = since else {
        return lit(false);
    };
    let late = col(p::FIRST_PAID_HERE).gt_eq(day(since));
    has_paid_here()
        .and(is_resident().not())
        .and(late.fill_null(lit(false)))
}

/// Registered here, and neither paid nor subsidised nor free.
fn registered_not_paid() -> Expr {
    let owes = col(p::PAYABLE).gt(lit(0i64));
    resident_here().and(nothing_yet()).and(owes)
}

/// On the register or a roster, insured nowhere, and no reason known.
fn uninsured() -> Expr {
    let known = on_register().or(on_roster());
    known.and(stands([Standing::Uninsured]))
}

/// On a roster in force, insured nowhere: whoever is gone or cannot be reached is on the
/// department's desk all the same.
fn hardship_uninsured() -> Expr {
    let open = [
        Standing::Uninsured,
        Standing::Unreachable,
        Standing::Declined,
        Standing::Other,
    ];
    col(p::ROSTER_NOW).and(stands(open))
}

/// Entitled, and paid more than payable: 应资助按原价缴费. Where the grant came by another payment,
/// it is the own one that is too many.
pub(super) fn subsidy_missed() -> Expr {
    let came = several(p::PAYMENTS_HERE).and(granted().gt_eq(col(p::GRANT)));
    let too_much = col(p::PAID_HERE).gt(col(p::PAYABLE));
    is_entitled().and(too_much).and(came.not())
}

/// Subsidised without entitlement.
pub(super) fn subsidy_unentitled() -> Expr {
    is_subsidised().and(is_entitled().not())
}

/// Subsidised as a resident while an employee.
pub(super) fn subsidy_while_employee() -> Expr {
    is_subsidised().and(is_employee())
}

/// First paid in another pool than that of the registration, or, without one, of the register.
fn paid_in_doubt() -> Expr {
    let elsewhere = |right: &str| col(p::FIRST_POOL).neq_missing(col(right));
    let off = when(is_resident())
        .then(elsewhere(p::RESIDENT_POOL))
        .otherwise(on_register().and(elsewhere(p::REGISTER_POOL)));
    has_paid().and(off)
}

/// More was paid than was due, or elsewhere than due, or by somebody who owes nothing as an
/// employee.
pub(in crate::judge) fn is_overpaid() -> Expr {
    col(p::PAID)
        .gt(col(p::PAYABLE))
        .or(several(p::PAYMENT_POOLS))
        .or(col(p::FIRST_POOL).neq(col(r::KEPT_POOL)))
        .or(is_employee())
}

/// Paid money that may go back: overpaid, or dead or departed, which the notice decides.
fn may_be_refunded() -> Expr {
    let perhaps = is_overpaid().or(col(p::DEAD)).or(col(p::DEPARTED));
    has_paid_money().and(perhaps)
}
