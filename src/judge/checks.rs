//! Registrations, payments and the register against each other.

use polars::prelude::*;

use super::note::Note;
use super::order::{in_order, surplus};
use super::rulebook::{r, resident_record};
use crate::domain::{Code, Cover, Field as Meaning, columns as c};
use crate::people::{FACES, People, Stands, p, read::day, to_one};
use crate::scheme::Scheme;

// Columns that live only in this file.
const DAYS: &str = "days";
const IS_PAID: &str = "is_paid";
const MONEY: &str = "money";
const NOT_KEPT: &str = "not_kept";
const SCHOOL: &str = "school";
const TOGETHER: &str = "together";

/// The persons of whom a sentence holds, with who they are and where they are at home, and these columns.
pub(super) fn those(people: &People, sentence: &str, more: &[&str]) -> PolarsResult<DataFrame> {
    let who = [p::WHO, r::PERSON_REGION];
    let persons = people.those(sentence, &[&FACES, who.as_slice(), more].concat())?;
    let persons = people.faced(persons)?;
    people.places.spelled(persons, &[r::PERSON_REGION])
}

/// Findings about the persons of whom the sentence of a code holds, pointing at one of their rows. `more` are the columns that
/// `say` speaks of.
pub(super) fn told(
    people: &People,
    (code, stands): (Code, Stands),
    more: &[&str],
    say: impl Fn(Note) -> Note,
) -> PolarsResult<DataFrame> {
    let beside_faces = [stands.at()].into_iter().filter(|at| !FACES.contains(at));
    let more: Vec<&str> = beside_faces.chain(more.iter().copied()).collect();
    let persons = those(people, code.code(), &more)?;
    let persons = people.pointed(persons, stands)?;
    say(Note::person(code).at(stands)).of(persons.lazy())
}

/// Findings of this family for one bucket.
pub(super) fn findings(people: &People, scheme: &Scheme) -> PolarsResult<Vec<DataFrame>> {
    let benefit = || day(scheme.benefit.from);
    let counted = |code| (code, Stands::Counted);
    let paid = |code| (code, Stands::Payment);
    let of_person = |code: Code| those(people, code.code(), &[]);
    Ok(vec![
        duplicate_registration(people)?,
        duplicate_payment(people)?,
        cross_region(people)?,
        cross_scheme(people)?,
        told(people, paid(Code::PaidNotRegistered), &[p::PAID], |note| {
            note.amount(col(p::PAID))
        })?,
        wrong_region(people)?,
        told(
            people,
            counted(Code::RegisteredNotPaid),
            &[p::PAYABLE],
            |note| note.amount(col(p::PAYABLE)),
        )?,
        told(
            people,
            counted(Code::DeceasedRegistered),
            &[p::DEATH_ON],
            |note| note.texts(benefit(), col(p::DEATH_ON)),
        )?,
        deceased_paid(people)?,
        told(people, counted(Code::MovedOut), &[p::DEPARTED_ON], |note| {
            note.texts(benefit(), col(p::DEPARTED_ON))
        })?,
        Note::person(Code::Uninsured).of(of_person(Code::Uninsured)?.lazy())?,
        told(people, counted(Code::NotOnRegister), &[], |note| note)?,
        register_duplicate(people)?,
        deaths_of_two_days(people)?,
        household_duplicate(people)?,
        student_duplicate(people)?,
    ])
}

/// Paid after the day of death.
fn deceased_paid(people: &People) -> PolarsResult<DataFrame> {
    let more = [p::DEATH_ON, p::LAST_PAID_HERE, p::PAID];
    told(
        people,
        (Code::DeceasedPaid, Stands::Payment),
        &more,
        |note| {
            note.texts(col(p::DEATH_ON), col(p::LAST_PAID_HERE))
                .amount(col(p::PAID))
        },
    )
}

