//! Clue: what the cells of a column look like, in percent of those that hold anything.

use std::collections::HashSet;

use chrono::{Datelike, NaiveDate};

use crate::domain::period::{day_of_epoch, epoch_day};
use crate::domain::{Code, Fen, Field, RegionLevel, SourceKind};
use crate::refine::dates::DayCell;
use crate::refine::identity::IdType;
use crate::refine::money::Amount;
use crate::refine::{dates, identity, money, places, vocabulary, years};
use crate::scheme::Scheme;

/// Why a column is proposed for a field. Shares are in percent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clue {
    /// Valid identity numbers.
    ValidNumbers(u8),
    /// Two to four Chinese characters that are no region's name.
    Names(u8),
    /// Days of the calendar.
    Days(u8),
    /// Days in the scheme's window.
    DaysInWindow(u8),
    /// The birth date inside the number of the same row.
    BirthDays(u8),
    /// The premium, or what somebody entitled pays.
    Premiums(u8),
    /// Grants of the scheme, or nothing.
    Grants(u8),
    /// Regions of this level of the scheme's table.
    Regions(RegionLevel, u8),
    /// Places: codes or names of counties and their kin.
    Places(u8),
    /// Words of the scheme's categories.
    Categories(u8),
    /// Words of statuses.
    Statuses(u8),
    /// Words of insurances.
    Insurances(u8),
    /// The coverage year.
    Years(u8),
    /// Kinds of documents.
    DocumentTypes(u8),
    /// Different in every row.
    Unique(u8),
    /// Written like the vouchers beside them.
    LikeVouchers(u8),
    /// Whole numbers.
    Counts(u8),
    /// The header is like this word of the trade.
    HeaderLike(&'static str, u8),
}

/// A Chinese character.
pub(super) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{2ffff}')
}

/// A column of the rows that are looked at.
pub(super) struct Cells<'a> {
    /// A cell a row; blank where the row is short.
    pub(super) all: Vec<&'a str>,
    /// Those that hold anything.
    pub(super) filled: Vec<&'a str>,
    distinct: HashSet<&'a str>,
}

/// What is known beside the column.
pub(super) struct Beside<'a> {
    /// The book.
    pub(super) source: SourceKind,
    /// Its scheme.
    pub(super) scheme: &'a Scheme,
    /// Cells of the number column, if there is one.
    pub(super) ids: Option<&'a Cells<'a>>,
    /// Cells of the voucher column, if there is one.
    pub(super) vouchers: Option<&'a Cells<'a>>,
}

impl<'a> Cells<'a> {
    /// Of one column.
    pub(super) fn of(all: Vec<&'a str>) -> Self {
        let filled: Vec<&str> = all
            .iter()
            .copied()
            .filter(|cell| !cell.is_empty())
            .collect();
        let distinct = filled.iter().copied().collect();
        Cells {
            all,
            filled,
            distinct,
        }
    }

    fn share(&self, holds: impl Fn(&str) -> bool) -> u8 {
        percent(
            self.filled.iter().filter(|cell| holds(cell)).count(),
            self.filled.len(),
        )
    }

    fn distinct_share(&self) -> u8 {
        percent(self.distinct.len(), self.filled.len())
    }

    /// 1, 2, 3 …: the serial number, which any test of small numbers would take for something.
    pub(super) fn counts_rows(&self) -> bool {
        let numbers: Vec<u64> = self
            .filled
            .iter()
            .filter_map(|cell| cell.parse().ok())
            .collect();
        let steps = numbers
            .windows(2)
            .filter(|pair| pair[0].checked_add(1) == Some(pair[1]))
            .count();
        self.filled.len() >= 3 && percent(steps + 1, self.filled.len()) >= 80
    }
}

fn percent(part: usize, of: usize) -> u8 {
    u8::try_from((part * 100).checked_div(of).unwrap_or(0)).unwrap_or(100) // a part of the whole
}

