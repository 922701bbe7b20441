//! What departments call their columns (docs/readings.md#headers), as one table.
//!
//! Words stand here as `meaning::key` leaves them: NFKC, no blanks, no unit. A lower rank wins over a higher one in one
//! sheet without comparing values: 户号 says more than 户主身份证号, and a coverage year more than the period's end.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::domain::{Field, SourceKind};

/// One line of the table: where it holds (`None` = in every book), the field, its rank, the words.
type Line = (Option<SourceKind>, Field, u8, &'static [&'static str]);

const TASKS: Option<SourceKind> = Some(SourceKind::Tasks);
const HOUSEHOLDS: Option<SourceKind> = Some(SourceKind::Households);
const TOTALS: Option<SourceKind> = Some(SourceKind::HouseholdTotals);

/// Lines of one book stand before lines of all books: the first that fits is taken.
const TABLE: &[Line] = &[
    (TASKS, Field::Township, 1, &["单位", "单位名称"]),
    (TASKS, Field::Village, 0, &["村(社区)名称", "村级单位"]),
    (
        TASKS,
        Field::Population,
        0,
        &[
            "村人口数",
            "人口数",
            "常住人口",
            "常住人口数",
            "总人口",
            "总人口数",
            "户籍人口",
            "户籍人口数",
            "年报人口",
            "统计公报常住人口数",
            "统计公报常住人口",
        ],
    ),
    (
        TASKS,
        Field::Task,
        0,
        &[
            "任务数",
            "目标任务数",
            "任务人数",
            "应参保人数",
            "应缴人数",
            "参保任务数",
            "目标任务",
        ],
    ),
    (
        TASKS,
        Field::Floor,
        0,
        &["保底任务数", "保底任务", "保底数"],
    ),
    (
        TASKS,
        Field::LastYear,
        0,
        &[
            "上年参保数",
            "上年参保人数",
            "上年度参保数",
            "上年度参保人数",
            "上年实际参保人数",
            "上年度实际参保人数",
        ],
    ),
    (
        TASKS,
        Field::LastYear,
        0,
        &[
            "上年居民参保数",
            "上年居民参保人数",
            "上年城乡居民医保参保数",
            "上年城乡居民医保参保人数",
        ],
    ),
    (
        TASKS,
        Field::LastYearEmployee,
        0,
        &[
            "上年职工参保数",
            "上年职工参保人数",
            "上年城镇职工医保参保数",
            "上年城镇职工医保参保人数",
        ],
    ),
    (
        TASKS,
        Field::LastYearTotal,
        0,
        &[
            "上年基本医疗保险参保数",
            "上年基本医疗保险参保人数",
            "上年基本医保参保数",
            "上年基本医保参保人数",
        ],
    ),
    (
        HOUSEHOLDS,
        Field::Total,
        0,
        &[
            "应缴金额",
            "应缴费金额",
            "应扣金额",
            "扣款金额",
            "扣费金额",
            "代扣金额",
        ],
    ),
    (
        HOUSEHOLDS,
        Field::AccountName,
        0,
        &["集体账户名", "集体账户名称", "账户名", "账户名称", "户名"],
    ),
    (
        HOUSEHOLDS,
        Field::Bank,
        0,
        &["开户行", "开户银行", "开户行名称"],
    ),
    (
        HOUSEHOLDS,
        Field::Account,
        0,
        &[
            "账号",
            "扣款账户",
            "扣款账号",
            "集体账户账号",
            "银行账号",
            "缴费账号",
        ],
    ),
    (
        TOTALS,
        Field::Total,
        0,
        &[
            "应缴金额",
            "应缴费金额",
            "应扣金额",
            "扣款金额",
            "扣费金额",
            "代扣金额",
        ],
    ),
    (
        TOTALS,
        Field::Members,
        0,
        &["户内参保人数", "参保人数", "人数", "户内人数", "缴费人数"],
    ),
    // What became of a payment. Of several such columns the one nearest to the money counts.
    (
        Some(SourceKind::Payments),
        Field::Status,
        0,
        &[
            "缴费状态",
            "缴款状态",
            "征收状态",
            "缴费结果",
            "是否缴费",
            "缴费标志",
            "CLCT_FLAG",
        ],
    ),
    (
        Some(SourceKind::Payments),
        Field::Status,
        1,
        &[
            "到账状态",
            "入库状态",
            "到账标志",
            "入库标志",
            "是否到账",
            "是否入库",
        ],
    ),
    (
        Some(SourceKind::Payments),
        Field::Status,
        2,
        &[
            "支付状态",
            "扣款状态",
            "扣费状态",
            "付款状态",
            "扣款结果",
            "支付结果",
            "划扣状态",
        ],
    ),
    (
        Some(SourceKind::Payments),
        Field::Status,
        3,
        &[
            "订单状态",
            "交易状态",
            "单据状态",
            "票据状态",
            "税票状态",
            "处理状态",
            "处理结果",
        ],
    ),
    (
        Some(SourceKind::Payments),
        Field::Status,
        4,
        &["状态", "记录状态", "数据状态"],
    ),
    // Of the relation, not of the payment.
    (
        Some(SourceKind::Payments),
        Field::Status,
        5,
        &[
            "参保状态",
            "人员参保状态",
            "是否参保",
            "居民医保参保状态",
            "职工医保参保状态",
        ],
    ),
    (
        Some(SourceKind::Payments),
        Field::ReversalFlag,
        0,
        &["冲正标志", "冲销标志", "退费标志", "退款标志", "REVS_FLAG"],
    ),
    (
        Some(SourceKind::Payments),
        Field::ReversalFlag,
        1,
        &[
            "退费状态",
            "退款状态",
            "冲正状态",
            "是否退费",
            "是否退款",
            "是否冲正",
            "是否已退费",
            "作废标志",
            "是否作废",
        ],
    ),
    (Some(SourceKind::Payments), Field::Remark, 0, &["备注"]),
    (Some(SourceKind::Rosters), Field::Remark, 0, &["备注"]),
    (Some(SourceKind::Register), Field::Remark, 0, &["备注"]),
    (Some(SourceKind::Students), Field::Remark, 0, &["备注"]),
    (
        Some(SourceKind::Payments),
        Field::Business,
        0,
        &[
            "业务类型",
            "缴费业务类型",
            "业务类别",
            "交易类型",
            "CLCT_TYPE",
        ],
    ),
    (
        Some(SourceKind::Payments),
        Field::Business,
        1,
        &["缴费类型", "征缴类型", "收支类型", "单据类型"],
    ),
    (
        Some(SourceKind::Payments),
        Field::Refunded,
        0,
        &[
            "退费金额",
            "退款金额",
            "已退金额",
            "退费额",
            "退库金额",
            "已退费金额",
            "实退金额",
        ],
    ),
    (
        Some(SourceKind::Elsewhere),
        Field::ReversalFlag,
        0,
        &["冲正标志", "冲销标志", "退费标志", "退款标志", "REVS_FLAG"],
    ),
    (
        Some(SourceKind::Elsewhere),
        Field::ReversalFlag,
        1,
        &[
            "退费状态",
            "退款状态",
            "冲正状态",
            "是否退费",
            "是否退款",
            "是否冲正",
            "是否已退费",
            "作废标志",
            "是否作废",
        ],
    ),
    (
        Some(SourceKind::Elsewhere),
        Field::Business,
        0,
        &[
            "业务类型",
            "缴费业务类型",
            "业务类别",
            "交易类型",
            "CLCT_TYPE",
        ],
    ),
    (
        Some(SourceKind::Elsewhere),
        Field::Business,
        1,
        &["缴费类型", "征缴类型", "收支类型", "单据类型"],
    ),
    (
        Some(SourceKind::Elsewhere),
        Field::Refunded,
        0,
        &[
            "退费金额",
            "退款金额",
            "已退金额",
            "退费额",
            "退库金额",
            "已退费金额",
            "实退金额",
        ],
    ),
    (
        Some(SourceKind::Rosters),
        Field::Status,
        0,
        &[
            "救助状态",
            "享受状态",
            "待遇状态",
            "保障状态",
            "低保状态",
            "享受待遇状态",
            "在享状态",
            "在册状态",
            "资助状态",
        ],
    ),
    (
        Some(SourceKind::Rosters),
        Field::Status,
        1,
        &[
            "对象状态",
            "当前状态",
            "人员状态",
            "是否在册",
            "是否享受",
            "是否在享",
        ],
    ),
    (Some(SourceKind::Rosters), Field::Status, 2, &["状态"]),
    (
        Some(SourceKind::Register),
        Field::Status,
        0,
        &[
            "户籍状态",
            "户口状态",
            "人口状态",
            "户籍人员状态",
            "生存状态",
            "注销状态",
        ],
    ),
    (
        Some(SourceKind::Register),
        Field::Status,
        1,
        &["人员状态", "居民状态", "当前状态"],
    ),
    (
        Some(SourceKind::Register),
        Field::Status,
        2,
        &["注销原因", "注销类别", "注销类型"],
    ),
    (
        Some(SourceKind::Students),
        Field::Status,
        0,
        &["学籍状态", "在校状态", "就读状态", "学生状态", "在读状态"],
    ),
    (Some(SourceKind::Students), Field::Status, 1, &["当前状态"]),
    (
        Some(SourceKind::Registrations),
        Field::Status,
        1,
        &["缴费状态"],
    ),
    (
        Some(SourceKind::Registrations),
        Field::LateCase,
        0,
        LATE_CASE,
    ),
    (Some(SourceKind::Payments), Field::LateCase, 0, LATE_CASE),
    (Some(SourceKind::Registrations), Field::EventOn, 0, EVENT_ON),
    (Some(SourceKind::Payments), Field::EventOn, 0, EVENT_ON),
    (
        Some(SourceKind::Registrations),
        Field::Ended,
        0,
        RELATION_ENDED,
    ),
    (Some(SourceKind::Elsewhere), Field::Ended, 0, RELATION_ENDED),
    (
        Some(SourceKind::Registrations),
        Field::BrokenYears,
        0,
        &["断缴年数", "连续断缴年数", "断保年数"],
    ),
    (
        Some(SourceKind::Registrations),
        Field::RepaidYears,
        0,
        &["修复年数", "补缴年数", "连续缴费修复年数"],
    ),
    (
        Some(SourceKind::Students),
        Field::EnrolledOn,
        0,
        &["入学日期", "入学时间"],
    ),
    (
        Some(SourceKind::Students),
        Field::GraduatesOn,
        0,
        &["毕业日期", "毕业时间", "预计毕业日期"],
    ),
    (
        Some(SourceKind::Departures),
        Field::Disposition,
        0,
        &["去向", "迁出原因", "减员原因", "未参保原因"],
    ),
    (Some(SourceKind::Previous), Field::Status, 1, &["缴费状态"]),
    (Some(SourceKind::Elsewhere), Field::Status, 1, &["缴费状态"]),
    (
        None,
        Field::Id,
        0,
        &[
            "身份证号",
            "身份证号码",
            "身份证件号码",
            "公民身份号码",
            "公民身份证号码",
            "公民身份证号",
            "身份证",
            "证件号码",
            "证件号",
            "有效证件号码",
            "身份证件号",
        ],
    ),
    (
        None,
        Field::Id,
        1,
        &["残疾证号", "残疾人证号", "残疾证号码"],
    ),
    // Of two places of a person nobody picks one: where they differ, the columns are asked for.
    (
        None,
        Field::Township,
        1,
        &[
            "户籍乡镇",
            "户籍地乡镇",
            "户籍所在乡镇",
            "户籍镇街",
            "户口乡镇",
            "居住乡镇",
            "居住地乡镇",
            "现居住乡镇",
            "常住乡镇",
            "居住镇街",
            "现住乡镇",
        ],
    ),
    (
        None,
        Field::Village,
        1,
        &[
            "户籍村",
            "户籍地村",
            "户籍所在村",
            "户籍村(社区)",
            "户口村",
            "居住村",
            "居住地村",
            "现居住村",
            "居住村(社区)",
            "常住村",
            "现住村",
        ],
    ),
    (
        None,
        Field::FormerId,
        0,
        &[
            "原证件号码",
            "原证件号",
            "原身份证号",
            "原身份证号码",
            "原公民身份号码",
            "旧证件号码",
            "旧身份证号",
            "旧身份证号码",
            "变更前证件号码",
            "变更前身份证号",
            "变更前身份证号码",
            "更正前证件号码",
            "更正前身份证号",
            "历史证件号码",
        ],
    ),
    (
        None,
        Field::IdType,
        0,
        &["证件类型", "身份证件类型", "人员证件类型"],
    ),
    (
        None,
        Field::Name,
        0,
        &[
            "姓名",
            "人员姓名",
            "参保人姓名",
            "参保人员姓名",
            "缴费人姓名",
            "缴费人名称",
            "被资助人姓名",
        ],
    ),
    (
        None,
        Field::PersonNo,
        0,
        &["人员编号", "个人编号", "医保编号", "社保编号", "金保号"],
    ),
    (None, Field::Birth, 0, &["出生日期", "出生年月"]),
    (None, Field::Sex, 0, &["性别"]),
    (
        None,
        Field::County,
        0,
        &[
            "县市区",
            "县区",
            "区县",
            "县(市、区)",
            "县(市区)",
            "县(区)",
            "区(县)",
            "县市",
        ],
    ),
    (
        None,
        Field::Township,
        0,
        &[
            "乡镇",
            "镇街",
            "镇(街)",
            "街镇",
            "街道乡镇",
            "乡(镇)",
            "镇街名称",
            "乡镇名称",
            "所属乡镇",
            "乡镇(街道)",
            "乡镇街道",
            "镇(街道)",
        ],
    ),
    (
        None,
        Field::Village,
        0,
        &[
            "村",
            "行政村",
            "村社",
            "村(居)",
            "社区",
            "村社区",
            "村居",
            "村名",
            "村(社区)",
            "居委会",
            "村(居)委会",
            "村委会",
            "所属村",
            "所属村(社区)",
            "村社名称",
            "行政村名称",
            "村别",
        ],
    ),
    (
        None,
        Field::Group,
        0,
        &["组", "村民小组", "组别", "小组", "村小组"],
    ),
    (None, Field::Household, 0, &["户号", "户编号", "家庭编号"]),
    (
        None,
        Field::Household,
        1,
        &[
            "户主身份证号",
            "户主身份证号码",
            "户主证件号码",
            "户主公民身份号码",
        ],
    ),
    (None, Field::Head, 0, &["户主姓名", "户主"]),
    (None, Field::Relation, 0, &["与户主关系", "与户主的关系"]),
    (
        None,
        Field::Place,
        0,
        &[
            "统筹区",
            "参保地",
            "所属区划",
            "参保地医保区划",
            "参保机构",
            "医保区划",
            "缴费地",
            "参保统筹区",
            "参保所属区划",
        ],
    ),
    (
        None,
        Field::Category,
        0,
        &[
            "医疗救助身份",
            "救助身份",
            "优先身份",
            "对象类别",
            "对象身份",
            "对象类型",
            "身份类别",
            "特殊人员身份",
            "特殊人员身份类别",
            "代缴类别",
            "困难类别",
        ],
    ),
    // Beside one of those they say 学生 or 成年人, which is no hardship.
    (None, Field::Category, 1, &["人员类别", "人员属性"]),
    // A department's own list has no other kind of category.
    (
        Some(SourceKind::Rosters),
        Field::Category,
        2,
        &[
            "类别",
            "身份",
            "类型",
            "资助类别",
            "救助类别",
            "认定类别",
            "人员身份",
        ],
    ),
    (
        None,
        Field::Scheme,
        0,
        &[
            "险种",
            "险种类型",
            "险种名称",
            "缴费险种",
            "参保险种",
            "征收品目",
        ],
    ),
    // Beside a column of insurances they say what kind of person somebody is.
    (None, Field::Scheme, 1, &["参保类型", "参保类别"]),
    (
        None,
        Field::Status,
        0,
        &[
            "参保状态",
            "人员参保状态",
            "是否参保",
            "居民医保参保状态",
            "职工医保参保状态",
        ],
    ),
    (
        None,
        Field::Year,
        0,
        &["参保年度", "缴费年度", "所属年度", "年度"],
    ),
    (
        None,
        Field::Year,
        1,
        &[
            "费款所属期",
            "费款所属期起",
            "费款所属期开始日期",
            "费款所属期起止",
            "费款所属期起/止",
            "费款所属期开始日期/结束日期",
        ],
    ),
    (
        None,
        Field::YearTo,
        0,
        &["费款所属期止", "费款所属期结束日期", "ACCRYM_END"],
    ),
    (
        None,
        Field::RegistrationNo,
        0,
        &["参保登记号", "登记序号", "参保序号"],
    ),
    (
        None,
        Field::Begun,
        0,
        &["参保日期", "参保时间", "参保开始日期"],
    ),
    (
        None,
        Field::MadeOn,
        0,
        &[
            "经办日期",
            "经办时间",
            "办理日期",
            "办理时间",
            "参保办理日期",
            "参保登记日期",
            "参保登记时间",
            "登记日期",
            "登记时间",
            "登记办理日期",
        ],
    ),
    (
        None,
        Field::Personal,
        0,
        &[
            "个人缴费金额",
            "自付金额",
            "个人实缴",
            "个人实缴金额",
            "个人缴费",
        ],
    ),
    (
        None,
        Field::Total,
        0,
        &[
            "缴费金额",
            "实缴金额",
            "入库金额",
            "合计金额",
            "居民医保缴费金额",
        ],
    ),
    (
        None,
        Field::Subsidy,
        0,
        &["资助金额", "代缴金额", "财政资助金额"],
    ),
    (
        None,
        Field::PaidOn,
        0,
        &[
            "缴费时间",
            "缴费日期",
            "支付日期",
            "支付时间",
            "到账时间",
            "到账日期",
            "入库日期",
            "入库时间",
            "缴款日期",
            "缴款时间",
            "个人缴费日期",
            "个人缴费时间",
        ],
    ),
    (
        None,
        Field::Voucher,
        0,
        &[
            "凭证号",
            "缴费凭证号",
            "票据号",
            "税票号码",
            "电子税票号码",
            "完税凭证号码",
            "订单号",
            "流水号",
        ],
    ),
    (
        None,
        Field::OriginalVoucher,
        0,
        &["原凭证号", "原税票号码", "冲正凭证号", "原缴费凭证号"],
    ),
    (
        None,
        Field::Identified,
        0,
        &[
            "认定日期",
            "认定时间",
            "纳入时间",
            "纳入日期",
            "识别监测时间",
            "开始享受低保时间",
        ],
    ),
    (
        None,
        Field::Approved,
        0,
        &["核准日期", "审核日期", "审批日期", "批准日期"],
    ),
    (
        None,
        Field::Ended,
        0,
        &["退出日期", "退出时间", "取消时间", "取消日期"],
    ),
    (
        None,
        Field::Death,
        0,
        &["死亡时间", "死亡日期", "注销时间", "注销日期"],
    ),
    (None, Field::MovedOut, 0, &["迁出日期", "迁出时间"]),
    // Field names of the national platform.
    (
        Some(SourceKind::Registrations),
        Field::Ended,
        1,
        &["PAUS_INSU_DATE"],
    ),
    (None, Field::Id, 0, &["CERTNO"]),
    (None, Field::IdType, 0, &["PSN_CERT_TYPE"]),
    (None, Field::Name, 0, &["PSN_NAME"]),
    (None, Field::PersonNo, 0, &["PSN_NO"]),
    (None, Field::Scheme, 0, &["INSUTYPE"]),
    (None, Field::Status, 0, &["PSN_INSU_STAS"]),
    (None, Field::Year, 0, &["CLCT_YEAR"]),
    (None, Field::Year, 1, &["ACCRYM_BEGN"]),
    (None, Field::Place, 0, &["INSU_ADMDVS"]),
    (None, Field::Begun, 0, &["CRT_INSU_DATE"]),
    (None, Field::Begun, 1, &["PSN_INSU_DATE"]),
    (None, Field::Personal, 0, &["PSN_CLCT_AMT"]),
    (None, Field::PaidOn, 0, &["CLCT_TIME", "CLCT_DATE"]),
    (None, Field::Serial, 0, &["序号"]),
    // Beside a serial number it is some other number.
    (None, Field::Serial, 1, &["编号"]),
    (None, Field::RegionCode, 0, &["区划代码", "行政区划代码"]),
];

