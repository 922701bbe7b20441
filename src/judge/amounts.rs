//! Single payments: their amount and their day.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use polars::prelude::*;

use super::note::Note;
use crate::domain::{Code, Cover, Fen, columns as c, period::day_of_epoch, period::epoch_day};
use crate::people::summary::{days, flags, indexes, money, numbers, texts};
use crate::people::{People, Person, entry, gather::day, p, taken, to_one};
use crate::scheme::Scheme;

// Columns that live only in this file.
const IN_POOL: &str = "in_pool";
const SUBSIDISED_IN_POOL: &str = "subsidised_in_pool";

/// Findings of this family for one bucket.
pub(super) fn findings(people: &People, scheme: &Scheme) -> PolarsResult<Vec<DataFrame>> {
    let Chosen { doubtful, late } = Chosen::of(people, scheme)?;
    Ok(vec![
        amount_wrong(people, doubtful)?,
        amount_unreadable(people)?,
        outside_window(people, late, scheme)?,
    ])
}

/// Payments of residents here that need a closer look.
struct Chosen {
    /// An amount that the scheme does not know for this person.
    doubtful: Vec<u32>,
    /// After the window, or on a day that cannot be read.
    late: Vec<u32>,
}

impl Chosen {
    fn of(people: &People, scheme: &Scheme) -> PolarsResult<Self> {
        let rows = &people.books.payments.rows;
        let (cover, here, who) = (
            indexes(rows, c::COVER)?,
            flags(rows, c::HERE)?,
            numbers(rows, p::WHO)?,
        );
        let (personal, subsidised) = (
            money(rows, c::NET_PERSONAL)?,
            money(rows, c::NET_SUBSIDISED)?,
        );
        let (unread_amount, unread_day) = (
            texts(rows, c::UNREADABLE_AMOUNT)?,
            texts(rows, c::UNREADABLE)?,
        );
        let paid_on = days(rows, c::PAID_ON)?;
        let window_end = epoch_day(scheme.window.to);
        let (mut doubtful, mut late) = (Vec::new(), Vec::new());
        for (row, at) in (0u32..).zip(0..rows.height()) {
            if cover.get(at) != Some(Cover::Resident.index()) || here.get(at) != Some(true) {
                continue;
            }
            let person = &people.persons[who.value(at) as usize];
            let money = (personal.value(at), subsidised.value(at)); // effective payments have both
            // An amount that cannot be read is a finding of its own.
            if !is_known(person, money) && unread_amount.get(at).is_none() {
                doubtful.push(row);
            }
            if paid_on
                .get(at)
                .map_or(unread_day.get(at).is_some(), |paid| paid > window_end)
            {
                late.push(row);
            }
        }
        Ok(Chosen { doubtful, late })
    }
}

/// Whether the scheme knows an amount for this person: without a grant everyone owes the premium, or what their late entry
/// costs. What a subsidy finding explains stays silent.
fn is_known(person: &Person, (personal, subsidised): (Fen, Fen)) -> bool {
    let as_entitled = || {
        let whole = subsidised == 0 || subsidised == person.grant;
        personal > person.payable || personal == person.payable && whole
    };
    let as_everyone = || subsidised > 0 || personal == person.payable;
    let known = if person.is_entitled() {
        as_entitled()
    } else {
        as_everyone()
    };
    // subsidy-while-employee says it.
    known || person.is_employee() && subsidised > 0
}

const OF_PERSON: [&str; 4] = [p::PERSON_REGION, p::GRANT, p::GRANT_PAYERS, p::PAYABLE];

