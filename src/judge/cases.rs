//! Refund cases: which personal money goes back, from where, and why (docs/readings.md#refunds).
//!
//! One row a voucher, with its payer's columns beside it. The rule book says what each is; here the due is taken from the
//! vouchers one after the other.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use polars::prelude::*;
use sha2::{Digest, Sha256};

use super::rulebook::{self, r, resident_record, v};
use crate::domain::period::{day_of_epoch, epoch_day};
use crate::domain::region::region_word;
use crate::domain::{CaseState, Cover, Doubt, Doubts, Fen, KeptWhy, Reason, columns as c};
use crate::people::read::{day, flags, money, numbers, of_person};
use crate::people::{People, p};
use crate::scheme::Scheme;

// Columns that live only in this file.
const GRANTED: &str = "granted_in_pool";
const ELSEWHERE: &str = "elsewhere";
const NO_NUMBER: &str = "no_number";
const PAYER_ID: &str = "payer_id";
const PAYER_NAME: &str = "payer_name";
const POOL_TEXT: &str = "pool_text";
const WHY_NOT: &str = "why_not";

/// What is read of a payer: who it is, and what the rule book asks for.
const PAYER: [&str; 32] = [
    p::WHO,
    p::KEY,
    p::REGISTER_AT,
    p::REGISTRATION_AT,
    p::PAYMENT_AT,
    p::ROSTER_AT,
    p::REGISTER_POOL,
    p::RESIDENT_POOL,
    p::RESIDENT_POOLS,
    p::REGISTERED_AT_HOME,
    p::REGISTERED_AT_SCHOOL,
    p::SCHOOL_POOL,
    p::EMPLOYEE_HERE,
    p::EMPLOYEE_AWAY,
    p::EMPLOYEE_BEGUN,
    p::EMPLOYEE_POOL,
    p::FIRST_POOL,
    p::FIRST_PAID_ON,
    p::ENTRY,
    p::COVERED_FROM,
    p::PAYMENT_POOLS,
    p::PAID,
    p::PAYABLE,
    p::GRANT,
    p::DEAD,
    p::DEATH_ON,
    p::STUDENT,
    p::PAYMENT_DOUBTS,
    p::REGISTRATION_DOUBTS,
    p::ROSTER_DOUBTS,
    p::EVENT_DOUBTS,
    r::KEPT_POOL,
];

/// What is doubtful of persons rather than of their rows: keys.
#[derive(Clone, Copy)]
pub(super) struct Suspicions<'s> {
    /// They bear different names.
    pub(super) in_conflict: &'s PlHashSet<u64>,
    /// Their numbers stand in rows that are too long to be believed.
    pub(super) in_long_rows: &'s PlHashSet<u64>,
}

/// The frame behind cases.parquet, of one bucket, unsorted.
pub(super) fn cases(
    people: &People,
    suspicions: Suspicions<'_>,
    scheme: &Scheme,
) -> PolarsResult<DataFrame> {
    let mut payers = payers(people, scheme)?;
    for (name, suspected) in [
        (v::IN_CONFLICT, suspicions.in_conflict),
        (v::IN_LONG_ROW, suspicions.in_long_rows),
    ] {
        let keys = payers.column(p::KEY)?.u64()?.into_no_null_iter();
        let among: BooleanChunked = keys.map(|key| suspected.contains(&key)).collect();
        payers.with_column(among.with_name(name.into()).into_column())?;
    }
    let vouchers = vouchers(people, payers)?.lazy();
    let vouchers = vouchers.with_columns([
        rulebook::nothing_due(scheme).alias(v::NOTHING_DUE),
        rulebook::is_due().alias(v::IS_DUE),
    ]);
    let refunds = allocated(vouchers.collect()?, scheme.premium)?.lazy();
    let refunds = refunds
        .filter(col(v::REFUND).gt(lit(0i64)))
        .with_column(rulebook::reason(scheme).alias(v::REASON))
        .with_columns([
            rulebook::limit(scheme).alias(v::LIMIT),
            rulebook::clause(scheme).alias(v::CLAUSE),
        ])
        .with_column(rulebook::event().alias(v::EVENT_ON))
        .with_column(rulebook::doubts(scheme).alias(v::DOUBTS))
        .with_column(rulebook::eligible().alias(v::ELIGIBLE));
    printed(people, refunds, scheme)
}

