//! The people of a household's row: which columns are whose.

use crate::domain::Field;
use crate::intake::ask::Ask;
use crate::intake::cell::{self, RowCells};
use crate::intake::header::agreement;
use crate::intake::header::found::Own;
use crate::intake::header::levels::Path;
use crate::intake::header::meaning::{self, Meant, key};
use crate::intake::marks;
use crate::intake::sheet::Sure;

/// It cannot be told which columns are whose.
#[derive(Debug)]
pub(crate) struct Untold;

/// A column of one of the people.
#[derive(Clone, Copy, Debug)]
struct Piece<'h> {
    column: usize,
    field: Field,
    whose: Whose<'h>,
}

/// What keeps the columns of a person together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose<'h> {
    /// A number in their headers.
    Number(u32),
    /// A merged cell over them, and the column it begins at.
    Under(&'h str, usize),
    /// Nothing but their order.
    Order,
}

/// The columns of every person of a row, where the pipeline says that there are several. Numbers and merged cells tell
/// them apart; columns that neither does are told apart by their order.
pub(crate) fn people(
    ask: Ask<'_>,
    paths: &[Path<'_>],
    claims: &[Option<Meant>],
) -> Result<Vec<Own>, Untold> {
    let pieces = pieces(ask, paths, claims);
    if !pieces.iter().any(|piece| piece.field == Field::Id) {
        return Ok(Vec::new());
    }
    let mut groups: Vec<Vec<Piece<'_>>> = Vec::new();
    for piece in &pieces {
        match groups
            .iter_mut()
            .find(|group| group[0].whose == piece.whose)
        {
            Some(group) => group.push(*piece),
            None => groups.push(vec![*piece]),
        }
    }
    let everywhere = |field: Field| {
        groups
            .iter()
            .all(|group| group.iter().any(|piece| piece.field == field))
    };
    if everywhere(Field::Id) || everywhere(Field::Name) {
        let told: Option<Vec<Vec<Own>>> = groups.iter().map(|group| in_order(group)).collect();
        return told.map(|people| people.concat()).ok_or(Untold);
    }
    // 基本信息 stands over the name, 证件信息 over the number: what is above is no person.
    let is_one = |own: &Own| {
        let mut numbers = own.iter().filter_map(|(column, _)| claims[*column]?.person);
        numbers
            .next()
            .is_none_or(|first| numbers.all(|other| other == first))
    };
    let whole = |people: &Vec<Own>| {
        people
            .iter()
            .all(|own| own.len() == people[0].len() && is_one(own))
    };
    in_order(&pieces).filter(whole).ok_or(Untold)
}

/// The columns of fields that stand once a person: of every field those of its lowest rank.
fn pieces<'h>(ask: Ask<'_>, paths: &'h [Path<'_>], claims: &[Option<Meant>]) -> Vec<Piece<'h>> {
    let all = || {
        claims
            .iter()
            .enumerate()
            .filter_map(|(column, claim)| Some((column, (*claim)?)))
    };
    let best = |field: Field| {
        all()
            .filter(|(_, meant)| meant.field == field)
            .map(|(_, meant)| meant.rank)
            .min()
    };
    let repeated: Vec<(usize, Meant)> = all()
        .filter(|(_, meant)| {
            ask.rule.unpivot.contains(&meant.field) && best(meant.field) == Some(meant.rank)
        })
        .collect();
    // The uppermost merged cell with no field twice below it: 长子 rather than 家庭成员 above or 基本信息 below.
    let is_one = |above: &(&str, usize)| {
        let below = || {
            repeated
                .iter()
                .filter(|(column, _)| paths[*column].above().contains(above))
        };
        !below().any(|(column, meant)| {
            below().any(|(other, twin)| other != column && twin.field == meant.field)
        })
    };
    let piece = |(column, meant): &(usize, Meant)| {
        let above = paths.get(*column).map_or(&[][..], |path| path.above());
        let over = above.iter().find(|over| is_one(over)).or(above.last());
        let whose = match (meant.person, over) {
            (Some(number), _) => Whose::Number(number),
            (None, Some((text, start))) => Whose::Under(text, *start),
            (None, None) => Whose::Order,
        };
        Piece {
            column: *column,
            field: meant.field,
            whose,
        }
    };
    repeated.iter().map(piece).collect()
}

/// Where a column lies: between the columns of a person, or before those of the nth.
enum Spot {
    Within(usize),
    Before(usize),
}

