//! One standing a person: the first that fits (DESIGN §5).

use polars::prelude::*;

use super::{is_employee, is_resident};
use crate::domain::{SourceKind, Standing, columns as c};
use crate::people::{Books, p};
use crate::scheme::Scheme;

fn says(standing: Standing) -> Expr {
    lit(standing.index()).cast(DataType::UInt8)
}

/// Adds STANDING. `military` … `declined` come from answers, which a later issue brings.
pub(super) fn with_standing(people: LazyFrame) -> PolarsResult<DataFrame> {
    let cascade = [
        (col(p::DEAD), Standing::Deceased),
        (col(p::EMPLOYEE_HERE).gt(lit(0u32)), Standing::LocalEmployee),
        (col(p::RESIDENT_HERE).gt(lit(0u32)).and(col(p::RESIDENT_INSURES)), Standing::LocalResident),
        (is_employee(), Standing::ElsewhereEmployee),
        (is_resident().and(col(p::RESIDENT_INSURES)).and(col(p::RESIDENT_AWAY).gt(lit(0u32))), Standing::ElsewhereResident),
        (col(p::DEPARTED), Standing::Other),
    ];
    let standing = cascade
        .into_iter()
        .rev()
        .fold(says(Standing::Uninsured), |rest, (fits, standing)| when(fits).then(says(standing)).otherwise(rest));
    people.with_column(standing.alias(c::STANDING)).collect()
}

/// Every person of the register, also those whose number is unusable.
pub(super) fn of_register(people: &DataFrame, books: &Books, scheme: &Scheme) -> PolarsResult<DataFrame> {
    let known = people.clone().lazy().filter(col(p::ON_REGISTER)).select([
        col(c::ID),
        col(c::NAME),
        col(p::REGISTER_REGION).alias(c::REGION),
        col(c::STANDING),
        col(p::FACE_ORIGIN).alias(c::ORIGIN),
        col(p::FACE_ROW).alias(c::ROW),
    ]);
    let mut known = known.collect()?;
    for (kind, frame) in &books.unusable {
        if *kind == SourceKind::Register {
            let pending = frame.clone().lazy().select([
                col(c::ID),
                col(c::NAME),
                coalesce(&[col(c::REGION), lit(scheme.regions.root())]).alias(c::REGION),
                says(Standing::Pending).alias(c::STANDING),
                col(c::ORIGIN),
                col(c::ROW),
            ]);
            known.vstack_mut(&pending.collect()?)?;
        }
    }
    Ok(known)
}
