//! Fields and sources: what a column can mean, and which book it stands in.

closed_list! {
    /// The books (docs/readings.md#sources).
    pub enum SourceKind {
        /// 常住人口 / 户籍: who exists.
        Register = "register",
        /// 医保 export: who is registered.
        Registrations = "registrations",
        /// 税务 export: who has paid, with reversals.
        Payments = "payments",
        /// 民政 … 名册: who is certified as in hardship.
        Rosters = "rosters",
        /// What other places report: registrations and payments there.
        Elsewhere = "elsewhere",
        /// Population, task, last year by region.
        Tasks = "tasks",
        /// Deaths.
        Deaths = "deaths",
        /// People who moved out.
        Departures = "departures",
        /// People at school here.
        Students = "students",
        /// Last year's registrations.
        Previous = "previous",
        /// Collective accounts: who belongs to which household.
        Households = "households",
        /// Collective accounts: how many persons and how much a household comes to, as received.
        HouseholdTotals = "household-totals",
    }
}

impl SourceKind {
    /// Whether a row of the book is a person; the others are tables of figures.
    pub const fn has_persons(self) -> bool {
        !matches!(self, SourceKind::Tasks | SourceKind::HouseholdTotals)
    }

    /// Whether a row of the book counts in a pool: relations, payments, and schools.
    pub const fn is_pooled(self) -> bool {
        matches!(
            self,
            SourceKind::Registrations
                | SourceKind::Payments
                | SourceKind::Elsewhere
                | SourceKind::Students
        )
    }
}

closed_list! {
    /// What a column means. The code is the key of the pipeline's `columns` and the column name in frames.
    pub enum Field {
        /// 身份证号
        Id = "id",
        /// 原证件号码: the number that this one replaced
        FormerId = "former-id",
        /// 证件类型
        IdType = "id-type",
        /// 姓名
        Name = "name",
        /// 人员编号
        PersonNo = "person-no",
        /// 出生日期
        Birth = "birth",
        /// 性别
        Sex = "sex",
        /// 县市区 (tasks tables of a city)
        County = "county",
        /// 乡镇
        Township = "township",
        /// 村
        Village = "village",
        /// 村民小组
        Group = "group",
        /// 户号 / 户主身份证号
        Household = "household",
        /// 户主姓名
        Head = "head",
        /// 与户主关系
        Relation = "relation",
        /// 统筹区 / 参保地 / 缴费地
        Place = "place",
        /// 对象类别
        Category = "category",
        /// 险种
        Scheme = "scheme",
        /// 参保状态
        Status = "status",
        /// 参保年度, or the period a payment is for
        Year = "year",
        /// 参保登记号
        RegistrationNo = "registration-no",
        /// 参保日期: when the relation began
        Begun = "begun",
        /// 经办日期: when a registration was made
        MadeOn = "made-on",
        /// 个人缴费金额
        Personal = "personal",
        /// 缴费金额 (personal + subsidy where a subsidy column exists)
        Total = "total",
        /// 资助金额
        Subsidy = "subsidy",
        /// 缴费日期
        PaidOn = "paid-on",
        /// 凭证号
        Voucher = "voucher",
        /// 原凭证号
        OriginalVoucher = "original-voucher",
        /// 认定日期
        Identified = "identified",
        /// 核准日期
        Approved = "approved",
        /// 退出日期, or the day on which a registration ended
        Ended = "ended",
        /// 死亡日期
        Death = "death",
        /// 迁出日期
        MovedOut = "moved-out",
        /// 中途参保情形
        LateCase = "late-case",
        /// 情形发生日期
        EventOn = "event-on",
        /// 连续断缴年数
        BrokenYears = "broken-years",
        /// 断缴修复年数
        RepaidYears = "repaid-years",
        /// 入学日期
        EnrolledOn = "enrolled-on",
        /// 毕业日期
        GraduatesOn = "graduates-on",
        /// 去向 of somebody who left
        Disposition = "disposition",
        /// 人口数
        Population = "population",
        /// 任务数
        Task = "task",
        /// 保底任务数
        Floor = "floor",
        /// 上年参保数: residents, where employees stand beside them
        LastYear = "last-year",
        /// 上年职工参保数
        LastYearEmployee = "last-year-employee",
        /// 上年基本医疗保险参保数: residents and employees
        LastYearTotal = "last-year-total",
        /// 序号: never compared
        Serial = "serial",
        /// 区划代码
        RegionCode = "region-code",
        /// 户内参保人数
        Members = "members",
        /// 集体账户名
        AccountName = "account-name",
        /// 开户行
        Bank = "bank",
        /// 账号
        Account = "account",
        /// 业务类型 of a payment: paid, or given back
        Business = "business",
        /// 冲正标志, 退费状态 of a payment
        ReversalFlag = "reversal-flag",
        /// 退费金额: how much of the row's payment was given back
        Refunded = "refunded",
        /// End of the period that a payment is for
        YearTo = "year-to",
        /// 备注 beside a row: read only for words that take the row back
        Remark = "remark",
    }
}
