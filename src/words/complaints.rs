//! Complaints: what was typed or declared wrongly. Two halves each: what is wrong; what to do about it.

use super::labels::Label;
use super::reasons::plainly;
use super::slips;
use super::tables::short_level;
use super::{Halves, Lang, grouped, halves, listed, say, told_all};
use crate::domain::fault::{
    Slip, WrongContent, WrongEarlier, WrongHeader, WrongInputs, WrongRosters, WrongRules,
    WrongSetting,
};
use crate::domain::money::yuan_text;
use crate::domain::{Complaint, Field, Refusal};

/// One complaint for people: where, what is wrong, the excerpt with carets, what to do. Several lines, no newline at the end.
pub fn complaint(complaint: &Complaint, lang: Lang) -> String {
    let (what, advice) = halves(&complaint.refusal, lang);
    let mut text = say!(lang, "错误：{what}", "Error: {what}");
    if let Some(place) = &complaint.place {
        let (file, line, column) = (place.file.display(), place.line, place.column);
        text += &say!(
            lang,
            "\n  位置：{file} 第 {line} 行第 {column} 列",
            "\n  at: {file}, line {line}, column {column}"
        );
    }
    if !complaint.excerpt.0.trim().is_empty() {
        text += "\n";
        text += complaint.excerpt.0.trim_end();
    }
    text + &say!(lang, "\n  处理：{advice}", "\n  what to do: {advice}")
}

/// What is wrong, without what to do about it: one line of a longer report.
pub(super) fn wrong(refusal: &Refusal, lang: Lang) -> String {
    halves(refusal, lang).0
}

fn halves(refusal: &Refusal, lang: Lang) -> Halves {
    match refusal {
        Refusal::Setting(one) => in_one_setting(one, lang),
        Refusal::Rules(one) => between_settings(one, lang),
        Refusal::Inputs(one) => of_what_to_read(one, lang),
        Refusal::Header(one) => of_columns(one, lang),
        Refusal::Content(one) => of_content(one, lang),
        Refusal::Earlier(one) => of_an_earlier_run(one, lang),
        Refusal::Rosters(one) => of_rosters(one, lang),
        Refusal::Grave(one) => super::graves::of_grave(one, lang),
        Refusal::CommandLine(slip) => of_the_command_line(slip, lang),
    }
}

/// Mistakes in one setting of the pipeline file.
fn in_one_setting(one: &WrongSetting, lang: Lang) -> Halves {
    match one {
        WrongSetting::Syntax { slip, reason } => slips::of_toml(*slip, reason, lang),
        WrongSetting::UnknownKey { key, near } => (
            say!(lang, "没有名为 {key} 的设置", "there is no setting {key}"),
            match near {
                Some(near) => {
                    say!(
                        lang,
                        "是否应为 {near}？请更正，或删去此行",
                        "did you mean {near}? Correct it, or delete the line"
                    )
                }
                None => say!(
                    lang,
                    "删去此行，或对照 pipelines/template.toml 更正键名",
                    "delete the line, or look the key up in pipelines/template.toml"
                ),
            },
        ),
        WrongSetting::MissingKey { table, key } => halves! { lang,
            "[{table}] 缺少必填设置 {key}", "[{table}] lacks the setting {key}";
            "在 [{table}] 下补写 {key} = …", "add {key} = … under [{table}]";
        },
        WrongSetting::UnknownWord { key, word, known } => (
            say!(
                lang,
                "{key} 的值“{word}”不在可选范围内",
                "{key} does not know the word \"{word}\""
            ),
            {
                let known = listed(known, lang);
                say!(lang, "改为下列之一：{known}", "use one of: {known}")
            },
        ),
        WrongSetting::Empty { key } => halves! { lang,
            "{key} 为空", "{key} is empty";
            "填写 {key}，不需要时删去此行", "fill in {key}, or delete the line where it is not needed";
        },
        WrongSetting::BadDate { key, text } => halves! { lang,
            "{key} 的日期“{text}”不存在", "{key}: there is no day \"{text}\"";
            "按 2022-02-28 的格式填写实际存在的日期", "write a day of the calendar as 2022-02-28";
        },
        WrongSetting::Backwards { key } => halves! { lang,
            "{key} 的截止日期早于起始日期", "{key} ends before it begins";
            "核对 from 和 to，必要时互换", "check from and to; swap them if need be";
        },
        WrongSetting::BadShare { key, text } => halves! { lang,
            "{key} 的比例“{text}”不在 0%–100% 之间", "{key}: \"{text}\" is no share between 0% and 100%";
            "写成 \"95%\" 的形式", "write it as \"95%\"";
        },
        WrongSetting::BadAmount { key, text } => halves! { lang,
            "{key} 的金额“{text}”无效", "{key}: \"{text}\" is no valid amount";
            "金额以元为单位，不得为负，最多两位小数，资助不得高于缴费标准", "amounts are in yuan, not negative, with at most two decimals, and no grant exceeds the premium";
        },
        WrongSetting::BadPattern { key, text } => halves! { lang,
            "{key} 的匹配式“{text}”无法识别", "{key}: the pattern \"{text}\" cannot be read";
            "files 用 * 和 ? 匹配文件名，batch 用正则表达式，如 \"_(\\d{{8}})\"", "files take * and ?; batch takes a regular expression such as \"_(\\d{{8}})\"";
        },
    }
}

