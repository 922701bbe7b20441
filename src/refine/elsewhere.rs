//! Elsewhere: registrations and payments that other places report → typed.

use anyhow::Result;
use chrono::NaiveDate;
use polars::prelude::*;

use super::book::PersonRows;
use super::frame;
use super::payments::{Money, states_amounts};
use super::places::Gazetteer;
use super::registrations::{Relations, made_on};
use super::table::BookText;
use crate::domain::{Doubt, Fate, Field, columns as c};
use crate::scheme::Scheme;

/// One row a reported registration, payment, or both.
pub(crate) fn typed(
    table: &BookText,
    scheme: &Scheme,
    gazetteer: &Gazetteer,
    as_of: NaiveDate,
) -> Result<DataFrame> {
    let mut book = PersonRows::open(table, scheme, gazetteer);
    let relations = Relations::read(table, scheme, as_of);
    let money = Money::read(table);

    // What a row reports follows from the columns of its sheet; on a sheet of both kinds an amount makes a payment.
    let has_amounts = table.by_part(states_amounts);
    let is_registration = table.by_part(|part| {
        part.has(Field::Status) || part.has(Field::RegistrationNo) || !states_amounts(part)
    });
    let is_payment =
        table.each(|at| has_amounts[at] && (!is_registration[at] || !money.is_blank(at)));

    relations.settle(&mut book);
    book.settle_later(as_of, |at| {
        money.paid_on[at].known().filter(|_| is_payment[at])
    });
    book.settle(Fate::AfterAsOf, |at| {
        is_registration[at] && relations.begin_after(at, scheme, as_of)
    });

    relations.doubt(&mut book);
    book.doubt(Doubt::Unread, |at| is_payment[at] && money.is_unread(at));

    let mut more = relations.columns(table);
    more.extend(relations.ended());
    more.extend(made_on(table));
    more.extend(money.columns(table));
    more.push(frame::flags(
        c::IS_REGISTRATION,
        is_registration.iter().copied(),
    ));
    more.push(frame::flags(c::IS_PAYMENT, is_payment.iter().copied()));
    book.into_frame(more)
}
