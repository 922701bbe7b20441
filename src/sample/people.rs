//! People: who lives where, in which household, with which name, sex, age and number.

use chrono::NaiveDate;

use super::dice::Dice;
use super::names::{self, NAME_BITS, Name};
use super::numbers::{self, Numbers};
use super::tasks::Table;
use super::world::{World, before};

/// A person of the sample.
#[derive(Clone, Debug)]
pub(super) struct Person {
    /// First 17 digits of the identity number.
    pub(super) digits17: u64,
    /// Name as the register writes it.
    pub(super) name: String,
    /// Sex.
    pub(super) male: bool,
    /// Day of birth, as in the number.
    pub(super) birth: NaiveDate,
    /// Position in `Neighbourhood::places`.
    pub(super) place: u32,
    /// Household, counted over the whole sample.
    pub(super) household: u32,
    /// Position of the head of the household.
    pub(super) head: u32,
    /// 与户主关系
    pub(super) relation: &'static str,
}

impl Person {
    /// The 18 characters of the number.
    pub(super) fn id(&self) -> String {
        numbers::text(self.digits17)
    }

    /// Whole years on a day, roughly: the sample needs no birthdays.
    pub(super) fn age(&self, day: NaiveDate) -> i64 {
        (day - self.birth).num_days() * 4 / 1461
    }
}

/// Everybody, twelve bytes a person, and what gives out further numbers.
///
/// A province's people lie in memory at once, because the dice that cast their lives fall for all of them together; what
/// a person's number, neighbours in the list and place in it already say is not written down again.
pub(super) struct People {
    /// First 17 digits of the number by person, household by household, place by place.
    digits17: Vec<u64>,
    /// By person, from the lowest bit: name, relation, steps back to the head of the household.
    traits: Vec<u32>,
    /// Households that begin before every `STRIDE`th person.
    households: Vec<u32>,
    /// First person by position in `Neighbourhood::places`; all persons at the end.
    firsts: Vec<u32>,
    numbers: Numbers,
}

/// Persons between two counts of households.
const STRIDE: usize = 32;
const RELATION_BITS: u32 = 4;

/// Persons in ten thousand by five-year band, 0–4 first, 100–105 last.
const PYRAMID: [u32; 21] = [
    500, 620, 660, 580, 480, 500, 620, 720, 600, 620, 780, 800, 600, 580, 440, 280, 180, 90, 30,
    10, 2,
];
/// Households in a hundred by size, 1 first.
const SIZES: [u32; 6] = [16, 26, 24, 18, 11, 5];
/// Where numbers of people who moved in begin, and three for residents from 港澳台.
const MOVED_IN: [u32; 8] = [
    430103, 432522, 440804, 512926, 340123, 422423, 810000, 830000,
];

/// Settles the people of every place in households.
pub(super) fn settle(world: &World, tasks: &Table) -> People {
    let whole = usize::try_from(tasks.people).unwrap_or(0);
    let mut people = People {
        digits17: Vec::with_capacity(whole),
        traits: Vec::with_capacity(whole),
        households: Vec::with_capacity(whole / STRIDE + 1),
        firsts: Vec::with_capacity(tasks.settled.len() + 1),
        numbers: Numbers::default(),
    };
    let mut dice = world.dice(1);
    let mut households = 0;
    for (place, count) in tasks.settled.iter().enumerate() {
        people.firsts.push(position(people.len()));
        let mut left = *count;
        while left > 0 {
            let size = left.min(dice.weighted(&SIZES) as u64 + 1);
            people.move_in(world, &mut dice, place, households, size);
            households += 1;
            left -= size;
        }
    }
    people.firsts.push(position(people.len()));
    people
}

