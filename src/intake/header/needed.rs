//! What a table must have to be a source's.

use crate::domain::{Field, SourceKind};

/// What a source cannot do without: of every group one field.
pub fn needed(source: SourceKind) -> &'static [&'static [Field]] {
    const REGION: &[Field] = &[
        Field::Township,
        Field::Village,
        Field::County,
        Field::Place,
        Field::RegionCode,
    ];
    const FIGURE: &[Field] = &[
        Field::Task,
        Field::Population,
        Field::Floor,
        Field::LastYear,
        Field::LastYearEmployee,
        Field::LastYearTotal,
    ];
    const MONEY: &[Field] = &[Field::Total, Field::Personal, Field::Subsidy];
    match source {
        SourceKind::Tasks => &[REGION, FIGURE],
        SourceKind::Payments => &[&[Field::Id], MONEY],
        SourceKind::HouseholdTotals => &[
            &[Field::Household, Field::Head],
            &[Field::Members, Field::Total, Field::Personal],
        ],
        _ => &[&[Field::Id]],
    }
}
