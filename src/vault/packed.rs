//! Packed: columns of typed rows as bytes, which is how rows wait for their bucket's turn, in memory and in scratch alike.
//!
//! A number takes as many bytes as the numbers beside it in its piece differ by, a text those of its letters and of its length,
//! what is not there nothing. What a column is stands in the schema; its bytes say only how they are to be read.

use polars::prelude::*;

/// How a column waits: the first of its bytes. Every row holds something.
const ALL: u8 = 0;
/// Some rows do: a one or nought for each, then the values of all.
const SOME: u8 = 1;
/// Few do: how many, their positions, their values.
const FEW: u8 = 2;

/// A column of which less than one row in so many holds anything is kept as those rows.
const RARE: usize = 8;

/// A row of a piece, or a position among rows.
pub(super) type RowAt = u32;

/// Which bucket each row of a piece goes to, and its position there.
pub(super) type Destination = (u32, RowAt);

/// A column that is about to be packed, bucket by bucket.
pub(super) struct Packing<'c> {
    name: &'c str,
    values: Box<dyn Values>,
    held: WhichHeld,
}

/// Which rows hold anything.
enum WhichHeld {
    All,
    Some(BooleanChunked),
    /// Bucket, position there and row, in order.
    Few(Vec<(u32, RowAt, RowAt)>),
}

impl<'c> Packing<'c> {
    /// A column of a piece; nothing where it holds nothing.
    pub(super) fn of(column: &'c Column, to: &[Destination]) -> PolarsResult<Option<Self>> {
        let held = column.len() - column.null_count();
        if held == 0 {
            return Ok(None);
        }
        let is_held = column.is_not_null();
        let held = if held == column.len() {
            WhichHeld::All
        } else if held * RARE >= column.len() {
            WhichHeld::Some(is_held.rechunk().into_owned())
        } else {
            let rows = (0..)
                .zip(to)
                .zip(is_held.iter())
                .filter(|(_, is_held)| *is_held == Some(true));
            let mut few: Vec<(u32, RowAt, RowAt)> = rows
                .map(|((row, (bucket, at)), _)| (*bucket, *at, row))
                .collect();
            few.sort_unstable();
            WhichHeld::Few(few)
        };
        Ok(Some(Packing {
            name: column.name(),
            values: values(column)?,
            held,
        }))
    }

    /// Packs the rows of a bucket behind what is packed already.
    pub(super) fn put(&self, bucket: u32, rows: &[RowAt], bytes: &mut Vec<u8>) {
        match &self.held {
            WhichHeld::All => self.put_named(bytes, |bytes| {
                bytes.push(ALL);
                self.values.put(rows, bytes);
            }),
            WhichHeld::Some(held) => self.put_named(bytes, |bytes| {
                bytes.push(SOME);
                let held = held.downcast_as_array().values();
                let of_row = |row: &RowAt| u64::from(held.get_bit(*row as usize));
                put_numbers(rows.iter().map(of_row), bytes);
                self.values.put(rows, bytes);
            }),
            WhichHeld::Few(all) => {
                let from = all.partition_point(|one| one.0 < bucket);
                let to = all.partition_point(|one| one.0 <= bucket);
                if from < to {
                    self.put_named(bytes, |bytes| self.put_few(&all[from..to], bytes));
                }
            }
        }
    }

    /// The name of the column, how many bytes follow, and those.
    fn put_named(&self, bytes: &mut Vec<u8>, put: impl FnOnce(&mut Vec<u8>)) {
        bytes.push(self.name.len() as u8); // of columns that we named
        bytes.extend_from_slice(self.name.as_bytes());
        let length = bytes.len();
        bytes.extend_from_slice(&[0; 8]);
        put(bytes);
        let packed = (bytes.len() - length - 8) as u64;
        bytes[length..length + 8].copy_from_slice(&packed.to_le_bytes());
    }

    fn put_few(&self, few: &[(u32, RowAt, RowAt)], bytes: &mut Vec<u8>) {
        let rows: Vec<RowAt> = few.iter().map(|(_, _, row)| *row).collect();
        bytes.push(FEW);
        bytes.extend_from_slice(&(few.len() as u64).to_le_bytes());
        put_numbers(few.iter().map(|(_, at, _)| u64::from(*at)), bytes);
        self.values.put(&rows, bytes);
    }
}

/// Values of a column, whose rows without any are not asked for or may say what they like.
trait Values {
    fn put(&self, rows: &[RowAt], bytes: &mut Vec<u8>);
}

