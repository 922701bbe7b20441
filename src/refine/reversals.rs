//! Reversals (冲正): negative rows taken off the payment they cancel.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeSet;
use std::ops::Range;

/// A payment or a reversal, as far as cancelling looks at it.
#[derive(Clone, Debug)]
pub(crate) struct Posting<'t> {
    /// Row of the table (in order of file, sheet, row).
    pub(crate) at: usize,
    /// Person, cover and pool: entries cancel only inside one account.
    pub(crate) account: (u64, u8, &'t str),
    /// Payment day; a missing one counts as the earliest.
    pub(crate) paid_on: Option<i32>,
    /// Voucher.
    pub(crate) voucher: Option<&'t str>,
    /// Voucher of the payment a reversal names.
    pub(crate) original: Option<&'t str>,
    /// Region of the row.
    pub(crate) region: Option<&'t str>,
    /// Cleaned name.
    pub(crate) name: Option<&'t str>,
    /// Fen as written.
    pub(crate) personal: i64,
    /// Fen as written.
    pub(crate) subsidised: i64,
    /// A payment that says of itself that it does not count: a reversal of it cancels nothing else.
    pub(crate) void: Void,
}

/// Whether a payment says of itself that it does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Void {
    /// It counts.
    No,
    /// It stands for no money: failed, closed.
    Nothing,
    /// Its money went back.
    GivenBack,
}

/// What became of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Netted {
    /// Row of the table.
    pub(crate) at: usize,
    /// Fen that remain.
    pub(crate) personal: i64,
    /// Fen that remain.
    pub(crate) subsidised: i64,
    /// Wholly cancelled, or a reversal of a payment that was.
    pub(crate) reversed: bool,
    /// A reversal that found no payment.
    pub(crate) unmatched: bool,
}

/// Cancels inside every account and says what became of each entry.
pub(crate) fn cancel(mut entries: Vec<Posting<'_>>) -> Vec<Netted> {
    entries.sort_unstable_by(|a, b| a.account.cmp(&b.account).then(a.at.cmp(&b.at)));
    entries
        .chunk_by(|a, b| a.account == b.account)
        .flat_map(account)
        .collect()
}

fn total(entry: &Posting<'_>) -> i64 {
    entry.personal + entry.subsidised
}

fn account(entries: &[Posting<'_>]) -> Vec<Netted> {
    let mut outcomes: Vec<Netted> = entries
        .iter()
        .map(|e| Netted {
            at: e.at,
            personal: e.personal,
            subsidised: e.subsidised,
            reversed: false,
            unmatched: false,
        })
        .collect();
    let mut reversals: Vec<usize> = (0..entries.len())
        .filter(|i| total(&entries[*i]) < 0)
        .collect();
    reversals.sort_unstable_by(|a, b| by_value(&entries[*a], &entries[*b]));
    let mut applied: Vec<(usize, usize)> = Vec::new();
    let mut payments = Payments::of(entries);
    for reversal in reversals {
        let found = payments.choose(&entries[reversal]);
        (outcomes[reversal].personal, outcomes[reversal].subsidised) = (0, 0);
        match found {
            Some(turn) => {
                let payment = payments.in_turn[turn];
                take_off(&mut outcomes[payment], &entries[reversal]);
                payments.lower(turn, -total(&entries[reversal]));
                applied.push((reversal, payment));
            }
            None => outcomes[reversal].unmatched = true,
        }
    }
    for (reversal, payment) in applied {
        if outcomes[payment].personal + outcomes[payment].subsidised == 0 {
            outcomes[payment].reversed = true;
            outcomes[reversal].reversed = true;
        }
    }
    outcomes
}

/// Date, voucher, amount; then what else tells rows apart.
fn by_value(a: &Posting<'_>, b: &Posting<'_>) -> Ordering {
    (a.paid_on, absent_last(a.voucher), total(a))
        .cmp(&(b.paid_on, absent_last(b.voucher), total(b)))
        .then_with(|| rest(a, b))
}

fn rest(a: &Posting<'_>, b: &Posting<'_>) -> Ordering {
    (absent_last(a.region), absent_last(a.name), a.at).cmp(&(
        absent_last(b.region),
        absent_last(b.name),
        b.at,
    ))
}

fn absent_last<T: Ord>(value: Option<T>) -> (bool, Option<T>) {
    (value.is_none(), value)
}

/// The payments of an account, as a reversal asks for them. One account may have all rows of a file, so none is looked at
/// that does not fit.
struct Payments<'e> {
    entries: &'e [Posting<'e>],
    /// Positions among the entries in the order in which they are chosen, the latest first. A payment's place in it is its turn.
    in_turn: Vec<usize>,
    /// What is left of each, by turn.
    remain: Vec<i64>,
    /// The same of those that count.
    left: Lefts,
    /// What is left of each that counts, and its turn.
    by_left: BTreeSet<(i64, usize)>,
    /// The same of those that say of themselves that their money went back.
    told_by_left: BTreeSet<(i64, usize)>,
    /// Vouchers and turns, in that order, and what is left of those.
    by_voucher: Vec<(&'e str, usize)>,
    left_by_voucher: Lefts,
    /// By turn: the place in `by_voucher`.
    filed: Vec<Option<usize>>,
}

