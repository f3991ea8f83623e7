//! What is wrong with a cell, in the words of the file of wrong rows. The console has its own, longer texts for the same codes.

use crate::sheets::{CellError, Language};

/// Code, Chinese, English. `{name}` stands for a parameter.
const TEXTS: &[(&str, &str, &str)] = &[
    ("name_missing", "请填写姓名", "enter a name"),
    ("mobile_missing", "请填写手机号码", "enter a mobile number"),
    ("department_missing", "请填写部门", "enter a department"),
    ("gender_unknown", "性别请填“男”或“女”", "gender is \"male\" or \"female\""),
    ("mobile_invalid", "不是有效的手机号码", "not a valid mobile number"),
    ("phone_invalid", "不是有效的电话号码", "not a valid phone number"),
    ("account_name_invalid", "帐号含有不能使用的字符", "the account name has characters that cannot be used"),
    ("address_invalid", "邮箱前缀只能含小写字母、数字和 . _ -", "a mail prefix has letters a-z, digits and . _ - only"),
    ("address_domain_not_usable", "本组织不能使用域名 {domain}", "the organisation may not use the domain {domain}"),
    ("address_differs_from_prefix", "邮件地址与邮箱前缀不一致", "mail address and mail prefix do not agree"),
    ("alternate_address_invalid", "不是有效的邮件地址", "not a valid mail address"),
    ("initial_password_too_long", "初始密码过长", "the initial password is too long"),
    ("initial_password_too_short", "初始密码至少 {min} 个字符", "an initial password has at least {min} characters"),
    ("department_path_invalid", "部门路径有空的层级", "the department path has an empty level"),
    ("department_name_too_long", "部门名称 {name} 超过 {limit} 个字符", "department name {name} has more than {limit} characters"),
    ("department_twice", "部门 {path} 写了两次", "department {path} stands there twice"),
    ("department_not_found", "没有部门 {path}", "there is no department {path}"),
    ("department_full", "部门 {department} 已达到 {limit} 人上限", "department {department} has reached its limit of {limit} members"),
    ("department_too_deep", "部门层级过多", "departments are nested too deep"),
    ("organisation_full", "组织已达到 {limit} 人上限", "the organisation has reached its limit of {limit} members"),
    ("date_invalid", "不是存在的日期，请写成 2025-01-31", "not a day that exists; write it as 2025-01-31"),
    ("date_in_future", "日期在将来", "the day lies in the future"),
    ("boolean_unknown", "请填“是”或“否”", "enter \"yes\" or \"no\""),
    ("member_id_invalid", "不是成员编码", "not a member ID"),
    ("member_not_found", "没有这个成员编码的成员", "no member has this ID"),
    ("text_too_long", "文字过长，最多 {limit} 个字符", "the text is too long, {limit} characters at most"),
    ("text_not_plain", "含有不能使用的字符", "has characters that cannot be used"),
    (
        "number_lossy",
        "数字 {value} 已丢失末尾几位，请把单元格设为文本",
        "the number {value} has lost its last digits; format the cell as text",
    ),
    ("formula_without_value", "公式没有结果，请粘贴为数值", "the formula has no value; paste it as a value"),
    ("cell_error_value", "单元格的值是 {value}", "the cell's value is {value}"),
    ("cell_too_long", "单元格过长，最多 {limit} 个字符", "the cell is too long, {limit} characters at most"),
    ("service_class_unknown", "没有服务等级 {name}", "there is no service class {name}"),
    ("supervisor_not_found", "找不到主管 {supervisor}", "there is no member {supervisor} to be the supervisor"),
    ("mobile_duplicate_in_file", "手机号码与前面的行重复", "an earlier row has the same mobile number"),
    ("address_duplicate_in_file", "邮箱前缀与前面的行重复", "an earlier row has the same mail address"),
    ("employee_number_duplicate_in_file", "工号与前面的行重复", "an earlier row has the same employee number"),
    ("account_name_duplicate_in_file", "帐号与前面的行重复", "an earlier row has the same account name"),
    ("member_duplicate_in_file", "前面的行是同一成员", "an earlier row is about the same member"),
    ("mobile_taken", "手机号码已被成员 {name} 使用", "the mobile number belongs to {name}"),
    ("address_taken", "邮件地址已被 {name} 占用", "the mail address is taken by {name}"),
    ("employee_number_taken", "工号已被成员 {name} 使用", "the employee number belongs to {name}"),
    ("account_name_taken", "帐号已被成员 {name} 使用", "the account name belongs to {name}"),
    ("member_mismatch", "成员编码属于 {name}", "the member ID belongs to {name}"),
    ("member_exists", "成员 {name} 已存在", "{name} is a member already"),
    ("member_recycled", "成员 {name} 在回收站中", "{name} is in the recycle bin"),
    (
        "address_differs",
        "该成员的邮件地址是 {address}，不能通过导入更改",
        "the member's address is {address}, which an import does not change",
    ),
    ("own_account_protected", "不能让管理员自己的帐号过期", "an administrator's own account cannot be made to expire"),
    ("owner_protected", "只有所有者能更改所有者的资料", "only an owner changes an owner"),
    ("member_signed_in", "该成员已登录过，无法撤销", "the member has signed in since, and stays"),
    ("member_has_mail", "该成员的邮箱已有邮件，无法撤销", "the member has mail, and stays"),
    ("member_changed_since", "导入之后被更改，保持现状", "changed since the import, and left as it is"),
    ("member_is_administrator", "该成员是管理员，无法撤销", "the member is an administrator, and stays"),
    ("address_not_taken_back", "邮件地址不会收回", "the mail address is not taken back"),
    ("forbidden", "没有更改该成员的权限", "you may not change this member"),
    ("address_held", "邮件地址属于已删除的成员，不再分配", "the address belonged to a member who was removed, and is not given out again"),
    ("row_outdated", "成员在生成计划之后被更改", "the member was changed after the plan was made"),
];

