//! Advice: of every finding, what to do about it, in one line.

use super::Lang;
use crate::domain::Code;

/// What whoever acts on a finding of this code should do.
pub fn advice(code: Code, lang: Lang) -> &'static str {
    match code {
        Code::IdMissing => {
            lang.pick("向本人或村（社区）核实并补录证件号码", "Ask the person or the village for the number and enter it")
        }
        Code::IdTruncated => lang.pick(
            "原表把号码存成了数值，请从源系统按文本格式重新导出",
            "The file stored the number as a figure: export it again from its system as text",
        ),
        Code::IdMalformed => lang.pick(
            "核对证件号码；非居民身份证的，请补填证件类型",
            "Check the number; for other documents fill in the document type",
        ),
        Code::IdBirthdate => {
            lang.pick("对照身份证原件，更正号码中的出生日期", "Correct the birth date in the number from the card itself")
        }
        Code::IdChecksum => {
            lang.pick("对照身份证原件，逐位核对证件号码", "Check the number digit by digit against the card itself")
        }
        Code::NameMissing => lang.pick("补录姓名", "Enter the name"),
        Code::NameConflict => lang.pick(
            "对照身份证原件核实姓名，更正写错的一方",
            "Check the name against the card and correct the book that has it wrong",
        ),
        Code::NameRareCharacter => lang.pick(
            "核对生僻字写法，统一各系统姓名，一般无需其他处理",
            "Make the spelling of the rare character the same in all books; nothing else is needed",
        ),
        Code::IdSuspect => lang.pick(
            "仅为线索：核实是否同一人，确认后更正写错的号码",
            "A hint only: find out whether this is one person, then correct the wrong number",
        ),
        Code::RowRepeated => lang
            .pick("核对是否重复导出，重复的一条已不计入", "Check the export for doubled rows; the repeated row is not counted"),
        Code::ReversalUnmatched => {
            lang.pick("查找被冲正的原缴费记录，补充原凭证号", "Find the payment it cancels and supply the original voucher")
        }
        Code::DuplicateRegistration => lang.pick("保留一条参保关系，终止其余登记", "Keep one registration and end the others"),
        Code::DuplicatePayment => {
            lang.pick("核对缴费凭证，多缴部分按规定退费", "Check the vouchers and refund what was paid too much")
        }
        Code::CrossRegion => lang.pick(
            "与本人确认保留地，终止另一统筹区关系并办理退费",
            "Settle with the person which pool stays, end the other and refund",
        ),
        Code::CrossScheme => lang.pick(
            "保留职工医保，暂停居民医保并按规定退费",
            "Keep the employee registration, suspend the resident one and refund",
        ),
        Code::PaidNotRegistered => lang.pick("补办参保登记，不得重复收费", "Register the person; do not collect again"),
        Code::WrongRegion => lang.pick(
            "核验缴费凭证，由收款地退费，到应参保地补缴，首次缴费日期顺延认定",
            "Verify the voucher, refund where it was paid, pay in the right pool; the first payment date carries over",
        ),
        Code::RegisteredNotPaid => lang.pick("通知本人在缴费期内缴费", "Tell the person to pay within the window"),
        Code::AmountWrong => lang.pick(
            "对照缴费标准和资助标准核实金额，多退少补",
            "Check the amount against premium and grant; refund or collect the difference",
        ),
        Code::OutsideWindow => {
            lang.pick("核实是否属于允许补缴的情形，否则退费", "Find out whether a late entry is allowed; otherwise refund")
        }
        Code::DeceasedRegistered => lang.pick("核实死亡信息后终止参保关系", "Confirm the death and end the registration"),
        Code::DeceasedPaid => {
            lang.pick("核实死亡日期和缴费日期，按规定退费", "Confirm the days of death and payment, then refund")
        }
        Code::MovedOut => lang.pick(
            "核实迁出去向，确认已在迁入地参保后终止关系",
            "Find out where the person went and end the registration once insured there",
        ),
        Code::HardshipUninsured => {
            lang.pick("逐人上门核实，动员参保并落实资助", "Visit each person, have them enrolled and their subsidy granted")
        }
        Code::SubsidyMissed => lang.pick("核实身份后退还多缴的差额", "Confirm the category and refund the difference"),
        Code::SubsidyUnentitled => {
            lang.pick("核实资助对象身份，不符合的追回资助资金", "Confirm the category; recover the grant where it does not stand")
        }
        Code::SubsidyWhileEmployee => lang.pick(
            "确认职工参保后取消居民资助，追回资助资金",
            "Confirm the employee registration, cancel the resident subsidy and recover it",
        ),
        Code::SubsidyOverlap => {
            lang.pick("按就高不重复原则保留一项资助，其余核减", "Keep one grant, the best; deduct the others")
        }
        Code::RosterLate => lang.pick(
            "认定晚于截止日期，本年度不予资助，告知主管部门",
            "Approved after the cut-off: no grant this year; tell the department",
        ),
        Code::RosterEnded => {
            lang.pick("已退出名册，核实退出日期，不再享受资助", "Ended on the roster: confirm the day; no grant from then on")
        }
        Code::Uninsured => lang.pick("入户核实去向，动员参保", "Visit, find out why, and have the person enrolled"),
        Code::NotOnRegister => lang.pick(
            "核实户籍或居住地，补入底册或转出参保关系",
            "Confirm residence; add to the register or transfer the registration",
        ),
        Code::RegisterDuplicate => {
            lang.pick("核实实际居住地，底册只保留一条", "Confirm where the person lives and keep one register row")
        }
        Code::HouseholdDuplicate => lang.pick("核实户籍关系，只保留在一户", "Confirm the household and keep the person in one"),
        Code::StudentDuplicate => lang
            .pick("以就学地参保为准，终止另一地居民医保", "The place of school stays: end the resident registration elsewhere"),
        Code::RegionUnknown => lang
            .pick("更正区划名称，或在区划表中补充别名", "Correct the region's name, or add it as an alias to the region table"),
        Code::RegionAmbiguous => {
            lang.pick("补充乡镇名称，以区分同名村（社区）", "Add the township, so that regions of one name are told apart")
        }
        Code::CategoryUnknown => lang.pick(
            "更正所写内容；是类别、状态、险种名称的，也可在方案文件的 also 或 vocabulary 中补充",
            "Correct what was written; a category, status or scheme may also be added under `also` or `vocabulary` in the pipeline",
        ),
        Code::Footing => {
            lang.pick("核对原表合计与分项，请报送单位更正", "Compare total and parts, and have the sender correct the table")
        }
        Code::FiguresRepeated => lang.pick("核实是否误填同一组数据", "Find out whether one figure was filled in twice"),
        Code::OffRule => lang.pick("对照任务测算规则核实该数", "Check the figure against the rule of the tasks table"),
    }
}
