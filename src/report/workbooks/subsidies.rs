//! 资助台账: what each payer owes, for whom, and what became of the persons on its roster.

use std::collections::{HashMap, HashSet};

use polars::prelude::{BooleanChunked, DataFrame, PlHashSet, PolarsResult};

use super::departments::{feedback_cells, feedback_columns};
use super::frames::{Roster, Standings, Subsidies};
use super::heading::{Heading, heading};
use super::{Books, Sheets, Tabs, closed, departments, entries};
use crate::domain::money::yuan_text;
use crate::domain::{Fen, RegionLevel, Standing, columns as c};
use crate::judge::Verdict;
use crate::measure::Runs;
use crate::report::sheet::{Cell, Kind, PrintedColumn, PrintedSheet, RowKind};
use crate::scheme::Under;
use crate::words::Label;
use crate::words::tables::{Head, Tab, TabOf, Text, Title};

/// Funding, one sheet a category, one feedback sheet a payer.
pub(super) fn sheets<'s>(books: &'s Books<'_>) -> Sheets<'s> {
    let lang = books.contents.lang;
    let persons = &books.lists.subsidies;
    let mut tabs = Tabs::default();
    let funding = funding(books, tabs.name(Tab::Funding.text(lang)));
    let categories = in_order(
        persons,
        |row| persons.category.get(row),
        books
            .contents
            .scheme
            .categories
            .iter()
            .map(|c| c.name.as_str()),
    );
    let roster = books.lists.roster.as_ref();
    let payers = payers(books, persons, roster);
    // Who was subsidised without standing on any roster has no category, and a sheet all the same; so has whoever's category
    // comes without a grant.
    let categories = named(
        books,
        &mut tabs,
        (TabOf::Persons, Text::NoCategory),
        categories,
    );
    let payers = named(books, &mut tabs, (TabOf::Feedback, Text::NoPayer), payers);
    let tab = tabs.name(&format!(
        "{}-{}",
        TabOf::Feedback.text(lang),
        books.text(Text::NotListed)
    ));
    let unlisted = unlisted_sheet(books, tab);
    let changes = departments::changes(books, &mut tabs);
    let late = entries::sheet(books, tabs.name(Tab::LateEntries.text(lang)));
    Box::new(
        [funding, late]
            .into_iter()
            .chain(
                categories
                    .into_iter()
                    .map(move |(tab, category)| category_sheet(books, persons, &category, tab)),
            )
            .chain(
                payers
                    .into_iter()
                    .map(move |(tab, payer)| feedback(books, &payer, tab)),
            )
            .chain(unlisted)
            .chain(changes),
    )
}

/// The sheets of one kind with the name that each is of; who has none stands under a word of its own.
fn named(
    books: &Books<'_>,
    tabs: &mut Tabs,
    (of, nameless): (TabOf, Text),
    names: Vec<String>,
) -> Vec<(String, String)> {
    let mut tab = |name: &str| {
        let shown = if name.is_empty() {
            books.text(nameless)
        } else {
            name
        };
        tabs.name(&format!("{}-{shown}", of.text(books.contents.lang)))
    };
    names.into_iter().map(|name| (tab(&name), name)).collect()
}

/// Payers in declared order, those that only the lists name after them; "" = on a roster without a grant.
fn payers(books: &Books<'_>, persons: &Subsidies, roster: Option<&Roster>) -> Vec<String> {
    let listed = numbers(roster);
    let unlisted = (0..persons.rows)
        .filter(|row| !listed.contains(persons.id.get(*row)))
        .map(|row| persons.payer.get(row));
    // Who is on no roster and has no payer stands on a sheet of its own.
    let unlisted = unlisted.filter(|payer| !payer.is_empty());
    let of_roster = roster
        .into_iter()
        .flat_map(|roster| (0..roster.rows).map(|row| roster.payer.get(row)));
    let mut there: Vec<&str> = Vec::new();
    let mut seen = HashSet::new();
    there.extend(
        of_roster
            .chain(unlisted)
            .filter(|payer| seen.insert(*payer)),
    );
    let declared = books
        .contents
        .scheme
        .categories
        .iter()
        .map(|category| category.payer.as_str());
    let mut order: Vec<&str> = Vec::new();
    for payer in declared
        .filter(|payer| seen.contains(payer))
        .chain(there.iter().copied())
    {
        if !order.contains(&payer) {
            order.push(payer);
        }
    }
    order.into_iter().map(str::to_owned).collect()
}