/// A position as the lists hold it: four thousand million persons are more than live in any scheme.
fn position(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

impl People {
    /// Persons.
    pub(super) fn len(&self) -> usize {
        self.digits17.len()
    }

    /// Persons who live at a place.
    pub(super) fn living_at(&self, place: usize) -> u64 {
        u64::from(self.firsts[place + 1] - self.firsts[place])
    }

    /// The person at a position.
    pub(super) fn person(&self, at: usize) -> Person {
        let digits17 = self.digits17[at];
        Person {
            digits17,
            name: self.name(at),
            male: numbers::is_male(digits17),
            birth: numbers::birth(digits17),
            place: self.place(at),
            household: self.household(at),
            head: position(at - self.steps_to_head(at)),
            relation: Relation::ALL
                [(self.traits[at] >> NAME_BITS & ((1 << RELATION_BITS) - 1)) as usize]
                .text(),
        }
    }

    /// The name of the person at a position.
    pub(super) fn name(&self, at: usize) -> String {
        Name::of_bits(self.traits[at] & ((1 << NAME_BITS) - 1))
            .text(numbers::is_male(self.digits17[at]))
    }

    /// Where the person at a position lives.
    pub(super) fn place(&self, at: usize) -> u32 {
        let at = position(at);
        position(self.firsts.partition_point(|first| *first <= at) - 1)
    }

    /// Whether the person at a position is the head of a household.
    pub(super) fn is_head(&self, at: usize) -> bool {
        self.steps_to_head(at) == 0
    }

    fn steps_to_head(&self, at: usize) -> usize {
        (self.traits[at] >> (NAME_BITS + RELATION_BITS)) as usize
    }

    /// The household of the person at a position: as many as have begun by then.
    fn household(&self, at: usize) -> u32 {
        let from = at / STRIDE;
        let begun = (from * STRIDE..=at)
            .filter(|&one| self.is_head(one))
            .count();
        self.households[from] + position(begun)
    }

    fn move_in(
        &mut self,
        world: &World,
        dice: &mut Dice,
        place: usize,
        households_before: u32,
        size: u64,
    ) {
        let day = world.scheme.window.from;
        let surname = names::surname(dice);
        let mut head = (day, false);
        let mut married = false;
        for member in 0..size {
            let mut age_days = age_in_days(dice);
            while member == 0 && age_days < 20 * 366 {
                age_days = age_in_days(dice);
            }
            let mut male = dice.below(1000) < 512;
            let relation = if member == 0 {
                Relation::Head
            } else {
                let older = age_days - (day - head.0).num_days();
                relation(older / 365, age_days / 365, &mut male, head.1, &mut married)
            };
            let home = &world.around.places[place].county6;
            let prefix = if dice.per_mille(40) {
                *dice.pick(&MOVED_IN)
            } else {
                home.parse().unwrap_or(430000)
            };
            let birth = before(day, u64::try_from(age_days).unwrap_or(1));
            let (digits17, birth) = self.numbers.give(prefix, birth, male);
            if member == 0 {
                head = (birth, male);
            }
            let family = if matches!(relation, Relation::Spouse | Relation::Mother) {
                names::surname(dice)
            } else {
                surname
            };
            let name = names::full(dice, family, male);
            if self.len().is_multiple_of(STRIDE) {
                self.households
                    .push(households_before + u32::from(member > 0));
            }
            self.digits17.push(digits17);
            let steps = u32::try_from(member).unwrap_or(0);
            self.traits
                .push((steps << RELATION_BITS | relation as u32) << NAME_BITS | name.bits());
        }
    }

    /// Makes a person a newborn of this day.
    pub(super) fn reborn(&mut self, at: usize, birth: NaiveDate) {
        let male = numbers::is_male(self.digits17[at]);
        let prefix = u32::try_from(self.digits17[at] / 100_000_000_000).unwrap_or(0);
        self.digits17[at] = self.numbers.give(prefix, birth, male).0;
        let relation = if male {
            Relation::Grandson
        } else {
            Relation::Granddaughter
        };
        let others = !(((1 << RELATION_BITS) - 1) << NAME_BITS);
        self.traits[at] = self.traits[at] & others | (relation as u32) << NAME_BITS;
    }

    /// Nobody is born any more: lets go of what gives out numbers.
    pub(super) fn close(&mut self) {
        self.numbers = Numbers::default();
    }
}

/// 与户主关系
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    Head,
    Spouse,
    Grandson,
    Granddaughter,
    Son,
    Daughter,
    Brother,
    Sister,
    Father,
    Mother,
}

impl Relation {
    const ALL: [Relation; 10] = [
        Relation::Head,
        Relation::Spouse,
        Relation::Grandson,
        Relation::Granddaughter,
        Relation::Son,
        Relation::Daughter,
        Relation::Brother,
        Relation::Sister,
        Relation::Father,
        Relation::Mother,
    ];

    const fn text(self) -> &'static str {
        match self {
            Relation::Head => "户主",
            Relation::Spouse => "配偶",
            Relation::Grandson => "孙子",
            Relation::Granddaughter => "孙女",
            Relation::Son => "子",
            Relation::Daughter => "女",
            Relation::Brother => "兄弟",
            Relation::Sister => "姐妹",
            Relation::Father => "父亲",
            Relation::Mother => "母亲",
        }
    }
}

/// Days of age on the first day of the window: at least one, so that everybody was born by then.
fn age_in_days(dice: &mut Dice) -> i64 {
    let band = dice.weighted(&PYRAMID) as i64;
    1 + band * 1826 + dice.between(0, 1825)
}

/// The likeliest relation to the head for this difference of age; a spouse is of the other sex.
fn relation(
    older: i64,
    age: i64,
    male: &mut bool,
    head_male: bool,
    married: &mut bool,
) -> Relation {
    if !*married && age >= 22 && older.abs() <= 12 {
        *married = true;
        *male = !head_male;
        return Relation::Spouse;
    }
    match (older, *male) {
        (i64::MIN..=-42, true) => Relation::Grandson,
        (i64::MIN..=-42, false) => Relation::Granddaughter,
        (-41..=-16, true) => Relation::Son,
        (-41..=-16, false) => Relation::Daughter,
        (-15..=15, true) => Relation::Brother,
        (-15..=15, false) => Relation::Sister,
        (_, true) => Relation::Father,
        (_, false) => Relation::Mother,
    }
}
