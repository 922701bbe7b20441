//! Blobs: pieces on their way to scratch and back, a row a piece and a cell a column of it.
//!
//! A writer of parquet looks for values that repeat, and finds few among numbers and names of persons; handing it bytes saves
//! that, and a third of what it costs to write and read a row. What a column is stands in the schema; a blob says only how it
//! waits.

use polars::prelude::*;

use super::pieces::{Kept, Packed, Piece};

const TICKET: &str = " ticket";
const FROM: &str = " from";
const ROWS: &str = " rows";

/// How a column waits: the first byte of its blob.
const WHOLE: u8 = 0;
const TEXTS: u8 = 1;
const RARE: u8 = 2;

/// Pieces as a frame of blobs. A blank stands before the names that no column of a book has.
pub(super) fn frame(pieces: &[Piece], schema: &Schema) -> PolarsResult<DataFrame> {
    let numbers =
        |name: &str, of: fn(&Piece) -> u32| UInt32Chunked::from_vec(name.into(), pieces.iter().map(of).collect()).into_column();
    let mut columns = vec![
        numbers(TICKET, |piece| piece.ticket),
        numbers(FROM, |piece| piece.from),
        numbers(ROWS, |piece| piece.rows as u32), // of a block of a file
    ];
    for name in schema.iter_names() {
        let blob = |piece: &Piece| piece.kept(name).map(blob).transpose();
        let blobs: BinaryChunked = pieces.iter().map(blob).collect::<PolarsResult<_>>()?;
        if blobs.null_count() < blobs.len() {
            columns.push(blobs.with_name(name.clone()).into_column());
        }
    }
    DataFrame::new(pieces.len(), columns)
}

/// The pieces of such a frame.
pub(super) fn pieces(frame: &DataFrame, schema: &Schema) -> PolarsResult<Vec<Piece>> {
    let numbers = |name: &str| frame.column(name)?.u32().map(|numbers| numbers.into_no_null_iter());
    let places = numbers(TICKET)?.zip(numbers(FROM)?).zip(numbers(ROWS)?);
    let mut pieces: Vec<Piece> =
        places.map(|((ticket, from), rows)| Piece { ticket, from, rows: rows as usize, columns: Vec::new() }).collect();
    for (name, kind) in schema.iter() {
        let Ok(blobs) = frame.column(name) else { continue };
        for (piece, blob) in pieces.iter_mut().zip(blobs.binary()?.iter()) {
            if let Some(blob) = blob {
                piece.columns.push((name.clone(), kept(blob, name, kind, piece.rows)?));
            }
        }
    }
    Ok(pieces)
}

fn blob(kept: &Kept) -> PolarsResult<Vec<u8>> {
    let mut blob = Vec::new();
    match kept {
        Kept::Whole(column) => {
            blob.push(WHOLE);
            put_series(column.as_materialized_series(), &mut blob)?;
        }
        Kept::Texts(packed) => {
            blob.push(TEXTS);
            put(packed.lengths.iter().copied(), &mut blob);
            blob.extend_from_slice(packed.text.as_bytes());
        }
        Kept::Rare(at, column) => {
            blob.push(RARE);
            put([at.len() as u32], &mut blob); // rows of a piece
            put(at.iter().copied(), &mut blob);
            put_series(column.as_materialized_series(), &mut blob)?;
        }
    }
    Ok(blob)
}

fn kept(blob: &[u8], name: &PlSmallStr, kind: &DataType, rows: usize) -> PolarsResult<Kept> {
    let mut rest = blob;
    match numbers::<u8>(&mut rest, 1)?.next() {
        Some(WHOLE) => Ok(Kept::Whole(series(rest, name, kind, rows)?.into_column())),
        Some(TEXTS) => {
            let lengths = numbers(&mut rest, rows)?.collect();
            let packed = Packed { text: text(rest)?.to_owned(), lengths };
            if packed.is_whole() { Ok(Kept::Texts(packed)) } else { Err(cut_short()) }
        }
        Some(RARE) => {
            let held = numbers::<u32>(&mut rest, 1)?.next().ok_or_else(cut_short)? as usize;
            let at: Vec<u32> = numbers(&mut rest, held)?.collect();
            if at.iter().any(|at| *at as usize >= rows) {
                return Err(cut_short());
            }
            Ok(Kept::Rare(at, series(rest, name, kind, held)?.into_column()))
        }
        _ => Err(cut_short()),
    }
}

