//! 集体账户: households that are charged through an account of their village: 汇总表, 明细表, and both compared.

use super::heading::{Heading, heading};
use super::{Books, Sheets, closed};
use crate::measure::{Household, Member};
use crate::report::sheet::{Cell, Kind, Paper, PrintedColumn, PrintedSheet, RowKind};
use crate::words::Label;
use crate::words::tables::{Head, Tab, Text, Title};

/// The workbook: every household of the scheme, by village.
pub(super) fn sheets<'s>(books: &'s Books<'_>) -> Sheets<'s> {
    let all: Vec<&Household> = books.contents.facts.lists.households.iter().collect();
    let mut sheets = tables(books, &all, "");
    sheets.push(check(books, &all));
    Box::new(sheets.into_iter())
}

/// 汇总表 and 明细表 of one place, for its packet; nothing where no household is there.
pub(super) fn of_place(books: &Books<'_>, of: Option<usize>, place: &str) -> Vec<PrintedSheet> {
    let households = &books.contents.facts.lists.households;
    let here: Vec<&Household> = households
        .iter()
        .filter(|one| books.places.place(&one.region_code) == of)
        .collect();
    if here.is_empty() {
        Vec::new()
    } else {
        tables(books, &here, place)
    }
}

fn tables(books: &Books<'_>, households: &[&Household], place: &str) -> Vec<PrintedSheet> {
    let summary = summary(books, households, place);
    let detail = detail(books, households, place);
    // What one table says the household owes, the other says person by person.
    assert_eq!(
        amounts(&summary),
        amounts(&detail),
        "details of collective accounts do not add up to their summary"
    );
    vec![summary, detail]
}

/// All money of a table, column by column: what is to be charged, and what is paid already.
fn amounts(sheet: &PrintedSheet) -> Vec<i64> {
    let items = || sheet.rows.iter().filter(|row| row.kind == RowKind::Item);
    let money = |at: usize| {
        items().map(move |row| {
            if let Some(Cell::Yuan(fen)) = row.cells.get(at) {
                *fen
            } else {
                0
            }
        })
    };
    let columns = sheet
        .columns
        .iter()
        .enumerate()
        .filter(|(_, column)| column.kind == Kind::Yuan);
    columns.map(|(at, _)| money(at).sum()).collect()
}

fn sheet(
    books: &Books<'_>,
    (tab, title): (Tab, Title),
    place: &str,
    columns: Vec<PrintedColumn>,
) -> PrintedSheet {
    let lang = books.contents.lang;
    let title = format!(
        "{place}{}{}",
        if place.is_empty() {
            ""
        } else {
            lang.pick("", ": ")
        },
        title.text(lang)
    );
    let mut sheet = books
        .sheet(tab.text(lang).to_owned(), &title, columns)
        .in_unit(books.text(Text::UnitPersonsYuan));
    sheet
        .notes
        .insert(0, books.text(Text::HouseholdNote).to_owned());
    sheet.signature = books.text(Text::TownshipSignature).to_owned();
    sheet.paper = Paper::Landscape;
    sheet
}

