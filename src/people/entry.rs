//! Late entries: which rule of the notice covers a payment, what the person then owes, and from when they are covered.
//!
//! The one place that knows it: payable, outside-window and the list of entries all ask here. People who enter late are
//! few, so their facts are gathered person by person; everybody else costs one look at a key.

use chrono::{Days as Later, NaiveDate};
use polars::prelude::*;

use super::books::Books;
use super::grants::{Grant, Granted};
use super::person::Person;
use super::read::{days, flags, indexes, money};
use crate::domain::period::{day_of_epoch, epoch_day, first_of_next_month, months_later};
use crate::domain::region::region_word;
use crate::domain::{Cover, Fen, PersonKey, Price, Starts, columns as c};
use crate::scheme::{KeepsGrant, Late, LateWhen, Scheme, StudentRule};

/// What the books say of one person, as far as rules for late entries ask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dossier {
    /// Birth date inside the number, else the register's.
    pub birth: Option<NaiveDate>,
    /// Normal employee registrations, anywhere, by the day they began: no cover has stopped once one has begun.
    pub employed: Vec<Option<NaiveDate>>,
    /// Employee relations that ended.
    pub stopped: Vec<Stopped>,
    /// Roster rows.
    pub rosters: Vec<Listed>,
    /// Declared cases.
    pub declared: Vec<Declared>,
    /// Young, and charged through a collective account.
    pub on_account: bool,
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
    pub category: u16,
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

/// From when to when somebody is covered; the default is not at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Covered {
    /// First day, before any waiting; `None` where the day it follows from is not stated.
    pub starts_on: Option<NaiveDate>,
    /// Last day of waiting.
    pub waits_until: Option<NaiveDate>,
    /// First day covered.
    pub from: Option<NaiveDate>,
    /// Last day covered; `None` where nothing of the year is.
    pub to: Option<NaiveDate>,
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
    /// Personal money of the largest single payment of this year, here.
    pub largest: Fen,
    /// Money of the year before, here, whoever paid it.
    pub paid_last_year: Fen,
    /// On last year's list: that year is settled, whatever its payments say.
    pub enrolled_last_year: bool,
}

/// The rule that covers a payment of this day: the first whose conditions all hold. Rules about the time after birth
/// speak of every day, those that go on where an employee's cover stopped of every day of the benefit period, all others
/// of days after the window.
pub fn entry(dossier: &Dossier, paid: NaiveDate, scheme: &Scheme) -> Option<usize> {
    let after_window = paid > scheme.window.to;
    let goes_on = |rule: &Late| {
        let stop = || dossier.cover_stopped(paid);
        rule.goes_on_from_stop() && stop().is_some_and(|stop| stop >= scheme.benefit.from)
    };
    let fits = |rule: &Late| {
        (after_window || rule.is_of_newborns() || goes_on(rule))
            && dossier.fulfils_all(rule, paid, scheme)
    };
    scheme.late.iter().position(fits)
}

/// The rule by which a newborn who has not paid would enter today: what a collective account is charged for follows it.
fn charged_as(dossier: &Dossier, today: NaiveDate, scheme: &Scheme) -> Option<usize> {
    if !dossier.on_account {
        return None;
    }
    entry(dossier, today, scheme).filter(|rule| scheme.late[*rule].is_of_newborns())
}

impl Dossier {
    fn fulfils_all(&self, rule: &Late, paid: NaiveDate, scheme: &Scheme) -> bool {
        rule.when
            .iter()
            .all(|when| self.fulfils(rule, when, paid, scheme))
    }

    fn fulfils(&self, rule: &Late, when: &LateWhen, paid: NaiveDate, scheme: &Scheme) -> bool {
        // Nobody pays before being born: such a number is another's.
        let born = |fits: &dyn Fn(NaiveDate) -> bool| {
            self.birth.is_some_and(|birth| birth <= paid && fits(birth))
        };
        let stopped = |fits: &dyn Fn(NaiveDate) -> bool| self.cover_stopped(paid).is_some_and(fits);
        match when {
            LateWhen::BornWithinDays(days) => {
                born(&|birth| (paid - birth).num_days() <= i64::from(*days))
            }
            // Counted from the first of the month after birth; the last day is the eve of the same day later.
            LateWhen::BornWithinMonths(months) => {
                born(&|birth| paid < months_later(first_of_next_month(birth), *months))
            }
            LateWhen::BornFrom(day) => born(&|birth| birth >= *day),
            LateWhen::OnRoster(categories) => self
                .rosters
                .iter()
                .any(|row| row.lets_in(rule, categories, paid, scheme)),
            LateWhen::EmployeeGapDays(days) => {
                stopped(&|stop| (paid - stop).num_days() <= i64::from(*days))
            }
            LateWhen::EmployeeGapMonths(months) => {
                stopped(&|stop| paid <= months_later(stop, *months))
            }
            LateWhen::EmployeeStoppedFrom(day) => stopped(&|stop| stop >= *day),
            LateWhen::EmployeeYears(years) => stopped(&|stop| self.lasted(stop, *years)),
            LateWhen::Case(words) => self.declares(rule, words, paid),
        }
    }

