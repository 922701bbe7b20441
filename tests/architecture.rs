//! The plan of the house (docs/architecture.md): which room may look into which, and which doors
//! lead outside.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

/// Rooms in walking order: a room may import only from rooms before it.
const ROOMS: [&str; 16] = [
    "domain", "scheme", "vault", "intake", "refine", "archive", "people", "judge", "measure",
    "survey", "words", "report", "sample", "cli", "run", "main",
];

/// One line of code: comments, texts and tests taken away where the rule does not speak of them.
struct Line {
    /// `intake`, from the path.
    room: String,
    /// `src/intake/header.rs:12`
    at: String,
    /// The line as written.
    written: String,
    /// The line without comment and without the insides of texts.
    code: String,
}

/// Every line of `src/` but those of test modules.
fn lines() -> Vec<Line> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    assert!(files.len() > 10, "src/ was found");
    let mut found = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("our own source");
        let inside = file.strip_prefix(&src).expect("below src");
        let name = inside
            .iter()
            .map(|part| part.to_string_lossy())
            .collect::<Vec<_>>()
            .join("/");
        let room = name
            .split('/')
            .next()
            .expect("a path has parts")
            .trim_end_matches(".rs")
            .to_owned();
        found.extend(lines_of(&room, &name, &text));
    }
    found
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .expect("our own source")
        .map(|entry| entry.expect("a file of ours").path())
        .collect();
    entries.sort();
    for path in entries {
        // A module that is `mod tests;` behind `#[cfg(test)]` stands in a file of that name.
        if path.is_dir() {
            if !path.ends_with("tests") {
                rust_files(&path, found);
            }
        } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
}

fn lines_of(room: &str, name: &str, text: &str) -> Vec<Line> {
    let mut found = Vec::new();
    let mut scanner = Scanner::default();
    // Depth at which the item behind `#[cfg(test)]` began, while it lasts.
    let (mut depth, mut test_from, mut test_next) = (0i64, None, false);
    for (i, written) in text.lines().enumerate() {
        let code = scanner.code_of(written);
        let before = depth;
        depth += code
            .chars()
            .map(|c| i64::from(c == '{') - i64::from(c == '}'))
            .sum::<i64>();
        test_next |= code.trim_start().starts_with("#[cfg(test)]");
        if test_from.is_none() && test_next && (depth > before || code.trim_end().ends_with(';')) {
            test_next = false;
            if depth > before {
                test_from = Some(before);
            }
            continue;
        }
        if let Some(from) = test_from {
            if depth <= from {
                test_from = None;
            }
            continue;
        }
        if !test_next {
            let at = format!("src/{name}:{}", i + 1);
            found.push(Line {
                room: room.to_owned(),
                at,
                written: written.to_owned(),
                code,
            });
        }
    }
    found
}

/// Takes comments and the insides of texts away, also of those that go over several lines.
#[derive(Default)]
struct Scanner {
    /// Inside a text: how many `#` close it; `None` for an ordinary text.
    text: Option<Option<usize>>,
    comment: usize,
}

impl Scanner {
    fn code_of(&mut self, line: &str) -> String {
        let chars: Vec<char> = line.chars().collect();
        let mut code = String::new();
        let mut i = 0;
        while i < chars.len() {
            let rest: String = chars[i..].iter().take(3).collect();
            if self.comment > 0 {
                if rest.starts_with("*/") {
                    self.comment -= 1;
                    i += 1;
                } else if rest.starts_with("/*") {
                    self.comment += 1;
                    i += 1;
                }
            } else if let Some(kind) = self.text {
                i += self.inside_text(kind, &chars[i..], &mut code);
                continue;
            } else if rest.starts_with("//") {
                break;
            } else if rest.starts_with("/*") {
                self.comment = 1;
                i += 1;
            } else if chars[i] == '"' {
                let hashes = chars[..i].iter().rev().take_while(|c| **c == '#').count();
                let raw = i > hashes
                    && chars[i - hashes - 1] == 'r'
                    && (i == hashes + 1 || !chars[i - hashes - 2].is_alphanumeric());
                self.text = Some(raw.then_some(hashes));
                code.push('"');
            } else if chars[i] == '\'' && character_length(&chars[i..]) > 0 {
                i += character_length(&chars[i..]);
                code.push_str("' '");
                continue;
            } else {
                code.push(chars[i]);
            }
            i += 1;
        }
        code
    }

