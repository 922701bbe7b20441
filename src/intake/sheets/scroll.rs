//! One sheet from top to bottom: its header found, rows taken under it, and other headers below met with care.

use std::collections::VecDeque;

use crate::domain::fault::WrongContent;
use crate::domain::{Fate, Field, Refusal};
use crate::intake::ask::Ask;
use crate::intake::cell::{self, RowCells};
use crate::intake::header::{self, Found, HEAD_CELLS, HEAD_ROWS, Header, Neighbour};
use crate::intake::lines::{Lines, OutOfSight};
use crate::intake::marks;
use crate::intake::merged::{Covers, Merges};
use crate::intake::rows::{Gathered, Met, Plan, RowIs, joined};
use crate::intake::sheet::{Origin, SideTable, SourceColumn, SourceSheet, Surroundings};
use crate::intake::trouble::Trouble;
use crate::scheme;

/// Rows looked at when another header is met below: its levels, and some of the rows that tell tables beside it.
const LOOK_AHEAD: usize = 12;

/// Tables on a sheet that are listed, and columns of further headers: a sheet of nothing but headers has no end of them.
const MOST_TABLES: usize = 100;
const MOST_COLUMNS: usize = 20_000;

/// The rows of a sheet, with those that were looked at before their time.
pub(crate) struct Scroll<'l, 'a> {
    lines: &'l mut (dyn Lines<'a> + 'a),
    ahead: VecDeque<(u32, RowCells<'a>)>,
    /// Number of the last row that was looked at.
    seen: u32,
}

impl<'l, 'a> Scroll<'l, 'a> {
    /// From the first row on.
    pub(crate) fn new(lines: &'l mut (dyn Lines<'a> + 'a)) -> Self {
        Scroll {
            lines,
            ahead: VecDeque::new(),
            seen: 0,
        }
    }

    /// Puts the next row into `cells` and gives its number.
    fn next(&mut self, cells: &mut RowCells<'a>) -> Result<Option<u32>, Trouble> {
        match self.ahead.pop_front() {
            Some((number, row)) => {
                *cells = row;
                Ok(Some(number))
            }
            None => {
                let number = self.lines.next(cells)?;
                self.seen = number.unwrap_or(self.seen);
                Ok(number)
            }
        }
    }

    /// Looks at rows without taking them, about so many. Where the numbers leave rows out, a blank one stands for them:
    /// what is above it and what is below belong to different things.
    fn peek(&mut self, rows: usize, gaps: bool) -> Result<&VecDeque<(u32, RowCells<'a>)>, Trouble> {
        let mut cells = RowCells::new();
        let mut seen: usize = self.ahead.iter().map(|(_, cells)| cells.len()).sum();
        while self.ahead.len() < rows
            && seen < HEAD_CELLS
            && let Some(number) = self.lines.next(&mut cells)?
        {
            if gaps && number > self.seen.saturating_add(1) {
                self.ahead.push_back((number - 1, RowCells::new()));
            }
            seen += cells.len();
            self.ahead.push_back((number, std::mem::take(&mut cells)));
            self.seen = number;
        }
        Ok(&self.ahead)
    }

    /// The first rows, in which the header is looked for. They are to be given back.
    pub(crate) fn head(&mut self, way: Way<'_>) -> Result<SheetHead<'a>, Trouble> {
        self.peek(HEAD_ROWS + 1, way.gaps)?;
        let (numbers, rows): (Vec<u32>, Vec<RowCells<'a>>) =
            std::mem::take(&mut self.ahead).into_iter().unzip();
        let blinded = way.is_blind().then(|| {
            let mut rows = rows.clone();
            rows.iter_mut().for_each(|row| way.blind(row));
            rows
        });
        Ok(SheetHead {
            rows,
            numbers,
            blinded,
        })
    }

    /// Gives the first rows back, to be taken one by one.
    fn give_back(&mut self, head: SheetHead<'a>) {
        self.ahead = head.numbers.into_iter().zip(head.rows).collect();
    }
}

/// The first rows of a sheet, away from their scroll while they are searched: they may be large, and are held once.
pub(crate) struct SheetHead<'a> {
    rows: Vec<RowCells<'a>>,
    pub numbers: Vec<u32>,
    /// The rows without what is set aside, where something is.
    blinded: Option<Vec<RowCells<'a>>>,
}

impl<'a> SheetHead<'a> {
    /// The rows as they are searched.
    pub(crate) fn searched(&self) -> &[RowCells<'a>] {
        self.blinded.as_deref().unwrap_or(&self.rows)
    }

