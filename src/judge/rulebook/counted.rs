//! What counts where: rows on the bridge, persons on a day of the assessment, grants that are owed,
//! registrations too many.

use polars::prelude::*;

use super::terms::{
    any, employee_here, first_of, is_employee, is_entitled, is_free, is_resident, on_register,
    pays_away, pays_here, recorded_subsidy, resident_away, resident_here, says, several, stands,
};
use super::{Extra, RowClass};
use crate::domain::{Cover, Standing, columns as c};
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

/// What held of a person on a day, by what is known today (docs/readings.md#on-day): what was taken
/// back, ended or died after it had not yet. On the as-of date that is what holds.
pub(in crate::judge) struct Then {
    /// `None`: the as-of date itself.
    on: Option<Expr>,
    /// Whether PAID_THEN stands beside the persons.
    taken_back: bool,
}

impl Then {
    /// The as-of date.
    pub(in crate::judge) fn now() -> Self {
        Then {
            on: None,
            taken_back: false,
        }
    }

    /// An earlier day; `taken_back` says whether PAID_THEN stands beside the persons.
    pub(in crate::judge) fn on(day: Expr, taken_back: bool) -> Self {
        Then {
            on: Some(day),
            taken_back,
        }
    }

    fn is_dead(&self) -> Expr {
        self.on.as_ref().map_or(col(p::DEAD), |on| {
            let by_then = col(p::DEATH_ON).lt_eq(on.clone());
            col(p::DEAD).and(col(p::DEATH_ON).is_null().or(by_then))
        })
    }

    /// An employee relation here had begun, and had not ended.
    fn employee_here(&self) -> Expr {
        self.on.as_ref().map_or_else(employee_here, |on| {
            let ended_later = col(p::EMPLOYEE_UNTIL)
                .gt(on.clone())
                .and(col(p::EMPLOYEE_UNTIL_SINCE).lt_eq(on.clone()));
            col(p::EMPLOYEE_HERE_SINCE)
                .lt_eq(on.clone())
                .or(ended_later)
        })
    }

    fn employee(&self) -> Expr {
        self.on.as_ref().map_or_else(is_employee, |on| {
            let since = col(p::EMPLOYEE_SINCE).lt_eq(on.clone());
            since.or(self.employee_here())
        })
    }

    /// Paid in the pool of the registration by then; or nothing is owed, or a subsidy recorded, and
    /// on a roster by then.
    fn resident_here(&self) -> Expr {
        let Some(on) = &self.on else {
            return resident_here().and(pays_here());
        };
        let ended_later = col(p::RESIDENT_UNTIL).gt(on.clone());
        let paid = col(p::FIRST_PAID_FOR_HERE).lt_eq(on.clone());
        let paid = if self.taken_back {
            paid.or(col(p::PAID_THEN))
        } else {
            paid
        };
        let free = is_free().or(recorded_subsidy().gt(lit(0i64)));
        let granted = free.and(col(p::ROSTERED_SINCE).lt_eq(on.clone()));
        resident_here().or(ended_later).and(paid.or(granted))
    }

    fn resident_away(&self) -> Expr {
        let Some(on) = &self.on else {
            return resident_away().and(pays_away());
        };
        let paid = col(p::FIRST_PAID_FOR_AWAY).lt_eq(on.clone());
        let granted = pays_away()
            .and(any(p::PAID_FOR_AWAY).not())
            .and(col(p::ROSTERED_SINCE).lt_eq(on.clone()));
        resident_away().and(paid.or(granted))
    }

    /// The cover under which a person registered here counts, employee before resident; null for
    /// none.
    pub(in crate::judge) fn cover_here(&self) -> Expr {
        first_of(
            [
                (self.is_dead(), lit(NULL).cast(DataType::UInt8)),
                (self.employee_here(), says(Cover::Employee.index())),
                (self.resident_here(), says(Cover::Resident.index())),
            ],
            lit(NULL).cast(DataType::UInt8),
        )
    }

    /// Where a person stood.
    pub(in crate::judge) fn standing(&self) -> Expr {
        let Some(on) = &self.on else {
            return col(c::STANDING);
        };
        let is = |standing: Standing| says(standing.index());
        let gone = col(p::DEPARTED_ON)
            .is_null()
            .or(col(p::DEPARTED_ON).lt_eq(on.clone()));
        first_of(
            [
                (self.is_dead(), is(Standing::Deceased)),
                (self.employee_here(), is(Standing::LocalEmployee)),
                (self.resident_here(), is(Standing::LocalResident)),
                (self.employee(), is(Standing::ElsewhereEmployee)),
                (self.resident_away(), is(Standing::ElsewhereResident)),
                (col(p::DEPARTED).and(gone), is(Standing::Other)),
            ],
            is(Standing::Uninsured),
        )
    }

    /// The cover under which a person of the register counts, insured anywhere; null for none.
    pub(in crate::judge) fn cover_anywhere(standing: &str) -> Expr {
        let of = |standings: [Standing; 2]| {
            let is = |one: Standing| col(standing).eq(says(one.index()));
            standings.map(is).into_iter().fold(lit(false), Expr::or)
        };
        first_of(
            [
                (
                    of([Standing::LocalEmployee, Standing::ElsewhereEmployee]),
                    says(Cover::Employee.index()),
                ),
                (
                    of([Standing::LocalResident, Standing::ElsewhereResident]),
                    says(Cover::Resident.index()),
                ),
            ],
            lit(NULL).cast(DataType::UInt8),
        )
    }
}
