//! Refund cases: which personal money goes back, from where, and why (DESIGN §6).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use polars::prelude::*;
use sha2::{Digest, Sha256};

use super::traits::{Trait, Traits};
use crate::domain::period::{day_of_epoch, epoch_day};
use crate::domain::region::region_word;
use crate::domain::{CaseState, Cover, Fen, KeptWhy, Reason, columns as c};
use crate::people::summary::{Values, days, flags, indexes, money, texts};
use crate::people::{Faces, People, Person, Place};
use crate::scheme::Scheme;

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

/// Somebody with money to give back, perhaps.
struct Payer<'p> {
    person: &'p Person,
    id: &'p str,
    name: &'p str,
    kept_pool: &'p str,
    kept_why: KeptWhy,
    employee_pool: Option<&'p str>,
    dead_before: bool,
    /// A departure after which nothing is due here, by a rule of the pipeline, and its day.
    left: Option<Left>,
    kept_begun: Option<NaiveDate>,
}

/// Why and when somebody left.
type Left = (Reason, Option<NaiveDate>);

impl Payer<'_> {
    /// Whether this voucher was paid in the scheme that the person left.
    fn has_left(&self, voucher: &Voucher<'_>) -> bool {
        voucher.here && self.left.is_some()
    }
}

struct Voucher<'p> {
    pool: &'p str,
    /// Paid in the scheme's region.
    here: bool,
    paid_on: Option<NaiveDate>,
    number: Option<&'p str>,
    /// Region and name, absent last, then pool: what decides between vouchers that are equal so far.
    rest: (bool, Option<&'p str>, bool, Option<&'p str>, &'p str),
    net: Fen,
}

/// All cases of one bucket, unsorted.
pub(super) fn cases(people: &People, traits: &Traits, scheme: &Scheme) -> PolarsResult<Vec<Case>> {
    let books = Payments::of(people)?;
    let (registrations, left, faces) = (
        Registrations::of(people)?,
        left(people, scheme)?,
        Faces::of(&people.books)?,
    );
    let text = |place: Place| people.places.text(place);
    let benefit = epoch_day(scheme.benefit.from);
    let mut cases = Vec::new();
    for at in traits.those(Trait::MayBeRefunded) {
        let (at, person) = (at as usize, &people.persons[at as usize]);
        let left = left.get(&person.key).copied();
        let dead_before = person.dead && person.death_on.is_none_or(|died| died < benefit);
        if !(is_overpaid(person) || dead_before || left.is_some()) {
            continue;
        }
        let (kept_pool, kept_why) = registrations.kept(at, person, left);
        let payer = Payer {
            person,
            id: faces.id(person).unwrap_or_default(), // usable persons have a number
            name: faces.name(person).unwrap_or_default(), // a blank name stays blank
            kept_pool: kept_pool.map_or("", text),    // set for everyone who paid
            kept_why: kept_why.unwrap_or(KeptWhy::Residence), // set for everyone
            employee_pool: person.employee_pool.map(text),
            dead_before,
            left,
            kept_begun: registrations.begun_in(at, person),
        };
        let mut vouchers = books.vouchers(at);
        // Kept pool first, then date, then voucher; all further values so that the order of rows decides nothing.
        vouchers.sort_by(|a, b| {
            let place =
                |v: &Voucher<'_>| (v.pool != payer.kept_pool, v.paid_on, v.number.is_none());
            (place(a), &a.number, &a.rest, a.net).cmp(&(place(b), &b.number, &b.rest, b.net))
        });
        cases.extend(allocate(&payer, &vouchers, scheme));
    }
    Ok(cases)
}

/// Whether more was paid than was due, or elsewhere than due, or by somebody who owes nothing.
pub(super) fn is_overpaid(person: &Person) -> bool {
    let elsewhere = person
        .first_pool
        .zip(person.kept_pool)
        .is_some_and(|(first, kept)| first != kept);
    person.paid > person.payable || person.payment_pools > 1 || elsewhere || person.is_employee()
}

/// What registrations say about the relation that stays.
struct Registrations<'p> {
    people: &'p People,
    cover: Values<'p, UInt8Type>,
    here: Values<'p, BooleanType>,
    begun: Values<'p, Int32Type>,
}

impl<'p> Registrations<'p> {
    fn of(people: &'p People) -> PolarsResult<Self> {
        let rows = &people.books.registrations.rows;
        Ok(Registrations {
            people,
            cover: indexes(rows, c::COVER)?,
            here: flags(rows, c::HERE)?,
            begun: days(rows, c::BEGUN)?,
        })
    }

