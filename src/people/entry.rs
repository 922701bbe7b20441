//! Late entries: which rule of the notice covers a payment, what the person then owes, and from when they are covered.
//!
//! The one place that knows it: payable, outside-window and the list of entries all ask here. People who enter late are
//! few, so their facts are gathered person by person; everybody else costs one look at a key.

use chrono::{Days as Later, NaiveDate};
use polars::prelude::*;

use super::{Books, p};
use crate::domain::period::{day_of_epoch, epoch_day, first_of_next_month, months_later};
use crate::domain::region::region_word;
use crate::domain::{Cover, Fen, PersonKey, Price, Starts, columns as c};
use crate::scheme::{Late, LateWhen, Scheme, StudentRule};

/// What the books say of one person, as far as rules for late entries ask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dossier {
    /// Birth date inside the number.
    pub birth: Option<NaiveDate>,
    /// A normal employee registration stands somewhere: then no employee cover has stopped.
    pub employed: bool,
    /// Employee relations that ended.
    pub stopped: Vec<Stopped>,
    /// Roster rows.
    pub rosters: Vec<Listed>,
    /// Declared cases.
    pub declared: Vec<Declared>,
}

/// An employee relation that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// When it had begun.
    pub begun: Option<NaiveDate>,
    /// The day on which it ended.
    pub on: NaiveDate,
}

/// A row of a roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Position in `Scheme::categories`.
    pub category: usize,
    /// 认定.
    pub identified: Option<NaiveDate>,
    /// 退出.
    pub ended: Option<NaiveDate>,
}

/// What a registration or payment declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// The case, as `region_word` leaves it.
    pub case: Option<String>,
    /// The day of the event.
    pub on: Option<NaiveDate>,
}

/// On what ground somebody's cover differs from everybody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// A rule for late entries: position in `Scheme::late`.
    Rule(usize),
    /// The school year.
    Student,
    /// A waiting period without a rule: paid after the window, or after broken years.
    Waiting,
}

/// From when to when somebody is covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Covered {
    /// First day, before any waiting; `None` where the day it follows from is not stated.
    pub starts_on: Option<NaiveDate>,
    /// Last day of waiting.
    pub waits_until: Option<NaiveDate>,
    /// First day covered.
    pub from: Option<NaiveDate>,
    /// Last day covered.
    pub to: NaiveDate,
}

/// Somebody whose cover differs from everybody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entered {
    /// Person.
    pub key: u64,
    /// Why.
    pub ground: Ground,
    /// What they pay.
    pub price: Price,
    /// First effective resident payment here.
    pub paid_on: Option<NaiveDate>,
    /// Cover.
    pub covered: Covered,
}

/// Money that the price of an entry follows from, in fen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// Grant in force.
    pub grant: Fen,
    /// Personal money of this year, here.
    pub paid: Fen,
    /// Personal money of the year before, here.
    pub paid_last_year: Fen,
}

/// The rule that covers a payment of this day: the first whose conditions all hold. Rules about the time after birth
/// speak of every day, all others of days after the window.
pub fn entry(dossier: &Dossier, paid: NaiveDate, scheme: &Scheme) -> Option<usize> {
    let after_window = paid > scheme.window.to;
    let fits =
        |rule: &Late| (after_window || rule.is_of_newborns()) && rule.when.iter().all(|when| dossier.fulfils(when, paid, scheme));
    scheme.late.iter().position(fits)
}

impl Dossier {
    fn fulfils(&self, when: &LateWhen, paid: NaiveDate, scheme: &Scheme) -> bool {
        // Nobody pays before being born: such a number is another's.
        let born = |rule: &dyn Fn(NaiveDate) -> bool| self.birth.is_some_and(|birth| birth <= paid && rule(birth));
        let stopped = |rule: &dyn Fn(NaiveDate) -> bool| self.cover_stopped(paid).is_some_and(rule);
        match when {
            LateWhen::BornWithinDays(days) => born(&|birth| (paid - birth).num_days() <= i64::from(*days)),
            // Counted from the first of the month after birth; the last day is the eve of the same day later.
            LateWhen::BornWithinMonths(months) => born(&|birth| paid < months_later(first_of_next_month(birth), *months)),
            LateWhen::BornFrom(day) => born(&|birth| birth >= *day),
            LateWhen::OnRoster(categories) => self.rosters.iter().any(|row| row.is_new_on(paid, categories, scheme)),
            LateWhen::EmployeeGapDays(days) => stopped(&|stop| (paid - stop).num_days() <= i64::from(*days)),
            LateWhen::EmployeeGapMonths(months) => stopped(&|stop| paid <= months_later(stop, *months)),
            LateWhen::EmployeeStoppedFrom(day) => stopped(&|stop| stop >= *day),
            LateWhen::EmployeeYears(years) => stopped(&|stop| self.lasted(stop, *years)),
            LateWhen::Case(words) => self.declared.iter().any(|row| row.is_one_of(words)),
        }
    }

