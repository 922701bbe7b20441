//! Refund cases: which personal money goes back, from where, and why (DESIGN §6).

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use polars::prelude::*;
use sha2::{Digest, Sha256};

use super::is_employee;
use crate::domain::period::{day_of_epoch, epoch_day};
use crate::domain::region::region_word;
use crate::domain::{CaseState, Cover, Fen, KeptWhy, Reason, columns as c};
use crate::people::{Books, gather::day, p, to_one};
use crate::scheme::Scheme;

// Columns that live only in this file.
const KEPT_BEGUN: &str = "kept_begun";
const DEAD_BEFORE: &str = "dead_before";
const LEFT_AS: &str = "left_as";
const LEFT_ON: &str = "left_on";
const POOL_ELSEWHERE: &str = "pool_elsewhere";
const POOLS_ELSEWHERE: &str = "pools_elsewhere";

/// One voucher with money to give back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// `<pool>-<year>-` and 10 base32 letters: stable for ever.
    pub number: String,
    /// Why.
    pub reason: Reason,
    /// The person's number.
    pub id: String,
    /// The person's name.
    pub name: String,
    /// Pool of the relation that is proposed to stay.
    pub keep_pool: String,
    /// Code of the ground on which it stays.
    pub kept_why: KeptWhy,
    /// Pool that gives the money back.
    pub refund_pool: String,
    /// Voucher, where the payment has one.
    pub voucher: Option<String>,
    /// Day of the payment.
    pub paid_on: Option<NaiveDate>,
    /// First effective payment of the person: carries over.
    pub first_paid_on: Option<NaiveDate>,
    /// Day of the event that decides whether it is eligible.
    pub event_on: Option<NaiveDate>,
    /// Personal money of the voucher after reversals.
    pub paid: Fen,
    /// Money to give back.
    pub refund: Fen,
    /// Whether the rules allow it.
    pub eligible: bool,
    /// Event, limit and clause where they do not: `not-before-limit|<event>|<limit>|<clause>` or `event-unknown||<limit>|<clause>`.
    pub why_not: String,
    /// Clause.
    pub clause: String,
    /// State.
    pub state: CaseState,
}

/// 医保办函〔2021〕11号, the rule where a scheme declares none.
const REFUND_CLAUSE: &str = "医保办函〔2021〕11号第十六条";

struct Person {
    id: String,
    name: String,
    kept_pool: String,
    kept_why: KeptWhy,
    employee_pool: Option<String>,
    employee: bool,
    dead_before: bool,
    death_on: Option<NaiveDate>,
    /// A departure after which nothing is due here, by a rule of the pipeline, and its day.
    left: Option<(Reason, Option<NaiveDate>)>,
    student: bool,
    entitled: bool,
    payable: Fen,
    several_pools: bool,
    employee_begun: Option<NaiveDate>,
    kept_begun: Option<NaiveDate>,
    first_paid_on: Option<NaiveDate>,
    last_paid_on: Option<NaiveDate>,
}

impl Person {
    /// Whether this voucher was paid in the scheme that the person left.
    fn has_left(&self, voucher: &Voucher) -> bool {
        voucher.here && self.left.is_some()
    }
}

struct Voucher {
    pool: String,
    /// Paid in the scheme's region.
    here: bool,
    paid_on: Option<NaiveDate>,
    number: Option<String>,
    /// Region and name, absent last, then pool: what decides between vouchers that are equal so far.
    rest: (bool, String, bool, String, String),
    net: Fen,
}

