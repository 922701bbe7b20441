//! The frames of facts as the tables read them: one typed view a frame, columns by the names of
//! docs/outputs.md.

use chrono::NaiveDate;
use polars::prelude::{
    BooleanChunked, DataFrame, DataType, Int32Chunked, Int64Chunked, StringChunked, UInt32Chunked,
};

use crate::domain::period::day_of_epoch;
use crate::domain::{Doubt, Fen};
use crate::judge::rulebook::v;

/// Text of one column; null reads as "".
pub(super) struct Texts(StringChunked);

impl Texts {
    fn of(frame: &DataFrame, name: &str) -> Self {
        let column = frame
            .column(name)
            .unwrap_or_else(|_| panic!("facts have a column {name}: docs/outputs.md"));
        Texts(
            column
                .str()
                .unwrap_or_else(|_| panic!("{name} is text: docs/outputs.md"))
                .rechunk()
                .into_owned(),
        )
    }

    pub(super) fn get(&self, row: usize) -> &str {
        self.0.get(row).unwrap_or("")
    }

    /// The text as a code of a closed list, or as it stands where the list does not know it.
    pub(super) fn label<T>(
        &self,
        row: usize,
        from_code: fn(&str) -> Option<T>,
        label: impl Fn(T) -> &'static str,
    ) -> String {
        let text = self.get(row);
        from_code(text).map_or_else(|| text.to_owned(), |member| label(member).to_owned())
    }
}

/// Row numbers of one column.
pub(super) struct Numbers(UInt32Chunked);

impl Numbers {
    fn of(frame: &DataFrame, name: &str) -> Self {
        let column = frame
            .column(name)
            .unwrap_or_else(|_| panic!("facts have a column {name}: docs/outputs.md"));
        Numbers(
            column
                .u32()
                .unwrap_or_else(|_| panic!("{name} is u32: docs/outputs.md"))
                .rechunk()
                .into_owned(),
        )
    }

    pub(super) fn get(&self, row: usize) -> Option<u64> {
        self.0.get(row).map(u64::from)
    }
}

/// Money of one column.
pub(super) struct Amounts(Int64Chunked);

impl Amounts {
    fn of(frame: &DataFrame, name: &str) -> Self {
        let column = frame
            .column(name)
            .unwrap_or_else(|_| panic!("facts have a column {name}: docs/outputs.md"));
        Amounts(
            column
                .i64()
                .unwrap_or_else(|_| panic!("{name} is i64: docs/outputs.md"))
                .rechunk()
                .into_owned(),
        )
    }

    pub(super) fn get(&self, row: usize) -> Option<Fen> {
        self.0.get(row)
    }
}

/// Days of one column.
pub(super) struct Dates(Int32Chunked);

impl Dates {
    fn of(frame: &DataFrame, name: &str) -> Self {
        let column = frame
            .column(name)
            .unwrap_or_else(|_| panic!("facts have a column {name}: docs/outputs.md"));
        let days = column
            .cast(&DataType::Int32)
            .unwrap_or_else(|_| panic!("{name} is a date: docs/outputs.md"));
        Dates(
            days.i32()
                .unwrap_or_else(|_| panic!("{name} was just cast"))
                .rechunk()
                .into_owned(),
        )
    }

    pub(super) fn get(&self, row: usize) -> Option<NaiveDate> {
        self.0.get(row).map(day_of_epoch)
    }
}

/// findings.parquet.
pub(super) struct Findings {
    pub(super) rows: usize,
    pub(super) code: Texts,
    pub(super) id: Texts,
    pub(super) name: Texts,
    pub(super) region_code: Texts,
    pub(super) region: Texts,
    pub(super) source: Texts,
    pub(super) file: Texts,
    pub(super) sheet: Texts,
    pub(super) row: Numbers,
    pub(super) expected: Texts,
    pub(super) found: Texts,
    pub(super) other_source: Texts,
    pub(super) other_file: Texts,
    pub(super) other_sheet: Texts,
    pub(super) other_row: Numbers,
    pub(super) amount: Amounts,
    pub(super) clause: Texts,
}

impl Findings {
    pub(super) fn of(frame: &DataFrame) -> Self {
        let text = |name| Texts::of(frame, name);
        Findings {
            rows: frame.height(),
            code: text("code"),
            id: text("id"),
            name: text("name"),
            region_code: text("region_code"),
            region: text("region"),
            source: text("source"),
            file: text("file"),
            sheet: text("sheet"),
            row: Numbers::of(frame, "row"),
            expected: text("expected"),
            found: text("found"),
            other_source: text("other_source"),
            other_file: text("other_file"),
            other_sheet: text("other_sheet"),
            other_row: Numbers::of(frame, "other_row"),
            amount: Amounts::of(frame, "amount_fen"),
            clause: text("clause"),
        }
    }
}

