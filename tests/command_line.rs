//! The program as it is typed: exit codes, words in both languages, and nothing written on a
//! mistake or a fault (docs/clerk.md#exit).

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rust_xlsxwriter::Workbook;
use tempfile::TempDir;

const REGISTER: &str = "常住人口_20230331.csv";
const PAYMENTS: &str = "缴费明细_20221231.csv";
const DEATHS: &str = "死亡人员_20230331.csv";

/// A small county: a pipeline with its region table, its files, and reports of an earlier run.
struct World {
    folder: TempDir,
}

impl World {
    fn new() -> World {
        let world = World {
            folder: tempfile::tempdir().unwrap(),
        };
        let house = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines");
        for (from, to) in [
            ("zhuji-2023.toml", "zhuji-2023.toml"),
            ("regions/zhuji-2023.csv", "regions/zhuji-2023.csv"),
            ("tasks/zhuji-2023.csv", "tasks/zhuji-2023.csv"),
        ] {
            let to = world.at(to);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(house.join(from), to).unwrap();
        }
        let made = world.canbao(&[
            "sample",
            "zhuji-2023.toml",
            "--people",
            "300",
            "--form",
            "csv",
            "--out",
            "in",
        ]);
        assert_eq!(made.status.code(), Some(0), "{}", told(&made));
        for (file, text) in [
            ("manifest.json", "{\"older\": true}"),
            ("分发/朱集村.xlsx", "older"),
        ] {
            let path = world.at("out/zhuji-2023/2023-02-28").join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        world
    }

    fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn input(&self, file: &str) -> PathBuf {
        self.at("in").join(file)
    }

    /// A command that starts in the world's folder, in Chinese unless told.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_canbao"));
        command.current_dir(self.folder.path()).args(arguments);
        for name in ["LANG", "LC_ALL", "LC_MESSAGES"] {
            command.env_remove(name);
        }
        command
    }

    fn canbao(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn run(&self, more: &[&str]) -> Output {
        self.canbao(&[&RUN[..], more].concat())
    }

    fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.at(file);
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches(from).count(), 1, "{from} in {file}");
        fs::write(path, text.replace(from, to)).unwrap();
    }

    /// Names of at least three characters: shorter ones can be a part of ordinary words.
    fn names(&self) -> Vec<String> {
        let text = fs::read_to_string(self.input(REGISTER)).unwrap();
        let name = text
            .lines()
            .map(|line| line.split(',').nth(7).unwrap_or_default().to_owned());
        name.filter(|name| name.chars().count() > 2).collect()
    }
}

const RUN: [&str; 8] = [
    "run",
    "zhuji-2023.toml",
    "--as-of",
    "2023-02-28",
    "--inputs",
    "in",
    "--out",
    "out",
];
const CHECK: [&str; 6] = [
    "check",
    "zhuji-2023.toml",
    "--as-of",
    "2023-02-28",
    "--inputs",
    "in",
];
const SUGGEST: [&str; 7] = [
    "check",
    "zhuji-2023.toml",
    "--as-of",
    "2023-02-28",
    "--inputs",
    "in",
    "--suggest",
];

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Every file below a folder with its bytes, and every folder; locks left out.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    fn walk(at: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.insert(path.clone(), Vec::new());
                walk(&path, found);
            } else if path.file_name().unwrap() != ".lock" {
                found.insert(path.clone(), fs::read(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(folder, &mut found);
    found
}

fn assert_has(text: &str, words: &[&str], of: &str) {
    for word in words {
        assert!(text.contains(word), "{of}: no \"{word}\" in\n{text}");
    }
}

/// What any refusal in any language keeps to: two halves, no crash, nothing on the other stream.
fn assert_refused(output: &Output, (code, english): (i32, bool), words: &[&str], of: &str) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{of}: {text}");
    assert!(output.stdout.is_empty(), "{of}: {}", told(output));
    let halves = if english {
        ["Error: ", "\n  what to do: "]
    } else {
        ["错误：", "\n  处理："]
    };
    assert_has(&text, &halves, of);
    assert_has(&text, words, of);
    for crash in [
        "panicked",
        "RUST_BACKTRACE",
        "\nerror:",
        "For more information",
        "command line",
        "{",
        "os error",
    ] {
        assert!(
            english && crash == "os error" || !text.contains(crash),
            "{of}: {crash} in\n{text}"
        );
    }
    let wrong = if english { "处理" } else { "what to do" };
    assert!(!text.contains(wrong), "{of}: {text}");
    assert_without_people(&text, &[], of);
}

/// No identity number, no name.
fn assert_without_people(text: &str, names: &[String], of: &str) {
    let longest = text
        .split(|c: char| !c.is_ascii_digit())
        .map(str::len)
        .max()
        .unwrap_or(0);
    assert!(longest < 15, "{of}: a number of a person in\n{text}");
    for name in names {
        assert!(!text.contains(name.as_str()), "{of}: {name} in\n{text}");
    }
}

/// One mistake or fault: how the world is spoiled, the exit code, words of the Chinese and of the English message.
type Case = (
    &'static str,
    fn(&World),
    i32,
    &'static [&'static str],
    &'static [&'static str],
);

