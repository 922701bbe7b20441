//! Refunds: which voucher's money is owed back, why, by when the event had to be, and whether the
//! rules allow it.
//!
//! Expressions over vouchers with their payer's columns beside them (`v`).

use polars::prelude::*;

use super::terms::{dead_before, first_of, is_employee, is_entitled, says, several};
use super::{r, v};
use crate::domain::{Doubt, Doubts, KeptWhy, Reason};
use crate::people::{p, read::day};
use crate::scheme::Scheme;

/// 医保办函〔2021〕11号, the rule where a scheme declares none.
const REFUND_CLAUSE: &str = "医保办函〔2021〕11号第十六条";

/// Nothing is due from the payer anywhere: covered as an employee, or dead before the benefit
/// period.
pub(in crate::judge) fn nothing_due(scheme: &Scheme) -> Expr {
    is_employee().or(dead_before(scheme))
}

/// The payer's money may be owed back: more was paid than is due, or the payer is dead, or left.
pub(in crate::judge) fn is_owed_back(scheme: &Scheme) -> Expr {
    super::is_overpaid()
        .or(dead_before(scheme))
        .or(col(v::LEFT_AS).is_not_null())
}

/// The pool that stays and why (docs/readings.md#departures): who left and is registered elsewhere
/// keeps that relation, whatever the register still says.
pub(in crate::judge) fn kept() -> [Expr; 2] {
    let left_for = || {
        col(v::LEFT_AS)
            .is_not_null()
            .and(col(v::AWAY_POOL).is_not_null())
    };
    let one = || left_for().and(several(v::AWAY_POOLS).not());
    let pool = when(left_for())
        .then(col(v::AWAY_POOL))
        .otherwise(col(r::KEPT_POOL));
    let why = first_of(
        [
            (one(), says(KeptWhy::OnlyRegistration.index())),
            (left_for(), says(KeptWhy::LowestCode.index())),
        ],
        super::kept_why(),
    );
    [pool, why]
}

/// Paid in the scheme that the payer left.
fn has_left() -> Expr {
    col(v::HERE).and(col(v::LEFT_AS).is_not_null())
}

/// Paid in another pool than the one that stays.
fn elsewhere() -> Expr {
    let other = col(p::POOL_AT).neq_missing(col(v::KEEP_POOL));
    other.and(has_left().not())
}

/// What is due may be taken from this voucher: paid in the pool that stays, by somebody who has not
/// left it.
pub(in crate::judge) fn is_due() -> Expr {
    let kept = col(p::POOL_AT).eq_missing(col(v::KEEP_POOL));
    kept.and(has_left().not())
}

/// The reason of a refund (`Reason`): the first of the closed list that explains it
/// (docs/readings.md#refunds).
pub(in crate::judge) fn reason(scheme: &Scheme) -> Expr {
    let explained = Reason::ALL.iter().rev();
    let last = lit(NULL).cast(DataType::UInt8);
    explained.fold(last, |rest, reason| {
        when(explains(*reason, scheme))
            .then(says(reason.index()))
            .otherwise(rest)
    })
}

/// Whether a reason explains why a voucher's money goes back.
fn explains(reason: Reason, scheme: &Scheme) -> Expr {
    let several_pools = || several(p::RESIDENT_POOLS).or(several(p::PAYMENT_POOLS));
    let again = || col(v::FIRST_OF_POOL).not();
    // A departure by itself leaves the due as it is: only a rule of the notice gives everything
    // back.
    let left_as = || has_left().and(col(v::LEFT_AS).eq(says(reason.index())));
    match reason {
        Reason::Deceased => dead_before(scheme),
        Reason::EmployeeToo => is_employee(),
        Reason::OtherPool => elsewhere().and(several_pools()),
        Reason::WrongPool => elsewhere(),
        // A student pays at school and at home.
        Reason::StudentToo => col(p::STUDENT).and(again()).and(has_left().not()),
        Reason::MovedOut | Reason::LifetimeBenefit | Reason::LeftScheme => left_as(),
        Reason::PaidTwice => again(),
        Reason::SubsidyMissed => is_entitled().and(col(v::NET).gt(col(p::PAYABLE))),
        Reason::EntryError => lit(true),
    }
}

/// Something that follows from the reason of a case.
fn by_reason(of: impl Fn(Reason) -> Expr, nothing: Expr) -> Expr {
    Reason::ALL.iter().rev().fold(nothing, |rest, reason| {
        when(col(v::REASON).eq(says(reason.index())))
            .then(of(*reason))
            .otherwise(rest)
    })
}

