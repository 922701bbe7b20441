//! States: what a row says of itself, in every department's words and codes (docs/readings.md#states).
//!
//! Each book has words of its own: 注销 ends a roster entry, a household register's person and an order in three ways. A
//! word is read by its parts, the decisive part first, so that 退费成功 is a refund and 退费失败 is none.

use super::table::BookText;
use super::vocabulary::Read;
use crate::domain::region::region_word;
use crate::domain::{Field, SourceKind, Status};
use crate::scheme::{Meaning, Scheme};

/// What a row says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowState {
    /// It counts. Also a blank, or a sheet without such a column.
    Counts,
    /// Its money went back, or is on its way back.
    GivenBack,
    /// It stands for money that went back, whatever the sign of its amount.
    GivesBack,
    /// Its money has not come yet, or nobody knows.
    NotArrived,
    /// It does not count.
    Void,
    /// Its person is dead.
    Dead,
    /// Its person moved away.
    Away,
}

use RowState::{Away, Counts, Dead, GivenBack, GivesBack, NotArrived, Void};

/// Parts of words, and what a word with one of them says; the first that fits decides.
type Parts = &'static [(RowState, &'static [&'static str])];

/// What says nothing of a payment's fate: a refund that came to nothing, or none at all.
const NO_REFUND: [&str; 18] = [
    "未退费",
    "未退款",
    "未退库",
    "无退费",
    "无退款",
    "不退费",
    "未冲正",
    "未冲销",
    "未红冲",
    "未被冲正",
    "非冲正",
    "退费失败",
    "退款失败",
    "未作废",
    "未撤销",
    "冲正失败",
    "不予退",
    "未退",
];

const PAYMENT: Parts = &[
    (GivenBack, &["退", "冲", "红字", "REFUND", "REVERS"]),
    (
        NotArrived,
        &[
            "未",
            "待",
            "处理中",
            "支付中",
            "扣款中",
            "缴费中",
            "划扣中",
            "付款中",
            "进行中",
            "审核中",
            "在途",
            "不到账",
            "UNPAID",
            "NOTPAY",
            "PENDING",
            "PROCESS",
            "WAIT",
        ],
    ),
    (
        Void,
        &[
            "作废",
            "失败",
            "关闭",
            "撤",
            "取消",
            "无效",
            "注销",
            "驳回",
            "失效",
            "过期",
            "超时",
            "异常",
            "拒",
            "错误",
            "删除",
            "不成功",
            "废",
            "FAIL",
            "CLOSE",
            "CANCEL",
            "VOID",
            "INVALID",
            "EXPIRED",
        ],
    ),
    (
        Counts,
        &[
            "成功", "缴", "到账", "支付", "已付", "付款", "入库", "入账", "正常", "有效", "已扣",
            "扣款", "完成", "已收", "完税", "开票", "到库", "上解", "划扣", "SUCCESS", "PAID",
            "DONE", "VALID",
        ],
    ),
];

const BUSINESS: Parts = &[
    (
        GivesBack,
        &["退", "冲", "红字", "撤", "核减", "负数", "REFUND", "REVERS"],
    ),
    (Void, &["作废", "失败", "关闭", "取消", "无效"]),
    (
        Counts,
        &[
            "缴", "征", "申报", "参保", "续保", "登记", "扣", "收", "支付", "入库", "正常", "普通",
            "新增", "首次", "居民", "医保", "医疗", "保险", "个人", "集体", "单位", "代", "微信",
            "银行", "网", "柜", "窗口", "自助", "手机", "APP", "线上", "线下", "现金", "POS",
            "PAY",
        ],
    ),
];

const ROSTER: Parts = &[
    (Counts, &["恢复", "未停", "未退", "未注销", "未取消"]),
    (
        Void,
        &[
            "停",
            "注销",
            "退出",
            "已退",
            "取消",
            "不享",
            "未享",
            "终止",
            "死",
            "去世",
            "亡",
            "失效",
            "无效",
            "清退",
            "核减",
            "减员",
            "不在",
            "迁出",
            "剔除",
            "不符合",
            "未通过",
            "不予",
            "不通过",
            "未纳入",
            "否",
            "作废",
            "销户",
        ],
    ),
    (
        Counts,
        &[
            "享",
            "正常",
            "在册",
            "有效",
            "在保",
            "纳入",
            "新增",
            "是",
            "续",
            "保留",
            "通过",
            "在档",
            "认定",
            "在库",
            "启用",
            "生效",
            "保障中",
            "救助中",
        ],
    ),
];

const REGISTER: Parts = &[
    (Counts, &["未注销", "未死亡", "未迁出", "未销户"]),
    (Dead, &["死", "亡", "去世", "病故", "已故"]),
    (
        Away,
        &[
            "迁出",
            "迁往",
            "转出",
            "移出",
            "搬出",
            "外迁",
            "迁移出",
            "出国定居",
        ],
    ),
    (
        Void,
        &[
            "注销", "销户", "无效", "作废", "失效", "重复", "删除", "冻结", "虚假", "空挂",
        ],
    ),
    (
        Counts,
        &[
            "正常", "有效", "在册", "在籍", "存活", "健在", "常住", "实有", "户在", "人户", "人在",
            "在家", "务工", "外出", "在校", "学生", "居住", "暂住", "流动", "寄住", "迁入", "落户",
            "转入", "新生", "新增", "一般", "普通", "启用", "在用", "是", "务农", "在职", "退休",
        ],
    ),
];

const STUDENT: Parts = &[
    (Counts, &["休学", "复学", "未毕业", "未退学", "未转"]),
    (
        Void,
        &[
            "退学",
            "毕业",
            "转出",
            "转学",
            "离校",
            "开除",
            "注销",
            "死",
            "亡",
            "肄业",
            "结业",
            "辍学",
            "未报到",
            "未注册",
            "无效",
            "取消",
            "离籍",
        ],
    ),
    (
        Counts,
        &[
            "在读", "在校", "正常", "注册", "在籍", "就读", "转入", "有效", "报到", "实习", "保留",
            "是",
        ],
    ),
];

/// What a word of this list says; `None` where no part of it is known.
fn of_parts(word: &str, parts: Parts) -> Option<RowState> {
    let has = |known: &&&str| word.contains(**known);
    let found = parts
        .iter()
        .find(|(_, known)| known.iter().any(|part| has(&part)));
    found.map(|(state, _)| *state)
}

/// The code before a word (`1`, `01`, `1.0`), and the word behind it; either may be empty.
fn code_and_word(word: &str) -> (&str, &str) {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let (code, rest) = word.split_at(digits);
    let rest = if rest.bytes().all(|b| b == b'.' || b == b'0') {
        ""
    } else {
        rest.trim_start_matches(|c: char| !c.is_alphanumeric())
    };
    (code.trim_start_matches('0'), rest)
}

/// A word as it is compared: without blanks, in capitals, without what says that nothing went back.
fn plain(word: &str) -> String {
    let mut word = region_word(word).to_uppercase();
    for nothing in NO_REFUND {
        word = word.replace(nothing, "");
    }
    word
}

/// 缴费状态 (CLCT_FLAG): 1 arrived, 0 not yet. A word about the relation (参保) says nothing of the payment.
fn payment(written: &str) -> Option<RowState> {
    let whole = plain(written);
    let (code, word) = code_and_word(&whole);
    if word.is_empty() {
        // Nothing left but that nothing went back.
        return match (
            code,
            region_word(written).bytes().any(|b| b.is_ascii_digit()),
        ) {
            ("1", _) | ("", false) => Some(Counts),
            ("", true) => Some(NotArrived),
            _ => None,
        };
    }
    let of_relation = word.contains("参保") && !word.contains('缴');
    match word {
        "是" | "Y" => Some(Counts),
        "否" | "N" => Some(NotArrived),
        _ if of_relation => Some(Counts),
        _ => of_parts(word, PAYMENT),
    }
}

/// 冲正标志, 退费状态 (REVS_FLAG): Z and what denies it is no reversal, any other value is one.
fn flag(written: &str, is_code: bool) -> (RowState, bool) {
    let word = plain(written);
    let denies = matches!(word.as_str(), "" | "否" | "无" | "N" | "NO" | "FALSE" | "Z")
        || word.starts_with("Z-");
    let is_none =
        denies || word.contains("正常") || word.starts_with('未') || word == "0" && !is_code;
    if is_none {
        return (Counts, true);
    }
    let says = word.is_ascii()
        || of_parts(&word, PAYMENT).is_some_and(|state| state != Counts)
        || word == "是";
    (GivenBack, says)
}

/// 业务类型 (CLCT_TYPE): 10 is a payment.
fn business(written: &str) -> Option<RowState> {
    let whole = plain(written);
    match code_and_word(&whole) {
        ("10", "") => Some(Counts),
        ("", "") => Some(Counts),
        (_, word) => of_parts(word, BUSINESS),
    }
}

/// A word of a book's status column by code and parts.
fn of_book(word: &str, parts: Parts) -> Option<RowState> {
    let whole = region_word(word).to_uppercase();
    match code_and_word(&whole) {
        ("1", "") => Some(Counts),
        ("", "") if whole.is_empty() => Some(Counts),
        ("", "") => Some(Void),
        (_, "") => None,
        (_, word) => of_parts(word, parts),
    }
}

/// What the pipeline declares of a word.
fn declared(word: &str, source: SourceKind, scheme: &Scheme) -> Option<RowState> {
    let word = region_word(word);
    let of = |book: Option<SourceKind>| {
        let mut words = scheme.vocabulary.iter();
        words.find_map(|known| match known.means {
            Meaning::Status(status) if known.source == book && known.word == word => Some(status),
            _ => None,
        })
    };
    Some(match of(Some(source)).or_else(|| of(None))? {
        Status::Normal => Counts,
        Status::Never if source == SourceKind::Payments => NotArrived,
        Status::Suspended | Status::Ended | Status::Invalid | Status::Never | Status::Unknown => {
            Void
        }
    })
}

/// Whether rows can say anything of themselves.
pub(crate) fn are_stated(table: &BookText<'_>) -> bool {
    table.has(Field::Status) || table.has(Field::Remark)
}

/// The state of every row by its status column, and the word where nobody knows it.
pub(crate) fn of_rows<'t>(
    table: &'t BookText<'t>,
    scheme: &Scheme,
) -> Vec<Read<'t, Option<RowState>>> {
    let kind = table.kind;
    let known = |word: &str| {
        declared(word, kind, scheme).or_else(|| match kind {
            SourceKind::Payments | SourceKind::Elsewhere => payment(word),
            SourceKind::Rosters => of_book(word, ROSTER),
            SourceKind::Register => of_book(word, REGISTER),
            SourceKind::Students => of_book(word, STUDENT),
            SourceKind::Registrations
            | SourceKind::Tasks
            | SourceKind::Deaths
            | SourceKind::Departures
            | SourceKind::Previous
            | SourceKind::Households
            | SourceKind::HouseholdTotals => Some(Counts),
        })
    };
    let read = table.each_word(Field::Status, |cell| match cell {
        None => (Some(Counts), None),
        Some(word) => {
            let state = known(word);
            (state, state.is_none().then_some(word))
        }
    });
    let read = with_remarks(table, read);
    // A status that other places report is a relation's first: what it says of none is counted there.
    if kind != SourceKind::Elsewhere {
        table.count_unknown(Field::Status, read.iter().map(|(_, unknown)| *unknown));
    }
    read
}

