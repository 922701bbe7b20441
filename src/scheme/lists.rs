//! Lists: which lists of persons the notice asks for, and when rosters that arrived in part stop the run.

use super::written::Table;
use crate::domain::Ratio;

/// `[lists]`: lists that are made only where a notice asks for them; all default to false.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListsAsked {
    /// 参保台账 by village, in every packet.
    pub enrolled: bool,
    /// 未参保台账 by village, in every packet.
    pub uninsured: bool,
    /// 宣传发动名单 with masked numbers, in every packet.
    pub canvass: bool,
    /// 集体账户家庭户汇总表 and 明细表.
    pub households: bool,
    /// 未参保困难人员核实表 by department and township.
    pub hardship: bool,
}

impl ListsAsked {
    /// Whether a list goes through everyone on the register: only then is what they need gathered.
    pub const fn of_everyone(&self) -> bool {
        self.enrolled || self.uninsured || self.canvass
    }
}

/// `[sources.rosters] shrink-limit, blank-limit`: a list that arrived half empty would take their grants from everyone it
/// leaves out, so the run stops before anything is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RosterStop {
    /// The newest batch must have at least this share of the persons of the batch before it.
    pub shrink: Ratio,
    /// At most this share of the rows of the newest batch may have no number.
    pub blank: Ratio,
}

impl Default for RosterStop {
    fn default() -> Self {
        RosterStop {
            shrink: Ratio { count: 1, of: 2 },
            blank: Ratio { count: 5, of: 100 },
        }
    }
}

pub(super) fn lists(table: &Table<'_>) -> ListsAsked {
    let flag = |key: &str| {
        table
            .get(key)
            .and_then(|value| value.flag())
            .unwrap_or(false)
    };
    ListsAsked {
        enrolled: flag("enrolled"),
        uninsured: flag("uninsured"),
        canvass: flag("canvass"),
        households: flag("households"),
        hardship: flag("hardship"),
    }
}

/// Asked only of `[sources.rosters]`: under any other source both keys are unknown.
pub(super) fn roster_stop(rosters: &Table<'_>) -> RosterStop {
    let usual = RosterStop::default();
    let share = |key: &str| rosters.get(key).and_then(|value| value.share());
    RosterStop {
        shrink: share("shrink-limit").unwrap_or(usual.shrink),
        blank: share("blank-limit").unwrap_or(usual.blank),
    }
}
