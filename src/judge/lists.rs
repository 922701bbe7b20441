//! The lists that a notice asks for, while they are still about keys and origins: everyone on the register (参保台账,
//! 未参保台账, 宣传发动名单) where the pipeline wants it, and everyone on a roster (feedback to the departments) always.

use chrono::NaiveDate;
use polars::prelude::*;

use super::{rosters, standings::standing, traits::Traits};
use crate::domain::{
    Fen, PersonKey, RegionTree, SourceKind, Standing, columns as c, period::epoch_day,
};
use crate::people::{
    People, Person, Place,
    gather::day,
    p,
    summary::{approved_after, in_force_on, numbers},
    to_one,
};
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

closed_list! {
    /// How far a person's enrolment of this year has come.
    pub enum Enrolment {
        /// Registered, and paid, subsidised or free where the notice asks for it.
        Done = "done",
        /// Registered as a resident, not paid: insures nobody yet.
        Unpaid = "unpaid",
        /// Paid, not registered: nobody may collect again.
        Unregistered = "unregistered",
        /// Neither.
        Nothing = "nothing",
    }
}

closed_list! {
    /// Why a row of a roster is not in force. The first that fits.
    pub enum OutOfForce {
        /// Its category is none that the notice declares.
        UnknownCategory = "unknown-category",
        /// It has ended.
        Ended = "ended",
        /// Approved after the cut-off.
        TooLate = "too-late",
        /// Identified after the as-of date.
        NotYet = "not-yet",
    }
}

/// Why a row is not in force on a day; null where it is.
fn out_of_force(scheme: &Scheme, as_of: NaiveDate) -> Expr {
    let says = |why: OutOfForce| lit(why.index()).cast(DataType::UInt8);
    let too_late = scheme.roster.cut_off.map_or(lit(false), approved_after);
    when(in_force_on(day(as_of), scheme))
        .then(lit(NULL).cast(DataType::UInt8))
        .when(col(c::CATEGORY).is_null())
        .then(says(OutOfForce::UnknownCategory))
        .when(col(c::ENDED).lt_eq(day(as_of)))
        .then(says(OutOfForce::Ended))
        .when(too_late)
        .then(says(OutOfForce::TooLate))
        .otherwise(says(OutOfForce::NotYet))
}

fn says(enrolment: Enrolment) -> Expr {
    lit(enrolment.index()).cast(DataType::UInt8)
}

fn enrolment(person: &Person) -> Enrolment {
    if person.is_employee() || person.is_resident() && person.resident_insures {
        Enrolment::Done
    } else if person.is_resident() {
        Enrolment::Unpaid
    } else if person.payments > 0 {
        Enrolment::Unregistered
    } else {
        Enrolment::Nothing
    }
}

/// Where a person is registered: the region here, else the pool of the other place; employee before resident.
fn place(person: &Person) -> Option<Place> {
    if person.is_registered_here() {
        person.counted_region.or(person.region)
    } else {
        person.employee_pool.or(person.resident_pool)
    }
}

fn granted(person: &Person) -> Fen {
    person.subsidised_paid + person.recorded_subsidy()
}

/// What both lists say of the persons at these positions; nothing of one who is in no book that counts.
fn said(people: &People, traits: &Traits, at: &[u32]) -> Vec<Column> {
    let persons = || at.iter().map(|at| people.persons.get(*at as usize));
    let enrolments: UInt8Chunked = persons()
        .map(|person| Some(enrolment(person?).index()))
        .collect();
    let places: StringChunked = persons()
        .map(|person| Some(people.places.text(place(person?)?)))
        .collect();
    let money: Int64Chunked = persons().map(|person| Some(granted(person?))).collect();
    vec![
        traits.standings(at),
        enrolments.with_name(l::ENROLMENT.into()).into_column(),
        places.with_name(l::PLACE.into()).into_column(),
        money.with_name(l::GRANTED.into()).into_column(),
    ]
}

fn no_text() -> Expr {
    lit(NULL).cast(DataType::String)
}

/// Nothing, as money: a bare literal would be of whatever width holds it.
fn no_money() -> Expr {
    lit(0i64).cast(DataType::Int64)
}

/// One row an entry of a roster, whatever became of the person.
pub(super) fn roster(
    people: &People,
    traits: &Traits,
    scheme: &Scheme,
    as_of: NaiveDate,
) -> PolarsResult<DataFrame> {
    let books = &people.books;
    let of_person = [p::PERSON_REGION, p::GRANT, p::GRANT_CATEGORY, p::PAID];
    let mut known = people.beside(books.rosters.rows.clone(), &of_person)?;
    let who: Vec<u32> = numbers(&known, p::WHO)?.values_iter().copied().collect();
    for column in said(people, traits, &who) {
        known.with_column(column)?;
    }
    known.with_column(people.text(l::VERDICT, &who, |person| rosters::verdict(person).code()))?;
    let known = known.lazy().with_columns([
        in_force_on(day(as_of), scheme).alias(l::IN_FORCE),
        out_of_force(scheme, as_of).alias(l::OUT_OF_FORCE),
    ]);
    let columns = |region: Expr, of_person: bool| {
        let person = |name: &'static str, kind: DataType| {
            if of_person {
                col(name)
            } else {
                lit(NULL).cast(kind).alias(name)
            }
        };
        vec![
            col(c::KEY),
            col(c::ID),
            col(c::NAME),
            region.alias(c::REGION),
            col(c::ORIGIN),
            col(c::ROW),
            col(c::CATEGORY),
            col(c::UNKNOWN_WORD),
            col(c::IDENTIFIED),
            col(c::ENDED),
            person(l::IN_FORCE, DataType::Boolean),
            person(l::OUT_OF_FORCE, DataType::UInt8),
            person(c::STANDING, DataType::UInt8),
            person(l::ENROLMENT, DataType::UInt8),
            person(l::PLACE, DataType::String),
            person(p::GRANT, DataType::Int64),
            person(p::GRANT_CATEGORY, DataType::UInt16),
            person(l::GRANTED, DataType::Int64),
            person(p::PAID, DataType::Int64),
            person(l::VERDICT, DataType::String),
        ]
    };
    let mut all = known
        .select(columns(
            coalesce(&[col(c::REGION), col(p::PERSON_REGION)]),
            true,
        ))
        .collect()?;
    // A number that cannot be used is joined to nobody: the department learns that, and mends it.
    for (_, frame) in books
        .unusable
        .iter()
        .filter(|(kind, _)| *kind == SourceKind::Rosters)
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