    /// The last day before a payment on which an employee relation ended and none went on.
    fn cover_stopped(&self, paid: NaiveDate) -> Option<NaiveDate> {
        let ended = self.stopped.iter().map(|relation| relation.on).filter(|on| *on <= paid);
        ended.max().filter(|_| !self.employed)
    }

    /// Whether a relation that ended on this day had lasted so many years, its last day included.
    fn lasted(&self, stop: NaiveDate, years: u32) -> bool {
        let ended_then = self.stopped.iter().filter(|relation| relation.on == stop);
        let begun = ended_then.filter_map(|relation| relation.begun).min();
        let whole = |begun| months_later(begun, years.saturating_mul(12)) <= stop + Later::new(1);
        begun.is_some_and(whole)
    }

    /// The day of the event that a rule's case declares; a row that names no case may say it instead.
    fn event(&self, rule: &Late) -> Option<NaiveDate> {
        let words = rule.when.iter().find_map(|when| if let LateWhen::Case(words) = when { Some(words) } else { None })?;
        let of_case = self.declared.iter().filter(|row| row.is_one_of(words)).filter_map(|row| row.on).min();
        of_case.or_else(|| self.declared.iter().filter(|row| row.case.is_none()).filter_map(|row| row.on).min())
    }
}

impl Listed {
    /// Newly certified: in force on the day under one of these categories, and not before the window began. The cut-off
    /// closes the season's rosters; a late entry is for those certified after it.
    fn is_new_on(&self, day: NaiveDate, categories: &[usize], scheme: &Scheme) -> bool {
        categories.contains(&self.category)
            && self.identified.is_some_and(|identified| scheme.window.from <= identified && identified <= day)
            && self.ended.is_none_or(|ended| ended > day)
    }
}

impl Declared {
    fn is_one_of(&self, words: &[String]) -> bool {
        self.case.as_ref().is_some_and(|case| words.contains(case))
    }
}

/// Price and payable of an entry.
pub fn price(rule: &Late, dossier: &Dossier, account: Account, scheme: &Scheme) -> (Price, Fen) {
    let ordinary = scheme.premium - account.grant;
    match (rule.price, scheme.fiscal) {
        (Price::Full, Some(fiscal)) => (Price::Full, ordinary + fiscal),
        // Nobody can say that what was paid is wrong, but less than the personal part is too little at any price.
        (Price::Full | Price::Unpriced, _) => (Price::Unpriced, ordinary.max(account.paid)),
        (Price::TwoYears, _) if dossier.birth.is_some_and(|birth| birth < scheme.benefit.from) => {
            let previous = scheme.entries.previous;
            let owed = previous - account.grant.min(previous) - account.paid_last_year.max(0);
            (Price::TwoYears, ordinary + owed.max(0))
        }
        (Price::TwoYears | Price::Personal, _) => (Price::Personal, ordinary),
    }
}

/// Cover of an entry, with so many months of waiting.
pub fn covered(rule: &Late, dossier: &Dossier, paid: NaiveDate, wait: u32, scheme: &Scheme) -> Covered {
    let not_before = |day: NaiveDate| Some(day.max(scheme.benefit.from));
    let starts_on = match rule.starts {
        Starts::Birth => dossier.birth,
        Starts::Event => dossier.event(rule),
        Starts::CoverStop => dossier.cover_stopped(paid).or_else(|| dossier.event(rule)),
        Starts::PaymentDay => not_before(paid),
        Starts::NextDay => not_before(paid + Later::new(1)),
        Starts::NextMonth => not_before(first_of_next_month(paid)),
    };
    after_waiting(starts_on, wait.max(rule.wait_months), scheme.benefit.to)
}

