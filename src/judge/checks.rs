//! Registrations, payments and the register against each other.

use polars::prelude::*;

use super::note::Note;
use super::surplus::surplus;
use super::traits::{Trait, Traits};
use crate::domain::{Code, Cover, columns as c};
use crate::people::summary::{Values, in_order, indexes};
use crate::people::{People, Place, gather::day, p, to_one};
use crate::scheme::Scheme;

// Columns that live only in this file.
const IS_PAID: &str = "is_paid";
const MONEY: &str = "money";
const NOT_KEPT: &str = "not_kept";
const TOGETHER: &str = "together";

/// What a finding about a person says of who they are.
const PERSON: [&str; 5] = [
    c::ID,
    c::NAME,
    p::PERSON_REGION,
    p::FACE_ORIGIN,
    p::FACE_ROW,
];
const COUNTED: [&str; 2] = [p::COUNTED_ORIGIN, p::COUNTED_ROW];
pub(super) const PAYMENT: [&str; 2] = [p::PAYMENT_ORIGIN, p::PAYMENT_ROW];

/// The persons at these positions, with these columns.
pub(super) fn those(people: &People, at: &[u32], columns: &[&[&str]]) -> PolarsResult<LazyFrame> {
    Ok(people
        .frame(&[PERSON.as_slice(), &columns.concat()].concat(), at)?
        .lazy())
}

/// Findings of this family for one bucket.
pub(super) fn findings(
    people: &People,
    traits: &Traits,
    scheme: &Scheme,
) -> PolarsResult<Vec<DataFrame>> {
    let counted = |code| Note::person(code).at(p::COUNTED_ORIGIN, p::COUNTED_ROW);
    let paid = |code| Note::person(code).at(p::PAYMENT_ORIGIN, p::PAYMENT_ROW);
    let benefit = || day(scheme.benefit.from);
    let of = |note: Note, held: Trait, columns: &[&[&str]]| {
        note.of(those(people, &traits.those(held), columns)?)
    };
    Ok(vec![
        duplicate_registration(people)?,
        duplicate_payment(people)?,
        cross_region(people, traits)?,
        cross_scheme(people, traits)?,
        of(
            paid(Code::PaidNotRegistered).amount(col(p::PAID)),
            Trait::PaidNotRegistered,
            &[&PAYMENT, &[p::PAID]],
        )?,
        wrong_region(people, traits)?,
        of(
            counted(Code::RegisteredNotPaid).amount(col(p::PAYABLE)),
            Trait::RegisteredNotPaid,
            &[&COUNTED, &[p::PAYABLE]],
        )?,
        of(
            counted(Code::DeceasedRegistered).texts(benefit(), col(p::DEATH_ON)),
            Trait::DeceasedRegistered,
            &[&COUNTED, &[p::DEATH_ON]],
        )?,
        of(
            paid(Code::DeceasedPaid)
                .texts(col(p::DEATH_ON), col(p::LAST_PAID_HERE))
                .amount(col(p::PAID)),
            Trait::DeceasedPaid,
            &[&PAYMENT, &[p::DEATH_ON, p::LAST_PAID_HERE, p::PAID]],
        )?,
        of(
            counted(Code::MovedOut).texts(benefit(), col(p::DEPARTED_ON)),
            Trait::MovedOut,
            &[&COUNTED, &[p::DEPARTED_ON]],
        )?,
        of(Note::person(Code::Uninsured), Trait::Uninsured, &[])?,
        of(
            counted(Code::NotOnRegister),
            Trait::NotOnRegister,
            &[&COUNTED],
        )?,
        register_duplicate(people)?,
        household_duplicate(people)?,
        student_duplicate(people, traits)?,
    ])
}

/// Records with what their person's row says.
fn with_person(records: DataFrame, people: &People, more: &[&str]) -> PolarsResult<LazyFrame> {
    Ok(people
        .beside(records, &[&[p::PERSON_REGION], more].concat())?
        .lazy())
}

fn resident() -> Expr {
    col(c::COVER).eq(lit(Cover::Resident.index()))
}

/// ≥ 2 normal registrations, same scheme, same pool: one finding a surplus record.
fn duplicate_registration(people: &People) -> PolarsResult<DataFrame> {
    let several = people
        .places
        .beside_pools(people.books.registrations.crowded()?)?;
    let surplus = surplus(
        &several,
        &[c::KEY, c::COVER, p::POOL_AT],
        &[c::BEGUN, c::NUMBER, c::REGION, c::NAME],
    )?;
    let rows = with_person(surplus, people, &[])?;
    Note::record(Code::DuplicateRegistration)
        .found(col(c::POOL))
        .other(c::KEPT_ORIGIN, c::KEPT_ROW)
        .of(rows)
}

