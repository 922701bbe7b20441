//! Lists of persons that the reports print: codes and origins become words of files, in the order in which they are read.

use std::collections::BTreeMap;

use polars::prelude::*;

use crate::domain::{Fen, SourceKind, Standing, columns as c};
use crate::intake::Origin;
use crate::judge::households::{h, is_head};
use crate::judge::lists::l;
use crate::judge::rulebook::r;
use crate::judge::{Enrolment, Judged, OutOfForce, Remark, RosterChange};
use crate::people::{p, to_one};
use crate::refine::arrivals::list_name;
use crate::scheme::Scheme;

// Columns that live only in this file.
const AT: &str = "at";
const FILE: &str = "file";
const LIST: &str = "list";
const PAYER: &str = "payer";
const GRANTED_BY: &str = "granted_by";
const CATEGORY_AT: &str = "category_at";
const GRANTING: &str = "granting";
const GRANTING_AT: &str = "granting_at";

/// Lists of persons beside those of the data files. All but the changes are for workbooks only, and empty where none is made.
#[derive(Clone, Debug, Default)]
pub struct PersonLists {
    /// One row an entry of a roster, in order of list, region, number: `id,name,region_code,list,file,row,category,payer,
    /// identified,ended,in_force,out_of_force,standing,enrolment,place,grant_fen,granted_by,granted_fen,paid_fen,verdict`. `list` is the
    /// file's name without its batch. Empty, without columns, where no roster was read.
    pub roster: DataFrame,
    /// Everyone that a ledger or the canvass list names, in order of region, group, household: `id,name,region_code,
    /// on_register,standing,enrolment,place,category,hardship,payable_fen,paid_fen,granted_fen,paid_on,last_year,to_canvass,
    /// male,birth,group,household,head`. Empty, without columns, where the pipeline asks for none.
    pub everyone: DataFrame,
    /// Households with a collective account, in order of region and household. Empty where the pipeline asks for no such list.
    pub households: Vec<Household>,
    /// What changed on the rosters, sorted.
    pub changes: Vec<RosterChange>,
    /// roster_changes.parquet: `change,id,name,region_code,category,before,after,source_file,row`.
    pub roster_changes: DataFrame,
}

/// A household with a collective account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Household {
    /// Region: the list's own, else the head's, else the lowest of its members'. Empty = 其他.
    pub region_code: String,
    /// Number, or the head's name.
    pub household: String,
    /// 村民小组.
    pub group: String,
    /// Head's name.
    pub head: String,
    /// Head's number, where the head is a member.
    pub head_id: String,
    /// Account: its name, bank and number.
    pub account: [String; 3],
    /// Members, the head first, then as listed.
    pub members: Vec<Member>,
}

impl Household {
    /// What the account is to be charged for the year: the sum of its members' charges.
    pub fn charge_fen(&self) -> Fen {
        self.members.iter().map(|member| member.charge_fen).sum()
    }
    /// How much of it is paid already.
    pub fn paid_fen(&self) -> Fen {
        self.members.iter().map(|member| member.paid_fen).sum()
    }
    /// What is still to be charged.
    pub fn due_fen(&self) -> Fen {
        self.members.iter().map(Member::due_fen).sum()
    }
    /// Members whom the household insures as residents.
    pub fn insured(&self) -> u64 {
        self.members
            .iter()
            .filter(|member| member.is_insured_here())
            .count() as u64
    }
}

/// A member of a household.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Number.
    pub id: String,
    /// Name.
    pub name: String,
    /// Relation to the head.
    pub relation: String,
    /// Category.
    pub category: String,
    /// What is charged for this person.
    pub charge_fen: Fen,
    /// How much of the charge is paid already.
    pub paid_fen: Fen,
    /// What the received list states, where it states anything.
    pub stated_fen: Option<Fen>,
    /// Why it is not the premium, if there is a reason.
    pub remark: Option<Remark>,
}

