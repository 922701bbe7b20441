//! The oracle itself, as tables a clerk could review: the last column is what the documents say.

use std::collections::BTreeMap;

use super::answer::{Answer, answer};
use super::findings::people;
use super::money::payable;
use super::random::{day, number_of, plain_scheme};
use super::rows::records;
use super::world::{Book, Figures, Row, TaskRow, World};

/// A world of the plain scheme with these rows. Money stands as personal and subsidy.
fn world(rows: &[(Book, &[(&'static str, &str)])]) -> World {
    let mut books: BTreeMap<Book, Vec<Row>> = BTreeMap::new();
    for (book, cells) in rows {
        books.entry(*book).or_default().push(Row::of(0, cells));
    }
    let tasks = vec![TaskRow {
        region: "430321100",
        figures: Figures {
            population: Some(3),
            ..Figures::default()
        },
    }];
    World {
        scheme: plain_scheme(),
        as_of: day(2022, 3, 31),
        books,
        tasks,
        tasks_total: None,
        spelling: 0,
        wide: true,
    }
}

fn codes(answer: &Answer) -> Vec<&str> {
    answer
        .findings
        .iter()
        .map(|(code, _)| code.as_str())
        .collect()
}

#[test]
fn the_largest_grant_in_force_on_a_deciding_day_lowers_the_price() {
    let id = number_of(0);
    // category, identified, approved, ended, paid on (none = unpaid), payment day decides, cut-off decides, payable in yuan
    for (category, identified, approved, ended, paid, by_payment, by_cut_off, yuan) in [
        ("低保对象", "", "", "", "", true, true, 160),
        ("农村低保", "", "", "", "", true, true, 160),
        (
            "特困对象",
            "2021-08-01",
            "",
            "",
            "2021-10-15",
            true,
            true,
            0,
        ),
        ("稳定脱贫人口", "", "", "", "", true, true, 320),
        ("没有类", "", "", "", "", true, true, 320),
        // approved after the cut-off; the identification stands in for a missing approval
        (
            "低保对象",
            "2021-08-01",
            "2022-03-01",
            "",
            "",
            true,
            true,
            320,
        ),
        (
            "低保对象",
            "2022-03-10",
            "",
            "",
            "2022-03-31",
            true,
            true,
            320,
        ),
        // ended on the day itself is not in force
        (
            "低保对象",
            "",
            "",
            "2021-10-15",
            "2021-10-15",
            true,
            false,
            320,
        ),
        (
            "低保对象",
            "",
            "",
            "2021-10-16",
            "2021-10-15",
            true,
            false,
            160,
        ),
        (
            "低保对象",
            "",
            "",
            "2021-12-01",
            "2021-10-15",
            false,
            true,
            320,
        ),
        (
            "低保对象",
            "",
            "",
            "2021-12-01",
            "2021-10-15",
            true,
            true,
            160,
        ),
        // identified after the payment, but before the cut-off
        (
            "低保对象",
            "2021-11-01",
            "",
            "",
            "2021-10-15",
            true,
            false,
            320,
        ),
        (
            "低保对象",
            "2021-11-01",
            "",
            "",
            "2021-10-15",
            true,
            true,
            160,
        ),
        // without a payment: the last day of the window, as it lies before the as-of date
        ("低保对象", "", "", "2022-03-01", "", true, false, 160),
        ("低保对象", "", "", "2022-02-28", "", true, false, 320),
    ] {
        let roster = [
            ("id", id.as_str()),
            ("category", category),
            ("identified", identified),
            ("approved", approved),
            ("ended", ended),
        ];
        let payment = [("id", id.as_str()), ("personal", "320"), ("paid-on", paid)];
        let mut rows: Vec<(Book, &[(&'static str, &str)])> = vec![(Book::Rosters, &roster)];
        if !paid.is_empty() {
            rows.push((Book::Payments, &payment));
        }
        let mut world = world(&rows);
        (
            world.scheme.payment_day_decides,
            world.scheme.cut_off_decides,
        ) = (by_payment, by_cut_off);
        let records = records(&world);
        let people = people(&world, &records);
        assert_eq!(
            payable(&world, &people[0]),
            yuan * 100,
            "{category} {identified} {approved} {ended} {paid}"
        );
    }
}

#[test]
fn reversals_cancel_the_payment_they_name_or_the_latest_that_fits() {
    // rows: day, voucher, original voucher, personal, subsidy; expected: net personal and fate of each row
    type Money = (
        &'static str,
        &'static str,
        &'static str,
        &'static str,
        &'static str,
    );
    type Outcome = (i64, &'static str);
    let tables: [(&[Money], &[Outcome]); 7] = [
        // the voucher it names, although another is later
        (
            &[
                ("2021-10-01", "A", "", "320", ""),
                ("2021-11-01", "B", "", "320", ""),
                ("2021-12-01", "C", "A", "-320", ""),
            ],
            &[(0, "reversed"), (320, "used"), (0, "reversed")],
        ),
        // its own voucher
        (
            &[
                ("2021-10-01", "A", "", "320", ""),
                ("2021-11-01", "B", "", "320", ""),
                ("2021-12-01", "A", "", "-320", ""),
            ],
            &[(0, "reversed"), (320, "used"), (0, "reversed")],
        ),
        // the latest earlier one of the same amount
        (
            &[
                ("2021-10-01", "", "", "320", ""),
                ("2021-11-01", "", "", "160", ""),
                ("2021-12-01", "", "", "-320", ""),
            ],
            &[(0, "reversed"), (160, "used"), (0, "reversed")],
        ),
        // else the latest with enough left; both rows go on, as something remains
        (
            &[
                ("2021-10-01", "", "", "320", ""),
                ("2021-11-01", "", "", "320", ""),
                ("2021-12-01", "", "", "-100", ""),
            ],
            &[(320, "used"), (220, "used"), (0, "used")],
        ),
        // no payment before it
        (
            &[
                ("2021-12-01", "", "", "320", ""),
                ("2021-10-01", "", "", "-320", ""),
            ],
            &[(320, "used"), (0, "used")],
        ),
        // parts that do not fit: subsidy first
        (
            &[
                ("2021-10-01", "", "", "160", "160"),
                ("2021-12-01", "", "", "-320", ""),
            ],
            &[(0, "reversed"), (0, "reversed")],
        ),
        // dated after the as-of date: not yet there
        (
            &[
                ("2021-10-01", "", "", "320", ""),
                ("2022-05-01", "", "", "-320", ""),
            ],
            &[(320, "used"), (0, "after-as-of")],
        ),
    ];
    let id = number_of(0);
    for (rows, expected) in tables {
        let cells: Vec<Vec<(&'static str, &str)>> = rows
            .iter()
            .map(|(paid, voucher, original, personal, subsidy)| {
                vec![
                    ("id", id.as_str()),
                    ("paid-on", paid),
                    ("voucher", voucher),
                    ("original-voucher", original),
                    ("personal", personal),
                    ("subsidy", subsidy),
                ]
            })
            .collect();
        let book: Vec<(Book, &[(&'static str, &str)])> = cells
            .iter()
            .map(|c| (Book::Payments, c.as_slice()))
            .collect();
        let got: Vec<(i64, &str)> = records(&world(&book))
            .iter()
            .map(|r| {
                (
                    if r.fate == "after-as-of" {
                        0
                    } else {
                        r.net_personal / 100
                    },
                    r.fate,
                )
            })
            .collect();
        assert_eq!(got, expected, "{rows:?}");
    }
}

#[test]
fn what_is_due_is_allocated_to_the_kept_pool_first() {
    let id = number_of(0);
    // registered in, paid: (place, day, voucher, personal) …; employee; cases: reason, pool, voucher, yuan, eligible
    type Paid = (&'static str, &'static str, &'static str, &'static str);
    type Expected = (&'static str, &'static str, &'static str, i64, bool);
    let tables: [(&str, &[Paid], bool, &[Expected]); 7] = [
        (
            "430321",
            &[("430321", "2021-10-01", "A", "320")],
            false,
            &[],
        ),
        // paid twice in one pool: the later one goes back
        (
            "430321",
            &[
                ("430321", "2021-10-01", "A", "320"),
                ("430321", "2021-11-01", "B", "320"),
            ],
            false,
            &[("R01", "4303", "B", 320, true)],
        ),
        // two instalments
        (
            "430321",
            &[
                ("430321", "2021-10-01", "A", "220"),
                ("430321", "2021-11-01", "B", "100"),
            ],
            false,
            &[],
        ),
        (
            "430321",
            &[
                ("430321", "2021-10-01", "A", "220"),
                ("430321", "2021-11-01", "B", "320"),
            ],
            false,
            &[("R01", "4303", "B", 220, true)],
        ),
        // paid in another pool only
        (
            "430321",
            &[("430102", "2021-10-01", "A", "320")],
            false,
            &[("R04", "4301", "A", 320, true)],
        ),
        // paid in both: the other pool's goes back; the later payment began before the benefit period
        (
            "430321",
            &[
                ("430102", "2021-10-01", "A", "320"),
                ("430321", "2021-11-01", "B", "320"),
            ],
            false,
            &[("R02", "4301", "A", 320, true)],
        ),
        // an employee relation is kept: all of it; its beginning is not known, the payment lies in the benefit period
        (
            "430321",
            &[("430321", "2022-01-05", "A", "320")],
            true,
            &[("R03", "4303", "A", 320, false)],
        ),
    ];
    for (registered, paid, employee, expected) in tables {
        let mut cells: Vec<(Book, Vec<(&'static str, &str)>)> = vec![
            (
                Book::Register,
                vec![("id", &id), ("name", "王建国"), ("township", "易俗河镇")],
            ),
            (
                Book::Registrations,
                vec![("id", &id), ("name", "王建国"), ("place", registered)],
            ),
        ];
        if employee {
            cells.push((
                Book::Registrations,
                vec![("id", &id), ("name", "王建国"), ("scheme", "310")],
            ));
        }
        for (place, day, voucher, personal) in paid {
            let payment = vec![
                ("id", id.as_str()),
                ("name", "王建国"),
                ("place", *place),
                ("paid-on", *day),
                ("voucher", *voucher),
                ("personal", *personal),
            ];
            cells.push((Book::Payments, payment));
        }
        let rows: Vec<(Book, &[(&'static str, &str)])> =
            cells.iter().map(|(b, c)| (*b, c.as_slice())).collect();
        let got = answer(&world(&rows)).cases;
        let got: Vec<Expected> = got
            .iter()
            .map(|case| {
                let known = |list: &[&'static str], text: &str| {
                    *list
                        .iter()
                        .find(|w| *w == &text)
                        .expect("a word of the table")
                };
                (
                    known(&["R01", "R02", "R03", "R04"], &case.reason),
                    known(&["4303", "4301"], &case.refund_pool),
                    known(&["A", "B"], &case.voucher),
                    case.refund_fen / 100,
                    case.eligible,
                )
            })
            .collect();
        assert_eq!(got, expected, "{registered} {paid:?}");
    }
}

#[test]
fn the_bridge_leads_from_registered_rows_to_the_register() {
    let ids: Vec<String> = (0..5).map(number_of).collect();
    let world = world(&[
        // registered where the register has them; registered in the other township; not registered; unusable
        (
            Book::Register,
            &[("id", &ids[0]), ("name", "甲"), ("township", "易俗河镇")],
        ),
        (
            Book::Register,
            &[("id", &ids[1]), ("name", "乙"), ("township", "易俗河镇")],
        ),
        (
            Book::Register,
            &[("id", &ids[2]), ("name", "丙"), ("township", "谭家山镇")],
        ),
        (
            Book::Register,
            &[("id", "123"), ("name", "丁"), ("township", "谭家山镇")],
        ),
        (
            Book::Registrations,
            &[("id", &ids[0]), ("name", "甲"), ("township", "易俗河镇")],
        ),
        (
            Book::Registrations,
            &[
                ("id", &ids[0]),
                ("name", "甲"),
                ("township", "易俗河镇"),
                ("scheme", "310"),
            ],
        ),
        (
            Book::Registrations,
            &[("id", &ids[1]), ("name", "乙"), ("township", "谭家山镇")],
        ),
        (
            Book::Registrations,
            &[("id", &ids[3]), ("name", "戊"), ("township", "易俗河镇")],
        ),
        (
            Book::Registrations,
            &[("id", "456"), ("name", "己"), ("township", "易俗河镇")],
        ),
    ]);
    let answer = answer(&world);
    let of = |code: &str, line: &str| {
        answer
            .bridge
            .get(&(code.to_owned(), line.to_owned()))
            .copied()
            .unwrap_or(0)
    };
    // line, county, 易俗河镇, 谭家山镇
    for (line, county, first, second) in [
        ("registered", 5, 4, 1),
        ("unusable", 1, 1, 0),
        ("surplus", 1, 1, 0),
        ("not-on-register", 1, 1, 0),
        ("other-register", 0, 0, 1),
        ("counted-elsewhere", 0, 1, 0),
        ("local", 2, 2, 0),
        ("uninsured", 1, 0, 1),
        ("pending", 1, 0, 1),
        ("register", 4, 2, 2),
    ] {
        assert_eq!(
            (
                of("430321", line),
                of("430321100", line),
                of("430321101", line)
            ),
            (county, first, second),
            "{line}"
        );
    }
    let county = &answer.coverage[&("county".into(), "4303".into(), "430321".into())];
    // The table knows 3 persons of one township; people live in the other as well: no rate of the county
    assert_eq!(
        (
            county["rate_population"].as_str(),
            county["missing"].as_str(),
            county["rank"].as_str()
        ),
        ("", "", "")
    );
}

#[test]
fn one_person_fires_what_the_grain_says() {
    let id = number_of(0);
    let me = |rest: &[(&'static str, &'static str)]| -> Vec<(&'static str, String)> {
        let mut cells = vec![("id", id.clone()), ("name", "王建国".to_owned())];
        cells.extend(
            rest.iter()
                .map(|(field, text)| (*field, (*text).to_owned())),
        );
        cells
    };
    let register = || (Book::Register, me(&[("township", "易俗河镇")]));
    let registered = |place| (Book::Registrations, me(&[("place", place)]));
    let paid = |place, day, voucher, personal| {
        (
            Book::Payments,
            me(&[
                ("place", place),
                ("paid-on", day),
                ("voucher", voucher),
                ("personal", personal),
            ]),
        )
    };
    type Rows = Vec<(Book, Vec<(&'static str, String)>)>;
    let tables: Vec<(Rows, &[&str])> = vec![
        (
            vec![
                register(),
                registered("430321"),
                paid("", "2021-10-01", "A", "320"),
            ],
            &[],
        ),
        (vec![register()], &["uninsured"]),
        (
            vec![register(), registered("430321")],
            &["registered-not-paid"],
        ),
        (
            vec![register(), paid("", "2021-10-01", "A", "320")],
            &["paid-not-registered", "uninsured"],
        ),
        (
            vec![
                register(),
                registered("430321"),
                paid("", "2021-10-01", "A", "300"),
            ],
            &["amount-wrong"],
        ),
        (
            vec![
                register(),
                registered("430321"),
                paid("", "2022-03-05", "A", "320"),
            ],
            &["outside-window"],
        ),
        (
            vec![
                register(),
                registered("430321"),
                paid("430102", "2021-10-01", "A", "320"),
            ],
            &["wrong-region"],
        ),
        (
            vec![
                register(),
                registered("430321"),
                registered("430102"),
                paid("", "2021-10-01", "A", "320"),
            ],
            &["cross-region"],
        ),
        (
            vec![
                register(),
                registered("430321"),
                registered("430381"),
                paid("", "2021-10-01", "A", "320"),
            ],
            &["duplicate-registration"],
        ),
        (
            vec![
                register(),
                registered("430321"),
                paid("", "2021-10-01", "A", "320"),
                paid("", "2021-10-02", "B", "320"),
            ],
            &["duplicate-payment"],
        ),
        (
            vec![
                register(),
                registered("430321"),
                paid("", "2021-10-01", "A", "320"),
                paid("", "2021-10-02", "A", "320"),
            ],
            &["row-repeated"],
        ),
    ];
    for (rows, expected) in tables {
        let mut world = world(&[]);
        for (book, cells) in &rows {
            let cells: Vec<(&'static str, &str)> =
                cells.iter().map(|(f, t)| (*f, t.as_str())).collect();
            world
                .books
                .entry(*book)
                .or_default()
                .push(Row::of(0, &cells));
        }
        assert_eq!(codes(&answer(&world)), *expected, "{rows:?}");
    }
}