    /// How many characters of the text's inside, or its end, are passed.
    fn inside_text(&mut self, kind: Option<usize>, rest: &[char], code: &mut String) -> usize {
        match (kind, rest[0]) {
            (None, '\\') => 2,
            (hashes, '"')
                if rest[1..].iter().take_while(|c| **c == '#').count() >= hashes.unwrap_or(0) =>
            {
                self.text = None;
                code.push('"');
                1 + hashes.unwrap_or(0)
            }
            _ => 1,
        }
    }
}

/// Length of a character literal such as `'{'` or `'\u{200b}'`; 0 for a lifetime.
fn character_length(rest: &[char]) -> usize {
    match rest {
        ['\'', '\\', escaped, ..] => {
            let from = if *escaped == '\'' { 3 } else { 2 };
            rest.iter()
                .skip(from)
                .position(|c| *c == '\'')
                .map_or(0, |end| from + end + 1)
        }
        ['\'', _, '\'', ..] => 3,
        _ => 0,
    }
}

fn position(room: &str) -> usize {
    ROOMS
        .iter()
        .position(|known| *known == room)
        .unwrap_or_else(|| panic!("src/{room} is no room of the plan"))
}

/// Rooms named behind `crate::` (or `canbao::` in the binary), also in `use crate::{domain::…, words::…}`.
fn rooms_named(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for start in ["crate::", "canbao::"] {
        for (at, _) in code.match_indices(start) {
            let rest = &code[at + start.len()..];
            let word = |text: &str| {
                text.trim()
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect::<String>()
            };
            match rest.strip_prefix('{') {
                None => found.push(word(rest)),
                Some(list) => {
                    let mut depth = 0;
                    let top = |c: char| {
                        depth += i32::from(c == '{') - i32::from(c == '}');
                        c == ',' && depth == 0
                    };
                    found.extend(list.split(top).map(word));
                }
            }
        }
    }
    found.retain(|room| ROOMS.contains(&room.as_str()));
    found
}

/// `use` statements joined to one line, so that lists over several lines are read whole.
fn statements() -> Vec<Line> {
    let mut joined: Vec<Line> = Vec::new();
    let mut open = false;
    for line in lines() {
        let starts = line
            .code
            .trim_start()
            .trim_start_matches("pub ")
            .trim_start_matches("pub(crate) ")
            .starts_with("use ");
        if open {
            let last = joined.last_mut().expect("a statement is open");
            last.code.push_str(line.code.trim());
            open = !line.code.contains(';');
        } else {
            open = starts && !line.code.contains(';');
            joined.push(line);
        }
    }
    joined
}

fn none(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

/// Lines outside the `allowed` rooms whose code holds one of the words.
fn outside(allowed: &[&str], words: &[&str]) -> Vec<String> {
    let wrong = lines()
        .into_iter()
        .filter(|line| !allowed.contains(&line.room.as_str()));
    wrong
        .filter(|line| words.iter().any(|w| has_word(&line.code, w)))
        .map(|line| format!("{} {}", line.at, line.written.trim()))
        .collect()
}

/// The word stands there and does not merely end or begin a longer one.
fn has_word(code: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, _)| {
        let goes_on =
            word.ends_with(part) && code[at + word.len()..].chars().next().is_some_and(part);
        !(code[..at].chars().next_back().is_some_and(part) || goes_on)
    })
}