    /// The last day before a payment on which an employee relation ended and none went on.
    fn cover_stopped(&self, paid: NaiveDate) -> Option<NaiveDate> {
        let ended = self
            .stopped
            .iter()
            .map(|relation| relation.on)
            .filter(|on| *on <= paid);
        // A relation on no stated day may have begun before.
        let at_work = self
            .employed
            .iter()
            .any(|begun| begun.is_none_or(|begun| begun <= paid));
        ended.max().filter(|_| !at_work)
    }

    /// Whether a relation that ended on this day had lasted so many years, its last day included.
    fn lasted(&self, stop: NaiveDate, years: u32) -> bool {
        let whole = |begun| months_later(begun, years.saturating_mul(12)) <= stop + Later::new(1);
        self.covered_since(stop).is_some_and(whole)
    }

    /// First day of the cover that stopped on this day: a relation that goes on where another ended continues it.
    fn covered_since(&self, stop: NaiveDate) -> Option<NaiveDate> {
        let ended_then = self.stopped.iter().filter(|relation| relation.on == stop);
        let mut since = ended_then.filter_map(|relation| relation.begun).min()?;
        loop {
            let adjoining = self
                .stopped
                .iter()
                .filter(|before| before.on <= stop && before.on + Later::new(1) >= since);
            match adjoining
                .filter_map(|before| before.begun)
                .min()
                .filter(|begun| *begun < since)
            {
                Some(begun) => since = begun,
                None => return Some(since),
            }
        }
    }

    /// Whether a case is declared that a rule names, on no day on which it does not let in.
    fn declares(&self, rule: &Late, words: &[String], paid: NaiveDate) -> bool {
        self.declared.iter().any(|row| row.is_one_of(words))
            && (self.stated_events(words).next().is_none() || self.event(rule, paid).is_some())
    }

    /// Stated days of a case; a row that names no case may say it instead.
    fn stated_events(&self, words: &[String]) -> impl Iterator<Item = NaiveDate> + use<'_> {
        let of_case: Vec<NaiveDate> = self
            .declared
            .iter()
            .filter(|row| row.is_one_of(words))
            .filter_map(|row| row.on)
            .collect();
        let stated_alone = |row: &&Declared| row.case.is_none() && of_case.is_empty();
        let alone: Vec<NaiveDate> = self
            .declared
            .iter()
            .filter(stated_alone)
            .filter_map(|row| row.on)
            .collect();
        of_case.into_iter().chain(alone)
    }

    /// The day of the event that a rule's case declares: not after the payment, and not before the rule speaks of it.
    fn event(&self, rule: &Late, paid: NaiveDate) -> Option<NaiveDate> {
        let words = rule.when.iter().find_map(|when| {
            if let LateWhen::Case(words) = when {
                Some(words)
            } else {
                None
            }
        })?;
        let lets_in =
            |day: &NaiveDate| *day <= paid && rule.event_from.is_none_or(|from| from <= *day);
        self.stated_events(words).filter(lets_in).min()
    }

    /// The best grant of the roster rows by which a rule lets the person in on a day.
    fn granted_by(&self, rule: &Late, paid: NaiveDate, scheme: &Scheme) -> Granted {
        let categories = rule.when.iter().find_map(|when| {
            if let LateWhen::OnRoster(among) = when {
                Some(among)
            } else {
                None
            }
        });
        let Some(categories) = categories else {
            return Granted::default();
        };
        let rows = self
            .rosters
            .iter()
            .filter(|row| row.lets_in(rule, categories, paid, scheme));
        Granted::best(rows.map(|row| row.category), scheme)
    }

    /// The best grant of the roster rows by which any rule lets the person in that leaves a grant, whichever rule it is
    /// that the person enters by.
    fn granted_by_any(&self, paid: NaiveDate, scheme: &Scheme) -> Granted {
        if self.rosters.is_empty() {
            return Granted::default();
        }
        let keeps = |rule: &&Late| {
            rule.keeps_grant != KeepsGrant::No && self.fulfils_all(rule, paid, scheme)
        };
        let of_rules = scheme
            .late
            .iter()
            .filter(keeps)
            .map(|rule| self.granted_by(rule, paid, scheme));
        Granted::best_of(of_rules, scheme)
    }
}

