//! Proposals: which `columns` a pipeline could declare, so that a file is understood. Made from headers and from what
//! stands under them; only proposed, never taken.

use std::collections::{BTreeMap, HashMap};

use super::clues::{self, Beside, Cells, Clue};
use super::discreet::is_discreet;
use super::warning::At;
use crate::domain::fault::WrongHeader;
use crate::domain::{Code, Field, Refusal, SourceKind};
use crate::intake::{self, Glimpse, Looked, SourceSheet, Trouble};
use crate::refine::identity::{self, IdType};
use crate::scheme::{Scheme, SourceRule};

/// What could be declared for a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The source.
    pub source: SourceKind,
    /// Everything that `columns` should say: what it says now, and what is proposed. A field has several headers where
    /// files of several offices write it differently.
    pub columns: Vec<(Field, Vec<String>)>,
    /// Whether `columns` says something now, which the proposal takes up.
    pub replaces: bool,
    /// What `unpivot` should say; empty where a row is one person.
    pub unpivot: Vec<Field>,
    /// Why, a column each.
    pub choices: Vec<Choice>,
    /// What no declaration can settle.
    pub open: Vec<Open>,
}

/// A column that is proposed for a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Where it stands.
    pub at: At,
    /// The field.
    pub field: Field,
    /// Position from 1.
    pub column: usize,
    /// Header as `columns` would name it.
    pub header: String,
    /// What speaks for it.
    pub evidence: Vec<Clue>,
}

/// A field that stays open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Where.
    pub at: At,
    /// The field.
    pub field: Field,
    /// Why.
    pub why: Why,
}

/// Why a field stays open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// A column (from 1) looks like it, but has no header that could be named.
    Unnamed(usize),
    /// Several columns have this one header.
    SameHeader(String),
    /// A column of this header looks like it, but other files have no such column, and would be refused.
    NotEverywhere(String),
    /// No column looks like it.
    Nowhere,
}

/// From here on a column's cells alone speak for a field.
const CONTENT: u8 = 60;

/// From here on a header alone speaks for a field, where cells do not speak against it.
const HEADER: u8 = 60;

/// From here on cells and header together do.
const BOTH: u8 = 30;

/// Rows in which the first record may stand: titles and header are a handful.
const TOP: usize = 60;

/// A sheet as columns.
struct Table<'a> {
    at: At,
    /// Whether the file was refused.
    refused: bool,
    /// Header of every column; blank where it has none.
    headers: Vec<String>,
    /// What each column is taken for already.
    known: Vec<Option<Field>>,
    /// Fields that a refusal calls ambiguous, with the headers it names.
    ambiguous: Vec<Field>,
    columns: Vec<Cells<'a>>,
}

/// Proposals for every source that could do with one.
pub(super) fn proposals(looked: &[Looked], scheme: &Scheme) -> Vec<Proposal> {
    scheme
        .sources
        .iter()
        .filter_map(|rule| proposal(rule, looked, scheme))
        .collect()
}

fn proposal(rule: &SourceRule, looked: &[Looked], scheme: &Scheme) -> Option<Proposal> {
    let of_source = looked.iter().filter(|file| file.source == rule.kind);
    let tables: Vec<Table<'_>> = of_source
        .flat_map(|file| tables(file, rule, scheme.year))
        .collect();
    let (mut chosen, mut open, mut unpivot) = (Vec::new(), Vec::new(), Vec::new());
    for table in &tables {
        let repeated = repeated_fields(table, rule, scheme.year);
        if repeated.is_empty() {
            let (choices, mut unsettled) = settle(table, scheme);
            chosen.push(choices);
            open.append(&mut unsettled);
        } else {
            chosen.push(Vec::new());
            unpivot = repeated;
        }
    }
    // A header that is declared must be in every sheet: a field that another sheet lacks cannot be declared. A sheet
    // that cannot be used anyway does not count.
    let is_in = |table: &Table<'_>, of_table: &[Choice], field: Field| {
        table.known.contains(&Some(field))
            || of_table.iter().any(|choice| choice.field == field)
            || lacking(table, of_table)
                .iter()
                .any(|group| group.contains(&field))
    };
    let everywhere = |field: Field| {
        tables
            .iter()
            .zip(&chosen)
            .all(|(table, of_table)| is_in(table, of_table, field))
    };
    let (choices, elsewhere_not): (Vec<Choice>, Vec<Choice>) = chosen
        .iter()
        .flatten()
        .cloned()
        .partition(|choice| everywhere(choice.field));
    for choice in elsewhere_not {
        let mine = tables.iter().find(|table| table.at == choice.at);
        if mine.is_some_and(|table| is_asked(table, choice.field)) {
            open.push(Open {
                at: choice.at,
                field: choice.field,
                why: Why::NotEverywhere(choice.header),
            });
        }
    }
    if choices.is_empty() && open.is_empty() && unpivot.is_empty() {
        return None;
    }
    let columns = merged(rule, &tables, &choices);
    Some(Proposal {
        source: rule.kind,
        columns,
        replaces: !rule.columns.is_empty(),
        unpivot,
        choices,
        open,
    })
}

