//! Workbooks: what a bureau sends upward, downward and sideways, as sheets of meaning and then as xlsx.
//!
//! In:  facts, the scheme, the language.
//! Out: documents: 通报, 问题清单, 退费台账, 资助台账, lists for departments and accounts, one packet a region below the scheme's.
//! Never: opens a file, counts persons, or prints a total that is not the sum of its rows.

mod accounts;
mod assessment;
mod audit;
mod bridge;
mod checking;
mod cover;
mod coverage;
pub(super) mod declared;
mod departments;
mod entries;
mod frames;
mod groups;
mod heading;
mod ledgers;
mod of_place;
mod packets;
mod places;
mod problems;
mod received;
mod refunds;
mod render;
mod subsidies;
mod transit;
mod values;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use polars::prelude::PolarsResult;

use crate::domain::{Family, RegionLevel, SourceKind, Standing};
use crate::measure;
use crate::report::sheet::{Cell, Kind, Paper, PrintedColumn, PrintedSheet, Row, RowKind};
use crate::report::{Contents, Output};
use crate::scheme::Under;
use crate::words::Label;
use crate::words::tables::{Head, Text, Title, as_of, basis};
use frames::{Cases, Entries, Everyone, Findings, Roster, Subsidies, Transit};
use places::{Places, tab_name};

/// All workbooks, in the order of docs/outputs.md. Bytes are made when the desk asks for them, in
/// parallel if it likes.
///
/// # Errors
/// When a scratch file cannot be read.
pub fn workbooks<'a>(contents: Contents<'a>) -> anyhow::Result<Vec<Output<'a>>> {
    let places = Places::of(
        &contents.scheme.regions,
        contents.run.region.is_some(),
        contents.lang,
    );
    let lists = Lists::of(contents, &places)?;
    let books = Books {
        contents,
        lists: Arc::new(lists),
        places: Arc::new(places),
    };
    let lists = &books.lists;
    let listed = lists.roster.as_ref().map_or(0, |roster| roster.rows);
    let mut documents = vec![
        books.notice(),
        books.document("问题清单.xlsx", lists.findings.rows, problems::sheets),
        books.document("退费台账.xlsx", 2 * lists.cases.rows, refunds::sheets),
        books.document(
            "资助台账.xlsx",
            lists.subsidies.rows + lists.entries.rows + listed,
            subsidies::sheets,
        ),
    ];
    documents.extend(departments::documents(&books));
    let mut origins = contents.facts.origins.iter();
    if contents.scheme.lists.households
        && origins.any(|origin| origin.source == SourceKind::Households)
    {
        documents.push(books.document(
            "集体账户.xlsx",
            2 * contents.facts.lists.households.len(),
            accounts::sheets,
        ));
    }
    documents.extend(packets::documents(&books));
    Ok(documents)
}

/// The leadership workbook alone: it names nobody, so no list of persons is read for it.
///
/// # Errors
/// When a scratch file cannot be read.
pub(super) fn notice(contents: Contents<'_>) -> anyhow::Result<Vec<Output<'_>>> {
    let lists = Arc::new(Lists::of_nobody(contents)?);
    let places = Arc::new(Places::of(
        &contents.scheme.regions,
        contents.run.region.is_some(),
        contents.lang,
    ));
    Ok(vec![
        Books {
            contents,
            lists,
            places,
        }
        .notice(),
    ])
}

/// The lists that several workbooks print, read once.
struct Lists {
    findings: Findings,
    cases: Cases,
    subsidies: Subsidies,
    entries: Entries,
    transit: Transit,
    roster: Option<Roster>,
    everyone: Option<Everyone>,
    /// Of everyone who is subsidised on no roster.
    standings: HashMap<String, Standing>,
    /// Rows of `findings` and of `everyone` by place, 其他 last.
    findings_by_place: Vec<Vec<usize>>,
    everyone_by_place: Vec<Vec<usize>>,
}

impl Lists {
    fn of(contents: Contents<'_>, places: &Places<'_>) -> PolarsResult<Lists> {
        let facts = contents.facts;
        let findings = Findings::of(&facts.findings.frame()?);
        let everyone = Everyone::of(&facts.lists.everyone);
        let listed = everyone.as_ref().map_or(0, |everyone| everyone.rows);
        let subsidies = Subsidies::of(&facts.subsidy.frame()?);
        let roster = Roster::of(&facts.lists.roster);
        let home = |row: usize| {
            everyone
                .as_ref()
                .map_or("", |everyone| everyone.region_code.get(row))
        };
        Ok(Lists {
            findings_by_place: places.sorted(findings.rows, |row| findings.region_code.get(row)),
            everyone_by_place: places.sorted(listed, home),
            findings,
            cases: Cases::of(&facts.cases.frame()?),
            standings: subsidies::standings(&facts.standings, &subsidies, roster.as_ref())?,
            subsidies,
            entries: Entries::of(&facts.entries.frame()?),
            transit: Transit::of(&facts.transit.frame()?),
            roster,
            everyone,
        })
    }
}

impl Lists {
    /// What the leadership workbook asks for: sums of refunds, and findings about tables.
    fn of_nobody(contents: Contents<'_>) -> PolarsResult<Lists> {
        let facts = contents.facts;
        Ok(Lists {
            findings: Findings::of(&measure::of_codes(&facts.findings, |code| {
                code.family() == Family::Tables
            })?),
            cases: Cases::of(&facts.cases.frame()?),
            subsidies: Subsidies::of(&facts.subsidy.nothing()?),
            entries: Entries::of(&facts.entries.nothing()?),
            transit: Transit::of(&facts.transit.nothing()?),
            roster: None,
            everyone: None,
            standings: HashMap::new(),
            findings_by_place: Vec::new(),
            everyone_by_place: Vec::new(),
        })
    }
}

/// The leadership workbook: no person in it.
fn progress(books: &Books<'_>) -> Vec<PrintedSheet> {
    let mut tabs = Tabs::default();
    let mut sheets = vec![cover::cover(books, &mut tabs)];
    sheets.extend(coverage::progress(books, &mut tabs));
    sheets.extend(coverage::rankings(books, &mut tabs));
    sheets.extend(assessment::sheets(books, &mut tabs));
    sheets.extend(coverage::standings(books, &mut tabs));
    sheets.extend(groups::sheets(books, &mut tabs));
    sheets.push(bridge::sheet(books, &mut tabs));
    sheets.extend(checking::sheets(books, &mut tabs));
    sheets.push(received::sheet(books, &mut tabs));
    sheets.push(cover::settings(books, &mut tabs));
    sheets
}

/// Sheets made one after the other, so that only one of them stands in memory.
type Sheets<'s> = Box<dyn Iterator<Item = PrintedSheet> + 's>;

/// Names of sheets given so far in a workbook.
#[derive(Default)]
struct Tabs(HashSet<String>);

impl Tabs {
    fn name(&mut self, name: &str) -> String {
        tab_name(name, &mut self.0)
    }
}

/// What every workbook is made from.
#[derive(Clone)]
struct Books<'a> {
    contents: Contents<'a>,
    lists: Arc<Lists>,
    places: Arc<Places<'a>>,
}