/// All cases of one bucket, unsorted.
pub(super) fn cases(people: &DataFrame, books: &Books, scheme: &Scheme) -> PolarsResult<Vec<Case>> {
    let dead_before =
        col(p::DEAD).and(col(p::DEATH_ON).is_null().or(col(p::DEATH_ON).lt(day(scheme.benefit.from)))).alias(DEAD_BEFORE);
    let overpaid = col(p::PAID)
        .gt(col(p::PAYABLE))
        .or(col(p::PAYMENT_POOLS).gt(lit(1u32)))
        .or(col(p::FIRST_POOL).neq(col(p::KEPT_POOL)))
        .or(is_employee())
        .or(col(DEAD_BEFORE))
        .or(col(LEFT_AS).is_not_null());
    let suspects = people
        .clone()
        .lazy()
        .with_column(dead_before)
        .join(left(people, books, scheme)?, [col(c::KEY)], [col(c::KEY)], to_one())
        .join(registered_elsewhere(books), [col(c::KEY)], [col(c::KEY)], to_one())
        .with_columns(kept_by_who_left())
        .filter(col(p::PAID).gt(lit(0i64)).and(overpaid))
        .with_column(is_employee().alias("employee"))
        .join(kept_begun(people, books), [col(c::KEY)], [col(c::KEY)], to_one())
        .collect()?;
    let resident = col(c::COVER).eq(lit(Cover::Resident.index())).and(col(c::NET_PERSONAL).gt(lit(0i64)));
    let vouchers = books
        .payments
        .rows
        .clone()
        .lazy()
        .filter(resident)
        .join(suspects.clone().lazy(), [col(c::KEY)], [col(c::KEY)], JoinArgs::new(JoinType::Semi))
        .collect()?;
    let mut of_person = vouchers_by_person(&vouchers)?;
    let mut cases = Vec::new();
    for (key, person) in persons(&suspects)? {
        let mut vouchers = of_person.remove(&key).unwrap_or_default(); // PAID > 0, so there is at least one
        // Kept pool first, then date, then voucher; all further values so that the order of rows decides nothing.
        vouchers.sort_by(|a, b| {
            let place = |v: &Voucher| (v.pool != person.kept_pool, v.paid_on, v.number.is_none());
            (place(a), &a.number, &a.rest, a.net).cmp(&(place(b), &b.number, &b.rest, b.net))
        });
        cases.extend(allocate(&person, &vouchers, scheme));
    }
    Ok(cases)
}

/// Pools of normal resident registrations elsewhere: POOLS_ELSEWHERE, how many, and POOL_ELSEWHERE, the lowest.
fn registered_elsewhere(books: &Books) -> LazyFrame {
    let away = col(c::COVER).eq(lit(Cover::Resident.index())).and(col(c::HERE).not());
    let pools = [col(c::POOL).n_unique().alias(POOLS_ELSEWHERE), col(c::POOL).min().alias(POOL_ELSEWHERE)];
    books.registrations.rows.clone().lazy().filter(away).group_by([col(c::KEY)]).agg(pools)
}

/// Who left and is registered elsewhere keeps that relation, whatever the register still says.
fn kept_by_who_left() -> [Expr; 2] {
    let moved = || col(LEFT_AS).is_not_null().and(col(POOL_ELSEWHERE).is_not_null());
    let only = col(POOLS_ELSEWHERE).eq(lit(1u32));
    let why = when(only).then(lit(KeptWhy::OnlyRegistration.code())).otherwise(lit(KeptWhy::LowestCode.code()));
    [
        when(moved()).then(col(POOL_ELSEWHERE)).otherwise(col(p::KEPT_POOL)).alias(p::KEPT_POOL),
        when(moved()).then(why).otherwise(col(p::KEPT_WHY)).alias(p::KEPT_WHY),
    ]
}

/// The earliest stated beginning of a registration in the pool that is proposed to stay: the other relation.
fn kept_begun(people: &DataFrame, books: &Books) -> LazyFrame {
    let kept = people.clone().lazy().filter(col(p::RESIDENT_POOLS).gt(lit(0u32))).select([col(c::KEY), col(p::KEPT_POOL)]);
    let resident = col(c::COVER).eq(lit(Cover::Resident.index())).and(col(c::BEGUN).is_not_null());
    books
        .registrations
        .rows
        .clone()
        .lazy()
        .filter(resident)
        .join(kept, [col(c::KEY)], [col(c::KEY)], to_one())
        .filter(col(c::POOL).eq(col(p::KEPT_POOL)))
        .group_by([col(c::KEY)])
        .agg([col(c::BEGUN).min().alias(KEPT_BEGUN)])
}