/// What `columns` should say: proposals first, then the headers by which other files know the field, then what stands.
fn merged(
    rule: &SourceRule,
    tables: &[Table<'_>],
    choices: &[Choice],
) -> Vec<(Field, Vec<String>)> {
    let mut columns: BTreeMap<Field, Vec<String>> = BTreeMap::new();
    let mut add = |field: Field, header: &str| {
        let headers = columns.entry(field).or_default();
        if !header.is_empty() && !headers.iter().any(|known| same_header(known, header)) {
            headers.push(header.to_owned());
        }
    };
    (choices.iter()).for_each(|choice| add(choice.field, &choice.header));
    let is_proposed = |field: Field| choices.iter().any(|choice| choice.field == field);
    for table in tables {
        let here = choices.iter().filter(|choice| choice.at == table.at);
        let here: Vec<Field> = here.map(|choice| choice.field).collect();
        for (header, known) in table.headers.iter().zip(&table.known) {
            if let Some(field) = known.filter(|field| is_proposed(*field) && !here.contains(field))
            {
                add(field, header);
            }
        }
    }
    // A declared header that no file has is what the proposal is there to replace.
    let headers = tables.iter().flat_map(|table| &table.headers);
    let stands = |header: &str| headers.clone().any(|known| same_header(known, header));
    for (field, header) in &rule.columns {
        if !is_proposed(*field) || stands(header) {
            add(*field, header);
        }
    }
    columns.into_iter().collect()
}

fn same_header(one: &str, other: &str) -> bool {
    intake::header_key(one) == intake::header_key(other)
}

/// Every sheet of a file that is a table, or should be one.
fn tables<'a>(file: &'a Looked, rule: &SourceRule, year: i32) -> Vec<Table<'a>> {
    let at = |sheet: &str| At {
        source: file.source,
        file: file.file.clone(),
        sheet: sheet.to_owned(),
    };
    match &file.outcome {
        Ok(sheets) => {
            let glimpse = |sheet: &SourceSheet| {
                file.glimpses
                    .iter()
                    .find(|glimpse| glimpse.sheet == sheet.origin.sheet)
            };
            let of_sheet =
                |sheet: &SourceSheet| read_table(sheet, glimpse(sheet)?, at(&sheet.origin.sheet));
            sheets.iter().filter_map(of_sheet).collect()
        }
        Err(Trouble::Refused(refusals)) => {
            let of_glimpse = |glimpse: &'a Glimpse| {
                let mine: Vec<&Refusal> = refusals
                    .iter()
                    .filter(|refusal| sheet_of(refusal) == Some(&glimpse.sheet))
                    .collect();
                let table = refused_table(glimpse, at(&glimpse.sheet), &mine, (rule, year))?;
                // A sheet that nothing is said of is read like the others, or is one of notes.
                let is_book = !mine.is_empty() || lacking(&table, &[]).is_empty();
                is_book.then_some(table)
            };
            file.glimpses.iter().filter_map(of_glimpse).collect()
        }
        Err(Trouble::Broken(_)) => Vec::new(),
    }
}

