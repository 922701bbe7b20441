//! Labels: the short name of every member of every closed list. A new member does not compile until it has both.

use super::{Lang, say};
use crate::domain::country::{self, FullName};
use crate::domain::{
    Actor, CaseState, Cover, Doubt, Evidence, Family, Fate, Field, Holds, KeptWhy, Level, Price,
    Reason, RegionLevel, RegionTree, Repair, SourceKind, Standing, Starts, Status,
};
use crate::judge::{Change, Enrolment, Extra, OnTheWay, OutOfForce, Remark, Verdict};
use crate::measure::BridgeLine;

/// A short name for people. Never empty, and no two members of one list share it.
pub trait Label: Copy {
    /// The name in this language.
    fn label(self, lang: Lang) -> &'static str;
}

macro_rules! labels {
    ($name:ident { $($variant:ident: $zh:literal, $en:literal;)+ }) => {
        impl Label for $name {
            fn label(self, lang: Lang) -> &'static str {
                match self { $($name::$variant => lang.pick($zh, $en)),+ }
            }
        }
    };
}
pub(super) use labels;

labels! { Family {
    Identity: "身份信息", "Identity";
    Duplicate: "重复参保缴费", "Duplicates";
    PaidRegistered: "登记与缴费不一致", "Registration and payment disagree";
    Gone: "死亡与迁出", "Deceased and moved out";
    Subsidy: "资助", "Subsidies";
    Uninsured: "未参保", "Uninsured";
    Register: "人口底数", "Register";
    Words: "区划与类别", "Regions and categories";
    Tables: "报表数据", "Declared figures";
} }

labels! { Holds {
    Nothing: "空", "nothing";
    Money: "金额（分）；读不懂的照原文", "money in fen; as written where it cannot be read";
    Day: "日期（2022-02-28）；读不懂的照原文", "a day (2022-02-28); as written where it cannot be read";
    Pool: "统筹区（区划代码前几位，或外地的原文）", "a pool: first digits of a region code, or another place's own word";
    Region: "区划代码", "a region code";
    Regions: "可能的地方：名称(代码)，以 | 分隔", "places it may be: name(code), joined by |";
    Category: "资助或群体的类别名称", "the name of a category";
    Fields: "列的代码，以 | 分隔", "codes of columns, joined by |";
    Id: "证件号码", "a document's number";
    Ids: "可能的证件号码，以 | 分隔", "numbers it may be, joined by |";
    IdOrRows: "证件号码；两个文件之间的，为相同的行数", "a document's number; between two files, how many rows are equal";
    Name: "姓名", "a name";
    Figure: "表上的数：人数、个数，或以元为单位的金额", "a figure of the table: a count, or money in yuan";
    Text: "账上的原文", "the book's own words";
} }

labels! { Level { Note: "提示", "note"; Warn: "警告", "warning"; Deny: "严重", "denied"; } }

labels! { Actor {
    TaxOffice: "税务部门", "tax office";
    Bureau: "医保部门", "insurance bureau";
    Department: "名册主管部门", "roster department";
    Township: "乡镇（街道）", "township";
} }

labels! { Fate {
    Blank: "空行", "blank";
    Heading: "标题表头", "heading";
    Note: "备注落款", "note";
    Total: "合计行", "total";
    Hidden: "隐藏行", "hidden";
    TooLong: "列数多于表头", "more cells than headers";
    Superseded: "旧批次", "superseded";
    Void: "已退款或作废", "refunded or void";
    NotArrived: "未到账", "money not arrived";
    Repeated: "重复行", "repeated";
    OtherYear: "非本年度", "other year";
    OtherScheme: "其他险种", "other insurance";
    AfterAsOf: "截止日期之后", "after the as-of date";
    Reversed: "已冲正", "reversed";
    IdUnusable: "证件号码不可用", "number unusable";
    Used: "已采用", "used";
} }

