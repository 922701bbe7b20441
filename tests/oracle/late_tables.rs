//! The oracle's late entries as tables a clerk could review: the worked cases of
//! docs/readings.md#schemes.

use chrono::NaiveDate;

use super::answer::answer;
use super::identity::check_of;
use super::random::{day, plain_scheme};
use super::world::{Late, Refund, SimpleScheme, Students, Waiting, World};
use super::written::books;

fn born(birth: &str) -> String {
    let digits = format!("430321{birth}011");
    format!("{digits}{}", check_of(&digits))
}

/// The plain scheme with these rules of late entry.
fn scheme_with(lates: &[&Late]) -> SimpleScheme {
    SimpleScheme {
        lates: lates.iter().map(|rule| (*rule).clone()).collect(),
        ..plain_scheme()
    }
}

fn world(scheme: SimpleScheme, rows: &str) -> World {
    World {
        scheme,
        as_of: day(2022, 12, 31),
        exported: None,
        books: books(rows),
        tasks: Vec::new(),
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
    #[rustfmt::skip]
    let table = [
        (&days,   "20220101", "2022-04-01", "",    "2022-01-01", 320),
        (&days,   "20220101", "2022-04-02", "",    "",           0),
        (&days,   "20211215", "2022-02-01", "",    "2021-12-15", 320),
        (&months, "20211015", "2022-04-30", "",    "2021-10-15", 640),
        (&months, "20211015", "2022-05-03", "",    "",           0),
        (&months, "20211015", "2022-04-30", "320", "2021-10-15", 320),
        (&months, "20211015", "2022-04-30", "100", "2021-10-15", 540),
        // born in the period itself: one year
        (&months, "20220101", "2022-07-31", "",    "2022-01-01", 320),
    ];
    for (rule, birth, paid, last_year, starts, yuan) in table {
        let got = entry_of_newborn(rule, &born(birth), paid, last_year);
        let expected =
            (!starts.is_empty()).then(|| (starts.to_owned(), starts.to_owned(), yuan * 100));
        assert_eq!(got, expected, "{birth} {paid} {last_year}");
    }
}

/// The entry of who paid on a day, and, where an amount is given, for the year before.
fn entry_of_newborn(
    rule: &Late,
    id: &str,
    paid: &str,
    last_year: &str,
) -> Option<(String, String, i64)> {
    let rows = format!(
        "payments: id={id}, paid-on={paid}, personal=320
         ? payments: id={id}, year=2021, personal={last_year}"
    );
    entry_of(&world(scheme_with(&[rule]), &rows))
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
    // rule, begun, stopped, status, paid; starts, benefit from (none = no entry)
    #[rustfmt::skip]
    let table = [
        (&days,   "",           "2022-01-01", "终止参保", "2022-04-01", "2022-01-01", "2022-01-01"),
        (&days,   "",           "2022-01-01", "终止参保", "2022-04-02", "",           ""),
        // stopped after the payment, or not at all
        (&days,   "",           "2022-06-01", "终止参保", "2022-04-01", "",           ""),
        (&days,   "",           "2022-01-01", "正常参保", "2022-04-01", "",           ""),
        (&months, "2020-01-01", "2021-12-31", "终止参保", "2022-03-31", "2022-04-01", "2022-04-01"),
        (&months, "2020-01-02", "2021-12-31", "终止参保", "2022-03-31", "",           ""),
        (&months, "2019-11-30", "2021-11-30", "终止参保", "2022-03-01", "",           ""),
        (&months, "2019-11-30", "2021-12-01", "终止参保", "2022-03-01", "2022-03-02", "2022-03-02"),
        (&months, "",           "2021-12-31", "终止参保", "2022-03-31", "",           ""),
        (&waits,  "",           "2021-11-01", "终止参保", "2022-03-31", "2022-04-01", "2022-10-01"),
    ];
    for (rule, begun, stopped, status, paid, starts, from) in table {
        let id = born("19800101");
        let rows = format!(
            "registrations: id={id}, scheme=310, status={status}, begun={begun}, ended={stopped}
             payments: id={id}, paid-on={paid}, personal=320"
        );
        let entry = entry_of(&world(scheme_with(&[rule]), &rows));
        let got = entry.map(|(starts, from, _)| (starts, from));
        let expected = (!starts.is_empty()).then(|| (starts.to_owned(), from.to_owned()));
        assert_eq!(got, expected, "{rows}");
    }
}

#[test]
fn a_declared_case_starts_with_the_month_after_a_payment_behind_the_window() {
    let moves = Late {
        cases: vec!["户籍新迁入"],
        price: "full",
        starts: "next-month",
        ..rule()
    };
    // declared, paid; starts and benefit from (none = no entry)
    #[rustfmt::skip]
    let table = [
        ("户籍 新迁入", "2022-03-05", Some("2022-04-01")),
        ("户籍新迁入",  "2022-02-28", None),
    ];
    for (declared, paid, starts) in table {
        let id = born("19800101");
        let rows = format!("payments: id={id}, paid-on={paid}, personal=320, late-case={declared}");
        let scheme = SimpleScheme {
            fiscal_fen: Some(58_000),
            ..scheme_with(&[&moves])
        };
        let got = entry_of(&world(scheme, &rows)).map(|(starts, from, _)| (starts, from));
        let expected = starts.map(|day| (day.to_owned(), day.to_owned()));
        assert_eq!(got, expected, "{rows}");
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
    // fiscal in yuan (none = unknown), paid; price, payable, findings
    #[rustfmt::skip]
    let table = [
        (Some(580), "900", "full",     900, vec!["paid-not-registered"]),
        (Some(580), "320", "full",     900, vec!["amount-wrong", "paid-not-registered"]),
        (None,      "320", "unpriced", 320, vec!["paid-not-registered"]),
        (None,      "900", "unpriced", 900, vec!["paid-not-registered"]),
    ];
    for (fiscal, paid, price, payable, codes) in table {
        let who = format!("id={id}, name=王建国, late-case=复转军人");
        let rows = format!("payments: {who}, paid-on=2022-03-05, personal={paid}");
        let scheme = SimpleScheme {
            fiscal_fen: fiscal.map(|yuan: i64| yuan * 100),
            ..scheme_with(&[&rule])
        };
        let answer = answer(&world(scheme, &rows));
        let entry = answer.entries.first();
        let got = entry.map(|e| (e.price.as_str(), e.payable_fen / 100));
        assert_eq!(got, Some((price, payable)), "{fiscal:?} {paid}");
        let found: Vec<&str> = answer.findings.iter().map(|(code, _)| &**code).collect();
        assert_eq!(found, codes, "{fiscal:?} {paid}");
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
    // enrolled, graduates, cover of another registration, paid; from, to
    #[rustfmt::skip]
    let table = [
        ("",           "",           "",    "2021-10-01", "2021-09-01", "2022-08-31"),
        ("",           "",           "",    "2021-10-02", "2022-01-01", "2022-12-31"),
        ("2021-09-10", "",           "",    "2021-10-10", "2021-09-10", "2022-08-31"),
        ("2021-09-10", "",           "",    "2021-10-11", "2022-01-01", "2022-12-31"),
        ("",           "2022-06-30", "",    "2021-10-01", "2021-09-01", "2022-12-31"),
        ("",           "2023-06-30", "",    "2021-10-01", "2021-09-01", "2022-08-31"),
        ("",           "2022-06-30", "310", "2021-10-01", "2021-09-01", "2022-08-31"),
    ];
    for (enrolled, graduates, cover, paid, from, to) in table {
        let id = born("20030101");
        let rows = format!(
            "students: id={id}, enrolled-on={enrolled}, graduates-on={graduates}
             payments: id={id}, paid-on={paid}, personal=320
             ? registrations: id={id}, scheme={cover}"
        );
        let scheme = SimpleScheme {
            students: Some(students.clone()),
            ..plain_scheme()
        };
        let entry = answer(&world(scheme, &rows)).entries.into_iter().next();
        let got = entry.map(|e| (e.benefit_from, e.benefit_to));
        assert_eq!(got, Some((from.to_owned(), to.to_owned())), "{rows}");
    }
}

#[test]
fn who_was_away_or_late_waits() {
    // broken, repaid, employee stopped, on the roster since, paid; last day of waiting, benefit from (none = not in the list)
    #[rustfmt::skip]
    let table = [
        ("",  "",  "",           "",           "2021-10-01", "",           ""),
        ("0", "",  "",           "",           "2021-10-01", "",           ""),
        ("1", "",  "",           "",           "2021-10-01", "2022-04-30", "2022-05-01"),
        ("4", "4", "",           "",           "2021-10-01", "2022-06-30", "2022-07-01"),
        ("",  "",  "",           "",           "2022-03-31", "2022-06-29", "2022-06-30"),
        ("",  "",  "2022-03-01", "",           "2022-03-31", "2022-09-29", "2022-09-30"),
        ("5", "",  "2022-03-01", "",           "2022-03-31", "2022-09-29", "2022-09-30"),
        ("",  "",  "",           "2022-03-10", "2022-03-31", "",           "2022-03-31"),
        ("2", "",  "",           "2022-03-10", "2022-03-31", "2022-08-30", "2022-08-31"),
    ];
    for (broken, repaid, stop, identified, paid, until, from) in table {
        let id = born("19800101");
        let rows = format!(
            "registrations: id={id}, broken-years={broken}, repaid-years={repaid}
             payments: id={id}, paid-on={paid}, personal=320
             ? registrations: id={id}, scheme=310, status=停保, ended={stop}
             ? rosters: id={id}, category=低保对象, identified={identified}"
        );
        let answer = answer(&world(waiting_scheme(), &rows));
        let entry = answer.entries.first();
        let got = entry.map_or(("", ""), |e| (&e.waits_until, &e.benefit_from));
        assert_eq!(got, (until, from), "{rows}");
    }
}

/// Three months of waiting, one more a broken year; half a year after work; none for the newly listed.
fn waiting_scheme() -> SimpleScheme {
    let roster = Late {
        on_roster: vec![2],
        ..rule()
    };
    let stopped = Late {
        stopped_from: Some(day(2022, 1, 1)),
        wait_months: Some(6),
        ..rule()
    };
    SimpleScheme {
        waiting: Some(Waiting {
            fixed_months: 3,
            months_a_broken_year: 1,
            long_break_years: 4,
            long_break_months: 3,
        }),
        ..scheme_with(&[&roster, &stopped])
    }
}

#[test]
fn a_departure_takes_the_due_away_only_where_the_pipeline_says_so() {
    let id = born("19800101");
    let rules = |reason, before: Option<NaiveDate>| vec![Refund { reason, before }];
    let new_year = Some(day(2022, 1, 1));
    // rules, disposition, left; the reason (none = nothing goes back)
    #[rustfmt::skip]
    let table = [
        (vec![],                 "",         "2021-11-01", None),
        (rules("R06", new_year), "",         "2021-11-01", Some("R06")),
        (rules("R06", new_year), "婚迁",     "2021-12-31", Some("R06")),
        (rules("R06", new_year), "婚迁",     "2022-01-01", None),
        (rules("R06", new_year), "参军",     "2021-11-01", None),
        (rules("R10", new_year), "参军",     "2021-11-01", Some("R10")),
        (rules("R09", new_year), "终身享受", "2021-11-01", Some("R09")),
        (rules("R06", None),     "",         "2022-05-01", Some("R06")),
    ];
    for (refunds, disposition, left, reason) in table {
        let rows = format!(
            "payments: id={id}, paid-on=2021-10-01, personal=320
             departures: id={id}, moved-out={left}, disposition={disposition}"
        );
        let scheme = SimpleScheme {
            refunds,
            ..plain_scheme()
        };
        let cases = answer(&world(scheme, &rows)).cases;
        let got = cases.first().map(|case| case.reason.as_str());
        assert_eq!(got, reason, "{rows}");
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
    #[rustfmt::skip]
    let table = [
        (&newly,   "2021-09-01", "2022-03-05", Some(("2022-03-05", 160))),
        (&newly,   "2021-08-31", "2022-03-05", None),
        (&newly,   "",           "2022-03-05", None),
        (&all,     "2021-08-31", "2022-03-05", Some(("2022-03-05", 160))),
        (&all,     "",           "2022-03-05", Some(("2022-03-05", 160))),
        (&all,     "2022-03-06", "2022-03-05", None),
        (&all,     "2022-03-05", "2022-03-05", Some(("2022-03-05", 320))),
        (&granted, "2022-03-05", "2022-03-05", Some(("2022-03-05", 160))),
    ];
    for (rule, since, paid, entry) in table {
        let id = born("19800101");
        let rows = format!(
            "payments: id={id}, paid-on={paid}, personal=320
             rosters: id={id}, category=低保对象, identified={since}"
        );
        let got = entry_of(&world(scheme_with(&[rule]), &rows));
        let expected = entry
            .map(|(starts, yuan): (&str, i64)| (starts.to_owned(), starts.to_owned(), yuan * 100));
        assert_eq!(got, expected, "{rows}");
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
    #[rustfmt::skip]
    let table = [
        (&any,       "2015-05-01", Some("2015-05-01")),
        (&any,       "2022-03-06", None),
        (&this_year, "2021-08-31", None),
        (&this_year, "2021-09-01", Some("2021-09-01")),
        (&this_year, "2022-03-05", Some("2022-03-05")),
        (&this_year, "",           Some("")),
    ];
    for (rule, event, starts) in table {
        let id = born("19800101");
        let payment = format!("id={id}, paid-on=2022-03-05, personal=320, late-case=复转军人");
        let rows = format!("payments: {payment}, event-on={event}");
        let got = entry_of(&world(scheme_with(&[rule]), &rows)).map(|(starts, ..)| starts);
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
    #[rustfmt::skip]
    let table = [
        (vec![("2020-01-01", "2021-12-31")],                               true),
        (vec![("2020-06-01", "2021-12-31")],                               false),
        (vec![("2019-06-01", "2020-05-31"), ("2020-06-01", "2021-12-31")], true),
        (vec![("2019-06-01", "2020-05-30"), ("2020-06-01", "2021-12-31")], false),
        (vec![("2019-06-01", "2020-08-31"), ("2020-06-01", "2021-12-31")], true),
        (vec![("2020-01-01", "2021-12-31"), ("2022-03-05", "")],           false),
        (vec![("2020-01-01", "2021-12-31"), ("2022-03-06", "")],           true),
        (vec![("2020-01-01", "2021-12-31"), ("", "")],                     false),
    ];
    for (relations, entered) in table {
        let id = born("19800101");
        let mut rows = format!("payments: id={id}, paid-on=2022-03-05, personal=320\n");
        for (begun, ended) in &relations {
            let status = ["终止参保", "正常参保"][usize::from(ended.is_empty())];
            let relation = format!("scheme=310, status={status}, begun={begun}, ended={ended}");
            rows += &format!("registrations: id={id}, {relation}\n");
        }
        let got = entry_of(&world(scheme_with(&[&years]), &rows));
        assert_eq!(got.is_some(), entered, "{relations:?}");
    }
}