/// The day of the event that decides whether the refund is allowed.
pub(in crate::judge) fn event() -> Expr {
    let of = |reason: Reason| match reason {
        Reason::Deceased => col(p::DEATH_ON),
        Reason::EmployeeToo => coalesce(&[col(p::EMPLOYEE_BEGUN), col(v::PAID_ON)]),
        Reason::OtherPool | Reason::StudentToo => {
            coalesce(&[col(v::KEPT_BEGUN), col(p::LAST_PAID_ON)])
        }
        Reason::MovedOut | Reason::LifetimeBenefit | Reason::LeftScheme => col(v::LEFT_ON),
        Reason::WrongPool | Reason::PaidTwice | Reason::SubsidyMissed | Reason::EntryError => {
            col(v::PAID_ON)
        }
    };
    by_reason(of, lit(NULL).cast(DataType::Date))
}

/// The day before which the event had to be, where there is one: the scheme's own, else the first
/// day of benefits for every reason but mistakes, which have no limit.
pub(in crate::judge) fn limit(scheme: &Scheme) -> Expr {
    let of = |reason: Reason| {
        let declared = scheme.refunds.iter().find(|rule| rule.reason == reason);
        let before = match (declared, reason) {
            (Some(rule), _) => rule.before,
            (
                None,
                Reason::PaidTwice | Reason::WrongPool | Reason::SubsidyMissed | Reason::EntryError,
            ) => None,
            (None, _) => Some(scheme.benefit.from),
        };
        before.map_or(lit(NULL).cast(DataType::Date), day)
    };
    by_reason(of, lit(NULL).cast(DataType::Date))
}

/// The clause on which it rests: the scheme's own, else the national rule.
pub(in crate::judge) fn clause(scheme: &Scheme) -> Expr {
    let of = |reason: Reason| {
        let declared = scheme.refunds.iter().find(|rule| rule.reason == reason);
        let stated = declared.map(|rule| rule.clause.as_str());
        lit(stated
            .filter(|clause| !clause.is_empty())
            .unwrap_or(REFUND_CLAUSE))
    };
    by_reason(of, lit(REFUND_CLAUSE))
}

/// A doubt where a condition holds.
fn doubtful(doubt: Doubt, holds: Expr) -> Expr {
    let none = lit(Doubts::NONE.bits());
    when(holds)
        .then(lit(Doubts::one(doubt).bits()))
        .otherwise(none)
}

/// What is doubtful of the rows that a case rests on (`Doubts`): all payments, relations and roster rows of the payer, and the
/// rows of death, departure or school (docs/readings.md#doubts).
pub(in crate::judge) fn doubts() -> Expr {
    let event_unknown = col(v::EVENT_ON).is_null().and(col(v::LIMIT).is_not_null());
    let of_case = [
        doubtful(Doubt::TooLong, col(v::IN_LONG_ROW)),
        doubtful(Doubt::OtherName, col(v::IN_CONFLICT)),
        doubtful(Doubt::EventUnknown, event_unknown),
    ];
    let of_rows = [
        p::PAYMENT_DOUBTS,
        p::REGISTRATION_DOUBTS,
        p::ROSTER_DOUBTS,
        p::EVENT_DOUBTS,
    ];
    of_case.into_iter().fold(
        of_rows
            .map(col)
            .into_iter()
            .reduce(Expr::or)
            .unwrap_or(lit(Doubts::NONE.bits())),
        Expr::or,
    )
}

/// No money on a doubt.
fn is_beyond_doubt() -> Expr {
    col(v::DOUBTS).eq(lit(Doubts::NONE.bits()))
}

/// Whether the rules allow it: nothing is doubtful, and there is no limit, or an event on a known day before it.
pub(in crate::judge) fn eligible() -> Expr {
    let in_time = col(v::EVENT_ON).lt(col(v::LIMIT));
    let allowed = when(in_time)
        .then(lit(true))
        .otherwise(col(v::LIMIT).is_null());
    is_beyond_doubt().and(allowed)
}

/// Event, limit and clause where they do not allow it; empty where they do, and where that is in doubt.
pub(in crate::judge) fn why_not() -> Expr {
    let text = |column: &str| col(column).cast(DataType::String);
    let bar = || lit("|");
    let limit = || text(v::LIMIT) + bar() + col(v::CLAUSE);
    let too_late = lit("not-before-limit|") + text(v::EVENT_ON) + bar() + limit();
    let in_doubt = is_beyond_doubt().not();
    first_of([(col(v::ELIGIBLE).or(in_doubt), lit(""))], too_late)
}