/// The values of a column of a typed book.
fn values(column: &Column) -> PolarsResult<Box<dyn Values>> {
    let series = column.as_materialized_series().to_physical_repr();
    Ok(match series.dtype() {
        DataType::Boolean => Box::new(PackedNumbers::of(series.cast(&DataType::UInt8)?.u8()?)),
        DataType::UInt8 => Box::new(PackedNumbers::of(series.u8()?)),
        DataType::UInt16 => Box::new(PackedNumbers::of(series.u16()?)),
        DataType::UInt32 => Box::new(PackedNumbers::of(series.u32()?)),
        DataType::UInt64 => Box::new(PackedNumbers::of(series.u64()?)),
        DataType::Int32 => Box::new(PackedNumbers::of(series.i32()?)),
        DataType::Int64 => Box::new(PackedNumbers::of(series.i64()?)),
        DataType::String => Box::new(PackedTexts(series.str()?.rechunk().into_owned())),
        other => polars_bail!(ComputeError: "no typed column is {other}"),
    })
}

/// A number as one of sixty-four bits, and back: the order of differences is kept.
trait Number: Copy + Ord + Default {
    fn wide(self) -> u64;
    fn narrow(wide: u64) -> Self;
}

macro_rules! number {
    ($($kind:ty),*) => {$(
        impl Number for $kind {
            fn wide(self) -> u64 {
                self as u64 // a signed one keeps its sign, and wraps: only differences are kept
            }
            fn narrow(wide: u64) -> Self {
                wide as $kind
            }
        }
    )*};
}
number!(u8, u16, u32, u64, i32, i64);

/// Numbers of a piece, all of them.
struct PackedNumbers<T: PolarsNumericType> {
    numbers: ChunkedArray<T>,
    /// The least of them, and the bytes that the others are above it.
    base: u64,
    width: u8,
}

impl<T: PolarsNumericType<Native: Number>> PackedNumbers<T> {
    fn of(numbers: &ChunkedArray<T>) -> Self {
        let ends =
            numbers
                .iter()
                .flatten()
                .fold(None, |ends: Option<(T::Native, T::Native)>, number| {
                    Some(ends.map_or((number, number), |(least, most)| {
                        (least.min(number), most.max(number))
                    }))
                });
        let (least, most) = ends.unwrap_or_default(); // a column that holds nothing is not packed
        let base = least.wide();
        PackedNumbers {
            numbers: numbers.rechunk().into_owned(),
            base,
            width: width(most.wide().wrapping_sub(base)),
        }
    }
}

impl<T: PolarsNumericType<Native: Number>> Values for PackedNumbers<T> {
    fn put(&self, rows: &[RowAt], bytes: &mut Vec<u8>) {
        let numbers = self.numbers.downcast_as_array().values().as_slice();
        put_above(
            self.base,
            self.width,
            rows.iter().map(|row| numbers[*row as usize].wide()),
            bytes,
        );
    }
}

struct PackedTexts(StringChunked);

impl Values for PackedTexts {
    fn put(&self, rows: &[RowAt], bytes: &mut Vec<u8>) {
        let texts = self.0.downcast_as_array();
        let of_rows = || {
            rows.iter()
                .map(|row| texts.get(*row as usize).unwrap_or_default())
        }; // of rows that hold something
        put_numbers(of_rows().map(|text| text.len() as u64), bytes);
        of_rows().for_each(|text| bytes.extend_from_slice(text.as_bytes()));
    }
}

/// Bytes that a number takes.
fn width(number: u64) -> u8 {
    match number {
        0 => 0,
        1..=0xFF => 1,
        0x100..=0xFFFF => 2,
        0x1_0000..=0xFFFF_FFFF => 4,
        _ => 8,
    }
}

/// Numbers that nobody looked at yet.
fn put_numbers(numbers: impl ExactSizeIterator<Item = u64> + Clone, bytes: &mut Vec<u8>) {
    let base = numbers.clone().min().unwrap_or(0);
    let most = numbers.clone().max().unwrap_or(0);
    put_above(base, width(most - base), numbers, bytes);
}

/// Numbers above a base, of which each takes as many bytes. What is not above it, in a row that holds nothing, is cut off.
fn put_above(
    base: u64,
    width: u8,
    numbers: impl ExactSizeIterator<Item = u64>,
    bytes: &mut Vec<u8>,
) {
    bytes.extend_from_slice(&base.to_le_bytes());
    bytes.push(width);
    let above = numbers.map(|number| number.wrapping_sub(base));
    match width {
        0 => {}
        1 => bytes.extend(above.map(|number| number as u8)),
        2 => put_each(above, |number| (number as u16).to_le_bytes(), bytes),
        4 => put_each(above, |number| (number as u32).to_le_bytes(), bytes),
        _ => put_each(above, u64::to_le_bytes, bytes),
    }
}

fn put_each<const N: usize>(
    numbers: impl ExactSizeIterator<Item = u64>,
    of: impl Fn(u64) -> [u8; N],
    bytes: &mut Vec<u8>,
) {
    let from = bytes.len();
    bytes.resize(from + numbers.len() * N, 0);
    for (place, number) in bytes[from..].as_chunks_mut::<N>().0.iter_mut().zip(numbers) {
        *place = of(number);
    }
}

