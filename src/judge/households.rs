//! Collective accounts: who is charged through which household, and whether the received lists hold together.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::*;

use super::lists::l;
use super::note::{Note, n};
use super::rosters;
use crate::domain::money::yuan_text;
use crate::domain::{
    Code, Fate, Fen, Field as Meaning, SourceKind, columns as c, period::epoch_day,
};
use crate::people::summary::{numbers, texts};
use crate::people::{Book, People, Person, p};
use crate::refine::{Rows, money};
use crate::scheme::Scheme;

// Columns that live only in this file.
const EXPECTED_FIGURE: &str = "expected_figure";
const FOUND_FIGURE: &str = "found_figure";

/// Columns of a member beside those of `domain::columns`.
pub mod h {
    /// i64: what the account is charged for this member.
    pub const CHARGE: &str = "charge";
    /// u8?: `Remark`.
    pub const REMARK: &str = "remark";
    /// i64: what was paid already.
    pub const PAID: &str = "paid_already";
    /// str?: region that the list itself names; it tells households of one name apart.
    pub const LISTED: &str = "listed_region";
}

closed_list! {
    /// Why a member of a household is not charged, or needs a second look. The first that fits.
    pub enum Remark {
        /// The number cannot be used: nobody knows what is due.
        Unusable = "unusable",
        /// Listed in another household too, and charged there.
        OtherHousehold = "other-household",
        /// Died before the benefit period.
        Deceased = "deceased",
        /// Has an employee relation.
        Employee = "employee",
        /// Subsidised in full.
        Subsidised = "subsidised",
        /// Has paid already.
        Paid = "paid",
    }
}

/// Nothing, as money: a bare literal would be of whatever width holds it.
fn no_money() -> Expr {
    lit(0i64).cast(DataType::Int64)
}

/// Members of households with what they owe: one row a row of the received list.
pub(super) fn members(people: &People, scheme: &Scheme) -> PolarsResult<DataFrame> {
    let books = &people.books;
    let mut rows = people.beside(books.households.rows.clone(), &[p::PERSON_REGION])?;
    let who: Vec<u32> = numbers(&rows, p::WHO)?.values_iter().copied().collect();
    let persons = || who.iter().map(|at| people.persons.get(*at as usize));
    // Somebody whom no other book names owes the premium and has paid nothing.
    let payable: Int64Chunked = persons()
        .map(|one| Some(one.map_or(scheme.premium, |one| one.payable)))
        .collect();
    let paid: Int64Chunked = persons()
        .map(|one| Some(one.map_or(0, |one| one.paid_here)))
        .collect();
    let categories: StringChunked = persons()
        .map(|one| one.map_or("", |one| rosters::category(one, scheme)))
        .map(Some)
        .collect();
    let kept = kept(&books.households)?;
    let remarks = (0u32..)
        .zip(persons())
        .map(|(row, one)| remark(one, kept[row as usize] == row, scheme));
    let remarks: UInt8Chunked = remarks.map(|remark| remark.map(Remark::index)).collect();
    rows.with_column(payable.with_name(p::PAYABLE.into()).into_column())?;
    rows.with_column(paid.with_name(h::PAID.into()).into_column())?;
    rows.with_column(categories.with_name(l::CATEGORY_NAME.into()).into_column())?;
    rows.with_column(remarks.with_name(h::REMARK.into()).into_column())?;
    let says = |remark: Remark| lit(remark.index()).cast(DataType::UInt8);
    let not_charged = [Remark::OtherHousehold, Remark::Deceased, Remark::Employee];
    let is_free = not_charged
        .into_iter()
        .fold(lit(false), |any, one| any.or(col(h::REMARK).eq(says(one))));
    let rows = rows.lazy().with_column(
        when(is_free)
            .then(lit(0i64))
            .otherwise(col(p::PAYABLE))
            .alias(h::CHARGE),
    );
    let own = [
        c::GROUP,
        c::HEAD,
        c::RELATION,
        c::STATED,
        c::ACCOUNT_NAME,
        c::BANK,
        c::ACCOUNT,
    ];
    let columns = |region: Expr, known: bool| {
        let text = |name: &'static str| {
            if known {
                col(name)
            } else {
                lit("").alias(name)
            }
        };
        let mut columns = vec![
            col(c::KEY),
            col(c::ID),
            col(c::NAME),
            region.alias(c::REGION),
            col(c::REGION).alias(h::LISTED),
            col(c::ORIGIN),
            col(c::ROW),
            col(c::HOUSEHOLD),
            text(l::CATEGORY_NAME),
            if known {
                col(p::PAYABLE)
            } else {
                no_money().alias(p::PAYABLE)
            },
            if known {
                col(h::CHARGE)
            } else {
                no_money().alias(h::CHARGE)
            },
            if known {
                col(h::PAID)
            } else {
                no_money().alias(h::PAID)
            },
            if known {
                col(h::REMARK)
            } else {
                says(Remark::Unusable).alias(h::REMARK)
            },
        ];
        columns.extend(own.map(col));
        columns
    };
    let mut all = rows
        .select(columns(
            coalesce(&[col(c::REGION), col(p::PERSON_REGION)]),
            true,
        ))
        .collect()?;
    for (_, frame) in books
        .unusable
        .iter()
        .filter(|(kind, _)| *kind == SourceKind::Households)
    {
        all.vstack_mut_owned(
            frame
                .clone()
                .lazy()
                .select(columns(col(c::REGION), false))
                .collect()?,
        )?;
    }
    Ok(all)
}