/// What stands before a word that takes a row back.
const BEFORE: [&str; 9] = [
    "重复缴费已",
    "重复缴费",
    "该笔已",
    "此笔已",
    "重复已",
    "已全额",
    "已经",
    "全额",
    "已",
];

/// Words beside a row of payments, of a roster, of the register and of a school that take it back.
const REMARKS: [(SourceKind, RowState, &[&str]); 7] = [
    (
        SourceKind::Payments,
        GivenBack,
        &[
            "退费", "退款", "退库", "退还", "退回", "退", "冲正", "红冲", "冲红", "冲销",
        ],
    ),
    (
        SourceKind::Payments,
        Void,
        &[
            "作废",
            "撤销",
            "取消",
            "缴费失败",
            "扣款失败",
            "支付失败",
            "代扣失败",
        ],
    ),
    (
        SourceKind::Payments,
        NotArrived,
        &["未到账", "未缴费", "未入库", "未扣款", "未成功", "待到账"],
    ),
    (
        SourceKind::Rosters,
        Void,
        &[
            "停发",
            "退出",
            "取消",
            "死亡",
            "去世",
            "清退",
            "注销",
            "终止",
            "停保",
            "不再享受",
            "停止享受",
        ],
    ),
    (
        SourceKind::Register,
        Dead,
        &["死亡", "去世", "病故", "亡故", "故"],
    ),
    (
        SourceKind::Register,
        Away,
        &["迁出", "户口迁出", "转出", "迁走"],
    ),
    (
        SourceKind::Students,
        Void,
        &["退学", "毕业", "转学", "转出"],
    ),
];

