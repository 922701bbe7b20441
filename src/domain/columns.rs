//! Columns of the frames between rooms, each declared once: its name, what it holds, what it means. Columns are only named
//! through these constants.
//!
//! Integer columns that hold a closed list hold its `index()` (`u8`). Dates are polars `Date` (days since 1970).
//! Money is `i64` fen. Region codes, pools and vouchers are text: short strings are stored inside the column.

closed_list! {
    /// What a column holds.
    pub enum Stored {
        /// u64: a person, a digest.
        Key = "key",
        /// u32: a position, a row number, a count.
        Number = "number",
        /// u8: a member of a closed list, by position.
        Listed = "listed",
        /// u16: a category or a rule of the scheme, by position.
        Category = "category",
        /// u16: a set of members of a closed list, by bits.
        Set = "set",
        /// bool.
        Flag = "flag",
        /// i64: fen, or another figure that a file states.
        Amount = "amount",
        /// A day.
        Day = "day",
        /// Text.
        Text = "text",
    }
}

macro_rules! columns {
    ($($(#[$doc:meta])+ $name:ident: $stored:ident = $code:literal;)+) => {
        $($(#[$doc])+ pub const $name: &str = $code;)+

        /// What the column of a name holds; none of a name that is not declared here.
        pub fn stored_as(name: &str) -> Option<Stored> {
            match name { $($code => Some(Stored::$stored),)+ _ => None }
        }
    };
}

columns! {
    /// u64: `PersonKey`. Equal keys are one person.
    KEY: Key = "key";
    /// u64?, only until a person's rows are settled, and only where numbers were replaced: the key under which a row waited.
    KEY_WAITED: Key = "key_waited";
    /// u32: position in `Rows::origins` (source, file, sheet).
    ORIGIN: Number = "origin";
    /// u32: row number in the sheet, from 1, as the clerk sees it.
    ROW: Number = "row";
    /// u8: `Fate`.
    FATE: Listed = "fate";
    /// u16?: `Doubts` of the row; null = none.
    DOUBTS: Set = "doubts";
    /// u64: hash of all cleaned cells but the serial number, whatever the order of columns.
    DIGEST: Key = "digest";
    /// str: cleaned number; canonical 18 characters when valid.
    ID: Text = "id";
    /// u8?: `Code` id-* when the number is unusable.
    ID_VERDICT: Listed = "id_verdict";
    /// u32: number of the place that the row names; while it waits, in place of its words.
    PLACE: Number = "place";
    /// bool, only until a person's rows are settled: the number counts as truncated if its whole column lost digits.
    CUT: Flag = "cut";
    /// str?, only until a person's rows are settled: the birth date as written, of rows whose number is unusable.
    BIRTH: Text = "birth";
    /// str?: cleaned name; null when blank.
    NAME: Text = "name";
    /// str?: code of the deepest region of the tree that the row names; null if it names none.
    REGION: Text = "region";
    /// str?: the words the row used for its region, where `REGION_VERDICT` is set.
    REGION_TEXT: Text = "region_text";
    /// u8?: `Code` region-unknown or region-ambiguous.
    REGION_VERDICT: Listed = "region_verdict";
    /// bool: the place lies in the scheme's region (also when the row names no place).
    HERE: Flag = "here";
    /// str: 统筹区 code of the place.
    POOL: Text = "pool";
    /// u8: `Cover`.
    COVER: Listed = "cover";
    /// u8: `Status`.
    STATUS: Listed = "status";
    /// str?: the word that the vocabulary does not know (category, scheme or status).
    UNKNOWN_WORD: Text = "unknown_word";
    /// str?: registration number.
    NUMBER: Text = "number";
    /// date?: when the relation began.
    BEGUN: Day = "begun";
    /// date?: when the registration was made (only where a sheet has such a column).
    MADE_ON: Day = "made_on";
    /// date?: birth as the register states it, of people whose document does not say it (only where it does).
    BORN_ON: Day = "born_on";
    /// i64: personal money as written (negative in a reversal).
    PERSONAL: Amount = "personal";
    /// i64: subsidised money as written.
    SUBSIDISED: Amount = "subsidised";
    /// i64: personal money after reversals.
    NET_PERSONAL: Amount = "net_personal";
    /// i64: subsidised money after reversals.
    NET_SUBSIDISED: Amount = "net_subsidised";
    /// bool: a negative row that found no payment.
    UNMATCHED: Flag = "unmatched";
    /// date?: payment day.
    PAID_ON: Day = "paid_on";
    /// str?: the payment day's text where it could not be read.
    UNREADABLE: Text = "unreadable";
    /// str?: the amount's text where it could not be read; it then counts as 0.
    UNREADABLE_AMOUNT: Text = "unreadable_amount";
    /// u8?: for how many years the row's payment is, this one among them; null = for one.
    YEARS: Listed = "years";
    /// bool: the row says that its money went back, or stands for nothing (only where a sheet states what became of payments).
    REFUNDED: Flag = "refunded";
    /// u8?: `SourceKind` deaths or departures, of a register row that says of itself that its person is gone (only where a
    /// sheet states such a thing).
    GONE: Listed = "gone";
    /// str?: voucher.
    VOUCHER: Text = "voucher";
    /// str?: voucher of the payment a reversal cancels.
    ORIGINAL: Text = "original";
    /// u16?: position in `Scheme::categories`; null when the word is unknown.
    CATEGORY: Category = "category";
    /// str?: positions of all categories of a row that names several, joined by `|`.
    CATEGORIES: Text = "categories";
    /// date?: 认定.
    IDENTIFIED: Day = "identified";
    /// date?: 核准.
    APPROVED: Day = "approved";
    /// date?: 退出; of a registration the day on which the relation ended (only where a sheet has such a column).
    ENDED: Day = "ended";
    /// date?: death; null in a row of `deaths` means: on a day not stated, not after the as-of date.
    DEATH: Day = "death";
    /// date?: departure.
    MOVED_OUT: Day = "moved_out";
    /// str?: 去向 of a departure, as written.
    DISPOSITION: Text = "disposition";
    /// str?: declared case of a late entry, as written, where a rule names it (only where a sheet has such a column).
    LATE_CASE: Text = "late_case";
    /// str?: declared case that no rule names, as written. Stands beside `LATE_CASE`.
    UNKNOWN_CASE: Text = "unknown_case";
    /// date?: day of the declared event. Stands beside `LATE_CASE`.
    EVENT_ON: Day = "event_on";
    /// i64?: years without cover before this one (only where a sheet has such a column).
    BROKEN_YEARS: Amount = "broken_years";
    /// i64?: how many of them were repaid. Stands beside `BROKEN_YEARS`.
    REPAID_YEARS: Amount = "repaid_years";
    /// bool: a payment for the year before the scheme's (only where a rule asks for it).
    FOR_LAST_YEAR: Flag = "for_last_year";
    /// date?: 入学.
    ENROLLED_ON: Day = "enrolled_on";
    /// date?: 毕业.
    GRADUATES_ON: Day = "graduates_on";
    /// str?: 户号, or the head's number.
    HOUSEHOLD: Text = "household";
    /// str?: 村民小组 as written.
    GROUP: Text = "group";
    /// str?: 户主姓名 as written.
    HEAD: Text = "head";
    /// str?: 与户主关系 as written.
    RELATION: Text = "relation";
    /// i64?: fen that a collective account's list states for a member, or its summary for a household.
    STATED: Amount = "stated";
    /// i64?: persons that a summary states for a household.
    MEMBERS: Amount = "members";
    /// str?: the collective account that is charged, as written: its name, bank and number.
    ACCOUNT_NAME: Text = "account_name";
    /// See `ACCOUNT_NAME`.
    BANK: Text = "bank";
    /// See `ACCOUNT_NAME`.
    ACCOUNT: Text = "account";
    /// i64?: population, task, floor, last year's enrolment of a region.
    POPULATION: Amount = "population";
    /// See `POPULATION`.
    TASK: Amount = "task";
    /// See `POPULATION`.
    FLOOR: Amount = "floor";
    /// See `POPULATION`.
    LAST_YEAR: Amount = "last_year";
    /// i64?: last year's employees of a region.
    LAST_YEAR_EMPLOYEE: Amount = "last_year_employee";
    /// i64?: last year's residents and employees of a region together, as its table states them.
    LAST_YEAR_TOTAL: Amount = "last_year_total";
    /// String?: the region as a row of a tasks table writes it.
    CALLED: Text = "called";
    /// String?: codes of the fields in which a registration contradicts another of its number (KEPT_ORIGIN, KEPT_ROW), joined by `|`.
    CONFLICT: Text = "conflict";
    /// u32?: origin of the row that was kept, in a row of fate `repeated`.
    KEPT_ORIGIN: Number = "kept_origin";
    /// u32?: row number of the row that was kept, in a row of fate `repeated`.
    KEPT_ROW: Number = "kept_row";
    /// bool: an `elsewhere` row that reports a registration.
    IS_REGISTRATION: Flag = "is_registration";
    /// bool: an `elsewhere` row that reports a payment.
    IS_PAYMENT: Flag = "is_payment";
    /// u8: `Standing`.
    STANDING: Listed = "standing";
    /// u8: `Field` of a repaired cell.
    FIELD: Listed = "field";
    /// str: the repaired cell as it was written.
    BEFORE: Text = "before";
    /// str: what it is read as; empty where it is read as nothing.
    AFTER: Text = "after";
    /// u8: `Repair`.
    RULE: Listed = "rule";
}
