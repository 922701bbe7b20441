//! People: who lives where, in which household, with which name, sex, age and number.

use chrono::NaiveDate;

use super::dice::{Dice, Purpose};
use super::names::{self, NAME_BITS, NameParts};
use super::numbers::{self, IdNumbers};
use super::world::{World, before};

/// A person of the sample.
#[derive(Clone, Debug)]
pub(super) struct Villager {
    /// Number among all persons, from 1.
    pub(super) serial: u32,
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

impl Villager {
    /// The 18 characters of the number.
    pub(super) fn id(&self) -> String {
        numbers::text(self.digits17)
    }

    /// How a row without a fault names them.
    pub(super) fn who(&self) -> Who {
        Who {
            id: self.id(),
            id_type: "01",
            name: self.name.clone(),
        }
    }

    /// Whole years on a day, roughly: the sample needs no birthdays.
    pub(super) fn age(&self, day: NaiveDate) -> i64 {
        age(self.birth, day)
    }
}

/// How a row names its person.
#[derive(Clone, Debug)]
pub(super) struct Who {
    /// Number as written.
    pub(super) id: String,
    /// 证件类型
    pub(super) id_type: &'static str,
    /// Name as written.
    pub(super) name: String,
}

/// Everybody, twelve bytes a person, and what gives out further numbers.
///
/// A province's people lie in memory at once, because the dice that cast their lives fall for all of them together; what
/// a person's number, neighbours in the list and place in it already say is not written down again.
pub(super) struct Population {
    /// First 17 digits of the number by person, household by household, place by place.
    digits17: Vec<u64>,
    /// By person, from the lowest bit: name, relation, steps back to the head of the household.
    traits: Vec<u32>,
    /// Households that begin before every `STRIDE`th person.
    households: Vec<u32>,
    /// First person by position in `Neighbourhood::places`; all persons at the end.
    firsts: Vec<u32>,
    numbers: IdNumbers,
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

/// Settles so many people at every place, in households.
pub(super) fn settle(world: &World, settled: &[u64]) -> Population {
    let whole = usize::try_from(settled.iter().sum::<u64>()).unwrap_or(0);
    let mut settling = Settling {
        world,
        dice: world.dice(Purpose::Households),
        people: Population {
            digits17: Vec::with_capacity(whole),
            traits: Vec::with_capacity(whole),
            households: Vec::with_capacity(whole / STRIDE + 1),
            firsts: Vec::with_capacity(settled.len() + 1),
            numbers: IdNumbers::default(),
        },
        households: 0,
    };
    for (place, count) in settled.iter().enumerate() {
        settling.begin_place();
        let mut left = *count;
        while left > 0 {
            let size = left.min(settling.dice.weighted(&SIZES) as u64 + 1);
            settling.move_in(place, size);
            left -= size;
        }
    }
    settling.begin_place();
    settling.people
}

/// People while they move in.
struct Settling<'a> {
    world: &'a World<'a>,
    dice: Dice,
    people: Population,
    /// Households so far.
    households: u32,
}

/// What a household's other members are settled by.
struct Family {
    surname: u32,
    /// Birth and sex of the head, who moves in first.
    head: Option<(NaiveDate, bool)>,
    married: bool,
}

impl Settling<'_> {
    /// The next person lives at the next place.
    fn begin_place(&mut self) {
        self.people.firsts.push(position(self.people.len()));
    }

    /// A household of this size.
    fn move_in(&mut self, place: usize, size: u64) {
        let home = &self.world.around.places[place].county6;
        let home = home.parse().unwrap_or(430000);
        let mut family = Family {
            surname: names::surname(&mut self.dice),
            head: None,
            married: false,
        };
        for member in 0..u32::try_from(size).unwrap_or(u32::MAX) {
            if self.people.len().is_multiple_of(STRIDE) {
                let begun = self.households + u32::from(member > 0);
                self.people.households.push(begun);
            }
            self.join(&mut family, member, home);
        }
        self.households += 1;
    }

    /// One more of a family; the first is its head and grown up.
    fn join(&mut self, family: &mut Family, member: u32, home: u32) {
        let day = self.world.scheme.window.from;
        let dice = &mut self.dice;
        let mut age_days = age_in_days(dice);
        while family.head.is_none() && age_days < 20 * 366 {
            age_days = age_in_days(dice);
        }
        let male = dice.below(1000) < 512;
        let (relation, male) = family.relation(day, age_days, male);
        let prefix = if dice.per_mille(40) {
            *dice.pick(&MOVED_IN)
        } else {
            home
        };
        let birth = before(day, u64::try_from(age_days).unwrap_or(1));
        let (digits17, birth) = self.people.numbers.give(prefix, birth, male);
        family.head.get_or_insert((birth, male));
        let surname = if matches!(relation, Relation::Spouse | Relation::Mother) {
            names::surname(dice)
        } else {
            family.surname
        };
        let name = names::full(dice, surname, male);
        self.people.digits17.push(digits17);
        self.people
            .traits
            .push((member << RELATION_BITS | relation as u32) << NAME_BITS | name.bits());
    }
}

impl Family {
    /// The likeliest relation to the head for this difference of age, and the sex: a spouse is of the other one.
    fn relation(&mut self, day: NaiveDate, age_days: i64, male: bool) -> (Relation, bool) {
        let Some((born, head_male)) = self.head else {
            return (Relation::Head, male);
        };
        let (older, age) = ((age_days - (day - born).num_days()) / 365, age_days / 365);
        if !self.married && age >= 22 && older.abs() <= 12 {
            self.married = true;
            return (Relation::Spouse, !head_male);
        }
        let relation = match (older, male) {
            (i64::MIN..=-42, true) => Relation::Grandson,
            (i64::MIN..=-42, false) => Relation::Granddaughter,
            (-41..=-16, true) => Relation::Son,
            (-41..=-16, false) => Relation::Daughter,
            (-15..=15, true) => Relation::Brother,
            (-15..=15, false) => Relation::Sister,
            (_, true) => Relation::Father,
            (_, false) => Relation::Mother,
        };
        (relation, male)
    }
}

/// A position as the lists hold it: four thousand million persons are more than live in any scheme.
fn position(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

impl Population {
    /// Persons.
    pub(super) fn len(&self) -> usize {
        self.digits17.len()
    }

    /// The person at a position.
    pub(super) fn person(&self, at: usize) -> Villager {
        let digits17 = self.digits17[at];
        Villager {
            serial: position(at + 1),
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
        NameParts::of_bits(self.traits[at] & ((1 << NAME_BITS) - 1))
            .text(numbers::is_male(self.digits17[at]))
    }

    /// Whole years of the person at a position on a day, as `Villager::age` has them.
    pub(super) fn age(&self, at: usize, day: NaiveDate) -> i64 {
        age(numbers::birth(self.digits17[at]), day)
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
        self.numbers = IdNumbers::default();
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

fn age(birth: NaiveDate, day: NaiveDate) -> i64 {
    (day - birth).num_days() * 4 / 1461
}

/// Days of age on the first day of the window: at least one, so that everybody was born by then.
fn age_in_days(dice: &mut Dice) -> i64 {
    let band = dice.weighted(&PYRAMID) as i64;
    1 + band * 1826 + dice.between(0, 1825)
}