/// Words that persons have: in declared order, then the undeclared in order of appearance.
fn in_order<'w>(
    persons: &Subsidies,
    word: impl Fn(usize) -> &'w str,
    declared: impl Iterator<Item = &'w str>,
) -> Vec<String> {
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

/// Standing of everyone who is subsidised on no roster and whom the register knows, by number.
pub(super) fn standings(
    standings: &Runs,
    persons: &Subsidies,
    roster: Option<&Roster>,
) -> PolarsResult<HashMap<String, Standing>> {
    let listed = numbers(roster);
    let wanted: PlHashSet<&str> = (0..persons.rows)
        .map(|row| persons.id.get(row))
        .filter(|id| !listed.contains(id))
        .collect();
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let of_wanted = |rows: &DataFrame| -> PolarsResult<BooleanChunked> {
        Ok(rows
            .column(c::ID)?
            .str()?
            .iter()
            .map(|id| Some(id.is_some_and(|id| wanted.contains(id))))
            .collect())
    };
    let found = Standings::of(&standings.filtered(of_wanted)?);
    let standing = |row| {
        Standing::from_code(found.standing.get(row))
            .map(|standing| (found.id.get(row).to_owned(), standing))
    };
    Ok((0..found.rows).filter_map(standing).collect())
}

fn funding(books: &Books<'_>, tab: String) -> PrintedSheet {
    let regions = &books.contents.scheme.regions;
    let levels = FundingLevels::of(books);
    let mut columns = vec![
        books.column(Head::Payer, Kind::Text),
        books.column(Head::Category, Kind::Text).at_most(30),
    ];
    columns.extend(levels.columns(books));
    columns.extend([
        books.column(Head::Persons, Kind::Count),
        books.column(Head::Grants, Kind::Yuan),
    ]);
    let mut sheet = books
        .sheet(tab, books.title(Title::Funding), columns)
        .in_unit(books.text(Text::UnitPersonsYuan));
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
            let mut cells = vec![Cell::text(payer), Cell::text(&row.category)];
            if levels.above.is_some() {
                cells.push(Cell::text(
                    books.places.name(&row.region_code, books.text(Text::Other)),
                ));
            }
            let is_of_level = regions
                .get(&row.region_code)
                .is_some_and(|region| Some(region.level) == levels.own);
            cells.push(Cell::text(if is_of_level {
                regions.name(&row.region_code)
            } else {
                books.text(Text::Other)
            }));
            cells.extend([Cell::Count(row.persons), Cell::Yuan(row.fen)]);
            sheet.item(cells);
        }
        sheet.total(
            RowKind::Subtotal,
            (0, books.text(Text::Subtotal)),
            Vec::new(),
        );
    }
    sheet.total(RowKind::Total, (0, books.text(Text::Total)), Vec::new());
    sheet.notes.push(books.text(Text::FundingNote).to_owned());
    sheet.notes.extend(bridge(books));
    sheet.notes.extend(of_other_years(books));
    books.settled(&mut sheet, Under::Funding);
    sheet.signature = books.text(Text::ProgressSignature).to_owned();
    sheet.paper = crate::report::sheet::Paper::Portrait;
    closed(sheet, books.text(Text::Nothing))
}

/// From what payers owe to what the books record: both sums, their difference, and what lies outside the table.
fn bridge(books: &Books<'_>) -> Option<String> {
    let granted = books.contents.facts.granted?;
    let owed: Fen = books.contents.facts.funding.iter().map(|row| row.fen).sum();
    let sums = [
        (Text::GrantsOwed, owed),
        (Text::GrantsRecorded, granted.recorded),
        (Text::GrantsOpen, owed - granted.recorded),
        (Text::GrantsOutside, granted.outside),
    ];
    let said = sums.map(|(text, fen)| format!("{} {}", books.text(text), yuan_text(fen)));
    Some(format!(
        "{}{}",
        books.text(Text::GrantsBridge),
        said.join("；")
    ))
}

/// What was paid with this year's premium for other years, where somebody did.
fn of_other_years(books: &Books<'_>) -> Option<String> {
    let fen = books.contents.facts.granted?.of_other_years;
    let text = || format!("{}{}", books.text(Text::OfOtherYears), yuan_text(fen));
    (fen > 0).then(text)
}