#[test]
fn a_room_imports_only_from_rooms_before_it() {
    let mut wrong = Vec::new();
    for line in statements().iter().filter(|line| line.room != "lib") {
        let here = position(&line.room);
        for room in rooms_named(&line.code)
            .iter()
            .filter(|room| position(room) > here)
        {
            wrong.push(format!(
                "{} {} looks into {room}: {}",
                line.at,
                line.room,
                line.code.trim()
            ));
        }
    }
    none(wrong);
}

#[test]
fn every_file_and_folder_of_src_is_a_room_of_the_plan() {
    for line in lines().iter().filter(|line| line.room != "lib") {
        position(&line.room);
    }
}

#[test]
fn workbooks_are_read_only_in_intake() {
    let mut wrong = outside(&["intake"], &["calamine::", "use calamine"]);
    // A region table is no book: the scheme reads its own.
    wrong.retain(|line| !line.starts_with("src/scheme/region_sheet.rs"));
    none(wrong);
}

#[test]
fn workbooks_are_written_only_in_report_and_sample() {
    none(outside(
        &["report", "sample"],
        &["rust_xlsxwriter::", "use rust_xlsxwriter"],
    ));
}

#[test]
fn work_is_put_on_the_threads_of_frames_only_in_vault() {
    none(outside(&["vault"], &["polars_core::", "use polars_core"]));
}

#[test]
fn parquet_is_read_and_written_only_where_files_are() {
    let doors = ["vault", "intake", "report", "sample"];
    none(outside(&doors, &["polars_io::", "use polars_io"]));
}

#[test]
fn vault_knows_no_word_of_the_trade() {
    let wrong = statements()
        .into_iter()
        .filter(|line| line.room == "vault")
        .filter(|line| {
            let named = line.code.replace("crate::domain::Fault", "");
            named.contains("crate::") && !named.contains("crate::vault")
        });
    none(
        wrong
            .map(|line| format!("{} {}", line.at, line.code))
            .collect(),
    );
    let trade = [
        "person",
        "insur",
        "register",
        "roster",
        "payment",
        "finding",
        "region",
        "household",
        "scheme",
    ];
    let wrong = lines().into_iter().filter(|line| {
        let written = line.written.to_lowercase();
        line.room == "vault" && trade.iter().any(|word| written.contains(word))
    });
    none(
        wrong
            .map(|line| format!("{} {}", line.at, line.written))
            .collect(),
    );
}

#[test]
fn toml_is_read_only_in_scheme() {
    none(outside(&["scheme"], &["toml::", "use toml"]));
}

#[test]
fn what_is_typed_is_read_only_in_cli() {
    none(outside(&["cli"], &["clap::", "use clap"]));
}

#[test]
fn files_are_opened_only_at_the_doors() {
    // vault only for scratch.
    let doors = ["scheme", "vault", "intake", "archive", "report", "sample"];
    let words = [
        "std::fs",
        "fs::read",
        "fs::write",
        "fs::create_dir_all",
        "File::open",
        "File::create",
        "OpenOptions",
        "read_to_string(&",
    ];
    let mut wrong = outside(&doors, &words);
    // The peak memory that `-v` tells is a fact of the machine, which cli may read like clock and environment.
    wrong.retain(|line| !line.starts_with("src/cli/progress.rs"));
    none(wrong);
}

#[test]
fn clock_and_environment_are_read_only_in_cli() {
    let words = [
        "Local::now",
        "Utc::now",
        "SystemTime",
        "std::env",
        "env::var",
        "env::args",
        "var_os",
    ];
    none(outside(&["cli"], &words));
}