/// How far the cells speak for a field, 0 to 100, and why; `None` where cells of this field look like nothing special.
pub(super) fn of_content(
    field: Field,
    cells: &Cells<'_>,
    beside: &Beside<'_>,
) -> Option<(u8, Clue)> {
    match field {
        Field::Id => Some(numbers(cells)),
        Field::Name => Some(names(cells, beside)),
        Field::Birth => Some(births(cells, beside)),
        Field::PaidOn => Some(paid_days(cells, beside)),
        Field::Begun | Field::MadeOn | Field::Identified | Field::Death | Field::MovedOut => {
            Some(days(cells, 60))
        }
        // Two more days stand in rosters: only their headers tell them apart.
        Field::Approved | Field::Ended => Some(days(cells, 30)),
        Field::Total => Some(premiums(cells, beside)),
        Field::Personal => {
            Some(premiums(cells, beside)).map(|(score, why)| (score.saturating_sub(10), why))
        }
        Field::Subsidy => Some(grants(cells, beside)),
        Field::Voucher | Field::RegistrationNo => Some(unique(cells)),
        Field::OriginalVoucher => Some(like_vouchers(cells, beside)),
        Field::County => Some(regions(cells, RegionLevel::County, beside)),
        Field::Township => Some(regions(cells, RegionLevel::Township, beside)),
        Field::Village => Some(regions(cells, RegionLevel::Village, beside)),
        Field::Place | Field::RegionCode => Some(of_places(cells, beside)),
        Field::Category => Some(categories(cells, beside)),
        Field::Status => Some(statuses(cells, beside)),
        Field::Scheme => Some(insurances(cells, beside)),
        Field::Year => Some(years(cells, beside)),
        Field::IdType => Some(document_types(cells)),
        Field::Population
        | Field::Task
        | Field::Floor
        | Field::LastYear
        | Field::LastYearEmployee
        | Field::LastYearTotal => {
            let whole = cells.share(|cell| matches!(money::read(Some(cell)), Amount::Fen(fen) if fen >= 0 && fen % 100 == 0));
            // Any figure is a whole number: the header must say which.
            Some((whole.min(30), Clue::Counts(whole)))
        }
        // Days, counts and words of late entries stand in few rows: their headers must tell.
        Field::LateCase | Field::EventOn | Field::BrokenYears | Field::RepaidYears => None,
        Field::EnrolledOn | Field::GraduatesOn | Field::Disposition => None,
        Field::PersonNo
        | Field::Sex
        | Field::Group
        | Field::Household
        | Field::Head
        | Field::Relation
        | Field::Serial
        | Field::Members
        | Field::AccountName
        | Field::Bank
        | Field::Account
        | Field::FormerId
        // Few offices write them: their headers must tell.
        | Field::Business
        | Field::ReversalFlag
        | Field::Refunded
        | Field::YearTo
        | Field::Remark => None,
    }
}

fn numbers(cells: &Cells<'_>) -> (u8, Clue) {
    let verdict = |cell: &str| identity::examine(Some(cell), IdType::National, false).key;
    let valid = cells.share(|cell| verdict(cell).is_ok());
    // Numbers that a spreadsheet cut, or a typist spoiled, are numbers of persons too. Fifteen digits that hold no
    // birth date are a voucher's.
    let meant = cells.share(|cell| match verdict(cell) {
        Ok(_) | Err(Code::IdTruncated) => true,
        Err(Code::IdBirthdate | Code::IdChecksum) => cell.len() == 18,
        Err(_) => cell.is_ascii() && identity::is_disability_number(cell),
    });
    // The number of a head of household repeats itself.
    (
        meant.saturating_sub((100 - cells.distinct_share()) / 4),
        Clue::ValidNumbers(valid),
    )
}

fn is_name(cell: &str) -> bool {
    let plain = (2..=4).contains(&cell.chars().count()) && cell.chars().all(is_han);
    plain || cell.contains('·') && cell.chars().all(|c| is_han(c) || c == '·')
}

fn names(cells: &Cells<'_>, beside: &Beside<'_>) -> (u8, Clue) {
    let share = cells.share(is_name);
    let is_region = |cell: &str| {
        let located = places::locate(
            beside.source,
            [None, None, None, None, Some(cell)],
            beside.scheme,
        );
        located.verdict != Some(Code::RegionUnknown)
    };
    let sample: Vec<&str> = cells.distinct.iter().copied().take(200).collect();
    let regions = percent(
        sample.iter().filter(|cell| is_region(cell)).count(),
        sample.len(),
    );
    // 本人, 户主, 男: a few words over and over are no names.
    let words = cells.filled.len() >= 20 && cells.distinct_share() < 20
        || cells.filled.len() > 3 && cells.distinct.len() == 1;
    let score = if words || regions > 30 {
        0
    } else {
        share.saturating_sub((100 - cells.distinct_share()) / 4)
    };
    (score, Clue::Names(share))
}

fn births(cells: &Cells<'_>, beside: &Beside<'_>) -> (u8, Clue) {
    let Some(ids) = beside.ids else {
        return (0, Clue::BirthDays(0));
    };
    let born = |id: &str| {
        identity::examine(Some(id), IdType::National, false)
            .key
            .ok()
            .and_then(|key| key.birth())
            .map(epoch_day)
    };
    let same = cells.all.iter().zip(&ids.all).filter(|(cell, id)| {
        let day = dates::read(Some(cell)).known();
        day.is_some() && day == born(id)
    });
    let share = percent(same.count(), cells.filled.len());
    (if share >= 60 { share } else { 0 }, Clue::BirthDays(share))
}