impl Listed {
    /// In force on the day under one of these categories, and, where the rule is for the newly certified, not certified
    /// before the window began. The cut-off closes the season's rosters; a late entry is for those certified after it.
    fn lets_in(&self, rule: &Late, categories: &[usize], day: NaiveDate, scheme: &Scheme) -> bool {
        let is_new = || {
            self.identified
                .is_some_and(|identified| scheme.window.from <= identified)
        };
        categories.contains(&usize::from(self.category))
            && (!rule.newly || is_new())
            && self.is_listed_on(day)
    }

    /// The same as `in_force::listed_on` says of a row of the rosters.
    fn is_listed_on(&self, day: NaiveDate) -> bool {
        self.identified.is_none_or(|identified| identified <= day)
            && self.ended.is_none_or(|ended| ended > day)
    }
}

impl Declared {
    fn is_one_of(&self, words: &[String]) -> bool {
        self.case.as_ref().is_some_and(|case| words.contains(case))
    }
}

/// What an entry costs, and who bears it, in fen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Priced {
    /// What it costs.
    pub price: Price,
    /// What the payers of the grant bear: of two years, both.
    pub grant: Fen,
    /// What the person pays.
    pub payable: Fen,
}

/// Price, grant and payable of an entry.
pub fn price(rule: &Late, dossier: &Dossier, account: Account, scheme: &Scheme) -> Priced {
    let grant = account.grant;
    let ordinary = scheme.premium - grant;
    match (rule.price, scheme.fiscal) {
        (Price::Full, Some(fiscal)) => Priced {
            price: Price::Full,
            grant,
            payable: ordinary + fiscal,
        },
        // Nobody can say that what was paid at once is wrong, but less than the personal part is too little at any
        // price, and a second payment is one too many.
        (Price::Full | Price::Unpriced, _) => Priced {
            price: Price::Unpriced,
            grant,
            payable: ordinary.max(account.largest),
        },
        (Price::TwoYears, _)
            if dossier
                .birth
                .is_some_and(|birth| birth < scheme.benefit.from) =>
        {
            let open = (scheme.entries.previous - account.paid_last_year.max(0)).max(0);
            let open = if account.enrolled_last_year { 0 } else { open };
            // The grant of the year before bears what is open of it, as far as it goes.
            let grant = grant + grant.min(open);
            Priced {
                price: Price::TwoYears,
                grant,
                payable: scheme.premium + open - grant,
            }
        }
        (Price::TwoYears | Price::Personal, _) => Priced {
            price: Price::Personal,
            grant,
            payable: ordinary,
        },
    }
}

impl Dossier {
    /// Cover of an entry: it waits as its rule states, were it not at all; where that states nothing, so many months.
    pub fn covered(&self, rule: &Late, paid: NaiveDate, wait: u32, scheme: &Scheme) -> Covered {
        let not_before = |day: NaiveDate| Some(day.max(scheme.benefit.from));
        let event = || self.event(rule, paid);
        let starts_on = match rule.starts {
            Starts::Birth => self.birth,
            Starts::Event => event(),
            Starts::CoverStop => self.cover_stopped(paid).or_else(event),
            Starts::PaymentDay => not_before(paid),
            Starts::NextDay => not_before(paid + Later::new(1)),
            Starts::NextMonth => not_before(first_of_next_month(paid)),
        };
        let wait = rule.wait_months.unwrap_or(wait);
        after_waiting(starts_on, wait, scheme.benefit.to)
    }
}

/// What the books say of somebody at school.
#[derive(Clone, Copy, Debug, Default)]
pub struct AtSchool {
    /// 入学, the latest stated day.
    pub enrolled: Option<NaiveDate>,
    /// 毕业, the latest stated day.
    pub graduates: Option<NaiveDate>,
    /// A normal employee registration anywhere.
    pub employed: bool,
}

