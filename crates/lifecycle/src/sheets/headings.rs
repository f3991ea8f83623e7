//! Which heading means which column, and which row of a sheet holds the headings.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{Cell, Column, ColumnKey, MAX_HEADING_ROW, SheetError, column_letters};

/// What is looked for, as people would write it; named when nothing was found.
pub const WANTED: &str = "姓名 Name, 手机号码 Mobile, 邮箱前缀 Mail prefix, 工号 Employee number, 部门 Department …";

/// The heading of the column with error texts in a file of wrong rows.
pub const ERROR_TEXTS_HEADING: (&str, &str) = ("错误说明", "What is wrong");

/// Headings in the form that [`squeeze`] brings them to.
const SYNONYMS: &[(ColumnKey, &[&str])] = &[
    (ColumnKey::Number, &["序号", "编号", "序", "行号", "no", "number", "serialnumber", "serialno", "seq", "sequence", "index", "#"]),
    (ColumnKey::MemberId, &["成员编码", "成员id", "用户id", "memberid", "userid"]),
    (
        ColumnKey::Name,
        &[
            "姓名",
            "成员姓名",
            "员工姓名",
            "用户姓名",
            "人员姓名",
            "职工姓名",
            "真实姓名",
            "中文姓名",
            "名字",
            "名称",
            "成员名称",
            "用户名称",
            "name",
            "fullname",
            "membername",
            "employeename",
            "username",
            "realname",
            "displayname",
            "staffname",
        ],
    ),
    (ColumnKey::Gender, &["性别", "男女", "gender", "sex"]),
    (
        ColumnKey::Mobile,
        &[
            "手机",
            "手机号",
            "手机号码",
            "移动电话",
            "移动电话号码",
            "联系手机",
            "手机电话",
            "联系电话",
            "联系方式",
            "电话号码",
            "电话",
            "本人手机",
            "mobile",
            "mobilephone",
            "mobilenumber",
            "mobilephonenumber",
            "phone",
            "phonenumber",
            "cellphone",
            "cell",
            "cellphonenumber",
            "telephone",
            "tel",
        ],
    ),
    (
        ColumnKey::AccountName,
        &[
            "帐号",
            "账号",
            "帐户",
            "账户",
            "帐号名",
            "账号名",
            "用户名",
            "登录名",
            "登录帐号",
            "登录账号",
            "account",
            "accountname",
            "loginname",
            "login",
            "userlogin",
        ],
    ),
    (
        ColumnKey::MailPrefix,
        &[
            "邮箱前缀",
            "邮箱帐号",
            "邮箱账号",
            "邮箱名",
            "邮箱用户名",
            "邮件前缀",
            "邮件帐号",
            "邮件账号",
            "企业邮箱前缀",
            "企业邮箱帐号",
            "企业邮箱账号",
            "mailprefix",
            "emailprefix",
            "mailname",
            "mailaccount",
            "emailaccount",
            "localpart",
            "mailbox",
            "mailboxname",
        ],
    ),
    (
        ColumnKey::Address,
        &[
            "邮件地址",
            "邮箱",
            "邮箱地址",
            "电子邮件",
            "电子邮箱",
            "电子邮件地址",
            "企业邮箱",
            "企业邮箱地址",
            "工作邮箱",
            "公司邮箱",
            "单位邮箱",
            "mail",
            "email",
            "emailaddress",
            "mailaddress",
            "address",
            "workemail",
            "businessemail",
            "companyemail",
        ],
    ),
    (ColumnKey::InitialPassword, &["初始密码", "密码", "登录密码", "初始口令", "initialpassword", "password"]),
    (
        ColumnKey::Department,
        &[
            "部门",
            "所属部门",
            "部门名称",
            "所在部门",
            "部门路径",
            "组织",
            "所属组织",
            "组织机构",
            "所属机构",
            "所在节点",
            "单位部门",
            "科室",
            "所属科室",
            "所在科室",
            "department",
            "departments",
            "departmentname",
            "departmentpath",
            "dept",
            "organisation",
            "organization",
            "orgunit",
            "unit",
            "team",
        ],
    ),
    (
        ColumnKey::Position,
        &[
            "职务",
            "职位",
            "岗位",
            "岗位名称",
            "职称",
            "职务名称",
            "职位名称",
            "担任职务",
            "position",
            "title",
            "jobtitle",
            "job",
            "post",
            "role",
        ],
    ),
    (ColumnKey::Rank, &["职级", "级别", "职务级别", "行政级别", "rank", "grade", "joblevel", "level"]),
    (
        ColumnKey::EmployeeNumber,
        &[
            "工号",
            "员工编号",
            "员工号",
            "职工号",
            "职工编号",
            "人员编号",
            "人员编码",
            "员工工号",
            "员工编码",
            "employeenumber",
            "employeeid",
            "employeeno",
            "employeecode",
            "staffid",
            "staffnumber",
            "staffno",
            "jobnumber",
            "workno",
            "worknumber",
            "personnelnumber",
        ],
    ),
    (
        ColumnKey::JoinDate,
        &[
            "入职日期",
            "入职时间",
            "入职",
            "加入日期",
            "加入时间",
            "到岗日期",
            "报到日期",
            "参加工作日期",
            "joindate",
            "joiningdate",
            "dateofjoining",
            "hiredate",
            "datehired",
            "dateofhire",
            "startdate",
            "entrydate",
            "joined",
            "joinedon",
            "hiredon",
        ],
    ),
    (
        ColumnKey::OfficePhone,
        &[
            "公司电话",
            "办公电话",
            "单位电话",
            "工作电话",
            "办公室电话",
            "座机",
            "固定电话",
            "座机号码",
            "分机",
            "分机号",
            "officephone",
            "officetelephone",
            "officetel",
            "workphone",
            "businessphone",
            "companyphone",
            "landline",
            "extension",
            "officenumber",
        ],
    ),
    (ColumnKey::HomePhone, &["家庭电话", "住宅电话", "家庭固话", "homephone", "hometelephone", "hometel"]),
    (
        ColumnKey::OfficeLocation,
        &[
            "办公地点",
            "办公室",
            "办公位置",
            "工作地点",
            "办公地址",
            "工位",
            "officelocation",
            "office",
            "location",
            "worklocation",
            "workplace",
            "room",
        ],
    ),
    (
        ColumnKey::Supervisor,
        &[
            "直属主管",
            "直接主管",
            "直属上级",
            "直接上级",
            "上级",
            "主管",
            "汇报对象",
            "supervisor",
            "manager",
            "directsupervisor",
            "directmanager",
            "reportsto",
            "linemanager",
        ],
    ),
    (ColumnKey::Nickname, &["昵称", "别名", "花名", "英文名", "nickname", "alias", "preferredname"]),
    (ColumnKey::Birthday, &["生日", "出生日期", "出生年月日", "出生年月", "birthday", "birthdate", "dateofbirth", "dob"]),
    (
        ColumnKey::AlternateAddress,
        &[
            "备用邮件地址",
            "备用邮箱",
            "备用邮箱地址",
            "个人邮箱",
            "私人邮箱",
            "其他邮箱",
            "备用邮件",
            "alternatemailaddress",
            "alternateaddress",
            "alternatemail",
            "alternateemail",
            "alternativeemail",
            "alternateemailaddress",
            "personalemail",
            "privateemail",
            "otheremail",
            "secondaryemail",
            "recoveryemail",
            "backupemail",
            "personalmail",
        ],
    ),
    (ColumnKey::ServiceClass, &["服务等级", "服务级别", "服务类别", "邮箱套餐", "套餐", "serviceclass", "cos", "classofservice", "plan"]),
    (
        ColumnKey::VisibleInDirectory,
        &[
            "在通讯录中显示",
            "在组织通讯录中显示",
            "通讯录可见",
            "通讯录显示",
            "信息公开",
            "visibleindirectory",
            "showindirectory",
            "directoryvisible",
            "visible",
        ],
    ),
    (
        ColumnKey::ExpiresOn,
        &[
            "到期日期",
            "到期时间",
            "有效期",
            "有效期至",
            "截止日期",
            "过期日期",
            "帐号有效期",
            "账号有效期",
            "expireson",
            "expires",
            "expirydate",
            "expirationdate",
            "expiry",
            "validuntil",
        ],
    ),
    (ColumnKey::State, &["状态", "用户状态", "成员状态", "帐号状态", "账号状态", "state", "status"]),
    (
        ColumnKey::CreatedAt,
        &["建立日期", "创建时间", "创建日期", "建立时间", "created", "createdat", "createdon", "creationdate", "datecreated"],
    ),
    (
        ColumnKey::Remarks,
        &["备注", "说明", "备注说明", "备注信息", "附注", "remarks", "remark", "notes", "note", "comment", "comments", "memo"],
    ),
];