/// Mistakes that only two settings, or the scheme as a whole, show.
fn between_settings(one: &WrongRules, lang: Lang) -> Halves {
    match one {
        WrongRules::SumMismatch {
            category,
            pays_fen,
            grant_fen,
            premium_fen,
        } => {
            let (pays, grant, premium) = (
                yuan_text(*pays_fen),
                yuan_text(*grant_fen),
                yuan_text(*premium_fen),
            );
            let sum = yuan_text(pays_fen + grant_fen);
            halves! { lang,
                "“{category}”个人缴 {pays} 元加资助 {grant} 元等于 {sum} 元，与缴费标准 {premium} 元不符", "\"{category}\": pays {pays} plus grant {grant} is {sum} yuan, not the premium of {premium}";
                "对照文件核实 pays 和 grant，二者之和应等于缴费标准", "check pays and grant against the notice: together they are the premium";
            }
        }
        WrongRules::Repeated { key, word } => halves! { lang,
            "{key} 中“{word}”重复声明", "{key} declares \"{word}\" twice";
            "只保留一处", "keep one of them";
        },
        WrongRules::PrimaryCount { found } => halves! { lang,
            "应有且只有一个主要指标（primary = true），实有 {found} 个", "exactly one rate is primary; here there are {found}";
            "在用于排名的那个 [[coverage.rate]] 下写 primary = true，其余删去", "write primary = true under the one [[coverage.rate]] that ranks, and nowhere else";
        },
        WrongRules::CountsBesidePayment => halves! { lang,
            "insured-when = \"paid\"（缴费才算参保），主要指标却按登记计（count = \"registered\"）：同一个率在进度表和考核表上会得出两个结论", "insured-when = \"paid\", but the primary rate counts registrations: the progress table and the assessment would say two things of one rate";
            "把主要指标改为 count = \"paid\"；登记数如需列出，另写一个不带 primary 的 [[coverage.rate]]", "make the primary rate count = \"paid\"; registrations can have a [[coverage.rate]] of their own that is not primary";
        },
        WrongRules::UnknownCategory { key, word } => halves! { lang,
            "{key} 引用了未声明的类别“{word}”", "{key} names the category \"{word}\", which nothing declares";
            "更正名称，或用 [[subsidy]] 声明该类别", "correct the name, or declare the category with [[subsidy]]";
        },
        WrongRules::Contradiction { first, second } => halves! { lang,
            "两项规定互相矛盾：{first}；{second}", "two rules exclude each other: {first}; {second}";
            "对照文件保留其中一项", "keep the one that the notice has";
        },
    }
}