/// A number of so many bytes.
trait Number: Copy + Default {
    const BYTES: usize;
    fn put(self, blob: &mut Vec<u8>);
    fn get(bytes: &[u8]) -> Self;
}

macro_rules! numbers {
    ($($kind:ty),*) => {$(
        impl Number for $kind {
            const BYTES: usize = size_of::<$kind>();
            fn put(self, blob: &mut Vec<u8>) {
                blob.extend_from_slice(&self.to_le_bytes());
            }
            fn get(bytes: &[u8]) -> Self {
                bytes.first_chunk().map_or(0, |bytes| <$kind>::from_le_bytes(*bytes))
            }
        }
    )*};
}
numbers!(u8, u16, u32, u64, i32, i64);

fn put<N: Number>(numbers: impl IntoIterator<Item = N>, blob: &mut Vec<u8>) {
    let numbers = numbers.into_iter();
    blob.reserve(numbers.size_hint().0 * N::BYTES);
    numbers.for_each(|number| number.put(blob));
}

fn numbers<'b, N: Number>(rest: &mut &'b [u8], many: usize) -> PolarsResult<impl Iterator<Item = N> + use<'b, N>> {
    let (mine, behind) = rest.split_at_checked(many * N::BYTES).ok_or_else(cut_short)?;
    *rest = behind;
    Ok(mine.chunks_exact(N::BYTES).map(N::get))
}

/// Numbers, and before them which of them are there if not all are.
fn put_numbers<T: PolarsNumericType<Native: Number>>(numbers: &ChunkedArray<T>, blob: &mut Vec<u8>) {
    let some_are_not = numbers.null_count() > 0;
    blob.push(u8::from(some_are_not));
    if some_are_not {
        put(numbers.iter().map(|number| u8::from(number.is_some())), blob);
    }
    put(numbers.iter().map(Option::unwrap_or_default), blob); // which are there was said
}

fn get_numbers<T: PolarsNumericType<Native: Number>>(mut rest: &[u8], name: &PlSmallStr, rows: usize) -> PolarsResult<Series>
where
    ChunkedArray<T>: IntoSeries,
{
    let some_are_not = numbers::<u8>(&mut rest, 1)?.next() == Some(1);
    let there = if some_are_not { Some(numbers::<u8>(&mut rest, rows)?) } else { None };
    let all = numbers::<T::Native>(&mut rest, rows)?;
    let all: ChunkedArray<T> = match there {
        None => ChunkedArray::from_vec(name.clone(), all.collect()),
        Some(there) => there.zip(all).map(|(there, number)| (there == 1).then_some(number)).collect_ca(name.clone()),
    };
    Ok(all.into_series())
}

fn put_series(series: &Series, blob: &mut Vec<u8>) -> PolarsResult<()> {
    let series = series.to_physical_repr();
    match series.dtype() {
        DataType::Boolean => put(series.bool()?.iter().map(|is| is.map_or(2, u8::from)), blob),
        DataType::UInt8 => put_numbers(series.u8()?, blob),
        DataType::UInt16 => put_numbers(series.u16()?, blob),
        DataType::UInt32 => put_numbers(series.u32()?, blob),
        DataType::UInt64 => put_numbers(series.u64()?, blob),
        DataType::Int32 => put_numbers(series.i32()?, blob),
        DataType::Int64 => put_numbers(series.i64()?, blob),
        DataType::String => {
            let texts = series.str()?;
            // No text is that long: a file of that size is refused.
            put(texts.iter().map(|text| text.map_or(u32::MAX, |text| text.len() as u32)), blob);
            texts.iter().flatten().for_each(|text| blob.extend_from_slice(text.as_bytes()));
        }
        other => polars_bail!(ComputeError: "no typed column is {other}"),
    }
    Ok(())
}

