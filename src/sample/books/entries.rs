//! Entries: the rows of one life, each in its book.

use super::spelling::{Amounts, Days, cell, day, household_number, line, money};
use super::{Library, Pages};
use crate::sample::life::{Life, PaymentRow, RegistrationRow, Written};

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
        if let Some(at) = self.elsewhere_registrations {
            for row in &life.elsewhere_registrations {
                let begun = day(row.begun, Days::Slashes);
                line(&mut pages.lines[at], &[&row.who.name, &row.who.id, row.scheme, row.status, &row.pool_place, &begun]);
            }
        }
        if let Some(at) = self.elsewhere_payments {
            for row in &life.elsewhere_payments {
                let (year, amount, paid) =
                    (row.year.to_string(), money(row.personal, Amounts::Decimals), day(row.paid_on, Days::Dashes));
                line(&mut pages.lines[at], &[&row.who.name, &row.who.id, &year, &amount, &paid, &row.voucher, &row.pool_place]);
            }
        }
        self.enter_events(&written, pages);
        pages.answers.extend(written.life.answers);
        pages.pairs.extend(written.life.pairs);
    }

    fn enter_register(&self, written: &Written<'_>, pages: &mut Pages) {
        let Some(at) = self.register else { return };
        let person = written.person;
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
            let head = &written.people[person.head as usize].name;
            line(
                text,
                &[
                    &place.township,
                    &row.village,
                    &group,
                    &household,
                    head,
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
            let ended = row.ended.map_or(String::new(), |ended| day(ended, Days::Compact));
            let fields = [&row.number, &row.who.name, &row.who.id, row.scheme, status, &row.pool_place, &begun, &ended];
            line(&mut pages.lines[at], &fields);
            return;
        }
        let Some(at) = self.residents else { return };
        let text = &mut pages.lines[at];
        let year = self.world.scheme.year.to_string();
        for field in [&row.number, &row.who.name, row.who.id_type, &row.who.id, row.scheme, row.status, &year, &row.pool_place] {
            cell(text, field);
        }
        if self.counties {
            let county = self.world.scheme.regions.get(&row.pool_place).map_or("", |region| region.name.as_str());
            cell(text, county);
        }
        let (case, event) = row.late.as_ref().map_or(("", String::new()), |(case, on)| (case.as_str(), day(*on, Days::Compact)));
        line(text, &[&row.township, &row.village, &begun, case, &event]);
    }

    fn enter_payment(&self, row: &PaymentRow, pages: &mut Pages) {
        let Some(&at) = self.payments.get(row.file) else { return };
        let who = &row.who;
        let year = row.year.to_string();
        let last = row.file + 1 == self.payments.len();
        let amounts = [Amounts::Decimals, Amounts::Shortest, Amounts::Yuan][if last { 0 } else { row.file % 3 }];
        let (subsidised, text) = (money(row.subsidised, amounts), &mut pages.lines[at]);
        if last {
            let (period, personal, paid) =
                (format!("{year}-01-01"), money(row.personal, amounts), day(row.paid_on, Days::Dashes));
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
            let spelling = [Days::Dashes, Days::Slashes, Days::Compact, Days::Dots, Days::Words, Days::Clock][row.file % 6];
            let (total, paid) = (money(row.personal + row.subsidised, amounts), day(row.paid_on, spelling));
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
            let Some(at) = self.rosters.get(row.category).copied().flatten() else { continue };
            let place = &self.world.around.places[row.place];
            let text = &mut pages.lines[at];
            if self.counties {
                cell(text, &place.county);
            }
            let spelling = if row.category % 2 == 0 { Days::Dashes } else { Days::Dots };
            let ended = row.ended.map_or(String::new(), |ended| day(ended, spelling));
            let (identified, approved) = (day(row.identified, spelling), day(row.approved, spelling));
            line(
                text,
                &[&place.township, &place.villages[0], &row.who.name, &row.who.id, &row.word, &identified, &approved, &ended],
            );
        }
    }

    fn enter_events(&self, written: &Written<'_>, pages: &mut Pages) {
        let (person, life, id) = (written.person, &written.life, written.person.id());
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
            line(&mut pages.lines[at], &[&school, &person.name, &id, &place.county6]);
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
            let head = &written.people[person.head as usize].name;
            for household in &life.households {
                line(&mut pages.lines[at], &[&household_number(*household), head, &person.name, &id, person.relation]);
            }
        }
    }
}