/// An amount that the scheme knows for nobody in this person's position.
fn amount_wrong(people: &People, doubtful: Vec<u32>) -> PolarsResult<DataFrame> {
    let personal = || col(c::NET_PERSONAL);
    let subsidised = || col(c::NET_SUBSIDISED);
    let pooled = |rows| people.places.beside_pools(rows);
    let doubtful = people.beside(
        pooled(taken(&people.books.payments.rows, doubtful)?)?,
        &OF_PERSON,
    )?;
    // What together comes to the due is right; only who is doubtful so far is added up.
    let persons: BTreeSet<u32> = numbers(&doubtful, p::WHO)?.values_iter().copied().collect();
    let resident = pooled(people.books.payments.of_persons(persons)?)?.lazy();
    let resident = resident.filter(col(c::COVER).eq(lit(Cover::Resident.index())));
    let sums = [
        col(c::NET_PERSONAL).sum().alias(IN_POOL),
        col(c::NET_SUBSIDISED).sum().alias(SUBSIDISED_IN_POOL),
    ];
    let pool = || [col(c::KEY), col(p::POOL_AT)];
    let rows = doubtful.lazy().join(
        resident.group_by(pool()).agg(sums),
        pool(),
        pool(),
        to_one(),
    );
    let personal_fits = || {
        personal()
            .eq(col(p::PAYABLE))
            .or(col(IN_POOL).eq(col(p::PAYABLE)))
    };
    let rows = rows.filter(personal_fits().and(subsidy_fits()).not());
    // Where the person paid what is due, it is the subsidy that is wrong.
    let due = || {
        when(personal_fits())
            .then(col(p::GRANT))
            .otherwise(col(p::PAYABLE))
    };
    let paid = || {
        when(personal_fits())
            .then(subsidised())
            .otherwise(personal())
    };
    Note::record(Code::AmountWrong)
        .texts(due(), paid())
        .amount(paid() - due())
        .of(rows)
}

/// Whether the subsidised part is none, the grant, or one instalment of it. Without a grant subsidy-unentitled says what
/// is wrong with it; one of each payer of equal grants is what subsidy-overlap says.
fn subsidy_fits() -> Expr {
    let (subsidised, grant) = (|| col(c::NET_SUBSIDISED), || col(p::GRANT));
    let of_each_payer = subsidised().eq(grant() * col(p::GRANT_PAYERS).cast(DataType::Int64));
    let whole = subsidised()
        .eq(grant())
        .or(col(SUBSIDISED_IN_POOL).eq(grant()));
    grant()
        .eq(lit(0i64))
        .or(subsidised().eq(lit(0i64)))
        .or(whole)
        .or(of_each_payer)
}

fn amount_unreadable(people: &People) -> PolarsResult<DataFrame> {
    let rows = people
        .books
        .unreadable
        .clone()
        .lazy()
        .filter(col(c::COVER).eq(lit(Cover::Resident.index())))
        .collect()?;
    let rows = people.beside_by_key(rows, &OF_PERSON)?;
    Note::record(Code::AmountWrong)
        .texts(col(p::PAYABLE), col(c::UNREADABLE_AMOUNT))
        .of(rows.lazy())
}

/// Paid after the window without a late entry or a student's month, or on a day that cannot be read.
fn outside_window(people: &People, late: Vec<u32>, scheme: &Scheme) -> PolarsResult<DataFrame> {
    let rows = &people.books.payments.rows;
    let (paid_on, who) = (days(rows, c::PAID_ON)?, numbers(rows, p::WHO)?);
    let is_allowed = |row: &u32| {
        let person = &people.persons[who.value(*row as usize) as usize];
        let paid = paid_on.get(*row as usize).map(day_of_epoch);
        paid.is_some_and(|paid| {
            people.dossiers.entry(person.key, paid, scheme).is_some()
                || is_in_students_time(person, paid, scheme)
        })
    };
    let outside: Vec<u32> = late.into_iter().filter(|row| !is_allowed(row)).collect();
    let rows = people.beside(taken(rows, outside)?, &OF_PERSON)?;
    Note::record(Code::OutsideWindow)
        .texts(
            day(scheme.window.to),
            coalesce(&[col(c::UNREADABLE), col(c::PAID_ON).cast(DataType::String)]),
        )
        .amount(col(c::NET_PERSONAL))
        .of(rows.lazy())
}

/// Whether a student paid soon enough after enrolment.
fn is_in_students_time(person: &Person, paid: NaiveDate, scheme: &Scheme) -> bool {
    let rule = scheme.entries.students.as_ref().filter(|_| person.student);
    rule.is_some_and(|rule| entry::is_in_time(rule, person.enrolled_on.map(day_of_epoch), paid))
}
