//! Special groups: one sheet a group in the columns bureaus use (docs/readings.md#groups), and one
//! summary over all.

use super::heading::{Heading, heading};
use super::{Books, Tabs};
use crate::domain::{Ratio, Standing};
use crate::measure::{GroupFigures, STUDENTS};
use crate::report::sheet::{Cell, Kind, PrintedColumn, PrintedSheet, RowKind};
use crate::scheme::Under;
use crate::words::Label;
use crate::words::tables::{Head, Tab, TabOf, Text, Title, updated_to};

/// The order bureaus print standings in. 数据待核 is added only where someone has it.
const PRINTED: [Standing; 12] = [
    Standing::LocalResident,
    Standing::LocalEmployee,
    Standing::ElsewhereResident,
    Standing::ElsewhereEmployee,
    Standing::Military,
    Standing::Prison,
    Standing::Deceased,
    Standing::Unreachable,
    Standing::Declined,
    Standing::Other,
    Standing::InTransit,
    Standing::Uninsured,
];

type Tally = [u64; Standing::COUNT];

fn persons(tally: &Tally) -> u64 {
    tally.iter().sum()
}

fn insured(tally: &Tally) -> u64 {
    Standing::ALL
        .iter()
        .filter(|s| s.is_insured())
        .map(|s| tally[usize::from(s.index())])
        .sum()
}

fn settled(tally: &Tally) -> u64 {
    Standing::ALL
        .iter()
        .filter(|s| s.is_settled())
        .map(|s| tally[usize::from(s.index())])
        .sum()
}

/// A rate of a group that must be covered whole is marked; others are only printed.
fn rate(count: u64, of: u64, must_be_all: bool) -> Cell {
    let Some(rate) = Ratio::new(count, of) else {
        return Cell::Dash;
    };
    if !must_be_all {
        return Cell::Percent {
            rate,
            targets: Vec::new(),
            met: None,
        };
    }
    Cell::Percent {
        rate,
        targets: vec![Ratio { count: 1, of: 1 }],
        met: Some(count >= of),
    }
}

/// The mark beside such a rate: colour alone is lost on a black-and-white printer.
fn mark(count: u64, of: u64, must_be_all: bool) -> Cell {
    if must_be_all && of > 0 {
        Cell::Mark(count >= of)
    } else {
        Cell::Blank
    }
}

fn figures(tally: &Tally, of: u64, must_be_all: bool) -> Vec<Cell> {
    let mut cells: Vec<Cell> = PRINTED
        .iter()
        .map(|standing| Cell::Count(tally[usize::from(standing.index())]))
        .collect();
    cells.push(match tally[usize::from(Standing::Pending.index())] {
        0 => Cell::Blank,
        pending => Cell::Count(pending),
    });
    cells.push(Cell::Count(insured(tally)));
    cells.push(rate(insured(tally), of, must_be_all));
    cells.push(mark(insured(tally), of, must_be_all));
    cells.push(Cell::Count(settled(tally)));
    cells.push(rate(settled(tally), of, false));
    cells
}

fn figure_columns(books: &Books<'_>) -> Vec<PrintedColumn> {
    let lang = books.contents.lang;
    let mut columns: Vec<PrintedColumn> = PRINTED
        .iter()
        .map(|standing| PrintedColumn::new(standing.label(lang), Kind::Count))
        .collect();
    columns.push(PrintedColumn::new(
        Standing::Pending.label(lang),
        Kind::Count,
    ));
    columns.push(books.column(Head::Numerator, Kind::Count));
    columns.push(books.column(Head::Rate, Kind::Percent));
    columns.push(books.column(Head::TargetMet, Kind::Centred));
    columns.push(books.column(Head::Settled, Kind::Count));
    columns.push(books.column(Head::SettledRate, Kind::Percent));
    columns
}

/// The summary and one sheet a group; nothing where the scheme has no group.
pub(super) fn sheets(books: &Books<'_>, tabs: &mut Tabs) -> Vec<PrintedSheet> {
    let groups = &books.contents.facts.groups;
    if groups.is_empty() {
        return Vec::new();
    }
    let mut sheets = vec![summary(books, tabs, groups)];
    sheets.extend(groups.iter().map(|group| sheet(books, tabs, group)));
    sheets
}

/// Rows with a task: those of a place. The rates of totals are of these alone.
fn placed(group: &GroupFigures) -> Tally {
    let mut sum = [0; Standing::COUNT];
    for (_, tally) in group.rows.iter().filter(|(code, _)| !code.is_empty()) {
        for (sum, count) in sum.iter_mut().zip(tally) {
            *sum += count;
        }
    }
    sum
}

/// Name of a group. The students' one is the program's own, and has its word; a declared one is as declared.
fn shown<'g>(books: &Books<'_>, group: &'g GroupFigures) -> &'g str {
    let is_declared = books
        .contents
        .scheme
        .groups
        .iter()
        .any(|declared| declared.name == group.name);
    if group.name == STUDENTS && !is_declared {
        books.text(Text::StudentsGroup)
    } else {
        &group.name
    }
}