/// Everyone on the register, and whoever else is to be canvassed. Only where a pipeline asks for such a list.
pub(super) fn everyone(
    people: &People,
    traits: &Traits,
    rows: &Rows,
    scheme: &Scheme,
) -> PolarsResult<DataFrame> {
    let books = &people.books;
    let at = people.those(|person| is_asked_for(person, scheme));
    let last_year: PlHashSet<u64> = books
        .previous
        .column(c::KEY)?
        .u64()?
        .into_no_null_iter()
        .collect();
    let flags = |name: &str, of: &dyn Fn(&Person) -> bool| {
        let flags: BooleanChunked = at
            .iter()
            .map(|at| of(&people.persons[*at as usize]))
            .collect();
        flags.with_name(name.into()).into_column()
    };
    let of_person = [
        c::KEY,
        c::ID,
        c::NAME,
        p::REGISTER_REGION,
        p::PERSON_REGION,
        p::ON_REGISTER,
        p::ROSTER_NOW,
        p::PAYABLE,
        p::PAID,
        p::FIRST_PAID_ON,
        p::FACE_ORIGIN,
        p::FACE_ROW,
    ];
    let mut asked = people.columns(&of_person, &at)?;
    asked.extend(said(people, traits, &at));
    asked.push(people.text(l::CATEGORY_NAME, &at, |person| {
        rosters::category(person, scheme)
    }));
    asked.push(flags(l::LAST_YEAR, &|person| {
        last_year.contains(&person.key)
    }));
    asked.push(flags(l::TO_CANVASS, &is_to_canvass));
    let mut asked = DataFrame::new(at.len(), asked)?.lazy().select([
        col(c::KEY),
        col(c::ID),
        col(c::NAME),
        when(col(p::ON_REGISTER))
            .then(col(p::REGISTER_REGION))
            .otherwise(col(p::PERSON_REGION))
            .alias(c::REGION),
        col(p::ON_REGISTER),
        col(c::STANDING),
        col(l::ENROLMENT),
        col(l::PLACE),
        col(l::CATEGORY_NAME),
        col(p::ROSTER_NOW),
        col(p::PAYABLE),
        col(p::PAID),
        col(l::GRANTED),
        col(p::FIRST_PAID_ON),
        col(l::LAST_YEAR),
        col(l::TO_CANVASS),
        col(p::FACE_ORIGIN),
        col(p::FACE_ROW),
    ]);
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

/// Whether a list that the pipeline asks for names the person.
fn is_asked_for(person: &Person, scheme: &Scheme) -> bool {
    let (lists, insured) = (&scheme.lists, standing(person).is_insured());
    let on_register =
        person.on_register() && (lists.enrolled && insured || lists.uninsured && !insured);
    on_register || lists.canvass && is_to_canvass(person)
}

/// Not covered, alive, not gone; covered here without having paid counts as not covered.
fn is_to_canvass(person: &Person) -> bool {
    let open = [
        Standing::Uninsured,
        Standing::Unreachable,
        Standing::Declined,
    ];
    open.contains(&standing(person)) && !person.dead && !person.departed
}

/// On last year's list and in no book of this year: to be asked as well, unless the books say why they are gone.
fn only_last_year(people: &People) -> PolarsResult<LazyFrame> {
    let books = &people.books;
    let keys = |frame: &DataFrame| PolarsResult::Ok(frame.column(c::KEY)?.u64()?.clone());
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
    [
        col(c::KEY),
        col(c::ID),
        col(c::NAME),
        region.alias(c::REGION),
        lit(on_register).alias(p::ON_REGISTER),
        lit(standing.index())
            .cast(DataType::UInt8)
            .alias(c::STANDING),
        says(Enrolment::Nothing).alias(l::ENROLMENT),
        no_text().alias(l::PLACE),
        lit("").alias(l::CATEGORY_NAME),
        lit(false).alias(p::ROSTER_NOW),
        no_money().alias(p::PAYABLE),
        no_money().alias(p::PAID),
        no_money().alias(l::GRANTED),
        lit(NULL).cast(DataType::Date).alias(p::FIRST_PAID_ON),
        lit(!on_register).alias(l::LAST_YEAR),
        lit(!on_register).alias(l::TO_CANVASS),
        col(c::ORIGIN).alias(p::FACE_ORIGIN),
        col(c::ROW).alias(p::FACE_ROW),
    ]
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
        let counts =
            super::rows::has_fate(&[crate::domain::Fate::Used, crate::domain::Fate::IdUnusable]);
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