impl Member {
    /// What is still to be charged.
    pub fn due_fen(&self) -> Fen {
        self.charge_fen - self.paid_fen
    }
    /// Charged, paid or free of charge as a resident of this household.
    pub fn is_insured_here(&self) -> bool {
        matches!(self.remark, None | Some(Remark::Subsidised | Remark::Paid))
    }
}

/// All lists of a run.
pub(super) fn lists(
    judged: &mut Judged<'_>,
    origins: &[Origin],
    scheme: &Scheme,
) -> PolarsResult<PersonLists> {
    let take = std::mem::take::<Vec<DataFrame>>;
    let changes = std::mem::take(&mut judged.changes);
    let members = take(&mut judged.members);
    let printed = judged.printed.any();
    Ok(PersonLists {
        roster: if printed {
            roster(take(&mut judged.roster), origins, scheme)?
        } else {
            DataFrame::empty()
        },
        everyone: everyone(take(&mut judged.everyone))?,
        households: if printed && scheme.lists.households {
            households(&members)?
        } else {
            Vec::new()
        },
        roster_changes: changes_frame(&changes, origins)?,
        changes,
    })
}

fn stacked(frames: Vec<DataFrame>) -> PolarsResult<DataFrame> {
    let mut frames = frames.into_iter();
    let mut all = frames.next().unwrap_or_default(); // no bucket, no frame: an empty one
    for frame in frames {
        all.vstack_mut_owned(frame)?;
    }
    Ok(all)
}

fn text(name: &str) -> Expr {
    col(name).fill_null(lit(""))
}

