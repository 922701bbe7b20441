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
        /// 参军, as the list of departures says.
        Military = "military",
        /// 服刑, as the list of departures says.
        Prison = "prison",
        /// 失联, as the list of departures says.
        Unreachable = "unreachable",
        /// 自愿放弃, as the list of departures says.
        Declined = "declined",
        /// 其他原因: a departure, or another stated reason.
        Other = "other",
        /// 在途: paid, and the registration may not have come yet (docs/readings.md#transit).
        InTransit = "in-transit",
        /// 未参保.
        Uninsured = "uninsured",
    }
}

/// What a 去向 says of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whereabouts {
    /// The standing of whoever is insured nowhere.
    pub standing: Standing,
    /// Whether the person left: who cannot be reached, declined or works elsewhere lives here all the same.
    pub has_left: bool,
}

/// Words of a 去向, of which the first that it has decides.
const WHEREABOUTS: [(&[&str], Standing, bool); 6] = [
    (
        &["参军", "入伍", "服兵役", "现役"],
        Standing::Military,
        true,
    ),
    (&["服刑", "收监", "羁押"], Standing::Prison, true),
    (
        &["失联", "联系不上", "无法联系", "下落不明"],
        Standing::Unreachable,
        false,
    ),
    (&["放弃", "不愿参保", "拒绝参保"], Standing::Declined, false),
    (&["婚迁", "婚嫁", "迁"], Standing::Other, true),
    (
        &[
            "务工",
            "打工",
            "经商",
            "上学",
            "就学",
            "就读",
            "在读",
            "升学",
            "求学",
            "读书",
            "留学",
            "无户口",
            "未落户",
            "未上户",
        ],
        Standing::Other,
        false,
    ),
];

/// Words of somebody who came back, or has not gone.
const BACK: [&str; 8] = [
    "未参军",
    "未入伍",
    "期满",
    "刑满",
    "未迁",
    "迁入",
    "迁回",
    "退伍",
];

impl Whereabouts {
    /// What the words of a 去向 say; nothing of who came back. Whatever else is written, or nothing, is a departure.
    pub fn of(disposition: &str) -> Option<Whereabouts> {
        let says = |words: &[&str]| words.iter().any(|word| disposition.contains(word));
        if says(&BACK) {
            return None;
        }
        let known = WHEREABOUTS.iter().find(|(words, ..)| says(words));
        let (standing, has_left) =
            known.map_or((Standing::Other, true), |known| (known.1, known.2));
        Some(Whereabouts { standing, has_left })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disposition_says_who_left_and_who_only_cannot_be_reached() {
        // 去向, standing, has left
        for (disposition, standing, has_left) in [
            ("", Standing::Other, true),
            ("户口迁出", Standing::Other, true),
            ("婚迁", Standing::Other, true),
            ("出国定居", Standing::Other, true),
            ("参军", Standing::Military, true),
            ("服刑", Standing::Prison, true),
            ("失联", Standing::Unreachable, false),
            ("自愿放弃", Standing::Declined, false),
            ("外出务工", Standing::Other, false),
            ("外地上学", Standing::Other, false),
            ("无户口", Standing::Other, false),
        ] {
            let said = Whereabouts { standing, has_left };
            assert_eq!(Whereabouts::of(disposition), Some(said), "{disposition}");
        }
        for back in ["刑满释放", "服役期满", "户口迁回", "未迁出"] {
            assert_eq!(Whereabouts::of(back), None, "{back}");
        }
    }
}