/// By row: of several rows of a person the one that household-duplicate keeps, which is charged.
fn kept(households: &Book) -> PolarsResult<Vec<u32>> {
    let rows = &households.rows;
    let (household, origin, row) = (
        texts(rows, c::HOUSEHOLD)?,
        numbers(rows, c::ORIGIN)?,
        numbers(rows, c::ROW)?,
    );
    let mut kept: Vec<u32> = (0u32..).take(rows.height()).collect();
    for of_person in households.several() {
        let first = of_person.iter().copied().min_by_key(|row_at| {
            let at = *row_at as usize;
            (
                household.get(at).is_none(),
                household.get(at),
                origin.value(at),
                row.value(at),
            )
        });
        of_person
            .iter()
            .for_each(|at| kept[*at as usize] = first.unwrap_or(*at)); // a group has a first row
    }
    Ok(kept)
}

/// Why a member is not charged, or needs a second look: the first that fits.
fn remark(person: Option<&Person>, is_kept: bool, scheme: &Scheme) -> Option<Remark> {
    if !is_kept {
        return Some(Remark::OtherHousehold);
    }
    let benefit = epoch_day(scheme.benefit.from);
    let (payable, paid) = person.map_or((scheme.premium, 0), |person| {
        (person.payable, person.paid_here)
    });
    if person.is_some_and(|person| person.dead && person.death_on.is_none_or(|died| died < benefit))
    {
        Some(Remark::Deceased)
    } else if person.is_some_and(Person::is_employee) {
        Some(Remark::Employee)
    } else if payable == 0 {
        Some(Remark::Subsidised)
    } else {
        (paid >= payable).then_some(Remark::Paid)
    }
}

/// A stated amount that is not what the account is charged for the person: one who is subsidised, covered as an employee,
/// dead or charged in another household, for some.
pub(super) fn amount_wrong(members: &DataFrame, people: &People) -> PolarsResult<DataFrame> {
    let known = col(h::REMARK).neq_missing(lit(Remark::Unusable.index()).cast(DataType::UInt8));
    let wrong = members.clone().lazy().filter(
        known
            .and(col(c::STATED).is_not_null())
            .and(col(c::STATED).neq(col(h::CHARGE))),
    );
    let wrong = people
        .beside_by_key(wrong.collect()?, &[p::PERSON_REGION])?
        .lazy();
    Note::record(Code::AmountWrong)
        .texts(col(h::CHARGE), col(c::STATED))
        .amount(col(c::STATED) - col(h::CHARGE))
        .of(wrong)
}

/// What the details of a household come to.
#[derive(Debug, Default)]
struct Details {
    names: BTreeSet<String>,
    origin: u32,
    row: u32,
    persons: u64,
    fen: Fen,
}

/// A row of a received summary.
struct Total {
    region: Option<String>,
    household: Option<String>,
    head: Option<String>,
    origin: u32,
    row: u32,
    persons: Option<u64>,
    fen: Option<Fen>,
}

/// A figure that does not add up.
struct Off {
    region: Option<String>,
    origin: u32,
    row: u32,
    expected: String,
    found: String,
    fen: Option<Fen>,
}

