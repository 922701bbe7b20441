//! Coverage: progress against the rates of the notice, standings of the register, and the ranking, level by level.

use super::heading::{Heading, heading};
use super::{Books, Tabs};
use crate::domain::{Ratio, RegionLevel, Standing};
use crate::measure::{RateFigure, RegionFigures};
use crate::report::sheet::{Cell, Kind, PrintedColumn, PrintedSheet, RowKind};
use crate::scheme::{Against, Rate, Under};
use crate::words::Label;
use crate::words::tables::{
    Head, TabOf, Text, Title, against, beside_in_transit, mark, of_regions, out_of, ranking_counts,
    short_level, without_denominator,
};

/// Levels that have rows, from the top. What is printed of a whole province goes down to the county: below it stand tens of
/// thousands of villages, which each county's own workbooks print.
fn levels(books: &Books<'_>) -> Vec<RegionLevel> {
    let lowest = if books.contents.scheme.is_of_a_province() {
        RegionLevel::County
    } else {
        RegionLevel::Village
    };
    let has_rows = |level: &RegionLevel| {
        books
            .contents
            .facts
            .coverage
            .iter()
            .any(|row| row.level == *level)
    };
    RegionLevel::ALL
        .iter()
        .copied()
        .filter(|level| *level <= lowest)
        .filter(has_rows)
        .collect()
}

fn rows<'a>(books: &Books<'a>, level: RegionLevel) -> Vec<&'a RegionFigures> {
    books
        .contents
        .facts
        .coverage
        .iter()
        .filter(|row| row.level == level)
        .collect()
}

/// What is counted of the whole and in none of these rows: persons of whom only a place further up is known. With this line
/// the total of every level is the whole.
fn unplaced(
    books: &Books<'_>,
    level: RegionLevel,
    rows: &[&RegionFigures],
) -> Option<RegionFigures> {
    let whole = whole(books).filter(|whole| whole.level < level)?;
    let sum = |of: &dyn Fn(&RegionFigures) -> u64| rows.iter().map(|row| of(row)).sum::<u64>();
    let rest = |of: &dyn Fn(&RegionFigures) -> u64| of(whole).saturating_sub(sum(of)); // rows lie in the whole
    let figure = |of: &dyn Fn(&RegionFigures) -> Option<u64>| {
        let below = sum(&|row| of(row).unwrap_or(0)); // states none: adds none
        of(whole)
            .and_then(|whole| whole.checked_sub(below))
            .filter(|rest| *rest > 0)
    };
    let rates = (0..whole.rates.len()).map(|at| RateFigure {
        count: rest(&|row| row.rates[at].count),
        of: None,
        need: None,
    });
    let unplaced = RegionFigures {
        level,
        code: String::new(),
        population: figure(&|row| row.population),
        task: figure(&|row| row.task),
        floor: figure(&|row| row.floor),
        last_year: figure(&|row| row.last_year),
        registered_resident: rest(&|row| row.registered_resident),
        registered_employee: rest(&|row| row.registered_employee),
        paid_resident: rest(&|row| row.paid_resident),
        paid_employee: rest(&|row| row.paid_employee),
        standings: std::array::from_fn(|at| rest(&|row| row.standings[at])),
        rates: rates.collect(),
        rank: None,
        ..whole.clone()
    };
    let is_anybody = unplaced.register() + unplaced.registered() > 0
        || unplaced.rates.iter().any(|rate| rate.count > 0);
    is_anybody.then_some(unplaced)
}

/// 未落到村.
fn unplaced_name(books: &Books<'_>, level: RegionLevel) -> String {
    let lang = books.contents.lang;
    let level = short_level(level, lang);
    lang.pick("未落到{level}", "No {level} known")
        .replace("{level}", level)
}

/// The scheme's own row.
pub(super) fn whole<'a>(books: &Books<'a>) -> Option<&'a RegionFigures> {
    let root = books.contents.scheme.regions.root();
    books
        .contents
        .facts
        .coverage
        .iter()
        .find(|row| row.code == root)
}

/// Name of a row: its region, or 其他.
pub(super) fn place_name(books: &Books<'_>, row: &RegionFigures) -> String {
    if row.code.is_empty() {
        books.text(Text::Other).to_owned()
    } else {
        books.contents.scheme.regions.name(&row.code).to_owned()
    }
}

