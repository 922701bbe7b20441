//! What goes back to the departments that certify hardship: everyone on their roster, who of them is not insured, and what
//! changed since their last list.

use std::collections::HashMap;

use super::frames::Roster;
use super::heading::{Heading, heading};
use super::{Books, Sheets, Tabs, closed};
use crate::domain::{Fate, Field, SourceKind, Standing, columns as c};
use crate::judge::{OutOfForce, Verdict};
use crate::report::Output;
use crate::report::sheet::{Cell, Kind, PrintedColumn, PrintedSheet, RowKind};
use crate::words::Label;
use crate::words::tables::{DISPOSITIONS, Head, Tab, TabOf, Text, Title};

/// 部门反馈 where there are several departments' lists and a payer's is none of them; 未参保困难人员核实表
/// where the pipeline asks for it.
pub(super) fn documents<'a>(books: &Books<'a>) -> Vec<Output<'a>> {
    let Some(roster) = &books.lists.roster else {
        return Vec::new();
    };
    let mut documents = Vec::new();
    if lists(roster).len() > 1 && crosses_payers(roster) {
        documents.push(books.document("部门反馈.xlsx", roster.rows, feedback));
    }
    if books.contents.scheme.lists.hardship {
        documents.push(books.document("未参保困难人员核实表.xlsx", roster.rows / 10, hardship));
    }
    documents
}

/// Whether one payer's persons stand on the lists of several departments, or one list's persons have several payers: then no
/// payer's list is one department's.
fn crosses_payers(roster: &Roster) -> bool {
    let mut of_payer: HashMap<&str, &str> = HashMap::new();
    let mut of_list: HashMap<&str, &str> = HashMap::new();
    (0..roster.rows).any(|row| {
        let (payer, list) = (roster.payer.get(row), roster.list.get(row));
        let several_lists = !payer.is_empty() && *of_payer.entry(payer).or_insert(list) != list;
        *of_list.entry(list).or_insert(payer) != payer || several_lists
    })
}

/// Departments' lists, in order of name.
fn lists(roster: &Roster) -> Vec<String> {
    let mut names: Vec<String> = (0..roster.rows)
        .map(|row| roster.list.get(row).to_owned())
        .collect();
    names.dedup(); // sorted by list already
    names
}

/// The rows of one department's list, and the sheet they go to.
struct OfList<'r> {
    roster: &'r Roster,
    rows: Vec<usize>,
    list: &'r str,
    tab: String,
}

fn per_list<'s>(
    books: &'s Books<'_>,
    of: TabOf,
    sheet: impl Fn(&Books<'_>, OfList<'_>) -> PrintedSheet + 's,
) -> Sheets<'s> {
    let Some(roster) = &books.lists.roster else {
        return Box::new(std::iter::empty());
    };
    let mut tabs = Tabs::default();
    let named: Vec<(String, String)> = lists(roster)
        .into_iter()
        .map(|list| {
            (
                tabs.name(&format!("{}-{list}", of.text(books.contents.lang))),
                list,
            )
        })
        .collect();
    Box::new(named.into_iter().map(move |(tab, list)| {
        let rows: Vec<usize> = (0..roster.rows)
            .filter(|row| roster.list.get(*row) == list)
            .collect();
        let of = OfList {
            roster,
            rows,
            list: &list,
            tab,
        };
        sheet(books, of)
    }))
}

fn feedback<'s>(books: &'s Books<'_>) -> Sheets<'s> {
    per_list(books, TabOf::Feedback, |books, of| {
        let title = format!("{}（{}）", books.title(Title::DepartmentFeedback), of.list);
        let mut columns = feedback_columns(books);
        columns.insert(6, books.column(Head::Identified, Kind::Date));
        columns.insert(7, books.column(Head::Ended, Kind::Date));
        let mut sheet = books
            .list(of.tab, &title, columns)
            .in_unit(books.text(Text::UnitYuan));
        for (serial, &row) in (1u64..).zip(&of.rows) {
            let mut cells = feedback_cells(books, of.roster, serial, row);
            cells.insert(6, Cell::date(of.roster.identified.get(row)));
            cells.insert(7, Cell::date(of.roster.ended.get(row)));
            sheet.item(cells);
        }
        sheet.total(RowKind::Total, (1, books.text(Text::Total)), Vec::new());
        sheet
            .notes
            .insert(0, books.text(Text::FeedbackNote).to_owned());
        sheet.signature = books.text(Text::FeedbackSignature).to_owned();
        sheet.drop_empty_columns();
        sheet
    })
}

