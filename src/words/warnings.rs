//! Warnings of `check`: what looks wrong, with its figures; and what to do about it.

use super::{Halves, Label, Lang, grouped, halves, listed, say, told_all};
use crate::domain::{Code, Field, SourceKind};
use crate::survey::{At, OddCells, OddSameness, OddSize, OddTime, Warning, Yardstick};

/// One warning for people.
pub fn warning(warning: &Warning, lang: Lang) -> Halves {
    match warning {
        Warning::Size(one) => of_size(one, lang),
        Warning::Time(one) => of_time(one, lang),
        Warning::Sameness(one) => of_sameness(one, lang),
        Warning::Cells(one) => of_cells(one, lang),
    }
}

fn of_size(one: &OddSize, lang: Lang) -> Halves {
    match one {
        OddSize::Absent { source } => {
            let (label, code) = (source.label(lang), source.code());
            halves! { lang,
                "没有找到：{label}", "not found: {label}";
                "本期没有的，不必处理，相关核对将不运行；有的，放入数据文件夹，或更正 [sources.{code}] 的 files", "nothing, if there is none this time: its checks will not run; else put it into the folder, or correct files under [sources.{code}]";
            }
        }
        OddSize::NoRows { at } => {
            let at = place(at, lang);
            halves! { lang,
                "{at}只有表头，没有数据行", "{at}: a header and no data";
                "确认本期确实没有数据，否则重新导出", "make sure that there is none this time; else export again";
            }
        }
        OddSize::SheetSetAside { at, rows } => {
            let (at, rows) = (place(at, lang), grouped(*rows));
            halves! { lang,
                "{at}整张未采用：{rows} 行都列为备注", "{at}: set aside whole: its {rows} rows are notes";
                "确认其中没有应统计的数据；有的，补上表头；没有的，在该来源下写 sheets 只列要读的工作表", "make sure that it holds no data, or give it a header; where it holds none, name the sheets to read with sheets of the source";
            }
        }
        OddSize::FieldsBeside {
            at,
            headers,
            fields,
        } => {
            let (at, headers) = (place(at, lang), told_all(headers, lang));
            let fields: Vec<String> = fields
                .iter()
                .map(|field| field.label(lang).to_owned())
                .collect();
            let fields = listed(&fields, lang);
            halves! { lang,
                "{at}旁边的表格未采用，其中有本表缺少的“{fields}”：{headers}", "{at}: a table beside it was set aside, though it holds what the sheet lacks ({fields}): {headers}";
                "确认它是另一张表；属于本表的，删去中间的空列，或在 columns 中声明这些列", "make sure that it is another table; else delete the blank column between them, or declare its columns under columns";
            }
        }
        OddSize::FewRows {
            source,
            rows,
            expected,
            by,
        } => {
            let (label, rows, share) =
                (source.label(lang), grouped(*rows), share(*rows, *expected));
            let (expected, by) = (grouped(*expected), yardstick(*by, lang));
            halves! { lang,
                "{label}偏少：{rows} 行，只有{by} {expected} 的 {share}%", "{label}: only {rows} rows, {share}% of {by} ({expected})";
                "确认导出完整：没有只选部分乡镇，没有筛选，没有漏掉分页或文件", "make sure that the export is whole: all townships, no filter, no page or file left out";
            }
        }
        OddSize::Shrunk {
            source,
            file,
            rows,
            before,
            batch,
        } => {
            let what = format!("{} {file}", source.label(lang));
            let (rows, share, before) = (grouped(*rows), share(*rows, *before), grouped(*before));
            halves! { lang,
                "{what} 比上一批少得多：{rows} 行，只有批次 {batch} 的 {before} 行的 {share}%", "{what}: far fewer rows than in the list before it: {rows}, {share}% of the {before} of batch {batch}";
                "与上一批对照，确认导出完整", "compare it with that batch; export it again if it is not whole";
            }
        }
        OddSize::NotSentAgain {
            source,
            file,
            batch,
            days,
        } => {
            let label = source.label(lang);
            halves! { lang,
                "{label}：{file} 的报送单位没有更新，仍采用批次 {batch}，比其他单位的最新一批早 {days} 天", "{label}: whoever sent {file} sent nothing newer: batch {batch} still counts, {days} day(s) older than the others' newest";
                "请该单位补报；单位改了文件名的，改回原名再运行", "ask for the newer list; where only the file's name changed, give it the old name again";
            }
        }
        OddSize::Archive { file, files } => archive(file, *files, lang),
        OddSize::NoFile { file } => halves! { lang,
            "{file} 不是普通文件（是管道、套接字或设备），没有打开", "{file} is no file but a pipe, a socket or a device, and was not opened";
            "移出数据文件夹；要用的数据另存为文件", "move it away; save what is needed as a file";
        },
        OddSize::CutOff { at, rows } => {
            let (at, rows) = (place(at, lang), grouped(*rows));
            halves! { lang,
                "{at}可能被截断：数据正好 {rows} 行，是工作表或分页导出的上限", "{at}: perhaps cut off: exactly {rows} rows, where a sheet or a page of an export ends";
                "改用 csv 或分多个文件导出，再核对行数", "export as csv or in several files, and compare the rows";
            }
        }
    }
}

