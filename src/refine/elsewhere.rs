//! Elsewhere: registrations and payments that other places report → typed.

use anyhow::Result;
use chrono::NaiveDate;
use polars::prelude::*;

use super::book::PersonRows;
use super::frame;
use super::payments::{Money, states_amounts};
use super::places::Gazetteer;
use super::registrations::{Relations, made_on};
use super::table::{BookText, SheetPart};
use crate::domain::{Doubt, Fate, Field, columns as c};
use crate::scheme::{Reports, Scheme};

/// What the rows of a sheet are.
#[derive(Clone, Copy)]
enum Shape {
    /// Each is a relation, and a payment where it states an amount.
    Relations,
    /// None is a relation.
    Money,
    /// As `Money`, but for what cannot be a payment.
    Payments,
    /// Each that names an insurance and a place is a relation.
    Either,
}

fn of_declared(reports: Reports) -> Shape {
    match reports {
        Reports::Registrations | Reports::Both => Shape::Relations,
        Reports::Payments => Shape::Money,
    }
}

/// Who lists relations states what became of them; who lists payments, when each was made.
fn shape(part: &SheetPart) -> Shape {
    let of_relations = [Field::Status, Field::RegistrationNo, Field::Begun];
    let of_payments = [Field::PaidOn, Field::Voucher];
    if !states_amounts(part) || of_relations.iter().any(|field| part.has(*field)) {
        Shape::Relations
    } else if of_payments.iter().any(|field| part.has(*field)) {
        Shape::Payments
    } else {
        Shape::Either
    }
}

/// One row a reported registration, payment, or both.
pub(crate) fn typed(
    table: &BookText,
    scheme: &Scheme,
    gazetteer: &Gazetteer,
    as_of: NaiveDate,
) -> Result<DataFrame> {
    let mut book = PersonRows::open(table, scheme, gazetteer);
    let relations = Relations::read(table, scheme, as_of);
    let money = Money::read(table, scheme);

    // What a row reports is declared, or follows from the columns of its sheet; on a sheet of both kinds an amount makes a
    // payment.
    let declared = scheme.source(table.kind).and_then(|rule| rule.reports);
    let has_amounts = table
        .by_part(|part| states_amounts(part) && !matches!(declared, Some(Reports::Registrations)));
    let shapes = table.by_part(|part| declared.map_or_else(|| shape(part), of_declared));
    let (schemes, places) = (table.texts(Field::Scheme), table.texts(Field::Place));
    let names_both = |at: usize| schemes.get(at).is_some() && places.get(at).is_some();
    let is_registration = table.each(|at| match shapes[at] {
        Shape::Relations => true,
        Shape::Money => false,
        Shape::Either => names_both(at),
        // An employee pays nothing of their own: a row without money is no payment.
        Shape::Payments => names_both(at) && relations.is_of_employee(at) && money.is_nothing(at),
    });
    // A relation stands whatever became of the money beside it.
    let is_gone = |at: usize| money.is_void(at) || money.is_awaited(at);
    let stands = |at: usize| is_registration[at] && relations.is_normal(at);
    let is_payment = table.each(|at| {
        let is_stated = !is_registration[at] || !money.is_blank(at);
        has_amounts[at] && is_stated && !(is_gone(at) && stands(at))
    });

    book.settle(Fate::Void, |at| is_payment[at] && money.is_void(at));
    book.settle(Fate::NotArrived, |at| {
        is_payment[at] && money.is_awaited(at)
    });
    relations.settle(&mut book);
    book.settle_later(as_of, |at| {
        money.paid_on[at].known().filter(|_| is_payment[at])
    });
    book.settle(Fate::AfterAsOf, |at| {
        is_registration[at] && relations.begin_after(at, scheme, as_of)
    });

    relations.doubt(&mut book);
    book.doubt(Doubt::Unread, |at| is_payment[at] && money.is_unread(at));
    book.doubt(Doubt::UnknownWord, |at| {
        is_payment[at] && money.states.is_doubtful(at)
    });

    let mut more = relations.columns(table);
    more.extend(relations.ended());
    more.extend(made_on(table));
    more.extend(money.columns(table));
    more.push(frame::flags(
        c::IS_REGISTRATION,
        is_registration.iter().copied(),
    ));
    more.push(relations.several_years());
    more.push(frame::flags(c::IS_PAYMENT, is_payment.iter().copied()));
    book.into_frame(more)
}
