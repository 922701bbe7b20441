//! Grave facts in words: what is wrong with the folder; what to do about it.

use super::labels::{Label, labels};
use super::{Halves, Lang, grouped, halves, say};
use crate::domain::grave::{Grave, GraveCode};
use crate::domain::{Code, Field};

/// A fact that was accepted, as the cover says it.
pub fn accepted(one: &Grave, lang: Lang) -> String {
    halves_of(one, lang).0
}

/// What is wrong, and what to do: its own remedy, else leave for one run.
pub(super) fn of_grave(one: &Grave, lang: Lang) -> Halves {
    let (what, remedy) = halves_of(one, lang);
    let leave = leave(one, lang);
    (what, remedy + &leave)
}

fn leave(one: &Grave, lang: Lang) -> String {
    let code = one.code().code();
    let file = one
        .file()
        .map(|file| format!("={file}"))
        .unwrap_or_default(); // about no file
    say!(
        lang,
        "；核实无误、仍要照此运行的，本次加 --accept \"{code}{file}\"，报表封面会写明",
        "; if it is right all the same, run with --accept \"{code}{file}\": the reports will say so"
    )
}

fn halves_of(one: &Grave, lang: Lang) -> Halves {
    match one {
        Grave::UnclaimedPersons { file, rows } => unclaimed(file, *rows, lang),
        Grave::AmountsMissing {
            file,
            sheet,
            rows,
            of: 0,
        } => no_amounts((file, sheet), *rows, lang),
        Grave::AmountsMissing {
            file,
            sheet,
            rows,
            of,
        } => blank_amounts((file, sheet), (*rows, *of), lang),
        Grave::ColumnLost { file, field, other } => lost(file, *field, other, lang),
        Grave::CsvCut { file, row } => {
            let row = grouped(*row);
            halves! { lang,
                "{file} 在第 {row} 行中途断了：最后一行的列数不足", "{file} ends within row {row}: the last row has too few cells";
                "文件没有传完整，请重新导出或重新拷贝", "the file did not arrive whole: export or copy it again";
            }
        }
        Grave::NoIdentity {
            file,
            sheet,
            rows,
            of,
        } => nobody((file, sheet, *rows, *of), lang),
        Grave::NoPlaces { file, rows, of } => nowhere(file, *rows, *of, lang),
        Grave::OtherRegion { file, rows, of } => elsewhere(file, *rows, *of, lang),
        Grave::OtherYear { file, rows, of } => years(file, *rows, *of, lang),
        Grave::Shrunk {
            file,
            rows,
            before,
            other,
        } => shrunk((file, *rows, *before, other), lang),
        Grave::MonthGap { year, month } => halves! { lang,
            "{year} 年 {month} 月没有一笔缴费，前后各月都有", "no payment at all in {year}-{month:02}, though the months around it have some";
            "多半少了一个月的缴费文件，请补上", "a month's file is missing: add it";
        },
        Grave::NoRegistrations => halves! { lang,
            "一条参保登记也没有，缴费期已过半", "not a single registration, though half of the window is over";
            "请放入参保登记文件", "add the registrations";
        },
        Grave::AsOfOdd {
            as_of,
            window,
            newest: None,
        } => halves! { lang,
            "截止日期 {as_of} 早于缴费期开始 {window}", "the as-of date {as_of} lies before the window, which begins on {window}";
            "核对 --as-of 和方案的年度", "check --as-of and the year of the pipeline";
        },
        Grave::AsOfOdd {
            as_of,
            newest: Some(newest),
            ..
        } => halves! { lang,
            "截止日期 {as_of} 比最新的数据 {newest} 晚一个多月", "the as-of date {as_of} is more than a month after the newest book ({newest})";
            "核对 --as-of，或放入新的数据", "check --as-of, or add newer files";
        },
        Grave::ReadingFloods {
            file,
            code,
            rows,
            of,
        } => floods((file, *code, *rows, *of), lang),
        Grave::WhoseNumber {
            file,
            sheet,
            column,
        } => whose(file, sheet, *column, lang),
        Grave::FamilyTwice {
            file,
            other,
            persons,
        } => twice(file, other, *persons, lang),
        Grave::TasksConflict {
            file,
            region,
            row,
            other,
            other_row,
        } => halves! { lang,
            "{region} 的任务数有两个：{file} 第 {row} 行与 {other} 第 {other_row} 行不一致", "two contradicting rows of figures for {region}: {file} row {row}, {other} row {other_row}";
            "只留一份有效的任务表", "keep the table that holds";
        },
    }
}

fn unclaimed(file: &str, rows: u64, lang: Lang) -> Halves {
    let rows = grouped(rows);
    halves! { lang,
        "{file} 没有来源认领，但里面是人员表（约 {rows} 行）", "{file} holds a table of persons (about {rows} row(s)), and no source claims it";
        "改文件名使它合某个来源的 files，或在方案 [ignore] files 写明不用它和理由", "rename it to match files of a source, or name it in [ignore] files of the pipeline with the reason";
    }
}

fn no_amounts((file, sheet): (&str, &str), rows: u64, lang: Lang) -> Halves {
    let (rows, sheet) = (grouped(rows), in_sheet(sheet, lang));
    halves! { lang,
        "{file}{sheet} 是缴费数据，{rows} 行却没有金额列", "{file}{sheet}: payments ({rows} row(s)) without a column for amounts";
        "核对列名；列名特殊的在方案 columns 里写明，可先运行 check --suggest", "check the headers; name the column in columns of the pipeline (check --suggest proposes)";
    }
}

