//! The oracle's late entries as tables a clerk could review: the worked cases of schemes.md §§1.1–1.4.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::answer::answer;
use super::identity::check_of;
use super::random::{day, plain_scheme};
use super::world::{Book, Late, Row, SimpleScheme, Students, TaskRow, Waiting, World};

fn born(birth: &str) -> String {
    let digits = format!("430321{birth}011");
    format!("{digits}{}", check_of(&digits))
}

type Cells<'a> = [(&'static str, &'a str)];

fn world(scheme: SimpleScheme, rows: &[(Book, &Cells)]) -> World {
    let mut books: BTreeMap<Book, Vec<Row>> = BTreeMap::new();
    for (book, cells) in rows {
        books.entry(*book).or_default().push(Row::of(0, cells));
    }
    let tasks: Vec<TaskRow> = Vec::new();
    World {
        scheme,
        as_of: day(2022, 12, 31),
        books,
        tasks,
        tasks_total: None,
        spelling: 0,
        wide: true,
    }
}

fn rule() -> Late {
    Late {
        name: "情形".into(),
        price: "personal",
        starts: "payment-day",
        keeps_grant: true,
        ..Late::default()
    }
}

/// starts, benefit from and payable of the only entry; nothing without one.
fn entry_of(world: &World) -> Option<(String, String, i64)> {
    let entry = answer(world).entries.pop()?;
    Some((entry.starts_on, entry.benefit_from, entry.payable_fen))
}

#[test]
fn a_birth_opens_the_door_for_as_long_as_the_notice_says() {
    let days = Late {
        born_within_days: Some(90),
        starts: "birth",
        ..rule()
    };
    let months = Late {
        born_within_months: Some(6),
        starts: "birth",
        price: "two-years",
        ..rule()
    };
    // rule, born, paid, paid for last year, starts (none = no entry), payable in yuan
    for (rule, birth, paid, last_year, starts, yuan) in [
        (&days, "20220101", "2022-04-01", "", "2022-01-01", 320),
        (&days, "20220101", "2022-04-02", "", "", 0),
        (&days, "20211215", "2022-02-01", "", "2021-12-15", 320),
        (&months, "20211015", "2022-04-30", "", "2021-10-15", 640),
        (&months, "20211015", "2022-05-03", "", "", 0),
        (&months, "20211015", "2022-04-30", "320", "2021-10-15", 320),
        (&months, "20211015", "2022-04-30", "100", "2021-10-15", 540),
        // born in the period itself: one year
        (&months, "20220101", "2022-07-31", "", "2022-01-01", 320),
    ] {
        let id = born(birth);
        let mut rows: Vec<(Book, Vec<(&'static str, &str)>)> = vec![(
            Book::Payments,
            vec![("id", &id), ("paid-on", paid), ("personal", "320")],
        )];
        if !last_year.is_empty() {
            rows.push((
                Book::Payments,
                vec![("id", &id), ("year", "2021"), ("personal", last_year)],
            ));
        }
        let rows: Vec<(Book, &Cells)> = rows
            .iter()
            .map(|(book, cells)| (*book, cells.as_slice()))
            .collect();
        let got = entry_of(&world(
            SimpleScheme {
                lates: vec![rule.clone()],
                ..plain_scheme()
            },
            &rows,
        ));
        let expected =
            (!starts.is_empty()).then(|| (starts.to_owned(), starts.to_owned(), yuan * 100));
        assert_eq!(got, expected, "{birth} {paid} {last_year}");
    }
}

