//! The pages of a column of a row group, as their headers tell (Parquet format, `PageHeader` in Thrift's compact protocol):
//! how many values each holds and how many bytes it inflates to. What the footer says of sizes is not asked.

use crate::intake::bounds::MOST_CELL_BYTES;

/// Structures within structures that a header may have: it has three.
const DEEPEST: usize = 8;

/// Pages of one column. Values are rows: only columns of one value a row are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Chunk {
    /// Bytes of its dictionary, which is inflated for every piece.
    pub(super) dictionary: u64,
    /// Of every data page the row behind its last one, and the bytes of all pages up to it.
    pub(super) ends: Vec<(u64, u64)>,
    /// Bytes of a value at most where pages hold more than they are long: beginnings are told once (DELTA_BYTE_ARRAY).
    pub(super) each: u64,
}

impl Chunk {
    /// Reads the headers of a column chunk of so many values; where one cannot be read, all that is left is one page of so many
    /// bytes.
    pub(super) fn of(bytes: &[u8], values: u64, stated: u64) -> Self {
        let (mut chunk, mut rest) = (Chunk::default(), bytes);
        let (mut rows, mut sum) = (0_u64, 0_u64);
        while rows < values
            && let Some((page, behind)) = Page::read(rest)
        {
            rest = behind;
            match page.kind {
                Page::DICTIONARY => chunk.dictionary = chunk.dictionary.max(page.inflated),
                Page::DATA | Page::DATA_V2 => {
                    if page.encoding == Page::DELTA_BYTE_ARRAY {
                        chunk.each = MOST_CELL_BYTES as u64;
                    }
                    rows = rows.saturating_add(page.values.max(1));
                    sum = sum.saturating_add(page.inflated);
                    chunk.ends.push((rows, sum));
                }
                _ => {}
            }
        }
        if rows < values {
            chunk.ends.push((values, sum.max(stated)));
        }
        chunk
    }

    /// Bytes that its rows from one up to another take, every page of them whole.
    pub(super) fn cost(&self, from: u64, to: u64) -> u64 {
        let first = self.ends.partition_point(|(end, _)| *end <= from);
        let last = self.ends.partition_point(|(end, _)| *end < to);
        let before = first.checked_sub(1).map_or(0, |at| self.ends[at].1);
        let up_to = last.min(self.ends.len().saturating_sub(1));
        let pages = self.ends.get(up_to).map_or(0, |(_, bytes)| bytes - before);
        let long = self.each.saturating_mul(to - from);
        self.dictionary.saturating_add(pages).saturating_add(long)
    }
}

/// What a page's header says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Page {
    kind: i64,
    inflated: u64,
    values: u64,
    encoding: i64,
}

impl Page {
    const DATA: i64 = 0;
    const DICTIONARY: i64 = 2;
    const DATA_V2: i64 = 3;
    const DELTA_BYTE_ARRAY: i64 = 7;

    /// The page that begins here, and what stands behind it.
    fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (mut page, mut packed) = (Page::default(), 0);
        let mut header = Compact { rest: bytes };
        let mut id = 0;
        while let Some(kind) = header.field(&mut id)? {
            match (id, kind) {
                (1, Compact::I32) => page.kind = header.integer()?,
                (2, Compact::I32) => page.inflated = u64::try_from(header.integer()?).ok()?,
                (3, Compact::I32) => packed = usize::try_from(header.integer()?).ok()?,
                // DataPageHeader: values, encoding; DataPageHeaderV2: values, nulls, rows, encoding.
                (5, Compact::STRUCT) => page.data(&mut header, 2)?,
                (8, Compact::STRUCT) => page.data(&mut header, 4)?,
                _ => header.skip(kind, 0)?,
            }
        }
        Some((page, header.rest.get(packed..)?))
    }

    fn data(&mut self, header: &mut Compact<'_>, encoding: i16) -> Option<()> {
        let mut id = 0;
        while let Some(kind) = header.field(&mut id)? {
            match (id, kind) {
                (1, Compact::I32) => self.values = u64::try_from(header.integer()?).ok()?,
                (of, Compact::I32) if of == encoding => self.encoding = header.integer()?,
                _ => header.skip(kind, 0)?,
            }
        }
        Some(())
    }
}

/// Thrift's compact protocol, as far as a page header needs it. `None` = these bytes are no such thing.
struct Compact<'b> {
    rest: &'b [u8],
}

