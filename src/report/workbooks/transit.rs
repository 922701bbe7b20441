//! 在途: whose registration, and which payment's money, is on its way. Nobody has to act on it yet.

use super::frames::Transit;
use super::heading::{Heading, heading};
use super::{Books, closed};
use crate::domain::SourceKind;
use crate::judge::OnTheWay;
use crate::report::sheet::{Cell, Kind, PrintedColumn, PrintedSheet, RowKind};
use crate::words::Label;
use crate::words::tables::{Head, Tab, Text, Title, exported};

/// Columns before the place.
const COLUMNS: &[Heading] = &[
    heading(Head::Serial, Kind::Centred),
    heading(Head::Name, Kind::Text).at_most(14),
    heading(Head::Id, Kind::Id),
];

/// Columns after it.
const COLUMNS_AFTER: &[Heading] = &[
    heading(Head::OnTheWay, Kind::Text).at_most(20),
    heading(Head::PaidOn, Kind::Date),
    heading(Head::Paid, Kind::Yuan),
    heading(Head::TransitUntil, Kind::Date),
    heading(Head::Source, Kind::Text).at_most(14),
    heading(Head::File, Kind::Text).at_most(26),
    heading(Head::Sheet, Kind::Text).at_most(12),
    heading(Head::Row, Kind::Centred),
];

/// One row a person or a payment.
pub(super) fn sheet(books: &Books<'_>) -> PrintedSheet {
    let lang = books.contents.lang;
    let transit = &books.lists.transit;
    let tab = Tab::Transit.text(lang).to_owned();
    let mut sheet = books
        .list(tab, books.title(Title::Transit), columns(books))
        .in_unit(books.text(Text::UnitYuan));
    for (serial, row) in (1u64..).zip(0..transit.rows) {
        sheet.item(cells(books, transit, serial, row));
    }
    sheet.total(RowKind::Total, (1, books.text(Text::Total)), Vec::new());
    sheet.notes.push(books.text(Text::TransitNote).to_owned());
    sheet
        .notes
        .push(exported(books.contents.facts.exported, lang));
    let mut sheet = closed(sheet, books.text(Text::Nothing));
    sheet.drop_empty_columns();
    sheet
}

fn columns(books: &Books<'_>) -> Vec<PrintedColumn> {
    let mut columns = books.columns(COLUMNS);
    columns.extend(books.place_columns());
    columns.extend(books.columns(COLUMNS_AFTER));
    columns
}

fn cells(books: &Books<'_>, transit: &Transit, serial: u64, row: usize) -> Vec<Cell> {
    let lang = books.contents.lang;
    let mut cells = vec![
        Cell::Ordinal(serial),
        Cell::text(transit.name.get(row)),
        Cell::text(transit.id.get(row)),
    ];
    cells.extend(books.place_cells(transit.region_code.get(row), ""));
    let what = |one: OnTheWay| one.label(lang);
    let source = |one: SourceKind| one.label(lang);
    cells.extend([
        Cell::text(transit.what.label(row, OnTheWay::from_code, what)),
        Cell::date(transit.paid_on.get(row)),
        transit.fen.get(row).map_or(Cell::Blank, Cell::Yuan),
        Cell::date(transit.until.get(row)),
        Cell::text(transit.source.label(row, SourceKind::from_code, source)),
        Cell::text(transit.file.get(row)),
        Cell::text(transit.sheet.get(row)),
        Cell::ordinal(transit.row.get(row)),
    ]);
    cells
}
