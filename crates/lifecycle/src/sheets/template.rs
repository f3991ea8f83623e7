//! The file to begin with: headings in both languages, one row as an example, and notes on how to fill it.

use kernel::Timestamp;

use super::table::{File, Table, WriteError};
use super::{ColumnKey, EXAMPLE_MARK, Format, Language};

/// Key, the example's cell, what to write in Chinese and in English.
const COLUMNS: &[(ColumnKey, &str, &str, &str)] = &[
    (
        ColumnKey::Number,
        EXAMPLE_MARK,
        "可不填。标有“示例 Example”的行不会导入",
        "May stay empty. The row marked \"示例 Example\" is not imported",
    ),
    (ColumnKey::Name, "王丽", "必填", "Required"),
    (ColumnKey::Gender, "女", "男 或 女", "Male or Female"),
    (
        ColumnKey::Mobile,
        "13800000000",
        "必填。国外号码请加国家代码，如 +1 …",
        "Required. Foreign numbers with their country code, such as +1 …",
    ),
    (
        ColumnKey::MailPrefix,
        "wangli",
        "@ 之前的部分，或完整地址；不填则不开通邮箱",
        "The part before the @, or the full address; without it there is no mailbox",
    ),
    (
        ColumnKey::Department,
        "总院/内科",
        "必填。从上级到下级，用 / 分隔；多个部门用 ; 分隔，第一个是主部门",
        "Required. From the top down, separated by /; several departments separated by ;, the main one first",
    ),
    (ColumnKey::Position, "主管护师", "", ""),
    (ColumnKey::EmployeeNumber, "00776", "不可重复", "Unique"),
    (ColumnKey::JoinDate, "2020-03-02", "如 2020-03-02 或 2020年3月2日", "Such as 2020-03-02"),
    (ColumnKey::OfficePhone, "010-55550100", "", ""),
    (ColumnKey::HomePhone, "", "", ""),
    (ColumnKey::OfficeLocation, "", "", ""),
    (ColumnKey::Supervisor, "", "直属主管的邮件地址、工号或帐号", "The supervisor's mail address, employee number or account name"),
    (ColumnKey::Nickname, "", "", ""),
    (ColumnKey::Birthday, "", "如 1990-01-31", "Such as 1990-01-31"),
    (ColumnKey::AlternateAddress, "", "本系统之外的邮件地址", "A mail address outside of this system"),
    (ColumnKey::AccountName, "", "登录用的帐号；不填则与邮箱前缀相同", "To sign in with; the mail prefix when empty"),
    (ColumnKey::InitialPassword, "", "不填则自动生成，首次登录时必须更改", "Made up when empty; must be changed at the first sign-in"),
    (ColumnKey::ServiceClass, "", "服务等级的名称；不填则为默认等级", "The name of a service class; the default one when empty"),
    (ColumnKey::VisibleInDirectory, "", "是 或 否；不填为“是”", "Yes or No; Yes when empty"),
    (ColumnKey::ExpiresOn, "", "帐号可用的最后一天；不填则长期有效", "The last day of the account; without end when empty"),
    (ColumnKey::Remarks, "", "", ""),
];

/// The template. An upload of it as it is has no rows: its example is marked, and a row with that mark is never a member.
pub fn template(format: Format, language: Language, now: Timestamp) -> Result<File, WriteError> {
    let required = |key| matches!(key, ColumnKey::Name | ColumnKey::Mobile | ColumnKey::Department);
    let heading = |key: ColumnKey| {
        let star = if required(key) { " *" } else { "" };
        format!("{} {}{star}", key.heading(Language::Chinese), key.heading(Language::English))
    };
    let headings: Vec<String> = COLUMNS.iter().map(|(key, ..)| heading(*key)).collect();
    let mut table = Table::new(format, "成员 Members", &headings, now)?;
    table.row(&COLUMNS.iter().map(|(_, example, ..)| *example).collect::<Vec<_>>())?;
    let notes: Vec<[String; 3]> = std::iter::once(["*".to_owned(), "必填的列".to_owned(), "Columns that are required".to_owned()])
        .chain(COLUMNS.iter().map(|(key, _, chinese, english)| [heading(*key), (*chinese).to_owned(), (*english).to_owned()]))
        .collect();
    let bytes = table.finish_with_notes("填写说明 Notes", &notes)?;
    let name = match language {
        Language::Chinese => "成员导入模板",
        Language::English => "member-import-template",
    };
    Ok(File { name: format!("{name}.{}", format.extension()), content_type: format.content_type(), bytes })
}