#[test]
fn a_gap_after_an_employee_relation_is_counted_in_days_or_months() {
    let days = Late {
        gap_days: Some(90),
        starts: "cover-stop",
        ..rule()
    };
    let months = Late {
        gap_months: Some(3),
        employee_years: Some(2),
        starts: "next-day",
        ..rule()
    };
    let waits = Late {
        stopped_from: Some(day(2021, 1, 1)),
        starts: "next-day",
        wait_months: Some(6),
        ..rule()
    };
    let moves = Late {
        cases: vec!["户籍新迁入"],
        price: "full",
        starts: "next-month",
        ..rule()
    };
    // rules, begun, stopped, status, declared, paid, starts and benefit from
    for (rule, begun, stopped, status, declared, paid, starts, from) in [
        (
            &days,
            "",
            "2022-01-01",
            "终止参保",
            "",
            "2022-04-01",
            "2022-01-01",
            "2022-01-01",
        ),
        (
            &days,
            "",
            "2022-01-01",
            "终止参保",
            "",
            "2022-04-02",
            "",
            "",
        ),
        // stopped after the payment, or not at all
        (
            &days,
            "",
            "2022-06-01",
            "终止参保",
            "",
            "2022-04-01",
            "",
            "",
        ),
        (
            &days,
            "",
            "2022-01-01",
            "正常参保",
            "",
            "2022-04-01",
            "",
            "",
        ),
        (
            &months,
            "2020-01-01",
            "2021-12-31",
            "终止参保",
            "",
            "2022-03-31",
            "2022-04-01",
            "2022-04-01",
        ),
        (
            &months,
            "2020-01-02",
            "2021-12-31",
            "终止参保",
            "",
            "2022-03-31",
            "",
            "",
        ),
        (
            &months,
            "2019-11-30",
            "2021-11-30",
            "终止参保",
            "",
            "2022-03-01",
            "",
            "",
        ),
        (
            &months,
            "2019-11-30",
            "2021-12-01",
            "终止参保",
            "",
            "2022-03-01",
            "2022-03-02",
            "2022-03-02",
        ),
        (
            &months,
            "",
            "2021-12-31",
            "终止参保",
            "",
            "2022-03-31",
            "",
            "",
        ),
        (
            &waits,
            "",
            "2021-11-01",
            "终止参保",
            "",
            "2022-03-31",
            "2022-04-01",
            "2022-10-01",
        ),
        (
            &moves,
            "",
            "",
            "",
            "户籍 新迁入",
            "2022-03-05",
            "2022-04-01",
            "2022-04-01",
        ),
        (&moves, "", "", "", "户籍新迁入", "2022-02-28", "", ""),
    ] {
        let id = born("19800101");
        let employee = [
            ("id", &*id),
            ("scheme", "310"),
            ("status", status),
            ("begun", begun),
            ("ended", stopped),
        ];
        let payment = [
            ("id", &*id),
            ("paid-on", paid),
            ("personal", "320"),
            ("late-case", declared),
        ];
        let mut rows: Vec<(Book, &Cells)> = vec![(Book::Payments, &payment)];
        if !stopped.is_empty() {
            rows.push((Book::Registrations, &employee));
        }
        let scheme = SimpleScheme {
            lates: vec![rule.clone()],
            fiscal_fen: Some(58_000),
            ..plain_scheme()
        };
        let got = entry_of(&world(scheme, &rows)).map(|(starts, from, _)| (starts, from));
        let expected = (!starts.is_empty()).then(|| (starts.to_owned(), from.to_owned()));
        assert_eq!(
            got, expected,
            "{begun} {stopped} {status} {declared} {paid}"
        );
    }
}

#[test]
fn full_cost_is_unpriced_where_nobody_knows_it() {
    let rule = Late {
        cases: vec!["复转军人"],
        price: "full",
        starts: "next-month",
        ..rule()
    };
    let id = born("19800101");
    // fiscal in yuan (0 = unknown), paid; price, payable, findings
    for (fiscal, paid, price, payable, codes) in [
        (580, "900", "full", 900, vec!["paid-not-registered"]),
        (
            580,
            "320",
            "full",
            900,
            vec!["amount-wrong", "paid-not-registered"],
        ),
        (0, "320", "unpriced", 320, vec!["paid-not-registered"]),
        (0, "900", "unpriced", 900, vec!["paid-not-registered"]),
    ] {
        let payment = [
            ("id", &*id),
            ("name", "王建国"),
            ("paid-on", "2022-03-05"),
            ("personal", paid),
            ("late-case", "复转军人"),
        ];
        let fiscal_fen = (fiscal > 0).then_some(fiscal * 100);
        let scheme = SimpleScheme {
            lates: vec![rule.clone()],
            fiscal_fen,
            ..plain_scheme()
        };
        let answer = answer(&world(scheme, &[(Book::Payments, &payment)]));
        let got = answer
            .entries
            .first()
            .map(|e| (e.price.as_str(), e.payable_fen / 100));
        assert_eq!(got, Some((price, payable)), "{fiscal} {paid}");
        let found: Vec<&str> = answer
            .findings
            .iter()
            .map(|(code, _)| code.as_str())
            .collect();
        assert_eq!(found, codes, "{fiscal} {paid}");
    }
}

