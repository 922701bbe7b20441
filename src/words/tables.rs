//! Words of the workbooks: names of sheets, titles, heads, notes. Closed lists, so that none is said in one language only.

use chrono::NaiveDate;

use super::{Lang, listed, say};
use crate::domain::{RegionLevel, Standing};
use crate::refine::Exported;
use crate::scheme::{Against, Count};

macro_rules! texts {
    ($(#[$meta:meta])* pub enum $name:ident { $($variant:ident: $zh:literal, $en:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $(#[doc = $en] $variant),+ }

        impl $name {
            /// Every member, in declared order.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The words in this language.
            pub const fn text(self, lang: Lang) -> &'static str {
                match self { $($name::$variant => lang.pick($zh, $en)),+ }
            }
        }
    };
}

texts! {
    /// Heads of columns.
    pub enum Head {
        Serial: "序号", "No.";
        Rank: "排名", "Rank";
        Place: "单位", "Place";
        Above: "上级单位", "Under";
        Register: "底册人口", "On register";
        Population: "常住人口", "Population";
        Task: "任务数", "Task";
        Floor: "保底任务数", "Floor";
        LastYear: "上年参保数", "Last year";
        Registered: "累计参保", "Registered";
        Residents: "居民", "Resident";
        Employees: "职工", "Employee";
        Numerator: "完成数", "Count";
        Denominator: "分母", "Out of";
        Rate: "完成率", "Rate";
        Need: "达标需", "Needed";
        Target: "目标", "Target";
        TargetMet: "是否达标", "Target met";
        Missing: "尚差", "Missing";
        Insured: "参保人数", "Insured";
        Settled: "已落实数", "Settled";
        StrictRate: "参保率", "Strict rate";
        SettledRate: "落实率", "Settled rate";
        Group: "群体", "Group";
        MustBeAll: "应保尽保", "Must be 100 %";
        ElsewherePersons: "其他（未落到单位）", "No place";
        Figure: "指标", "Figure";
        Value: "数值", "Value";
        Remark: "说明", "Remark";
        Setting: "口径", "Setting";
        OnTheWay: "在途情形", "On its way";
        TransitUntil: "在途至", "On its way until";
        Check: "核对项", "Check";
        CheckCode: "代码", "Code";
        Ran: "是否执行", "Run";
        WhyNot: "未执行原因", "Why not";
        Findings: "问题数", "Findings";
        Level: "级别", "Level";
        Acts: "处理单位", "Who acts";
        Clause: "依据", "Clause";
        ListSheet: "所在表", "Sheet";
        Name: "姓名", "Name";
        Id: "身份证号", "ID number";
        Document: "证件号码", "ID number";
        Expected: "应为", "Expected";
        Found: "实为", "Found";
        Source: "来源", "Source";
        File: "文件", "File";
        Sheet: "表", "Sheet";
        Row: "行", "Row";
        OtherSource: "对方来源", "Other source";
        OtherFile: "对方文件", "Other file";
        OtherSheet: "对方表", "Other sheet";
        OtherRow: "对方行", "Other row";
        Amount: "涉及金额", "Amount at stake";
        Reason: "退费原因", "Reason";
        RefundPlace: "退费统筹区", "Refunding pool";
        Cases: "件数", "Cases";
        Refund: "退费金额", "Refund";
        EligibleCases: "符合条件件数", "Eligible cases";
        EligibleRefund: "符合条件金额", "Eligible refund";
        RefusedCases: "不符合件数", "Not eligible cases";
        RefusedRefund: "不符合金额", "Not eligible amount";
        CaseNumber: "案号", "Case";
        KeepPool: "应缴统筹区", "Right pool";
        WrongPool: "错缴统筹区", "Charged in pool";
        Year: "缴费年度", "Year";
        Paid: "缴费金额", "Paid";
        Batch: "批次", "Batch";
        RowsRead: "读入行数", "Rows read";
        RowsUsed: "采用行数", "Rows used";
        FirstPaid: "最早缴费日期", "First paid";
        LastPaid: "最晚缴费日期", "Last paid";
        PaidOn: "缴费日期", "Paid on";
        Voucher: "凭证号", "Voucher";
        FirstPaidOn: "首次缴费日期", "First paid on";
        EventOn: "事由日期", "Event on";
        Payee: "收款人", "Payee";
        Account: "收款账号", "Account";
        Bank: "开户银行", "Bank";
        TaxOpinion: "税务受理意见", "Tax office opinion";
        BureauOpinion: "医保审核意见", "Bureau opinion";
        Eligible: "是否符合", "Eligible";
        DoubtfulCases: "待核件数", "Doubtful cases";
        DoubtfulRefund: "待核金额", "Doubtful amount";
        WhyNotEligible: "不符合原因", "Why not";
        Doubts: "疑点", "Doubts";
        SettledBy: "核实办法", "What settles it";
        Outcome: "核实结果", "Outcome";
        Kept: "保留关系理由", "Why kept";
        Evidence: "所需材料", "Evidence";
        State: "办理状态", "State";
        Signed: "本人签字", "Signature";
        Payer: "资助部门", "Payer";
        Category: "对象类别", "Category";
        Persons: "人数", "Persons";
        Grants: "资助金额", "Grants";
        Premium: "缴费标准", "Premium";
        Payable: "个人应缴", "Payable";
        Grant: "应资助", "Grant";
        PersonalPaid: "个人实缴", "Paid";
        Subsidised: "实际资助", "Subsidised";
        Difference: "差额", "Difference";
        Verdict: "核对结论", "Verdict";
        IsInsured: "参保状态", "Standing";
        IsSubsidised: "是否资助", "Subsidised";
        Hardship: "困难群众", "Hardship";
        KindOrReason: "类别或原因", "Category or reason";
        Problem: "问题", "Problem";
        ToDo: "怎么办", "What to do";
        Disposition: "去向", "Disposition";
        LateCase: "中途参保情形", "Case";
        Price: "缴费口径", "Price";
        StartsOn: "待遇起算日", "Counted from";
        WaitsUntil: "等待期至", "Waits until";
        BenefitFrom: "待遇开始", "Covered from";
        BenefitTo: "待遇截止", "Covered to";
        ExtraKind: "重复情形", "Kind";
        ExtraRegistrations: "多占登记数", "Registrations too many";
        ExtraFiscal: "财政补助重复", "Fiscal subsidy too often";
        Explanation: "说明", "Explanation";
        PreviousRank: "上期排名", "Rank before";
        RankChange: "名次升降", "Places risen";
        PointsChange: "增减（百分点）", "Change in points";
        NewSince: "较上期新增", "New since";
        Arrived: "补到", "Arrived later";
        Lagging: "排名落后", "Lagging";
        LagWeeks: "连续落后期数", "Issues lagging";
        Summoned: "约谈", "Summoned";
        Criticised: "通报批评", "Criticised";
        Tier: "奖补档次", "Tier";
        TierPersons: "奖补人数", "Persons of the tier";
        TierMoney: "奖补金额", "Money by tier";
        TierDue: "是否到期", "Due";
        Score: "得分", "Score";
        FundPersons: "工作经费人数", "Persons of the fund";
        FundMoney: "工作经费", "Work money";
        Clinic: "卫生室", "Clinic";
        Post: "岗位", "Post";
        LinkedPlaces: "所联单位", "Places";
        LinkedCount: "单位数", "Number";
        MeanRate: "平均完成率", "Mean rate";
        MeasuredOn: "测算日", "Measured on";
        OnRosterAlive: "在册人数（不含死亡）", "On the roster, alive";
        OnRosterDead: "在册死亡", "Deceased";
        Whole: "是否全部参保", "All insured";
        Comment: "备注", "Remark";
        VillageGroup: "村小组", "Village group";
        Household: "户号", "Household";
        HeadName: "户主姓名", "Head of household";
        HeadId: "户主身份证号", "ID number of the head";
        Relation: "与户主关系", "Relation";
        PersonKind: "人员类别", "Category";
        Sex: "性别", "Sex";
        Age: "年龄", "Age";
        MaskedId: "证件号码（脱敏）", "ID number (masked)";
        PlaceInsured: "参保地", "Registered in";
        LastYearState: "上年参保状态", "Last year";
        ThisYearState: "本年参保缴费状态", "This year";
        WhyUncharged: "未扣费原因", "Why not charged";
        WhyUninsured: "未参保原因", "Why uninsured";
        Proof: "佐证材料", "Proof";
        VerifiedBy: "核实人", "Verified by";
        VerifiedOn: "核实日期", "Verified on";
        Phone: "联系电话", "Telephone";
        Campaign: "宣传情况", "Told";
        Willing: "意愿", "Willing";
        Members: "户内参保人数", "Members";
        Charge: "应缴金额", "Due";
        ChargePaid: "已缴金额", "Paid already";
        AccountName: "集体账户名", "Account name";
        BankBranch: "开户行", "Bank";
        AccountNo: "账号", "Account number";
        ChargedAccount: "扣款账户", "Account charged";
        DetailMembers: "明细人数", "Members in detail";
        DetailCharge: "明细金额", "Due in detail";
        Agrees: "是否相符", "Agree";
        StatedCharge: "报送金额", "Amount received";
        Identified: "认定日期", "Identified on";
        Ended: "退出日期", "Ended on";
        Change: "变动", "Change";
        Before: "变动前", "Before";
        After: "变动后", "After";
    }
}