/// Persons with money to give back, perhaps: who they are, whether they left, and which relation stays.
fn payers(people: &People, scheme: &Scheme) -> PolarsResult<DataFrame> {
    let may_be = people.those(r::MAY_BE_REFUNDED, &PAYER)?;
    let with_departures = beside_departures(may_be, people, scheme)?;
    let owed = with_departures
        .lazy()
        .filter(rulebook::is_owed_back(scheme));
    let mut payers = people.faced(owed.collect()?)?;
    payers.rename(c::ID, PAYER_ID.into())?;
    payers.rename(c::NAME, PAYER_NAME.into())?;
    let who = payers.column(p::WHO)?.u32()?.into_no_null_iter();
    let registered = people.books.registrations.of_persons(who)?;
    let registered = people.places.beside_pools(registered)?.lazy();
    let registered = registered.filter(resident_record());
    let away = registered
        .clone()
        .filter(col(c::HERE).not())
        .group_by([col(p::WHO)])
        .agg([
            col(p::POOL_AT)
                .n_unique()
                .cast(DataType::UInt32)
                .alias(v::AWAY_POOLS),
            col(p::POOL_AT).min().alias(v::AWAY_POOL),
        ]);
    let made = made(people, registered, scheme)?;
    let who = || [col(p::WHO)];
    let [keep_pool, kept_why] = rulebook::kept();
    payers
        .lazy()
        .join(away, who(), who(), crate::people::to_one())
        .with_columns([keep_pool.alias(v::KEEP_POOL), kept_why.alias(r::KEPT_WHY)])
        .join(
            made,
            [col(p::WHO), col(v::KEEP_POOL)],
            [col(p::WHO), col(p::POOL_AT)],
            crate::people::to_one(),
        )
        .collect()
}

/// The first day on which a registration was made, by person and pool. Where no book says it, the day on which it began
/// stands for it, unless that is only the day on which everybody's cover begins.
fn made(people: &People, registered: LazyFrame, scheme: &Scheme) -> PolarsResult<LazyFrame> {
    let pool = || [col(p::WHO), col(p::POOL_AT)];
    let first = |day: Expr| day.min().alias(v::KEPT_MADE);
    let school = scheme.entries.students.as_ref().map(|rule| rule.days.from);
    let formal = [scheme.benefit.from].into_iter().chain(school);
    let is_formal = formal.fold(lit(false), |any, from| any.or(col(c::BEGUN).eq(day(from))));
    let begun = registered
        .filter(is_formal.not())
        .group_by(pool())
        .agg([first(col(c::BEGUN))]);
    if people.books.made.height() == 0 {
        return Ok(begun);
    }
    let keys = people.books.made.column(c::KEY)?.u64()?.into_no_null_iter();
    let who = keys.map(|key| people.books.index.position(key));
    let who: UInt32Chunked = who.collect();
    let mut stated = people.places.beside_pools(people.books.made.clone())?;
    stated.with_column(who.with_name(p::WHO.into()).into_column())?;
    let stated = stated.lazy().group_by(pool()).agg([first(col(c::MADE_ON))]);
    // A stated day of making before one that is only taken for it.
    let begun = begun.join(
        stated.clone().select(pool()),
        pool(),
        pool(),
        JoinArgs::new(JoinType::Anti),
    );
    concat([stated, begun], UnionArgs::default())
}

