//! What takes several rows of a person, bucket by bucket: rows that look the same, repetitions, reversals, the fate of each.
//!
//! In:  a book's rows of one bucket, typed piece by piece (`PersonRows::into_frame`), in order of file, sheet and row.
//! Out: the same rows with the columns of `Rows::frames`.

use std::cmp::Ordering;

use polars::prelude::*;

use super::fates::Fates;
use super::frame;
use super::names;
use super::repeats::{self, Mark, Paid, Records, SheetOf, Word};
use super::reversals::{self, Netted, Posting, Void};
use crate::domain::{
    Code, Doubt, Doubts, Fate, Fen, Field, PersonKey, SourceKind, UnusableRow, columns as c,
};

/// What is known of the sheets that rows come from, by position in `Rows::origins`.
pub(crate) struct Sheets<'s> {
    /// Their files, senders and batches.
    pub(crate) of: &'s [SheetOf],
    /// Those of batches that do not count.
    pub(crate) old: &'s [bool],
    /// Those whose numbers lost their last digits in a spreadsheet.
    pub(crate) lossy: &'s [bool],
    /// Those whose sums stand beside the subsidies and do not hold them.
    pub(crate) parts: &'s [bool],
    /// Fields that each has a column for.
    pub(crate) fields: &'s [Vec<Field>],
}

impl Sheets<'_> {
    /// The rows with their own money as the sheet's columns together say it, where that is another than each row alone says.
    /// A subsidy above the sum is no part of it, on whatever sheet; where the sheet says otherwise, that is a guess.
    fn in_parts(&self, rows: &DataFrame) -> PolarsResult<Option<DataFrame>> {
        let Ok(personal) = rows.column(c::PERSONAL) else {
            return Ok(None);
        };
        let personal = personal.i64()?.cont_slice()?;
        let subsidised = rows.column(c::SUBSIDISED)?.i64()?.cont_slice()?;
        let origins = rows.column(c::ORIGIN)?.u32()?.cont_slice()?;
        let holds_both = |at: usize| {
            let fields = &self.fields[origins[at] as usize];
            let has = |field: Field| fields.contains(&field);
            has(Field::Total) && has(Field::Subsidy) && !has(Field::Personal)
        };
        let exceeds = |at: usize| {
            let (own, subsidy) = (personal[at], subsidised[at]);
            own < 0 && subsidy > 0 && own + subsidy >= 0
                || own > 0 && subsidy < 0 && own + subsidy <= 0
        };
        let beside = |at: usize| self.parts[origins[at] as usize] && subsidised[at] != 0;
        let other: Vec<usize> = (0..personal.len())
            .filter(|at| (beside(*at) || exceeds(*at)) && holds_both(*at))
            .collect();
        if other.is_empty() {
            return Ok(None);
        }
        let mut own = personal.to_vec();
        for at in &other {
            own[*at] += subsidised[*at];
        }
        let mut whole = rows.clone();
        whole.with_column(frame::amounts(c::PERSONAL, own))?;
        let guessed = other.into_iter().filter(|at| !beside(*at));
        let guessed: Vec<_> = guessed.map(|at| (at, Doubt::Guessed)).collect();
        if let Some(doubts) = doubted(&whole, &guessed)? {
            whole.with_column(doubts)?;
        }
        Ok(Some(whole))
    }
}

/// So many names on one number in one book, and it is a number that people are given who have none.
const SHARED: usize = 3;

