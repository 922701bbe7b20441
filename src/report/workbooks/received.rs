//! 数据来源: every file that lay in the folder, what it was taken for, and what of it counts. No person in it.

use super::heading::{Heading, heading};
use super::{Books, Tabs};
use crate::domain::Fate;
use crate::domain::period::day_of_epoch;
use crate::report::sheet::{Cell, Kind, PrintedSheet, RowKind};
use crate::words::Label;
use crate::words::tables::{Head, Tab, Text, Title};

/// Columns of the sheet.
const COLUMNS: &[Heading] = &[
    heading(Head::Source, Kind::Text).at_most(12),
    heading(Head::File, Kind::Text).at_most(30),
    heading(Head::Sheet, Kind::Text).at_most(12),
    heading(Head::Batch, Kind::Centred),
    heading(Head::RowsRead, Kind::Count),
    heading(Head::RowsUsed, Kind::Count),
    heading(Head::FirstPaid, Kind::Date),
    heading(Head::LastPaid, Kind::Date),
    heading(Head::Paid, Kind::Yuan),
    heading(Head::Remark, Kind::Text).at_most(24),
];

/// Claimed files sheet by sheet, in order of source and name, then those that nobody claims.
pub(super) fn sheet(books: &Books<'_>, tabs: &mut Tabs) -> PrintedSheet {
    let lang = books.contents.lang;
    let facts = books.contents.facts;
    let tab = tabs.name(Tab::Received.text(lang));
    let columns = books.columns(COLUMNS);
    let mut sheet = books
        .sheet(tab, books.title(Title::Received), columns)
        .in_unit(books.text(Text::UnitYuan));
    for (origin, fates, account) in facts.received() {
        let set_aside = Fate::ALL.iter().rev().filter(|fate| {
            !matches!(fate, Fate::Used | Fate::Blank | Fate::Heading) && fates.of(**fate) > 0
        });
        let set_aside: Vec<String> = set_aside
            .map(|fate| format!("{} {}", fate.label(lang), fates.of(*fate)))
            .collect();
        let day = |day: Option<i32>| day.map_or(Cell::Blank, |day| Cell::Date(day_of_epoch(day)));
        let money = account
            .days
            .map_or(Cell::Blank, |_| Cell::Yuan(account.fen));
        sheet.item(vec![
            Cell::text(origin.source.label(lang)),
            Cell::text(&origin.file),
            Cell::text(&origin.sheet),
            Cell::text(origin.batch.as_deref().unwrap_or_default()),
            Cell::Count(origin.rows_read),
            Cell::Count(fates.of(Fate::Used)),
            day(account.days.map(|(first, _)| first)),
            day(account.days.map(|(_, last)| last)),
            money,
            Cell::text(set_aside.join(lang.pick("，", ", "))),
        ]);
    }
    if !facts.unclaimed.is_empty() {
        let title = vec![Cell::text(books.text(Text::Unclaimed))];
        sheet.push(RowKind::Group, title);
    }
    for file in &facts.unclaimed {
        let mut cells = vec![Cell::text(books.text(Text::NotUsed)), Cell::text(file)];
        cells.resize(COLUMNS.len(), Cell::Blank);
        sheet.item(cells);
    }
    sheet
}
