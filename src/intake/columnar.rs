//! parquet: the header is the schema, and row 1 is the first record.

use std::borrow::Cow;
use std::io::Cursor;

use polars::prelude::{Column, DataFrame, DataType, PolarsResult, StringChunked};
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;
use rayon::prelude::*;

use super::book::{self, Trouble};
use super::cell::{self, Cells};
use super::guard::{Panicked, guarded};
use super::header::{self, Ask};
use super::rows::{Gathered, Plan};
use super::sheets::scroll;
use super::suggest::Seen;
use super::{Beside, Origin, Sheet};
use crate::domain::{Fault, Refusal};

/// Rows gathered at a time by one thread.
const PART_ROWS: usize = 100_000;

/// Records that a proposal for `columns` looks at.
const GLIMPSE_ROWS: usize = 1000;

/// Reads a parquet file as one sheet. It has no header row: `header_row` is 0, and names are headings of no row.
pub(super) fn read(ask: Ask<'_>, mut origin: Origin, bytes: &[u8]) -> Result<Sheet, Trouble> {
    origin.encoding = "parquet".to_owned();
    let file = origin.file.clone();
    let unreadable =
        |e: polars::prelude::PolarsError| Trouble::Broken(Fault::Unreadable { file: file.clone(), reason: e.to_string() });
    // polars' reader believes what a damaged file says of itself, and panics.
    let read = guarded(|| ParquetReader::new(Cursor::new(bytes)).set_rechunk(true).finish());
    let gave_up = |Panicked| Trouble::Broken(Fault::Unreadable { file: file.clone(), reason: Panicked::REASON.to_owned() });
    let frame = read.map_err(gave_up)?.map_err(unreadable)?;
    let names: Vec<Cow<'_, str>> = frame.columns().iter().map(|c| Cow::Owned(c.name().to_string())).collect();
    if let Some(seen) = ask.seen {
        look(seen, &names, &texts(frame.head(Some(GLIMPSE_ROWS))).map_err(unreadable)?);
    }
    let (header, missing) = header::named(ask, &names);
    if let Some(refusal) = book::unsettled(&origin, &header, 0) {
        return Err(refusal.into());
    }
    if let Some(field) = missing {
        let headers = names.into_iter().map(Cow::into_owned).collect();
        return Err(Refusal::UnknownColumn { file, sheet: String::new(), row: 0, field, headers }.into());
    }
    let texts = texts(frame).map_err(unreadable)?;
    let plan = Plan::new(ask, &header, &[]).fixed();
    let height = texts.first().map_or(0, StringChunked::len);
    // A month without a payment is a table without rows, as it is in csv.
    let starts: Vec<usize> = (0..height.max(1)).step_by(PART_ROWS).collect();
    let parts = starts.into_par_iter().map(|start| gather(&plan, &texts, start, height.min(start + PART_ROWS))).collect();
    scroll::sheet(&origin, 0, plan.columns().to_vec(), Beside::default(), parts)
}

/// Looks at the names, as row 0, and at the first records.
fn look(seen: &Seen, names: &[Cow<'_, str>], texts: &[StringChunked]) {
    let height = texts.first().map_or(0, StringChunked::len);
    let record = |row: usize| texts.iter().map(|text| Cow::Borrowed(text.get(row).unwrap_or(""))).collect();
    let rows: Vec<Cells<'_>> = std::iter::once(names.to_vec()).chain((0..height).map(record)).collect();
    seen.rows("", &rows, &(0..=height as u32).collect::<Vec<_>>());
}

fn gather(plan: &Plan<'_>, texts: &[StringChunked], from: usize, to: usize) -> Gathered {
    let mut gathered = Gathered::new(plan, to - from);
    let slices: Vec<StringChunked> = texts.iter().map(|text| text.slice(from as i64, to - from)).collect();
    let mut columns: Vec<_> = slices.iter().map(|text| text.iter()).collect();
    let mut cells = Cells::new();
    for row in from..to {
        cells.clear();
        cells.extend(columns.iter_mut().map(|column| Cow::Borrowed(column.next().flatten().unwrap_or(""))));
        gathered.take(plan, row as u32 + 1, &mut cells, false);
    }
    gathered
}

/// Every column as text, the way the other readers write numbers and dates.
fn texts(frame: DataFrame) -> PolarsResult<Vec<StringChunked>> {
    frame.columns().iter().map(text).collect()
}

fn text(column: &Column) -> PolarsResult<StringChunked> {
    let column = match column.dtype() {
        DataType::Datetime(..) => column.cast(&DataType::Date)?,
        _ => column.clone(),
    };
    let text = match column.dtype() {
        DataType::String => column.str()?.clone(),
        DataType::Float32 | DataType::Float64 => {
            let numbers = column.cast(&DataType::Float64)?;
            let mut text: StringChunked = numbers.f64()?.iter().map(|n| n.map(cell::number)).collect();
            text.rename(column.name().clone());
            text
        }
        DataType::Boolean => column.bool()?.iter().map(|b| b.map(|b| if b { "TRUE" } else { "FALSE" })).collect(),
        _ => column.cast(&DataType::String)?.str()?.clone(),
    };
    Ok(text.rechunk().into_owned())
}
