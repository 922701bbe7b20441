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
    pub(super) columns: Vec<(PlSmallStr, Kept)>,
}

impl Piece {
    /// A column, if it holds anything.
    pub(super) fn kept(&self, name: &PlSmallStr) -> Option<&Kept> {
        self.columns.iter().find(|(mine, _)| mine == name).map(|(_, kept)| kept)
    }
}

/// A column while it waits. One that holds nothing is left out.
pub(super) enum Kept {
    Whole(Column),
    Texts(Packed),
    /// The rows that hold anything, and what.
    Rare(Vec<u32>, Column),
}

/// Texts one behind the other. A frame takes sixteen bytes for each beside what is long, and shares that with the rows of
/// other buckets, so that it stays until the last of them goes.
pub(super) struct Packed {
    pub(super) text: String,
    /// Bytes of each, or `NULL`.
    pub(super) lengths: Vec<u16>,
}

/// Length of what is not there.
const NULL: u16 = u16::MAX;

impl Packed {
    /// The texts of some rows; nothing where one is longer than its length can say.
    fn of<'t>(of_row: impl Fn(&IdxSize) -> Option<&'t str>, rows: &[IdxSize]) -> Option<Packed> {
        let length = |text: Option<&str>| text.map_or(Some(NULL), |text| u16::try_from(text.len()).ok().filter(|n| *n != NULL));
        let lengths: Vec<u16> = rows.iter().map(|row| length(of_row(row))).collect::<Option<_>>()?;
        let mut text = String::with_capacity(lengths.iter().filter(|n| **n != NULL).map(|n| usize::from(*n)).sum());
        rows.iter().filter_map(of_row).for_each(|of_row| text.push_str(of_row));
        Some(Packed { text, lengths })
    }

    /// Whether the lengths are those of the texts.
    pub(super) fn is_whole(&self) -> bool {
        let there = self.lengths.iter().filter(|length| **length != NULL);
        let ends = there.scan(0, |end, length| {
            *end += usize::from(*length);
            Some(*end)
        });
        let (all_between, last) = ends.fold((true, 0), |(all, _), end| (all && self.text.is_char_boundary(end), end));
        all_between && last == self.text.len()
    }

    fn iter(&self) -> impl Iterator<Item = Option<&str>> {
        let mut rest = self.text.as_str();
        self.lengths.iter().map(move |length| {
            let (text, behind) = (*length != NULL).then(|| rest.split_at(usize::from(*length)))?;
            rest = behind;
            Some(text)
        })
    }
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
        let kept: Vec<Option<&Kept>> = pieces.iter().map(|piece| piece.kept(name)).collect();
        if kept.iter().all(Option::is_none) {
            return Ok(Column::full_null(name.clone(), rows, kind));
        }
        if kept.iter().any(|kept| matches!(kept, Some(Kept::Texts(_)))) {
            return Ok(texts(name.clone(), pieces, &kept, rows)?.into_column());
        }
        let mut whole = Series::new_empty(name.clone(), kind);
        for (piece, kept) in pieces.iter().zip(kept) {
            whole.append(&spread(kept, name, kind, piece.rows)?)?;
        }
        Ok(whole.rechunk().into_column())
    };
    let columns = schema.iter().map(column).collect::<PolarsResult<_>>()?;
    DataFrame::new(rows, columns)
}

/// A column of texts, some of them packed.
fn texts(name: PlSmallStr, pieces: &[Piece], kept: &[Option<&Kept>], rows: usize) -> PolarsResult<StringChunked> {
    let mut all = StringChunkedBuilder::new(name.clone(), rows);
    for (piece, kept) in pieces.iter().zip(kept) {
        match kept {
            Some(Kept::Texts(packed)) => packed.iter().for_each(|text| all.append_option(text)),
            None => (0..piece.rows).for_each(|_| all.append_null()),
            _ => {
                let series = spread(*kept, &name, &DataType::String, piece.rows)?;
                series.str()?.iter().for_each(|text| all.append_option(text));
            }
        }
    }
    Ok(all.finish())
}

/// A column, unless it is packed, over all rows of its piece.
fn spread(kept: Option<&Kept>, name: &PlSmallStr, kind: &DataType, rows: usize) -> PolarsResult<Series> {
    match kept {
        None => Ok(Series::full_null(name.clone(), rows, kind)),
        Some(Kept::Whole(column)) => Ok(column.as_materialized_series().clone()),
        Some(Kept::Texts(packed)) => Ok(packed.iter().collect::<StringChunked>().with_name(name.clone()).into_series()),
        Some(Kept::Rare(at, values)) => {
            let mut place = vec![None; rows];
            for (which, at) in (0 as IdxSize..).zip(at) {
                place[*at as usize] = Some(which);
            }
            let place: IdxCa = place.into_iter().collect();
            Ok(values.take(&place)?.take_materialized_series())
        }
    }
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
    let positions: Vec<&[IdxSize]> = of_bucket.iter().map(IdxCa::cont_slice).collect::<PolarsResult<_>>()?;
    for column in frame.columns().iter().filter(|column| *column.name() != c::ORIGIN) {
        let held = column.len() - column.null_count();
        if held == 0 {
            continue;
        }
        let mut keep = |bucket: usize, kept| pieces[bucket].columns.push((column.name().clone(), kept));
        if held * RARE >= column.len() {
            let texts = column.try_str().map(|texts| texts.rechunk().into_owned());
            for (bucket, rows) in of_bucket.iter().enumerate().filter(|(_, rows)| !rows.is_empty()) {
                let packed = texts.as_ref().and_then(|texts| {
                    let texts = texts.downcast_as_array();
                    Packed::of(|row| texts.get(*row as usize), positions[bucket])
                });
                keep(bucket, packed.map_or_else(|| column.take(rows).map(Kept::Whole), |packed| Ok(Kept::Texts(packed)))?);
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