/// What is wrong with the pipeline or a file. `check` says the same as `run`.
#[rustfmt::skip]
const SPOILED: &[Case] = &[
    ("no pipeline", |w| fs::remove_file(w.at("zhuji-2023.toml")).unwrap(), 2,
        &["方案文件 zhuji-2023.toml 打不开：找不到文件", "核对路径"], &["pipeline file zhuji-2023.toml", "check the path"]),
    ("no region table", |w| fs::remove_file(w.at("regions/zhuji-2023.csv")).unwrap(), 2,
        &["区划表 regions/zhuji-2023.csv 打不开：找不到文件", "regions = "], &["region table regions/zhuji-2023.csv cannot be read", "regions = "]),
    ("no inputs", |w| fs::remove_dir_all(w.at("in")).unwrap(), 2,
        &["数据文件夹 in 不存在", "--inputs"], &["folder of inputs in is not there", "--inputs"]),
    ("inputs that are a file", |w| { fs::remove_dir_all(w.at("in")).unwrap(); fs::write(w.at("in"), "x").unwrap() }, 2,
        &["数据文件夹 in 是文件，不是文件夹", "--inputs ."], &["folder of inputs in is a file", "--inputs ."]),
    ("no file of a required source", |w| fs::remove_file(w.input(REGISTER)).unwrap(), 2,
        &["in 中没有“人口底册”（register）的文件", "常住人口*", "required = false"], &["in holds no file of", "(register)", "required = false"]),
    ("an unknown column", |w| w.edit(&format!("in/{REGISTER}"), "身份证号,性别", "号头,性别"), 2,
        &[REGISTER, "第 3 行表头中没有“证件号码”列", "号头", "id = \"实际列名\""], &[REGISTER, "header in row 3", "号头", "id = \"its header\""]),
    ("a sheet without a header", |w| fs::write(w.input(REGISTER), "1,朱集村,甲\n2,朱集村,乙\n").unwrap(), 2,
        &[REGISTER, "找不到表头", "缺少：", "columns"], &[REGISTER, "no header row found", "columns"]),
    ("an empty csv", |w| fs::write(w.input(PAYMENTS), "").unwrap(), 2,
        &[PAYMENTS, "没有数据", "重新导出"], &[PAYMENTS, "no rows", "export again"]),
    ("an empty sheet", |w| workbook(&w.input("死亡人员_2.xlsx")), 2,
        &["死亡人员_2.xlsx 没有数据", "重新导出"], &["死亡人员_2.xlsx: no rows", "export again"]),
    ("undecodable bytes", |w| append(&w.input(DEATHS), b"3,\xff\xff\xff,\n"), 2,
        &[DEATHS, "行有无法识别的字符编码", "GB18030"], &[DEATHS, "bytes of no known encoding", "GB18030"]),
    ("an unclosed quote", |w| append(&w.input(DEATHS), "3,\"甲,\n".as_bytes()), 2,
        &[DEATHS, "双引号没有配对", "xlsx"], &[DEATHS, "a quote that never closes", "xlsx"]),
    ("a password", |w| fs::write(w.input("死亡人员_2.xlsx"), ole("EncryptedPackage")).unwrap(), 2,
        &["死亡人员_2.xlsx 设有打开密码", "取消密码"], &["死亡人员_2.xlsx asks for a password", "take the password off"]),
    ("a document of another program", |w| fs::write(w.input("死亡人员_2.xlsx"), document()).unwrap(), 2,
        &["死亡人员_2.xlsx 的实际内容是 doc", "另存为 xlsx"], &["死亡人员_2.xlsx really holds doc", "save it as xlsx"]),
    ("an old workbook with a damaged container", |w| fs::write(w.input("死亡人员_2.xlsx"), ole("Workbook")).unwrap(), 3,
        &["工作簿已损坏：死亡人员_2.xlsx（文件的内部结构已损坏", "另存", "原有报表未作改动"], &["a broken workbook: 死亡人员_2.xlsx (damaged container", "save it again", "Older reports are untouched"]),
    ("a pdf called xlsx", |w| fs::write(w.input("死亡人员_2.xlsx"), "%PDF-1.7\n").unwrap(), 2,
        &["死亡人员_2.xlsx 的实际内容是 pdf"], &["死亡人员_2.xlsx really holds pdf"]),
    ("a web page called xlsx", |w| fs::write(w.input("死亡人员_2.xlsx"), "<html><body>请登录</body></html>").unwrap(), 2,
        &["死亡人员_2.xlsx 的实际内容是 html"], &["死亡人员_2.xlsx really holds html"]),
    ("a web page with an empty table", |w| fs::write(w.input("死亡人员_2.xlsx"), "<html><table></table></html>").unwrap(), 2,
        &["死亡人员_2.xlsx 没有数据", "重新导出"], &["死亡人员_2.xlsx: no rows", "export again"]),
    ("a file of two sources", |w| w.edit("zhuji-2023.toml", "[\"死亡*\"", "[\"迁出人员*.csv\", \"死亡*\""), 2,
        &["迁出人员_20230331.csv 同时匹配", "修改其中一个来源的 files"], &["迁出人员_20230331.csv matches both", "narrow files"]),
    ("several files at once", |w| { fs::write(w.input(PAYMENTS), "").unwrap(); fs::write(w.input(DEATHS), "%PDF-1.7\n").unwrap() }, 2,
        &[PAYMENTS, DEATHS, "共 2 处错误"], &[PAYMENTS, DEATHS, "2 mistake(s)"]),
    ("two workbooks cut short", |w| { cut_short(&w.input("死亡人员_2.xlsx")); cut_short(&w.input("死亡人员_3.xlsx")) }, 3,
        &["文件不完整（中途截断）：死亡人员_2.xlsx，", "；文件不完整（中途截断）：死亡人员_3.xlsx，", "原有报表未作改动"], &["a truncated file: 死亡人员_2.xlsx ends", "; a truncated file: 死亡人员_3.xlsx ends", "Older reports are untouched"]),
    ("a workbook cut short", |w| cut_short(&w.input("死亡人员_2.xlsx")), 3,
        &["文件不完整（中途截断）：死亡人员_2.xlsx", "重新导出", "原有报表未作改动"], &["a truncated file: 死亡人员_2.xlsx", "Older reports are untouched"]),
];

