//! Entries: the rows of one life, each in its book.

use chrono::NaiveDate;

use super::library::{Library, Pages};
use super::spelling::{AmountSpelling, DaySpelling, cell, day, household_number, line, money};
use crate::sample::life::{Biography, PaymentRow, RegistrationRow, RosterRow};
use crate::sample::people::Villager;
use crate::sample::places::Village;
use crate::sample::world::before;

impl Library<'_> {
    /// Enters one life into the books.
    pub(in crate::sample) fn enter(&self, written: Biography<'_>, pages: &mut Pages) {
        let (person, life) = (&written.person, &written.life);
        self.enter_register(&written, pages);
        for row in &life.registrations {
            self.enter_registration(person, row, pages);
        }
        for row in &life.payments {
            self.enter_payment(person, row, pages);
        }
        self.enter_rosters(&written, pages);
        self.enter_rosters_before(&written, pages);
        self.enter_elsewhere(&written, pages);
        self.enter_events(&written, pages);
        self.enter_previous(&written, pages);
        self.enter_households(&written, pages);
        pages.answers.extend(written.life.answers);
        pages.pairs.extend(written.life.pairs);
    }

    /// The place's words, the county first where there are several.
    fn place(&self, text: &mut String, place: &Village, village: &str) {
        if self.counties {
            cell(text, &place.county);
        }
        cell(text, &place.township);
        cell(text, village);
    }

    fn enter_register(&self, written: &Biography<'_>, pages: &mut Pages) {
        let Some(file) = self.register else { return };
        let person = &written.person;
        for row in &written.life.register {
            let text = self.begin(file, person, pages);
            self.place(text, &self.world.around.places[row.place], &row.village);
            let group = format!("{}组", row.household % 17 + 1);
            let household = household_number(row.household);
            let head = written.people.name(person.head as usize);
            let sex = if person.male { "男" } else { "女" };
            let birth = day(person.birth, DaySpelling::Dashes);
            let fields = [
                &group,
                &household,
                &head,
                person.relation,
                &row.who.name,
                row.who.id_type,
                &row.who.id,
                sex,
                &birth,
            ];
            line(text, &fields);
        }
    }

    fn enter_registration(&self, person: &Villager, row: &RegistrationRow, pages: &mut Pages) {
        if row.scheme == "390" {
            self.enter_resident(person, row, pages);
        } else {
            self.enter_employee(person, row, pages);
        }
    }

    fn enter_employee(&self, person: &Villager, row: &RegistrationRow, pages: &mut Pages) {
        let Some(file) = self.employees else { return };
        let status = match row.status {
            "1" => "正常参保",
            "2" => "暂停参保",
            "4" => "终止参保",
            other => other,
        };
        let begun = day(row.begun, DaySpelling::Compact);
        let ended = stated(row.ended, DaySpelling::Compact);
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
        line(self.begin(file, person, pages), &fields);
    }

    fn enter_resident(&self, person: &Villager, row: &RegistrationRow, pages: &mut Pages) {
        let Some(file) = self.residents else { return };
        let text = self.begin(file, person, pages);
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
            let county = self.world.scheme.regions.get(&row.pool_place);
            cell(text, county.map_or("", |region| region.name.as_str()));
        }
        let begun = day(row.begun, DaySpelling::Compact);
        let (case, event) = row.late.as_ref().map_or(("", String::new()), |(case, on)| {
            (case.as_str(), day(*on, DaySpelling::Compact))
        });
        line(text, &[&row.township, &row.village, &begun, case, &event]);
    }

    fn enter_payment(&self, person: &Villager, row: &PaymentRow, pages: &mut Pages) {
        let Some(&file) = self.payments.get(row.file) else {
            return;
        };
        let text = self.begin(file, person, pages);
        if row.file + 1 == self.payments.len() {
            enter_in_last_file(row, text);
        } else {
            enter_in_file(row, text);
        }
    }

    fn enter_rosters(&self, written: &Biography<'_>, pages: &mut Pages) {
        for row in &written.life.rosters {
            let Some(file) = self.rosters.get(row.category).copied().flatten() else {
                continue;
            };
            let spelling = if row.category % 2 == 0 {
                DaySpelling::Dashes
            } else {
                DaySpelling::Dots
            };
            let text = self.begin(file, &written.person, pages);
            self.enter_roster(row, spelling, text);
        }
    }

    /// The rest of a roster's line.
    fn enter_roster(&self, row: &RosterRow, spelling: DaySpelling, text: &mut String) {
        let place = &self.world.around.places[row.place];
        self.place(text, place, &place.villages[0]);
        let (identified, approved) = (day(row.identified, spelling), day(row.approved, spelling));
        let ended = stated(row.ended, spelling);
        let fields = [
            &row.who.name,
            &row.who.id,
            &row.word,
            &identified,
            &approved,
            &ended,
        ];
        line(text, &fields.map(String::as_str));
    }

    /// The month before: without those identified since, with those ended since; a few in another category of the same
    /// payer, and a few who are on no list any more.
    fn enter_rosters_before(&self, written: &Biography<'_>, pages: &mut Pages) {
        let Some(until) = self.world.rosters_before() else {
            return;
        };
        let mut then: Vec<RosterRow> = written
            .life
            .rosters
            .iter()
            .filter(|row| row.identified <= until)
            .cloned()
            .collect();
        for row in &mut then {
            row.ended = row.ended.filter(|ended| *ended <= until);
            if let Some(other) = self.other_category(row.category, &written.person) {
                row.word.clone_from(&self.world.category(other).name);
            }
        }
        if written.life.rosters.is_empty() {
            then.extend(self.once_on_a_roster(&written.person));
        }
        for row in then {
            if let Some(file) = self.rosters_before.get(row.category).copied().flatten() {
                let text = self.begin(file, &written.person, pages);
                self.enter_roster(&row, DaySpelling::Dashes, text);
            }
        }
    }

    /// Another category of the same payer, in which a few stood the month before.
    fn other_category(&self, category: usize, person: &Villager) -> Option<usize> {
        let categories = &self.world.scheme.categories;
        let same_payer = |other: &usize| {
            *other != category && categories[*other].payer == categories[category].payer
        };
        (0..categories.len())
            .find(same_payer)
            .filter(|_| person.household % 40 == 3)
    }

    /// The row of somebody who was on a list the month before and is on none any more.
    fn once_on_a_roster(&self, person: &Villager) -> Option<RosterRow> {
        let category = self.world.scheme.categories.first()?;
        let begun = before(self.world.anchor, 400);
        let was = person.household % 50 == 7 && person.relation == "户主";
        was.then(|| RosterRow {
            who: person.who(),
            category: 0,
            word: category.name.clone(),
            place: person.place as usize,
            identified: begun,
            approved: begun,
            ended: None,
        })
    }

    fn enter_elsewhere(&self, written: &Biography<'_>, pages: &mut Pages) {
        let (person, life) = (&written.person, &written.life);
        for row in &life.elsewhere_registrations {
            let Some(file) = self.elsewhere_registrations else {
                break;
            };
            let begun = day(row.begun, DaySpelling::Slashes);
            let fields = [
                &row.who.name,
                &row.who.id,
                row.scheme,
                row.status,
                &row.pool_place,
                &begun,
            ];
            line(self.begin(file, person, pages), &fields);
        }
        for row in &life.elsewhere_payments {
            let Some(file) = self.elsewhere_payments else {
                break;
            };
            let (year, amount, paid) = (
                row.year.to_string(),
                money(row.personal, AmountSpelling::Decimals),
                day(row.paid_on, DaySpelling::Dashes),
            );
            let fields = [
                &row.who.name,
                &row.who.id,
                &year,
                &amount,
                &paid,
                &row.voucher,
                &row.pool_place,
            ];
            line(self.begin(file, person, pages), &fields.map(String::as_str));
        }
    }

    fn enter_events(&self, written: &Biography<'_>, pages: &mut Pages) {
        let (person, life, id) = (&written.person, &written.life, written.person.id());
        if let (Some(file), Some(death)) = (self.deaths, life.death) {
            let text = stated(death, DaySpelling::Words);
            line(self.begin(file, person, pages), &[&person.name, &id, &text]);
        }
        if let (Some(file), Some(departure)) = (self.departures, life.departure) {
            let text = day(departure, DaySpelling::Dashes);
            line(
                self.begin(file, person, pages),
                &[&person.name, &id, &text, "外省"],
            );
        }
        if let (Some(file), true) = (self.students, life.student) {
            let place = &self.world.around.places[person.place as usize];
            let school = format!("{}中心学校", place.township);
            line(
                self.begin(file, person, pages),
                &[&school, &person.name, &id, &place.county6],
            );
        }
    }

    fn enter_previous(&self, written: &Biography<'_>, pages: &mut Pages) {
        let Some(file) = self.previous.filter(|_| written.life.previous) else {
            return;
        };
        let person = &written.person;
        let (id, year) = (person.id(), (self.world.scheme.year - 1).to_string());
        let place = &self.world.around.places[person.place as usize];
        let text = self.begin(file, person, pages);
        for field in [&person.name, &id, "390", "1", &year] {
            cell(text, field);
        }
        if self.counties {
            cell(text, &place.county);
        }
        line(text, &[&place.township, &place.villages[0]]);
    }

    fn enter_households(&self, written: &Biography<'_>, pages: &mut Pages) {
        let Some(file) = self.households else { return };
        let person = &written.person;
        let place = &self.world.around.places[person.place as usize];
        let head = written.people.name(person.head as usize);
        for household in &written.life.households {
            let group = format!("{}组", household % 17 + 1);
            let number = household_number(*household);
            let account = format!("6228{:012}", person.place);
            let name = format!("{}集体账户", place.villages[0]);
            let bank = format!("农商银行{}支行", place.township);
            let fields = [
                &group,
                &number,
                &head,
                &person.name,
                &person.id(),
                person.relation,
                &name,
                &bank,
                &account,
            ];
            line(self.begin(file, person, pages), &fields);
        }
    }
}