labels! { Repair {
    Merged: "合并单元格补齐", "filled from a merged cell";
    Blanks: "空白或看不见的字符", "blanks or marks nobody sees";
    Quotes: "引号", "quotes";
    FullWidth: "全角字符", "full-width characters";
    LetterCase: "小写字母", "small letters";
    CheckLetter: "末位 X 的别样写法", "another sign for X";
    FifteenDigits: "15 位号码升为 18 位", "15 digits made 18";
    DisabilityCard: "残疾证号取前 18 位", "first 18 of a disability card's number";
    MiddleDot: "姓名间隔号", "dot in a name";
    Radical: "部首代替汉字", "radical in place of a letter";
    NameRemark: "姓名后的附注", "remark behind a name";
    SerialDay: "日期序号", "day as a serial number";
    DateMarks: "年月日缺漏或混写", "marks of a date missing or mixed";
    HanNumerals: "汉字数字", "Han numerals";
    CurrencyMark: "货币符号", "currency mark";
    Unit: "带单位", "unit";
    Thousands: "千位分隔符", "thousands separators";
    Parentheses: "括号表示负数", "parentheses for minus";
    MinusSign: "别样的负号", "another minus sign";
    MonthAsDay: "只有年月", "a month for a day";
    ChinaClock: "时间戳或外地时刻换算成北京时间", "a moment by China's clock";
    NullMarker: "系统导出的空值标记", "a system's mark for nothing";
    Unreadable: "无法识别", "not readable";
} }

labels! { Standing {
    Pending: "数据待核", "pending";
    Deceased: "死亡", "deceased";
    LocalEmployee: "本地职工", "local employee";
    LocalResident: "本地居民", "local resident";
    ElsewhereEmployee: "异地职工", "employee elsewhere";
    ElsewhereResident: "异地居民", "resident elsewhere";
    Military: "参军", "military";
    Prison: "服刑", "prison";
    Unreachable: "失联", "unreachable";
    Declined: "自愿放弃", "declined";
    Other: "其他原因", "other reason";
    InTransit: "在途", "in transit";
    Uninsured: "未参保", "uninsured";
} }

labels! { Status {
    Normal: "正常参保", "normal";
    Suspended: "暂停参保", "suspended";
    Ended: "终止参保", "ended";
    Invalid: "无效参保", "invalid";
    Never: "未参保", "not insured";
    Unknown: "状态不明", "unknown";
} }

labels! { Cover {
    Employee: "职工医保", "employee";
    Resident: "居民医保", "resident";
    OtherCover: "其他险种", "other insurance";
} }

labels! { Reason {
    Deceased: "待遇期前死亡", "died before the benefit period";
    EmployeeToo: "职工居民重复", "employee and resident at once";
    OtherPool: "跨统筹区重复", "also in another pool";
    WrongPool: "错缴统筹区", "paid to the wrong pool";
    StudentToo: "大学生与居民重复", "student and resident at once";
    LifetimeBenefit: "终身待遇", "lifetime benefit";
    LeftScheme: "参军/服刑/出国定居", "military, prison or settled abroad";
    MovedOut: "户口迁出", "moved out";
    PaidTwice: "重复缴费", "paid twice in one pool";
    SubsidyMissed: "应资助按原价缴费（退差）", "subsidy missed: the difference";
    EntryError: "信息录错", "entry error";
} }

labels! { Evidence {
    Voucher: "缴费凭证", "payment voucher";
    OtherRelation: "另一参保关系证明", "proof of the other registration";
    DeathCertificate: "死亡证明", "death certificate";
    MigrationCertificate: "户口迁移证明", "migration certificate";
    RosterPage: "名册页", "roster page";
} }

labels! { CaseState { Proposed: "待审核", "proposed"; } }

labels! { SourceKind {
    Register: "人口底册", "register";
    Registrations: "医保参保登记", "registrations";
    Payments: "税务缴费明细", "payments";
    Rosters: "困难群众名册", "rosters";
    Elsewhere: "异地参保缴费", "elsewhere";
    Tasks: "任务数表", "tasks";
    Deaths: "死亡名单", "deaths";
    Departures: "迁出名单", "departures";
    Students: "在校学生名单", "students";
    Previous: "上年参保登记", "last year's registrations";
    Households: "集体户成员", "households";
    HouseholdTotals: "集体账户汇总表", "household totals";
} }

labels! { RegionLevel {
    Province: "省（自治区、直辖市）", "province";
    City: "市（州）", "city";
    County: "县（市、区）", "county";
    Township: "乡镇（街道）", "township";
    Village: "村（社区）", "village";
} }