/// Cover by school year: from enrolment when paid soon after it, else the ordinary year; longer for graduates without a job.
pub fn covered_at_school(
    rule: &StudentRule,
    (enrolled, graduates): (Option<NaiveDate>, Option<NaiveDate>),
    paid: Option<NaiveDate>,
    employed: bool,
    scheme: &Scheme,
) -> (NaiveDate, NaiveDate) {
    // Who enrolled in an earlier year begins the school year with the others.
    let enrolled = enrolled.map_or(rule.days.from, |day| day.max(rule.days.from));
    let in_time = paid.is_some_and(|paid| paid <= months_later(enrolled, rule.pay_within_months));
    let (from, to) = if in_time { (enrolled, rule.days.to) } else { (scheme.benefit.from, scheme.benefit.to) };
    let graduating = !employed && graduates.is_some_and(|day| scheme.benefit.contains(day));
    (from, rule.graduates_until.filter(|_| graduating).map_or(to, |until| until.max(to)))
}

fn after_waiting(starts_on: Option<NaiveDate>, months: u32, to: NaiveDate) -> Covered {
    let from = starts_on.map(|day| months_later(day, months));
    let waits_until = from.filter(|_| months > 0).map(|from| from - Later::new(1));
    Covered { starts_on, waits_until, from, to }
}

/// Dossiers of everyone whom a rule could concern: who paid here after the window, or not long after birth.
#[derive(Clone, Debug, Default)]
pub struct Dossiers(PlHashMap<u64, Dossier>);

impl Dossiers {
    /// Gathers them from the books of a bucket.
    pub(super) fn of(books: &Books, scheme: &Scheme) -> PolarsResult<Self> {
        let mut dossiers = concerned(books, scheme)?;
        if dossiers.is_empty() {
            return Ok(Dossiers(dossiers));
        }
        for (key, cover) in pairs(&books.registrations)? {
            if cover == Cover::Employee.index()
                && let Some(dossier) = dossiers.get_mut(&key)
            {
                dossier.employed = true;
            }
        }
        rows_of(&books.stopped, [c::BEGUN, c::ENDED], |key, _, [begun, on]| {
            if let (Some(dossier), Some(on)) = (dossiers.get_mut(&key), on) {
                dossier.stopped.push(Stopped { begun, on });
            }
        })?;
        let cases = books.declared.column(c::LATE_CASE)?.str()?;
        rows_of(&books.declared, [c::EVENT_ON], |key, at, [on]| {
            if let Some(dossier) = dossiers.get_mut(&key) {
                dossier.declared.push(Declared { case: cases.get(at).map(region_word), on });
            }
        })?;
        let categories = books.rosters.column(c::CATEGORY)?.u16()?;
        rows_of(&books.rosters, [c::IDENTIFIED, c::ENDED], |key, at, [identified, ended]| {
            if let (Some(dossier), Some(category)) = (dossiers.get_mut(&key), categories.get(at)) {
                dossier.rosters.push(Listed { category: usize::from(category), identified, ended });
            }
        })?;
        Ok(Dossiers(dossiers))
    }

    /// The rule that covers a person's payment of this day.
    pub fn entry(&self, key: u64, paid: NaiveDate, scheme: &Scheme) -> Option<usize> {
        entry(self.0.get(&key)?, paid, scheme)
    }
}

/// Empty dossiers, but for the birth, of those whom a rule could concern.
fn concerned(books: &Books, scheme: &Scheme) -> PolarsResult<PlHashMap<u64, Dossier>> {
    let mut found = PlHashMap::default();
    if scheme.late.is_empty() {
        return Ok(found);
    }
    let reach = scheme.late.iter().flat_map(|rule| &rule.when).filter_map(years_after_birth).max();
    let window_end = epoch_day(scheme.window.to);
    let (keys, paid_on) = (books.payments.column(c::KEY)?.u64()?, books.payments.column(c::PAID_ON)?.date()?);
    let (covers, here) = (books.payments.column(c::COVER)?.u8()?, books.payments.column(c::HERE)?.bool()?);
    for at in 0..keys.len() {
        let (Some(key), Some(paid)) = (keys.get(at), paid_on.physical().get(at)) else { continue };
        let young = || reach.is_some_and(|reach| birth_year(key).is_some_and(|year| year + reach >= year_of(paid)));
        let ours = || covers.get(at) == Some(Cover::Resident.index()) && here.get(at) == Some(true);
        if (paid > window_end || young()) && ours() {
            found.entry(key).or_insert_with(|| Dossier { birth: PersonKey(key).birth(), ..Dossier::default() });
        }
    }
    Ok(found)
}