fn tab(books: &Books<'_>, tabs: &mut Tabs, of: TabOf, level: RegionLevel) -> String {
    let lang = books.contents.lang;
    tabs.name(&format!("{}-{}", of.text(lang), short_level(level, lang)))
}

fn sheet_title(books: &Books<'_>, title: Title, level: RegionLevel) -> String {
    let lang = books.contents.lang;
    let level = short_level(level, lang);
    lang.pick("{title}（{level}）", "{title} by {level}")
        .replace("{title}", title.text(lang))
        .replace("{level}", level)
}

/// Name of a rate with the denominator it used.
fn rate_name(books: &Books<'_>, rate: &Rate) -> String {
    let lang = books.contents.lang;
    let of = if rate.against_by_region.is_empty() {
        against(rate.against, lang)
    } else {
        lang.pick("因地区而异，见注", "by region, see the notes")
    };
    format!("{}{}", rate.name, out_of(of, lang))
}

/// A rate as a cell: a miss never prints as the target share, nor as the share of the persons needed.
pub(super) fn rate_cell(figure: &RateFigure, rate: &Rate, met: Option<bool>) -> Cell {
    let Some(ratio) = figure.of.and_then(|of| Ratio::new(figure.count, of)) else {
        return Cell::Dash;
    };
    let need = figure
        .need
        .zip(figure.of)
        .and_then(|(need, of)| Ratio::new(need, of));
    let targets = rate
        .target
        .into_iter()
        .chain(need)
        .filter(|_| met == Some(false))
        .collect();
    Cell::Percent {
        rate: ratio,
        targets,
        met,
    }
}

/// Whether a place counts people against nothing known: then no sum of the others is the whole. Units and 其他 have no
/// denominator by nature.
fn lacks_denominator(row: &RegionFigures, at: usize) -> bool {
    !row.unit && !row.code.is_empty() && row.rates[at].of.is_none() && row.rates[at].count > 0
}

/// Sum of a rate over printed rows: every count, and the denominators there are, if no place lacks its own.
fn summed(rows: &[&RegionFigures], at: usize) -> RateFigure {
    let of: Vec<u64> = rows.iter().filter_map(|row| row.rates[at].of).collect();
    let is_whole = !of.is_empty() && !rows.iter().any(|row| lacks_denominator(row, at));
    RateFigure {
        count: rows.iter().map(|row| row.rates[at].count).sum(),
        of: is_whole.then(|| of.iter().sum()),
        need: None,
    }
}

/// What the total row says of a rate: the whole's need, where the rows come to the whole.
fn of_total(books: &Books<'_>, rows: &[&RegionFigures], at: usize) -> RateFigure {
    let mut total = summed(rows, at);
    let Some(whole) = whole(books) else {
        return total;
    };
    let first_below = rows
        .iter()
        .all(|row| row.parent == whole.code || row.code == whole.code);
    let comes_to_it = total.count == whole.rates[at].count && total.of == whole.rates[at].of;
    if first_below || comes_to_it {
        total.need = whole.rates[at].need;
    }
    total
}

/// Who is in transit stands beside every figure that is without them.
pub(super) fn in_transit(books: &Books<'_>, sheet: &mut PrintedSheet) {
    let persons = whole(books).map_or(0, |whole| whole.standing(Standing::InTransit));
    if persons > 0 {
        let note = beside_in_transit(persons, books.contents.lang);
        sheet.notes.push(note);
    }
}

fn notes(books: &Books<'_>, rows: &[&RegionFigures], sheet: &mut PrintedSheet, with_rates: bool) {
    books.settled(sheet, Under::Coverage);
    in_transit(books, sheet);
    if rows.iter().any(|row| row.code.is_empty()) {
        sheet.notes.push(books.text(Text::OtherNote).to_owned());
    }
    if books.contents.scheme.is_of_a_province()
        && rows.iter().any(|row| row.level == RegionLevel::County)
    {
        sheet
            .notes
            .push(books.text(Text::DownToCountyNote).to_owned());
    }
    if !with_rates {
        return;
    }
    if rows.iter().any(|row| row.unit) {
        sheet.notes.push(books.text(Text::UnitNote).to_owned());
    }
    if rows.len() > 1 {
        sheet.notes.push(books.text(Text::MissingNote).to_owned());
    }
    let rates: Vec<(usize, &Rate)> = books.contents.scheme.rates.iter().enumerate().collect();
    rate_notes(books, rows, &rates, sheet);
}