/// ≥ 2 effective resident payments in one pool, together more than payable: one a surplus record. Two instalments are none.
fn duplicate_payment(people: &People) -> PolarsResult<DataFrame> {
    let rows = people
        .books
        .payments
        .crowded()?
        .lazy()
        .filter(resident())
        .collect()?;
    let rows = people.places.beside_pools(rows)?;
    let pool = || [col(c::KEY), col(p::POOL_AT)];
    let sums = rows
        .clone()
        .lazy()
        .group_by(pool())
        .agg([col(c::NET_PERSONAL).sum().alias(TOGETHER)]);
    let surplus = surplus(
        &rows,
        &[c::KEY, p::POOL_AT],
        &[c::PAID_ON, c::VOUCHER, c::NET_PERSONAL, c::NAME],
    )?
    .lazy();
    let surplus = surplus.join(sums, pool(), pool(), to_one());
    let rows = with_person(surplus.collect()?, people, &[p::PAYABLE])?
        .filter(col(TOGETHER).gt(col(p::PAYABLE)));
    Note::record(Code::DuplicatePayment)
        .texts(col(p::PAYABLE), col(TOGETHER))
        .other(c::KEPT_ORIGIN, c::KEPT_ROW)
        .amount(col(c::NET_PERSONAL))
        .of(rows)
}

/// Normal resident registrations, or effective resident payments, in ≥ 2 pools: one a pool that is not the kept one.
fn cross_region(people: &People, traits: &Traits) -> PolarsResult<DataFrame> {
    let books = &people.books;
    let of = |records: DataFrame, is_payment: bool| {
        let (number, begun, money) = if is_payment {
            (col(c::VOUCHER), col(c::PAID_ON), col(c::NET_PERSONAL))
        } else {
            (
                col(c::NUMBER),
                col(c::BEGUN),
                lit(NULL).cast(DataType::Int64),
            )
        };
        records.lazy().filter(resident()).select([
            col(c::KEY),
            col(p::WHO),
            col(c::ID),
            col(c::NAME),
            col(c::REGION),
            col(c::POOL),
            col(c::PLACE),
            col(c::ORIGIN),
            col(c::ROW),
            number.alias(c::NUMBER),
            begun.alias(c::BEGUN),
            money.alias(MONEY),
            lit(is_payment).alias(IS_PAID),
        ])
    };
    let registrations = of(
        books
            .registrations
            .of_persons(traits.those(Trait::RegisteredInPools))?,
        false,
    );
    let payments = of(
        books
            .payments
            .of_persons(traits.those(Trait::PaidInPools))?,
        true,
    );
    let records = concat([registrations, payments], UnionArgs::default())?.collect()?;
    let records = with_person(
        people.places.beside_pools(records)?,
        people,
        &[p::KEPT_POOL],
    )?;
    let order = [
        c::KEY,
        p::POOL_AT,
        IS_PAID,
        c::BEGUN,
        c::NUMBER,
        c::REGION,
        c::NAME,
    ];
    let one_a_pool = in_order(records, &order)
        .unique_stable(Some(cols([c::KEY, p::POOL_AT])), UniqueKeepStrategy::First);
    // Of n pools n − 1 are surplus: all but the kept one, or, where the kept relation lies in none of them, the lowest code.
    let one_a_pool = one_a_pool.with_column(col(c::POOL).neq(col(p::KEPT_POOL)).alias(NOT_KEPT));
    let rows = surplus(&one_a_pool.collect()?, &[c::KEY], &[NOT_KEPT, p::POOL_AT])?.lazy();
    Note::record(Code::CrossRegion)
        .texts(col(p::KEPT_POOL), col(c::POOL))
        .other(c::KEPT_ORIGIN, c::KEPT_ROW)
        .amount(col(MONEY))
        .of(rows)
}

/// A normal resident and a normal employee registration, wherever: the resident one is surplus.
fn cross_scheme(people: &People, traits: &Traits) -> PolarsResult<DataFrame> {
    let rows = people
        .books
        .registrations
        .of_persons(traits.those(Trait::OfBothSchemes))?;
    let first = |cover: Cover| {
        let rows = rows
            .clone()
            .lazy()
            .filter(col(c::COVER).eq(lit(cover.index())));
        let rows = in_order(rows, &[c::KEY, c::BEGUN, c::NUMBER, c::REGION, c::NAME]);
        rows.unique_stable(Some(cols([c::KEY])), UniqueKeepStrategy::First)
    };
    let employee = first(Cover::Employee).select([
        col(c::KEY),
        col(c::ORIGIN).alias(c::KEPT_ORIGIN),
        col(c::ROW).alias(c::KEPT_ROW),
    ]);
    let rows = first(Cover::Resident)
        .join(employee, [col(c::KEY)], [col(c::KEY)], to_one())
        .collect()?;
    let rows = with_person(rows, people, &[p::PAID, p::EMPLOYEE_POOL])?;
    Note::record(Code::CrossScheme)
        .texts(col(p::EMPLOYEE_POOL), col(c::POOL))
        .other(c::KEPT_ORIGIN, c::KEPT_ROW)
        .amount(col(p::PAID))
        .of(rows)
}

