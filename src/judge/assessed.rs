//! Assessed: persons that count on a day of the assessment, and groups in force on it (DESIGN §7).

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use polars::prelude::*;

use super::tallies::{Tallies, by_which_and_standing, count_at, count_by};
use crate::domain::{Cover, Standing, columns as c};
use crate::people::{Books, gather::day, p, summary::in_force_on, to_one};
use crate::scheme::{Count, Scheme};

// Columns that live only in this file.
const EMPLOYED_HERE: &str = "employed_here";
const EMPLOYED: &str = "employed";
const ROSTERED: &str = "rostered";

/// Before every day that is asked for: a date that nobody stated.
const ALWAYS: NaiveDate = NaiveDate::MIN;

/// Counts one bucket on every day of the scheme's assessment.
pub(super) fn count(
    people: &DataFrame,
    books: &Books,
    scheme: &Scheme,
    as_of: NaiveDate,
    tallies: &mut Tallies,
) -> PolarsResult<()> {
    let Some(assessment) = &scheme.assessment else { return Ok(()) };
    let persons = with_first_days(people, books)?;
    let of_register = scheme.primary_rate().count == Count::Insured;
    for (at, on) in (0u8..).zip(assessment.days(as_of)) {
        let root = scheme.regions.root();
        add(&mut tallies.assessed, at, &registered_here(&persons, root, on)?)?;
        if of_register {
            add(&mut tallies.assessed_register, at, &of_the_register(&persons, on)?)?;
        }
        if assessment.tiers.iter().any(|tier| !tier.groups.is_empty()) {
            groups(people, books, scheme, (at, on), tallies)?;
        }
    }
    Ok(())
}

fn add(tally: &mut BTreeMap<(u8, String, u8), u64>, at: u8, persons: &DataFrame) -> PolarsResult<()> {
    let (region, cover) = (persons.column(c::REGION)?.str()?, persons.column(c::COVER)?.u8()?);
    for row in 0..persons.height() {
        if let (Some(region), Some(cover)) = (region.get(row), cover.get(row)) {
            *tally.entry((at, region.to_owned(), cover)).or_default() += count_at(persons, row)?;
        }
    }
    Ok(())
}

/// The living, with the first day of their employee relations (here, and anywhere) and of their roster rows.
fn with_first_days(people: &DataFrame, books: &Books) -> PolarsResult<DataFrame> {
    let always = || day(ALWAYS);
    let first = |rows: LazyFrame, date: &str, name: &str| {
        rows.group_by([col(c::KEY)]).agg([coalesce(&[col(date), always()]).min().alias(name)])
    };
    let employees = books.registrations.rows.clone().lazy().filter(col(c::COVER).eq(lit(Cover::Employee.index())));
    let here = first(employees.clone().filter(col(c::HERE)), c::BEGUN, EMPLOYED_HERE);
    let rosters = books.rosters.rows.clone().lazy().filter(col(c::CATEGORY).is_not_null());
    let mut persons = people.clone().lazy().filter(col(p::DEAD).not());
    for book in [here, first(employees, c::BEGUN, EMPLOYED), first(rosters, c::IDENTIFIED, ROSTERED)] {
        persons = persons.join(book, [col(c::KEY)], [col(c::KEY)], to_one());
    }
    let wanted = [
        c::STANDING,
        p::ON_REGISTER,
        p::REGISTER_REGION,
        p::COUNTED_REGION,
        p::RESIDENT_HERE,
        p::RESIDENT_INSURES,
        p::FIRST_PAID_ON,
        p::PAYABLE,
        p::REGISTRATION_SUBSIDY,
        p::ROSTER_SUBSIDY,
        EMPLOYED_HERE,
        EMPLOYED,
        ROSTERED,
    ];
    persons.select(wanted.map(col)).collect()
}

