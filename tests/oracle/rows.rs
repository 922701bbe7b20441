//! Rows with their meaning and their fate (docs/readings.md#fates).

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization;

use super::identity::{clean_name, clean_number, column_is_truncated, number};
use super::money::net_reversals;
use super::places::Where;
use super::world::{Book, Late, Row, World};

/// One row, understood.
#[derive(Clone, Debug)]
pub struct Record {
    pub book: Book,
    pub file: usize,
    /// Position in the book.
    pub at: usize,
    pub id: String,
    pub key: Option<String>,
    pub verdict: Option<&'static str>,
    pub name: Option<String>,
    pub place: Where,
    /// employee | resident | other
    pub cover: &'static str,
    /// Position in the order of preference; 0 = normal.
    pub status: usize,
    pub unknown_word: bool,
    pub other_year: bool,
    pub number: Option<String>,
    pub begun: Option<NaiveDate>,
    pub personal: i64,
    pub subsidised: i64,
    pub net_personal: i64,
    pub net_subsidised: i64,
    pub unmatched: bool,
    pub amount_unreadable: bool,
    pub paid_on: Option<NaiveDate>,
    pub paid_on_unreadable: bool,
    /// A payment that says no day, or no amount, in a book that has the column.
    pub paid_on_missing: bool,
    pub amount_missing: bool,
    /// A day of a roster, or of a death, is written and cannot be read.
    pub day_unreadable: bool,
    /// Another row says something else of the same voucher.
    pub contradicted: bool,
    pub voucher: Option<String>,
    pub original: Option<String>,
    pub category: Option<usize>,
    pub identified: Option<NaiveDate>,
    pub approved: Option<NaiveDate>,
    pub ended: Option<NaiveDate>,
    pub death: Option<NaiveDate>,
    pub moved_out: Option<NaiveDate>,
    pub household: Option<String>,
    /// What the row declares as the reason of a late entry, cleaned.
    pub late_case: Option<String>,
    /// Day of what it declares.
    pub event_on: Option<NaiveDate>,
    pub broken_years: Option<u32>,
    pub repaid_years: Option<u32>,
    pub enrolled_on: Option<NaiveDate>,
    pub graduates_on: Option<NaiveDate>,
    pub disposition: Option<String>,
    /// Coverage year the row is of.
    pub year: i32,
    pub fate: &'static str,
    /// File of the row that was kept, in a repeated row.
    pub kept_file: Option<usize>,
    /// Says something else than another row of its registration number.
    pub conflicts: bool,
    /// Another row contradicts it, or may be the same payment.
    pub in_question: bool,
}

/// Status, day, three texts (absent last), file, row.
pub type Value<'r> = (usize, Option<NaiveDate>, [(bool, &'r str); 3], usize, usize);

impl Record {
    pub fn used(&self) -> bool {
        self.fate == "used"
    }
    /// Takes part in counts.
    pub fn counted(&self) -> bool {
        matches!(self.fate, "used" | "id-unusable")
    }
    pub fn normal(&self) -> bool {
        self.book.is_registration() && self.status == 0
    }
    pub fn net(&self) -> i64 {
        self.net_personal + self.net_subsidised
    }
    pub fn effective(&self) -> bool {
        self.book.is_payment() && self.used() && self.net() > 0
    }
    /// Whether a payment is money for a registration: in its pool. One that names no place counts for every place here.
    pub fn pays_for(&self, world: &World, registration: &Record) -> bool {
        let loose = |r: &Record| {
            let region = r.place.region.as_deref();
            r.place.here && region.is_none_or(|region| region == world.scheme.root)
        };
        let both_here = self.place.here && registration.place.here;
        both_here && (loose(self) || loose(registration))
            || self.place.pool == registration.place.pool
    }
    /// Day from which a grant can count.
    pub fn granted_on(&self) -> Option<NaiveDate> {
        self.approved.or(self.identified)
    }
    fn person_or_number(&self) -> String {
        self.key.clone().unwrap_or_else(|| {
            format!(
                "unusable {} {}",
                self.id,
                self.name.as_deref().unwrap_or("")
            )
        })
    }
    /// Order among records that are equally good otherwise: status, date (none first), voucher or number, region, name
    /// (none last), file, row.
    pub fn value(&self) -> Value<'_> {
        let text = self.voucher.as_deref().or(self.number.as_deref());
        let texts = [
            last(text),
            last(self.place.region.as_deref()),
            last(self.name.as_deref()),
        ];
        (
            self.status,
            self.paid_on.or(self.begun),
            texts,
            self.file,
            self.at,
        )
    }
}