    /// Rows of a person's normal resident registrations.
    fn resident(&self, at: usize) -> impl Iterator<Item = usize> {
        let rows = self
            .people
            .books
            .registrations
            .of(at)
            .iter()
            .map(|row| *row as usize);
        rows.filter(|row| self.cover.get(*row) == Some(Cover::Resident.index()))
    }

    /// The pool that stays and why: who left and is registered elsewhere keeps that relation, whatever the register still says.
    fn kept(
        &self,
        at: usize,
        person: &Person,
        left: Option<Left>,
    ) -> (Option<Place>, Option<KeptWhy>) {
        let away = self
            .resident(at)
            .filter(|row| self.here.get(*row) == Some(false));
        let pools: BTreeSet<Place> = away
            .filter_map(|row| self.people.named.registration_pool[row])
            .collect();
        match (left, pools.first()) {
            (Some(_), Some(only)) if pools.len() == 1 => {
                (Some(*only), Some(KeptWhy::OnlyRegistration))
            }
            (Some(_), Some(lowest)) => (Some(*lowest), Some(KeptWhy::LowestCode)),
            _ => (person.kept_pool, person.kept_why),
        }
    }

    /// The earliest stated beginning of a registration in the pool that is proposed to stay by the books: the other relation.
    fn begun_in(&self, at: usize, person: &Person) -> Option<NaiveDate> {
        let pools = &self.people.named.registration_pool;
        let there = self
            .resident(at)
            .filter(|row| pools[*row].is_some() && pools[*row] == person.kept_pool);
        there
            .filter_map(|row| self.begun.get(row))
            .min()
            .map(day_of_epoch)
    }
}

/// What payments say of vouchers.
struct Payments<'p> {
    people: &'p People,
    cover: Values<'p, UInt8Type>,
    here: Values<'p, BooleanType>,
    paid_on: Values<'p, Int32Type>,
    number: Values<'p, StringType>,
    region: Values<'p, StringType>,
    name: Values<'p, StringType>,
    net: Values<'p, Int64Type>,
}

impl<'p> Payments<'p> {
    fn of(people: &'p People) -> PolarsResult<Self> {
        let rows = &people.books.payments.rows;
        Ok(Payments {
            people,
            cover: indexes(rows, c::COVER)?,
            here: flags(rows, c::HERE)?,
            paid_on: days(rows, c::PAID_ON)?,
            number: texts(rows, c::VOUCHER)?,
            region: texts(rows, c::REGION)?,
            name: texts(rows, c::NAME)?,
            net: money(rows, c::NET_PERSONAL)?,
        })
    }

    /// A person's vouchers of resident payments with personal money.
    fn vouchers(&self, at: usize) -> Vec<Voucher<'p>> {
        let rows = self
            .people
            .books
            .payments
            .of(at)
            .iter()
            .map(|row| *row as usize);
        let resident = rows.filter(|row| self.cover.get(*row) == Some(Cover::Resident.index()));
        let voucher = |row: usize| {
            let pool = self
                .people
                .places
                .text(self.people.named.payment_pool[row]?);
            let (region, name) = (self.region.get(row), self.name.get(row));
            Some(Voucher {
                pool,
                here: self.here.get(row) == Some(true),
                paid_on: self.paid_on.get(row).map(day_of_epoch),
                number: self.number.get(row),
                rest: (region.is_none(), region, name.is_none(), name, pool),
                net: self.net.get(row).filter(|net| *net > 0)?,
            })
        };
        resident.filter_map(voucher).collect()
    }
}

