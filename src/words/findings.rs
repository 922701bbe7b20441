//! Findings in words: one row a code, in both languages: its name, when it fires, what to do about it, and an example.

use super::{Label, Lang};
use crate::domain::Code;

/// A sentence in Chinese and English.
#[derive(Clone, Copy)]
struct Both(&'static str, &'static str);

/// What is said of a code.
struct Said {
    name: Both,
    when: Both,
    advice: Both,
    example: Both,
}

macro_rules! said {
    ($($member:ident {
        name: $name_zh:literal, $name_en:literal;
        when: $when_zh:literal, $when_en:literal;
        advice: $advice_zh:literal, $advice_en:literal;
        example: $example_zh:literal, $example_en:literal;
    })+) => {
        const fn said(code: Code) -> Said {
            match code {
                $(Code::$member => Said {
                    name: Both($name_zh, $name_en),
                    when: Both($when_zh, $when_en),
                    advice: Both($advice_zh, $advice_en),
                    example: Both($example_zh, $example_en),
                }),+
            }
        }
    };
}

impl Both {
    const fn text(self, lang: Lang) -> &'static str {
        lang.pick(self.0, self.1)
    }
}

impl Label for Code {
    fn label(self, lang: Lang) -> &'static str {
        said(self).name.text(lang)
    }
}

/// When a finding of this code fires, in one or two sentences.
pub const fn when(code: Code, lang: Lang) -> &'static str {
    said(code).when.text(lang)
}

/// What whoever acts on a finding of this code should do.
pub const fn advice(code: Code, lang: Lang) -> &'static str {
    said(code).advice.text(lang)
}

/// A case in which it fires. `tests/gallery/findings` holds the smallest files of it.
pub const fn example(code: Code, lang: Lang) -> &'static str {
    said(code).example.text(lang)
}

