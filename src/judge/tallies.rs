//! Tallies: counts by region that add up over buckets.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use polars::prelude::*;

use super::{is_employee, is_entitled};
use crate::domain::{Fen, SourceKind, Standing, Status, columns as c};
use crate::people::{Books, gather::day, p, summary::in_force_on, to_one};
use crate::scheme::{Group, Scheme};

// Columns that live only in this file.
const CLASS: &str = "class";

closed_list! {
    /// What becomes of a registered row on the bridge, where its region and its person's register region agree.
    pub enum RowClass {
        /// The number is unusable.
        Unusable = "unusable",
        /// Not the counted row of its person.
        Surplus = "surplus",
        /// The person is not on the register.
        NotOnRegister = "not-on-register",
        /// On the register, deceased.
        Deceased = "deceased",
        /// On the register, alive, not insured for lack of payment.
        Unpaid = "unpaid",
        /// On the register, alive, insured here.
        Insured = "insured",
    }
}

closed_list! {
    /// Why a person has more resident registrations than one: each draws the fiscal subsidy once more.
    pub enum Extra {
        /// Several in one pool.
        SamePool = "same-pool",
        /// In several pools.
        CrossRegion = "cross-region",
        /// Beside an employee relation, which is the one that stays.
        CrossScheme = "cross-scheme",
    }
}

/// Counts of one bucket, or of all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tallies {
    /// Normal rows here by region of the row and cover.
    pub registered: BTreeMap<(String, u8), u64>,
    /// The same rows by region of the row, register region of the person (empty = none), and class.
    pub rows: BTreeMap<(String, String, u8), u64>,
    /// Register persons by region and standing.
    pub standings: BTreeMap<(String, u8), u64>,
    /// Persons in force on a roster on the as-of date by category, region and standing.
    pub rosters: BTreeMap<(u16, String, u8), u64>,
    /// The same by group of the scheme: a person of several of its categories counts once.
    pub groups: BTreeMap<(u16, String, u8), u64>,
    /// Students by region and standing.
    pub students: BTreeMap<(String, u8), u64>,
    /// Entitled residents here by category and region: persons and fen.
    pub funding: BTreeMap<(u16, String), (u64, Fen)>,
    /// Extra resident registrations by kind and region of the person: persons and registrations.
    pub audit: BTreeMap<(u8, String), (u64, u64)>,
    /// Persons on last year's list by region.
    pub previous: BTreeMap<String, u64>,
    /// Persons registered here that count on a day of the assessment: position of the day, region, cover.
    pub assessed: BTreeMap<(u8, String, u8), u64>,
    /// The same of the register, insured anywhere; only where the primary rate counts those.
    pub assessed_register: BTreeMap<(u8, String, u8), u64>,
    /// Members of a group in force on a day of the assessment: position of the day, group, region, standing.
    pub assessed_groups: BTreeMap<(u8, u16, String, u8), u64>,
}

impl std::ops::AddAssign for Tallies {
    fn add_assign(&mut self, other: Tallies) {
        fn add<K: Ord>(mine: &mut BTreeMap<K, u64>, theirs: BTreeMap<K, u64>) {
            for (key, count) in theirs {
                *mine.entry(key).or_default() += count;
            }
        }
        add(&mut self.registered, other.registered);
        add(&mut self.rows, other.rows);
        add(&mut self.standings, other.standings);
        add(&mut self.rosters, other.rosters);
        add(&mut self.groups, other.groups);
        add(&mut self.students, other.students);
        add(&mut self.previous, other.previous);
        for (key, (persons, registrations)) in other.audit {
            let mine = self.audit.entry(key).or_default();
            *mine = (mine.0 + persons, mine.1 + registrations);
        }
        add(&mut self.assessed, other.assessed);
        add(&mut self.assessed_register, other.assessed_register);
        add(&mut self.assessed_groups, other.assessed_groups);
        for (key, (persons, fen)) in other.funding {
            let mine = self.funding.entry(key).or_default();
            *mine = (mine.0 + persons, mine.1 + fen);
        }
    }
}

