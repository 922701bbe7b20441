//! The records of an xls workbook stream ([MS-XLS]; BIFF8, and BIFF5 of Excel 95): a plain walk over borrowed bytes.
//!
//! calamine reads xls too, but sets aside rows × columns cells for whatever a record claims, which can end the program,
//! and tells nothing of hidden rows. The walk for those meets every cell anyway.

use encoding_rs::Encoding;

/// A record with what continues it.
pub(crate) struct Record<'b> {
    /// What it is.
    pub kind: u16,
    /// Its bytes.
    pub data: &'b [u8],
    /// Where it begins in the stream.
    pub at: usize,
}

/// CONTINUE: more of the record before it.
pub(crate) const CONTINUE: u16 = 0x003c;

/// A stream that ends inside a record.
#[derive(Debug)]
pub(crate) struct CutOff;

/// Records from a place in the stream on.
pub(crate) struct BiffRecords<'b> {
    stream: &'b [u8],
    at: usize,
}

impl<'b> BiffRecords<'b> {
    /// From a position on.
    pub(crate) fn new(stream: &'b [u8], at: usize) -> Self {
        BiffRecords { stream, at }
    }

    /// The next record; `None` at the end of the stream. Zeros that some writers leave between records are records too.
    pub(crate) fn next(&mut self) -> Result<Option<Record<'b>>, CutOff> {
        let at = self.at;
        let rest = self.stream.get(at..).unwrap_or(&[]);
        let (Some(kind), Some(length)) = (u16_at(rest, 0), u16_at(rest, 2)) else {
            return if rest.iter().all(|byte| *byte == 0) {
                Ok(None)
            } else {
                Err(CutOff)
            };
        };
        let end = 4 + usize::from(length);
        let data = rest.get(4..end).ok_or(CutOff)?;
        self.at = at + end;
        Ok(Some(Record { kind, data, at }))
    }

    /// The data of a record and of the CONTINUE records behind it.
    pub(crate) fn continued(&mut self, first: &'b [u8]) -> Result<Vec<&'b [u8]>, CutOff> {
        let mut parts = vec![first];
        while u16_at(self.stream.get(self.at..).unwrap_or(&[]), 0) == Some(CONTINUE)
            && let Some(record) = self.next()?
        {
            parts.push(record.data);
        }
        Ok(parts)
    }
}

/// A number of two bytes; `None` beyond the end.
pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(
        bytes.get(at..at.checked_add(2)?)?.try_into().ok()?,
    ))
}

/// A number of four bytes; `None` beyond the end.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(
        bytes.get(at..at.checked_add(4)?)?.try_into().ok()?,
    ))
}

/// A floating-point number; `None` beyond the end.
pub(crate) fn f64_at(bytes: &[u8], at: usize) -> Option<f64> {
    Some(f64::from_le_bytes(
        bytes.get(at..at.checked_add(8)?)?.try_into().ok()?,
    ))
}

/// A number packed into four bytes: 30 bits of an integer or of a floating-point number, and whether it was times 100.
pub(crate) fn rk(packed: u32) -> f64 {
    let value = if packed & 2 != 0 {
        f64::from(packed as i32 >> 2)
    } else {
        f64::from_bits(u64::from(packed & 0xffff_fffc) << 32)
    };
    if packed & 1 != 0 {
        value / 100.0
    } else {
        value
    }
}

/// How texts are written.
#[derive(Clone, Copy)]
pub(crate) enum Letters {
    /// BIFF8: UTF-16, or Latin-1 where all fit.
    Wide,
    /// BIFF5: the code page of the machine that wrote it.
    Page(&'static Encoding),
}

/// The encoding of a Windows code page.
pub(crate) fn code_page(number: u16) -> Option<&'static Encoding> {
    Some(match number {
        936 | 54936 => encoding_rs::GB18030,
        950 => encoding_rs::BIG5,
        932 => encoding_rs::SHIFT_JIS,
        949 => encoding_rs::EUC_KR,
        874 => encoding_rs::WINDOWS_874,
        1250 => encoding_rs::WINDOWS_1250,
        1251 => encoding_rs::WINDOWS_1251,
        // ASCII, and the page of Excel on the first Macs.
        367 | 437 | 1252 | 32769 => encoding_rs::WINDOWS_1252,
        1253 => encoding_rs::WINDOWS_1253,
        1254 => encoding_rs::WINDOWS_1254,
        1255 => encoding_rs::WINDOWS_1255,
        1256 => encoding_rs::WINDOWS_1256,
        1257 => encoding_rs::WINDOWS_1257,
        1258 => encoding_rs::WINDOWS_1258,
        10000 | 32768 => encoding_rs::MACINTOSH,
        65001 => encoding_rs::UTF_8,
        _ => return None,
    })
}

/// A text of a record, or why there is none.
pub(crate) enum BiffText {
    /// As it stands there.
    Is(String),
    /// Bytes that are no text in its encoding.
    Undecodable,
    /// The record ends inside it.
    Cut,
}

/// The parts of a record and of what continues it, read byte by byte or text by text.
pub(crate) struct Continued<'b> {
    parts: Vec<&'b [u8]>,
    part: usize,
    at: usize,
}

impl<'b> Continued<'b> {
    /// From the first byte on.
    pub(crate) fn new(parts: Vec<&'b [u8]>) -> Self {
        Continued {
            parts,
            part: 0,
            at: 0,
        }
    }

