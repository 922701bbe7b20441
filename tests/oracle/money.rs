//! Reversals, grants, and what a person has to pay (docs/readings.md#due).

use chrono::NaiveDate;

use super::entries::{entry, first_paid_here, opened_by};
use super::findings::Person;
use super::identity::birth_of;
use super::rows::{Record, last};
use super::world::{Book, World};

/// Matches every reversal with a payment of the same person, cover and pool, in the order of their days.
pub fn net_reversals(records: &mut [Record]) {
    let total = |r: &Record| r.personal + r.subsidised;
    let mut reversals: Vec<usize> = (0..records.len())
        .filter(|&i| records[i].fate == "used" && total(&records[i]) < 0)
        .collect();
    reversals.sort_by(|&a, &b| {
        let key = |i: usize| {
            let r: &Record = &records[i];
            let [voucher, region, name] = [
                r.voucher.as_deref(),
                r.place.region.as_deref(),
                r.name.as_deref(),
            ]
            .map(last);
            (r.paid_on, voucher, total(r), region, name, r.file, i)
        };
        key(a).cmp(&key(b))
    });
    let mut applied: Vec<(usize, usize)> = Vec::new();
    for reversal in reversals {
        match payment_of(records, reversal) {
            Some(payment) => {
                lower(records, payment, reversal);
                applied.push((payment, reversal));
            }
            None => records[reversal].unmatched = true,
        }
        records[reversal].net_personal = 0;
        records[reversal].net_subsidised = 0;
    }
    for &(payment, reversal) in &applied {
        if records[payment].net() == 0 {
            records[payment].fate = "reversed";
            records[reversal].fate = "reversed";
        }
    }
}

/// The payment a reversal cancels: by voucher, else the latest earlier one of the same amount, else one with enough left.
fn payment_of(records: &[Record], reversal: usize) -> Option<usize> {
    let r = &records[reversal];
    r.key.as_ref()?;
    let amount = -(r.personal + r.subsidised);
    let enough: Vec<usize> = (0..records.len())
        .filter(|&i| {
            let p = &records[i];
            p.fate == "used"
                && p.key == r.key
                && p.cover == r.cover
                && p.place.pool == r.place.pool
                && p.personal + p.subsidised > 0
                && p.net() >= amount
        })
        .collect();
    let latest = |found: Vec<usize>| {
        found.into_iter().min_by_key(|&i| {
            let (_, day, texts, file, row) = records[i].value();
            (std::cmp::Reverse(day), texts, file, row)
        })
    };
    let of_voucher = |voucher: &Option<String>| {
        latest(
            enough
                .iter()
                .copied()
                .filter(|&i| voucher.is_some() && records[i].voucher == *voucher)
                .collect(),
        )
    };
    let earlier: Vec<usize> = enough
        .iter()
        .copied()
        .filter(|&i| r.paid_on.is_none() || records[i].paid_on <= r.paid_on)
        .collect();
    of_voucher(&r.original)
        .or_else(|| of_voucher(&r.voucher))
        .or_else(|| {
            latest(
                earlier
                    .iter()
                    .copied()
                    .filter(|&i| records[i].net() == amount)
                    .collect(),
            )
        })
        .or_else(|| latest(earlier.clone()))
}

fn lower(records: &mut [Record], payment: usize, reversal: usize) {
    let (mut personal, mut subsidised) =
        (-records[reversal].personal, -records[reversal].subsidised);
    let p = &mut records[payment];
    if personal > p.net_personal || subsidised > p.net_subsidised {
        let amount = personal + subsidised;
        subsidised = amount.min(p.net_subsidised);
        personal = amount - subsidised;
    }
    p.net_personal -= personal;
    p.net_subsidised -= subsidised;
}

/// Whether a roster row is in force on a day.
pub fn in_force(world: &World, row: &Record, day: NaiveDate) -> bool {
    row.identified.is_none_or(|d| d <= day)
        && row.ended.is_none_or(|d| day < d)
        && row.granted_on().is_none_or(|d| d <= world.scheme.cut_off)
}

/// The days that decide a person's entitlement.
pub fn deciding_days(world: &World, person: &Person) -> Vec<NaiveDate> {
    let mut days = Vec::new();
    if world.scheme.cut_off_decides {
        days.push(world.scheme.cut_off);
    }
    if world.scheme.payment_day_decides {
        let first = person.resident_payments().filter_map(|p| p.paid_on).min();
        days.push(first.unwrap_or_else(|| world.as_of.min(world.scheme.window.1)));
    }
    days
}

