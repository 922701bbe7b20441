//! The rows of a text below its header, part by part.

use super::head::TextHead;
use super::separated::{TextRecords, Unsplit};
use crate::domain::Fault;
use crate::intake::ask::Ask;
use crate::intake::cell::RowCells;
use crate::intake::handed::{Borrowed, Handed, Store, Ticket};
use crate::intake::header::Header;
use crate::intake::rows::{Gathered, Met, PlainRun, Plan, RowIs, joined};
use crate::intake::sheet::{Origin, SideTable, SourceSheet, Surroundings};
use crate::intake::sheets::scroll;
use crate::intake::trouble::Trouble;

/// What stands above the rows, and how they are taken.
pub(crate) struct Opened<'h> {
    pub plan: Plan<'h>,
    titles: Gathered,
    tables: Vec<SideTable>,
    /// Number of the header's last line.
    row: u32,
}

impl<'h> Opened<'h> {
    /// From the header, and the rows in which it was found.
    pub(crate) fn of(ask: Ask<'h>, header: &Header, head: &TextHead<'_>) -> Self {
        let plan = Plan::new(ask, header, &head.rows[..header.end()]).separated();
        let mut titles = Gathered::new(&plan, 0);
        let (fates, mut tables) = scroll::above(ask, header, &head.rows, &head.lines);
        head.rows
            .iter()
            .zip(fates)
            .for_each(|(row, fate)| titles.take_aside(row, fate));
        let row = scroll::header_row(header, &head.lines);
        tables.extend(
            header
                .neighbours
                .iter()
                .map(|other| scroll::side_table(other, row, &head.lines)),
        );
        Opened {
            plan,
            titles,
            tables,
            row,
        }
    }

    /// With what was gathered below, in order.
    pub(crate) fn sheet(
        self,
        origin: &Origin,
        gathered: Vec<Gathered>,
    ) -> Result<SourceSheet, Trouble> {
        let opening = SourceSheet {
            header_row: self.row,
            beside: Surroundings {
                tables: self.tables,
                ..Surroundings::default()
            },
            ..Gathered::opening(&self.plan, origin)
        };
        joined(
            opening,
            std::iter::once(self.titles).chain(gathered).collect(),
        )
    }
}

/// Why the rows of a part were not handed on.
pub(crate) enum Unhanded {
    Unsplit(Unsplit),
    /// The machine failed whoever takes them.
    Broken(Fault),
}

/// Hands the rows of a part on, no more than so many, and gives what was set aside; nothing if it holds another header, or a
/// place that holds for all rows below it.
pub(crate) fn hand_on(
    plan: &Plan<'_>,
    records: TextRecords<'_>,
    rows: usize,
    ticket: Ticket<'_>,
) -> Result<Option<Gathered>, Unhanded> {
    let gathered = Gathered::borrowing(plan, rows);
    let Some(gathered) = gather_borrowing(gathered, plan, records).map_err(Unhanded::Unsplit)?
    else {
        return Ok(None);
    };
    let (rows, rest) = gathered.split(plan);
    ticket
        .take(Handed::Borrowed(rows))
        .map_err(Unhanded::Broken)?;
    Ok(Some(rest))
}

/// Whether what was met cannot be told from a part alone.
fn needs_the_whole(met: RowIs) -> bool {
    matches!(met, RowIs::AnotherHeader | RowIs::Glued)
}

/// The rows of a part; nothing if it holds another header.
pub(crate) fn gather<'t, S: Store<'t>>(
    mut gathered: Gathered<S>,
    plan: &Plan<'_>,
    mut records: TextRecords<'t>,
) -> Result<Option<Gathered<S>>, Unsplit> {
    let mut cells = RowCells::new();
    while let Some(line) = records.next(&mut cells) {
        let is_whole = needs_the_whole(gathered.take(plan, Met::plain(line?), &mut cells));
        if is_whole || !gathered.banners.is_empty() {
            return Ok(None);
        }
    }
    Ok(Some(gathered))
}

/// The same without a copy of their text. Plain rows are taken many at a time.
pub(crate) fn gather_borrowing<'t>(
    mut gathered: Gathered<Borrowed<'t>>,
    plan: &Plan<'_>,
    mut records: TextRecords<'t>,
) -> Result<Option<Gathered<Borrowed<'t>>>, Unsplit> {
    let Some(mut run) = PlainRun::of(plan) else {
        return gather(gathered, plan, records);
    };
    let mut cells = RowCells::new();
    loop {
        while !run.is_full()
            && let Some(line) = records.next_plain(&mut run.cells, run.width, |cells| {
                plan.has_citizen_number(cells)
            })
        {
            run.rows.push(line);
        }
        let was_full = run.is_full();
        gathered.take_run(plan, &mut run);
        if was_full {
            continue;
        }
        let Some(line) = records.next(&mut cells) else {
            return Ok(Some(gathered));
        };
        let is_whole = needs_the_whole(gathered.take(plan, Met::plain(line?), &mut cells));
        if is_whole || !gathered.banners.is_empty() {
            return Ok(None);
        }
    }
}