/// Sorts a missing text behind all others.
pub fn last(text: Option<&str>) -> (bool, &str) {
    (text.is_none(), text.unwrap_or(""))
}

/// A date in one of the forms of docs/readings.md#dates. `Err` = something is written that is no
/// date.
pub fn date(text: &str) -> Result<Option<NaiveDate>, ()> {
    let text: String = text.nfkc().filter(|c| !c.is_whitespace()).collect();
    if text.is_empty() {
        return Ok(None);
    }
    ["%Y%m%d", "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日"]
        .iter()
        .find_map(|form| NaiveDate::parse_from_str(&text, form).ok())
        .map(Some)
        .ok_or(())
}

/// An amount in fen: 320 · 320.00元 · ￥320 · 1,280 · (320) · -320.
pub fn fen(text: &str) -> Result<Option<i64>, ()> {
    let text: String = text
        .nfkc()
        .filter(|c| !c.is_whitespace() && !matches!(c, ',' | '¥' | '元'))
        .collect();
    if text.is_empty() {
        return Ok(None);
    }
    let (negative, digits) = match text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        Some(inner) => (true, inner),
        None => (text.starts_with('-'), text.trim_start_matches('-')),
    };
    let (yuan, cents) = digits.split_once('.').unwrap_or((digits, ""));
    if cents.len() > 2
        || yuan.is_empty()
        || !(yuan.to_owned() + cents)
            .bytes()
            .all(|b| b.is_ascii_digit())
    {
        return Err(());
    }
    let amount: i64 = format!("{yuan}{cents:0<2}").parse().map_err(|_| ())?;
    Ok(Some(if negative { -amount } else { amount }))
}

/// Position of a status word in the order normal, suspended, ended, invalid, never, unknown.
fn status_of(word: &str) -> usize {
    let words: [&[&str]; 5] = [
        &[
            "",
            "1",
            "正常参保",
            "正常",
            "参保",
            "已参保",
            "是",
            "参保缴费",
            "正常缴费",
        ],
        &["2", "暂停参保", "暂停"],
        &["4", "终止参保", "终止", "停保", "退保"],
        &["3", "无效参保", "无效"],
        &["0", "未参保"],
    ];
    words
        .iter()
        .position(|list| list.contains(&word))
        .unwrap_or(5)
}

/// Cover of a scheme word, and whether the vocabulary knows it.
fn cover_of(word: &str) -> (&'static str, bool) {
    let employee = [
        "职工",
        "城镇职工",
        "职工医保",
        "职工基本医疗保险",
        "灵活就业",
    ];
    let resident = [
        "",
        "居民",
        "城乡居民",
        "居民医保",
        "新农合",
        "城乡居民基本医疗保险",
    ];
    if word.starts_with("310") || employee.contains(&word) {
        ("employee", true)
    } else if ["390", "391", "380"]
        .iter()
        .any(|code| word.starts_with(code))
        || resident.contains(&word)
    {
        ("resident", true)
    } else {
        (
            "other",
            ["养老", "失业", "工伤", "生育"]
                .iter()
                .any(|known| word.contains(known)),
        )
    }
}

/// Whether a rule of late entry is about a declared case, by its cleaned word.
pub fn names_case(late: &Late, case: &str) -> bool {
    late.cases
        .iter()
        .any(|word| super::places::word(word) == case)
}

