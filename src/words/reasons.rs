//! What a machine says, as a clerk would say it.

use super::Lang;

/// What a machine says, as a clerk would say it; what has no such words stays, without anything as long as an identity number.
pub(super) fn plainly(reason: &str, lang: Lang) -> String {
    let known = [
        ("No such file or directory", "找不到文件"),
        ("Permission denied", "没有权限"),
        ("Not a directory", "路径中有一段是文件，不是文件夹"),
        ("not a directory", "路径中有一段是文件，不是文件夹"),
        ("Is a directory", "这是文件夹，不是文件"),
        ("Read-only file system", "磁盘为只读"),
        ("File name too long", "文件名过长"),
        ("invalid utf-8", "不是 UTF-8 编码"),
        ("no text on line", "编码无法识别，请另存为 UTF-8 或 GBK"),
        (
            "a pipe, a socket or a device",
            "不是普通文件（是管道、套接字或设备），没有打开",
        ),
        ("the reader gave up", "内容不合格式，无法解析"),
    ];
    match (
        lang,
        known.iter().find(|(english, _)| reason.contains(english)),
    ) {
        (Lang::Zh, Some((_, chinese))) => (*chinese).to_owned(),
        _ => without_numbers(reason),
    }
}

/// Identity numbers have 15 or 18 digits, telephone numbers 11, dates 8.
const LONGEST_SHOWN: usize = 8;

pub(super) fn without_numbers(reason: &str) -> String {
    let mut shown = String::new();
    let mut digits = String::new();
    for c in reason.chars().chain(['\0']) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        shown += if digits.len() > LONGEST_SHOWN {
            "***"
        } else {
            &digits
        };
        digits.clear();
        shown.extend((c != '\0').then_some(c));
    }
    shown
}
