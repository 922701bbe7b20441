//! Findings: the closed list of what can be wrong in the books (docs/readings.md#findings). One row
//! a code says all that is declared of it.

use super::SourceKind;

closed_list! {
    /// How loud a finding is. `Deny` makes the run end with exit code 1.
    pub enum Level { Note = "note", Warn = "warn", Deny = "deny" }
}

closed_list! {
    /// Whose desk a finding lands on.
    pub enum Actor {
        /// 税务
        TaxOffice = "tax",
        /// 医保
        Bureau = "bureau",
        /// 民政、残联、乡村振兴、退役军人 …
        Department = "department",
        /// 乡镇（街道）
        Township = "township",
    }
}

closed_list! {
    /// Families of findings, in the order in which a leader asks.
    pub enum Family {
        /// Numbers and names.
        Identity = "identity",
        /// One person or record twice.
        Duplicate = "duplicate",
        /// Registration and payment disagree.
        PaidRegistered = "paid-registered",
        /// Deceased and moved out.
        Gone = "gone",
        /// Grants and rosters.
        Subsidy = "subsidy",
        /// Who is not insured.
        Uninsured = "uninsured",
        /// The register itself.
        Register = "register",
        /// Words that neither tree nor vocabulary knows.
        Words = "words",
        /// Declared figures.
        Tables = "tables",
    }
}

closed_list! {
    /// What `expected` or `found` of a finding holds.
    pub enum Holds {
        /// Always empty.
        Nothing = "nothing",
        /// An amount in fen; one that cannot be read stands as it was written.
        Money = "money",
        /// A day as `2022-02-28`; one that cannot be read stands as it was written.
        Day = "day",
        /// 统筹区: the first digits of a region code, or the word of another place.
        Pool = "pool",
        /// A region code.
        Region = "region",
        /// Regions that may be meant, as `name(code)`, joined by `|`.
        Regions = "regions",
        /// A category of `[[subsidy]]` or `[[group]]`, by name.
        Category = "category",
        /// Codes of columns, joined by `|`.
        Fields = "fields",
        /// The number of a document.
        Id = "id",
        /// Numbers of documents, joined by `|`.
        Ids = "ids",
        /// The number of a document; of two files as wholes, how many records stand in both.
        IdOrRows = "id-or-rows",
        /// A person's name.
        Name = "name",
        /// A count of persons, payers or cells, or a sum of money in yuan, as the table declares it.
        Figure = "figure",
        /// The words of the book, as they were written.
        Text = "text",
    }
}

/// What is declared of a code.
#[derive(Clone, Copy)]
struct Declared {
    level: Level,
    acts: Actor,
    family: Family,
    needs: &'static [SourceKind],
    expected: Holds,
    found: Holds,
}

/// One row a code: member, code, level, who acts, family, the books without which it says nothing, what `expected` and
/// `found` hold.
macro_rules! findings {
    ($($member:ident = $code:literal, $level:ident, $acts:ident, $family:ident, [$($needs:ident),*], $expected:ident -> $found:ident;)+) => {
        closed_list! {
            /// A finding's stable code. Never reused.
            pub enum Code { $($member = $code),+ }
        }

        /// The rows, in the order of the codes.
        const DECLARED: [Declared; Code::COUNT] = [$(Declared {
            level: Level::$level,
            acts: Actor::$acts,
            family: Family::$family,
            needs: &[$(SourceKind::$needs),*],
            expected: Holds::$expected,
            found: Holds::$found,
        }),+];
    };
}

