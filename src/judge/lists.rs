//! The lists that a notice asks for, while they are still about keys and origins: everyone on the register (参保台账,
//! 未参保台账, 宣传发动名单) where the pipeline wants it, and everyone on a roster (feedback to the departments) always.

use chrono::NaiveDate;
use polars::prelude::*;

use super::rulebook::{self, Enrolment, no_money, no_text, r, says};
use crate::domain::{
    Fate, PersonKey, RegionTree, SourceKind, Standing, columns as c, period::epoch_day,
};
use crate::people::in_force::in_force_on;
use crate::people::{People, p, read::day, to_one};
use crate::refine::Rows;
use crate::scheme::Scheme;

/// Columns of both lists beside those of `domain::columns` and `people::p`.
pub mod l {
    /// u8: `Enrolment`.
    pub const ENROLMENT: &str = "enrolment";
    /// str?: region or pool where the person is registered.
    pub const PLACE: &str = "place";
    /// str: name of the category, "" without one.
    pub const CATEGORY_NAME: &str = "category_name";
    /// i64: everything subsidised: payments, registrations, rosters.
    pub const GRANTED: &str = "granted";
    /// bool: on last year's list.
    pub const LAST_YEAR: &str = "last_year";
    /// bool?: male, by the number.
    pub const MALE: &str = "male";
    /// date?: birth, by the number.
    pub const BIRTH: &str = "birth";
    /// str: verdict of the subsidy list.
    pub const VERDICT: &str = "verdict";
    /// bool: the roster row is in force on the as-of date.
    pub const IN_FORCE: &str = "in_force";
    /// u8?: `OutOfForce`, where it is not.
    pub const OUT_OF_FORCE: &str = "out_of_force";
    /// bool: the person is to be canvassed: not covered, alive and not gone.
    pub const TO_CANVASS: &str = "to_canvass";
}

/// What a run prints of persons beside its data files.
#[derive(Clone, Copy, Debug, Default)]
pub enum Printed<'r> {
    /// Nothing: lists that no data file holds are not made.
    #[default]
    Nothing,
    /// The lists that workbooks hold.
    Lists,
    /// Those of a region: a province's would not fit into memory.
    Within(&'r RegionTree),
}

impl Printed<'_> {
    /// Whether any list is printed.
    pub fn any(self) -> bool {
        !matches!(self, Printed::Nothing)
    }

    /// Rows of a list that are printed, by their region.
    pub(super) fn of(self, rows: DataFrame) -> PolarsResult<DataFrame> {
        let Printed::Within(tree) = self else {
            return Ok(rows);
        };
        let regions = rows.column(c::REGION)?.str()?.iter();
        let inside: BooleanChunked = regions
            .map(|code| Some(code.is_some_and(|code| tree.is_inside(code))))
            .collect();
        rows.filter(&inside)
    }
}

/// What is read of a person to say what both lists say.
const PERSON: [&str; 26] = [
    r::PERSON_REGION,
    r::RESIDENT_INSURES,
    r::RESIDENT_INSURES_AWAY,
    c::STANDING,
    p::COUNTED_REGION,
    p::EMPLOYEE_HERE,
    p::EMPLOYEE_AWAY,
    p::EMPLOYEE_POOL,
    p::RESIDENT_HERE,
    p::RESIDENT_AWAY,
    p::RESIDENT_POOL,
    p::PAYMENTS,
    p::PAYMENTS_HERE,
    p::PAID,
    p::PAID_HERE,
    p::PAYABLE,
    p::FIRST_PAID_ON,
    p::SUBSIDISED_PAID,
    p::SUBSIDISED_HERE,
    p::REGISTRATION_SUBSIDY,
    p::ROSTER_SUBSIDY,
    p::ROSTER_NOW,
    p::CATEGORY_NOW,
    p::GRANT,
    p::GRANT_CATEGORY,
    p::GRANT_PAYERS,
];

/// Rows with what both lists say of their persons, whose columns stand beside them.
fn said(people: &People, rows: LazyFrame) -> PolarsResult<LazyFrame> {
    let said = rows.with_columns([
        rulebook::enrolment().alias(l::ENROLMENT),
        rulebook::registered_in().alias(l::PLACE),
        rulebook::granted().alias(l::GRANTED),
    ]);
    let places = [r::PERSON_REGION, l::PLACE];
    Ok(people.places.spelled(said.collect()?, &places)?.lazy())
}

/// One row an entry of a roster, whatever became of the person.
pub(super) fn roster(
    people: &People,
    scheme: &Scheme,
    as_of: NaiveDate,
) -> PolarsResult<DataFrame> {
    let books = &people.books;
    let rows = people.beside(books.rosters.rows.clone(), &PERSON)?.lazy();
    let rows = rows.with_columns([
        rulebook::verdict().alias(super::rosters::VERDICT),
        in_force_on(day(as_of), scheme).alias(l::IN_FORCE),
        rulebook::out_of_force(scheme, as_of).alias(l::OUT_OF_FORCE),
    ]);
    let rows = said(people, rows)?.with_column(super::rosters::verdict_code().alias(l::VERDICT));
    let region = coalesce(&[col(c::REGION), col(r::PERSON_REGION)]);
    let mut all = rows
        .select(roster_columns(region, |name, _| col(name)))
        .collect()?;
    // A number that cannot be used is joined to nobody: the department learns that, and mends it.
    let nobody = |name: &'static str, dtype| lit(NULL).cast(dtype).alias(name);
    let unusable = books.unusable.iter();
    for (_, frame) in unusable.filter(|(kind, _)| *kind == SourceKind::Rosters) {
        let columns = roster_columns(col(c::REGION), nobody);
        all.vstack_mut_owned(frame.clone().lazy().select(columns).collect()?)?;
    }
    Ok(all)
}