/// Payers with the departure that leaves nothing due.
fn beside_departures(
    mut payers: DataFrame,
    people: &People,
    scheme: &Scheme,
) -> PolarsResult<DataFrame> {
    let left = left(people, scheme)?;
    let keys = payers.column(p::KEY)?.u64()?.into_no_null_iter();
    let of_payers: Vec<Option<Left>> = keys.map(|key| left.get(&key).copied()).collect();
    let reasons = of_payers
        .iter()
        .map(|left| left.map(|(reason, _)| reason.index()));
    let reasons: UInt8Chunked = reasons.collect();
    let days = of_payers
        .iter()
        .map(|left| left.and_then(|(_, day)| day).map(epoch_day));
    let days: Int32Chunked = days.collect();
    payers.with_column(reasons.with_name(v::LEFT_AS.into()).into_column())?;
    payers.with_column(days.with_name(v::LEFT_ON.into()).into_date().into_column())?;
    Ok(payers)
}

/// Why and when somebody left.
type Left = (Reason, Option<NaiveDate>);

/// Persons whose departure leaves nothing due, and why. Only departures of a kind for which the pipeline declares when money
/// goes back, and which lie before that day; of several the reason that stands first. Who entered late afterwards is here again.
fn left(people: &People, scheme: &Scheme) -> PolarsResult<BTreeMap<u64, Left>> {
    let mut found: BTreeMap<u64, Left> = BTreeMap::new();
    let mut take = |key: u64, reason: Reason, day: Option<NaiveDate>| {
        if !leaves_nothing_due(reason, day, scheme) {
            return;
        }
        // A stated day before one that is not, the earlier before the later.
        let rank = |(reason, day): Left| (reason, day.is_none(), day);
        let mine = found.entry(key).or_insert((reason, day));
        if rank((reason, day)) < rank(*mine) {
            *mine = (reason, day);
        }
    };
    let departures = &people.books.departures;
    let days = departures.column(c::MOVED_OUT)?.date()?.physical();
    let words = departures.column(c::DISPOSITION)?.str()?;
    let keys = departures.column(c::KEY)?.u64()?;
    for (at, key) in keys.into_no_null_iter().enumerate() {
        let word = region_word(words.get(at).unwrap_or_default()); // nothing said: a move
        if let Some(reason) = Reason::of_departure(&word) {
            take(key, reason, days.get(at).map(day_of_epoch));
        }
    }
    // The register's own date says that somebody moved out, and no more.
    let listed: PlHashSet<u64> = keys.into_no_null_iter().collect();
    let persons = people.persons.column(p::KEY)?.u64()?.into_no_null_iter();
    let departed = people.persons.column(p::DEPARTED_ON)?.date()?.physical();
    for (key, day) in persons.zip(departed.iter()) {
        if let Some(day) = day.filter(|_| !listed.contains(&key)) {
            take(key, Reason::MovedOut, Some(day_of_epoch(day)));
        }
    }
    let entry = people.persons.column(p::ENTRY)?.u16()?;
    let has_entered = |key: &u64| {
        let at = people.books.index.get(*key);
        at.and_then(|at| of_person(entry, at)).is_some()
    };
    found.retain(|key, _| !has_entered(key));
    Ok(found)
}

/// Whether the pipeline gives money back after a departure of this kind on this day.
fn leaves_nothing_due(reason: Reason, day: Option<NaiveDate>, scheme: &Scheme) -> bool {
    let of_departures = matches!(
        reason,
        Reason::LifetimeBenefit | Reason::LeftScheme | Reason::MovedOut
    );
    let rule = scheme.refunds.iter().find(|rule| rule.reason == reason);
    rule.filter(|_| of_departures).is_some_and(|rule| {
        let in_time = |before| day.is_some_and(|day| day < before);
        rule.before.is_none_or(in_time)
    })
}