/// Calendar years between birth and payment at most, where the rule is about the time after birth.
fn years_after_birth(when: &LateWhen) -> Option<i32> {
    let years = |count: u32, a_year: u32| i32::try_from(count / a_year).unwrap_or(i32::MAX / 2) + 2;
    match when {
        LateWhen::BornWithinDays(days) => Some(years(*days, 365)),
        LateWhen::BornWithinMonths(months) => Some(years(*months + 1, 12)),
        _ => None,
    }
}

/// The year inside a number, without making a date of it: asked of every payment.
fn birth_year(key: u64) -> Option<i32> {
    PersonKey(key).digits17().and_then(|digits| i32::try_from(digits / 10_000_000 % 10_000).ok())
}

/// The year of a day since 1970, or the one before: exact enough to leave most people out.
const fn year_of(day: i32) -> i32 {
    1970 + day / 366
}

fn pairs(registrations: &DataFrame) -> PolarsResult<impl Iterator<Item = (u64, u8)>> {
    let (keys, covers) = (registrations.column(c::KEY)?.u64()?, registrations.column(c::COVER)?.u8()?);
    Ok(keys.into_no_null_iter().zip(covers.into_no_null_iter()))
}

/// Calls `take` with key, row and these days of every row.
fn rows_of<const N: usize>(
    frame: &DataFrame,
    days: [&str; N],
    mut take: impl FnMut(u64, usize, [Option<NaiveDate>; N]),
) -> PolarsResult<()> {
    let keys = frame.column(c::KEY)?.u64()?;
    let columns: Vec<&DateChunked> = days.iter().map(|name| frame.column(name)?.date()).collect::<PolarsResult<_>>()?;
    for (at, key) in keys.into_no_null_iter().enumerate() {
        take(key, at, std::array::from_fn(|which| columns[which].physical().get(at).map(day_of_epoch)));
    }
    Ok(())
}

/// What entries do to a bucket's people.
pub(super) struct Effects {
    /// Everyone whose cover differs.
    pub(super) entered: Vec<Entered>,
    /// p::ENTRY, p::GRANT, p::GRANT_CATEGORY, p::GRANT_PAYERS and p::PAYABLE, for every row of the people.
    pub(super) columns: Vec<Column>,
}

/// Columns of the people that decide about one of them.
struct Facts<'a> {
    key: &'a UInt64Chunked,
    first_paid: &'a Int32Chunked,
    first_paid_here: &'a Int32Chunked,
    payments_here: &'a UInt32Chunked,
    paid_here: &'a Int64Chunked,
    student: &'a BooleanChunked,
    enrolled: &'a Int32Chunked,
    graduates: &'a Int32Chunked,
    employee_here: &'a UInt32Chunked,
    employee_away: &'a UInt32Chunked,
}

impl<'a> Facts<'a> {
    fn of(people: &'a DataFrame) -> PolarsResult<Self> {
        let date = |name| PolarsResult::Ok(people.column(name)?.date()?.physical());
        let count = |name| people.column(name)?.u32();
        Ok(Facts {
            key: people.column(c::KEY)?.u64()?,
            first_paid: date(p::FIRST_PAID_ON)?,
            first_paid_here: date(p::FIRST_PAID_HERE)?,
            payments_here: count(p::PAYMENTS_HERE)?,
            paid_here: people.column(p::PAID_HERE)?.i64()?,
            student: people.column(p::STUDENT)?.bool()?,
            enrolled: date(c::ENROLLED_ON)?,
            graduates: date(c::GRADUATES_ON)?,
            employee_here: count(p::EMPLOYEE_HERE)?,
            employee_away: count(p::EMPLOYEE_AWAY)?,
        })
    }