said! {
    IdMissing {
        name: "缺证件号码", "number missing";
        when: "号码一格是空的，或写的不是号码。", "The cell of the number is empty.";
        advice: "向本人或村（社区）核实并补录证件号码", "Ask the person or the village for the number and enter it";
        example: "底册第 2 行有姓名和乡镇，没有证件号码。", "Row 2 of the register has a name and a township, and no number.";
    }
    IdTruncated {
        name: "证件号码被截断", "number truncated";
        when: "表格软件把号码存成了数值，末几位变成 0 或科学计数法，原号已经丢失。一列中以 000 结尾的超过百分之一时，这一列以 000 结尾的都算。", "A spreadsheet stored the number as a figure: its last digits became 0 or an exponent and are lost. Where more than one in a hundred of a column end in 000, all of that column that end so count.";
        advice: "原表把号码存成了数值，请从源系统按文本格式重新导出", "The file stored the number as a figure: export it again from its system as text";
        example: "号码一格写的是 4.20525E+17。", "The cell of the number says 4.20525E+17.";
    }
    IdMalformed {
        name: "证件号码格式错误", "number malformed";
        when: "没有写证件类型，或写的是居民身份证，而号码不是 15 位或 18 位。", "No document type is stated, or it is the resident's card, and the number has neither 15 nor 18 characters.";
        advice: "核对证件号码；非居民身份证的，请补填证件类型", "Check the number; for other documents fill in the document type";
        example: "号码只有 17 位，少抄了一位。", "The number has 17 digits: one was left out.";
    }
    IdBirthdate {
        name: "证件号码出生日期有误", "birth date in number impossible";
        when: "号码中的出生日期不存在。", "The birth date in the number is no day of the calendar.";
        advice: "对照身份证原件，更正号码中的出生日期", "Correct the birth date in the number from the card itself";
        example: "号码的第 7 至 14 位是 19900230，二月没有 30 日。", "Characters 7 to 14 of the number are 19900230, and February has no 30th.";
    }
    IdChecksum {
        name: "证件号码校验位不符", "check digit wrong";
        when: "号码的末位与前 17 位算出的校验位不符。", "The last character is not the one that the first 17 give.";
        advice: "对照身份证原件，逐位核对证件号码", "Check the number digit by digit against the card itself";
        example: "前 17 位算出的末位是 X，表上写的是 3。", "The first 17 digits give X; the table says 3.";
    }
    IdShared {
        name: "一号多人", "one number, several people";
        when: "同一本账里，同一号码有三个以上不同的姓名（只差生僻字、附注的不算，某某之子、之女也不算）。这个号码在这本账上不能用，各行各算一人。", "In one book three or more names stand on one number (rare letters, remarks and newborns entered as somebody's child aside). The number is unusable there; every row is a person of its own.";
        advice: "多为没有号码时填的假号：向本人或村（社区）核实，逐人更正", "Mostly a made-up number: ask each person or the village for the right one";
        example: "底册有三个不同姓名的人，号码都是 420525190001010001。", "Three people of different names have one number on the register.";
    }
    IdClaimed {
        name: "原号码有两人主张", "old number claimed by two";
        when: "两个人的“原证件号码”写的是同一个号码，或几个号码互为原号码。程序不知道它是谁的，不与任何一人合并；两行各一条。", "Two persons state one number as their old one, or numbers replace each other in a circle. Nobody knows whose it is, so it is joined with neither; one finding a row.";
        advice: "核对号码变更材料，确定原号码属于谁，更正另一行", "Look at the papers of the change: whose was the old number? Correct the other row";
        example: "王建国和李秀英的原证件号码写的是同一个。", "Two registrations state the same old number.";
    }
    NameMissing {
        name: "缺姓名", "name missing";
        when: "表中有姓名一列，这一行没有填。", "The table has a column for names, and this row's is empty.";
        advice: "补录姓名", "Enter the name";
        example: "底册第 2 行有号码，没有姓名。", "Row 2 of the register has a number and no name.";
    }
    NameConflict {
        name: "同号异名", "one number, two names";
        when: "同一号码在几本账上的姓名不同。以底册、登记、缴费、名册、异地中最先有姓名的一本为准，每本不同的账一条。", "Two books give one number different names. The first of register, registrations, payments, rosters and elsewhere that has a name is the reference; one finding a book that differs.";
        advice: "对照身份证原件核实姓名，更正写错的一方", "Check the name against the card and correct the book that has it wrong";
        example: "底册写“王小明”，登记写“王晓明”。", "The register says Wang Ming, the registrations say Wang Min.";
    }
    NameRareCharacter {
        name: "姓名含生僻字", "rare character in name";
        when: "同一号码的姓名只差打不出的字。", "The names of one number differ only in a character that cannot be written.";
        advice: "核对生僻字写法，统一各系统姓名，一般无需其他处理", "Make the spelling of the rare character the same in all books; nothing else is needed";
        example: "底册写“王喆”，登记写“王?”。", "The register has the rare character, the registrations have a question mark in its place.";
    }
    IdSuspect {
        name: "疑似同一人（证件号码相近）", "perhaps one person, numbers near";
        when: "一行的姓名与底册上的一人相同，号码只差一位、相邻两位写反，或被截断而前 15 位相同；此人在同一本账上没有别的行。这只是线索，从不合并。", "The name is that of a register person whose number differs in one digit, in two neighbours swapped, or not in the first 15 of a truncated one; the book has no other row of that person. A hint only, never acted on.";
        advice: "仅为线索：核实是否同一人，确认后更正写错的号码", "A hint only: find out whether this is one person, then correct the wrong number";
        example: "名册的号码与底册上同名的人只差第 17 位。", "A roster's number differs in the 17th digit from that of the register person of the same name.";
    }
    RowRepeated {
        name: "记录重复报送", "row repeated";
        when: "同一条记录报送了两次：同一人，同一登记号，所写各项相同；或者缴费的同一凭证号、同一金额在不同的文件里；没有凭证号的缴费，同一单位的不同文件里人、日期、金额、险种、缴费地都相同；没有这种号的其他行，整行相同而在不同的文件里。累加报送的文件之间，每两个文件一条，写明相同的行数。", "One record was sent twice: the same person with the same registration number and nothing else told; of payments the same voucher and amount in another file; without a voucher the same day, amounts, insurance and place in another file of the same sender; of other rows without such numbers, the whole row equal in another file. Between files that add up, one finding a pair of files, with the count.";
        advice: "核对是否重复导出，重复的一条已不计入", "Check the export for doubled rows; the repeated row is not counted";
        example: "登记号 D1 在同一份表上出现两行。", "Registration number D1 stands on two rows of one table.";
    }
    RowTooLong {
        name: "列数多于表头", "more cells than headers";
        when: "csv 的一行比表头多出有内容的列，常因地址、金额中的逗号没有加引号。这一行从哪一列起错位无法确定，整行不采用。", "A row of a csv has more filled cells than its header, usually for a comma without quotes. Which cell is which cannot be known, so that nothing of the row is believed.";
        advice: "改用 xlsx 导出，或给含逗号的内容加上双引号，再重新核对这几行", "Export it as xlsx, or put cells with commas into quotes, and look at these rows again";
        example: "表头 5 列，住址“东街12号,3单元”没有加引号，这一行成了 6 列。", "The header has 5 cells; an address with a comma and no quotes makes the row 6.";
    }
    RecordConflict {
        name: "同一登记号前后不一", "one registration, told two ways";
        when: "同一批登记里，同一人同一登记号有两行，参保状态、参保日期或参保地不同。“应为”写明是哪几项；两行都列出。批次有先后的，以新的一批为准，不出这一条。", "In one batch two rows of one person bear one registration number and differ in status, day or place. `expected` names the fields; both rows are given. Of two batches the newer counts, and nothing is said.";
        advice: "到信息平台查这一登记号的现状，改正后重新导出；弄清以前，与此人有关的退费不办", "Look the number up in the system, correct it and export again; until then nothing is refunded on it";
        example: "登记号 D1 有两行，一行正常参保，一行终止参保。", "Registration number D1 stands on two rows: one normal, one ended.";
    }
    ReversalUnmatched {
        name: "冲正无对应缴费", "reversal without payment";
        when: "负数的一行找不到它冲掉的缴费。", "A negative row finds no payment that it cancels.";
        advice: "查找被冲正的原缴费记录，补充原凭证号", "Find the payment it cancels and supply the original voucher";
        example: "有一行 -400 元，此人没有缴过费。", "A row says -400 yuan, of a person who never paid.";
    }
    DuplicateRegistration {
        name: "重复参保（同一统筹区）", "registered twice in one pool";
        when: "同一统筹区、同一险种有两条以上正常登记。多出的每条一条。", "Two or more normal registrations in one pool and scheme. One finding a surplus registration.";
        advice: "保留一条参保关系，终止其余登记", "Keep one registration and end the others";
        example: "一人在两个镇各有一条正常的居民登记。", "A person is registered as a resident in two townships of the county.";
    }
    DuplicatePayment {
        name: "重复缴费", "paid twice";
        when: "同一统筹区有两笔以上有效缴费，合计超过应缴。分两次缴足的不算。多出的每笔一条。", "Two or more effective payments in one pool that together exceed what is payable. Two instalments are none. One finding a surplus payment.";
        advice: "核对缴费凭证，多缴部分按规定退费", "Check the vouchers and refund what was paid too much";
        example: "应缴 400 元，缴了两笔 400 元。", "A person owes 400 yuan and paid 400 twice.";
    }
    CrossRegion {
        name: "跨统筹区重复参保缴费", "in two pools";
        when: "正常的居民登记，或有效的居民缴费，在两个以上统筹区。每多一个统筹区一条。", "Normal resident registrations, or effective resident payments, in two or more pools. One finding a surplus pool.";
        advice: "与本人确认保留地，终止另一统筹区关系并办理退费", "Settle with the person which pool stays, end the other and refund";
        example: "一人在本市和外市各有一条正常的居民登记。", "A person has a normal resident registration in this city and in another.";
    }
    CrossScheme {
        name: "职工居民重复参保", "employee and resident at once";
        when: "既有正常的职工登记，又有正常的居民登记，不论在哪里。", "A normal employee and a normal resident registration, wherever they are.";
        advice: "保留职工医保，暂停居民医保并按规定退费", "Keep the employee registration, suspend the resident one and refund";
        example: "一人有正常的职工登记，又有正常的居民登记，还缴了 400 元。", "A person is insured as an employee, registered as a resident too, and paid 400 yuan.";
    }
    PaidNotRegistered {
        name: "已缴费未登记", "paid, not registered";
        when: "在本地有有效的居民缴费，在任何地方都没有正常的居民登记。", "An effective resident payment here and no normal resident registration anywhere.";
        advice: "补办参保登记，不得重复收费", "Register the person; do not collect again";
        example: "缴了 400 元，登记表上没有此人。", "400 yuan were paid; the registrations do not hold the person.";
    }
    WrongRegion {
        name: "错缴统筹区", "paid to the wrong pool";
        when: "有效缴费全部缴到了别的统筹区，不在居民登记所在的统筹区；没有登记的，看底册所在的统筹区。", "All effective payments lie in pools other than that of the resident registration; without one, other than that of the register entry.";
        advice: "核验缴费凭证，由收款地退费，到应参保地补缴，首次缴费日期顺延认定", "Verify the voucher, refund where it was paid, pay in the right pool; the first payment date carries over";
        example: "登记在本市，钱缴到了外市。", "Registered in this city; the money was paid in another.";
    }
    RegisteredNotPaid {
        name: "已登记未缴费", "registered, not paid";
        when: "在本地有正常的居民登记，没有有效缴费，没有资助记录，应缴大于 0。", "A normal resident registration here, no effective payment, no recorded subsidy, and something is payable.";
        advice: "通知本人在缴费期内缴费", "Tell the person to pay within the window";
        example: "登记正常，没有缴费，应缴 400 元。", "Registered, nothing paid, and 400 yuan are payable.";
    }
    AmountWrong {
        name: "缴费金额不符", "amount wrong";
        when: "个人缴的或资助的金额，不是此人当日应有的任何一个。读不懂的金额也在此。", "The personal or the subsidised amount is none that the scheme knows for this person on that day. An amount that cannot be read stands here too.";
        advice: "对照缴费标准和资助标准核实金额，多退少补", "Check the amount against premium and grant; refund or collect the difference";
        example: "应缴 400 元，缴了 300 元。", "400 yuan are payable; 300 were paid.";
    }
    OutsideWindow {
        name: "集中缴费期外缴费", "paid outside the window";
        when: "缴费在缴费期之后，又不合任何一种中途参保情形。读不懂的缴费日期也在此。", "Paid after the window, and no late entry allows it. A day that cannot be read stands here too.";
        advice: "核实是否属于允许补缴的情形，否则退费", "Find out whether a late entry is allowed; otherwise refund";
        example: "缴费期到 2 月 28 日，3 月 10 日缴费。", "The window ends on 28 February; the payment is of 10 March.";
    }
    DeceasedRegistered {
        name: "死亡人员仍在保", "deceased but registered";
        when: "待遇期开始之前已死亡，登记仍然正常。", "Died before the benefit period; the registration is still normal.";
        advice: "核实死亡信息后终止参保关系", "Confirm the death and end the registration";
        example: "2024 年 11 月死亡，2025 年的登记正常。", "Died in November 2024; the registration of 2025 is normal.";
    }
    DeceasedPaid {
        name: "死亡后缴费", "paid after death";
        when: "缴费日在死亡日之后。", "A payment is later than the day of death.";
        advice: "核实死亡日期和缴费日期，按规定退费", "Confirm the days of death and payment, then refund";
        example: "2024 年 10 月 1 日死亡，11 月 15 日有一笔缴费。", "Died on 1 October 2024; a payment is of 15 November.";
    }
    MovedOut {
        name: "迁出人员仍在保", "moved out but registered";
        when: "待遇期开始之前已迁出，在本地的登记仍然正常。", "Moved out before the benefit period; the registration here is still normal.";
        advice: "核实迁出去向，确认已在迁入地参保后终止关系", "Find out where the person went and end the registration once insured there";
        example: "2024 年 9 月迁出，2025 年在本地的登记正常。", "Moved out in September 2024; the registration of 2025 here is normal.";
    }
    MarkedGone {
        name: "姓名后注有已故、迁出", "remarked as gone";
        when: "姓名后面写着已故、死亡、迁出、注销等。程序不据此改变身份，只列出来。", "A remark behind the name says dead, moved out or cancelled. Nothing follows from it by itself; it is listed.";
        advice: "核实是否死亡或迁出，确认后补入死亡、迁出名单", "Find out whether the person died or moved out, and add the day to the lists of deaths or departures";
        example: "底册的姓名写作“杨帆（已故）”。", "The register writes the name with (dead) behind it.";
    }
    HardshipUninsured {
        name: "困难群众未参保", "hardship person uninsured";
        when: "截止日期在名册上，没有在任何地方参保（未参保、失联、自愿放弃或其他原因）。", "On a roster on the day of the figures, and insured nowhere: uninsured, unreachable, declined or another reason.";
        advice: "逐人上门核实，动员参保并落实资助", "Visit each person, have them enrolled and their subsidy granted";
        example: "低保对象，没有参保登记。", "On the roster of low-income persons, without any registration.";
    }
    SubsidyMissed {
        name: "应资助未资助", "subsidy missed";
        when: "有资助资格，在本地缴的个人部分合计超过应缴。", "Entitled to a grant, and the personal payments here exceed what is payable.";
        advice: "核实身份后退还多缴的差额", "Confirm the category and refund the difference";
        example: "低保对象应缴 200 元，按原价缴了 400 元。", "A low-income person owes 200 yuan and paid the full 400.";
    }
    SubsidyUnentitled {
        name: "不应资助而资助", "subsidy without entitlement";
        when: "受了资助，没有资格。", "Subsidised without being entitled.";
        advice: "核实资助对象身份，不符合的追回资助资金", "Confirm the category; recover the grant where it does not stand";
        example: "缴费明细记有资助 200 元，名册上没有此人。", "The payment records a subsidy of 200 yuan; no roster holds the person.";
    }
    SubsidyWhileEmployee {
        name: "职工参保人员享受资助", "subsidy while an employee";
        when: "是职工，又按居民受了资助。", "Subsidised as a resident while an employee.";
        advice: "确认职工参保后取消居民资助，追回资助资金", "Confirm the employee registration, cancel the resident subsidy and recover it";
        example: "职工登记正常，居民缴费中又记有资助 200 元。", "An employee's registration is normal, and a resident payment records a subsidy of 200 yuan.";
    }
    SubsidyOverlap {
        name: "重复资助", "subsidised twice";
        when: "两个出资单位的资助同额且都最高，或记有两次资助。多出的每个一条。", "Equal best grants from two payers, or two recorded subsidies. One finding a surplus one.";
        advice: "按就高不重复原则保留一项资助，其余核减", "Keep one grant, the best; deduct the others";
        example: "既是低保对象又是重度残疾人，两个出资单位各资助 200 元。", "On two rosters whose two payers each grant 200 yuan.";
    }
    RosterLate {
        name: "名册认定逾期", "approved after the cut-off";
        when: "核准日（没有则认定日）在名册截止日之后，这一行不给资格。", "Approved, or else identified, after the cut-off of rosters: the row gives no entitlement.";
        advice: "认定晚于截止日期，本年度不予资助，告知主管部门", "Approved after the cut-off: no grant this year; tell the department";
        example: "截止日是 2 月 28 日，3 月 5 日才核准。", "The cut-off is 28 February; the approval is of 5 March.";
    }
    RosterEnded {
        name: "已退出名册", "ended on the roster";
        when: "受了资助，而决定资格的那天已退出名册。它说明一条 subsidy-unentitled。", "Subsidised, but ended on the roster by the deciding day. It explains a subsidy-unentitled.";
        advice: "已退出名册，核实退出日期，不再享受资助", "Ended on the roster: confirm the day; no grant from then on";
        example: "2024 年 10 月退出低保，12 月缴费时仍受资助。", "Ended on the roster in October 2024, subsidised in December all the same.";
    }
    Uninsured {
        name: "未参保", "uninsured";
        when: "状态是未参保：在底册上，没有任何参保登记，也没有说明原因。", "The standing is uninsured: on the register, no registration anywhere, no reason stated.";
        advice: "入户核实去向，动员参保", "Visit, find out why, and have the person enrolled";
        example: "底册上有此人，登记表上没有。", "The register holds the person; no registration does.";
    }
    NotOnRegister {
        name: "参保人员不在人口底册", "not on the register";
        when: "在本地有正常登记，底册上没有此人。", "A normal registration here of a person who is not on the register.";
        advice: "核实户籍或居住地，补入底册或转出参保关系", "Confirm residence; add to the register or transfer the registration";
        example: "有正常登记，人口底册上没有此人。", "Registered here; the register of residents does not hold the person.";
    }
    RegisterDuplicate {
        name: "人口底册重复", "twice on the register";
        when: "在底册上有两行以上。多出的每行一条。", "On two or more rows of the register. One finding a surplus row.";
        advice: "核实实际居住地，底册只保留一条", "Confirm where the person lives and keep one register row";
        example: "两个镇的底册上都有此人。", "Both townships list the person on the register.";
    }
    HouseholdDuplicate {
        name: "跨户重复", "in two households";
        when: "在两个以上集体账户的户里。多出的每户一条。", "In two or more households. One finding a surplus household.";
        advice: "核实户籍关系，只保留在一户", "Confirm the household and keep the person in one";
        example: "户号 H1 和 H2 的名单上都有此人。", "Households H1 and H2 both list the person.";
    }
    StudentDuplicate {
        name: "大学生异地重复参保", "student registered elsewhere too";
        when: "在校学生名单上，在外地又有正常的居民登记。", "On the list of students, with a normal resident registration elsewhere.";
        advice: "以就学地参保为准，终止另一地居民医保", "The place of school stays: end the resident registration elsewhere";
        example: "在本地上学，老家又有正常的居民登记。", "At school here; registered as a resident at home too.";
    }
    RegionUnknown {
        name: "区划名称无法识别", "region unknown";
        when: "区划表不认得的地名。应为一栏列出相近的。", "A place that the region table does not know. Expected lists what is near.";
        advice: "更正区划名称，或在区划表中补充别名", "Correct the region's name, or add it as an alias to the region table";
        example: "区划表上是“鸣凤镇”，底册写的是“鸣风镇”。", "The register misspells a township: the region table does not have the word.";
    }
    RegionAmbiguous {
        name: "区划名称有歧义", "region ambiguous";
        when: "一个地名可以是几个地方。应为一栏列出它们。", "A place that may be several. Expected lists them.";
        advice: "补充乡镇名称，以区分同名村（社区）", "Add the township, so that regions of one name are told apart";
        example: "两个镇都有“新村”，底册只写了“新村”。", "Two townships have a village of one name, and the row names the village only.";
    }
    CategoryUnknown {
        name: "类别、状态或日期等无法识别", "category, status, day or amount not understood";
        when: "词汇表不认得的类别、状态、险种，或读不懂的日期、金额、人数。应为一栏写明是哪几列。", "A category, status or scheme that the vocabulary does not know, or a day, amount or count that cannot be read. Expected names the columns.";
        advice: "更正所写内容；是类别、状态、险种名称的，也可在方案文件的 also 或 vocabulary 中补充", "Correct what was written; a category, status or scheme may also be added under `also` or `vocabulary` in the pipeline";
        example: "名册的类别一格写着“重点户”，方案里没有这个词。", "The roster's category is a word that the pipeline does not have.";
    }
    Footing {
        name: "合计不符", "total does not add up";
        when: "表上的合计不等于各行之和。", "A declared total is not the sum of its parts.";
        advice: "核对原表合计与分项，请报送单位更正", "Compare total and parts, and have the sender correct the table";
        example: "两个镇的人口是 100 和 200，合计行写 310。", "Two townships have 100 and 200 persons; the total row says 310.";
    }
    FiguresRepeated {
        name: "两地数据雷同", "equal figures in two regions";
        when: "同级的两个地方，人口和任务数都相同。", "Two places of one level have the same population and task.";
        advice: "核实是否误填同一组数据", "Find out whether one figure was filled in twice";
        example: "两个镇的人口都是 1234，任务都是 1086。", "Both townships have a population of 1234 and a task of 1086.";
    }
    OffRule {
        name: "任务数不合测算规则", "figure off its rule";
        when: "数字不合表自己的测算规则，或任务、上年数超过人口。", "A figure off the table's own rule, or a task or last year's count above the population.";
        advice: "对照任务测算规则核实该数", "Check the figure against the rule of the tasks table";
        example: "任务数应为人口的 88%，即 880，表上写 900。", "The task is 88% of the population, 880; the table says 900.";
    }
    ControlTotal {
        name: "与报送单位的总数不符", "not the sender's control total";
        when: "方案 `expect` 写的行数或金额，与收到的不同。金额带两位小数。", "The rows or the money of a book are not what `expect` in the pipeline says. Money has two decimals.";
        advice: "多半是文件没有收全，请报送单位重发", "Most likely the files are not complete: have the sender send them again";
        example: "税务来函说三月 12,345 笔，收到的文件有 12,300 行。", "The tax office writes of 12,345 payments in March; the file has 12,300 rows.";
    }
}