/// Whether a student paid soon enough after enrolment to be covered from it.
pub fn is_in_time(rule: &StudentRule, enrolled: Option<NaiveDate>, paid: NaiveDate) -> bool {
    paid <= months_later(enrolled_on(rule, enrolled), rule.pay_within_months)
}

/// Who enrolled in an earlier year begins the school year with the others; so does who enrols on a day outside it.
fn enrolled_on(rule: &StudentRule, enrolled: Option<NaiveDate>) -> NaiveDate {
    enrolled
        .filter(|day| rule.days.contains(*day))
        .unwrap_or(rule.days.from) // none stated: with the others
}

/// Cover by school year: from enrolment when paid soon after it, else the ordinary year; longer for graduates without a
/// job. Nothing for who paid neither soon after it nor within the window.
pub fn covered_at_school(
    rule: &StudentRule,
    school: AtSchool,
    paid: Option<NaiveDate>,
    scheme: &Scheme,
) -> Option<(NaiveDate, NaiveDate)> {
    let (from, to) = match paid {
        Some(paid) if is_in_time(rule, school.enrolled, paid) => {
            (enrolled_on(rule, school.enrolled), rule.days.to)
        }
        Some(paid) if paid > scheme.window.to => return None,
        _ => (scheme.benefit.from, scheme.benefit.to),
    };
    let graduates = school
        .graduates
        .is_some_and(|day| scheme.benefit.contains(day));
    let graduating = graduates && !school.employed;
    Some((
        from,
        rule.graduates_until
            .filter(|_| graduating)
            .map_or(to, |until| until.max(to)),
    ))
}

fn after_waiting(starts_on: Option<NaiveDate>, months: u32, to: NaiveDate) -> Covered {
    let from = starts_on.map(|day| months_later(day, months));
    let waits_until = from.filter(|_| months > 0).map(|from| from - Later::new(1));
    // Whoever would be covered only after the last day is not covered this year.
    let is_over = from.is_some_and(|from| from > to);
    Covered {
        starts_on,
        waits_until,
        from: from.filter(|_| !is_over),
        to: Some(to).filter(|_| !is_over),
    }
}

/// Dossiers of everyone whom a rule could concern: who paid here after the window, or not long after birth.
#[derive(Clone, Debug, Default)]
pub struct Dossiers(PlHashMap<u64, Dossier>);

impl Dossiers {
    /// Gathers them from the books of a bucket.
    pub(super) fn of(books: &Books, scheme: &Scheme, as_of: NaiveDate) -> PolarsResult<Self> {
        let mut dossiers = concerned(books, scheme, as_of)?;
        if dossiers.is_empty() {
            return Ok(Dossiers(dossiers));
        }
        let covers = books.registrations.rows.column(c::COVER)?.u8()?;
        rows_of(&books.registrations.rows, [c::BEGUN], |key, at, [begun]| {
            if covers.get(at) == Some(Cover::Employee.index())
                && let Some(dossier) = dossiers.get_mut(&key)
            {
                dossier.employed.push(begun);
            }
        })?;
        rows_of(
            &books.stopped,
            [c::BEGUN, c::ENDED],
            |key, _, [begun, on]| {
                if let (Some(dossier), Some(on)) = (dossiers.get_mut(&key), on) {
                    dossier.stopped.push(Stopped { begun, on });
                }
            },
        )?;
        let cases = books.declared.column(c::LATE_CASE)?.str()?;
        rows_of(&books.declared, [c::EVENT_ON], |key, at, [on]| {
            if let Some(dossier) = dossiers.get_mut(&key) {
                dossier.declared.push(Declared {
                    case: cases.get(at).map(region_word),
                    on,
                });
            }
        })?;
        let categories = books.rosters.rows.column(c::CATEGORY)?.u16()?;
        rows_of(
            &books.rosters.rows,
            [c::IDENTIFIED, c::ENDED],
            |key, at, [identified, ended]| {
                if let (Some(dossier), Some(category)) =
                    (dossiers.get_mut(&key), categories.get(at))
                {
                    dossier.rosters.push(Listed {
                        category,
                        identified,
                        ended,
                    });
                }
            },
        )?;
        Ok(Dossiers(dossiers))
    }