/// Received summaries against the received details, household by household, for persons and for money; and their own
/// total rows against their rows.
pub(super) fn footing(members: &[DataFrame], rows: &Rows) -> PolarsResult<DataFrame> {
    let has_details = rows
        .origins
        .iter()
        .any(|origin| origin.source == SourceKind::Households);
    let (Some(frame), true) = (rows.frame(SourceKind::HouseholdTotals), has_details) else {
        return notes(&[]);
    };
    let details = details(members)?;
    let totals = totals(frame)?;
    let mut off = Vec::new();
    let mut met: BTreeSet<&(String, String)> = BTreeSet::new();
    for total in &totals {
        match matching(total, &details, &met) {
            Some((household, sum)) => {
                met.insert(household);
                compare(total, sum.persons, sum.fen, &mut off);
            }
            // The summary knows a household that the details do not.
            None => compare(total, 0, 0, &mut off),
        }
    }
    for ((region, _), sum) in details
        .iter()
        .filter(|(household, _)| !met.contains(household))
    {
        let region = Some(region.clone()).filter(|region| !region.is_empty());
        let (expected, found) = (sum.persons.to_string(), "0".to_owned());
        off.push(Off {
            region,
            origin: sum.origin,
            row: sum.row,
            expected,
            found,
            fen: None,
        });
    }
    own_totals(rows, &totals, &mut off);
    notes(&off)
}

/// Details by (region that the list names, household). What is charged is what the list states; where it states nothing, what is due.
fn details(members: &[DataFrame]) -> PolarsResult<BTreeMap<(String, String), Details>> {
    let mut all: BTreeMap<(String, String), Details> = BTreeMap::new();
    for frame in members {
        let text = |name: &str| frame.column(name).and_then(|column| column.str().cloned());
        let (region, household, head) = (text(h::LISTED)?, text(c::HOUSEHOLD)?, text(c::HEAD)?);
        let (id, name, relation) = (text(c::ID)?, text(c::NAME)?, text(c::RELATION)?);
        let (stated, charge) = (
            frame.column(c::STATED)?.i64()?,
            frame.column(h::CHARGE)?.i64()?,
        );
        let (origin, row) = (
            frame.column(c::ORIGIN)?.u32()?,
            frame.column(c::ROW)?.u32()?,
        );
        for at in 0..frame.height() {
            let of = |column: &StringChunked| column.get(at).unwrap_or("").to_owned(); // a blank cell
            let place = (origin.get(at).unwrap_or(0), row.get(at).unwrap_or(0)); // never null in a typed frame
            let mine = all
                .entry((of(&region), of(&household)))
                .or_insert_with(|| Details {
                    origin: place.0,
                    row: place.1,
                    ..Details::default()
                });
            (mine.origin, mine.row) = (mine.origin, mine.row).min(place);
            mine.names.extend(
                [of(&household), of(&head)]
                    .into_iter()
                    .filter(|name| !name.is_empty()),
            );
            if is_head(relation.get(at), name.get(at), head.get(at)) {
                mine.names.insert(of(&id));
            }
            mine.persons += 1;
            mine.fen += stated.get(at).or(charge.get(at)).unwrap_or(0); // a charge is never null
        }
    }
    Ok(all)
}

/// Whether a member is the household's head.
pub fn is_head(relation: Option<&str>, name: Option<&str>, head: Option<&str>) -> bool {
    match relation {
        Some(relation) => matches!(relation, "户主" | "本人"),
        None => name.is_some() && name == head,
    }
}

fn totals(frame: &DataFrame) -> PolarsResult<Vec<Total>> {
    let text = |name: &str| frame.column(name).and_then(|column| column.str().cloned());
    let (region, household, head) = (text(c::REGION)?, text(c::HOUSEHOLD)?, text(c::HEAD)?);
    let (members, stated) = (
        frame.column(c::MEMBERS)?.i64()?,
        frame.column(c::STATED)?.i64()?,
    );
    let (origin, row, fate) = (
        frame.column(c::ORIGIN)?.u32()?,
        frame.column(c::ROW)?.u32()?,
        frame.column(c::FATE)?.u8()?,
    );
    let own = |column: &StringChunked, at: usize| column.get(at).map(str::to_owned);
    let used = (0..frame.height()).filter(|at| fate.get(*at) == Some(Fate::Used.index()));
    Ok(used
        .map(|at| Total {
            region: own(&region, at),
            household: own(&household, at),
            head: own(&head, at),
            origin: origin.get(at).unwrap_or(0), // never null in a typed frame
            row: row.get(at).unwrap_or(0),       // never null in a typed frame
            persons: members
                .get(at)
                .and_then(|persons| u64::try_from(persons).ok()),
            fen: stated.get(at),
        })
        .collect())
}