/// A day, where it is stated.
fn stated(on: Option<NaiveDate>, spelling: DaySpelling) -> String {
    on.map_or(String::new(), |on| day(on, spelling))
}

/// The rest of a line of the office's workbook.
fn enter_in_last_file(row: &PaymentRow, text: &mut String) {
    let period = format!("{}-01-01", row.year);
    let fields = [
        &row.who.name,
        row.who.id_type,
        &row.who.id,
        &period,
        &money(row.personal, AmountSpelling::Decimals),
        &money(row.subsidised, AmountSpelling::Decimals),
        &day(row.paid_on, DaySpelling::Dashes),
        &row.voucher,
        &row.pool_place,
        &row.original,
    ];
    line(text, &fields);
}

/// The rest of a line of the other exports, each of which spells amounts and days in its own way.
fn enter_in_file(row: &PaymentRow, text: &mut String) {
    let amounts = [
        AmountSpelling::Decimals,
        AmountSpelling::Shortest,
        AmountSpelling::Yuan,
    ][row.file % 3];
    let days = [
        DaySpelling::Dashes,
        DaySpelling::Slashes,
        DaySpelling::Compact,
        DaySpelling::Dots,
        DaySpelling::Words,
        DaySpelling::Clock,
    ][row.file % 6];
    let fields = [
        &row.voucher,
        &row.who.name,
        row.who.id_type,
        &row.who.id,
        &row.year.to_string(),
        &money(row.personal + row.subsidised, amounts),
        &money(row.subsidised, amounts),
        &day(row.paid_on, days),
        &row.pool_place,
        &row.original,
    ];
    line(text, &fields);
}
