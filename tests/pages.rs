//! The reference pages and the list of stable codes are what the declarations say.
//!
//! `CANBAO_BLESS=1 cargo test --test pages` writes them anew.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use calamine::{Reader, Xlsx};
use canbao::domain::{
    Actor, CaseState, Code, Cover, Damage, Evidence, Family, Fate, Field, Holds, KeptWhy, Level,
    Price, Reason, RegionLevel, Repair, SourceKind, Standing, Starts, Status,
};
use canbao::judge::{Change, Extra, Verdict};
use canbao::measure::{BridgeLine, List};
use canbao::report::{CellOf, DeclaredBook, SheetOf, WORKBOOKS, data_files};
use canbao::run::{Order, reconcile};
use canbao::scheme::{Setting, Under, ValueOf};
use canbao::words::{self, Label, Lang, advice, example, outputs, settings, when};
use polars::prelude::{DataFrame, DataType};
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;

const ZH: Lang = Lang::Zh;

/// Where a page says how it came about.
const MADE: &str =
    "<!-- 由程序的声明生成：CANBAO_BLESS=1 cargo test --test pages。不要手工改。 -->";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The file holds this text; with CANBAO_BLESS it is written instead.
fn holds(file: &str, text: &str) {
    let path = root().join(file);
    if std::env::var_os("CANBAO_BLESS").is_some() {
        fs::write(&path, text).unwrap_or_else(|error| panic!("{file}: {error}"));
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    let differs = written
        .lines()
        .zip(text.lines())
        .position(|(written, text)| written != text)
        .unwrap_or_else(|| written.lines().count().min(text.lines().count()));
    assert!(
        written == text,
        "{file} is not what the declarations say, from line {}: CANBAO_BLESS=1 cargo test --test pages",
        differs + 1
    );
}

/// A row of a markdown table.
fn row(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    format!("| {} |\n", cells.join(" | "))
}

fn table(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut text = row(head) + &row(&vec!["---"; head.len()]);
    for cells in rows {
        text += &row(&cells.iter().map(String::as_str).collect::<Vec<_>>());
    }
    text
}

#[test]
fn the_page_of_persons_columns_is_what_people_declares() {
    let mut text = String::from(
        "<!-- Generated: CANBAO_BLESS=1 cargo test --test pages. Do not edit. -->\n\n\
         # Columns of a person\n\n\
         `people` hands over one frame with one row a person. The rule book (`judge/rulebook`) asks these columns and no \
         others; each is declared once, in `src/people/columns.rs`. A `?` may be null: nothing is stated.\n\n\
         | column | holds | unit | meaning |\n|---|---|---|---|\n",
    );
    for column in canbao::people::columns::PERSONS {
        let name = format!("`{}`", column.name);
        let meaning = column
            .meaning
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        text += &row(&[&name, column.kind.code(), column.unit, &meaning]);
    }
    holds("docs/persons.md", &text);
}

#[test]
fn the_page_of_settings_is_what_the_scheme_declares() {
    let is_table = |setting: &Setting| matches!(setting.takes(), ValueOf::Table | ValueOf::Tables);
    let keys = |of: &str| {
        let key = |setting: &&Setting| {
            let inside = setting.code().strip_prefix(of)?.strip_prefix('.')?;
            (!inside.contains('.') && !is_table(setting)).then_some(())
        };
        let mut keys: Vec<Setting> = Vec::new();
        keys.extend(Setting::ALL.iter().filter(|setting| key(setting).is_some()));
        keys
    };
    let mut text = format!(
        "# 方案设置\n\n{MADE}\n\n方案文件的每一项设置。写法和样例见 `pipelines/template.toml`。\
         没有列出的键，程序指出行列，不运行。\n"
    );
    for of in Setting::ALL.iter().filter(|setting| is_table(setting)) {
        let brackets = match of.takes() {
            ValueOf::Tables => format!("[[{of}]]"),
            _ => format!("[{of}]"),
        };
        let unsaid = settings::unsaid(*of);
        let needed = if unsaid == "必填" { "必填。" } else { "" };
        let meaning = settings::meaning(*of);
        let _ = write!(text, "\n## {brackets}\n\n{needed}{meaning}。\n");
        let keys = keys(of.code());
        if keys.is_empty() {
            continue;
        }
        let name = |setting: &Setting| setting.code()[of.code().len() + 1..].to_owned();
        let rows = keys.iter().map(|setting| {
            vec![
                format!("`{}`", name(setting)),
                settings::takes(*setting),
                settings::unsaid(*setting),
                settings::meaning(*setting).to_owned(),
            ]
        });
        text += "\n";
        text += &table(&["键", "值", "不写时", "意思"], rows);
    }
    holds("docs/settings.md", &text);
}

#[test]
fn the_template_speaks_of_every_setting() {
    let template = fs::read_to_string(root().join("pipelines/template.toml")).expect("a template");
    let words: BTreeSet<&str> = template
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .collect();
    let silent: Vec<&str> = Setting::ALL
        .iter()
        .map(|setting| setting.code())
        .filter(|path| {
            let key = path.rsplit('.').next().unwrap_or(path);
            key != "*" && !words.contains(key)
        })
        .collect();
    assert!(silent.is_empty(), "{silent:?}");
}

/// What is said of a code.
fn finding(code: Code) -> String {
    let sources = |kinds: &[SourceKind]| {
        let labels: Vec<&str> = kinds.iter().map(|kind| kind.label(ZH)).collect();
        if labels.is_empty() {
            "不论有哪些数据都检查".to_owned()
        } else {
            labels.join("、")
        }
    };
    let lines = [
        ("何时", when(code, ZH).to_owned()),
        ("例子", example(code, ZH).to_owned()),
        ("怎么办", format!("{}。", advice(code, ZH))),
        ("由谁处理", code.acts().label(ZH).to_owned()),
        ("级别", code.default_level().label(ZH).to_owned()),
        ("需要", sources(code.needs())),
        ("应为", code.expected().label(ZH).to_owned()),
        ("实为", code.found().label(ZH).to_owned()),
    ];
    let mut text = format!("\n### `{code}` {}\n\n", code.label(ZH));
    for (name, said) in lines {
        let _ = writeln!(text, "- {name}：{said}");
    }
    text
}

#[test]
fn the_page_of_findings_is_what_domain_and_words_declare() {
    let mut text = format!(
        "# 问题代码\n\n{MADE}\n\n每种问题一节。代码永不改变，也不重用。级别可以在方案的 `[levels]` 中改。\
         每节的例子在 `tests/gallery/findings/<代码>` 里，可以运行。\n"
    );
    for &family in Family::ALL {
        let _ = write!(text, "\n## {}\n", family.label(ZH));
        for &code in Code::ALL.iter().filter(|code| code.family() == family) {
            text += &finding(code);
        }
    }
    holds("docs/findings.md", &text);
}

const fn cell_of(of: CellOf) -> &'static str {
    match of {
        CellOf::Text => "文字",
        CellOf::Code => "代码",
        CellOf::Count => "整数",
        CellOf::Fen => "金额（分）",
        CellOf::Day => "日期",
        CellOf::Rate => "小数，六位",
        CellOf::Flag => "true、false",
    }
}

