//! In transit: what one book knows and another cannot know yet, so that nobody is blamed or paid for it
//! (docs/readings.md#transit).

use polars::prelude::*;

use super::checks::those;
use super::fates::has_fate;
use super::rulebook::{OnTheWay, r, says};
use crate::domain::period::{day_of_epoch, epoch_day};
use crate::domain::{Fate, SourceKind, columns as c};
use crate::people::{People, Stands, p};
use crate::refine::Rows;
use crate::scheme::Scheme;

/// Columns of the list beside those of `domain::columns`.
pub mod t {
    /// u8: `OnTheWay`.
    pub const WHAT: &str = "what";
    /// i64: personal and subsidised money.
    pub const FEN: &str = "fen";
    /// date?: the day whose list of registrations must know of it.
    pub const UNTIL: &str = "until";
}

/// Persons whose registration, and payments whose money, is on its way.
pub(super) fn list(people: &People, rows: &Rows, scheme: &Scheme) -> PolarsResult<DataFrame> {
    let mut all = registrations(people, scheme)?;
    if let Some(payments) = rows.frame(SourceKind::Payments) {
        all.vstack_mut_owned(money(payments, scheme)?)?;
    }
    Ok(all)
}

/// One row a person, pointing at the payment.
fn registrations(people: &People, scheme: &Scheme) -> PolarsResult<DataFrame> {
    let more = [p::FIRST_PAID_HERE, p::PAID, p::SUBSIDISED_PAID];
    let mut persons = those(people, r::IN_TRANSIT, &more)?;
    let days = persons
        .column(p::FIRST_PAID_HERE)?
        .date()?
        .physical()
        .clone();
    let until = |paid: i32| epoch_day(scheme.transit.until(day_of_epoch(paid)));
    let until: Int32Chunked = days.iter().map(|paid| paid.map(until)).collect();
    persons.with_column(until.with_name(t::UNTIL.into()).into_date().into_column())?;
    let persons = people.pointed(persons, Stands::Payment)?;
    let [origin, row] = Stands::Payment.columns();
    let columns = [
        says(OnTheWay::Registration.index()).alias(t::WHAT),
        col(c::ID),
        col(c::NAME),
        col(r::PERSON_REGION).alias(c::REGION),
        col(p::FIRST_PAID_HERE).alias(c::PAID_ON),
        (col(p::PAID) + col(p::SUBSIDISED_PAID)).alias(t::FEN),
        col(t::UNTIL),
        col(origin).alias(c::ORIGIN),
        col(row).alias(c::ROW),
    ];
    persons.lazy().select(columns).collect()
}

/// One row a payment that says of itself that its money is not there yet.
fn money(payments: &DataFrame, scheme: &Scheme) -> PolarsResult<DataFrame> {
    let columns = [
        says(OnTheWay::Money.index()).alias(t::WHAT),
        col(c::ID),
        col(c::NAME),
        coalesce(&[col(c::REGION), lit(scheme.regions.root())]).alias(c::REGION),
        col(c::PAID_ON),
        (col(c::PERSONAL) + col(c::SUBSIDISED)).alias(t::FEN),
        lit(NULL).cast(DataType::Date).alias(t::UNTIL),
        col(c::ORIGIN),
        col(c::ROW),
    ];
    let rows = payments.clone().lazy();
    rows.filter(has_fate(&[Fate::NotArrived]))
        .select(columns)
        .collect()
}