/// The error as a sentence, with the code itself where there is no text for it.
pub(super) fn text_of(error: &CellError, language: Language) -> String {
    let Some((_, chinese, english)) = TEXTS.iter().find(|(code, _, _)| *code == error.code) else { return error.code.to_string() };
    let mut text = match language {
        Language::Chinese => (*chinese).to_owned(),
        Language::English => (*english).to_owned(),
    };
    for (name, value) in &error.params {
        text = text.replace(&format!("{{{name}}}"), value);
    }
    // A parameter that is not there, such as a holder whose name is not to be known.
    while let (Some(start), Some(end)) = (text.find('{'), text.find('}')) {
        if start > end {
            break;
        }
        text.replace_range(start..=end, "…");
    }
    text
}

/// All errors of a row, each with the heading of its column.
pub(super) fn text_of_row(errors: &[CellError], language: Language) -> String {
    let sentences: Vec<String> =
        errors.iter().map(|error| format!("{}: {}", error.column.heading(language), text_of(error, language))).collect();
    match language {
        Language::Chinese => sentences.join("；"),
        Language::English => sentences.join("; "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheets::ColumnKey;

    #[test]
    fn a_row_says_what_is_wrong_in_the_language_of_the_organisation() {
        let errors =
            [CellError::new(ColumnKey::Mobile, "mobile_taken").with("name", "王丽"), CellError::new(ColumnKey::JoinDate, "date_invalid")];
        assert_eq!(
            text_of_row(&errors, Language::Chinese),
            "手机号码: 手机号码已被成员 王丽 使用；入职日期: 不是存在的日期，请写成 2025-01-31"
        );
        assert_eq!(text_of(&CellError::new(ColumnKey::Mobile, "mobile_taken"), Language::English), "the mobile number belongs to …");
    }
}
