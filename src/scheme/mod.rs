//! Scheme: what the pipeline file says, and what the program believes after checking it.
//!
//! In:  one TOML file and the region table it names.
//! Out: `Scheme`: typed, complete, without contradiction; or all complaints at once.
//! Never: opens an input file, knows a scheme by name, or looks at the clock.

pub mod assessment;
mod entries;
mod excerpt;
mod folder;
mod lists;
mod load;
mod plain;
mod rates;
mod region_sheet;
mod region_table;
mod rules;
mod settings;
mod slips;
mod sources;
mod transit;
mod values;
mod written;

use std::path::PathBuf;

use chrono::NaiveDate;

pub use assessment::Assessment;
pub use lists::{ListsAsked, RosterStop};
pub use load::load;
pub use settings::{Setting, Unsaid, ValueOf};
pub use transit::Transit;

use crate::domain::{
    Accepted, Code, Cover, Days, Fen, Field, Level, Price, Ratio, Reason, RegionTree, SourceKind,
    Starts, Status, Waiting,
};

/// A checked pipeline.
#[derive(Clone, Debug)]
pub struct Scheme {
    /// File stem of the pipeline: `xiangtan-2022`. Names the report folder.
    pub slug: String,
    /// SHA-256 (hex) over the pipeline file and its region table.
    pub digest: String,
    /// Title printed over tables.
    pub name: String,
    /// Coverage year.
    pub year: i32,
    /// Digits of a region code that make a 统筹区 (4 municipal, 6 by county).
    pub pool_digits: usize,
    /// The notice all this rests on; printed under tables and findings.
    pub basis: String,
    /// Folder of inputs, resolved against the pipeline file.
    pub inputs: PathBuf,
    /// Personal premium of a year.
    pub premium: Fen,
    /// Fiscal subsidy of a year, where the notice states it.
    pub fiscal: Option<Fen>,
    /// Days on which one may pay.
    pub window: Days,
    /// Days covered.
    pub benefit: Days,
    /// Which day decides an entitlement.
    pub roster: RosterRule,
    /// Hardship and other categories in declared order (the order of payers on ties).
    pub categories: Vec<Category>,
    /// Late entries that are allowed, in declared order: the first that fits is the entry.
    pub late: Vec<Late>,
    /// What else decides prices, grants and benefit periods of those who enter late.
    pub entries: EntryRules,
    /// Per-reason refund limits that differ from the default.
    pub refunds: Vec<RefundRule>,
    /// Whether a resident registration insures only when paid, subsidised or free.
    pub insured_when_paid: bool,
    /// Rates in declared order; exactly one is primary.
    pub rates: Vec<Rate>,
    /// Groups reported beside the categories.
    pub groups: Vec<Group>,
    /// Level of every finding code, by `Code::index`.
    pub levels: Vec<Level>,
    /// Clause printed with a finding, by `Code::index`; the basis where none is declared.
    pub clauses: Vec<String>,
    /// Words of statuses and schemes per source, beside the built-in ones.
    pub vocabulary: Vec<Word>,
    /// Declared sources.
    pub sources: Vec<SourceRule>,
    /// Rules the tasks table must follow.
    pub tasks: TasksRule,
    /// What the notice leaves open and how it was settled: printed under the tables it affects.
    pub notes: Vec<Footnote>,
    /// Weekly table, tiers, scores, where the notice has them.
    pub assessment: Option<Assessment>,
    /// Lists that the notice asks for.
    pub lists: ListsAsked,
    /// When rosters that arrived in part stop the run.
    pub roster_stop: RosterStop,
    /// How long a payment may be on its way into the registrations.
    pub transit: Transit,
    /// Patterns of files that no source needs, and why.
    pub ignored: Vec<Ignored>,
    /// Grave facts to which leave is given until a day.
    pub accepted: Vec<Leave>,
    /// Region table.
    pub regions: RegionTree,
    /// The file it was read from.
    pub region_file: PathBuf,
}

/// Files that are not used, and why.
#[derive(Clone, Debug)]
pub struct Ignored {
    /// Pattern of names relative to the inputs folder.
    pub files: glob::Pattern,
    /// Why, in words.
    pub reason: String,
}