/// Name and meaning of a sheet.
fn sheet(of: SheetOf) -> Vec<String> {
    match of {
        SheetOf::One(tab) => vec![tab.text(ZH).to_owned(), outputs::sheet(tab).to_owned()],
        SheetOf::Several(tabs) => vec![
            format!("{}…", tabs.text(ZH)),
            outputs::sheets(tabs).to_owned(),
        ],
        SheetOf::EachCode => vec![
            "问题名称".to_owned(),
            "每种问题一张，见 docs/findings.md".to_owned(),
        ],
    }
}

/// Codes of a closed list with their names.
fn codes<T: Label>(name: &str, all: &[T], code: impl Fn(T) -> &'static str) -> String {
    let rows = all
        .iter()
        .map(|one| vec![format!("`{}`", code(*one)), one.label(ZH).to_owned()]);
    format!("\n### {name}\n\n{}", table(&["代码", "意思"], rows))
}

#[test]
fn the_page_of_outputs_is_what_report_declares() {
    let mut text = format!(
        "# 报表文件\n\n{MADE}\n\n报表在 `reports/<方案>/<截止日期>/`。工作簿里是名称和元，数据文件里是代码和分。\n\n## 工作簿\n"
    );
    for book in WORKBOOKS {
        let DeclaredBook {
            path,
            meaning,
            sheets,
        } = book;
        let rows = sheets.iter().map(|of| sheet(*of));
        let _ = write!(
            text,
            "\n### {path}\n\n{meaning}\n\n{}",
            table(&["工作表", "内容"], rows)
        );
    }
    text += "\n## 数据文件\n\n在 `data` 文件夹里，与语言无关。没有的值，csv 为空，parquet 为 null。\
             `manifest.json` 写明程序版本、方案和输入文件的摘要、各项条数、每个产出文件的摘要。\
             csv 里会被表格软件当成公式的文字，前面加 `'`（[口径](readings.md#csv-cells)）。\n";
    for file in data_files() {
        let rows = file.columns.iter().map(|column| {
            vec![
                format!("`{}`", column.name),
                cell_of(column.of).to_owned(),
                column.meaning.to_owned(),
            ]
        });
        let _ = write!(
            text,
            "\n### data/{}\n\n{}\n\n{}",
            file.name,
            file.meaning,
            table(&["列", "值", "意思"], rows)
        );
    }
    text += "\n## 代码\n";
    text += &codes("级别（区划）", RegionLevel::ALL, RegionLevel::code);
    text += &codes("来源", SourceKind::ALL, SourceKind::code);
    text += &codes("字段", Field::ALL, Field::code);
    text += &codes("去向", Fate::ALL, Fate::code);
    text += &codes("状态", Standing::ALL, Standing::code);
    text += &codes("险种", Cover::ALL, Cover::code);
    text += &codes("参保桥的步骤", BridgeLine::ALL, BridgeLine::code);
    text += &codes("重复登记", Extra::ALL, Extra::code);
    text += &codes("级别（问题）", Level::ALL, Level::code);
    text += &codes("由谁处理", Actor::ALL, Actor::code);
    text += &codes("退费原因", Reason::ALL, Reason::code);
    text += &codes("保留的理由", KeptWhy::ALL, KeptWhy::code);
    text += &codes("材料", Evidence::ALL, Evidence::code);
    text += &codes("办理状态", CaseState::ALL, CaseState::code);
    text += &codes("资助结论", Verdict::ALL, Verdict::code);
    text += &codes("价格", Price::ALL, Price::code);
    text += &codes("名册变动", Change::ALL, Change::code);
    text += &codes("改写规则", Repair::ALL, Repair::code);
    holds("docs/outputs.md", &text);
}