texts! {
    /// Names of sheets that are always the same.
    pub enum Tab {
        Cover: "封面", "Cover";
        Groups: "特殊群体", "Special groups";
        Bridge: "参保桥", "Bridge";
        Checking: "核对", "Footing";
        ChecksRun: "检查执行", "Checks run";
        Basis: "口径说明", "Basis";
        Contents: "目录", "Contents";
        Transit: "在途", "In transit";
        RefundSummary: "汇总", "Summary";
        Application: "申请表", "Application";
        Doubtful: "待核", "Doubtful";
        Received: "数据来源", "Sources";
        Funding: "资金汇总", "Funding";
        LateEntries: "中途参保", "Late entries";
        Audit: "财政补助重复", "Fiscal subsidy twice";
        Uninsured: "未参保", "Uninsured";
        PaidNotRegistered: "已缴费待登记", "Paid, to be registered";
        Problems: "问题人员", "Problem persons";
        Weekly: "周通报", "Weekly";
        Bulletin: "通报", "Bulletin";
        Assessment: "考核", "Assessment";
        AssessedGroups: "考核群体", "Groups required";
        Leaders: "联村领导", "Leaders";
        Clinics: "卫生室", "Clinics";
        Enrolled: "参保台账", "Enrolled";
        NotEnrolled: "未参保台账", "Not enrolled";
        Canvass: "宣传发动名单", "To canvass";
        HouseholdSummary: "汇总表", "Households";
        HouseholdDetail: "明细表", "Members";
        HouseholdCheck: "集体账户核对", "Accounts checked";
        RosterChanges: "名册变动", "Roster changes";
    }
}

