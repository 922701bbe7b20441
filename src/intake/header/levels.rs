//! Headers of up to three rows: which rows are levels of one header, and which merged cells stand over a column.

use std::borrow::Cow;

use crate::intake::ask::Ask;
use crate::intake::cell::{self, RowCells};
use crate::intake::header::found::Neighbour;
use crate::intake::header::meaning::{self, key};
use crate::intake::header::synonyms;
use crate::intake::marks;

/// Most rows a header takes: 上级, 下级, 下下级.
const MAX_LEVELS: usize = 3;

/// What stands over a column and in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Path<'h> {
    /// The merged cells above, uppermost first, and the columns they begin at.
    above: Vec<(&'h str, usize)>,
    /// The lowest filled cell; blank where the column has no header.
    pub leaf: &'h str,
}

impl<'h> Path<'h> {
    /// The merged cells above, uppermost first, and the columns they begin at.
    pub(crate) fn above(&self) -> &[(&'h str, usize)] {
        &self.above
    }

    /// As written: 上级/下级. A merged cell of thousands of letters stands over every column below it.
    pub(crate) fn text(&self) -> String {
        self.above
            .iter()
            .map(|(text, _)| *text)
            .chain([self.leaf])
            .map(meaning::beginning)
            .collect::<Vec<_>>()
            .join("/")
    }

    /// Keys of the cells above.
    pub(crate) fn parents(&self) -> Vec<String> {
        self.above.iter().map(|(text, _)| key(text)).collect()
    }
}

/// The path of every column of a header of these rows.
///
/// A merged cell holds its text in its first column only. It stands over the columns to its right until the next
/// filled cell of its level or of one above, as long as they have words of their own; and only if its first column has
/// one too: a cell with nothing below is merged downwards.
pub(crate) fn paths<'h>(rows: &'h [RowCells<'_>]) -> Vec<Path<'h>> {
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    let lowest = |column: usize| {
        rows.iter()
            .rposition(|row| !cell::at(row, column).is_empty())
    };
    let mut over: Vec<Option<(&str, usize)>> = vec![None; rows.len()];
    let mut paths = Vec::with_capacity(width);
    for column in 0..width {
        let Some(leaf) = lowest(column) else {
            over.fill(None);
            paths.push(Path::default());
            continue;
        };
        for level in 0..rows.len() {
            let own = cell::at(&rows[level], column);
            if !own.is_empty() {
                over[level..].fill(None);
                over[level] = (level < leaf).then_some((own, column));
            }
        }
        let above = over[..leaf].iter().flatten().copied().collect();
        paths.push(Path {
            above,
            leaf: cell::at(&rows[leaf], column),
        });
    }
    paths
}

/// How many rows from `at` on are levels of one header, if the row there begins one.
pub(crate) fn depth(ask: Ask<'_>, head: &[RowCells<'_>], at: usize) -> usize {
    let mut depth = 1;
    while depth < MAX_LEVELS && at + depth < head.len() {
        let rows = &head[at..=at + depth];
        let deeper = || {
            depth + 1 < MAX_LEVELS
                && at + depth + 1 < head.len()
                && is_level(ask, &head[at..=at + depth + 1])
        };
        if is_level(ask, rows)
            || (is_level_by_shape(ask, rows, true) && deeper())
            || is_level_by_shape(ask, rows, false)
        {
            depth += 1;
        } else {
            break;
        }
    }
    depth
}

/// Rows right below a header that number its columns or name their units, whatever stands in tables beside it.
pub(crate) fn below(head: &[RowCells<'_>], first: usize, beside: &[Neighbour]) -> usize {
    let own = |row: &RowCells<'_>| -> RowCells<'_> {
        let is_beside = |column: usize| beside.iter().any(|other| other.columns.contains(&column));
        let cell = |(column, text): (usize, &Cow<'_, str>)| {
            if is_beside(column) {
                Cow::Borrowed("")
            } else {
                Cow::Owned(cell::trimmed(text).to_owned())
            }
        };
        let mut row: RowCells<'_> = row.iter().enumerate().map(cell).collect();
        row.truncate(
            row.iter()
                .rposition(|text| !text.is_empty())
                .map_or(0, |last| last + 1),
        );
        row
    };
    let width = first
        .checked_sub(1)
        .map_or(0, |last| own(&head[last]).len());
    let is_one = |row: RowCells<'_>| marks::is_units(&row) || marks::is_numbering(&row, width);
    head[first.min(head.len())..]
        .iter()
        .take(2)
        .take_while(|row| is_one(own(row)))
        .count()
}

/// Whether the last of the rows is one more level of the header that the others are: by its words.
fn is_level(ask: Ask<'_>, rows: &[RowCells<'_>]) -> bool {
    let Some((below, upper)) = rows.split_last() else {
        return false;
    };
    if !may_be_words(below) {
        return false;
    }
    let paths = paths(rows);
    let (mut filled, mut words, mut adds, mut merged) = (0, 0, false, false);
    // A merged cell is judged once, not at every column below it.
    let mut judged = None;
    for (column, path) in paths
        .iter()
        .enumerate()
        .filter(|(column, _)| !cell::at(below, *column).is_empty())
    {
        let repeats = upper.iter().any(|row| cell::at(row, column) == path.leaf);
        let parent = path.above.last();
        if repeats || (judged != parent && is_under_a_finished_word(ask, path, &paths)) {
            return false;
        }
        judged = parent;
        let leaf = key(path.leaf);
        let (alone, joined) = (
            meaning::alone(ask, &leaf),
            meaning::joined(ask, &path.parents(), &leaf),
        );
        filled += 1;
        words += usize::from(alone.is_some() || joined.is_some() || synonyms::is_common(&leaf));
        adds |= joined.is_some_and(|meant| alone.is_none_or(|alone| alone.field != meant.field));
        merged |= !path.above.is_empty();
    }
    let is_headed =
        adds || upper.len() > 1 || upper.last().is_some_and(|row| may_be_parents(ask, row));
    words > 0 && words * 2 >= filled && merged && is_headed
}

/// The cell above is a header by itself, and no word below it makes sense with it: what stands there is no header.
fn is_under_a_finished_word(ask: Ask<'_>, path: &Path<'_>, paths: &[Path<'_>]) -> bool {
    let Some(parent) = path.above.last() else {
        return false;
    };
    let siblings = || {
        paths[parent.1..]
            .iter()
            .take_while(|other| other.above.last() == Some(parent))
    };
    let joins =
        |other: &Path<'_>| meaning::joined(ask, &other.parents(), &key(other.leaf)).is_some();
    meaning::alone(ask, &key(parent.0)).is_some() && !siblings().any(joins)
}

/// Whether the nearest merged cell over a column stands over more than one.
fn is_wide(path: &Path<'_>, paths: &[Path<'_>]) -> bool {
    let Some((_, start)) = path.above.last() else {
        return false;
    };
    let level = path.above.len() - 1;
    paths[*start..]
        .iter()
        .take_while(|other| other.above.get(level).is_some_and(|(_, at)| at == start))
        .nth(1)
        .is_some()
}

/// The same by its shape, for words canbao does not know: blank under every finished column, and every word under a
/// merged cell. With nothing deeper to prove it, the words must sound like headers too.
fn is_level_by_shape(ask: Ask<'_>, rows: &[RowCells<'_>], deeper: bool) -> bool {
    let Some((below, upper)) = rows.split_last() else {
        return false;
    };
    if !may_be_words(below) {
        return false;
    }
    let paths = paths(rows);
    let known_above = (0..paths.len()).any(|column| {
        upper
            .iter()
            .any(|row| meaning::alone(ask, &key(cell::at(row, column))).is_some())
            && cell::at(below, column).is_empty()
    });
    let words: Vec<(usize, &Path<'_>)> = paths
        .iter()
        .enumerate()
        .filter(|(column, _)| !cell::at(below, *column).is_empty())
        .collect();
    known_above
        && words.len() >= 2 - usize::from(deeper)
        && words
            .iter()
            .all(|(_, path)| is_wide(path, &paths) && (deeper || sounds_like_a_header(path.leaf)))
}

fn sounds_like_a_header(text: &str) -> bool {
    const ENDS: [&str; 14] = [
        "人数", "金额", "保险", "医保", "数", "率", "日期", "时间", "情况", "类别", "类型", "号码",
        "标准", "户数",
    ];
    let word = key(text);
    ENDS.iter().any(|end| word.ends_with(end)) && !word.chars().any(|c| c.is_ascii_digit())
}

/// No row of values: nothing in it is a number, a date or an identity number.
fn may_be_words(row: &[Cow<'_, str>]) -> bool {
    let filled = || {
        row.iter()
            .map(|text| cell::trimmed(text))
            .filter(|text| !text.is_empty())
    };
    filled().next().is_some() && !filled().any(|text| marks::is_value(text) || marks::is_unit(text))
}

/// Whether a row may be merged cells over the words of the next one. A title is none, nor a line of 填报单位：… 日期：….
fn may_be_parents(ask: Ask<'_>, row: &[Cow<'_, str>]) -> bool {
    let keys: Vec<String> = row
        .iter()
        .map(|text| cell::squeezed(meaning::beginning(cell::trimmed(text))))
        .filter(|text| !text.is_empty())
        .collect();
    let is_word = |text: &String| {
        meaning::alone(ask, &key(text)).is_some() || synonyms::is_common(&key(text))
    };
    let is_prose = |text: &String| {
        text.contains(':')
            || text.chars().count() > 20
            || marks::is_value(text)
            || (text.contains('年') && text.contains('月'))
    };
    let is_place = |text: &String| {
        ["镇", "乡", "村", "街道", "县", "市", "区", "局", "办", "所"]
            .iter()
            .any(|end| text.ends_with(end))
            && !is_word(text)
    };
    keys.len() >= 2
        && !keys.iter().any(is_prose)
        && (keys.iter().any(is_word) || !keys.iter().any(is_place))
}
