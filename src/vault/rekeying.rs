//! Rekeying: rows whose key means another come out in the bucket of that one, and with it.
//!
//! They keep their own key until their bucket is opened: what order rows of several keys have there must not depend on which
//! buckets they came from.

use std::collections::BTreeSet;

use anyhow::Result;
use polars::prelude::*;

use super::moves::Moves;
use super::pieces::{Dividing, Labels, WaitingPiece, bucket_of};
use super::shelves::{BookShelf, Placing};

/// Which rows go where.
pub(super) struct Rekeying {
    pub(super) labels: Labels,
    pub(super) buckets: u32,
    pub(super) moves: Moves,
}

impl Rekeying {
    /// Buckets that rows leave.
    pub(super) fn left(&self) -> BTreeSet<usize> {
        let bucket = |key| bucket_of(key, self.buckets);
        let leave = self
            .moves
            .each()
            .filter(|(old, new)| bucket(*old) != bucket(*new));
        leave.map(|(old, _)| bucket(old) as usize).collect()
    }

    /// Whether rows of a key come out of a bucket.
    fn belongs(&self, key: u64, bucket: usize) -> bool {
        bucket_of(self.moves.meant(key), self.buckets) as usize == bucket
    }

    /// Rows of a bucket's shelf that leave it, for the buckets that they go to. On the shelf they stay, and are left out when
    /// it is opened (`rekeyed`).
    ///
    /// # Errors
    /// `Fault` where a scratch file cannot be read.
    pub(super) fn leaving(
        &self,
        shelf: &BookShelf,
        bucket: usize,
        form: &Placing<'_>,
    ) -> Result<Vec<(usize, WaitingPiece)>> {
        let dividing = Dividing {
            labels: self.labels,
            buckets: self.buckets,
            key: |key| self.moves.meant(key),
        };
        shelf.read(form, |pieces| {
            let mut parts = Vec::new();
            for placed in pieces {
                let leave: BooleanChunked = placed
                    .1
                    .keys(self.labels)?
                    .into_no_null_iter()
                    .map(|key| !self.belongs(key, bucket))
                    .collect();
                if leave.any() {
                    let rows = form.stacked(std::slice::from_ref(placed))?.filter(&leave)?;
                    parts.append(&mut dividing.divided(&rows, placed.1.lot)?);
                }
            }
            Ok(parts)
        })
    }

    /// A bucket's rows of a book: without those that left, the others under the keys that theirs mean. Where several keys
    /// come together, rows stand in order of lot and row number; those of one number by their own keys.
    pub(super) fn rekeyed(&self, rows: DataFrame, bucket: usize) -> PolarsResult<DataFrame> {
        if self.moves.is_empty() {
            return Ok(rows);
        }
        let keys = rows.column(self.labels.key)?.u64()?;
        if keys
            .into_no_null_iter()
            .all(|key| self.moves.meant(key) == key)
        {
            return Ok(rows);
        }
        let (lots, numbers) = (
            rows.column(self.labels.lot)?.u32()?.into_no_null_iter(),
            rows.column(self.labels.row)?.u32()?.into_no_null_iter(),
        );
        let mut order: Vec<(u32, u32, u64, IdxSize)> = lots
            .zip(numbers)
            .zip(keys.into_no_null_iter())
            .zip(0..)
            .map(|(((lot, number), key), at)| (lot, number, key, at))
            .filter(|(_, _, key, _)| self.belongs(*key, bucket))
            .collect();
        order.sort_unstable();
        let meant: Vec<u64> = order.iter().map(|row| self.moves.meant(row.2)).collect();
        let waited: Vec<u64> = order.iter().map(|row| row.2).collect();
        let order: Vec<IdxSize> = order.into_iter().map(|row| row.3).collect();
        let mut rows = rows.take(&IdxCa::from_vec(PlSmallStr::EMPTY, order))?;
        rows.with_column(UInt64Chunked::from_vec(self.labels.key.into(), meant).into_column())?;
        rows.with_column(UInt64Chunked::from_vec(self.labels.waited.into(), waited).into_column())?;
        Ok(rows)
    }
}
