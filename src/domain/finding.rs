//! Findings: the closed list of what can be wrong in the books (DESIGN §4).

closed_list! {
    /// A finding's stable code. Never reused.
    pub enum Code {
        IdMissing = "id-missing",
        IdTruncated = "id-truncated",
        IdMalformed = "id-malformed",
        IdBirthdate = "id-birthdate",
        IdChecksum = "id-checksum",
        NameMissing = "name-missing",
        NameConflict = "name-conflict",
        NameRareCharacter = "name-rare-character",
        IdSuspect = "id-suspect",
        RowRepeated = "row-repeated",
        ReversalUnmatched = "reversal-unmatched",
        DuplicateRegistration = "duplicate-registration",
        DuplicatePayment = "duplicate-payment",
        CrossRegion = "cross-region",
        CrossScheme = "cross-scheme",
        PaidNotRegistered = "paid-not-registered",
        WrongRegion = "wrong-region",
        RegisteredNotPaid = "registered-not-paid",
        AmountWrong = "amount-wrong",
        OutsideWindow = "outside-window",
        DeceasedRegistered = "deceased-registered",
        DeceasedPaid = "deceased-paid",
        MovedOut = "moved-out",
        HardshipUninsured = "hardship-uninsured",
        SubsidyMissed = "subsidy-missed",
        SubsidyUnentitled = "subsidy-unentitled",
        SubsidyWhileEmployee = "subsidy-while-employee",
        SubsidyOverlap = "subsidy-overlap",
        RosterLate = "roster-late",
        RosterEnded = "roster-ended",
        Uninsured = "uninsured",
        NotOnRegister = "not-on-register",
        RegisterDuplicate = "register-duplicate",
        HouseholdDuplicate = "household-duplicate",
        StudentDuplicate = "student-duplicate",
        RegionUnknown = "region-unknown",
        RegionAmbiguous = "region-ambiguous",
        CategoryUnknown = "category-unknown",
        Footing = "footing",
        FiguresRepeated = "figures-repeated",
        OffRule = "off-rule",
    }
}

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

impl Code {
    /// The level where the pipeline's `[levels]` says nothing.
    pub const fn default_level(self) -> Level {
        match self {
            Code::IdSuspect
            | Code::NameRareCharacter
            | Code::FiguresRepeated
            | Code::OffRule
            | Code::RowRepeated => Level::Note,
            _ => Level::Warn,
        }
    }

    /// Who has to act on it.
    pub const fn acts(self) -> Actor {
        match self {
            Code::DuplicatePayment
            | Code::WrongRegion
            | Code::ReversalUnmatched
            | Code::AmountWrong
            | Code::OutsideWindow
            | Code::DeceasedPaid => Actor::TaxOffice,
            Code::SubsidyUnentitled
            | Code::SubsidyOverlap
            | Code::SubsidyWhileEmployee
            | Code::RosterLate
            | Code::RosterEnded => Actor::Department,
            Code::Uninsured
            | Code::HardshipUninsured
            | Code::RegisteredNotPaid
            | Code::PaidNotRegistered
            | Code::NotOnRegister
            | Code::RegisterDuplicate
            | Code::HouseholdDuplicate
            | Code::MovedOut => Actor::Township,
            _ => Actor::Bureau,
        }
    }
}
