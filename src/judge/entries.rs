//! Entries: the list behind entries.parquet, of everyone whose cover differs from everybody's.

use polars::prelude::*;

use super::rulebook::r;
use crate::domain::{columns as c, period::epoch_day};
use crate::people::entry::{Entered, Ground};
use crate::people::{FACES, People, p};
use crate::scheme::Scheme;

/// Case of a student covered by school year.
pub const STUDENT: &str = "student";
/// Case of a waiting period without a rule for late entries.
pub const LATE: &str = "late";

/// One row a person, in the order of `entered`.
pub(super) fn list(people: &People, scheme: &Scheme) -> PolarsResult<DataFrame> {
    let entered = &people.entered;
    let day = |name: &str, of: &dyn Fn(&Entered) -> Option<i32>| {
        let days: Int32Chunked = entered.iter().map(of).collect();
        days.with_name(name.into()).into_date().into_column()
    };
    let text = |name: &str, of: &dyn Fn(&Entered) -> String| {
        Column::new(name.into(), entered.iter().map(of).collect::<Vec<String>>())
    };
    let rows = DataFrame::new_infer_height(vec![
        UInt64Chunked::from_vec(c::KEY.into(), entered.iter().map(|one| one.key).collect())
            .into_column(),
        text("case", &|one| case(one.ground, scheme)),
        text("price", &|one| one.price.code().to_owned()),
        day("paid_on", &|one| one.paid_on.map(epoch_day)),
        day("starts_on", &|one| one.covered.starts_on.map(epoch_day)),
        day("waits_until", &|one| one.covered.waits_until.map(epoch_day)),
        day("benefit_from", &|one| one.covered.from.map(epoch_day)),
        day("benefit_to", &|one| one.covered.to.map(epoch_day)),
        text("clause", &|one| clause(one.ground, scheme)),
    ])?;
    let own = rows.get_column_names_owned().into_iter().map(col);
    let wanted = [r::PERSON_REGION, p::PAYABLE, p::PAID_HERE];
    let wanted = [FACES.as_slice(), &wanted].concat();
    let of_person = [
        col(c::ID),
        col(c::NAME),
        col(r::PERSON_REGION).alias(c::REGION),
        col(p::PAYABLE).alias("payable_fen"),
        col(p::PAID_HERE).alias("paid_fen"),
    ];
    let columns: Vec<Expr> = own.chain(of_person).collect();
    let rows = people.faced(people.beside_by_key(rows, &wanted)?)?;
    let rows = people.places.spelled(rows, &[r::PERSON_REGION])?;
    rows.lazy().select(columns).collect()
}

fn case(ground: Ground, scheme: &Scheme) -> String {
    match ground {
        Ground::Rule(at) => scheme.late[at].name.clone(),
        Ground::Student => STUDENT.to_owned(),
        Ground::Waiting => LATE.to_owned(),
    }
}

fn clause(ground: Ground, scheme: &Scheme) -> String {
    match ground {
        Ground::Rule(at) => scheme.late[at].clause.clone(),
        Ground::Student => scheme
            .entries
            .students
            .as_ref()
            .map_or_else(String::new, |rule| rule.clause.clone()),
        Ground::Waiting => WAITING_CLAUSE.to_owned(),
    }
}

/// The rule of waiting periods where no rule of the notice says more.
const WAITING_CLAUSE: &str = "国办发〔2024〕38号";
