//! Into which pieces the rows of a row group are cut: so that what is decoded at a time stays within its share of memory.

use super::pages::Chunk;

/// Rows of a piece at most.
const MOST_ROWS: u64 = 2_000_000;

/// Bytes of a cell beside its text: where the text stands and how long it is, of a number also the number.
const PER_CELL: u64 = 24;

/// Bytes that reading may hold where nobody says how much: a survey holds the rows of whole files besides.
pub(super) const OF_A_SURVEY: u64 = 2 << 30;

/// How much may be decoded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// Bytes of all pieces that are decoded side by side.
    pub(super) all: u64,
    /// Pieces that are decoded side by side.
    pub(super) threads: u64,
}

/// Rows decoded at a time: from a row of the file on, so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) from: usize,
    pub(super) rows: usize,
    /// A row of it takes much of a share: it is decoded alone, with all the room there is.
    pub(super) alone: bool,
}

/// Some rows of a row group take more than there is room for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoRoom;

impl Room {
    /// What one piece may take.
    fn share(self) -> u64 {
        self.all / self.threads.max(1)
    }

    /// The pieces of a row group of so many rows, the first of which has this position in the file. Most groups are one piece:
    /// to cut a group means to inflate its dictionaries, and the page that is cut, once more.
    pub(super) fn pieces(
        self,
        first: usize,
        rows: usize,
        chunks: &[Chunk],
    ) -> Result<Vec<Piece>, NoRoom> {
        let rows = rows as u64;
        let cost = |from: u64, to: u64| {
            let cells = (to - from).saturating_mul(chunks.len() as u64);
            let texts = chunks.iter().fold(0, |sum: u64, chunk| {
                sum.saturating_add(chunk.cost(from, to))
            });
            cells.saturating_mul(PER_CELL).saturating_add(texts)
        };
        let (mut pieces, mut from) = (Vec::new(), 0);
        while from < rows {
            // What one row takes is taken again for every piece: half of the room is for more of them.
            let least = cost(from, from + 1);
            if least > self.all / 2 {
                return Err(NoRoom);
            }
            let alone = least > self.share() / 2;
            let most = if alone { self.all } else { self.share() };
            let to = last(from + 1, rows.min(from + MOST_ROWS), |to| {
                cost(from, to) <= most
            });
            pieces.push(Piece {
                from: first + from as usize,
                rows: (to - from) as usize,
                alone,
            });
            from = to;
        }
        Ok(pieces)
    }
}

/// The last number of a range for which a condition holds that holds up to somewhere; the first one, for which it holds.
fn last(first: u64, end: u64, holds: impl Fn(u64) -> bool) -> u64 {
    let (mut good, mut bad) = (first, end + 1);
    // Most often all of them.
    if holds(end) {
        return end;
    }
    while bad - good > 1 {
        let middle = good + (bad - good) / 2;
        if holds(middle) {
            good = middle;
        } else {
            bad = middle;
        }
    }
    good
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Room = Room {
        all: 4 << 20,
        threads: 4,
    };

    fn chunk(dictionary: u64, pages: &[(u64, u64)]) -> Chunk {
        let (mut rows, mut bytes) = (0, 0);
        let ends = pages.iter().map(|(more, inflated)| {
            rows += more;
            bytes += inflated;
            (rows, bytes)
        });
        Chunk {
            dictionary,
            ends: ends.collect(),
            each: 0,
        }
    }

    /// Rows of the pieces, and whether each is decoded alone.
    fn cut(rows: usize, chunks: &[Chunk]) -> Result<Vec<(usize, bool)>, NoRoom> {
        let pieces = ROOM.pieces(1_000, rows, chunks)?;
        let mut at = 1_000;
        for piece in &pieces {
            assert_eq!(piece.from, at, "every row once and in order");
            at += piece.rows;
        }
        assert_eq!(at, 1_000 + rows);
        Ok(pieces
            .iter()
            .map(|piece| (piece.rows, piece.alone))
            .collect())
    }

    #[test]
    fn what_is_decoded_at_a_time_stays_within_its_share() {
        let mib = 1 << 20;
        #[rustfmt::skip]
        let table = [
            // A small group is one piece, and one without rows none.
            (30_000, vec![chunk(100, &[(30_000, 30_000)])], Ok(vec![(30_000, false)])),
            (0, vec![chunk(0, &[])], Ok(vec![])),
            // Cells of no text at all, in many columns: a share of 1 MiB is 43,690 cells.
            (1_000, vec![chunk(0, &[(1_000, 10)]); 100], Ok(vec![(436, false), (436, false), (128, false)])),
            // Pages are whole, or not there.
            (40, vec![chunk(0, &[(10, mib / 3); 4])], Ok(vec![(20, false), (20, false)])),
            // A page or a dictionary of more than half a share is decoded alone, with as many rows as there is room for.
            (40, vec![chunk(0, &[(20, 10), (20, 3 * mib / 2)])], Ok(vec![(20, false), (20, true)])),
            (120_000, vec![chunk(3 * mib / 2, &[(120_000, 10)])], Ok(vec![(109_226, true), (10_774, true)])),
            // Larger than half of the room: refused.
            (40, vec![chunk(0, &[(40, 3 * mib)])], Err(NoRoom)),
            (40, vec![chunk(5 * mib, &[(40, 10)])], Err(NoRoom)),
        ];
        for (rows, chunks, expected) in table {
            assert_eq!(cut(rows, &chunks), expected, "{rows} rows of {chunks:?}");
        }
        let told_once = Chunk {
            each: 100_000,
            ..chunk(0, &[(30, 10)])
        };
        assert_eq!(
            cut(30, &[told_once]),
            Ok(vec![(10, false), (10, false), (10, false)])
        );
    }
}
