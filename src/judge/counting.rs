//! Counting: what a thread counts of its buckets. While it adds up, a region is its place: a province has tens of thousands of
//! villages in hundreds of buckets.

use chrono::NaiveDate;
use polars::prelude::*;

use super::assessed::Assessed;
use super::cells::{COUNT, REGION, counted, counts, home, in_force, members};
use super::counts::{AddsUp, Counts, Few, append, in_order};
use super::rulebook::{self, RowClass, r};
use super::tallies::{SubsidiesRecorded, Tallies};
use crate::domain::{Cover, Fen, SourceKind, Standing, Status, columns as c};
use crate::people::read::{day, of_person};
use crate::people::{People, Places, p};
use crate::scheme::Scheme;

// Columns that live only in this family.
const CLASS: &str = "class";
const EXTRA: &str = "extra";
const ROW_AT: &str = "row_at";
const FUNDED: &str = "funded";
const GRANTED: &str = "granted";

/// What one thread counts, bucket after bucket. Sums do not depend on who counted what.
pub(super) struct Counting {
    registered: Counts,
    /// Rows in the register region of their person: nearly all.
    at_home: Counts,
    /// The others.
    away: Few<(u32, Option<u32>, RowClass)>,
    standings: Counts,
    rosters: Few<(u16, u32, u8)>,
    groups: Few<(u16, u32, u8)>,
    students: Counts,
    funding: Few<(u16, u32), (u64, Fen)>,
    granted: SubsidiesRecorded,
    audit: Few<(u8, u32), (u64, u64)>,
    previous: Counts,
    assessed: Option<Assessed>,
}

impl Counting {
    /// Nobody yet.
    pub(super) fn of(scheme: &Scheme, as_of: NaiveDate) -> Self {
        Counting {
            registered: Counts::of(Cover::COUNT),
            at_home: Counts::of(RowClass::COUNT),
            away: Few::default(),
            standings: Counts::of(Standing::COUNT),
            rosters: Few::default(),
            groups: Few::default(),
            students: Counts::of(Standing::COUNT),
            funding: Few::default(),
            granted: SubsidiesRecorded::default(),
            audit: Few::default(),
            previous: Counts::of(1),
            assessed: Assessed::of(scheme, as_of),
        }
    }

    /// Counts one bucket.
    pub(super) fn bucket(
        &mut self,
        people: &People,
        scheme: &Scheme,
        as_of: NaiveDate,
    ) -> PolarsResult<()> {
        self.rows(people)?;
        let standings = people.persons.select([p::REGISTER_REGION, c::STANDING])?;
        self.standings
            .count(&standings, p::REGISTER_REGION, c::STANDING)?;
        self.students(people)?;
        self.on_rosters(people, scheme, as_of)?;
        self.funding(people)?;
        self.granted(people)?;
        self.audit(people)?;
        if let Some(assessed) = &mut self.assessed {
            assessed.bucket(people, scheme)?;
        }
        self.unusable_rows(people)?;
        self.pending(people)?;
        self.previous(people)
    }

    /// Every normal row of a person here, with its region and what becomes of it on the bridge.
    fn rows(&mut self, people: &People) -> PolarsResult<()> {
        let rows = &people.books.registrations.rows;
        let rows = rows.select([p::WHO, c::PLACE, c::COVER, c::HERE])?;
        let rows = people.places.beside_regions(rows)?;
        let of_person = [
            p::REGISTER_AT,
            p::REGISTER_REGION,
            p::COUNTED_AT,
            c::STANDING,
        ];
        let rows = people.beside(rows.with_row_index(ROW_AT.into(), None)?, &of_person)?;
        let whole = lit(people.places.root().number());
        let region = coalesce(&[col(p::REGION_AT), col(p::REGISTER_REGION), whole]);
        let rows = rows.lazy().filter(col(c::HERE)).select([
            region.alias(REGION),
            col(p::REGISTER_REGION),
            col(c::COVER),
            rulebook::row_class(ROW_AT).alias(CLASS),
        ]);
        let rows = rows.collect()?;
        self.registered.count(&rows, REGION, c::COVER)?;
        let at_home = || col(REGION).eq_missing(col(p::REGISTER_REGION));
        let home = rows.clone().lazy().filter(at_home()).collect()?;
        self.at_home.count(&home, REGION, CLASS)?;
        let away = rows.lazy().filter(at_home().not());
        let away = counted(away, &[REGION, p::REGISTER_REGION, CLASS])?;
        let (region, home) = (
            away.column(REGION)?.u32()?,
            away.column(p::REGISTER_REGION)?.u32()?,
        );
        let class = away.column(CLASS)?.u8()?;
        for (at, rows) in counts(&away)?.enumerate() {
            let class = RowClass::at(class.get(at).unwrap_or_default()); // every row has a class
            let cell = (region.get(at).unwrap_or_default(), home.get(at), class); // and a region
            self.away.entry(cell).or_default().add(rows);
        }
        Ok(())
    }

