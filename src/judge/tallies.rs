//! Tallies: counts by region that add up over buckets. While they add up, a region is its place: a province has tens of
//! thousands of villages in hundreds of buckets.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use chrono::NaiveDate;
use polars::prelude::*;

use super::assessed::{Assessed, Stated};
use super::traits::Traits;
use crate::domain::{Cover, Fen, SourceKind, Standing, Status, columns as c, period::epoch_day};
use crate::people::summary::{Rosters, Values, flags, indexes};
use crate::people::{People, Person, Place, Places};
use crate::scheme::{Group, Scheme};

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

/// Counts of all buckets.
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

/// Persons by place and by a small number beside it.
pub(super) struct Counts {
    beside: usize,
    /// As far as the last place that anybody was counted at: texts that are no region's stand behind all regions.
    counts: Vec<u64>,
}

impl Counts {
    /// Nobody yet. Numbers beside a place are below `beside`.
    pub(super) fn of(beside: usize) -> Self {
        Counts {
            beside,
            counts: Vec::new(),
        }
    }

    /// One more.
    pub(super) fn add(&mut self, place: Place, beside: u8) {
        let at = place.at() * self.beside + usize::from(beside);
        if at >= self.counts.len() {
            self.counts.resize((place.at() + 1) * self.beside, 0);
        }
        self.counts[at] += 1;
    }

    /// Adds another thread's.
    pub(super) fn append(&mut self, other: Counts) {
        let (mut more, fewer) = if self.counts.len() < other.counts.len() {
            (other.counts, std::mem::take(&mut self.counts))
        } else {
            (std::mem::take(&mut self.counts), other.counts)
        };
        more.iter_mut()
            .zip(fewer)
            .for_each(|(sum, count)| *sum += count);
        self.counts = more;
    }

    /// What there is, by place and number.
    pub(super) fn found(self, places: &Places) -> impl Iterator<Item = ((String, u8), u64)> {
        let (beside, counts) = (self.beside, self.counts);
        let cells = places
            .each()
            .flat_map(move |place| (0u8..).take(beside).map(move |number| (place, number)));
        let found = cells.zip(counts).filter(|(_, count)| *count > 0);
        found.map(|((place, number), count)| ((places.text(place).to_owned(), number), count))
    }
}

/// Counts by few keys of many.
pub(super) type Few<K, V = u64> = PlHashMap<K, V>;

/// Adds another thread's.
pub(super) fn append<K: Eq + std::hash::Hash, V: AddsUp>(mine: &mut Few<K, V>, theirs: Few<K, V>) {
    for (key, count) in theirs {
        mine.entry(key).or_default().add(count);
    }
}

/// Counts in order: places are in the order of their texts, and compared much faster.
fn in_order<K: Ord, V>(counts: Few<K, V>) -> impl Iterator<Item = (K, V)> {
    let mut all: Vec<(K, V)> = counts.into_iter().collect();
    all.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    all.into_iter()
}

/// What adds up.
pub(super) trait AddsUp: Default {
    fn add(&mut self, other: Self);
}

impl AddsUp for u64 {
    fn add(&mut self, other: u64) {
        *self += other;
    }
}

impl<T: AddAssign + Default> AddsUp for (u64, T) {
    fn add(&mut self, other: (u64, T)) {
        self.0 += other.0;
        self.1 += other.1;
    }
}

