//! Settings: every key that a pipeline file may have, declared once. The readers of this room ask for no other.

use crate::domain::{Cover, Field, GraveCode, Reason, RegionLevel, SourceKind, Status};

use super::Under;

/// What the value of a setting is.
#[derive(Clone, Copy, Debug)]
pub enum ValueOf {
    /// `[table]`, or one whose keys are data.
    Table,
    /// `[[table]]`, any number of them.
    Tables,
    /// A text.
    Text,
    /// A list of texts.
    Texts,
    /// A whole number, not negative.
    Number,
    /// A decimal number, not negative.
    Decimal,
    /// `true` or `false`.
    Flag,
    /// `true`, `false` or this word.
    FlagOr(&'static str),
    /// A day: `2022-02-28`.
    Day,
    /// A list of days.
    DayList,
    /// A day or this word.
    DayOr(&'static str),
    /// An amount in yuan.
    Yuan,
    /// A share: `"95%"`.
    Share,
    /// An amount in yuan or a share of the premium.
    YuanOrShare,
    /// A word of a closed list, or a list of such words.
    Words(fn() -> Vec<&'static str>),
    /// A category of `[[subsidy]]`.
    Category,
    /// Categories of `[[subsidy]]`.
    Categories,
    /// Names of `[[group]]`.
    Groups,
    /// A region code.
    Region,
    /// Region codes.
    Regions,
    /// A path.
    Path,
    /// Patterns of names: `*`, `?`, `[…]`.
    Patterns,
    /// A regular expression.
    Expression,
}

/// What holds where a setting is not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsaid {
    /// It must be written.
    Needed,
    /// This value, as it would be written.
    Is(&'static str),
    /// Nothing: what it would ask for is not done.
    Nothing,
}

/// One row a setting: member, dotted path (`*` = any source), what it takes, what holds without it.
macro_rules! settings {
    ($($member:ident = $path:literal, $takes:ident $(($($word:tt)*))?, $unsaid:ident $(($value:literal))?;)+) => {
        closed_list! {
            /// A setting of the pipeline file, by its dotted path.
            pub enum Setting { $($member = $path),+ }
        }

        impl Setting {
            /// What its value is.
            pub const fn takes(self) -> ValueOf {
                match self { $(Setting::$member => takes!($takes $(($($word)*))?)),+ }
            }

            /// What holds where it is not written.
            pub const fn unsaid(self) -> Unsaid {
                match self { $(Setting::$member => Unsaid::$unsaid $(($value))?),+ }
            }
        }
    };
}

/// Words stand in the row itself, or are the codes of a closed list.
macro_rules! takes {
    (Words (codes $list:ident)) => {
        ValueOf::Words(|| $list::ALL.iter().map(|one| one.code()).collect())
    };
    (Words ($($word:literal),+)) => {
        ValueOf::Words(|| vec![$($word),+])
    };
    ($takes:ident $(($value:literal))?) => {
        ValueOf::$takes $(($value))?
    };
}

settings! {
    Scheme = "scheme", Table, Needed;
    SchemeName = "scheme.name", Text, Needed;
    SchemeYear = "scheme.year", Number, Needed;
    SchemeRegion = "scheme.region", Region, Needed;
    SchemeBasis = "scheme.basis", Text, Needed;
    SchemeInputs = "scheme.inputs", Path, Needed;
    SchemePoolDigits = "scheme.pool-digits", Number, Is("4");
    SchemeRegions = "scheme.regions", Path, Is("regions/<name>.csv");
    Premium = "premium", Table, Needed;
    PremiumPersonal = "premium.personal", Yuan, Needed;
    PremiumFiscal = "premium.fiscal", Yuan, Nothing;
    PremiumTotal = "premium.total", Yuan, Nothing;
    PremiumPrevious = "premium.previous", Yuan, Is("premium.personal");
    Window = "window", Table, Needed;
    WindowFrom = "window.from", Day, Needed;
    WindowTo = "window.to", Day, Needed;
    Benefit = "benefit", Table, Needed;
    BenefitFrom = "benefit.from", Day, Needed;
    BenefitTo = "benefit.to", Day, Needed;
    Roster = "roster", Table, Nothing;
    RosterDecides = "roster.decides", Words("payment-day", "cut-off"), Is("payment-day");
    RosterCutOff = "roster.cut-off", Day, Nothing;
    RosterUntil = "roster.until", Day, Nothing;
    Subsidy = "subsidy", Tables, Nothing;
    SubsidyCategory = "subsidy.category", Text, Needed;
    SubsidyAlso = "subsidy.also", Texts, Nothing;
    SubsidyGrant = "subsidy.grant", YuanOrShare, Is("0");
    SubsidyPays = "subsidy.pays", Yuan, Nothing;
    SubsidyPayer = "subsidy.payer", Text, Nothing;
    Late = "late", Tables, Nothing;
    LateName = "late.name", Text, Needed;
    LateClause = "late.clause", Text, Needed;
    LateBornWithinDays = "late.born-within-days", Number, Nothing;
    LateBornWithinMonths = "late.born-within-months", Number, Nothing;
    LateBornFrom = "late.born-from", Day, Nothing;
    LateOnRoster = "late.on-roster", Categories, Nothing;
    LateEmployeeGapDays = "late.employee-gap-days", Number, Nothing;
    LateEmployeeGapMonths = "late.employee-gap-months", Number, Nothing;
    LateEmployeeStoppedFrom = "late.employee-stopped-from", Day, Nothing;
    LateEmployeeYears = "late.employee-years", Number, Nothing;
    LateCase = "late.case", Texts, Nothing;
    LatePrice = "late.price", Words("personal", "full", "two-years"), Is("personal");
    LateStarts = "late.starts", Words("birth", "event", "cover-stop", "payment-day", "next-day", "next-month"), Is("payment-day");
    LateWaitMonths = "late.wait-months", Number, Is("[waiting]");
    LateKeepsGrant = "late.keeps-grant", FlagOr("listed"), Is("true");
    LateNewly = "late.newly", Flag, Is("true");
    LateEventFrom = "late.event-from", Day, Nothing;
    Students = "students", Table, Nothing;
    StudentsFrom = "students.from", Day, Needed;
    StudentsTo = "students.to", Day, Needed;
    StudentsPayWithinMonths = "students.pay-within-months", Number, Is("1");
    StudentsGraduatesUntil = "students.graduates-until", Day, Nothing;
    StudentsClause = "students.clause", Text, Needed;
    Waiting = "waiting", Table, Nothing;
    WaitingFixedMonths = "waiting.fixed-months", Number, Is("3");
    WaitingMonthsABrokenYear = "waiting.months-a-broken-year", Number, Is("1");
    WaitingLongBreakYears = "waiting.long-break-years", Number, Is("4");
    WaitingLongBreakMonths = "waiting.long-break-months", Number, Is("3");
    Refund = "refund", Tables, Nothing;
    RefundReason = "refund.reason", Words(codes Reason), Needed;
    RefundBefore = "refund.before", DayOr("any"), Needed;
    RefundUntil = "refund.until", Day, Nothing;
    RefundClause = "refund.clause", Text, Nothing;
    Group = "group", Tables, Nothing;
    GroupName = "group.name", Text, Needed;
    GroupCategories = "group.categories", Categories, Needed;
    GroupMustBe100 = "group.must-be-100", Flag, Is("false");
    Coverage = "coverage", Table, Needed;
    CoverageInsuredWhen = "coverage.insured-when", Words("registered", "paid"), Is("registered");
    CoverageRate = "coverage.rate", Tables, Needed;
    CoverageRateName = "coverage.rate.name", Text, Needed;
    CoverageRateCount = "coverage.rate.count", Words("registered", "insured", "paid"), Needed;
    CoverageRateSchemes = "coverage.rate.schemes", Words("resident", "employee"), Needed;
    CoverageRateAgainst = "coverage.rate.against", Words("register", "population", "task", "last-year", "residents"), Needed;
    CoverageRateAgainstByRegion = "coverage.rate.against-by-region", Table, Nothing;
    CoverageRateTarget = "coverage.rate.target", Share, Nothing;
    CoverageRateTargetPersons = "coverage.rate.target-persons", Number, Nothing;
    CoverageRatePrimary = "coverage.rate.primary", Flag, Is("false");
    Tasks = "tasks", Table, Nothing;
    TasksTaskShare = "tasks.task-share", Share, Nothing;
    TasksFloorShare = "tasks.floor-share", Share, Nothing;
    TasksTaskAtLeast = "tasks.task-at-least", Words("last-year"), Nothing;
    TasksOverPopulation = "tasks.over-population", Words("note", "off"), Is("note");
    Levels = "levels", Table, Nothing;
    Lists = "lists", Table, Nothing;
    ListsEnrolled = "lists.enrolled", Flag, Is("false");
    ListsUninsured = "lists.uninsured", Flag, Is("false");
    ListsCanvass = "lists.canvass", Flag, Is("false");
    ListsHouseholds = "lists.households", Flag, Is("false");
    ListsHardship = "lists.hardship", Flag, Is("false");
    Clauses = "clauses", Table, Nothing;
    Ignore = "ignore", Table, Nothing;
    IgnoreFiles = "ignore.files", Texts, Needed;
    IgnoreReason = "ignore.reason", Text, Needed;
    Transit = "transit", Table, Nothing;
    TransitDays = "transit.days", Number, Is("5");
    TransitHolidays = "transit.holidays", DayList, Nothing;
    Accept = "accept", Tables, Nothing;
    AcceptCode = "accept.code", Words(codes GraveCode), Needed;
    AcceptFile = "accept.file", Text, Nothing;
    AcceptReason = "accept.reason", Text, Needed;
    AcceptUntil = "accept.until", Day, Needed;
    Note = "note", Tables, Nothing;
    NoteUnder = "note.under", Words(codes Under), Needed;
    NoteText = "note.text", Text, Needed;
    Vocabulary = "vocabulary", Tables, Nothing;
    VocabularySource = "vocabulary.source", Words(codes SourceKind), Nothing;
    VocabularyWord = "vocabulary.word", Text, Needed;
    VocabularyStatus = "vocabulary.status", Words(codes Status), Nothing;
    VocabularyScheme = "vocabulary.scheme", Words(codes Cover), Nothing;
    Sources = "sources", Table, Needed;
    SourcesEach = "sources.*", Table, Nothing;
    SourcesEachFiles = "sources.*.files", Patterns, Needed;
    SourcesEachMode = "sources.*.mode", Words("snapshot", "increment"), Is("snapshot");
    SourcesEachBatch = "sources.*.batch", Expression, Nothing;
    SourcesEachAsOf = "sources.*.as-of", Day, Nothing;
    SourcesEachExpect = "sources.*.expect", Tables, Nothing;
    SourcesEachExpectFile = "sources.*.expect.file", Text, Nothing;
    SourcesEachExpectRows = "sources.*.expect.rows", Number, Nothing;
    SourcesEachExpectYuan = "sources.*.expect.yuan", Yuan, Nothing;
    SourcesEachRequired = "sources.*.required", Flag, Is("false");
    SourcesEachColumns = "sources.*.columns", Table, Nothing;
    SourcesEachCategory = "sources.*.category", Category, Nothing;
    SourcesEachHidden = "sources.*.hidden", Words("read", "set-aside"), Is("read");
    SourcesEachUnpivot = "sources.*.unpivot", Words(codes Field), Nothing;
    SourcesEachSheets = "sources.*.sheets", Patterns, Nothing;
    SourcesEachReports = "sources.*.reports", Words("registrations", "payments", "both"), Nothing;
    SourcesEachShrinkLimit = "sources.*.shrink-limit", Share, Is("50%");
    SourcesEachBlankLimit = "sources.*.blank-limit", Share, Is("5%");
    Assessment = "assessment", Table, Nothing;
    AssessmentLevel = "assessment.level", Words(codes RegionLevel), Nothing;
    AssessmentRate = "assessment.rate", Text, Nothing;
    AssessmentWeekday = "assessment.weekday", Words("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), Nothing;
    AssessmentFrom = "assessment.from", Day, Is("window.from");
    AssessmentCutOff = "assessment.cut-off", Day, Nothing;
    AssessmentPersonsAt = "assessment.persons-at", Words("tier-day", "cut-off"), Is("tier-day");
    AssessmentCriticise = "assessment.criticise", Flag, Is("false");
    AssessmentLag = "assessment.lag", Table, Nothing;
    AssessmentLagBottom = "assessment.lag.bottom", Number, Is("3");
    AssessmentLagShare = "assessment.lag.share", Share, Nothing;
    AssessmentLagWeeks = "assessment.lag.weeks", Number, Is("2");
    AssessmentFund = "assessment.fund", Table, Nothing;
    AssessmentFundYuan = "assessment.fund.yuan", Yuan, Needed;
    AssessmentFundCounts = "assessment.fund.counts", Words("resident", "all"), Is("resident");
    AssessmentTier = "assessment.tier", Tables, Nothing;
    AssessmentTierBy = "assessment.tier.by", Day, Needed;
    AssessmentTierAtLeast = "assessment.tier.at-least", Share, Needed;
    AssessmentTierYuan = "assessment.tier.yuan", Yuan, Needed;
    AssessmentTierGroups = "assessment.tier.groups", Groups, Nothing;
    AssessmentScore = "assessment.score", Table, Nothing;
    AssessmentScorePoints = "assessment.score.points", Decimal, Needed;
    AssessmentScoreFullAt = "assessment.score.full-at", Share, Needed;
    AssessmentScoreAbove = "assessment.score.above", Decimal, Needed;
    AssessmentScoreBelow = "assessment.score.below", Decimal, Needed;
    AssessmentScoreZeroBelow = "assessment.score.zero-below", Share, Nothing;
    AssessmentScoreSteps = "assessment.score.steps", Words("linear", "started", "full"), Is("linear");
    AssessmentScoreAverage = "assessment.score.average", Words("score", "rate"), Is("score");
    AssessmentLeader = "assessment.leader", Tables, Nothing;
    AssessmentLeaderPost = "assessment.leader.post", Text, Needed;
    AssessmentLeaderRegions = "assessment.leader.regions", Regions, Needed;
    AssessmentClinic = "assessment.clinic", Table, Nothing;
    AssessmentClinicBelow = "assessment.clinic.below", Share, Needed;
}

impl Setting {
    /// The setting at a dotted path of a pipeline file: `sources.payments.files` is `sources.*.files`.
    pub fn of_path(path: &str) -> Option<Setting> {
        Setting::from_code(path).or_else(|| {
            let (source, key) = match path.strip_prefix("sources.")?.split_once('.') {
                Some((source, key)) => (source, Some(key)),
                None => (path.strip_prefix("sources.")?, None),
            };
            SourceKind::from_code(source)?;
            Setting::from_code(
                &key.map_or_else(|| "sources.*".to_owned(), |key| format!("sources.*.{key}")),
            )
        })
    }

    /// The words it knows, where it takes words.
    pub fn words(self) -> Option<Vec<&'static str>> {
        match self.takes() {
            ValueOf::Words(words) => Some(words()),
            ValueOf::Table
            | ValueOf::Tables
            | ValueOf::Text
            | ValueOf::Texts
            | ValueOf::Number
            | ValueOf::Decimal
            | ValueOf::Flag
            | ValueOf::FlagOr(_)
            | ValueOf::Day
            | ValueOf::DayList
            | ValueOf::DayOr(_)
            | ValueOf::Yuan
            | ValueOf::Share
            | ValueOf::YuanOrShare
            | ValueOf::Category
            | ValueOf::Categories
            | ValueOf::Groups
            | ValueOf::Region
            | ValueOf::Regions
            | ValueOf::Path
            | ValueOf::Patterns
            | ValueOf::Expression => None,
        }
    }
}
