//! 问题清单: a table of contents, then one sheet a code that fired, every row with its origin.

use std::collections::HashSet;

use super::frames::Findings;
use super::heading::{Heading, heading};
use super::places::tab_name;
use super::{Books, Sheets, closed, transit};
use crate::domain::{Code, SourceKind};
use crate::report::sheet::{Cell, Kind, PrintedColumn, PrintedSheet, RowKind};
use crate::words::tables::{Head, Tab, Text, Title, basis, continued, handled_by};
use crate::words::{Label, advice};

/// Rows of one code on one sheet; Excel holds 1,048,576 with titles and notes.
const MOST_ROWS: usize = 1_000_000;

/// A sheet to be: which code, which part of it, under which name.
struct Part {
    code: Code,
    tab: String,
    rows: Vec<usize>,
    part: usize,
}

/// The contents first, then the codes in their order.
pub(super) fn sheets<'s>(books: &'s Books<'_>) -> Sheets<'s> {
    let findings = &books.lists.findings;
    let parts = parts(books, findings, MOST_ROWS);
    let contents = contents_sheet(books, findings, &parts);
    let codes = parts
        .into_iter()
        .map(move |part| code_sheet(books, findings, &part));
    let transit = std::iter::once_with(|| transit::sheet(books));
    Box::new(std::iter::once(contents).chain(codes).chain(transit))
}

fn parts(books: &Books<'_>, findings: &Findings, most: usize) -> Vec<Part> {
    let lang = books.contents.lang;
    let mut by_code: Vec<Vec<usize>> = vec![Vec::new(); Code::COUNT];
    for row in 0..findings.rows {
        if let Some(code) = Code::from_code(findings.code.get(row)) {
            by_code[usize::from(code.index())].push(row);
        }
    }
    let mut taken: HashSet<String> = [Tab::Contents, Tab::Transit]
        .map(|tab| tab.text(lang).to_lowercase())
        .into();
    let mut parts = Vec::new();
    for (code, rows) in Code::ALL.iter().zip(&by_code) {
        for (at, rows) in rows.chunks(most).enumerate() {
            let tail = if at == 0 {
                String::new()
            } else {
                continued(at + 1, lang)
            };
            let tab = tab_name(&format!("{}{tail}", code.label(lang)), &mut taken);
            parts.push(Part {
                code: *code,
                tab,
                rows: rows.to_vec(),
                part: at + 1,
            });
        }
    }
    parts
}

/// Columns of `contents_sheet`.
const CONTENTS_COLUMNS: &[Heading] = &[
    heading(Head::Serial, Kind::Centred),
    heading(Head::CheckCode, Kind::Text),
    heading(Head::Problem, Kind::Text).at_most(34),
    heading(Head::Level, Kind::Centred),
    heading(Head::Acts, Kind::Text),
    heading(Head::ToDo, Kind::Text).at_most(44),
    heading(Head::Findings, Kind::Count),
    heading(Head::Amount, Kind::Yuan),
    heading(Head::Clause, Kind::Text).at_most(54),
];

fn contents_sheet(books: &Books<'_>, findings: &Findings, parts: &[Part]) -> PrintedSheet {
    let lang = books.contents.lang;
    let columns = books.columns(CONTENTS_COLUMNS);
    let tab = Tab::Contents.text(lang).to_owned();
    let mut sheet = books
        .sheet(tab, books.title(Title::Findings), columns)
        .in_unit(books.text(Text::UnitYuan));
    for (serial, part) in (1u64..).zip(parts) {
        sheet.item(contents_cells(books, findings, serial, part));
    }
    sheet.total(RowKind::Total, (2, books.text(Text::Total)), Vec::new());
    sheet.notes.push(books.text(Text::FindingsNote).to_owned());
    let mut sheet = closed(sheet, books.text(Text::Nothing));
    sheet.drop_empty_columns();
    sheet
}

fn contents_cells(books: &Books<'_>, findings: &Findings, serial: u64, part: &Part) -> Vec<Cell> {
    let (lang, scheme) = (books.contents.lang, books.contents.scheme);
    let amounts = part.rows.iter();
    let amount: i64 = amounts.filter_map(|row| findings.amount.get(*row)).sum();
    vec![
        Cell::Ordinal(serial),
        Cell::text(part.code.code()),
        Cell::Link {
            text: part.tab.clone(),
            sheet: part.tab.clone(),
        },
        Cell::text(scheme.level(part.code).label(lang)),
        Cell::text(part.code.acts().label(lang)),
        Cell::text(advice(part.code, lang)),
        Cell::Count(part.rows.len() as u64),
        if amount == 0 {
            Cell::Blank
        } else {
            Cell::Yuan(amount)
        },
        Cell::text(scheme.clause(part.code)),
    ]
}

