//! What may be told of a book's own words: a header, or the word of a category, that may be a person's name or hold a number
//! stays untold, whatever it costs in helpfulness.

use super::clues::is_han;
use crate::domain::SourceKind;
use crate::intake;

/// Digits in a row that no header has: a day has eight, and is a person's day of birth perhaps.
const MOST_DIGITS: usize = 5;

/// Family names with which names of nearly everybody begin.
const FAMILY_NAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任\
卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文樊兰施\
洪安齐庄梅辛倪温章鲁葛左俞毕柏关翟聂焦岳殷苗盛凌耿舒邢柳詹包费纪童欧裴席卫查屈尤车涂伍谷虞滕冉欧司诸上皇尉公仝晏宁邬\
佘尚路祝骆柯管阮蓝游蒲符褚卜饶靳路栾祁娄甘明喻闵解强柴华车隋瞿翁鄢祖桂臧蒙米闻党宫丛巫苟敖边植艾麦冷刁鲍池扈燕桑";

/// What headers end in and names hardly ever do.
const ENDS: &str = "号称码期间月年时额数量率型别类址位县市区省镇乡村组社户口员费险式态况注源道否级值元照证贴卡表册地校系目程间";

/// Whether a header or a category's word may be told: it is no person's name, and no number stands in it.
pub fn is_discreet(text: &str) -> bool {
    !may_name_a_person(text)
}

/// Whether a header or a category's word may be a person's name or hold a number.
fn may_name_a_person(text: &str) -> bool {
    let digits = text.split(|c: char| !c.is_ascii_digit());
    if digits.map(str::len).max().unwrap_or(0) > MOST_DIGITS {
        return true;
    }
    if is_known(text) {
        return false;
    }
    let has_dot = text.chars().any(|c| matches!(c, '·' | '•' | '・' | '．'));
    has_dot
        || text
            .split(|c| !is_han(c))
            .any(|run| is_like_a_name(run) || follows_a_word(run))
}

/// Letters in a row that begin as names do, and do not end as words do.
fn is_like_a_name(run: &str) -> bool {
    let mut letters = run.chars();
    let begins = letters
        .next()
        .is_some_and(|first| FAMILY_NAMES.contains(first));
    begins && letters.next_back().is_some_and(|last| !ENDS.contains(last)) && !is_known(run)
}

/// A name behind a word of headers: 姓名 and then the name itself.
fn follows_a_word(run: &str) -> bool {
    let ends = run.char_indices().map(|(at, _)| at).skip(1);
    ends.into_iter().any(|at| {
        let (word, rest) = run.split_at(at);
        is_like_a_name(rest) && is_known(word)
    })
}

/// A word of headers in some book.
fn is_known(text: &str) -> bool {
    intake::is_word_of_headers(text)
        || SourceKind::ALL
            .iter()
            .any(|source| intake::meant(*source, text, 0).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_told_and_what_may_be_a_name_or_a_number_is_not() {
        for text in [
            "证件号码",
            "缴费人名称",
            "任务数",
            "单位名称",
            "高龄补贴",
            "身份号码",
            "备注",
            "2022年任务数",
            "渠道",
            "时间",
            "农村低保",
            "CLCT_FLAG",
            "",
        ] {
            assert!(is_discreet(text), "{text}");
        }
        for text in [
            "王小明",
            "欧阳娜娜",
            "人员姓名于花",
            "缴费人姓名罗佳",
            "证件号码43032119501014398X",
            "参保日期20220101",
            "阿依古丽·买买提",
            "张三（大）",
            "低保 李四",
            "13800138000",
        ] {
            assert!(!is_discreet(text), "{text}");
        }
    }
}