/// Whether a declared case is one that the notice knows: in a rule's words, as its name, or as what it is about.
fn knows_case(world: &World, case: &str) -> bool {
    world.scheme.lates.iter().any(|late| {
        let of_employees = late.gap_days.is_some()
            || late.gap_months.is_some()
            || late.stopped_from.is_some()
            || late.employee_years.is_some();
        names_case(late, case)
            || super::places::word(&late.name) == case
            || case == "新生儿" && late.speaks_of_birth()
            || matches!(case, "断保" | "职工医保断保") && of_employees
    })
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

struct Money {
    personal: i64,
    subsidised: i64,
    unreadable: bool,
    missing: bool,
}

/// The money of a row by the columns that the book has. An unreadable amount counts as nothing.
fn money_of(world: &World, book: Book, row: &Row) -> Money {
    let amounts = ["personal", "total", "subsidy"].map(|field| fen(row.get(field)));
    let unreadable = amounts.iter().any(Result::is_err);
    let [personal, total, subsidy] = amounts.map(|amount| amount.ok().flatten());
    // A payment must say what was paid, unless a grant paid all of it.
    let says_amounts = ["personal", "total"].map(|field| world.has_column(book, field));
    let lacks = book == Book::Payments
        && says_amounts.contains(&true)
        && personal.or(total).is_none()
        && subsidy.unwrap_or(0) == 0;
    let (own, all, subsidy) = (
        personal.unwrap_or(0),
        total.unwrap_or(0),
        subsidy.unwrap_or(0),
    );
    let [has_personal, has_subsidy] =
        ["personal", "subsidy"].map(|field| world.has_column(book, field));
    let (personal, subsidised) = match (has_personal, has_subsidy, total) {
        _ if unreadable => (0, 0),
        (true, false, Some(total)) => (own, total - own),
        (true, _, _) => (own, subsidy),
        (false, true, _) => (all - subsidy, subsidy),
        (false, false, _) => (all, 0),
    };
    Money {
        personal,
        subsidised,
        unreadable,
        missing: lacks && !unreadable,
    }
}

fn understand(world: &World, book: Book, at: usize, truncated: bool) -> Record {
    let row = &world.rows(book)[at];
    let who = number(row.get("id"), row.get("id-type"), truncated);
    let (cover, cover_known) = cover_of(row.get("scheme"));
    let status = status_in(world, book, row);
    let category = category_of(world, row.get("category"));
    let late_case = late_case_of(world, row.get("late-case"));
    let money = money_of(world, book, row);
    let unknown_word = !cover_known
        || status == 5
        || (book == Book::Rosters && category.is_none())
        || late_case
            .as_ref()
            .is_some_and(|case| !knows_case(world, case));
    let day = |field: &str| date(row.get(field)).ok().flatten();
    // A register row's own death or departure counts only once it has happened.
    let past = |field: &str| {
        let happened = |day: &NaiveDate| book != Book::Register || *day <= world.as_of;
        day(field).filter(happened)
    };
    let year: String = row.get("year").chars().take(4).collect();
    let own_year = year.is_empty() || year == world.scheme.year.to_string();
    let count = |field: &str| row.get(field).parse().ok().map(|years: u32| years.min(60));
    Record {
        book,
        file: row.file,
        at,
        id: who.text,
        key: who.key,
        verdict: who.verdict,
        name: clean_name(row.get("name")),
        place: place_of(world, book, row),
        cover,
        status,
        unknown_word,
        other_year: book != Book::Previous && !own_year,
        number: some(row.get("registration-no")),
        begun: day("begun"),
        personal: money.personal,
        subsidised: money.subsidised,
        net_personal: money.personal,
        net_subsidised: money.subsidised,
        unmatched: false,
        amount_unreadable: money.unreadable,
        paid_on: day("paid-on"),
        paid_on_unreadable: date(row.get("paid-on")).is_err(),
        contradicted: false,
        day_unreadable: ["identified", "approved", "ended", "death"]
            .iter()
            .any(|field| date(row.get(field)).is_err()),
        // A payment must say when it was made, and what was paid.
        paid_on_missing: book.is_payment()
            && world.has_column(book, "paid-on")
            && date(row.get("paid-on")).is_ok_and(|day| day.is_none()),
        amount_missing: money.missing,
        voucher: some(row.get("voucher")),
        original: some(row.get("original-voucher")),
        category,
        identified: day("identified"),
        approved: day("approved"),
        ended: day("ended"),
        death: past("death"),
        moved_out: past("moved-out"),
        household: some(row.get("household")),
        late_case,
        event_on: day("event-on"),
        broken_years: count("broken-years"),
        repaid_years: count("repaid-years"),
        enrolled_on: day("enrolled-on"),
        graduates_on: day("graduates-on"),
        disposition: some(row.get("disposition")),
        year: year.parse().unwrap_or(world.scheme.year),
        fate: "used",
        kept_file: None,
        conflicts: false,
        in_question: false,
    }
}

fn place_of(world: &World, book: Book, row: &Row) -> Where {
    let [place, township, village] = ["place", "township", "village"].map(|field| row.get(field));
    let elsewhere = book.is_elsewhere();
    world.scheme.locate(place, township, village, elsewhere)
}

/// A row that says no status, but when the relation ended, has ended.
fn status_in(world: &World, book: Book, row: &Row) -> usize {
    let ended = date(row.get("ended")).ok().flatten();
    let stopped = book.is_registration() && ended.is_some_and(|day| day <= world.as_of);
    match row.get("status") {
        "" if stopped => 2,
        word => status_of(word),
    }
}

fn category_of(world: &World, word: &str) -> Option<usize> {
    let mut categories = world.scheme.categories.iter();
    categories.position(|c| c.name == word || c.also.contains(&word))
}

/// A declared case; a remark in brackets is no part of it.
fn late_case_of(world: &World, text: &str) -> Option<String> {
    let case = some(&super::places::word(text))?;
    match case.split_once('(') {
        Some((plain, _)) if !knows_case(world, &case) && knows_case(world, plain) => {
            Some(plain.to_owned())
        }
        _ => Some(case),
    }
}

fn later_than(day: Option<NaiveDate>, as_of: NaiveDate) -> bool {
    day.is_some_and(|d| d > as_of)
}

/// Sets aside rows that say once more what another row of the same source says.
fn set_repeated(records: &mut [Record], rows: &[Row]) {
    // What is of another year is another record.
    let who = |record: &Record| format!("{}|{}", record.person_or_number(), record.other_year);
    let mut vouchers: BTreeMap<(String, String, (i64, i64)), Vec<usize>> = BTreeMap::new();
    let mut numbers: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    let mut values: BTreeMap<Values, Vec<usize>> = BTreeMap::new();
    let mut texts: BTreeMap<(String, BTreeMap<&str, String>), Vec<usize>> = BTreeMap::new();
    for (i, record) in records.iter().enumerate() {
        let said = (record.personal, record.subsidised);
        match (
            record.book.is_payment(),
            &record.voucher,
            &record.number,
            record.paid_on,
        ) {
            (true, Some(voucher), ..) => {
                let one = (who(record), voucher.clone(), said);
                vouchers.entry(one).or_default().push(i);
            }
            (true, None, _, Some(day)) => {
                let one = (who(record), day, said, record.cover);
                values.entry(one).or_default().push(i);
            }
            (false, _, Some(number), _) => {
                numbers
                    .entry((who(record), number.clone()))
                    .or_default()
                    .push(i);
            }
            _ => {
                let cells = rows[record.at].cells.iter();
                let cells = cells.map(|(f, t)| (*f, t.nfkc().collect())).collect();
                texts.entry((who(record), cells)).or_default().push(i);
            }
        }
    }
    let same_line = |one: &Record, other: &Record| {
        let cells = |record: &Record| -> BTreeMap<&str, String> {
            let cells = rows[record.at].cells.iter();
            cells.map(|(f, t)| (*f, t.nfkc().collect())).collect()
        };
        one.at != other.at && one.file == other.file && cells(one) == cells(other)
    };
    for group in vouchers.into_values() {
        let mut all = group.iter().map(|i| &records[*i]);
        let is_twice = all.any(|one| group.iter().any(|i| same_line(one, &records[*i])));
        once_a_file(records, group.clone());
        for i in group {
            records[i].in_question |= is_twice && records[i].fate == "used";
        }
    }
    for group in values.into_values() {
        let mut places: Vec<String> = group
            .iter()
            .filter_map(|i| named_place(&records[*i]))
            .collect();
        places.sort();
        places.dedup();
        // Who names no place means the only one that the others name.
        let mut of_place: BTreeMap<Option<String>, Vec<usize>> = BTreeMap::new();
        for i in group {
            let place = named_place(&records[i]).filter(|_| places.len() > 1);
            of_place.entry(place).or_default().push(i);
        }
        of_place
            .into_values()
            .for_each(|one| once_a_file(records, one));
    }
    for group in numbers.into_values() {
        let best = *group
            .iter()
            .min_by_key(|i| records[**i].value())
            .expect("no empty group");
        let kept_file = records[best].file;
        for i in group.into_iter().filter(|i| *i != best) {
            if contradict(&records[i], &records[best]) {
                records[i].conflicts = true;
                records[i].in_question = true;
                records[best].in_question = true;
            } else {
                records[i].fate = "repeated";
                records[i].kept_file = Some(kept_file);
            }
        }
    }
    set_contradicted(records);
    for group in texts.into_values() {
        let kept_file = group.iter().map(|i| records[*i].file).min();
        for i in group {
            if Some(records[i].file) != kept_file {
                records[i].fate = "repeated";
                records[i].kept_file = kept_file;
            }
        }
    }
}

/// Payments that may be one: equal values in two files, and one of them bears no voucher.
fn question_payments(records: &mut [Record]) {
    let may_be_one = |one: &Record, other: &Record| {
        let places = named_place(one).zip(named_place(other));
        one.file != other.file
            && (one.voucher.is_none() || other.voucher.is_none())
            && one.paid_on.is_some()
            && one.paid_on == other.paid_on
            && (one.personal, one.subsidised) == (other.personal, other.subsidised)
            && (one.cover, one.other_year) == (other.cover, other.other_year)
            && one.person_or_number() == other.person_or_number()
            && places.is_none_or(|(a, b)| a == b)
            && other.fate == "used"
    };
    let found: Vec<usize> = (0..records.len())
        .filter(|i| records[*i].fate == "used")
        .filter(|i| records.iter().any(|other| may_be_one(&records[*i], other)))
        .collect();
    for i in found {
        records[i].in_question = true;
    }
}

/// Two amounts of one voucher of a person: nobody knows which is right, and no file says its day. A row of the person's money
/// and one of the subsidy are two parts of one payment; money back is no other word about money.
fn set_contradicted(records: &mut [Record]) {
    let key = |r: &Record| {
        let who = format!("{}|{}", r.person_or_number(), r.other_year);
        let voucher = r.voucher.clone().filter(|_| r.book.is_payment())?;
        Some((who, voucher, r.personal + r.subsidised < 0))
    };
    let keys: Vec<_> = records.iter().map(key).collect();
    let said: Vec<_> = records.iter().map(|r| (r.personal, r.subsidised)).collect();
    for i in 0..records.len() {
        let Some(mine) = &keys[i] else { continue };
        records[i].contradicted = (0..records.len()).any(|other| {
            let ((own, subsidy), (theirs, theirs_subsidy)) = (said[i], said[other]);
            let parts = own == 0 && theirs_subsidy == 0 || subsidy == 0 && theirs == 0;
            keys[other].as_ref() == Some(mine) && said[i] != said[other] && !parts
        });
    }
}

/// Person and year, day, money, cover of a payment.
type Values = (String, NaiveDate, (i64, i64), &'static str);

/// The place that a row names: its region, else its pool.
fn named_place(record: &Record) -> Option<String> {
    record
        .place
        .region
        .clone()
        .or_else(|| some(&record.place.pool))
}

/// Two lines of one file are two payments; the second of one file is the second of another.
fn once_a_file(records: &mut [Record], mut group: Vec<usize>) {
    group.sort_by(|a, b| records[*a].value().cmp(&records[*b].value()));
    let mut times: BTreeMap<usize, usize> = BTreeMap::new();
    let mut kept: Vec<usize> = Vec::new();
    for i in group {
        let nth = times.entry(records[i].file).or_default();
        match kept.get(*nth) {
            Some(first) => {
                records[i].fate = "repeated";
                records[i].kept_file = Some(records[*first].file);
            }
            None => kept.push(i),
        }
        *nth += 1;
    }
}

/// Whether two rows of one registration number say different things; what one does not say contradicts nothing.
fn contradict(one: &Record, other: &Record) -> bool {
    let day = one.begun.zip(other.begun);
    let place = named_place(one).zip(named_place(other));
    one.status != other.status
        || day.is_some_and(|(a, b)| a != b)
        || place.is_some_and(|(a, b)| a != b)
}

/// All rows of one book, each with its fate.
fn book_records(world: &World, book: Book) -> Vec<Record> {
    let rows = world.rows(book);
    let lost = truncated_files(rows);
    let record = |(at, row): (usize, &Row)| {
        let truncated = lost.contains(&row.file);
        understand(world, book, at, truncated)
    };
    let mut records: Vec<Record> = rows.iter().enumerate().map(record).collect();
    set_repeated(&mut records, rows);
    if book.is_payment() {
        question_payments(&mut records);
    }
    for record in records.iter_mut().filter(|r| r.fate == "used") {
        if record.other_year {
            record.fate = "other-year";
        } else if record.cover == "other" {
            record.fate = "other-scheme";
        } else if is_too_late(world, record) {
            record.fate = "after-as-of";
        }
    }
    if book.is_payment() {
        net_reversals(&mut records);
    }
    for record in &mut records {
        if record.fate == "used" && record.key.is_none() {
            record.fate = "id-unusable";
        }
        if is_of_employee(record, &rows[record.at]) {
            record.book = Book::ElsewhereRegistrations;
        }
    }
    records
}

/// An employee pays nothing of their own: a row of another place's payments that names insurance and place and has no money
/// tells that they are insured there.
fn is_of_employee(record: &Record, row: &Row) -> bool {
    let names_both = ["scheme", "place"]
        .iter()
        .all(|field| !row.get(field).is_empty());
    let has_money = record.personal + record.subsidised != 0 || record.amount_unreadable;
    record.book == Book::ElsewherePayments && record.cover == "employee" && names_both && !has_money
}

/// Files whose column of numbers a spreadsheet has cut.
fn truncated_files(rows: &[Row]) -> BTreeSet<usize> {
    let mut columns: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for row in rows {
        let number = clean_number(row.get("id"));
        columns.entry(row.file).or_default().push(number);
    }
    columns.retain(|_, column| column_is_truncated(column));
    columns.into_keys().collect()
}

/// Whether what a row tells happened after the as-of date.
fn is_too_late(world: &World, record: &Record) -> bool {
    match record.book {
        // A resident's cover begins with the benefit period, whenever it was paid for.
        Book::Registrations | Book::ElsewhereRegistrations if record.cover == "resident" => {
            later_than(record.begun, world.as_of.max(world.scheme.benefit.0))
        }
        Book::Registrations | Book::ElsewhereRegistrations => later_than(record.begun, world.as_of),
        Book::Payments | Book::ElsewherePayments => later_than(record.paid_on, world.as_of),
        Book::Deaths => later_than(record.death, world.as_of),
        Book::Departures => later_than(record.moved_out, world.as_of),
        _ => false,
    }
}

/// Every row of every book.
pub fn records(world: &World) -> Vec<Record> {
    Book::ALL
        .iter()
        .flat_map(|book| book_records(world, *book))
        .collect()
}

#[test]
fn amounts_and_dates_are_read_in_every_form() {
    for (text, expected) in [
        ("320", Ok(Some(32_000))),
        ("320.5", Ok(Some(32_050))),
        ("￥1,280.00元", Ok(Some(128_000))),
        ("（320）", Ok(Some(-32_000))),
        ("-320.00", Ok(Some(-32_000))),
        ("", Ok(None)),
        ("三百二十", Err(())),
    ] {
        assert_eq!(fen(text), expected, "{text}");
    }
    let day = NaiveDate::from_ymd_opt(2021, 12, 31);
    for text in [
        "20211231",
        "2021-12-31",
        "2021/12/31",
        "2021.12.31",
        "2021年12月31日",
    ] {
        assert_eq!(date(text), Ok(day), "{text}");
    }
    assert_eq!(date("去年"), Err(()));
}