/// The earlier run that `--since` names.
fn of_an_earlier_run(one: &WrongEarlier, lang: Lang) -> Halves {
    match one {
        WrongEarlier::EarlierMissing { file } => {
            let file = file.display();
            halves! { lang,
                "上期报表中没有 {file}", "the earlier report has no {file}";
                "--since 应指向一次完整运行的报表文件夹，如 reports/<方案>/2022-03-24（其中有 manifest.json 和 data/coverage.csv）", "--since takes the whole report folder of a run, such as reports/<pipeline>/2022-03-24, with manifest.json and data/coverage.csv";
            }
        }
        WrongEarlier::EarlierBroken { file, line, what } => {
            let (file, at) = (file.display(), line);
            let advice = say!(
                lang,
                "报表的数据文件不要手工改动；请重新运行上一期，再作比较",
                "data files of a report are not edited by hand; run the earlier issue again"
            );
            let said = if *line == 0 {
                say!(
                    lang,
                    "上期报表 {file} 读不懂：{what}",
                    "the earlier report's {file} cannot be understood: {what}"
                )
            } else {
                say!(
                    lang,
                    "上期报表 {file} 第 {at} 行读不懂：{what}",
                    "the earlier report's {file}, line {at}, cannot be understood: {what}"
                )
            };
            (said, advice)
        }
        WrongEarlier::EarlierNotAssessed { file, level } => {
            let (file, level) = (file.display(), short_level(*level, lang));
            halves! { lang,
                "上期报表没有分{level}的考核数据 {file}；登记人数不能与已缴费人数相比", "the earlier report has no assessment by {level} in {file}; registrations cannot be compared with payments";
                "用本方案重新运行上一期，再作比较；或去掉 --since", "run the earlier issue again with this pipeline, or leave --since out";
            }
        }
        WrongEarlier::EarlierLacks { file, code, name } => {
            let file = file.display();
            halves! { lang,
                "上期报表 {file} 不完整：没有 {name}（{code}）", "the earlier report's {file} is broken: it lacks {name} ({code})";
                "报表的数据文件不要手工改动；区划表改过的，也请重新运行上一期，再作比较", "data files of a report are not edited by hand; run the earlier issue again, also where the region table has changed";
            }
        }
        WrongEarlier::EarlierOfAnother {
            folder,
            found,
            wanted,
        } => {
            let folder = folder.display();
            halves! { lang,
                "{folder} 是方案 {found} 的报表，不是 {wanted} 的", "{folder} is a report of the pipeline {found}, not of {wanted}";
                "--since 指向同一方案的上一期报表", "let --since name an earlier report of the same pipeline";
            }
        }
        WrongEarlier::EarlierIsNot {
            folder,
            found,
            as_of,
        } => {
            let folder = folder.display();
            halves! { lang,
                "{folder} 的统计截止日期是 {found}，不早于本期的 {as_of}", "{folder} speaks of {found}, which is not before this run's {as_of}";
                "--since 指向更早一期的报表，或用 --as-of 写明本期日期", "let --since name an earlier report, or state this run's day with --as-of";
            }
        }
        WrongEarlier::NothingToCompare { pipeline } => {
            let pipeline = pipeline.display();
            halves! { lang,
                "{pipeline} 没有 [assessment]，--since 没有可比较的表", "{pipeline} has no [assessment]: there is no table for --since to compare";
                "去掉 --since，或对照 pipelines/template.toml 写上 [assessment]", "leave --since out, or write [assessment] after pipelines/template.toml";
            }
        }
    }
}