/// People told apart by the order of their columns alone. Fields that all of them have make the people; one that some
/// lack is given to the person behind or before it only if the other cannot be.
fn in_order(pieces: &[Piece<'_>]) -> Option<Vec<Own>> {
    let times = |field: Field| pieces.iter().filter(|piece| piece.field == field).count();
    let most = pieces.iter().map(|piece| times(piece.field)).max()?;
    let (firm, loose): (Vec<Piece<'_>>, Vec<Piece<'_>>) =
        pieces.iter().partition(|piece| times(piece.field) == most);
    let mut people = person_by_person(&firm, most)
        .or_else(|| field_by_field(&firm, most).filter(|_| loose.is_empty()))?;
    let spans: Vec<(usize, usize)> = people.iter().map(span).collect();
    let spot = |column: usize| {
        let before = spans.iter().filter(|(_, last)| *last < column).count();
        if spans.get(before).is_some_and(|(first, _)| *first < column) {
            Spot::Within(before)
        } else {
            Spot::Before(before)
        }
    };
    let mut fields: Vec<Field> = Vec::new();
    for Piece { field, .. } in &loose {
        if !fields.contains(field) {
            fields.push(*field);
        }
    }
    for field in fields {
        let columns: Vec<usize> = loose
            .iter()
            .filter(|piece| piece.field == field)
            .map(|piece| piece.column)
            .collect();
        let owners = owners(
            &columns
                .iter()
                .map(|column| spot(*column))
                .collect::<Vec<_>>(),
            most,
        )?;
        for (column, owner) in columns.into_iter().zip(owners) {
            if people[owner].iter().any(|(_, own)| *own == field) {
                return None;
            }
            people[owner].push((column, field));
        }
    }
    if !loose.is_empty() {
        people
            .iter_mut()
            .for_each(|own| own.sort_unstable_by_key(|(column, _)| *column));
        let spans: Vec<(usize, usize)> = people.iter().map(span).collect();
        if spans.windows(2).any(|two| two[0].1 > two[1].0) {
            return None;
        }
    }
    Some(people)
}

fn span(own: &Own) -> (usize, usize) {
    let columns = || own.iter().map(|(column, _)| *column);
    (columns().min().unwrap_or(0), columns().max().unwrap_or(0))
}

/// Whose the columns of a field are that some of the people lack.
fn owners(spots: &[Spot], people: usize) -> Option<Vec<usize>> {
    let within: Option<Vec<usize>> = spots
        .iter()
        .map(|spot| {
            if let Spot::Within(at) = spot {
                Some(*at)
            } else {
                None
            }
        })
        .collect();
    if within.is_some() {
        return within;
    }
    let before: Vec<usize> = spots
        .iter()
        .map(|spot| {
            if let Spot::Before(at) = spot {
                Some(*at)
            } else {
                None
            }
        })
        .collect::<Option<_>>()?;
    // It ends a person or begins one, and the same for all.
    match (!before.contains(&0), !before.contains(&people)) {
        (true, false) => Some(before.into_iter().map(|at| at - 1).collect()),
        (false, true) => Some(before),
        _ => None,
    }
}

/// 姓名 身份证号 姓名 身份证号.
fn person_by_person(pieces: &[Piece<'_>], most: usize) -> Option<Vec<Own>> {
    let people: Vec<Own> = pieces.chunks(pieces.len() / most).map(own).collect();
    let is_whole =
        |own: &Own| (1..own.len()).all(|at| own[..at].iter().all(|(_, field)| *field != own[at].1));
    people.iter().all(is_whole).then_some(people)
}

/// 姓名 姓名 身份证号 身份证号.
fn field_by_field(pieces: &[Piece<'_>], most: usize) -> Option<Vec<Own>> {
    let runs: Vec<Own> = pieces.chunks(most).map(own).collect();
    let is_one_field = |run: &Own| run.iter().all(|(_, field)| *field == run[0].1);
    runs.iter().all(is_one_field).then(|| {
        (0..most)
            .map(|at| runs.iter().map(|run| run[at]).collect())
            .collect()
    })
}

fn own(pieces: &[Piece<'_>]) -> Own {
    pieces
        .iter()
        .map(|piece| (piece.column, piece.field))
        .collect()
}

/// Takes the columns under 户主情况 for those of a person beside the others. Where they tell no relation, they may as well
/// say whose household it is and the householder stands among the others once more: the rows show which.
pub(crate) fn count_householder(
    ask: Ask<'_>,
    paths: &[Path<'_>],
    claims: &mut [Option<Meant>],
    data: &[RowCells<'_>],
) -> Result<(), Untold> {
    let mut own: Vec<(usize, Meant)> = Vec::new();
    for (column, path) in paths.iter().enumerate() {
        let is_declared = claims[column].is_some_and(|meant| meant.sure == Sure::Declared);
        if is_declared || !path.parents().iter().any(|above| above.contains("户主")) {
            continue;
        }
        let alone = meaning::alone(ask, &key(path.leaf))
            .filter(|meant| ask.rule.unpivot.contains(&meant.field));
        own.extend(alone.map(|meant| {
            (
                column,
                Meant {
                    person: None,
                    ..meant
                },
            )
        }));
    }
    let Some((id, _)) = own
        .iter()
        .find(|(_, meant)| meant.field == Field::Id)
        .copied()
    else {
        return Ok(());
    };
    let is_own = |column: &usize| own.iter().any(|(other, _)| other == column);
    let is_number = |column: &usize| claims[*column].is_some_and(|meant| meant.field == Field::Id);
    let others: Vec<usize> = (0..claims.len())
        .filter(|column| is_number(column) && !is_own(column))
        .collect();
    if others.is_empty() {
        return Ok(());
    }
    if !own.iter().any(|(_, meant)| meant.field == Field::Relation) {
        let told: Vec<&RowCells<'_>> = data
            .iter()
            .filter(|row| marks::looks_like_id(cell::at(row, id)))
            .collect();
        let repeats = |row: &&RowCells<'_>| {
            others
                .iter()
                .any(|other| agreement::is_same_value(cell::at(row, *other), cell::at(row, id)))
        };
        match told.iter().filter(|row| repeats(row)).count() {
            0 => {}
            all if all == told.len() => return Ok(()),
            _ => return Err(Untold),
        }
    }
    own.into_iter()
        .for_each(|(column, meant)| claims[column] = Some(meant));
    Ok(())
}
