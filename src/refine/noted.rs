//! Noted: what is noted of sheets and their pieces beside the rows, until all have come and their order is known.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

use anyhow::Result;
use chrono::NaiveDate;
use polars::prelude::*;

use super::account::Account;
use super::batches;
use super::figures;
use super::identity::Digits;
use super::links::{self, Claimed, Links};
use super::repairs::{of_origin, unread};
use super::rows::{Rows, Truncated, UnknownWord};
use super::sums::Sums;
use super::table::BookText;
use super::typing::TypedBook;
use crate::domain::{Code, Field, PersonKey, SourceKind, columns as c};
use crate::intake::SourceSheet;
use crate::scheme::Scheme;
use crate::vault::{Kept, Moves};

/// A sheet while its rows come in.
pub(super) struct OpenSheet {
    /// Without its rows.
    pub(super) sheet: SourceSheet,
    /// Rows taken.
    rows: u64,
    /// Whether its numbers lost their last digits.
    digits: Digits,
    sums: Sums,
    account: Account,
    /// Its rows do not count: it is read once more in another way.
    pub(super) void: bool,
}

/// Something that a piece says: ticket of its sheet, number of its first row, what.
type OfPiece<T> = (u32, u32, T);

/// What has been noted so far.
#[derive(Default)]
pub(super) struct Noted {
    /// By ticket.
    pub(super) sheets: Vec<OpenSheet>,
    repairs: Vec<OfPiece<Kept>>,
    /// Those that could not be read.
    unread: Vec<OfPiece<DataFrame>>,
    unknown: Vec<(u32, UnknownWord)>,
    /// Numbers that are cut short; the flag says: only if the sheet's column lost digits.
    truncated: Vec<(u32, bool, Truncated)>,
    /// Books whose news the register of a ticket states itself.
    stated: BTreeSet<(u32, SourceKind)>,
    /// Tables of figures, as text.
    figures: Vec<(u32, DataFrame)>,
    links: Vec<(u32, Links)>,
}

/// What a piece of a book says beside its rows.
pub(super) struct Aside {
    rows: u64,
    digits: Digits,
    sums: Sums,
    account: Account,
    unread: DataFrame,
    unknown: Vec<UnknownWord>,
    truncated: Vec<(bool, Truncated)>,
    stated: Vec<SourceKind>,
    links: Links,
}

impl Aside {
    pub(super) fn of(
        kind: SourceKind,
        typed: &mut TypedBook,
        table: &BookText<'_>,
        law: (&Scheme, NaiveDate),
    ) -> PolarsResult<Self> {
        let digits = *table.digits.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Aside {
            account: Account::of(table, &typed.frame, law)?,
            rows: typed.frame.height() as u64,
            digits,
            sums: *table.sums.lock().unwrap_or_else(PoisonError::into_inner),
            unread: unread(&typed.repairs)?,
            unknown: std::mem::take(&mut typed.unknown_words),
            truncated: truncated(&typed.frame)?,
            stated: stated(kind, &typed.frame).collect(),
            links: std::mem::take(&mut *table.links.lock().unwrap_or_else(PoisonError::into_inner)),
        })
    }
}

impl Noted {
    /// A ticket for a sheet whose rows are about to come.
    pub(super) fn begin(&mut self, sheet: SourceSheet) -> u32 {
        self.sheets.push(OpenSheet {
            sheet,
            rows: 0,
            digits: Digits::default(),
            sums: Sums::default(),
            account: Account::default(),
            void: false,
        });
        u32::try_from(self.sheets.len() - 1)
            .expect("fewer sheets than rows, and rows are counted in 32 bits")
    }

    /// The ticket of a sheet whose rows have come, if any have.
    pub(super) fn ticket_of(&self, sheet: &SourceSheet) -> Option<u32> {
        let same = |open: &OpenSheet| {
            let (mine, theirs) = (&open.sheet.origin, &sheet.origin);
            !open.void
                && (mine.source, &mine.file, &mine.sheet)
                    == (theirs.source, &theirs.file, &theirs.sheet)
        };
        let at = self.sheets.iter().position(same)?;
        u32::try_from(at).ok()
    }

    /// Text of a table of figures.
    pub(super) fn take_figures(&mut self, ticket: u32, text: DataFrame) {
        self.sheets[ticket as usize].rows += text.height() as u64;
        self.figures.push((ticket, text));
    }