/// The pipeline, its region table and the inputs.
fn of_what_to_read(one: &WrongInputs, lang: Lang) -> Halves {
    match one {
        WrongInputs::PipelineUnreadable { path, reason } => {
            let (path, reason) = (path.display(), plainly(reason, lang));
            halves! { lang,
                "方案文件 {path} 打不开：{reason}", "the pipeline file {path} cannot be read: {reason}";
                "核对路径；方案文件通常在 pipelines 文件夹下", "check the path; pipelines usually lie in the folder pipelines";
            }
        }
        WrongInputs::RegionTable {
            path,
            line: 0,
            wrong,
        } => {
            let (path, reason) = (path.display(), slips::of_regions(wrong, lang));
            halves! { lang,
                "区划表 {path} 打不开：{reason}", "region table {path} cannot be read: {reason}";
                "把区划表放到该处，或在 [scheme] 下用 regions = \"文件\" 指明", "put the table there, or name it under [scheme] with regions = \"file\"";
            }
        }
        WrongInputs::RegionTable { path, line, wrong } => {
            let (path, reason) = (path.display(), slips::of_regions(wrong, lang));
            halves! { lang,
                "区划表 {path} 第 {line} 行有误：{reason}", "region table {path}, line {line}: {reason}";
                "按 code,name,level,parent,alias,unit 六列更正区划表", "correct the table; its columns are code,name,level,parent,alias,unit";
            }
        }
        WrongInputs::RegionNotInTable { code } => halves! { lang,
            "区划表中没有本方案的统计地区 {code}", "the scheme's region {code} is not in its region table";
            "更正 region，或在区划表中补充该地区", "correct region, or add it to the table";
        },
        WrongInputs::RegionNotHere { code, scheme, near } => {
            let near = listed(near, lang);
            halves! { lang,
                "--region：{scheme}的区划表中没有代码“{code}”", "--region: no region of {scheme} has the code \"{code}\"";
                "填写区划表中的代码，如：{near}；不加 --region 则出全部地区", "take a code of the region table, such as: {near}; without --region all regions are printed";
            }
        }
        WrongInputs::NoMatchingFile {
            source,
            patterns,
            folder,
        } => {
            let (label, code, folder) = (source.label(lang), source.code(), folder.display());
            let patterns = listed(patterns, lang);
            halves! { lang,
                "{folder} 中没有“{label}”（{code}）的文件，应匹配：{patterns}", "{folder} holds no file of {label} ({code}); looked for: {patterns}";
                "把导出文件放入该文件夹，或修改 [sources.{code}] 的 files；本期没有的写 required = false", "put the export there, or change files under [sources.{code}]; write required = false if there is none this time";
            }
        }
        WrongInputs::NoInputs { folder } => {
            let folder = folder.display();
            halves! { lang,
                "数据文件夹 {folder} 不存在", "the folder of inputs {folder} is not there";
                "用 --inputs 指定文件夹，或更正方案文件的 inputs", "name it with --inputs, or correct inputs in the pipeline";
            }
        }
        WrongInputs::InputsAreAFile { file } => {
            let (file, folder) = (
                file.display(),
                file.parent().map(|folder| folder.display().to_string()),
            );
            let folder = folder
                .filter(|text| !text.is_empty())
                .unwrap_or_else(|| ".".to_owned()); // a bare file name lies in the current folder
            halves! { lang,
                "数据文件夹 {file} 是文件，不是文件夹", "the folder of inputs {file} is a file, not a folder";
                "写它所在的文件夹，如 --inputs {folder}；要读哪些文件由方案的 files 决定", "name the folder it lies in, as in --inputs {folder}; the pipeline's files says which files are read";
            }
        }
        WrongInputs::FileClaimedTwice {
            file,
            first,
            second,
        } => {
            let (a, b) = (first.label(lang), second.label(lang));
            halves! { lang,
                "文件 {file} 同时匹配“{a}”和“{b}”", "the file {file} matches both {a} and {b}";
                "修改其中一个来源的 files，使每个文件只属于一个来源", "narrow files of one of them: a file belongs to one source";
            }
        }
    }
}