/// First effectively paid by that day; or nothing is owed, or a subsidy recorded, and on a roster by then.
fn settled_by(on: NaiveDate) -> Expr {
    let recorded = (col(p::REGISTRATION_SUBSIDY) + col(p::ROSTER_SUBSIDY)).gt(lit(0i64));
    let free = col(p::PAYABLE).eq(lit(0i64)).or(recorded);
    col(p::FIRST_PAID_ON).lt_eq(day(on)).or(free.and(col(ROSTERED).lt_eq(day(on))))
}

fn says(cover: Cover) -> Expr {
    lit(cover.index()).cast(DataType::UInt8)
}

/// Persons registered here, each once: employee before resident, in the region where the registration counts.
fn registered_here(persons: &DataFrame, root: &str, on: NaiveDate) -> PolarsResult<DataFrame> {
    let resident = col(p::RESIDENT_HERE).gt(lit(0u32)).and(col(p::RESIDENT_INSURES)).and(settled_by(on));
    let cover = when(col(EMPLOYED_HERE).lt_eq(day(on)))
        .then(says(Cover::Employee))
        .when(resident)
        .then(says(Cover::Resident))
        .otherwise(lit(NULL));
    let region = coalesce(&[col(p::COUNTED_REGION), col(p::REGISTER_REGION), lit(root)]);
    by_cover(persons.clone().lazy(), region, cover)
}

/// Persons of the register insured anywhere: what a rate against the register counts.
fn of_the_register(persons: &DataFrame, on: NaiveDate) -> PolarsResult<DataFrame> {
    let stands = |either: [Standing; 2]| {
        let [a, b] = either.map(|standing| col(c::STANDING).eq(lit(standing.index())));
        a.or(b)
    };
    let employee = stands([Standing::LocalEmployee, Standing::ElsewhereEmployee]).and(col(EMPLOYED).lt_eq(day(on)));
    let resident = stands([Standing::LocalResident, Standing::ElsewhereResident]).and(settled_by(on));
    let cover = when(employee).then(says(Cover::Employee)).when(resident).then(says(Cover::Resident)).otherwise(lit(NULL));
    by_cover(persons.clone().lazy().filter(col(p::ON_REGISTER)), col(p::REGISTER_REGION), cover)
}

fn by_cover(persons: LazyFrame, region: Expr, cover: Expr) -> PolarsResult<DataFrame> {
    let counted = persons.select([region.alias(c::REGION), cover.alias(c::COVER)]).filter(col(c::COVER).is_not_null());
    count_by(counted, &[c::REGION, c::COVER])
}

/// Members of every group in force on the day, by region and standing.
fn groups(
    people: &DataFrame,
    books: &Books,
    scheme: &Scheme,
    (at, on): (u8, NaiveDate),
    tallies: &mut Tallies,
) -> PolarsResult<()> {
    let in_force = books.rosters.rows.clone().lazy().filter(in_force_on(day(on), scheme)).select([col(c::KEY), col(c::CATEGORY)]);
    let in_force = in_force.unique(None, UniqueKeepStrategy::Any).collect()?;
    let person = people.clone().lazy().select([col(c::KEY), col(p::PERSON_REGION), col(c::STANDING)]);
    let tiers = scheme.assessment.iter().flat_map(|assessment| &assessment.tiers);
    let wanted: BTreeSet<usize> = tiers.flat_map(|tier| tier.groups.iter().copied()).collect();
    for (which, group) in (0u16..).zip(&scheme.groups).filter(|(which, _)| wanted.contains(&usize::from(*which))) {
        let members = in_force.clone().lazy().filter(super::tallies::is_member(group));
        let members = members.select([col(c::KEY), lit(which).cast(DataType::UInt16).alias(c::CATEGORY)]);
        let members = members.unique(None, UniqueKeepStrategy::Any).join(person.clone(), [col(c::KEY)], [col(c::KEY)], to_one());
        let counted = count_by(members, &[c::CATEGORY, p::PERSON_REGION, c::STANDING])?;
        for ((which, region, standing), persons) in by_which_and_standing(&counted, scheme.regions.root())? {
            *tallies.assessed_groups.entry((at, which, region, standing)).or_default() += persons;
        }
    }
    Ok(())
}
