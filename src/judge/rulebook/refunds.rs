//! Refunds: which voucher's money is owed back, why, by when the event had to be, and whether the
//! rules allow it.
//!
//! Expressions over vouchers with their payer's columns beside them (`v`).

use polars::prelude::*;

use super::terms::{dead_before, first_of, is_employee, is_entitled, says, several};
use super::{r, v};
use crate::domain::{Doubt, Doubts, KeptWhy, Price, Reason};
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

/// The payer's own money at full price beside the voucher by which the grant came.
fn own_beside_grant() -> Expr {
    subsidy_missed().and(col(v::BESIDE_GRANT))
}

/// Paid in our own pool by somebody entitled, for more than is then due.
fn subsidy_missed() -> Expr {
    let too_much = col(v::NET).gt(col(p::PAYABLE));
    is_entitled().and(col(v::OURS)).and(too_much)
}

/// Whether a reason explains why a voucher's money goes back.
fn explains(reason: Reason, scheme: &Scheme) -> Expr {
    let several_pools = || several(p::RESIDENT_POOLS).or(several(p::PAYMENT_POOLS));
    let again = || col(v::FIRST_OF_POOL).not().and(own_beside_grant().not());
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
        Reason::SubsidyMissed => subsidy_missed(),
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

/// The later of two days; null where one is not known.
fn later(one: Expr, other: Expr) -> Expr {
    let both = one.clone().is_not_null().and(other.clone().is_not_null());
    let later = when(one.clone().gt(other.clone()))
        .then(one)
        .otherwise(other);
    when(both).then(later).otherwise(no_day())
}

/// When somebody was covered twice: the later of both payments; where the relation that stays has
/// none, the later of this payment and the day on which that relation was made. A payment that is
/// too late by itself needs no other day.
fn twice_covered() -> Expr {
    let paid = || col(v::PAID_ON);
    let too_late = col(v::KEPT_MADE).is_null().and(paid().gt_eq(col(v::LIMIT)));
    first_of(
        [
            (
                col(v::KEPT_PAYMENTS).is_not_null(),
                later(paid(), col(v::KEPT_PAID)),
            ),
            (too_late, paid()),
        ],
        later(paid(), col(v::KEPT_MADE)),
    )
}

fn no_day() -> Expr {
    lit(NULL).cast(DataType::Date)
}

/// The day of the event that decides whether the refund is allowed, where LIMIT is known.
pub(in crate::judge) fn event() -> Expr {
    let of = |reason: Reason| match reason {
        Reason::Deceased => col(p::DEATH_ON),
        Reason::EmployeeToo => coalesce(&[col(p::EMPLOYEE_BEGUN), col(v::PAID_ON)]),
        Reason::OtherPool | Reason::StudentToo => twice_covered(),
        Reason::MovedOut | Reason::LifetimeBenefit | Reason::LeftScheme => col(v::LEFT_ON),
        Reason::WrongPool | Reason::PaidTwice | Reason::SubsidyMissed | Reason::EntryError => {
            col(v::PAID_ON)
        }
    };
    by_reason(of, no_day())
}

/// First day of cover of the relation that a voucher paid for: a late entry's and a student's own,
/// everybody else's is that of the benefit period. A student's further payments are no student's.
fn cover_begins(scheme: &Scheme) -> Expr {
    let entered = col(p::ENTRY).is_not_null();
    let at_school = col(p::STUDENT).and(col(v::FIRST_OF_POOL));
    let own = col(v::HERE).and(entered.or(at_school));
    let own = own.and(col(p::COVERED_FROM).is_not_null());
    when(own)
        .then(col(p::COVERED_FROM))
        .otherwise(day(scheme.benefit.from))
}

/// The day before which the event had to be, where there is one: the scheme's own, else the first
/// day of cover for every reason but mistakes, which have no limit.
pub(in crate::judge) fn limit(scheme: &Scheme) -> Expr {
    let of = |reason: Reason| {
        let declared = scheme.refunds.iter().find(|rule| rule.reason == reason);
        match (declared, reason) {
            (Some(rule), _) => rule.before.map_or(no_day(), day),
            (
                None,
                Reason::PaidTwice | Reason::WrongPool | Reason::SubsidyMissed | Reason::EntryError,
            ) => no_day(),
            (None, _) => cover_begins(scheme),
        }
    };
    by_reason(of, no_day())
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
pub(in crate::judge) fn doubts(scheme: &Scheme) -> Expr {
    let event_unknown = col(v::EVENT_ON).is_null().and(col(v::LIMIT).is_not_null());
    let of_case = [
        doubtful(Doubt::TooLong, col(v::IN_LONG_ROW)),
        doubtful(Doubt::OtherName, col(v::IN_CONFLICT)),
        doubtful(Doubt::EventUnknown, event_unknown),
        doubtful(Doubt::PriceUnknown, price_unknown(scheme)),
        doubtful(Doubt::AboveHighestPrice, above_highest_price(scheme)),
        doubtful(
            Doubt::NotExplained,
            col(v::REASON).eq(says(Reason::EntryError.index())),
        ),
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

/// The price follows from nothing that a book says: of a late entry whose fiscal part is not
/// settled, and of what another pool asks for where a part of a voucher would go back.
fn price_unknown(scheme: &Scheme) -> Expr {
    let open = (0u16..).zip(&scheme.late).filter(|(_, rule)| {
        let unsettled = rule.price == Price::Full && scheme.fiscal.is_none();
        rule.price == Price::Unpriced || unsettled
    });
    let unpriced = open.fold(lit(false), |any, (at, _)| any.or(col(p::ENTRY).eq(lit(at))));
    let elsewhere = col(v::OURS).not().and(col(v::REFUND).lt(col(v::NET)));
    let due = col(v::IS_DUE).and(col(v::NOTHING_DUE).not());
    due.and(unpriced.fill_null(lit(false)).or(elsewhere))
}

/// More than anybody pays at once was paid at once.
fn above_highest_price(scheme: &Scheme) -> Expr {
    let asks = |price: Price| scheme.late.iter().any(|rule| rule.price == price);
    let fiscal = scheme.fiscal.filter(|_| asks(Price::Full)).unwrap_or(0);
    let previous = Some(scheme.entries.previous).filter(|_| asks(Price::TwoYears));
    let highest = scheme.premium + fiscal.max(previous.unwrap_or(0));
    (col(v::NET) + col(v::SUBSIDISED)).gt(lit(highest))
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