impl Compact<'_> {
    const I32: u8 = 5;
    const STRUCT: u8 = 12;

    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*byte)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// A number with its sign in the last bit.
    fn integer(&mut self) -> Option<i64> {
        let value = self.varint()?;
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// The kind of the next field, whose number is put into `id`; nothing at the end of the structure.
    fn field(&mut self, id: &mut i16) -> Option<Option<u8>> {
        let byte = self.byte()?;
        let kind = byte & 0x0f;
        if kind == 0 {
            return Some(None);
        }
        *id = match byte >> 4 {
            0 => i16::try_from(self.integer()?).ok()?,
            step => id.checked_add(i16::from(step))?,
        };
        Some(Some(kind))
    }

    fn leave_out(&mut self, bytes: u64) -> Option<()> {
        self.rest = self.rest.get(usize::try_from(bytes).ok()?..)?;
        Some(())
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Option<()> {
        if depth > DEEPEST {
            return None;
        }
        match kind {
            1 | 2 => Some(()),
            3 => self.leave_out(1),
            4..=6 => self.varint().map(|_| ()),
            7 => self.leave_out(8),
            8 => {
                let length = self.varint()?;
                self.leave_out(length)
            }
            9 | 10 => {
                let head = self.byte()?;
                let many = match head >> 4 {
                    15 => self.varint()?,
                    few => u64::from(few),
                };
                (0..many).try_for_each(|_| self.skip_member(head & 0x0f, depth))
            }
            Self::STRUCT => {
                let mut id = 0;
                while let Some(kind) = self.field(&mut id)? {
                    self.skip(kind, depth + 1)?;
                }
                Some(())
            }
            _ => None,
        }
    }

    /// A truth in a list takes a byte; as a field it takes none.
    fn skip_member(&mut self, kind: u8, depth: usize) -> Option<()> {
        if matches!(kind, 1 | 2) {
            self.leave_out(1)
        } else {
            self.skip(kind, depth + 1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn varint(mut value: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        while value > 0x7f {
            bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        bytes.push(value as u8);
        bytes
    }

    /// A page with a header as writers write it, statistics and all.
    fn page(kind: u64, inflated: u64, values: u64, encoding: u64) -> Vec<u8> {
        let content = [7_u8; 5];
        let mut bytes = [
            &[0x15][..],
            &varint(kind * 2),
            &[0x15],
            &varint(inflated * 2),
        ]
        .concat();
        bytes.extend([0x15, 10]);
        match kind {
            // DictionaryPageHeader, field 7.
            2 => bytes.extend([&[0x4c, 0x15][..], &varint(values * 2), &[0x15, 0, 0]].concat()),
            // DataPageHeader, field 5: values, encoding, levels, levels, statistics.
            0 => {
                bytes.extend([&[0x2c, 0x15][..], &varint(values * 2), &[0x15]].concat());
                bytes.extend(varint(encoding * 2));
                bytes.extend([0x15, 6, 0x15, 6, 0x1c, 0x18, 3, 1, 2, 3, 0x16, 0, 0, 0]);
            }
            // DataPageHeaderV2, field 8, and is_compressed, a truth.
            _ => {
                bytes.extend([&[0x5c, 0x15][..], &varint(values * 2), &[0x15, 0, 0x15]].concat());
                bytes.extend([varint(values * 2), vec![0x15], varint(encoding * 2)].concat());
                bytes.extend([0x15, 0, 0x15, 0, 0x11, 0]);
            }
        }
        bytes.push(0);
        bytes.extend(content);
        bytes
    }

    #[test]
    fn pages_tell_their_rows_and_what_they_inflate_to() {
        let bytes = [
            page(2, 90_000, 1, 0),
            page(0, 1_000, 10, 8),
            page(3, 3_000, 20, 0),
        ]
        .concat();
        let chunk = Chunk::of(&bytes, 30, 0);
        assert_eq!(chunk.dictionary, 90_000);
        assert_eq!(chunk.ends, [(10, 1_000), (30, 4_000)]);
        for (from, to, cost) in [
            (0, 10, 91_000),
            (0, 1, 91_000),
            (9, 11, 94_000),
            (10, 11, 93_000),
            (0, 30, 94_000),
        ] {
            assert_eq!(chunk.cost(from, to), cost, "{from} to {to}");
        }
        let told_once = Chunk::of(&page(0, 1_000, 10, 7), 10, 0);
        assert_eq!(told_once.cost(0, 2), 1_000 + 2 * MOST_CELL_BYTES as u64);
    }

    #[test]
    fn where_headers_cannot_be_read_what_is_left_is_one_page() {
        let whole = page(0, 1_000, 10, 0);
        for bytes in [&[][..], &[0xff; 40], &whole[..12], &[0x1c; 200]] {
            assert_eq!(Chunk::of(bytes, 30, 77_000).cost(3, 4), 77_000);
        }
        let chunk = Chunk::of(&whole, 30, 77_000);
        assert_eq!((chunk.cost(0, 1), chunk.cost(20, 30)), (1_000, 76_000));
    }
}