texts! {
    /// First halves of the names of sheets that come in several.
    pub enum TabOf {
        Progress: "进度", "Progress";
        Standings: "状态", "Standings";
        Ranking: "排名", "Ranking";
        Group: "群体", "Group";
        Refund: "退费", "Refund";
        Persons: "人员", "Persons";
        Feedback: "反馈", "Feedback";
        Hardship: "核实", "Verify";
    }
}

texts! {
    /// Titles, after the scheme's name.
    pub enum Title {
        Cover: "参保进度通报", "Enrolment progress";
        Progress: "参保进度表", "Enrolment progress";
        Standings: "底册人口参保状态表", "Standings of the register";
        Ranking: "参保进度排名", "Ranking";
        Groups: "特殊群体参保情况汇总", "Special groups";
        Bridge: "累计参保与底册人口对应表（参保桥）", "From registered to register (bridge)";
        Checking: "报表数据核对", "Footing of declared figures";
        ChecksRun: "检查执行情况", "Checks run";
        Basis: "统计口径与依据", "Basis and settings";
        Findings: "问题清单", "Findings";
        Transit: "在途人员和缴费名单", "Persons and payments in transit";
        Refunds: "退费台账", "Refund cases";
        Application: "退费申请表", "Refund application list";
        Received: "数据来源", "Sources of the data";
        Doubtful: "待核退费（核实前不得退款）", "Doubtful refunds (no money before they are settled)";
        Subsidies: "资助台账", "Subsidies";
        Funding: "资助资金汇总表", "Funding";
        LateEntries: "中途参保与待遇起算表", "Late entries and first days of cover";
        Audit: "财政补助重复核算表", "Fiscal subsidy drawn twice";
        Feedback: "资助对象参保资助情况反馈表", "Feedback to the payer";
        Uninsured: "未参保人员名单", "Uninsured persons";
        PaidNotRegistered: "已缴费待登记人员名单", "Paid, to be registered";
        Problems: "问题人员名单", "Problem persons";
        Weekly: "参保缴费进度周通报", "Weekly progress";
        Bulletin: "参保缴费进度通报", "Progress since the last report";
        Assessment: "参保缴费考核表", "Assessment";
        AssessedGroups: "考核群体参保情况表", "Groups that must be covered whole";
        Leaders: "党政领导联系单位平均得分表", "Mean scores of leaders";
        Clinics: "完成率偏低单位的定点村卫生室名单", "Clinics of places far behind";
        Enrolled: "参保台账", "Ledger of the enrolled";
        NotEnrolled: "未参保台账", "Ledger of those not enrolled";
        Canvass: "参保宣传发动名单", "Persons to canvass";
        HouseholdSummary: "集体账户代扣城乡医保费家庭户汇总表", "Households charged through collective accounts";
        HouseholdDetail: "集体账户代扣城乡医保费家庭户明细表", "Members charged through collective accounts";
        HouseholdCheck: "集体账户汇总明细核对表", "Summary and detail of collective accounts compared";
        RosterChanges: "名册变动情况表", "Changes of the rosters";
        DepartmentFeedback: "名册人员参保资助情况反馈表", "Feedback to the department";
        Hardship: "未参保困难人员核实表", "Uninsured hardship persons to verify";
    }
}