/// Positions of the categories under which a person is entitled to something. Of late entries some do without; after the
/// last day of grants only those count by which a rule of the rosters lets in; and a rule may say that its own rosters do.
fn entitled(world: &World, person: &Person) -> Vec<usize> {
    let scheme = &world.scheme;
    let entry = entry(world, person);
    if entry.is_some_and(|late| !late.keeps_grant) {
        return Vec::new();
    }
    let anywhere = person.resident_payments().filter_map(|p| p.paid_on).min();
    let day = first_paid_here(person)
        .or(anywhere)
        .unwrap_or_else(|| world.as_of.min(scheme.window.1));
    if scheme.granted_until.is_some_and(|until| day > until) {
        let rules = scheme
            .lates
            .iter()
            .filter(|late| late.keeps_grant && !late.on_roster.is_empty());
        return rules
            .flat_map(|late| opened_by(world, person, late, day))
            .collect();
    }
    if let Some(late) = entry.filter(|late| late.listed_grant) {
        return opened_by(world, person, late, day);
    }
    let days = deciding_days(world, person);
    let in_time = person
        .rosters()
        .filter(|row| days.iter().any(|day| in_force(world, row, *day)));
    in_time.filter_map(|row| row.category).collect()
}

/// The grants of the largest amount that a person is entitled to: positions in the scheme's categories, in declared order.
pub fn best_grants(world: &World, person: &Person) -> Vec<usize> {
    let mut grants = entitled(world, person);
    grants.retain(|&category| world.scheme.categories[category].grant_fen > 0);
    grants.sort_unstable();
    grants.dedup();
    let most = grants
        .iter()
        .map(|&c| world.scheme.categories[c].grant_fen)
        .max();
    grants.retain(|&c| Some(world.scheme.categories[c].grant_fen) == most);
    grants
}

/// What a person has to pay, by which price, and what is paid for them.
pub struct Price {
    /// personal | full | two-years | unpriced
    pub name: &'static str,
    /// fen
    pub payable: i64,
    /// fen, of all years that the price is for
    pub granted: i64,
}

/// What is open of last year: its premium, less what anybody paid for it here.
fn open_of_last_year(world: &World, person: &Person) -> i64 {
    // Who stands on last year's list has settled that year.
    if person.of(Book::Previous).next().is_some() {
        return 0;
    }
    let scheme = &world.scheme;
    let previous = scheme.previous_fen.unwrap_or(scheme.premium_fen);
    (previous - person.paid_last_year.max(0)).max(0)
}

/// The price of the person's entry, less the largest grant.
pub fn price(world: &World, person: &Person) -> Price {
    let scheme = &world.scheme;
    let grant = best_grants(world, person)
        .first()
        .map_or(0, |&c| scheme.categories[c].grant_fen);
    let ordinary = scheme.premium_fen - grant;
    let born_before = birth_of(&person.id).is_some_and(|birth| birth < scheme.benefit.0);
    match (
        entry(world, person).map(|late| late.price),
        scheme.fiscal_fen,
    ) {
        (Some("full"), Some(fiscal)) => Price {
            name: "full",
            payable: ordinary + fiscal,
            granted: grant,
        },
        (Some("full"), None) => {
            // One payment may be of the price nobody knows; a second one is too much.
            let largest = person
                .payments_here()
                .map(|p| p.net_personal)
                .max()
                .unwrap_or(0);
            Price {
                name: "unpriced",
                payable: ordinary.max(largest),
                granted: grant,
            }
        }
        (Some("two-years"), _) if born_before => {
            let open = open_of_last_year(world, person);
            let of_last_year = grant.min(open);
            Price {
                name: "two-years",
                payable: ordinary + open - of_last_year,
                granted: grant + of_last_year,
            }
        }
        _ => Price {
            name: "personal",
            payable: ordinary,
            granted: grant,
        },
    }
}

/// What is paid for the person, in fen.
pub fn granted(world: &World, person: &Person) -> i64 {
    price(world, person).granted
}

/// What the person has to pay, in fen.
pub fn payable(world: &World, person: &Person) -> i64 {
    price(world, person).payable
}

/// A row of the list of those who have a grant, money in fen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subsidy {
    pub id: String,
    pub category: String,
    pub payer: String,
    pub payable: i64,
    pub grant: i64,
    pub paid: i64,
    pub subsidised: i64,
    pub difference: i64,
}

/// Everyone who has a grant, under the category declared first, with all that was paid. (The program's list also has
/// those on rosters without money and those subsidised without a title: who stands there is in no document.)
pub fn subsidies(world: &World, people: &[Person]) -> Vec<Subsidy> {
    let row = |person: &Person| {
        let category = &world.scheme.categories[*best_grants(world, person).first()?];
        let payable = payable(world, person);
        let paid = person.resident_payments().map(|p| p.net_personal).sum();
        Some(Subsidy {
            id: person.id.clone(),
            category: category.name.to_owned(),
            payer: category.payer.to_owned(),
            payable,
            grant: granted(world, person),
            paid,
            subsidised: person.resident_payments().map(|p| p.net_subsidised).sum(),
            difference: paid - payable,
        })
    };
    people.iter().filter(|p| p.usable).filter_map(row).collect()
}