#[test]
fn students_have_a_year_of_their_own() {
    let students = Students {
        from: day(2021, 9, 1),
        to: day(2022, 8, 31),
        pay_within_months: None,
        graduates_until: Some(day(2022, 12, 31)),
    };
    // enrolled, graduates, employee, paid; from, to
    for (enrolled, graduates, employee, paid, from, to) in [
        ("", "", false, "2021-10-01", "2021-09-01", "2022-08-31"),
        ("", "", false, "2021-10-02", "2022-01-01", "2022-12-31"),
        (
            "2021-09-10",
            "",
            false,
            "2021-10-10",
            "2021-09-10",
            "2022-08-31",
        ),
        (
            "2021-09-10",
            "",
            false,
            "2021-10-11",
            "2022-01-01",
            "2022-12-31",
        ),
        (
            "",
            "2022-06-30",
            false,
            "2021-10-01",
            "2021-09-01",
            "2022-12-31",
        ),
        (
            "",
            "2023-06-30",
            false,
            "2021-10-01",
            "2021-09-01",
            "2022-08-31",
        ),
        (
            "",
            "2022-06-30",
            true,
            "2021-10-01",
            "2021-09-01",
            "2022-08-31",
        ),
    ] {
        let id = born("20030101");
        let listed = [
            ("id", &*id),
            ("enrolled-on", enrolled),
            ("graduates-on", graduates),
        ];
        let payment = [("id", &*id), ("paid-on", paid), ("personal", "320")];
        let work = [("id", &*id), ("scheme", "310")];
        let mut rows: Vec<(Book, &Cells)> =
            vec![(Book::Students, &listed), (Book::Payments, &payment)];
        if employee {
            rows.push((Book::Registrations, &work));
        }
        let answer = answer(&world(
            SimpleScheme {
                students: Some(students.clone()),
                ..plain_scheme()
            },
            &rows,
        ));
        let got = answer
            .entries
            .first()
            .map(|e| (e.benefit_from.as_str(), e.benefit_to.as_str()));
        assert_eq!(
            got,
            Some((from, to)),
            "{enrolled} {graduates} {employee} {paid}"
        );
    }
}

#[test]
fn who_was_away_or_late_waits() {
    let waiting = Waiting {
        fixed_months: 3,
        months_a_broken_year: 1,
        long_break_years: 4,
        long_break_months: 3,
    };
    let stopped = Late {
        stopped_from: Some(day(2022, 1, 1)),
        wait_months: Some(6),
        ..rule()
    };
    let roster = Late {
        on_roster: vec![2],
        ..rule()
    };
    // broken, repaid, employee stopped, on the roster since, paid; last day of waiting, benefit from (none = not in the list)
    for (broken, repaid, stop, identified, paid, until, from) in [
        ("", "", "", "", "2021-10-01", "", ""),
        ("0", "", "", "", "2021-10-01", "", ""),
        ("1", "", "", "", "2021-10-01", "2022-04-30", "2022-05-01"),
        ("4", "4", "", "", "2021-10-01", "2022-06-30", "2022-07-01"),
        ("", "", "", "", "2022-03-31", "2022-06-29", "2022-06-30"),
        (
            "",
            "",
            "2022-03-01",
            "",
            "2022-03-31",
            "2022-09-29",
            "2022-09-30",
        ),
        (
            "5",
            "",
            "2022-03-01",
            "",
            "2022-03-31",
            "2022-09-29",
            "2022-09-30",
        ),
        ("", "", "", "2022-03-10", "2022-03-31", "", "2022-03-31"),
        (
            "2",
            "",
            "",
            "2022-03-10",
            "2022-03-31",
            "2022-08-30",
            "2022-08-31",
        ),
    ] {
        let id = born("19800101");
        let resident = [
            ("id", &*id),
            ("broken-years", broken),
            ("repaid-years", repaid),
        ];
        let payment = [("id", &*id), ("paid-on", paid), ("personal", "320")];
        let employee = [
            ("id", &*id),
            ("scheme", "310"),
            ("status", "停保"),
            ("ended", stop),
        ];
        let on_roster = [
            ("id", &*id),
            ("category", "低保对象"),
            ("identified", identified),
        ];
        let mut rows: Vec<(Book, &Cells)> =
            vec![(Book::Registrations, &resident), (Book::Payments, &payment)];
        if !stop.is_empty() {
            rows.push((Book::Registrations, &employee));
        }
        if !identified.is_empty() {
            rows.push((Book::Rosters, &on_roster));
        }
        let scheme = SimpleScheme {
            lates: vec![roster.clone(), stopped.clone()],
            waiting: Some(waiting),
            ..plain_scheme()
        };
        let answer = answer(&world(scheme, &rows));
        let got = answer.entries.first().map_or(("", ""), |e| {
            (e.waits_until.as_str(), e.benefit_from.as_str())
        });
        assert_eq!(
            got,
            (until, from),
            "{broken} {repaid} {stop} {identified} {paid}"
        );
    }
}

