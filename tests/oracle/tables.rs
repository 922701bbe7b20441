//! The oracle itself, as tables a clerk could review: the last column is what the documents say.

use super::answer::{Answer, answer};
use super::cases::Case;
use super::findings::people;
use super::money::payable;
use super::random::{day, number_of, plain_scheme};
use super::rows::records;
use super::world::{Figures, TaskRow, World};
use super::written::books;

/// A world of the plain scheme with these rows. Money stands as personal and subsidy.
fn world(rows: &str) -> World {
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
        exported: None,
        books: books(rows),
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
    #[rustfmt::skip]
    let table = [
        ("低保对象",     "",           "",           "",           "",           true,  true,  160),
        ("农村低保",     "",           "",           "",           "",           true,  true,  160),
        ("特困对象",     "2021-08-01", "",           "",           "2021-10-15", true,  true,  0),
        ("稳定脱贫人口", "",           "",           "",           "",           true,  true,  320),
        ("没有类",       "",           "",           "",           "",           true,  true,  320),
        // approved after the cut-off; the identification stands in for a missing approval
        ("低保对象",     "2021-08-01", "2022-03-01", "",           "",           true,  true,  320),
        ("低保对象",     "2022-03-10", "",           "",           "2022-03-31", true,  true,  320),
        // ended on the day itself is not in force
        ("低保对象",     "",           "",           "2021-10-15", "2021-10-15", true,  false, 320),
        ("低保对象",     "",           "",           "2021-10-16", "2021-10-15", true,  false, 160),
        ("低保对象",     "",           "",           "2021-12-01", "2021-10-15", false, true,  320),
        ("低保对象",     "",           "",           "2021-12-01", "2021-10-15", true,  true,  160),
        // identified after the payment, but before the cut-off
        ("低保对象",     "2021-11-01", "",           "",           "2021-10-15", true,  false, 320),
        ("低保对象",     "2021-11-01", "",           "",           "2021-10-15", true,  true,  160),
        // without a payment: the last day of the window, as it lies before the as-of date
        ("低保对象",     "",           "",           "2022-03-01", "",           true,  false, 160),
        ("低保对象",     "",           "",           "2022-02-28", "",           true,  false, 320),
    ];
    for (category, identified, approved, ended, paid, by_payment, by_cut_off, yuan) in table {
        let since = format!("identified={identified}, approved={approved}, ended={ended}");
        let rows = format!(
            "rosters: id={id}, category={category}, {since}
             ? payments: id={id}, personal=320, paid-on={paid}"
        );
        let mut world = world(&rows);
        world.scheme.payment_day_decides = by_payment;
        world.scheme.cut_off_decides = by_cut_off;
        let records = records(&world);
        let people = people(&world, &records);
        assert_eq!(payable(&world, &people[0]), yuan * 100, "{rows}");
    }
}

