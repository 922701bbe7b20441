//! Refund cases (docs/readings.md#refunds): what was paid beyond what is due, voucher by voucher.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::entries::{entry, own_cover};
use super::findings::{Person, has_conflicting_names};
use super::money::{best_grants, payable};
use super::rows::Record;
use super::world::{Book, Late, World};

/// What the refund desk is told of one voucher.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Case {
    pub id: String,
    pub reason: String,
    pub keep_pool: String,
    pub refund_pool: String,
    pub voucher: String,
    pub paid_on: String,
    pub first_paid_on: String,
    /// Empty for the reasons whose event nobody asks for.
    pub event_on: String,
    pub paid_fen: i64,
    pub refund_fen: i64,
    pub eligible: bool,
}

/// Reasons whose event decides what is refundable.
pub const WITH_EVENT: [&str; 7] = ["R02", "R03", "R05", "R06", "R08", "R09", "R10"];

/// The cases of everyone.
pub fn cases(world: &World, people: &[Person]) -> Vec<Case> {
    people
        .iter()
        .filter(|p| p.usable)
        .flat_map(|person| cases_of(world, person))
        .collect()
}

/// What decides a person's cases: what is due, the pool that keeps it, and why the rest was not due.
struct Claim<'a> {
    world: &'a World,
    person: &'a Person<'a>,
    payable: i64,
    kept: Option<String>,
    gone: Option<Departed>,
    dead: bool,
    employee: bool,
    student: bool,
    entitled: bool,
    two_pools: bool,
    doubtful: bool,
    entry: Option<&'a Late>,
    /// First day of cover of who is not covered with everybody.
    own_cover: Option<NaiveDate>,
}