/// A remark that is nothing but such a word. A sentence is for people to read.
fn remark(written: &str, source: SourceKind) -> Option<RowState> {
    let word = region_word(written);
    let word = word.trim_end_matches(['。', '！', '!', '.']);
    let mut before = BEFORE.iter().filter_map(|before| word.strip_prefix(before));
    let core = before.next().unwrap_or(word);
    let mut known = REMARKS.iter();
    let found = known.find(|(of, _, words)| *of == source && words.contains(&core));
    found.map(|(_, state, _)| *state)
}

/// What is written beside a row holds where its own columns say nothing against it (docs/readings.md#states).
fn with_remarks<'t>(
    table: &'t BookText<'t>,
    mut read: Vec<Read<'t, Option<RowState>>>,
) -> Vec<Read<'t, Option<RowState>>> {
    for (state, beside) in read.iter_mut().zip(remarks(table)) {
        if let (Some(Counts), Some(beside)) = (state.0, beside) {
            state.0 = Some(beside);
        }
    }
    read
}

/// What the remark of every row says; empty where no sheet has remarks.
fn remarks(table: &BookText<'_>) -> Vec<Option<RowState>> {
    if !table.has(Field::Remark) {
        return Vec::new();
    }
    table.each_word(Field::Remark, |cell| remark(cell?, table.kind))
}