impl<'e> Payments<'e> {
    fn of(entries: &'e [Posting<'e>]) -> Self {
        let mut in_turn: Vec<usize> = (0..entries.len())
            .filter(|i| total(&entries[*i]) > 0)
            .collect();
        in_turn.sort_unstable_by(|a, b| latest_first(&entries[*a], &entries[*b]));
        let void_of = |turn: usize| entries[in_turn[turn]].void;
        let remain: Vec<i64> = in_turn.iter().map(|i| total(&entries[*i])).collect();
        let of_void = |void: Void| {
            let lefts = remain.iter().copied().zip(0..);
            lefts.filter(move |(_, turn): &(i64, usize)| void_of(*turn) == void)
        };
        let counting = remain.iter().enumerate();
        let counting = counting.map(|(turn, left)| match void_of(turn) {
            Void::No => *left,
            Void::Nothing | Void::GivenBack => i64::MIN,
        });
        let vouchers = in_turn.iter().enumerate();
        let mut by_voucher: Vec<(&str, usize)> = vouchers
            .filter_map(|(turn, i)| Some((entries[*i].voucher?, turn)))
            .collect();
        by_voucher.sort_unstable();
        let mut filed = vec![None; in_turn.len()];
        for (place, (_, turn)) in by_voucher.iter().enumerate() {
            filed[*turn] = Some(place);
        }
        let by_voucher_left = by_voucher
            .iter()
            .map(|(_, turn)| total(&entries[in_turn[*turn]]));
        Payments {
            left: Lefts::of(counting),
            by_left: of_void(Void::No).collect(),
            told_by_left: of_void(Void::GivenBack).collect(),
            left_by_voucher: Lefts::of(by_voucher_left),
            by_voucher,
            filed,
            remain,
            in_turn,
            entries,
        }
    }

    /// The turn of the payment a reversal cancels: the one it names; else the latest of the same amount, first of those that
    /// say that their money went back; else the latest with enough left.
    fn choose(&self, reversal: &Posting<'_>) -> Option<usize> {
        let amount = -total(reversal);
        let (from, all) = (self.first_before(reversal), self.in_turn.len());
        let equal = |by_left: &BTreeSet<(i64, usize)>| {
            let same = (amount, from)..=(amount, usize::MAX);
            by_left.range(same).next().map(|(_, turn)| *turn)
        };
        self.named(reversal.original, amount)
            .or_else(|| self.named(reversal.voucher, amount))
            .or_else(|| equal(&self.told_by_left))
            .or_else(|| equal(&self.by_left))
            .or_else(|| self.left.first(from..all, amount))
    }

    /// The first payment of this voucher with enough left.
    fn named(&self, voucher: Option<&str>, amount: i64) -> Option<usize> {
        let voucher = voucher?;
        let from = self.by_voucher.partition_point(|(one, _)| *one < voucher);
        let to = self.by_voucher.partition_point(|(one, _)| *one <= voucher);
        let place = self.left_by_voucher.first(from..to, amount)?;
        Some(self.by_voucher[place].1)
    }

    /// The first turn of a payment no later than the reversal: those behind it are earlier. A reversal on no stated day may
    /// cancel any.
    fn first_before(&self, reversal: &Posting<'_>) -> usize {
        let is_later = |i: &usize| self.entries[*i].paid_on > reversal.paid_on;
        match reversal.paid_on {
            None => 0,
            Some(_) => self.in_turn.partition_point(is_later),
        }
    }

    /// Takes an amount off what is left of a payment.
    fn lower(&mut self, turn: usize, amount: i64) {
        let before = self.remain[turn];
        let left = before - amount;
        self.remain[turn] = left;
        let by_left = match self.entries[self.in_turn[turn]].void {
            Void::No => {
                self.left.set(turn, left);
                Some(&mut self.by_left)
            }
            Void::GivenBack => Some(&mut self.told_by_left),
            Void::Nothing => None,
        };
        if let Some(by_left) = by_left {
            by_left.remove(&(before, turn));
            by_left.insert((left, turn));
        }
        if let Some(place) = self.filed[turn] {
            self.left_by_voucher.set(place, left);
        }
    }
}

