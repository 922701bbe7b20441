//! Tallies: counts by region that add up over buckets.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use chrono::NaiveDate;
use polars::prelude::*;

use super::assessed::Assessed;
use super::traits::Traits;
use crate::domain::{Cover, Fen, SourceKind, Standing, Status, columns as c, period::epoch_day};
use crate::people::summary::{Rosters, Values, flags, indexes};
use crate::people::{Books, People, Person, Place, Places};
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

impl AddAssign for Tallies {
    fn add_assign(&mut self, other: Tallies) {
        add(&mut self.registered, other.registered);
        add(&mut self.rows, other.rows);
        add(&mut self.standings, other.standings);
        add(&mut self.rosters, other.rosters);
        add(&mut self.groups, other.groups);
        add(&mut self.students, other.students);
        add(&mut self.funding, other.funding);
        add(&mut self.audit, other.audit);
        add(&mut self.previous, other.previous);
        add(&mut self.assessed, other.assessed);
        add(&mut self.assessed_register, other.assessed_register);
        add(&mut self.assessed_groups, other.assessed_groups);
    }
}

/// Adds up two maps. Both are in order already, and nearly every bucket names nearly every village: side by side they are
/// one walk, where entering the one into the other would look each key up.
fn add<K: Ord, V: AddsUp>(mine: &mut BTreeMap<K, V>, theirs: BTreeMap<K, V>) {
    let mut theirs = theirs.into_iter().peekable();
    let mut all = Vec::with_capacity(mine.len().max(theirs.len()));
    for (key, mut count) in std::mem::take(mine) {
        while let Some(before) = theirs.next_if(|(other, _)| *other < key) {
            all.push(before);
        }
        if let Some((_, more)) = theirs.next_if(|(other, _)| *other == key) {
            count.add(more);
        }
        all.push((key, count));
    }
    all.extend(theirs);
    *mine = all.into_iter().collect();
}

/// What adds up.
trait AddsUp {
    fn add(&mut self, other: Self);
}

impl AddsUp for u64 {
    fn add(&mut self, other: u64) {
        *self += other;
    }
}

impl<T: AddAssign> AddsUp for (u64, T) {
    fn add(&mut self, other: (u64, T)) {
        self.0 += other.0;
        self.1 += other.1;
    }
}

/// Persons by place and by a small number beside it: added up in an array, handed over as a map.
pub(super) struct Counts {
    beside: usize,
    counts: Vec<u64>,
}

impl Counts {
    /// Nobody yet. Numbers beside a place are below `beside`.
    pub(super) fn of(places: &Places, beside: usize) -> Self {
        Counts { beside, counts: vec![0; places.count() * beside] }
    }

    /// One more.
    pub(super) fn add(&mut self, place: Place, beside: u8) {
        self.counts[place.at() * self.beside + usize::from(beside)] += 1;
    }

    /// What there is, by place and number.
    pub(super) fn found(self, places: &Places) -> impl Iterator<Item = ((&str, u8), u64)> {
        let (beside, counts) = (self.beside, self.counts);
        let numbers = (0u8..).take(beside);
        let cells = places.all().flat_map(move |place| numbers.clone().map(move |number| (place, number)));
        cells.zip(counts).filter(|(_, count)| *count > 0)
    }
}

/// Counts one bucket, in one walk over its persons.
pub(super) fn of_bucket(people: &People, traits: &Traits, scheme: &Scheme, as_of: NaiveDate) -> PolarsResult<Tallies> {
    let mut tallies = Tallies::default();
    let rosters = Rosters::of(&people.books.rosters.rows)?;
    let mut rows = Registered::of(people)?;
    let mut of_register = Counts::of(&people.places, Standing::COUNT);
    let mut of_students = Counts::of(&people.places, Standing::COUNT);
    let mut assessed = Assessed::of(people, scheme, as_of)?;
    for (at, person) in people.persons.iter().enumerate() {
        let standing = traits.standing(at);
        rows.add(at, person, standing);
        if let Some(region) = person.register_region {
            of_register.add(region, standing.index());
        }
        if person.student {
            of_students.add(region_of(person, people), standing.index());
        }
        if person.roster_now {
            let categories = rosters.categories_on(people.books.rosters.of(at), epoch_day(as_of), scheme);
            on_roster(&categories, (people.places.text(region_of(person, people)), standing), scheme, &mut tallies);
        }
        if let Some(assessed) = &mut assessed {
            assessed.add(at, person, standing);
        }
        funding(person, people, &mut tallies);
        audit(person, people, &mut tallies);
    }
    rows.into_tallies(&mut tallies);
    tallies.standings = owned(of_register.found(&people.places));
    tallies.students = owned(of_students.found(&people.places));
    if let Some(assessed) = assessed {
        assessed.into_tallies(&mut tallies);
    }
    unusable_rows(&people.books, scheme.regions.root(), &mut tallies)?;
    pending(&people.books, scheme.regions.root(), &mut tallies)?;
    previous(people, &mut tallies)?;
    Ok(tallies)
}

fn owned<'p>(found: impl Iterator<Item = ((&'p str, u8), u64)>) -> BTreeMap<(String, u8), u64> {
    found.map(|((region, number), count)| ((region.to_owned(), number), count)).collect()
}

/// Where a person is counted who lives nowhere: 其他 of the whole.
pub(super) fn region_of(person: &Person, people: &People) -> Place {
    person.region.unwrap_or(people.places.root())
}