/// What one thread counts, bucket after bucket. Sums do not depend on who counted what.
pub(super) struct Counting {
    registered: Counts,
    /// Rows in the register region of their person: nearly all.
    at_home: Counts,
    /// The others.
    away: Few<(Place, Option<Place>, RowClass)>,
    standings: Counts,
    rosters: Few<(u16, Place, u8)>,
    groups: Few<(u16, Place, u8)>,
    students: Counts,
    funding: Few<(u16, Place), (u64, Fen)>,
    audit: Few<(u8, Place), (u64, u64)>,
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
            audit: Few::default(),
            previous: Counts::of(1),
            assessed: Assessed::of(scheme, as_of),
        }
    }

    /// Counts one bucket, in one walk over its persons.
    pub(super) fn bucket(
        &mut self,
        people: &People,
        traits: &Traits,
        scheme: &Scheme,
        as_of: NaiveDate,
    ) -> PolarsResult<()> {
        let rosters = Rosters::of(&people.books.rosters.rows)?;
        let rows = Registered::of(people)?;
        let on_day = Stated::of(people)?;
        for (at, person) in people.persons.iter().enumerate() {
            let standing = traits.standing(at);
            self.rows(&rows, at, person, standing);
            if let Some(region) = person.register_region {
                self.standings.add(region, standing.index());
            }
            if person.student {
                self.students
                    .add(region_of(person, people), standing.index());
            }
            if person.roster_now {
                let categories =
                    rosters.categories_on(people.books.rosters.of(at), epoch_day(as_of), scheme);
                self.on_roster(&categories, region_of(person, people), standing, scheme);
            }
            if let Some(assessed) = &mut self.assessed {
                assessed.add((people, &on_day, &rosters), scheme, at, person, standing);
            }
            self.funding(person, people);
            self.audit(person, people);
        }
        self.unusable_rows(people)?;
        self.pending(people)?;
        self.previous(people)
    }

    /// Every normal row of a person here, with its region and what becomes of it on the bridge.
    fn rows(&mut self, rows: &Registered<'_>, at: usize, person: &Person, standing: Standing) {
        let people = rows.people;
        for row in people.books.registrations.of(at) {
            let (Some(true), Some(cover)) =
                (rows.here.get(*row as usize), rows.cover.get(*row as usize))
            else {
                continue;
            };
            let named = people.named.registration_region[*row as usize];
            let region = named
                .or(person.register_region)
                .unwrap_or(people.places.root());
            let class = class(person, standing, *row);
            self.registered.add(region, cover);
            if person.register_region == Some(region) {
                self.at_home.add(region, class.index());
            } else {
                *self
                    .away
                    .entry((region, person.register_region, class))
                    .or_default() += 1;
            }
        }
    }

    /// A person in force on a roster, under every category that is in force for them, and once in every group of those.
    fn on_roster(
        &mut self,
        categories: &[u16],
        region: Place,
        standing: Standing,
        scheme: &Scheme,
    ) {
        for category in categories {
            *self
                .rosters
                .entry((*category, region, standing.index()))
                .or_default() += 1;
        }
        for (group, _) in (0u16..)
            .zip(&scheme.groups)
            .filter(|(_, group)| is_member(group, categories))
        {
            *self
                .groups
                .entry((group, region, standing.index()))
                .or_default() += 1;
        }
    }

    /// Grants of entitled persons with a normal resident registration here and no employee relation: what payers owe.
    fn funding(&mut self, person: &Person, people: &People) {
        let owed = person.is_entitled() && person.resident_here > 0 && !person.is_employee();
        if let (true, Some(category)) = (owed, person.grant_category) {
            self.funding
                .entry((category, region_of(person, people)))
                .or_default()
                .add((1, person.grant));
        }
    }

    /// Resident registrations beyond the one that stays: all of them where an employee relation does.
    fn audit(&mut self, person: &Person, people: &People) {
        let (residents, pools) = (person.residents(), person.resident_pools);
        let kinds = match (person.is_employee(), residents) {
            (true, 1..) => [(Extra::CrossScheme, residents), (Extra::SamePool, 0)],
            (false, 2..) => [
                (Extra::SamePool, residents - pools),
                (Extra::CrossRegion, pools - 1),
            ],
            _ => return,
        };
        for (kind, registrations) in kinds
            .into_iter()
            .filter(|(_, registrations)| *registrations > 0)
        {
            self.audit
                .entry((kind.index(), region_of(person, people)))
                .or_default()
                .add((1, u64::from(registrations)));
        }
    }

    /// Persons of the register whose number is unusable.
    fn pending(&mut self, people: &People) -> PolarsResult<()> {
        for (_, frame) in people
            .books
            .unusable
            .iter()
            .filter(|(kind, _)| *kind == SourceKind::Register)
        {
            for region in people.places.regions(frame.column(c::PLACE)?.u32()?) {
                // A row that names no region counts in 其他 of the whole.
                self.standings.add(
                    region.unwrap_or(people.places.root()),
                    Standing::Pending.index(),
                );
            }
        }
        Ok(())
    }

    fn unusable_rows(&mut self, people: &People) -> PolarsResult<()> {
        for (kind, frame) in &people.books.unusable {
            let rows = match kind {
                SourceKind::Registrations => frame.clone().lazy(),
                SourceKind::Elsewhere => frame.clone().lazy().filter(col(c::IS_REGISTRATION)),
                _ => continue,
            };
            let rows = rows
                .filter(
                    col(c::STATUS)
                        .eq(lit(Status::Normal.index()))
                        .and(col(c::HERE)),
                )
                .collect()?;
            let regions = people.places.regions(rows.column(c::PLACE)?.u32()?);
            for (region, cover) in regions.into_iter().zip(rows.column(c::COVER)?.u8()?.iter()) {
                let region = region.unwrap_or(people.places.root()); // names none and joins nobody: 其他 of the whole
                if let Some(cover) = cover {
                    self.registered.add(region, cover);
                    *self
                        .away
                        .entry((region, None, RowClass::Unusable))
                        .or_default() += 1;
                }
            }
        }
        Ok(())
    }

    /// Persons on last year's list, where it names them, else where they are now; of several rows the first.
    fn previous(&mut self, people: &People) -> PolarsResult<()> {
        let books = &people.books;
        let mut known = vec![false; books.index.keys().len()];
        let mut others = PlHashSet::default();
        for (row, key) in books
            .previous
            .column(c::KEY)?
            .u64()?
            .into_no_null_iter()
            .enumerate()
        {
            let at = books.index.get(key);
            let is_first = match at {
                Some(at) => !std::mem::replace(&mut known[at], true),
                None => others.insert(key),
            };
            if is_first {
                let now = at
                    .and_then(|at| people.persons.get(at))
                    .and_then(|person| person.region);
                self.previous.add(
                    people.named.previous_region[row]
                        .or(now)
                        .unwrap_or(people.places.root()),
                    0,
                );
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
        append(&mut self.audit, other.audit);
        self.previous.append(other.previous);
        if let (Some(mine), Some(theirs)) = (&mut self.assessed, other.assessed) {
            mine.append(theirs);
        }
    }

    /// What was counted, by the texts of places.
    pub(super) fn into_tallies(self, places: &Places) -> Tallies {
        let text = |place: Place| places.text(place).to_owned();
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

/// Where a person is counted who lives nowhere: 其他 of the whole.
pub(super) fn region_of(person: &Person, people: &People) -> Place {
    person.region.unwrap_or(people.places.root())
}

/// The rows of a bucket's registrations.
struct Registered<'p> {
    people: &'p People,
    here: Values<'p, BooleanType>,
    cover: Values<'p, UInt8Type>,
}

impl<'p> Registered<'p> {
    fn of(people: &'p People) -> PolarsResult<Self> {
        let rows = &people.books.registrations.rows;
        Ok(Registered {
            people,
            here: flags(rows, c::HERE)?,
            cover: indexes(rows, c::COVER)?,
        })
    }
}

/// What becomes of a person's row.
fn class(person: &Person, standing: Standing, row: u32) -> RowClass {
    match standing {
        _ if person.counted_at != Some(row) => RowClass::Surplus,
        _ if !person.on_register() => RowClass::NotOnRegister,
        Standing::Deceased => RowClass::Deceased,
        Standing::LocalEmployee | Standing::LocalResident => RowClass::Insured,
        _ => RowClass::Unpaid,
    }
}

/// Whether one of these categories is one of the group's.
pub(super) fn is_member(group: &Group, categories: &[u16]) -> bool {
    categories
        .iter()
        .any(|category| group.categories.contains(&usize::from(*category)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refine::places::Atlas;

    #[test]
    fn who_counted_what_does_not_show_in_a_sum() {
        let places = Places::of(&Atlas::of(&[]), "430321", 4);
        let all: Vec<Place> = places.each().collect(); // 4303, 430321
        let counted = |of: &[(usize, u8)]| {
            let mut counts = Counts::of(3);
            of.iter()
                .for_each(|(at, beside)| counts.add(all[*at], *beside));
            counts
        };
        let both = |first: &[(usize, u8)], second: &[(usize, u8)]| {
            let mut counts = counted(first);
            counts.append(counted(second));
            counts.found(&places).collect::<Vec<_>>()
        };
        let cell = |code: &str, beside, count| ((code.to_owned(), beside), count);
        let whole = [cell("4303", 0, 1), cell("4303", 2, 2), cell("430321", 1, 1)];
        assert_eq!(both(&[(0, 2), (1, 1)], &[(0, 2), (0, 0)]), whole);
        assert_eq!(both(&[(0, 2), (0, 0)], &[(1, 1), (0, 2)]), whole);
        assert_eq!(both(&[], &[(1, 1), (0, 2), (0, 2), (0, 0)]), whole);
    }
}