/// Reason and day of a departure.
type Departed = (&'static str, Option<NaiveDate>);

/// Reason, day of the event, and whether it is refundable.
type Told = (&'static str, Option<NaiveDate>, bool);

impl<'a> Claim<'a> {
    fn of(world: &'a World, person: &'a Person) -> Claim<'a> {
        let gone = departure(world, person);
        let registered = person.registrations("resident");
        // Who left and is registered elsewhere keeps that relation.
        let elsewhere = registered
            .filter(|r| !r.place.here && gone.is_some())
            .map(|r| r.place.pool.clone())
            .min();
        Claim {
            world,
            person,
            payable: payable(world, person),
            kept: elsewhere.or(person.kept_pool(world)),
            gone,
            dead: person.dead_before_benefit(world),
            employee: person.registrations("employee").next().is_some(),
            student: person.of(Book::Students).next().is_some(),
            entitled: !best_grants(world, person).is_empty(),
            entry: entry(world, person),
            own_cover: own_cover(world, person),
            two_pools: person.registered_pools().len() >= 2 || person.paid_pools().len() >= 2,
            doubtful: is_doubtful(person),
        }
    }

    fn lies_in_kept(&self, p: &Record) -> bool {
        Some(&p.place.pool) == self.kept.as_ref()
    }

    /// A departure takes away what was paid here.
    fn gone_from(&self, p: &Record) -> Option<Departed> {
        self.gone.filter(|_| p.place.here)
    }

    /// A pool that the scheme's region lies in, or that lies in it: only there do its grants lower anything.
    fn is_ours(&self, p: &Record) -> bool {
        let (pool, region) = (p.place.pool.as_str(), self.world.scheme.root);
        pool.starts_with(region) || region.starts_with(pool)
    }

    /// The grant came by another payment into the same pool, and nothing of it by this.
    fn beside_grant(&self, p: &Record) -> bool {
        let mut others = self.person.resident_payments();
        let same_pool = others.any(|o| o.place.pool == p.place.pool && o.net_subsidised > 0);
        self.entitled && p.net_subsidised == 0 && same_pool
    }

    /// Entitled, and paid more than is then due.
    fn at_full_price(&self, p: &Record) -> bool {
        self.entitled && self.is_ours(p) && p.net_personal > self.payable
    }

    /// What nobody pays at once: more than the dearest price that the notice states.
    fn above_all_prices(&self, p: &Record) -> bool {
        let scheme = &self.world.scheme;
        let asks = |price: &str| scheme.lates.iter().any(|late| late.price == price);
        let fiscal = scheme.fiscal_fen.filter(|_| asks("full"));
        let previous = scheme.previous_fen.unwrap_or(scheme.premium_fen);
        let previous = Some(previous).filter(|_| asks("two-years"));
        p.net() > scheme.premium_fen + fiscal.max(previous).unwrap_or(0)
    }

    /// Whether some books do not say enough for money to go back (docs/readings.md#doubts).
    fn in_doubt(&self, p: &Record, refund_fen: i64, reason: &str) -> bool {
        let due = self.lies_in_kept(p) && self.gone_from(p).is_none();
        let due = due && !self.dead && !self.employee;
        let unpriced = self.entry.is_some_and(|late| late.price == "full")
            && self.world.scheme.fiscal_fen.is_none();
        let foreign_part = !self.is_ours(p) && refund_fen < p.net_personal;
        reason == "R11" || self.above_all_prices(p) || due && (unpriced || foreign_part)
    }

    /// The first reason that fits.
    fn told(&self, p: &Record, first_of_pool: bool) -> Told {
        let gone = self.gone_from(p);
        let in_kept = self.lies_in_kept(p) && gone.is_none();
        let again = !(first_of_pool || self.at_full_price(p) && self.beside_grant(p));
        let cover = self.cover_of(p, first_of_pool);
        if self.dead {
            // A death on no stated day takes the due away, but nobody is paid out before the day is known.
            self.before("R05", self.person.death_day(), cover)
        } else if self.employee {
            let employee = self.person.registrations("employee");
            let begun = employee.filter_map(|r| r.begun).min();
            self.before("R03", begun.or(p.paid_on), cover)
        } else if let Some((reason, day)) = gone {
            // The rule that takes the due away has looked at its day already.
            (reason, day, true)
        } else if !in_kept && self.two_pools {
            self.before("R02", self.twice_covered(p, cover, "R02"), cover)
        } else if !in_kept {
            ("R04", None, true)
        } else if self.student && again {
            self.before("R08", self.twice_covered(p, cover, "R08"), cover)
        } else if again {
            ("R01", None, true)
        } else if self.at_full_price(p) {
            ("R07", None, true)
        } else {
            ("R11", None, true)
        }
    }

    /// First day of the cover that a voucher paid for: a late entry's own, a student's from school for the first payment.
    fn cover_of(&self, p: &Record, first_of_pool: bool) -> NaiveDate {
        let own = p.place.here && (self.entry.is_some() || self.student && first_of_pool);
        let own = self.own_cover.filter(|_| own);
        own.unwrap_or(self.world.scheme.benefit.0)
    }

    /// The day before which an event had to lie: the pipeline's, else the first day of cover.
    fn limit(&self, reason: &str, cover: NaiveDate) -> Option<NaiveDate> {
        let mut rules = self.world.scheme.refunds.iter();
        let rule = rules.find(|rule| rule.reason == reason);
        rule.map_or(Some(cover), |rule| rule.before)
    }

    /// Refundable where the event lies before that day.
    fn before(&self, reason: &'static str, day: Option<NaiveDate>, cover: NaiveDate) -> Told {
        let limit = self.limit(reason, cover);
        let in_time = limit.is_none_or(|limit| day.is_some_and(|day| day < limit));
        (reason, day, in_time)
    }

    /// The later of the two payments. Where the relation that is kept has none, the later of this one and the day on which
    /// that relation was made; the first day of everybody's cover is no such day.
    fn twice_covered(&self, p: &Record, cover: NaiveDate, reason: &str) -> Option<NaiveDate> {
        let paid = p.paid_on?;
        let kept = self.person.resident_payments();
        let mut kept = kept.filter(|o| self.lies_in_kept(o)).peekable();
        if kept.peek().is_some() {
            let first = kept.filter_map(|o| o.paid_on).min()?;
            return Some(first.max(paid));
        }
        let scheme = &self.world.scheme;
        let school = scheme.students.as_ref().map(|rule| rule.from);
        let is_formal = |day: &NaiveDate| *day == scheme.benefit.0 || Some(*day) == school;
        let relations = self.person.registrations("resident");
        let made = relations
            .filter(|r| self.lies_in_kept(r))
            .filter_map(|r| r.begun)
            .filter(|day| !is_formal(day))
            .min();
        let too_late = self.limit(reason, cover).is_some_and(|limit| paid >= limit);
        match made {
            Some(made) => Some(made.max(paid)),
            None => Some(paid).filter(|_| too_late),
        }
    }

    fn case(&self, p: &Record, refund_fen: i64, (reason, event, eligible): Told) -> Case {
        let shown = |day: Option<NaiveDate>| day.map(|d| d.to_string()).unwrap_or_default();
        let payments = self.person.resident_payments();
        // Where an employee relation stands, it is the one that is kept; of several, the lowest code.
        let work = self.person.registrations("employee");
        let best_work = work.map(|r| r.place.pool.clone()).min();
        Case {
            id: self.person.id.clone(),
            reason: reason.to_owned(),
            keep_pool: best_work.or(self.kept.clone()).unwrap_or_default(),
            refund_pool: p.place.pool.clone(),
            voucher: p.voucher.clone().unwrap_or_default(),
            paid_on: shown(p.paid_on),
            first_paid_on: shown(payments.filter_map(|p| p.paid_on).min()),
            event_on: shown(event),
            paid_fen: p.net_personal,
            refund_fen,
            eligible: eligible && !self.doubtful && !self.in_doubt(p, refund_fen, reason),
        }
    }
}

/// Something is doubtful of a row that the person's cases rest on (docs/readings.md#doubts): a payment or registration, a row
/// of a roster, of the deaths, or the names.
fn is_doubtful(person: &Person) -> bool {
    let mut paid = person.resident_payments();
    let unread = |r: &Record| {
        let amount = r.amount_unreadable || r.amount_missing;
        amount || r.paid_on_unreadable || r.paid_on_missing || r.contradicted
    };
    let deaths: BTreeSet<_> = [Book::Register, Book::Deaths]
        .into_iter()
        .flat_map(|book| person.of(book))
        .filter_map(|r| r.death)
        .collect();
    let relations = || {
        ["resident", "employee"]
            .into_iter()
            .flat_map(|cover| person.registrations(cover))
    };
    let listed = |r: &Record| r.day_unreadable || r.category.is_none();
    paid.any(|p| unread(p) || p.place.guessed || p.in_question)
        || relations().any(|r| r.place.guessed || r.in_question)
        || person.of(Book::Rosters).any(listed)
        || person.of(Book::Deaths).any(|r| r.day_unreadable)
        || deaths.len() > 1
        || has_conflicting_names(person)
}

fn cases_of(world: &World, person: &Person) -> Vec<Case> {
    let claim = Claim::of(world, person);
    let paid = person.resident_payments();
    let mut vouchers: Vec<_> = paid.filter(|p| p.net_personal > 0).collect();
    // The voucher by which a grant came is the one that was due.
    vouchers.sort_by_key(|p| (!claim.lies_in_kept(p), claim.beside_grant(p), p.value()));
    let nothing_due = claim.employee || claim.dead;
    let mut due = match vouchers.first() {
        _ if nothing_due => 0,
        // What another pool asks for, its own notice says.
        Some(first) if !claim.is_ours(first) => world.scheme.premium_fen.max(first.net_personal),
        _ => claim.payable,
    };
    let mut pools_seen = BTreeSet::new();
    let mut found = Vec::new();
    for p in vouchers {
        let in_kept = claim.lies_in_kept(p) && claim.gone_from(p).is_none();
        let open = if in_kept { due } else { 0 };
        let refund = (p.net_personal - open).max(0);
        due -= p.net_personal.min(open);
        let first_of_pool = pools_seen.insert(p.place.pool.clone());
        if refund > 0 {
            found.push(claim.case(p, refund, claim.told(p, first_of_pool)));
        }
    }
    let refunded: i64 = found.iter().map(|case| case.refund_fen).sum();
    let paid: i64 = person.resident_payments().map(|p| p.net_personal).sum();
    assert!(refunded <= paid, "no more goes back than was paid");
    found
}

/// Why and when a person left, who has nothing to pay here: only where the pipeline has a rule for that kind of departure,
/// and the person left before its day. Who entered late has come back.
fn departure(world: &World, person: &Person) -> Option<Departed> {
    if super::entries::entry(world, person).is_some() {
        return None;
    }
    let listed: Vec<_> = person.of(Book::Departures).collect();
    // The register says no more than a day.
    let of_register = person
        .of(Book::Register)
        .filter(|r| r.moved_out.is_some() && listed.is_empty())
        .map(|r| ("R06", r.moved_out));
    let reasons = listed.iter().filter_map(|r| {
        Some((
            departure_reason(r.disposition.as_deref().unwrap_or(""))?,
            r.moved_out,
        ))
    });
    let counts = |&(reason, day): &(&str, Option<NaiveDate>)| {
        let rule = world
            .scheme
            .refunds
            .iter()
            .find(|rule| rule.reason == reason);
        rule.is_some_and(|rule| {
            rule.before
                .is_none_or(|limit| day.is_some_and(|day| day < limit))
        })
    };
    let order = |reason| ["R09", "R10", "R06"].iter().position(|r| *r == reason);
    reasons
        .chain(of_register)
        .filter(counts)
        .min_by_key(|(reason, day)| (order(*reason), day.is_none(), *day))
}

/// What a 去向 says; `None` = nothing that takes anybody out of the scheme.
fn departure_reason(disposition: &str) -> Option<&'static str> {
    match disposition {
        "参军" | "入伍" | "服刑" | "收监" | "出国定居" | "出境定居" | "移民" | "定居国外" => {
            Some("R10")
        }
        "终身" | "退休终身" | "终身待遇" | "终身享受" => Some("R09"),
        moved if moved.is_empty() || moved.contains('迁') => Some("R06"),
        _ => None,
    }
}

/// Resident registrations that drew the fiscal subsidy once more: kind → (persons, registrations).
pub type Audit = BTreeMap<String, (u64, u64)>;

/// All but one of a person's, or all where an employee relation stays.
pub fn audit(people: &[Person]) -> Audit {
    let mut audit = Audit::new();
    let mut add = |kind: &str, registrations: usize| {
        if registrations > 0 {
            let row = audit.entry(kind.to_owned()).or_insert((0, 0));
            *row = (row.0 + 1, row.1 + registrations as u64);
        }
    };
    for person in people.iter().filter(|p| p.usable) {
        let all = person.registrations("resident").count();
        if person.registrations("employee").next().is_some() {
            add("cross-scheme", all);
            continue;
        }
        // As the findings count: all but one of each pool, and all pools but one.
        let pools = person.registered_pools().len();
        add("same-pool", all - pools);
        add("cross-region", pools.saturating_sub(1));
    }
    audit
}