/// Leave that a pipeline gives to a grave fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leave {
    /// To what.
    pub accepted: Accepted,
    /// Why, in words.
    pub reason: String,
    /// As-of date until which it holds.
    pub until: NaiveDate,
}

impl Scheme {
    /// Whether a file is named as not needed.
    pub fn ignores(&self, file: &str) -> bool {
        self.ignored.iter().any(|one| one.files.matches(file))
    }

    /// Leave that holds on an as-of date.
    pub fn accepted_on(&self, as_of: NaiveDate) -> impl Iterator<Item = &Accepted> {
        let holds = move |leave: &&Leave| as_of <= leave.until;
        self.accepted
            .iter()
            .filter(holds)
            .map(|leave| &leave.accepted)
    }
}

closed_list! {
    /// The tables under which a `[[note]]` is printed.
    pub enum Under {
        /// Progress, ranking and standings by region.
        Coverage = "coverage",
        /// Special groups.
        Groups = "groups",
        /// The bridge.
        Bridge = "bridge",
        /// Checks of the tasks table.
        Tasks = "tasks",
        /// Funding and the lists of subsidised persons.
        Funding = "funding",
        /// Refunds.
        Refunds = "refunds",
        /// Late entries, benefit periods and waiting.
        Late = "late",
        /// Weekly ranking, tiers, scores.
        Assessment = "assessment",
        /// Ledgers and lists for townships.
        Lists = "lists",
    }
}

/// A point that the notice leaves open, in the words of whoever wrote the pipeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Footnote {
    /// Tables it affects.
    pub under: Vec<Under>,
    /// How it was settled.
    pub text: String,
}

/// docs/readings.md#entitled: an entitlement is in force on one of these days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RosterRule {
    /// `payment-day` stands in `decides`.
    pub payment_day: bool,
    /// `cut-off` stands in `decides`.
    pub cut_off_day: bool,
    /// Last day of approval; also the second deciding day.
    pub cut_off: Option<NaiveDate>,
}

/// A category with its grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// Official word: the category's identity in reports.
    pub name: String,
    /// Other departments' words for it.
    pub also: Vec<String>,
    /// Yearly grant in fen; 0 = named in the notice and explicitly without a grant.
    pub grant: Fen,
    /// Who pays the grant; empty when there is none.
    pub payer: String,
}

/// What a notice says of late entries beside their cases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryRules {
    /// Personal premium of the year before: what a newborn of two years owes for the first.
    pub previous: Fen,
    /// Last payment day that is granted to everyone on a roster; later only to entries by roster.
    pub granted_until: Option<NaiveDate>,
    /// Cover of students by school year.
    pub students: Option<StudentRule>,
    /// Waiting periods.
    pub waiting: Option<Waiting>,
}

/// Cover of students by school year (shaoyang 三).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StudentRule {
    /// The school year covered.
    pub days: Days,
    /// Who pays at most so many calendar months after enrolment is covered from enrolment.
    pub pay_within_months: u32,
    /// Until when graduates without a job stay covered.
    pub graduates_until: Option<NaiveDate>,
    /// Clause in the notice.
    pub clause: String,
}

/// A late entry that is allowed after the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Late {
    /// Name in the notice.
    pub name: String,
    /// What must all be true on the payment day.
    pub when: Vec<LateWhen>,
    /// What it costs.
    pub price: Price,
    /// From when it covers.
    pub starts: Starts,
    /// Months of waiting after that.
    pub wait_months: Option<u32>,
    /// Whether a grant lowers the price.
    pub keeps_grant: KeepsGrant,
    /// Whether a roster must have taken the person in since the window began; if not, standing on it is enough.
    pub newly: bool,
    /// First day on which a declared case may have come about, where its day is stated.
    pub event_from: Option<NaiveDate>,
    /// Clause in the notice.
    pub clause: String,
}

impl Late {
    /// An entry at the personal price, covered from the payment day: what a rule is that states nothing else.
    pub fn plain(name: &str, clause: &str, when: Vec<LateWhen>) -> Self {
        Late {
            name: name.to_owned(),
            when,
            price: Price::Personal,
            starts: Starts::PaymentDay,
            wait_months: None,
            keeps_grant: KeepsGrant::Yes,
            newly: true,
            event_from: None,
            clause: clause.to_owned(),
        }
    }