/// Why somebody enters after the window.
const LATE_CASE: &[&str] = &["中途参保情形", "中途参保原因", "中途参保类别", "参保情形"];

/// When that happened.
const EVENT_ON: &[&str] = &[
    "情形发生日期",
    "接收日期",
    "入院日期",
    "迁入日期",
    "释放日期",
    "退役日期",
];

/// When a registration ended.
const RELATION_ENDED: &[&str] = &[
    "终止日期",
    "停保日期",
    "断保日期",
    "参保终止日期",
    "职工停保日期",
    "停保时间",
    "终止时间",
    "断保时间",
];

/// Figures about many people, which a summary has and a list of persons has not.
const SUMMARY: &[&str] = &[
    "人数",
    "户数",
    "总人数",
    "总户数",
    "参保人数",
    "缴费人数",
    "已缴费人数",
    "已缴人数",
    "已参保人数",
    "未参保人数",
    "未缴费人数",
    "实际参保人数",
    "累计参保人数",
    "累计参保",
    "完成数",
    "完成人数",
    "完成率",
    "参保率",
    "占比",
    "比例",
    "尚差",
    "排名",
    "位次",
    "总金额",
    "金额合计",
    "本周新增",
    "合计",
    "小计",
    "总计",
];

/// Further words of headers, which canbao knows and uses for nothing. A column of one of these is never taken for another.
const OTHERS: &[&str] = &[
    "备注",
    "说明",
    "去向",
    "未参保原因",
    "原因",
    "迁入日期",
    "迁入时间",
    "联系电话",
    "电话",
    "手机号",
    "手机号码",
    "联系方式",
    "年龄",
    "民族",
    "住址",
    "地址",
    "家庭住址",
    "家庭地址",
    "户籍地址",
    "现住址",
    "开户行",
    "开户银行",
    "银行账号",
    "银行卡号",
    "账号",
    "卡号",
    "收款人",
    "监护人",
    "监护人姓名",
    "签字",
    "签名",
    "残疾类别",
    "残疾等级",
    "金额",
    "日期",
    "时间",
    "标准",
    "号码",
    "名称",
    "类型",
    "类别",
    "状态",
    "起",
    "止",
    "开始日期",
    "结束日期",
    "学校",
    "年级",
    "班级",
    "单位",
    "单位名称",
    "经办人",
    "操作员",
    "应缴金额",
    "个人",
    "财政",
];

