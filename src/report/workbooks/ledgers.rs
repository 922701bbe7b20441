//! Ledgers of a place: who is enrolled (参保台账), who is not and why (未参保台账), and whom to canvass (宣传发动名单).

use chrono::{Datelike, NaiveDate};

use super::frames::Everyone;
use super::heading::{Heading, heading};
use super::values::{masked, masked_household};
use super::{Books, closed};
use crate::domain::Standing;
use crate::judge::Enrolment;
use crate::report::sheet::{Cell, Kind, PrintedColumn, PrintedSheet, RowKind};
use crate::scheme::Under;
use crate::words::Label;
use crate::words::tables::{DISPOSITIONS, Head, Tab, Text, Title};

/// The ledgers that the pipeline asks for, of one place, one after the other.
pub(super) fn sheets<'s>(
    books: &'s Books<'_>,
    everyone: &'s Everyone,
    of: Option<usize>,
    place: &'s str,
) -> impl Iterator<Item = PrintedSheet> + 's {
    type Ledger = fn(&Books<'_>, &Everyone, &[usize], &str) -> PrintedSheet;
    let asked = books.contents.scheme.lists;
    let ledgers: [(bool, Ledger); 3] = [
        (asked.enrolled, enrolled),
        (asked.uninsured, not_enrolled),
        (asked.canvass, canvass),
    ];
    let here = books.everyone_of(of);
    ledgers
        .into_iter()
        .filter(|(asked, _)| *asked)
        .map(move |(_, ledger)| ledger(books, everyone, here, place))
}

fn is_insured(everyone: &Everyone, row: usize) -> bool {
    Standing::from_code(everyone.standing.get(row)).is_some_and(Standing::is_insured)
}

fn standing(books: &Books<'_>, everyone: &Everyone, row: usize) -> String {
    everyone
        .standing
        .label(row, Standing::from_code, |standing| {
            standing.label(books.contents.lang)
        })
}

/// A list by village: every village under its name with the number of its persons. One village needs no such head.
fn by_village(
    books: &Books<'_>,
    sheet: &mut PrintedSheet,
    rows: &[usize],
    cells: impl Fn(u64, usize) -> Vec<Cell>,
) {
    let village = |row: usize| {
        let everyone = books.lists.everyone.as_ref();
        everyone.map_or("", |everyone| {
            books.places.rest(everyone.region_code.get(row))
        })
    };
    let villages: Vec<&[usize]> = rows.chunk_by(|a, b| village(*a) == village(*b)).collect();
    let mut serial = 0;
    for rows in &villages {
        if villages.len() > 1 {
            let name = Some(village(rows[0])).filter(|name| !name.is_empty());
            let name = name.unwrap_or(books.text(Text::Other));
            let (persons, unit) = (rows.len(), books.text(Text::PersonsCount));
            let head = format!("{name}：{persons}{unit}");
            sheet.push(RowKind::Group, vec![Cell::text(head)]);
            // Filters would hide the heads of villages with their rows.
            sheet.filter = false;
        }
        for &row in *rows {
            serial += 1;
            sheet.item(cells(serial, row));
        }
    }
}

fn finished(books: &Books<'_>, mut sheet: PrintedSheet, note: Text) -> PrintedSheet {
    sheet.notes.insert(0, books.text(note).to_owned());
    books.settled(&mut sheet, Under::Lists);
    sheet.signature = books.text(Text::TownshipSignature).to_owned();
    let mut sheet = closed(sheet, books.text(Text::Nothing));
    sheet.drop_empty_columns();
    sheet
}

fn household_columns(books: &Books<'_>) -> Vec<PrintedColumn> {
    let [_, village] = books.place_columns();
    vec![
        books.column(Head::Serial, Kind::Centred),
        village.at_most(14),
        books.column(Head::VillageGroup, Kind::Centred),
        books.column(Head::Household, Kind::Text).at_most(12),
    ]
}

fn household_cells(books: &Books<'_>, everyone: &Everyone, serial: u64, row: usize) -> Vec<Cell> {
    vec![
        Cell::Ordinal(serial),
        Cell::text(books.places.rest(everyone.region_code.get(row))),
        Cell::text(everyone.group.get(row)),
        Cell::text(everyone.household.get(row)),
    ]
}