/// Records with what their person's row says.
fn with_person(records: DataFrame, people: &People, more: &[&str]) -> PolarsResult<LazyFrame> {
    let rows = people.beside(records, &[&[r::PERSON_REGION], more].concat())?;
    Ok(people.places.spelled(rows, &[r::PERSON_REGION])?.lazy())
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
        .filter(resident_record())
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

/// Resident records as cross-region compares them, registrations and payments alike.
fn alike(records: DataFrame, is_payment: bool) -> LazyFrame {
    let (number, begun, money) = if is_payment {
        (col(c::VOUCHER), col(c::PAID_ON), col(c::NET_PERSONAL))
    } else {
        let no_money = lit(NULL).cast(DataType::Int64);
        (col(c::NUMBER), col(c::BEGUN), no_money)
    };
    let same = [
        c::KEY,
        p::WHO,
        c::ID,
        c::NAME,
        c::REGION,
        c::POOL,
        c::PLACE,
        c::ORIGIN,
        c::ROW,
    ];
    let own = [
        number.alias(c::NUMBER),
        begun.alias(c::BEGUN),
        money.alias(MONEY),
        lit(is_payment).alias(IS_PAID),
    ];
    let columns: Vec<Expr> = same.into_iter().map(col).chain(own).collect();
    records.lazy().filter(resident_record()).select(columns)
}

/// Normal resident registrations, or effective resident payments, in ≥ 2 pools: one a pool that is not the kept one.
fn cross_region(people: &People) -> PolarsResult<DataFrame> {
    let books = &people.books;
    let registered = people.positions(r::REGISTERED_IN_POOLS)?;
    let paid = people.positions(r::PAID_IN_POOLS)?;
    let registrations = alike(books.registrations.of_persons(registered)?, false);
    let payments = alike(books.payments.of_persons(paid)?, true);
    let records = concat([registrations, payments], UnionArgs::default())?.collect()?;
    let records = with_person(
        people.places.beside_pools(records)?,
        people,
        &[r::KEPT_POOL],
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
    let not_kept = col(p::POOL_AT).neq(col(r::KEPT_POOL));
    let one_a_pool = one_a_pool.with_column(not_kept.alias(NOT_KEPT)).collect()?;
    let rows = surplus(&one_a_pool, &[c::KEY], &[NOT_KEPT, p::POOL_AT])?;
    let rows = people.places.spelled(rows, &[r::KEPT_POOL])?.lazy();
    Note::record(Code::CrossRegion)
        .texts(col(r::KEPT_POOL), col(c::POOL))
        .other(c::KEPT_ORIGIN, c::KEPT_ROW)
        .amount(col(MONEY))
        .of(rows)
}

/// A normal resident and a normal employee registration, wherever: the resident one is surplus.
fn cross_scheme(people: &People) -> PolarsResult<DataFrame> {
    let of_both = people.positions(Code::CrossScheme.code())?;
    let rows = people.books.registrations.of_persons(of_both)?;
    let first = |cover: Cover| {
        let of_cover = col(c::COVER).eq(lit(cover.index()));
        let rows = rows.clone().lazy().filter(of_cover);
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
    let rows = with_person(rows, people, &[p::PAID, p::EMPLOYEE_POOL])?.collect()?;
    let rows = people.places.spelled(rows, &[p::EMPLOYEE_POOL])?.lazy();
    Note::record(Code::CrossScheme)
        .texts(col(p::EMPLOYEE_POOL), col(c::POOL))
        .other(c::KEPT_ORIGIN, c::KEPT_ROW)
        .amount(col(p::PAID))
        .of(rows)
}

/// All effective resident payments lie in pools other than that of the registration, or, without one, of the register.
fn wrong_region(people: &People) -> PolarsResult<DataFrame> {
    let more = [p::REGISTER_POOL, p::FIRST_POOL, r::KEPT_POOL, p::PAID];
    // Who first paid into the right pool paid right: only the others are looked at pool by pool.
    let doubtful = those(people, r::PAID_IN_DOUBT, &more)?;
    let who = || people.positions(r::PAID_IN_DOUBT);
    let pools = |rows: DataFrame| {
        let rows = people.places.beside_pools(rows)?.lazy();
        let rows = rows.filter(resident_record());
        PolarsResult::Ok(rows.select([col(p::WHO), col(p::POOL_AT)]))
    };
    let registered = pools(people.books.registrations.of_persons(who()?)?)?;
    let paid = pools(people.books.payments.of_persons(who()?)?)?;
    // Without a registration the pool of the register is the right one.
    let on_register = doubtful.clone().lazy().join(
        registered.clone(),
        [col(p::WHO)],
        [col(p::WHO)],
        JoinArgs::new(JoinType::Anti),
    );
    let at_home = on_register.select([col(p::WHO), col(p::REGISTER_POOL).alias(p::POOL_AT)]);
    let right = concat([registered, at_home], UnionArgs::default())?;
    let pool = || [col(p::WHO), col(p::POOL_AT)];
    let paid_right = paid.join(right, pool(), pool(), JoinArgs::new(JoinType::Semi));
    let wrong = doubtful.lazy().join(
        paid_right,
        [col(p::WHO)],
        [col(p::WHO)],
        JoinArgs::new(JoinType::Anti),
    );
    let wrong = people
        .places
        .spelled(wrong.collect()?, &[r::KEPT_POOL, p::FIRST_POOL])?;
    Note::person(Code::WrongRegion)
        .at(Stands::Payment)
        .texts(col(r::KEPT_POOL), col(p::FIRST_POOL))
        .amount(col(p::PAID))
        .of(people.pointed(wrong, Stands::Payment)?.lazy())
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

/// Two days of one death, in the lists or on the register: one finding a person, with the earliest and the latest.
fn deaths_of_two_days(people: &People) -> PolarsResult<DataFrame> {
    let books = &people.books;
    let told = || {
        let columns = [
            c::KEY,
            c::ORIGIN,
            c::ROW,
            c::ID,
            c::NAME,
            c::REGION,
            c::DEATH,
        ];
        columns.map(col)
    };
    let stated = |rows: &DataFrame| {
        let rows = rows.clone().lazy().filter(col(c::DEATH).is_not_null());
        rows.select(told())
    };
    let all = concat(
        [stated(&books.deaths), stated(&books.register.rows)],
        UnionArgs::default(),
    )?;
    let order = [c::KEY, c::DEATH, c::ORIGIN, c::ROW];
    let all = all.sort(order, SortMultipleOptions::default());
    let first = [c::ORIGIN, c::ROW, c::ID, c::NAME, c::REGION].map(|name| col(name).first());
    let last = [
        col(c::ORIGIN).last().alias(c::KEPT_ORIGIN),
        col(c::ROW).last().alias(c::KEPT_ROW),
        col(c::DEATH).n_unique().alias(DAYS),
    ];
    let persons = all
        .group_by_stable([col(c::KEY)])
        .agg([first.as_slice(), &last].concat());
    let persons = persons.filter(col(DAYS).gt(lit(1u32))).collect()?;
    let persons = people.beside_by_key(persons, &[r::PERSON_REGION])?;
    let persons = people.places.spelled(persons, &[r::PERSON_REGION])?;
    Note::record(Code::RecordConflict)
        .texts(lit(Meaning::Death.code()), coalesce(&[col(c::ID), lit("")]))
        .other(c::KEPT_ORIGIN, c::KEPT_ROW)
        .of(persons.lazy())
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
fn student_duplicate(people: &People) -> PolarsResult<DataFrame> {
    let registered = people.positions(Code::StudentDuplicate.code())?;
    let away = people.books.registrations.of_persons(registered)?.lazy();
    let away = away
        .filter(resident_record().and(col(c::HERE).not()))
        .collect()?;
    let key = || [col(c::KEY)];
    let listed = people.books.students.clone().lazy().join(
        away.clone().lazy().select(key()),
        key(),
        key(),
        JoinArgs::new(JoinType::Semi),
    );
    let listed = people.places.beside_pools(listed.collect()?)?.lazy();
    let listed = in_order(listed, &[c::KEY, p::POOL_AT])
        .unique_stable(Some(cols([c::KEY])), UniqueKeepStrategy::First)
        .select([
            col(c::KEY),
            col(c::POOL).alias(SCHOOL),
            col(c::ORIGIN).alias(c::KEPT_ORIGIN),
            col(c::ROW).alias(c::KEPT_ROW),
        ]);
    let inner = JoinArgs::new(JoinType::Inner);
    let rows = away.lazy().join(listed, key(), key(), inner).collect()?;
    Note::record(Code::StudentDuplicate)
        .texts(col(SCHOOL), col(c::POOL))
        .other(c::KEPT_ORIGIN, c::KEPT_ROW)
        .of(with_person(rows, people, &[])?)
}