/// Counts one bucket.
pub(super) fn of_bucket(people: &DataFrame, books: &Books, scheme: &Scheme, as_of: NaiveDate) -> PolarsResult<Tallies> {
    let mut tallies = Tallies::default();
    registered_rows(people, books, scheme, &mut tallies)?;
    let root = scheme.regions.root();
    let standings =
        people.clone().lazy().filter(col(p::ON_REGISTER)).select([col(p::REGISTER_REGION).alias(c::REGION), col(c::STANDING)]);
    tallies.standings = by_standing(&count_by(standings, &[c::REGION, c::STANDING])?, root)?;
    for (kind, frame) in &books.unusable {
        if *kind == SourceKind::Register {
            for region in frame.column(c::REGION)?.str()?.iter() {
                let region = region.unwrap_or(root).to_owned(); // a row that names no region counts in 其他 of the whole
                *tallies.standings.entry((region, Standing::Pending.index())).or_default() += 1;
            }
        }
    }
    rosters(people, books, scheme, as_of, &mut tallies)?;
    let students =
        people.clone().lazy().filter(col(p::STUDENT)).select([col(p::PERSON_REGION).alias(c::REGION), col(c::STANDING)]);
    tallies.students = by_standing(&count_by(students, &[c::REGION, c::STANDING])?, root)?;
    funding(people, scheme, &mut tallies)?;
    audit(people, scheme, &mut tallies)?;
    super::assessed::count(people, books, scheme, as_of, &mut tallies)?;
    let previous = books.previous.clone().lazy().unique_stable(Some(cols([c::KEY])), UniqueKeepStrategy::First);
    let person = people.clone().lazy().select([col(c::KEY), col(p::PERSON_REGION)]);
    let previous = previous.join(person, [col(c::KEY)], [col(c::KEY)], to_one());
    let region = coalesce(&[col(c::REGION), col(p::PERSON_REGION)]).alias(c::REGION);
    let previous = count_by(previous.select([region]), &[c::REGION])?;
    for at in 0..previous.height() {
        let region = previous.column(c::REGION)?.str()?.get(at).unwrap_or(root).to_owned(); // names none: 其他
        *tallies.previous.entry(region).or_default() += count_at(&previous, at)?;
    }
    Ok(tallies)
}

pub(super) fn count_by(rows: LazyFrame, by: &[&str]) -> PolarsResult<DataFrame> {
    let by: Vec<Expr> = by.iter().map(|name| col(*name)).collect();
    rows.group_by(by).agg([len().cast(DataType::UInt64).alias("persons")]).collect()
}

pub(super) fn count_at(counted: &DataFrame, at: usize) -> PolarsResult<u64> {
    Ok(counted.column("persons")?.u64()?.get(at).unwrap_or(0)) // a count is never null
}

fn by_standing(counted: &DataFrame, root: &str) -> PolarsResult<BTreeMap<(String, u8), u64>> {
    let (region, standing) = (counted.column(c::REGION)?.str()?, counted.column(c::STANDING)?.u8()?);
    let mut tally = BTreeMap::new();
    for at in 0..counted.height() {
        let region = region.get(at).unwrap_or(root).to_owned(); // names none: 其他 of the whole
        if let Some(standing) = standing.get(at) {
            *tally.entry((region, standing)).or_default() += count_at(counted, at)?;
        }
    }
    Ok(tally)
}