texts! {
    /// Single words and sentences.
    pub enum Text {
        Total: "合计", "Total";
        Subtotal: "小计", "Subtotal";
        NoCategory: "不在册", "On no roster";
        NoPayer: "无资助", "No grant";
        RankedTotal: "参加排名单位合计", "Total of those ranked";
        Other: "其他", "Other";
        Nothing: "无", "None";
        Met: "✓ 达标", "✓ met";
        Unmet: "▲ 未达标", "▲ not met";
        Yes: "是", "yes";
        No: "否", "no";
        Asked: "待核", "to be settled";
        Unknown: "未见于底册人口", "not on the register";
        Star: "★ 困难群众", "★ hardship";
        UnitPersons: "单位：人、%", "Unit: persons, %";
        UnitPersonsOnly: "单位：人", "Unit: persons";
        UnitYuan: "单位：元", "Unit: yuan";
        UnitPersonsYuan: "单位：人、元", "Unit: persons, yuan";
        ChooseTitle: "去向", "Disposition";
        ChooseMessage: "请从下拉列表中选择去向，其他情况请选“其他原因”并在说明栏填写。", "Choose from the list; for anything else choose 'other reason' and explain.";
        ProgressSignature: "填表人：　　　　　　　　　　审核人：　　　　　　　　　　负责人：　　　　　　　　　　", "Prepared by:                Checked by:                Responsible:                ";
        ApplicationSignature: "经办人：　　　　　　　　税务部门（业务受理章）：　　　　　　　　医保部门审核：　　　　　　　　日期：　　　　年　　月　　日", "Clerk:              Tax office (stamp):              Bureau:              Date:              ";
        TownshipSignature: "村（社区）核实人：　　　　　　　　乡镇（街道）审核人：　　　　　　　　日期：　　　　年　　月　　日", "Verified in the village:              Checked in the township:              Date:              ";
        FeedbackSignature: "资助部门核对人：　　　　　　　　医保部门：　　　　　　　　日期：　　　　年　　月　　日", "Checked by the payer:              Bureau:              Date:              ";
        DownToCountyNote: "本通报到县（市、区）为止；乡镇、村（社区）见各县（市、区）的通报和 coverage.csv。", "Down to the county; townships and villages stand in each county's own workbook and in coverage.csv.";
        OtherNote: "“其他”为未能落到本级单位的人员，计入合计，不排名。", "'Other' are persons that no place of this level is known for; they are in the total and have no rank.";
        UnitNote: "无区划代码的单列单位（市本级、开发区等）不计常住人口，不排名。", "Units without a region code have no population and no rank.";
        MissingNote: "全域是否达标、尚差见“整体”一行，按全域目标计，与各行尚差之和可以不同。", "The mark and 'missing' of the whole stand in its own row, against its own target; the rows' 'missing' may add up to another figure.";
        ResidentsNote: "底册居民应参保人口 = 底册人口 − 职工参保（含外地）− 死亡；通知未定义分母时的缺省约定。", "Residents of the register = register − employees, here or elsewhere − deceased; a stated default where the notice defines no denominator.";
        OverTaskNote: "以任务数为分母的完成率超过100%即超额完成任务。", "A rate over 100 % of a task: the task is exceeded.";
        PaymentsNote: "本表按缴费计，不按登记计：已登记未缴费的不计入。", "This table counts payments, not registrations: who is registered and has not paid is left out.";
        IncompleteNote: "有的地方有人参保而没有分母（任务表缺数），合计与上级因此不列完成率：请补全任务表后重新运行。", "Some places count people and have no denominator (missing from the tasks table), so the total and what is above have no rate: complete the table and run again.";
        OverNote: "完成率超过100%属正常情形（户籍参保、常住人口为分母），原因见“参保桥”。", "Rates over 100 % are normal where people are insured by household and counted by residence: see the bridge.";
        GroupNote: "任务数为名册人数；完成数为在任何地方参保的人数；落实率另计死亡、参军、服刑、失联、自愿放弃。“其他”不计任务数和完成率，合计完成率按有任务数的各行计算。", "Task = persons on the roster; count = insured anywhere; settled adds deceased, military, prison, unreachable and declined. 'Other' has no task and no rate; the total's rates are of the rows with a task.";
        BridgeNote: "每一行：累计参保减去各“减”项、加上各“加”项等于本地职工与本地居民之和，再加其余状态等于底册人口。辖区整体一行中，辖区内部的互相流动已经抵消，故与合计行的中间各项可以不同。各行均为0的项不列出。", "In every row: registered less the 'less' lines plus the 'plus' lines = local employees and residents; plus the other standings = the register. In the row of the whole, moves inside it cancel, so its middle lines may differ from the total's. Lines that are 0 everywhere are left out.";
        FundingNote: "按每人每年资助金额计算，供财政部门拨付资金核对。", "By yearly grant a person; for the finance office to pay by.";
        GrantsBridge: "资助核对（元）：", "Grants (yuan): ";
        GrantsOwed: "应资助", "owed";
        GrantsRecorded: "已资助（缴费、登记、名册所记）", "recorded by payments, registrations and rosters";
        GrantsOpen: "差额", "difference";
        OfOtherYears: "一笔缴几年的，属其他年度的个人缴费（不退，不计入本年）：", "Personal money paid for other years in one payment (neither refunded nor counted this year): ";
        GrantsOutside: "表外另有资助记录（无资格、职工参保或本地无居民登记的人）", "recorded outside this table (not entitled, employees, no resident registration here)";
        CaseWaiting: "等待期（无中途参保情形）", "waiting, without a case";
        EventMissing: "缺情形日期", "day of the event missing";
        UnpricedRemark: "财政部分未定，未定价：应缴以已缴计，不少于个人缴费标准", "fiscal part not settled: what was paid is taken as due, at least the personal premium";
        TransitNote: "在途：本地首笔缴费距登记导出日在约定的工作日之内（或在其后），任何地方都还没有登记的，不算已缴费未登记、未参保，也不计入参保；过了“在途至”还没有登记的，转为问题。自述未到账的缴费不算已缴，不退费。", "In transit: first paid here within the agreed working days before (or after) the export of the registrations, and registered nowhere yet: no finding, and not counted as covered; after the day it becomes a finding. A payment that says that its money is not there is neither counted nor refunded.";
        NotCounted: "未计入参保", "not counted as covered";
        ExportedDays: "各账的日期", "Days of the books";
        EntriesDefault: "缺省约定：缴费之日、缴费次日、缴费次月1日起算的，均不早于待遇期首日；出生、情形、停保之日起算的，照实计算；等待期自起算日起按日历月计，末日逾月末的取月末。一人以首次有效缴费日为准，情形按方案所列先后取第一项符合的。", "Defaults: days counted from the payment are never before the benefit period; birth, event and stop of cover are taken as they are; waiting runs in calendar months from the first day. The first effective payment decides, and the first case that fits.";
        EntriesStudents: "按学年享受待遇的在校学生另见数据文件 entries.parquet，不在本表逐一列出，共", "Students covered by school year stand in entries.parquet and not here, in number: ";
        EntryPrice: "缴费：", "price: ";
        EntryStarts: "起算：", "from: ";
        EntryWait: "等待期（月）：", "months of waiting: ";
        EntryNoGrant: "不享受参保资助", "no grant";
        EntryListedGrant: "按缴费日所在名册资助", "grant of the roster on the payment day";
        EntryAnyListed: "不限认定日期", "whenever identified";
        EntryEventFrom: "情形发生不早于", "event not before ";
        NoBenefit: "本年度不享受待遇", "no benefit this year";
        AuditNote: "一人有几个正常居民参保登记的，除保留的一个外各多占一份财政补助；保留职工参保关系的，居民登记全部计入。金额 = 多占登记数 × 财政补助标准；通知未定财政补助的，不计金额。本表供审计核对，不是退费金额。", "Of several normal resident registrations all but one draw the fiscal subsidy once too often; beside an employee relation all of them do. For audit; nothing is refunded by this table.";
        ApplicationNote: "本表只列系统判定符合退费条件的案件，是否退费以税务受理、医保审核为准。收款人与参保人不一致的，须附委托或继承证明。", "Only cases found eligible; the tax office and the bureau decide. A payee other than the insured needs proof.";
        UninsuredNote: "请逐人核实，在“去向”栏从下拉列表选择，并在“说明”栏写明依据；不要改动其他各列。★为困难群众，请优先动员。", "Verify each person, choose a disposition and explain; leave the other columns unchanged. Persons with ★ first.";
        PaidNote: "下列人员已经缴费但尚未参保登记，请只办理登记，不得再次收费。", "These persons have paid and are not registered: register them, do not collect again.";
        ProblemsNote: "请在“说明”栏填写核实结果后报回。", "Fill in what was found and send it back.";
        FindingsNote: "每行均注明来源文件、表和行号，可据此逐条核对。", "Every row names its file, sheet and row.";
        EnrolledNote: "底册人口中在任何地方参保的人员。与未参保台账合计等于底册人口。", "Persons of the register insured anywhere; with the other ledger they are the register.";
        NotEnrolledNote: "底册人口中未在任何地方参保的人员（含死亡、参军、服刑、失联、自愿放弃、数据待核）。请逐人填写原因，参军、上学、务工、婚迁、服刑、无户口等须收集佐证材料留档。", "Persons of the register insured nowhere, the explained among them. Fill in the reason of each and keep the proof.";
        CanvassNote: "尚未参保的底册人口、困难群众和上年参保人员，供宣传发动参考；证件号码已脱敏。“已缴费未登记”的只补登记，不得再次收费。", "Those not insured yet: of the register, in hardship, or enrolled last year. Numbers are masked. Who has paid is only to be registered.";
        HouseholdNote: "应缴金额为缴费标准减去资助、再减去已缴金额；全额资助的为0。已死亡、有职工参保、已列入其他户或证件号码待核的人员不扣款，列为0，不计入户内参保人数。", "Due = premium less grant, less what is paid already. Deceased, employees, those listed elsewhere and those whose number cannot be used are neither charged nor counted.";
        CrossChecks: "本表核对：明细人数、金额之和等于汇总；一人不在两户扣款；全额资助人员应缴为0。", "Checked: details add up to the summary; nobody is charged in two households; who is subsidised in full is charged nothing.";
        HardshipNote: "现状为截止日期的判定。请主管部门会同乡镇逐人核实未参保原因，符合条件的动员参保并落实资助。", "Standing on the as-of date. Verify each person's reason with the township; have them enrolled and their grant paid.";
        ChangesNote: "最新一批名册与上一批逐人比对：新增、变更（类别或日期）、取消（不再列入或已退出）。", "The newest rosters against the batch before, person by person.";
        UnlistedNote: "不在任何名册上、却记有资助的人：请核对是否漏报，或退回资助。", "On no roster and subsidised all the same: was the person left out, or must the subsidy be returned?";
        FeedbackNote: "名册上每一人：是否参保、在何处参保、是否资助及核对结论。", "Everyone on the roster: registered or not and where, subsidised or not, and the verdict.";
        LastYearIn: "上年参保", "enrolled";
        LastYearOut: "上年未参保", "not enrolled";
        Male: "男", "male";
        Female: "女", "female";
        GrantedBy: "由其他渠道资助：", "granted by ";
        NumberPending: "证件号码待核", "number to be mended";
        NotListed: "不在册", "On no roster";
        StudentsGroup: "在校学生", "Students";
        Agree: "✓ 相符", "✓ agree";
        PersonsCount: " 人", " persons";
        Continued: "续", "continued";
        PersonsInRegister: "底册人口", "Persons on the register";
        InsuredShare: "底册人口参保率（在任何地方参保）", "Insured anywhere, of the register";
        SettledShare: "底册人口落实率", "Settled, of the register";
        FindingsTotal: "发现问题合计", "Findings in all";
        RefundCases: "退费案件", "Refund cases";
        RefundEligible: "其中：符合退费条件", "of these eligible";
        RefundDoubtful: "待核（核实前不退）", "to be settled first";
        RefundFen: "退费金额（元）", "Refunds (yuan)";
        RefundEligibleFen: "其中：符合退费条件（元）", "of these eligible (yuan)";
        RefundDoubtfulFen: "待核（元）", "to be settled first (yuan)";
        Unclaimed: "文件夹里没有来源认领、未采用的文件", "files in the folder that no source claims";
        NotUsed: "未采用", "not used";
        Accepted: "数据有以下情况，经核实接受后出表", "accepted after being looked into";
        GrantsFen: "应资助金额（元）", "Grants (yuan)";
        ChecksNotRun: "未能执行的检查项", "Checks that could not run";
        Ran: "已执行", "run";
        NotRun: "未执行", "not run";
        MissingSources: "缺少数据来源：", "missing sources: ";
        SetYear: "参保年度", "Coverage year";
        SetPremium: "个人缴费标准（元/人·年）", "Personal premium (yuan a year)";
        SetFiscal: "财政补助标准（元/人·年）", "Fiscal subsidy (yuan a year)";
        SetFiscalUnknown: "文件未确定", "not settled by the notice";
        SetWindow: "集中参保缴费期", "Payment window";
        SetBenefit: "待遇享受期", "Benefit period";
        SetPool: "统筹层次", "Pooling";
        SetPoolCity: "市级统筹（区划代码前4位为一个统筹区）", "municipal: the first 4 digits of a region code";
        SetPoolCounty: "县级统筹（区划代码前6位为一个统筹区）", "by county: the first 6 digits of a region code";
        SetInsured: "居民参保认定", "When a resident is insured";
        SetInsuredRegistered: "有正常参保登记即为参保", "when normally registered";
        SetInsuredPaid: "有正常参保登记，且已缴费、已资助或无需缴费", "when normally registered and paid, subsidised or free";
        SetRoster: "资助身份认定日", "Days that decide an entitlement";
        SetPaymentDay: "缴费当日", "payment day";
        SetCutOff: "名册截止日", "cut-off";
        SetRefund: "退费时限", "Refund limits";
        SetRefundDefault: "默认：R01、R04、R07、R11全年可退；其余原因须在待遇享受期开始前发生", "default: R01, R04, R07, R11 all year; the other reasons before the benefit period";
        SetRefundAny: "全年可退", "all year";
        SetRefundBefore: "须早于", "before ";
        SetCategory: "资助标准", "Grant";
        SetRate: "完成率", "Rate";
        SetDigest: "口径文件校验码", "Digest of the settings";
        SetTarget: "目标", "target ";
        SetPrevious: "上年度个人缴费（新生儿跨年缴两年时用）", "Last year's premium (of newborns who owe two years)";
        SetGrantedUntil: "最后资助缴费日（此后只资助动态新增对象）", "Last granted payment day (later only entries by roster)";
        SetStudents: "在校学生待遇期", "Cover of students";
        SetPayWithin: "入学后几个月内缴费", "paid so many months after enrolment: ";
        SetGraduates: "毕业未就业顺延至", "graduates without a job until ";
        SetLate: "中途参保", "Late entry";
        SetWaiting: "待遇等待期（月）", "Waiting (months)";
        SetWaitingRule: "固定 + 未修复断缴年数 × 每年；长期断缴另加不少于", "fixed + broken years not repaid × a year; after a long break at least";
        SetPrimary: "（排名指标）", " (ranks)";
        SetBasis: "政策依据", "Basis";
        NoTarget: "未设目标", "no target";
        PersonsUnit: "人", " persons";
        YuanAYear: "元/人·年", " yuan a year";
        WholePlace: "（整体）", " (whole)";
        Lags: "▲ 落后", "▲ lags";
        Summon: "▲ 约谈", "▲ summon";
        Criticise: "▲ 通报批评", "▲ criticise";
        ListClinic: "▲ 列入名单", "▲ listed";
        NoTier: "无", "none";
        Due: "已到期", "due";
        NotDue: "未到期", "not due";
        AssessedGroupNote: "按各单位奖补档次的测算日计算（未达任何档次的，按最后一档）：在册人数为当日有效的名册人数减去死亡；参保为在任何地方参保；落实率另计参军、服刑、失联、自愿放弃，仅供参考，不作为达到100%的依据。没有在册人员的单位视为全部参保，不列出。", "On the day of each place's tier (of the last one where none is reached): on the roster and in force that day, less the deceased; insured anywhere. The settled rate adds military, prison, unreachable and declined; it is shown beside and does not make a group whole. Places without anybody on the roster count as whole and are not listed.";
        WholeNote: "达标数、尚差、是否达标只看“整体”一行，按全域目标计；与各行之和可以不同。", "Need, missing and the mark of the whole stand in its own row, against its own target; they may differ from the sum of the rows.";
        UnitPersonsYuanRate: "单位：人、元、%", "Unit: persons, yuan, %";
    }
}