    /// The rule that covers a person's payment of this day.
    pub fn entry(&self, key: u64, paid: NaiveDate, scheme: &Scheme) -> Option<usize> {
        entry(self.0.get(&key)?, paid, scheme)
    }
}

/// Empty dossiers, but for the birth, of those whom a rule could concern.
fn concerned(
    books: &Books,
    scheme: &Scheme,
    as_of: NaiveDate,
) -> PolarsResult<PlHashMap<u64, Dossier>> {
    let mut found = PlHashMap::default();
    if scheme.late.is_empty() {
        return Ok(found);
    }
    let reach = scheme
        .late
        .iter()
        .flat_map(|rule| &rule.when)
        .filter_map(years_after_birth)
        .max();
    let window_end = epoch_day(scheme.window.to);
    let granted_until = scheme.entries.granted_until.map(epoch_day);
    let born = births(books)?;
    let dossier = |key| Dossier {
        birth: PersonKey(key).birth().or(born.get(&key).copied()),
        ..Dossier::default()
    };
    let is_young = |key: u64, on: i32| {
        reach.is_some_and(|reach| match birth_year(key) {
            Some(year) => year + reach >= year_of(on),
            None => born.contains_key(&key),
        })
    };
    if scheme.late.iter().any(|rule| rule.price == Price::TwoYears) {
        let members = books.households.rows.column(c::KEY)?.u64()?;
        let members = members.into_no_null_iter();
        for key in members.filter(|key| is_young(*key, epoch_day(as_of))) {
            let mine = found.entry(key).or_insert_with(|| dossier(key));
            mine.on_account = true;
        }
    }
    let stopped = stopped_within(books, scheme)?;
    // After the last day of grants it is the rosters' rules that decide, whether somebody paid or not.
    if granted_until.is_some_and(|until| no_payment(scheme, as_of) > until) {
        for key in books
            .rosters
            .rows
            .column(c::KEY)?
            .u64()?
            .into_no_null_iter()
        {
            found.entry(key).or_insert_with(|| dossier(key));
        }
    }
    let payments = &books.payments.rows;
    let keys = payments.column(c::KEY)?.u64()?.downcast_as_array();
    let (paid_on, covers) = (days(payments, c::PAID_ON)?, indexes(payments, c::COVER)?);
    let here = flags(payments, c::HERE)?;
    for at in 0..payments.height() {
        let (Some(key), Some(paid)) = (keys.get(at), paid_on.get(at)) else {
            continue;
        };
        let early = || is_young(key, paid) || !stopped.is_empty() && stopped.contains(&key);
        let ours = || here.get(at) == Some(true);
        let ungranted = granted_until.is_some_and(|until| paid > until);
        if covers.get(at) == Some(Cover::Resident.index())
            && (ungranted || (paid > window_end || early()) && ours())
        {
            found.entry(key).or_insert_with(|| dossier(key));
        }
    }
    Ok(found)
}

/// Births that only the register states.
fn births(books: &Books) -> PolarsResult<PlHashMap<u64, NaiveDate>> {
    let mut born = PlHashMap::default();
    rows_of(&books.born, [c::BORN_ON], |key, _, [on]| {
        if let Some(on) = on {
            let mine = born.entry(key).or_insert(on);
            *mine = on.min(*mine);
        }
    })?;
    Ok(born)
}

/// Persons whose employee relation ended within the benefit period, where a rule goes on from there.
fn stopped_within(books: &Books, scheme: &Scheme) -> PolarsResult<PlHashSet<u64>> {
    let mut stopped = PlHashSet::default();
    if scheme.late.iter().any(Late::goes_on_from_stop) {
        rows_of(&books.stopped, [c::ENDED], |key, _, [on]| {
            if on.is_some_and(|on| on >= scheme.benefit.from) {
                stopped.insert(key);
            }
        })?;
    }
    Ok(stopped)
}

/// The day that stands for the payment of whoever has not paid: the last on which one still could.
fn no_payment(scheme: &Scheme, as_of: NaiveDate) -> i32 {
    epoch_day(as_of.min(scheme.window.to))
}