/// The sheet a refusal speaks of, where it is one that a declaration could settle.
fn sheet_of(refusal: &Refusal) -> Option<&String> {
    match refusal {
        Refusal::Header(WrongHeader::NoHeader { sheet, .. })
        | Refusal::Header(WrongHeader::UnknownColumn { sheet, .. })
        | Refusal::Header(WrongHeader::DeclaredColumnMissing { sheet, .. })
        | Refusal::Header(WrongHeader::ColumnAmbiguous { sheet, .. }) => Some(sheet),
        _ => None,
    }
}

/// A sheet that was read.
fn read_table<'a>(sheet: &SourceSheet, glimpse: &'a Glimpse, at: At) -> Option<Table<'a>> {
    let header = glimpse
        .numbers
        .iter()
        .position(|number| *number == sheet.header_row)?;
    if !sheet.columns.iter().any(|column| column.field.is_some()) {
        return None;
    }
    let leaf = |header: &str| header.rsplit('/').next().unwrap_or(header).to_owned();
    let leaves: Vec<String> = sheet
        .columns
        .iter()
        .map(|column| leaf(&column.header))
        .collect();
    let is_alone = |header: &String| {
        leaves
            .iter()
            .filter(|other| same_header(other, header))
            .count()
            == 1
    };
    let headers = sheet
        .columns
        .iter()
        .zip(&leaves)
        .map(|(column, leaf)| if is_alone(leaf) { leaf } else { &column.header });
    Some(Table {
        at,
        refused: false,
        headers: headers.cloned().collect(),
        known: sheet.columns.iter().map(|column| column.field).collect(),
        ambiguous: Vec::new(),
        columns: columns(glimpse, header + 1, sheet.columns.len()),
    })
}

fn columns(glimpse: &Glimpse, from: usize, width: usize) -> Vec<Cells<'_>> {
    let rows = glimpse.rows.get(from..).unwrap_or(&[]);
    let column = |at: usize| {
        Cells::of(
            rows.iter()
                .map(|row| row.get(at).map_or("", String::as_str))
                .collect(),
        )
    };
    (0..width).map(column).collect()
}

/// A sheet that was refused: its header found anew, by what stands below it.
fn refused_table<'a>(
    glimpse: &'a Glimpse,
    at: At,
    refusals: &[&Refusal],
    (rule, year): (&SourceRule, i32),
) -> Option<Table<'a>> {
    let (first, last) = header_rows(glimpse, rule.kind)?;
    let headers = lowest_words(&glimpse.rows[first..=last]);
    let mut ambiguous = Vec::new();
    let mut gone = Vec::new();
    for refusal in refusals {
        match refusal {
            Refusal::Header(WrongHeader::ColumnAmbiguous { field, .. }) => ambiguous.push(*field),
            Refusal::Header(WrongHeader::DeclaredColumnMissing { field, .. }) => gone.push(*field),
            _ => {}
        }
    }
    let known = known(&headers, rule, year, &gone);
    let width = headers.len();
    Some(Table {
        at,
        refused: true,
        headers,
        known,
        ambiguous,
        columns: columns(glimpse, last + 1, width),
    })
}

/// Of every column of a header the lowest word.
fn lowest_words(rows: &[Vec<String>]) -> Vec<String> {
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    let header = |column: usize| {
        let words = rows.iter().rev().filter_map(|row| row.get(column));
        words.into_iter().find(|text| !text.is_empty()).cloned()
    };
    (0..width)
        .map(|column| header(column).unwrap_or_default())
        .collect()
}

/// What the headers are taken for: declared, else the best word, else the leftmost.
fn known(headers: &[String], rule: &SourceRule, year: i32, gone: &[Field]) -> Vec<Option<Field>> {
    let mut meant: Vec<Option<(Field, u8)>> = headers
        .iter()
        .map(|header| intake::meant(rule.kind, header, year))
        .collect();
    for (field, declared) in &rule.columns {
        if let Some(at) = headers
            .iter()
            .position(|header| same_header(header, declared))
        {
            meant
                .iter_mut()
                .filter(|one| one.is_some_and(|(known, _)| known == *field))
                .for_each(|one| *one = None);
            meant[at] = Some((*field, 0));
        }
    }
    let best = |field: Field| {
        meant
            .iter()
            .flatten()
            .filter(|(known, _)| *known == field)
            .map(|(_, rank)| *rank)
            .min()
    };
    let is_best =
        |(field, rank): &(Field, u8)| best(*field) == Some(*rank) && !gone.contains(field);
    meant
        .iter()
        .map(|one| one.filter(is_best).map(|(field, _)| field))
        .collect()
}