/// `截至2022年3月31日`.
pub fn as_of(day: NaiveDate, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("截至{}", long_date(day, lang)),
        Lang::En => format!("As of {}", long_date(day, lang)),
    }
}

/// `更新至2022年3月31日`, as titles of group tables carry it.
pub fn updated_to(day: NaiveDate, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("（更新至{}）", long_date(day, lang)),
        Lang::En => format!(" (to {})", long_date(day, lang)),
    }
}

/// A day as prose has it.
pub fn long_date(day: NaiveDate, lang: Lang) -> String {
    match lang {
        Lang::Zh => day.format("%Y年%-m月%-d日").to_string(),
        Lang::En => day.format("%Y-%m-%d").to_string(),
    }
}

/// `依据：…`, the line under a table.
pub fn basis(basis: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("依据：{basis}"),
        Lang::En => format!("Basis: {basis}"),
    }
}

/// `由税务部门处理：核对缴费凭证。`, right under the title of a list of findings.
pub fn handled_by(who: &str, advice: &str, lang: Lang) -> String {
    say!(lang, "由{who}处理：{advice}。", "For the {who}: {advice}.")
}

/// `怎么办：入户核实去向。★逐人上门核实。`, right under the title of a township's list; the second is about those with a star.
pub fn to_do(advice: &str, with_star: Option<&str>, lang: Lang) -> String {
    let all = say!(lang, "怎么办：{advice}。", "What to do: {advice}.");
    let star = Text::Star.text(lang);
    with_star.map_or(all.clone(), |advice| {
        all + &say!(lang, "{star}{advice}。", " {star} {advice}.")
    })
}