/// Calendar years between birth and payment at most, where the rule is about the time after birth.
fn years_after_birth(when: &LateWhen) -> Option<i32> {
    let years = |count: u32, a_year: u32| i32::try_from(count / a_year).unwrap_or(i32::MAX / 2) + 2;
    match when {
        LateWhen::BornWithinDays(days) => Some(years(*days, 365)),
        LateWhen::BornWithinMonths(months) => Some(years(*months + 1, 12)),
        LateWhen::BornFrom(_)
        | LateWhen::OnRoster(_)
        | LateWhen::EmployeeGapDays(_)
        | LateWhen::EmployeeGapMonths(_)
        | LateWhen::EmployeeStoppedFrom(_)
        | LateWhen::EmployeeYears(_)
        | LateWhen::Case(_) => None,
    }
}

/// The year inside a number, without making a date of it: asked of every payment.
fn birth_year(key: u64) -> Option<i32> {
    PersonKey(key)
        .digits17()
        .and_then(|digits| i32::try_from(digits / 10_000_000 % 10_000).ok())
}

/// The year of a day since 1970, or the one before: exact enough to leave most people out.
const fn year_of(day: i32) -> i32 {
    1970 + day / 366
}

/// Calls `take` with key, row and these days of every row.
fn rows_of<const N: usize>(
    frame: &DataFrame,
    days: [&str; N],
    mut take: impl FnMut(u64, usize, [Option<NaiveDate>; N]),
) -> PolarsResult<()> {
    let keys = frame.column(c::KEY)?.u64()?;
    let columns: Vec<&DateChunked> = days
        .iter()
        .map(|name| frame.column(name)?.date())
        .collect::<PolarsResult<_>>()?;
    for (at, key) in keys.into_no_null_iter().enumerate() {
        take(
            key,
            at,
            std::array::from_fn(|which| columns[which].physical().get(at).map(day_of_epoch)),
        );
    }
    Ok(())
}

/// What the books say of the money and the years of those who enter late.
pub(super) struct Ledger {
    largest: PlHashMap<u64, Fen>,
    paid_last_year: PlHashMap<u64, Fen>,
    enrolled_last_year: PlHashSet<u64>,
    broken: PlHashMap<u64, (u32, u32)>,
    nobody: Dossier,
}

impl Ledger {
    /// Gathers them from the books of a bucket.
    pub(super) fn of(books: &Books, dossiers: &Dossiers, scheme: &Scheme) -> PolarsResult<Self> {
        Ok(Ledger {
            largest: largest_payments(books, dossiers, scheme)?,
            paid_last_year: sums(&books.last_year)?,
            enrolled_last_year: on_last_years_list(books, dossiers, scheme)?,
            broken: broken_years(&books.broken)?,
            nobody: Dossier::default(),
        })
    }

    /// Money that the price of a late entry follows from.
    fn account(&self, key: u64, grant: Fen) -> Account {
        let of = |money: &PlHashMap<u64, Fen>| money.get(&key).copied().unwrap_or(0); // no payment, no money
        Account {
            grant,
            largest: of(&self.largest),
            paid_last_year: of(&self.paid_last_year),
            enrolled_last_year: self.enrolled_last_year.contains(&key),
        }
    }

    /// Decides for one person: entry, grant, payable; and says whether their cover differs from everybody's.
    pub(super) fn effect(
        &self,
        person: &mut Person,
        dossiers: &Dossiers,
        (scheme, as_of): (&Scheme, NaiveDate),
    ) -> Option<Entered> {
        let known = dossiers.0.get(&person.key);
        let dossier = known.unwrap_or(&self.nobody);
        let paid_on = person.first_paid_here.map(day_of_epoch);
        // Every rule asks for something that a dossier says.
        let rule = paid_on.and_then(|paid| entry(known?, paid, scheme));
        let late = rule.map(|rule| &scheme.late[rule]);
        let unpaid = person.payments_here == 0;
        let charged = || charged_as(dossier, as_of, scheme).map(|rule| &scheme.late[rule]);
        let by = late.or_else(|| charged().filter(|_| unpaid));
        let granted = granted(person, by, dossier, (scheme, as_of));
        let ordinary = Priced {
            price: Price::Personal,
            grant: granted.fen,
            payable: scheme.premium - granted.fen,
        };
        let account = || self.account(person.key, granted.fen);
        let priced = by.map_or(ordinary, |late| price(late, dossier, account(), scheme));
        let broken = self.broken.get(&person.key).copied().unwrap_or((0, 0));
        let wait = wait_months(late, paid_on, broken, scheme);
        person.entry = rule.and_then(|rule| u16::try_from(rule).ok());
        (person.grant_category, person.grant_payers) = (granted.category, granted.payers);
        (person.grant, person.payable) = (priced.grant, priced.payable);
        let (ground, covered) = match (rule, late, paid_on) {
            (Some(rule), Some(late), Some(paid)) => {
                let wait = wait.unwrap_or(0); // no waiting is asked for
                (
                    Ground::Rule(rule),
                    dossier.covered(late, paid, wait, scheme),
                )
            }
            _ if person.payments_here > 0 => otherwise(person, paid_on, wait, scheme)?,
            _ => return None,
        };
        // Who only waits entered with everybody.
        let own = covered.from.filter(|_| ground != Ground::Waiting);
        person.covered_from = own.map(epoch_day);
        Some(Entered {
            key: person.key,
            ground,
            price: priced.price,
            paid_on,
            covered,
        })
    }
}