/// Settles a book's rows; with them the keys of numbers that several people use in it.
///
/// # Errors
/// Only when the frame lacks a column of `PersonRows::into_frame`.
pub(crate) fn settled(
    kind: SourceKind,
    frame: &DataFrame,
    sheets: &Sheets<'_>,
) -> PolarsResult<(DataFrame, Vec<u64>)> {
    let in_parts = sheets.in_parts(frame)?;
    let frame = in_parts.as_ref().unwrap_or(frame);
    let rows = BucketRows::of(kind, frame)?;
    let mut verdicts = rows.own_verdicts();
    let mut person = rows.keys.to_vec();
    rows.cut_short(sheets, &mut verdicts, &mut person);
    let several = repeats::of_several(&person);
    let shared = rows.shared(&several, sheets, (&mut verdicts, &mut person));
    let keys = rows.told_apart(&verdicts, &person);
    let mut fates = Fates::begin(
        rows.origins
            .iter()
            .map(|origin| sheets.old[*origin as usize]),
    );
    fates.settle_own_first(&rows.own);
    let records = OfPersons {
        rows: &rows,
        sheets,
        person: rows.persons_by_year(&person),
    };
    fates.settle_repeated(&records, &several);
    fates.settle_own(&rows.own);
    let net = if rows.money.is_some() {
        Some(rows.net(&keys, &mut fates))
    } else {
        None
    };
    fates.settle(Fate::IdUnusable, |at| verdicts[at].is_some());

    let mut whole = frame.clone();
    for name in [c::DIGEST, c::CUT, c::BIRTH] {
        whole.drop_in_place(name)?;
    }
    if rows.waited.is_some() {
        whole.drop_in_place(c::KEY_WAITED)?;
    }
    let ids = rows.ids(&keys, &verdicts);
    let verdicts: UInt8Chunked = verdicts.into_iter().collect();
    let mut columns = vec![
        ids,
        UInt64Chunked::from_vec(c::KEY.into(), keys).into_column(),
        verdicts.with_name(c::ID_VERDICT.into()).into_column(),
    ];
    columns.extend(fates.columns(rows.origins, rows.numbers));
    columns.extend(net.into_iter().flat_map(Net::columns));
    columns.push(fates.conflicts());
    columns.extend(doubted(frame, fates.doubts())?);
    for column in columns {
        whole.with_column(column)?;
    }
    Ok((whole, shared))
}

/// DOUBTS with more of some rows, if there are any.
fn doubted(frame: &DataFrame, more: &[(usize, Doubt)]) -> PolarsResult<Option<Column>> {
    if more.is_empty() {
        return Ok(None);
    }
    let own = frame.column(c::DOUBTS)?.u16()?;
    let mut sets: Vec<Option<u16>> = own.iter().collect();
    for (at, doubt) in more {
        let own = Doubts::of_bits(sets[*at].unwrap_or_default()); // null = none
        sets[*at] = Some(own.and(Doubts::one(*doubt)).bits());
    }
    let sets: UInt16Chunked = sets.into_iter().collect();
    Ok(Some(sets.with_name(c::DOUBTS.into()).into_column()))
}

/// The columns of a piece, as they are asked for row by row.
struct BucketRows<'f> {
    kind: SourceKind,
    keys: &'f [u64],
    /// Keys under which rows waited, where numbers were replaced.
    waited: Option<&'f [u64]>,
    origins: &'f [u32],
    numbers: &'f [u32],
    digests: &'f [u64],
    own: Vec<Fate>,
    ids: &'f StringChunked,
    verdicts: &'f UInt8Chunked,
    cut: &'f BooleanChunked,
    names: TextCells<'f>,
    births: TextCells<'f>,
    regions: TextCells<'f>,
    pools: TextCells<'f>,
    status: Option<&'f UInt8Chunked>,
    begun: Option<&'f Int32Chunked>,
    number: TextCells<'f>,
    is_registration: Option<&'f BooleanChunked>,
    is_payment: Option<&'f BooleanChunked>,
    money: Option<MoneyColumns<'f>>,
}

/// Rows of a bucket, told apart by person and year.
struct OfPersons<'r> {
    rows: &'r BucketRows<'r>,
    sheets: &'r Sheets<'r>,
    person: Vec<u64>,
}