/// `分母：常住人口`, under a rate's name.
pub fn out_of(against: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("（分母：{against}）"),
        Lang::En => format!(" (of {against})"),
    }
}

/// A rule for late entries under their list: `新生儿（方案二）：缴费：…，起算：…。`
pub fn late_rule(name: &str, clause: &str, parts: &[String], lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("{name}（{clause}）：{}。", parts.join("，")),
        Lang::En => format!("{name} ({clause}): {}.", parts.join(", ")),
    }
}

/// Page x of y, in the spreadsheet's own codes.
pub const fn page_footer(lang: Lang) -> &'static str {
    lang.pick("&C第 &P 页 / 共 &N 页", "&CPage &P of &N")
}

/// The n-th sheet of a list that is longer than one sheet may be: `（续2）`.
pub fn continued(part: usize, lang: Lang) -> String {
    format!("（{}{part}）", Text::Continued.text(lang))
}

/// A level of regions in one short word, for tabs.
pub const fn short_level(level: RegionLevel, lang: Lang) -> &'static str {
    match level {
        RegionLevel::Province => lang.pick("省", "Province"),
        RegionLevel::City => lang.pick("市", "City"),
        RegionLevel::County => lang.pick("县", "County"),
        RegionLevel::Township => lang.pick("乡镇", "Township"),
        RegionLevel::Village => lang.pick("村", "Village"),
    }
}