/// Levels that money is told by: townships, with the county before them where the scheme has several; else what lies below
/// the scheme's region.
struct FundingLevels {
    above: Option<RegionLevel>,
    own: Option<RegionLevel>,
}

impl FundingLevels {
    fn of(books: &Books<'_>) -> Self {
        let inside = books.contents.scheme.regions.inside();
        let (first, _) = books.places.levels();
        if !inside
            .iter()
            .any(|region| region.level == RegionLevel::Township)
        {
            return FundingLevels {
                above: None,
                own: first,
            };
        }
        FundingLevels {
            above: first.filter(|level| *level < RegionLevel::Township),
            own: Some(RegionLevel::Township),
        }
    }

    fn columns(&self, books: &Books<'_>) -> Vec<PrintedColumn> {
        let head = |level: RegionLevel| {
            PrintedColumn::new(level.label(books.contents.lang), Kind::Text).at_most(20)
        };
        let own = self
            .own
            .map_or_else(|| books.column(Head::Place, Kind::Text).at_most(20), head);
        self.above.map(head).into_iter().chain([own]).collect()
    }
}

/// Columns of `category_sheet`.
const CATEGORY_COLUMNS: &[Heading] = &[
    heading(Head::Serial, Kind::Centred),
    heading(Head::Name, Kind::Text).at_most(14),
    heading(Head::Document, Kind::Id),
];

fn category_sheet(
    books: &Books<'_>,
    persons: &Subsidies,
    category: &str,
    tab: String,
) -> PrintedSheet {
    let mut columns = books.columns(CATEGORY_COLUMNS);
    columns.extend(books.place_columns());
    columns.push(books.column(Head::Payer, Kind::Text).at_most(18));
    for head in [
        Head::Premium,
        Head::Payable,
        Head::Grant,
        Head::PersonalPaid,
        Head::Subsidised,
        Head::Difference,
    ] {
        columns.push(books.column(head, Kind::Yuan));
    }
    columns.push(books.column(Head::Verdict, Kind::Text));
    let shown = if category.is_empty() {
        books.text(Text::NoCategory)
    } else {
        category
    };
    let title = format!("{}（{shown}）", books.title(Title::Subsidies));
    let mut sheet = books
        .list(tab, &title, columns)
        .in_unit(books.text(Text::UnitYuan));
    books.settled(&mut sheet, Under::Funding);
    for (serial, row) in
        (1u64..).zip((0..persons.rows).filter(|row| persons.category.get(*row) == category))
    {
        let mut cells = vec![
            Cell::Ordinal(serial),
            Cell::text(persons.name.get(row)),
            Cell::text(persons.id.get(row)),
        ];
        cells.extend(books.place_cells(persons.region_code.get(row), ""));
        cells.push(Cell::text(persons.payer.get(row)));
        for amounts in [
            &persons.premium,
            &persons.payable,
            &persons.grant,
            &persons.paid,
            &persons.subsidised,
            &persons.difference,
        ] {
            cells.push(amounts.get(row).map_or(Cell::Blank, Cell::Yuan));
        }
        cells.push(Cell::text(persons.verdict.label(
            row,
            Verdict::from_code,
            |verdict| verdict.label(books.contents.lang),
        )));
        sheet.item(cells);
    }
    sheet.total(RowKind::Total, (1, books.text(Text::Total)), Vec::new());
    sheet.drop_empty_columns();
    sheet
}

/// Everyone on a row of this payer's categories, each once, and who was granted or subsidised by it without standing on any
/// roster: registered or not and where, subsidised or not, and the verdict.
fn feedback(books: &Books<'_>, payer: &str, tab: String) -> PrintedSheet {
    let shown = if payer.is_empty() {
        books.text(Text::NoPayer)
    } else {
        payer
    };
    let title = format!("{}（{shown}）", books.title(Title::Feedback));
    let mut sheet = books
        .list(tab, &title, feedback_columns(books))
        .in_unit(books.text(Text::UnitYuan));
    books.settled(&mut sheet, Under::Funding);
    let mut serial = 0;
    if let Some(roster) = &books.lists.roster {
        for row in of_payer(books, roster, payer) {
            serial += 1;
            sheet.item(feedback_cells(books, roster, serial, row));
        }
    }
    if !payer.is_empty() {
        for row in unlisted(books, payer) {
            serial += 1;
            sheet.item(unlisted_cells(books, serial, row));
        }
    }
    finished(books, sheet, Text::FeedbackNote)
}