labels! { Field {
    Id: "证件号码", "identity number";
    FormerId: "原证件号码", "former number";
    IdType: "证件类型", "document type";
    Name: "姓名", "name";
    PersonNo: "人员编号", "person number";
    Birth: "出生日期", "birth date";
    Sex: "性别", "sex";
    County: "县（市、区）", "county";
    Township: "乡镇（街道）", "township";
    Village: "村（社区）", "village";
    Group: "村民小组", "villagers' group";
    Household: "户号", "household";
    Head: "户主姓名", "head of household";
    Relation: "与户主关系", "relation to head";
    Place: "参保（缴费）地", "place";
    Category: "对象类别", "category";
    Scheme: "险种", "insurance";
    Status: "参保状态", "status";
    Year: "参保（缴费）年度", "year";
    RegistrationNo: "参保登记号", "registration number";
    Begun: "参保日期", "begun on";
    MadeOn: "经办日期", "made on";
    Personal: "个人缴费金额", "personal amount";
    Total: "缴费金额", "total amount";
    Subsidy: "资助金额", "subsidised amount";
    PaidOn: "缴费日期", "paid on";
    Voucher: "凭证号", "voucher";
    OriginalVoucher: "原凭证号", "original voucher";
    Identified: "认定日期", "identified on";
    Approved: "核准日期", "approved on";
    Ended: "退出日期", "ended on";
    Death: "死亡日期", "death";
    MovedOut: "迁出日期", "moved out on";
    LateCase: "中途参保情形", "late-entry case";
    EventOn: "情形发生日期", "event on";
    BrokenYears: "断缴年数", "broken years";
    RepaidYears: "修复年数", "repaid years";
    EnrolledOn: "入学日期", "enrolled at school on";
    GraduatesOn: "毕业日期", "graduates on";
    Disposition: "去向", "disposition";
    Population: "人口数", "population";
    Task: "任务数", "task";
    Floor: "保底任务数", "floor";
    LastYear: "上年参保数", "last year";
    LastYearEmployee: "上年职工参保数", "last year's employees";
    LastYearTotal: "上年基本医疗保险参保数", "last year's residents and employees";
    Serial: "序号", "serial number";
    RegionCode: "区划代码", "region code";
    Members: "户内参保人数", "members of the household";
    AccountName: "集体账户名", "account name";
    Bank: "开户行", "bank";
    Account: "账号", "account";
    Business: "业务类型", "kind of business";
    ReversalFlag: "冲正（退费）标志", "reversal flag";
    Refunded: "退费金额", "refunded amount";
    YearTo: "费款所属期止", "end of the period";
    Remark: "备注", "remark";
} }

labels! { Price {
    Personal: "个人缴费标准", "personal premium";
    Full: "筹资标准全额（个人加财政）", "full cost (personal and fiscal)";
    TwoYears: "两个年度个人缴费", "two years' premiums";
    Unpriced: "未定价（财政部分未定）", "unpriced (fiscal part not settled)";
} }

labels! { Starts {
    Birth: "出生之日", "day of birth";
    Event: "情形发生之日", "day of the event";
    CoverStop: "职工停保之日", "day the employee cover stopped";
    PaymentDay: "缴费之日", "payment day";
    NextDay: "缴费次日", "day after payment";
    NextMonth: "缴费次月1日", "first of the month after payment";
} }

labels! { KeptWhy {
    Employee: "保留职工参保关系", "employee relation stays";
    OnlyRegistration: "唯一的正常参保登记", "the only normal registration";
    Residence: "常住地（在本地底册）", "place of habitual residence";
    School: "就读学校所在地", "place of school";
    LowestCode: "区划代码在前者，待核定", "lowest code, to be decided";
    FirstPayment: "首次缴费所在地", "place of the first payment";
} }

labels! { Verdict {
    WhileEmployee: "职工享受居民资助", "subsidised while an employee";
    Unentitled: "无资格受资助", "subsidised without entitlement";
    Missed: "应资助未资助，应退差", "entitled, paid too much";
    Overlap: "重复资助", "subsidised twice";
    NotRegistered: "符合资助，未参保登记", "entitled, not registered";
    Open: "符合资助，尚未缴费", "entitled, not paid yet";
    FreeUnrecorded: "免缴，未见资助记录", "nothing to pay, no subsidy recorded";
    PaidUnrecorded: "已缴费，未见资助记录", "paid, no subsidy recorded";
    Right: "资助正确", "right";
    NoGrant: "在册，无资助标准", "on a roster, no grant in force";
} }

