//! The rule book: the law as expressions over the frame with one row a person, in one place, for a
//! lawyer to read.
//!
//! In:  persons as `people` hands them over; rows of a book with their person's columns beside them.
//! Out: sentences, the standing, verdicts and reasons as columns; of two that fit, the earlier wins.
//! Never: walks over persons, reads a file, or joins.

mod counted;
mod lists;
pub mod r;
mod refunds;
mod said;
mod sentences;
mod standing;
mod terms;
pub mod v;

use chrono::NaiveDate;
use polars::prelude::*;

pub(super) use counted::{Then, extra_registrations, is_funded, row_class};
pub(super) use lists::{
    enrolment, is_insured, is_not_charged, out_of_force, registered_in, remark, to_canvass, verdict,
};
pub(super) use refunds::{
    clause, doubts, eligible, event, is_due, is_owed_back, kept, limit, nothing_due, reason,
    why_not,
};
pub use said::{Enrolment, Extra, OnTheWay, OutOfForce, Remark, RowClass, Verdict};
pub(super) use sentences::is_overpaid;
pub(super) use standing::kept_why;
pub use terms::in_words;
pub(super) use terms::{
    category, granted, is_employee, is_entitled, no_money, no_text, of_category, resident_record,
    says,
};

use crate::domain::columns as c;
use crate::people::People;
use crate::scheme::Scheme;

/// The persons of a bucket with everything that the rule book says of each: `r`, STANDING, and the
/// finding of every code. `in_transit_since`: see `Brief`.
pub(super) fn ruled(
    mut people: People,
    in_transit_since: Option<NaiveDate>,
    scheme: &Scheme,
) -> PolarsResult<People> {
    let findings = sentences::findings(scheme).into_iter();
    let findings = findings.map(|(code, holds)| holds.alias(code.code()));
    let others = sentences::others().into_iter();
    let others = others.map(|(name, holds)| holds.alias(name));
    people.persons = people
        .persons
        .lazy()
        .with_columns([
            standing::home(&people.places).alias(r::PERSON_REGION),
            standing::kept_pool().alias(r::KEPT_POOL),
            sentences::in_transit(in_transit_since).alias(r::IN_TRANSIT),
        ])
        .with_columns(standing::resident_insures(scheme))
        .with_column(standing::standing().alias(c::STANDING))
        .with_columns(findings.chain(others).collect::<Vec<_>>())
        .collect()?;
    Ok(people)
}
