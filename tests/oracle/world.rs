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

    pub fn is_registration(self) -> bool {
        matches!(self, Book::Registrations | Book::ElsewhereRegistrations)
    }

    pub fn is_payment(self) -> bool {
        matches!(self, Book::Payments | Book::ElsewherePayments)
    }

    pub fn is_elsewhere(self) -> bool {
        matches!(self, Book::ElsewhereRegistrations | Book::ElsewherePayments)
    }

    /// Whether exports add up (DESIGN §3).
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
        let mut row = Row { file, cells: BTreeMap::new() };
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
        [self.population, self.task, self.floor, self.last_year, self.last_year_employee, self.last_year_total]
    }

    pub fn of(list: [Option<u64>; 6]) -> Figures {
        let [population, task, floor, last_year, last_year_employee, last_year_total] = list;
        Figures { population, task, floor, last_year, last_year_employee, last_year_total }
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

/// A rate of the scheme.
#[derive(Clone, Debug)]
pub struct Rate {
    pub name: &'static str,
    pub insured: bool,
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
    pub late_born_days: Option<i64>,
    pub insured_when_paid: bool,
    pub rates: Vec<Rate>,
    /// floor = half-up(percent × task), where the notice says so.
    pub floor_percent: Option<u64>,
    /// The tasks must reach last year's residents.
    pub task_at_least_last_year: bool,
    /// Figures above the population are remarked upon.
    pub over_population: bool,
}

/// Everything the program gets to see.
#[derive(Clone)]
pub struct World {
    pub scheme: SimpleScheme,
    pub as_of: NaiveDate,
    /// A book without rows has no file.
    pub books: BTreeMap<Book, Vec<Row>>,
    pub tasks: Vec<TaskRow>,
    /// The 合计 row of the tasks table.
    pub tasks_total: Option<Figures>,
    /// How dates and amounts are spelled in each book (a world's texts differ between books, not inside one).
    pub spelling: usize,
}

/// One line a row: a failing world is read by people.
impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let s = &self.scheme;
        writeln!(f, "as of {}, pools of {} digits, spelling {}", self.as_of, s.pool_digits, self.spelling)?;
        writeln!(
            f,
            "payment day decides: {}, cut-off decides: {} ({}), late entry: {:?}, insured when paid: {}, floor: {:?}, {:?}",
            s.payment_day_decides, s.cut_off_decides, s.cut_off, s.late_born_days, s.insured_when_paid, s.floor_percent, s.rates
        )?;
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
        let mut columns = vec!["id", "id-type", "name"];
        let rest: &[&'static str] = match book {
            Book::Register => &["township", "village", "death", "moved-out"],
            Book::Registrations => {
                &["place", "township", "village", "scheme", "status", "year", "registration-no", "begun", "subsidy"]
            }
            Book::ElsewhereRegistrations => &["place", "scheme", "status", "year", "registration-no", "begun"],
            Book::Payments | Book::ElsewherePayments => &["place", "scheme", "year", "paid-on", "voucher"],
            Book::Rosters => &["township", "village", "category", "identified", "approved", "ended", "subsidy"],
            Book::Deaths => &["death"],
            Book::Departures => &["moved-out"],
            Book::Students => &["place"],
            Book::Previous => &["status"],
            Book::Households => &["household"],
        };
        columns.extend(rest);
        if book == Book::Payments {
            columns.extend(["township", "village", "original-voucher"]);
        }
        if book.is_payment() {
            columns.extend(match self.spelling % 4 {
                0 => ["personal", "subsidy"].as_slice(),
                1 => &["total", "subsidy"],
                2 => &["total"],
                _ => &["personal", "total"],
            });
        }
        columns
    }
}
