//! Assessment: the weekly table, what every place's rate brings, the groups it hangs on, leaders and clinics. No person in it.

use super::coverage::{denominators, in_transit, target};
use super::heading::{Heading, heading};
use super::{Books, Tabs, closed};
use crate::domain::{Fraction, Ratio};
use crate::measure::Assessed;
use crate::measure::assessment::{AssessedRegion, GroupOnDay, Previous, TierFigure};
use crate::report::data::assessment::SCORE_PLACES;
use crate::report::sheet::{Cell, Kind, Paper, PrintedColumn, PrintedSheet, RowKind};
use crate::scheme::{Assessment, Count, Under};
use crate::words::tables::{Head, Tab, Text, Title, as_of, mark};
use crate::words::{Label, assessment as words};

/// What the sheets are made from.
struct Board<'b, 'a> {
    books: &'b Books<'a>,
    assessed: &'a Assessed,
    rules: &'a Assessment,
}

/// Nothing where the pipeline has no `[assessment]`.
pub(super) fn sheets(books: &Books<'_>, tabs: &mut Tabs) -> Vec<PrintedSheet> {
    let (facts, scheme) = (books.contents.facts, books.contents.scheme);
    let (Some(assessed), Some(rules)) = (&facts.assessment, &scheme.assessment) else {
        return Vec::new();
    };
    let board = Board {
        books,
        assessed,
        rules,
    };
    let mut sheets = Vec::new();
    if rules.weekly.is_some() || assessed.since.is_some() {
        sheets.push(board.weekly(tabs));
    }
    sheets.push(board.assessment(tabs));
    if rules.tiers.iter().any(|tier| !tier.groups.is_empty()) {
        sheets.push(board.groups(tabs));
    }
    if !rules.leaders.is_empty() {
        sheets.push(board.leaders(tabs));
    }
    if rules.clinic_below.is_some() {
        sheets.push(board.clinics(tabs));
    }
    sheets
}

/// Columns of `assessment` after place and rate.
const ASSESSMENT_COLUMNS: &[Heading] = &[
    heading(Head::Criticised, Kind::Centred),
    heading(Head::Tier, Kind::Centred),
    heading(Head::TierPersons, Kind::Count),
    heading(Head::TierMoney, Kind::Yuan),
    heading(Head::TierDue, Kind::Centred),
    heading(Head::Score, Kind::Centred),
    heading(Head::FundPersons, Kind::Count),
    heading(Head::FundMoney, Kind::Yuan),
    heading(Head::Clinic, Kind::Centred),
];

/// Columns of `leaders`.
const LEADERS_COLUMNS: &[Heading] = &[
    heading(Head::Serial, Kind::Centred),
    heading(Head::Post, Kind::Text),
    heading(Head::LinkedPlaces, Kind::Text).at_most(60),
    heading(Head::LinkedCount, Kind::Centred),
    heading(Head::MeanRate, Kind::Centred),
    heading(Head::Score, Kind::Centred),
];

