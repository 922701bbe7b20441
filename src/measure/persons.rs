//! Lists of persons that the reports print: codes and origins become words of files, in the order in which they are read.

use std::collections::BTreeMap;

use polars::prelude::*;

use crate::domain::{Fen, SourceKind, Standing, columns as c};
use crate::intake::Origin;
use crate::judge::households::{h, is_head};
use crate::judge::lists::l;
use crate::judge::rulebook::{in_words, r};
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
    /// name that the department gives its list. Empty, without columns, where no roster was read.
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

fn standing() -> Expr {
    in_words(
        c::STANDING,
        Standing::ALL
            .iter()
            .map(|standing| (standing.index(), standing.code())),
    )
}

fn enrolment() -> Expr {
    in_words(
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
    let is_roster = |origin: &Origin| origin.source == SourceKind::Rosters;
    if !origins.iter().any(is_roster) {
        return Ok(DataFrame::empty());
    }
    let order = [LIST, "region_code", "id", "name", c::ORIGIN, "row"];
    named(stacked(frames)?.lazy(), origins, scheme)?
        .select(roster_columns())
        .sort(order, SortMultipleOptions::default())
        .collect()
}

/// Entries of rosters with the names of their list, of their own category, and of the one that grants.
fn named(rows: LazyFrame, origins: &[Origin], scheme: &Scheme) -> PolarsResult<LazyFrame> {
    let files = df!(
        AT => (0u32..).take(origins.len()).collect::<Vec<_>>(),
        FILE => origins.iter().map(|origin| origin.file.as_str()).collect::<Vec<_>>(),
        LIST => origins.iter().map(list_name).collect::<Vec<_>>(),
    )?;
    let own = categories(scheme, CATEGORY_AT, l::CATEGORY_NAME, PAYER)?;
    let granting = categories(scheme, GRANTING_AT, GRANTING, GRANTED_BY)?;
    let at = |name| [col(name)];
    Ok(rows
        .join(files.lazy(), at(c::ORIGIN), at(AT), to_one())
        .join(own, at(c::CATEGORY), at(CATEGORY_AT), to_one())
        .join(granting, at(p::GRANT_CATEGORY), at(GRANTING_AT), to_one()))
}

fn roster_columns() -> [Expr; 21] {
    [
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
        in_words(
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
    ]
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

/// A member as it is listed: whether it is another than the head, where it stands, and its own region.
struct Listed {
    not_head: bool,
    origin: u32,
    row: u32,
    region: String,
    member: Member,
}

impl Listed {
    fn rank(&self) -> (bool, u32, u32, String, String) {
        let member = &self.member;
        let (id, name) = (member.id.clone(), member.name.clone());
        (self.not_head, self.origin, self.row, id, name)
    }
}

/// Columns of text of a list of members, in the order of `Rows::text`.
const TEXTS: [&str; 12] = [
    c::REGION,
    h::LISTED,
    c::HOUSEHOLD,
    c::GROUP,
    c::HEAD,
    c::RELATION,
    c::ID,
    c::NAME,
    l::CATEGORY_NAME,
    c::ACCOUNT_NAME,
    c::BANK,
    c::ACCOUNT,
];

/// Rows of a list of members.
struct Rows<'f> {
    texts: Vec<&'f StringChunked>,
    charge: &'f Int64Chunked,
    stated: &'f Int64Chunked,
    paid: &'f Int64Chunked,
    remark: &'f UInt8Chunked,
    origin: &'f UInt32Chunked,
    row: &'f UInt32Chunked,
}

impl<'f> Rows<'f> {
    fn of(frame: &'f DataFrame) -> PolarsResult<Self> {
        let texts = TEXTS.map(|name| frame.column(name)?.str());
        Ok(Rows {
            texts: texts.into_iter().collect::<PolarsResult<_>>()?,
            charge: frame.column(h::CHARGE)?.i64()?,
            stated: frame.column(c::STATED)?.i64()?,
            paid: frame.column(h::PAID)?.i64()?,
            remark: frame.column(h::REMARK)?.u8()?,
            origin: frame.column(c::ORIGIN)?.u32()?,
            row: frame.column(c::ROW)?.u32()?,
        })
    }

    /// A cell; a blank one is empty.
    fn text(&self, name: &str, at: usize) -> String {
        let which = TEXTS.iter().position(|one| *one == name);
        let text = which.and_then(|which| self.texts[which].get(at));
        text.unwrap_or("").to_owned()
    }

    fn is_head(&self, at: usize) -> bool {
        let of = |name| Some(self.text(name, at)).filter(|text| !text.is_empty());
        let (relation, name, head) = (of(c::RELATION), of(c::NAME), of(c::HEAD));
        is_head(relation.as_deref(), name.as_deref(), head.as_deref())
    }

    fn listed(&self, at: usize) -> Listed {
        let charge_fen = self.charge.get(at).unwrap_or(0); // never null: decided where it was made
        let paid = self.paid.get(at).unwrap_or(0); // joined to nobody: nothing paid
        Listed {
            not_head: !self.is_head(at),
            origin: self.origin.get(at).unwrap_or(0), // never null in a typed frame
            row: self.row.get(at).unwrap_or(0),       // never null in a typed frame
            region: self.text(c::REGION, at),
            member: Member {
                id: self.text(c::ID, at),
                name: self.text(c::NAME, at),
                relation: self.text(c::RELATION, at),
                category: self.text(l::CATEGORY_NAME, at),
                charge_fen,
                // More than the charge is a refund, not the account's.
                paid_fen: paid.clamp(0, charge_fen.max(0)),
                stated_fen: self.stated.get(at),
                remark: self.remark.get(at).map(Remark::at),
            },
        }
    }
}

/// Households in order of region and household; members of several buckets come together here.
fn households(frames: &[DataFrame]) -> PolarsResult<Vec<Household>> {
    let mut found: BTreeMap<(String, String), (Household, Vec<Listed>)> = BTreeMap::new();
    for frame in frames {
        let rows = Rows::of(frame)?;
        for at in 0..frame.height() {
            let named = (rows.text(h::LISTED, at), rows.text(c::HOUSEHOLD, at));
            let (household, members) = found.entry(named).or_default();
            fill(&mut household.group, rows.text(c::GROUP, at));
            fill(&mut household.head, rows.text(c::HEAD, at));
            let account = [c::ACCOUNT_NAME, c::BANK, c::ACCOUNT];
            for (mine, name) in household.account.iter_mut().zip(account) {
                fill(mine, rows.text(name, at));
            }
            members.push(rows.listed(at));
        }
    }
    let found = found.into_iter();
    let mut all: Vec<Household> = found
        .map(|((region, number), (household, members))| {
            household.with_members(region, number, members)
        })
        .collect();
    // 其他 stands last.
    all.sort_by_key(|one| {
        let order = (one.group.clone(), one.household.clone());
        (one.region_code.is_empty(), one.region_code.clone(), order)
    });
    Ok(all)
}

impl Household {
    /// The head first, then as listed. Its region is the list's own, else the head's, else the lowest of its members'.
    fn with_members(mut self, region: String, number: String, mut members: Vec<Listed>) -> Self {
        members.sort_by_key(Listed::rank);
        let stated = |region: &String| !region.is_empty();
        let head = members.first().filter(|member| !member.not_head);
        let head_name = head.map_or(String::new(), |head| head.member.name.clone());
        self.head_id = head.map_or(String::new(), |head| head.member.id.clone());
        fill(&mut self.head, head_name);
        let of_head = head.map(|head| head.region.clone()).filter(stated);
        let lowest = || {
            members
                .iter()
                .map(|one| one.region.clone())
                .filter(stated)
                .min()
        };
        let own = Some(region).filter(stated);
        self.region_code = own.or(of_head).or_else(lowest).unwrap_or_default(); // 其他
        self.household = number;
        self.members = members.into_iter().map(|one| one.member).collect();
        self
    }
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