/// Columns of a piece: name and bytes.
pub(super) fn columns(bytes: &[u8]) -> impl Iterator<Item = PolarsResult<(&str, Packed<'_>)>> {
    let mut rest = Packed(bytes);
    std::iter::from_fn(move || (!rest.0.is_empty()).then(|| rest.column()))
}

/// Bytes of a column, or what is left of them.
#[derive(Clone, Copy)]
pub(super) struct Packed<'b>(&'b [u8]);

impl<'b> Packed<'b> {
    pub(super) fn of(bytes: &'b [u8]) -> Self {
        Packed(bytes)
    }

    pub(super) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    fn column(&mut self) -> PolarsResult<(&'b str, Packed<'b>)> {
        let name = usize::from(self.byte()?);
        let name = text(self.take(name)?)?;
        let bytes = self.long()?;
        Ok((name, Packed(self.take(bytes)?)))
    }

    pub(super) fn take(&mut self, bytes: usize) -> PolarsResult<&'b [u8]> {
        let (mine, behind) = self.0.split_at_checked(bytes).ok_or_else(damaged)?;
        self.0 = behind;
        Ok(mine)
    }

    fn byte(&mut self) -> PolarsResult<u8> {
        Ok(self.take(1)?[0])
    }

    pub(super) fn long(&mut self) -> PolarsResult<usize> {
        usize::try_from(self.eight()?).map_err(|_| damaged())
    }

    pub(super) fn short(&mut self) -> PolarsResult<u32> {
        self.take(4)?
            .first_chunk()
            .map(|bytes| u32::from_le_bytes(*bytes))
            .ok_or_else(damaged)
    }

    fn eight(&mut self) -> PolarsResult<u64> {
        self.take(8)?
            .first_chunk()
            .map(|bytes| u64::from_le_bytes(*bytes))
            .ok_or_else(damaged)
    }

    /// Hands over so many numbers.
    fn numbers(&mut self, many: usize, mut each: impl FnMut(u64)) -> PolarsResult<()> {
        let (base, width) = (self.eight()?, self.byte()?);
        let above = self.take(many.checked_mul(usize::from(width)).ok_or_else(damaged)?)?;
        let mut each = |number: u64| each(base.wrapping_add(number));
        match width {
            0 => (0..many).for_each(|_| each(0)),
            1 => above.iter().for_each(|number| each(u64::from(*number))),
            2 => above
                .as_chunks()
                .0
                .iter()
                .for_each(|number| each(u64::from(u16::from_le_bytes(*number)))),
            4 => above
                .as_chunks()
                .0
                .iter()
                .for_each(|number| each(u64::from(u32::from_le_bytes(*number)))),
            8 => above
                .as_chunks()
                .0
                .iter()
                .for_each(|number| each(u64::from_le_bytes(*number))),
            _ => return Err(damaged()),
        }
        Ok(())
    }

    /// Which of so many rows hold anything: `None` = all; and how many do, or are written as if they did.
    fn held(&mut self, rows: usize) -> PolarsResult<(Option<Vec<bool>>, usize)> {
        match self.byte()? {
            ALL => Ok((None, rows)),
            SOME => {
                let mut held = Vec::with_capacity(rows);
                self.numbers(rows, |is| held.push(is == 1))?;
                Ok((Some(held), rows))
            }
            FEW => {
                let few = self.long()?;
                if few > rows {
                    return Err(damaged());
                }
                let mut held = vec![false; rows];
                let mut are_rows = true;
                self.numbers(few, |at| {
                    match usize::try_from(at).ok().and_then(|at| held.get_mut(at)) {
                        Some(held) => are_rows &= !std::mem::replace(held, true),
                        None => are_rows = false,
                    }
                })?;
                if are_rows {
                    Ok((Some(held), few))
                } else {
                    Err(damaged())
                }
            }
            _ => Err(damaged()),
        }
    }
}