labels! { OutOfForce {
    UnknownCategory: "对象类别不识别（见 category-unknown）", "category unknown (see category-unknown)";
    Ended: "已退出名册（见退出日期）", "no longer on the roster (see the day it ended)";
    TooLate: "在册未生效（逾期审批，见 roster-late）", "on the roster, not in force (approved too late, see roster-late)";
    NotYet: "在册未生效（认定日期未到）", "on the roster, not yet in force";
} }

labels! { Extra {
    SamePool: "同一统筹区重复登记", "several in one pool";
    CrossRegion: "跨统筹区重复登记", "in several pools";
    CrossScheme: "职工居民重复登记", "beside an employee relation";
} }

labels! { OnTheWay {
    Registration: "已缴费，登记未到", "paid, registration not here yet";
    Money: "缴费未到账", "money not here yet";
} }

labels! { Enrolment {
    Done: "已参保", "insured";
    Unpaid: "已登记未缴费", "registered, not paid";
    Unregistered: "已缴费未登记", "paid, not registered";
    Nothing: "未登记未缴费", "neither registered nor paid";
} }

labels! { Remark {
    Unusable: "证件号码待核，暂不扣款", "number to be mended: not charged yet";
    OtherHousehold: "已列入其他户或其他行，不重复扣款", "listed elsewhere: not charged twice";
    Deceased: "死亡，不扣款", "deceased: not charged";
    Employee: "职工参保，不扣款", "employee: not charged";
    Subsidised: "全额资助，免缴", "subsidised in full";
    Paid: "本年已缴费", "has paid already";
} }

labels! { Change {
    New: "新增", "new";
    Changed: "变更", "changed";
    Gone: "取消", "gone";
} }

labels! { BridgeLine {
    Registered: "参保登记人次", "registered rows";
    Unusable: "减：证件号码不可用", "less number unusable";
    Surplus: "减：同一人重复登记", "less surplus rows of one person";
    NotOnRegister: "减：不在人口底册", "less not on the register";
    OtherRegister: "减：底册在本辖区其他地区", "less on the register of another region";
    Deceased: "减：死亡人员仍有登记", "less deceased";
    CountedElsewhere: "加：底册在本地、登记在辖区其他地区", "plus on this register, registered in another region";
    Unpaid: "减：未缴费不计参保", "less not insured for lack of payment";
    Local: "等于：底册中本地参保人数", "equals insured locally, of the register";
    ElsewhereEmployee: "加：异地职工", "plus employees elsewhere";
    ElsewhereResident: "加：异地居民", "plus residents elsewhere";
    DeceasedRegister: "加：死亡", "plus deceased, of the register";
    Military: "加：参军", "plus military";
    Prison: "加：服刑", "plus prison";
    Unreachable: "加：失联", "plus unreachable";
    Declined: "加：自愿放弃", "plus declined";
    OtherReason: "加：其他原因", "plus other reasons";
    InTransit: "加：在途", "plus in transit";
    Uninsured: "加：未参保", "plus uninsured";
    Pending: "加：数据待核", "plus pending";
    Register: "等于：人口底册人数", "equals persons of the register";
} }

labels! { Doubt {
    Unread: "金额或日期无法识别", "an amount or day that cannot be read";
    TooLong: "该行列数多于表头，数据可能错位", "the row has more cells than headers, values may be shifted";
    OtherName: "缴费姓名与本人不一致", "paid under another name";
    SharedNumber: "证件号码多人共用", "several people use the number";
    MarkedGone: "姓名后注有已故或迁出", "a remark behind the name says dead or moved out";
    UnknownPlace: "缴费地或参保地无法识别", "a place that is not understood";
    UnknownWord: "状态、险种或类别无法识别", "a status, insurance or category that is not understood";
    SameValues: "另有一行缴费完全相同，可能是同一笔", "another row holds the same payment, perhaps once more";
    Contradicted: "来源之间相互矛盾", "sources contradict each other";
    PriceUnknown: "应缴金额未定", "what is due is not settled";
    EventUnknown: "事由日期不明", "the day of the event is not known";
    Guessed: "该值为推定，另一种读法会改变金额", "a guess; another reading would change the money";
    AboveHighestPrice: "单笔金额高于最高标准", "more than the highest price paid at once";
    NotExplained: "多缴原因不明，疑为录入错误", "nothing explains the overpayment but a slip";
} }