/// Household by household under the name of its village, with the village's sum, and the sum of all.
fn by_village<'h>(
    books: &Books<'_>,
    sheet: &mut PrintedSheet,
    households: &[&'h Household],
    rows: impl Fn(&mut PrintedSheet, &'h Household, &mut u64),
) {
    let village = |one: &Household| {
        (
            books.places.place(&one.region_code),
            books.places.rest(&one.region_code).to_owned(),
        )
    };
    for of_village in households.chunk_by(|a, b| village(a) == village(b)) {
        let code = &of_village[0].region_code;
        let name = format!(
            "{}{}",
            books.places.name(code, books.text(Text::Other)),
            books.places.rest(code)
        );
        sheet.push(RowKind::Group, vec![Cell::text(name)]);
        let mut serial = 0;
        for household in of_village {
            rows(sheet, household, &mut serial);
        }
        sheet.total(
            RowKind::Subtotal,
            (1, books.text(Text::Subtotal)),
            Vec::new(),
        );
    }
    sheet.total(RowKind::Total, (1, books.text(Text::Total)), Vec::new());
}

fn summary(books: &Books<'_>, households: &[&Household], place: &str) -> PrintedSheet {
    let [township, village] = books.place_columns();
    let columns = vec![
        books.column(Head::Serial, Kind::Centred),
        township.at_most(12),
        village.at_most(14),
        books.column(Head::VillageGroup, Kind::Centred),
        books.column(Head::HeadName, Kind::Text).at_most(12),
        books.column(Head::HeadId, Kind::Id),
        books.column(Head::Members, Kind::Count),
        books.column(Head::Charge, Kind::Yuan),
        books.column(Head::ChargePaid, Kind::Yuan),
        books.column(Head::AccountName, Kind::Fill).at_most(18),
        books.column(Head::BankBranch, Kind::Fill).at_most(18),
        books.column(Head::AccountNo, Kind::Fill).at_most(22),
        books.column(Head::Comment, Kind::Fill).at_most(12),
    ];
    let mut table = sheet(
        books,
        (Tab::HouseholdSummary, Title::HouseholdSummary),
        place,
        columns,
    );
    by_village(books, &mut table, households, |table, one, serial| {
        *serial += 1;
        let [name, bank, account] = &one.account;
        table.item(vec![
            Cell::Ordinal(*serial),
            Cell::text(books.places.name(&one.region_code, books.text(Text::Other))),
            Cell::text(books.places.rest(&one.region_code)),
            Cell::text(&one.group),
            Cell::text(&one.head),
            Cell::text(&one.head_id),
            Cell::Count(one.insured()),
            Cell::Yuan(one.due_fen()),
            Cell::Yuan(one.paid_fen()),
            Cell::text(name),
            Cell::text(bank),
            Cell::text(account),
            Cell::Blank,
        ]);
    });
    table
        .notes
        .insert(1, books.text(Text::CrossChecks).to_owned());
    closed(table, books.text(Text::Nothing))
}

/// Columns of `detail`.
const DETAIL_COLUMNS: &[Heading] = &[
    heading(Head::Serial, Kind::Centred),
    heading(Head::HeadName, Kind::Text).at_most(12),
    heading(Head::Name, Kind::Text).at_most(12),
    heading(Head::Relation, Kind::Centred),
    heading(Head::Id, Kind::Id),
    heading(Head::PersonKind, Kind::Text).at_most(18),
    heading(Head::Charge, Kind::Yuan),
    heading(Head::ChargePaid, Kind::Yuan),
    heading(Head::ChargedAccount, Kind::Fill).at_most(22),
    heading(Head::Comment, Kind::Text).at_most(24),
];

fn detail(books: &Books<'_>, households: &[&Household], place: &str) -> PrintedSheet {
    let columns = books.columns(DETAIL_COLUMNS);
    let mut table = sheet(
        books,
        (Tab::HouseholdDetail, Title::HouseholdDetail),
        place,
        columns,
    );
    by_village(books, &mut table, households, |table, one, serial| {
        for member in &one.members {
            *serial += 1;
            table.item(vec![
                Cell::Ordinal(*serial),
                Cell::text(&one.head),
                Cell::text(&member.name),
                Cell::text(&member.relation),
                Cell::text(&member.id),
                Cell::text(&member.category),
                Cell::Yuan(member.due_fen()),
                Cell::Yuan(member.paid_fen),
                Cell::text(&one.account[2]),
                Cell::text(comment(books, member)),
            ]);
        }
    });
    closed(table, books.text(Text::Nothing))
}

fn comment(books: &Books<'_>, member: &Member) -> &'static str {
    member
        .remark
        .map_or("", |remark| remark.label(books.contents.lang))
}

/// Columns of `check`.
const CHECK_COLUMNS: &[Heading] = &[
    heading(Head::Serial, Kind::Centred),
    heading(Head::Household, Kind::Text).at_most(20),
    heading(Head::HeadName, Kind::Text).at_most(12),
    heading(Head::Members, Kind::Count),
    heading(Head::Charge, Kind::Yuan),
    heading(Head::ChargePaid, Kind::Yuan),
    heading(Head::DetailMembers, Kind::Count),
    heading(Head::DetailCharge, Kind::Yuan),
    heading(Head::StatedCharge, Kind::Yuan),
    heading(Head::Difference, Kind::Yuan),
    heading(Head::Agrees, Kind::Centred),
];

/// Both tables household by household, beside what the received list states.
fn check(books: &Books<'_>, households: &[&Household]) -> PrintedSheet {
    let lang = books.contents.lang;
    let columns = books.columns(CHECK_COLUMNS);
    let (tab, title) = (
        Tab::HouseholdCheck.text(lang).to_owned(),
        Title::HouseholdCheck.text(lang),
    );
    let mut table = books
        .sheet(tab, title, columns)
        .in_unit(books.text(Text::UnitPersonsYuan));
    for (serial, one) in (1u64..).zip(households) {
        let stated: Vec<i64> = one
            .members
            .iter()
            .filter_map(|member| member.stated_fen)
            .collect();
        // A list that states nothing of a household is no list to compare with.
        let stated: Option<i64> = (!stated.is_empty()).then(|| stated.iter().sum());
        let charged: i64 = one.members.iter().map(Member::due_fen).sum();
        // The list states the year's charge, whoever has paid it already.
        let differs = stated.is_some_and(|stated| stated != one.charge_fen());
        table.item(vec![
            Cell::Ordinal(serial),
            Cell::text(&one.household),
            Cell::text(&one.head),
            Cell::Count(one.insured()),
            Cell::Yuan(one.due_fen()),
            Cell::Yuan(one.paid_fen()),
            Cell::Count(
                one.members
                    .iter()
                    .filter(|member| member.is_insured_here())
                    .count() as u64,
            ),
            Cell::Yuan(charged),
            stated.map_or(Cell::Dash, Cell::Yuan),
            stated.map_or(Cell::Dash, |stated| Cell::Yuan(stated - one.charge_fen())),
            Cell::text(if differs {
                "▲"
            } else {
                books.text(Text::Agree)
            }),
        ]);
    }
    table.total(RowKind::Total, (1, books.text(Text::Total)), Vec::new());
    table
        .notes
        .insert(0, books.text(Text::CrossChecks).to_owned());
    closed(table, books.text(Text::Nothing))
}
