//! Pen: writes one person's life, row by row.

use chrono::NaiveDate;

use crate::domain::{Code, Cover, Fen};

use super::dice::{Dice, Purpose};
use super::life::{Life, PaymentRow, RegisterRow, RegistrationRow, RosterRow};
use super::people::{Population, Villager, Who};
use super::places::Village;
use super::world::{World, after, before};

/// One person's life while it is written.
pub(super) struct Pen<'a> {
    pub(super) world: &'a World<'a>,
    pub(super) person: Villager,
    pub(super) dice: Dice,
    pub(super) life: Life,
    /// Vouchers given so far.
    vouchers: u32,
}

impl<'a> Pen<'a> {
    /// An empty life of the kind with this number.
    pub(super) fn new(world: &'a World<'a>, people: &Population, at: usize, kind: u8) -> Self {
        let dice = world.dice(Purpose::Life(kind, at));
        Pen {
            world,
            person: people.person(at),
            dice,
            life: Life::default(),
            vouchers: 0,
        }
    }

    /// The valid number of 18 characters.
    pub(super) fn id(&self) -> String {
        self.person.id()
    }

    /// The person as written without a fault.
    pub(super) fn who(&self) -> Who {
        self.person.who()
    }

    /// The person under another number.
    pub(super) fn who_as(&self, id: String) -> Who {
        Who { id, ..self.who() }
    }