#[test]
fn no_scheme_is_known_by_name() {
    let names = [
        "湘潭",
        "朱集",
        "邵阳",
        "开平",
        "清塘铺",
        "远安",
        "xiangtan",
        "zhuji",
        "shaoyang",
        "kaiping",
        "qingtangpu",
        "yuanan",
    ];
    let mut wrong = Vec::new();
    for line in lines().iter().filter(|line| !line.code.trim().is_empty()) {
        // The help shows a pipeline by way of example; the fixture belongs to the tests of its room.
        let is_example = ["src/cli/menu.rs", "src/words/fixture.rs"]
            .iter()
            .any(|file| line.at.starts_with(file));
        if names.iter().any(|name| line.written.contains(name)) && !is_example {
            wrong.push(format!("{}: {}", line.at, line.written.trim()));
        }
    }
    none(wrong);
}
#[test]
fn columns_are_named_only_by_constants() {
    let mut wrong = Vec::new();
    for line in lines()
        .iter()
        .filter(|line| !line.at.starts_with("src/domain/columns.rs"))
    {
        // The inside of a text is gone from `code`, its quotes are not.
        if ["col(\"", "cols([\"", ".column(\"", "col(r\""]
            .iter()
            .any(|call| has_word(&line.code, call) || line.code.contains(&format!(" {call}")))
        {
            wrong.push(format!("{} {}", line.at, line.written.trim()));
        }
    }
    none(wrong);
}

/// A column that nobody reads is a promise that nobody keeps: it goes.
#[test]
fn every_column_of_a_person_is_asked_for() {
    let asking: Vec<Line> = lines()
        .into_iter()
        .filter(|line| !line.at.starts_with("src/people/columns.rs"))
        .collect();
    let is_asked_for = |constant: &str| {
        let named = format!("p::{constant}");
        asking.iter().any(|line| has_word(&line.code, &named))
    };
    let unasked = canbao::people::columns::PERSONS
        .iter()
        .filter(|column| !is_asked_for(&column.name.to_uppercase()))
        .map(|column| format!("people has a column {} that nobody asks for", column.name));
    none(unasked.collect());
}

#[test]
fn an_unwrap_has_its_proof_beside_it() {
    let all = lines();
    let mut wrong = Vec::new();
    for (i, line) in all.iter().enumerate() {
        let proved = line.written.contains("//")
            || (i > 0 && all[i - 1].written.trim_start().starts_with("//"));
        if line.code.contains(".unwrap()") && !proved {
            wrong.push(format!("{} {}", line.at, line.written.trim()));
        }
    }
    none(wrong);
}

#[test]
fn rooms_hold_no_attic() {
    let attics = [
        "util", "utils", "common", "helpers", "helper", "manager", "misc",
    ];
    let of = |line: &Line| {
        line.at
            .split(':')
            .next()
            .unwrap_or("")
            .trim_end_matches(".rs")
            .to_owned()
    };
    let wrong = lines()
        .iter()
        .map(of)
        .filter(|file| file.split('/').any(|part| attics.contains(&part)))
        .collect();
    none(wrong);
}

#[test]
fn the_reader_of_source_sees_code_and_nothing_else() {
    // as written, without texts and comments
    for (written, code) in [
        ("let a = 1; // col(\"x\")", "let a = 1; "),
        ("col(\"key // no\")", "col(\"\")"),
        ("let c = '\"'; x", "let c = ' '; x"),
        ("let c = '\\''; x", "let c = ' '; x"),
        ("fn f<'a>(x: &'a str) {}", "fn f<'a>(x: &'a str) {}"),
        ("r#\"a \" b\"# + c", "r#\"\" + c"),
        ("a /* b */ c", "a  c"),
    ] {
        assert_eq!(Scanner::default().code_of(written), code);
    }
    let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {\n    }\n}\nfn c() {}\n#[cfg(test)]\nmod more;\nfn d() {}\n";
    let seen: Vec<String> = lines_of("x", "x.rs", text)
        .into_iter()
        .map(|line| line.code)
        .collect();
    assert_eq!(seen, ["fn a() {}", "fn c() {}", "fn d() {}"]);
}