/// Columns of `enrolled`.
const ENROLLED_COLUMNS: &[Heading] = &[
    heading(Head::HeadName, Kind::Text).at_most(10),
    heading(Head::Name, Kind::Text).at_most(12),
    heading(Head::Document, Kind::Id),
    heading(Head::PersonKind, Kind::Text).at_most(16),
    heading(Head::IsInsured, Kind::Centred),
    heading(Head::PlaceInsured, Kind::Text).at_most(18),
    heading(Head::PaidOn, Kind::Date),
    heading(Head::PersonalPaid, Kind::Yuan),
    heading(Head::Subsidised, Kind::Yuan),
    heading(Head::Phone, Kind::Fill).at_most(13),
    heading(Head::Comment, Kind::Fill).at_most(12),
];

/// 参保台账: of the register, insured anywhere.
fn enrolled(books: &Books<'_>, everyone: &Everyone, here: &[usize], place: &str) -> PrintedSheet {
    let mut columns = household_columns(books);
    columns.extend(books.columns(ENROLLED_COLUMNS));
    let mut sheet = books
        .list_of(place, (Tab::Enrolled, Title::Enrolled), columns)
        .in_unit(books.text(Text::UnitYuan));
    let rows: Vec<usize> = here
        .iter()
        .copied()
        .filter(|row| everyone.on_register.get(*row) && is_insured(everyone, *row))
        .collect();
    by_village(books, &mut sheet, &rows, |serial, row| {
        let mut cells = household_cells(books, everyone, serial, row);
        cells.extend([
            Cell::text(everyone.head.get(row)),
            Cell::text(everyone.name.get(row)),
            Cell::text(everyone.id.get(row)),
            Cell::text(everyone.category.get(row)),
            Cell::text(standing(books, everyone, row)),
            Cell::text(books.where_insured(everyone.place.get(row))),
            Cell::date(everyone.paid_on.get(row)),
            Cell::Yuan(everyone.paid.get(row).unwrap_or(0)), // nothing paid
            Cell::Yuan(everyone.granted.get(row).unwrap_or(0)), // nothing subsidised
            Cell::Blank,
            Cell::Blank,
        ]);
        cells
    });
    // The serial number is the only column that no list lacks.
    sheet.total(RowKind::Total, (0, books.text(Text::Total)), Vec::new());
    finished(books, sheet, Text::EnrolledNote)
}

/// 未参保台账: of the register, insured nowhere, with columns for the reason.
fn not_enrolled(
    books: &Books<'_>,
    everyone: &Everyone,
    here: &[usize],
    place: &str,
) -> PrintedSheet {
    let lang = books.contents.lang;
    let choices = DISPOSITIONS
        .iter()
        .map(|standing| standing.label(lang).to_owned())
        .collect();
    let mut columns = household_columns(books);
    columns.extend([
        books.column(Head::Name, Kind::Text).at_most(12),
        books.column(Head::Document, Kind::Id),
        books.column(Head::PersonKind, Kind::Text).at_most(16),
        books.column(Head::Hardship, Kind::Centred),
        books.column(Head::IsInsured, Kind::Centred),
        books.column(Head::ThisYearState, Kind::Centred),
        books
            .column(Head::Disposition, Kind::Fill)
            .at_most(12)
            .one_of(choices),
        books.column(Head::WhyUninsured, Kind::Fill).at_most(16),
        books.column(Head::Proof, Kind::Fill).at_most(12),
        books.column(Head::VerifiedBy, Kind::Fill).at_most(10),
        books.column(Head::Phone, Kind::Fill).at_most(13),
    ]);
    let mut sheet = books
        .list_of(place, (Tab::NotEnrolled, Title::NotEnrolled), columns)
        .in_unit(books.text(Text::UnitPersonsOnly));
    let rows: Vec<usize> = here
        .iter()
        .copied()
        .filter(|row| everyone.on_register.get(*row) && !is_insured(everyone, *row))
        .collect();
    by_village(books, &mut sheet, &rows, |serial, row| {
        let mut cells = household_cells(books, everyone, serial, row);
        cells.extend([
            Cell::text(everyone.name.get(row)),
            Cell::text(everyone.id.get(row)),
            Cell::text(everyone.category.get(row)),
            if everyone.hardship.get(row) {
                Cell::text(books.text(Text::Star))
            } else {
                Cell::Blank
            },
            Cell::text(standing(books, everyone, row)),
            Cell::text(books.enrolment(everyone.enrolment.get(row))),
        ]);
        cells.extend(std::iter::repeat_n(Cell::Blank, 5));
        cells
    });
    finished(books, sheet, Text::NotEnrolledNote)
}