    /// Where the person lives.
    pub(super) fn home(&self) -> &'a Village {
        &self.world.around.places[self.person.place as usize]
    }

    /// Expects a finding about the person.
    pub(super) fn expect(&mut self, code: Code) {
        let id = self.id();
        self.expect_of(code, id, "");
    }

    /// Expects a finding about a number as cleaning leaves it.
    pub(super) fn expect_of(&mut self, code: Code, id: String, other: &str) {
        self.life.answers.push((code, id, other.to_owned()));
    }

    /// A register row.
    pub(super) fn on_register(&mut self) {
        let mut who = self.who();
        // Habits of clerks that cleaning undoes: two-character names spread out, an apostrophe, blanks or a wide X in the number.
        if who.name.chars().count() == 2 && self.dice.per_mille(60) {
            who.name = who
                .name
                .chars()
                .map(String::from)
                .collect::<Vec<_>>()
                .join("\u{3000}");
        }
        if self.dice.per_mille(12) {
            who.id = match self.dice.below(4) {
                0 => format!("'{}", who.id),
                1 => format!("{}\u{a0}", who.id),
                2 => format!("{} {} {}", &who.id[..6], &who.id[6..14], &who.id[14..]),
                _ => who.id.replace('X', "\u{ff38}"),
            };
        }
        self.on_register_as(who);
    }

    /// A register row as written.
    pub(super) fn on_register_as(&mut self, who: Who) {
        let home = self.home();
        let village = self.dice.pick(&home.villages).clone();
        let place = self.person.place as usize;
        self.life.register.push(RegisterRow {
            who,
            place,
            village,
            household: self.person.household,
        });
    }

    /// A normal resident registration at home.
    pub(super) fn registered(&mut self) {
        let who = self.who();
        self.registration(who, Cover::Resident, "1");
    }

    /// A normal employee registration in the county, without a village.
    pub(super) fn employed(&mut self) {
        let who = self.who();
        self.registration(who, Cover::Employee, "1");
    }

    /// A registration at home.
    pub(super) fn registration(
        &mut self,
        who: Who,
        cover: Cover,
        status: &'static str,
    ) -> &mut RegistrationRow {
        let home = self.home();
        let village = if cover == Cover::Employee {
            String::new()
        } else {
            self.dice.pick(&home.villages).clone()
        };
        let begun = if cover == Cover::Employee {
            before(
                self.world.scheme.window.from,
                u64::from(30 + self.dice.below(3000)),
            )
        } else {
            self.world.scheme.benefit.from.min(self.world.as_of)
        };
        let number = format!(
            "D{}{:09}{}",
            home.county6,
            self.person.serial,
            self.life.registrations.len()
        );
        self.life.registrations.push(RegistrationRow {
            who,
            scheme: if cover == Cover::Employee {
                "310"
            } else {
                "390"
            },
            status,
            pool_place: home.county6.clone(),
            township: if cover == Cover::Employee {
                String::new()
            } else {
                home.township.clone()
            },
            village,
            number,
            begun,
            ended: None,
            late: None,
        });
        let last = self.life.registrations.len() - 1;
        &mut self.life.registrations[last]
    }

    /// A payment here inside the window.
    pub(super) fn pays(&mut self, personal: Fen, subsidised: Fen) {
        let day = self.window_day();
        self.pays_on(personal, subsidised, day);
    }

    /// The premium in full, inside the window.
    pub(super) fn pays_premium(&mut self) {
        self.pays(self.world.scheme.premium, 0);
    }

    /// A payment here on a day.
    pub(super) fn pays_on(
        &mut self,
        personal: Fen,
        subsidised: Fen,
        paid_on: NaiveDate,
    ) -> &mut PaymentRow {
        let row = self.payment(personal, subsidised, paid_on);
        self.life.payments.push(row);
        let last = self.life.payments.len() - 1;
        &mut self.life.payments[last]
    }

    /// A payment here, not yet entered.
    pub(super) fn payment(
        &mut self,
        personal: Fen,
        subsidised: Fen,
        paid_on: NaiveDate,
    ) -> PaymentRow {
        self.vouchers += 1;
        PaymentRow {
            who: self.who(),
            year: self.world.scheme.year,
            personal,
            subsidised,
            paid_on,
            pool_place: self.home().county6.clone(),
            voucher: format!(
                "34{}{:010}{}",
                self.world.scheme.year % 100,
                self.person.serial,
                self.vouchers
            ),
            original: String::new(),
            file: self.world.file_of(paid_on),
        }
    }

    /// The last payment, cancelled by a negative row some days later.
    pub(super) fn reverses_last(&mut self) {
        let Some(paid) = self.life.payments.last().cloned() else {
            return;
        };
        let day =
            after(paid.paid_on, u64::from(1 + self.dice.below(5))).min(self.world.scheme.window.to);
        let mut row = self.payment(-paid.personal, -paid.subsidised, day);
        row.original = paid.voucher;
        self.life.payments.push(row);
    }

    /// A day of the window, early ones likelier.
    pub(super) fn window_day(&mut self) -> NaiveDate {
        let window = self.world.scheme.window;
        let span = (window.to - window.from).num_days();
        let day = self.dice.between(0, span).min(self.dice.between(0, span));
        after(window.from, u64::try_from(day).unwrap_or(0))
    }

    /// A day of the window's first third that lies well before the benefit period.
    pub(super) fn early_day(&mut self) -> NaiveDate {
        let window = self.world.scheme.window;
        let until = window.to.min(before(self.world.scheme.benefit.from, 15));
        let day = self.dice.between(0, (until - window.from).num_days() / 2);
        after(window.from, u64::try_from(day).unwrap_or(0))
    }

    /// On the roster of a category, in force all the season.
    pub(super) fn on_roster(&mut self, category: usize) {
        let who = self.who();
        self.on_roster_as(who, category);
    }

    /// A roster row in force all the season, as written.
    pub(super) fn on_roster_as(&mut self, who: Who, category: usize) -> &mut RosterRow {
        let words = self.world.category(category);
        let spelled: Vec<&String> = std::iter::once(&words.name)
            .chain(&words.also)
            .filter(|word| !word.contains([',', '"', '\n']))
            .collect();
        let word = if spelled.is_empty() {
            words.name.clone()
        } else {
            (*self.dice.pick(&spelled)).clone()
        };
        let approved = before(self.world.anchor, u64::from(5 + self.dice.below(800)));
        let identified = before(approved, u64::from(self.dice.below(30)));
        let place = self.person.place as usize;
        self.life.rosters.push(RosterRow {
            who,
            category,
            word,
            place,
            identified,
            approved,
            ended: None,
        });
        let last = self.life.rosters.len() - 1;
        &mut self.life.rosters[last]
    }

    /// A normal registration elsewhere.
    pub(super) fn registered_elsewhere(&mut self, code: &str, cover: Cover) {
        let begun = self.world.scheme.benefit.from.min(self.world.as_of);
        let row = RegistrationRow {
            who: self.who(),
            scheme: if cover == Cover::Employee {
                "310"
            } else {
                "390"
            },
            status: "1",
            pool_place: code.to_owned(),
            township: String::new(),
            village: String::new(),
            number: String::new(),
            begun,
            ended: None,
            late: None,
        };
        self.life.elsewhere_registrations.push(row);
    }

    /// A payment of the full premium elsewhere.
    pub(super) fn pays_elsewhere(&mut self, code: &str) {
        let day = self.window_day();
        let mut row = self.payment(self.world.scheme.premium, 0, day);
        row.pool_place = code.to_owned();
        self.life.elsewhere_payments.push(row);
    }

    /// Now and then a place of another pool that lies in the scheme too: another city of the province.
    pub(super) fn another_city(&mut self) -> Option<&'a Village> {
        if !self.world.around.pools_apart || self.dice.per_mille(500) {
            return None;
        }
        let pool = |place: &Village| self.world.scheme.pool_of(&place.county6);
        let home = pool(self.home());
        let places: &'a [Village] = &self.world.around.places;
        // A few throws: most of a province is another city.
        (0..16)
            .map(|_| self.dice.pick(places))
            .find(|place| pool(place) != home)
    }

    /// A normal registration in another city, in this scheme's own books.
    pub(super) fn registered_in(&mut self, place: &Village, cover: Cover) {
        let who = self.who();
        let row = self.registration(who, cover, "1");
        row.pool_place.clone_from(&place.county6);
        if cover == Cover::Resident {
            row.township.clone_from(&place.township);
            row.village.clone_from(&place.villages[0]);
        }
    }

    /// A payment of the full premium in another city, in this scheme's own books.
    pub(super) fn pays_in(&mut self, place: &Village) {
        self.pays_premium();
        if let Some(row) = self.life.payments.last_mut() {
            row.pool_place.clone_from(&place.county6);
        }
    }

    /// A county of another pool.
    pub(super) fn far_away(&mut self) -> &'a str {
        self.dice.pick::<String>(&self.world.around.outside)
    }

    /// On the register, registered, paid in full: where most faults begin.
    pub(super) fn sound(&mut self) {
        self.on_register();
        self.registered();
        self.pays_premium();
    }

    /// One of these categories that a person of this age may be in, by the words of the trade; any, where none fits.
    pub(super) fn category_of_age(&mut self, among: &[usize]) -> usize {
        let age = self.person.age(self.world.scheme.window.from);
        let fitting: Vec<usize> = among
            .iter()
            .copied()
            .filter(|&at| fits_age(&self.world.category(at).name, age))
            .collect();
        *self
            .dice
            .pick(if fitting.is_empty() { among } else { &fitting })
    }

    /// Any category of the person's age.
    pub(super) fn some_category(&mut self) -> usize {
        let all: Vec<usize> = (0..self.world.scheme.categories.len()).collect();
        self.category_of_age(&all)
    }

    /// A category with a grant, half-granted ones as likely as others.
    pub(super) fn granted_category(&mut self) -> usize {
        let world = self.world;
        self.category_of_age(&world.granted)
    }
}

/// Whether a person of this age may be in a category of this name.
fn fits_age(name: &str, age: i64) -> bool {
    let says = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if says(&["百岁"]) {
        age >= 100
    } else if !says(&["特困"]) && says(&["孤儿", "儿童"]) {
        age < 18
    } else {
        age >= 22 || !says(&["优抚", "退役", "计生"])
    }
}