fn blank_amounts((file, sheet): (&str, &str), (rows, of): (u64, u64), lang: Lang) -> Halves {
    let (rows, of, sheet) = (grouped(rows), grouped(of), in_sheet(sheet, lang));
    halves! { lang,
        "{file}{sheet} 的金额大多没有值：{of} 行中 {rows} 行", "{file}{sheet}: most amounts are blank, {rows} of {of} row(s)";
        "用 Excel 打开重新计算、保存后再导入，或请原单位重新导出", "open it in Excel, recalculate and save, or ask the office to export it again";
    }
}

fn lost(file: &str, field: Field, other: &str, lang: Lang) -> Halves {
    let field = field.label(lang);
    halves! { lang,
        "{file} 没有“{field}”列，同类文件 {other} 有", "{file} lacks the column {field} that {other} of the same kind has";
        "核对列名是否改了；改了的在方案 columns 里写明，缺了的请原单位重新导出", "was it renamed? name it in columns of the pipeline; if it is missing, ask the office again";
    }
}

fn nobody((file, sheet, rows, of): (&str, &str, u64, u64), lang: Lang) -> Halves {
    let (rows, of, sheet) = (grouped(rows), grouped(of), in_sheet(sheet, lang));
    halves! { lang,
        "{file}{sheet} 有 {rows} 行既无证件号码又无姓名（共 {of} 行）", "{file}{sheet}: {rows} of {of} row(s) have neither number nor name";
        "多半是列认错了或不是人员表：运行 check 看认出的列，在方案 columns 里写明", "a column is misunderstood, or this is no table of persons: see what check found, and name the columns";
    }
}

fn nowhere(file: &str, rows: u64, of: u64, lang: Lang) -> Halves {
    let (rows, of) = (grouped(rows), grouped(of));
    halves! { lang,
        "人口底册大多没有地区：{file} 等 {of} 人中 {rows} 人", "most persons of the register have no place: {rows} of {of} ({file})";
        "请补上乡镇、村列；只写在表名、标题里的，运行 check 看是否认出", "add township and village columns; where only a title names them, see what check found";
    }
}

fn elsewhere(file: &str, rows: u64, of: u64, lang: Lang) -> Halves {
    let (rows, of) = (grouped(rows), grouped(of));
    halves! { lang,
        "{file} 大多是外地的：{of} 行中 {rows} 行不在本方案辖区", "{file} is mostly of another region: {rows} of {of} row(s)";
        "多半放错了文件，请换成本地的", "probably another county's file: put ours there";
    }
}

fn years(file: &str, rows: u64, of: u64, lang: Lang) -> Halves {
    let (rows, of) = (grouped(rows), grouped(of));
    halves! { lang,
        "{file} 大多是别的年度的：{of} 行中 {rows} 行", "{file} is mostly of another year: {rows} of {of} row(s)";
        "多半放错了年度，请换成本年度的", "probably last year's file: put this year's there";
    }
}

fn shrunk((file, rows, before, other): (&str, u64, u64, &str), lang: Lang) -> Halves {
    let (rows, before) = (grouped(rows), grouped(before));
    halves! { lang,
        "{file} 只有 {rows} 行，{other} 有 {before} 行，不足一半", "{file} has {rows} row(s), {other} {before}: less than half";
        "请原单位报送全量文件", "ask the office for the full file";
    }
}

fn floods((file, code, rows, of): (&str, Code, u64, u64), lang: Lang) -> Halves {
    let (rows, of, name) = (grouped(rows), grouped(of), code.label(lang));
    halves! { lang,
        "{file} 大多报“{name}”：{of} 行中 {rows} 行，应是列认错了，不是数据错", "{file}: {name} in {rows} of {of} row(s); a column is misunderstood, not the county";
        "运行 check 看该列认成了什么，在方案 columns 或 vocabulary 里写明", "see with check what the column was taken for, and say in columns or vocabulary what it is";
    }
}

fn whose(file: &str, sheet: &str, column: u64, lang: Lang) -> Halves {
    let sheet = in_sheet(sheet, lang);
    halves! { lang,
        "{file}{sheet} 第 {column} 列也是证件号码，却没有用到：不知道哪一列是参保人", "{file}{sheet}: column {column} holds person numbers too, and is not used: which column is the insured?";
        "在方案 columns 里写明参保人的证件号码、姓名是哪一列", "say in columns of the pipeline which columns hold number and name of the insured";
    }
}

fn twice(file: &str, other: &str, persons: u64, lang: Lang) -> Halves {
    let persons = grouped(persons);
    halves! { lang,
        "{file} 与 {other} 大多是同样的人（{persons} 人），会重复计算", "{file} and {other} hold mostly the same persons ({persons})";
        "只留新的一份；名称不同的两批用同一个名称加日期", "keep the newer one; name both alike, with their dates";
    }
}

fn in_sheet(sheet: &str, lang: Lang) -> String {
    if sheet.is_empty() {
        return String::new();
    }
    say!(lang, " [{sheet}]", " [{sheet}]")
}

labels! { GraveCode {
    UnclaimedPersons: "有人员表无来源认领", "unclaimed table of persons";
    AmountsMissing: "缴费无金额", "payments without amounts";
    ColumnLost: "缺关键列", "column lost";
    CsvCut: "csv 不完整", "csv cut";
    NoIdentity: "无号码无姓名", "no number and no name";
    NoPlaces: "底册无地区", "register without places";
    OtherRegion: "外地数据", "another region";
    OtherYear: "别的年度", "another year";
    Shrunk: "数据骤减", "shrunk";
    MonthGap: "缺月份", "month missing";
    NoRegistrations: "无参保登记", "no registrations";
    AsOfOdd: "截止日期可疑", "as-of date odd";
    ReadingFloods: "列可能认错", "column misread";
    WhoseNumber: "号码是谁的不明", "whose number";
    FamilyTwice: "名单重复", "list twice";
    TasksConflict: "任务数矛盾", "contradicting tasks";
} }