/// First and last row of the header: the rows above the first record that hold the most words.
fn header_rows(glimpse: &Glimpse, source: SourceKind) -> Option<(usize, usize)> {
    let rows = &glimpse.rows[..glimpse.rows.len().min(TOP)];
    if glimpse.numbers.first() == Some(&0) {
        return Some((0, 0)); // a parquet file carries its names
    }
    let words = |row: &Vec<String>| row.iter().filter(|cell| is_word(cell)).count();
    let records = rows
        .iter()
        .position(|row| is_record(row, source))
        .unwrap_or(rows.len());
    let best = (0..records)
        .filter(|at| words(&rows[*at]) >= 2)
        .max_by_key(|at| words(&rows[*at]))?;
    let is_level = |at: usize| {
        words(&rows[at]) >= 2 && rows[at].iter().all(|cell| cell.is_empty() || is_word(cell))
    };
    // Parents above it, or parts of merged parents below.
    let below =
        best + 1 < records && is_level(best + 1) && fills_gaps(&rows[best], &rows[best + 1]);
    let above = best > 0 && is_level(best - 1) && rows[best].iter().any(String::is_empty);
    Some(if below {
        (best, best + 1)
    } else {
        (best - usize::from(above), best)
    })
}

/// The lower row stands only where the upper one is a merged parent or blank.
fn fills_gaps(upper: &[String], lower: &[String]) -> bool {
    let blank_above = |at: usize| upper.get(at).is_none_or(String::is_empty);
    (0..lower.len()).any(|at| !lower[at].is_empty() && blank_above(at))
}

fn is_word(cell: &str) -> bool {
    let is_number = cell
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '/' | ',' | ':' | ' '));
    !cell.is_empty() && !is_number && cell.chars().count() <= 30 && !is_number_of_person(cell)
}

fn is_number_of_person(cell: &str) -> bool {
    let verdict = identity::examine(Some(cell), IdType::National, false).key;
    !matches!(verdict, Err(Code::IdMissing | Code::IdMalformed))
        || identity::is_disability_number(cell) && cell.is_ascii()
}

fn is_record(row: &[String], source: SourceKind) -> bool {
    if source != SourceKind::Tasks {
        return row.iter().any(|cell| is_number_of_person(cell));
    }
    let is_figure = |cell: &&String| {
        !cell.is_empty()
            && cell
                .chars()
                .all(|c| c.is_ascii_digit() || matches!(c, ',' | '.'))
    };
    row.iter().any(|cell| is_word(cell)) && row.iter().filter(is_figure).count() > 0
}

/// Fields that a household's row repeats once a person; none where a row is one person, or the pipeline says so already.
fn repeated_fields(table: &Table<'_>, rule: &SourceRule, year: i32) -> Vec<Field> {
    if !rule.unpivot.is_empty() || !table.refused {
        return Vec::new();
    }
    let mut times: HashMap<Field, usize> = HashMap::new();
    for header in &table.headers {
        let stem = header.trim_end_matches(|c: char| {
            c.is_ascii_digit() || "()（）一二三四五六七八九十".contains(c)
        });
        let meant =
            intake::meant(rule.kind, header, year).or_else(|| intake::meant(rule.kind, stem, year));
        if let Some((field, 0)) = meant {
            *times.entry(field).or_default() += 1;
        }
    }
    let persons = times.get(&Field::Id).copied().unwrap_or(0); // none: no household
    if persons < 2 || times.get(&Field::Name) != Some(&persons) {
        return Vec::new();
    }
    let each = [
        Field::Name,
        Field::Id,
        Field::IdType,
        Field::Relation,
        Field::Birth,
        Field::Sex,
    ];
    each.into_iter()
        .filter(|field| times.get(field) == Some(&persons))
        .collect()
}