/// Headers that are not there, or too many.
fn of_columns(one: &WrongHeader, lang: Lang) -> Halves {
    match one {
        WrongHeader::NoHeader {
            file,
            sheet,
            missing,
        } => {
            let (at, missing) = (in_file(file, sheet, lang), fields(missing, lang));
            let said = halves! { lang,
                "{at}找不到表头，缺少：{missing}", "{at}: no header row found; missing: {missing}";
                "确认文件无误；没有表头的补上表头；列名特殊的，在该来源的 columns 中声明", "make sure that this is the right file; put a header where there is none; declare unusual headers under columns of its source";
            };
            or_leave_out(said, sheet, lang)
        }
        WrongHeader::UnknownColumn {
            file,
            sheet,
            row,
            field,
            headers,
        } => {
            let (at, headers) = (in_file(file, sheet, lang), told_all(headers, lang));
            let (label, code) = (field.label(lang), field.code());
            let said = halves! { lang,
                "{at}第 {row} 行表头中没有“{label}”列，现有：{headers}", "{at}, header in row {row}: no column of {label}; there are: {headers}";
                "补充该列重新导出，或在 columns 中写 {code} = \"实际列名\"", "export again with it, or write {code} = \"its header\" under columns";
            };
            or_leave_out(said, sheet, lang)
        }
        WrongHeader::DeclaredColumnMissing {
            file,
            sheet,
            field,
            header,
            headers,
        } => {
            let (at, headers) = (in_file(file, sheet, lang), told_all(headers, lang));
            let code = field.code();
            halves! { lang,
                "{at}没有 columns 中声明的列“{header}”（{code}），现有：{headers}", "{at}: columns declares \"{header}\" for {code}, but there are: {headers}";
                "把 {code} 改为实际列名，或删去此项", "correct the header of {code}, or delete the entry";
            }
        }
        WrongHeader::ColumnAmbiguous {
            file,
            sheet,
            row,
            field,
            headers,
        } => {
            let (at, headers) = (in_file(file, sheet, lang), told_all(headers, lang));
            let (label, code) = (field.label(lang), field.code());
            let said = halves! { lang,
                "{at}有多列可作“{label}”，第 {row} 行起内容不一致：{headers}", "{at}: several columns could be {label}, and they differ from row {row} on: {headers}";
                "在 columns 中写 {code} = \"要用的列名\"（列名相同时写 \"上级/下级\" 或列标 \"C列\"）", "write {code} = \"the header to use\" under columns (\"upper/lower\" or \"$C\" where headers are alike)";
            };
            or_leave_out(said, sheet, lang)
        }
        WrongHeader::NoMatchingSheet {
            file,
            patterns,
            sheets,
        } => {
            let (patterns, sheets) = (listed(patterns, lang), listed(sheets, lang));
            halves! { lang,
                "{file} 中没有 sheets 所写的工作表（{patterns}），现有：{sheets}", "{file} has no sheet that sheets asks for ({patterns}); there are: {sheets}";
                "更正该来源的 sheets，或删去此行以读取全部工作表", "correct sheets of the source, or delete the line to read every sheet";
            }
        }
        WrongHeader::PeopleBeside {
            file,
            sheet,
            row,
            headers,
        } => {
            let (at, headers) = (in_file(file, sheet, lang), told_all(headers, lang));
            halves! { lang,
                "{at}一行中有不止一人（如第 {row} 行），只取一人会漏掉其余：{headers}", "{at}: several people stand in one row (row {row}, say), and reading one would lose the others: {headers}";
                "在该来源下写 unpivot = [\"name\", \"id\"]（列出每人各有一列的字段），逐人展开；已写 unpivot 的，在表头写明各列属于第几人（如 姓名1、身份证号1）；若只用其中一列，在 columns 中写 id = \"C列\" 等", "write unpivot = [\"name\", \"id\"] for the source, with every field that stands once a person; where it is written already, number the headers by person; to use one column only, write id = \"$C\" and so on under columns";
            }
        }
    }
}