#[test]
fn a_departure_takes_the_due_away_only_where_the_pipeline_says_so() {
    use super::world::Refund;
    let id = born("19800101");
    let rules = |reason, before: Option<NaiveDate>| vec![Refund { reason, before }];
    let new_year = Some(day(2022, 1, 1));
    // rules, disposition, left; the reason (none = nothing goes back)
    for (refunds, disposition, left, reason) in [
        (vec![], "", "2021-11-01", None),
        (rules("R06", new_year), "", "2021-11-01", Some("R06")),
        (rules("R06", new_year), "婚迁", "2021-12-31", Some("R06")),
        (rules("R06", new_year), "婚迁", "2022-01-01", None),
        (rules("R06", new_year), "参军", "2021-11-01", None),
        (rules("R10", new_year), "参军", "2021-11-01", Some("R10")),
        (
            rules("R09", new_year),
            "终身享受",
            "2021-11-01",
            Some("R09"),
        ),
        (rules("R06", None), "", "2022-05-01", Some("R06")),
    ] {
        let payment = [("id", &*id), ("paid-on", "2021-10-01"), ("personal", "320")];
        let departure = [
            ("id", &*id),
            ("moved-out", left),
            ("disposition", disposition),
        ];
        let rows: [(Book, &Cells); 2] =
            [(Book::Payments, &payment), (Book::Departures, &departure)];
        let cases = answer(&world(
            SimpleScheme {
                refunds,
                ..plain_scheme()
            },
            &rows,
        ))
        .cases;
        let got = cases.first().map(|case| case.reason.as_str());
        assert_eq!(got, reason, "{disposition} {left}");
    }
}

#[test]
fn a_roster_opens_the_door_to_the_newly_listed_or_to_all() {
    let newly = Late {
        on_roster: vec![2],
        ..rule()
    };
    let all = Late {
        whenever_listed: true,
        ..newly.clone()
    };
    let granted = Late {
        listed_grant: true,
        ..all.clone()
    };
    // rule, listed since, paid; starts, payable in yuan (none = no entry)
    for (rule, since, paid, entry) in [
        (
            &newly,
            "2021-09-01",
            "2022-03-05",
            Some(("2022-03-05", 160)),
        ),
        (&newly, "2021-08-31", "2022-03-05", None),
        (&newly, "", "2022-03-05", None),
        (&all, "2021-08-31", "2022-03-05", Some(("2022-03-05", 160))),
        (&all, "", "2022-03-05", Some(("2022-03-05", 160))),
        (&all, "2022-03-06", "2022-03-05", None),
        (&all, "2022-03-05", "2022-03-05", Some(("2022-03-05", 320))),
        (
            &granted,
            "2022-03-05",
            "2022-03-05",
            Some(("2022-03-05", 160)),
        ),
    ] {
        let id = born("19800101");
        let payment = [("id", &*id), ("paid-on", paid), ("personal", "320")];
        let listed = [
            ("id", &*id),
            ("category", "低保对象"),
            ("identified", since),
        ];
        let scheme = SimpleScheme {
            lates: vec![rule.clone()],
            ..plain_scheme()
        };
        let got = entry_of(&world(
            scheme,
            &[(Book::Payments, &payment), (Book::Rosters, &listed)],
        ));
        let expected = entry
            .map(|(starts, yuan): (&str, i64)| (starts.to_owned(), starts.to_owned(), yuan * 100));
        assert_eq!(got, expected, "{since} {paid}");
    }
}