/// Persons whose departure leaves nothing due: LEFT_AS (`Reason`) and LEFT_ON. Only departures of a kind for which the
/// pipeline declares when money goes back, and which lie before that day; of several the reason that stands first. Who
/// entered late afterwards is here again.
fn left(people: &DataFrame, books: &Books, scheme: &Scheme) -> PolarsResult<LazyFrame> {
    let of_departures = [Reason::LifetimeBenefit, Reason::LeftScheme, Reason::MovedOut];
    let rule_of = |reason: Reason| scheme.refunds.iter().find(|rule| rule.reason == reason && of_departures.contains(&reason));
    let mut found: BTreeMap<u64, (Reason, Option<NaiveDate>)> = BTreeMap::new();
    let entered = people.column(c::KEY)?.u64()?.iter().zip(people.column(p::ENTRY)?.u16()?.iter());
    let entered: HashSet<u64> = entered.filter_map(|(key, entry)| key.filter(|_| entry.is_some())).collect();
    let mut take = |key: u64, reason: Reason, day: Option<NaiveDate>| {
        if entered.contains(&key) {
            return;
        }
        let Some(rule) = rule_of(reason) else { return };
        if rule.before.is_none_or(|before| day.is_some_and(|day| day < before)) {
            // A stated day before one that is not, the earlier before the later.
            let rank = |(reason, day): (Reason, Option<NaiveDate>)| (reason, day.is_none(), day);
            let mine = found.entry(key).or_insert((reason, day));
            if rank((reason, day)) < rank(*mine) {
                *mine = (reason, day);
            }
        }
    };
    let days = books.departures.column(c::MOVED_OUT)?.date()?.physical();
    let words = books.departures.column(c::DISPOSITION)?.str()?;
    for (at, key) in books.departures.column(c::KEY)?.u64()?.into_no_null_iter().enumerate() {
        let word = region_word(words.get(at).unwrap_or_default()); // nothing said: a move
        if let Some(reason) = Reason::of_departure(&word) {
            take(key, reason, days.get(at).map(day_of_epoch));
        }
    }
    // The register's own date says that somebody moved out, and no more.
    let moved = people.clone().lazy().filter(col(p::DEPARTED_ON).is_not_null()).select([col(c::KEY), col(p::DEPARTED_ON)]);
    let moved =
        moved.join(books.departures.clone().lazy(), [col(c::KEY)], [col(c::KEY)], JoinArgs::new(JoinType::Anti)).collect()?;
    let days = moved.column(p::DEPARTED_ON)?.date()?.physical();
    for (at, key) in moved.column(c::KEY)?.u64()?.into_no_null_iter().enumerate() {
        take(key, Reason::MovedOut, days.get(at).map(day_of_epoch));
    }
    let as_index: UInt8Chunked = found.values().map(|(reason, _)| Some(reason.index())).collect();
    let on: Int32Chunked = found.values().map(|(_, day)| day.map(epoch_day)).collect();
    Ok(DataFrame::new_infer_height(vec![
        UInt64Chunked::from_vec(c::KEY.into(), found.into_keys().collect()).into_column(),
        as_index.with_name(LEFT_AS.into()).into_column(),
        on.with_name(LEFT_ON.into()).into_date().into_column(),
    ])?
    .lazy())
}

/// What each voucher gives back: its money less what of the due is still open.
fn allocate(person: &Person, vouchers: &[Voucher], scheme: &Scheme) -> Vec<Case> {
    let nothing_due = person.employee || person.dead_before;
    let mut due = if nothing_due { 0 } else { person.payable };
    let mut cases = Vec::new();
    let mut seen_pools: Vec<&str> = Vec::new();
    let mut ordinals: HashMap<(Option<NaiveDate>, Fen, &str), u32> = HashMap::new();
    for voucher in vouchers {
        let is_due = voucher.pool == person.kept_pool && !person.has_left(voucher);
        let owed = if is_due { due.min(voucher.net) } else { 0 };
        due -= owed;
        let refund = voucher.net - owed;
        let is_first_of_pool = !seen_pools.contains(&voucher.pool.as_str());
        seen_pools.push(&voucher.pool);
        let ordinal = ordinals.entry((voucher.paid_on, voucher.net, &voucher.pool)).or_default();
        *ordinal += 1;
        if refund > 0 {
            let reason = reason(person, voucher, is_first_of_pool);
            cases.push(case(person, voucher, reason, refund, *ordinal, scheme));
        }
    }
    let refunded: Fen = cases.iter().map(|case| case.refund).sum();
    let paid: Fen = vouchers.iter().map(|voucher| voucher.net).sum();
    assert!(refunded <= paid, "more money would go back than came in");
    cases
}