static MEANINGS: LazyLock<HashMap<&'static str, ColumnKey>> =
    LazyLock::new(|| SYNONYMS.iter().flat_map(|(key, words)| words.iter().map(|word| (*word, *key))).collect());

/// Words in brackets that only say how to fill a column; any other bracket may change what the column means.
const HINTS: &[&str] = &[
    "必填",
    "选填",
    "可选",
    "非必填",
    "必录",
    "必须",
    "唯一",
    "required",
    "optional",
    "mandatory",
    "格式",
    "如",
    "例",
    "yyyy",
    "format",
    "e.g.",
    "+86",
];

/// Nobody's heading is longer; and looking at longer texts would cost time for nothing.
const MAX_HEADING_CHARS: usize = 80;

/// Lower-cased and without the spaces, asterisks, punctuation and brackets that headings are decorated with.
fn squeeze(text: &str) -> String {
    let dropped = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '*' | ':' | '_' | '-' | '.' | '\'' | '"' | '(' | ')' | '[' | ']' | '【' | '】' | '/' | '、')
    };
    text.chars().filter(|&c| !dropped(c)).collect()
}

/// The column a heading stands for.
pub fn recognise(heading: &str) -> Option<ColumnKey> {
    if heading.chars().count() > MAX_HEADING_CHARS {
        return None;
    }
    let folded = kernel::fold(heading);
    lookup(&folded).or_else(|| in_two_languages(&without_hints(&folded)))
}

