//! 分发: one workbook a region directly below the scheme's, with its own people only and columns to fill in.

use std::collections::{HashMap, HashSet};

use super::frames::{Findings, Texts};
use super::heading::{Heading, heading};
use super::{Books, accounts, closed, ledgers};
use crate::domain::{Code, Family, SourceKind};
use crate::report::Output;
use crate::report::sheet::{Cell, Kind, PrintedColumn, PrintedSheet};
use crate::words::tables::{DISPOSITIONS, Head, Tab, Text, Title, to_do};
use crate::words::{Label, Lang, advice};

/// One document a region of the first level below; one for 其他 where someone belongs there.
pub(super) fn documents<'a>(books: &Books<'a>) -> Vec<Output<'a>> {
    // File names do not depend on the language, as no file name of a report does.
    let stems = books.places.file_stems(Text::Other.text(Lang::Zh));
    let findings = &books.lists.findings;
    let outside = |code: &str| books.places.place(code).is_none();
    let listed = !books.everyone_of(None).is_empty()
        || books.contents.scheme.lists.households
            && books
                .contents
                .facts
                .lists
                .households
                .iter()
                .any(|one| outside(&one.region_code));
    let unplaced = listed
        || books
            .findings_of(None)
            .iter()
            .any(|row| speaks_of_a_person(findings, *row));
    let places = (0..books.places.first.len())
        .map(Some)
        .chain(unplaced.then_some(None));
    places
        .map(|place| {
            let stem = &stems[place.unwrap_or(stems.len() - 1)];
            let rows = books.findings_of(place).len() + books.everyone_of(place).len();
            books.document(format!("分发/{stem}.xlsx"), rows, move |books| {
                Box::new(sheets(books, place))
            })
        })
        .collect()
}

/// Findings on declared figures, or on two files as wholes, are no township's person.
fn speaks_of_a_person(findings: &Findings, row: usize) -> bool {
    let tables =
        Code::from_code(findings.code.get(row)).is_none_or(|code| code.family() == Family::Tables);
    let nobody = findings.id.get(row).is_empty() && findings.name.get(row).is_empty();
    !tables && !nobody
}

/// Rows of one place, sorted into the three lists.
struct Packet {
    uninsured: Vec<usize>,
    /// What hardship-uninsured rows say, by number.
    hardship: HashMap<String, String>,
    paid: Vec<usize>,
    problems: Vec<usize>,
}

fn packet(books: &Books<'_>, findings: &Findings, of: Option<usize>) -> Packet {
    let mut packet = Packet {
        uninsured: Vec::new(),
        hardship: HashMap::new(),
        paid: Vec::new(),
        problems: Vec::new(),
    };
    let mut hardship = Vec::new();
    for row in books
        .findings_of(of)
        .iter()
        .copied()
        .filter(|row| speaks_of_a_person(findings, *row))
    {
        let is = |code: Code| findings.code.get(row) == code.code();
        if is(Code::Uninsured) {
            packet.uninsured.push(row);
        } else if is(Code::HardshipUninsured) {
            // The category stands where the person should: what the roster says against what the books say.
            packet.hardship.insert(
                findings.id.get(row).to_owned(),
                findings.expected.get(row).to_owned(),
            );
            hardship.push(row);
        } else if is(Code::PaidNotRegistered) {
            packet.paid.push(row);
        } else {
            packet.problems.push(row);
        }
    }
    // Who has paid waits for registration and must not be collected from again. Who is uninsured and in hardship
    // is one person, one row; in hardship without being plainly uninsured (失联, 放弃 …) is listed too.
    let paid: HashSet<&str> = packet
        .paid
        .iter()
        .map(|row| findings.id.get(*row))
        .collect();
    let plain: HashSet<&str> = packet
        .uninsured
        .iter()
        .map(|row| findings.id.get(*row))
        .collect();
    hardship.retain(|row| !plain.contains(findings.id.get(*row)));
    packet.uninsured.extend(hardship);
    packet
        .uninsured
        .retain(|row| !paid.contains(findings.id.get(*row)));
    packet.uninsured.sort_by_key(|row| {
        let first = !packet.hardship.contains_key(findings.id.get(*row));
        (
            findings.region_code.get(*row),
            first,
            findings.id.get(*row),
            *row,
        )
    });
    packet
}

fn sheets<'s>(books: &'s Books<'_>, of: Option<usize>) -> impl Iterator<Item = PrintedSheet> + 's {
    let findings = &books.lists.findings;
    let packet = packet(books, findings, of);
    let place = of.map_or(books.text(Text::Other), |at| {
        books.places.first[at].name.as_str()
    });
    let asked = [uninsured, paid, problems]
        .into_iter()
        .map(move |sheet| sheet(books, findings, &packet, place));
    let ledgers = books
        .lists
        .everyone
        .iter()
        .flat_map(move |everyone| ledgers::sheets(books, everyone, of, place));
    let accounts = books
        .contents
        .scheme
        .lists
        .households
        .then(|| accounts::of_place(books, of, place));
    asked.chain(ledgers).chain(accounts.into_iter().flatten())
}

fn person_columns(books: &Books<'_>) -> Vec<PrintedColumn> {
    let [_, village] = books.place_columns();
    vec![
        books.column(Head::Serial, Kind::Centred),
        village,
        books.column(Head::Name, Kind::Text).at_most(16),
        books.column(Head::Id, Kind::Id),
    ]
}