#[test]
fn reversals_cancel_the_payment_they_name_or_the_latest_that_fits() {
    // case; day, voucher, original voucher, personal, subsidy of each row; its net personal and its fate
    #[rustfmt::skip]
    let cases = [
        ("the voucher it names, although another is later", vec![
            ("2021-10-01", "A", "",  "320",  "",    0,   "reversed"),
            ("2021-11-01", "B", "",  "320",  "",    320, "used"),
            ("2021-12-01", "C", "A", "-320", "",    0,   "reversed"),
        ]),
        ("its own voucher", vec![
            ("2021-10-01", "A", "",  "320",  "",    0,   "reversed"),
            ("2021-11-01", "B", "",  "320",  "",    320, "used"),
            ("2021-12-01", "A", "",  "-320", "",    0,   "reversed"),
        ]),
        ("the latest earlier one of the same amount", vec![
            ("2021-10-01", "",  "",  "320",  "",    0,   "reversed"),
            ("2021-11-01", "",  "",  "160",  "",    160, "used"),
            ("2021-12-01", "",  "",  "-320", "",    0,   "reversed"),
        ]),
        ("else the latest with enough left; both rows go on, as something remains", vec![
            ("2021-10-01", "",  "",  "320",  "",    320, "used"),
            ("2021-11-01", "",  "",  "320",  "",    220, "used"),
            ("2021-12-01", "",  "",  "-100", "",    0,   "used"),
        ]),
        ("no payment before it", vec![
            ("2021-12-01", "",  "",  "320",  "",    320, "used"),
            ("2021-10-01", "",  "",  "-320", "",    0,   "used"),
        ]),
        ("parts that do not fit: subsidy first", vec![
            ("2021-10-01", "",  "",  "160",  "160", 0,   "reversed"),
            ("2021-12-01", "",  "",  "-320", "",    0,   "reversed"),
        ]),
        ("dated after the as-of date: not yet there", vec![
            ("2021-10-01", "",  "",  "320",  "",    320, "used"),
            ("2022-05-01", "",  "",  "-320", "",    0,   "after-as-of"),
        ]),
    ];
    for (case, rows) in cases {
        let mut written = String::new();
        for (paid, voucher, original, personal, subsidy, ..) in &rows {
            let by = format!("paid-on={paid}, voucher={voucher}, original-voucher={original}");
            let money = format!("personal={personal}, subsidy={subsidy}");
            written += &format!("payments: id={}, {by}, {money}\n", number_of(0));
        }
        let expected: Vec<(i64, &str)> = rows.iter().map(|row| (row.5, row.6)).collect();
        assert_eq!(net_and_fates(&written), expected, "{case}");
    }
}

/// Net personal in yuan and fate of each row. What is not yet there has no money.
fn net_and_fates(rows: &str) -> Vec<(i64, &'static str)> {
    let net = |fate, fen| if fate == "after-as-of" { 0 } else { fen / 100 };
    let records = records(&world(rows));
    let outcome = records
        .iter()
        .map(|r| (net(r.fate, r.net_personal), r.fate));
    outcome.collect()
}

#[test]
fn what_is_due_is_allocated_to_the_kept_pool_first() {
    // payments (place, day, voucher, yuan), cover of another registration;
    // cases (reason, pool, voucher, yuan, eligible)
    #[rustfmt::skip]
    let table = [
        ("430321 2021-10-01 A 320",                            "",    ""),
        // paid twice in one pool: the later one goes back
        ("430321 2021-10-01 A 320; 430321 2021-11-01 B 320",   "",    "R01 4303 B 320 true"),
        // two instalments
        ("430321 2021-10-01 A 220; 430321 2021-11-01 B 100",   "",    ""),
        ("430321 2021-10-01 A 220; 430321 2021-11-01 B 320",   "",    "R01 4303 B 220 true"),
        // paid in another pool only
        ("430102 2021-10-01 A 320",                            "",    "R04 4301 A 320 true"),
        // paid in both: the other pool's goes back; the later payment began before the benefit period
        ("430102 2021-10-01 A 320; 430321 2021-11-01 B 320",   "",    "R02 4301 A 320 true"),
        // an employee relation is kept: all of it; its beginning is not known, the payment lies in the period
        ("430321 2022-01-05 A 320",                            "310", "R03 4303 A 320 false"),
    ];
    for (paid, cover, expected) in table {
        let me = format!("id={}, name=王建国", number_of(0));
        let mut rows = format!(
            "register: {me}, township=易俗河镇
             registrations: {me}, place=430321
             ? registrations: {me}, scheme={cover}\n"
        );
        rows += &payments(&me, paid);
        let cases = answer(&world(&rows)).cases;
        let got: Vec<String> = cases.iter().map(told).collect();
        assert_eq!(got.join("; "), expected, "{paid} {cover}");
    }
}

fn words<const N: usize>(text: &str) -> [&str; N] {
    let words: Vec<&str> = text.split(' ').collect();
    words.try_into().expect("as many words as columns")
}

fn told(case: &Case) -> String {
    let (reason, pool, voucher) = (&case.reason, &case.refund_pool, &case.voucher);
    let (yuan, eligible) = (case.refund_fen / 100, case.eligible);
    format!("{reason} {pool} {voucher} {yuan} {eligible}")
}