/// Columns of `feedback_columns`.
const FEEDBACK_COLUMNS: &[Heading] = &[
    heading(Head::Serial, Kind::Centred),
    heading(Head::Name, Kind::Text).at_most(14),
    heading(Head::Document, Kind::Id),
];

/// Columns of `feedback_columns`.
const FEEDBACK_COLUMNS_AFTER: &[Heading] = &[
    heading(Head::Category, Kind::Text).at_most(24),
    heading(Head::IsInsured, Kind::Centred),
    heading(Head::PlaceInsured, Kind::Text).at_most(16),
    heading(Head::ThisYearState, Kind::Centred),
    heading(Head::IsSubsidised, Kind::Centred),
    heading(Head::Grant, Kind::Yuan),
    heading(Head::Subsidised, Kind::Yuan),
    heading(Head::Verdict, Kind::Text).at_most(20),
    heading(Head::Comment, Kind::Text).at_most(20),
    heading(Head::Explanation, Kind::Fill).at_most(16),
];

/// Columns of a feedback list, the payer's and the department's.
pub(super) fn feedback_columns(books: &Books<'_>) -> Vec<PrintedColumn> {
    let mut columns = books.columns(FEEDBACK_COLUMNS);
    columns.extend(books.place_columns());
    columns.extend(books.columns(FEEDBACK_COLUMNS_AFTER));
    columns
}

/// One entry of a roster: registered or not and where, subsidised or not, and the verdict.
pub(super) fn feedback_cells(
    books: &Books<'_>,
    roster: &Roster,
    serial: u64,
    row: usize,
) -> Vec<Cell> {
    let lang = books.contents.lang;
    let standing = match roster.standing.get(row) {
        "" => Standing::Pending.label(lang).to_owned(), // the number is unusable
        _ => roster
            .standing
            .label(row, Standing::from_code, |standing| standing.label(lang)),
    };
    let granted = roster.granted.get(row).unwrap_or(0); // nothing subsidised
    let is_own = roster.granted_by.get(row) == roster.payer.get(row);
    let mut comment = Vec::new();
    let why_not = OutOfForce::from_code(roster.out_of_force.get(row)).map(|why| why.label(lang));
    let verdict = match Verdict::from_code(roster.verdict.get(row)) {
        None => books.text(Text::NumberPending),
        // No grant because this row gives none: the reason says more.
        Some(Verdict::NoGrant) => why_not.unwrap_or(Verdict::NoGrant.label(lang)),
        Some(verdict) => {
            comment.extend(why_not.map(str::to_owned));
            verdict.label(lang)
        }
    };
    if !is_own && !roster.granted_by.get(row).is_empty() {
        comment.push(format!(
            "{}{}",
            books.text(Text::GrantedBy),
            roster.granted_by.get(row)
        ));
    }
    let grant = roster.grant.get(row).filter(|_| is_own).unwrap_or(0); // another payer's, or none
    let mut cells = vec![
        Cell::Ordinal(serial),
        Cell::text(roster.name.get(row)),
        Cell::text(roster.id.get(row)),
    ];
    cells.extend(books.place_cells(roster.region_code.get(row), ""));
    cells.extend([
        Cell::text(roster.category.get(row)),
        Cell::text(standing),
        Cell::text(books.where_insured(roster.place.get(row))),
        Cell::text(books.enrolment(roster.enrolment.get(row))),
        Cell::text(books.text(if granted > 0 { Text::Yes } else { Text::No })),
        Cell::Yuan(grant),
        Cell::Yuan(granted),
        Cell::text(verdict),
        Cell::text(comment.join(lang.pick("；", "; "))),
        Cell::Blank,
    ]);
    cells
}

/// In force, and insured nowhere: as the finding hardship-uninsured says it.
fn is_uninsured(roster: &Roster, row: usize) -> bool {
    use Standing::{Declined, Other, Uninsured, Unreachable};
    let standing = Standing::from_code(roster.standing.get(row));
    roster.in_force.get(row)
        && standing
            .is_some_and(|standing| [Uninsured, Unreachable, Declined, Other].contains(&standing))
}

