//! People: who lives where, in which household, with which name, sex, age and number.

use chrono::NaiveDate;

use super::dice::Dice;
use super::names;
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

/// Everybody, and what gives out further numbers.
pub(super) struct People {
    /// The persons, household by household.
    pub(super) all: Vec<Person>,
    numbers: Numbers,
}

impl std::ops::Deref for People {
    type Target = [Person];
    fn deref(&self) -> &[Person] {
        &self.all
    }
}

/// Persons in ten thousand by five-year band, 0–4 first, 100–105 last.
const PYRAMID: [u32; 21] = [500, 620, 660, 580, 480, 500, 620, 720, 600, 620, 780, 800, 600, 580, 440, 280, 180, 90, 30, 10, 2];
/// Households in a hundred by size, 1 first.
const SIZES: [u32; 6] = [16, 26, 24, 18, 11, 5];
/// Where numbers of people who moved in begin, and three for residents from 港澳台.
const MOVED_IN: [u32; 8] = [430103, 432522, 440804, 512926, 340123, 422423, 810000, 830000];

/// Settles the people of every place in households.
pub(super) fn settle(world: &World, tasks: &Table) -> People {
    let mut people = People { all: Vec::with_capacity(usize::try_from(tasks.people).unwrap_or(0)), numbers: Numbers::default() };
    let mut dice = world.dice(1);
    let mut household = 0;
    for (place, count) in tasks.settled.iter().enumerate() {
        let mut left = *count;
        while left > 0 {
            let size = left.min(dice.weighted(&SIZES) as u64 + 1);
            household += 1;
            people.move_in(world, &mut dice, place, household, size);
            left -= size;
        }
    }
    people
}

impl People {
    fn move_in(&mut self, world: &World, dice: &mut Dice, place: usize, household: u32, size: u64) {
        let day = world.scheme.window.from;
        let head_at = self.all.len();
        let surname = names::surname(dice);
        let mut married = false;
        for member in 0..size {
            let mut age_days = age_in_days(dice);
            while member == 0 && age_days < 20 * 366 {
                age_days = age_in_days(dice);
            }
            let mut male = dice.below(1000) < 512;
            let (relation, own_surname) = if member == 0 {
                ("户主", true)
            } else {
                let head = &self.all[head_at];
                let older = age_days - (day - head.birth).num_days();
                let relation = relation(older / 365, age_days / 365, &mut male, head.male, &mut married);
                (relation, !matches!(relation, "配偶" | "母亲" | "儿媳"))
            };
            let home = &world.around.places[place].county6;
            let prefix = if dice.per_mille(40) { *dice.pick(&MOVED_IN) } else { home.parse().unwrap_or(430000) };
            let birth = before(day, u64::try_from(age_days).unwrap_or(1));
            let (digits17, birth) = self.numbers.give(prefix, birth, male);
            let family = if own_surname { surname } else { names::surname(dice) };
            self.all.push(Person {
                digits17,
                name: names::full(dice, family, male),
                male,
                birth,
                place: u32::try_from(place).unwrap_or(0),
                household,
                head: u32::try_from(head_at).unwrap_or(0),
                relation,
            });
        }
    }

    /// Makes a person a newborn of this day.
    pub(super) fn reborn(&mut self, at: usize, birth: NaiveDate) {
        let person = &self.all[at];
        let prefix = u32::try_from(person.digits17 / 100_000_000_000).unwrap_or(0);
        let (digits17, birth) = self.numbers.give(prefix, birth, person.male);
        let person = &mut self.all[at];
        person.digits17 = digits17;
        person.birth = birth;
        person.relation = if person.male { "孙子" } else { "孙女" };
    }
}

/// Days of age on the first day of the window: at least one, so that everybody was born by then.
fn age_in_days(dice: &mut Dice) -> i64 {
    let band = dice.weighted(&PYRAMID) as i64;
    1 + band * 1826 + dice.between(0, 1825)
}

/// The likeliest relation to the head for this difference of age; a spouse is of the other sex.
fn relation(older: i64, age: i64, male: &mut bool, head_male: bool, married: &mut bool) -> &'static str {
    if !*married && age >= 22 && older.abs() <= 12 {
        *married = true;
        *male = !head_male;
        return "配偶";
    }
    match (older, *male) {
        (i64::MIN..=-42, true) => "孙子",
        (i64::MIN..=-42, false) => "孙女",
        (-41..=-16, true) => "子",
        (-41..=-16, false) => "女",
        (-15..=15, true) => "兄弟",
        (-15..=15, false) => "姐妹",
        (_, true) => "父亲",
        (_, false) => "母亲",
    }
}
