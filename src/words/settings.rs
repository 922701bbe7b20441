//! Settings in words, for the reference page, which is in Chinese.

use crate::scheme::{Setting, Unsaid, ValueOf};

/// What the value of a setting looks like.
pub fn takes(setting: Setting) -> String {
    match setting.takes() {
        ValueOf::Table => "段".to_owned(),
        ValueOf::Tables => "段，可以有几段".to_owned(),
        ValueOf::Text => "文字".to_owned(),
        ValueOf::Texts => "文字的列表".to_owned(),
        ValueOf::Number => "整数".to_owned(),
        ValueOf::Decimal => "数，可带小数".to_owned(),
        ValueOf::Flag => "`true`、`false`".to_owned(),
        ValueOf::FlagOr(word) => format!("`true`、`false`、`\"{word}\"`"),
        ValueOf::Day => "日期 `2022-02-28`".to_owned(),
        ValueOf::DayList => "日期的列表".to_owned(),
        ValueOf::DayOr(word) => format!("日期 `2022-02-28`，或 `\"{word}\"`"),
        ValueOf::Yuan => "金额，元".to_owned(),
        ValueOf::Share => "比例 `\"95%\"`".to_owned(),
        ValueOf::YuanOrShare => "金额（元）或比例 `\"50%\"`".to_owned(),
        ValueOf::Words(words) => words()
            .into_iter()
            .map(|word| format!("`{word}`"))
            .collect::<Vec<_>>()
            .join("、"),
        ValueOf::Category => "类别".to_owned(),
        ValueOf::Categories => "类别的列表".to_owned(),
        ValueOf::Groups => "群体的列表".to_owned(),
        ValueOf::Region => "区划代码".to_owned(),
        ValueOf::Regions => "区划代码的列表".to_owned(),
        ValueOf::Path => "路径".to_owned(),
        ValueOf::Patterns => "名称的列表，`*`、`?`、`[…]` 为通配".to_owned(),
        ValueOf::Expression => "正则表达式".to_owned(),
    }
}

/// What holds where it is not written.
pub fn unsaid(setting: Setting) -> String {
    match setting.unsaid() {
        Unsaid::Needed => "必填".to_owned(),
        Unsaid::Is(value) => format!("`{value}`"),
        Unsaid::Nothing => "无".to_owned(),
    }
}

