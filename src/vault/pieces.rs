//! Pieces: rows of a lot while they wait in their buckets, as bytes (`packed`), in memory or in a scratch file.

use std::path::Path;

use polars::prelude::*;

use super::packed::{self, Destination, Packed, Packing, RowAt, damaged};
use super::scratch;
use crate::domain::Fault;

/// Columns that the vault looks at. What their values mean nobody tells it.
#[derive(Clone, Copy, Debug)]
pub struct Labels {
    /// u64, never null: rows with the same key come into the same bucket.
    pub key: &'static str,
    /// u32, never null: ascends along the pieces of a lot, in their order.
    pub row: &'static str,
    /// u32: rows come out with the place of their lot here, whatever stood here before.
    pub lot: &'static str,
    /// u64: added to the rows of a bucket where keys mean others: the key under which each row waited.
    pub waited: &'static str,
}

/// The bucket of a key: a multiplicative hash, because plain mod would divide by what the last digits of keys mean.
pub(super) fn bucket_of(key: u64, of: u32) -> u32 {
    u32::try_from((key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) % u64::from(of.max(1)))
        .unwrap_or_default() // below `of`
}

/// Rows of one lot that follow each other there.
#[derive(Clone, Copy)]
pub(super) struct Piece<'b> {
    /// Number of the lot.
    pub(super) lot: u32,
    /// Number of the first row.
    pub(super) from: u32,
    pub(super) rows: usize,
    /// Those that hold anything.
    columns: &'b [u8],
}

/// The same with bytes of its own, while it waits.
pub(super) struct WaitingPiece {
    lot: u32,
    from: u32,
    pub(super) rows: usize,
    columns: Box<[u8]>,
}

impl WaitingPiece {
    pub(super) fn piece(&self) -> Piece<'_> {
        Piece {
            lot: self.lot,
            from: self.from,
            rows: self.rows,
            columns: &self.columns,
        }
    }
}

/// How rows are divided.
pub(super) struct Dividing<K> {
    pub(super) labels: Labels,
    pub(super) buckets: u32,
    /// The key that a row is divided by, from its own.
    pub(super) key: K,
}

impl<K: Fn(u64) -> u64> Dividing<K> {
    /// A lot's rows by bucket, in their order.
    pub(super) fn divided(
        &self,
        frame: &DataFrame,
        lot: u32,
    ) -> PolarsResult<Vec<(usize, WaitingPiece)>> {
        let numbers = frame.column(self.labels.row)?.u32()?;
        let from = numbers.iter().next().flatten().unwrap_or_default(); // no rows, no pieces
        let (rows, to) = self.destinations(frame)?;
        let columns: Vec<Packing<'_>> = frame
            .columns()
            .iter()
            .filter(|column| *column.name() != self.labels.lot)
            .filter_map(|column| Packing::of(column, &to).transpose())
            .collect::<PolarsResult<_>>()?;
        let mut bytes = Vec::new();
        let mut pieces = Vec::new();
        for (bucket, rows) in (0..).zip(rows).filter(|(_, rows)| !rows.is_empty()) {
            bytes.clear();
            columns
                .iter()
                .for_each(|column| column.put(bucket, &rows, &mut bytes));
            let piece = WaitingPiece {
                lot,
                from,
                rows: rows.len(),
                columns: bytes.as_slice().into(),
            };
            pieces.push((bucket as usize, piece));
        }
        Ok(pieces)
    }

    /// The rows of every bucket, and where every row goes.
    fn destinations(&self, frame: &DataFrame) -> PolarsResult<(Vec<Vec<RowAt>>, Vec<Destination>)> {
        let mut rows: Vec<Vec<RowAt>> = vec![Vec::new(); self.buckets as usize];
        let mut to: Vec<Destination> = Vec::with_capacity(frame.height());
        let keys = frame.column(self.labels.key)?.u64()?.into_no_null_iter();
        for (row, key) in (0..).zip(keys) {
            let bucket = bucket_of((self.key)(key), self.buckets);
            let rows = &mut rows[bucket as usize];
            to.push((bucket, rows.len() as RowAt)); // rows of a block of a file
            rows.push(row);
        }
        Ok((rows, to))
    }
}