/// Vouchers of resident payments with personal money, person by person: the kept pool first, then by date and number; all
/// further values so that the order of rows decides nothing.
fn vouchers(people: &People, payers: DataFrame) -> PolarsResult<DataFrame> {
    let who = payers.column(p::WHO)?.u32()?.into_no_null_iter();
    let payments = people.books.payments.of_persons(who)?;
    let payments = people.places.beside_pools(payments)?.lazy();
    let of_payments = [
        p::WHO,
        p::POOL_AT,
        c::HERE,
        c::PAID_ON,
        c::VOUCHER,
        c::REGION,
        c::NAME,
        c::NET_PERSONAL,
        c::NET_SUBSIDISED,
    ];
    let payments = payments.filter(resident_record());
    let in_pool = |pool: &str| [col(p::WHO), col(pool)];
    let pools = payments.clone().group_by(in_pool(p::POOL_AT));
    let granted = pools.clone().agg([col(v::SUBSIDISED).sum().alias(GRANTED)]);
    let kept = pools.agg([
        len().alias(v::KEPT_PAYMENTS),
        col(c::PAID_ON).min().alias(v::KEPT_PAID),
    ]);
    let to_one = crate::people::to_one;
    let who = || [col(p::WHO)];
    let beside_grant = col(GRANTED)
        .gt(lit(0i64))
        .and(col(v::SUBSIDISED).eq(lit(0i64)));
    let vouchers = payments
        .filter(col(v::NET).gt(lit(0i64)))
        .select(of_payments.map(col))
        .join(payers.lazy(), who(), who(), to_one())
        .join(granted, in_pool(p::POOL_AT), in_pool(p::POOL_AT), to_one())
        .join(kept, in_pool(v::KEEP_POOL), in_pool(p::POOL_AT), to_one())
        .with_columns([
            beside_grant.alias(v::BESIDE_GRANT),
            col(p::POOL_AT)
                .neq_missing(col(v::KEEP_POOL))
                .alias(ELSEWHERE),
            col(c::VOUCHER).is_null().alias(NO_NUMBER),
        ]);
    // The voucher by which a grant came is the one that was due.
    let first = [p::WHO, ELSEWHERE, v::BESIDE_GRANT, v::PAID_ON];
    let then = [
        NO_NUMBER,
        c::VOUCHER,
        c::REGION,
        c::NAME,
        p::POOL_AT,
        v::NET,
    ];
    // A payment on no stated day may have been the first; a number, region or name that is not stated stands last.
    let last = first.map(|_| false).into_iter().chain(then.map(|_| true));
    // Equals stay as the book has them, our own before other places': a case's number must not depend on chance.
    let order = SortMultipleOptions::default()
        .with_nulls_last_multi(last)
        .with_maintain_order(true);
    let sorted = vouchers.sort([first.as_slice(), &then].concat(), order);
    beside_ours(people, sorted.collect()?)
}

/// Vouchers with whether their pool is one of the scheme's own.
fn beside_ours(people: &People, mut vouchers: DataFrame) -> PolarsResult<DataFrame> {
    let places = &people.places;
    let ours: Vec<bool> = places.each().map(|pool| places.is_ours(pool)).collect();
    let pools = vouchers.column(p::POOL_AT)?.u32()?.into_no_null_iter();
    let ours: BooleanChunked = pools.map(|pool| Some(ours[pool as usize])).collect();
    vouchers.with_column(ours.with_name(v::OURS.into()).into_column())?;
    Ok(vouchers)
}

/// Vouchers with what each gives back: its money less what of the payer's due is still open. The due is taken from them in
/// their order.
fn allocated(mut vouchers: DataFrame, premium: Fen) -> PolarsResult<DataFrame> {
    vouchers.rechunk_mut();
    let allocated = Allocated::of(&vouchers, premium)?;
    let refunded: Fen = allocated.refund.iter().sum();
    let paid: Fen = money(&vouchers, v::NET)?.values_iter().sum();
    assert!(refunded <= paid, "more money would go back than came in");
    let refund = Int64Chunked::from_vec(v::REFUND.into(), allocated.refund);
    let first = BooleanChunked::from_iter_values(
        v::FIRST_OF_POOL.into(),
        allocated.first_of_pool.into_iter(),
    );
    let ordinal = UInt32Chunked::from_vec(v::ORDINAL.into(), allocated.ordinal);
    vouchers.with_column(refund.into_column())?;
    vouchers.with_column(first.into_column())?;
    vouchers.with_column(ordinal.into_column())?;
    Ok(vouchers)
}

