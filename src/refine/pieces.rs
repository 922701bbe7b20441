//! Pieces: typed rows of a sheet while they wait in their buckets, narrow where a column is rare.

use polars::prelude::*;

use crate::domain::columns as c;

/// The bucket of a key: a multiplicative hash, because plain mod would split by sex (the 17th digit).
fn bucket_of(key: u64, of: u32) -> u32 {
    u32::try_from((key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) % u64::from(of.max(1))).unwrap_or_default() // below `of`
}

/// Rows of one sheet, typed: they follow each other on the sheet.
pub(super) struct Piece {
    /// The sheet's ticket.
    pub(super) ticket: u32,
    /// Number of the first row.
    pub(super) from: u32,
    pub(super) rows: usize,
    columns: Vec<(PlSmallStr, Kept)>,
}

/// A column while it waits. One that holds nothing is left out.
pub(super) enum Kept {
    Whole(Column),
    /// The rows that hold anything, and what.
    Rare(Vec<u32>, Column),
}

/// Pieces as one frame with all columns of a schema: what a piece lacks is null.
pub(super) fn stacked(pieces: &[Piece], schema: &Schema) -> PolarsResult<DataFrame> {
    let rows = pieces.iter().map(|piece| piece.rows).sum();
    let column = |(name, kind): (&PlSmallStr, &DataType)| -> PolarsResult<Column> {
        if *name == c::ORIGIN {
            let mut tickets = Vec::with_capacity(rows);
            pieces.iter().for_each(|piece| tickets.resize(tickets.len() + piece.rows, piece.ticket));
            return Ok(UInt32Chunked::from_vec(name.clone(), tickets).into_column());
        }
        let of_piece = |piece: &Piece| piece.columns.iter().position(|(mine, _)| mine == name);
        if pieces.iter().all(|piece| of_piece(piece).is_none()) {
            return Ok(Column::full_null(name.clone(), rows, kind));
        }
        let mut whole = Series::new_empty(name.clone(), kind);
        for piece in pieces {
            match of_piece(piece).map(|at| &piece.columns[at].1) {
                Some(Kept::Whole(column)) => whole.append(column.as_materialized_series())?,
                Some(Kept::Rare(at, values)) => whole.append(&spread(at, values, piece.rows)?)?,
                None => whole.append(&Series::full_null(name.clone(), piece.rows, kind))?,
            };
        }
        Ok(whole.rechunk().into_column())
    };
    let columns = schema.iter().map(column).collect::<PolarsResult<_>>()?;
    DataFrame::new(rows, columns)
}

/// A frame that was written before other sheets brought further columns.
pub(super) fn widened(frame: &DataFrame, schema: &Schema) -> PolarsResult<DataFrame> {
    let column = |(name, kind): (&PlSmallStr, &DataType)| {
        frame.column(name).cloned().unwrap_or_else(|_| Column::full_null(name.clone(), frame.height(), kind))
    };
    DataFrame::new(frame.height(), schema.iter().map(column).collect())
}

/// A rare column over all rows of its piece.
fn spread(at: &[u32], values: &Column, rows: usize) -> PolarsResult<Series> {
    let mut place = vec![None; rows];
    for (which, at) in (0 as IdxSize..).zip(at) {
        place[*at as usize] = Some(which);
    }
    let place: IdxCa = place.into_iter().collect();
    Ok(values.take(&place)?.take_materialized_series())
}

/// A column of which less than one row in so many holds anything is kept as those rows.
const RARE: usize = 8;

/// A piece's rows by bucket, in their order.
pub(super) fn divided(frame: &DataFrame, ticket: u32, from: u32, buckets: u32) -> PolarsResult<Vec<(usize, Piece)>> {
    let mut of_bucket: Vec<Vec<IdxSize>> = vec![Vec::new(); buckets as usize];
    // The bucket of every row, and its place in it.
    let mut places: Vec<(u32, u32)> = Vec::with_capacity(frame.height());
    for (at, key) in (0 as IdxSize..).zip(frame.column(c::KEY)?.u64()?.into_no_null_iter()) {
        let bucket = bucket_of(key, buckets);
        let rows = &mut of_bucket[bucket as usize];
        places.push((bucket, rows.len() as IdxSize));
        rows.push(at);
    }
    let mut pieces: Vec<Piece> =
        of_bucket.iter().map(|rows| Piece { ticket, from, rows: rows.len(), columns: Vec::new() }).collect();
    let of_bucket: Vec<IdxCa> = of_bucket.into_iter().map(|rows| IdxCa::from_vec("".into(), rows)).collect();
    for column in frame.columns().iter().filter(|column| *column.name() != c::ORIGIN) {
        let held = column.len() - column.null_count();
        if held == 0 {
            continue;
        }
        let mut keep = |bucket: usize, kept| pieces[bucket].columns.push((column.name().clone(), kept));
        if held * RARE >= column.len() {
            for (bucket, rows) in of_bucket.iter().enumerate().filter(|(_, rows)| !rows.is_empty()) {
                // In one bucket the rows are what they are.
                let mine = if buckets == 1 { column.clone() } else { column.take(rows)? };
                keep(bucket, Kept::Whole(mine));
            }
            continue;
        }
        let (mut rows, mut at): (Vec<Vec<IdxSize>>, Vec<Vec<u32>>) =
            (vec![Vec::new(); buckets as usize], vec![Vec::new(); buckets as usize]);
        let is_held = column.is_not_null();
        for (row, _) in is_held.iter().enumerate().filter(|(_, held)| *held == Some(true)) {
            let (bucket, place) = places[row];
            rows[bucket as usize].push(row as IdxSize);
            at[bucket as usize].push(place);
        }
        for (bucket, (rows, at)) in rows.into_iter().zip(at).enumerate().filter(|(_, (rows, _))| !rows.is_empty()) {
            keep(bucket, Kept::Rare(at, column.take(&IdxCa::from_vec("".into(), rows))?));
        }
    }
    Ok(pieces.into_iter().enumerate().filter(|(_, piece)| piece.rows > 0).collect())
}