    fn is_employed(&self, at: usize) -> bool {
        self.employee_here.get(at).unwrap_or(0) + self.employee_away.get(at).unwrap_or(0) > 0 // absent = none
    }
}

/// Decides for every person of a bucket: entry, grant, payable, cover.
pub(super) fn effects(
    people: &DataFrame,
    books: &Books,
    dossiers: &Dossiers,
    scheme: &Scheme,
    as_of: NaiveDate,
) -> PolarsResult<Effects> {
    let facts = Facts::of(people)?;
    let paid_last_year = sums(&books.last_year)?;
    let broken = broken_years(&books.broken)?;
    let no_payment = epoch_day(as_of.min(scheme.window.to));
    let granted_until = scheme.entries.granted_until.map(epoch_day);
    let grants = people.column(p::GRANT)?.i64()?;
    let height = people.height();
    let mut entered = Vec::new();
    let (mut entry_of, mut grant_of) = (Vec::with_capacity(height), Vec::with_capacity(height));
    let mut payable_of = Vec::with_capacity(height);
    let nobody = Dossier::default();
    for at in 0..height {
        let key = facts.key.get(at).unwrap_or_default(); // a key is never null
        let paid_on = facts.first_paid_here.get(at).map(day_of_epoch);
        let dossier = dossiers.0.get(&key);
        let rule = dossier.zip(paid_on).and_then(|(dossier, paid)| entry(dossier, paid, scheme));
        let late = rule.map(|rule| &scheme.late[rule]);
        let closed = granted_until.is_some_and(|until| facts.first_paid.get(at).unwrap_or(no_payment) > until);
        let granted = late.is_none_or(|late| late.keeps_grant) && (!closed || late.is_some_and(Late::is_by_roster));
        let grant = if granted { grants.get(at).unwrap_or(0) } else { 0 }; // absent = none
        let account = Account {
            grant,
            paid: facts.paid_here.get(at).unwrap_or(0), // absent = none
            paid_last_year: paid_last_year.get(&key).copied().unwrap_or(0),
        };
        let dossier = dossier.unwrap_or(&nobody);
        let (price, payable) =
            late.map_or((Price::Personal, scheme.premium - grant), |late| price(late, dossier, account, scheme));
        let wait = wait_months(late, paid_on, broken.get(&key).copied().unwrap_or((0, 0)), scheme);
        entry_of.push(rule.and_then(|rule| u16::try_from(rule).ok()));
        grant_of.push(grant);
        payable_of.push(payable);
        let paid_here = facts.payments_here.get(at).unwrap_or(0) > 0; // absent = none
        let ground = match (late, paid_on) {
            (Some(late), Some(paid)) => {
                rule.map(|rule| (Ground::Rule(rule), covered(late, dossier, paid, wait.unwrap_or(0), scheme)))
            }
            _ if paid_here => otherwise(&facts, at, paid_on, wait, scheme),
            _ => None,
        };
        entered.extend(ground.map(|(ground, covered)| Entered { key, ground, price, paid_on, covered }));
    }
    Ok(Effects { entered, columns: columns(people, entry_of, grant_of, payable_of)? })
}

/// Cover of somebody who paid here without a late entry, where it differs from everybody's.
fn otherwise(
    facts: &Facts<'_>,
    at: usize,
    paid_on: Option<NaiveDate>,
    wait: Option<u32>,
    scheme: &Scheme,
) -> Option<(Ground, Covered)> {
    if let (Some(rule), Some(true)) = (&scheme.entries.students, facts.student.get(at)) {
        let days = (facts.enrolled.get(at).map(day_of_epoch), facts.graduates.get(at).map(day_of_epoch));
        let (from, to) = covered_at_school(rule, days, paid_on, facts.is_employed(at), scheme);
        return Some((Ground::Student, after_waiting(Some(from), wait.unwrap_or(0), to)));
    }
    let late = paid_on.filter(|paid| *paid > scheme.window.to).map_or(scheme.benefit.from, |paid| paid.max(scheme.benefit.from));
    wait.map(|months| (Ground::Waiting, after_waiting(Some(late), months, scheme.benefit.to)))
}