/// The grant of a person: what the rosters say on the deciding days, unless the entry or the last day of grants has it
/// otherwise.
fn granted(
    person: &Person,
    late: Option<&Late>,
    dossier: &Dossier,
    (scheme, as_of): (&Scheme, NaiveDate),
) -> Grant {
    let keeps_grant = late.map_or(KeepsGrant::Yes, |late| late.keeps_grant);
    let decided_on = person
        .first_paid_here
        .or(person.first_paid_on)
        .unwrap_or_else(|| no_payment(scheme, as_of));
    let until = scheme.entries.granted_until.map(epoch_day);
    let closed = until.is_some_and(|until| decided_on > until);
    let on = || day_of_epoch(decided_on);
    match (keeps_grant, late) {
        (KeepsGrant::No, _) => Grant::default(),
        _ if closed => dossier.granted_by_any(on(), scheme).settled(scheme),
        (KeepsGrant::Listed, Some(late)) => dossier.granted_by(late, on(), scheme).settled(scheme),
        (KeepsGrant::Listed, None) | (KeepsGrant::Yes, _) => person.granted,
    }
}

/// Cover of somebody who paid here without a late entry, where it differs from everybody's.
fn otherwise(
    person: &Person,
    paid_on: Option<NaiveDate>,
    wait: Option<u32>,
    scheme: &Scheme,
) -> Option<(Ground, Covered)> {
    if let (Some(rule), true) = (&scheme.entries.students, person.student) {
        let school = AtSchool {
            enrolled: person.enrolled_on.map(day_of_epoch),
            graduates: person.graduates_on.map(day_of_epoch),
            employed: person.is_employee(),
        };
        let days = covered_at_school(rule, school, paid_on, scheme);
        let covered = days.map(|(from, to)| after_waiting(Some(from), wait.unwrap_or(0), to));
        return Some((Ground::Student, covered.unwrap_or_default())); // not covered this year
    }
    let late = paid_on
        .filter(|paid| *paid > scheme.window.to)
        .map_or(scheme.benefit.from, |paid| paid.max(scheme.benefit.from));
    wait.map(|months| {
        (
            Ground::Waiting,
            after_waiting(Some(late), months, scheme.benefit.to),
        )
    })
}

/// Months of waiting by coverage year, of those whom it concerns: who paid after the window, other than newborns and
/// persons newly on a roster, and who comes back after broken years.
fn wait_months(
    late: Option<&Late>,
    paid_on: Option<NaiveDate>,
    (broken, repaid): (u32, u32),
    scheme: &Scheme,
) -> Option<u32> {
    let waiting = scheme.entries.waiting?;
    let exempt = late.is_some_and(|rule| rule.is_by_roster() || rule.is_by_birth());
    let is_late = paid_on.is_some_and(|paid| paid > scheme.window.to) && !exempt;
    (is_late || broken > 0).then(|| waiting.months(broken, repaid))
}

/// The largest payment here of those whose price nobody knows.
fn largest_payments(
    books: &Books,
    dossiers: &Dossiers,
    scheme: &Scheme,
) -> PolarsResult<PlHashMap<u64, Fen>> {
    let mut largest = PlHashMap::default();
    if scheme.fiscal.is_some() || dossiers.0.is_empty() {
        return Ok(largest);
    }
    let payments = &books.payments.rows;
    let keys = payments.column(c::KEY)?.u64()?.downcast_as_array();
    let (covers, fen) = (
        indexes(payments, c::COVER)?,
        money(payments, c::NET_PERSONAL)?,
    );
    let here = flags(payments, c::HERE)?;
    for at in 0..payments.height() {
        let ours = covers.get(at) == Some(Cover::Resident.index()) && here.get(at) == Some(true);
        if let (true, Some(key), Some(fen)) = (ours, keys.get(at), fen.get(at))
            && dossiers.0.contains_key(&key)
        {
            let mine = largest.entry(key).or_insert(fen);
            *mine = fen.max(*mine);
        }
    }
    Ok(largest)
}