/// Every normal row here, with its region and what becomes of it on the bridge.
fn registered_rows(people: &DataFrame, books: &Books, scheme: &Scheme, tallies: &mut Tallies) -> PolarsResult<()> {
    let root = scheme.regions.root();
    let person = people.clone().lazy().select([
        col(c::KEY),
        col(p::ON_REGISTER),
        col(p::REGISTER_REGION),
        col(p::COUNTED_ORIGIN),
        col(p::COUNTED_ROW),
        col(c::STANDING),
    ]);
    let standing = |standing: Standing| col(c::STANDING).eq(lit(standing.index()));
    let counted = col(c::ORIGIN).eq(col(p::COUNTED_ORIGIN)).and(col(c::ROW).eq(col(p::COUNTED_ROW)));
    let says = |class: RowClass| lit(class.index()).cast(DataType::UInt8);
    let class = when(counted.not())
        .then(says(RowClass::Surplus))
        .when(col(p::ON_REGISTER).not())
        .then(says(RowClass::NotOnRegister))
        .when(standing(Standing::Deceased))
        .then(says(RowClass::Deceased))
        .when(standing(Standing::LocalEmployee).or(standing(Standing::LocalResident)))
        .then(says(RowClass::Insured))
        .otherwise(says(RowClass::Unpaid));
    let rows = books.registrations.rows.clone().lazy().filter(col(c::HERE)).join(person, [col(c::KEY)], [col(c::KEY)], to_one());
    let rows = rows.with_column(class.alias(CLASS)).select([
        coalesce(&[col(c::REGION), col(p::REGISTER_REGION), lit(root)]).alias(c::REGION),
        coalesce(&[col(p::REGISTER_REGION), lit("")]).alias(p::REGISTER_REGION),
        col(CLASS),
        col(c::COVER),
    ]);
    let counted = count_by(rows, &[c::REGION, p::REGISTER_REGION, CLASS, c::COVER])?;
    let (region, register) = (counted.column(c::REGION)?.str()?, counted.column(p::REGISTER_REGION)?.str()?);
    let (class, cover) = (counted.column(CLASS)?.u8()?, counted.column(c::COVER)?.u8()?);
    for at in 0..counted.height() {
        if let (Some(region), Some(register), Some(class), Some(cover)) =
            (region.get(at), register.get(at), class.get(at), cover.get(at))
        {
            let persons = count_at(&counted, at)?;
            *tallies.registered.entry((region.to_owned(), cover)).or_default() += persons;
            *tallies.rows.entry((region.to_owned(), register.to_owned(), class)).or_default() += persons;
        }
    }
    unusable_rows(books, root, tallies)
}

fn unusable_rows(books: &Books, root: &str, tallies: &mut Tallies) -> PolarsResult<()> {
    for (kind, frame) in &books.unusable {
        let rows = match kind {
            SourceKind::Registrations => frame.clone().lazy(),
            SourceKind::Elsewhere => frame.clone().lazy().filter(col(c::IS_REGISTRATION)),
            _ => continue,
        };
        let rows = rows.filter(col(c::STATUS).eq(lit(Status::Normal.index())).and(col(c::HERE))).collect()?;
        let (region, cover) = (rows.column(c::REGION)?.str()?, rows.column(c::COVER)?.u8()?);
        for at in 0..rows.height() {
            let region = region.get(at).unwrap_or(root).to_owned(); // names none and joins nobody: 其他 of the whole
            if let Some(cover) = cover.get(at) {
                *tallies.registered.entry((region.clone(), cover)).or_default() += 1;
                *tallies.rows.entry((region, String::new(), RowClass::Unusable.index())).or_default() += 1;
            }
        }
    }
    Ok(())
}

/// Persons in force on a roster, under every category that is in force for them.
fn rosters(people: &DataFrame, books: &Books, scheme: &Scheme, as_of: NaiveDate, tallies: &mut Tallies) -> PolarsResult<()> {
    let person = people.clone().lazy().select([col(c::KEY), col(p::PERSON_REGION), col(c::STANDING)]);
    let in_force =
        books.rosters.rows.clone().lazy().filter(in_force_on(day(as_of), scheme)).select([col(c::KEY), col(c::CATEGORY)]);
    let in_force = in_force.unique(None, UniqueKeepStrategy::Any).collect()?;
    let root = scheme.regions.root();
    let rows = in_force.clone().lazy().join(person.clone(), [col(c::KEY)], [col(c::KEY)], to_one());
    tallies.rosters = by_which_and_standing(&count_by(rows, &[c::CATEGORY, p::PERSON_REGION, c::STANDING])?, root)?;
    for (at, group) in (0u16..).zip(&scheme.groups) {
        let members = in_force
            .clone()
            .lazy()
            .filter(is_member(group))
            .select([col(c::KEY), lit(at).cast(DataType::UInt16).alias(c::CATEGORY)]);
        let members = members.unique(None, UniqueKeepStrategy::Any).join(person.clone(), [col(c::KEY)], [col(c::KEY)], to_one());
        let counted = count_by(members, &[c::CATEGORY, p::PERSON_REGION, c::STANDING])?;
        tallies.groups.extend(by_which_and_standing(&counted, root)?);
    }
    Ok(())
}