    /// Headers of the hidden columns.
    fn hidden_columns(&self, hidden: &OutOfSight, levels: std::ops::Range<usize>) -> Vec<String> {
        let rows = &self.rows[levels];
        let width = rows.iter().map(|row| row.len()).max().unwrap_or(0);
        let header = |column: usize| {
            let words = rows
                .iter()
                .map(|row| cell::at(row, column))
                .filter(|text| !text.is_empty());
            words.collect::<Vec<_>>().join("/")
        };
        (0..width)
            .filter(|column| hidden.has_column(*column))
            .map(header)
            .filter(|text| !text.is_empty())
            .collect()
    }
}

/// How a sheet is read.
#[derive(Clone, Copy)]
pub(crate) struct Way<'r> {
    pub ask: Ask<'r>,
    pub origin: &'r Origin,
    /// What the file keeps out of sight.
    pub hidden: &'r OutOfSight,
    /// What the file merges down.
    pub merged: &'r Merges,
    /// Rows that a gap in the numbers leaves out are blank rows. Lines of a text have no such gaps.
    pub gaps: bool,
}

impl Way<'_> {
    /// Whether what is hidden is set aside.
    pub(crate) fn sets_aside(&self) -> bool {
        self.ask.rule.hidden == scheme::Hidden::SetAside
    }

    /// A plan for rows that are read this way.
    fn plan(self, plan: Plan<'_>) -> Plan<'_> {
        // Only lines of a text have no gaps.
        if self.gaps { plan } else { plan.separated() }
    }

    /// Whether cells of a row in sight are set aside.
    fn is_blind(&self) -> bool {
        self.sets_aside() && !self.hidden.columns.is_empty()
    }

    /// Rows as they are searched: hidden columns that are set aside are not there.
    fn blind(&self, cells: &mut RowCells<'_>) {
        if !self.is_blind() {
            return;
        }
        for (column, cell) in cells.iter_mut().enumerate() {
            if self.hidden.has_column(column) {
                *cell = "".into();
            }
        }
    }
}

/// The header of a sheet, if it has one that serves.
pub(crate) fn found(way: Way<'_>, head: &SheetHead<'_>) -> (Found, Option<Refusal>) {
    let found = header::find(way.ask, head.searched());
    let refusal = header::refusal(way.ask, way.origin, &found, |at| head.numbers[at]);
    (found, refusal)
}

/// A sheet on its way: the header that holds now, and what was gathered under all of them.
struct Reading<'r> {
    way: Way<'r>,
    plan: Plan<'r>,
    gathered: Gathered,
    columns: Vec<SourceColumn>,
    beside: Surroundings,
    /// Merged cells over the row that is met.
    covers: Covers<'r>,
    /// Below the header of another table: whether that names people, too.
    aside: Option<bool>,
    before: u32,
}

/// Reads a sheet whose header was found among its first rows.
pub(crate) fn data<'a>(
    way: Way<'_>,
    header: &Header,
    head: SheetHead<'a>,
    scroll: &mut Scroll<'_, 'a>,
) -> Result<SourceSheet, Trouble> {
    let (rows, numbers) = (head.searched(), &head.numbers[..]);
    let row = header_row(header, numbers);
    let plan = way.plan(Plan::new(way.ask, header, &rows[..header.end()]));
    let gathered = Gathered::new(&plan, 1024);
    let columns = plan.columns().to_vec();
    let (fates, mut tables) = above(way.ask, header, rows, numbers);
    tables.extend(
        header
            .neighbours
            .iter()
            .map(|other| side_table(other, row, numbers)),
    );
    let beside = Surroundings {
        hidden_sheet: way.hidden.sheet,
        hidden_columns: head.hidden_columns(way.hidden, header.at..header.at + header.levels),
        tables,
        ..Surroundings::default()
    };
    scroll.give_back(head);
    let mut reading = Reading {
        way,
        plan,
        gathered,
        columns,
        beside,
        covers: Covers::new(way.merged),
        aside: None,
        before: 0,
    };
    let mut cells = RowCells::new();
    for fate in fates {
        let Some(number) = scroll.next(&mut cells)? else {
            break;
        };
        reading.gap(number);
        reading.gathered.take_aside(&cells, fate);
    }
    while let Some(number) = scroll.next(&mut cells)? {
        reading.row(number, &mut cells, scroll)?;
    }
    reading.sheet(row)
}