/// A denominator.
pub const fn against(against: Against, lang: Lang) -> &'static str {
    match against {
        Against::Register => lang.pick("底册人口", "register"),
        Against::Population => lang.pick("常住人口", "population"),
        Against::Task => lang.pick("任务数", "task"),
        Against::LastYear => lang.pick("上年参保数", "last year"),
        Against::Residents => lang.pick("底册居民应参保人口", "residents of the register"),
    }
}

/// Which regions a rate has denominators of their own for.
pub fn of_regions(named: &[(String, Against)], others: Against, lang: Lang) -> String {
    let of = |of: Against| against(of, lang);
    let named: Vec<String> = named
        .iter()
        .map(|(name, own)| {
            let own = of(*own);
            say!(lang, "{name}用{own}", "{own} for {name}")
        })
        .collect();
    let (named, others) = (listed(&named, lang), of(others));
    say!(
        lang,
        "分母因地区而异：{named}，其余用{others}；上级为各下级之和。",
        "Denominators differ by region: {named}, {others} for the others; above them their sum."
    )
}

/// What the ranking counts, in one line; `has_weekly`: the weekly table beside it counts payments.
pub fn ranking_counts(
    count: Count,
    insured_when_paid: bool,
    has_weekly: bool,
    lang: Lang,
) -> String {
    let whom = counted(count, lang);
    let how = match (count, insured_when_paid) {
        (Count::Insured, true) => lang.pick(
            "按缴费计，已登记未缴费的居民不计入",
            "residents when they have paid",
        ),
        (Count::Insured, false) => {
            lang.pick("按登记计，不论是否缴费", "when registered, paid or not")
        }
        (Count::Registered, _) => lang.pick(
            "按登记计，已登记未缴费的也计入",
            "registrations, paid or not",
        ),
        (Count::Paid, _) => lang.pick(
            "每人计一次，已登记未缴费的居民不计入",
            "each once, residents when they have paid",
        ),
    };
    let weekly = lang.pick(
        "；周通报、考核表按缴费计",
        "; the weekly and the assessment table count payments",
    );
    let weekly = if has_weekly { weekly } else { "" };
    say!(
        lang,
        "完成数为{whom}（{how}）{weekly}。",
        "Counted: {whom} ({how}){weekly}."
    )
}

