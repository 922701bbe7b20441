//! The workbooks of a report folder and their sheets, declared once for the reference page (in Chinese).

use crate::words::tables::{Tab, TabOf};

/// A sheet of a workbook, or several of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SheetOf {
    /// One sheet.
    One(Tab),
    /// One a level, a group, a payer …
    Several(TabOf),
    /// One a finding's code that fired.
    EachCode,
}

/// A workbook.
#[derive(Clone, Copy, Debug)]
pub struct DeclaredBook {
    /// Its path in the report folder; `*` stands for a place.
    pub path: &'static str,
    /// For whom it is, and when it is written.
    pub meaning: &'static str,
    /// Its sheets, in order; which of them it has depends on the scheme.
    pub sheets: &'static [SheetOf],
}

/// Every workbook.
pub const WORKBOOKS: &[DeclaredBook] = &[
    DeclaredBook {
        path: "参保进度通报.xlsx",
        meaning: "给领导。不含个人信息。",
        sheets: &[
            SheetOf::One(Tab::Cover),
            SheetOf::Several(TabOf::Progress),
            SheetOf::Several(TabOf::Ranking),
            SheetOf::One(Tab::Weekly),
            SheetOf::One(Tab::Bulletin),
            SheetOf::One(Tab::Assessment),
            SheetOf::One(Tab::AssessedGroups),
            SheetOf::One(Tab::Leaders),
            SheetOf::One(Tab::Clinics),
            SheetOf::Several(TabOf::Standings),
            SheetOf::One(Tab::Groups),
            SheetOf::Several(TabOf::Group),
            SheetOf::One(Tab::Bridge),
            SheetOf::One(Tab::Checking),
            SheetOf::One(Tab::ChecksRun),
            SheetOf::One(Tab::Received),
            SheetOf::One(Tab::Basis),
        ],
    },
    DeclaredBook {
        path: "问题清单.xlsx",
        meaning: "给医保部门。每条问题都写明文件、工作表、行。",
        sheets: &[
            SheetOf::One(Tab::Contents),
            SheetOf::EachCode,
            SheetOf::One(Tab::Transit),
        ],
    },
    DeclaredBook {
        path: "退费台账.xlsx",
        meaning: "给退费岗。",
        sheets: &[
            SheetOf::One(Tab::RefundSummary),
            SheetOf::One(Tab::Application),
            SheetOf::One(Tab::Doubtful),
            SheetOf::One(Tab::Audit),
            SheetOf::Several(TabOf::Refund),
        ],
    },
    DeclaredBook {
        path: "资助台账.xlsx",
        meaning: "给出资单位。",
        sheets: &[
            SheetOf::One(Tab::Funding),
            SheetOf::One(Tab::LateEntries),
            SheetOf::Several(TabOf::Persons),
            SheetOf::Several(TabOf::Feedback),
            SheetOf::One(Tab::RosterChanges),
        ],
    },
    DeclaredBook {
        path: "部门反馈.xlsx",
        meaning: "给报送名册的部门。一个出资单位的人分在几个部门的名册上时才有。",
        sheets: &[SheetOf::Several(TabOf::Feedback)],
    },
    DeclaredBook {
        path: "未参保困难人员核实表.xlsx",
        meaning: "给报送名册的部门。方案写了 lists.hardship 才有。",
        sheets: &[SheetOf::Several(TabOf::Hardship)],
    },
    DeclaredBook {
        path: "集体账户.xlsx",
        meaning: "给代扣的单位。方案写了 lists.households 并有集体账户数据时才有。",
        sheets: &[
            SheetOf::One(Tab::HouseholdSummary),
            SheetOf::One(Tab::HouseholdDetail),
            SheetOf::One(Tab::HouseholdCheck),
        ],
    },
    DeclaredBook {
        path: "分发/*.xlsx",
        meaning: "给下一级，一地一本，只有本地的人。",
        sheets: &[
            SheetOf::One(Tab::Uninsured),
            SheetOf::One(Tab::PaidNotRegistered),
            SheetOf::One(Tab::Problems),
            SheetOf::One(Tab::Enrolled),
            SheetOf::One(Tab::NotEnrolled),
            SheetOf::One(Tab::Canvass),
            SheetOf::One(Tab::HouseholdSummary),
            SheetOf::One(Tab::HouseholdDetail),
        ],
    },
];