fn hardship<'s>(books: &'s Books<'_>) -> Sheets<'s> {
    per_list(books, TabOf::Hardship, hardship_sheet)
}

/// Columns of `hardship_sheet` between the place and the words to choose from.
const HARDSHIP_COLUMNS: &[Heading] = &[
    heading(Head::Name, Kind::Text).at_most(12),
    heading(Head::Document, Kind::Id),
    heading(Head::Category, Kind::Text).at_most(20),
    heading(Head::Identified, Kind::Date),
    heading(Head::IsInsured, Kind::Centred),
    heading(Head::ThisYearState, Kind::Centred),
];

/// Columns of `hardship_sheet` to fill in.
const HARDSHIP_ANSWERS: &[Heading] = &[
    heading(Head::WhyUninsured, Kind::Fill).at_most(18),
    heading(Head::VerifiedBy, Kind::Fill).at_most(10),
    heading(Head::VerifiedOn, Kind::Fill).at_most(12),
];

fn hardship_columns(books: &Books<'_>) -> Vec<PrintedColumn> {
    let choices = DISPOSITIONS.iter();
    let choices = choices.map(|standing| standing.label(books.contents.lang).to_owned());
    let disposition = books.column(Head::Disposition, Kind::Fill).at_most(12);
    let [township, village] = books.place_columns();
    let mut columns = vec![
        books.column(Head::Serial, Kind::Centred),
        township.at_most(12),
        village.at_most(14),
    ];
    columns.extend(books.columns(HARDSHIP_COLUMNS));
    columns.push(disposition.one_of(choices.collect()));
    columns.extend(books.columns(HARDSHIP_ANSWERS));
    columns
}

/// Who of a list is insured nowhere, place by place. One person under two categories of one list is one person to verify.
fn to_verify(books: &Books<'_>, of: &OfList<'_>) -> Vec<usize> {
    let roster = of.roster;
    let (region, id, name) = (&roster.region_code, &roster.id, &roster.name);
    let open = of.rows.iter().copied();
    let mut open: Vec<usize> = open.filter(|row| is_uninsured(roster, *row)).collect();
    open.sort_by_key(|row| {
        let place = place_of(books, roster, *row);
        (place, region.get(*row), id.get(*row), *row)
    });
    open.dedup_by_key(|row| (region.get(*row), id.get(*row), name.get(*row)));
    open
}

/// Persons of no place come last.
fn place_of(books: &Books<'_>, roster: &Roster, row: usize) -> (bool, Option<usize>) {
    let at = books.places.place(roster.region_code.get(row));
    (at.is_none(), at)
}

/// Township by township: whoever is insured nowhere, with columns for the reason.
fn hardship_sheet(books: &Books<'_>, of: OfList<'_>) -> PrintedSheet {
    let (roster, open) = (of.roster, to_verify(books, &of));
    let title = format!("{}（{}）", books.title(Title::Hardship), of.list);
    let mut sheet = books
        .sheet(of.tab, &title, hardship_columns(books))
        .in_unit(books.text(Text::UnitPersonsOnly));
    let place = |row: usize| place_of(books, roster, row);
    let mut serial = 0;
    for of_place in open.chunk_by(|a, b| place(*a) == place(*b)) {
        let code = roster.region_code.get(of_place[0]);
        let name = books.places.name(code, books.text(Text::Other));
        let (persons, unit) = (of_place.len(), books.text(Text::PersonsCount));
        let head = format!("{name}：{persons}{unit}");
        sheet.push(RowKind::Group, vec![Cell::text(head)]);
        for &row in of_place {
            serial += 1;
            sheet.item(hardship_cells(books, roster, serial, row));
        }
    }
    sheet
        .notes
        .insert(0, books.text(Text::HardshipNote).to_owned());
    sheet.signature = books.text(Text::TownshipSignature).to_owned();
    let mut sheet = closed(sheet, books.text(Text::Nothing));
    sheet.drop_empty_columns();
    sheet
}

