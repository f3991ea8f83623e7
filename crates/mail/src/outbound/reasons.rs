//! What an enhanced status (RFC 3463) means to a person: what is wrong, and what to do.

/// In Chinese and in English.
pub(super) fn sentence(status: &str) -> (&'static str, &'static str) {
    let mut parts = status.split('.');
    let class = parts.next().unwrap_or_default();
    let (subject, detail) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    match (subject, detail) {
        ("1", "1" | "0" | "3" | "6") => ("收件地址不存在，请检查写法。", "There is no such address. Check its spelling."),
        ("1", "2") => {
            ("收件地址的域名不存在，请检查 @ 之后的部分。", "The domain of the address does not exist. Check what stands after the @.")
        }
        ("1", "10") => ("对方域名不接收邮件。", "The domain of the address takes no mail."),
        ("2", "2") => (
            "对方邮箱已满，请稍后再发或用其他方式联系。",
            "The recipient's mailbox is full. Send it again later, or reach the recipient another way.",
        ),
        ("2", "1") => ("对方邮箱已停用。", "The recipient's mailbox takes no mail at present."),
        ("2", "3") | ("3", "4") => (
            "邮件太大，对方不接收。请减小附件后重发。",
            "The message is larger than the recipient's server takes. Send it with smaller attachments.",
        ),
        ("4", "7") => ("多次重试仍未送达，已超过时限。", "It was tried for as long as is allowed, without success."),
        ("4", "6") => (
            "邮件在服务器之间循环，请联系管理员检查 DNS 设置。",
            "The message went round in a circle. An administrator should look at the DNS records.",
        ),
        ("4", "3") => ("暂时查不到对方域名的 DNS 记录。", "DNS does not answer for the recipient's domain."),
        ("4", _) => ("无法连接对方服务器。", "The recipient's server cannot be reached."),
        ("6", "7") => (
            "对方服务器不支持含中文等字符的邮件地址。",
            "The recipient's server does not take addresses with characters other than Latin letters.",
        ),
        ("6", _) => ("对方服务器不支持邮件的内容编码。", "The recipient's server does not take this kind of content."),
        ("7", _) => ("对方服务器按其策略拒收。", "The recipient's server refused the message by its rules."),
        _ if class == "4" => ("对方服务器暂时没有接收。", "The recipient's server did not take it for the time being."),
        _ => ("对方服务器拒收了邮件。", "The recipient's server refused the message."),
    }
}