findings! {
    IdMissing = "id-missing", Warn, Bureau, Identity, [], Nothing -> Id;
    IdTruncated = "id-truncated", Warn, Bureau, Identity, [], Ids -> Id;
    IdMalformed = "id-malformed", Warn, Bureau, Identity, [], Nothing -> Id;
    IdBirthdate = "id-birthdate", Warn, Bureau, Identity, [], Nothing -> Id;
    IdChecksum = "id-checksum", Warn, Bureau, Identity, [], Nothing -> Id;
    IdShared = "id-shared", Warn, Bureau, Identity, [], Nothing -> Id;
    IdClaimed = "id-claimed", Warn, Bureau, Identity, [], Nothing -> Id;
    NameMissing = "name-missing", Warn, Bureau, Identity, [], Nothing -> Nothing;
    NameConflict = "name-conflict", Warn, Bureau, Identity, [], Name -> Name;
    NameRareCharacter = "name-rare-character", Note, Bureau, Identity, [], Name -> Name;
    IdSuspect = "id-suspect", Note, Bureau, Identity, [Register], Id -> Id;
    RowRepeated = "row-repeated", Note, Bureau, Duplicate, [], Nothing -> IdOrRows;
    RowTooLong = "row-too-long", Warn, Bureau, Words, [], Figure -> Figure;
    RecordConflict = "record-conflict", Warn, Bureau, Duplicate, [], Fields -> Id;
    ReversalUnmatched = "reversal-unmatched", Warn, TaxOffice, PaidRegistered, [Payments], Nothing -> Nothing;
    DuplicateRegistration = "duplicate-registration", Warn, Bureau, Duplicate, [Registrations], Nothing -> Pool;
    DuplicatePayment = "duplicate-payment", Warn, TaxOffice, Duplicate, [Payments], Money -> Money;
    CrossRegion = "cross-region", Warn, Bureau, Duplicate, [Registrations], Pool -> Pool;
    CrossScheme = "cross-scheme", Warn, Bureau, Duplicate, [Registrations], Pool -> Pool;
    PaidNotRegistered = "paid-not-registered", Warn, Township, PaidRegistered, [Registrations, Payments], Nothing -> Nothing;
    WrongRegion = "wrong-region", Warn, TaxOffice, PaidRegistered, [Registrations, Payments], Pool -> Pool;
    RegisteredNotPaid = "registered-not-paid", Warn, Township, PaidRegistered, [Registrations, Payments], Nothing -> Nothing;
    AmountWrong = "amount-wrong", Warn, TaxOffice, PaidRegistered, [Payments], Money -> Money;
    OutsideWindow = "outside-window", Warn, TaxOffice, PaidRegistered, [Payments], Day -> Day;
    DeceasedRegistered = "deceased-registered", Warn, Bureau, Gone, [Deaths, Registrations], Day -> Day;
    DeceasedPaid = "deceased-paid", Warn, TaxOffice, Gone, [Deaths, Payments], Day -> Day;
    MovedOut = "moved-out", Warn, Township, Gone, [Departures, Registrations], Day -> Day;
    MarkedGone = "marked-gone", Warn, Township, Gone, [], Nothing -> Nothing;
    HardshipUninsured = "hardship-uninsured", Warn, Township, Uninsured, [Rosters, Registrations], Category -> Nothing;
    SubsidyMissed = "subsidy-missed", Warn, Bureau, Subsidy, [Rosters, Payments], Money -> Money;
    SubsidyUnentitled = "subsidy-unentitled", Warn, Department, Subsidy, [Rosters, Payments], Money -> Money;
    SubsidyWhileEmployee = "subsidy-while-employee", Warn, Department, Subsidy, [Registrations, Payments], Nothing -> Nothing;
    SubsidyOverlap = "subsidy-overlap", Warn, Department, Subsidy, [Rosters, Payments], Figure -> Figure;
    RosterLate = "roster-late", Warn, Department, Subsidy, [Rosters], Day -> Day;
    RosterEnded = "roster-ended", Warn, Department, Subsidy, [Rosters, Payments], Day -> Day;
    Uninsured = "uninsured", Warn, Township, Uninsured, [Register, Registrations], Nothing -> Nothing;
    NotOnRegister = "not-on-register", Warn, Township, Register, [Register, Registrations], Nothing -> Nothing;
    RegisterDuplicate = "register-duplicate", Warn, Township, Register, [Register], Nothing -> Region;
    HouseholdDuplicate = "household-duplicate", Warn, Township, Register, [Households], Nothing -> Text;
    StudentDuplicate = "student-duplicate", Warn, Bureau, Duplicate, [Students, Registrations], Pool -> Pool;
    RegionUnknown = "region-unknown", Warn, Bureau, Words, [], Regions -> Text;
    RegionAmbiguous = "region-ambiguous", Warn, Bureau, Words, [], Regions -> Text;
    CategoryUnknown = "category-unknown", Warn, Bureau, Words, [], Fields -> Text;
    Footing = "footing", Warn, Bureau, Tables, [Tasks], Figure -> Figure;
    FiguresRepeated = "figures-repeated", Note, Bureau, Tables, [Tasks], Figure -> Figure;
    OffRule = "off-rule", Note, Bureau, Tables, [Tasks], Figure -> Figure;
    ControlTotal = "control-total", Warn, Bureau, Tables, [], Figure -> Figure;
}

impl Code {
    const fn declared(self) -> Declared {
        DECLARED[self as usize]
    }

    /// The level where the pipeline's `[levels]` says nothing.
    pub const fn default_level(self) -> Level {
        self.declared().level
    }

    /// Who has to act on it.
    pub const fn acts(self) -> Actor {
        self.declared().acts
    }

    /// The family it is counted in.
    pub const fn family(self) -> Family {
        self.declared().family
    }

    /// The books without which the check says nothing.
    pub const fn needs(self) -> &'static [SourceKind] {
        self.declared().needs
    }

    /// What `expected` holds.
    pub const fn expected(self) -> Holds {
        self.declared().expected
    }

    /// What `found` holds.
    pub const fn found(self) -> Holds {
        self.declared().found
    }
}