#[test]
fn imports_are_seen_through_braces() {
    for (code, rooms) in [
        ("use crate::words::Lang;", vec!["words"]),
        (
            "use crate::{domain::{Code, Fate}, scheme::Scheme};",
            vec!["domain", "scheme"],
        ),
        ("let x = crate::measure::facts(y);", vec!["measure"]),
        ("use super::Thing;", vec![]),
    ] {
        assert_eq!(rooms_named(code), rooms, "{code}");
    }
}

/// Folders of `src/` (`""` is `src/` itself) in which files or folders that stand side by side still import one another
/// in a circle. The list may only get shorter.
const WITH_CIRCLES: [&str; 0] = [];

/// Folders whose front page (`mod.rs`) both uses its files and is used by them. The list may only get shorter: what files
/// share belongs into a file of its own, on which the front page and all of them stand.
const WITH_FRONTS_THAT_ARE_GROUND: [&str; 7] = [
    "measure",
    "report",
    "report/data",
    "report/workbooks",
    "scheme",
    "survey",
    "words",
];

#[test]
fn files_and_folders_import_one_another_in_no_circle() {
    let circles = circles(&modules(), |unit| unit != FRONT);
    assert_circles(&circles, &WITH_CIRCLES);
}

#[test]
fn a_front_page_is_no_ground_to_the_files_behind_it() {
    let all = circles(&modules(), |_| true);
    let with_front: Circles = all
        .into_iter()
        .map(|(folder, circles)| (folder, of_fronts(circles)))
        .filter(|(_, circles)| !circles.is_empty())
        .collect();
    assert_circles(&with_front, &WITH_FRONTS_THAT_ARE_GROUND);
}

/// Circles by folder, each told as it goes round.
type Circles = BTreeMap<String, Vec<Vec<String>>>;

/// How the file that stands for its folder is called beside the others.
const FRONT: &str = "mod";

fn of_fronts(mut circles: Vec<Vec<String>>) -> Vec<Vec<String>> {
    circles.retain(|circle| circle.iter().any(|unit| unit == FRONT));
    circles
}

fn assert_circles(found: &Circles, allowed: &[&str]) {
    let told = |(folder, circles): (&String, &Vec<Vec<String>>)| {
        let rounds: Vec<String> = circles.iter().map(|round| round.join(" → ")).collect();
        format!("src/{folder}: {}", rounds.join("; "))
    };
    let unlisted = found
        .iter()
        .filter(|(folder, _)| !allowed.contains(&folder.as_str()));
    none(unlisted.map(told).collect());
    let opened = allowed
        .iter()
        .filter(|folder| !found.contains_key(**folder));
    none(
        opened
            .map(|folder| format!("src/{folder} has no such circle: take it off the list"))
            .collect(),
    );
}

/// Where a module stands: `["intake", "text", "head"]`; `[]` is the library itself.
type Place = Vec<String>;

/// The code of every file, by its module.
fn modules() -> BTreeMap<Place, String> {
    let mut found: BTreeMap<Place, String> = BTreeMap::new();
    for line in lines() {
        let file = line
            .at
            .split(':')
            .next()
            .expect("a file stands before its line");
        let mut place: Place = file
            .trim_start_matches("src/")
            .trim_end_matches(".rs")
            .split('/')
            .map(str::to_owned)
            .collect();
        if place
            .last()
            .is_some_and(|last| last == FRONT || last == "lib")
        {
            place.pop();
        }
        let code = found.entry(place).or_default();
        code.push_str(&line.code);
        code.push('\n');
    }
    found
}