fn archive(file: &str, files: Option<u64>, lang: Lang) -> Halves {
    let inside = files.map_or_else(String::new, |files| {
        let files = grouped(files);
        say!(lang, "，里面有 {files} 个文件", ", {files} file(s) in it")
    });
    halves! { lang,
        "{file} 是压缩包，没有读取{inside}", "{file} is an archive and was not read{inside}";
        "其中有要用的数据，先解压到数据文件夹；没有的，移出", "unpack what is needed of it into the folder, or move it away";
    }
}

fn of_time(one: &OddTime, lang: Lang) -> Halves {
    match one {
        OddTime::Stale { newest, until } => halves! { lang,
            "缴费数据偏旧：最晚的缴费日期是 {newest}，距 {until} 超过一个月", "payments end early: the newest day is {newest}, more than a month before {until}";
            "补齐最近的缴费明细，或用 --as-of 写明统计截止日期", "add the latest payments, or state the day of the figures with --as-of";
        },
        OddTime::OutsideWindow { at, first, last } => {
            let at = place(at, lang);
            halves! { lang,
                "{at}的缴费日期都不在缴费期内：{first} 至 {last}", "{at}: no payment lies in the window: {first} to {last}";
                "确认不是其他年度的文件；再核对方案的 [window]", "make sure that it is of this season; then check [window] of the pipeline";
            }
        }
        OddTime::OtherYear { at, rows } => {
            let (at, rows) = (place(at, lang), grouped(*rows));
            halves! { lang,
                "{at}的 {rows} 行都不属于本年度", "{at}: none of its {rows} rows is of the coverage year";
                "换成本年度的文件，或核对方案的 year", "take the file of this year, or check year of the pipeline";
            }
        }
        OddTime::NamedLater { files, as_of } => {
            let (count, files) = (files.len(), some_of(files, lang));
            halves! { lang,
                "{count} 个文件名中的日期晚于统计截止日期 {as_of}：{files}", "{count} file(s) named by a day after {as_of}, the day of the figures: {files}";
                "核对 --as-of；全量来源采用截止日期当日或以前的最新一批，只有更晚的，采用其中最早的一批；截止日期之后的登记、缴费不计入", "check --as-of: of lists the newest on or before it counts, or the earliest where all are later; registrations and payments after it do not count";
            }
        }
    }
}

fn of_sameness(one: &OddSameness, lang: Lang) -> Halves {
    match one {
        OddSameness::RowsAdded { at, row } => {
            let at = place(at, lang);
            halves! { lang,
                "{at}第 {row} 行与前面一行是同一地方（别名，或者写了两次），两行的数已相加", "{at}: row {row} speaks of the same region as a row before it (by another name, or twice); their figures are added";
                "两地已经合并的，这样就对；不是的，改正任务表或区划表的别名", "right where two places were merged; else correct the table, or the alias in the table of regions";
            }
        }
        OddSameness::SameFile { file, other } => halves! { lang,
            "{file} 与 {other} 内容完全相同", "{file} and {other} are the same, byte for byte";
            "多半是拷错了文件：换成应有的那一个，重复的移出数据文件夹", "one of them was probably copied by mistake: put the right one there, or move it away";
        },
        OddSameness::SameRows { at, other, rows } => {
            let (at, other, rows) = (place(at, lang), named(other), grouped(*rows));
            halves! { lang,
                "{at}的 {rows} 行与 {other} 的相同，只是格式或次序不同", "{at}: its {rows} rows are those of {other}, in another form or order";
                "多半是同一份数据导出了两次：留下一份", "probably one export saved twice: keep one of them";
            }
        }
    }
}