/// Persons whose departure leaves nothing due, and why. Only departures of a kind for which the pipeline declares when money
/// goes back, and which lie before that day; of several the reason that stands first. Who entered late afterwards is here again.
fn left(people: &People, scheme: &Scheme) -> PolarsResult<BTreeMap<u64, Left>> {
    let books = &people.books;
    let of_departures = [
        Reason::LifetimeBenefit,
        Reason::LeftScheme,
        Reason::MovedOut,
    ];
    let rule_of = |reason: Reason| {
        scheme
            .refunds
            .iter()
            .find(|rule| rule.reason == reason && of_departures.contains(&reason))
    };
    let has_entered = |key| {
        books
            .index
            .get(key)
            .and_then(|at| people.persons.get(at))
            .is_some_and(|one| one.entry.is_some())
    };
    let mut found: BTreeMap<u64, Left> = BTreeMap::new();
    let mut take = |key: u64, reason: Reason, day: Option<NaiveDate>| {
        let Some(rule) = rule_of(reason).filter(|_| !has_entered(key)) else {
            return;
        };
        if rule
            .before
            .is_none_or(|before| day.is_some_and(|day| day < before))
        {
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
    for (at, key) in books
        .departures
        .column(c::KEY)?
        .u64()?
        .into_no_null_iter()
        .enumerate()
    {
        let word = region_word(words.get(at).unwrap_or_default()); // nothing said: a move
        if let Some(reason) = Reason::of_departure(&word) {
            take(key, reason, days.get(at).map(day_of_epoch));
        }
    }
    // The register's own date says that somebody moved out, and no more.
    let listed: PlHashSet<u64> = books
        .departures
        .column(c::KEY)?
        .u64()?
        .into_no_null_iter()
        .collect();
    for person in people
        .persons
        .iter()
        .filter(|person| !listed.contains(&person.key))
    {
        if let Some(day) = person.departed_on {
            take(person.key, Reason::MovedOut, Some(day_of_epoch(day)));
        }
    }
    Ok(found)
}

/// What each voucher gives back: its money less what of the due is still open.
fn allocate(payer: &Payer<'_>, vouchers: &[Voucher<'_>], scheme: &Scheme) -> Vec<Case> {
    let nothing_due = payer.person.is_employee() || payer.dead_before;
    let mut due = if nothing_due { 0 } else { payer.person.payable };
    let mut cases = Vec::new();
    let mut seen_pools: Vec<&str> = Vec::new();
    let mut ordinals: HashMap<(Option<NaiveDate>, Fen, &str), u32> = HashMap::new();
    for voucher in vouchers {
        let is_due = voucher.pool == payer.kept_pool && !payer.has_left(voucher);
        let owed = if is_due { due.min(voucher.net) } else { 0 };
        due -= owed;
        let refund = voucher.net - owed;
        let is_first_of_pool = !seen_pools.contains(&voucher.pool);
        seen_pools.push(voucher.pool);
        let ordinal = ordinals
            .entry((voucher.paid_on, voucher.net, voucher.pool))
            .or_default();
        *ordinal += 1;
        if refund > 0 {
            let reason = reason(payer, voucher, is_first_of_pool);
            cases.push(case(payer, voucher, reason, refund, *ordinal, scheme));
        }
    }
    let refunded: Fen = cases.iter().map(|case| case.refund).sum();
    let paid: Fen = vouchers.iter().map(|voucher| voucher.net).sum();
    assert!(refunded <= paid, "more money would go back than came in");
    cases
}

/// The first reason of the list that explains the refund.
fn reason(payer: &Payer<'_>, voucher: &Voucher<'_>, is_first_of_pool: bool) -> Reason {
    let person = payer.person;
    let left = payer.has_left(voucher);
    let elsewhere = voucher.pool != payer.kept_pool && !left;
    let explains = |reason: &Reason| match reason {
        Reason::Deceased => payer.dead_before,
        Reason::EmployeeToo => person.is_employee(),
        Reason::OtherPool => elsewhere && (person.resident_pools > 1 || person.payment_pools > 1),
        Reason::WrongPool => elsewhere,
        // A student pays at school and at home.
        Reason::StudentToo => person.student && !is_first_of_pool && !left,
        // A departure by itself leaves the due as it is: only a rule of the notice gives everything back.
        Reason::MovedOut | Reason::LifetimeBenefit | Reason::LeftScheme => {
            left && payer.left.is_some_and(|(left_as, _)| left_as == *reason)
        }
        Reason::PaidTwice => !is_first_of_pool,
        Reason::SubsidyMissed => person.is_entitled() && voucher.net > person.payable,
        Reason::EntryError => true,
    };
    Reason::ALL
        .iter()
        .copied()
        .find(explains)
        .unwrap_or(Reason::EntryError) // EntryError explains whatever is left
}

fn case(
    payer: &Payer<'_>,
    voucher: &Voucher<'_>,
    reason: Reason,
    refund: Fen,
    ordinal: u32,
    scheme: &Scheme,
) -> Case {
    let person = payer.person;
    let date = |day: Option<i32>| day.map(day_of_epoch);
    let rule = scheme.refunds.iter().find(|rule| rule.reason == reason);
    let limit = match (rule, reason) {
        (Some(rule), _) => rule.before,
        (
            None,
            Reason::PaidTwice | Reason::WrongPool | Reason::SubsidyMissed | Reason::EntryError,
        ) => None,
        (None, _) => Some(scheme.benefit.from),
    };
    let event_on = match reason {
        Reason::Deceased => date(person.death_on),
        Reason::EmployeeToo => date(person.employee_begun).or(voucher.paid_on),
        Reason::OtherPool | Reason::StudentToo => payer.kept_begun.or(date(person.last_paid_on)),
        Reason::MovedOut | Reason::LifetimeBenefit | Reason::LeftScheme => {
            payer.left.and_then(|(_, day)| day)
        }
        Reason::WrongPool | Reason::PaidTwice | Reason::SubsidyMissed | Reason::EntryError => {
            voucher.paid_on
        }
    };
    let clause = rule
        .map(|rule| rule.clause.as_str())
        .filter(|clause| !clause.is_empty())
        .unwrap_or(REFUND_CLAUSE); // none stated: the national rule
    let (eligible, why_not) = match (limit, event_on) {
        (None, _) => (true, String::new()),
        (Some(limit), Some(event)) if event < limit => (true, String::new()),
        (Some(limit), Some(event)) => (false, format!("not-before-limit|{event}|{limit}|{clause}")),
        (Some(limit), None) => (false, format!("event-unknown||{limit}|{clause}")),
    };
    let (keep_pool, kept_why) = match (payer.employee_pool, person.is_employee()) {
        (Some(pool), true) => (pool.to_owned(), KeptWhy::Employee),
        _ => (payer.kept_pool.to_owned(), payer.kept_why),
    };
    Case {
        number: case_number(payer.id, voucher, ordinal, scheme),
        reason,
        id: payer.id.to_owned(),
        name: payer.name.to_owned(),
        keep_pool,
        kept_why,
        refund_pool: voucher.pool.to_owned(),
        voucher: voucher.number.map(str::to_owned),
        paid_on: voucher.paid_on,
        first_paid_on: date(person.first_paid_on),
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
fn case_number(id: &str, voucher: &Voucher<'_>, ordinal: u32, scheme: &Scheme) -> String {
    let year = scheme.year.to_string();
    let mut parts = vec![
        id.to_owned(),
        year.clone(),
        Cover::Resident.code().to_owned(),
        voucher.pool.to_owned(),
    ];
    match voucher.number {
        Some(number) => parts.push(number.to_owned()),
        None => parts.extend([
            voucher
                .paid_on
                .map(|day| day.to_string())
                .unwrap_or_default(), // an unstated day is an empty part
            voucher.net.to_string(),
            ordinal.to_string(),
        ]),
    }
    let hash = Sha256::digest(parts.join("\0").as_bytes());
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut bits = hash
        .iter()
        .take(8)
        .fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
    let mut text = String::with_capacity(10);
    for _ in 0..10 {
        text.push(char::from(letters[(bits >> 59) as usize]));
        bits <<= 5;
    }
    format!("{}-{year}-{text}", voucher.pool)
}

/// The frame behind cases.parquet.
pub(super) fn frame(cases: Vec<Case>) -> PolarsResult<DataFrame> {
    let text = |of: &dyn Fn(&Case) -> String| cases.iter().map(of).collect::<Vec<String>>();
    let date = |name: &str, of: &dyn Fn(&Case) -> Option<NaiveDate>| {
        let days: Int32Chunked = cases
            .iter()
            .map(|case| of(case).map(crate::domain::period::epoch_day))
            .collect();
        Ok::<Column, PolarsError>(
            days.into_date()
                .into_series()
                .with_name(name.into())
                .into_column(),
        )
    };
    let evidence = |case: &Case| {
        case.reason
            .evidence()
            .iter()
            .map(|paper| paper.code())
            .collect::<Vec<_>>()
            .join("|")
    };
    DataFrame::new_infer_height(vec![
        Column::new("case".into(), text(&|case| case.number.clone())),
        Column::new("reason".into(), text(&|case| case.reason.code().to_owned())),
        Column::new("id".into(), text(&|case| case.id.clone())),
        Column::new("name".into(), text(&|case| case.name.clone())),
        Column::new(
            "scheme".into(),
            text(&|_| Cover::Resident.code().to_owned()),
        ),
        Column::new("keep_pool".into(), text(&|case| case.keep_pool.clone())),
        Column::new(
            "kept_why".into(),
            text(&|case| case.kept_why.code().to_owned()),
        ),
        Column::new("refund_pool".into(), text(&|case| case.refund_pool.clone())),
        Column::new(
            "voucher".into(),
            text(&|case| case.voucher.clone().unwrap_or_default()),
        ), // no voucher: empty
        date("paid_on", &|case| case.paid_on)?,
        date("first_paid_on", &|case| case.first_paid_on)?,
        date("event_on", &|case| case.event_on)?,
        Column::new(
            "paid_fen".into(),
            cases.iter().map(|case| case.paid).collect::<Vec<_>>(),
        ),
        Column::new(
            "refund_fen".into(),
            cases.iter().map(|case| case.refund).collect::<Vec<_>>(),
        ),
        Column::new(
            "eligible".into(),
            cases.iter().map(|case| case.eligible).collect::<Vec<_>>(),
        ),
        Column::new("why_not".into(), text(&|case| case.why_not.clone())),
        Column::new("clause".into(), text(&|case| case.clause.clone())),
        Column::new("evidence".into(), text(&evidence)),
        Column::new("state".into(), text(&|case| case.state.code().to_owned())),
    ])
}