fn lookup(folded: &str) -> Option<ColumnKey> {
    let find = |text: &str| MEANINGS.get(squeeze(text).as_str()).copied();
    find(folded).or_else(|| find(&without_hints(folded)))
}

/// Cuts `(必填)` and the like.
fn without_hints(folded: &str) -> String {
    let mut rest = folded.to_owned();
    while let Some(open) = rest.find(['(', '[', '【']) {
        let Some(length) = rest[open..].find([')', ']', '】']) else { break };
        let inside = &rest[open..open + length];
        if !HINTS.iter().any(|hint| inside.contains(hint)) {
            break;
        }
        let close = open + length + rest[open + length..].chars().next().map_or(0, char::len_utf8);
        rest.replace_range(open..close, "");
    }
    rest
}

/// `姓名 Name`, `手机号码/Mobile`, `Name(姓名)`: one heading in two languages, both meaning the same.
fn in_two_languages(folded: &str) -> Option<ColumnKey> {
    let (chinese, english): (String, String) = {
        let is_chinese = |c: &char| ('\u{3400}'..='\u{9fff}').contains(c);
        (folded.chars().filter(is_chinese).collect(), folded.chars().filter(|c| !is_chinese(c)).collect())
    };
    let chinese = lookup(&chinese)?;
    (lookup(&english) == Some(chinese)).then_some(chinese)
}

fn is_error_texts(heading: &str) -> bool {
    heading == ERROR_TEXTS_HEADING.0 || heading == ERROR_TEXTS_HEADING.1
}

/// A row that may be the headings: what each cell means, and how many different meanings there are.
pub struct Candidate {
    pub keys: Vec<Option<ColumnKey>>,
    pub recognised: usize,
}