impl Records for OfPersons<'_> {
    fn person(&self, at: usize) -> u64 {
        self.person[at]
    }

    fn mark(&self, at: usize) -> Mark<'_> {
        self.rows.mark(at)
    }

    fn better(&self, a: usize, b: usize) -> Ordering {
        self.rows.better(a, b)
    }

    fn stands(&self, at: usize) -> SheetOf {
        self.sheets.of[self.rows.origins[at] as usize]
    }

    fn same_cells(&self, a: usize, b: usize) -> bool {
        self.rows.digests[a] == self.rows.digests[b]
    }

    fn paid(&self, at: usize) -> Option<(Paid, bool)> {
        self.rows.paid(at)
    }

    fn place(&self, at: usize) -> Option<&str> {
        self.rows.place(at)
    }

    fn differences(&self, a: usize, b: usize) -> String {
        self.rows.differences(a, b)
    }

    fn word(&self, at: usize) -> Word {
        let fate = self.rows.own[at];
        let says = matches!(fate, Fate::Void | Fate::NotArrived);
        let money = self.rows.money.as_ref();
        Word {
            fate: if says { fate } else { Fate::Used },
            personal: money.map_or(0, |money| money.personal[at]),
            subsidised: money.map_or(0, |money| money.subsidised[at]),
        }
    }
}

/// What only books of payments have.
struct MoneyColumns<'f> {
    personal: &'f [i64],
    subsidised: &'f [i64],
    paid_on: &'f Int32Chunked,
    voucher: TextCells<'f>,
    original: TextCells<'f>,
    covers: &'f [u8],
    refunded: Option<&'f BooleanChunked>,
}

impl<'f> MoneyColumns<'f> {
    /// Those of a book that has any.
    fn of(frame: &'f DataFrame) -> PolarsResult<Option<Self>> {
        let Ok(personal) = frame.column(c::PERSONAL) else {
            return Ok(None);
        };
        let texts = |name| TextCells::of(frame, name);
        Ok(Some(MoneyColumns {
            personal: personal.i64()?.cont_slice()?,
            subsidised: frame.column(c::SUBSIDISED)?.i64()?.cont_slice()?,
            paid_on: frame.column(c::PAID_ON)?.date()?.physical(),
            voucher: texts(c::VOUCHER)?,
            original: texts(c::ORIGINAL)?,
            covers: frame.column(c::COVER)?.u8()?.cont_slice()?,
            refunded: frame
                .column(c::REFUNDED)
                .ok()
                .map(Column::bool)
                .transpose()?,
        }))
    }

    fn total(&self, at: usize) -> Fen {
        self.personal[at] + self.subsidised[at]
    }

    /// In which way a void row is so.
    fn void(&self, at: usize) -> Void {
        let given_back = self.refunded.and_then(|refunded| refunded.get(at));
        if given_back == Some(true) {
            Void::GivenBack
        } else {
            Void::Nothing
        }
    }
}

/// A text column; blank cells are none.
#[derive(Clone, Copy)]
struct TextCells<'f>(Option<&'f StringChunked>);

impl<'f> TextCells<'f> {
    fn of(frame: &'f DataFrame, name: &str) -> PolarsResult<Self> {
        frame
            .column(name)
            .ok()
            .map(Column::str)
            .transpose()
            .map(TextCells)
    }

    fn get(self, at: usize) -> Option<&'f str> {
        self.0?.get(at).filter(|text| !text.is_empty())
    }
}

impl<'f> BucketRows<'f> {
    fn of(kind: SourceKind, frame: &'f DataFrame) -> PolarsResult<Self> {
        let texts = |name| TextCells::of(frame, name);
        let flags = |name: &str| frame.column(name).ok().map(Column::bool).transpose();
        let days = |name: &str| PolarsResult::Ok(frame.column(name)?.date()?.physical());
        let fates = frame.column(c::FATE)?.u8()?;
        let relation = frame.column(c::STATUS).is_ok();
        Ok(BucketRows {
            kind,
            keys: frame.column(c::KEY)?.u64()?.cont_slice()?,
            waited: match frame.column(c::KEY_WAITED) {
                Ok(waited) => Some(waited.u64()?.cont_slice()?),
                Err(_) => None,
            },
            origins: frame.column(c::ORIGIN)?.u32()?.cont_slice()?,
            numbers: frame.column(c::ROW)?.u32()?.cont_slice()?,
            digests: frame.column(c::DIGEST)?.u64()?.cont_slice()?,
            own: fates.into_no_null_iter().map(Fate::at).collect(),
            ids: frame.column(c::ID)?.str()?,
            verdicts: frame.column(c::ID_VERDICT)?.u8()?,
            cut: frame.column(c::CUT)?.bool()?,
            names: texts(c::NAME)?,
            births: texts(c::BIRTH)?,
            regions: texts(c::REGION)?,
            pools: texts(c::POOL)?,
            status: frame.column(c::STATUS).ok().map(Column::u8).transpose()?,
            begun: if relation {
                Some(days(c::BEGUN)?)
            } else {
                None
            },
            number: texts(c::NUMBER)?,
            is_registration: flags(c::IS_REGISTRATION)?,
            is_payment: flags(c::IS_PAYMENT)?,
            money: MoneyColumns::of(frame)?,
        })
    }

