//! Everyone on the register with the one standing that the rule book gives them.

use polars::prelude::*;

use super::rulebook::{r, says};
use crate::domain::{SourceKind, Standing, columns as c};
use crate::people::{FACES, People, p};
use crate::scheme::Scheme;

/// Every person of the register, also those whose number is unusable.
pub(super) fn of_register(people: &People, scheme: &Scheme) -> PolarsResult<DataFrame> {
    let wanted = [FACES.as_slice(), &[p::REGISTER_REGION, c::STANDING]].concat();
    let known = people.those(r::ON_REGISTER, &wanted)?;
    let face = people.of_register(&known)?;
    let known = people.places.spelled(known, &[p::REGISTER_REGION])?;
    let region = known.column(p::REGISTER_REGION)?.clone();
    let columns = vec![
        face.column(c::ID)?.clone(),
        face.column(c::NAME)?.clone(),
        region.with_name(c::REGION.into()),
        known.column(c::STANDING)?.clone(),
        face.column(c::ORIGIN)?.clone(),
        face.column(c::ROW)?.clone(),
    ];
    let mut all = DataFrame::new(known.height(), columns)?;
    let unusable = people.books.unusable.iter();
    for (_, frame) in unusable.filter(|(kind, _)| *kind == SourceKind::Register) {
        let pending = frame.clone().lazy().select([
            col(c::ID),
            col(c::NAME),
            coalesce(&[col(c::REGION), lit(scheme.regions.root())]).alias(c::REGION),
            says(Standing::Pending.index()).alias(c::STANDING),
            col(c::ORIGIN),
            col(c::ROW),
        ]);
        all.vstack_mut(&pending.collect()?)?;
    }
    Ok(all)
}
