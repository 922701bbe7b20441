//! One standing a person: the first that fits (DESIGN §5).

use polars::prelude::*;

use crate::domain::{SourceKind, Standing, columns as c};
use crate::people::{People, Person, p};
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

/// STANDING of the persons at these positions, nothing of one who is in no book that counts.
pub(super) fn column(people: &People, at: &[u32]) -> Column {
    let persons = at.iter().map(|at| people.persons.get(*at as usize));
    let standings: UInt8Chunked = persons.map(|person| person.map(|person| standing(person).index())).collect();
    standings.with_name(c::STANDING.into()).into_column()
}

/// Every person of the register, also those whose number is unusable.
pub(super) fn of_register(people: &People, scheme: &Scheme) -> PolarsResult<DataFrame> {
    let known = people.those(Person::on_register);
    let mut columns = people.columns(&[c::ID, c::NAME, p::REGISTER_REGION, p::FACE_ORIGIN, p::FACE_ROW], &known)?;
    columns.insert(3, column(people, &known));
    let mut known = DataFrame::new(known.len(), columns)?;
    known.set_column_names(&[c::ID, c::NAME, c::REGION, c::STANDING, c::ORIGIN, c::ROW])?;
    for (kind, frame) in &people.books.unusable {
        if *kind == SourceKind::Register {
            let pending = frame.clone().lazy().select([
                col(c::ID),
                col(c::NAME),
                coalesce(&[col(c::REGION), lit(scheme.regions.root())]).alias(c::REGION),
                lit(Standing::Pending.index()).cast(DataType::UInt8).alias(c::STANDING),
                col(c::ORIGIN),
                col(c::ROW),
            ]);
            known.vstack_mut(&pending.collect()?)?;
        }
    }
    Ok(known)
}
