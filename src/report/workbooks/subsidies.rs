//! 资助台账: what each payer owes, for whom, and what became of the persons on its roster.

use std::collections::HashMap;
use std::sync::Arc;

use super::frames::{Standings, Subsidies};
use super::problems::place_cells;
use super::{Books, Sheets, Tabs, closed, entries};
use crate::domain::Standing;
use crate::judge::Verdict;
use crate::report::sheet::{Cell, Kind, RowKind, Sheet};
use crate::words::Label;
use crate::words::tables::{Head, Tab, TabOf, Text, Title};

/// Funding, one sheet a category, one feedback sheet a payer.
pub(super) fn sheets<'s>(books: &'s Books<'_>) -> Sheets<'s> {
    let lang = books.contents.lang;
    let persons = Arc::new(Subsidies::of(&books.contents.facts.subsidy));
    let standings = Arc::new(standings(books, &persons));
    let mut tabs = Tabs::default();
    let funding = funding(books, tabs.name(Tab::Funding.text(lang)));
    let categories =
        in_order(&persons, |row| persons.category.get(row), books.contents.scheme.categories.iter().map(|c| c.name.as_str()));
    let payers =
        in_order(&persons, |row| persons.payer.get(row), books.contents.scheme.categories.iter().map(|c| c.payer.as_str()));
    let named = |tabs: &mut Tabs, of: TabOf, names: Vec<String>| -> Vec<(String, String)> {
        // Who was subsidised without standing on any roster has no category, and a sheet all the same.
        let shown = |name: &str| if name.is_empty() { books.text(Text::NoCategory).to_owned() } else { name.to_owned() };
        names.into_iter().map(|name| (tabs.name(&format!("{}-{}", of.text(lang), shown(&name))), name)).collect()
    };
    let categories = named(&mut tabs, TabOf::Persons, categories);
    let payers = named(&mut tabs, TabOf::Feedback, payers);
    let again = Arc::clone(&persons);
    let late = entries::sheet(books, tabs.name(Tab::LateEntries.text(lang)));
    Box::new(
        [funding, late]
            .into_iter()
            .chain(categories.into_iter().map(move |(tab, category)| category_sheet(books, &persons, &category, tab)))
            .chain(payers.into_iter().map(move |(tab, payer)| feedback(books, &again, &standings, &payer, tab))),
    )
}

/// Words that persons have: in declared order, then the undeclared in order of appearance.
fn in_order<'w>(persons: &Subsidies, word: impl Fn(usize) -> &'w str, declared: impl Iterator<Item = &'w str>) -> Vec<String> {
    let mut seen: HashMap<&str, bool> = HashMap::new();
    let mut appeared = Vec::new();
    for row in 0..persons.rows {
        if seen.insert(word(row), false).is_none() {
            appeared.push(word(row));
        }
    }
    let mut order: Vec<String> = Vec::new();
    for word in declared.chain(appeared) {
        if let Some(done @ false) = seen.get_mut(word) {
            *done = true;
            order.push(word.to_owned());
        }
    }
    order
}

/// Standing of every subsidised person that the register knows, by number.
fn standings(books: &Books<'_>, persons: &Subsidies) -> HashMap<String, Standing> {
    let all = Standings::of(&books.contents.facts.standings);
    let wanted: polars::prelude::PlHashSet<&str> = (0..persons.rows).map(|row| persons.id.get(row)).collect();
    let mut found = HashMap::with_capacity(wanted.len());
    for row in 0..all.rows {
        if let (Some(id), Some(standing)) = (wanted.get(all.id.get(row)), Standing::from_code(all.standing.get(row))) {
            found.insert((*id).to_owned(), standing);
        }
    }
    found
}

fn funding(books: &Books<'_>, tab: String) -> Sheet {
    let [place, _] = books.place_columns();
    let columns = vec![
        books.column(Head::Payer, Kind::Text),
        books.column(Head::Category, Kind::Text).at_most(30),
        place.at_most(20),
        books.column(Head::Persons, Kind::Count),
        books.column(Head::Grants, Kind::Yuan),
    ];
    let mut sheet = books.sheet(tab, books.title(Title::Funding), books.text(Text::UnitPersonsYuan), columns);
    let rows = &books.contents.facts.funding;
    let mut payers: Vec<&str> = Vec::new();
    for row in rows {
        if !payers.contains(&row.payer.as_str()) {
            payers.push(&row.payer);
        }
    }
    for payer in payers {
        sheet.push(RowKind::Group, vec![Cell::text(payer)]);
        for row in rows.iter().filter(|row| row.payer == payer) {
            let name = if row.region_code.is_empty() {
                books.text(Text::Other)
            } else {
                books.contents.scheme.regions.name(&row.region_code)
            };
            sheet.item(vec![
                Cell::text(payer),
                Cell::text(&row.category),
                Cell::text(name),
                Cell::Count(row.persons),
                Cell::Yuan(row.fen),
            ]);
        }
        sheet.total(RowKind::Subtotal, (0, books.text(Text::Subtotal)), Vec::new());
    }
    sheet.total(RowKind::Total, (0, books.text(Text::Total)), Vec::new());
    sheet.notes.push(books.text(Text::FundingNote).to_owned());
    sheet.signature = books.text(Text::ProgressSignature).to_owned();
    sheet.paper = crate::report::sheet::Paper::Portrait;
    closed(sheet, books.text(Text::Nothing))
}