/// The order in which payments are chosen: the latest, the lowest voucher; then what else tells rows apart.
fn latest_first(a: &Posting<'_>, b: &Posting<'_>) -> Ordering {
    Reverse(a.paid_on)
        .cmp(&Reverse(b.paid_on))
        .then_with(|| absent_last(a.voucher).cmp(&absent_last(b.voucher)))
        .then_with(|| rest(a, b))
}

/// What is left of payments in a row. Halves know the most that any of theirs has left, so that the first with enough is found
/// in as many steps as there are halvings.
struct Lefts {
    leaves: usize,
    most: Vec<i64>,
}

impl Lefts {
    fn of(lefts: impl ExactSizeIterator<Item = i64>) -> Self {
        let leaves = lefts.len().next_power_of_two();
        let mut most = vec![i64::MIN; 2 * leaves];
        most[leaves..]
            .iter_mut()
            .zip(lefts)
            .for_each(|(leaf, left)| *leaf = left);
        for half in (1..leaves).rev() {
            most[half] = most[2 * half].max(most[2 * half + 1]);
        }
        Lefts { leaves, most }
    }

    fn set(&mut self, place: usize, left: i64) {
        let mut half = self.leaves + place;
        self.most[half] = left;
        while half > 1 {
            half /= 2;
            self.most[half] = self.most[2 * half].max(self.most[2 * half + 1]);
        }
    }

    /// The first of a stretch with so much left.
    fn first(&self, stretch: Range<usize>, amount: i64) -> Option<usize> {
        if stretch.is_empty() {
            return None;
        }
        let mut half = self.leaves + stretch.start;
        while self.most[half] < amount {
            // The half to the right, of the smallest that has one there.
            half >>= half.trailing_ones();
            if half == 0 {
                return None;
            }
            half += 1;
        }
        while half < self.leaves {
            half *= 2;
            half += usize::from(self.most[half] < amount);
        }
        Some(half - self.leaves).filter(|place| stretch.contains(place))
    }
}

