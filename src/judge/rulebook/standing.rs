//! One standing a person, the region where the person is at home, and the relation that is proposed
//! to stay.

use polars::prelude::*;

use super::r;
use super::terms::{
    employee_here, first_of, insured_away, insured_here, is_employee, on_register, pays_away,
    pays_here, says, several,
};
use crate::domain::{KeptWhy, Standing};
use crate::people::{Places, p};
use crate::scheme::Scheme;

/// Where the person is to be found (docs/readings.md#home). A register row that names no region
/// leaves it to the other books to say.
pub(super) fn home(places: &Places) -> Expr {
    let whole = lit(places.root().number());
    let register_names = when(col(p::REGISTER_REGION).neq(whole))
        .then(col(p::REGISTER_REGION))
        .otherwise(lit(NULL));
    coalesce(&[
        register_names,
        col(p::COUNTED_REGION),
        col(p::ROSTER_REGION),
        col(p::PAYMENT_REGION),
        col(p::REGISTER_REGION),
    ])
}

/// docs/readings.md#insured: with `insured-when = "paid"` a resident must also have paid in the pool
/// of the registration, be subsidised there, or owe nothing there.
pub(super) fn resident_insures(scheme: &Scheme) -> [Expr; 2] {
    let asked = |pays: Expr| {
        if scheme.insured_when_paid {
            pays
        } else {
            lit(true)
        }
    };
    [
        asked(pays_here()).alias(r::RESIDENT_INSURES),
        asked(pays_away()).alias(r::RESIDENT_INSURES_AWAY),
    ]
}

/// docs/readings.md#standing: of two that fit, the earlier wins. `military` … `other` are what the
/// list of departures says.
pub(super) fn standing() -> Expr {
    let is = |standing: Standing| says(standing.index());
    first_of(
        [
            (col(p::DEAD), is(Standing::Deceased)),
            (employee_here(), is(Standing::LocalEmployee)),
            (insured_here(), is(Standing::LocalResident)),
            (is_employee(), is(Standing::ElsewhereEmployee)),
            (insured_away(), is(Standing::ElsewhereResident)),
            (col(p::GONE_AS).is_not_null(), gone_as()),
            (col(p::DEPARTED), is(Standing::Other)),
            (col(r::IN_TRANSIT), is(Standing::InTransit)),
        ],
        is(Standing::Uninsured),
    )
}

fn gone_as() -> Expr {
    col(p::GONE_AS).cast(DataType::UInt8)
}

/// The grounds on which a relation is proposed to stay, with its pool, in the order of
/// docs/readings.md#kept-pool. The office decides.
fn grounds() -> [(Expr, &'static str, KeptWhy); 5] {
    let registered = || col(p::RESIDENT_POOLS).gt(lit(0u32));
    let once = registered().and(several(p::RESIDENT_POOLS).not());
    [
        (
            registered().not().and(on_register()),
            p::REGISTER_POOL,
            KeptWhy::Residence,
        ),
        (registered().not(), p::FIRST_POOL, KeptWhy::FirstPayment),
        (once, p::RESIDENT_POOL, KeptWhy::OnlyRegistration),
        (
            col(p::REGISTERED_AT_SCHOOL),
            p::SCHOOL_POOL,
            KeptWhy::School,
        ),
        (
            col(p::REGISTERED_AT_HOME),
            p::REGISTER_POOL,
            KeptWhy::Residence,
        ),
    ]
}

/// Pool of the relation that is proposed to stay (docs/readings.md#kept-pool).
pub(super) fn kept_pool() -> Expr {
    let pools = grounds().map(|(fits, pool, _)| (fits, col(pool)));
    first_of(pools, col(p::RESIDENT_POOL))
}

/// Why it stays (`KeptWhy`).
pub(in crate::judge) fn kept_why() -> Expr {
    let grounds = grounds().map(|(fits, _, why)| (fits, says(why.index())));
    first_of(grounds, says(KeptWhy::LowestCode.index()))
}