fn person_cells(books: &Books<'_>, findings: &Findings, serial: u64, row: usize) -> Vec<Cell> {
    let code = findings.region_code.get(row);
    let words = findings.region.get(row);
    // A person of no place keeps the words that the row had for one.
    let village = if books.places.place(code).is_none() {
        words
    } else {
        books.places.rest(code)
    };
    vec![
        Cell::Ordinal(serial),
        Cell::text(village),
        Cell::text(findings.name.get(row)),
        Cell::text(findings.id.get(row)),
    ]
}

fn uninsured(books: &Books<'_>, findings: &Findings, packet: &Packet, place: &str) -> PrintedSheet {
    let lang = books.contents.lang;
    let mut columns = person_columns(books);
    columns.push(books.column(Head::Hardship, Kind::Centred));
    columns.push(books.column(Head::KindOrReason, Kind::Text).at_most(24));
    let choices = DISPOSITIONS
        .iter()
        .map(|standing| standing.label(lang).to_owned())
        .collect();
    columns.push(
        books
            .column(Head::Disposition, Kind::Fill)
            .at_most(14)
            .one_of(choices),
    );
    columns.push(books.column(Head::Explanation, Kind::Fill).at_most(24));
    let with_star = (!packet.hardship.is_empty()).then(|| advice(Code::HardshipUninsured, lang));
    let advice = to_do(advice(Code::Uninsured, lang), with_star, lang);
    let mut sheet = books
        .list_of(place, (Tab::Uninsured, Title::Uninsured), columns)
        .advised(advice);
    for (serial, &row) in (1u64..).zip(&packet.uninsured) {
        let mut cells = person_cells(books, findings, serial, row);
        let hardship = packet.hardship.get(findings.id.get(row));
        cells.push(hardship.map_or(Cell::Blank, |_| Cell::text(books.text(Text::Star))));
        cells.push(Cell::text(
            hardship.map_or(findings.found.get(row), String::as_str),
        ));
        cells.extend([Cell::Blank, Cell::Blank]);
        sheet.item(cells);
    }
    finished(books, sheet, Text::UninsuredNote)
}

fn paid(books: &Books<'_>, findings: &Findings, packet: &Packet, place: &str) -> PrintedSheet {
    let lang = books.contents.lang;
    let mut columns = person_columns(books);
    columns.push(books.column(Head::Amount, Kind::Yuan));
    columns.push(books.column(Head::Explanation, Kind::Fill).at_most(24));
    let mut sheet = books
        .list_of(
            place,
            (Tab::PaidNotRegistered, Title::PaidNotRegistered),
            columns,
        )
        .advised(to_do(advice(Code::PaidNotRegistered, lang), None, lang))
        .in_unit(books.text(Text::UnitYuan));
    for (serial, &row) in (1u64..).zip(&packet.paid) {
        let mut cells = person_cells(books, findings, serial, row);
        cells.push(findings.amount.get(row).map_or(Cell::Blank, Cell::Yuan));
        cells.push(Cell::Blank);
        sheet.item(cells);
    }
    finished(books, sheet, Text::PaidNote)
}

/// Columns of `problems`.
const PROBLEMS_COLUMNS: &[Heading] = &[
    heading(Head::Problem, Kind::Text).at_most(18),
    heading(Head::ToDo, Kind::Text).at_most(24),
    heading(Head::Expected, Kind::Text).at_most(20),
    heading(Head::Found, Kind::Text).at_most(20),
    heading(Head::Source, Kind::Text).at_most(16),
    heading(Head::OtherSource, Kind::Text).at_most(16),
    heading(Head::Amount, Kind::Yuan),
    heading(Head::Explanation, Kind::Fill).at_most(24),
];

/// Files and rows are left to the bureau's own list: a township has no such files.
fn problems(books: &Books<'_>, findings: &Findings, packet: &Packet, place: &str) -> PrintedSheet {
    let lang = books.contents.lang;
    let mut columns = person_columns(books);
    columns.extend(books.columns(PROBLEMS_COLUMNS));
    let mut sheet = books
        .list_of(place, (Tab::Problems, Title::Problems), columns)
        .in_unit(books.text(Text::UnitYuan));
    for (serial, &row) in (1u64..).zip(&packet.problems) {
        let is_suspect = findings.code.get(row) == Code::IdSuspect.code();
        let source = |texts: &Texts| {
            Cell::text(texts.label(row, SourceKind::from_code, |kind| kind.label(lang)))
        };
        let said = |of: fn(Code, Lang) -> &'static str| {
            Cell::text(
                findings
                    .code
                    .label(row, Code::from_code, |code| of(code, lang)),
            )
        };
        let mut cells = person_cells(books, findings, serial, row);
        cells.extend([
            said(Code::label),
            said(advice),
            // The number it may be is somebody else's, perhaps of another township: the bureau looks it up.
            if is_suspect {
                Cell::Blank
            } else {
                Cell::text(books.expected(findings, row))
            },
            Cell::text(books.found(findings, row)),
            source(&findings.source),
            source(&findings.other_source),
            findings.amount.get(row).map_or(Cell::Blank, Cell::Yuan),
            Cell::Blank,
        ]);
        sheet.item(cells);
    }
    finished(books, sheet, Text::ProblemsNote)
}

fn finished(books: &Books<'_>, mut sheet: PrintedSheet, note: Text) -> PrintedSheet {
    sheet.notes.insert(0, books.text(note).to_owned());
    sheet.signature = books.text(Text::TownshipSignature).to_owned();
    sheet.frozen = 3;
    let mut sheet = closed(sheet, books.text(Text::Nothing));
    sheet.drop_empty_columns();
    sheet
}
