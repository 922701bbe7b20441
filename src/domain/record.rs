//! What a record says of a relation: which insurance, and whether it stands.

closed_list! {
    /// 险种 as far as canbao tells them apart (docs/readings.md#words).
    pub enum Cover {
        /// 职工基本医疗保险 (310).
        Employee = "employee",
        /// 城乡居民基本医疗保险 (390, 391, 380).
        Resident = "resident",
        /// Any other insurance: its rows take part in nothing.
        OtherCover = "other",
    }
}

closed_list! {
    /// 参保状态 (docs/readings.md#words). Only `Normal` is a registration in force. Declared order is
    /// preference.
    pub enum Status {
        /// 1 正常参保. Also a blank cell, or a source without such a column.
        Normal = "normal",
        /// 2 暂停参保.
        Suspended = "suspended",
        /// 4 终止参保.
        Ended = "ended",
        /// 3 无效参保.
        Invalid = "invalid",
        /// 0 未参保.
        Never = "never",
        /// A word the vocabulary does not know: not normal, and a finding.
        Unknown = "unknown",
    }
}
