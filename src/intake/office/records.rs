//! The binary records of an xlsb, cut from a stream.

/// A record of a sheet holds one cell or less, of 32,767 characters. What claims more is no record.
const LONGEST_RECORD: usize = 4 << 20;

/// Cuts a stream of chunks into records: a number of 1–2 bytes, a length of 1–4, and the content.
pub(crate) struct BinRecords {
    wanted: &'static [u16],
    number: u16,
    length: usize,
    shift: u32,
    state: State,
    content: Vec<u8>,
}

enum State {
    Number,
    SecondOfNumber,
    Length,
    Content { left: usize },
}

/// A record that claims to be longer than any is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

impl TooLong {
    /// For a fault; `words` knows it.
    pub(crate) const REASON: &'static str = "a record too long";
}

impl BinRecords {
    /// Will give the records of these numbers only.
    pub(crate) fn of(wanted: &'static [u16]) -> Self {
        BinRecords {
            wanted,
            number: 0,
            length: 0,
            shift: 0,
            state: State::Number,
            content: Vec::new(),
        }
    }

    /// Takes the next chunk and gives the records that end in it.
    pub(crate) fn take(
        &mut self,
        mut chunk: &[u8],
        mut each: impl FnMut(u16, &[u8]),
    ) -> Result<(), TooLong> {
        while let [byte, rest @ ..] = chunk {
            let low = byte & 0x7f;
            match self.state {
                State::Number => {
                    self.number = u16::from(low);
                    self.state = if *byte == low {
                        State::Length
                    } else {
                        State::SecondOfNumber
                    };
                    (self.length, self.shift) = (0, 0);
                }
                State::SecondOfNumber => {
                    self.number |= u16::from(low) << 7;
                    self.state = State::Length;
                }
                State::Length => {
                    self.length |= usize::from(low) << self.shift;
                    self.shift += 7;
                    if *byte == low || self.shift == 28 {
                        self.begin(&mut each)?;
                    }
                }
                State::Content { left } => {
                    let (here, rest) = chunk.split_at(left.min(chunk.len()));
                    if self.wanted.contains(&self.number) {
                        self.content.extend_from_slice(here);
                    }
                    self.state = State::Content {
                        left: left - here.len(),
                    };
                    self.end(&mut each);
                    chunk = rest;
                    continue;
                }
            }
            chunk = rest;
        }
        Ok(())
    }

    fn begin(&mut self, each: &mut impl FnMut(u16, &[u8])) -> Result<(), TooLong> {
        if self.length > LONGEST_RECORD {
            return Err(TooLong);
        }
        self.content.clear();
        self.state = State::Content { left: self.length };
        self.end(each);
        Ok(())
    }

    fn end(&mut self, each: &mut impl FnMut(u16, &[u8])) {
        if matches!(self.state, State::Content { left: 0 }) {
            self.state = State::Number;
            if self.wanted.contains(&self.number) {
                each(self.number, &self.content);
            }
        }
    }
}

/// Four bytes as a number.
pub(crate) fn word(content: &[u8], at: usize) -> Option<u32> {
    let bytes = content.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_le_bytes(*bytes))
}

/// A text: its length in UTF-16 units, then the units.
pub(crate) fn wide(content: &[u8]) -> Option<String> {
    let units = word(content, 0)? as usize;
    let bytes = content.get(4..)?.get(..units.checked_mul(2)?)?;
    let units: Vec<u16> = bytes
        .as_chunks::<2>()
        .0
        .iter()
        .map(|pair| u16::from_le_bytes(*pair))
        .collect();
    Some(String::from_utf16_lossy(&units))
}

#[cfg(test)]
pub(super) mod tests {
    /// A record as [MS-XLSB] 2.1.4 writes it.
    pub(crate) fn record(number: u16, content: &[u8]) -> Vec<u8> {
        let mut bytes = if number < 0x80 {
            vec![number as u8]
        } else {
            vec![number as u8 | 0x80, (number >> 7) as u8]
        };
        let mut length = content.len();
        while length > 0x7f {
            bytes.push(length as u8 | 0x80);
            length >>= 7;
        }
        bytes.push(length as u8);
        bytes.extend_from_slice(content);
        bytes
    }
}