/// Which paper or question settles a doubt.
pub const fn settled_by(doubt: Doubt, lang: Lang) -> &'static str {
    match doubt {
        Doubt::Unread => lang.pick("核对原始缴费凭证的金额与日期", "look at the voucher: amount and day"),
        Doubt::TooLong => lang.pick("请原单位重新导出该文件", "ask the office to export the file again"),
        Doubt::OtherName => lang.pick(
            "核对身份证件与缴费凭证，确认缴费人（如新生儿以母亲号码缴费）",
            "compare identity card and voucher: whom was it paid for (a newborn on its mother's number)",
        ),
        Doubt::SharedNumber => lang.pick("核对各人身份证件后更正号码", "look at the identity cards and mend the numbers"),
        Doubt::MarkedGone => lang.pick("向村（社区）核实是否死亡或迁出及日期", "ask the village whether and when the person died or moved out"),
        Doubt::UnknownPlace => lang.pick("向税务核实缴费地、参保地", "ask the tax office for the place"),
        Doubt::UnknownWord => lang.pick("向来源单位核实该词含义，写入方案词汇表", "ask the office what the word means and add it to the pipeline's vocabulary"),
        Doubt::SameValues => lang.pick("核对两行的凭证号、订单明细号，确认是否同一笔", "compare the vouchers and line numbers of both rows: one payment or two"),
        Doubt::Contradicted => lang.pick("以原始材料为准，确定采信哪一份", "decide by the original papers which is true"),
        Doubt::PriceUnknown => lang.pick("按方案确定此人的缴费标准", "settle this person's price by the notice"),
        Doubt::EventUnknown => lang.pick("补充证明材料上的日期", "find the day in the certificate"),
        Doubt::Guessed => lang.pick("在方案中写明该列的读法后重新运行", "state in the pipeline how the column is read, and run again"),
        Doubt::AboveHighestPrice => lang.pick("核对是否一人缴多年或代缴多人", "was it paid for several years or several people"),
        Doubt::NotExplained => lang.pick("向税务核实缴费明细", "ask the tax office about the payment"),
    }
}

/// What a place is called: by the scheme's own table, else in full by the country's list. Of a code that neither holds,
/// what it lies in; another place's own word stays as it is.
pub fn place_name(regions: &RegionTree, code: &str, lang: Lang) -> String {
    if let Some(region) = regions.get(code) {
        return region.name.clone();
    }
    match country::full_name(code) {
        None => code.to_owned(),
        Some(FullName { text, is_whole }) if is_whole => text,
        Some(FullName { text, .. }) => {
            say!(
                lang,
                "{text}{code}（名称不详）",
                "{text}{code} (name unknown)"
            )
        }
    }
}

/// Why a case is not eligible, from its code: the event, and the day before which it would have had to lie.
pub fn why_not(code: &str, lang: Lang) -> String {
    let mut parts = code.split('|');
    match (parts.next(), parts.next(), parts.next()) {
        (Some("not-before-limit"), Some(event), Some(limit)) => {
            say!(
                lang,
                "事由发生于 {event}，不早于 {limit}",
                "happened on {event}, not before {limit}"
            )
        }
        _ => code.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Region;

    #[test]
    fn a_place_prints_by_the_table_else_in_full_by_the_countrys_list() {
        let own = Region::plain("4302", "株洲", RegionLevel::City, "43");
        let regions = RegionTree::new("430321", vec![own]);
        for (code, zh, en) in [
            ("4302", "株洲", "株洲"),
            ("4205", "湖北省宜昌市", "湖北省宜昌市"),
            ("420506", "湖北省宜昌市夷陵区", "湖北省宜昌市夷陵区"),
            (
                "430499",
                "湖南省衡阳市430499（名称不详）",
                "湖南省衡阳市430499 (name unknown)",
            ),
            ("某医保中心", "某医保中心", "某医保中心"),
            ("?", "?", "?"),
        ] {
            assert_eq!(place_name(&regions, code, Lang::Zh), zh);
            assert_eq!(place_name(&regions, code, Lang::En), en);
        }
    }
}