    /// Whether it is about the time after birth: then it also speaks of payments inside the window.
    pub fn is_of_newborns(&self) -> bool {
        self.when.iter().any(|when| {
            matches!(
                when,
                LateWhen::BornWithinDays(_) | LateWhen::BornWithinMonths(_)
            )
        })
    }

    /// Whether it goes on where an employee's cover stopped, on whatever day that is paid.
    pub fn goes_on_from_stop(&self) -> bool {
        let asks_for_gap = |when: &LateWhen| {
            matches!(
                when,
                LateWhen::EmployeeGapDays(_) | LateWhen::EmployeeGapMonths(_)
            )
        };
        self.starts == Starts::CoverStop && self.when.iter().any(asks_for_gap)
    }

    /// Whether it asks when somebody was born.
    pub fn is_by_birth(&self) -> bool {
        self.is_of_newborns()
            || self
                .when
                .iter()
                .any(|when| matches!(when, LateWhen::BornFrom(_)))
    }

    /// Whether it asks for a place on a roster.
    pub fn is_by_roster(&self) -> bool {
        self.when
            .iter()
            .any(|when| matches!(when, LateWhen::OnRoster(_)))
    }
}

/// Whether whoever enters late has a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeepsGrant {
    /// As the rosters decide for everybody.
    Yes,
    /// None at all.
    No,
    /// That of the roster row by which the rule lets the person in, whatever days decide for everybody.
    Listed,
}

/// Conditions of a late entry that a program can see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LateWhen {
    /// Paid at most this many days after birth (day of birth = day 0).
    BornWithinDays(u32),
    /// Paid at most this many calendar months after the first of the month following birth.
    BornWithinMonths(u32),
    /// In force on the roster under one of these categories (positions in `categories`) on the payment day; where the
    /// rule asks for the newly listed, having been identified after the window began.
    OnRoster(Vec<usize>),
    /// Born on this day or later.
    BornFrom(NaiveDate),
    /// Paid at most this many days after the employee cover stopped.
    EmployeeGapDays(u32),
    /// Paid at most this many calendar months after the employee cover stopped.
    EmployeeGapMonths(u32),
    /// The employee cover stopped on this day or later.
    EmployeeStoppedFrom(NaiveDate),
    /// The employee relation that stopped had lasted so many years.
    EmployeeYears(u32),
    /// The books declare one of these cases (as `region::region_word` leaves them).
    Case(Vec<String>),
}

impl LateWhen {
    /// Whether it asks for an employee cover that stopped.
    pub fn is_of_employees(&self) -> bool {
        use LateWhen::{EmployeeGapDays, EmployeeGapMonths, EmployeeStoppedFrom, EmployeeYears};
        matches!(
            self,
            EmployeeGapDays(_) | EmployeeGapMonths(_) | EmployeeStoppedFrom(_) | EmployeeYears(_)
        )
    }
}

/// When a refund of a reason may be paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundRule {
    /// The reason it speaks of.
    pub reason: Reason,
    /// The event must lie before this day; `None` = any day.
    pub before: Option<NaiveDate>,
    /// Clause in the notice.
    pub clause: String,
}

/// What a rate counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// Registered rows here.
    Registered,
    /// Register persons insured anywhere.
    Insured,
    /// Persons registered here whose registration is paid, subsidised or free; employees by their relation.
    Paid,
}

/// What a rate is against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Against {
    /// Persons of the register.
    Register,
    /// Published population.
    Population,
    /// Task.
    Task,
    /// Last year's enrolment.
    LastYear,
    /// Persons of the register who are neither employees, wherever, nor deceased: those whom residents' insurance is for.
    Residents,
}

