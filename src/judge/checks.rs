//! Registrations, payments and the register against each other.

use polars::prelude::*;

use super::note::Note;
use super::surplus::surplus;
use super::{is_employee, is_registered_here, is_resident};
use crate::domain::{Code, Cover, Standing, columns as c};
use crate::people::{Books, gather::day, p, summary::apart, to_one};
use crate::scheme::Scheme;

// Columns that live only in this file.
const IS_PAID: &str = "is_paid";
const MONEY: &str = "money";
const NOT_KEPT: &str = "not_kept";
const TOGETHER: &str = "together";

/// Findings of this family for one bucket.
pub(super) fn findings(people: &DataFrame, books: &Books, scheme: &Scheme) -> PolarsResult<Vec<DataFrame>> {
    let all = || people.clone().lazy();
    let before_benefit = |on: &str| col(on).is_null().or(col(on).lt(day(scheme.benefit.from)));
    let counted = |code| Note::person(code).at(p::COUNTED_ORIGIN, p::COUNTED_ROW);
    let paid = |code| Note::person(code).at(p::PAYMENT_ORIGIN, p::PAYMENT_ROW);
    let standing = |standing: Standing| col(c::STANDING).eq(lit(standing.index()));
    Ok(vec![
        duplicate_registration(people, books)?,
        duplicate_payment(people, books)?,
        cross_region(people, books)?,
        cross_scheme(people, books)?,
        paid(Code::PaidNotRegistered)
            .amount(col(p::PAID))
            .of(all().filter(col(p::PAYMENTS_HERE).gt(lit(0u32)).and(is_resident().not())))?,
        wrong_region(people, books)?,
        counted(Code::RegisteredNotPaid).amount(col(p::PAYABLE)).of(all().filter(registered_not_paid()))?,
        counted(Code::DeceasedRegistered)
            .texts(day(scheme.benefit.from), col(p::DEATH_ON))
            .of(all().filter(col(p::DEAD).and(before_benefit(p::DEATH_ON)).and(is_registered_here())))?,
        paid(Code::DeceasedPaid)
            .texts(col(p::DEATH_ON), col(p::LAST_PAID_HERE))
            .amount(col(p::PAID))
            .of(all().filter(col(p::LAST_PAID_HERE).gt(col(p::DEATH_ON))))?,
        counted(Code::MovedOut)
            .texts(day(scheme.benefit.from), col(p::DEPARTED_ON))
            .of(all().filter(col(p::DEPARTED).and(before_benefit(p::DEPARTED_ON)).and(is_registered_here())))?,
        Note::person(Code::Uninsured)
            .of(all().filter((col(p::ON_REGISTER).or(col(p::ON_ROSTER))).and(standing(Standing::Uninsured))))?,
        counted(Code::NotOnRegister).of(all().filter(is_registered_here().and(col(p::ON_REGISTER).not())))?,
        register_duplicate(people, books)?,
        household_duplicate(people, books)?,
        student_duplicate(people, books)?,
    ])
}

/// Records with what their person's row says.
fn with_person(records: LazyFrame, people: &DataFrame, more: &[&str]) -> LazyFrame {
    let columns: Vec<Expr> = [c::KEY, p::PERSON_REGION].iter().chain(more).map(|name| col(*name)).collect();
    records.join(people.clone().lazy().select(columns), [col(c::KEY)], [col(c::KEY)], to_one())
}

fn key_of(persons: &DataFrame) -> LazyFrame {
    persons.clone().lazy().select([col(c::KEY)])
}

fn resident() -> Expr {
    col(c::COVER).eq(lit(Cover::Resident.index()))
}

/// ≥ 2 normal registrations, same scheme, same pool: one finding a surplus record.
fn duplicate_registration(people: &DataFrame, books: &Books) -> PolarsResult<DataFrame> {
    let surplus = surplus(&books.registrations.rows, &[c::KEY, c::COVER, c::POOL], &[c::BEGUN, c::NUMBER, c::REGION, c::NAME])?;
    let rows = with_person(surplus.lazy(), people, &[]);
    Note::record(Code::DuplicateRegistration).found(col(c::POOL)).other(c::KEPT_ORIGIN, c::KEPT_ROW).of(rows)
}

/// ≥ 2 effective resident payments in one pool, together more than payable: one a surplus record. Two instalments are none.
fn duplicate_payment(people: &DataFrame, books: &Books) -> PolarsResult<DataFrame> {
    let rows = apart(&books.payments.rows)?.1.lazy().filter(resident()).collect()?;
    let together = rows.clone().lazy().group_by([col(c::KEY), col(c::POOL)]).agg([col(c::NET_PERSONAL).sum().alias(TOGETHER)]);
    let surplus = surplus(&rows, &[c::KEY, c::POOL], &[c::PAID_ON, c::VOUCHER, c::NET_PERSONAL, c::NAME])?.lazy().join(
        together,
        [col(c::KEY), col(c::POOL)],
        [col(c::KEY), col(c::POOL)],
        to_one(),
    );
    let rows = with_person(surplus, people, &[p::PAYABLE]).filter(col(TOGETHER).gt(col(p::PAYABLE)));
    Note::record(Code::DuplicatePayment)
        .texts(col(p::PAYABLE), col(TOGETHER))
        .other(c::KEPT_ORIGIN, c::KEPT_ROW)
        .amount(col(c::NET_PERSONAL))
        .of(rows)
}