/// Months of waiting by coverage year, of those whom it concerns: who paid after the window, other than newborns and
/// persons newly on a roster, and who comes back after broken years.
fn wait_months(late: Option<&Late>, paid_on: Option<NaiveDate>, (broken, repaid): (u32, u32), scheme: &Scheme) -> Option<u32> {
    let waiting = scheme.entries.waiting?;
    let exempt = late.is_some_and(|rule| rule.is_by_roster() || rule.is_by_birth());
    let is_late = paid_on.is_some_and(|paid| paid > scheme.window.to) && !exempt;
    (is_late || broken > 0).then(|| waiting.months(broken, repaid))
}

fn columns(
    people: &DataFrame,
    entry_of: Vec<Option<u16>>,
    grant_of: Vec<Fen>,
    payable_of: Vec<Fen>,
) -> PolarsResult<Vec<Column>> {
    let entry: UInt16Chunked = entry_of.into_iter().collect();
    // Who has no grant has neither category nor payers of one.
    let categories = people.column(p::GRANT_CATEGORY)?.u16()?.iter().zip(&grant_of);
    let category: UInt16Chunked = categories.map(|(category, grant)| category.filter(|_| *grant > 0)).collect();
    let payers = people.column(p::GRANT_PAYERS)?.u32()?.iter().zip(&grant_of);
    let payers: UInt32Chunked = payers.map(|(payers, grant)| payers.filter(|_| *grant > 0).or(Some(0))).collect();
    Ok(vec![
        entry.with_name(p::ENTRY.into()).into_column(),
        category.with_name(p::GRANT_CATEGORY.into()).into_column(),
        payers.with_name(p::GRANT_PAYERS.into()).into_column(),
        Int64Chunked::from_vec(p::GRANT.into(), grant_of).into_column(),
        Int64Chunked::from_vec(p::PAYABLE.into(), payable_of).into_column(),
    ])
}

/// Σ personal money by person.
fn sums(payments: &DataFrame) -> PolarsResult<PlHashMap<u64, Fen>> {
    let (keys, money) = (payments.column(c::KEY)?.u64()?, payments.column(c::PERSONAL)?.i64()?);
    let mut sums = PlHashMap::default();
    for (key, fen) in keys.into_no_null_iter().zip(money.into_no_null_iter()) {
        *sums.entry(key).or_default() += fen;
    }
    Ok(sums)
}

/// Broken and repaid years by person: of several rows the one with most broken years, then most repaid.
fn broken_years(rows: &DataFrame) -> PolarsResult<PlHashMap<u64, (u32, u32)>> {
    let keys = rows.column(c::KEY)?.u64()?;
    let (broken, repaid) = (rows.column(c::BROKEN_YEARS)?.i64()?, rows.column(c::REPAID_YEARS)?.i64()?);
    let years = |count: Option<i64>| count.and_then(|count| u32::try_from(count).ok()).unwrap_or(0); // none stated: none
    let mut found: PlHashMap<u64, (u32, u32)> = PlHashMap::default();
    for at in 0..keys.len() {
        if let Some(key) = keys.get(at) {
            let mine = found.entry(key).or_default();
            *mine = (*mine).max((years(broken.get(at)), years(repaid.get(at))));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use chrono::Datelike;

    use super::*;

    #[test]
    fn the_first_look_at_a_payment_leaves_nobody_out_whom_a_rule_could_concern() {
        for (birth, paid) in [("2021-01-01", "2023-12-31"), ("2021-12-31", "2022-01-01"), ("2019-12-31", "2022-01-01")] {
            let (birth, paid): (NaiveDate, NaiveDate) = (birth.parse().unwrap(), paid.parse().unwrap());
            assert!([paid.year(), paid.year() - 1].contains(&year_of(epoch_day(paid))));
            let days = u32::try_from((paid - birth).num_days()).unwrap();
            let reach = years_after_birth(&LateWhen::BornWithinDays(days)).unwrap();
            assert!(birth.year() + reach >= year_of(epoch_day(paid)), "{birth} {paid}");
        }
        assert_eq!(birth_year(PersonKey::national(43_032_120_220_101_001).0), Some(2022));
    }
}
