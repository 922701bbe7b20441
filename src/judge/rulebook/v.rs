//! Columns of a voucher beside those of the payments and of its payer.

use crate::domain::columns as c;

/// bool: paid in the scheme's region.
pub const HERE: &str = c::HERE;
/// date?: day of the payment.
pub const PAID_ON: &str = c::PAID_ON;
/// i64: personal money after reversals.
pub const NET: &str = c::NET_PERSONAL;
/// u8?: `Reason` of a departure after which nothing is due here, by a rule of the pipeline.
pub const LEFT_AS: &str = "left_as";
/// date?: its day.
pub const LEFT_ON: &str = "left_on";
/// u32: pools of resident registrations in other places.
pub const AWAY_POOLS: &str = "away_pools";
/// u32?: the lowest of them, by its position among the places.
pub const AWAY_POOL: &str = "away_pool";
/// date?: first day on which a registration in the pool that stays was made, as far as books say it.
pub const KEPT_MADE: &str = "kept_made";
/// u32?: effective payments in the pool that stays; null: none.
pub const KEPT_PAYMENTS: &str = "kept_payments";
/// date?: the first stated day of these.
pub const KEPT_PAID: &str = "kept_paid";
/// i64: what is subsidised of it after reversals.
pub const SUBSIDISED: &str = c::NET_SUBSIDISED;
/// bool: another of the payer's vouchers in this pool is subsidised, and this is not.
pub const BESIDE_GRANT: &str = "beside_grant";
/// bool: paid in a pool of the scheme's own, where its grants lower what is due.
pub const OURS: &str = "ours";
/// u32?: pool of the relation that is proposed to stay, departures considered.
pub const KEEP_POOL: &str = "keep_pool_at";
/// bool: nothing is due from the payer.
pub const NOTHING_DUE: &str = "nothing_due";
/// bool: what is due may be taken from this voucher.
pub const IS_DUE: &str = "is_due";
/// bool: the payer's first voucher in this pool.
pub const FIRST_OF_POOL: &str = "first_of_pool";
/// u32: which of the payer's vouchers of one day, amount and pool, from 1.
pub const ORDINAL: &str = "ordinal";
/// i64: what goes back.
pub const REFUND: &str = "refund_fen";
/// u8: `Reason`.
pub const REASON: &str = "reason_at";
/// date?: day of the event that decides.
pub const EVENT_ON: &str = "event_on";
/// date?: day before which it had to be.
pub const LIMIT: &str = "limit";
/// str: clause.
pub const CLAUSE: &str = "clause";
/// bool: books give the payer different names.
pub const IN_CONFLICT: &str = "in_conflict";
/// bool: the payer's number stands in a row that is too long to be believed.
pub const IN_LONG_ROW: &str = "in_long_row";
/// u16: what is doubtful of the rows that the case rests on (`Doubts`).
pub const DOUBTS: &str = "doubts_of_case";
/// bool: whether the rules allow it.
pub const ELIGIBLE: &str = "eligible";
