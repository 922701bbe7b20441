//! Faults: what the machine did. Two halves each, and a word that older reports are untouched.

use super::complaints::complaint;
use super::reasons::{plainly, without_numbers};
use super::{Halves, Lang, halves, say};
use crate::domain::fault::Complaints;
use crate::domain::{Damage, Fault};

/// One fault for people. Several lines, no newline at the end.
pub fn fault(fault: &Fault, lang: Lang) -> String {
    let (what, advice) = halves(fault, lang);
    say!(
        lang,
        "错误：{what}\n  处理：{advice}\n  原有报表未作改动。",
        "Error: {what}\n  what to do: {advice}\n  Older reports are untouched."
    )
}

fn halves(fault: &Fault, lang: Lang) -> Halves {
    match fault {
        Fault::Unreadable { file, reason } => {
            let reason = plainly(reason, lang);
            halves! { lang,
                "文件 {file} 无法读取：{reason}", "the file {file} cannot be read: {reason}";
                "确认文件存在、有读取权限且未损坏，必要时重新导出", "make sure that it is there, may be read and is whole; export it again if need be";
            }
        }
        Fault::Unlistable { folder, reason } => {
            let (folder, reason) = (folder.display(), plainly(reason, lang));
            halves! { lang,
                "文件夹 {folder} 无法打开：{reason}，不知道里面有什么", "the folder {folder} cannot be listed: {reason}; nobody knows what lies in it";
                "请管理员开放读取权限；与对账无关的文件夹，移到数据文件夹之外", "have its owner give leave to read it; move it out of the inputs where it has nothing to do with them";
            }
        }
        Fault::Truncated { file } => halves! { lang,
            "文件不完整（中途截断）：{file}，可能没有下载或复制完", "a truncated file: {file} ends in the middle, perhaps it was not downloaded or copied to its end";
            "重新导出、下载或复制该文件", "export, download or copy it again";
        },
        Fault::BrokenWorkbook {
            file,
            sheet,
            damage,
            ..
        } => {
            let reason = broken(*damage, lang);
            let at = if sheet.is_empty() {
                file.clone()
            } else {
                say!(
                    lang,
                    "{file} 的工作表“{sheet}”",
                    "{file}, sheet \"{sheet}\""
                )
            };
            halves! { lang,
                "工作簿已损坏：{at}（{reason}）", "a broken workbook: {at} ({reason})";
                "在 Excel 或 WPS 中打开并另存，打不开的重新导出", "open it in Excel or WPS and save it again; if that fails, export it again";
            }
        }
        Fault::Unwritable { path, reason } => {
            let (path, reason) = (path.display(), plainly(reason, lang));
            halves! { lang,
                "{path} 无法写入：{reason}", "{path} cannot be written: {reason}";
                "检查该文件夹的写入权限，或用 --out 另选文件夹", "check the folder's permissions, or choose another with --out";
            }
        }
        Fault::DiskFull { path } => {
            let path = path.display();
            halves! { lang,
                "磁盘空间不足，{path} 未能写完", "the disk is full: {path} could not be written";
                "清理磁盘空间，或用 --out 换到其他磁盘", "make room, or choose another disk with --out";
            }
        }
        Fault::OutputLocked { path, pending } => {
            let (path, pending) = (path.display(), pending.display());
            halves! { lang,
                "{path} 中有文件正在 Excel 或 WPS 中打开，新报表暂存于 {pending}", "a file in {path} is open in Excel or WPS; the new reports stand in {pending}";
                "关闭 {path} 中打开的文件，再运行一次", "close the files of {path} and run again";
            }
        }
        Fault::Several { faults } => {
            let (what, mut advice): (Vec<String>, Vec<String>) =
                faults.iter().map(|one| halves(one, lang)).unzip();
            advice.dedup(); // one piece of advice for all files of a kind
            let together = |texts: Vec<String>| texts.join(lang.pick("；", "; "));
            (together(what), together(advice))
        }
        Fault::Busy { path } => {
            let path = path.display();
            halves! { lang,
                "另一个 canbao 正在向 {path} 写报表", "another canbao is writing reports into {path}";
                "等它结束后再运行，或用 --out 另选文件夹", "wait until it has ended, or choose another folder with --out";
            }
        }
    }
}

