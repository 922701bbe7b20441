//! Division: into how many buckets rows go, whether they stay in memory, how much is done at a time; and why so much.

use std::path::PathBuf;

/// Buckets that are worked on side by side: each holds what is known of its rows in memory.
pub(super) const AT_ONCE: usize = 2;

/// Bytes of rows, as csv, that are worked on at a time while all fit into memory: what is done once a bucket costs time, what
/// is known of its rows costs memory.
const BUCKET_BYTES: u64 = 32 << 20;

/// Most buckets in memory: the rows of a block of a file lie in that many pieces, and small pieces cost time.
const MOST_IN_MEMORY: u64 = 60;

/// Most bytes of a bucket where not all fit: it is read back, and what is known of its rows stands in memory at once.
const MOST_BUCKET_BYTES: u64 = 256 << 20;

/// Least bytes of such a bucket: below it files are opened more often than read.
const LEAST_BUCKET_BYTES: u64 = 1 << 20;

/// What a run takes that keeps all its rows in memory, beside some times the bytes of their csv.
const AT_LEAST: u64 = 256 << 20;

/// How many times: rows are packed, and beside them stand the buckets that are worked on.
const TIMES_KEPT: u64 = 2;

/// The same with lists that stand in memory beside the rows until the end.
const TIMES_KEPT_WITH_LISTS: u64 = 5;

/// How many times the bytes of a csv that a bucket is allowed while it is worked on, `AT_ONCE` of them at a time.
const TIMES_WORKED_ON: u64 = 12;

/// The part of memory that buckets may take while they are worked on: one in so many.
const PART_WORKED_ON: u64 = 4;

/// Most buckets: more would be files of a few rows.
const MOST_BUCKETS: u64 = 1024;

/// The part of memory that rows may take while they wait to be written: one in so many.
const PART_WAITING: u64 = 8;

/// Bytes of a row that waits, packed and with its share of a piece's head.
const BYTES_WAITING: u64 = 128;

/// Books that are large: of a dozen, few are as long as the longest.
const LARGE_BOOKS: u64 = 4;

/// The part of memory that rows may take while they are decoded out of files: one in so many.
const PART_DECODED: u64 = 4;

/// Bytes that decoded rows may take however scarce memory is: what a row group of an ordinary book needs.
const LEAST_DECODED: u64 = 64 << 20;

/// Fewest and most rows of one book and bucket that are written at a time.
const ROWS_WRITTEN: (u64, u64) = (2_048, 131_072);

/// Into how many buckets, and where they lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Division {
    /// Number of buckets; at least one.
    pub buckets: u32,
    /// Folder for buckets that do not fit into memory; `None` = they do.
    pub scratch: Option<PathBuf>,
    /// Rows of one book and bucket that wait in memory before they are written.
    pub waiting: usize,
    /// Bytes that rows may take while they are decoded, before they come here.
    pub decoded: u64,
}

impl Division {
    /// Everything in one bucket, in memory.
    pub const WHOLE: Division = Division {
        buckets: 1,
        scratch: None,
        waiting: 0,
        decoded: 1 << 30,
    };
}

/// What is to be divided, and within what.
#[derive(Clone, Debug)]
pub struct Load {
    /// Bytes of all rows, as csv.
    pub bytes: u64,
    /// Lists made of them stand in memory beside the rows until the end.
    pub with_lists: bool,
    /// Bytes of memory to stay within.
    pub memory: u64,
    /// Number of buckets, where it is not left to the size.
    pub buckets: Option<u32>,
    /// Folder for buckets that do not fit.
    pub scratch: PathBuf,
}

impl Load {
    /// Few buckets in memory where all fit, else as many in scratch as leave room to work on some of them.
    pub fn divided(self) -> Division {
        let fits = self.fits();
        let buckets = self.buckets.unwrap_or_else(|| self.chosen(fits));
        Division {
            buckets,
            waiting: self.waiting(buckets),
            decoded: (self.memory / PART_DECODED).max(LEAST_DECODED),
            scratch: (!fits).then_some(self.scratch),
        }
    }

    /// Whether all rows stay in memory.
    fn fits(&self) -> bool {
        let times = if self.with_lists {
            TIMES_KEPT_WITH_LISTS
        } else {
            TIMES_KEPT
        };
        self.bytes.saturating_mul(times).saturating_add(AT_LEAST) <= self.memory
    }

    fn chosen(&self, fits: bool) -> u32 {
        let (of_bucket, most) = if fits {
            (BUCKET_BYTES, MOST_IN_MEMORY)
        } else {
            let allowed = self.memory / PART_WORKED_ON / TIMES_WORKED_ON;
            (
                allowed.clamp(LEAST_BUCKET_BYTES, MOST_BUCKET_BYTES),
                MOST_BUCKETS,
            )
        };
        u32::try_from(self.bytes.div_ceil(of_bucket).clamp(1, most)).unwrap_or(1) // at most a thousand
    }

    fn waiting(&self, buckets: u32) -> usize {
        let (least, most) = ROWS_WRITTEN;
        let rows = self.memory / PART_WAITING / (u64::from(buckets) * LARGE_BOOKS * BYTES_WAITING);
        usize::try_from(rows.clamp(least, most)).unwrap_or_default() // below the most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stay_in_memory_where_they_fit_and_no_bucket_is_too_large_to_work_on() {
        const M: u64 = 1 << 20;
        #[rustfmt::skip]
        let table = [
            // MiB of rows, with lists, MiB of memory, asked → buckets, in scratch, rows waiting
            (    0, false,  1_024, None,    (    1, false, 131_072)),
            (  300, false,  1_024, None,    (   10, false,  26_214)),
            (  300, true,   1_024, None,    (   15, true,   17_476)),
            (  300, true,   2_048, None,    (   10, false,  52_428)),
            (2_900, true,  16_384, None,    (   60, false,  69_905)),
            (2_900, true,  16_384, Some(7), (    7, false, 131_072)),
            (2_900, true,   8_192, None,    (   17, true,  123_361)),
            (9_000, true,     100, None,    (1_024, true,    2_048)),
            (9_000, true,       0, Some(1), (    1, true,    2_048)),
        ];
        for (bytes, with_lists, memory, buckets, expected) in table {
            let load = Load {
                bytes: bytes * M,
                with_lists,
                memory: memory * M,
                buckets,
                scratch: PathBuf::from("scratch"),
            };
            let Division {
                buckets,
                scratch,
                waiting,
                decoded,
            } = load.clone().divided();
            assert_eq!((buckets, scratch.is_some(), waiting), expected, "{load:?}");
            assert_eq!(decoded, (memory * M / 4).max(64 * M));
        }
    }
}