/// Pieces as one frame with all columns of a schema, each with the place of its lot: what a piece lacks is null.
pub(super) fn stacked(
    pieces: &[(u32, Piece<'_>)],
    schema: &Schema,
    labels: Labels,
) -> PolarsResult<DataFrame> {
    let rows = pieces.iter().map(|(_, piece)| piece.rows).sum();
    let nothing: Vec<(usize, Option<Packed<'_>>)> =
        pieces.iter().map(|(_, piece)| (piece.rows, None)).collect();
    let mut columns = vec![nothing; schema.len()];
    for (at, (_, piece)) in pieces.iter().enumerate() {
        for column in packed::columns(piece.columns) {
            let (name, bytes) = column?;
            columns[schema.index_of(name).ok_or_else(damaged)?][at].1 = Some(bytes);
        }
    }
    let column = |((name, kind), pieces): ((&PlSmallStr, &DataType), &Vec<_>)| {
        packed::unpacked(name, kind, pieces)
    };
    let columns = schema.iter().zip(&columns).map(column);
    let mut frame = DataFrame::new(rows, columns.collect::<PolarsResult<_>>()?)?;
    let mut places = Vec::with_capacity(rows);
    pieces
        .iter()
        .for_each(|(place, piece)| places.resize(places.len() + piece.rows, *place));
    frame.with_column(UInt32Chunked::from_vec(labels.lot.into(), places).into_column())?;
    Ok(frame)
}

impl Piece<'_> {
    /// The keys of its rows.
    pub(super) fn keys(&self, labels: Labels) -> PolarsResult<UInt64Chunked> {
        for column in packed::columns(self.columns) {
            let (name, bytes) = column?;
            if name == labels.key {
                let only = [(self.rows, Some(bytes))];
                let keys = packed::unpacked(&labels.key.into(), &DataType::UInt64, &only)?;
                return keys.u64().cloned();
            }
        }
        Err(damaged())
    }
}

/// Writes pieces, one behind the other, and before them how many.
pub(super) fn write(path: &Path, pieces: &[WaitingPiece]) -> Result<(), Fault> {
    let mut bytes = Vec::with_capacity(
        8 + pieces
            .iter()
            .map(|piece| HEAD + piece.columns.len())
            .sum::<usize>(),
    );
    bytes.extend_from_slice(&(pieces.len() as u64).to_le_bytes());
    for piece in pieces {
        bytes.extend_from_slice(&piece.lot.to_le_bytes());
        bytes.extend_from_slice(&piece.from.to_le_bytes());
        bytes.extend_from_slice(&(piece.rows as u64).to_le_bytes());
        bytes.extend_from_slice(&(piece.columns.len() as u64).to_le_bytes());
        bytes.extend_from_slice(&piece.columns);
    }
    scratch::write_bytes(path, &bytes)
}

/// Bytes of what stands before the columns of a piece.
const HEAD: usize = 24;

/// No block of a file has as many rows.
const MOST_ROWS: usize = 1 << 24;

/// The pieces of such a file, of lots below `lots`.
pub(super) fn read(bytes: &[u8], lots: usize) -> PolarsResult<Vec<Piece<'_>>> {
    let mut rest = Packed::of(bytes);
    let many = rest.long()?;
    let mut pieces = Vec::new();
    while !rest.is_empty() {
        let (lot, from, rows, length) = (rest.short()?, rest.short()?, rest.long()?, rest.long()?);
        if rows > MOST_ROWS || lot as usize >= lots {
            return Err(damaged());
        }
        pieces.push(Piece {
            lot,
            from,
            rows,
            columns: rest.take(length)?,
        });
    }
    if pieces.len() == many {
        Ok(pieces)
    } else {
        Err(damaged())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: u32 = 200;

    const LABELS: Labels = Labels {
        key: "key",
        row: "row",
        lot: "lot",
        waited: "waited",
    };

    fn divided(frame: &DataFrame, lot: u32, buckets: u32) -> Vec<(usize, WaitingPiece)> {
        let dividing = Dividing {
            labels: LABELS,
            buckets,
            key: |key| key,
        };
        dividing.divided(frame, lot).unwrap()
    }

    /// Lots stand at the place of their number.
    fn in_place<'b>(pieces: impl IntoIterator<Item = Piece<'b>>) -> Vec<(u32, Piece<'b>)> {
        pieces.into_iter().map(|piece| (piece.lot, piece)).collect()
    }

    fn every(n: u32) -> impl Fn(u32) -> Option<u32> {
        move |row| row.is_multiple_of(n).then_some(row)
    }

    /// A column of every type that a typed book has: whole, with rows that hold nothing, rare, and with nothing in it.
    fn typed() -> DataFrame {
        let column = |of: &dyn Fn(u32) -> Option<u32>| (0..ROWS).map(of).collect::<Vec<_>>();
        let long = "甲".repeat(40_000);
        let ends = [i64::MIN, -1, 0, 1, i64::MAX];
        let mut frame = df!(
            LABELS.key => (0..ROWS).map(|row| u64::from(row).wrapping_mul(0x9E37_79B9_7F4A_7C15)).collect::<Vec<_>>(),
            LABELS.row => (5..ROWS + 5).collect::<Vec<_>>(),
            "u8" => column(&Some).into_iter().map(|row| row.map(|row| row as u8)).collect::<Vec<_>>(),
            "u8, the same" => vec![7u8; ROWS as usize],
            "u16" => column(&every(2)).into_iter().map(|row| row.map(|row| row as u16)).collect::<Vec<_>>(),
            "u16, all of it" => (0..ROWS).map(|row| if row % 2 == 0 { 0 } else { u16::MAX }).collect::<Vec<_>>(),
            "u32, rare" => column(&every(30)),
            "u32, rare and far" => column(&every(9)).into_iter().map(|row| row.map(|row| u32::MAX - row * 70_000)).collect::<Vec<_>>(),
            "i64" => column(&every(3)).into_iter().map(|row| row.map(|row| ends[row as usize % 5])).collect::<Vec<_>>(),
            "i64, below nought" => (0..ROWS).map(|row| -1_000_000 - i64::from(row)).collect::<Vec<_>>(),
            "is" => column(&every(2)).into_iter().map(|row| row.map(|row| row % 4 == 0)).collect::<Vec<_>>(),
            "is, always" => (0..ROWS).map(|row| row % 3 == 0).collect::<Vec<_>>(),
            "text" => column(&every(2)).into_iter().map(|row| row.map(|row| "户主".repeat(row as usize % 7))).collect::<Vec<_>>(),
            "text, rare" => column(&every(40)).into_iter().map(|row| row.map(|row| format!("{row}号"))).collect::<Vec<_>>(),
            "text, long" => (0..ROWS).map(|row| if row == 9 { long.clone() } else { "短".into() }).collect::<Vec<_>>(),
            "nothing" => vec![None::<&str>; ROWS as usize],
        )
        .unwrap();
        // Numbers that lie as far apart as a width just holds, and one further.
        for apart in [
            0,
            1,
            0xFF,
            0x100,
            0xFFFF,
            0x1_0000,
            0xFFFF_FFFF,
            0x1_0000_0000,
        ] {
            let ends = (0..ROWS).map(|row| if row % 2 == 0 { -5 } else { apart - 5 });
            frame
                .with_column(Column::new(
                    format!("{apart} apart").into(),
                    ends.collect::<Vec<i64>>(),
                ))
                .unwrap();
        }
        let days = Int32Chunked::from_iter_options(
            "day".into(),
            (0..200).map(|row| (row % 5 > 0).then_some(row - 50)),
        );
        frame
            .with_column(
                days.into_series()
                    .cast(&DataType::Date)
                    .unwrap()
                    .into_column(),
            )
            .unwrap();
        frame
    }

    fn of_bucket(frame: &DataFrame, bucket: u32, of: u32) -> DataFrame {
        let keys = frame
            .column(LABELS.key)
            .unwrap()
            .u64()
            .unwrap()
            .into_no_null_iter();
        frame
            .filter(&keys.map(|key| bucket_of(key, of) == bucket).collect())
            .unwrap()
    }

    #[test]
    fn rows_come_out_of_their_bucket_as_they_went_in() {
        let frame = typed();
        let schema = frame.schema().as_ref().clone();
        for buckets in [1, 3, 64] {
            let waiting = [7, 3].map(|lot| divided(&frame, lot, buckets));
            for bucket in 0..buckets {
                let mine = waiting
                    .iter()
                    .flatten()
                    .filter(|(at, _)| *at == bucket as usize)
                    .map(|(_, piece)| piece.piece());
                let mut stacked = stacked(&in_place(mine), &schema, LABELS).unwrap();
                let lots = stacked.drop_in_place(LABELS.lot).unwrap();
                let mut expected = of_bucket(&frame, bucket, buckets);
                let rows = expected.height();
                assert!(
                    lots.u32()
                        .unwrap()
                        .into_no_null_iter()
                        .eq(std::iter::repeat_n(7, rows).chain(std::iter::repeat_n(3, rows)))
                );
                expected.vstack_mut(&expected.clone()).unwrap();
                assert_eq!(stacked.schema(), expected.schema());
                assert!(
                    stacked.equals_missing(&expected),
                    "{bucket} of {buckets}: {stacked:?} {expected:?}"
                );
            }
        }
    }

    #[test]
    fn pieces_without_a_column_have_nothing_in_it() {
        let frame = typed();
        let schema = frame.schema().as_ref().clone();
        let narrow = divided(&frame.select([LABELS.key, LABELS.row, "u8"]).unwrap(), 0, 1);
        let whole = divided(&frame, 1, 1);
        let both = stacked(
            &in_place([narrow[0].1.piece(), whole[0].1.piece(), narrow[0].1.piece()]),
            &schema,
            LABELS,
        )
        .unwrap();
        for column in frame.columns().iter().skip(3) {
            let (mut expected, nothing) = (
                column.clone(),
                Column::full_null(column.name().clone(), frame.height(), column.dtype()),
            );
            expected.append(&nothing).unwrap();
            let of_both = both.column(column.name()).unwrap();
            assert!(
                of_both
                    .slice(ROWS.into(), 2 * ROWS as usize)
                    .equals_missing(&expected),
                "{}",
                column.name()
            );
            assert!(of_both.head(Some(ROWS as usize)).equals_missing(&nothing));
        }
    }

    #[test]
    fn scratch_that_ends_too_soon_is_told_and_a_byte_that_is_another_makes_no_panic() {
        let folder = tempfile::tempdir().unwrap();
        let (path, frame) = (folder.path().join("a.rows"), typed().head(Some(40)));
        let schema = frame.schema().as_ref().clone();
        let waiting: Vec<WaitingPiece> = divided(&frame, 2, 3)
            .into_iter()
            .map(|(_, piece)| piece)
            .collect();
        write(&path, &waiting).unwrap();
        let whole = scratch::read_bytes(&path).unwrap();
        let opened = |bytes: &[u8]| stacked(&in_place(read(bytes, 3)?), &schema, LABELS);
        let expected = stacked(
            &in_place(waiting.iter().map(WaitingPiece::piece)),
            &schema,
            LABELS,
        )
        .unwrap();
        assert!(opened(&whole).unwrap().equals_missing(&expected));
        for end in (0..whole.len()).filter(|end| *end < 3_000 || end % 97 == 0) {
            assert!(opened(&whole[..end]).is_err(), "{end}");
        }
        // How many rows of a rare column hold something: more than there are would be counted for years.
        let name = whole
            .windows(9)
            .position(|bytes| bytes == b"u32, rare")
            .unwrap();
        let (kind, count) = (name + 9 + 8, name + 9 + 8 + 1);
        assert_eq!(
            (whole[kind], whole[count]),
            (2, 1),
            "the column is written as the rows that hold something"
        );
        let mut many = whole.clone();
        many[count + 7] = 0x7F;
        assert!(opened(&many).is_err());
        // A byte that is another may make other rows.
        for at in (0..whole.len()).filter(|at| *at < 3_000 || at % 997 == 0) {
            for other in [0, 1, 0x7F, 0xFF] {
                let mut bytes = whole.clone();
                bytes[at] = other;
                let _ = opened(&bytes);
            }
        }
    }
}