/// The first reason of the list that explains the refund.
fn reason(person: &Person, voucher: &Voucher, is_first_of_pool: bool) -> Reason {
    let left = person.has_left(voucher);
    let elsewhere = voucher.pool != person.kept_pool && !left;
    let explains = |reason: &Reason| match reason {
        Reason::Deceased => person.dead_before,
        Reason::EmployeeToo => person.employee,
        Reason::OtherPool => elsewhere && person.several_pools,
        Reason::WrongPool => elsewhere,
        // A student pays at school and at home.
        Reason::StudentToo => person.student && !is_first_of_pool && !left,
        // A departure by itself leaves the due as it is: only a rule of the notice gives everything back.
        Reason::MovedOut | Reason::LifetimeBenefit | Reason::LeftScheme => {
            left && person.left.is_some_and(|(left_as, _)| left_as == *reason)
        }
        Reason::PaidTwice => !is_first_of_pool,
        Reason::SubsidyMissed => person.entitled && voucher.net > person.payable,
        Reason::EntryError => true,
    };
    Reason::ALL.iter().copied().find(explains).unwrap_or(Reason::EntryError) // EntryError explains whatever is left
}

fn case(person: &Person, voucher: &Voucher, reason: Reason, refund: Fen, ordinal: u32, scheme: &Scheme) -> Case {
    let rule = scheme.refunds.iter().find(|rule| rule.reason == reason);
    let limit = match (rule, reason) {
        (Some(rule), _) => rule.before,
        (None, Reason::PaidTwice | Reason::WrongPool | Reason::SubsidyMissed | Reason::EntryError) => None,
        (None, _) => Some(scheme.benefit.from),
    };
    let event_on = match reason {
        Reason::Deceased => person.death_on,
        Reason::EmployeeToo => person.employee_begun.or(voucher.paid_on),
        Reason::OtherPool | Reason::StudentToo => person.kept_begun.or(person.last_paid_on),
        Reason::MovedOut | Reason::LifetimeBenefit | Reason::LeftScheme => person.left.and_then(|(_, day)| day),
        Reason::WrongPool | Reason::PaidTwice | Reason::SubsidyMissed | Reason::EntryError => voucher.paid_on,
    };
    let clause = rule.map(|rule| rule.clause.as_str()).filter(|clause| !clause.is_empty()).unwrap_or(REFUND_CLAUSE); // none stated: the national rule
    let (eligible, why_not) = match (limit, event_on) {
        (None, _) => (true, String::new()),
        (Some(limit), Some(event)) if event < limit => (true, String::new()),
        (Some(limit), Some(event)) => (false, format!("not-before-limit|{event}|{limit}|{clause}")),
        (Some(limit), None) => (false, format!("event-unknown||{limit}|{clause}")),
    };
    let (keep_pool, kept_why) = match (&person.employee_pool, person.employee) {
        (Some(pool), true) => (pool.clone(), KeptWhy::Employee),
        _ => (person.kept_pool.clone(), person.kept_why),
    };
    Case {
        number: case_number(person, voucher, ordinal, scheme),
        reason,
        id: person.id.clone(),
        name: person.name.clone(),
        keep_pool,
        kept_why,
        refund_pool: voucher.pool.clone(),
        voucher: voucher.number.clone(),
        paid_on: voucher.paid_on,
        first_paid_on: person.first_paid_on,
        event_on,
        paid: voucher.net,
        refund,
        eligible,
        why_not,
        clause: clause.to_owned(),
        state: CaseState::Proposed,
    }
}

