"""One session of Python's imaplib: imap_session.py HOST PORT USER PASSWORD [tls]

Folders in Chinese, mail in GBK, Big5 and UTF-8, flags, searches, copies, moves and expunges. Ends with "ok"; anything unexpected is an exception.
"""

import base64
import imaplib
import ssl
import sys
from email.header import Header
from email.message import EmailMessage
from email.mime.text import MIMEText


def modified_utf7(name):
    """RFC 9051 appendix A, for what this script needs."""
    out, run = "", ""
    for character in name + "\0":
        if ord(character) > 0x7E:
            run += character
            continue
        if run:
            coded = base64.b64encode(run.encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
            out += "&" + coded + "-"
            run = ""
        if character != "\0":
            out += "&-" if character == "&" else character
    return out


def ok(answer):
    kind, data = answer
    assert kind == "OK", answer
    return data


def message(subject, text, charset):
    mail = MIMEText(text, "plain", charset)
    mail["Subject"] = Header(subject, charset)
    mail["From"] = "Sender <sender@elsewhere.test>"
    mail["To"] = "me@example.test"
    mail["Message-ID"] = "<%s.%s@elsewhere.test>" % (charset, abs(hash(subject)) % 10**9)
    return mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def main(host, port, user, password, tls):
    if tls:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        imap = imaplib.IMAP4_SSL(host, port, ssl_context=context)
    else:
        imap = imaplib.IMAP4(host, port)
    ok(imap.login(user, password))

    folder, below = modified_utf7("项目资料"), modified_utf7("项目资料/二〇二六")
    ok(imap.create('"%s"' % below))
    listed = b"\n".join(part if isinstance(part, bytes) else part[0] for part in ok(imap.list()))
    assert folder.encode() in listed and below.encode() in listed, listed
    ok(imap.subscribe('"%s"' % folder))

    samples = [
        ("关于排班的通知", "各位同事，附件为十一月排班表。", "gbk"),
        ("會議紀錄", "附件是今天會議的紀錄，請查收。", "big5"),
        ("生僻字：㐂㐃", "镕、堃、喆、𠮷田", "gb18030"),
        ("Party 🎉", "See you at eight 🕗", "utf-8"),
    ]
    for subject, text, charset in samples:
        ok(imap.append('"%s"' % folder, "(\\Flagged)", None, message(subject, text, charset)))
    count = int(ok(imap.select('"%s"' % folder))[0])
    assert count == len(samples), count

    # A word of each is found in its own charset and in the others.
    imap.literal = "排班".encode()
    assert ok(imap.uid("SEARCH", "CHARSET", "UTF-8", "SUBJECT"))[0].split() == [b"1"]
    imap.literal = "會議".encode()
    assert ok(imap.uid("SEARCH", "CHARSET", "UTF-8", "BODY"))[0].split() == [b"2"]
    imap.literal = "𠮷田".encode()
    assert ok(imap.uid("SEARCH", "CHARSET", "UTF-8", "TEXT"))[0].split() == [b"3"]
    imap.literal = "🎉".encode()
    assert ok(imap.uid("SEARCH", "CHARSET", "UTF-8", "SUBJECT"))[0].split() == [b"4"]

    # What was stored comes back byte for byte.
    for number, (subject, text, charset) in enumerate(samples, 1):
        data = ok(imap.fetch(str(number), "(FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])"))
        stored = data[0][1]
        assert stored == message(subject, text, charset), (charset, stored)
        assert b"\\Flagged" in data[0][0] + data[1], data

    ok(imap.store("1:2", "+FLAGS", "(\\Seen $Forwarded)"))
    assert ok(imap.search(None, "UNSEEN"))[0].split() == [b"3", b"4"]
    ok(imap.copy("3", '"%s"' % below))
    ok(imap.uid("MOVE", "4", '"%s"' % below))
    assert int(ok(imap.status('"%s"' % below, "(MESSAGES)"))[0].split(b"MESSAGES ")[1].rstrip(b")")) == 2
    ok(imap.store("1", "+FLAGS", "(\\Deleted)"))
    ok(imap.expunge())
    assert int(ok(imap.select('"%s"' % folder))[0]) == 2
    ok(imap.close())

    ok(imap.rename('"%s"' % folder, '"%s"' % modified_utf7("存档")))
    assert modified_utf7("存档/二〇二六").encode() in b"\n".join(ok(imap.list()))
    ok(imap.delete('"%s"' % modified_utf7("存档/二〇二六")))
    ok(imap.delete('"%s"' % modified_utf7("存档")))
    ok(imap.select("INBOX"))
    imap.logout()
    print("ok")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4], "tls" in sys.argv[5:])