/// Files that hold nothing, or nothing that can be read.
fn of_content(one: &WrongContent, lang: Lang) -> Halves {
    match one {
        WrongContent::EmptySheet { file, sheet } => {
            let at = in_file(file, sheet, lang);
            halves! { lang,
                "{at}没有数据", "{at}: no rows";
                "重新导出，或把空文件移出数据文件夹", "export again, or move the empty file away";
            }
        }
        WrongContent::Undecodable { file, row } => halves! { lang,
            "{file} 第 {row} 行有无法识别的字符编码", "{file}, row {row}: bytes of no known encoding";
            "文件可能已损坏，请重新导出，存为 UTF-8 或 GB18030（GBK）编码", "the file may be damaged: export again as UTF-8 or GB18030 (GBK)";
        },
        WrongContent::UndecodableTexts { file } => halves! { lang,
            "{file} 中有文字不是 UTF-8 编码", "{file} holds texts that are not UTF-8";
            "请导出方按 UTF-8 重新写 parquet，或改用 csv（可用 GB18030）导出", "have the parquet file written with UTF-8 texts, or export it as csv (GB18030 will do)";
        },
        WrongContent::UnclosedQuote { file, row } => halves! { lang,
            "{file} 第 {row} 行的双引号没有配对", "{file}, row {row}: a quote that never closes";
            "补齐或删去该引号，或改用 xlsx 重新导出", "close or delete the quote, or export again as xlsx";
        },
        WrongContent::LongCell { file, row, limit } => {
            let limit = grouped(*limit);
            halves! { lang,
                "{file} 第 {row} 行有一格超过 {limit} 字，不是正常的数据", "{file}, row {row}: a cell of more than {limit} letters";
                "请导出方检查这一行，重新导出", "have whoever exported it look at this row and export it again";
            }
        }
        WrongContent::Glued { file, row } => halves! { lang,
            "{file} 第 {row} 行后面紧接着另一份文件的表头，两份文件拼接时缺少换行", "{file}, row {row}: the header of another file follows in the same row, two files were joined without a line end";
            "不要拼接，把原来的两份文件分别放入数据文件夹；或在该处补上换行", "put the two files into the folder as they were, or break the row there";
        },
        WrongContent::WrongKind { file, found } if is_archive(found) => halves! { lang,
            "{file} 是压缩包（{found}），不能直接读取", "{file} is an archive ({found}), which is not read as it is";
            "先解压，把里面的表放入数据文件夹，再移走压缩包", "unpack it, put its tables into the folder, and move the archive away";
        },
        WrongContent::WrongKind { file, found } => halves! { lang,
            "{file} 的实际内容是 {found}，不能读取", "{file} really holds {found}, which cannot be read";
            "在 Excel 或 WPS 中打开，另存为 xlsx 或 csv", "open it in Excel or WPS and save it as xlsx or csv";
        },
        WrongContent::Password { file } => halves! { lang,
            "{file} 设有打开密码", "{file} asks for a password";
            "在 Excel 或 WPS 中取消密码后另存", "take the password off in Excel or WPS and save it";
        },
        WrongContent::Inflates {
            file,
            part,
            limit_mib,
        } => halves! { lang,
            "{file} 解压后过大：{part} 超过 {limit_mib} MiB，远超正常工作簿", "{file} is far larger inside than a workbook is: {part} inflates beyond {limit_mib} MiB";
            "来历不明的不要打开；确属业务数据的，只留所需的行和列另存，或拆成几个文件，或改用 csv 重新导出", "do not open it if you do not know where it comes from; else keep only the rows and columns needed, split it, or export it as csv";
        },
        WrongContent::BeyondMemory { file, allowed_mib } => halves! { lang,
            "{file} 展开后超过 {allowed_mib} MiB，内存上限（--memory）容不下", "{file} holds more than {allowed_mib} MiB once it is decoded: too much for --memory";
            "来历不明的不要打开；确属业务数据的，加大 --memory，或只留所需的行和列、按较小的行组另存，或改用 csv 重新导出", "do not open it if you do not know where it comes from; else give more --memory, keep only the rows and columns needed, write smaller row groups, or export it as csv";
        },
        WrongContent::TooManyMerges { file, sheet, limit } => {
            let (at, millions) = (in_file(file, sheet, lang), limit >> 20);
            halves! { lang,
                "{at}合并的单元格超过 {millions} 百万个，不是正常的表格", "{at}: more than {millions} million merged cells, which no table has";
                "来历不明的不要打开；确属业务数据的，取消合并后另存，或改用 csv 重新导出", "do not open it if you do not know where it comes from; else unmerge the cells and save it again, or export it as csv";
            }
        }
        WrongContent::TooManyParts { file, limit } => halves! { lang,
            "{file} 内部的部件超过 {limit} 个，不是正常的工作簿", "{file} holds more than {limit} parts, which no workbook does";
            "来历不明的不要打开；确属业务数据的，删去图片和附件另存，或改用 csv 重新导出", "do not open it if you do not know where it comes from; else delete pictures and attachments, or export it as csv";
        },
        WrongContent::Scattered { file, sheet } => {
            let at = in_file(file, sheet, lang);
            halves! { lang,
                "{at}中的单元格过于分散，绝大部分是空白", "{at}: the cells lie too far apart, almost all between them is blank";
                "删去表格右侧远处的零散内容（按 Ctrl+End 查看最远处），另存后再试", "delete what stands far to the right of the table (Ctrl+End shows the farthest cell) and save again";
            }
        }
        WrongContent::TooManyColumns { file, row, limit } => halves! { lang,
            "{file} 第 {row} 行的列数超过 {limit}，不是正常的表格", "{file}, row {row}: more than {limit} columns, which no table has";
            "检查该行是否缺少换行或有多余的分隔符，改正或重新导出", "see whether the row lacks line breaks or has needless separators, correct it or export again";
        },
        WrongContent::TooManyCells { file, sheet, limit } => {
            too_many_cells((file, sheet), *limit, lang)
        }
        WrongContent::TooManySheets { file, limit } => halves! { lang,
            "{file} 的工作表（网页为表格）超过 {limit} 个，不是正常的工作簿", "{file} holds more than {limit} sheets (of a web page: tables), which no workbook does";
            "来历不明的不要打开；确属业务数据的，另存为 xlsx 或 csv，或分成几个文件", "do not open it if you do not know where it comes from; else save it as xlsx or csv, or as several files";
        },
        WrongContent::TooMuchText { file, sheet, limit } => {
            let (at, mebibytes) = (in_file(file, sheet, lang), limit >> 20);
            halves! { lang,
                "{at}文字过多，超出这种格式的上限（{mebibytes} MB，重复的行逐行计算）", "{at}: too much text for this kind of file (the limit is {mebibytes} MB, every repeated row counted)";
                "删去数据区以外的内容和整行重复的长文字，或另存为 xlsx 或 csv", "delete what lies outside the table and long texts that repeat, or save it as xlsx or csv";
            }
        }
        WrongContent::TooLarge { file, limit } => too_large(file, *limit, lang),
    }
}