/// The circles of every folder among those of its files and folders that count.
fn circles(modules: &BTreeMap<Place, String>, counts: impl Fn(&str) -> bool) -> Circles {
    let named: BTreeMap<&Place, Names> = modules
        .iter()
        .map(|(place, code)| (place, Names::of(code)))
        .collect();
    let mut folders: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for (from, names) in &named {
        let first_is_a_module = |path: &&Place| {
            let below = [from.as_slice(), &path[..1]].concat();
            modules.contains_key(&below)
                || ["crate", "canbao", "self", "super"].contains(&path[0].as_str())
        };
        for path in names.all().filter(first_is_a_module) {
            let to = definer(&named, from, path, 0);
            // The folder in which both stand, each as a file or folder of it.
            let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
            let unit = |place: &Place| place.get(shared).map_or(FRONT, String::as_str).to_owned();
            let (user, used) = (unit(from), unit(&to));
            if user != used && counts(&user) && counts(&used) {
                let folder = folders.entry(from[..shared].join("/")).or_default();
                folder.entry(user).or_default().insert(used);
            }
        }
    }
    folders
        .into_iter()
        .map(|(folder, uses)| (folder, rounds(&uses)))
        .filter(|(_, rounds)| !rounds.is_empty())
        .collect()
}

/// The module in which what a path names is written: names that a module only hands on are followed to where they are.
fn definer(named: &BTreeMap<&Place, Names>, from: &Place, path: &[String], depth: usize) -> Place {
    let (mut place, mut rest) = match path[0].as_str() {
        "crate" | "canbao" => (Vec::new(), &path[1..]),
        "self" => (from.clone(), &path[1..]),
        _ => (from.clone(), path),
    };
    while rest.first().is_some_and(|name| name == "super") {
        place.pop();
        rest = &rest[1..];
    }
    while let Some(name) = rest.first() {
        let below = [place.as_slice(), std::slice::from_ref(name)].concat();
        if !named.contains_key(&below) {
            break;
        }
        place = below;
        rest = &rest[1..];
    }
    let handed_on = rest
        .first()
        .and_then(|name| named.get(&place)?.imported.get(name));
    match handed_on {
        Some(elsewhere) if depth < 8 => {
            let longer = [elsewhere.as_slice(), &rest[1..]].concat();
            definer(named, &place, &longer, depth + 1)
        }
        _ => place,
    }
}

/// The shortest way round from each unit to itself, each circle told once.
fn rounds(uses: &BTreeMap<String, BTreeSet<String>>) -> Vec<Vec<String>> {
    let mut met: BTreeSet<BTreeSet<&String>> = BTreeSet::new();
    let mut rounds = Vec::new();
    for start in uses.keys() {
        let mut ways = VecDeque::from([vec![start]]);
        let mut seen = BTreeSet::new();
        while let Some(way) = ways.pop_front() {
            let last = way[way.len() - 1];
            if way.len() > 1 && last == start {
                if met.insert(way.iter().copied().collect()) {
                    rounds.push(way.into_iter().cloned().collect());
                }
                break;
            }
            for next in uses.get(last).into_iter().flatten() {
                if seen.insert(next) {
                    ways.push_back([&way[..], &[next]].concat());
                }
            }
        }
    }
    rounds
}

/// The paths that a file names.
#[derive(Default)]
struct Names {
    /// Of `use`, by the name under which the file then has them.
    imported: BTreeMap<String, Place>,
    /// Of all else.
    written: Vec<Place>,
}

impl Names {
    fn of(code: &str) -> Self {
        let words = words_of(code);
        let (mut names, mut at) = (Names::default(), 0);
        while at < words.len() {
            let is_path = words.get(at + 1).is_some_and(|next| next == "::");
            if words[at] == "use" && words.get(at + 1).is_some_and(|next| next != "<") {
                at += 1;
                names.import(&words, &mut at, Vec::new());
            } else if words[at] == "in" && at > 1 && words[at - 2] == "pub" {
                // `pub(in …)` says who may look, and looks nowhere.
                at += words[at..].iter().take_while(|word| *word != ")").count();
            } else if is_path && is_name(&words[at]) && (at == 0 || words[at - 1] != "::") {
                let mut path = vec![words[at].clone()];
                while words[at + 1..].first().is_some_and(|word| word == "::")
                    && words.get(at + 2).is_some_and(|word| is_name(word))
                {
                    path.push(words[at + 2].clone());
                    at += 2;
                }
                names.written.push(path);
                at += 1;
            } else {
                at += 1;
            }
        }
        names
    }