/// Whether a rate counts more than its denominator in one of these regions.
fn exceeds(rows: &[&RegionFigures], at: usize, wanted: impl Fn(&str) -> bool) -> bool {
    let rates = rows
        .iter()
        .filter(|row| wanted(&row.code))
        .map(|row| &row.rates[at]);
    let mut counts = rates.filter_map(|rate| Some((rate.count, rate.of?)));
    counts.any(|(count, of)| of > 0 && count > of)
}

/// What the denominators of these rates are, and why some are exceeded.
fn rate_notes(
    books: &Books<'_>,
    rows: &[&RegionFigures],
    rates: &[(usize, &Rate)],
    sheet: &mut PrintedSheet,
) {
    sheet
        .notes
        .extend(denominators(books, rates.iter().map(|(_, rate)| *rate)));
    let nothing = rates
        .iter()
        .filter(|(at, _)| rows.iter().all(|row| row.rates[*at].of.is_none()));
    sheet.notes.extend(nothing.map(|(_, rate)| {
        let lang = books.contents.lang;
        without_denominator(&rate.name, against(rate.against, lang), lang)
    }));
    let is_over = |against| {
        (rates.iter())
            .any(|(at, rate)| exceeds(rows, *at, |code| rate.denominator_in(code) == against))
    };
    let is_incomplete = |(at, _): &(usize, &Rate)| {
        rows.iter().any(|row| row.rates[*at].of.is_some())
            && rows.iter().any(|row| lacks_denominator(row, *at))
    };
    if rates.iter().any(is_incomplete) {
        sheet
            .notes
            .push(books.text(Text::IncompleteNote).to_owned());
    }
    if is_over(Against::Population) {
        sheet.notes.push(books.text(Text::OverNote).to_owned());
    }
    if is_over(Against::Task) {
        sheet.notes.push(books.text(Text::OverTaskNote).to_owned());
    }
}

/// Denominators that need a word: those that differ by region, and the stated default of residents.
pub(super) fn denominators<'r>(
    books: &Books<'_>,
    rates: impl Iterator<Item = &'r Rate> + Clone,
) -> Vec<String> {
    let regions = &books.contents.scheme.regions;
    let mut notes: Vec<String> = rates
        .clone()
        .filter(|rate| !rate.against_by_region.is_empty())
        .map(|rate| {
            let named = rate
                .against_by_region
                .iter()
                .map(|(code, against)| (regions.name(code).to_owned(), *against));
            of_regions(
                &named.collect::<Vec<_>>(),
                rate.against,
                books.contents.lang,
            )
        })
        .collect();
    notes.dedup();
    let is_of_residents = |rate: &Rate| {
        rate.against == Against::Residents
            || rate
                .against_by_region
                .iter()
                .any(|(_, against)| *against == Against::Residents)
    };
    if rates.into_iter().any(is_of_residents) {
        notes.push(books.text(Text::ResidentsNote).to_owned());
    }
    notes
}

/// One progress sheet a level: every rate of the pipeline with target, mark and what is missing.
pub(super) fn progress(books: &Books<'_>, tabs: &mut Tabs) -> Vec<PrintedSheet> {
    levels(books)
        .into_iter()
        .map(|level| progress_of(books, tabs, level))
        .collect()
}

/// Head of the mark of a rate on the as-of date.
fn mark_head(books: &Books<'_>, rate: &Rate) -> String {
    let name = (!rate.primary).then_some(rate.name.as_str());
    let (day, lang) = (books.contents.facts.as_of, books.contents.lang);
    mark(name, &target(books, rate), day, lang)
}