/// A check goes on where it can: what it tells of the other files is taken away, so that only the refusal is left.
fn all_else_told(output: Output, command: &[&str]) -> Output {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if command[0] != "check" || text.is_empty() {
        return output;
    }
    assert!(
        text.contains("任务分解") && text.contains("异地参保"),
        "{text}"
    );
    Output {
        stdout: Vec::new(),
        ..output
    }
}

fn append(path: &Path, bytes: &[u8]) {
    fs::File::options()
        .append(true)
        .open(path)
        .unwrap()
        .write_all(bytes)
        .unwrap();
}

fn workbook(path: &Path) {
    let mut book = Workbook::new();
    book.add_worksheet();
    book.save(path).unwrap();
}

fn cut_short(path: &Path) {
    workbook(path);
    let bytes = fs::read(path).unwrap();
    fs::write(path, &bytes[..bytes.len() - 100]).unwrap();
}

/// The old container of Excel, with a stream of this name; names in it are UTF-16.
fn ole(stream: &str) -> Vec<u8> {
    let mut bytes = vec![0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
    bytes.resize(512, 0);
    bytes.extend(stream.encode_utf16().flat_map(u16::to_le_bytes));
    bytes
}

/// A document of Word 97: a whole container with a stream of its own.
fn document() -> Vec<u8> {
    let mut container = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
    container
        .create_stream("WordDocument")
        .unwrap()
        .write_all(&[0xec, 0xa5, 0xc1, 0x00])
        .unwrap();
    container.into_inner().into_inner()
}

#[test]
fn what_is_wrong_with_pipeline_and_files_is_said_in_both_languages_and_nothing_is_written() {
    for (name, spoil, code, zh, en) in SPOILED {
        let world = World::new();
        let names = world.names();
        spoil(&world);
        let before = tree(world.folder.path());
        for command in [&RUN[..], &CHECK[..], &SUGGEST[..]] {
            let chinese = world.canbao(command);
            assert_without_people(&told(&chinese), &names, name);
            assert_refused(&all_else_told(chinese, command), (*code, false), zh, name);
            let english = world.canbao(&[command, &["--lang", "en"]].concat());
            assert_without_people(&told(&english), &names, name);
            assert_refused(&all_else_told(english, command), (*code, true), en, name);
            assert!(
                tree(world.folder.path()) == before,
                "{name}: {command:?} wrote something"
            );
        }
    }
}

/// What is written, what is written instead, where the caret stands (a part of the latter), what is said.
#[rustfmt::skip]
const MISTAKES: [(&str, &str, &str, &str); 5] = [
    ("pool-digits = 4 ",           "pool-digits = 5 ",           "5 ",         "pool-digits 的值“5”不在可选范围内"),
    ("to   = 2023-02-28",          "to   = 2023-02-30",          "2023-02-30", "日期“2023-02-30”不存在"),
    ("grant    = 270\npays     = 80", "grant    = 270\npays     = 81", "81",   "与缴费标准 350 元不符"),
    ("insured-when = \"paid\"",    "insured-when = \"payed\"",   "\"payed\"",  "的值“payed”不在可选范围内"),
    ("task-share = \"88%\"",       "task-shar = \"88%\"",        "task-shar",  "是否应为 task-share"),
];

#[test]
fn five_mistakes_of_a_pipeline_are_told_at_once_each_with_its_place() {
    let world = World::new();
    for (from, to, _, _) in MISTAKES {
        world.edit("zhuji-2023.toml", from, to);
    }
    let text = fs::read_to_string(world.at("zhuji-2023.toml")).unwrap();
    let before = tree(world.folder.path());
    let (output, name) = (world.run(&[]), "five mistakes");
    let none_written = "共 5 处错误，未生成任何报表。";
    assert_refused(&output, (2, false), &[none_written], name);
    let said = told(&output);
    assert_eq!(said.matches("错误：").count(), 5, "{said}");
    for (_, to, marked, words) in MISTAKES {
        let at = text.find(to).unwrap() + to.find(marked).unwrap();
        let line = text[..at].matches('\n').count() + 1;
        let column = text[..at].rsplit('\n').next().unwrap().chars().count() + 1;
        let place = format!("zhuji-2023.toml 第 {line} 行第 {column} 列");
        let one = said.split("错误：").find(|one| one.contains(words));
        let one = one.unwrap_or_else(|| panic!("no {words} in\n{said}"));
        assert_has(
            one,
            &[&place, "^", to.split('\n').next_back().unwrap()],
            words,
        );
    }
    let english = world.run(&["--lang", "en"]);
    let words = [
        "line ",
        "column ",
        "^",
        "5 mistake(s); nothing was written.",
    ];
    assert_refused(&english, (2, true), &words, name);
    assert!(tree(world.folder.path()) == before);
}

/// What is typed wrongly: the arguments, words of the Chinese and of the English message. All end with 2.
#[rustfmt::skip]
const MISTYPED: &[(&[&str], &[&str], &[&str])] = &[
    (&[], &["没有写要执行的命令", "用法：canbao <命令> [选项]", "run、check、sample"], &["no command was given", "Usage: canbao <COMMAND>", "run, check, sample"]),
    (&["rnu"], &["没有名为“rnu”的命令", "用法：canbao", "run"], &["there is no command \"rnu\"", "Usage: canbao", "run"]),
    (&["chek", "a.toml"], &["没有名为“chek”的命令", "是否应为 check"], &["there is no command \"chek\"", "did you mean check"]),
    (&["--quiet"], &["没有名为 --quiet 的选项", "用法：canbao"], &["there is no option --quiet", "Usage: canbao"]),
    (&["run"], &["缺少必填内容：<PIPELINE>", "用法：canbao run <PIPELINE> [选项]"], &["something is missing: <PIPELINE>", "Usage: canbao run <PIPELINE> [OPTIONS]"]),
    (&["run", "a.toml", "--outs", "x"], &["没有名为 --outs 的选项", "是否应为 --out", "用法：canbao run"], &["there is no option --outs", "did you mean --out", "Usage: canbao run"]),
    (&["run", "a.toml", "--county", "3"], &["没有名为 --county 的选项", "用法：canbao run"], &["there is no option --county", "Usage: canbao run"]),
    (&["run", "my", "file.toml"], &["多写了“file.toml”", "双引号"], &["\"file.toml\" is one word too many", "double quotes"]),
    (&["run", "a.toml", "--as-of", "2023-02-30"], &["--as-of 的日期“2023-02-30”不存在", "按 2022-02-28 的格式"], &["--as-of: there is no day \"2023-02-30\"", "as 2022-02-28"]),
    (&["run", "a.toml", "--as-of", "0001-01-01"], &["--as-of 的日期“0001-01-01”不存在"], &["--as-of: there is no day \"0001-01-01\""]),
    (&["run", "a.toml", "--as-of"], &["没有写值", "--as-of", "用法：canbao run"], &["has no value", "--as-of", "Usage: canbao run"]),
    (&["run", "a.toml", "--only", "all"], &["--only 的值“all”不在可选范围内", "data、reports"], &["--only does not take \"all\"", "data, reports"]),
    (&["run", "a.toml", "--out", "x", "--out", "y"], &["--out 写了不止一次", "只保留一处"], &["--out stands there more than once", "keep one"]),
    (&["check", "a.toml", "--out", "x"], &["没有名为 --out 的选项", "用法：canbao check"], &["there is no option --out", "Usage: canbao check"]),
    (&["run", "a.toml", "--suggest"], &["没有名为 --suggest 的选项", "用法：canbao run"], &["there is no option --suggest", "Usage: canbao run"]),
    (&["sample", "a.toml"], &["缺少必填内容：--out <DIR>", "用法：canbao sample"], &["something is missing: --out <DIR>", "Usage: canbao sample"]),
    (&["sample", "a.toml", "--out", "x", "--people", "0"], &["--people 的值“0”无效", "用法：canbao sample", "不小于 1 的整数"], &["--people does not take \"0\"", "1 or more"]),
    (&["sample", "a.toml", "--out", "x", "--seed", "three"], &["--seed 的值“three”无效", "不小于 0 的整数"], &["--seed does not take \"three\"", "0 or more"]),
];

#[test]
fn what_is_typed_wrongly_is_told_in_a_sentence_with_the_usage_below() {
    let world = World::new();
    let before = tree(world.folder.path());
    for (arguments, zh, en) in MISTYPED {
        let name = arguments.join(" ");
        // The usage of the command that was meant; an impossible day is not the parser's matter.
        let (zh_usage, en_usage) = if name.contains("--as-of 2023") || name.contains("--as-of 0001")
        {
            ("", "")
        } else {
            ("\n  用法：canbao ", "\n  Usage: canbao ")
        };
        assert_refused(
            &world.canbao(arguments),
            (2, false),
            &[*zh, &[zh_usage]].concat(),
            &name,
        );
        let english = world.canbao(&[&["--lang", "en"], *arguments].concat());
        assert_refused(&english, (2, true), &[*en, &[en_usage]].concat(), &name);
    }
    // Only the language itself: Chinese, since no other was understood.
    assert_refused(
        &world.canbao(&["--lang", "fr", "run", "a.toml"]),
        (2, false),
        &["--lang 的值“fr”", "zh、en"],
        "--lang fr",
    );
    assert!(tree(world.folder.path()) == before, "something was written");
}

#[test]
fn a_region_that_the_scheme_does_not_have_is_told_with_some_that_it_has() {
    let world = World::new();
    let before = tree(world.folder.path());
    for code in ["999999", "34122", "砀山县"] {
        let typed = ["--region", code];
        assert_refused(
            &world.run(&typed),
            (2, false),
            &["--region", "区划表中没有代码", code, "村"],
            code,
        );
        let english = world.run(&[&typed[..], &["--lang", "en"]].concat());
        assert_refused(
            &english,
            (2, true),
            &["--region: no region of", code, "such as"],
            code,
        );
    }
    assert!(tree(world.folder.path()) == before, "something was written");
}

#[test]
fn help_and_version_are_complete_in_both_languages() {
    let world = World::new();
    #[rustfmt::skip]
    let table: &[(&[&str], &[&str], &[&str])] = &[
        (&["--help"], &["用法：", "命令：", "选项：", "run", "check", "sample", "--lang", "--version", "退出码"], &["Usage:", "Commands:", "Options:", "run", "check", "sample", "--lang", "--version", "Exit codes"]),
        (&["-h"], &["用法：", "命令："], &["Usage:", "Commands:"]),
        (&["run", "--help"], &["用法：", "参数：", "选项：", "PIPELINE", "--as-of", "--inputs", "--out", "--since", "--only", "data|reports", "--region", "--verbose", "--lang"], &["Usage:", "Arguments:", "Options:", "--as-of", "--only", "--verbose"]),
        (&["check", "--help"], &["用法：", "参数：", "选项：", "PIPELINE", "--as-of", "--inputs", "--suggest"], &["Usage:", "Arguments:", "Options:", "--suggest"]),
        (&["sample", "--help"], &["用法：", "参数：", "选项：", "--out", "--people", "--seed", "--weeks", "--form", "csv|xlsx|parquet|mixed"], &["Usage:", "--people", "--form"]),
        (&["--version"], &["canbao 0."], &["canbao 0."]),
    ];
    for (arguments, zh, en) in table {
        let name = arguments.join(" ");
        let chinese = world.canbao(arguments);
        let english = world.canbao(&[&["--lang", "en"], *arguments].concat());
        for output in [&chinese, &english] {
            assert_eq!(
                (output.status.code(), output.stderr.len()),
                (Some(0), 0),
                "{name}: {}",
                told(output)
            );
        }
        let (chinese, english) = (told(&chinese), told(&english));
        assert_has(&chinese, zh, &name);
        assert_has(&english, en, &name);
        for left in [
            "Usage",
            "Options",
            "Commands",
            "Arguments",
            "Print",
            "possible",
            "default",
            "OPTIONS",
        ] {
            assert!(!chinese.contains(left), "{name}: {left} in\n{chinese}");
        }
        assert!(
            !english
                .chars()
                .any(|c| ('\u{3000}'..='\u{9fff}').contains(&c) || c == '：'),
            "{name}: {english}"
        );
    }
}

type Environment = &'static [(&'static str, &'static str)];

#[test]
fn the_language_is_chinese_where_nothing_says_english() {
    let world = World::new();
    #[rustfmt::skip]
    let table: &[(Environment, &[&str], bool)] = &[
        // environment                                        typed            English
        (&[],                                                 &[],             false),
        (&[("LANG", "zh_CN.UTF-8")],                          &[],             false),
        (&[("LANG", "en_US.UTF-8")],                          &[],             true),
        (&[("LANG", "en_US.UTF-8"), ("LC_ALL", "zh_CN.UTF-8")], &[],           false),
        (&[("LANG", "C.UTF-8")],                              &[],             false),
        (&[("LANG", "en_US.UTF-8")],                          &["--lang", "zh"], false),
        (&[("LANG", "zh_CN.UTF-8")],                          &["--lang=en"],  true),
    ];
    for (environment, typed, english) in table {
        let mut command = world.command(&[&["run", "gone.toml"], *typed].concat());
        let output = command.envs(environment.iter().copied()).output().unwrap();
        let words: &[&str] = if *english {
            &["cannot be read"]
        } else {
            &["打不开"]
        };
        assert_refused(
            &output,
            (2, *english),
            words,
            &format!("{environment:?} {typed:?}"),
        );
    }
}

#[test]
fn a_run_ends_with_0_or_with_1_where_a_finding_of_level_deny_fired() {
    for (levels, code, words) in [
        ("", 0, "[警告] 未参保"),
        ("\n[levels]\nuninsured = \"deny\"\n", 1, "[严重] 未参保"),
    ] {
        let world = World::new();
        append(&world.at("zhuji-2023.toml"), levels.as_bytes());
        let output = world.run(&[]);
        assert_eq!(output.status.code(), Some(code), "{}", told(&output));
        let closing = String::from_utf8_lossy(&output.stdout);
        assert_has(
            &closing,
            &[
                "朱集镇2023年度",
                "截至 2023-02-28",
                "发现问题",
                words,
                "报表位置：out/zhuji-2023/2023-02-28",
            ],
            words,
        );
        let folder = world.at("out/zhuji-2023/2023-02-28");
        assert!(folder.join("manifest.json").is_file() && folder.join("data").is_dir());
        assert!(
            !folder.join("分发/朱集村.xlsx").exists()
                || fs::read(folder.join("分发/朱集村.xlsx")).unwrap() != b"older"
        );
        // Nothing tells whether somebody has worked on the older report: it is kept, and said so.
        let mut left: Vec<_> = fs::read_dir(world.at("out/zhuji-2023"))
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        left.sort();
        assert_eq!(left, [".lock", "2023-02-28", "2023-02-28.1"]);
        assert_has(
            &closing,
            &["原报表已另存为 out/zhuji-2023/2023-02-28.1"],
            words,
        );
        assert_without_people(&told(&output), &world.names(), "a run");
    }
}

fn lines_of_errors(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stderr);
    text.lines().map(str::to_owned).collect()
}

