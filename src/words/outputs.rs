//! Sheets of the workbooks in words, for the reference page, which is in Chinese.

use super::tables::{Tab, TabOf};

/// What stands on a sheet.
pub const fn sheet(tab: Tab) -> &'static str {
    match tab {
        Tab::Cover => "最要紧的几个数，数据来源和它们的日期",
        Tab::Groups => "各特殊群体、各类对象的参保情况汇总",
        Tab::Bridge => "从登记人次走到底册人数，每一步的人数",
        Tab::Checking => "任务表、汇总表上对不上的数",
        Tab::ChecksRun => "每种检查是否运行，没有运行的缺什么数据",
        Tab::Basis => "方案的各项设置和依据",
        Tab::Contents => "每种问题的级别、由谁处理、条数，点问题名称打开那一张",
        Tab::Transit => "已缴费、登记可能还没到的人，和自述还没到账的缴费：还不用处理",
        Tab::RefundSummary => "各统筹区、各种原因的退费笔数和金额",
        Tab::Application => "符合条件的退费，可以打印签字",
        Tab::Received => "每个来源文件：批次、行数、缴费日期和金额，未采用的文件",
        Tab::Doubtful => "有疑点的退费、疑点和核实办法",
        Tab::Funding => "各出资单位、各类别、各地应资助的人数和金额",
        Tab::LateEntries => "中途参保的人：情形、价格、待遇起止",
        Tab::Audit => "重复登记多出的财政补助",
        Tab::Uninsured => "未参保的人，去向和说明两栏由乡镇填写",
        Tab::PaidNotRegistered => "已缴费、待补办登记的人，不得重复收费",
        Tab::Problems => "有其他问题的人，说明一栏由乡镇填写",
        Tab::Weekly => "本期与上一期的完成率、名次和变化",
        Tab::Bulletin => "与上一次报表相比的完成率、名次和变化",
        Tab::Assessment => "各单位的奖补档次、得分、经费",
        Tab::AssessedGroups => "须全部参保的群体在各单位的参保情况",
        Tab::Leaders => "联系几个单位的领导的平均得分",
        Tab::Clinics => "完成率偏低的村，其卫生室列入名单",
        Tab::Enrolled => "已参保的人，按村",
        Tab::NotEnrolled => "未参保的人，按村，带原因栏",
        Tab::Canvass => "要宣传发动的人，号码脱敏",
        Tab::HouseholdSummary => "集体账户代扣：一户一行",
        Tab::HouseholdDetail => "集体账户代扣：一人一行",
        Tab::HouseholdCheck => "报来的汇总表与明细对不上的地方",
        Tab::RosterChanges => "名册新增、变更、取消的人",
    }
}

/// What stands on sheets that come in several: how many, and what each holds.
pub const fn sheets(of: TabOf) -> &'static str {
    match of {
        TabOf::Progress => "每级一张：各地的登记、参保率、应达、还差",
        TabOf::Standings => "每级一张：各地底册人口的各种状态",
        TabOf::Ranking => "每级一张：按主要指标排名",
        TabOf::Group => "每个群体一张：各地的参保情况",
        TabOf::Refund => "每个退费的统筹区一张：案件逐笔",
        TabOf::Persons => "每个类别一张：资助对象逐人",
        TabOf::Feedback => "每个出资单位或部门一张：名册上的人是否参保、是否受资助",
        TabOf::Hardship => "每个部门一张：未参保的困难人员，待核实",
    }
}