impl<'a> Books<'a> {
    fn notice(&self) -> Output<'a> {
        self.document("参保进度通报.xlsx", 1_000, |books| {
            Box::new(progress(books).into_iter())
        })
    }

    /// A workbook of about so many rows.
    fn document(
        &self,
        path: impl Into<String>,
        rows: usize,
        sheets: impl for<'s> Fn(&'s Books<'a>) -> Sheets<'s> + Send + Sync + 'a,
    ) -> Output<'a> {
        let books = self.clone();
        Output::streamed(path, rows, move |sink| {
            let Contents { facts, lang, .. } = books.contents;
            render::workbook(sheets(&books), facts.as_of, lang, sink)
        })
    }

    fn text(&self, text: Text) -> &'static str {
        text.text(self.contents.lang)
    }

    fn column(&self, head: Head, kind: Kind) -> PrintedColumn {
        PrintedColumn::new(head.text(self.contents.lang), kind)
    }

    /// An empty sheet: scheme and title above, the as-of date at the left, the basis below.
    fn sheet(&self, tab: String, title: &str, columns: Vec<PrintedColumn>) -> PrintedSheet {
        let Contents {
            facts,
            scheme,
            lang,
            run: _,
        } = self.contents;
        PrintedSheet {
            name: tab,
            titles: vec![format!("{}{}{title}", scheme.name, lang.pick("", ": "))],
            advice: String::new(),
            left: as_of(facts.as_of, lang),
            right: String::new(),
            columns,
            rows: Vec::new(),
            notes: vec![basis(&scheme.basis, lang)],
            signature: String::new(),
            frozen: 1,
            filter: false,
            paper: Paper::Landscape,
        }
    }

    /// Prints under a sheet what the pipeline settled where the notice is silent.
    fn settled(&self, sheet: &mut PrintedSheet, under: Under) {
        sheet
            .notes
            .extend(self.contents.scheme.notes_under(under).map(str::to_owned));
    }

    /// The same for a list of persons: filters, and two columns that stay in sight.
    fn list(&self, tab: String, title: &str, columns: Vec<PrintedColumn>) -> PrintedSheet {
        PrintedSheet {
            filter: true,
            frozen: 2,
            ..self.sheet(tab, title, columns)
        }
    }

    fn title(&self, title: Title) -> &'static str {
        title.text(self.contents.lang)
    }

    /// Where the person is listed, in the two columns of `place_columns`. Words stand for a place without a code.
    fn place_cells(&self, code: &str, words: &str) -> [Cell; 2] {
        let other = if words.is_empty() {
            self.text(Text::Other)
        } else {
            words
        };
        [
            Cell::text(self.places.name(code, other)),
            Cell::text(self.places.rest(code)),
        ]
    }

    /// The first level below the scheme's region, and what lies under it: columns of every list of persons.
    fn place_columns(&self) -> [PrintedColumn; 2] {
        let (first, next) = self.places.levels();
        let head = |level: Option<RegionLevel>| {
            level.map_or_else(
                || Head::Place.text(self.contents.lang),
                |level| level.label(self.contents.lang),
            )
        };
        [
            PrintedColumn::new(head(first), Kind::Text).at_most(16),
            PrintedColumn::new(head(next), Kind::Text).at_most(20),
        ]
    }
}

/// Ends a list: without an item it says so in words.
fn closed(mut sheet: PrintedSheet, nothing: &str) -> PrintedSheet {
    if !sheet.rows.iter().any(|row| row.kind == RowKind::Item) {
        sheet.rows.retain(|row| {
            !matches!(
                row.kind,
                RowKind::Total | RowKind::Subtotal | RowKind::Group
            )
        });
        sheet.rows.push(Row {
            kind: RowKind::Nothing,
            cells: vec![Cell::text(nothing)],
        });
    }
    sheet
}