/// A day that these books can hold: bare numbers are serial days too, and would otherwise be days of any century.
fn known_day(cell: &str) -> Option<NaiveDate> {
    let DayCell::On(day) = dates::read(Some(cell)) else {
        return None;
    };
    Some(day_of_epoch(day)).filter(|day| (1990..=2100).contains(&day.year()))
}

fn days(cells: &Cells<'_>, score: u8) -> (u8, Clue) {
    let share = cells.share(|cell| known_day(cell).is_some());
    (
        if share >= 80 && !cells.counts_rows() {
            score
        } else {
            0
        },
        Clue::Days(share),
    )
}

fn paid_days(cells: &Cells<'_>, beside: &Beside<'_>) -> (u8, Clue) {
    let share =
        cells.share(|cell| known_day(cell).is_some_and(|day| beside.scheme.window.contains(day)));
    (
        if cells.counts_rows() { 0 } else { share },
        Clue::DaysInWindow(share),
    )
}

fn amount(cell: &str) -> Option<Fen> {
    if let Amount::Fen(fen) = money::read(Some(cell)) {
        Some(fen)
    } else {
        None
    }
}

fn premiums(cells: &Cells<'_>, beside: &Beside<'_>) -> (u8, Clue) {
    let scheme = beside.scheme;
    let payable = |fen: Fen| {
        fen == scheme.premium
            || scheme
                .categories
                .iter()
                .any(|c| fen == scheme.premium - c.grant)
    };
    let full = cells.share(|cell| amount(cell).is_some_and(|fen| fen.abs() == scheme.premium));
    let share = cells.share(|cell| amount(cell).is_some_and(|fen| payable(fen.abs())));
    (if full >= 20 { share } else { 0 }, Clue::Premiums(share))
}

fn grants(cells: &Cells<'_>, beside: &Beside<'_>) -> (u8, Clue) {
    let granted = |fen: Fen| {
        fen > 0
            && beside
                .scheme
                .categories
                .iter()
                .any(|category| fen == category.grant)
    };
    let some = cells
        .filled
        .iter()
        .filter_map(|cell| amount(cell))
        .any(|fen| granted(fen.abs()));
    let share = cells.share(|cell| amount(cell).is_some_and(|fen| fen == 0 || granted(fen.abs())));
    // A column of premiums is one of grants as well where somebody pays nothing.
    let premiums =
        cells.share(|cell| amount(cell).is_some_and(|fen| fen.abs() == beside.scheme.premium));
    (
        if some && premiums < 50 {
            share.saturating_sub(5)
        } else {
            0
        },
        Clue::Grants(share),
    )
}

