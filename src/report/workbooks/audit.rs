//! 财政补助重复: what extra resident registrations drew from the budget, for the auditor.

use super::heading::{Heading, heading};
use super::{Books, closed};
use crate::report::sheet::{Cell, Kind, Paper, PrintedSheet, RowKind};
use crate::words::Label;
use crate::words::tables::{Head, Text, Title};

/// Columns of `sheet`.
const COLUMNS: &[Heading] = &[
    heading(Head::Persons, Kind::Count),
    heading(Head::ExtraRegistrations, Kind::Count),
    heading(Head::ExtraFiscal, Kind::Yuan),
];

/// One row a kind and region.
pub(super) fn sheet(books: &Books<'_>, tab: String) -> PrintedSheet {
    let mut columns = vec![books.column(Head::ExtraKind, Kind::Text)];
    columns.extend(books.place_columns());
    columns.extend(books.columns(COLUMNS));
    let mut sheet = books
        .sheet(tab, books.title(Title::Audit), columns)
        .in_unit(books.text(Text::UnitPersonsYuan));
    for row in &books.contents.facts.audit {
        let mut cells = vec![Cell::text(row.kind.label(books.contents.lang))];
        cells.extend(books.place_cells(&row.region_code, ""));
        let fen = row.fen.map_or(Cell::Blank, Cell::Yuan);
        cells.extend([
            Cell::Count(row.persons),
            Cell::Count(row.registrations),
            fen,
        ]);
        sheet.item(cells);
    }
    sheet.total(RowKind::Total, (0, books.text(Text::Total)), Vec::new());
    sheet.notes.push(books.text(Text::AuditNote).to_owned());
    sheet.paper = Paper::Portrait;
    let mut sheet = closed(sheet, books.text(Text::Nothing));
    sheet.drop_empty_columns();
    sheet
}
