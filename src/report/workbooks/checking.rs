//! Checking: declared figures that do not add up, and which checks ran.

use super::heading::{Heading, heading};
use super::{Books, Tabs, closed};
use crate::domain::{Code, Family};
use crate::measure::CheckRun;
use crate::report::sheet::{Cell, Kind, PrintedSheet, RowKind};
use crate::scheme::Under;
use crate::words::Label;
use crate::words::tables::{Head, Tab, Text, Title};

/// Figures that do not foot, and the list of checks. Neither names a person.
pub(super) fn sheets(books: &Books<'_>, tabs: &mut Tabs) -> Vec<PrintedSheet> {
    vec![footing(books, tabs), checks(books, tabs)]
}

/// Columns of `footing`.
const FOOTING_COLUMNS: &[Heading] = &[
    heading(Head::Serial, Kind::Centred),
    heading(Head::Check, Kind::Text),
    heading(Head::Place, Kind::Text),
    heading(Head::Expected, Kind::Text).at_most(30),
    heading(Head::Found, Kind::Text).at_most(30),
    heading(Head::File, Kind::Text),
    heading(Head::Sheet, Kind::Text).at_most(14),
    heading(Head::Row, Kind::Centred),
    heading(Head::OtherFile, Kind::Text),
    heading(Head::OtherRow, Kind::Centred),
    heading(Head::Clause, Kind::Text).at_most(30),
];

fn footing(books: &Books<'_>, tabs: &mut Tabs) -> PrintedSheet {
    let lang = books.contents.lang;
    let columns = books.columns(FOOTING_COLUMNS);
    let tab = tabs.name(Tab::Checking.text(lang));
    let mut sheet = books.sheet(tab, books.title(Title::Checking), columns);
    books.settled(&mut sheet, Under::Tasks);
    let findings = &books.lists.findings;
    let of_tables = |row: usize| {
        let code = Code::from_code(findings.code.get(row));
        Some((row, code.filter(|code| code.family() == Family::Tables)?))
    };
    for (serial, (row, code)) in (1u64..).zip((0..findings.rows).filter_map(of_tables)) {
        let name = findings.region.get(row);
        sheet.item(vec![
            Cell::Ordinal(serial),
            Cell::text(code.label(lang)),
            if name.is_empty() {
                Cell::text(
                    books
                        .places
                        .name(findings.region_code.get(row), books.text(Text::Other)),
                )
            } else {
                Cell::text(name)
            },
            Cell::text(books.expected(findings, row)),
            Cell::text(books.found(findings, row)),
            Cell::text(findings.file.get(row)),
            Cell::text(findings.sheet.get(row)),
            Cell::ordinal(findings.row.get(row)),
            Cell::text(findings.other_file.get(row)),
            Cell::ordinal(findings.other_row.get(row)),
            Cell::text(findings.clause.get(row)),
        ]);
    }
    let mut sheet = closed(sheet, books.text(Text::Nothing));
    sheet.drop_empty_columns();
    sheet
}

/// Columns of `checks`.
const CHECKS_COLUMNS: &[Heading] = &[
    heading(Head::Serial, Kind::Centred),
    heading(Head::Check, Kind::Text).at_most(36),
    heading(Head::CheckCode, Kind::Text),
    heading(Head::Level, Kind::Centred),
    heading(Head::Acts, Kind::Text),
    heading(Head::Ran, Kind::Centred),
    heading(Head::WhyNot, Kind::Text).at_most(40),
    heading(Head::Findings, Kind::Count),
];

/// Which books a check that did not run would have needed.
fn why_not(books: &Books<'_>, check: &CheckRun) -> Cell {
    let lang = books.contents.lang;
    let missing = check.missing.iter().map(|source| source.label(lang));
    let missing: Vec<&str> = missing.collect();
    if missing.is_empty() {
        return Cell::Blank;
    }
    let missing = missing.join(lang.pick("、", ", "));
    Cell::text(format!("{}{missing}", books.text(Text::MissingSources)))
}

fn checks(books: &Books<'_>, tabs: &mut Tabs) -> PrintedSheet {
    let lang = books.contents.lang;
    let columns = books.columns(CHECKS_COLUMNS);
    let tab = tabs.name(Tab::ChecksRun.text(lang));
    let mut sheet = books.sheet(tab, books.title(Title::ChecksRun), columns);
    for (serial, check) in (1u64..).zip(&books.contents.facts.checks) {
        let ran = check.missing.is_empty();
        sheet.item(vec![
            Cell::Ordinal(serial),
            Cell::text(check.code.label(lang)),
            Cell::text(check.code.code()),
            Cell::text(books.contents.scheme.level(check.code).label(lang)),
            Cell::text(check.code.acts().label(lang)),
            Cell::text(books.text(if ran { Text::Ran } else { Text::NotRun })),
            why_not(books, check),
            if ran {
                Cell::Count(check.rows)
            } else {
                Cell::Dash
            },
        ]);
    }
    sheet.total(RowKind::Total, (1, books.text(Text::Total)), Vec::new());
    sheet.paper = crate::report::sheet::Paper::Portrait;
    sheet
}