/// Columns of the list of rosters; those that are the person's come from `person`.
fn roster_columns(region: Expr, person: impl Fn(&'static str, DataType) -> Expr) -> Vec<Expr> {
    let of_row = [
        c::ORIGIN,
        c::ROW,
        c::CATEGORY,
        c::UNKNOWN_WORD,
        c::IDENTIFIED,
        c::ENDED,
    ];
    let of_person = [
        (l::IN_FORCE, DataType::Boolean),
        (l::OUT_OF_FORCE, DataType::UInt8),
        (c::STANDING, DataType::UInt8),
        (l::ENROLMENT, DataType::UInt8),
        (l::PLACE, DataType::String),
        (p::GRANT, DataType::Int64),
        (p::GRANT_CATEGORY, DataType::UInt16),
        (l::GRANTED, DataType::Int64),
        (p::PAID, DataType::Int64),
        (l::VERDICT, DataType::String),
    ];
    let who = [
        col(c::KEY),
        col(c::ID),
        col(c::NAME),
        region.alias(c::REGION),
    ];
    let persons = of_person
        .into_iter()
        .map(|(name, dtype)| person(name, dtype));
    who.into_iter()
        .chain(of_row.map(col))
        .chain(persons)
        .collect()
}

/// Everyone on the register, and whoever else is to be canvassed. Only where a pipeline asks for such a list.
pub(super) fn everyone(people: &People, rows: &Rows, scheme: &Scheme) -> PolarsResult<DataFrame> {
    let books = &people.books;
    let last_year: PlHashSet<u64> = keys(&books.previous)?.into_no_null_iter().collect();
    let asked = people.persons.clone().lazy().filter(is_asked_for(scheme));
    let mut asked = people.faced(asked.collect()?)?;
    let asked_keys = keys(&asked)?;
    let on_list = asked_keys.into_no_null_iter();
    let on_list: BooleanChunked = on_list.map(|key| last_year.contains(&key)).collect();
    asked.with_column(on_list.with_name(l::LAST_YEAR.into()).into_column())?;
    let name = rulebook::of_category(rulebook::category(), scheme, |one| &one.name);
    let asked = asked.lazy().with_columns([
        coalesce(&[name, lit("")]).alias(l::CATEGORY_NAME),
        rulebook::to_canvass().alias(l::TO_CANVASS),
        when(col(r::ON_REGISTER))
            .then(col(p::REGISTER_REGION))
            .otherwise(col(r::PERSON_REGION))
            .alias(c::REGION),
    ]);
    let asked = said(people, asked)?.collect()?;
    let asked = people.places.spelled(asked, &[c::REGION])?;
    let mut asked = asked.lazy().select(EVERYONE.map(col));
    if scheme.lists.canvass {
        asked = concat([asked, only_last_year(people)?], UnionArgs::default())?;
    }
    let mut all = asked.collect()?;
    let is_register = |kind: SourceKind| kind == SourceKind::Register && scheme.lists.uninsured;
    for (_, frame) in books.unusable.iter().filter(|(kind, _)| is_register(*kind)) {
        all.vstack_mut_owned(pending(frame, scheme)?)?;
    }
    with_household(with_birth(all)?, rows)
}

/// Columns of the list of everyone.
const EVERYONE: [&str; 18] = [
    c::KEY,
    c::ID,
    c::NAME,
    c::REGION,
    r::ON_REGISTER,
    c::STANDING,
    l::ENROLMENT,
    l::PLACE,
    l::CATEGORY_NAME,
    p::ROSTER_NOW,
    p::PAYABLE,
    p::PAID,
    l::GRANTED,
    p::FIRST_PAID_ON,
    l::LAST_YEAR,
    l::TO_CANVASS,
    p::FACE_ORIGIN,
    p::FACE_ROW,
];

fn keys(frame: &DataFrame) -> PolarsResult<UInt64Chunked> {
    Ok(frame.column(c::KEY)?.u64()?.clone())
}

/// Whether a list that the pipeline asks for names the person.
fn is_asked_for(scheme: &Scheme) -> Expr {
    let (lists, insured) = (&scheme.lists, rulebook::is_insured);
    let enrolled = lit(lists.enrolled).and(insured());
    let uninsured = lit(lists.uninsured).and(insured().not());
    let on_register = col(r::ON_REGISTER).and(enrolled.or(uninsured));
    on_register.or(lit(lists.canvass).and(rulebook::to_canvass()))
}

/// On last year's list and in no book of this year: to be asked as well, unless the books say why they are gone.
fn only_last_year(people: &People) -> PolarsResult<LazyFrame> {
    let books = &people.books;
    let mut known: PlHashSet<u64> = keys(&books.deaths)?.into_no_null_iter().collect();
    known.extend(keys(&books.departures)?.into_no_null_iter());
    let is_known = |key: u64| {
        known.contains(&key) || books.index.get(key).is_some_and(|at| at < books.persons)
    };
    let missing: BooleanChunked = keys(&books.previous)?
        .into_no_null_iter()
        .map(|key| !is_known(key))
        .collect();
    let missing = books.previous.filter(&missing)?.lazy();
    let missing = missing.unique_stable(Some(cols([c::KEY])), UniqueKeepStrategy::First);
    Ok(missing.select(of_nobody(col(c::REGION), Standing::Uninsured, false)))
}

/// Register rows whose number is unusable: on the list of those who are not covered, as 数据待核.
fn pending(frame: &DataFrame, scheme: &Scheme) -> PolarsResult<DataFrame> {
    let region = coalesce(&[col(c::REGION), lit(scheme.regions.root())]);
    frame
        .clone()
        .lazy()
        .select(of_nobody(region, Standing::Pending, true))
        .collect()
}

/// Columns of somebody of whom no book of this year says anything: on the register, or on last year's list only.
fn of_nobody(region: Expr, standing: Standing, on_register: bool) -> [Expr; 18] {
    EVERYONE.map(|name| {
        let said = match name {
            c::REGION => region.clone(),
            r::ON_REGISTER => lit(on_register),
            c::STANDING => says(standing.index()),
            l::ENROLMENT => says(Enrolment::Nothing.index()),
            l::PLACE => no_text(),
            l::CATEGORY_NAME => lit(""),
            p::ROSTER_NOW => lit(false),
            p::PAYABLE | p::PAID | l::GRANTED => no_money(),
            p::FIRST_PAID_ON => lit(NULL).cast(DataType::Date),
            l::LAST_YEAR | l::TO_CANVASS => lit(!on_register),
            p::FACE_ORIGIN => col(c::ORIGIN),
            p::FACE_ROW => col(c::ROW),
            of_row => col(of_row),
        };
        said.alias(name)
    })
}

/// Sex and birth, which the number says.
fn with_birth(mut people: DataFrame) -> PolarsResult<DataFrame> {
    let keys: Vec<PersonKey> = people
        .column(c::KEY)?
        .u64()?
        .into_no_null_iter()
        .map(PersonKey)
        .collect();
    let male: BooleanChunked = keys
        .iter()
        .map(|key| key.digits17().map(|digits| digits % 2 == 1))
        .collect();
    let birth: Int32Chunked = keys.iter().map(|key| key.birth().map(epoch_day)).collect();
    people.with_column(male.with_name(l::MALE.into()).into_column())?;
    people.with_column(birth.with_name(l::BIRTH.into()).into_date().into_column())?;
    Ok(people)
}

/// Group, household and its head: what the register says, else the collective accounts, else last year's list.
fn with_household(people: DataFrame, rows: &Rows) -> PolarsResult<DataFrame> {
    let said = [c::GROUP, c::HOUSEHOLD, c::HEAD];
    let mut all = people.lazy();
    let mut found: Vec<Vec<Expr>> = vec![Vec::new(); said.len()];
    let wanted = all.clone().select([col(c::KEY)]);
    for (at, kind) in [
        SourceKind::Register,
        SourceKind::Households,
        SourceKind::Previous,
    ]
    .into_iter()
    .enumerate()
    {
        let Some(book) = rows.frame(kind) else {
            continue;
        };
        let taken = [col(c::KEY), col(c::FATE)]
            .into_iter()
            .chain(said.map(col))
            .collect::<Vec<_>>();
        let counts = super::fates::has_fate(&[Fate::Used, Fate::IdUnusable]);
        let mine = book.clone().lazy().filter(counts).select(taken);
        let mine = mine.join(
            wanted.clone(),
            [col(c::KEY)],
            [col(c::KEY)],
            JoinArgs::new(JoinType::Semi),
        );
        let mine = mine.sort(
            [c::KEY, c::HOUSEHOLD, c::GROUP, c::HEAD],
            SortMultipleOptions::default().with_nulls_last(true),
        );
        let mine = mine.unique_stable(Some(cols([c::KEY])), UniqueKeepStrategy::First);
        let named = said.map(|name| col(name).alias(format!("{name}_{at}")));
        all = all.join(
            mine.select([vec![col(c::KEY)], named.to_vec()].concat()),
            [col(c::KEY)],
            [col(c::KEY)],
            to_one(),
        );
        said.iter()
            .zip(&mut found)
            .for_each(|(name, found)| found.push(col(format!("{name}_{at}"))));
    }
    let columns = said.iter().zip(found).map(|(name, found)| {
        if found.is_empty() {
            no_text().alias(*name)
        } else {
            coalesce(&found).alias(*name)
        }
    });
    all.with_columns(columns.collect::<Vec<_>>()).collect()
}