/// What is broken. Exhaustive: a new kind does not compile until it has its words.
fn broken(damage: Damage, lang: Lang) -> &'static str {
    let (chinese, english) = match damage {
        Damage::CutOff => (
            "内容不完整，可能没有下载或复制完",
            "it ends in the middle; perhaps it was not copied to its end",
        ),
        Damage::BadArchive => (
            "文件的内部结构已损坏，可能没有下载或复制完",
            "damaged container; perhaps it was not copied to its end",
        ),
        Damage::BadPart => (
            "压缩内容已损坏，可能没有下载或复制完",
            "packed content is damaged; perhaps it was not copied to its end",
        ),
        Damage::DoubledPart => (
            "内部有两个同名的部件，无法确定以哪个为准",
            "two of its parts have one name, and nothing says which one counts",
        ),
        Damage::MissingPart => (
            "工作簿或工作表的内容不在文件中",
            "the workbook or a sheet is not in the file",
        ),
        Damage::BadXml => ("文件的内部结构不合格式", "its XML is not well-formed"),
        Damage::TooDeep => (
            "内容嵌套过深，不是正常的工作簿",
            "elements lie in each other deeper than in any workbook",
        ),
        Damage::UnknownEntity => ("有文件自行定义的字符代号", "it uses an entity of its own"),
        Damage::BadLetters => ("有无法识别的字符编码", "some bytes are no letters"),
        Damage::ShortRecord => ("有残缺的记录", "a record is too short"),
        Damage::LongRecord => (
            "有超长记录，不是正常的工作簿",
            "a record is longer than any",
        ),
        Damage::LongText => (
            "有超长文本，不是正常的工作表",
            "a text is longer than any cell may hold",
        ),
        Damage::TooManySharedTexts => (
            "共享文本的数目与内容不符",
            "it claims more shared texts than it holds",
        ),
        Damage::NoSharedText => (
            "单元格指向不存在的共享文本",
            "a cell names a shared text that is not there",
        ),
        Damage::RowsOutOfOrder => ("行的先后顺序混乱", "its rows go backwards"),
        Damage::DoubledPlace => (
            "有两行行号相同，或两个单元格占同一个位置",
            "two rows of one number, or two cells in one place",
        ),
        Damage::CellOutside => (
            "有单元格超出工作表的范围",
            "a cell lies outside of any sheet",
        ),
        Damage::NoPlace => (
            "有行或单元格未注明位置",
            "a row or cell does not say where it stands",
        ),
        Damage::UnknownCell => ("有无法识别的单元格内容", "a cell is of no known kind"),
        Damage::Nameless => ("有工作表没有名称", "a sheet has no name"),
        Damage::SameNames => ("有两个同名的工作表", "two sheets have one name"),
        Damage::SheetsOverlap => ("工作表的内容互相重叠", "sheets lie inside each other"),
        Damage::ReaderGaveUp => ("内容不合工作簿格式，无法解析", "the reader gave up"),
        Damage::Other => ("内容不合工作簿格式", "it is not as a workbook is written"),
    };
    lang.pick(chinese, english)
}

/// Any error for people, and the exit code that goes with it (docs/clerk.md#exit).
pub fn error(error: &anyhow::Error, lang: Lang) -> (String, u8) {
    if let Some(Complaints(all)) = error.downcast_ref::<Complaints>() {
        let mut texts: Vec<String> = all.iter().map(|one| complaint(one, lang)).collect();
        let count = all.len();
        // A file may be broken beside those that are wrong.
        texts.extend(
            error
                .downcast_ref::<Fault>()
                .map(|known| fault(known, lang)),
        );
        texts.push(say!(
            lang,
            "共 {count} 处错误，未生成任何报表。",
            "{count} mistake(s); nothing was written."
        ));
        return (texts.join("\n\n"), 2);
    }
    if let Some(known) = error.downcast_ref::<Fault>() {
        return (fault(known, lang), 3);
    }
    let reason = without_numbers(&format!("{error:#}"));
    let text = say!(
        lang,
        "错误：程序未能完成：{reason}\n  处理：重试一次；仍不行的，把本提示和所用命令告知维护人员\n  原有报表未作改动。",
        "Error: the run could not be finished: {reason}\n  what to do: try again; if it happens again, send this text and the command to the maintainers\n  Older reports are untouched."
    );
    (text, 3)
}