#[test]
fn a_case_of_this_year_is_neither_older_nor_still_to_come() {
    let any = Late {
        cases: vec!["复转军人"],
        starts: "event",
        ..rule()
    };
    let this_year = Late {
        event_from: Some(day(2021, 9, 1)),
        ..any.clone()
    };
    for (rule, event, starts) in [
        (&any, "2015-05-01", Some("2015-05-01")),
        (&any, "2022-03-06", None),
        (&this_year, "2021-08-31", None),
        (&this_year, "2021-09-01", Some("2021-09-01")),
        (&this_year, "2022-03-05", Some("2022-03-05")),
        (&this_year, "", Some("")),
    ] {
        let id = born("19800101");
        let payment = [
            ("id", &*id),
            ("paid-on", "2022-03-05"),
            ("personal", "320"),
            ("late-case", "复转军人"),
            ("event-on", event),
        ];
        let scheme = SimpleScheme {
            lates: vec![rule.clone()],
            ..plain_scheme()
        };
        let got =
            entry_of(&world(scheme, &[(Book::Payments, &payment)])).map(|(starts, ..)| starts);
        assert_eq!(got, starts.map(str::to_owned), "{event}");
    }
}

#[test]
fn work_goes_on_from_relation_to_relation() {
    let years = Late {
        employee_years: Some(2),
        ..rule()
    };
    // relations as (begun, ended), ended none = in force; whether two years had stopped by 2022-03-05
    for (relations, entered) in [
        (vec![("2020-01-01", "2021-12-31")], true),
        (vec![("2020-06-01", "2021-12-31")], false),
        (
            vec![("2019-06-01", "2020-05-31"), ("2020-06-01", "2021-12-31")],
            true,
        ),
        (
            vec![("2019-06-01", "2020-05-30"), ("2020-06-01", "2021-12-31")],
            false,
        ),
        (
            vec![("2019-06-01", "2020-08-31"), ("2020-06-01", "2021-12-31")],
            true,
        ),
        (
            vec![("2020-01-01", "2021-12-31"), ("2022-03-05", "")],
            false,
        ),
        (vec![("2020-01-01", "2021-12-31"), ("2022-03-06", "")], true),
        (vec![("2020-01-01", "2021-12-31"), ("", "")], false),
    ] {
        let id = born("19800101");
        let payment = [("id", &*id), ("paid-on", "2022-03-05"), ("personal", "320")];
        let row = |(begun, ended): &(&'static str, &'static str)| {
            let status = if ended.is_empty() {
                "正常参保"
            } else {
                "终止参保"
            };
            vec![
                ("id", id.clone()),
                ("scheme", "310".into()),
                ("status", status.into()),
                ("begun", (*begun).into()),
                ("ended", (*ended).into()),
            ]
        };
        let rows: Vec<Vec<(&'static str, String)>> = relations.iter().map(row).collect();
        let cells: Vec<Vec<(&'static str, &str)>> = rows
            .iter()
            .map(|row| {
                row.iter()
                    .map(|(field, text)| (*field, text.as_str()))
                    .collect()
            })
            .collect();
        let mut books: Vec<(Book, &Cells)> = vec![(Book::Payments, &payment)];
        books.extend(
            cells
                .iter()
                .map(|row| (Book::Registrations, row.as_slice())),
        );
        let got = entry_of(&world(
            SimpleScheme {
                lates: vec![years.clone()],
                ..plain_scheme()
            },
            &books,
        ));
        assert_eq!(got.is_some(), entered, "{relations:?}");
    }
}
