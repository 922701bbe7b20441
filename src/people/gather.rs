//! Joins the books of a bucket into one row a person.

use chrono::NaiveDate;
use polars::prelude::*;

use super::entry::{self, Dossiers, Entered};
use super::{Books, p, scratch as s, summary, to_one};
use crate::domain::{KeptWhy, columns as c, period::epoch_day};
use crate::scheme::Scheme;

/// A date as an expression.
pub fn day(date: NaiveDate) -> Expr {
    lit(epoch_day(date)).cast(DataType::Date)
}

/// Everyone whom the register, a registration, a payment or a roster names, with what each book says.
/// Each summary has one row a key, which the joins validate; the result is asserted to have one row a key.
pub(super) fn one_row_a_person(
    books: &Books,
    dossiers: &Dossiers,
    scheme: &Scheme,
    as_of: NaiveDate,
) -> PolarsResult<(DataFrame, Vec<Entered>)> {
    let mut keys = Vec::new();
    for frame in [&books.register, &books.registrations, &books.payments, &books.rosters] {
        keys.push(frame.column(c::KEY)?.u64()?.clone().into_series());
    }
    let mut all = keys.remove(0);
    for more in keys {
        all.append(&more)?;
    }
    let everyone = DataFrame::new_infer_height(vec![all.unique()?.into_column()])?;

    let register = summary::register(books, scheme.regions.root())?;
    let registrations = summary::registrations(books, &register, scheme.regions.root())?;
    let payments = summary::payments(books)?;
    let rosters = summary::rosters(books, &payments, scheme, as_of)?;

    let mut people = everyone.lazy();
    for book in [register, registrations, payments, rosters, summary::students(books)?] {
        people = join_one(people, book);
    }
    for book in [summary::deaths(books)?, summary::departures(books)?] {
        people = join_one(people, book);
    }
    // A register row that names no region leaves it to the other books to say where the person is to be found.
    let register_names =
        when(col(p::REGISTER_REGION).neq(lit(scheme.regions.root()))).then(col(p::REGISTER_REGION)).otherwise(lit(NULL));
    let people = people.with_columns(absent_from_a_book()).with_columns([
        // The register's own dates and the lists' say the same thing; the earlier day counts.
        (col(s::LISTED_DEAD).or(col(s::REGISTER_DEATH).is_not_null())).alias(p::DEAD),
        min_horizontal([col(s::LISTED_DEATH), col(s::REGISTER_DEATH)])?.alias(p::DEATH_ON),
        (col(s::LISTED_DEPARTED).or(col(s::REGISTER_MOVED).is_not_null())).alias(p::DEPARTED),
        min_horizontal([col(s::LISTED_MOVED), col(s::REGISTER_MOVED)])?.alias(p::DEPARTED_ON),
        coalesce(&[
            register_names,
            col(p::COUNTED_REGION),
            col(s::ROSTER_REGION),
            col(s::PAYMENT_REGION),
            col(p::REGISTER_REGION),
        ])
        .alias(p::PERSON_REGION),
        coalesce(&[col(c::ID), col(s::REGISTRATION_ID), col(s::PAYMENT_ID), col(s::ROSTER_ID)]).alias(c::ID),
        coalesce(&[col(c::NAME), col(s::REGISTRATION_NAME), col(s::PAYMENT_NAME), col(s::ROSTER_NAME)]).alias(c::NAME),
        coalesce(&[col(p::FACE_ORIGIN), col(s::REGISTRATION_ORIGIN), col(p::PAYMENT_ORIGIN), col(p::ROSTER_ORIGIN)])
            .alias(p::FACE_ORIGIN),
        coalesce(&[col(p::FACE_ROW), col(s::REGISTRATION_ROW), col(p::PAYMENT_ROW), col(p::ROSTER_ROW)]).alias(p::FACE_ROW),
    ]);
    let mut people = people.collect()?;
    let entry::Effects { entered, columns } = entry::effects(&people, books, dossiers, scheme, as_of)?;
    for column in columns {
        people.with_column(column)?;
    }
    let people = people.lazy().with_columns([resident_insures(scheme).alias(p::RESIDENT_INSURES)]);
    let people = kept_relation(people, scheme, books)?.collect()?;
    assert_eq!(people.column(c::KEY)?.n_unique()?, people.height(), "a join multiplied persons");
    Ok((people, entered))
}

fn join_one(people: LazyFrame, book: DataFrame) -> LazyFrame {
    people.join(book.lazy(), [col(c::KEY)], [col(c::KEY)], to_one())
}