/// The target of a rate in words.
pub(super) fn target(books: &Books<'_>, rate: &Rate) -> String {
    let persons = rate
        .target_persons
        .map(|persons| format!("{persons}{}", books.text(Text::PersonsUnit)));
    let states_floor = books
        .contents
        .facts
        .coverage
        .iter()
        .any(|row| row.floor.is_some());
    let floor = (rate.against == Against::Task && states_floor)
        .then(|| Head::Floor.text(books.contents.lang).to_owned());
    let share = rate
        .target
        .map(|share| format!("{}%", trimmed(&share.percent(4))));
    match persons.or(floor).or(share) {
        Some(target) => format!("{}{target}", books.text(Text::SetTarget)),
        None => books.text(Text::NoTarget).to_owned(),
    }
}

fn trimmed(decimal: &str) -> &str {
    decimal.trim_end_matches('0').trim_end_matches('.')
}

/// Columns of `progress_columns`.
const PROGRESS_COLUMNS: &[Heading] = &[
    heading(Head::Rank, Kind::Centred),
    heading(Head::Above, Kind::Text).at_most(16),
    heading(Head::Place, Kind::Text),
    heading(Head::Register, Kind::Count),
    heading(Head::Population, Kind::Count),
    heading(Head::Task, Kind::Count),
    heading(Head::Floor, Kind::Count),
    heading(Head::LastYear, Kind::Count),
    heading(Head::Registered, Kind::Count),
    heading(Head::Residents, Kind::Count),
    heading(Head::Employees, Kind::Count),
];

fn progress_columns(books: &Books<'_>) -> Vec<PrintedColumn> {
    let mut columns = books.columns(PROGRESS_COLUMNS);
    for rate in &books.contents.scheme.rates {
        columns.push(PrintedColumn::new(rate_name(books, rate), Kind::Percent));
        // The heads of a table differ; the rate that ranks has the plain ones.
        let of = |head: Head| {
            let head = head.text(books.contents.lang);
            if rate.primary {
                head.to_owned()
            } else {
                format!(
                    "{head}{}",
                    books
                        .contents
                        .lang
                        .pick("（{}）", " ({})")
                        .replace("{}", &rate.name)
                )
            }
        };
        columns.push(PrintedColumn::new(mark_head(books, rate), Kind::Centred));
        columns.push(PrintedColumn::new(of(Head::Missing), Kind::Count));
    }
    columns
}

fn progress_of(books: &Books<'_>, tabs: &mut Tabs, level: RegionLevel) -> PrintedSheet {
    let rows = rows(books, level);
    let scheme = books.contents.scheme;
    let title = sheet_title(books, Title::Progress, level);
    let mut sheet = books
        .sheet(
            tab(books, tabs, TabOf::Progress, level),
            &title,
            progress_columns(books),
        )
        .in_unit(books.text(Text::UnitPersons));
    let root = scheme.regions.root();
    let rest = unplaced(books, level, &rows);
    let all: Vec<&RegionFigures> = rows.iter().copied().chain(&rest).collect();
    for (at, row) in all.iter().enumerate() {
        let is_rest = at == rows.len();
        let above = if is_rest || row.parent == root || row.code == root {
            Cell::Blank
        } else {
            Cell::text(scheme.regions.name(&row.parent))
        };
        let name = if is_rest {
            unplaced_name(books, level)
        } else {
            place_name(books, row)
        };
        // The scheme itself has no rivals.
        let rank = row
            .rank
            .filter(|_| row.code != root)
            .map_or(Cell::Dash, |rank| Cell::Ordinal(u64::from(rank)));
        let mut cells = vec![rank, above, Cell::text(name)];
        cells.push(Cell::Count(row.register()));
        cells.extend([row.population, row.task, row.floor, row.last_year].map(Cell::count));
        cells.extend(
            [
                row.registered(),
                row.registered_resident,
                row.registered_employee,
            ]
            .map(Cell::Count),
        );
        for (figure, rate) in row.rates.iter().zip(&scheme.rates) {
            cells.push(rate_cell(figure, rate, figure.met()));
            cells.push(figure.met().map_or(Cell::Dash, Cell::Mark));
            cells.push(Cell::count(figure.missing()));
        }
        sheet.item(cells);
    }
    if all.len() > 1 {
        // What the rows come to is a sum; what is missing is against the whole's own target, in a row of its own.
        let mut whole = vec![Cell::Blank; sheet.columns.len()];
        whole[2] = Cell::text(format!(
            "{}{}",
            scheme.regions.name(scheme.regions.root()),
            books.text(Text::WholePlace)
        ));
        let (mut others, mut has_target) = (Vec::new(), false);
        for (at, rate) in scheme.rates.iter().enumerate() {
            let figure = of_total(books, &all, at);
            let met = figure.met();
            has_target |= met.is_some();
            others.push((11 + 3 * at, rate_cell(&figure, rate, met)));
            others.extend([(12 + 3 * at, Cell::Dash), (13 + 3 * at, Cell::Dash)]);
            whole[11 + 3 * at] = rate_cell(&figure, rate, met);
            whole[12 + 3 * at] = met.map_or(Cell::Dash, Cell::Mark);
            whole[13 + 3 * at] = Cell::count(figure.missing());
        }
        sheet.total(RowKind::Total, (2, books.text(Text::Total)), others);
        if has_target {
            sheet.push(RowKind::Whole, whole);
        }
    }
    notes(books, &rows, &mut sheet, true);
    sheet.signature = books.text(Text::ProgressSignature).to_owned();
    sheet.drop_empty_columns();
    let place = Head::Place.text(books.contents.lang);
    sheet.frozen = sheet
        .columns
        .iter()
        .position(|column| column.head == place)
        .map_or(1, |at| at as u16 + 1);
    sheet
}