fn hardship_cells(books: &Books<'_>, roster: &Roster, serial: u64, row: usize) -> Vec<Cell> {
    let lang = books.contents.lang;
    let standing = roster
        .standing
        .label(row, Standing::from_code, |standing| standing.label(lang));
    let [township, village] = books.place_cells(roster.region_code.get(row), "");
    vec![
        Cell::Ordinal(serial),
        township,
        village,
        Cell::text(roster.name.get(row)),
        Cell::text(roster.id.get(row)),
        Cell::text(roster.category.get(row)),
        Cell::date(roster.identified.get(row)),
        Cell::text(standing),
        Cell::text(books.enrolment(roster.enrolment.get(row))),
        Cell::Blank,
        Cell::Blank,
        Cell::Blank,
        Cell::Blank,
    ]
}

/// Columns of `changes`.
const CHANGES_COLUMNS: &[Heading] = &[
    heading(Head::Serial, Kind::Centred),
    heading(Head::Change, Kind::Centred),
    heading(Head::Name, Kind::Text).at_most(14),
    heading(Head::Document, Kind::Id),
];

/// Columns of `changes`.
const CHANGES_COLUMNS_AFTER: &[Heading] = &[
    heading(Head::Category, Kind::Text).at_most(24),
    heading(Head::Before, Kind::Text).at_most(28),
    heading(Head::After, Kind::Text).at_most(28),
    heading(Head::File, Kind::Text).at_most(30),
    heading(Head::Row, Kind::Centred),
];

/// 名册变动, where there is a batch to compare with.
pub(super) fn changes(books: &Books<'_>, tabs: &mut Tabs) -> Option<PrintedSheet> {
    let facts = books.contents.facts;
    let is_older = |(origin, fates): (&crate::intake::Origin, &crate::domain::FateCounts)| {
        origin.source == SourceKind::Rosters && fates.of(Fate::Superseded) > 0
    };
    let compared = facts.origins.iter().zip(&facts.fates).any(is_older);
    if !compared && facts.lists.changes.is_empty() {
        return None;
    }
    let lang = books.contents.lang;
    let mut columns = books.columns(CHANGES_COLUMNS);
    columns.extend(books.place_columns());
    columns.extend(books.columns(CHANGES_COLUMNS_AFTER));
    let tab = tabs.name(Tab::RosterChanges.text(lang));
    let mut sheet = books
        .list(tab, books.title(Title::RosterChanges), columns)
        .in_unit(books.text(Text::UnitPersonsOnly));
    let mut counts: HashMap<_, u64> = HashMap::new();
    for (serial, change) in (1u64..).zip(&facts.lists.changes) {
        *counts.entry(change.change).or_default() += 1;
        let mut cells = vec![
            Cell::Ordinal(serial),
            Cell::text(change.change.label(lang)),
            Cell::text(&change.name),
            Cell::text(&change.id),
        ];
        cells.extend(books.place_cells(&change.region_code, ""));
        cells.extend([
            Cell::text(&change.category),
            Cell::text(said(&change.before, books)),
            Cell::text(said(&change.after, books)),
            Cell::text(
                facts
                    .origins
                    .get(change.origin as usize)
                    .map_or("", |origin| origin.file.as_str()),
            ),
            Cell::Ordinal(u64::from(change.row)),
        ]);
        sheet.item(cells);
    }
    let counted = crate::judge::Change::ALL.iter().map(|change| {
        format!(
            "{} {}{}",
            change.label(lang),
            counts.get(change).copied().unwrap_or(0),
            books.text(Text::PersonsCount)
        )
    });
    sheet.notes.insert(
        0,
        format!(
            "{}{}",
            books.text(Text::ChangesNote),
            counted.collect::<Vec<_>>().join(lang.pick("，", ", "))
        ),
    );
    let mut sheet = closed(sheet, books.text(Text::Nothing));
    sheet.drop_empty_columns();
    Some(sheet)
}

/// `ended=2021-12-31|category=低保对象` in words.
fn said(text: &str, books: &Books<'_>) -> String {
    let lang = books.contents.lang;
    let label = |field: &str| match field {
        c::IDENTIFIED => Field::Identified.label(lang),
        c::APPROVED => Field::Approved.label(lang),
        c::ENDED => Field::Ended.label(lang),
        c::CATEGORY => Field::Category.label(lang),
        _ => "",
    };
    let part = |part: &str| match part.split_once('=') {
        Some((field, "")) => format!("{} {}", label(field), lang.pick("空", "none")),
        Some((field, value)) => format!("{} {value}", label(field)),
        None => part.to_owned(),
    };
    text.split('|')
        .map(part)
        .collect::<Vec<_>>()
        .join(lang.pick("；", "; "))
}