#[test]
fn where_no_terminal_is_a_run_tells_its_stages_in_plain_lines() {
    let world = World::new();
    for (more, first, last) in [
        (&[][..], "[1/5] 核对方案 …", "[5/5] 生成报表 …"),
        (&["--lang", "en"], "[1/5] checking", "[5/5] writing"),
    ] {
        let lines = lines_of_errors(&world.run(more));
        assert_eq!(lines.len(), 5, "{lines:#?}");
        assert!(lines[0].starts_with(first), "{lines:#?}");
        assert!(lines[4].starts_with(last), "{lines:#?}");
        for (line, at) in lines.iter().zip(1..) {
            assert!(line.starts_with(&format!("[{at}/5] ")), "{line}");
        }
    }
    let lines = lines_of_errors(&world.canbao(&CHECK));
    assert_eq!(lines, ["[1/2] 核对方案 …", "[2/2] 读取与识别 …"]);
}

#[test]
fn a_verbose_run_tells_time_rows_and_memory_of_its_stages() {
    let lines = lines_of_errors(&World::new().run(&["-v"]));
    assert_eq!(lines.len(), 5, "{lines:#?}");
    assert!(lines.iter().all(|line| line.contains("毫秒")), "{lines:#?}");
    let stages = ["读取与识别：", "逐人比对：", "汇总统计：", "生成报表："];
    for (line, stage) in lines[1..].iter().zip(stages) {
        assert!(line.starts_with(stage) && line.contains(" 行"), "{line}");
    }
    if cfg!(target_os = "linux") {
        let of_memory = lines.iter().filter(|line| line.contains("内存峰值"));
        assert_eq!(of_memory.count(), 5, "{lines:#?}");
    }
}

