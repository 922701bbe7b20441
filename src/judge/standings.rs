//! One standing a person: the first that fits (DESIGN §5).

use polars::prelude::*;

use super::traits::{Trait, Traits};
use crate::domain::{SourceKind, Standing, columns as c};
use crate::people::{People, Person};
use crate::scheme::Scheme;

/// `military` … `declined` come from answers, which a later issue brings.
pub(super) fn standing(person: &Person) -> Standing {
    let insures = person.resident_insures;
    if person.dead {
        Standing::Deceased
    } else if person.employee_here > 0 {
        Standing::LocalEmployee
    } else if person.resident_here > 0 && insures {
        Standing::LocalResident
    } else if person.is_employee() {
        Standing::ElsewhereEmployee
    } else if person.resident_away > 0 && insures {
        Standing::ElsewhereResident
    } else if person.departed {
        Standing::Other
    } else {
        Standing::Uninsured
    }
}

/// Every person of the register, also those whose number is unusable.
pub(super) fn of_register(
    people: &People,
    traits: &Traits,
    scheme: &Scheme,
) -> PolarsResult<DataFrame> {
    let known = traits.those(Trait::OnRegister);
    let mut columns = people.of_register(&known)?;
    columns.insert(3, traits.standings(&known));
    let mut known = DataFrame::new(known.len(), columns)?;
    known.set_column_names(&[c::ID, c::NAME, c::REGION, c::STANDING, c::ORIGIN, c::ROW])?;
    for (kind, frame) in &people.books.unusable {
        if *kind == SourceKind::Register {
            let pending = frame.clone().lazy().select([
                col(c::ID),
                col(c::NAME),
                coalesce(&[col(c::REGION), lit(scheme.regions.root())]).alias(c::REGION),
                lit(Standing::Pending.index())
                    .cast(DataType::UInt8)
                    .alias(c::STANDING),
                col(c::ORIGIN),
                col(c::ROW),
            ]);
            known.vstack_mut(&pending.collect()?)?;
        }
    }
    Ok(known)
}