/// 宣传发动名单: not insured yet; numbers masked, also where a household's number is its head's.
fn canvass(books: &Books<'_>, everyone: &Everyone, here: &[usize], place: &str) -> PrintedSheet {
    let [township, village] = books.place_columns();
    let columns = vec![
        books.column(Head::Serial, Kind::Centred),
        township.at_most(12),
        village.at_most(14),
        books.column(Head::VillageGroup, Kind::Centred),
        books.column(Head::Household, Kind::Text).at_most(12),
        books.column(Head::Name, Kind::Text).at_most(12),
        books.column(Head::MaskedId, Kind::Id),
        books.column(Head::Sex, Kind::Centred),
        books.column(Head::Age, Kind::Centred),
        books.column(Head::PersonKind, Kind::Text).at_most(14),
        books.column(Head::LastYearState, Kind::Centred),
        books.column(Head::ThisYearState, Kind::Centred),
        books.column(Head::WhyUncharged, Kind::Fill).at_most(14),
        books.column(Head::Phone, Kind::Fill).at_most(13),
        books.column(Head::Campaign, Kind::Fill).at_most(10),
        books.column(Head::Willing, Kind::Fill).at_most(8),
        books.column(Head::Comment, Kind::Fill).at_most(10),
    ];
    let mut sheet = books
        .list_of(place, (Tab::Canvass, Title::Canvass), columns)
        .in_unit(books.text(Text::UnitPersonsOnly));
    let rows: Vec<usize> = here
        .iter()
        .copied()
        .filter(|row| everyone.to_canvass.get(*row))
        .collect();
    let as_of = books.contents.facts.as_of;
    by_village(books, &mut sheet, &rows, |serial, row| {
        let code = everyone.region_code.get(row);
        let sex = everyone
            .male
            .known(row)
            .map(|male| if male { Text::Male } else { Text::Female });
        let last_year = if everyone.last_year.get(row) {
            Text::LastYearIn
        } else {
            Text::LastYearOut
        };
        let mut cells = vec![
            Cell::Ordinal(serial),
            Cell::text(books.places.name(code, books.text(Text::Other))),
            Cell::text(books.places.rest(code)),
            Cell::text(everyone.group.get(row)),
            Cell::text(masked_household(everyone.household.get(row))),
            Cell::text(everyone.name.get(row)),
            Cell::text(masked(everyone.id.get(row))),
            Cell::text(sex.map_or("", |sex| books.text(sex))),
            Cell::ordinal(everyone.birth.get(row).map(|birth| age(birth, as_of))),
            Cell::text(everyone.category.get(row)),
            Cell::text(books.text(last_year)),
            Cell::text(books.enrolment(everyone.enrolment.get(row))),
        ];
        cells.extend(std::iter::repeat_n(Cell::Blank, 5));
        cells
    });
    finished(books, sheet, Text::CanvassNote)
}

/// Full years on a day.
fn age(birth: NaiveDate, on: NaiveDate) -> u64 {
    let had_birthday = (on.month(), on.day()) >= (birth.month(), birth.day());
    u64::try_from(on.year() - birth.year() - i32::from(!had_birthday)).unwrap_or(0) // not born yet
}

impl Books<'_> {
    /// How far an enrolment has come, in words.
    pub(super) fn enrolment(&self, code: &str) -> &'static str {
        Enrolment::from_code(code).map_or("", |enrolment| enrolment.label(self.contents.lang))
    }

    /// The name of the region or pool where a person is registered.
    pub(super) fn where_insured(&self, code: &str) -> String {
        let scheme = self.contents.scheme;
        let is_below = scheme.regions.is_inside(code) && self.places.place(code).is_some();
        if is_below {
            let place = self.places.name(code, "");
            return format!("{place}{}", self.places.rest(code));
        }
        self.place_name(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_is_full_on_the_birthday() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        // birth, on, years
        for (birth, on, years) in [
            ("1990-03-01", "2022-02-28", 31),
            ("1990-03-01", "2022-03-01", 32),
            ("2022-03-01", "2022-03-31", 0),
            ("2022-04-01", "2022-03-31", 0),
        ] {
            assert_eq!(age(day(birth), day(on)), years, "{birth} {on}");
        }
    }
}