    /// The tree of a `use` from a word on.
    fn import(&mut self, words: &[String], at: &mut usize, mut path: Place) {
        while let Some(word) = words.get(*at) {
            *at += 1;
            match word.as_str() {
                "{" => {
                    while words.get(*at).is_some_and(|word| word != "}") {
                        self.import(words, at, path.clone());
                    }
                    *at += 1;
                    return;
                }
                "as" => {
                    self.imported.insert(words[*at].clone(), path);
                    *at += 1;
                    return self.end_of_branch(words, at);
                }
                "::" | "*" => {}
                "self" if !path.is_empty() => {}
                name if is_name(name) => path.push(name.to_owned()),
                _ => {
                    *at -= 1;
                    break;
                }
            }
        }
        if let Some(last) = path.last().cloned() {
            self.imported.insert(last, path);
        }
        self.end_of_branch(words, at);
    }

    fn end_of_branch(&self, words: &[String], at: &mut usize) {
        if words
            .get(*at)
            .is_some_and(|word| word == "," || word == ";")
        {
            *at += 1;
        }
    }

    fn all(&self) -> impl Iterator<Item = &Place> {
        self.imported.values().chain(&self.written)
    }
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Names, `::`, and every other sign by itself.
fn words_of(code: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = code.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("::") {
            2
        } else if first.is_alphanumeric() || first == '_' {
            rest.find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (word, behind) = rest.split_at(length);
        words.push(word.to_owned());
        rest = behind.trim_start();
    }
    words
}

#[test]
fn circles_are_seen_through_names_that_are_handed_on() {
    let house = |files: &[(&str, &str)]| -> BTreeMap<Place, String> {
        let file = |(name, code): &(&str, &str)| {
            let parts = name.split('/').filter(|part| !part.is_empty());
            (parts.map(str::to_owned).collect(), (*code).to_owned())
        };
        files.iter().map(file).collect()
    };
    let front = "mod one; mod two; pub use one::One; use two::{self, Two as Second};";
    let ground = house(&[
        ("", ""),
        ("room", front),
        ("room/one", "struct One;"),
        (
            "room/two",
            "use super::One; pub(in crate::room) fn f(x: crate::room::One) {}",
        ),
    ]);
    let said = |house: &BTreeMap<Place, String>, fronts: bool| -> Vec<String> {
        let circles = circles(house, |unit| fronts || unit != FRONT);
        circles
            .into_iter()
            .flat_map(|(folder, rounds)| {
                let told = move |round: Vec<String>| format!("{folder}: {}", round.join(" "));
                rounds.into_iter().map(told)
            })
            .collect()
    };
    assert_eq!(said(&ground, true), Vec::<String>::new());
    let round = house(&[
        ("room", front),
        ("room/one", "struct One(super::Second);"),
        ("room/two", "use super::One;"),
    ]);
    assert_eq!(said(&round, false), ["room: one two one"]);
    let own = house(&[
        ("room", "mod one; fn f() { one::g() } struct Own;"),
        ("room/one", "use super::Own;"),
    ]);
    assert_eq!(said(&own, false), Vec::<String>::new());
    assert_eq!(said(&own, true), ["room: mod one mod"]);
    let folders = house(&[
        ("room", ""),
        ("room/a", ""),
        ("room/b", ""),
        ("room/a/x", "use crate::room::b::y;"),
        ("room/a/z", ""),
        ("room/b/y", "fn f() -> crate::room::a::z::Z {}"),
        (
            "room/b/w",
            "impl Iterator + use<'_> {} use self::q::{r, s};",
        ),
    ]);
    assert_eq!(said(&folders, false), ["room: a b a"]);
}
