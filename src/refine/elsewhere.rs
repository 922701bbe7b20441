//! Elsewhere: registrations and payments that other places report → typed.

use anyhow::Result;
use chrono::NaiveDate;
use polars::prelude::*;

use super::book::PersonRows;
use super::payments::{Money, states_amounts};
use super::places::Gazetteer;
use super::table::BookText;
use super::{declared, frame, registrations, repairs, vocabulary};
use crate::domain::period::epoch_day;
use crate::domain::{Cover, Fate, Field, columns as c};
use crate::scheme::Scheme;

/// One row a reported registration, payment, or both.
pub(crate) fn typed(
    table: &BookText,
    scheme: &Scheme,
    gazetteer: &Gazetteer,
    as_of: NaiveDate,
) -> Result<DataFrame> {
    let mut book = PersonRows::open(table, scheme, gazetteer);
    let covers = vocabulary::covers(table, scheme);
    let ended = declared::ended(table);
    let statuses = declared::statuses(table, scheme, ended.as_deref(), as_of);
    let other_year = registrations::other_year(table, scheme);
    let begun = repairs::days(table, Field::Begun);
    let money = Money::read(table);

    // What a row reports follows from the columns of its sheet; on a sheet of both kinds an amount makes a payment.
    let has_amounts = table.by_part(states_amounts);
    let is_registration = table.by_part(|part| {
        part.has(Field::Status) || part.has(Field::RegistrationNo) || !states_amounts(part)
    });
    let is_payment =
        table.each(|at| has_amounts[at] && (!is_registration[at] || !money.is_blank(at)));

    let after = epoch_day(as_of);
    book.settle(Fate::OtherYear, |at| other_year[at]);
    book.settle(Fate::OtherScheme, |at| covers[at].0 == Cover::OtherCover);
    book.settle(Fate::AfterAsOf, |at| {
        let paid = is_payment[at] && money.paid_on[at].known().is_some_and(|day| day > after);
        paid || is_registration[at]
            && registrations::is_after(begun[at].known(), covers[at].0, scheme, as_of)
    });

    let unknown = (0..table.len).map(|at| covers[at].1.or(statuses[at].1));
    let mut more = vec![
        frame::indexes(
            c::COVER,
            covers.iter().map(|cover| cover.0.index()).collect(),
        ),
        frame::indexes(
            c::STATUS,
            statuses.iter().map(|status| status.0.index()).collect(),
        ),
        frame::rare_text(c::UNKNOWN_WORD, unknown),
        table.as_written(Field::RegistrationNo, c::NUMBER),
        frame::days(c::BEGUN, &begun),
    ];
    more.extend(ended.map(|days| frame::days(c::ENDED, &days)));
    more.extend(money.columns(table));
    more.push(frame::flags(
        c::IS_REGISTRATION,
        is_registration.iter().copied(),
    ));
    more.push(frame::flags(c::IS_PAYMENT, is_payment.iter().copied()));
    book.into_frame(more)
}