fn of_cells(one: &OddCells, lang: Lang) -> Halves {
    match one {
        OddCells::BlankCells {
            at,
            field: of_field,
            blank,
            of,
        } => {
            let (at, field, share) = (place(at, lang), column(*of_field, lang), share(*blank, *of));
            let (blank, of) = (grouped(*blank), grouped(*of));
            (
                say!(
                    lang,
                    "{at}的{field}列大量空白：{of} 行中 {blank} 行没有填（{share}%）",
                    "{at}: {field} is blank in {blank} of {of} rows ({share}%)"
                ),
                if matches!(*of_field, Field::Township | Field::Village) {
                    say!(
                        lang,
                        "只写在每段第一行的，下面各行没有地点：请报送单位逐行填写",
                        "what is written in the first row of a group only is not read for the others: have it filled in row by row"
                    )
                } else {
                    say!(
                        lang,
                        "请报送单位补填，或确认没有认错列",
                        "have the office fill it in, or make sure that it is the right column"
                    )
                },
            )
        }
        OddCells::Foreign { at, foreign, of } => {
            let (at, share) = (place(at, lang), share(*foreign, *of));
            let (foreign, of) = (grouped(*foreign), grouped(*of));
            halves! { lang,
                "{at}的 {of} 行中有 {foreign} 行（{share}%）的地名不属于本方案地区", "{at}: {foreign} of {of} rows ({share}%) name places that are none of this scheme's";
                "确认不是其他地区的文件；地名写法不同的，加入区划表的 alias", "make sure that it is of this region; add other spellings as alias to the region table";
            }
        }
        OddCells::BadNumbers { at, code, rows, of } => {
            let (at, code_label, share) = (place(at, lang), code.label(lang), share(*rows, *of));
            let (rows, of) = (grouped(*rows), grouped(*of));
            let advice = if *code == Code::IdTruncated {
                say!(
                    lang,
                    "表格软件把号码当成了数字：请原系统把该列按文本重新导出，不要自行补位",
                    "a spreadsheet took the numbers for figures: have the column exported again as text; never fill the digits in"
                )
            } else {
                say!(
                    lang,
                    "多半有同一个原因：列认错了，号码脱敏了，或证件类型没有填；查明后重新导出",
                    "there is probably one cause: a wrong column, masked numbers, or a document type left out; export again"
                )
            };
            (
                say!(
                    lang,
                    "{at}{code_label}的多：{of} 行中有 {rows} 行（{share}%）",
                    "{at}: {code_label} in {rows} of {of} rows ({share}%)"
                ),
                advice,
            )
        }
        OddCells::UnknownWords {
            source,
            words,
            others,
            rows_of_others,
        } => {
            let label = source.label(lang);
            let shown = unknown_words(words, (*others, *rows_of_others), lang);
            let advice = if *source == SourceKind::Rosters {
                say!(
                    lang,
                    "写入相应 [[subsidy]] 的 also；全部列在问题清单的 category-unknown 中",
                    "add them to also of their [[subsidy]]; all stand under category-unknown in the findings"
                )
            } else {
                say!(
                    lang,
                    "用 [[vocabulary]] 声明其含义；全部列在问题清单的 category-unknown 中",
                    "declare what they mean with [[vocabulary]]; all stand under category-unknown in the findings"
                )
            };
            (
                say!(
                    lang,
                    "{label}中有不认识的词：{shown}",
                    "{label}: unknown words (with rows): {shown}"
                ),
                advice,
            )
        }
    }
}

/// Words with their rows, and how many others there are in how many rows.
fn unknown_words(words: &[(String, u64)], (others, rows): (u64, u64), lang: Lang) -> String {
    let shown = words.iter().map(|(word, rows)| {
        let rows = grouped(*rows);
        say!(lang, "{word}（{rows} 行）", "{word} ({rows})")
    });
    let mut shown: Vec<String> = shown.collect();
    if others > 0 {
        let (others, rows) = (grouped(others), grouped(rows));
        shown.push(if shown.is_empty() {
            say!(lang, "{others} 个（{rows} 行）", "{others} ({rows})")
        } else {
            say!(
                lang,
                "另有 {others} 个（{rows} 行）",
                "{others} more ({rows})"
            )
        });
    }
    listed(&shown, lang)
}

fn column(field: Field, lang: Lang) -> String {
    let label = field.label(lang);
    say!(lang, "“{label}”", "{label}")
}

/// Whole percent, never 0 or 100 where it is not quite so.
fn share(part: u64, of: u64) -> u64 {
    let percent = u128::from(part) * 100 / u128::from(of.max(1));
    match u64::try_from(percent).unwrap_or(u64::MAX) {
        0 if part > 0 => 1,
        percent => percent,
    }
}

fn yardstick(by: Yardstick, lang: Lang) -> String {
    match by {
        Yardstick::Population => say!(lang, "任务数表人口数", "the population in the tasks table"),
        Yardstick::Task => say!(lang, "任务数表任务数", "the task in the tasks table"),
        Yardstick::LastYear => say!(
            lang,
            "任务数表上年参保数",
            "last year's enrolment in the tasks table"
        ),
        Yardstick::Book(source) => {
            let label = source.label(lang);
            say!(lang, "{label}", "the rows of {label}")
        }
    }
}

/// `名册.xlsx [Sheet1] `, ready for the sentence that follows it.
fn place(at: &At, lang: Lang) -> String {
    let named = named(at);
    say!(lang, "{named} ", "{named}")
}

fn named(at: &At) -> String {
    let (file, sheet) = (&at.file, &at.sheet);
    if sheet.is_empty() {
        file.clone()
    } else {
        format!("{file} [{sheet}]")
    }
}

/// The first few: a clerk needs no list of a hundred months.
fn some_of(files: &[String], lang: Lang) -> String {
    const SHOWN: usize = 5;
    let mut shown: Vec<String> = files.iter().take(SHOWN).cloned().collect();
    if files.len() > SHOWN {
        shown.push(lang.pick("……", "…").to_owned());
    }
    listed(&shown, lang)
}