/// What payments say of themselves in all their columns together.
pub(crate) struct PaymentStates<'t> {
    /// By row; empty where no sheet has such a column.
    states: Vec<RowState>,
    /// Words that nobody knows, by row; empty where there is none.
    unknown: Vec<Option<&'t str>>,
    /// The money is there, but a word beside it is not known.
    doubtful: Vec<bool>,
}

impl<'t> PaymentStates<'t> {
    pub(crate) fn read(table: &'t BookText<'t>, scheme: &Scheme) -> Self {
        let has =
            [Field::Status, Field::ReversalFlag, Field::Business].map(|field| table.has(field));
        if has == [false; 3] {
            let beside = remarks(table).into_iter();
            let states: Vec<RowState> = beside.map(|state| state.unwrap_or(Counts)).collect();
            let is_any = states.iter().any(|state| *state != Counts);
            return PaymentStates {
                states: if is_any { states } else { Vec::new() },
                unknown: Vec::new(),
                doubtful: Vec::new(),
            };
        }
        let status = of_rows(table, scheme);
        let codes = table.by_part(|part| part.reversal_code);
        let flags = |is_code| {
            table.each_word(Field::ReversalFlag, move |cell| match cell {
                None => (Counts, None),
                Some(word) => {
                    let (state, is_known) = flag(word, is_code);
                    (state, (!is_known).then_some(word))
                }
            })
        };
        let (by_code, by_word) = (flags(true), flags(false));
        let flags = table.each(|at| if codes[at] { by_code[at] } else { by_word[at] });
        let businesses = table.each_word(Field::Business, |cell| match cell {
            None => (Counts, None),
            Some(word) => {
                let state = business(word);
                (state.unwrap_or(Counts), state.is_none().then_some(word))
            }
        });
        table.count_unknown(
            Field::ReversalFlag,
            flags.iter().map(|(_, unknown)| *unknown),
        );
        table.count_unknown(
            Field::Business,
            businesses.iter().map(|(_, unknown)| *unknown),
        );
        let is_own = table.kind == SourceKind::Payments;
        let word = |at: usize| {
            let of_status = status[at].1.filter(|_| is_own);
            of_status.or(flags[at].1).or(businesses[at].1)
        };
        PaymentStates {
            states: table.each(|at| {
                // What other places call a relation may say nothing of a payment.
                let status = status[at]
                    .0
                    .unwrap_or(if is_own { NotArrived } else { Counts });
                together(status, flags[at].0, businesses[at].0)
            }),
            unknown: table.each(word),
            doubtful: table.each(|at| flags[at].1.is_some() || businesses[at].1.is_some()),
        }
    }

