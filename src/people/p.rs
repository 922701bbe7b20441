//! Names of columns: those of persons, and those that this room sets beside them or beside rows.

pub use super::columns::names::*;
pub use super::places::{POOL_AT, REGION_AT};

/// bool: effectively paid on the day asked for by what was taken back later.
pub const PAID_THEN: &str = "paid_then";
/// u32?: origin and row of the counted registration here.
pub const COUNTED_ORIGIN: &str = "counted_origin";
/// See `COUNTED_ORIGIN`.
pub const COUNTED_ROW: &str = "counted_row";
/// u32?: origin and row of the first effective payment.
pub const PAYMENT_ORIGIN: &str = "payment_origin";
/// See `PAYMENT_ORIGIN`.
pub const PAYMENT_ROW: &str = "payment_row";
/// u32?: origin and row of a roster row.
pub const ROSTER_ORIGIN: &str = "roster_origin";
/// See `ROSTER_ORIGIN`.
pub const ROSTER_ROW: &str = "roster_row";
/// u32?: origin and row of the row that stands for the person.
pub const FACE_ORIGIN: &str = "face_origin";
/// See `FACE_ORIGIN`.
pub const FACE_ROW: &str = "face_row";