/// One sheet a level below the scheme's: places in the order of the primary rate.
pub(super) fn rankings(books: &Books<'_>, tabs: &mut Tabs) -> Vec<PrintedSheet> {
    let ranked = |level: &RegionLevel| {
        rows(books, *level)
            .iter()
            .any(|row| row.rank.is_some() && row.code != books.contents.scheme.regions.root())
    };
    levels(books)
        .into_iter()
        .filter(ranked)
        .map(|level| ranking_of(books, tabs, level))
        .collect()
}

fn ranking_of(books: &Books<'_>, tabs: &mut Tabs, level: RegionLevel) -> PrintedSheet {
    let scheme = books.contents.scheme;
    let (at, rate) = scheme
        .rates
        .iter()
        .enumerate()
        .find(|(_, rate)| rate.primary)
        .expect("loading saw exactly one"); // checked in load
    let mut rows: Vec<&RegionFigures> = rows(books, level)
        .into_iter()
        .filter(|row| row.rank.is_some())
        .collect();
    // Equal ranks: more persons first, for display only.
    rows.sort_by(|a, b| {
        a.rank
            .cmp(&b.rank)
            .then(b.rates[at].count.cmp(&a.rates[at].count))
            .then(a.code.cmp(&b.code))
    });
    let columns = vec![
        books.column(Head::Rank, Kind::Centred),
        books.column(Head::Above, Kind::Text).at_most(16),
        books.column(Head::Place, Kind::Text),
        books.column(Head::Numerator, Kind::Count),
        books.column(Head::Denominator, Kind::Count),
        PrintedColumn::new(rate_name(books, rate), Kind::Percent),
        PrintedColumn::new(mark_head(books, rate), Kind::Centred),
        books.column(Head::Need, Kind::Count),
        books.column(Head::Missing, Kind::Count),
    ];
    let title = sheet_title(books, Title::Ranking, level);
    let mut sheet = books
        .sheet(tab(books, tabs, TabOf::Ranking, level), &title, columns)
        .in_unit(books.text(Text::UnitPersons));
    for row in &rows {
        let figure = &row.rates[at];
        let above = if row.parent == scheme.regions.root() {
            Cell::Blank
        } else {
            Cell::text(scheme.regions.name(&row.parent))
        };
        sheet.item(vec![
            Cell::ordinal(row.rank.map(u64::from)),
            above,
            Cell::text(place_name(books, row)),
            Cell::Count(figure.count),
            Cell::count(figure.of),
            rate_cell(figure, rate, figure.met()),
            figure.met().map_or(Cell::Dash, Cell::Mark),
            Cell::count(figure.need),
            Cell::count(figure.missing()),
        ]);
    }
    sheet.total(
        RowKind::Total,
        (2, books.text(Text::RankedTotal)),
        vec![
            (5, rate_cell(&summed(&rows, at), rate, None)),
            (8, Cell::Dash), // no target is theirs together
        ],
    );
    let has_weekly = scheme.assessment.is_some();
    sheet.notes.push(ranking_counts(
        rate.count,
        scheme.insured_when_paid,
        has_weekly,
        books.contents.lang,
    ));
    books.settled(&mut sheet, Under::Coverage);
    in_transit(books, &mut sheet);
    rate_notes(books, &rows, &[(at, rate)], &mut sheet);
    sheet.signature = books.text(Text::ProgressSignature).to_owned();
    sheet.drop_empty_columns();
    sheet.paper = crate::report::sheet::Paper::Portrait;
    sheet
}