    /// What is left of the current part; of the next where that is used up.
    fn rest(&mut self) -> &'b [u8] {
        while let Some(part) = self.parts.get(self.part) {
            if self.at < part.len() {
                return &part[self.at..];
            }
            (self.part, self.at) = (self.part + 1, 0);
        }
        &[]
    }

    /// Whether nothing is left.
    pub(crate) fn ended(&mut self) -> bool {
        self.rest().is_empty()
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.rest().first()?;
        self.at += 1;
        Some(byte)
    }

    fn number(&mut self, bytes: u32) -> Option<u32> {
        let mut number = 0;
        for place in 0..bytes {
            number |= u32::from(self.byte()?) << (8 * place);
        }
        Some(number)
    }

    /// Passes over bytes; false where there are not so many.
    pub(crate) fn skip(&mut self, mut bytes: u64) -> bool {
        while bytes > 0 {
            let rest = self.rest();
            if rest.is_empty() {
                return false;
            }
            let step = (rest.len() as u64).min(bytes);
            self.at += step as usize;
            bytes -= step;
        }
        true
    }

    /// A text behind its length, which takes so many bytes.
    pub(crate) fn text(&mut self, length_bytes: u32, letters: Letters) -> BiffText {
        let Some(length) = self.number(length_bytes) else {
            return BiffText::Cut;
        };
        match letters {
            Letters::Page(encoding) => self.of_page(length as usize, encoding),
            Letters::Wide => {
                let Some(flags) = self.byte() else {
                    return if length == 0 {
                        BiffText::Is(String::new())
                    } else {
                        BiffText::Cut
                    };
                };
                // Runs of fonts, and phonetic guides: behind the text, their sizes before it.
                let runs = if flags & 8 != 0 {
                    self.number(2)
                } else {
                    Some(0)
                };
                let guide = if flags & 4 != 0 {
                    self.number(4)
                } else {
                    Some(0)
                };
                let (Some(runs), Some(guide)) = (runs, guide) else {
                    return BiffText::Cut;
                };
                let text = self.wide(length as usize, flags & 1 != 0);
                let whole = self.skip(u64::from(runs) * 4 + u64::from(guide));
                if whole { text } else { BiffText::Cut }
            }
        }
    }

    fn of_page(&mut self, length: usize, encoding: &'static Encoding) -> BiffText {
        let Some(bytes) = self.rest().get(..length) else {
            return BiffText::Cut;
        };
        self.at += length;
        // Programs that know no code pages write UTF-8, whatever they say.
        if let Ok(text) = std::str::from_utf8(bytes) {
            return BiffText::Is(text.to_owned());
        }
        match encoding.decode_without_bom_handling_and_without_replacement(bytes) {
            Some(text) => BiffText::Is(text.into_owned()),
            None => BiffText::Undecodable,
        }
    }

    /// So many characters. Every part that continues them says anew whether they take one byte or two.
    fn wide(&mut self, length: usize, mut wide: bool) -> BiffText {
        let mut units: Vec<u16> = Vec::new();
        let begun = self.part;
        let mut part = begun;
        while units.len() < length {
            let mut rest = self.rest();
            if self.part != part {
                part = self.part;
                let Some(flags) = self.byte() else {
                    return BiffText::Cut;
                };
                wide = flags & 1 != 0;
                rest = self.rest();
                if self.part != part {
                    continue;
                }
            }
            let wanted = length - units.len();
            let before = units.len();
            if wide {
                units.extend(
                    rest.as_chunks::<2>()
                        .0
                        .iter()
                        .take(wanted)
                        .map(|pair| u16::from_le_bytes(*pair)),
                );
            } else {
                units.extend(rest.iter().take(wanted).map(|byte| u16::from(*byte)));
            }
            let taken = units.len() - before;
            if taken == 0 {
                return BiffText::Cut;
            }
            self.at += if wide { 2 * taken } else { taken };
        }
        String::from_utf16(&units).map_or(BiffText::Undecodable, BiffText::Is)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_numbers_are_unpacked() {
        for (packed, expected) in [
            (0x0000_0502, 320.0),
            (0x0001_f403, 320.0),
            (0x3ff0_0000, 1.0),
            (0xffff_fffe, -1.0),
        ] {
            assert_eq!(rk(packed), expected);
        }
    }

    #[test]
    fn a_text_goes_on_in_the_next_record_in_another_width() {
        // "ab张" in one byte a letter, then in two; a font run behind it; then "c".
        let first = [3, 0, 8, 1, 0, b'a', b'b'];
        let second = [1, 0x20, 0x5f, 0, 0, 0, 0, 1, 0, 0, b'c'];
        let mut parts = Continued::new(vec![&first, &second]);
        for expected in ["ab张", "c"] {
            let BiffText::Is(text) = parts.text(2, Letters::Wide) else {
                panic!("no text")
            };
            assert_eq!(text, expected);
        }
        assert!(parts.ended());
    }

    #[test]
    fn a_text_longer_than_its_record_is_cut() {
        let mut parts = Continued::new(vec![&[0xff, 0xff, 1, 0x20, 0x5f]]);
        assert!(matches!(parts.text(2, Letters::Wide), BiffText::Cut));
    }
}