#[test]
fn check_tells_what_was_understood_and_writes_nothing() {
    let world = World::new();
    let before = tree(world.folder.path());
    for (more, words) in [
        (
            &[][..],
            &[
                REGISTER,
                "表头在第 3 行",
                "身份证号→证件号码",
                "共 ",
                "缴费日期：",
            ][..],
        ),
        (
            &["--lang", "en"],
            &[
                REGISTER,
                "header in row 3",
                "身份证号→",
                " rows: ",
                "payment days: ",
            ],
        ),
    ] {
        let output = world.canbao(&[&CHECK[..], more].concat());
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
        assert_has(&told(&output), words, "check");
        assert_without_people(&told(&output), &world.names(), "check");
    }
    assert!(tree(world.folder.path()) == before, "check wrote something");
}

#[test]
fn check_tells_complaints_and_faults_together_and_what_could_be_pasted() {
    let world = World::new();
    cut_short(&world.input("死亡人员_2.xlsx"));
    world.edit(&format!("in/{REGISTER}"), "身份证号,性别", "号头,性别");
    let output = world.canbao(&SUGGEST);
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_has(
        &errors,
        &[
            "第 3 行表头中没有“证件号码”列",
            "死亡人员_2.xlsx",
            "原有报表未作改动",
        ],
        "check",
    );
    let text = String::from_utf8_lossy(&output.stdout);
    assert_has(
        &text,
        &[
            "不能使用",
            "[sources.register]",
            "columns = { id = \"号头\" }",
        ],
        "check",
    );
    // Everything from the heading on is TOML.
    let proposals = text.lines().skip_while(|line| !line.starts_with('#'));
    let proposals: Vec<&str> = proposals.collect();
    assert!(proposals.len() >= 4, "{text}");
    let is_toml =
        |line: &&&str| line.is_empty() || line.starts_with(['#', '[']) || line.contains(" = ");
    assert_eq!(proposals.iter().find(|line| !is_toml(line)), None, "{text}");
}

