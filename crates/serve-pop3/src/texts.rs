//! What people may get to read, in the languages that LANG offers (RFC 6856 §3). Programs read the codes.

/// A sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Text {
    en: &'static str,
    zh: &'static str,
}

/// As the session has chosen; English until then, which every program can show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Language {
    #[default]
    En,
    Zh,
}

impl Language {
    pub(crate) const ALL: [Self; 2] = [Self::En, Self::Zh];

    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Zh => "中文",
        }
    }

    /// The language for a tag or a range of them (RFC 4647): `*` is the one of the beginning, `zh-CN` is `zh`.
    pub(crate) fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default();
        match () {
            () if tag == "*" || tag.eq_ignore_ascii_case("i-default") => Some(Self::default()),
            () => Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary)),
        }
    }
}

impl Text {
    pub(crate) fn in_language(self, language: Language) -> &'static str {
        match language {
            Language::En => self.en,
            Language::Zh => self.zh,
        }
    }
}

macro_rules! texts {
    ($($name:ident $en:literal $zh:literal)*) => {
        $(pub(crate) const $name: Text = Text { en: $en, zh: $zh };)*
    };
}

texts! {
    READY "Yanshu is ready" "雁书已就绪"
    GOODBYE "Goodbye" "再见"
    CAPABILITIES "What there is" "支持的功能"
    LANGUAGES "Languages" "可用语言"
    LANGUAGE_CHOSEN "English from now on" "已改用中文"
    NO_SUCH_LANGUAGE "There is no such language here" "不支持该语言"
    BEGIN_TLS "Begin TLS now" "请开始 TLS"
    TLS_IS_ON "TLS is on already" "已经启用 TLS"
    NO_TLS "TLS is not offered here" "此处不提供 TLS"
    NO_TLS_AFTER_UTF8 "STLS comes before UTF8" "请在 UTF8 之前使用 STLS"
    UTF8_IS_ON "UTF-8 from now on" "已改用 UTF-8"
    MECHANISMS "Mechanisms" "可用的认证方式"
    PASSWORD_PLEASE "And the password" "请输入密码"
    NAME_FIRST "Say USER first" "请先发送 USER"
    SIGN_IN_UNDER_TLS "Sign in under TLS" "请启用 TLS 后再登录"
    NO_SUCH_MECHANISM "This mechanism is not offered" "不支持该认证方式"
    NOT_A_RESPONSE "Not a base64 response to PLAIN" "应答不是有效的 PLAIN 内容"
    GIVEN_UP "AUTH was given up" "已取消认证"
    ONLY_ONESELF "Nobody can act for another here" "不能代替他人登录"
    WRONG "Name or password is wrong" "用户名或密码错误"
    CLIENT_PASSWORD_NEEDED "This organisation asks for a client password: make one on the account page" "本单位要求使用客户端专用密码，请在账户页面生成"
    PASSWORD_TO_BE_CHOSEN "Choose a password on the web first" "请先在网页上设置密码"
    NOT_ALLOWED "This account may not be used now" "该账户目前不能使用"
    NO_MAILBOX "There is no mailbox to this account" "该账户没有邮箱"
    TOO_MANY_ATTEMPTS "Too many failed attempts, try again later" "失败次数过多，请稍后再试"
    IN_USE "Another session has the mailbox open" "另一个客户端正在收信，请稍后再试"
    SIGNED_IN_ALREADY "Somebody has signed in already" "已经登录"
    SIGN_IN_FIRST "Sign in first" "请先登录"
    UNKNOWN_COMMAND "There is no such command" "没有这个命令"
    WRONG_ARGUMENTS "Not the arguments of this command" "命令的参数不正确"
    LINE_TOO_LONG "The line is too long" "该行过长"
    NO_SUCH_MESSAGE "There is no such message" "没有这封邮件"
    IS_DELETED "The message is marked for deletion" "该邮件已标记为删除"
    IS_GONE "The message is gone: it was removed elsewhere" "该邮件已在别处删除"
    CANNOT_BE_READ "The message cannot be read" "无法读取该邮件"
    LISTED "They follow" "列表如下"
    MARKED "Marked for deletion" "已标记为删除"
    DONE "Done" "完成"
    NOT_ALL_REMOVED "Some deleted messages were not removed" "部分邮件未能删除"
    LOCK_LOST "The mailbox went to another session, nothing more is deleted" "邮箱已被其他客户端占用，不再删除邮件"
    TRY_LATER "This cannot be done at the moment, try again later" "暂时无法完成，请稍后再试"
    OUR_FAULT "Something went wrong on our side" "服务器内部错误"
    TOO_MANY_BAD_COMMANDS "Too many commands without sense" "无效命令过多"
    TOO_MANY_FAILED_SIGN_INS "Too many failed sign-ins" "登录失败次数过多"
    REVOKED "This sign-in is no longer valid" "登录已失效"
    STOPPING "The server is stopping" "服务器正在停止"
    MESSAGES "messages," "封邮件，"
    OCTETS "octets" "字节"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_with_a_region_is_its_language() {
        assert_eq!(Language::of_tag("zh-Hans-CN"), Some(Language::Zh));
        assert_eq!(Language::of_tag("EN"), Some(Language::En));
        assert_eq!(Language::of_tag("*"), Some(Language::En));
        assert_eq!(Language::of_tag("fr"), None);
        assert_eq!(Language::of_tag(""), None);
    }
}
