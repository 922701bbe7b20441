//! Assessed: persons that count on a day of the assessment, and groups in force on it (DESIGN §7).

use std::collections::BTreeSet;

use chrono::NaiveDate;
use polars::prelude::*;

use super::standings::standing;
use super::tallies::{Counts, Tallies, is_member, region_of};
use crate::domain::{Cover, Standing, columns as c, period::epoch_day};
use crate::people::summary::{Rosters, days, flags, indexes};
use crate::people::{People, Person};
use crate::scheme::{Count, Scheme};

/// Before every day that is asked for: a date that nobody stated.
const ALWAYS: i32 = i32::MIN;

/// Counts one bucket on every day of the scheme's assessment.
pub(super) fn count(people: &People, scheme: &Scheme, as_of: NaiveDate, tallies: &mut Tallies) -> PolarsResult<()> {
    let Some(assessment) = &scheme.assessment else { return Ok(()) };
    let days: Vec<(u8, i32)> = (0u8..).zip(assessment.days(as_of)).map(|(at, on)| (at, epoch_day(on))).collect();
    persons(people, scheme, &days, tallies)?;
    if assessment.tiers.iter().any(|tier| !tier.groups.is_empty()) {
        groups(people, scheme, &days, tallies)?;
    }
    Ok(())
}

/// The first day of a person's employee relations (here, and anywhere) and of their roster rows.
#[derive(Default)]
struct FirstDays {
    employed_here: Option<i32>,
    employed: Option<i32>,
    rostered: Option<i32>,
}

/// The living who count on each day: those registered here, and those of the register insured anywhere, which is what a rate
/// against the register counts.
fn persons(people: &People, scheme: &Scheme, days: &[(u8, i32)], tallies: &mut Tallies) -> PolarsResult<()> {
    let (places, first_days) = (&people.places, first_days(people)?);
    let of_register = scheme.primary_rate().count == Count::Insured;
    for (at, on) in days {
        let mut here = Counts::of(places, Cover::COUNT);
        let mut on_register = Counts::of(places, Cover::COUNT);
        for (person, first) in people.persons.iter().zip(&first_days).filter(|(person, _)| !person.dead) {
            if let Some(cover) = registered_here(person, first, *on) {
                here.add(person.counted_region.or(person.register_region).unwrap_or(places.root()), cover.index());
            }
            if let (true, Some(region), Some(cover)) = (of_register, person.register_region, insured(person, first, *on)) {
                on_register.add(region, cover.index());
            }
        }
        let keyed = |((region, cover), count): ((&str, u8), u64)| ((*at, region.to_owned(), cover), count);
        tallies.assessed.extend(here.found(places).map(keyed));
        tallies.assessed_register.extend(on_register.found(places).map(keyed));
    }
    Ok(())
}

fn first_days(people: &People) -> PolarsResult<Vec<FirstDays>> {
    let books = &people.books;
    let (registrations, rosters) = (&books.registrations.rows, &books.rosters.rows);
    let (begun, cover) = (days(registrations, c::BEGUN)?, indexes(registrations, c::COVER)?);
    let here = flags(registrations, c::HERE)?;
    let (identified, category) = (days(rosters, c::IDENTIFIED)?, rosters.column(c::CATEGORY)?.u16()?.downcast_as_array());
    let of_person = |(at, person): (usize, &Person)| {
        let mut first = FirstDays::default();
        let is_employee = |row: &usize| cover.get(*row) == Some(Cover::Employee.index());
        let began = |row: usize| begun.get(row).unwrap_or(ALWAYS);
        if person.is_employee() {
            let employed = || books.registrations.of(at).iter().map(|row| *row as usize).filter(is_employee);
            first.employed = employed().map(began).min();
            first.employed_here = employed().filter(|row| here.get(*row) == Some(true)).map(began).min();
        }
        let rostered = books.rosters.of(at).iter().map(|row| *row as usize).filter(|row| category.get(*row).is_some());
        first.rostered = rostered.map(|row| identified.get(row).unwrap_or(ALWAYS)).min();
        first
    };
    Ok(people.persons.iter().enumerate().map(of_person).collect())
}

/// First effectively paid by that day; or nothing is owed, or a subsidy recorded, and on a roster by then.
fn is_settled(person: &Person, first: &FirstDays, on: i32) -> bool {
    let free = person.payable == 0 || person.recorded_subsidy() > 0;
    is_by(person.first_paid_on, on) || free && is_by(first.rostered, on)
}

fn is_by(day: Option<i32>, on: i32) -> bool {
    day.is_some_and(|day| day <= on)
}

/// Cover of a person registered here: employee before resident.
fn registered_here(person: &Person, first: &FirstDays, on: i32) -> Option<Cover> {
    let resident = || person.resident_here > 0 && person.resident_insures && is_settled(person, first, on);
    if is_by(first.employed_here, on) {
        Some(Cover::Employee)
    } else {
        resident().then_some(Cover::Resident)
    }
}

/// Cover of a person insured anywhere.
fn insured(person: &Person, first: &FirstDays, on: i32) -> Option<Cover> {
    match standing(person) {
        Standing::LocalEmployee | Standing::ElsewhereEmployee => is_by(first.employed, on).then_some(Cover::Employee),
        Standing::LocalResident | Standing::ElsewhereResident => is_settled(person, first, on).then_some(Cover::Resident),
        _ => None,
    }
}

/// Members of every group in force on a day, by region and standing.
fn groups(people: &People, scheme: &Scheme, days: &[(u8, i32)], tallies: &mut Tallies) -> PolarsResult<()> {
    let rosters = Rosters::of(&people.books.rosters.rows)?;
    let tiers = scheme.assessment.iter().flat_map(|assessment| &assessment.tiers);
    let wanted: BTreeSet<usize> = tiers.flat_map(|tier| tier.groups.iter().copied()).collect();
    let groups = || (0u16..).zip(&scheme.groups).filter(|(which, _)| wanted.contains(&usize::from(*which)));
    for (at, person) in people.persons.iter().enumerate().filter(|(_, person)| person.on_roster()) {
        let (region, standing) = (people.places.text(region_of(person, people)), standing(person).index());
        for (day, on) in days {
            let categories = rosters.categories_on(people.books.rosters.of(at), *on, scheme);
            for (which, _) in groups().filter(|(_, group)| is_member(group, &categories)) {
                *tallies.assessed_groups.entry((*day, which, region.to_owned(), standing)).or_default() += 1;
            }
        }
    }
    Ok(())
}