/// Lines of the table by word: every line below a header is asked about.
static LINES: LazyLock<HashMap<&'static str, Vec<&'static Line>>> = LazyLock::new(|| {
    let mut lines: HashMap<&str, Vec<&Line>> = HashMap::new();
    for line in TABLE {
        for word in line.3 {
            lines.entry(word).or_default().push(line);
        }
    }
    lines
});

static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| SUMMARY.iter().chain(OTHERS).copied().collect());

/// A word of headers that names no field.
pub(crate) fn is_common(key: &str) -> bool {
    COMMON.contains(key)
}

/// A figure about many people.
pub(crate) fn is_of_a_summary(key: &str) -> bool {
    SUMMARY.contains(&key)
}

/// Every word for a field in a book.
pub(crate) fn words(source: SourceKind, field: Field) -> impl Iterator<Item = &'static str> {
    let fits = move |line: &&Line| line.0.is_none_or(|only| only == source) && line.1 == field;
    TABLE
        .iter()
        .filter(fits)
        .flat_map(|line| line.3.iter().copied())
}

/// The field that a header names in a book, and its rank. `year` is the coverage year. Headers of a tasks table may
/// begin with a year: "2022年任务数" is the task of 2022 only, "2021年实际参保人数" last year's figure for 2022 only (with an
/// insurance behind it, that insurance's), and a population is one whatever its year.
pub(crate) fn field(source: SourceKind, key: &str, year: i32) -> Option<(Field, u8)> {
    let word = |key: &str| {
        let fits = |line: &&&Line| line.0.is_none_or(|only| only == source);
        let lines = LINES.get(key).or_else(|| {
            // Field names of a database come in small letters as well.
            let is_name = key.is_ascii() && key.contains(|c: char| c.is_ascii_lowercase());
            is_name.then(|| LINES.get(key.to_ascii_uppercase().as_str()))?
        });
        lines?.iter().find(fits).map(|line| (line.1, line.2))
    };
    if let Some(found) = word(key) {
        return Some(found);
    }
    let key = if source == SourceKind::Tasks {
        without_share(key)
    } else {
        key
    };
    if let Some(found) = word(key) {
        return Some(found);
    }
    let key = if source == SourceKind::Tasks {
        without_share(key)
    } else {
        key
    };
    if let Some(found) = word(key) {
        return Some(found);
    }
    let (digits, rest) = key
        .split_at_checked(4)
        .filter(|_| source == SourceKind::Tasks)?;
    let of: i32 = digits.parse().ok()?;
    let rest = rest
        .strip_prefix("年度")
        .or_else(|| rest.strip_prefix('年'))?;
    if of == year - 1
        && let Some(field) = last_years(rest)
    {
        return Some((field, 0));
    }
    word(rest).filter(|(field, _)| match field {
        Field::Task | Field::Floor => of == year,
        field => *field == Field::Population,
    })
}