/// More cells than a form of file is read with.
fn too_many_cells((file, sheet): (&str, &str), limit: u64, lang: Lang) -> Halves {
    let (at, ten_thousands, millions) = (
        in_file(file, sheet, lang),
        limit / 10_000,
        limit / 1_000_000,
    );
    halves! { lang,
        "{at}单元格过多，超出这种格式的上限（{ten_thousands} 万个）", "{at}: too many cells for this kind of file (the limit is {millions} million)";
        "删去数据区以外的内容，或另存为 xlsx 或 csv", "delete what lies outside the table, or save it as xlsx or csv";
    }
}

/// A file beyond what its form is read with.
fn too_large(file: &str, limit: u64, lang: Lang) -> Halves {
    let mebibytes = limit >> 20;
    halves! { lang,
        "{file} 过大，超出这种格式的上限（{mebibytes} MB）", "{file} is too large for this kind of file (the limit is {mebibytes} MB)";
        "另存为 xlsx 或 csv，或分成几个文件", "save it as xlsx or csv, or as several files";
    }
}

/// What was typed.
fn of_the_command_line(slip: &Slip, lang: Lang) -> Halves {
    let see_help = || {
        say!(
            lang,
            "各项说明见 canbao --help",
            "canbao --help explains them all"
        )
    };
    let correct = |near: &str| {
        say!(
            lang,
            "是否应为 {near}？请更正",
            "did you mean {near}? Correct it"
        )
    };
    match slip {
        Slip::NoCommand { known } => {
            let (known, help) = (listed(known, lang), see_help());
            halves! { lang,
                "没有写要执行的命令", "no command was given";
                "在 canbao 后写下列之一：{known}；{help}", "write one of these after canbao: {known}; {help}";
            }
        }
        Slip::UnknownCommand { typed, near, known } => (
            say!(
                lang,
                "没有名为“{typed}”的命令",
                "there is no command \"{typed}\""
            ),
            near.as_deref().map_or_else(
                || {
                    let known = listed(known, lang);
                    say!(lang, "改为下列之一：{known}", "use one of: {known}")
                },
                correct,
            ),
        ),
        Slip::UnknownOption { typed, near } => (
            say!(
                lang,
                "没有名为 {typed} 的选项",
                "there is no option {typed}"
            ),
            near.as_deref().map_or_else(
                || {
                    let help = see_help();
                    say!(lang, "更正或删去它；{help}", "correct or delete it; {help}")
                },
                correct,
            ),
        ),
        Slip::Surplus { typed } => halves! { lang,
            "多写了“{typed}”", "\"{typed}\" is one word too many";
            "删去它；路径中有空格的，整个路径加双引号", "delete it; put a path with blanks in double quotes";
        },
        Slip::Missing { names } => {
            let (names, help) = (listed(names, lang), see_help());
            halves! { lang,
                "缺少必填内容：{names}", "something is missing: {names}";
                "按用法补上；{help}", "add it as the usage shows; {help}";
            }
        }
        Slip::NoValue { option } => halves! { lang,
            "{option} 没有写值", "{option} has no value";
            "在它后面补写值，不需要时删去", "write its value after it, or delete it";
        },
        Slip::BadChoice {
            option,
            typed,
            known,
        } => {
            let known = listed(known, lang);
            halves! { lang,
                "{option} 的值“{typed}”不在可选范围内", "{option} does not take \"{typed}\"";
                "改为下列之一：{known}", "use one of: {known}";
            }
        }
        Slip::BadNumber {
            option,
            typed,
            least,
        } => halves! { lang,
            "{option} 的值“{typed}”无效", "{option} does not take \"{typed}\"";
            "写一个不小于 {least} 的整数，只用阿拉伯数字", "write a whole number, {least} or more, in digits only";
        },
        Slip::BadSize { option, typed } => halves! { lang,
            "{option} 的值“{typed}”无效", "{option} does not take \"{typed}\"";
            "写一个整数加单位，如 4GiB、512MiB", "write a whole number with its unit, such as 4GiB or 512MiB";
        },
        Slip::Twice { option } => halves! { lang,
            "{option} 写了不止一次", "{option} stands there more than once";
            "只保留一处", "keep one of them";
        },
        Slip::Other { reason } => halves! { lang,
            "命令无法理解：{reason}", "the command line is not understood: {reason}";
            "按用法更正；运行 canbao --help 查看说明", "correct it as the usage shows; see canbao --help";
        },
    }
}