/// Codes are never reused: whoever takes one away, or changes one, sees it here.
#[test]
fn stable_codes_are_those_that_were_written_down() {
    let mut text = String::new();
    let mut list = |name: &str, codes: Vec<&str>| {
        let _ = write!(text, "[{name}]\n{}\n\n", codes.join("\n"));
    };
    macro_rules! lists {
        ($($list:ident),+ $(,)?) => {
            $(list(stringify!($list), $list::ALL.iter().map(|one| one.code()).collect());)+
        };
    }
    lists!(
        Code,
        Level,
        Actor,
        Family,
        Holds,
        Fate,
        Standing,
        Status,
        Cover,
        Reason,
        Evidence,
        KeptWhy,
        CaseState,
        Verdict,
        Change,
        Extra,
        BridgeLine,
        Price,
        Starts,
        Repair,
        Field,
        SourceKind,
        RegionLevel,
        Damage,
        Under,
        Setting,
        List,
    );
    holds("tests/codes.txt", &text);
}

fn names(frame: &DataFrame) -> Vec<String> {
    let names = frame.get_column_names();
    names.iter().map(|name| name.to_string()).collect()
}

fn fits(of: CellOf, kind: &DataType) -> bool {
    match of {
        CellOf::Text | CellOf::Code => *kind == DataType::String,
        CellOf::Count => kind.is_integer(),
        CellOf::Fen => *kind == DataType::Int64,
        CellOf::Day => *kind == DataType::Date,
        CellOf::Rate => kind.is_float(),
        CellOf::Flag => *kind == DataType::Boolean,
    }
}