/// A column out of those of several pieces: (rows, bytes), `None` where a piece has nothing in it.
pub(super) fn unpacked(
    name: &PlSmallStr,
    kind: &DataType,
    pieces: &[(usize, Option<Packed<'_>>)],
) -> PolarsResult<Column> {
    let rows = pieces.iter().map(|(rows, _)| rows).sum();
    if pieces.iter().all(|(_, packed)| packed.is_none()) {
        return Ok(Column::full_null(name.clone(), rows, kind));
    }
    let physical = match kind.to_physical() {
        DataType::Boolean | DataType::UInt8 => numbers::<UInt8Type>(pieces, rows)?,
        DataType::UInt16 => numbers::<UInt16Type>(pieces, rows)?,
        DataType::UInt32 => numbers::<UInt32Type>(pieces, rows)?,
        DataType::UInt64 => numbers::<UInt64Type>(pieces, rows)?,
        DataType::Int32 => numbers::<Int32Type>(pieces, rows)?,
        DataType::Int64 => numbers::<Int64Type>(pieces, rows)?,
        DataType::String => texts(pieces, rows)?,
        other => polars_bail!(ComputeError: "no typed column is {other}"),
    };
    let column = if physical.dtype() == kind {
        physical
    } else {
        physical.cast(kind)?
    };
    Ok(column.with_name(name.clone()).into_column())
}

fn numbers<T: PolarsNumericType<Native: Number>>(
    pieces: &[(usize, Option<Packed<'_>>)],
    rows: usize,
) -> PolarsResult<Series>
where
    ChunkedArray<T>: IntoSeries,
{
    let mut numbers: Vec<T::Native> = Vec::with_capacity(rows);
    // As far as the last row that holds nothing.
    let mut held: Vec<bool> = Vec::new();
    for (rows, packed) in pieces {
        let from = numbers.len();
        match packed {
            None => {
                held.resize(from, true);
                held.resize(from + rows, false);
                numbers.resize(from + rows, T::Native::default());
            }
            Some(packed) => {
                if let Some(are_held) = numbers_of(*packed, *rows, &mut numbers)? {
                    held.resize(from, true);
                    held.extend(are_held);
                }
            }
        }
    }
    if held.is_empty() {
        return Ok(ChunkedArray::<T>::from_vec("".into(), numbers).into_series());
    }
    held.resize(rows, true);
    let numbers = numbers
        .into_iter()
        .zip(held)
        .map(|(number, is_held)| is_held.then_some(number));
    Ok(ChunkedArray::<T>::from_iter_options("".into(), numbers).into_series())
}

/// Puts a piece's numbers behind those that are there, and says which of its rows hold one: `None` = all.
fn numbers_of<N: Number>(
    mut packed: Packed<'_>,
    rows: usize,
    numbers: &mut Vec<N>,
) -> PolarsResult<Option<Vec<bool>>> {
    let from = numbers.len();
    let (held, written) = packed.held(rows)?;
    packed.numbers(written, |number| numbers.push(N::narrow(number)))?;
    if !packed.is_empty() {
        return Err(damaged());
    }
    if let Some(held) = held.as_ref().filter(|_| written < rows) {
        let mut few = numbers.split_off(from).into_iter();
        let of_row = |is_held: &bool| is_held.then(|| few.next()).flatten().unwrap_or_default();
        numbers.extend(held.iter().map(of_row));
    }
    Ok(held)
}

fn texts(pieces: &[(usize, Option<Packed<'_>>)], rows: usize) -> PolarsResult<Series> {
    let mut texts = StringChunkedBuilder::new("".into(), rows);
    for (rows, packed) in pieces {
        match packed {
            None => (0..*rows).for_each(|_| texts.append_null()),
            Some(packed) => texts_of(*packed, *rows, &mut texts)?,
        }
    }
    Ok(texts.finish().into_series())
}

/// Puts a piece's texts behind those that are there.
fn texts_of(
    mut packed: Packed<'_>,
    rows: usize,
    texts: &mut StringChunkedBuilder,
) -> PolarsResult<()> {
    let (held, written) = packed.held(rows)?;
    let mut lengths: Vec<u64> = Vec::with_capacity(written);
    packed.numbers(written, |length| lengths.push(length))?;
    let mut letters = Letters(text(packed.0)?);
    match held {
        None => lengths
            .into_iter()
            .try_for_each(|length| letters.next(length).map(|text| texts.append_value(text)))?,
        Some(held) => {
            let (mut lengths, are_few) = (lengths.into_iter(), written < rows);
            for is_held in held {
                // Of few, only those that hold something are written.
                let length = if is_held || !are_few {
                    lengths.next()
                } else {
                    None
                };
                match length.filter(|_| is_held) {
                    Some(length) => texts.append_value(letters.next(length)?),
                    None => texts.append_null(),
                }
            }
        }
    }
    if letters.0.is_empty() {
        Ok(())
    } else {
        Err(damaged())
    }
}

/// Letters of texts that stand one behind the other.
struct Letters<'b>(&'b str);

impl<'b> Letters<'b> {
    fn next(&mut self, length: u64) -> PolarsResult<&'b str> {
        let length = usize::try_from(length).map_err(|_| damaged())?;
        let (mine, behind) = self.0.split_at_checked(length).ok_or_else(damaged)?;
        self.0 = behind;
        Ok(mine)
    }
}

fn text(bytes: &[u8]) -> PolarsResult<&str> {
    std::str::from_utf8(bytes).map_err(|_| damaged())
}

/// Bytes that are not as they were packed.
pub(super) fn damaged() -> PolarsError {
    polars_err!(ComputeError: "rows in scratch are not as they were written")
}