#[test]
fn a_folder_that_cannot_be_written_ends_with_3() {
    let world = World::new();
    fs::write(world.at("file"), "mine").unwrap();
    let before = tree(world.folder.path());
    let zh = [
        "file/below",
        "无法写入：路径中有一段是文件",
        "--out",
        "原有报表未作改动",
    ];
    let en = [
        "file/below",
        "cannot be written",
        "--out",
        "Older reports are untouched",
    ];
    for command in ["run --inputs in", "sample --people 300"] {
        let (name, more) = command.split_once(' ').unwrap();
        let mut typed = vec![name, "zhuji-2023.toml", "--out", "file/below"];
        typed.extend(more.split(' '));
        assert_refused(&world.canbao(&typed), (3, false), &zh, name);
        typed.extend(["--lang", "en"]);
        assert_refused(&world.canbao(&typed), (3, true), &en, name);
        assert!(tree(world.folder.path()) == before, "something was written");
    }
}

#[test]
fn a_sample_without_its_published_table_ends_with_3_and_names_the_table() {
    let world = World::new();
    fs::remove_file(world.at("tasks/zhuji-2023.csv")).unwrap();
    let typed = [
        "sample",
        "zhuji-2023.toml",
        "--people",
        "300",
        "--out",
        "new",
    ];
    assert_refused(
        &world.canbao(&typed),
        (3, false),
        &["tasks/zhuji-2023.csv 无法读取：找不到文件"],
        "no tasks",
    );
    assert!(!world.at("new").exists());
}

#[test]
fn a_workbook_that_somebody_has_worked_in_is_kept_and_said_so_in_both_languages() {
    let world = World::new();
    world.run(&[]);
    let report = world.at("out/zhuji-2023/2023-02-28");
    for (lang, at, words) in [
        (
            "zh",
            "2023-02-28.2",
            "其中的 退费台账.xlsx 生成后有人修改过",
        ),
        (
            "en",
            "2023-02-28.3",
            "somebody has worked in its 退费台账.xlsx",
        ),
    ] {
        append(&report.join("退费台账.xlsx"), b"typed");
        let typed = fs::read(report.join("退费台账.xlsx")).unwrap();
        let said = told(&world.run(&["--lang", lang]));
        assert_has(&said, &[&format!("out/zhuji-2023/{at}"), words], lang);
        let kept = world.at("out/zhuji-2023").join(at).join("退费台账.xlsx");
        assert!(fs::read(kept).unwrap() == typed, "{lang}");
        assert!(fs::read(report.join("退费台账.xlsx")).unwrap() != typed);
    }
    let said = told(&world.run(&["--lang", "en"]));
    assert!(!said.contains("is kept as"), "{said}");
}