    /// What a piece says, whose first row has the number `from`.
    pub(super) fn take(
        &mut self,
        (ticket, from): (u32, u32),
        beside: Aside,
        repairs: Option<Kept>,
    ) {
        let sheet = &mut self.sheets[ticket as usize];
        sheet.digits += beside.digits;
        sheet.sums += beside.sums;
        sheet.rows += beside.rows;
        sheet.account.append(beside.account);
        self.repairs
            .extend(repairs.map(|repairs| (ticket, from, repairs)));
        if beside.unread.height() > 0 {
            self.unread.push((ticket, from, beside.unread));
        }
        self.stated
            .extend(beside.stated.into_iter().map(|kind| (ticket, kind)));
        self.unknown
            .extend(beside.unknown.into_iter().map(|word| (ticket, word)));
        self.links.push((ticket, beside.links));
        let truncated = beside.truncated.into_iter();
        self.truncated
            .extend(truncated.map(|(cut, known)| (ticket, cut, known)));
    }

    /// All of it, in the order of the sheets that count.
    ///
    /// # Panics
    /// When a sheet's rows were lost on the way here.
    pub(super) fn whole(self, scheme: &Scheme, as_of: NaiveDate) -> Result<WholeNotes> {
        let order = SheetOrder::of(&self.sheets);
        let lossy = order.of_each(&self.sheets, |open| open.digits.are_lost());
        let parts = order.of_each(&self.sheets, |open| open.sums.are_parts());
        let sheets = order.of_each(&self.sheets, OpenSheet::balanced);
        let mut rows = Rows::of_sheets(&sheets)?;
        rows.accounts = order.of_each(&self.sheets, |open| open.account.clone());
        rows.there
            .extend(order.that_count(self.stated).map(|(_, kind)| kind));
        rows.unknown_words = words(order.that_count(self.unknown).map(|(_, word)| word));
        let truncated = self.truncated.into_iter();
        let truncated = truncated.map(|(ticket, cut, known)| (ticket, (cut, known)));
        rows.truncated = order
            .that_count(truncated)
            .filter(|(origin, (cut, _))| !cut || lossy[*origin as usize])
            .map(|(_, (_, known))| known)
            .collect();
        for (origin, cells) in order.in_row_order(self.unread) {
            rows.unread.vstack_mut_owned(of_origin(cells, origin)?)?;
        }
        let (moves, claimed) = links::joined(order.that_count(self.links));
        let figures = order.that_count(self.figures).collect();
        rows.turns = batches::turns(&rows.origins, scheme, as_of);
        Ok(WholeNotes {
            figures: figures::by_source(figures, &sheets)?,
            mended: order.in_row_order(self.repairs),
            lossy,
            parts,
            places: order.places,
            moves,
            claimed,
            rows,
        })
    }
}

impl OpenSheet {
    /// The sheet, of which no row was lost.
    fn balanced(&self) -> SourceSheet {
        let SourceSheet {
            origin, set_aside, ..
        } = &self.sheet;
        assert_eq!(
            origin.rows_read,
            self.rows + set_aside.total(),
            "rows lost or born in {} {}",
            origin.file,
            origin.sheet
        );
        self.sheet.clone()
    }
}

/// What was noted, by position in `Rows::origins`.
pub(super) struct WholeNotes {
    /// Without frames, and without repairs.
    pub(super) rows: Rows,
    /// Sheets whose numbers lost their last digits in a spreadsheet.
    pub(super) lossy: Vec<bool>,
    /// Sheets whose sums stand beside the subsidies and do not hold them.
    pub(super) parts: Vec<bool>,
    /// The position of every ticket; `None` = its rows do not count.
    pub(super) places: Vec<Option<u32>>,
    /// Numbers that mean others.
    pub(super) moves: Moves,
    /// Old numbers that several persons claim.
    pub(super) claimed: Vec<Claimed>,
    /// Repairs of persons, in order of row.
    pub(super) mended: Vec<(u32, Kept)>,
    /// Tables of figures, as text.
    pub(super) figures: BTreeMap<SourceKind, Vec<(u32, SourceSheet)>>,
}

impl WholeNotes {
    /// Puts repairs of persons with the rows, where they stand in memory.
    pub(super) fn take_mended(&mut self) -> Result<()> {
        for (origin, repairs) in self.mended.drain(..) {
            let repairs = of_origin(repairs.read()?, origin)?;
            self.rows.repairs.vstack_mut_owned(repairs)?;
        }
        self.rows.repairs.rechunk_mut_par();
        Ok(())
    }
}