/// A code in place of its position in a closed list; "" for none.
fn code_of(column: &str, codes: impl Iterator<Item = (u8, &'static str)>) -> Expr {
    codes.fold(lit(""), |rest, (at, code)| {
        when(col(column).eq(lit(at)))
            .then(lit(code))
            .otherwise(rest)
    })
}

fn standing() -> Expr {
    code_of(
        c::STANDING,
        Standing::ALL
            .iter()
            .map(|standing| (standing.index(), standing.code())),
    )
}

fn enrolment() -> Expr {
    code_of(
        l::ENROLMENT,
        Enrolment::ALL
            .iter()
            .map(|enrolment| (enrolment.index(), enrolment.code())),
    )
}

/// Name and payer of every category, under names of their own.
fn categories(scheme: &Scheme, at: &str, name: &str, payer: &str) -> PolarsResult<LazyFrame> {
    let positions: Vec<u16> = (0..scheme.categories.len())
        .map(|at| u16::try_from(at).unwrap_or(u16::MAX))
        .collect(); // a few dozen
    let frame = df!(
        at => positions,
        name => scheme.categories.iter().map(|category| category.name.as_str()).collect::<Vec<_>>(),
        payer => scheme.categories.iter().map(|category| category.payer.as_str()).collect::<Vec<_>>(),
    )?;
    Ok(frame.lazy())
}

fn roster(frames: Vec<DataFrame>, origins: &[Origin], scheme: &Scheme) -> PolarsResult<DataFrame> {
    if !origins
        .iter()
        .any(|origin| origin.source == SourceKind::Rosters)
    {
        return Ok(DataFrame::empty());
    }
    let rule = scheme.source(SourceKind::Rosters);
    let files = df!(
        AT => (0u32..).take(origins.len()).collect::<Vec<_>>(),
        FILE => origins.iter().map(|origin| origin.file.as_str()).collect::<Vec<_>>(),
        LIST => origins.iter().map(|origin| list_name(&origin.file, rule)).collect::<Vec<_>>(),
    )?;
    let granting = categories(scheme, GRANTING_AT, GRANTING, GRANTED_BY)?;
    let rows = stacked(frames)?
        .lazy()
        .join(files.lazy(), [col(c::ORIGIN)], [col(AT)], to_one())
        .join(
            categories(scheme, CATEGORY_AT, l::CATEGORY_NAME, PAYER)?,
            [col(c::CATEGORY)],
            [col(CATEGORY_AT)],
            to_one(),
        )
        .join(
            granting,
            [col(p::GRANT_CATEGORY)],
            [col(GRANTING_AT)],
            to_one(),
        );
    rows.select([
        text(c::ID).alias("id"),
        text(c::NAME).alias("name"),
        text(c::REGION).alias("region_code"),
        col(LIST),
        col(FILE),
        col(c::ROW).alias("row"),
        // A category that nobody knows stands there as it was sent.
        coalesce(&[col(l::CATEGORY_NAME), col(c::UNKNOWN_WORD), lit("")]).alias("category"),
        text(PAYER).alias(PAYER),
        col(c::IDENTIFIED).alias("identified"),
        col(c::ENDED).alias("ended"),
        col(l::IN_FORCE).fill_null(lit(false)).alias("in_force"),
        code_of(
            l::OUT_OF_FORCE,
            OutOfForce::ALL.iter().map(|why| (why.index(), why.code())),
        )
        .alias("out_of_force"),
        standing().alias("standing"),
        enrolment().alias("enrolment"),
        text(l::PLACE).alias("place"),
        col(p::GRANT).fill_null(lit(0i64)).alias("grant_fen"),
        text(GRANTED_BY).alias(GRANTED_BY),
        col(l::GRANTED).fill_null(lit(0i64)).alias("granted_fen"),
        col(p::PAID).fill_null(lit(0i64)).alias("paid_fen"),
        text(l::VERDICT).alias("verdict"),
        col(c::ORIGIN),
    ])
    .sort(
        [LIST, "region_code", "id", "name", c::ORIGIN, "row"],
        SortMultipleOptions::default(),
    )
    .collect()
}

fn everyone(frames: Vec<DataFrame>) -> PolarsResult<DataFrame> {
    if frames.is_empty() {
        return Ok(DataFrame::empty());
    }
    stacked(frames)?
        .lazy()
        .select([
            text(c::ID).alias("id"),
            text(c::NAME).alias("name"),
            text(c::REGION).alias("region_code"),
            col(r::ON_REGISTER).alias("on_register"),
            standing().alias("standing"),
            enrolment().alias("enrolment"),
            text(l::PLACE).alias("place"),
            text(l::CATEGORY_NAME).alias("category"),
            col(p::ROSTER_NOW).alias("hardship"),
            col(p::PAYABLE).alias("payable_fen"),
            col(p::PAID).alias("paid_fen"),
            col(l::GRANTED).alias("granted_fen"),
            col(p::FIRST_PAID_ON).alias("paid_on"),
            col(l::LAST_YEAR).alias("last_year"),
            col(l::TO_CANVASS).alias("to_canvass"),
            col(l::MALE).alias("male"),
            col(l::BIRTH).alias("birth"),
            text(c::GROUP).alias("group"),
            text(c::HOUSEHOLD).alias("household"),
            text(c::HEAD).alias("head"),
            col(p::FACE_ORIGIN),
            col(p::FACE_ROW),
        ])
        .sort(
            [
                "region_code",
                "group",
                "household",
                "id",
                "name",
                p::FACE_ORIGIN,
                p::FACE_ROW,
            ],
            SortMultipleOptions::default().with_nulls_last(true),
        )
        .collect()
}

/// Households in order of region and household; members of several buckets come together here.
fn households(frames: &[DataFrame]) -> PolarsResult<Vec<Household>> {
    /// Where a member stands, whether it is the head, and its own region.
    type Listed = (bool, u32, u32, String, Member);
    let mut members: BTreeMap<(String, String), (Household, Vec<Listed>)> = BTreeMap::new();
    for frame in frames {
        let text = |name: &str| frame.column(name).and_then(|column| column.str().cloned());
        let names = [
            c::REGION,
            h::LISTED,
            c::HOUSEHOLD,
            c::GROUP,
            c::HEAD,
            c::RELATION,
            c::ID,
            c::NAME,
            l::CATEGORY_NAME,
        ];
        let mut texts = Vec::with_capacity(names.len());
        for name in names {
            texts.push(text(name)?);
        }
        let accounts = [text(c::ACCOUNT_NAME)?, text(c::BANK)?, text(c::ACCOUNT)?];
        let (charge, stated) = (
            frame.column(h::CHARGE)?.i64()?,
            frame.column(c::STATED)?.i64()?,
        );
        let paid = frame.column(h::PAID)?.i64()?;
        let remark = frame.column(h::REMARK)?.u8()?;
        let (origin, row) = (
            frame.column(c::ORIGIN)?.u32()?,
            frame.column(c::ROW)?.u32()?,
        );
        for at in 0..frame.height() {
            let of = |which: usize| texts[which].get(at).unwrap_or("").to_owned(); // a blank cell
            let (household, listed) = members.entry((of(1), of(2))).or_default();
            let is_head = is_head(texts[5].get(at), texts[7].get(at), texts[4].get(at));
            fill(&mut household.group, of(3));
            fill(&mut household.head, of(4));
            for (mine, column) in household.account.iter_mut().zip(&accounts) {
                fill(mine, column.get(at).unwrap_or("").to_owned()); // a blank cell
            }
            let charge_fen = charge.get(at).unwrap_or(0); // never null: decided where it was made
            let member = Member {
                id: of(6),
                name: of(7),
                relation: of(5),
                category: of(8),
                charge_fen,
                // More than the charge is a refund, not the account's.
                paid_fen: paid.get(at).unwrap_or(0).clamp(0, charge_fen.max(0)), // joined to nobody: nothing paid
                stated_fen: stated.get(at),
                remark: remark.get(at).map(Remark::at),
            };
            let place = (origin.get(at).unwrap_or(0), row.get(at).unwrap_or(0)); // never null in a typed frame
            listed.push((!is_head, place.0, place.1, of(0), member));
        }
    }
    let mut all: Vec<Household> = members
        .into_iter()
        .map(|((region, number), (mut household, mut listed))| {
            listed.sort_by(|a, b| {
                (a.0, a.1, a.2, &a.4.id, &a.4.name).cmp(&(b.0, b.1, b.2, &b.4.id, &b.4.name))
            });
            let head = listed.first().filter(|member| !member.0);
            household.head_id = head.map_or(String::new(), |head| head.4.id.clone());
            fill(
                &mut household.head,
                head.map_or(String::new(), |head| head.4.name.clone()),
            );
            let lowest = || {
                listed
                    .iter()
                    .map(|member| member.3.clone())
                    .filter(|region| !region.is_empty())
                    .min()
            };
            let of_head = head
                .map(|head| head.3.clone())
                .filter(|region| !region.is_empty());
            household.region_code = Some(region)
                .filter(|region| !region.is_empty())
                .or(of_head)
                .or_else(lowest)
                .unwrap_or_default(); // 其他
            household.household = number;
            household.members = listed.into_iter().map(|member| member.4).collect();
            household
        })
        .collect();
    // 其他 stands last.
    let key = |one: &Household| {
        (
            one.region_code.is_empty(),
            one.region_code.clone(),
            one.group.clone(),
            one.household.clone(),
        )
    };
    all.sort_by_key(key);
    Ok(all)
}

/// Of differing words the lowest, whatever order the rows come in; any word before none.
fn fill(mine: &mut String, text: String) {
    if !text.is_empty() && (mine.is_empty() || text < *mine) {
        *mine = text;
    }
}

fn changes_frame(changes: &[RosterChange], origins: &[Origin]) -> PolarsResult<DataFrame> {
    let texts = |of: fn(&RosterChange) -> &str| changes.iter().map(of).collect::<Vec<&str>>();
    df!(
        "change" => texts(|change| change.change.code()),
        "id" => texts(|change| &change.id),
        "name" => texts(|change| &change.name),
        "region_code" => texts(|change| &change.region_code),
        "category" => texts(|change| &change.category),
        "before" => texts(|change| &change.before),
        "after" => texts(|change| &change.after),
        "source_file" => changes.iter().map(|change| origins[change.origin as usize].file.as_str()).collect::<Vec<_>>(),
        "row" => changes.iter().map(|change| change.row).collect::<Vec<_>>(),
    )
}