/// Subsidised on no roster and by nobody's category: on no department's list, so on a sheet of their own.
fn unlisted_sheet(books: &Books<'_>, tab: String) -> Option<PrintedSheet> {
    let rows = unlisted(books, "");
    if rows.is_empty() {
        return None;
    }
    let title = format!(
        "{}（{}）",
        books.title(Title::Feedback),
        books.text(Text::NotListed)
    );
    let mut sheet = books
        .list(tab, &title, feedback_columns(books))
        .in_unit(books.text(Text::UnitYuan));
    for (serial, row) in (1u64..).zip(rows) {
        sheet.item(unlisted_cells(books, serial, row));
    }
    Some(finished(books, sheet, Text::UnlistedNote))
}

fn finished(books: &Books<'_>, mut sheet: PrintedSheet, note: Text) -> PrintedSheet {
    sheet.total(RowKind::Total, (1, books.text(Text::Total)), Vec::new());
    sheet.notes.insert(0, books.text(note).to_owned());
    sheet.signature = books.text(Text::FeedbackSignature).to_owned();
    sheet.drop_empty_columns();
    sheet
}

/// Persons of a payer who stand on no roster.
fn unlisted(books: &Books<'_>, payer: &str) -> Vec<usize> {
    let persons = &books.lists.subsidies;
    let listed = numbers(books.lists.roster.as_ref());
    (0..persons.rows)
        .filter(|row| persons.payer.get(*row) == payer && !listed.contains(persons.id.get(*row)))
        .collect()
}

/// Rows of a payer's categories, one a person: the one in force, then the category declared first. A row whose number cannot
/// be used stands for itself.
fn of_payer(books: &Books<'_>, roster: &Roster, payer: &str) -> Vec<usize> {
    let categories = &books.contents.scheme.categories;
    let declared = |row: usize| {
        categories
            .iter()
            .position(|category| category.name == roster.category.get(row))
    };
    let worth = |row: usize| {
        (
            !roster.in_force.get(row),
            declared(row).is_none(),
            declared(row),
            row,
        )
    };
    let mut best: HashMap<&str, usize> = HashMap::new();
    let mine: Vec<usize> = (0..roster.rows)
        .filter(|row| roster.payer.get(*row) == payer)
        .collect();
    for &row in &mine {
        let kept = best.entry(roster.id.get(row)).or_insert(row);
        if worth(row) < worth(*kept) {
            *kept = row;
        }
    }
    let stands_alone = |row: usize| roster.standing.get(row).is_empty();
    let mut rows: Vec<usize> = mine
        .into_iter()
        .filter(|row| stands_alone(*row) || best.get(roster.id.get(*row)) == Some(row))
        .collect();
    rows.sort_by_key(|row| (roster.region_code.get(*row), roster.id.get(*row), *row));
    rows
}

/// Numbers on any roster.
fn numbers(roster: Option<&Roster>) -> HashSet<&str> {
    roster.map_or_else(HashSet::new, |roster| {
        (0..roster.rows).map(|row| roster.id.get(row)).collect()
    })
}

/// A person on no roster who is granted or subsidised all the same.
fn unlisted_cells(books: &Books<'_>, serial: u64, row: usize) -> Vec<Cell> {
    let lang = books.contents.lang;
    let persons = &books.lists.subsidies;
    let standing = (books.lists.standings)
        .get(persons.id.get(row))
        .map_or(books.text(Text::Unknown), |standing| standing.label(lang));
    let subsidised = persons.subsidised.get(row).unwrap_or(0);
    let mut cells = vec![
        Cell::Ordinal(serial),
        Cell::text(persons.name.get(row)),
        Cell::text(persons.id.get(row)),
    ];
    cells.extend(books.place_cells(persons.region_code.get(row), ""));
    cells.extend([
        Cell::text(persons.category.get(row)),
        Cell::text(standing),
        Cell::Blank,
        Cell::Blank,
        Cell::text(books.text(if subsidised > 0 { Text::Yes } else { Text::No })),
        persons.grant.get(row).map_or(Cell::Blank, Cell::Yuan),
        Cell::Yuan(subsidised),
        Cell::text(
            persons
                .verdict
                .label(row, Verdict::from_code, |verdict| verdict.label(lang)),
        ),
        Cell::Blank,
        Cell::Blank,
    ]);
    cells
}