/// Head of the marks of a target: which, and on which day. The primary rate's goes without a name.
pub fn mark(rate: Option<&str>, target: &str, day: NaiveDate, lang: Lang) -> String {
    let head = Head::TargetMet.text(lang);
    let day = long_date(day, lang);
    let rate = rate.map_or_else(String::new, |rate| {
        format!("{rate}{}", lang.pick("，", ", "))
    });
    say!(
        lang,
        "{head}（{rate}{target}，截至{day}）",
        "{head} ({rate}{target}, on {day})"
    )
}

/// Head of the marks of several targets, each named in its row.
pub fn mark_on(day: NaiveDate, lang: Lang) -> String {
    let head = Head::TargetMet.text(lang);
    let day = long_date(day, lang);
    say!(lang, "{head}（截至{day}）", "{head} (on {day})")
}

/// On which days the books were exported.
pub fn exported(exported: Exported, lang: Lang) -> String {
    let day = |day: Option<NaiveDate>| {
        let unknown = lang.pick("未写日期", "no day stated").to_owned();
        day.map_or(unknown, |day| long_date(day, lang))
    };
    let (registrations, payments) = (day(exported.registrations), day(exported.payments));
    say!(
        lang,
        "登记数据：{registrations}；缴费数据：{payments}。",
        "Registrations: {registrations}; payments: {payments}."
    )
}

/// Persons in transit, beside figures that are without them.
pub fn beside_in_transit(persons: u64, lang: Lang) -> String {
    say!(
        lang,
        "另有在途 {persons} 人（已缴费，登记可能还没有到），未计入参保数，见问题清单。",
        "{persons} persons more are in transit (paid, registration not here yet); they are not counted, see the findings."
    )
}

/// Registered-not-paid that the payments cannot know of yet.
pub fn payments_behind(days: u64, lang: Lang) -> String {
    say!(
        lang,
        "缴费数据比登记早{days}天，可能已缴的“已登记未缴费”",
        "Registered, not paid: payments are {days} days older than registrations"
    )
}

/// Why a rate is not printed.
pub fn without_denominator(rate: &str, against: &str, lang: Lang) -> String {
    say!(
        lang,
        "{rate}：来件没有{against}，不列率，不判是否达标。",
        "{rate}: no file states the {against}, so there is neither a rate nor a mark."
    )
}

/// A numerator.
pub const fn counted(count: Count, lang: Lang) -> &'static str {
    match count {
        Count::Registered => lang.pick("在本地正常参保登记人次", "normally registered here"),
        Count::Insured => lang.pick(
            "底册人口中在任何地方参保的人数",
            "register persons insured anywhere",
        ),
        Count::Paid => lang.pick(
            "在本地登记且已缴费（含资助、免缴）的人数",
            "registered here and paid, subsidised or free",
        ),
    }
}

/// What a township may answer for a person, in the order in which the list offers it.
/// `LocalEmployee`, `LocalResident` and `Pending` are for records to say; `Uninsured` is no answer.
pub const DISPOSITIONS: [Standing; 8] = [
    Standing::Military,
    Standing::Prison,
    Standing::Unreachable,
    Standing::Declined,
    Standing::ElsewhereEmployee,
    Standing::ElsewhereResident,
    Standing::Deceased,
    Standing::Other,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_sheets_fit_their_tabs_and_differ_in_both_languages() {
        for lang in [Lang::Zh, Lang::En] {
            let mut names: Vec<&str> = Tab::ALL.iter().map(|tab| tab.text(lang)).collect();
            assert!(names.iter().all(|name| name.chars().count() <= 31
                && !name.contains(['[', ']', ':', '*', '?', '/', '\\'])));
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), Tab::ALL.len());
        }
    }
}
