//! Refund cases: reasons, evidence, state.

closed_list! {
    /// Why personal money goes back (docs/readings.md#refunds). Declared in the order in which they
    /// explain: the first that fits is the reason of the case.
    pub enum Reason {
        /// 待遇期前死亡
        Deceased = "R05",
        /// 职工居民重复
        EmployeeToo = "R03",
        /// 跨统筹区重复
        OtherPool = "R02",
        /// 错缴统筹区
        WrongPool = "R04",
        /// 大学生与居民重复
        StudentToo = "R08",
        /// 终身待遇
        LifetimeBenefit = "R09",
        /// 参军/服刑/出国定居
        LeftScheme = "R10",
        /// 户口迁出
        MovedOut = "R06",
        /// 重复缴费 (same pool)
        PaidTwice = "R01",
        /// 应资助按原价缴费(退差)
        SubsidyMissed = "R07",
        /// 信息录错
        EntryError = "R11",
    }
}

closed_list! {
    /// What must lie in the file before money goes back.
    pub enum Evidence {
        /// 缴费凭证
        Voucher = "voucher",
        /// 另一参保关系证明
        OtherRelation = "other-relation",
        /// 死亡证明
        DeathCertificate = "death-certificate",
        /// 户口迁移证明
        MigrationCertificate = "migration-certificate",
        /// 名册页
        RosterPage = "roster-page",
    }
}

closed_list! {
    /// Where a case stands. This run only proposes; nobody can answer it yet.
    pub enum CaseState {
        /// Found by this run, decided by nobody yet.
        Proposed = "proposed",
    }
}

closed_list! {
    /// Why one relation is proposed to stay (docs/readings.md#kept-pool). The office decides.
    pub enum KeptWhy {
        /// The employee relation.
        Employee = "employee",
        /// The only registration there is.
        OnlyRegistration = "only-registration",
        /// Place of habitual residence: on the register here.
        Residence = "residence",
        /// Place of school.
        School = "school",
        /// Nothing tells them apart: the lowest pool code.
        LowestCode = "lowest-code",
        /// No registration at all: where the first payment went.
        FirstPayment = "first-payment",
    }
}

impl Reason {
    /// The reason that a departure of this 去向 gives, if it is one. Nothing said is a move; 失联, 外出务工, 上学 and the
    /// like leave the person in the scheme.
    pub fn of_departure(disposition: &str) -> Option<Reason> {
        let says = |words: &[&str]| words.iter().any(|word| disposition.contains(word));
        // Who came back, or has not gone yet.
        if says(&["未参军", "未入伍", "期满", "刑满", "未迁", "迁入", "迁回"]) {
            None
        } else if says(&[
            "参军",
            "入伍",
            "服刑",
            "收监",
            "出国定居",
            "出境定居",
            "定居国外",
            "定居境外",
            "国外定居",
            "境外定居",
        ]) || disposition.contains("移民")
            && (disposition == "移民" || says(&["国外", "海外", "境外", "出国"]))
        {
            Some(Reason::LeftScheme)
        } else if says(&["终身"]) {
            Some(Reason::LifetimeBenefit)
        } else if matches!(disposition, "" | "无" | "-" | "/") || says(&["迁"]) {
            Some(Reason::MovedOut)
        } else {
            None
        }
    }

    /// The papers a case of this reason needs, beside the payee's account.
    pub const fn evidence(self) -> &'static [Evidence] {
        match self {
            Reason::Deceased => &[Evidence::Voucher, Evidence::DeathCertificate],
            Reason::EmployeeToo
            | Reason::OtherPool
            | Reason::WrongPool
            | Reason::StudentToo
            | Reason::LifetimeBenefit
            | Reason::LeftScheme => &[Evidence::Voucher, Evidence::OtherRelation],
            Reason::MovedOut => &[Evidence::Voucher, Evidence::MigrationCertificate],
            Reason::SubsidyMissed => &[Evidence::Voucher, Evidence::RosterPage],
            Reason::PaidTwice | Reason::EntryError => &[Evidence::Voucher],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_left_the_scheme_owes_nothing_there() {
        // 去向, reason
        for (disposition, reason) in [
            ("", Some(Reason::MovedOut)),
            ("户口迁出", Some(Reason::MovedOut)),
            ("移民搬迁", Some(Reason::MovedOut)),
            ("参军", Some(Reason::LeftScheme)),
            ("收监", Some(Reason::LeftScheme)),
            ("出国定居", Some(Reason::LeftScheme)),
            ("移民", Some(Reason::LeftScheme)),
            ("退休终身", Some(Reason::LifetimeBenefit)),
            ("终身待遇", Some(Reason::LifetimeBenefit)),
            ("退休", None),
            ("出国留学", None),
            ("失联", None),
            ("外出务工", None),
            ("上学", None),
            ("自愿放弃", None),
            ("服刑期满", None),
            ("迁入", None),
        ] {
            assert_eq!(Reason::of_departure(disposition), reason, "{disposition}");
        }
    }
}