/// Normal resident registrations, or effective resident payments, in ≥ 2 pools: one a pool that is not the kept one.
fn cross_region(people: &DataFrame, books: &Books) -> PolarsResult<DataFrame> {
    let candidates = people.clone().lazy().select([
        col(c::KEY),
        col(p::PERSON_REGION),
        col(p::RESIDENT_POOLS),
        col(p::PAYMENT_POOLS),
        col(p::KEPT_POOL),
        col(p::FACE_ORIGIN),
        col(p::FACE_ROW),
    ]);
    let candidates = candidates.filter(col(p::RESIDENT_POOLS).gt(lit(1u32)).or(col(p::PAYMENT_POOLS).gt(lit(1u32)))).collect()?;
    let inner = || JoinArgs::new(JoinType::Inner);
    let of = |records: &DataFrame, pools: &str, is_payment: bool| {
        let rows = records.clone().lazy().filter(resident());
        let (number, begun, money) = if is_payment {
            (col(c::VOUCHER), col(c::PAID_ON), col(c::NET_PERSONAL))
        } else {
            (col(c::NUMBER), col(c::BEGUN), lit(NULL).cast(DataType::Int64))
        };
        let rows = rows.select([
            col(c::KEY),
            col(c::ID),
            col(c::NAME),
            col(c::REGION),
            col(c::POOL),
            col(c::ORIGIN),
            col(c::ROW),
            number.alias(c::NUMBER),
            begun.alias(c::BEGUN),
            money.alias(MONEY),
            lit(is_payment).alias(IS_PAID),
        ]);
        let several = candidates.clone().lazy().filter(col(pools).gt(lit(1u32)));
        rows.join(several, [col(c::KEY)], [col(c::KEY)], inner())
    };
    let registrations = of(&books.registrations.rows, p::RESIDENT_POOLS, false);
    let payments = of(&books.payments.rows, p::PAYMENT_POOLS, true);
    let records = concat([registrations, payments], UnionArgs::default())?;
    let order = [c::KEY, c::POOL, IS_PAID, c::BEGUN, c::NUMBER, c::REGION, c::NAME];
    let one_a_pool =
        crate::people::summary::in_order(records, &order).unique_stable(Some(cols([c::KEY, c::POOL])), UniqueKeepStrategy::First);
    // Of n pools n − 1 are surplus: all but the kept one, or, where the kept relation lies in none of them, the lowest code.
    let one_a_pool = one_a_pool.with_column(col(c::POOL).neq(col(p::KEPT_POOL)).alias(NOT_KEPT));
    let rows = surplus(&one_a_pool.collect()?, &[c::KEY], &[NOT_KEPT, c::POOL])?.lazy();
    Note::record(Code::CrossRegion)
        .texts(col(p::KEPT_POOL), col(c::POOL))
        .other(c::KEPT_ORIGIN, c::KEPT_ROW)
        .amount(col(MONEY))
        .of(rows)
}

/// A normal resident and a normal employee registration, wherever: the resident one is surplus.
fn cross_scheme(people: &DataFrame, books: &Books) -> PolarsResult<DataFrame> {
    let both = people.clone().lazy().filter(is_employee().and(is_resident())).select([
        col(c::KEY),
        col(p::PERSON_REGION),
        col(p::PAID),
        col(p::EMPLOYEE_POOL),
    ]);
    let first = |cover: Cover| {
        let rows = books.registrations.rows.clone().lazy().filter(col(c::COVER).eq(lit(cover.index())));
        let rows = rows.join(both.clone(), [col(c::KEY)], [col(c::KEY)], JoinArgs::new(JoinType::Inner));
        let rows = crate::people::summary::in_order(rows, &[c::KEY, c::BEGUN, c::NUMBER, c::REGION, c::NAME]);
        rows.unique_stable(Some(cols([c::KEY])), UniqueKeepStrategy::First)
    };
    let employee =
        first(Cover::Employee).select([col(c::KEY), col(c::ORIGIN).alias(c::KEPT_ORIGIN), col(c::ROW).alias(c::KEPT_ROW)]);
    let rows = first(Cover::Resident).join(employee, [col(c::KEY)], [col(c::KEY)], to_one());
    Note::record(Code::CrossScheme)
        .texts(col(p::EMPLOYEE_POOL), col(c::POOL))
        .other(c::KEPT_ORIGIN, c::KEPT_ROW)
        .amount(col(p::PAID))
        .of(rows)
}

