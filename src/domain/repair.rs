//! Repairs: the rules by which a value is read as something else than what was written.

closed_list! {
    /// A rule by which a cell is read as something else than what was written
    /// (docs/readings.md#repairs). Every use of one is listed.
    ///
    /// No repair is: a date in a declared form (`20211231`, `2021-12-31`, `2021/12/31`, `2021.12.31`, `2021年12月31日`,
    /// each with or without a time of day), an amount in plain digits, a dash for nothing. Words for regions, insurances,
    /// statuses, categories and documents are looked up, not repaired: the region table's names and aliases and the
    /// scheme's vocabulary are the language they are written in.
    pub enum Repair {
        /// A blank cell under a cell that the file merges down: the text of that cell.
        Merged = "merged",
        /// Blanks, tabs, U+200B and other marks that nobody sees, around the value or inside it.
        Blanks = "blanks",
        /// Quotes: the `'` that makes a spreadsheet keep text, `="…"`.
        Quotes = "quotes",
        /// Full-width or another compatibility form of the same characters (NFKC).
        FullWidth = "full-width",
        /// Small letters of a number.
        LetterCase = "letter-case",
        /// x Ｘ Х × * for the X of an identity number.
        CheckLetter = "check-letter",
        /// An identity number of 15 digits as the 18 of today.
        FifteenDigits = "fifteen-digits",
        /// The 18 characters of the person out of the 20 of a 残疾证号.
        DisabilityCard = "disability-card",
        /// One kind of dot in names.
        MiddleDot = "middle-dot",
        /// A radical that looks like a letter, as the letter.
        Radical = "radical",
        /// What is written behind a name: brackets, digits, a star, 已故.
        NameRemark = "name-remark",
        /// A day counted from 1900, as a spreadsheet keeps it.
        SerialDay = "serial-day",
        /// 年, 月 or 日 missing, mixed with other separators, or 号 for 日.
        DateMarks = "date-marks",
        /// 二〇二一年十二月三十一日.
        HanNumerals = "han-numerals",
        /// ¥, RMB, CNY, 人民币.
        CurrencyMark = "currency-mark",
        /// 元, 圆, 元整; 人 and 个 of a count.
        Unit = "unit",
        /// 1,280.
        Thousands = "thousands",
        /// (320) for −320.
        Parentheses = "parentheses",
        /// Another stroke for the minus.
        MinusSign = "minus-sign",
        /// A month for a day: its first or its last day, by what the column says.
        MonthAsDay = "month-as-day",
        /// A moment counted from 1970 or written by another clock, as the day that China had.
        ChinaClock = "china-clock",
        /// What a database or a spreadsheet writes for nothing: \N, (NULL), NaT, #N/A, 0000-00-00.
        NullMarker = "null-marker",
        /// No date, amount or count at all, or an impossible one: read as nothing.
        Unreadable = "unreadable",
    }
}

/// The rules that one cell needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Repairs(u32);

impl Repairs {
    /// None: the cell says what is read.
    pub const NONE: Repairs = Repairs(0);

    /// One rule.
    pub const fn one(repair: Repair) -> Self {
        Repairs(1 << repair.index())
    }

    /// Adds a rule.
    pub fn add(&mut self, repair: Repair) {
        self.0 |= 1 << repair.index();
    }

    /// These, and one more where a condition holds.
    #[must_use]
    pub fn with(mut self, repair: Repair, holds: bool) -> Self {
        if holds {
            self.add(repair);
        }
        self
    }

    /// Whether a cell is read as it was written.
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// The rules, in declared order.
    pub fn each(self) -> impl Iterator<Item = Repair> {
        Repair::ALL
            .iter()
            .copied()
            .filter(move |repair| self.0 >> repair.index() & 1 == 1)
    }
}

const _: () = assert!(Repair::COUNT <= 32, "a set of rules is kept in 32 bits");