/// Why the rows up to and including the header are no records, and the tables among them: what stands below the header
/// of another table is a note, everything else a heading.
pub(crate) fn above(
    ask: Ask<'_>,
    header: &Header,
    head: &[RowCells<'_>],
    numbers: &[u32],
) -> (Vec<Fate>, Vec<SideTable>) {
    let (mut fates, mut tables) = (Vec::with_capacity(header.end()), Vec::new());
    for (row, number) in head[..header.at].iter().zip(numbers) {
        if header::looks_like_a_header(ask, row) {
            tables.push(of_row(*number, row));
        }
        fates.push(if tables.is_empty() {
            Fate::Heading
        } else {
            Fate::Note
        });
    }
    fates.resize(header.end(), Fate::Heading);
    (fates, tables)
}

/// Number of the header's last level.
pub(crate) fn header_row(header: &Header, numbers: &[u32]) -> u32 {
    numbers[header.at + header.levels - 1]
}

/// A sheet in which nothing is data, and whether a person's number stands in it all the same, in sight or read as if it
/// were.
pub(crate) fn notes<'a>(
    way: Way<'_>,
    fate: Fate,
    head: SheetHead<'a>,
    scroll: &mut Scroll<'_, 'a>,
) -> Result<(SourceSheet, bool), Trouble> {
    scroll.give_back(head);
    let mut names_people = false;
    let plan = Plan::of_notes(way.ask);
    let gathered = Gathered::new(&plan, 0);
    let beside = Surroundings {
        hidden_sheet: way.hidden.sheet,
        ..Surroundings::default()
    };
    let mut reading = Reading {
        way,
        plan,
        gathered,
        columns: Vec::new(),
        beside,
        covers: Covers::new(way.merged),
        aside: None,
        before: 0,
    };
    let mut cells = RowCells::new();
    while let Some(number) = scroll.next(&mut cells)? {
        reading.gap(number);
        reading.gathered.take_aside(&cells, fate);
        if !(way.sets_aside() && way.hidden.has_row(number)) {
            way.blind(&mut cells);
            names_people |= cells
                .iter()
                .any(|text| marks::is_citizen_number(cell::trimmed(text).trim_start_matches('\'')));
        }
    }
    Ok((reading.sheet(0)?, names_people))
}

impl<'r> Reading<'r> {
    /// Rows that are not there between two that are.
    fn gap(&mut self, number: u32) {
        if self.way.gaps {
            self.gathered.take_blanks(u64::from(
                number.saturating_sub(self.before.saturating_add(1)),
            ));
        }
        self.before = number;
    }