/// The same, and how to leave the sheet out, where it is one of a workbook.
fn or_leave_out((wrong, advice): Halves, sheet: &str, lang: Lang) -> Halves {
    if sheet.is_empty() {
        return (wrong, advice);
    }
    let advice = say!(
        lang,
        "{advice}；不应读取此工作表的，在该来源下写 sheets = [\"要读的工作表名\"]（可用 *）",
        "{advice}; to leave this sheet out, write sheets = [\"names of the sheets to read\"] for the source (* allowed)"
    );
    (wrong, advice)
}

/// `名册.xlsx（工作表 Sheet1）`, ready for the sentence that follows it.
fn in_file(file: &str, sheet: &str, lang: Lang) -> String {
    if sheet.is_empty() {
        return say!(lang, "{file} ", "{file}");
    }
    say!(
        lang,
        "{file} 的工作表“{sheet}”",
        "{file}, sheet \"{sheet}\""
    )
}

fn fields(fields: &[Field], lang: Lang) -> String {
    let words: Vec<&str> = fields.iter().map(|f| f.label(lang)).collect();
    words.join(lang.pick("、", ", "))
}

/// Lists that did not arrive whole.
fn of_rosters(one: &WrongRosters, lang: Lang) -> Halves {
    match one {
        WrongRosters::RosterShrunk {
            files,
            before_files,
            now,
            before,
            limit,
        } => {
            let (files, before_files) = (listed(files, lang), listed(before_files, lang));
            let files = if files.is_empty() {
                lang.pick("（无文件）", "(no file)").to_owned()
            } else {
                files
            };
            let (now, before) = (grouped(*now), grouped(*before));
            halves! { lang,
                "名册人数骤减：{files} 只有 {now} 人，上一批 {before_files} 有 {before} 人，不足 {limit}", "a roster shrank: {files} has {now} person(s), the batch before it ({before_files}) {before}: less than {limit}";
                "请主管部门报送全量名册；确属核减的，请其书面说明，再按说明的人数调低 [sources.rosters] 的 shrink-limit", "have the department send the full list; if it did shrink, have that in writing, and set shrink-limit of [sources.rosters] to what the writing says";
            }
        }
        WrongRosters::RosterBlank {
            files,
            blank,
            rows,
            limit,
        } => {
            let (files, blank, rows) = (listed(files, lang), grouped(*blank), grouped(*rows));
            halves! { lang,
                "名册缺证件号码的行过多：{files} 共 {rows} 行，其中 {blank} 行没有号码，超过 {limit}", "too many rows without a number: {blank} of {rows} in {files}, more than {limit}";
                "请主管部门补齐号码后报送全量名册；确需照此运行的，本次把 [sources.rosters] 的 blank-limit 改大", "have the department send the full list with numbers; to run all the same, raise blank-limit of [sources.rosters] for this run";
            }
        }
    }
}

/// Kinds of files that hold other files.
fn is_archive(found: &str) -> bool {
    matches!(found, "zip" | "rar" | "7z" | "gzip")
}
