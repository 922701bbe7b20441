//! A small world: one scheme, and the rows of its books as texts.

use std::collections::BTreeMap;

use chrono::NaiveDate;

/// A book, by its stable code. Elsewhere's registrations and payments stand in files of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Book {
    Register,
    Registrations,
    Payments,
    Rosters,
    ElsewhereRegistrations,
    ElsewherePayments,
    Deaths,
    Departures,
    Students,
    Previous,
    Households,
}

impl Book {
    pub const ALL: [Book; 11] = [
        Book::Register,
        Book::Registrations,
        Book::Payments,
        Book::Rosters,
        Book::ElsewhereRegistrations,
        Book::ElsewherePayments,
        Book::Deaths,
        Book::Departures,
        Book::Students,
        Book::Previous,
        Book::Households,
    ];

    /// Code of the source the book belongs to.
    pub fn source(self) -> &'static str {
        match self {
            Book::Register => "register",
            Book::Registrations => "registrations",
            Book::Payments => "payments",
            Book::Rosters => "rosters",
            Book::ElsewhereRegistrations | Book::ElsewherePayments => "elsewhere",
            Book::Deaths => "deaths",
            Book::Departures => "departures",
            Book::Students => "students",
            Book::Previous => "previous",
            Book::Households => "households",
        }
    }

    /// What it is called in books written by hand.
    pub fn name(self) -> &'static str {
        match self {
            Book::ElsewhereRegistrations => "elsewhere-registrations",
            Book::ElsewherePayments => "elsewhere-payments",
            own => own.source(),
        }
    }

    /// Its fields beside who a row is about.
    fn narrow(self) -> &'static str {
        match self {
            Book::Register => "township village death moved-out",
            Book::Registrations => {
                "place township village scheme status year registration-no begun subsidy"
            }
            Book::ElsewhereRegistrations => "place scheme status year registration-no begun",
            Book::Payments | Book::ElsewherePayments => "place scheme year paid-on voucher",
            Book::Rosters => "township village category identified approved ended subsidy",
            Book::Deaths => "death",
            Book::Departures => "moved-out",
            Book::Students => "place",
            Book::Previous => "status",
            Book::Households => "household",
        }
    }

    /// Its fields of late entries, schools and reasons of departure.
    fn widened(self) -> &'static str {
        match self {
            Book::Registrations => "late-case event-on ended broken-years repaid-years",
            Book::ElsewhereRegistrations => "ended",
            Book::Payments => "late-case event-on",
            Book::Students => "enrolled-on graduates-on",
            Book::Departures => "disposition",
            _ => "",
        }
    }

    /// Every field that it has in any world.
    pub fn fields(self) -> impl Iterator<Item = &'static str> {
        let own = [WHO, self.narrow(), self.widened(), PAYERS];
        own.into_iter().chain(MONEY).flat_map(words)
    }

    pub fn is_registration(self) -> bool {
        matches!(self, Book::Registrations | Book::ElsewhereRegistrations)
    }

    pub fn is_payment(self) -> bool {
        matches!(self, Book::Payments | Book::ElsewherePayments)
    }

    pub fn is_elsewhere(self) -> bool {
        matches!(self, Book::ElsewhereRegistrations | Book::ElsewherePayments)
    }

    /// Whether exports add up (docs/readings.md#snapshot).
    pub fn is_increment(self) -> bool {
        self.is_elsewhere() || matches!(self, Book::Payments | Book::Deaths | Book::Departures)
    }
}

/// One physical row: which of the book's files it stands in, and its cells by field code. Absent = blank.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    pub file: usize,
    pub cells: BTreeMap<&'static str, String>,
}

impl Row {
    pub fn of(file: usize, cells: &[(&'static str, &str)]) -> Row {
        let mut row = Row {
            file,
            cells: BTreeMap::new(),
        };
        for (field, text) in cells {
            row.put(field, text);
        }
        row
    }

    pub fn put(&mut self, field: &'static str, text: &str) {
        if text.is_empty() {
            self.cells.remove(field);
        } else {
            self.cells.insert(field, text.to_owned());
        }
    }

    /// The cell's text; empty when blank.
    pub fn get(&self, field: &str) -> &str {
        self.cells.get(field).map_or("", String::as_str)
    }
}

/// A region of the scheme's table.
#[derive(Clone, Debug)]
pub struct Region {
    pub code: &'static str,
    pub name: &'static str,
    pub level: &'static str,
    pub parent: &'static str,
    pub alias: &'static str,
    pub unit: bool,
}

/// A row of the tasks table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskRow {
    pub region: &'static str,
    pub figures: Figures,
}

/// Population, task, floor, last year's enrolment of residents, of employees, and of both as the table states it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    pub population: Option<u64>,
    pub task: Option<u64>,
    pub floor: Option<u64>,
    pub last_year: Option<u64>,
    pub last_year_employee: Option<u64>,
    pub last_year_total: Option<u64>,
}

impl Figures {
    pub fn list(self) -> [Option<u64>; 6] {
        [
            self.population,
            self.task,
            self.floor,
            self.last_year,
            self.last_year_employee,
            self.last_year_total,
        ]
    }