/// What the walk over the vouchers finds, voucher by voucher.
#[derive(Default)]
struct Allocated {
    refund: Vec<Fen>,
    first_of_pool: Vec<bool>,
    ordinal: Vec<u32>,
}

impl Allocated {
    fn of(vouchers: &DataFrame, premium: Fen) -> PolarsResult<Self> {
        let (who, pool) = (numbers(vouchers, p::WHO)?, numbers(vouchers, p::POOL_AT)?);
        let (net, payable) = (money(vouchers, v::NET)?, money(vouchers, p::PAYABLE)?);
        let nothing_due = flags(vouchers, v::NOTHING_DUE)?;
        let (is_due, ours) = (flags(vouchers, v::IS_DUE)?, flags(vouchers, v::OURS)?);
        let paid_on = vouchers.column(v::PAID_ON)?.date()?.physical();
        let mut found = Allocated::default();
        let mut due = 0;
        let mut seen: HashSet<(u32, u32)> = HashSet::new();
        let mut equals: HashMap<(u32, Option<i32>, Fen, u32), u32> = HashMap::new();
        for at in 0..vouchers.height() {
            let (payer, pool, net) = (who.value(at), pool.value(at), net.value(at));
            if at == 0 || who.value(at - 1) != payer {
                due = match (nothing_due.get(at), ours.value(at)) {
                    (Some(true), _) => 0,
                    (_, true) => payable.value(at),
                    // Our grant lowers nothing in another's pool, and what is due there its own notice says.
                    (_, false) => premium.max(net),
                };
            }
            let owed = if is_due.value(at) { net.min(due) } else { 0 };
            due -= owed;
            found.refund.push(net - owed);
            found.first_of_pool.push(seen.insert((payer, pool)));
            let equals = equals
                .entry((payer, paid_on.get(at), net, pool))
                .or_default();
            *equals += 1;
            found.ordinal.push(*equals);
        }
        Ok(found)
    }
}

/// Refunds as cases.parquet has them.
fn printed(people: &People, refunds: LazyFrame, scheme: &Scheme) -> PolarsResult<DataFrame> {
    let employed = || rulebook::is_employee().and(col(p::EMPLOYEE_POOL).is_not_null());
    let refunds = refunds
        .with_columns([
            col(p::POOL_AT).alias(POOL_TEXT),
            when(employed())
                .then(col(p::EMPLOYEE_POOL))
                .otherwise(col(v::KEEP_POOL))
                .alias(v::KEEP_POOL),
            when(employed())
                .then(rulebook::says(KeptWhy::Employee.index()))
                .otherwise(col(r::KEPT_WHY))
                .alias(r::KEPT_WHY),
            rulebook::why_not().alias(WHY_NOT),
        ])
        .collect()?;
    let mut refunds = people.places.spelled(refunds, &[POOL_TEXT, v::KEEP_POOL])?;
    refunds.rechunk_mut();
    refunds.with_column(case_numbers(&refunds, scheme)?)?;
    refunds.with_column(doubts_in_words(&refunds)?)?;
    let reasons = Reason::ALL
        .iter()
        .map(|reason| (reason.index(), reason.code()));
    let papers = Reason::ALL
        .iter()
        .map(|reason| (reason.index(), papers(*reason)));
    let grounds = KeptWhy::ALL.iter().map(|why| (why.index(), why.code()));
    let text = |column: &str| col(column).fill_null(lit(""));
    refunds
        .lazy()
        .select([
            col(CASE),
            rulebook::in_words(v::REASON, reasons).alias("reason"),
            text(PAYER_ID).alias("id"),
            text(PAYER_NAME).alias("name"),
            lit(Cover::Resident.code()).alias("scheme"),
            text(v::KEEP_POOL).alias("keep_pool"),
            rulebook::in_words(r::KEPT_WHY, grounds).alias("kept_why"),
            col(POOL_TEXT).alias("refund_pool"),
            text(c::VOUCHER).alias("voucher"),
            col(v::PAID_ON),
            col(p::FIRST_PAID_ON),
            col(v::EVENT_ON),
            col(v::NET).alias("paid_fen"),
            col(v::REFUND),
            col(v::ELIGIBLE),
            col(WHY_NOT),
            col(DOUBTS),
            col(v::CLAUSE),
            rulebook::in_words(v::REASON, papers).alias("evidence"),
            lit(CaseState::Proposed.code()).alias("state"),
        ])
        .collect()
}