/// `<pool>-<year>-` + 10 base32 letters of SHA-256(person, year, scheme, pool, voucher; without voucher: date, amount,
/// ordinal among equals). 50 bits: of a million cases two meet about once in 2,000 runs.
fn case_number(person: &Person, voucher: &Voucher, ordinal: u32, scheme: &Scheme) -> String {
    let year = scheme.year.to_string();
    let mut parts = vec![person.id.clone(), year.clone(), Cover::Resident.code().to_owned(), voucher.pool.clone()];
    match &voucher.number {
        Some(number) => parts.push(number.clone()),
        None => parts.extend([
            voucher.paid_on.map(|day| day.to_string()).unwrap_or_default(), // an unstated day is an empty part
            voucher.net.to_string(),
            ordinal.to_string(),
        ]),
    }
    let hash = Sha256::digest(parts.join("\0").as_bytes());
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut bits = hash.iter().take(8).fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
    let mut text = String::with_capacity(10);
    for _ in 0..10 {
        text.push(char::from(letters[(bits >> 59) as usize]));
        bits <<= 5;
    }
    format!("{}-{year}-{text}", voucher.pool)
}

fn vouchers_by_person(frame: &DataFrame) -> PolarsResult<HashMap<u64, Vec<Voucher>>> {
    let (key, pool) = (frame.column(c::KEY)?.u64()?, frame.column(c::POOL)?.str()?);
    let (number, net) = (frame.column(c::VOUCHER)?.str()?, frame.column(c::NET_PERSONAL)?.i64()?);
    let (region, name) = (frame.column(c::REGION)?.str()?, frame.column(c::NAME)?.str()?);
    let text = |text: Option<&str>| (text.is_none(), text.unwrap_or_default().to_owned()); // absent sorts by its flag
    let (paid_on, here) = (frame.column(c::PAID_ON)?.date()?, frame.column(c::HERE)?.bool()?);
    let mut by_person: HashMap<u64, Vec<Voucher>> = HashMap::new();
    for at in 0..frame.height() {
        if let (Some(key), Some(pool), Some(net)) = (key.get(at), pool.get(at), net.get(at)) {
            let ((no_region, region), (no_name, name)) = (text(region.get(at)), text(name.get(at)));
            by_person.entry(key).or_default().push(Voucher {
                rest: (no_region, region, no_name, name, pool.to_owned()),
                pool: pool.to_owned(),
                here: here.get(at) == Some(true),
                paid_on: paid_on.physical().get(at).map(day_of_epoch),
                number: number.get(at).map(str::to_owned),
                net,
            });
        }
    }
    Ok(by_person)
}