impl<'a> Board<'_, 'a> {
    fn sheet(&self, tab: String, title: &str, columns: Vec<PrintedColumn>) -> PrintedSheet {
        let mut sheet = self.books.sheet(tab, title, columns);
        sheet.left = as_of(self.assessed.day, self.books.contents.lang);
        self.books.settled(&mut sheet, Under::Assessment);
        sheet.signature = self.books.text(Text::ProgressSignature).to_owned();
        sheet
    }

    fn place_columns(&self) -> [PrintedColumn; 2] {
        let level =
            PrintedColumn::new(self.rules.level.label(self.books.contents.lang), Kind::Text);
        [
            self.books.column(Head::Above, Kind::Text).at_most(16),
            level,
        ]
    }

    fn place_cells(&self, row: &AssessedRegion) -> [Cell; 2] {
        let scheme = self.books.contents.scheme;
        let Some(region) = scheme.regions.get(&row.code) else {
            return [Cell::Blank, Cell::text(self.books.text(Text::Other))];
        };
        if row.whole {
            let name = format!("{}{}", region.name, self.books.text(Text::WholePlace));
            return [Cell::Blank, Cell::text(name)];
        }
        let above = if region.parent == scheme.regions.root() {
            ""
        } else {
            scheme.regions.name(&region.parent)
        };
        [Cell::text(above), Cell::text(&region.name)]
    }

    /// A rate that never prints as any threshold it has missed.
    fn rate_cell(&self, row: &AssessedRegion) -> Cell {
        let Some(ratio) = row.rate.of.and_then(|of| Ratio::new(row.rate.count, of)) else {
            return Cell::Dash;
        };
        let need = row.rate.need.and_then(|need| Ratio::new(need, ratio.of));
        let mut targets: Vec<Ratio> = self.rules.tiers.iter().map(|tier| tier.at_least).collect();
        targets.extend(self.books.contents.scheme.assessed_rate().target);
        targets.extend(self.rules.clinic_below);
        targets.extend(self.rules.score.and_then(|rule| rule.zero_below));
        targets.extend(need);
        targets.retain(|target| ratio < *target);
        Cell::Percent {
            rate: ratio,
            targets,
            met: row.rate.met(),
        }
    }

    fn rate_cells(&self, row: &AssessedRegion) -> [Cell; 6] {
        [
            Cell::Count(row.rate.count),
            Cell::count(row.rate.of),
            self.rate_cell(row),
            row.rate.met().map_or(Cell::Dash, Cell::Mark),
            Cell::count(row.rate.need),
            Cell::count(row.rate.missing()),
        ]
    }

    /// Head of the marks: the assessed rate, its target and its day. A rate of registrations has another figure in the
    /// progress table, so it never goes without its name.
    fn mark_head(&self) -> String {
        let (books, lang) = (self.books, self.books.contents.lang);
        let rate = books.contents.scheme.assessed_rate();
        let name = match (rate.count, rate.primary) {
            (Count::Registered, _) => Some(words::by_payment(&rate.name, lang)),
            (Count::Insured | Count::Paid, false) => Some(rate.name.clone()),
            (Count::Insured | Count::Paid, true) => None,
        };
        mark(
            name.as_deref(),
            &target(books, rate),
            self.assessed.day,
            lang,
        )
    }

    /// Both runs count the same day: whoever is new has come later.
    fn new_head(&self) -> Head {
        let counted = self.assessed.since.map(|since| self.rules.closing(since));
        if counted == Some(self.assessed.day) {
            Head::Arrived
        } else {
            Head::NewSince
        }
    }

    fn rate_columns(&self) -> [PrintedColumn; 6] {
        let mut columns = [
            (Head::Numerator, Kind::Count),
            (Head::Denominator, Kind::Count),
            (Head::Rate, Kind::Percent),
            (Head::TargetMet, Kind::Centred),
            (Head::Need, Kind::Count),
            (Head::Missing, Kind::Count),
        ]
        .map(|(head, kind)| self.books.column(head, kind));
        columns[3].head = self.mark_head();
        columns
    }

    /// Rate of the printed rows together.
    fn total_rate(&self) -> Cell {
        let rows = self.assessed.rows.iter().filter(|row| !row.whole);
        // A place that counts people against nothing known leaves the sum of the others short of the whole.
        let regions = &self.books.contents.scheme.regions;
        let is_place =
            |row: &&AssessedRegion| regions.get(&row.code).is_some_and(|region| !region.unit);
        if rows
            .clone()
            .filter(is_place)
            .any(|row| row.rate.of.is_none() && row.rate.count > 0)
        {
            return Cell::Dash;
        }
        let (count, of) = rows.fold((0, 0), |(count, of), row| {
            (count + row.rate.count, of + row.rate.of.unwrap_or(0))
        }); // no denominator adds none
        Cell::rate(count, of)
    }

    /// What is counted against what.
    fn counting(&self, sheet: &mut PrintedSheet) {
        let contents = &self.books.contents;
        sheet
            .notes
            .push(self.books.text(Text::PaymentsNote).to_owned());
        in_transit(self.books, sheet);
        sheet.notes.extend(words::counting(
            contents.scheme,
            self.rules,
            contents.facts.as_of,
            contents.lang,
        ));
        sheet.notes.extend(denominators(
            self.books,
            std::iter::once(contents.scheme.assessed_rate()),
        ));
    }

    /// A word that stands there when something holds.
    fn when(&self, holds: Option<bool>, text: Text) -> Cell {
        if holds == Some(true) {
            Cell::text(self.books.text(text))
        } else {
            Cell::Blank
        }
    }

    fn close(&self, sheet: &mut PrintedSheet, whole: Option<Vec<Cell>>) {
        let mut total = vec![(5, self.total_rate())];
        if whole.is_some() {
            // Mark, need and missing are of the whole's own target.
            total.extend([(6, Cell::Dash), (7, Cell::Dash), (8, Cell::Dash)]);
        }
        sheet.total(RowKind::Total, (2, self.books.text(Text::Total)), total);
        if let Some(cells) = whole {
            sheet.push(RowKind::Whole, cells);
            sheet
                .notes
                .push(self.books.text(Text::WholeNote).to_owned());
        }
        if self.assessed.rows.iter().any(|row| row.code.is_empty()) {
            sheet
                .notes
                .push(self.books.text(Text::OtherNote).to_owned());
        }
        sheet.drop_empty_columns();
    }

    /// Places by rank with what has changed since the issue before.
    fn weekly(&self, tabs: &mut Tabs) -> PrintedSheet {
        let (books, lang) = (self.books, self.books.contents.lang);
        let mut columns = vec![books.column(Head::Rank, Kind::Centred)];
        columns.extend(self.place_columns());
        columns.extend(self.rate_columns());
        for head in [
            Head::PreviousRank,
            Head::RankChange,
            Head::PointsChange,
            self.new_head(),
            Head::Lagging,
            Head::LagWeeks,
            Head::Summoned,
        ] {
            columns.push(books.column(head, Kind::Centred));
        }
        let is_weekly = self.rules.weekly.is_some();
        let (tab, title) = if is_weekly {
            (Tab::Weekly, Title::Weekly)
        } else {
            (Tab::Bulletin, Title::Bulletin)
        };
        let title = format!(
            "{}{}",
            books.title(title),
            words::issue(self.assessed, self.rules, lang)
        );
        let mut sheet = self
            .sheet(tabs.name(tab.text(lang)), &title, columns)
            .in_unit(books.text(Text::UnitPersons));
        let mut rows: Vec<&AssessedRegion> =
            self.assessed.rows.iter().filter(|row| !row.whole).collect();
        // Equal ranks: more persons first, for display only. Who has no rank stands last.
        rows.sort_by(|a, b| {
            let key = |row: &AssessedRegion| {
                (
                    row.rank.is_none(),
                    row.rank,
                    row.code.is_empty(),
                    u64::MAX - row.rate.count,
                )
            };
            key(a).cmp(&key(b)).then_with(|| a.code.cmp(&b.code))
        });
        for row in rows {
            sheet.item(self.weekly_cells(row));
        }
        self.counting(&mut sheet);
        sheet
            .notes
            .extend(words::weekly(self.assessed, self.rules, lang));
        let whole = self
            .assessed
            .rows
            .iter()
            .find(|row| row.whole)
            .map(|row| self.weekly_cells(row));
        self.close(&mut sheet, whole);
        sheet.frozen = 2;
        sheet
    }

    fn weekly_cells(&self, row: &AssessedRegion) -> Vec<Cell> {
        let mut cells = vec![
            row.rank
                .map_or(Cell::Dash, |rank| Cell::Ordinal(u64::from(rank))),
        ];
        cells.extend(self.place_cells(row));
        cells.extend(self.rate_cells(row));
        cells.extend(changes(row));
        cells.push(self.when(row.lagging, Text::Lags));
        cells.push(
            row.lag_weeks
                .filter(|weeks| *weeks > 0)
                .map_or(Cell::Blank, |weeks| Cell::Ordinal(u64::from(weeks))),
        );
        cells.push(self.when(row.summoned, Text::Summon));
        cells
    }

    /// What every place's rate brings.
    fn assessment(&self, tabs: &mut Tabs) -> PrintedSheet {
        let (books, lang) = (self.books, self.books.contents.lang);
        let mut columns = vec![books.column(Head::Serial, Kind::Centred)];
        columns.extend(self.place_columns());
        columns.extend(self.rate_columns());
        columns.extend(books.columns(ASSESSMENT_COLUMNS));
        let tab = tabs.name(Tab::Assessment.text(lang));
        let mut sheet = self
            .sheet(tab, books.title(Title::Assessment), columns)
            .in_unit(books.text(Text::UnitPersonsYuanRate));
        for (serial, row) in (1u64..).zip(self.assessed.rows.iter().filter(|row| !row.whole)) {
            sheet.item(self.assessment_cells(Cell::Ordinal(serial), row));
        }
        let scheme = books.contents.scheme;
        self.counting(&mut sheet);
        sheet.notes.extend(words::assessment(
            self.rules,
            scheme,
            books.contents.facts.as_of,
            lang,
        ));
        let whole = self
            .assessed
            .rows
            .iter()
            .find(|row| row.whole)
            .map(|row| self.assessment_cells(Cell::Blank, row));
        self.close(&mut sheet, whole);
        sheet.frozen = 2;
        sheet
    }

    fn assessment_cells(&self, serial: Cell, row: &AssessedRegion) -> Vec<Cell> {
        let mut cells = vec![serial];
        cells.extend(self.place_cells(row));
        cells.extend(self.rate_cells(row));
        cells.push(self.when(row.criticised, Text::Criticise));
        cells.extend(self.tier_cells(row.tier.as_ref()));
        cells.push(
            row.score
                .as_ref()
                .map_or(Cell::Dash, |score| Cell::text(score.decimals(SCORE_PLACES))),
        );
        cells.push(Cell::count(row.fund.map(|(persons, _)| persons)));
        cells.push(row.fund.map_or(Cell::Dash, |(_, fen)| Cell::Yuan(fen)));
        cells.push(self.when(row.clinic, Text::ListClinic));
        cells
    }

    fn tier_cells(&self, tier: Option<&TierFigure>) -> [Cell; 4] {
        let Some(tier) = tier else {
            return [Cell::Dash, Cell::Dash, Cell::Dash, Cell::Dash];
        };
        let name = tier
            .at
            .map(|at| words::tier_name(at, self.books.contents.lang));
        [
            Cell::text(name.unwrap_or_else(|| self.books.text(Text::NoTier).to_owned())),
            Cell::Count(tier.persons),
            Cell::Yuan(tier.fen),
            Cell::text(
                self.books
                    .text(if tier.due { Text::Due } else { Text::NotDue }),
            ),
        ]
    }

    /// The groups that tiers hang on, place by place, strict and settled.
    fn groups(&self, tabs: &mut Tabs) -> PrintedSheet {
        let (books, lang) = (self.books, self.books.contents.lang);
        let mut columns = vec![books.column(Head::Serial, Kind::Centred)];
        columns.extend(self.place_columns());
        for (head, kind) in [
            (Head::MeasuredOn, Kind::Date),
            (Head::OnRosterAlive, Kind::Count),
            (Head::OnRosterDead, Kind::Count),
            (Head::Insured, Kind::Count),
            (Head::StrictRate, Kind::Percent),
            (Head::Whole, Kind::Centred),
            (Head::Settled, Kind::Count),
            (Head::SettledRate, Kind::Percent),
        ] {
            columns.push(books.column(head, kind));
        }
        let tab = tabs.name(Tab::AssessedGroups.text(lang));
        let mut sheet = self
            .sheet(tab, books.title(Title::AssessedGroups), columns)
            .in_unit(books.text(Text::UnitPersons));
        let mut wanted: Vec<usize> = self
            .rules
            .tiers
            .iter()
            .flat_map(|tier| tier.groups.iter().copied())
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        for group in wanted {
            sheet.push(
                RowKind::Group,
                vec![Cell::text(&books.contents.scheme.groups[group].name)],
            );
            let rows = self.assessed.rows.iter().filter_map(|row| {
                let tier = row.tier.as_ref()?;
                let on_day = tier.groups.iter().find(|on_day| on_day.group == group)?;
                // Whole without anybody: a line of zeros says nothing.
                (on_day.persons + on_day.deceased > 0).then_some((row, tier, on_day))
            });
            let before = sheet.rows.len();
            for (serial, (row, tier, on_day)) in (1u64..).zip(rows) {
                let mut cells = vec![Cell::Ordinal(serial)];
                cells.extend(self.place_cells(row));
                cells.push(Cell::Date(tier.day));
                cells.extend(group_cells(on_day));
                sheet.item(cells);
            }
            if sheet.rows.len() > before {
                sheet.total(
                    RowKind::Subtotal,
                    (2, books.text(Text::Subtotal)),
                    Vec::new(),
                );
            } else {
                sheet.push(
                    RowKind::Nothing,
                    vec![Cell::text(books.text(Text::Nothing))],
                );
            }
        }
        sheet
            .notes
            .push(books.text(Text::AssessedGroupNote).to_owned());
        sheet.drop_empty_columns();
        sheet.frozen = 2;
        sheet
    }

    /// Mean scores of those who answer for several places.
    fn leaders(&self, tabs: &mut Tabs) -> PrintedSheet {
        let (books, lang) = (self.books, self.books.contents.lang);
        let columns = books.columns(LEADERS_COLUMNS);
        let tab = tabs.name(Tab::Leaders.text(lang));
        let mut sheet = self.sheet(tab, books.title(Title::Leaders), columns);
        for (serial, leader) in (1u64..).zip(&self.assessed.leaders) {
            let names = leader.regions.iter();
            let names = names.map(|code| books.contents.scheme.regions.name(code));
            let percent = |rate: &Fraction| rate.times(&Fraction::whole(100));
            let decimals = |of: &Fraction| of.decimals(SCORE_PLACES);
            let (rate, score) = (leader.mean_rate.as_ref(), leader.score.as_ref());
            sheet.item(vec![
                Cell::Ordinal(serial),
                Cell::text(&leader.post),
                Cell::text(names.collect::<Vec<_>>().join(lang.pick("、", ", "))),
                Cell::Ordinal(leader.regions.len() as u64),
                rate.map_or(Cell::Dash, |rate| {
                    Cell::text(format!("{}%", decimals(&percent(rate))))
                }),
                score.map_or(Cell::Dash, |score| Cell::text(decimals(score))),
            ]);
        }
        sheet.notes.extend(
            self.rules
                .score
                .as_ref()
                .map(|rule| words::average(rule, lang).to_owned()),
        );
        sheet.paper = Paper::Portrait;
        sheet
    }

    /// Places whose clinics are listed.
    fn clinics(&self, tabs: &mut Tabs) -> PrintedSheet {
        let (books, lang) = (self.books, self.books.contents.lang);
        let mut columns = vec![books.column(Head::Serial, Kind::Centred)];
        columns.extend(self.place_columns());
        columns.extend(self.rate_columns().into_iter().take(3));
        let tab = tabs.name(Tab::Clinics.text(lang));
        let mut sheet = self
            .sheet(tab, books.title(Title::Clinics), columns)
            .in_unit(books.text(Text::UnitPersons));
        for (serial, row) in (1u64..).zip(
            self.assessed
                .rows
                .iter()
                .filter(|row| row.clinic == Some(true)),
        ) {
            let mut cells = vec![Cell::Ordinal(serial)];
            cells.extend(self.place_cells(row));
            cells.extend(self.rate_cells(row).into_iter().take(3));
            sheet.item(cells);
        }
        sheet.notes.extend(
            self.rules
                .clinic_below
                .map(|below| words::clinic(below, lang)),
        );
        let mut sheet = closed(sheet, books.text(Text::Nothing));
        sheet.drop_empty_columns();
        sheet.paper = Paper::Portrait;
        sheet
    }
}

