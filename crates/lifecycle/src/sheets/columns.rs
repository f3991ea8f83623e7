//! The columns a sheet of members may have: stable keys, and the headings that exports and templates write for them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The languages sheets are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Chinese,
    English,
}

impl Language {
    /// `zh…` is Chinese; everything else is written in English.
    pub fn of_tag(tag: &str) -> Self {
        if tag.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("zh")) { Self::Chinese } else { Self::English }
    }
}

macro_rules! columns {
    ($($variant:ident $key:literal $chinese:literal $english:literal)*) => {
        /// What a column holds. The key is stable: it is the name of the column in the API, in errors and on the command line.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ColumnKey { $($variant),* }

        impl ColumnKey {
            /// Every key, in the order exports have by default.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $key),* }
            }

            /// The heading that our own files have; reading recognises it again.
            pub fn heading(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Self::$variant, Language::Chinese) => $chinese, (Self::$variant, Language::English) => $english),*
                }
            }
        }
    };
}

columns! {
    Number "number" "序号" "No."
    MemberId "member_id" "成员编码" "Member ID"
    Name "name" "姓名" "Name"
    Gender "gender" "性别" "Gender"
    Mobile "mobile" "手机号码" "Mobile"
    AccountName "account_name" "帐号" "Account name"
    MailPrefix "mail_prefix" "邮箱前缀" "Mail prefix"
    Address "address" "邮件地址" "Mail address"
    InitialPassword "initial_password" "初始密码" "Initial password"
    Department "department" "部门" "Department"
    Position "position" "职位" "Position"
    Rank "rank" "职级" "Rank"
    EmployeeNumber "employee_number" "工号" "Employee number"
    JoinDate "join_date" "入职日期" "Join date"
    OfficePhone "office_phone" "公司电话" "Office phone"
    HomePhone "home_phone" "家庭电话" "Home phone"
    OfficeLocation "office_location" "办公地点" "Office location"
    Supervisor "supervisor" "直属主管" "Supervisor"
    Nickname "nickname" "昵称" "Nickname"
    Birthday "birthday" "生日" "Birthday"
    AlternateAddress "alternate_address" "备用邮件地址" "Alternate mail address"
    ServiceClass "service_class" "服务等级" "Service class"
    VisibleInDirectory "visible_in_directory" "在通讯录中显示" "Visible in directory"
    ExpiresOn "expires_on" "到期日期" "Expires on"
    State "state" "状态" "State"
    CreatedAt "created_at" "建立日期" "Created"
    Remarks "remarks" "备注" "Remarks"
}

/// The text is not the key of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the key of a column")]
pub struct UnknownColumn;

impl FromStr for ColumnKey {
    type Err = UnknownColumn;

    fn from_str(text: &str) -> Result<Self, UnknownColumn> {
        Self::ALL.iter().copied().find(|key| key.as_str() == text).ok_or(UnknownColumn)
    }
}

impl fmt::Display for ColumnKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for ColumnKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ColumnKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The name a spreadsheet program shows for the column at `index`, counted from 0: A … Z, AA ….
pub fn column_letters(index: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = index + 1;
    while rest > 0 {
        letters.push(b'A' + ((rest - 1) % 26) as u8);
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().map(|&letter| char::from(letter)).collect()
}