/// Whether a roster row's category is one of the group's.
pub(super) fn is_member(group: &Group) -> Expr {
    group.categories.iter().fold(lit(false), |any, category| {
        any.or(col(c::CATEGORY).eq(lit(u16::try_from(*category).unwrap_or(u16::MAX)))) // a few dozen categories
    })
}

pub(super) fn by_which_and_standing(counted: &DataFrame, root: &str) -> PolarsResult<BTreeMap<(u16, String, u8), u64>> {
    let (which, region) = (counted.column(c::CATEGORY)?.u16()?, counted.column(p::PERSON_REGION)?.str()?);
    let standing = counted.column(c::STANDING)?.u8()?;
    let mut tally = BTreeMap::new();
    for at in 0..counted.height() {
        let region = region.get(at).unwrap_or(root).to_owned(); // names none: 其他
        if let (Some(which), Some(standing)) = (which.get(at), standing.get(at)) {
            *tally.entry((which, region, standing)).or_default() += count_at(counted, at)?;
        }
    }
    Ok(tally)
}

/// Grants of entitled persons with a normal resident registration here and no employee relation: what payers owe.
fn funding(people: &DataFrame, scheme: &Scheme, tallies: &mut Tallies) -> PolarsResult<()> {
    let owed = is_entitled().and(col(p::RESIDENT_HERE).gt(lit(0u32))).and(is_employee().not());
    let rows = people.clone().lazy().filter(owed).group_by([col(p::GRANT_CATEGORY), col(p::PERSON_REGION)]);
    let counted = rows.agg([len().cast(DataType::UInt64).alias("persons"), col(p::GRANT).sum().alias("fen")]).collect()?;
    let (category, region) = (counted.column(p::GRANT_CATEGORY)?.u16()?, counted.column(p::PERSON_REGION)?.str()?);
    let fen = counted.column("fen")?.i64()?;
    for at in 0..counted.height() {
        let region = region.get(at).unwrap_or(scheme.regions.root()).to_owned(); // names none: 其他
        if let (Some(category), Some(fen)) = (category.get(at), fen.get(at)) {
            let owed = tallies.funding.entry((category, region)).or_default();
            *owed = (owed.0 + count_at(&counted, at)?, owed.1 + fen);
        }
    }
    Ok(())
}

/// Resident registrations beyond the one that stays: all of them where an employee relation does.
fn audit(people: &DataFrame, scheme: &Scheme, tallies: &mut Tallies) -> PolarsResult<()> {
    let residents = || col(p::RESIDENT_HERE) + col(p::RESIDENT_AWAY);
    let extra = residents().gt(lit(1u32)).or(is_employee().and(residents().gt(lit(0u32))));
    let rows = people.clone().lazy().filter(extra).select([
        col(p::PERSON_REGION),
        residents().alias(p::RESIDENT_HERE),
        col(p::RESIDENT_POOLS),
        is_employee().alias(p::EMPLOYEE_HERE),
    ]);
    let rows = rows.collect()?;
    let (region, residents) = (rows.column(p::PERSON_REGION)?.str()?, rows.column(p::RESIDENT_HERE)?.u32()?);
    let (pools, employed) = (rows.column(p::RESIDENT_POOLS)?.u32()?, rows.column(p::EMPLOYEE_HERE)?.bool()?);
    for at in 0..rows.height() {
        let (residents, pools) = (residents.get(at).unwrap_or(0), pools.get(at).unwrap_or(0)); // counts are never null
        let kinds = if employed.get(at) == Some(true) {
            vec![(Extra::CrossScheme, residents)]
        } else {
            vec![(Extra::SamePool, residents - pools), (Extra::CrossRegion, pools - 1)]
        };
        let region = region.get(at).unwrap_or(scheme.regions.root()); // names none: 其他
        for (kind, registrations) in kinds.into_iter().filter(|(_, registrations)| *registrations > 0) {
            let sum = tallies.audit.entry((kind.index(), region.to_owned())).or_default();
            *sum = (sum.0 + 1, sum.1 + u64::from(registrations));
        }
    }
    Ok(())
}
