//! Standings: the one answer to "is this person covered, and if not, why".

closed_list! {
    /// A person's standing on the as-of date; the first that fits.
    pub enum Standing {
        /// 数据待核: the register row's number is unusable.
        Pending = "pending",
        /// 死亡, on or before the as-of date.
        Deceased = "deceased",
        /// 本地职工.
        LocalEmployee = "local-employee",
        /// 本地居民.
        LocalResident = "local-resident",
        /// 异地职工.
        ElsewhereEmployee = "elsewhere-employee",
        /// 异地居民.
        ElsewhereResident = "elsewhere-resident",
        /// 参军, as a township answered.
        Military = "military",
        /// 服刑, as a township answered.
        Prison = "prison",
        /// 失联, as a township answered.
        Unreachable = "unreachable",
        /// 自愿放弃, as a township answered.
        Declined = "declined",
        /// 其他原因: a departure, or another stated reason.
        Other = "other",
        /// 未参保.
        Uninsured = "uninsured",
    }
}

impl Standing {
    /// Covered, here or elsewhere.
    pub const fn is_insured(self) -> bool {
        matches!(
            self,
            Standing::LocalEmployee
                | Standing::LocalResident
                | Standing::ElsewhereEmployee
                | Standing::ElsewhereResident
        )
    }

    /// 已落实: covered, or explained in a way that counts as done (docs/readings.md#standing).
    pub const fn is_settled(self) -> bool {
        self.is_insured()
            || matches!(
                self,
                Standing::Deceased
                    | Standing::Military
                    | Standing::Prison
                    | Standing::Unreachable
                    | Standing::Declined
            )
    }
}