/// Rank before, places risen, change in points, and who is new.
fn changes(row: &AssessedRegion) -> [Cell; 4] {
    let ratio = row.rate.of.and_then(|of| Ratio::new(row.rate.count, of));
    let Some((
        Previous {
            count,
            ratio: before,
            rank,
        },
        ratio,
    )) = row.previous.zip(ratio)
    else {
        return [Cell::Dash, Cell::Dash, Cell::Dash, Cell::Dash];
    };
    let risen = rank
        .zip(row.rank)
        .map(|(then, now)| i64::from(then) - i64::from(now));
    let risen = risen.map(|risen| match risen {
        0 => "→".to_owned(),
        1.. => format!("↑{risen}"),
        _ => format!("↓{}", -risen),
    });
    let points = ratio.points_since(before);
    let sign = if points.starts_with('-') || points == "0.00" {
        ""
    } else {
        "+"
    };
    let new = i128::from(row.rate.count) - i128::from(count);
    [
        rank.map_or(Cell::Dash, |rank| Cell::Ordinal(u64::from(rank))),
        risen.map_or(Cell::Dash, Cell::text),
        Cell::text(format!("{sign}{points}")),
        Cell::text(format!("{new:+}")),
    ]
}

fn group_cells(group: &GroupOnDay) -> [Cell; 7] {
    let strict = Ratio::new(group.insured, group.persons);
    let whole = Ratio { count: 1, of: 1 };
    let rate = |rate: Ratio| Cell::Percent {
        rate,
        targets: vec![whole],
        met: Some(group.is_whole()),
    };
    [
        Cell::Count(group.persons),
        Cell::Count(group.deceased),
        Cell::Count(group.insured),
        strict.map_or(Cell::Dash, rate),
        Cell::Mark(group.is_whole()),
        Cell::Count(group.settled),
        Cell::rate(group.settled, group.persons),
    ]
}