fn unique(cells: &Cells<'_>) -> (u8, Clue) {
    let shape = |cell: &str| {
        (6..=40).contains(&cell.len())
            && cell.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let (shaped, share) = (cells.share(shape), cells.distinct_share());
    let other = numbers(cells)
        .0
        .max(cells.share(|cell| known_day(cell).is_some()));
    let fits = shaped >= 90
        && share >= 95
        && other < 30
        && cells.filled.len() >= 3
        && !cells.counts_rows();
    (if fits { 70 } else { 0 }, Clue::Unique(share))
}

fn like_vouchers(cells: &Cells<'_>, beside: &Beside<'_>) -> (u8, Clue) {
    let Some(vouchers) = beside.vouchers else {
        return (0, Clue::LikeVouchers(0));
    };
    let lengths: HashSet<usize> = vouchers.filled.iter().map(|cell| cell.len()).collect();
    let starts: HashSet<&[u8]> = vouchers
        .filled
        .iter()
        .filter_map(|cell| cell.as_bytes().get(..3))
        .collect();
    let is_like = |cell: &str| {
        let known_start = cell
            .as_bytes()
            .get(..3)
            .is_some_and(|start| starts.contains(start));
        vouchers.distinct.contains(cell) || lengths.contains(&cell.len()) && known_start
    };
    let share = cells.share(is_like);
    // Few payments are reversed.
    let rare = cells.filled.len() * 2 < cells.all.len();
    (
        if rare && share >= 80 { 70 } else { 0 },
        Clue::LikeVouchers(share),
    )
}

fn regions(cells: &Cells<'_>, level: RegionLevel, beside: &Beside<'_>) -> (u8, Clue) {
    let tree = &beside.scheme.regions;
    let is_one = |cell: &str| {
        let cells = match level {
            RegionLevel::Township => [None, None, None, Some(cell), None],
            RegionLevel::Village => [None, None, None, None, Some(cell)],
            RegionLevel::Province | RegionLevel::City | RegionLevel::County => {
                [None, None, Some(cell), None, None]
            }
        };
        let located = places::locate(SourceKind::Tasks, cells, beside.scheme);
        match located.verdict {
            None => located
                .region
                .as_deref()
                .and_then(|code| tree.get(code))
                .is_some_and(|region| region.level == level),
            // Villages of one name stand in several townships.
            Some(verdict) => verdict == Code::RegionAmbiguous && level == RegionLevel::Village,
        }
    };
    let known: HashSet<&str> = cells
        .distinct
        .iter()
        .copied()
        .filter(|cell| cell.chars().any(is_han) && is_one(cell))
        .collect();
    let share = cells.share(|cell| known.contains(cell));
    (share, Clue::Regions(level, share))
}

fn of_places(cells: &Cells<'_>, beside: &Beside<'_>) -> (u8, Clue) {
    let is_place = |cell: &str| {
        let digits = cell.bytes().take_while(u8::is_ascii_digit).count();
        let form = if digits > 0 {
            matches!(digits, 6 | 9 | 12) && known_day(cell).is_none()
        } else {
            cell.chars().any(is_han)
        };
        let located = form.then(|| {
            places::locate(
                SourceKind::Elsewhere,
                [Some(cell), None, None, None, None],
                beside.scheme,
            )
        });
        located.is_some_and(|located| located.verdict.is_none())
    };
    let known: HashSet<&str> = cells
        .distinct
        .iter()
        .copied()
        .filter(|cell| is_place(cell))
        .collect();
    let share = cells.share(|cell| known.contains(cell));
    let repeats = cells.filled.len() < 20 || cells.distinct_share() < 50;
    (
        if repeats { share.saturating_sub(5) } else { 0 },
        Clue::Places(share),
    )
}

fn categories(cells: &Cells<'_>, beside: &Beside<'_>) -> (u8, Clue) {
    let known: HashSet<&str> = cells
        .distinct
        .iter()
        .copied()
        .filter(|cell| vocabulary::category(cell, beside.scheme).is_some())
        .collect();
    let share = cells.share(|cell| known.contains(cell));
    (share, Clue::Categories(share))
}

fn statuses(cells: &Cells<'_>, beside: &Beside<'_>) -> (u8, Clue) {
    let share =
        cells.share(|cell| vocabulary::status(cell, beside.source, beside.scheme).is_some());
    // 1, 2 and 是, 否 could be anything's answer: the header must help.
    let says = cells.distinct.iter().any(|word| {
        ["参保", "缴费", "正常", "终止", "停", "注销"]
            .iter()
            .any(|part| word.contains(part))
    });
    let score = match (cells.distinct.len() <= 10 && share >= 80, says) {
        (false, _) => 0,
        (true, true) => share.saturating_sub(10),
        (true, false) => 30,
    };
    (score, Clue::Statuses(share))
}

fn insurances(cells: &Cells<'_>, beside: &Beside<'_>) -> (u8, Clue) {
    let known =
        |cell: &str| cell != "0" && vocabulary::cover(cell, beside.source, beside.scheme).is_some();
    let share = cells.share(|cell| cell.chars().count() >= 3 && known(cell));
    (
        if cells.distinct.len() <= 15 {
            share.saturating_sub(5)
        } else {
            0
        },
        Clue::Insurances(share),
    )
}

fn years(cells: &Cells<'_>, beside: &Beside<'_>) -> (u8, Clue) {
    let is_year = |cell: &str| {
        (4..=6).contains(&cell.chars().count())
            && years::years(cell)
                .is_some_and(|(from, to)| (from..=to).contains(&beside.scheme.year))
    };
    let share = cells.share(is_year);
    (
        if cells.distinct.len() <= 6 { share } else { 0 },
        Clue::Years(share),
    )
}

fn document_types(cells: &Cells<'_>) -> (u8, Clue) {
    let is_type = |cell: &str| {
        matches!(
            cell,
            "01" | "02"
                | "03"
                | "04"
                | "05"
                | "06"
                | "07"
                | "08"
                | "09"
                | "16"
                | "17"
                | "90"
                | "99"
        ) || cell.contains("身份证") && cell.chars().count() <= 12
            || ["护照", "通行证", "居住证", "户口簿"]
                .iter()
                .any(|word| cell.contains(word))
    };
    let share = cells.share(is_type);
    (
        if cells.distinct.len() <= 15 {
            share.saturating_sub(5)
        } else {
            0
        },
        Clue::DocumentTypes(share),
    )
}
