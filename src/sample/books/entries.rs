//! Entries: the rows of one life, each in its book.

use super::spelling::{Amounts, Days, cell, day, household_number, line, money};
use super::{Library, Pages};
use crate::sample::life::{Life, PaymentRow, RegistrationRow, Who, Written};

impl Library<'_> {
    /// Enters one life into the books.
    pub(in crate::sample) fn enter(&self, written: Written<'_>, pages: &mut Pages) {
        let life = &written.life;
        self.enter_register(&written, pages);
        for row in &life.registrations {
            self.enter_registration(row, pages);
        }
        for row in &life.payments {
            self.enter_payment(row, pages);
        }
        self.enter_rosters(life, pages);
        self.enter_rosters_before(&written, pages);
        if let Some(at) = self.elsewhere_registrations {
            for row in &life.elsewhere_registrations {
                let begun = day(row.begun, Days::Slashes);
                line(
                    &mut pages.lines[at],
                    &[
                        &row.who.name,
                        &row.who.id,
                        row.scheme,
                        row.status,
                        &row.pool_place,
                        &begun,
                    ],
                );
            }
        }
        if let Some(at) = self.elsewhere_payments {
            for row in &life.elsewhere_payments {
                let (year, amount, paid) = (
                    row.year.to_string(),
                    money(row.personal, Amounts::Decimals),
                    day(row.paid_on, Days::Dashes),
                );
                line(
                    &mut pages.lines[at],
                    &[
                        &row.who.name,
                        &row.who.id,
                        &year,
                        &amount,
                        &paid,
                        &row.voucher,
                        &row.pool_place,
                    ],
                );
            }
        }
        self.enter_events(&written, pages);
        pages.answers.extend(written.life.answers);
        pages.pairs.extend(written.life.pairs);
    }

    fn enter_register(&self, written: &Written<'_>, pages: &mut Pages) {
        let Some(at) = self.register else { return };
        let person = &written.person;
        for row in &written.life.register {
            let place = &self.world.around.places[row.place];
            let group = format!("{}组", row.household % 17 + 1);
            let household = household_number(row.household);
            let birth = day(person.birth, Days::Dashes);
            let sex = if person.male { "男" } else { "女" };
            let text = &mut pages.lines[at];
            if self.counties {
                cell(text, &place.county);
            }
            let head = written.people.name(person.head as usize);
            line(
                text,
                &[
                    &place.township,
                    &row.village,
                    &group,
                    &household,
                    &head,
                    person.relation,
                    &row.who.name,
                    row.who.id_type,
                    &row.who.id,
                    sex,
                    &birth,
                ],
            );
        }
    }

    fn enter_registration(&self, row: &RegistrationRow, pages: &mut Pages) {
        let begun = day(row.begun, Days::Compact);
        if row.scheme != "390" {
            let Some(at) = self.employees else { return };
            let status = match row.status {
                "1" => "正常参保",
                "2" => "暂停参保",
                "4" => "终止参保",
                other => other,
            };
            let ended = row
                .ended
                .map_or(String::new(), |ended| day(ended, Days::Compact));
            let fields = [
                &row.number,
                &row.who.name,
                &row.who.id,
                row.scheme,
                status,
                &row.pool_place,
                &begun,
                &ended,
            ];
            line(&mut pages.lines[at], &fields);
            return;
        }
        let Some(at) = self.residents else { return };
        let text = &mut pages.lines[at];
        let year = self.world.scheme.year.to_string();
        for field in [
            &row.number,
            &row.who.name,
            row.who.id_type,
            &row.who.id,
            row.scheme,
            row.status,
            &year,
            &row.pool_place,
        ] {
            cell(text, field);
        }
        if self.counties {
            let county = self
                .world
                .scheme
                .regions
                .get(&row.pool_place)
                .map_or("", |region| region.name.as_str());
            cell(text, county);
        }
        let (case, event) = row.late.as_ref().map_or(("", String::new()), |(case, on)| {
            (case.as_str(), day(*on, Days::Compact))
        });
        line(text, &[&row.township, &row.village, &begun, case, &event]);
    }

    fn enter_payment(&self, row: &PaymentRow, pages: &mut Pages) {
        let Some(&at) = self.payments.get(row.file) else {
            return;
        };
        let who = &row.who;
        let year = row.year.to_string();
        let last = row.file + 1 == self.payments.len();
        let amounts = [Amounts::Decimals, Amounts::Shortest, Amounts::Yuan]
            [if last { 0 } else { row.file % 3 }];
        let (subsidised, text) = (money(row.subsidised, amounts), &mut pages.lines[at]);
        if last {
            let (period, personal, paid) = (
                format!("{year}-01-01"),
                money(row.personal, amounts),
                day(row.paid_on, Days::Dashes),
            );
            let fields = [
                &who.name,
                who.id_type,
                &who.id,
                &period,
                &personal,
                &subsidised,
                &paid,
                &row.voucher,
                &row.pool_place,
                &row.original,
            ];
            line(text, &fields);
        } else {
            let spelling = [
                Days::Dashes,
                Days::Slashes,
                Days::Compact,
                Days::Dots,
                Days::Words,
                Days::Clock,
            ][row.file % 6];
            let (total, paid) = (
                money(row.personal + row.subsidised, amounts),
                day(row.paid_on, spelling),
            );
            let fields = [
                &row.voucher,
                &who.name,
                who.id_type,
                &who.id,
                &year,
                &total,
                &subsidised,
                &paid,
                &row.pool_place,
                &row.original,
            ];
            line(text, &fields);
        }
    }

    fn enter_rosters(&self, life: &Life, pages: &mut Pages) {
        for row in &life.rosters {
            let Some(at) = self.rosters.get(row.category).copied().flatten() else {
                continue;
            };
            let place = &self.world.around.places[row.place];
            let text = &mut pages.lines[at];
            if self.counties {
                cell(text, &place.county);
            }
            let spelling = if row.category % 2 == 0 {
                Days::Dashes
            } else {
                Days::Dots
            };
            let ended = row
                .ended
                .map_or(String::new(), |ended| day(ended, spelling));
            let (identified, approved) =
                (day(row.identified, spelling), day(row.approved, spelling));
            line(
                text,
                &[
                    &place.township,
                    &place.villages[0],
                    &row.who.name,
                    &row.who.id,
                    &row.word,
                    &identified,
                    &approved,
                    &ended,
                ],
            );
        }
    }

    /// The month before: without those identified since, with those ended since; a few in another category of the same payer,
    /// and a few who are on no list any more.
    fn enter_rosters_before(&self, written: &Written<'_>, pages: &mut Pages) {
        let Some(until) = self.world.rosters_before() else {
            return;
        };
        let (person, life, categories) = (
            &written.person,
            &written.life,
            &self.world.scheme.categories,
        );
        let mut put = |category: usize, who: &Who, place: usize, word: &str, days: [String; 3]| {
            let Some(at) = self.rosters_before.get(category).copied().flatten() else {
                return;
            };
            let place = &self.world.around.places[place];
            let text = &mut pages.lines[at];
            if self.counties {
                cell(text, &place.county);
            }
            let [identified, approved, ended] = days;
            line(
                text,
                &[
                    &place.township,
                    &place.villages[0],
                    &who.name,
                    &who.id,
                    word,
                    &identified,
                    &approved,
                    &ended,
                ],
            );
        };
        for row in life.rosters.iter().filter(|row| row.identified <= until) {
            let same_payer = |other: &usize| {
                *other != row.category && categories[*other].payer == categories[row.category].payer
            };
            let other = (0..categories.len())
                .find(same_payer)
                .filter(|_| person.household % 40 == 3);
            let word = other.map_or(row.word.as_str(), |other| categories[other].name.as_str());
            let ended = row
                .ended
                .filter(|ended| *ended <= until)
                .map_or(String::new(), |ended| day(ended, Days::Dashes));
            let days = [
                day(row.identified, Days::Dashes),
                day(row.approved, Days::Dashes),
                ended,
            ];
            put(row.category, &row.who, row.place, word, days);
        }
        if life.rosters.is_empty()
            && person.household % 50 == 7
            && person.relation == "户主"
            && !categories.is_empty()
        {
            let begun = day(
                crate::sample::world::before(self.world.anchor, 400),
                Days::Dashes,
            );
            let who = Who {
                id: person.id(),
                id_type: "",
                name: person.name.clone(),
            };
            put(
                0,
                &who,
                person.place as usize,
                &categories[0].name,
                [begun.clone(), begun, String::new()],
            );
        }
    }

    fn enter_events(&self, written: &Written<'_>, pages: &mut Pages) {
        let (person, life, id) = (&written.person, &written.life, written.person.id());
        if let (Some(at), Some(death)) = (self.deaths, life.death) {
            let text = death.map_or(String::new(), |death| day(death, Days::Words));
            line(&mut pages.lines[at], &[&person.name, &id, &text]);
        }
        if let (Some(at), Some(departure)) = (self.departures, life.departure) {
            let text = day(departure, Days::Dashes);
            line(&mut pages.lines[at], &[&person.name, &id, &text, "外省"]);
        }
        if let (Some(at), true) = (self.students, life.student) {
            let place = &self.world.around.places[person.place as usize];
            let school = format!("{}中心学校", place.township);
            line(
                &mut pages.lines[at],
                &[&school, &person.name, &id, &place.county6],
            );
        }
        if let (Some(at), true) = (self.previous, life.previous) {
            let year = (self.world.scheme.year - 1).to_string();
            let place = &self.world.around.places[person.place as usize];
            let text = &mut pages.lines[at];
            for field in [&person.name, &id, "390", "1", &year] {
                cell(text, field);
            }
            if self.counties {
                cell(text, &place.county);
            }
            line(text, &[&place.township, &place.villages[0]]);
        }
        if let Some(at) = self.households {
            let head = written.people.name(person.head as usize);
            let place = &self.world.around.places[person.place as usize];
            for household in &life.households {
                let (group, number) = (
                    format!("{}组", household % 17 + 1),
                    household_number(*household),
                );
                let village = &place.villages[0];
                let account = format!("6228{:012}", person.place);
                let (name, bank) = (
                    format!("{village}集体账户"),
                    format!("农商银行{}支行", place.township),
                );
                let fields = [
                    &group,
                    &number,
                    &head,
                    &person.name,
                    &id,
                    person.relation,
                    &name,
                    &bank,
                    &account,
                ];
                line(&mut pages.lines[at], &fields);
            }
        }
    }
}
