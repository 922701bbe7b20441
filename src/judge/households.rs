//! Collective accounts: who is charged through which household, and whether the received lists hold together.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::*;

use super::lists::l;
use super::note::{Note, n};
use super::rulebook::{self, Remark, no_money, r, says};
use crate::domain::money::yuan_text;
use crate::domain::{Code, Fate, Fen, Field as Meaning, SourceKind, columns as c};
use crate::people::read::{numbers, texts};
use crate::people::{Book, People, p};
use crate::refine::{Rows, money};
use crate::scheme::Scheme;

// Columns that live only in this file.
const EXPECTED_FIGURE: &str = "expected_figure";
const FOUND_FIGURE: &str = "found_figure";
const IS_KEPT: &str = "is_kept";

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

/// What is read of a member.
const PERSON: [&str; 9] = [
    r::PERSON_REGION,
    p::PAYABLE,
    p::PAID_HERE,
    p::DEAD,
    p::DEATH_ON,
    p::EMPLOYEE_HERE,
    p::EMPLOYEE_AWAY,
    p::GRANT_CATEGORY,
    p::CATEGORY_NOW,
];

/// Members of households with what they owe: one row a row of the received list.
pub(super) fn members(people: &People, scheme: &Scheme) -> PolarsResult<DataFrame> {
    let books = &people.books;
    let rows = people.beside(books.households.rows.clone(), &PERSON)?;
    let mut rows = people.places.spelled(rows, &[r::PERSON_REGION])?;
    let kept = kept(&books.households)?;
    let is_kept: BooleanChunked = (0u32..)
        .zip(kept)
        .map(|(row, kept)| Some(row == kept))
        .collect();
    rows.with_column(is_kept.with_name(IS_KEPT.into()).into_column())?;
    let name = rulebook::of_category(rulebook::category(), scheme, |one| &one.name);
    // Somebody whom no other book names owes the premium and has paid nothing.
    let premium = lit(scheme.premium).cast(DataType::Int64);
    let charge = when(rulebook::is_not_charged(h::REMARK))
        .then(no_money())
        .otherwise(col(p::PAYABLE));
    let rows = rows
        .lazy()
        .with_columns([
            coalesce(&[col(p::PAYABLE), premium]).alias(p::PAYABLE),
            coalesce(&[col(p::PAID_HERE), no_money()]).alias(h::PAID),
            coalesce(&[name, lit("")]).alias(l::CATEGORY_NAME),
        ])
        .with_column(rulebook::remark(col(IS_KEPT), col(h::PAID), scheme).alias(h::REMARK))
        .with_column(charge.alias(h::CHARGE));
    let region = coalesce(&[col(c::REGION), col(r::PERSON_REGION)]);
    let mut all = rows.select(member_columns(region, col)).collect()?;
    // Of a number that cannot be used nobody knows what is due.
    let nobody = |name: &'static str| match name {
        l::CATEGORY_NAME => lit("").alias(name),
        h::REMARK => says(Remark::Unusable.index()).alias(name),
        _ => no_money().alias(name),
    };
    let unusable = books.unusable.iter();
    for (_, frame) in unusable.filter(|(kind, _)| *kind == SourceKind::Households) {
        let columns = member_columns(col(c::REGION), nobody);
        all.vstack_mut_owned(frame.clone().lazy().select(columns).collect()?)?;
    }
    Ok(all)
}

/// Columns of members; those that are the person's come from `person`.
fn member_columns(region: Expr, person: impl Fn(&'static str) -> Expr) -> Vec<Expr> {
    let who = [
        col(c::KEY),
        col(c::ID),
        col(c::NAME),
        region.alias(c::REGION),
        col(c::REGION).alias(h::LISTED),
        col(c::ORIGIN),
        col(c::ROW),
        col(c::HOUSEHOLD),
    ];
    let of_person = [l::CATEGORY_NAME, p::PAYABLE, h::CHARGE, h::PAID, h::REMARK];
    let own = [
        c::GROUP,
        c::HEAD,
        c::RELATION,
        c::STATED,
        c::ACCOUNT_NAME,
        c::BANK,
        c::ACCOUNT,
    ];
    let persons = of_person.into_iter().map(person);
    who.into_iter().chain(persons).chain(own.map(col)).collect()
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

/// A stated amount that is not what the account is charged for the person: one who is subsidised, covered as an employee,
/// dead or charged in another household, for some.
pub(super) fn amount_wrong(members: &DataFrame, people: &People) -> PolarsResult<DataFrame> {
    let known = col(h::REMARK).neq_missing(lit(Remark::Unusable.index()).cast(DataType::UInt8));
    let wrong = members.clone().lazy().filter(
        known
            .and(col(c::STATED).is_not_null())
            .and(col(c::STATED).neq(col(h::CHARGE))),
    );
    let wrong = people.beside_by_key(wrong.collect()?, &[r::PERSON_REGION])?;
    let wrong = people.places.spelled(wrong, &[r::PERSON_REGION])?.lazy();
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