/// All effective resident payments lie in pools other than that of the registration, or, without one, of the register.
fn wrong_region(people: &People, traits: &Traits) -> PolarsResult<DataFrame> {
    let books = &people.books;
    let pools =
        |rows: &[u32], cover: Values<'_, UInt8Type>, pools: &[Option<Place>]| -> Vec<Place> {
            let resident = rows
                .iter()
                .map(|row| *row as usize)
                .filter(|row| cover.get(*row) == Some(Cover::Resident.index()));
            resident.filter_map(|row| pools[row]).collect()
        };
    let (registered, paid) = (
        indexes(&books.registrations.rows, c::COVER)?,
        indexes(&books.payments.rows, c::COVER)?,
    );
    let paid_in = |at: usize| pools(books.payments.of(at), paid, &people.named.payment_pool);
    let registered_in = |at: usize| {
        pools(
            books.registrations.of(at),
            registered,
            &people.named.registration_pool,
        )
    };
    let is_right = |at: &u32| {
        let (at, person) = (*at as usize, &people.persons[*at as usize]);
        let right = if person.is_resident() {
            registered_in(at)
        } else {
            person.register_pool.into_iter().collect()
        };
        paid_in(at).iter().any(|pool| right.contains(pool))
    };
    // Who first paid into the right pool paid right: only the others are looked at pool by pool.
    let wrong: Vec<u32> = traits
        .those(Trait::PaidInDoubt)
        .into_iter()
        .filter(|at| !is_right(at))
        .collect();
    Note::person(Code::WrongRegion)
        .at(p::PAYMENT_ORIGIN, p::PAYMENT_ROW)
        .texts(col(p::KEPT_POOL), col(p::FIRST_POOL))
        .amount(col(p::PAID))
        .of(those(
            people,
            &wrong,
            &[&PAYMENT, &[p::KEPT_POOL, p::FIRST_POOL, p::PAID]],
        )?)
}

/// On two register rows.
fn register_duplicate(people: &People) -> PolarsResult<DataFrame> {
    let surplus = surplus(
        &people.books.register.crowded()?,
        &[c::KEY],
        &[c::REGION, c::NAME],
    )?;
    let rows = with_person(surplus, people, &[])?;
    Note::record(Code::RegisterDuplicate)
        .found(col(c::REGION))
        .other(c::KEPT_ORIGIN, c::KEPT_ROW)
        .of(rows)
}

/// In two households: one a surplus household.
fn household_duplicate(people: &People) -> PolarsResult<DataFrame> {
    let rows = people
        .books
        .households
        .crowded()?
        .lazy()
        .filter(col(c::HOUSEHOLD).is_not_null());
    let rows = in_order(rows, &[c::KEY, c::HOUSEHOLD]);
    let one_a_household = rows.unique_stable(
        Some(cols([c::KEY, c::HOUSEHOLD])),
        UniqueKeepStrategy::First,
    );
    let surplus = surplus(&one_a_household.collect()?, &[c::KEY], &[c::HOUSEHOLD])?;
    let rows = with_person(surplus, people, &[])?;
    Note::record(Code::HouseholdDuplicate)
        .found(col(c::HOUSEHOLD))
        .other(c::KEPT_ORIGIN, c::KEPT_ROW)
        .of(rows)
}

/// On the list of students, and a normal resident registration elsewhere: one a such registration.
fn student_duplicate(people: &People, traits: &Traits) -> PolarsResult<DataFrame> {
    let away = people
        .books
        .registrations
        .of_persons(traits.those(Trait::StudentElsewhere))?
        .lazy()
        .filter(resident().and(col(c::HERE).not()))
        .collect()?;
    let keys = away.clone().lazy().select([col(c::KEY)]);
    let listed = people.books.students.clone().lazy().join(
        keys,
        [col(c::KEY)],
        [col(c::KEY)],
        JoinArgs::new(JoinType::Semi),
    );
    let listed = people.places.beside_pools(listed.collect()?)?.lazy();
    let listed = in_order(listed, &[c::KEY, p::POOL_AT])
        .unique_stable(Some(cols([c::KEY])), UniqueKeepStrategy::First)
        .select([
            col(c::KEY),
            col(c::POOL).alias(p::SCHOOL_POOL),
            col(c::ORIGIN).alias(c::KEPT_ORIGIN),
            col(c::ROW).alias(c::KEPT_ROW),
        ]);
    let rows = away
        .lazy()
        .join(
            listed,
            [col(c::KEY)],
            [col(c::KEY)],
            JoinArgs::new(JoinType::Inner),
        )
        .collect()?;
    let rows = with_person(rows, people, &[])?;
    Note::record(Code::StudentDuplicate)
        .texts(col(p::SCHOOL_POOL), col(c::POOL))
        .other(c::KEPT_ORIGIN, c::KEPT_ROW)
        .of(rows)
}