/// The household that a row of the summary speaks of: by its number or its head's, else by its head's name; in the row's own
/// region where it names one. Of several that fit, the first that no other row has taken.
fn matching<'d>(
    total: &Total,
    details: &'d BTreeMap<(String, String), Details>,
    met: &BTreeSet<&(String, String)>,
) -> Option<(&'d (String, String), &'d Details)> {
    for word in [&total.household, &total.head].into_iter().flatten() {
        let fits = |household: &(String, String), sum: &Details| {
            let in_region = total
                .region
                .as_deref()
                .is_none_or(|region| household.0.is_empty() || household.0 == *region);
            in_region && sum.names.contains(word) && !met.contains(household)
        };
        if let Some(found) = details.iter().find(|(household, sum)| fits(household, sum)) {
            return Some(found);
        }
    }
    None
}

fn compare(total: &Total, persons: u64, fen: Fen, off: &mut Vec<Off>) {
    let mut differs = |expected: String, found: String, fen| {
        off.push(Off {
            region: total.region.clone(),
            origin: total.origin,
            row: total.row,
            expected,
            found,
            fen,
        });
    };
    if let Some(declared) = total.persons.filter(|declared| *declared != persons) {
        differs(persons.to_string(), declared.to_string(), None);
    }
    if let Some(declared) = total.fen.filter(|declared| *declared != fen) {
        differs(in_yuan(fen), in_yuan(declared), Some(declared - fen));
    }
}

/// Yuan with two decimals always, so that money is never taken for persons.
fn in_yuan(fen: Fen) -> String {
    let text = yuan_text(fen);
    if text.contains('.') {
        text
    } else {
        format!("{text}.00")
    }
}

/// A summary's own total row against the rows of its sheet.
fn own_totals(rows: &Rows, totals: &[Total], off: &mut Vec<Off>) {
    for (origin, declared) in &rows.totals {
        let of_sheet = || totals.iter().filter(|total| total.origin == *origin);
        if of_sheet().next().is_none() {
            continue;
        }
        let cell = |field| {
            declared
                .cells
                .iter()
                .find(|(of, _)| *of == field)
                .map(|(_, text)| text.as_str())
        };
        let total = Total {
            region: None,
            household: None,
            head: None,
            origin: *origin,
            row: declared.row,
            persons: money::count(cell(Meaning::Members))
                .and_then(|persons| u64::try_from(persons).ok()),
            fen: match money::read(cell(Meaning::Total).or(cell(Meaning::Personal))) {
                money::Amount::Fen(fen) => Some(fen),
                money::Amount::Blank | money::Amount::Unreadable => None,
            },
        };
        compare(
            &total,
            of_sheet().filter_map(|total| total.persons).sum(),
            of_sheet().filter_map(|total| total.fen).sum(),
            off,
        );
    }
}

fn notes(off: &[Off]) -> PolarsResult<DataFrame> {
    let none = vec![None::<&str>; off.len()];
    let frame = df!(
        c::ID => none.clone(),
        c::NAME => none,
        c::REGION => off.iter().map(|one| one.region.clone()).collect::<Vec<_>>(),
        c::ORIGIN => off.iter().map(|one| one.origin).collect::<Vec<_>>(),
        c::ROW => off.iter().map(|one| one.row).collect::<Vec<_>>(),
        EXPECTED_FIGURE => off.iter().map(|one| one.expected.clone()).collect::<Vec<_>>(),
        FOUND_FIGURE => off.iter().map(|one| one.found.clone()).collect::<Vec<_>>(),
        h::CHARGE => off.iter().map(|one| one.fen).collect::<Vec<_>>(),
    )?;
    Note::row(Code::Footing)
        .texts(col(EXPECTED_FIGURE), col(FOUND_FIGURE))
        .amount(col(h::CHARGE))
        .of(frame.lazy())?
        .drop(n::PERSON)
}