/// Somebody a book does not name has no rows, no money and no grant there. That is the meaning of the absence,
/// decided here once and nowhere else.
fn absent_from_a_book() -> Vec<Expr> {
    let counts = [
        p::RESIDENT_HERE,
        p::RESIDENT_AWAY,
        p::EMPLOYEE_HERE,
        p::EMPLOYEE_AWAY,
        p::RESIDENT_POOLS,
        p::PAYMENTS,
        p::PAYMENTS_HERE,
        p::PAYMENT_POOLS,
        p::SUBSIDISED_HERE,
        p::GRANT_PAYERS,
    ];
    let money = [p::REGISTRATION_SUBSIDY, p::PAID, p::SUBSIDISED_PAID, p::PAID_HERE, p::ROSTER_SUBSIDY, p::GRANT];
    let flags = [p::ON_REGISTER, p::ON_ROSTER, p::ROSTER_NOW, p::STUDENT, s::LISTED_DEAD, s::LISTED_DEPARTED];
    let zero = counts.into_iter().map(|name| col(name).fill_null(lit(0u32)));
    let nothing = money.into_iter().map(|name| col(name).fill_null(lit(0i64)));
    let no = flags.into_iter().map(|name| col(name).fill_null(lit(false)));
    zero.chain(nothing).chain(no).collect()
}

fn min_horizontal(of: [Expr; 2]) -> PolarsResult<Expr> {
    let [a, b] = of;
    // A missing day never beats a stated one.
    Ok(when(a.clone().is_null().or(b.clone().lt(a.clone()))).then(b).otherwise(a))
}

/// DESIGN §5: with `insured-when = "paid"` a resident must also have paid, be subsidised, or owe nothing.
fn resident_insures(scheme: &Scheme) -> Expr {
    if !scheme.insured_when_paid {
        return lit(true);
    }
    col(p::PAYMENTS)
        .gt(lit(0u32))
        .or((col(p::REGISTRATION_SUBSIDY) + col(p::ROSTER_SUBSIDY)).gt(lit(0i64)))
        .or(col(p::PAYABLE).eq(lit(0i64)))
}

/// The pool of the relation that is proposed to stay, and why (domain.md §3, default order).
fn kept_relation(people: LazyFrame, scheme: &Scheme, books: &Books) -> PolarsResult<LazyFrame> {
    let register_pool = col(p::REGISTER_REGION).str().head(lit(scheme.pool_digits as u64));
    let people = people.with_column(register_pool.alias(p::REGISTER_POOL)).collect()?;
    // Only people with several pools need a look at which they are.
    let several = people.clone().lazy().filter(col(p::RESIDENT_POOLS).gt(lit(1u32)));
    let several = several.select([col(c::KEY), col(p::REGISTER_POOL), col(p::SCHOOL_POOL)]).collect()?.lazy();
    let pools = summary::resident_pools(books, several.clone())?;
    let among = |pool: &'static str, flag: &'static str, people: LazyFrame| {
        let (mine, theirs) = ([col(c::KEY), col(pool)], [col(c::KEY), col(p::POOL_OF_REGISTRATION)]);
        let named = several.clone().join(pools.clone().lazy(), mine, theirs, JoinArgs::new(JoinType::Inner));
        let named = named.with_column(lit(true).alias(flag)).select([col(c::KEY), col(flag)]);
        people.join(named, [col(c::KEY)], [col(c::KEY)], to_one())
    };
    let people = among(p::REGISTER_POOL, s::REGISTER_POOL_REGISTERED, people.lazy());
    let people = among(p::SCHOOL_POOL, s::SCHOOL_POOL_REGISTERED, people);
    let rule = |condition: Expr, pool: Expr, why: KeptWhy| (condition, pool, lit(why.code()));
    let rules = [
        rule(col(p::RESIDENT_POOLS).eq(lit(1u32)), col(p::RESIDENT_POOL), KeptWhy::OnlyRegistration),
        rule(
            col(p::RESIDENT_POOLS).gt(lit(1u32)).and(col(s::SCHOOL_POOL_REGISTERED).is_not_null()),
            col(p::SCHOOL_POOL),
            KeptWhy::School,
        ),
        rule(
            col(p::RESIDENT_POOLS).gt(lit(1u32)).and(col(s::REGISTER_POOL_REGISTERED).is_not_null()),
            col(p::REGISTER_POOL),
            KeptWhy::Residence,
        ),
        rule(col(p::RESIDENT_POOLS).gt(lit(1u32)), col(p::RESIDENT_POOL), KeptWhy::LowestCode),
        rule(col(p::ON_REGISTER), col(p::REGISTER_POOL), KeptWhy::Residence),
    ];
    let mut pool = col(p::FIRST_POOL);
    let mut why = lit(KeptWhy::FirstPayment.code());
    for (condition, then_pool, then_why) in rules.into_iter().rev() {
        pool = when(condition.clone()).then(then_pool).otherwise(pool);
        why = when(condition).then(then_why).otherwise(why);
    }
    Ok(people.with_columns([pool.alias(p::KEPT_POOL), why.alias(p::KEPT_WHY)]))
}