/// A header without the share that it explains behind itself: 保底任务数(任务数的95%).
fn without_share(key: &str) -> &str {
    let explained = key.strip_suffix(')').and_then(|key| key.rsplit_once('('));
    match explained {
        Some((word, share)) if share.contains('%') || share.contains("百分之") => word,
        _ => key,
    }
}

/// Which of last year's figures a header names, the year left off: 实际参保人数, or with an insurance before or behind
/// it, as under a merged cell: 实际参保人数 over 其中：城镇职工医保.
fn last_years(word: &str) -> Option<Field> {
    const PERSONS: [&str; 4] = ["实际参保人数", "实际参保数", "参保人数", "参保数"];
    const INSURANCES: [(Field, &[&str]); 3] = [
        (
            Field::LastYear,
            &[
                "",
                "城乡居民医保",
                "居民医保",
                "城乡居民",
                "居民",
                "城乡居民基本医疗保险",
            ],
        ),
        (
            Field::LastYearEmployee,
            &[
                "城镇职工医保",
                "职工医保",
                "城镇职工",
                "职工",
                "城镇职工基本医疗保险",
                "职工基本医疗保险",
            ],
        ),
        (
            Field::LastYearTotal,
            &["基本医疗保险", "基本医保", "合计", "小计", "总数"],
        ),
    ];
    let rest = PERSONS.iter().find_map(|persons| {
        word.strip_prefix(persons)
            .or_else(|| word.strip_suffix(persons))
    })?;
    INSURANCES
        .iter()
        .find(|(_, words)| words.contains(&rest))
        .map(|(field, _)| *field)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::header::meaning::key;

    #[test]
    fn every_word_stands_as_headers_are_compared_and_only_once_a_book() {
        let mut seen = std::collections::HashSet::new();
        for (source, _, _, words) in TABLE {
            for word in *words {
                assert_eq!(key(word), *word);
                assert!(seen.insert((*source, *word)), "{word} stands twice");
            }
        }
    }

    #[test]
    fn what_is_used_for_nothing_names_no_field_of_a_person() {
        for word in SUMMARY.iter().chain(OTHERS) {
            assert_eq!(key(word), *word);
            // A remark is read for words that take its row back.
            let named = field(SourceKind::Register, word, 2022);
            let named = named.filter(|(field, _)| *field != Field::Remark);
            assert_eq!(named, None, "{word}");
        }
    }

    #[test]
    fn words_mean_what_their_book_means() {
        use SourceKind::*;
        for (source, word, expected) in [
            (Tasks, "任务数", Some(Field::Task)),
            (Tasks, "单位", Some(Field::Township)),
            (Tasks, "2021年实际参保人数", Some(Field::LastYear)),
            (Tasks, "2022年实际参保人数", None),
            (
                Tasks,
                "2021年实际参保人数基本医疗保险",
                Some(Field::LastYearTotal),
            ),
            (
                Tasks,
                "2021年城镇职工医保参保人数",
                Some(Field::LastYearEmployee),
            ),
            (Tasks, "2021年度居民参保数", Some(Field::LastYear)),
            (Tasks, "2022年实际参保人数基本医疗保险", None),
            (Tasks, "2021年实际参保人数其他", None),
            (Tasks, "上年职工参保数", Some(Field::LastYearEmployee)),
            (Tasks, "2022年任务数", Some(Field::Task)),
            (Tasks, "2021年任务数", None),
            (Tasks, "2022年度保底任务数", Some(Field::Floor)),
            (Tasks, "2022年保底任务数(任务数的95%)", Some(Field::Floor)),
            (Tasks, "2021年保底任务数(任务数的95%)", None),
            (Tasks, "保底任务数(任务数的95%)", Some(Field::Floor)),
            (Tasks, "任务数(人口的88%)", Some(Field::Task)),
            (Tasks, "2020年常住人口", Some(Field::Population)),
            (Payments, "常住人口", None),
            (Registrations, "缴费状态", Some(Field::Status)),
            (Payments, "缴费状态", Some(Field::Status)),
            (Payments, "clct_flag", Some(Field::Status)),
            (Payments, "REVS_FLAG", Some(Field::ReversalFlag)),
            (Payments, "业务类型", Some(Field::Business)),
            (Rosters, "救助状态", Some(Field::Status)),
            (Register, "户籍状态", Some(Field::Status)),
            (Students, "学籍状态", Some(Field::Status)),
            (Register, "户主身份证号", Some(Field::Household)),
            (Payments, "费款所属期止", Some(Field::YearTo)),
            (Tasks, "2020年统计公报常住人口数", Some(Field::Population)),
            (Tasks, "完成数", None),
            (Tasks, "完成率", None),
            (Register, "去向", None),
            (Departures, "迁入日期", None),
            (Registrations, "迁入日期", Some(Field::EventOn)),
            (Payments, "中途参保情形", Some(Field::LateCase)),
            (Registrations, "停保日期", Some(Field::Ended)),
            (Payments, "停保日期", None),
            (Departures, "去向", Some(Field::Disposition)),
            (Students, "入学日期", Some(Field::EnrolledOn)),
            (Departures, "迁出日期", Some(Field::MovedOut)),
        ] {
            assert_eq!(field(source, word, 2022).map(|f| f.0), expected, "{word}");
        }
    }
}