#[test]
fn only_data_leaves_a_full_report_of_the_same_inputs_as_it_is() {
    let world = World::new();
    world.run(&[]);
    let before = tree(&world.at("out"));
    let output = world.run(&["--only", "data"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert_has(&told(&output), &["已有完整的报表", "原样保留"], "zh");
    assert!(tree(&world.at("out")) == before);
    // With another pipeline the data may be others: the full report keeps its workbooks, under a number.
    append(&world.at("zhuji-2023.toml"), b"\n# \n");
    assert_has(
        &told(&world.run(&["--only", "data"])),
        &["out/zhuji-2023/2023-02-28.2", "比本次 --only 所要的多"],
        "zh",
    );
    assert!(
        world
            .at("out/zhuji-2023/2023-02-28.2/退费台账.xlsx")
            .is_file()
    );
}

/// Otherwise `canbao check … | head` would end in a crash, and a job whose log is full would lose its report.
#[cfg(target_os = "linux")]
#[test]
fn a_screen_that_is_closed_or_full_changes_neither_the_report_nor_the_exit() {
    let world = World::new();
    let full = || {
        let file = fs::File::options().write(true).open("/dev/full").unwrap();
        std::process::Stdio::from(file)
    };
    let closed = || {
        let (_, writer) = std::io::pipe().unwrap();
        std::process::Stdio::from(writer)
    };
    let run = [&RUN[..], &["-v"]].concat();
    let wrong = ["run", "zhuji-2023.toml", "--outs"];
    let commands: [(&[&str], i32); 5] = [
        (&run, 0),
        (&RUN, 0),
        (&CHECK, 0),
        (&wrong, 2),
        (&["--help"], 0),
    ];
    for (command, code) in commands {
        for (out, err) in [(full(), full()), (closed(), closed()), (full(), closed())] {
            let manifest = world.at("out/zhuji-2023/2023-02-28/manifest.json");
            let _ = fs::remove_file(&manifest);
            let status = world
                .command(command)
                .stdout(out)
                .stderr(err)
                .status()
                .unwrap();
            assert_eq!(status.code(), Some(code), "{command:?}");
            assert_eq!(
                manifest.is_file(),
                command[0] == "run" && code == 0,
                "{command:?}"
            );
        }
    }
}

#[test]
fn a_second_run_into_the_same_folder_ends_with_3_and_is_told_to_wait() {
    let world = World::new();
    let before = tree(world.folder.path());
    let lock = fs::File::create(world.at("out/zhuji-2023/.lock")).unwrap();
    lock.lock().unwrap();
    assert_refused(
        &world.run(&[]),
        (3, false),
        &["另一个 canbao 正在向", "等它结束后再运行"],
        "busy",
    );
    assert_refused(
        &world.run(&["--lang", "en"]),
        (3, true),
        &["another canbao", "wait until it has ended"],
        "busy",
    );
    assert!(tree(world.folder.path()) == before);
    drop(lock);
    assert_eq!(world.run(&[]).status.code(), Some(0));
}

/// A disk of its own size, taken off again at the end.
#[cfg(target_os = "linux")]
struct Disk(PathBuf);

#[cfg(target_os = "linux")]
impl Disk {
    /// `None`, and said aloud past the test harness, where disks may not be mounted.
    #[expect(
        clippy::explicit_write,
        reason = "the harness swallows what eprintln! says"
    )]
    fn mounted(at: PathBuf, size: &str) -> Option<Disk> {
        fs::create_dir_all(&at).unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(&at)
            .output();
        match mount {
            Ok(output) if output.status.success() => Some(Disk(at)),
            other => {
                let why = other.map_or_else(|error| error.to_string(), |output| told(&output));
                writeln!(
                    std::io::stderr(),
                    "SKIPPED: the test of a full disk needs a mount of tmpfs: {}",
                    why.trim()
                )
                .unwrap();
                None
            }
        }
    }
}

#[cfg(target_os = "linux")]
impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_ends_with_3_before_the_work_or_in_the_middle_and_older_reports_stand() {
    let zh = ["磁盘空间不足", "清理磁盘空间", "原有报表未作改动"];
    let en = [
        "the disk is full",
        "make room",
        "Older reports are untouched",
    ];
    // 48 KiB do not even take the probe; 192 KiB take it, but not the reports.
    for (size, stages) in [("48k", 1), ("192k", 5)] {
        let world = World::new();
        let Some(disk) = Disk::mounted(world.at("small"), size) else {
            return;
        };
        let older = disk.0.join("zhuji-2023/2023-02-28");
        fs::create_dir_all(&older).unwrap();
        fs::write(older.join("manifest.json"), "older").unwrap();
        let before = tree(&disk.0);
        for (lang, words) in [("zh", &zh), ("en", &en)] {
            let typed = "run zhuji-2023.toml --as-of 2023-02-28 --inputs in --out small --lang";
            let typed: Vec<&str> = typed.split(' ').chain([lang]).collect();
            let output = world.canbao(&typed);
            assert_refused(&output, (3, lang == "en"), words, size);
            let told = told(&output);
            assert_eq!(told.matches("/5] ").count(), stages, "{size}: {told}");
            let after = tree(&disk.0);
            assert!(after == before, "{size}: {:?}", after.keys());
        }
    }
}

