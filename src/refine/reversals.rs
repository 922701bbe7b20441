//! Reversals (冲正): negative rows taken off the payment they cancel.

use std::cmp::{Ordering, Reverse};

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
    for reversal in reversals {
        let found = choose(entries, &outcomes, &entries[reversal]);
        (outcomes[reversal].personal, outcomes[reversal].subsidised) = (0, 0);
        match found {
            Some(payment) => {
                take_off(&mut outcomes[payment], &entries[reversal]);
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

/// The payment a reversal cancels: the one it names; else the latest of the same amount; else the latest with enough left.
fn choose(entries: &[Posting<'_>], outcomes: &[Netted], reversal: &Posting<'_>) -> Option<usize> {
    let amount = -total(reversal);
    let left = |i: usize| outcomes[i].personal + outcomes[i].subsidised;
    let latest = |fits: &dyn Fn(usize) -> bool| {
        let candidates = (0..entries.len())
            .filter(|i| total(&entries[*i]) > 0 && left(*i) >= amount && fits(*i));
        candidates.min_by(|a, b| {
            let (a, b) = (&entries[*a], &entries[*b]);
            Reverse(a.paid_on)
                .cmp(&Reverse(b.paid_on))
                .then_with(|| absent_last(a.voucher).cmp(&absent_last(b.voucher)))
                .then_with(|| rest(a, b))
        })
    };
    let named = |voucher: Option<&str>| {
        voucher.and_then(|voucher| latest(&|i| entries[i].voucher == Some(voucher)))
    };
    // A reversal on no stated day may cancel any payment.
    let before = |i: usize| reversal.paid_on.is_none() || entries[i].paid_on <= reversal.paid_on;
    let counts = |i: usize| entries[i].void == Void::No;
    let is_told = |i: usize| entries[i].void == Void::GivenBack;
    named(reversal.original)
        .or_else(|| named(reversal.voucher))
        .or_else(|| latest(&|i| is_told(i) && before(i) && left(i) == amount))
        .or_else(|| latest(&|i| counts(i) && before(i) && left(i) == amount))
        .or_else(|| latest(&|i| counts(i) && before(i)))
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