/// All effective resident payments lie in pools other than that of the registration, or, without one, of the register.
fn wrong_region(people: &DataFrame, books: &Books) -> PolarsResult<DataFrame> {
    // Who first paid into the right pool paid right: only the others are looked at pool by pool.
    let doubtful = |right: &'static str| {
        people.clone().lazy().filter(col(p::PAYMENTS).gt(lit(0u32)).and(col(p::FIRST_POOL).neq_missing(col(right))))
    };
    let matching = |persons: &DataFrame, rows: LazyFrame, pool: &'static str| {
        let payments = books.payments.rows.clone().lazy().filter(resident());
        let payments = payments.join(key_of(persons), [col(c::KEY)], [col(c::KEY)], JoinArgs::new(JoinType::Semi));
        payments.join(rows, [col(c::KEY), col(c::POOL)], [col(c::KEY), col(pool)], JoinArgs::new(JoinType::Semi))
    };
    let without = |persons: DataFrame, matching: LazyFrame| {
        persons.lazy().join(matching.select([col(c::KEY)]), [col(c::KEY)], [col(c::KEY)], JoinArgs::new(JoinType::Anti))
    };
    let registered_elsewhere = doubtful(p::RESIDENT_POOL).filter(is_resident()).collect()?;
    let registered = crate::people::summary::resident_pools(books, key_of(&registered_elsewhere))?.lazy();
    let right = matching(&registered_elsewhere, registered, p::POOL_OF_REGISTRATION);
    let registered_elsewhere = without(registered_elsewhere, right);
    let only_on_register = doubtful(p::REGISTER_POOL).filter(is_resident().not().and(col(p::ON_REGISTER))).collect()?;
    let right = matching(&only_on_register, only_on_register.clone().lazy(), p::REGISTER_POOL);
    let only_on_register = without(only_on_register, right);
    let rows = concat([registered_elsewhere, only_on_register], UnionArgs::default())?;
    Note::person(Code::WrongRegion)
        .at(p::PAYMENT_ORIGIN, p::PAYMENT_ROW)
        .texts(col(p::KEPT_POOL), col(p::FIRST_POOL))
        .amount(col(p::PAID))
        .of(rows)
}

/// Registered here, and neither paid nor subsidised nor free.
fn registered_not_paid() -> Expr {
    col(p::RESIDENT_HERE)
        .gt(lit(0u32))
        .and(col(p::PAYMENTS).eq(lit(0u32)))
        .and((col(p::REGISTRATION_SUBSIDY) + col(p::ROSTER_SUBSIDY)).eq(lit(0i64)))
        .and(col(p::PAYABLE).gt(lit(0i64)))
}

/// On two register rows.
fn register_duplicate(people: &DataFrame, books: &Books) -> PolarsResult<DataFrame> {
    let surplus = surplus(&books.register.rows, &[c::KEY], &[c::REGION, c::NAME])?;
    let rows = with_person(surplus.lazy(), people, &[]);
    Note::record(Code::RegisterDuplicate).found(col(c::REGION)).other(c::KEPT_ORIGIN, c::KEPT_ROW).of(rows)
}

/// In two households: one a surplus household.
fn household_duplicate(people: &DataFrame, books: &Books) -> PolarsResult<DataFrame> {
    let rows = apart(&books.households.rows)?.1.lazy().filter(col(c::HOUSEHOLD).is_not_null());
    let rows = crate::people::summary::in_order(rows, &[c::KEY, c::HOUSEHOLD]);
    let one_a_household = rows.unique_stable(Some(cols([c::KEY, c::HOUSEHOLD])), UniqueKeepStrategy::First);
    let surplus = surplus(&one_a_household.collect()?, &[c::KEY], &[c::HOUSEHOLD])?;
    let rows = with_person(surplus.lazy(), people, &[]);
    Note::record(Code::HouseholdDuplicate).found(col(c::HOUSEHOLD)).other(c::KEPT_ORIGIN, c::KEPT_ROW).of(rows)
}

/// On the list of students, and a normal resident registration elsewhere: one a such registration.
fn student_duplicate(people: &DataFrame, books: &Books) -> PolarsResult<DataFrame> {
    let listed = crate::people::summary::in_order(books.students.clone().lazy(), &[c::KEY, c::POOL])
        .unique_stable(Some(cols([c::KEY])), UniqueKeepStrategy::First)
        .select([
            col(c::KEY),
            col(c::POOL).alias(p::SCHOOL_POOL),
            col(c::ORIGIN).alias(c::KEPT_ORIGIN),
            col(c::ROW).alias(c::KEPT_ROW),
        ]);
    let away = books.registrations.rows.clone().lazy().filter(resident().and(col(c::HERE).not()));
    let rows = away.join(listed, [col(c::KEY)], [col(c::KEY)], JoinArgs::new(JoinType::Inner));
    let rows = with_person(rows, people, &[]);
    Note::record(Code::StudentDuplicate).texts(col(p::SCHOOL_POOL), col(c::POOL)).other(c::KEPT_ORIGIN, c::KEPT_ROW).of(rows)
}