/// The order of sheets that count: source, file and sheet. It then decides where values are equal.
struct SheetOrder {
    tickets: Vec<usize>,
    /// By ticket: its place in the order.
    places: Vec<Option<u32>>,
}

impl SheetOrder {
    fn of(sheets: &[OpenSheet]) -> SheetOrder {
        let counts = |ticket: &usize| !sheets[*ticket].void;
        let mut tickets: Vec<usize> = (0..sheets.len()).filter(counts).collect();
        tickets.sort_by(|a, b| {
            let key = |ticket: usize| {
                let origin = &sheets[ticket].sheet.origin;
                (origin.source, &origin.file, &origin.sheet)
            };
            key(*a).cmp(&key(*b))
        });
        let mut places = vec![None; sheets.len()];
        for (at, ticket) in (0u32..).zip(&tickets) {
            places[*ticket] = Some(at);
        }
        SheetOrder { tickets, places }
    }

    /// Something of every sheet.
    fn of_each<T>(&self, sheets: &[OpenSheet], of: impl Fn(&OpenSheet) -> T) -> Vec<T> {
        self.tickets
            .iter()
            .map(|ticket| of(&sheets[*ticket]))
            .collect()
    }

    /// What sheets that count say, with their places.
    fn that_count<T>(
        &self,
        said: impl IntoIterator<Item = (u32, T)>,
    ) -> impl Iterator<Item = (u32, T)> {
        said.into_iter()
            .filter_map(|(ticket, said)| Some((self.places[ticket as usize]?, said)))
    }

    /// What pieces of sheets that count say, in order of sheet and row, with their places.
    fn in_row_order<T>(&self, mut pieces: Vec<OfPiece<T>>) -> Vec<(u32, T)> {
        pieces.sort_by_key(|(ticket, from, _)| (self.places[*ticket as usize], *from));
        let said = pieces.into_iter().map(|(ticket, _, said)| (ticket, said));
        self.that_count(said).collect()
    }
}

/// Books whose news the rows of a register state themselves.
fn stated(kind: SourceKind, frame: &DataFrame) -> impl Iterator<Item = SourceKind> + use<> {
    let states = |column: &str| {
        kind == SourceKind::Register
            && frame
                .column(column)
                .is_ok_and(|days| days.null_count() < days.len())
    };
    let gone = frame.column(c::GONE).and_then(|gone| gone.u8().cloned());
    let says = |kind: SourceKind| {
        gone.as_ref()
            .is_ok_and(|gone| gone.iter().any(|gone| gone == Some(kind.index())))
    };
    let [deaths, departures] = [
        (SourceKind::Deaths, c::DEATH),
        (SourceKind::Departures, c::MOVED_OUT),
    ]
    .map(|(kind, day)| (states(day) || says(kind)).then_some(kind));
    deaths.into_iter().chain(departures)
}

/// Numbers of a piece that are cut short, and those that may turn out to be (true).
fn truncated(frame: &DataFrame) -> PolarsResult<Vec<(bool, Truncated)>> {
    let (verdicts, cut) = (
        frame.column(c::ID_VERDICT)?.u8()?,
        frame.column(c::CUT)?.bool()?,
    );
    let (keys, ids, names) = (
        frame.column(c::KEY)?.u64()?,
        frame.column(c::ID)?.str()?,
        frame.column(c::NAME)?.str()?,
    );
    let mut found = Vec::new();
    for (at, (verdict, cut)) in verdicts.iter().zip(cut.iter()).enumerate() {
        let is_cut = cut == Some(true);
        if verdict == Some(Code::IdTruncated.index()) || is_cut {
            let number = || keys.get(at).and_then(|key| PersonKey(key).national_text());
            if let (Some(id), Some(name)) = (
                ids.get(at).map(str::to_owned).or_else(number),
                names.get(at),
            ) {
                found.push((
                    is_cut,
                    Truncated {
                        id,
                        name: name.to_owned(),
                    },
                ));
            }
        }
    }
    Ok(found)
}

/// Unknown words with the rows that use them, by source, column and word.
fn words(unknown: impl Iterator<Item = UnknownWord>) -> Vec<UnknownWord> {
    let mut counts: BTreeMap<(SourceKind, Field, String), u64> = BTreeMap::new();
    for word in unknown {
        *counts
            .entry((word.source, word.field, word.word))
            .or_default() += word.rows;
    }
    let word = |((source, field, word), rows)| UnknownWord {
        source,
        field,
        word,
        rows,
    };
    counts.into_iter().map(word).collect()
}