    pub fn of(list: [Option<u64>; 6]) -> Figures {
        let [
            population,
            task,
            floor,
            last_year,
            last_year_employee,
            last_year_total,
        ] = list;
        Figures {
            population,
            task,
            floor,
            last_year,
            last_year_employee,
            last_year_total,
        }
    }
}

/// A subsidised category; grants in fen, 0 = on a roster, but no money.
#[derive(Clone, Debug)]
pub struct Category {
    pub name: &'static str,
    pub also: &'static [&'static str],
    pub grant_fen: i64,
    pub payer: &'static str,
}

/// A late entry: who may still come in, for how much, and from when it counts. All stated conditions must hold.
#[derive(Clone, Debug, Default)]
pub struct Late {
    pub name: String,
    pub born_within_days: Option<i64>,
    pub born_within_months: Option<u32>,
    pub born_from: Option<NaiveDate>,
    /// Positions in the scheme's categories.
    pub on_roster: Vec<usize>,
    /// Whoever stands on the roster may come in, also those certified before the window.
    pub whenever_listed: bool,
    pub gap_days: Option<i64>,
    pub gap_months: Option<u32>,
    pub stopped_from: Option<NaiveDate>,
    pub employee_years: Option<u32>,
    pub cases: Vec<&'static str>,
    /// A stated day of the declared case may not lie before this one.
    pub event_from: Option<NaiveDate>,
    /// personal | full | two-years
    pub price: &'static str,
    /// birth | event | cover-stop | payment-day | next-day | next-month
    pub starts: &'static str,
    /// None: as the coverage year has it.
    pub wait_months: Option<u32>,
    pub keeps_grant: bool,
    /// The grant is that of the roster by which one comes in.
    pub listed_grant: bool,
}

impl Late {
    pub fn speaks_of_birth(&self) -> bool {
        self.counts_from_birth() || self.born_from.is_some()
    }
    /// Holds on any day of the year, not only after the window.
    pub fn counts_from_birth(&self) -> bool {
        self.born_within_days.is_some() || self.born_within_months.is_some()
    }
    pub fn speaks_of_employment(&self) -> bool {
        self.gap_days.is_some()
            || self.gap_months.is_some()
            || self.stopped_from.is_some()
            || self.employee_years.is_some()
    }
}

/// The school year's benefit period.
#[derive(Clone, Debug)]
pub struct Students {
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// `None` = not written, which means 1.
    pub pay_within_months: Option<u32>,
    pub graduates_until: Option<NaiveDate>,
}

/// Waiting after a break (国办发〔2024〕38号).
#[derive(Clone, Copy, Debug)]
pub struct Waiting {
    pub fixed_months: u32,
    pub months_a_broken_year: u32,
    pub long_break_years: u32,
    pub long_break_months: u32,
}

/// A rule of the pipeline about a refund reason; `None` = any day.
#[derive(Clone, Debug)]
pub struct Refund {
    pub reason: &'static str,
    pub before: Option<NaiveDate>,
}

/// A special group: positions in the scheme's categories.
#[derive(Clone, Debug)]
pub struct Group {
    pub name: &'static str,
    pub categories: Vec<usize>,
}

/// What is paid and scored; everything `None` or empty is not in the pipeline.
#[derive(Clone, Debug)]
pub struct Assessment {
    pub level: Option<&'static str>,
    pub weekday: Option<&'static str>,
    pub from: Option<NaiveDate>,
    pub cut_off: Option<NaiveDate>,
    pub persons_at_cut_off: bool,
    pub criticise: bool,
    pub lag: Option<Lag>,
    /// (yuan a person, of all covers)
    pub fund: Option<(i64, bool)>,
    pub tiers: Vec<Tier>,
    pub score: Option<Score>,
    pub leaders: Vec<Leader>,
    /// Clinics of places below this share, in whole percents.
    pub clinic_percent: Option<u64>,
}

#[derive(Clone, Debug)]
pub struct Lag {
    pub bottom: Option<u64>,
    pub share_percent: Option<u64>,
}

#[derive(Clone, Debug)]
pub struct Tier {
    pub by: NaiveDate,
    pub percent: u64,
    pub yuan: i64,
    /// Positions in the scheme's groups.
    pub groups: Vec<usize>,
}

/// Points, with tenths of points for each percentage point above and below.
#[derive(Clone, Debug)]
pub struct Score {
    pub points: i64,
    pub full_at_percent: i64,
    pub above_tenths: i64,
    pub below_tenths: i64,
    pub zero_below_percent: i64,
    /// linear | started | full
    pub steps: &'static str,
    pub of_the_mean_rate: bool,
}

#[derive(Clone, Debug)]
pub struct Leader {
    pub post: &'static str,
    pub regions: Vec<&'static str>,
}

/// A rate of the scheme.
#[derive(Clone, Debug)]
pub struct Rate {
    pub name: &'static str,
    pub insured: bool,
    /// Counts who is registered here and has paid, is subsidised or owes nothing.
    pub paid: bool,
    pub resident: bool,
    pub employee: bool,
    /// population | task | last-year | register | residents
    pub against: &'static str,
    pub target_percent: u64,
    pub target_persons: Option<u64>,
}

