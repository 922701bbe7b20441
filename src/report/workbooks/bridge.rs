//! The bridge: why the registered are more, or fewer, than the register holds. Every row balances.

use super::coverage::{place_name, whole};
use super::{Books, Tabs};
use crate::measure::{BridgeLine, RegionFigures};
use crate::report::sheet::{Cell, Kind, PrintedColumn, PrintedSheet, RowKind};
use crate::scheme::Under;
use crate::words::Label;
use crate::words::tables::{Head, Tab, Text, Title};

/// Lines of every region of the first level below, their sum, and the scheme as a whole.
pub(super) fn sheet(books: &Books<'_>, tabs: &mut Tabs) -> PrintedSheet {
    let lang = books.contents.lang;
    let mut columns = vec![books.column(Head::Place, Kind::Text).at_most(16)];
    columns.extend(
        BridgeLine::ALL
            .iter()
            .map(|line| PrintedColumn::new(line.label(lang), Kind::Count)),
    );
    let tab = tabs.name(Tab::Bridge.text(lang));
    let mut sheet = books
        .sheet(tab, books.title(Title::Bridge), columns)
        .in_unit(books.text(Text::UnitPersonsOnly));
    let root = books.contents.scheme.regions.root();
    let all = books.contents.facts.coverage.iter();
    for row in all.filter(|row| row.parent == root) {
        sheet.item(cells(row, place_name(books, row)));
    }
    if !sheet.rows.is_empty() {
        sheet.total(RowKind::Total, (0, books.text(Text::Total)), Vec::new());
    }
    if let Some(whole) = whole(books) {
        let name = lang
            .pick("{}（整体）", "{} as a whole")
            .replace("{}", &place_name(books, whole));
        sheet.push(RowKind::Whole, cells(whole, name));
    }
    sheet.drop_zero_columns();
    sheet.notes.push(books.text(Text::BridgeNote).to_owned());
    books.settled(&mut sheet, Under::Bridge);
    sheet.signature = books.text(Text::ProgressSignature).to_owned();
    sheet
}

fn cells(row: &RegionFigures, name: String) -> Vec<Cell> {
    let persons = row.bridge.iter().map(|persons| Cell::Count(*persons));
    std::iter::once(Cell::text(name)).chain(persons).collect()
}