fn category_sheet(books: &Books<'_>, persons: &Subsidies, category: &str, tab: String) -> Sheet {
    let mut columns = vec![
        books.column(Head::Serial, Kind::Centred),
        books.column(Head::Name, Kind::Text).at_most(14),
        books.column(Head::Document, Kind::Id),
    ];
    columns.extend(books.place_columns());
    columns.push(books.column(Head::Payer, Kind::Text).at_most(18));
    for head in [Head::Premium, Head::Payable, Head::Grant, Head::PersonalPaid, Head::Subsidised, Head::Difference] {
        columns.push(books.column(head, Kind::Yuan));
    }
    columns.push(books.column(Head::Verdict, Kind::Text));
    let shown = if category.is_empty() { books.text(Text::NoCategory) } else { category };
    let title = format!("{}（{shown}）", books.title(Title::Subsidies));
    let mut sheet = books.list(tab, &title, books.text(Text::UnitYuan), columns);
    for (serial, row) in (1u64..).zip((0..persons.rows).filter(|row| persons.category.get(*row) == category)) {
        let mut cells = vec![Cell::Ordinal(serial), Cell::text(persons.name.get(row)), Cell::text(persons.id.get(row))];
        cells.extend(place_cells(books, persons.region_code.get(row), ""));
        cells.push(Cell::text(persons.payer.get(row)));
        for amounts in
            [&persons.premium, &persons.payable, &persons.grant, &persons.paid, &persons.subsidised, &persons.difference]
        {
            cells.push(amounts.get(row).map_or(Cell::Blank, Cell::Yuan));
        }
        cells.push(Cell::text(persons.verdict.label(row, Verdict::from_code, |verdict| verdict.label(books.contents.lang))));
        sheet.item(cells);
    }
    sheet.total(RowKind::Total, (1, books.text(Text::Total)), Vec::new());
    sheet.drop_empty_columns();
    sheet
}

fn feedback(books: &Books<'_>, persons: &Subsidies, standings: &HashMap<String, Standing>, payer: &str, tab: String) -> Sheet {
    let lang = books.contents.lang;
    let mut columns = vec![
        books.column(Head::Serial, Kind::Centred),
        books.column(Head::Name, Kind::Text).at_most(14),
        books.column(Head::Document, Kind::Id),
    ];
    columns.extend(books.place_columns());
    columns.extend([
        books.column(Head::Category, Kind::Text).at_most(24),
        books.column(Head::IsInsured, Kind::Centred),
        books.column(Head::IsSubsidised, Kind::Centred),
        books.column(Head::Grant, Kind::Yuan),
        books.column(Head::Subsidised, Kind::Yuan),
        books.column(Head::Explanation, Kind::Fill).at_most(20),
    ]);
    let title = format!("{}（{payer}）", books.title(Title::Feedback));
    let mut sheet = books.list(tab, &title, books.text(Text::UnitYuan), columns);
    for (serial, row) in (1u64..).zip((0..persons.rows).filter(|row| persons.payer.get(*row) == payer)) {
        let standing = standings.get(persons.id.get(row)).map_or(books.text(Text::Unknown), |standing| standing.label(lang));
        let subsidised = persons.subsidised.get(row).unwrap_or(0);
        let mut cells = vec![Cell::Ordinal(serial), Cell::text(persons.name.get(row)), Cell::text(persons.id.get(row))];
        cells.extend(place_cells(books, persons.region_code.get(row), ""));
        cells.extend([
            Cell::text(persons.category.get(row)),
            Cell::text(standing),
            Cell::text(books.text(if subsidised > 0 { Text::Yes } else { Text::No })),
            persons.grant.get(row).map_or(Cell::Blank, Cell::Yuan),
            Cell::Yuan(subsidised),
            Cell::Blank,
        ]);
        sheet.item(cells);
    }
    sheet.total(RowKind::Total, (1, books.text(Text::Total)), Vec::new());
    sheet.signature = books.text(Text::FeedbackSignature).to_owned();
    sheet.drop_empty_columns();
    sheet
}