/// cases.parquet.
pub(super) struct Cases {
    pub(super) rows: usize,
    pub(super) case: Texts,
    pub(super) reason: Texts,
    pub(super) id: Texts,
    pub(super) name: Texts,
    pub(super) keep_pool: Texts,
    pub(super) kept_why: Texts,
    pub(super) refund_pool: Texts,
    pub(super) voucher: Texts,
    pub(super) paid_on: Dates,
    pub(super) first_paid_on: Dates,
    pub(super) event_on: Dates,
    pub(super) paid: Amounts,
    pub(super) refund: Amounts,
    eligible: BooleanChunked,
    pub(super) why_not: Texts,
    /// Codes of doubts, joined by `|`.
    pub(super) doubts: Texts,
    pub(super) evidence: Texts,
    pub(super) state: Texts,
}

impl Cases {
    pub(super) fn of(frame: &DataFrame) -> Self {
        let text = |name| Texts::of(frame, name);
        let eligible = frame
            .column(v::ELIGIBLE)
            .unwrap_or_else(|_| panic!("facts have a column eligible: docs/outputs.md"));
        Cases {
            rows: frame.height(),
            case: text("case"),
            reason: text("reason"),
            id: text("id"),
            name: text("name"),
            keep_pool: text("keep_pool"),
            kept_why: text("kept_why"),
            refund_pool: text("refund_pool"),
            voucher: text("voucher"),
            paid_on: Dates::of(frame, "paid_on"),
            first_paid_on: Dates::of(frame, "first_paid_on"),
            event_on: Dates::of(frame, "event_on"),
            paid: Amounts::of(frame, "paid_fen"),
            refund: Amounts::of(frame, "refund_fen"),
            eligible: eligible
                .bool()
                .unwrap_or_else(|_| panic!("eligible is bool: docs/outputs.md"))
                .rechunk()
                .into_owned(),
            why_not: text("why_not"),
            doubts: text("doubts"),
            evidence: text("evidence"),
            state: text("state"),
        }
    }

    pub(super) fn eligible(&self, row: usize) -> bool {
        self.eligible.get(row).unwrap_or(false)
    }

    /// What is doubtful of a case.
    pub(super) fn doubts(&self, row: usize) -> Vec<Doubt> {
        let codes = self.doubts.get(row).split('|');
        codes.filter_map(Doubt::from_code).collect()
    }

    pub(super) fn refund_fen(&self, row: usize) -> Fen {
        self.refund.get(row).unwrap_or(0)
    }
}

/// subsidy.parquet.
pub(super) struct Subsidies {
    pub(super) rows: usize,
    pub(super) id: Texts,
    pub(super) name: Texts,
    pub(super) region_code: Texts,
    pub(super) category: Texts,
    pub(super) payer: Texts,
    pub(super) premium: Amounts,
    pub(super) payable: Amounts,
    pub(super) grant: Amounts,
    pub(super) paid: Amounts,
    pub(super) subsidised: Amounts,
    pub(super) difference: Amounts,
    pub(super) verdict: Texts,
}

impl Subsidies {
    pub(super) fn of(frame: &DataFrame) -> Self {
        let text = |name| Texts::of(frame, name);
        let amounts = |name| Amounts::of(frame, name);
        Subsidies {
            rows: frame.height(),
            id: text("id"),
            name: text("name"),
            region_code: text("region_code"),
            category: text("category"),
            payer: text("payer"),
            premium: amounts("premium_fen"),
            payable: amounts("payable_fen"),
            grant: amounts("grant_fen"),
            paid: amounts("paid_fen"),
            subsidised: amounts("subsidised_fen"),
            difference: amounts("difference_fen"),
            verdict: text("verdict"),
        }
    }
}

/// entries.parquet.
pub(super) struct Entries {
    pub(super) rows: usize,
    pub(super) id: Texts,
    pub(super) name: Texts,
    pub(super) region_code: Texts,
    pub(super) case: Texts,
    pub(super) price: Texts,
    pub(super) paid_on: Dates,
    pub(super) payable: Amounts,
    pub(super) paid: Amounts,
    pub(super) starts_on: Dates,
    pub(super) waits_until: Dates,
    pub(super) benefit_from: Dates,
    pub(super) benefit_to: Dates,
    pub(super) clause: Texts,
}

impl Entries {
    pub(super) fn of(frame: &DataFrame) -> Self {
        let text = |name| Texts::of(frame, name);
        let date = |name| Dates::of(frame, name);
        Entries {
            rows: frame.height(),
            id: text("id"),
            name: text("name"),
            region_code: text("region_code"),
            case: text("case"),
            price: text("price"),
            paid_on: date("paid_on"),
            payable: Amounts::of(frame, "payable_fen"),
            paid: Amounts::of(frame, "paid_fen"),
            starts_on: date("starts_on"),
            waits_until: date("waits_until"),
            benefit_from: date("benefit_from"),
            benefit_to: date("benefit_to"),
            clause: text("clause"),
        }
    }
}

/// transit.parquet.
pub(super) struct Transit {
    pub(super) rows: usize,
    pub(super) what: Texts,
    pub(super) id: Texts,
    pub(super) name: Texts,
    pub(super) region_code: Texts,
    pub(super) paid_on: Dates,
    pub(super) fen: Amounts,
    pub(super) until: Dates,
    pub(super) source: Texts,
    pub(super) file: Texts,
    pub(super) sheet: Texts,
    pub(super) row: Numbers,
}