/// Persons of the register whose number is unusable.
fn pending(books: &Books, root: &str, tallies: &mut Tallies) -> PolarsResult<()> {
    for (_, frame) in books.unusable.iter().filter(|(kind, _)| *kind == SourceKind::Register) {
        for region in frame.column(c::REGION)?.str()?.iter() {
            let region = region.unwrap_or(root).to_owned(); // a row that names no region counts in 其他 of the whole
            *tallies.standings.entry((region, Standing::Pending.index())).or_default() += 1;
        }
    }
    Ok(())
}

/// Every normal row here, with its region and what becomes of it on the bridge.
struct Registered<'p> {
    people: &'p People,
    here: Values<'p, BooleanType>,
    cover: Values<'p, UInt8Type>,
    by_cover: Counts,
    /// Rows in the register region of their person: nearly all.
    at_home: Counts,
    /// The others.
    away: PlHashMap<(Place, Option<Place>, RowClass), u64>,
}

impl<'p> Registered<'p> {
    fn of(people: &'p People) -> PolarsResult<Self> {
        let rows = &people.books.registrations.rows;
        Ok(Registered {
            people,
            here: flags(rows, c::HERE)?,
            cover: indexes(rows, c::COVER)?,
            by_cover: Counts::of(&people.places, Cover::COUNT),
            at_home: Counts::of(&people.places, RowClass::COUNT),
            away: PlHashMap::default(),
        })
    }

    fn add(&mut self, at: usize, person: &Person, standing: Standing) {
        for row in self.people.books.registrations.of(at) {
            let (Some(true), Some(cover)) = (self.here.get(*row as usize), self.cover.get(*row as usize)) else { continue };
            let named = self.people.named.registration_region[*row as usize];
            let region = named.or(person.register_region).unwrap_or(self.people.places.root());
            let class = class(person, standing, *row);
            self.by_cover.add(region, cover);
            if person.register_region == Some(region) {
                self.at_home.add(region, class.index());
            } else {
                *self.away.entry((region, person.register_region, class)).or_default() += 1;
            }
        }
    }

    fn into_tallies(self, tallies: &mut Tallies) {
        let places = &self.people.places;
        tallies.registered = owned(self.by_cover.found(places));
        let at_home = self.at_home.found(places);
        tallies.rows = at_home.map(|((region, class), count)| ((region.to_owned(), region.to_owned(), class), count)).collect();
        for ((region, register, class), count) in self.away {
            let register = register.map_or("", |place| places.text(place));
            tallies.rows.insert((places.text(region).to_owned(), register.to_owned(), class.index()), count);
        }
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

/// A person in force on a roster, under every category that is in force for them, and once in every group of those.
fn on_roster(categories: &[u16], (region, standing): (&str, Standing), scheme: &Scheme, tallies: &mut Tallies) {
    for category in categories {
        *tallies.rosters.entry((*category, region.to_owned(), standing.index())).or_default() += 1;
    }
    for (group, _) in (0u16..).zip(&scheme.groups).filter(|(_, group)| is_member(group, categories)) {
        *tallies.groups.entry((group, region.to_owned(), standing.index())).or_default() += 1;
    }
}

/// Whether one of these categories is one of the group's.
pub(super) fn is_member(group: &Group, categories: &[u16]) -> bool {
    categories.iter().any(|category| group.categories.contains(&usize::from(*category)))
}

/// Grants of entitled persons with a normal resident registration here and no employee relation: what payers owe.
fn funding(person: &Person, people: &People, tallies: &mut Tallies) {
    let owed = person.is_entitled() && person.resident_here > 0 && !person.is_employee();
    if let (true, Some(category)) = (owed, person.grant_category) {
        let region = people.places.text(region_of(person, people)).to_owned();
        let owed = tallies.funding.entry((category, region)).or_default();
        *owed = (owed.0 + 1, owed.1 + person.grant);
    }
}

/// Resident registrations beyond the one that stays: all of them where an employee relation does.
fn audit(person: &Person, people: &People, tallies: &mut Tallies) {
    let (residents, pools) = (person.residents(), person.resident_pools);
    let kinds = match (person.is_employee(), residents) {
        (true, 1..) => [(Extra::CrossScheme, residents), (Extra::SamePool, 0)],
        (false, 2..) => [(Extra::SamePool, residents - pools), (Extra::CrossRegion, pools - 1)],
        _ => return,
    };
    for (kind, registrations) in kinds.into_iter().filter(|(_, registrations)| *registrations > 0) {
        let region = people.places.text(region_of(person, people)).to_owned();
        let sum = tallies.audit.entry((kind.index(), region)).or_default();
        *sum = (sum.0 + 1, sum.1 + u64::from(registrations));
    }
}

/// Persons on last year's list, where it names them, else where they are now; of several rows the first.
fn previous(people: &People, tallies: &mut Tallies) -> PolarsResult<()> {
    let (books, places) = (&people.books, &people.places);
    let mut counted = Counts::of(places, 1);
    let mut known = vec![false; books.index.keys().len()];
    let mut others = PlHashSet::default();
    for (row, key) in books.previous.column(c::KEY)?.u64()?.into_no_null_iter().enumerate() {
        let at = books.index.get(key);
        let is_first = match at {
            Some(at) => !std::mem::replace(&mut known[at], true),
            None => others.insert(key),
        };
        if is_first {
            let now = at.and_then(|at| people.persons.get(at)).and_then(|person| person.region);
            counted.add(people.named.previous_region[row].or(now).unwrap_or(places.root()), 0);
        }
    }
    tallies.previous = counted.found(places).map(|((region, _), count)| (region.to_owned(), count)).collect();
    Ok(())
}