fn series(mut rest: &[u8], name: &PlSmallStr, kind: &DataType, rows: usize) -> PolarsResult<Series> {
    let physical = match kind.to_physical() {
        DataType::Boolean => {
            let all: BooleanChunked = numbers::<u8>(&mut rest, rows)?.map(|is| (is < 2).then_some(is == 1)).collect();
            all.with_name(name.clone()).into_series()
        }
        DataType::UInt8 => get_numbers::<UInt8Type>(rest, name, rows)?,
        DataType::UInt16 => get_numbers::<UInt16Type>(rest, name, rows)?,
        DataType::UInt32 => get_numbers::<UInt32Type>(rest, name, rows)?,
        DataType::UInt64 => get_numbers::<UInt64Type>(rest, name, rows)?,
        DataType::Int32 => get_numbers::<Int32Type>(rest, name, rows)?,
        DataType::Int64 => get_numbers::<Int64Type>(rest, name, rows)?,
        DataType::String => {
            let lengths = numbers::<u32>(&mut rest, rows)?;
            let mut rest = text(rest)?;
            let mut all = StringChunkedBuilder::new(name.clone(), rows);
            for length in lengths {
                if length == u32::MAX {
                    all.append_null();
                    continue;
                }
                let (mine, behind) = rest.split_at_checked(length as usize).ok_or_else(cut_short)?;
                all.append_value(mine);
                rest = behind;
            }
            all.finish().into_series()
        }
        other => polars_bail!(ComputeError: "no typed column is {other}"),
    };
    physical.cast(kind)
}

fn text(bytes: &[u8]) -> PolarsResult<&str> {
    std::str::from_utf8(bytes).map_err(|_| cut_short())
}

/// Scratch that is not as it was written.
fn cut_short() -> PolarsError {
    polars_err!(ComputeError: "a scratch file is not as it was written")
}

#[cfg(test)]
mod tests {
    use super::super::pieces::{divided, stacked};
    use super::*;
    use crate::domain::columns as c;

    #[test]
    fn what_went_to_scratch_and_back_is_what_waited() {
        let rows = 100u32;
        let every = |n: u32| move |at: u32| at.is_multiple_of(n).then_some(at);
        let long = "甲".repeat(40_000);
        let mut frame = df!(
            c::KEY => (0..rows).map(u64::from).collect::<Vec<_>>(),
            "u8" => (0..rows).map(|at| at as u8).collect::<Vec<_>>(),
            "u16" => (0..rows).map(every(2)).map(|at| at.map(|at| at as u16)).collect::<Vec<_>>(),
            "u32, rare" => (0..rows).map(every(30)).collect::<Vec<_>>(),
            "i64" => (0..rows).map(every(3)).map(|at| at.map(|at| i64::MIN + i64::from(at))).collect::<Vec<_>>(),
            "is" => (0..rows).map(every(2)).map(|at| at.map(|at| at % 4 == 0)).collect::<Vec<_>>(),
            "text" => (0..rows).map(every(2)).map(|at| at.map(|at| "户主".repeat(at as usize % 7))).collect::<Vec<_>>(),
            "text, rare" => (0..rows).map(every(40)).map(|at| at.map(|at| format!("{at}号"))).collect::<Vec<_>>(),
            "text, long" => (0..rows).map(|at| if at == 9 { long.clone() } else { "短".into() }).collect::<Vec<_>>(),
            "nothing" => vec![None::<&str>; rows as usize],
        )
        .unwrap();
        let days = Int32Chunked::from_iter_options("day".into(), (0..100).map(|at| (at % 5 > 0).then_some(at - 50)));
        frame.with_column(days.into_series().cast(&DataType::Date).unwrap().into_column()).unwrap();
        let schema = frame.schema().as_ref().clone();
        for buckets in [1, 3] {
            let waiting: Vec<Piece> = [7, 3]
                .into_iter()
                .flat_map(|ticket| divided(&frame, ticket, 5, buckets).unwrap().into_iter().map(|(_, piece)| piece))
                .collect();
            let back = pieces(&super::frame(&waiting, &schema).unwrap(), &schema).unwrap();
            let places = |pieces: &[Piece]| pieces.iter().map(|piece| (piece.ticket, piece.from, piece.rows)).collect::<Vec<_>>();
            assert_eq!(places(&back), places(&waiting));
            let (before, after) = (stacked(&waiting, &schema).unwrap(), stacked(&back, &schema).unwrap());
            assert_eq!(before.schema(), after.schema());
            assert!(after.equals_missing(&before), "{after:?} {before:?}");
            assert_eq!(after.height(), 2 * rows as usize);
        }
    }

    #[test]
    fn a_blob_that_is_cut_short_is_told() {
        let frame = df!(c::KEY => [1u64, 2, 3], "text" => ["甲", "乙", "丙"]).unwrap();
        let piece = &divided(&frame, 0, 1, 1).unwrap()[0].1;
        for (name, kind) in frame.schema().iter() {
            let whole = blob(piece.kept(name).unwrap()).unwrap();
            assert!(kept(&whole, name, kind, 3).is_ok());
            for end in 0..whole.len() {
                assert!(kept(&whole[..end], name, kind, 3).is_err(), "{name} {end}");
            }
        }
    }
}