/// Columns of `summary`.
const SUMMARY_COLUMNS: &[Heading] = &[
    heading(Head::Serial, Kind::Centred),
    heading(Head::Group, Kind::Text),
    heading(Head::MustBeAll, Kind::Centred),
    heading(Head::Task, Kind::Count),
];

fn summary(books: &Books<'_>, tabs: &mut Tabs, groups: &[GroupFigures]) -> PrintedSheet {
    let lang = books.contents.lang;
    let mut columns = books.columns(SUMMARY_COLUMNS);
    columns.extend(figure_columns(books));
    columns.push(books.column(Head::ElsewherePersons, Kind::Count));
    let title = format!(
        "{}{}",
        books.title(Title::Groups),
        updated_to(books.contents.facts.as_of, lang)
    );
    let tab = tabs.name(Tab::Groups.text(lang));
    let mut sheet = books
        .sheet(tab, &title, columns)
        .in_unit(books.text(Text::UnitPersons));
    for (serial, group) in (1u64..).zip(groups) {
        sheet.item(summary_cells(books, serial, group));
    }
    // A person may stand in several groups, so groups have no total.
    finished(books, sheet)
}

fn summary_cells(books: &Books<'_>, serial: u64, group: &GroupFigures) -> Vec<Cell> {
    let tally = placed(group);
    let outside = group.rows.iter().filter(|(code, _)| code.is_empty());
    let outside: u64 = outside.map(|(_, tally)| persons(tally)).sum();
    let must = if group.must_be_100 {
        Cell::text(books.text(Text::Yes))
    } else {
        Cell::Blank
    };
    let mut cells = vec![
        Cell::Ordinal(serial),
        Cell::text(shown(books, group)),
        must,
        Cell::Count(persons(&tally)),
    ];
    cells.extend(figures(&tally, persons(&tally), group.must_be_100));
    cells.push(if outside == 0 {
        Cell::Blank
    } else {
        Cell::Count(outside)
    });
    cells
}

/// What stands under every table of groups.
fn finished(books: &Books<'_>, mut sheet: PrintedSheet) -> PrintedSheet {
    sheet.notes.push(books.text(Text::GroupNote).to_owned());
    books.settled(&mut sheet, Under::Groups);
    sheet.signature = books.text(Text::ProgressSignature).to_owned();
    sheet.drop_empty_columns();
    sheet.frozen = 2;
    sheet
}

fn sheet(books: &Books<'_>, tabs: &mut Tabs, group: &GroupFigures) -> PrintedSheet {
    let lang = books.contents.lang;
    let [place, _] = books.place_columns();
    let mut columns = vec![
        books.column(Head::Serial, Kind::Centred),
        place,
        books.column(Head::Task, Kind::Count),
    ];
    columns.extend(figure_columns(books));
    let title = format!(
        "{}{}{}",
        shown(books, group),
        lang.pick("参保情况表", ""),
        updated_to(books.contents.facts.as_of, lang)
    );
    let tab = tabs.name(&format!(
        "{}-{}",
        TabOf::Group.text(lang),
        shown(books, group)
    ));
    let mut sheet = books
        .sheet(tab, &title, columns)
        .in_unit(books.text(Text::UnitPersons));
    for (serial, (code, tally)) in (1u64..).zip(by_rate(group)) {
        let other = code.is_empty();
        let name = if other {
            books.text(Text::Other)
        } else {
            books.contents.scheme.regions.name(code)
        };
        let task = if other {
            Cell::Dash
        } else {
            Cell::Count(persons(tally))
        };
        let mut cells = vec![Cell::Ordinal(serial), Cell::text(name), task];
        cells.extend(figures(
            tally,
            if other { 0 } else { persons(tally) },
            group.must_be_100,
        ));
        sheet.item(cells);
    }
    let whole = placed(group);
    let rates = 3 + PRINTED.len() + 2;
    let others = vec![
        (
            rates,
            rate(insured(&whole), persons(&whole), group.must_be_100),
        ),
        (
            rates + 1,
            mark(insured(&whole), persons(&whole), group.must_be_100),
        ),
        (rates + 3, rate(settled(&whole), persons(&whole), false)),
    ];
    sheet.total(RowKind::Total, (1, books.text(Text::Total)), others);
    finished(books, sheet)
}

/// Rows by exact rate, the best first; places without persons after those with; 其他 last.
fn by_rate(group: &GroupFigures) -> Vec<(&str, &Tally)> {
    let mut rows: Vec<(&str, &Tally)> = group
        .rows
        .iter()
        .map(|(code, tally)| (code.as_str(), tally))
        .collect();
    rows.sort_by(|(a_code, a), (b_code, b)| {
        let ratio = |tally: &Tally| Ratio::new(insured(tally), persons(tally));
        a_code
            .is_empty()
            .cmp(&b_code.is_empty())
            .then(ratio(b).cmp(&ratio(a)))
            .then(a_code.cmp(b_code))
    });
    rows
}