/// One sheet a level: where the persons of the register stand. The standings of a row add up to its register.
pub(super) fn standings(books: &Books<'_>, tabs: &mut Tabs) -> Vec<PrintedSheet> {
    let wanted = |level: &RegionLevel| rows(books, *level).iter().any(|row| row.register() > 0);
    levels(books)
        .into_iter()
        .filter(wanted)
        .map(|level| standings_of(books, tabs, level))
        .collect()
}

/// Columns of `standings_of`.
const STANDINGS_OF_COLUMNS: &[Heading] = &[
    heading(Head::Above, Kind::Text).at_most(16),
    heading(Head::Place, Kind::Text),
    heading(Head::Register, Kind::Count),
];

fn standings_of(books: &Books<'_>, tabs: &mut Tabs, level: RegionLevel) -> PrintedSheet {
    let rows = rows(books, level);
    let mut columns = books.columns(STANDINGS_OF_COLUMNS);
    columns.extend(
        Standing::ALL
            .iter()
            .map(|standing| PrintedColumn::new(standing.label(books.contents.lang), Kind::Count)),
    );
    columns.push(books.column(Head::Insured, Kind::Count));
    columns.push(books.column(Head::StrictRate, Kind::Percent));
    columns.push(books.column(Head::Settled, Kind::Count));
    columns.push(books.column(Head::SettledRate, Kind::Percent));
    let title = sheet_title(books, Title::Standings, level);
    let mut sheet = books
        .sheet(tab(books, tabs, TabOf::Standings, level), &title, columns)
        .in_unit(books.text(Text::UnitPersons));
    let root = books.contents.scheme.regions.root();
    let rest = unplaced(books, level, &rows).filter(|rest| rest.register() > 0);
    let all: Vec<&RegionFigures> = rows.iter().copied().chain(&rest).collect();
    for (at, row) in all.iter().enumerate() {
        let is_rest = at == rows.len();
        let above = if is_rest || row.parent == root || row.code == root {
            Cell::Blank
        } else {
            Cell::text(books.contents.scheme.regions.name(&row.parent))
        };
        let name = if is_rest {
            unplaced_name(books, level)
        } else {
            place_name(books, row)
        };
        let mut cells = vec![above, Cell::text(name), Cell::Count(row.register())];
        cells.extend(
            Standing::ALL
                .iter()
                .map(|standing| Cell::Count(row.standing(*standing))),
        );
        cells.extend([
            Cell::Count(row.insured()),
            Cell::rate(row.insured(), row.register()),
        ]);
        cells.extend([
            Cell::Count(row.settled()),
            Cell::rate(row.settled(), row.register()),
        ]);
        sheet.item(cells);
    }
    if all.len() > 1 {
        let sum = |of: fn(&RegionFigures) -> u64| all.iter().map(|row| of(row)).sum::<u64>();
        let register = sum(RegionFigures::register);
        let strict = 3 + Standing::COUNT + 1;
        let others = vec![
            (strict, Cell::rate(sum(RegionFigures::insured), register)),
            (
                strict + 2,
                Cell::rate(sum(RegionFigures::settled), register),
            ),
        ];
        sheet.total(RowKind::Total, (1, books.text(Text::Total)), others);
    }
    notes(books, &rows, &mut sheet, false);
    sheet.signature = books.text(Text::ProgressSignature).to_owned();
    sheet.drop_empty_columns();
    sheet
}
