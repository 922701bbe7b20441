//! Column names of the frames between rooms. Columns are only named through these constants.
//!
//! Integer columns that hold a closed list hold its `index()` (`u8`). Dates are polars `Date` (days since 1970).
//! Money is `i64` fen. Region codes, pools and vouchers are text: short strings are stored inside the column.

/// u64: `PersonKey`. Equal keys are one person.
pub const KEY: &str = "key";
/// u32: position in `Rows::origins` (source, file, sheet).
pub const ORIGIN: &str = "origin";
/// u32: row number in the sheet, from 1, as the clerk sees it.
pub const ROW: &str = "row";
/// u8: `Fate`.
pub const FATE: &str = "fate";
/// u64: hash of all cleaned cells but the serial number, whatever the order of columns.
pub const DIGEST: &str = "digest";
/// str: cleaned number; canonical 18 characters when valid.
pub const ID: &str = "id";
/// u8?: `Code` id-* when the number is unusable.
pub const ID_VERDICT: &str = "id_verdict";
/// u32: number of the place that the row names; while it waits, in place of its words.
pub const PLACE: &str = "place";
/// bool, only until a person's rows are settled: the number counts as truncated if its whole column lost digits.
pub const CUT: &str = "cut";
/// str?, only until a person's rows are settled: the birth date as written, of rows whose number is unusable.
pub const BIRTH: &str = "birth";
/// str?: cleaned name; null when blank.
pub const NAME: &str = "name";
/// str?: code of the deepest region of the tree that the row names; null if it names none.
pub const REGION: &str = "region";
/// str?: the words the row used for its region, where `REGION_VERDICT` is set.
pub const REGION_TEXT: &str = "region_text";
/// u8?: `Code` region-unknown or region-ambiguous.
pub const REGION_VERDICT: &str = "region_verdict";
/// bool: the place lies in the scheme's region (also when the row names no place).
pub const HERE: &str = "here";
/// str: 统筹区 code of the place.
pub const POOL: &str = "pool";
/// u8: `Cover`.
pub const COVER: &str = "cover";
/// u8: `Status`.
pub const STATUS: &str = "status";
/// str?: the word that the vocabulary does not know (category, scheme or status).
pub const UNKNOWN_WORD: &str = "unknown_word";
/// str?: registration number.
pub const NUMBER: &str = "number";
/// date?: when the relation began.
pub const BEGUN: &str = "begun";
/// i64: personal money as written (negative in a reversal).
pub const PERSONAL: &str = "personal";
/// i64: subsidised money as written.
pub const SUBSIDISED: &str = "subsidised";
/// i64: personal money after reversals.
pub const NET_PERSONAL: &str = "net_personal";
/// i64: subsidised money after reversals.
pub const NET_SUBSIDISED: &str = "net_subsidised";
/// bool: a negative row that found no payment.
pub const UNMATCHED: &str = "unmatched";
/// date?: payment day.
pub const PAID_ON: &str = "paid_on";
/// str?: the payment day's text where it could not be read.
pub const UNREADABLE: &str = "unreadable";
/// str?: the amount's text where it could not be read; it then counts as 0.
pub const UNREADABLE_AMOUNT: &str = "unreadable_amount";
/// str?: voucher.
pub const VOUCHER: &str = "voucher";
/// str?: voucher of the payment a reversal cancels.
pub const ORIGINAL: &str = "original";
/// u16?: position in `Scheme::categories`; null when the word is unknown.
pub const CATEGORY: &str = "category";
/// date?: 认定.
pub const IDENTIFIED: &str = "identified";
/// date?: 核准.
pub const APPROVED: &str = "approved";
/// date?: 退出; of a registration the day on which the relation ended (only where a sheet has such a column).
pub const ENDED: &str = "ended";
/// date?: death; null in a row of `deaths` means: on a day not stated, not after the as-of date.
pub const DEATH: &str = "death";
/// date?: departure.
pub const MOVED_OUT: &str = "moved_out";
/// str?: 去向 of a departure, as written.
pub const DISPOSITION: &str = "disposition";
/// str?: declared case of a late entry, as written, where a rule names it (only where a sheet has such a column).
pub const LATE_CASE: &str = "late_case";
/// str?: declared case that no rule names, as written. Stands beside `LATE_CASE`.
pub const UNKNOWN_CASE: &str = "unknown_case";
/// date?: day of the declared event. Stands beside `LATE_CASE`.
pub const EVENT_ON: &str = "event_on";
/// i64?: years without cover before this one (only where a sheet has such a column).
pub const BROKEN_YEARS: &str = "broken_years";
/// i64?: how many of them were repaid. Stands beside `BROKEN_YEARS`.
pub const REPAID_YEARS: &str = "repaid_years";
/// bool: a payment for the year before the scheme's (only where a rule asks for it).
pub const FOR_LAST_YEAR: &str = "for_last_year";
/// date?: 入学.
pub const ENROLLED_ON: &str = "enrolled_on";
/// date?: 毕业.
pub const GRADUATES_ON: &str = "graduates_on";
/// str?: 户号, or the head's number.
pub const HOUSEHOLD: &str = "household";
/// str?: 村民小组 as written.
pub const GROUP: &str = "group";
/// str?: 户主姓名 as written.
pub const HEAD: &str = "head";
/// str?: 与户主关系 as written.
pub const RELATION: &str = "relation";
/// i64?: fen that a collective account's list states for a member, or its summary for a household.
pub const STATED: &str = "stated";
/// i64?: persons that a summary states for a household.
pub const MEMBERS: &str = "members";
/// str?: the collective account that is charged, as written: its name, bank and number.
pub const ACCOUNT_NAME: &str = "account_name";
/// See `ACCOUNT_NAME`.
pub const BANK: &str = "bank";
/// See `ACCOUNT_NAME`.
pub const ACCOUNT: &str = "account";
/// i64?: population, task, floor, last year's enrolment of a region.
pub const POPULATION: &str = "population";
/// See `POPULATION`.
pub const TASK: &str = "task";
/// See `POPULATION`.
pub const FLOOR: &str = "floor";
/// See `POPULATION`.
pub const LAST_YEAR: &str = "last_year";
/// i64?: last year's employees of a region.
pub const LAST_YEAR_EMPLOYEE: &str = "last_year_employee";
/// i64?: last year's residents and employees of a region together, as its table states them.
pub const LAST_YEAR_TOTAL: &str = "last_year_total";
/// u32?: origin of the row that was kept, in a row of fate `repeated`.
pub const KEPT_ORIGIN: &str = "kept_origin";
/// u32?: row number of the row that was kept, in a row of fate `repeated`.
pub const KEPT_ROW: &str = "kept_row";
/// bool: an `elsewhere` row that reports a registration.
pub const IS_REGISTRATION: &str = "is_registration";
/// bool: an `elsewhere` row that reports a payment.
pub const IS_PAYMENT: &str = "is_payment";
/// u8: `Standing`.
pub const STANDING: &str = "standing";
/// u8: `Field` of a repaired cell.
pub const FIELD: &str = "field";
/// str: the repaired cell as it was written.
pub const BEFORE: &str = "before";
/// str: what it is read as; empty where it is read as nothing.
pub const AFTER: &str = "after";
/// u8: `Repair`.
pub const RULE: &str = "rule";