/// A run that waits before it judges, with the older report still in its place: its standard error takes two more lines,
/// and then nothing until somebody reads. `None`, and said aloud, where pipes are smaller than usual.
#[cfg(target_os = "linux")]
fn held(world: &World) -> Option<(std::process::Child, std::io::PipeReader)> {
    use std::time::Duration;

    const PIPE: usize = 64 * 1024;
    let room = "[1/5] 核对方案 …\n[2/5] 读取与识别 …\n".len();
    let (reader, mut writer) = std::io::pipe().unwrap();
    let (filled, is_filled) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        writer.write_all(&vec![b'.'; PIPE - room]).unwrap();
        let _ = filled.send(writer);
    });
    let Ok(writer) = is_filled.recv_timeout(Duration::from_secs(20)) else {
        println!("SKIPPED: pipes hold less than 64 KiB here");
        return None;
    };
    let mut running = world.command(&RUN).stderr(writer).spawn().unwrap();
    let id = running.id();
    let folder = world.at("out/zhuji-2023");
    let spent = || {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
        let fields: Vec<String> = stat
            .rsplit(')')
            .next()
            .unwrap()
            .split(' ')
            .map(str::to_owned)
            .collect();
        (fields[12].clone(), fields[13].clone())
    };
    // It has the lock, its probe of the disk is over, and it spends no more time.
    let (mut before, mut quiet) = (spent(), 0);
    for _ in 0..1_200 {
        std::thread::sleep(Duration::from_millis(50));
        let lock = fs::File::open(folder.join(".lock"));
        let is_locked = lock.is_ok_and(|lock| lock.try_lock().is_err());
        let now = spent();
        let waits = is_locked && !folder.join(".2023-02-28.new").exists() && now == before;
        quiet = if waits { quiet + 1 } else { 0 };
        before = now;
        if quiet == 10 {
            return Some((running, reader));
        }
    }
    let _ = running.kill().and_then(|()| running.wait());
    panic!("the run did not come to its second stage in a minute");
}

/// Whether this process passes on that it does not listen to SIGINT, as shells arrange it for what they start in the
/// background.
#[cfg(target_os = "linux")]
fn is_deaf_to_interrupts() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = u64::from_str_radix(ignored.unwrap().trim(), 16).unwrap();
    ignored & 0b10 != 0
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_that_is_broken_off_leaves_older_reports_and_no_half_ones() {
    use std::os::unix::process::ExitStatusExt;

    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/clerk.md");
    let page = fs::read_to_string(page).unwrap();
    let world = World::new();
    let before = tree(&world.at("out"));
    for (name, signal) in [("INT", 2), ("TERM", 15), ("KILL", 9), ("ABRT", 6)] {
        if name == "INT" && is_deaf_to_interrupts() {
            continue;
        }
        let Some((mut running, _reader)) = held(&world) else {
            return;
        };
        assert_refused(
            &world.run(&[]),
            (3, false),
            &["另一个 canbao"],
            "a second run meanwhile",
        );
        let kill = Command::new("sh")
            .args(["-c", &format!("kill -{name} {}", running.id())])
            .status()
            .unwrap();
        assert!(kill.success());
        assert_eq!(running.wait().unwrap().signal(), Some(signal), "{name}");
        // A shell tells 128 and the number of the signal.
        let row = format!("| {} |", 128 + signal);
        assert!(page.contains(&row), "docs/clerk.md has no row {row}");
        let left = tree(&world.at("out"));
        assert!(left == before, "{name}: {:?}", left.keys());
    }
    assert_eq!(
        world.run(&[]).status.code(),
        Some(0),
        "the next run is not held up"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_over_its_limit_of_file_size_ends_with_153_and_leaves_older_reports() {
    use std::os::unix::process::ExitStatusExt;

    let world = World::new();
    let older = world.at("out/zhuji-2023/2023-02-28");
    let before = tree(&older);
    let typed = format!(
        "ulimit -f 1; exec {} {}",
        env!("CARGO_BIN_EXE_canbao"),
        RUN.join(" ")
    );
    let output = Command::new("sh")
        .args(["-c", &typed])
        .current_dir(world.folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.signal(), Some(25), "{}", told(&output));
    assert!(tree(&older) == before);
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/clerk.md");
    assert!(fs::read_to_string(page).unwrap().contains("| 153 |"));
    assert_eq!(world.run(&[]).status.code(), Some(0));
}

/// What a manifest says that the report holds, and what it does hold.
#[cfg(unix)]
fn assert_whole(report: &Path, of: &str) {
    use sha2::Digest;

    let manifest =
        fs::read(report.join("manifest.json")).unwrap_or_else(|_| panic!("{of}: no report"));
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).expect("a whole manifest");
    let outputs = manifest["outputs"].as_object().expect("digests");
    assert!(outputs.len() > 10, "{of}");
    for (path, digest) in outputs {
        let bytes = fs::read(report.join(path)).unwrap_or_else(|_| panic!("{of}: no {path}"));
        let hex: String = sha2::Sha256::digest(bytes)
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        assert_eq!(*digest, hex, "{of}: {path}");
    }
}

#[cfg(unix)]
#[test]
fn whenever_a_run_is_killed_a_whole_report_stands_after_the_next_one() {
    let world = World::new();
    let began = std::time::Instant::now();
    assert_eq!(world.run(&[]).status.code(), Some(0));
    let whole_run = began.elapsed();
    // Most of the moments near the end, where files and folders are written and change places.
    for part in [10, 50, 80, 88, 92, 95, 97, 98, 99, 100] {
        let mut running = world
            .command(&RUN)
            .stderr(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(whole_run * part / 100);
        running.kill().unwrap();
        running.wait().unwrap();
        // A run of another day settles what this one left.
        let mut next = RUN;
        next[3] = "2023-02-27";
        assert_eq!(world.canbao(&next).status.code(), Some(0));
        assert_whole(&world.at("out/zhuji-2023/2023-02-28"), &format!("{part} %"));
        let left = fs::read_dir(world.at("out/zhuji-2023")).unwrap();
        let left: Vec<String> = left
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with('.') && name != ".lock")
            .collect();
        assert!(left.is_empty(), "{part} %: {left:?}");
    }
}