#[test]
fn the_bridge_leads_from_registered_rows_to_the_register() {
    let answer = answer(&world_of_a_bridge());
    let of = |code: &str, line: &str| {
        let key = (code.to_owned(), line.to_owned());
        answer.bridge.get(&key).copied().unwrap_or(0)
    };
    // line, county, 易俗河镇, 谭家山镇
    #[rustfmt::skip]
    let table = [
        ("registered",        5, 4, 1),
        ("unusable",          1, 1, 0),
        ("surplus",           1, 1, 0),
        ("not-on-register",   1, 1, 0),
        ("other-register",    0, 0, 1),
        ("counted-elsewhere", 0, 1, 0),
        ("local",             2, 2, 0),
        ("uninsured",         1, 0, 1),
        ("pending",           1, 0, 1),
        ("register",          4, 2, 2),
    ];
    for (line, county, first, second) in table {
        let got = ["430321", "430321100", "430321101"].map(|code| of(code, line));
        assert_eq!(got, [county, first, second], "{line}");
    }
    // The table knows 3 persons of one township; people live in the other as well: no rate of the county
    let county = &answer.coverage[&("county".into(), "4303".into(), "430321".into())];
    for figure in ["rate_population", "missing", "rank"] {
        assert_eq!(county[figure], "", "{figure}");
    }
}

/// 甲 is registered where the register has them, and as an employee; 乙 in the other township; 丙 nowhere; the numbers
/// of 丁 and 己 are unusable; 戊 is not on the register.
fn world_of_a_bridge() -> World {
    let [a, b, c, d] = [0, 1, 2, 3].map(number_of);
    world(&format!(
        "register: id={a}, name=甲, township=易俗河镇
         register: id={b}, name=乙, township=易俗河镇
         register: id={c}, name=丙, township=谭家山镇
         register: id=123, name=丁, township=谭家山镇
         registrations: id={a}, name=甲, township=易俗河镇
         registrations: id={a}, name=甲, township=易俗河镇, scheme=310
         registrations: id={b}, name=乙, township=谭家山镇
         registrations: id={d}, name=戊, township=易俗河镇
         registrations: id=456, name=己, township=易俗河镇"
    ))
}

#[test]
fn one_person_fires_what_the_grain_says() {
    // places of registrations; payments: place (- = blank), day, voucher, yuan; findings
    #[rustfmt::skip]
    let table = [
        ("430321",        "- 2021-10-01 A 320",                      ""),
        ("",              "",                                        "uninsured"),
        ("430321",        "",                                        "registered-not-paid"),
        ("",              "- 2021-10-01 A 320",                      "paid-not-registered uninsured"),
        ("430321",        "- 2021-10-01 A 300",                      "amount-wrong"),
        ("430321",        "- 2022-03-05 A 320",                      "outside-window"),
        ("430321",        "430102 2021-10-01 A 320",                 "wrong-region"),
        ("430321 430102", "- 2021-10-01 A 320",                      "cross-region"),
        ("430321 430381", "- 2021-10-01 A 320",                      "duplicate-registration"),
        ("430321",        "- 2021-10-01 A 320; - 2021-10-02 B 320",  "duplicate-payment"),
        ("430321",        "- 2021-10-01 A 320; - 2021-10-02 A 320",  "duplicate-payment"),
    ];
    for (registered, paid, expected) in table {
        let me = format!("id={}, name=王建国", number_of(0));
        let mut rows = format!("register: {me}, township=易俗河镇\n");
        for place in registered.split_whitespace() {
            rows += &format!("registrations: {me}, place={place}\n");
        }
        rows += &payments(&me, paid);
        assert_eq!(codes(&answer(&world(&rows))).join(" "), expected, "{rows}");
    }
}

/// Rows of payments from place (- = blank), day, voucher and yuan.
fn payments(who: &str, paid: &str) -> String {
    let row = |payment: &str| {
        let [place, day, voucher, yuan] = words(payment);
        let place = place.trim_matches('-');
        let by = format!("place={place}, paid-on={day}, voucher={voucher}");
        format!("payments: {who}, {by}, personal={yuan}\n")
    };
    let stated = paid.split("; ").filter(|payment| !payment.is_empty());
    stated.map(row).collect()
}
