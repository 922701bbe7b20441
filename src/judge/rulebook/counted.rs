//! What counts where: rows on the bridge, persons on a day of the assessment, grants that are owed,
//! registrations too many.

use polars::prelude::*;

use super::terms::{
    first_of, insured_here, is_employee, is_entitled, is_free, is_resident, on_register,
    recorded_subsidy, resident_here, says, several, stands,
};
use super::{Extra, RowClass};
use crate::domain::{Cover, Standing};
use crate::people::p;

/// What becomes of a person's registered row on the bridge (`RowClass`, docs/readings.md#bridge);
/// `row_at` is the position of the row in its book.
pub(in crate::judge) fn row_class(row_at: &str) -> Expr {
    let is = |class: RowClass| says(class.index());
    let counted = col(p::COUNTED_AT).eq_missing(col(row_at));
    let insured = stands([Standing::LocalEmployee, Standing::LocalResident]);
    first_of(
        [
            (counted.not(), is(RowClass::Surplus)),
            (on_register().not(), is(RowClass::NotOnRegister)),
            (stands([Standing::Deceased]), is(RowClass::Deceased)),
            (insured, is(RowClass::Insured)),
        ],
        is(RowClass::Unpaid),
    )
}

/// A grant that a payer owes (docs/readings.md#funding): entitled, a normal resident registration
/// here, no employee relation.
pub(in crate::judge) fn is_funded() -> Expr {
    is_entitled()
        .and(resident_here())
        .and(is_employee().not())
        .and(col(p::GRANT_CATEGORY).is_not_null())
}

/// Resident registrations beyond the one that stays, by kind (docs/readings.md#audit): all of them
/// where an employee relation does.
pub(in crate::judge) fn extra_registrations() -> [(Extra, Expr, Expr); 3] {
    let all = || col(p::RESIDENT_HERE) + col(p::RESIDENT_AWAY);
    let pools = || col(p::RESIDENT_POOLS);
    let none_stays = is_employee().and(is_resident());
    let one_stays = || is_employee().not().and(all().gt(lit(1u32)));
    let in_one_pool = one_stays().and(all().gt(pools()));
    let in_pools = one_stays().and(several(p::RESIDENT_POOLS));
    [
        (Extra::CrossScheme, none_stays, all()),
        (Extra::SamePool, in_one_pool, all() - pools()),
        (Extra::CrossRegion, in_pools, pools() - lit(1u32)),
    ]
}

/// First effectively paid by a day; or nothing is owed, or a subsidy recorded, and on a roster by
/// then.
fn is_settled_by(on: &Expr) -> Expr {
    let free = is_free().or(recorded_subsidy().gt(lit(0i64)));
    let paid = col(p::FIRST_PAID_ON).lt_eq(on.clone());
    paid.or(free.and(col(p::ROSTERED_SINCE).lt_eq(on.clone())))
}

fn covers(employee: Expr, resident: Expr) -> Expr {
    first_of(
        [
            (employee, says(Cover::Employee.index())),
            (resident, says(Cover::Resident.index())),
        ],
        lit(NULL).cast(DataType::UInt8),
    )
}

/// The cover under which a person registered here counts on a day (docs/readings.md#on-day),
/// employee before resident; null for none.
pub(in crate::judge) fn assessed_here(on: &Expr) -> Expr {
    let alive = col(p::DEAD).not();
    let employee = col(p::EMPLOYEE_HERE_SINCE).lt_eq(on.clone());
    let resident = insured_here().and(is_settled_by(on));
    covers(alive.clone().and(employee), alive.and(resident))
}

/// The cover under which a person of the register, insured anywhere, counts on a day; null for
/// none.
pub(in crate::judge) fn assessed_register(on: &Expr) -> Expr {
    let employee = stands([Standing::LocalEmployee, Standing::ElsewhereEmployee]);
    let resident = stands([Standing::LocalResident, Standing::ElsewhereResident]);
    covers(
        employee.and(col(p::EMPLOYEE_SINCE).lt_eq(on.clone())),
        resident.and(is_settled_by(on)),
    )
}