    fn row<'a>(
        &mut self,
        number: u32,
        cells: &mut RowCells<'a>,
        scroll: &mut Scroll<'_, 'a>,
    ) -> Result<(), Trouble> {
        self.gap(number);
        let hidden = self.way.hidden.has_row(number);
        self.beside.hidden_rows +=
            u64::from(hidden && cells.iter().any(|text| !cell::trimmed(text).is_empty()));
        self.way.blind(cells);
        if let Some(names_people) = self.aside
            && !self.goes_on(cells, names_people)
        {
            if header::looks_like_a_header(self.way.ask, cells) {
                return self.another_header(number, cells, scroll);
            }
            self.gathered.take_aside(cells, Fate::Note);
            return Ok(());
        }
        let out_of_sight = self.way.sets_aside() && (hidden || self.way.hidden.sheet);
        let is_heeded = |column| self.plan.heeds_a_merge(column);
        let met = Met {
            row: number,
            out_of_sight,
            covers: self.covers.over(number, cells, is_heeded),
        };
        let judged = self.gathered.take(&self.plan, met, cells);
        if matches!(judged, RowIs::AnotherHeader | RowIs::Aside(Fate::Heading)) {
            self.covers.forget(number);
        }
        if let Some(limit_mib) = self.gathered.overflows() {
            let (file, part) = (self.way.origin.file.clone(), self.way.origin.sheet.clone());
            return Err(Refusal::Content(WrongContent::Inflates {
                file,
                part,
                limit_mib,
            })
            .into());
        }
        match judged {
            RowIs::AnotherHeader => self.another_header(number, cells, scroll),
            RowIs::Glued => {
                let file = self.way.origin.file.clone();
                Err(Refusal::Content(WrongContent::Glued { file, row: number }).into())
            }
            RowIs::Data | RowIs::Aside(_) => Ok(()),
        }
    }

    /// Whether the sheet's own table goes on below another: its header stands there again, or plainly one of its rows.
    fn goes_on(&mut self, cells: &RowCells<'_>, names_people: bool) -> bool {
        let goes_on = self.plan.is_own_header(cells)
            || (!names_people && self.plan.is_plainly_a_record(cells));
        if goes_on {
            self.aside = None;
        }
        goes_on
    }

    /// A header below the table: of the same form, and its rows are read with it; or of another, and they are not.
    fn another_header<'a>(
        &mut self,
        number: u32,
        cells: &RowCells<'a>,
        scroll: &mut Scroll<'_, 'a>,
    ) -> Result<(), Trouble> {
        let mut rows = vec![cells.clone()];
        let mut numbers = vec![number];
        for (number, cells) in scroll.peek(LOOK_AHEAD, self.way.gaps)? {
            let mut cells = cells.clone();
            self.way.blind(&mut cells);
            rows.push(cells);
            numbers.push(*number);
        }
        let (header, missing) = header::begun(self.way.ask, &rows);
        let own = &rows[..header.end().min(rows.len())];
        let fate = match missing {
            None => {
                if let Some(refusal) =
                    header::unsettled(self.way.origin, &header, header_row(&header, &numbers))
                {
                    return Err(refusal.into());
                }
                self.turn_to(&header, own, &numbers);
                Fate::Heading
            }
            Some(_) => {
                self.list(of_row(number, &rows[0]));
                self.aside = Some(header.named().any(|field| field == Field::Id));
                Fate::Note
            }
        };
        self.gathered.take_aside(&rows[0], fate);
        let mut cells = RowCells::new();
        for _ in 1..own.len() {
            let Some(number) = scroll.next(&mut cells)? else {
                break;
            };
            self.gap(number);
            self.gathered.take_aside(&cells, fate);
        }
        Ok(())
    }

    /// From here on another header of the form holds.
    fn turn_to(&mut self, header: &Header, rows: &[RowCells<'_>], numbers: &[u32]) {
        let row = header_row(header, numbers);
        for other in &header.neighbours {
            self.list(side_table(other, row, numbers));
        }
        let plan = self
            .way
            .plan(Plan::after(self.plan.fields(), self.way.ask, header, rows));
        for column in plan.columns() {
            if self.columns.len() < MOST_COLUMNS
                && !self
                    .columns
                    .iter()
                    .any(|known| known.header == column.header && known.field == column.field)
            {
                self.columns.push(column.clone());
            }
        }
        self.plan = plan;
        self.gathered.widen(&self.plan);
        self.aside = None;
    }

    fn list(&mut self, table: SideTable) {
        if self.beside.tables.len() < MOST_TABLES {
            self.beside.tables.push(table);
        }
    }

    fn sheet(self, header_row: u32) -> Result<SourceSheet, Trouble> {
        let opening = SourceSheet {
            header_row,
            columns: self.columns,
            beside: self.beside,
            ..Gathered::opening(&self.plan, self.way.origin)
        };
        joined(opening, vec![self.gathered])
    }
}

/// A table beside the sheet's own; its header's row is the sheet's unless it has another.
pub(crate) fn side_table(other: &Neighbour, header_row: u32, numbers: &[u32]) -> SideTable {
    let row = other
        .at
        .and_then(|at| numbers.get(at).copied())
        .unwrap_or(header_row);
    SideTable {
        row,
        column: other.columns.start,
        headers: other.headers.clone(),
        fields: other.fields.clone(),
    }
}

/// Another table whose header is this row.
fn of_row(number: u32, cells: &RowCells<'_>) -> SideTable {
    let filled = || {
        cells
            .iter()
            .enumerate()
            .filter(|(_, text)| !cell::trimmed(text).is_empty())
    };
    SideTable {
        row: number,
        column: filled().next().map_or(0, |(column, _)| column),
        headers: filled()
            .map(|(_, text)| cell::trimmed(text).to_owned())
            .collect(),
        fields: Vec::new(),
    }
}