/// Who of those whom a rule could concern stands on last year's list; nobody is looked for where no price asks.
fn on_last_years_list(
    books: &Books,
    dossiers: &Dossiers,
    scheme: &Scheme,
) -> PolarsResult<PlHashSet<u64>> {
    if !scheme.late.iter().any(|rule| rule.price == Price::TwoYears) {
        return Ok(PlHashSet::default());
    }
    let keys = books.previous.column(c::KEY)?.u64()?.into_no_null_iter();
    Ok(keys.filter(|key| dossiers.0.contains_key(key)).collect())
}

/// Σ money by person, whoever paid it.
fn sums(payments: &DataFrame) -> PolarsResult<PlHashMap<u64, Fen>> {
    let keys = payments.column(c::KEY)?.u64()?;
    let mut sums = PlHashMap::default();
    for money in [c::PERSONAL, c::SUBSIDISED] {
        for (key, fen) in keys.iter().zip(payments.column(money)?.i64()?.iter()) {
            if let (Some(key), Some(fen)) = (key, fen) {
                *sums.entry(key).or_default() += fen;
            }
        }
    }
    Ok(sums)
}

/// Broken and repaid years by person: of several rows the one with most broken years, then most repaid.
fn broken_years(rows: &DataFrame) -> PolarsResult<PlHashMap<u64, (u32, u32)>> {
    let keys = rows.column(c::KEY)?.u64()?;
    let (broken, repaid) = (
        rows.column(c::BROKEN_YEARS)?.i64()?,
        rows.column(c::REPAID_YEARS)?.i64()?,
    );
    let years = |count: Option<i64>| {
        count
            .and_then(|count| u32::try_from(count).ok())
            .unwrap_or(0)
    }; // none stated: none
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
    use crate::people::in_force::listed_on;
    use crate::people::read::day;

    #[test]
    fn a_dossier_lists_a_row_on_the_days_on_which_the_rosters_do() {
        let days: [Option<i32>; 4] = [None, Some(9), Some(10), Some(11)];
        for identified in days {
            for ended in days {
                let row = df!(
                    c::CATEGORY => [0_u16],
                    c::IDENTIFIED => [identified],
                    c::ENDED => [ended],
                );
                let dated = [c::IDENTIFIED, c::ENDED].map(|name| col(name).cast(DataType::Date));
                let on = day(day_of_epoch(10));
                let row = row.unwrap().lazy().with_columns(dated);
                let said = row
                    .select([listed_on(on).alias("listed")])
                    .collect()
                    .unwrap();
                let listed = Listed {
                    category: 0,
                    identified: identified.map(day_of_epoch),
                    ended: ended.map(day_of_epoch),
                };
                let said = said.column("listed").unwrap().bool().unwrap().get(0);
                assert_eq!(said, Some(listed.is_listed_on(day_of_epoch(10))));
            }
        }
    }

    #[test]
    fn the_first_look_at_a_payment_leaves_nobody_out_whom_a_rule_could_concern() {
        for (birth, paid) in [
            ("2021-01-01", "2023-12-31"),
            ("2021-12-31", "2022-01-01"),
            ("2019-12-31", "2022-01-01"),
        ] {
            let (birth, paid): (NaiveDate, NaiveDate) =
                (birth.parse().unwrap(), paid.parse().unwrap());
            assert!([paid.year(), paid.year() - 1].contains(&year_of(epoch_day(paid))));
            let days = u32::try_from((paid - birth).num_days()).unwrap();
            let reach = years_after_birth(&LateWhen::BornWithinDays(days)).unwrap();
            assert!(
                birth.year() + reach >= year_of(epoch_day(paid)),
                "{birth} {paid}"
            );
        }
        assert_eq!(
            birth_year(PersonKey::national(43_032_120_220_101_001).0),
            Some(2022)
        );
    }
}
