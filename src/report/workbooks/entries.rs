//! 中途参保: who entered late, at what price, and from when they are covered.

use super::frames::Entries;
use super::heading::{Heading, heading};
use super::{Books, closed};
use crate::domain::Price;
use crate::judge::{LATE, STUDENT};
use crate::report::sheet::{Cell, Kind, PrintedColumn, PrintedSheet, RowKind};
use crate::scheme::{KeepsGrant, Late, Under};
use crate::words::Label;
use crate::words::tables::{Head, Text, Title, late_rule, long_date};

/// One row a person, students left out: a city has hundreds of thousands of them, all with the same days.
pub(super) fn sheet(books: &Books<'_>, tab: String) -> PrintedSheet {
    let entries = &books.lists.entries;
    let mut sheet = books
        .list(tab, books.title(Title::LateEntries), columns(books))
        .in_unit(books.text(Text::UnitYuan));
    let listed = (0..entries.rows).filter(|row| entries.case.get(*row) != STUDENT);
    for (serial, row) in (1u64..).zip(listed) {
        sheet.item(cells(books, entries, serial, row));
    }
    sheet.total(RowKind::Total, (1, books.text(Text::Total)), Vec::new());
    let students = (0..entries.rows)
        .filter(|row| entries.case.get(*row) == STUDENT)
        .count();
    if students > 0 {
        sheet
            .notes
            .push(format!("{}{students}", books.text(Text::EntriesStudents)));
    }
    sheet
        .notes
        .push(books.text(Text::EntriesDefault).to_owned());
    books.settled(&mut sheet, Under::Late);
    sheet.notes.extend(
        books
            .contents
            .scheme
            .late
            .iter()
            .map(|rule| rule_in_words(books, rule)),
    );
    let mut sheet = closed(sheet, books.text(Text::Nothing));
    sheet.drop_empty_columns();
    sheet
}

/// Columns of `columns`.
const COLUMNS: &[Heading] = &[
    heading(Head::Serial, Kind::Centred),
    heading(Head::Name, Kind::Text).at_most(14),
    heading(Head::Document, Kind::Id),
];

/// Columns of `columns`.
const COLUMNS_AFTER: &[Heading] = &[
    heading(Head::LateCase, Kind::Text),
    heading(Head::Price, Kind::Text).at_most(20),
    heading(Head::PaidOn, Kind::Date),
    heading(Head::Payable, Kind::Yuan),
    heading(Head::PersonalPaid, Kind::Yuan),
    heading(Head::StartsOn, Kind::Date),
    heading(Head::WaitsUntil, Kind::Date),
    heading(Head::BenefitFrom, Kind::Date),
    heading(Head::BenefitTo, Kind::Date),
    heading(Head::Clause, Kind::Text).at_most(20),
    heading(Head::Remark, Kind::Text).at_most(24),
];

fn columns(books: &Books<'_>) -> Vec<PrintedColumn> {
    let mut columns = books.columns(COLUMNS);
    columns.extend(books.place_columns());
    columns.extend(books.columns(COLUMNS_AFTER));
    columns
}

fn cells(books: &Books<'_>, entries: &Entries, serial: u64, row: usize) -> Vec<Cell> {
    let lang = books.contents.lang;
    let mut cells = vec![
        Cell::Ordinal(serial),
        Cell::text(entries.name.get(row)),
        Cell::text(entries.id.get(row)),
    ];
    cells.extend(books.place_cells(entries.region_code.get(row), ""));
    let case = entries.case.get(row);
    let yuan = |fen: Option<i64>| fen.map_or(Cell::Blank, Cell::Yuan);
    // A price that nobody can state is no amount that somebody owes.
    let unpriced = entries.price.get(row) == Price::Unpriced.code();
    let remarks = [
        unpriced.then(|| books.text(Text::UnpricedRemark)),
        entries
            .starts_on
            .get(row)
            .is_none()
            .then(|| books.text(Text::EventMissing)),
        // The wait, or a day after the payment, may lie behind the last day of cover.
        entries
            .benefit_to
            .get(row)
            .is_none()
            .then(|| books.text(Text::NoBenefit)),
    ];
    let remark = remarks
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(lang.pick("；", "; "));
    cells.extend([
        Cell::text(if case == LATE {
            books.text(Text::CaseWaiting)
        } else {
            case
        }),
        Cell::text(
            entries
                .price
                .label(row, Price::from_code, |price| price.label(lang)),
        ),
        Cell::date(entries.paid_on.get(row)),
        yuan(entries.payable.get(row)),
        yuan(entries.paid.get(row)),
        Cell::date(entries.starts_on.get(row)),
        Cell::date(entries.waits_until.get(row)),
        Cell::date(entries.benefit_from.get(row)),
        Cell::date(entries.benefit_to.get(row)),
        Cell::text(entries.clause.get(row)),
        Cell::text(remark),
    ]);
    cells
}

/// A rule as a line under the table: what it costs, and from when it covers.
pub(super) fn rule_in_words(books: &Books<'_>, rule: &Late) -> String {
    let lang = books.contents.lang;
    let mut parts = vec![
        format!("{}{}", books.text(Text::EntryPrice), rule.price.label(lang)),
        format!(
            "{}{}",
            books.text(Text::EntryStarts),
            rule.starts.label(lang)
        ),
    ];
    if let Some(months) = rule.wait_months {
        parts.push(format!("{}{months}", books.text(Text::EntryWait)));
    }
    match rule.keeps_grant {
        KeepsGrant::Yes => {}
        KeepsGrant::No => parts.push(books.text(Text::EntryNoGrant).to_owned()),
        KeepsGrant::Listed => parts.push(books.text(Text::EntryListedGrant).to_owned()),
    }
    if rule.is_by_roster() && !rule.newly {
        parts.push(books.text(Text::EntryAnyListed).to_owned());
    }
    if let Some(day) = rule.event_from {
        parts.push(format!(
            "{}{}",
            books.text(Text::EntryEventFrom),
            long_date(day, lang)
        ));
    }
    late_rule(&rule.name, &rule.clause, &parts, lang)
}