/// What a setting means, in one or two sentences.
pub const fn meaning(setting: Setting) -> &'static str {
    match setting {
        Setting::Scheme => "方案的名称、年度、地区和依据",
        Setting::SchemeName => "方案名称，印在各表表头",
        Setting::SchemeYear => "参保年度",
        Setting::SchemeRegion => "本方案的区划代码。在它之内为本地，之外为异地",
        Setting::SchemeBasis => "政策依据，印在表下；没有写明条款的问题也印它",
        Setting::SchemeInputs => "数据文件夹，相对于方案文件。命令行 --inputs 优先",
        Setting::SchemePoolDigits => "统筹区取区划代码的前几位：4 市级，6 县级，2 省级",
        Setting::SchemeRegions => "区划表，csv 或 xlsx",
        Setting::Premium => "缴费标准",
        Setting::PremiumPersonal => "个人缴费标准，每人每年",
        Setting::PremiumFiscal => "财政补助标准。不写的，须全额缴费者列为未定价",
        Setting::PremiumTotal => "筹资标准。写了就核对它等于个人加财政",
        Setting::PremiumPrevious => "上年度个人缴费标准，新生儿跨年缴两年时用",
        Setting::Window => "集中缴费期，含首尾两日",
        Setting::WindowFrom => "缴费期首日",
        Setting::WindowTo => "缴费期末日",
        Setting::Benefit => "待遇期。首日须在参保年度内",
        Setting::BenefitFrom => "待遇期首日",
        Setting::BenefitTo => "待遇期末日",
        Setting::Roster => "资助资格看哪一天。整段不写的，只看缴费日",
        Setting::RosterDecides => {
            "哪一天在册算数：缴费日、截止日，写两个的任一即可。写了 cut-off 而没写本项的，两个都算"
        }
        Setting::RosterCutOff => "名册核准截止日。之后核准的不给资助",
        Setting::RosterUntil => "此日以后缴费的，只资助动态新增对象。不写则不限",
        Setting::Subsidy => "资助对象，一类一段。先后就是同额时的出资顺序",
        Setting::SubsidyCategory => "类别的正式名称",
        Setting::SubsidyAlso => "其他部门对这一类的叫法",
        Setting::SubsidyGrant => "资助金额，元或百分比（四舍五入到分）。0 为列名但不资助",
        Setting::SubsidyPays => "个人缴多少。写了就核对它加资助等于缴费标准",
        Setting::SubsidyPayer => "出资单位。有资助的必须写",
        Setting::Late => {
            "中途参保的情形，一种一段，按先后取第一种符合的。条件至少写一个，写了的须全部满足"
        }
        Setting::LateName => "情形的名称，各段不同",
        Setting::LateClause => "依据的条款",
        Setting::LateBornWithinDays => {
            "条件：缴费不晚于出生后几日，出生当日为第 0 日。缴费期内也适用"
        }
        Setting::LateBornWithinMonths => {
            "条件：缴费不晚于自出生次月 1 日起的几个日历月。缴费期内也适用"
        }
        Setting::LateBornFrom => "条件：此日及以后出生",
        Setting::LateOnRoster => "条件：缴费日在这些类别的名册上",
        Setting::LateEmployeeGapDays => "条件：职工医保停保后几日之内",
        Setting::LateEmployeeGapMonths => "条件：职工医保停保后几个日历月之内",
        Setting::LateEmployeeStoppedFrom => "条件：职工医保停保不早于此日",
        Setting::LateEmployeeYears => "条件：停保前职工医保已满几年",
        Setting::LateCase => "条件：“中途参保情形”一列写着其中一个词",
        Setting::LatePrice => {
            "缴多少：personal 个人标准，full 个人加财政，two-years 两个年度的个人标准"
        }
        Setting::LateStarts => {
            "待遇从哪天起：birth 出生，event 情形发生，cover-stop 停保，payment-day 缴费日，next-day 次日，next-month 次月 1 日"
        }
        Setting::LateWaitMonths => "起算后等待几个月，0 为不等待",
        Setting::LateKeepsGrant => {
            "是否仍享受资助：true 按 [roster]，false 不资助，\"listed\" 按缴费日所在名册"
        }
        Setting::LateNewly => "on-roster 是否只收动态新增：认定不早于缴费期首日",
        Setting::LateEventFrom => "case 写明的情形日期不得早于此日。没有写日期的照收",
        Setting::Students => "在校学生按学年享受待遇。不写的，没有这种待遇期",
        Setting::StudentsFrom => "学年待遇首日",
        Setting::StudentsTo => "学年待遇末日",
        Setting::StudentsPayWithinMonths => "入学后几个月内缴费的，从入学起享受",
        Setting::StudentsGraduatesUntil => "当年毕业未就业的顺延到此日",
        Setting::StudentsClause => "依据的条款",
        Setting::Waiting => "待遇等待期。不写的，2025 年度起按国办发〔2024〕38号，以前年度没有",
        Setting::WaitingFixedMonths => "固定等待几个月",
        Setting::WaitingMonthsABrokenYear => "断缴一年加几个月，修复一年减几个月",
        Setting::WaitingLongBreakYears => "连续断缴几年为长期断缴",
        Setting::WaitingLongBreakMonths => "长期断缴修复后至少另加几个月",
        Setting::Refund => "改动某种退费原因的时限，一种原因一段",
        Setting::RefundReason => "退费原因",
        Setting::RefundBefore => "事由须早于此日，\"any\" 为不限；另定截止日的写 until",
        Setting::RefundUntil => "代替 before：事由至迟在此日（含当日），须写明 clause（所依文件）",
        Setting::RefundClause => "依据的条款",
        Setting::Group => "另行统计的特殊群体",
        Setting::GroupName => "群体名称，各段不同",
        Setting::GroupCategories => "由哪些类别组成",
        Setting::GroupMustBe100 => "通知是否要求全部参保",
        Setting::Coverage => "怎样算参保，有哪些参保率",
        Setting::CoverageInsuredWhen => {
            "registered 有正常登记即参保；paid 居民还须已缴费、已资助或应缴为 0"
        }
        Setting::CoverageRate => "参保率，一个一段，恰有一个 primary",
        Setting::CoverageRateName => "指标名称，各段不同",
        Setting::CoverageRateCount => {
            "分子：registered 本地登记数，insured 底册上在任何地方参保的人数，paid 本地登记且已缴费、资助或免缴的人数（职工按登记）"
        }
        Setting::CoverageRateSchemes => "计居民、职工，或两者",
        Setting::CoverageRateAgainst => {
            "分母：register 底册，population 人口数，task 任务数，last-year 上年参保数，residents 底册中既非职工又未死亡的人"
        }
        Setting::CoverageRateAgainstByRegion => "个别地方用另一分母，键为区划代码",
        Setting::CoverageRateTarget => "目标，含本数",
        Setting::CoverageRateTargetPersons => "全域目标人数，与 target 二选一",
        Setting::CoverageRatePrimary => "达标、还差、排名以它为准",
        Setting::Tasks => "任务表自己的测算规则。写了就核对，不符的列为 off-rule",
        Setting::TasksTaskShare => "任务数是人口数的几成，四舍五入",
        Setting::TasksFloorShare => "保底任务数是任务数的几成，四舍五入",
        Setting::TasksTaskAtLeast => "任务数不低于上年（居民）参保数",
        Setting::TasksOverPopulation => "任务数、上年数超过人口数的：note 列为提示，off 不列",
        Setting::Levels => "问题的级别，键为问题代码，值为 note、warn 或 deny",
        Setting::Lists => "只做通知要求的名单",
        Setting::ListsEnrolled => "参保台账，按村，在各分发簿中",
        Setting::ListsUninsured => "未参保台账，按村，带原因栏",
        Setting::ListsCanvass => "宣传发动名单，号码脱敏",
        Setting::ListsHouseholds => "集体账户汇总表、明细表",
        Setting::ListsHardship => "未参保困难人员核实表，按部门、乡镇",
        Setting::Clauses => "问题的条款，键为问题代码。不写的印 scheme.basis",
        Setting::Ignore => "文件夹里不用的文件：不用它，也不因它停下",
        Setting::IgnoreFiles => "文件名样式，与来源的 files 同样写法",
        Setting::IgnoreReason => "为什么不用",
        Setting::Transit => "各本账不是同一天导出时，怎样算在途",
        Setting::TransitDays => {
            "缴费之后几个工作日之内还没有登记，算在途，不算已缴费未登记、未参保"
        }
        Setting::TransitHolidays => "不上班的日子。不写则周一至周五都上班",
        Setting::Accept => "已核实、仍照此运行的情况，一种一段；只用一次的用命令行 --accept",
        Setting::AcceptCode => "停下时提示的代码",
        Setting::AcceptFile => "只对这个文件；不写是所有文件",
        Setting::AcceptReason => "为什么接受",
        Setting::AcceptUntil => "到哪个截止日期为止",
        Setting::Note => "通知没有写明、由本单位约定的，一条一段",
        Setting::NoteUnder => {
            "印在哪些表下：coverage 参保率和排名，groups 特殊群体，bridge 参保桥，tasks 任务表核对，funding 资助，refunds 退费，late 中途参保，assessment 考核，lists 台账名单"
        }
        Setting::NoteText => "约定的内容",
        Setting::Vocabulary => "内置词汇以外的参保状态、险种，一词一段",
        Setting::VocabularySource => "只用于此来源。不写则用于各来源",
        Setting::VocabularyWord => "账上的词",
        Setting::VocabularyStatus => "它是哪种参保状态。与 scheme 二选一",
        Setting::VocabularyScheme => "它是哪种险种。与 status 二选一",
        Setting::Sources => "数据来源，一种一段。没有写的来源，它的检查列为未运行",
        Setting::SourcesEach => {
            "一种来源：register、registrations、payments、rosters、elsewhere、tasks、deaths、departures、students、previous、households、household-totals"
        }
        Setting::SourcesEachFiles => "文件名，* ? […] 为通配",
        Setting::SourcesEachMode => {
            "snapshot 每批都是全量，每个单位只取最新一批；increment 各批相加。payments、deaths、departures、elsewhere 不写则为 increment"
        }
        Setting::SourcesEachBatch => {
            "从文件名中取批次的正则表达式，批次不是日期时才写。不写则以文件名中的日期为批次"
        }
        Setting::SourcesEachAsOf => {
            "这本账是哪天导出的。不写则看文件名中的日期，缴费再看最晚的缴费日期"
        }
        Setting::SourcesEachExpect => {
            "报送单位说的总数，收到的不同就列出。一段管整个来源，或几段各管几个文件"
        }
        Setting::SourcesEachExpectFile => "只管文件名匹配的；不写是这个来源算数的全部文件",
        Setting::SourcesEachExpectRows => "人员行数，采用与否都算；表头、合计、空行不算",
        Setting::SourcesEachExpectYuan => "金额，个人加资助，照表上写的相加；只用于缴费",
        Setting::SourcesEachRequired => "没有文件就停",
        Setting::SourcesEachColumns => {
            "表头对照，键为字段代码，值为表头或几个表头。只在自动识别不了时写"
        }
        Setting::SourcesEachCategory => "名册没有类别列时，全册的类别。只用于 rosters",
        Setting::SourcesEachHidden => "隐藏的行、列、工作表：read 照读，set-aside 不读，列出行数",
        Setting::SourcesEachUnpivot => "一行有几个人时，每人各有一列的字段，其中须有 id",
        Setting::SourcesEachReports => {
            "异地数据的行报的是什么：registrations 登记，payments 缴费，both 写了金额的两样都是。不写则看各表的列。只用于 elsewhere"
        }
        Setting::SourcesEachSheets => "只读名称匹配的工作表，其余整张列为备注。不写则全部",
        Setting::SourcesEachShrinkLimit => {
            "只用于 rosters：最新一批的人数不足上一批的这一比例，就停"
        }
        Setting::SourcesEachBlankLimit => {
            "只用于 rosters：没有号码的行超过这一比例，就停。只缺一行时不停"
        }
        Setting::Assessment => "考核。不写则没有周通报和考核表",
        Setting::AssessmentLevel => "考核到哪一级。不写则为本方案区划的下一级",
        Setting::AssessmentRate => "考核哪个率，写其 name。不写则为主要指标",
        Setting::AssessmentWeekday => "周通报日。不写则没有周通报",
        Setting::AssessmentFrom => "首期不早于此日",
        Setting::AssessmentCutOff => "考核截止日，以后的不计。不写则不设",
        Setting::AssessmentPersonsAt => "奖补按哪天的人数：tier-day 该档截止日，cut-off 考核截止日",
        Setting::AssessmentCriticise => "没有完成的是否通报批评",
        Setting::AssessmentLag => "约谈。不写则不判定。须有 weekday",
        Setting::AssessmentLagBottom => "末几名为落后，并列都算",
        Setting::AssessmentLagShare => "末几成为落后，至少 1 个。与 bottom 二选一",
        Setting::AssessmentLagWeeks => "连续几期落后就约谈",
        Setting::AssessmentFund => "工作经费。不写则不算",
        Setting::AssessmentFundYuan => "每人几元",
        Setting::AssessmentFundCounts => "resident 只计居民，all 居民和职工",
        Setting::AssessmentTier => "奖补档次，按先后取第一个达到的",
        Setting::AssessmentTierBy => "该档截止日，不得晚于 cut-off",
        Setting::AssessmentTierAtLeast => "完成率，含本数",
        Setting::AssessmentTierYuan => "每人几元",
        Setting::AssessmentTierGroups => "须全部参保的群体",
        Setting::AssessmentScore => "得分。不写则不算",
        Setting::AssessmentScorePoints => "满分",
        Setting::AssessmentScoreFullAt => "记满分的完成率",
        Setting::AssessmentScoreAbove => "每高一个百分点加几分，不封顶",
        Setting::AssessmentScoreBelow => "每低一个百分点扣几分",
        Setting::AssessmentScoreZeroBelow => "低于此不计分。不写则不设",
        Setting::AssessmentScoreSteps => {
            "linear 按比例；started 低不足一个百分点按一个扣；full 不足一个不加不扣"
        }
        Setting::AssessmentScoreAverage => "领导所联单位：score 得分的平均，rate 平均完成率的得分",
        Setting::AssessmentLeader => "联系几个单位的领导。须有 [assessment.score]",
        Setting::AssessmentLeaderPost => "岗位，不写姓名，各段不同",
        Setting::AssessmentLeaderRegions => "所联单位的区划代码，须是考核那一级的",
        Setting::AssessmentClinic => "村卫生室名单。不写则不列",
        Setting::AssessmentClinicBelow => "完成率低于此的列入，不含本数",
    }
}