/// Fields that a book can use, in the order in which they are told.
fn wanted(source: SourceKind) -> &'static [Field] {
    use Field::*;
    match source {
        SourceKind::Register => &[
            Id, IdType, Name, Birth, County, Township, Village, Household, Death, MovedOut,
        ],
        SourceKind::Registrations => &[
            Id,
            IdType,
            Name,
            RegistrationNo,
            Place,
            Township,
            Village,
            Scheme,
            Status,
            Year,
            Begun,
            Subsidy,
        ],
        SourceKind::Payments => &[
            Id,
            IdType,
            Name,
            Place,
            Scheme,
            Year,
            Total,
            Personal,
            Subsidy,
            PaidOn,
            Voucher,
            OriginalVoucher,
        ],
        SourceKind::Rosters => &[
            Id, IdType, Name, Birth, County, Township, Village, Category, Subsidy, Identified,
            Approved, Ended,
        ],
        SourceKind::Elsewhere => &[
            Id, IdType, Name, Place, Scheme, Status, Year, Begun, Total, Personal, PaidOn, Voucher,
        ],
        SourceKind::Tasks => &[
            County,
            Township,
            Village,
            RegionCode,
            Population,
            Task,
            Floor,
            LastYear,
            LastYearEmployee,
            LastYearTotal,
        ],
        SourceKind::Deaths => &[Id, IdType, Name, Birth, Death],
        SourceKind::Departures => &[Id, IdType, Name, Birth, MovedOut],
        SourceKind::Students => &[Id, IdType, Name, Place],
        SourceKind::Previous => &[Id, IdType, Name, Place],
        SourceKind::Households => &[Id, IdType, Name, Household, Head, Relation, Total],
        SourceKind::HouseholdTotals => &[Household, Head, Members, Total],
    }
}