/// The scheme that has every data file and nearly every sheet.
fn report(out: &Path) -> PathBuf {
    let order = Order {
        pipeline: root().join("pipelines/qingtangpu-2022.toml"),
        as_of: chrono::NaiveDate::from_ymd_opt(2022, 1, 31).expect("a day of January"),
        out: out.to_owned(),
        ..Order::default()
    };
    reconcile(&order).expect("the committed sample").folder
}

#[test]
fn what_is_written_is_what_is_declared() {
    let out = tempfile::tempdir().expect("a scratch folder");
    let folder = report(out.path());
    let declared = data_files();
    let mut there: Vec<String> = fs::read_dir(folder.join("data"))
        .expect("data files")
        .map(|entry| {
            entry
                .expect("a file")
                .file_name()
                .into_string()
                .expect("a name")
        })
        .collect();
    there.sort();
    let mut known: Vec<&str> = declared.iter().map(|file| file.name).collect();
    known.sort_unstable();
    assert_eq!(there, known);
    for file in &declared {
        let path = folder.join("data").join(file.name);
        let wanted: Vec<&str> = file.columns.iter().map(|column| column.name).collect();
        if file.name.ends_with(".csv") {
            let text = fs::read_to_string(path).expect("a csv");
            let head = text.trim_start_matches('\u{feff}').lines().next();
            assert_eq!(head, Some(wanted.join(",").as_str()), "{}", file.name);
            continue;
        }
        let frame = ParquetReader::new(fs::File::open(path).expect("a file"))
            .finish()
            .expect("a whole file");
        assert_eq!(names(&frame), wanted, "{}", file.name);
        for (column, declared) in frame.columns().iter().zip(&file.columns) {
            assert!(
                fits(declared.of, column.dtype()),
                "{}: {} is {:?}, not {:?}",
                file.name,
                declared.name,
                column.dtype(),
                declared.of
            );
        }
    }
    sheets_are_declared(&folder);
}

fn sheets_are_declared(folder: &Path) {
    let mut packets: Vec<PathBuf> = fs::read_dir(folder.join("分发"))
        .expect("packets")
        .map(|entry| entry.expect("a packet").path())
        .collect();
    packets.sort();
    for book in WORKBOOKS {
        let path = match book.path.contains('*') {
            true => packets[0].clone(),
            false => folder.join(book.path),
        };
        let Ok(bytes) = fs::read(&path) else {
            continue; // this scheme does not ask for it
        };
        let names = Xlsx::new(Cursor::new(bytes))
            .expect("a workbook")
            .sheet_names();
        for name in names {
            let is_declared = book.sheets.iter().any(|of| match of {
                SheetOf::One(tab) => name == tab.text(ZH),
                SheetOf::Several(tabs) => name.starts_with(tabs.text(ZH)),
                SheetOf::EachCode => Code::ALL.iter().any(|code| name == code.label(ZH)),
            });
            assert!(is_declared, "{}: {name}", book.path);
        }
    }
}

#[test]
fn every_sheet_stands_in_some_workbook() {
    use words::tables::{Tab, TabOf};
    let has = |of: SheetOf| WORKBOOKS.iter().any(|book| book.sheets.contains(&of));
    for tab in Tab::ALL {
        assert!(has(SheetOf::One(*tab)), "{tab:?}");
    }
    for tabs in TabOf::ALL {
        assert!(has(SheetOf::Several(*tabs)), "{tabs:?}");
    }
}