impl Transit {
    pub(super) fn of(frame: &DataFrame) -> Self {
        let text = |name| Texts::of(frame, name);
        Transit {
            rows: frame.height(),
            what: text("what"),
            id: text("id"),
            name: text("name"),
            region_code: text("region_code"),
            paid_on: Dates::of(frame, "paid_on"),
            fen: Amounts::of(frame, "fen"),
            until: Dates::of(frame, "until"),
            source: text("source"),
            file: text("file"),
            sheet: text("sheet"),
            row: Numbers::of(frame, "row"),
        }
    }
}

/// standings.parquet, as far as the tables need it.
pub(super) struct Standings {
    pub(super) rows: usize,
    pub(super) id: Texts,
    pub(super) standing: Texts,
}

impl Standings {
    pub(super) fn of(frame: &DataFrame) -> Self {
        Standings {
            rows: frame.height(),
            id: Texts::of(frame, "id"),
            standing: Texts::of(frame, "standing"),
        }
    }
}

/// Yes or no of one column; null reads as no.
pub(super) struct Flags(BooleanChunked);

impl Flags {
    fn of(frame: &DataFrame, name: &str) -> Self {
        let column = frame
            .column(name)
            .unwrap_or_else(|_| panic!("facts have a column {name}: measure::PersonLists"));
        Flags(
            column
                .bool()
                .unwrap_or_else(|_| panic!("{name} is bool: measure::PersonLists"))
                .rechunk()
                .into_owned(),
        )
    }

    pub(super) fn get(&self, row: usize) -> bool {
        self.known(row).unwrap_or(false)
    }

    pub(super) fn known(&self, row: usize) -> Option<bool> {
        self.0.get(row)
    }
}

/// Entries of rosters (`PersonLists::roster`).
pub(super) struct Roster {
    pub(super) rows: usize,
    pub(super) id: Texts,
    pub(super) name: Texts,
    pub(super) region_code: Texts,
    pub(super) list: Texts,
    pub(super) category: Texts,
    pub(super) payer: Texts,
    pub(super) identified: Dates,
    pub(super) ended: Dates,
    pub(super) in_force: Flags,
    pub(super) out_of_force: Texts,
    pub(super) standing: Texts,
    pub(super) enrolment: Texts,
    pub(super) place: Texts,
    pub(super) grant: Amounts,
    pub(super) granted_by: Texts,
    pub(super) granted: Amounts,
    pub(super) verdict: Texts,
}

impl Roster {
    /// `None` where no roster was read.
    pub(super) fn of(frame: &DataFrame) -> Option<Self> {
        let text = |name| Texts::of(frame, name);
        (frame.width() > 0).then(|| Roster {
            rows: frame.height(),
            id: text("id"),
            name: text("name"),
            region_code: text("region_code"),
            list: text("list"),
            category: text("category"),
            payer: text("payer"),
            identified: Dates::of(frame, "identified"),
            ended: Dates::of(frame, "ended"),
            in_force: Flags::of(frame, "in_force"),
            out_of_force: text("out_of_force"),
            standing: text("standing"),
            enrolment: text("enrolment"),
            place: text("place"),
            grant: Amounts::of(frame, "grant_fen"),
            granted_by: text("granted_by"),
            granted: Amounts::of(frame, "granted_fen"),
            verdict: text("verdict"),
        })
    }
}

/// Everyone of the ledgers (`PersonLists::everyone`).
pub(super) struct Everyone {
    pub(super) rows: usize,
    pub(super) id: Texts,
    pub(super) name: Texts,
    pub(super) region_code: Texts,
    pub(super) on_register: Flags,
    pub(super) standing: Texts,
    pub(super) enrolment: Texts,
    pub(super) place: Texts,
    pub(super) category: Texts,
    pub(super) hardship: Flags,
    pub(super) paid: Amounts,
    pub(super) granted: Amounts,
    pub(super) paid_on: Dates,
    pub(super) last_year: Flags,
    pub(super) to_canvass: Flags,
    pub(super) male: Flags,
    pub(super) birth: Dates,
    pub(super) group: Texts,
    pub(super) household: Texts,
    pub(super) head: Texts,
}

impl Everyone {
    /// `None` where the pipeline asks for no such list.
    pub(super) fn of(frame: &DataFrame) -> Option<Self> {
        let text = |name| Texts::of(frame, name);
        let flag = |name| Flags::of(frame, name);
        (frame.width() > 0).then(|| Everyone {
            rows: frame.height(),
            id: text("id"),
            name: text("name"),
            region_code: text("region_code"),
            on_register: flag("on_register"),
            standing: text("standing"),
            enrolment: text("enrolment"),
            place: text("place"),
            category: text("category"),
            hardship: flag("hardship"),
            paid: Amounts::of(frame, "paid_fen"),
            granted: Amounts::of(frame, "granted_fen"),
            paid_on: Dates::of(frame, "paid_on"),
            last_year: flag("last_year"),
            to_canvass: flag("to_canvass"),
            male: flag("male"),
            birth: Dates::of(frame, "birth"),
            group: text("group"),
            household: text("household"),
            head: text("head"),
        })
    }
}