/// `None` unless the row has two different known headings, one of which can tell members apart.
pub fn candidate(cells: &[Cell]) -> Option<Candidate> {
    let keys: Vec<_> = cells.iter().map(|cell| if cell.fault.is_none() { recognise(&cell.text) } else { None }).collect();
    let mut distinct: Vec<_> = keys.iter().flatten().collect();
    distinct.sort_unstable();
    distinct.dedup();
    let tells_apart = |key: &&ColumnKey| {
        use ColumnKey as K;
        matches!(key, K::Name | K::Mobile | K::MailPrefix | K::Address | K::AccountName | K::EmployeeNumber | K::MemberId)
    };
    let recognised = distinct.len();
    if recognised >= 2 && distinct.iter().any(|key| tells_apart(key)) { Some(Candidate { keys, recognised }) } else { None }
}

/// The columns of a sheet whose headings are these cells.
pub fn columns(cells: &[Cell], candidate: &Candidate, is_hidden: impl Fn(usize) -> bool) -> Result<Vec<Column>, SheetError> {
    let mut columns: Vec<Column> = Vec::with_capacity(cells.len());
    for (index, cell) in cells.iter().enumerate() {
        let heading = cell.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let key = candidate.keys.get(index).copied().flatten();
        if let Some(earlier) = key.and_then(|key| columns.iter().find(|column| column.key == Some(key))) {
            return Err(SheetError::HeadingTwice {
                column: key.map_or("", ColumnKey::as_str),
                first: format!("{} ({})", column_letters(earlier.index), earlier.heading),
                second: format!("{} ({heading})", column_letters(index)),
            });
        }
        let error_texts = key.is_none() && is_error_texts(&heading);
        columns.push(Column { index, heading, key, hidden: is_hidden(index), error_texts });
    }
    while columns.last().is_some_and(|column| column.heading.is_empty()) {
        columns.pop();
    }
    Ok(columns)
}

/// What to say when no row was good enough.
pub fn not_found() -> SheetError {
    SheetError::HeadingsNotFound { rows: MAX_HEADING_ROW, wanted: WANTED }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheets::Language;

    #[test]
    fn every_heading_we_write_is_recognised_again() {
        for &key in ColumnKey::ALL {
            for language in [Language::Chinese, Language::English] {
                assert_eq!(recognise(key.heading(language)), Some(key), "{key}");
            }
            let both = format!("{} {}", key.heading(Language::Chinese), key.heading(Language::English));
            assert_eq!(recognise(&both), Some(key), "{both}");
        }
    }

    #[test]
    fn no_heading_has_two_meanings() {
        let mut words: Vec<_> = SYNONYMS.iter().flat_map(|(_, words)| words.iter()).collect();
        let all = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), all);
        assert!(words.iter().all(|word| squeeze(&kernel::fold(word)) == **word));
    }

    #[test]
    fn headings_are_recognised_however_they_are_decorated() {
        for (heading, key) in [
            (" 姓 名* ", ColumnKey::Name),
            ("姓名\n（必填）", ColumnKey::Name),
            ("手机号码（必填，如13800000000）", ColumnKey::Mobile),
            ("【手机号】", ColumnKey::Mobile),
            ("ＭＯＢＩＬＥ Phone", ColumnKey::Mobile),
            ("E-mail", ColumnKey::Address),
            ("Employee ID [required]", ColumnKey::EmployeeNumber),
            ("Name(姓名)", ColumnKey::Name),
            ("入职日期(YYYY-MM-DD)", ColumnKey::JoinDate),
            ("*部门：", ColumnKey::Department),
            ("备用邮箱", ColumnKey::AlternateAddress),
        ] {
            assert_eq!(recognise(heading), Some(key), "{heading}");
        }
        for heading in ["", "邮箱（备用）", "Name of spouse", "康宁医疗集团 2026 年在职人员信息表", "带 * 的为必填项", "姓名 Mobile"]
        {
            assert_eq!(recognise(heading), None, "{heading}");
        }
    }
}