    fn unusable(&self, at: usize, id: &str, ordinal: u32) -> u64 {
        let text = |texts: TextCells<'f>| texts.get(at).unwrap_or_default(); // blank cells
        let row = UnusableRow {
            source: self.kind.code(),
            number: id,
            name: text(self.names),
            birth: text(self.births),
        };
        PersonKey::unusable(row, ordinal).0
    }

    /// Cleaned number of a row: as the key says it where the column does not.
    fn id(&self, at: usize) -> std::borrow::Cow<'f, str> {
        match self.ids.get(at) {
            Some(text) => text.into(),
            None => PersonKey(self.written_key(at))
                .national_text()
                .unwrap_or_default()
                .into(),
        }
    }

    /// The key of the number that the row itself states.
    fn written_key(&self, at: usize) -> u64 {
        self.waited.map_or(self.keys[at], |waited| waited[at])
    }

    /// Why numbers cannot be used. One that was joined to a document is usable, whatever it looks like by itself.
    fn own_verdicts(&self) -> Vec<Option<u8>> {
        let mut verdicts: Vec<Option<u8>> = self.verdicts.iter().collect();
        if let Some(waited) = self.waited {
            for (at, waited) in waited.iter().enumerate() {
                if *waited != self.keys[at] {
                    verdicts[at] = None;
                }
            }
        }
        verdicts
    }

    /// Numbers with three or more names in this book are unusable here: every row is a person of its own. Their keys.
    fn shared(
        &self,
        several: &[usize],
        sheets: &Sheets<'_>,
        (verdicts, person): (&mut [Option<u8>], &mut [u64]),
    ) -> Vec<u64> {
        let mut names: PlHashMap<u64, Vec<&str>> = PlHashMap::default();
        for at in several.iter().copied() {
            if verdicts[at].is_some() || sheets.old[self.origins[at] as usize] {
                continue;
            }
            let Some(name) = self.names.get(at).filter(|name| !names::is_newborn(name)) else {
                continue;
            };
            let known = names.entry(person[at]).or_default();
            let same = |one: &&str| *one == name || names::differ_only_in_unwritable(one, name);
            if known.len() < SHARED && !known.iter().any(same) {
                known.push(name);
            }
        }
        names.retain(|_, names| names.len() >= SHARED);
        for at in several.iter().copied() {
            if names.contains_key(&person[at]) {
                verdicts[at] = Some(Code::IdShared.index());
                person[at] = self.unusable(at, &self.id(at), 0);
            }
        }
        names.into_keys().collect()
    }

    /// In sheets whose numbers lost their last digits those that may have done so are truncated.
    fn cut_short(&self, sheets: &Sheets<'_>, verdicts: &mut [Option<u8>], person: &mut [u64]) {
        if !sheets.lossy.iter().any(|lossy| *lossy) {
            return;
        }
        for at in 0..self.keys.len() {
            if self.cut.get(at) == Some(true) && sheets.lossy[self.origins[at] as usize] {
                verdicts[at] = Some(Code::IdTruncated.index());
                // Equal unusable rows are one "person" here: only so can one of them repeat the other.
                person[at] = self.unusable(at, &self.id(at), 0);
            }
        }
    }

    /// Keys of all rows: unusable rows that look the same get ordinals, in an order that comes from their cells.
    fn told_apart(&self, verdicts: &[Option<u8>], person: &[u64]) -> Vec<u64> {
        let mut keys = person.to_vec();
        let mut rows: Vec<usize> = (0..keys.len())
            .filter(|at| verdicts[*at].is_some())
            .collect();
        rows.sort_unstable_by_key(|at| (person[*at], self.digests[*at], *at));
        for same in rows.chunk_by(|a, b| person[*a] == person[*b]) {
            for (ordinal, &at) in (0u32..).zip(same).skip(1) {
                keys[at] = self.unusable(at, &self.id(at), ordinal);
            }
        }
        keys
    }

    /// A number or voucher of another year is another record, however alike: it must not push this year's out.
    fn persons_by_year(&self, person: &[u64]) -> Vec<u64> {
        let of_year = |(person, own): (&u64, &Fate)| {
            if *own == Fate::OtherYear {
                !*person
            } else {
                *person
            }
        };
        person.iter().zip(&self.own).map(of_year).collect()
    }

    fn holds(flags: Option<&BooleanChunked>, at: usize) -> bool {
        flags.is_none_or(|flags| flags.get(at) == Some(true))
    }

    /// What makes a row the same record as another of its person.
    fn mark(&self, at: usize) -> Mark<'f> {
        let voucher = self
            .money
            .as_ref()
            .filter(|_| Self::holds(self.is_payment, at));
        let voucher = voucher
            .and_then(|money| Some(Mark::Voucher(money.voucher.get(at)?, money.total(at) < 0)));
        let number = || {
            self.number
                .get(at)
                .filter(|_| Self::holds(self.is_registration, at))
                .map(Mark::Number)
        };
        let values = || self.paid(at).map(|(paid, _)| Mark::Paid(paid));
        voucher
            .or_else(number)
            .or_else(values)
            .unwrap_or(Mark::Digest(self.digests[at]))
    }

    /// What was paid, where the row says when, and whether it bears a voucher.
    fn paid(&self, at: usize) -> Option<(Paid, bool)> {
        let money = self.money.as_ref()?;
        let paid = Paid {
            on: money.paid_on.get(at)?,
            fen: [money.personal[at], money.subsidised[at]],
            cover: money.covers[at],
        };
        Self::holds(self.is_payment, at).then(|| (paid, money.voucher.get(at).is_some()))
    }

    /// The place that a row names: its region, else its pool.
    fn place(&self, at: usize) -> Option<&'f str> {
        self.regions.get(at).or_else(|| self.pools.get(at))
    }

    /// In which fields two rows of one registration number contradict each other; what one does not state contradicts nothing.
    fn differences(&self, a: usize, b: usize) -> String {
        let status = |at: usize| self.status.and_then(|status| status.get(at));
        let begun = |at: usize| self.begun.and_then(|begun| begun.get(at));
        let differ = |field: Field, is: bool| is.then_some(field.code());
        let place = self.place(a).zip(self.place(b));
        let day = begun(a).zip(begun(b));
        let fields = [
            differ(Field::Status, status(a) != status(b)),
            differ(Field::Begun, day.is_some_and(|(a, b)| a != b)),
            differ(Field::Place, place.is_some_and(|(a, b)| a != b)),
        ];
        fields.into_iter().flatten().collect::<Vec<_>>().join("|")
    }

    /// Which of two equal records counts: status, then date, voucher or number, region code, cleaned name.
    fn better(&self, a: usize, b: usize) -> Ordering {
        let day = |at: usize| {
            let paid = self.money.as_ref().and_then(|money| money.paid_on.get(at));
            paid.or_else(|| self.begun?.get(at))
        };
        let voucher = |at: usize| {
            self.money
                .as_ref()
                .and_then(|money| money.voucher.get(at))
                .or_else(|| self.number.get(at))
        };
        let worth = |at: usize| {
            (
                self.status.and_then(|status| status.get(at)),
                day(at),
                voucher(at),
            )
        };
        // Regions: the lowest code, a row without one last. A row with a name beats one without.
        let last = |texts: TextCells<'f>, at: usize| (texts.get(at).is_none(), texts.get(at));
        let by_worth = worth(a).cmp(&worth(b));
        by_worth
            .then_with(|| last(self.regions, a).cmp(&last(self.regions, b)))
            .then_with(|| last(self.names, a).cmp(&last(self.names, b)))
    }

    /// Nets the open rows that are payments, and settles the fate `reversed`. Only persons with a negative row are looked
    /// at: one in a thousand.
    fn net(&self, keys: &[u64], fates: &mut Fates) -> Net {
        let Some(money) = &self.money else {
            return Net::default();
        };
        let takes_part = |at: &usize| {
            (fates.is_open(*at) || fates.is_void(*at)) && Self::holds(self.is_payment, *at)
        };
        let mut net = Net::as_written(money);
        let negative: PlHashSet<u64> = (0..keys.len())
            .filter(|at| money.total(*at) < 0 && fates.is_open(*at) && takes_part(at))
            .map(|at| keys[at])
            .collect();
        if negative.is_empty() {
            return net;
        }
        let entries = (0..keys.len())
            .filter(|at| negative.contains(&keys[*at]) && takes_part(at))
            // What is void and negative gives nothing back.
            .filter(|at| fates.is_open(*at) || money.total(*at) > 0)
            .map(|at| Posting {
                void: if fates.is_void(at) {
                    money.void(at)
                } else {
                    Void::No
                },
                ..self.posting(money, keys[at], at)
            });
        let mut reversed = vec![false; keys.len()];
        let netted = reversals::cancel(entries.collect());
        for netted in netted.iter().filter(|netted| fates.is_open(netted.at)) {
            net.take(netted);
            reversed[netted.at] = netted.reversed;
        }
        fates.settle(Fate::Reversed, |at| reversed[at]);
        net
    }

    /// A payment or a reversal. An unusable row has a key of its own, so its reversal finds nothing.
    fn posting(&self, money: &MoneyColumns<'f>, key: u64, at: usize) -> Posting<'f> {
        let pool = self.pools.get(at).unwrap_or_default(); // a blank cell
        Posting {
            at,
            account: (key, money.covers[at], pool),
            paid_on: money.paid_on.get(at),
            voucher: money.voucher.get(at),
            original: money.original.get(at),
            region: self.regions.get(at),
            name: self.names.get(at),
            personal: money.personal[at],
            subsidised: money.subsidised[at],
            void: Void::No,
        }
    }

    /// ID of every row.
    fn ids(&self, keys: &[u64], verdicts: &[Option<u8>]) -> Column {
        let mut texts = StringChunkedBuilder::new(c::ID.into(), keys.len());
        let mut number = [0u8; 18];
        for at in 0..keys.len() {
            match self.ids.get(at) {
                Some(text) => texts.append_value(text),
                None if verdicts[at].is_some() => texts.append_value(self.id(at)),
                None => {
                    let key = match self.waited {
                        Some(waited) => waited[at],
                        None => keys[at],
                    };
                    texts.append_value(PersonKey(key).write_national(&mut number));
                }
            }
        }
        texts.finish().into_column()
    }
}

/// Money after reversals.
#[derive(Default)]
struct Net {
    personal: Vec<Fen>,
    subsidised: Vec<Fen>,
    unmatched: Vec<bool>,
}

impl Net {
    fn as_written(money: &MoneyColumns<'_>) -> Self {
        let unmatched = vec![false; money.personal.len()];
        Net {
            personal: money.personal.to_vec(),
            subsidised: money.subsidised.to_vec(),
            unmatched,
        }
    }

    fn take(&mut self, netted: &Netted) {
        self.personal[netted.at] = netted.personal;
        self.subsidised[netted.at] = netted.subsidised;
        self.unmatched[netted.at] = netted.unmatched;
    }

    fn columns(self) -> [Column; 3] {
        [
            frame::amounts(c::NET_PERSONAL, self.personal),
            frame::amounts(c::NET_SUBSIDISED, self.subsidised),
            frame::flags(c::UNMATCHED, self.unmatched.into_iter()),
        ]
    }
}