    /// Students, by where they are at home.
    fn students(&mut self, people: &People) -> PolarsResult<()> {
        let students = people.those(p::STUDENT, &[r::PERSON_REGION, c::STANDING])?;
        let students = students.lazy().with_column(home(people).alias(REGION));
        self.students
            .count(&students.collect()?, REGION, c::STANDING)
    }

    /// Persons in force on a roster, under every category that is in force for them, and once in every group of those.
    fn on_rosters(
        &mut self,
        people: &People,
        scheme: &Scheme,
        as_of: NaiveDate,
    ) -> PolarsResult<()> {
        let in_force = in_force(people, day(as_of), scheme)?;
        for ((which, region, standing), persons) in members(in_force.clone(), None)? {
            self.rosters
                .entry((which, region, standing))
                .or_default()
                .add(persons);
        }
        for (group, rule) in (0u16..).zip(&scheme.groups) {
            for ((_, region, standing), persons) in members(in_force.clone(), Some(rule))? {
                self.groups
                    .entry((group, region, standing))
                    .or_default()
                    .add(persons);
            }
        }
        Ok(())
    }

    /// Grants of entitled persons with a normal resident registration here and no employee relation: what payers owe.
    fn funding(&mut self, people: &People) -> PolarsResult<()> {
        let owed = people.persons.clone().lazy().filter(rulebook::is_funded());
        let by = [col(p::GRANT_CATEGORY), home(people).alias(REGION)];
        let owed = owed
            .group_by(by)
            .agg([len().alias(COUNT), col(p::GRANT).sum()])
            .collect()?;
        let (category, region) = (
            owed.column(p::GRANT_CATEGORY)?.u16()?,
            owed.column(REGION)?.u32()?,
        );
        let grants = owed.column(p::GRANT)?.i64()?;
        for (at, persons) in counts(&owed)?.enumerate() {
            let cell = category.get(at).zip(region.get(at));
            if let (Some(cell), Some(fen)) = (cell, grants.get(at)) {
                self.funding.entry(cell).or_default().add((persons, fen));
            }
        }
        Ok(())
    }

    /// Subsidies that books record, of whom a payer owes a grant for and of everybody else.
    fn granted(&mut self, people: &People) -> PolarsResult<()> {
        let some = rulebook::granted().gt(lit(0i64));
        let granted = people.persons.clone().lazy().filter(some);
        let granted = granted
            .group_by([rulebook::is_funded().alias(FUNDED)])
            .agg([rulebook::granted().sum().alias(GRANTED)])
            .collect()?;
        let funded = granted.column(FUNDED)?.bool()?;
        for (funded, fen) in funded.iter().zip(granted.column(GRANTED)?.i64()?.iter()) {
            let sum = if funded == Some(true) {
                &mut self.granted.recorded
            } else {
                &mut self.granted.outside
            };
            *sum += fen.unwrap_or(0); // a sum of stated money
        }
        self.granted.of_other_years += people.of_other_years;
        Ok(())
    }

    /// Resident registrations beyond the one that stays.
    fn audit(&mut self, people: &People) -> PolarsResult<()> {
        for (kind, holds, registrations) in rulebook::extra_registrations() {
            let extra = people.persons.clone().lazy().filter(holds);
            let extra = extra
                .group_by([home(people).alias(REGION)])
                .agg([
                    len().alias(COUNT),
                    registrations.cast(DataType::UInt64).sum().alias(EXTRA),
                ])
                .collect()?;
            let (region, sum) = (extra.column(REGION)?.u32()?, extra.column(EXTRA)?.u64()?);
            for (at, persons) in counts(&extra)?.enumerate() {
                if let (Some(region), Some(registrations)) = (region.get(at), sum.get(at)) {
                    let cell = (kind.index(), region);
                    self.audit
                        .entry(cell)
                        .or_default()
                        .add((persons, registrations));
                }
            }
        }
        Ok(())
    }

    /// Persons of the register whose number is unusable. A row that names no region counts in 其他 of the whole.
    fn pending(&mut self, people: &People) -> PolarsResult<()> {
        let unusable = people.books.unusable.iter();
        for (_, frame) in unusable.filter(|(kind, _)| *kind == SourceKind::Register) {
            for region in people.places.regions(frame.column(c::PLACE)?.u32()?) {
                let region = region.unwrap_or(people.places.root());
                self.standings
                    .add(region.number(), Standing::Pending.index());
            }
        }
        Ok(())
    }