/// Groups that a book cannot do without and which nothing holds yet.
fn lacking(table: &Table<'_>, choices: &[Choice]) -> Vec<&'static [Field]> {
    let has = |field: &Field| {
        table.known.contains(&Some(*field)) || choices.iter().any(|choice| choice.field == *field)
    };
    intake::needed(table.at.source)
        .iter()
        .copied()
        .filter(|group| !group.iter().any(has))
        .collect()
}

/// What one table could declare, and what stays open.
fn settle(table: &Table<'_>, scheme: &Scheme) -> (Vec<Choice>, Vec<Open>) {
    let mut scored = scored(table, scheme);
    // The best first; where two are as good, the field named first and the column further left.
    scored.sort_by_key(|one| (std::cmp::Reverse(one.score), one.order, one.choice.column));
    let (mut choices, mut open): (Vec<Choice>, Vec<Open>) = Default::default();
    let is_money = |field: Field| matches!(field, Field::Total | Field::Personal);
    for one in scored {
        let Scored {
            choice, by_header, ..
        } = one;
        let field = choice.field;
        let taken = choices
            .iter()
            .any(|known| known.field == field || known.column == choice.column);
        let told = open.iter().any(|known| known.field == field);
        // Two columns of premiums: the second is no other kind of money unless its header says so.
        let second =
            is_money(field) && !by_header && choices.iter().any(|known| is_money(known.field));
        if taken || told || second {
            continue;
        }
        let same = table
            .headers
            .iter()
            .filter(|header| same_header(header, &choice.header))
            .count();
        let why = match choice.header.is_empty() {
            true => Why::Unnamed(choice.column),
            false if same > 1 => Why::SameHeader(choice.header.clone()),
            false => {
                choices.push(choice);
                continue;
            }
        };
        open.push(Open {
            at: choice.at,
            field,
            why,
        });
    }
    for group in lacking(table, &choices) {
        if !group
            .iter()
            .any(|field| open.iter().any(|known| known.field == *field))
        {
            open.push(Open {
                at: table.at.clone(),
                field: group[0],
                why: Why::Nowhere,
            });
        }
    }
    open.retain(|one| is_asked(table, one.field));
    (choices, open)
}

/// Whether a table was refused for the want of a field. What a run does without needs no question.
fn is_asked(table: &Table<'_>, field: Field) -> bool {
    let wanting = || {
        lacking(table, &[])
            .iter()
            .any(|group| group.contains(&field))
    };
    table.ambiguous.contains(&field) || table.refused && wanting()
}

/// A column for a field, with what it is worth.
struct Scored {
    choice: Choice,
    score: u16,
    order: usize,
    /// The header alone speaks for it.
    by_header: bool,
}

fn scored(table: &Table<'_>, scheme: &Scheme) -> Vec<Scored> {
    let blank = Beside {
        source: table.at.source,
        scheme,
        ids: None,
        vouchers: None,
    };
    let of = |field: Field| {
        let known = table.known.iter().position(|known| *known == Some(field));
        known
            .or_else(|| best_column(table, field, &blank))
            .map(|column| &table.columns[column])
    };
    let beside = Beside {
        ids: of(Field::Id),
        vouchers: of(Field::Voucher),
        ..blank
    };
    let has_money = [Field::Total, Field::Personal]
        .iter()
        .any(|field| table.known.contains(&Some(*field)));
    let mut found = Vec::new();
    for (order, field) in wanted(table.at.source).iter().copied().enumerate() {
        let is_ambiguous = table.ambiguous.contains(&field);
        let is_known = table.known.contains(&Some(field))
            || has_money && matches!(field, Field::Total | Field::Personal);
        if is_known && !is_ambiguous {
            continue;
        }
        for column in 0..table.columns.len() {
            // Only the columns that claim an ambiguous field can be it; no column that is something else can be anything.
            let may_be = table.known[column] == is_ambiguous.then_some(field);
            if may_be
                && let Some((score, evidence)) =
                    worth(table, (field, column), &beside, is_ambiguous)
            {
                // One that may not be told is as good as none.
                let header = table.headers[column].split_whitespace().collect::<String>();
                let header = if is_discreet(&header) {
                    header
                } else {
                    String::new()
                };
                let by_header = evidence
                    .iter()
                    .any(|one| matches!(one, Clue::HeaderLike(_, like) if *like >= HEADER));
                let choice = Choice {
                    at: table.at.clone(),
                    field,
                    column: column + 1,
                    header,
                    evidence,
                };
                found.push(Scored {
                    choice,
                    score,
                    order,
                    by_header,
                });
            }
        }
    }
    found
}

fn best_column(table: &Table<'_>, field: Field, beside: &Beside<'_>) -> Option<usize> {
    let free = (0..table.columns.len()).filter(|column| table.known[*column].is_none());
    let scored =
        free.filter_map(|column| Some((worth(table, (field, column), beside, false)?.0, column)));
    scored
        .max_by_key(|(score, column)| (*score, std::cmp::Reverse(*column)))
        .map(|(_, column)| column)
}

/// What a column is worth for a field, and why; `None` where too little speaks for it.
fn worth(
    table: &Table<'_>,
    (field, column): (Field, usize),
    beside: &Beside<'_>,
    asked: bool,
) -> Option<(u16, Vec<Clue>)> {
    let cells = &table.columns[column];
    let likeness = intake::likeness(table.at.source, field, &table.headers[column]);
    let like = likeness.map_or(0, |(_, like)| like);
    let content = if cells.filled.is_empty() {
        None
    } else {
        clues::of_content(field, cells, beside)
    };
    let speaks = match &content {
        _ if asked => true,
        Some((score, _)) => *score >= CONTENT || *score >= BOTH && like >= BOTH,
        // Nothing can be said of the cells: only a header that is almost the word will do.
        None => like >= HEADER,
    };
    if !speaks {
        return None;
    }
    let mut told = Vec::new();
    let score = content.map_or(0, |(score, why)| {
        told.push(why);
        u16::from(score) * 2
    });
    told.extend(
        likeness
            .filter(|(_, like)| (BOTH..100).contains(like))
            .map(|(word, like)| Clue::HeaderLike(word, like)),
    );
    Some((score + u16::from(like), told))
}