/// A completion rate of the notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Name in the notice.
    pub name: String,
    /// Numerator.
    pub count: Count,
    /// Which registrations count.
    pub covers: Vec<Cover>,
    /// Denominator, unless a region says otherwise.
    pub against: Against,
    /// Regions (codes) with another denominator.
    pub against_by_region: Vec<(String, Against)>,
    /// Inclusive target share.
    pub target: Option<Ratio>,
    /// Target in persons for the scheme's region as a whole.
    pub target_persons: Option<u64>,
    /// Whether target_met, missing and rank are of this rate.
    pub primary: bool,
}

impl Rate {
    /// Denominator in this region.
    pub fn denominator_in(&self, region: &str) -> Against {
        let own = self.against_by_region.iter();
        let mut own = own.filter(|(code, _)| code == region);
        own.next().map_or(self.against, |(_, against)| *against)
    }
}

/// A special group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Name in reports.
    pub name: String,
    /// Positions in `categories`.
    pub categories: Vec<usize>,
    /// The notice wants everyone covered.
    pub must_be_100: bool,
}

/// What a word in a column stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Book it is used in; `None` = in every one.
    pub source: Option<SourceKind>,
    /// The word, as `region::region_word` leaves it.
    pub word: String,
    /// Its meaning.
    pub means: Meaning,
}

/// Meaning of a vocabulary word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// 参保状态
    Status(Status),
    /// 险种
    Cover(Cover),
}

/// Whether each export is the whole book or an addition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Only the newest batch counts.
    Snapshot,
    /// Exports add up.
    Increment,
}

/// A declared source.
#[derive(Clone, Debug)]
pub struct SourceRule {
    /// Which book.
    pub kind: SourceKind,
    /// File name patterns (`*`, `?`, `[…]`), in the inputs folder.
    pub files: Vec<String>,
    /// Snapshot or increment.
    pub mode: Mode,
    /// Finds the batch in a file name: first group, or the whole match.
    pub batch: Option<regex::Regex>,
    /// The day on which it was exported, where the pipeline says so.
    pub as_of: Option<NaiveDate>,
    /// What its sender says that there is.
    pub expect: Vec<Expected>,
    /// Whether the run stops when no file matches.
    pub required: bool,
    /// Headers declared for fields, where the synonyms do not find them; a field may have several, the first first.
    pub columns: Vec<(Field, String)>,
    /// For rosters: the category of every row, where the file has no such column.
    pub category: Option<String>,
    /// What becomes of rows, columns and sheets that a workbook hides.
    pub hidden: Hidden,
    /// Fields that stand once for each person in a household's row; empty: a row is one person.
    pub unpivot: Vec<Field>,
    /// Name patterns (`*`, `?`, `[…]`) of the sheets that are read; empty: every sheet.
    pub sheets: Vec<String>,
    /// For elsewhere: what its rows report; `None` = what the columns of each sheet say.
    pub reports: Option<Reports>,
}

/// Control totals of a book, or of some of its files, as the sender states them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Of which files; `None` = of all that count.
    pub files: Option<glob::Pattern>,
    /// Rows of persons.
    pub rows: Option<u64>,
    /// Personal and subsidised money, as written.
    pub fen: Option<Fen>,
}

impl Scheme {
    /// Days on which the law turns, each the first of the other side: window, benefits, limits of refunds, cut-off of rosters,
    /// and the day after the as-of date.
    pub fn turning_days(&self, as_of: NaiveDate) -> Vec<NaiveDate> {
        let after = |day: NaiveDate| day.succ_opt().unwrap_or(day); // the calendar has a next day
        let mut days = vec![
            self.window.from,
            after(self.window.to),
            self.benefit.from,
            after(self.benefit.to),
            after(as_of),
        ];
        days.extend(self.refunds.iter().filter_map(|rule| rule.before));
        days.extend(self.roster.cut_off.map(after));
        days
    }
}

/// What rows of other places report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reports {
    /// Relations.
    Registrations,
    /// Money.
    Payments,
    /// Both at once.
    Both,
}

impl SourceRule {
    /// A required snapshot of which nothing more is declared, not even its files.
    pub fn plain(kind: SourceKind) -> SourceRule {
        SourceRule {
            kind,
            files: Vec::new(),
            mode: Mode::Snapshot,
            batch: None,
            as_of: None,
            expect: Vec::new(),
            required: true,
            columns: Vec::new(),
            category: None,
            hidden: Hidden::Read,
            unpivot: Vec::new(),
            sheets: Vec::new(),
            reports: None,
        }
    }