/// Columns of a finding's record and of the other record it disagrees with.
fn origin_columns(books: &Books<'_>) -> Vec<PrintedColumn> {
    let column = |head, kind, widest| books.column(head, kind).at_most(widest);
    vec![
        column(Head::Expected, Kind::Text, 20),
        column(Head::Found, Kind::Text, 20),
        column(Head::Source, Kind::Text, 14),
        column(Head::File, Kind::Text, 26),
        column(Head::Sheet, Kind::Text, 12),
        column(Head::Row, Kind::Centred, 9),
        column(Head::OtherSource, Kind::Text, 14),
        column(Head::OtherFile, Kind::Text, 26),
        column(Head::OtherSheet, Kind::Text, 12),
        column(Head::OtherRow, Kind::Centred, 9),
        column(Head::Amount, Kind::Yuan, 14),
    ]
}

/// Cells of `origin_columns`.
fn origin_cells(books: &Books<'_>, findings: &Findings, row: usize) -> Vec<Cell> {
    let lang = books.contents.lang;
    let source = |texts: &super::frames::Texts| {
        Cell::text(texts.label(row, SourceKind::from_code, |kind| kind.label(lang)))
    };
    vec![
        Cell::text(books.expected(findings, row)),
        Cell::text(books.found(findings, row)),
        source(&findings.source),
        Cell::text(findings.file.get(row)),
        Cell::text(findings.sheet.get(row)),
        Cell::ordinal(findings.row.get(row)),
        source(&findings.other_source),
        Cell::text(findings.other_file.get(row)),
        Cell::text(findings.other_sheet.get(row)),
        Cell::ordinal(findings.other_row.get(row)),
        findings.amount.get(row).map_or(Cell::Blank, Cell::Yuan),
    ]
}

/// Columns of `code_sheet`.
const CODE_COLUMNS: &[Heading] = &[
    heading(Head::Serial, Kind::Centred),
    heading(Head::Name, Kind::Text).at_most(14),
    heading(Head::Id, Kind::Id),
];

fn code_sheet(books: &Books<'_>, findings: &Findings, part: &Part) -> PrintedSheet {
    let lang = books.contents.lang;
    let mut columns = books.columns(CODE_COLUMNS);
    columns.extend(books.place_columns());
    columns.extend(origin_columns(books));
    columns.push(books.column(Head::Clause, Kind::Text).at_most(24));
    let tail = if part.part > 1 {
        continued(part.part, lang)
    } else {
        String::new()
    };
    let title = format!(
        "{}：{}{tail}",
        books.title(Title::Findings),
        part.code.label(lang)
    );
    let mut sheet = books
        .list(part.tab.clone(), &title, columns)
        .advised(handled_by(
            part.code.acts().label(lang),
            advice(part.code, lang),
            lang,
        ))
        .in_unit(books.text(Text::UnitYuan));
    let first = (MOST_ROWS * (part.part - 1) + 1) as u64;
    for (serial, &row) in (first..).zip(&part.rows) {
        let mut cells = vec![
            Cell::Ordinal(serial),
            Cell::text(findings.name.get(row)),
            Cell::text(findings.id.get(row)),
        ];
        cells.extend(books.place_cells(findings.region_code.get(row), findings.region.get(row)));
        cells.extend(origin_cells(books, findings, row));
        cells.push(Cell::text(findings.clause.get(row)));
        sheet.item(cells);
    }
    sheet.notes.push(books.text(Text::FindingsNote).to_owned());
    one_clause(books, &mut sheet);
    sheet.drop_empty_columns();
    sheet
}

/// A clause that every row shares is printed once, under the table, and leaves its width to the figures.
fn one_clause(books: &Books<'_>, sheet: &mut PrintedSheet) {
    let last = sheet.columns.len() - 1;
    let Some(Cell::Text(clause)) = sheet.rows.first().map(|row| row.cells[last].clone()) else {
        return;
    };
    if sheet
        .rows
        .iter()
        .all(|row| matches!(&row.cells[last], Cell::Text(text) if *text == clause))
    {
        for row in &mut sheet.rows {
            row.cells[last] = Cell::Blank;
        }
        sheet.notes[0] = basis(&clause, books.contents.lang);
    }
}