/// The codes of the doubts of a case, joined by `|`.
fn doubts_in_words(refunds: &DataFrame) -> PolarsResult<Column> {
    let words = |bits: u16| {
        let each = Doubts::of_bits(bits).each();
        each.map(Doubt::code).collect::<Vec<_>>().join("|")
    };
    let sets = refunds.column(v::DOUBTS)?.u16()?.into_no_null_iter();
    let words = StringChunked::from_iter_values(DOUBTS.into(), sets.map(words));
    Ok(words.into_column())
}

/// The papers that a case needs, joined by `|`.
fn papers(reason: Reason) -> String {
    let papers = reason.evidence().iter().map(|paper| paper.code());
    papers.collect::<Vec<_>>().join("|")
}

const CASE: &str = "case";
const DOUBTS: &str = "doubts";

/// The number of every case.
fn case_numbers(refunds: &DataFrame, scheme: &Scheme) -> PolarsResult<Column> {
    let id = refunds.column(PAYER_ID)?.str()?;
    let (pool, voucher) = (
        refunds.column(POOL_TEXT)?.str()?,
        refunds.column(c::VOUCHER)?.str()?,
    );
    let (net, ordinal) = (money(refunds, v::NET)?, numbers(refunds, v::ORDINAL)?);
    let paid_on = refunds.column(v::PAID_ON)?.date()?.physical();
    let number = |at: usize| {
        let pool = pool.get(at).unwrap_or_default(); // every payment lies in a pool
        let day = paid_on.get(at).map(day_of_epoch);
        let day = day.map(|day| day.to_string()).unwrap_or_default(); // an unstated day is an empty part
        let which = match voucher.get(at) {
            Some(number) => vec![number.to_owned()],
            None => vec![
                day,
                net.value(at).to_string(),
                ordinal.value(at).to_string(),
            ],
        };
        let id = id.get(at).unwrap_or_default(); // usable persons have a number
        case_number(id, pool, which, scheme.year)
    };
    let numbers = (0..refunds.height()).map(number);
    Ok(StringChunked::from_iter_values(CASE.into(), numbers).into_column())
}

/// `<pool>-<year>-` + 10 base32 letters of SHA-256(person, year, scheme, pool, voucher; without voucher: date, amount,
/// ordinal among equals), stable for ever. 50 bits: of a million cases two meet about once in 2,000 runs.
fn case_number(id: &str, pool: &str, which: Vec<String>, year: i32) -> String {
    let year = year.to_string();
    let mut parts = vec![id, &year, Cover::Resident.code(), pool];
    parts.extend(which.iter().map(String::as_str));
    let hash = Sha256::digest(parts.join("\0").as_bytes());
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let eight = hash.iter().take(8);
    let mut bits = eight.fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
    let mut text = String::with_capacity(10);
    for _ in 0..10 {
        text.push(char::from(letters[(bits >> 59) as usize]));
        bits <<= 5;
    }
    format!("{pool}-{year}-{text}")
}