/// Lowers a payment by a reversal's own parts; where they do not fit, the subsidy gives first.
fn take_off(payment: &mut Netted, reversal: &Posting<'_>) {
    let (personal, subsidised) = (-reversal.personal, -reversal.subsidised);
    let fits = (0..=payment.personal).contains(&personal)
        && (0..=payment.subsidised).contains(&subsidised);
    let amount = personal + subsidised;
    let subsidised = if fits {
        subsidised
    } else {
        payment.subsidised.clamp(0, amount)
    };
    payment.subsidised -= subsidised;
    payment.personal -= amount - subsidised;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(
        at: usize,
        day: i32,
        (voucher, original): (&'static str, &'static str),
        (personal, subsidised): (i64, i64),
    ) -> Posting<'static> {
        let some = |text: &'static str| (!text.is_empty()).then_some(text);
        let paid_on = (day > 0).then_some(day);
        let (voucher, original) = (some(voucher), some(original));
        Posting {
            at,
            account: (1, 1, "4303"),
            paid_on,
            voucher,
            original,
            region: None,
            name: None,
            personal,
            subsidised,
            void: Void::No,
        }
    }

    /// Remaining (personal, subsidised, r = reversed, u = unmatched) in order of row.
    fn cancelled(entries: Vec<Posting<'static>>) -> Vec<(i64, i64, &'static str)> {
        let mut outcomes = cancel(entries);
        outcomes.sort_unstable_by_key(|outcome| outcome.at);
        let mark = |o: &Netted| {
            if o.unmatched {
                "u"
            } else if o.reversed {
                "r"
            } else {
                ""
            }
        };
        outcomes
            .iter()
            .map(|o| (o.personal, o.subsidised, mark(o)))
            .collect()
    }

    #[test]
    fn a_reversal_cancels_the_payment_it_names_then_its_equal_then_the_latest_with_enough_left() {
        // entries: day, voucher, original, personal, subsidised; expected in the same order
        #[rustfmt::skip]
        let table = [
            (
                "named by its original voucher, though another is later",
                vec![entry(0, 10, ("A", ""), (320, 0)), entry(1, 20, ("B", ""), (320, 0)), entry(2, 30, ("C", "A"), (-320, 0))],
                vec![(0, 0, "r"), (320, 0, ""), (0, 0, "r")],
            ),
            (
                "shares the voucher",
                vec![entry(0, 10, ("A", ""), (320, 0)), entry(1, 20, ("B", ""), (320, 0)), entry(2, 30, ("A", ""), (-320, 0))],
                vec![(0, 0, "r"), (320, 0, ""), (0, 0, "r")],
            ),
            (
                "same amount, latest not after the reversal",
                vec![entry(0, 10, ("A", ""), (320, 0)), entry(1, 20, ("B", ""), (320, 0)), entry(2, 40, ("C", ""), (320, 0)), entry(3, 30, ("D", ""), (-320, 0))],
                vec![(320, 0, ""), (0, 0, "r"), (320, 0, ""), (0, 0, "r")],
            ),
            (
                "same amount before a later larger one",
                vec![entry(0, 10, ("A", ""), (160, 0)), entry(1, 20, ("B", ""), (320, 0)), entry(2, 30, ("D", ""), (-160, 0))],
                vec![(0, 0, "r"), (320, 0, ""), (0, 0, "r")],
            ),
            (
                "enough left: the payment is lowered and stays",
                vec![entry(0, 10, ("A", ""), (320, 0)), entry(1, 30, ("D", ""), (-100, 0))],
                vec![(220, 0, ""), (0, 0, "")],
            ),
            (
                "two partial reversals empty a payment",
                vec![entry(0, 10, ("A", ""), (320, 0)), entry(1, 30, ("D", ""), (-120, 0)), entry(2, 31, ("E", ""), (-200, 0))],
                vec![(0, 0, "r"), (0, 0, "r"), (0, 0, "r")],
            ),
            (
                "more than there is",
                vec![entry(0, 10, ("A", ""), (320, 0)), entry(1, 30, ("D", ""), (-400, 0))],
                vec![(320, 0, ""), (0, 0, "u")],
            ),
            (
                "before any payment",
                vec![entry(0, 40, ("A", ""), (320, 0)), entry(1, 30, ("D", ""), (-320, 0))],
                vec![(320, 0, ""), (0, 0, "u")],
            ),
            (
                "a missing payment day counts as the earliest",
                vec![entry(0, 0, ("A", ""), (320, 0)), entry(1, 30, ("D", ""), (-320, 0))],
                vec![(0, 0, "r"), (0, 0, "r")],
            ),
            (
                "parts that do not fit: the subsidy gives first",
                vec![entry(0, 10, ("A", ""), (160, 160)), entry(1, 30, ("D", ""), (-200, 0))],
                vec![(120, 0, ""), (0, 0, "")],
            ),
            (
                "equal days: the lowest voucher",
                vec![entry(0, 10, ("B", ""), (320, 0)), entry(1, 10, ("A", ""), (320, 0)), entry(2, 10, ("C", ""), (-320, 0))],
                vec![(320, 0, ""), (0, 0, "r"), (0, 0, "r")],
            ),
        ];
        for (what, entries, expected) in table {
            assert_eq!(cancelled(entries), expected, "{what}");
        }
    }

    /// The payment a reversal cancels, found by looking at every one.
    fn choice_by_looking(
        entries: &[Posting<'_>],
        left: &[i64],
        reversal: &Posting<'_>,
    ) -> Option<usize> {
        let amount = -total(reversal);
        let latest = |fits: &dyn Fn(usize) -> bool| {
            (0..entries.len())
                .filter(|i| total(&entries[*i]) > 0 && left[*i] >= amount && fits(*i))
                .min_by(|a, b| latest_first(&entries[*a], &entries[*b]))
        };
        let named = |voucher: Option<&str>| {
            voucher.and_then(|voucher| latest(&|i| entries[i].voucher == Some(voucher)))
        };
        let before =
            |i: usize| reversal.paid_on.is_none() || entries[i].paid_on <= reversal.paid_on;
        let counts = |i: usize| entries[i].void == Void::No;
        let is_told = |i: usize| entries[i].void == Void::GivenBack;
        named(reversal.original)
            .or_else(|| named(reversal.voucher))
            .or_else(|| latest(&|i| is_told(i) && before(i) && left[i] == amount))
            .or_else(|| latest(&|i| counts(i) && before(i) && left[i] == amount))
            .or_else(|| latest(&|i| counts(i) && before(i)))
    }

    #[test]
    fn the_payment_chosen_is_the_one_found_by_looking_at_every_one() {
        let mut state = 7_u64;
        let mut die = |sides: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % sides
        };
        let vouchers = ["", "A", "B", "C"];
        for _ in 0..3_000 {
            let count = 1 + die(14) as usize;
            let entries: Vec<Posting<'_>> = (0..count)
                .map(|at| {
                    let names = (vouchers[die(4) as usize], vouchers[die(4) as usize]);
                    let amount = [100, 200, 300, 500, -100, -200, -300][die(7) as usize];
                    let void = [Void::No, Void::No, Void::Nothing, Void::GivenBack];
                    Posting {
                        void: void[die(4) as usize],
                        ..entry(at, die(5) as i32, names, (amount, 0))
                    }
                })
                .collect();
            let mut payments = Payments::of(&entries);
            let mut left: Vec<i64> = entries.iter().map(total).collect();
            for reversal in entries.iter().filter(|one| total(one) < 0) {
                let turn = payments.choose(reversal);
                let chosen = turn.map(|turn| payments.in_turn[turn]);
                assert_eq!(
                    chosen,
                    choice_by_looking(&entries, &left, reversal),
                    "{entries:?} {left:?}"
                );
                if let (Some(turn), Some(chosen)) = (turn, chosen) {
                    payments.lower(turn, -total(reversal));
                    left[chosen] += total(reversal);
                }
            }
        }
    }

    #[test]
    fn a_refund_of_what_says_of_itself_that_it_went_back_cancels_nothing_else() {
        let given_back = |entry: Posting<'static>| Posting {
            void: Void::GivenBack,
            ..entry
        };
        let failed = |entry: Posting<'static>| Posting {
            void: Void::Nothing,
            ..entry
        };
        let paid = |at, day, voucher| entry(at, day, (voucher, ""), (400, 0));
        let back = |at, original| entry(at, 30, ("R", original), (-400, 0));
        for (what, entries, expected) in [
            (
                "not named: the one that says so",
                vec![given_back(paid(0, 10, "A")), paid(1, 20, "B"), back(2, "")],
                vec![(0, 0, "r"), (400, 0, ""), (0, 0, "r")],
            ),
            (
                "named though it failed",
                vec![failed(paid(0, 10, "A")), paid(1, 20, "B"), back(2, "A")],
                vec![(0, 0, "r"), (400, 0, ""), (0, 0, "r")],
            ),
            (
                "not named: what failed took no money",
                vec![failed(paid(0, 10, "A")), paid(1, 20, "B"), back(2, "")],
                vec![(400, 0, ""), (0, 0, "r"), (0, 0, "r")],
            ),
        ] {
            assert_eq!(cancelled(entries), expected, "{what}");
        }
    }

    #[test]
    fn another_pool_is_another_account() {
        let mut there = entry(1, 30, ("D", ""), (-320, 0));
        there.account.2 = "4305";
        assert_eq!(
            cancelled(vec![entry(0, 10, ("A", ""), (320, 0)), there]),
            [(320, 0, ""), (0, 0, "u")]
        );
    }
}