    pub(crate) fn of(&self, at: usize) -> RowState {
        self.states.get(at).copied().unwrap_or(Counts)
    }

    /// Settles what another column says of a row.
    pub(crate) fn set(&mut self, at: usize, state: RowState) {
        if self.states.is_empty() {
            self.states = vec![Counts; at + 1];
        }
        if self.states.len() <= at {
            self.states.resize(at + 1, Counts);
        }
        self.states[at] = state;
    }

    pub(crate) fn unknown(&self, at: usize) -> Option<&'t str> {
        self.unknown.get(at).copied().flatten()
    }

    pub(crate) fn is_doubtful(&self, at: usize) -> bool {
        self.doubtful.get(at) == Some(&true)
    }

    pub(crate) fn are_stated(&self) -> bool {
        !self.states.is_empty()
    }
}

/// Status, flag and business together: a refund that failed or waits gives nothing back; one that was carried out does.
fn together(status: RowState, flag: RowState, business: RowState) -> RowState {
    match (status, flag, business) {
        (Void | NotArrived, _, GivesBack) => status,
        (_, _, GivesBack) => GivesBack,
        (Void, ..) | (_, _, Void) => Void,
        (GivenBack, ..) | (_, GivenBack, _) => GivenBack,
        (NotArrived, ..) => NotArrived,
        _ => Counts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remark_takes_a_row_back_where_it_is_nothing_but_that_word() {
        for (written, source, state) in [
            ("已退费", SourceKind::Payments, Some(GivenBack)),
            ("退款", SourceKind::Payments, Some(GivenBack)),
            ("重复缴费已退款", SourceKind::Payments, Some(GivenBack)),
            ("作废", SourceKind::Payments, Some(Void)),
            ("未到账。", SourceKind::Payments, Some(NotArrived)),
            ("如需退费请联系", SourceKind::Payments, None),
            ("2023年已退费", SourceKind::Payments, None),
            ("未退费", SourceKind::Payments, None),
            ("新生儿", SourceKind::Payments, None),
            ("已退出", SourceKind::Rosters, Some(Void)),
            ("户主死亡", SourceKind::Register, None),
            ("已死亡", SourceKind::Register, Some(Dead)),
            ("户口迁出", SourceKind::Register, Some(Away)),
            ("死亡", SourceKind::Payments, None),
        ] {
            assert_eq!(remark(written, source), state, "{written}");
        }
    }

    #[test]
    fn what_became_of_a_payment_is_told_by_code_and_by_word() {
        for (word, state) in [
            ("缴费成功", Some(Counts)),
            ("已到账", Some(Counts)),
            ("1", Some(Counts)),
            ("01", Some(Counts)),
            ("1-已到账", Some(Counts)),
            ("正常参保", Some(Counts)),
            ("终止参保", Some(Counts)),
            ("退费失败", Some(Counts)),
            ("缴费成功（未退费）", Some(Counts)),
            ("已退款", Some(GivenBack)),
            ("退费成功", Some(GivenBack)),
            ("退款中", Some(GivenBack)),
            ("缴费成功（已退费）", Some(GivenBack)),
            ("已冲正", Some(GivenBack)),
            ("未到账", Some(NotArrived)),
            ("未缴费", Some(NotArrived)),
            ("待支付", Some(NotArrived)),
            ("处理中", Some(NotArrived)),
            ("0", Some(NotArrived)),
            ("0-未到账", Some(NotArrived)),
            ("缴费失败", Some(Void)),
            ("已作废", Some(Void)),
            ("交易关闭", Some(Void)),
            ("已取消", Some(Void)),
            ("7", None),
            ("甲", None),
        ] {
            assert_eq!(payment(word), state, "{word}");
        }
    }

    #[test]
    fn a_reversal_flag_is_z_or_a_denial_or_it_is_one() {
        // word, header is the code's, reversed, known
        for (word, is_code, reversed, known) in [
            ("Z", true, false, true),
            ("Z", false, false, true),
            ("0", true, true, true),
            ("0", false, false, true),
            ("1", true, true, true),
            ("F", true, true, true),
            ("否", false, false, true),
            ("未退费", false, false, true),
            ("正常", false, false, true),
            ("是", false, true, true),
            ("已退费", false, true, true),
            ("甲", false, true, false),
        ] {
            let state = if reversed { GivenBack } else { Counts };
            assert_eq!(flag(word, is_code), (state, known), "{word}");
        }
    }

    #[test]
    fn a_business_is_a_payment_or_gives_back() {
        for (word, state) in [
            ("缴费", Some(Counts)),
            ("10", Some(Counts)),
            ("10-正常缴费", Some(Counts)),
            ("补缴", Some(Counts)),
            ("微信", Some(Counts)),
            ("退费", Some(GivesBack)),
            ("退款", Some(GivesBack)),
            ("红冲", Some(GivesBack)),
            ("30", None),
            ("甲", None),
        ] {
            assert_eq!(business(word), state, "{word}");
        }
    }

    #[test]
    fn each_book_has_its_own_words() {
        for (word, parts, state) in [
            ("在享", ROSTER, Some(Counts)),
            ("停发", ROSTER, Some(Void)),
            ("注销", ROSTER, Some(Void)),
            ("已退出", ROSTER, Some(Void)),
            ("不享受", ROSTER, Some(Void)),
            ("1", ROSTER, Some(Counts)),
            ("0", ROSTER, Some(Void)),
            ("甲", ROSTER, None),
            ("正常", REGISTER, Some(Counts)),
            ("死亡注销", REGISTER, Some(Dead)),
            ("迁出注销", REGISTER, Some(Away)),
            ("注销", REGISTER, Some(Void)),
            ("外出务工", REGISTER, Some(Counts)),
            ("未注销", REGISTER, Some(Counts)),
            ("在读", STUDENT, Some(Counts)),
            ("休学", STUDENT, Some(Counts)),
            ("毕业", STUDENT, Some(Void)),
            ("已退学", STUDENT, Some(Void)),
        ] {
            assert_eq!(of_book(word, parts), state, "{word}");
        }
    }

    #[test]
    fn a_refund_that_failed_gives_nothing_back() {
        assert_eq!(together(Counts, Counts, GivesBack), GivesBack);
        assert_eq!(together(GivenBack, Counts, GivesBack), GivesBack);
        assert_eq!(together(Void, Counts, GivesBack), Void);
        assert_eq!(together(Counts, GivenBack, Counts), GivenBack);
        assert_eq!(together(NotArrived, Counts, Counts), NotArrived);
    }
}