/// What the year's notice says, as far as the oracle needs it. The first rate is the primary one.
#[derive(Clone, Debug)]
pub struct SimpleScheme {
    pub root: &'static str,
    pub regions: Vec<Region>,
    pub pool_digits: usize,
    pub year: i32,
    pub premium_fen: i64,
    pub window: (NaiveDate, NaiveDate),
    pub benefit: (NaiveDate, NaiveDate),
    pub payment_day_decides: bool,
    pub cut_off_decides: bool,
    pub cut_off: NaiveDate,
    pub categories: Vec<Category>,
    /// What the state adds to a premium; unknown in some notices.
    pub fiscal_fen: Option<i64>,
    /// Last year's premium, where the pipeline states it.
    pub previous_fen: Option<i64>,
    /// Late entries, in declared order.
    pub lates: Vec<Late>,
    /// Last payment day on which a grant is given without a late entry of the rosters.
    pub granted_until: Option<NaiveDate>,
    pub students: Option<Students>,
    pub waiting: Option<Waiting>,
    pub refunds: Vec<Refund>,
    pub groups: Vec<Group>,
    pub assessment: Option<Assessment>,
    pub insured_when_paid: bool,
    pub rates: Vec<Rate>,
    /// floor = half-up(percent × task), where the notice says so.
    pub floor_percent: Option<u64>,
    /// The tasks must reach last year's residents.
    pub task_at_least_last_year: bool,
    /// Figures above the population are remarked upon.
    pub over_population: bool,
}

/// A failing world is read by people: one line a group of settings, one a late entry; the regions never differ.
impl std::fmt::Display for SimpleScheme {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(
            f,
            "pools of {} digits, payment day decides: {}, cut-off decides: {} ({}), insured when paid: {}",
            self.pool_digits,
            self.payment_day_decides,
            self.cut_off_decides,
            self.cut_off,
            self.insured_when_paid
        )?;
        writeln!(f, "floor: {:?}, {:?}", self.floor_percent, self.rates)?;
        writeln!(
            f,
            "fiscal {:?}, previous {:?}, granted until {:?}",
            self.fiscal_fen, self.previous_fen, self.granted_until
        )?;
        writeln!(
            f,
            "{:?}, {:?}, {:?}",
            self.students, self.waiting, self.refunds
        )?;
        for late in &self.lates {
            writeln!(f, "{late:?}")?;
        }
        self.assessment
            .iter()
            .try_for_each(|assessment| write!(f, "{assessment:?}"))
    }
}

/// Everything the program gets to see.
#[derive(Clone)]
pub struct World {
    pub scheme: SimpleScheme,
    pub as_of: NaiveDate,
    /// The day on which the registrations were exported, where the pipeline says so.
    pub exported: Option<NaiveDate>,
    /// A book without rows has no file.
    pub books: BTreeMap<Book, Vec<Row>>,
    pub tasks: Vec<TaskRow>,
    /// The 合计 row of the tasks table.
    pub tasks_total: Option<Figures>,
    /// How dates and amounts are spelled in each book (a world's texts differ between books, not inside one).
    pub spelling: usize,
    /// Whether the books have the columns of late entries, schools and reasons of departure.
    pub wide: bool,
}

/// One line a row: a failing world is read by people.
impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "as of {}, spelling {}", self.as_of, self.spelling)?;
        writeln!(f, "registrations of {:?}", self.exported)?;
        writeln!(f, "{}", self.scheme)?;
        for (book, rows) in &self.books {
            for row in rows {
                writeln!(f, "{book:?} {} {:?}", row.file, row.cells)?;
            }
        }
        for row in &self.tasks {
            writeln!(f, "task {} {:?}", row.region, row.figures.list())?;
        }
        writeln!(f, "total {:?}", self.tasks_total.map(Figures::list))
    }
}

impl World {
    pub fn rows(&self, book: Book) -> &[Row] {
        self.books.get(&book).map_or(&[], Vec::as_slice)
    }

    /// Whether a book has a column, by the money form of this world.
    pub fn has_column(&self, book: Book, field: &str) -> bool {
        self.columns(book).contains(&field)
    }

    /// The columns of a book. Money stands as personal + subsidy, total + subsidy, total alone, or personal + total.
    pub fn columns(&self, book: Book) -> Vec<&'static str> {
        let mut columns: Vec<&'static str> = words(WHO).chain(words(book.narrow())).collect();
        if self.wide {
            columns.extend(words(book.widened()));
        }
        if book == Book::Payments {
            columns.extend(words(PAYERS));
        }
        if book.is_payment() {
            columns.extend(words(MONEY[self.spelling % MONEY.len()]));
        }
        columns
    }
}

const WHO: &str = "id id-type name";
const PAYERS: &str = "township village original-voucher";
const MONEY: [&str; 4] = [
    "personal subsidy",
    "total subsidy",
    "total",
    "personal total",
];

fn words(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.split_whitespace()
}