    /// Whether a sheet of this name is read.
    pub fn takes_sheet(&self, name: &str) -> bool {
        let fits = |text: &String| {
            glob::Pattern::new(text).is_ok_and(|pattern| pattern.matches(name.trim()))
        };
        self.sheets.is_empty() || self.sheets.iter().any(fits)
    }
}

/// What becomes of what a workbook hides; reported either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hidden {
    /// Read like the rest: a filter left on hides rows that are true.
    #[default]
    Read,
    /// Set aside, with the fate `hidden`.
    SetAside,
}

/// Rules of the tasks table, checked as `off-rule`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TasksRule {
    /// task = half-up(share × population).
    pub task_share: Option<Ratio>,
    /// floor = half-up(share × task); of the declared totals too, which are sums of rounded rows.
    pub floor_share: Option<Ratio>,
    /// task ≥ last year's residents (`task-at-least = "last-year"`).
    pub task_at_least_last_year: bool,
    /// Figures above the population go unremarked (`over-population = "off"`).
    pub over_population_off: bool,
}

impl Scheme {
    /// The scheme as a region of it sees it: its name, its places, its leaders. `None` for a code that is none of its regions.
    pub fn within(&self, code: &str) -> Option<Scheme> {
        let regions = self.regions.rooted(code)?;
        let assessment = self.assessment.clone().map(|mut assessment| {
            assessment.leaders.retain(|leader| {
                leader
                    .regions
                    .iter()
                    .all(|region| regions.is_inside(region))
            });
            assessment
        });
        let name = format!("{}（{}）", self.name, regions.name(code));
        Some(Scheme {
            name,
            assessment,
            regions,
            ..self.clone()
        })
    }

    /// Level of a finding.
    pub fn level(&self, code: Code) -> Level {
        self.levels[usize::from(code.index())]
    }

    /// Clause printed with a finding.
    pub fn clause(&self, code: Code) -> &str {
        &self.clauses[usize::from(code.index())]
    }

    /// The rule of a source, if declared.
    pub fn source(&self, kind: SourceKind) -> Option<&SourceRule> {
        self.sources.iter().find(|rule| rule.kind == kind)
    }

    /// The rate that ranks.
    pub fn primary_rate(&self) -> &Rate {
        self.rates
            .iter()
            .find(|rate| rate.primary)
            .expect("loading saw exactly one") // checked in load
    }

    /// The rate that the assessment is about: the one it names, else the primary.
    pub fn assessed_rate(&self) -> &Rate {
        &self.rates[self.assessed_at()]
    }

    /// Its position in `rates`.
    pub fn assessed_at(&self) -> usize {
        let named = self.assessment.as_ref().and_then(|rules| rules.rate);
        let primary = || self.rates.iter().position(|rate| rate.primary);
        named.or_else(primary).expect("loading saw exactly one") // checked in load
    }

    /// Every day on which payments are counted, in order: those of the assessment, and the as-of date where a rate does.
    pub fn counted_days(&self, as_of: NaiveDate) -> Vec<NaiveDate> {
        let of_assessment = self.assessment.as_ref().map(|rules| rules.days(as_of));
        let mut days = of_assessment.unwrap_or_default();
        if self.rates.iter().any(|rate| rate.count == Count::Paid) {
            days.push(as_of);
        }
        days.sort_unstable();
        days.dedup();
        days
    }

    /// What was settled about these tables.
    pub fn notes_under(&self, under: Under) -> impl Iterator<Item = &str> {
        self.notes
            .iter()
            .filter(move |note| note.under.contains(&under))
            .map(|note| note.text.as_str())
    }

    /// Whether the scheme is a whole province's.
    pub fn is_of_a_province(&self) -> bool {
        let root = self.regions.get(self.regions.root());
        root.is_some_and(|root| root.level == crate::domain::RegionLevel::Province)
    }

    /// 统筹区 of a place code.
    pub fn pool_of(&self, code: &str) -> String {
        RegionTree::pool(code, self.pool_digits)
    }
}