fn persons(frame: &DataFrame) -> PolarsResult<Vec<(u64, Person)>> {
    let text = |name: &str| -> PolarsResult<Vec<Option<String>>> {
        Ok(frame.column(name)?.str()?.iter().map(|text| text.map(str::to_owned)).collect())
    };
    let flag = |name: &str| -> PolarsResult<Vec<bool>> {
        Ok(frame.column(name)?.bool()?.iter().map(|flag| flag == Some(true)).collect())
    };
    let date = |name: &str| -> PolarsResult<Vec<Option<NaiveDate>>> {
        Ok(frame.column(name)?.date()?.physical().iter().map(|day| day.map(day_of_epoch)).collect())
    };
    let count = |name: &str| -> PolarsResult<Vec<u32>> { Ok(frame.column(name)?.u32()?.into_no_null_iter().collect()) };
    let key = frame.column(c::KEY)?.u64()?;
    let (payable, grant) = (frame.column(p::PAYABLE)?.i64()?, frame.column(p::GRANT)?.i64()?);
    let (mut id, mut name, mut kept_pool) = (text(c::ID)?, text(c::NAME)?, text(p::KEPT_POOL)?);
    let (kept_why, mut employee_pool) = (text(p::KEPT_WHY)?, text(p::EMPLOYEE_POOL)?);
    let (employee, dead_before) = (flag("employee")?, flag(DEAD_BEFORE)?);
    let (death_on, left_on, student) = (date(p::DEATH_ON)?, date(LEFT_ON)?, flag(p::STUDENT)?);
    let left_as = frame.column(LEFT_AS)?.u8()?;
    let (employee_begun, kept_begun) = (date(p::EMPLOYEE_BEGUN)?, date(KEPT_BEGUN)?);
    let (first, last) = (date(p::FIRST_PAID_ON)?, date(p::LAST_PAID_ON)?);
    let (resident_pools, payment_pools) = (count(p::RESIDENT_POOLS)?, count(p::PAYMENT_POOLS)?);
    let mut persons = Vec::with_capacity(frame.height());
    for at in 0..frame.height() {
        let person = Person {
            id: id[at].take().unwrap_or_default(),               // usable persons have a number
            name: name[at].take().unwrap_or_default(),           // a blank name stays blank
            kept_pool: kept_pool[at].take().unwrap_or_default(), // set for everyone who paid
            kept_why: kept_why[at].as_deref().and_then(KeptWhy::from_code).unwrap_or(KeptWhy::Residence), // people writes only these codes
            employee_pool: employee_pool[at].take(),
            employee: employee[at],
            dead_before: dead_before[at],
            death_on: death_on[at],
            left: left_as.get(at).map(|reason| (Reason::at(reason), left_on[at])),
            student: student[at],
            entitled: grant.get(at).is_some_and(|grant| grant > 0),
            payable: payable.get(at).unwrap_or(0), // set for everyone
            several_pools: resident_pools[at] > 1 || payment_pools[at] > 1,
            employee_begun: employee_begun[at],
            kept_begun: kept_begun[at],
            first_paid_on: first[at],
            last_paid_on: last[at],
        };
        if let Some(key) = key.get(at) {
            persons.push((key, person));
        }
    }
    Ok(persons)
}

/// The frame behind cases.parquet, sorted by case number.
pub fn frame(mut cases: Vec<Case>) -> PolarsResult<DataFrame> {
    cases.sort_by(|a, b| (&a.number, &a.id, a.paid_on).cmp(&(&b.number, &b.id, b.paid_on)));
    let text = |of: &dyn Fn(&Case) -> String| cases.iter().map(of).collect::<Vec<String>>();
    let date = |name: &str, of: &dyn Fn(&Case) -> Option<NaiveDate>| {
        let days: Int32Chunked = cases.iter().map(|case| of(case).map(crate::domain::period::epoch_day)).collect();
        Ok::<Column, PolarsError>(days.into_date().into_series().with_name(name.into()).into_column())
    };
    let evidence = |case: &Case| case.reason.evidence().iter().map(|paper| paper.code()).collect::<Vec<_>>().join("|");
    DataFrame::new_infer_height(vec![
        Column::new("case".into(), text(&|case| case.number.clone())),
        Column::new("reason".into(), text(&|case| case.reason.code().to_owned())),
        Column::new("id".into(), text(&|case| case.id.clone())),
        Column::new("name".into(), text(&|case| case.name.clone())),
        Column::new("scheme".into(), text(&|_| Cover::Resident.code().to_owned())),
        Column::new("keep_pool".into(), text(&|case| case.keep_pool.clone())),
        Column::new("kept_why".into(), text(&|case| case.kept_why.code().to_owned())),
        Column::new("refund_pool".into(), text(&|case| case.refund_pool.clone())),
        Column::new("voucher".into(), text(&|case| case.voucher.clone().unwrap_or_default())), // no voucher: empty
        date("paid_on", &|case| case.paid_on)?,
        date("first_paid_on", &|case| case.first_paid_on)?,
        date("event_on", &|case| case.event_on)?,
        Column::new("paid_fen".into(), cases.iter().map(|case| case.paid).collect::<Vec<_>>()),
        Column::new("refund_fen".into(), cases.iter().map(|case| case.refund).collect::<Vec<_>>()),
        Column::new("eligible".into(), cases.iter().map(|case| case.eligible).collect::<Vec<_>>()),
        Column::new("why_not".into(), text(&|case| case.why_not.clone())),
        Column::new("clause".into(), text(&|case| case.clause.clone())),
        Column::new("evidence".into(), text(&evidence)),
        Column::new("state".into(), text(&|case| case.state.code().to_owned())),
    ])
}
