//! Checking: declared figures that do not add up, and which checks ran.

use super::{Books, Tabs, closed};
use crate::domain::{Code, Family};
use crate::report::sheet::{Cell, Kind, PrintedSheet, RowKind};
use crate::scheme::Under;
use crate::words::Label;
use crate::words::tables::{Head, Tab, Text, Title};

/// Figures that do not foot, and the list of checks. Neither names a person.
pub(super) fn sheets(books: &Books<'_>, tabs: &mut Tabs) -> Vec<PrintedSheet> {
    vec![footing(books, tabs), checks(books, tabs)]
}

fn footing(books: &Books<'_>, tabs: &mut Tabs) -> PrintedSheet {
    let lang = books.contents.lang;
    let columns = vec![
        books.column(Head::Serial, Kind::Centred),
        books.column(Head::Check, Kind::Text),
        books.column(Head::Place, Kind::Text),
        books.column(Head::Expected, Kind::Text).at_most(30),
        books.column(Head::Found, Kind::Text).at_most(30),
        books.column(Head::File, Kind::Text),
        books.column(Head::Sheet, Kind::Text).at_most(14),
        books.column(Head::Row, Kind::Centred),
        books.column(Head::OtherFile, Kind::Text),
        books.column(Head::OtherRow, Kind::Centred),
        books.column(Head::Clause, Kind::Text).at_most(30),
    ];
    let tab = tabs.name(Tab::Checking.text(lang));
    let mut sheet = books.sheet(tab, books.title(Title::Checking), "", columns);
    books.settled(&mut sheet, Under::Tasks);
    let findings = &books.lists.findings;
    let other = books.text(Text::Other);
    let mut serial = 0u64;
    for row in 0..findings.rows {
        let Some(code) =
            Code::from_code(findings.code.get(row)).filter(|code| code.family() == Family::Tables)
        else {
            continue;
        };
        serial += 1;
        let place = match findings.region.get(row) {
            "" => books.places.name(findings.region_code.get(row), other),
            name => name.to_owned(),
        };
        sheet.item(vec![
            Cell::Ordinal(serial),
            Cell::text(code.label(lang)),
            Cell::text(place),
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

fn checks(books: &Books<'_>, tabs: &mut Tabs) -> PrintedSheet {
    let lang = books.contents.lang;
    let columns = vec![
        books.column(Head::Serial, Kind::Centred),
        books.column(Head::Check, Kind::Text).at_most(36),
        books.column(Head::CheckCode, Kind::Text),
        books.column(Head::Level, Kind::Centred),
        books.column(Head::Acts, Kind::Text),
        books.column(Head::Ran, Kind::Centred),
        books.column(Head::WhyNot, Kind::Text).at_most(40),
        books.column(Head::Findings, Kind::Count),
    ];
    let tab = tabs.name(Tab::ChecksRun.text(lang));
    let mut sheet = books.sheet(tab, books.title(Title::ChecksRun), "", columns);
    for (serial, check) in (1u64..).zip(&books.contents.facts.checks) {
        let ran = check.missing.is_empty();
        let missing: Vec<&str> = check
            .missing
            .iter()
            .map(|source| source.label(lang))
            .collect();
        let why_not = if ran {
            Cell::Blank
        } else {
            Cell::text(format!(
                "{}{}",
                books.text(Text::MissingSources),
                missing.join(lang.pick("、", ", "))
            ))
        };
        sheet.item(vec![
            Cell::Ordinal(serial),
            Cell::text(check.code.label(lang)),
            Cell::text(check.code.code()),
            Cell::text(books.contents.scheme.level(check.code).label(lang)),
            Cell::text(check.code.acts().label(lang)),
            Cell::text(books.text(if ran { Text::Ran } else { Text::NotRun })),
            why_not,
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