    /// Normal registrations here whose number is unusable.
    fn unusable_rows(&mut self, people: &People) -> PolarsResult<()> {
        for (kind, frame) in &people.books.unusable {
            let rows = match kind {
                SourceKind::Registrations => frame.clone().lazy(),
                SourceKind::Elsewhere => frame.clone().lazy().filter(col(c::IS_REGISTRATION)),
                SourceKind::Register
                | SourceKind::Payments
                | SourceKind::Rosters
                | SourceKind::Tasks
                | SourceKind::Deaths
                | SourceKind::Departures
                | SourceKind::Students
                | SourceKind::Previous
                | SourceKind::Households
                | SourceKind::HouseholdTotals => continue,
            };
            let normal = col(c::STATUS).eq(lit(Status::Normal.index()));
            let rows = rows.filter(normal.and(col(c::HERE))).collect()?;
            let regions = people.places.regions(rows.column(c::PLACE)?.u32()?);
            for (region, cover) in regions.into_iter().zip(rows.column(c::COVER)?.u8()?.iter()) {
                let region = region.unwrap_or(people.places.root()).number(); // names none: 其他 of the whole
                if let Some(cover) = cover {
                    self.registered.add(region, cover);
                    let cell = (region, None, RowClass::Unusable);
                    self.away.entry(cell).or_default().add(1);
                }
            }
        }
        Ok(())
    }

    /// Persons on last year's list, where it names them, else where they are now; of several rows the first.
    fn previous(&mut self, people: &People) -> PolarsResult<()> {
        let previous = &people.books.previous;
        let homes = people.persons.column(r::PERSON_REGION)?.u32()?;
        let mut known = vec![false; people.books.index.keys().len()];
        let mut others = PlHashSet::default();
        for (row, key) in previous
            .column(c::KEY)?
            .u64()?
            .into_no_null_iter()
            .enumerate()
        {
            let at = people.books.index.get(key);
            let is_first = match at {
                Some(at) => !std::mem::replace(&mut known[at], true),
                None => others.insert(key),
            };
            if is_first {
                let now = || at.and_then(|at| of_person(homes, at));
                let named = people.named.previous_region[row].map(|region| region.number());
                let whole = people.places.root().number();
                self.previous.add(named.or_else(now).unwrap_or(whole), 0);
            }
        }
        Ok(())
    }

    /// Adds another thread's.
    pub(super) fn append(&mut self, other: Counting) {
        self.registered.append(other.registered);
        self.at_home.append(other.at_home);
        append(&mut self.away, other.away);
        self.standings.append(other.standings);
        append(&mut self.rosters, other.rosters);
        append(&mut self.groups, other.groups);
        self.students.append(other.students);
        append(&mut self.funding, other.funding);
        self.granted.recorded += other.granted.recorded;
        self.granted.outside += other.granted.outside;
        self.granted.of_other_years += other.granted.of_other_years;
        append(&mut self.audit, other.audit);
        self.previous.append(other.previous);
        if let (Some(mine), Some(theirs)) = (&mut self.assessed, other.assessed) {
            mine.append(theirs);
        }
    }

    /// What was counted, by the texts of places.
    pub(super) fn into_tallies(self, places: &Places) -> Tallies {
        let text = |place: u32| places.text_at(place).to_owned();
        let mut tallies = Tallies {
            registered: self.registered.found(places).collect(),
            rows: self
                .at_home
                .found(places)
                .map(|((region, class), n)| ((region.clone(), region, class), n))
                .collect(),
            standings: self.standings.found(places).collect(),
            rosters: in_order(self.rosters)
                .map(|((category, region, of), n)| ((category, text(region), of), n))
                .collect(),
            groups: in_order(self.groups)
                .map(|((group, region, of), n)| ((group, text(region), of), n))
                .collect(),
            students: self.students.found(places).collect(),
            funding: in_order(self.funding)
                .map(|((category, region), owed)| ((category, text(region)), owed))
                .collect(),
            granted: self.granted,
            audit: in_order(self.audit)
                .map(|((kind, region), sum)| ((kind, text(region)), sum))
                .collect(),
            previous: self
                .previous
                .found(places)
                .map(|((region, _), n)| (region, n))
                .collect(),
            ..Tallies::default()
        };
        let away = self.away.into_iter();
        tallies.rows.extend(away.map(|((at, home, class), n)| {
            (
                (text(at), home.map_or_else(String::new, text), class.index()),
                n,
            )
        }));
        if let Some(assessed) = self.assessed {
            assessed.into_tallies(places, &mut tallies);
        }
        tallies
    }
}
