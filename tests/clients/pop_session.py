"""One session after the other of Python's poplib: pop_session.py HOST PORT USER PASSWORD SMTP_PORT [tls]

Mail is brought in by SMTP from outside, listed, fetched, deleted and left. Ends with "ok"; anything unexpected is an exception.
"""

import poplib
import smtplib
import ssl
import sys
from email.message import EmailMessage


def deliver(host, port, user, subject, text):
    mail = EmailMessage()
    mail["Subject"] = subject
    mail["From"] = "Sender <sender@elsewhere.test>"
    mail["To"] = user
    mail.set_content(text, charset="utf-8", cte="8bit")
    with smtplib.SMTP(host, port, local_hostname="elsewhere.test") as smtp:
        smtp.send_message(mail, "sender@elsewhere.test", [user], mail_options=["BODY=8BITMIME"])


def sign_in(host, port, user, password, tls):
    if tls:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        pop = poplib.POP3_SSL(host, port, context=context)
    else:
        pop = poplib.POP3(host, port)
        assert "STLS" in pop.capa()
    pop.user(user)
    pop.pass_(password)
    return pop


def main(host, port, user, password, smtp, tls):
    texts = ["各位同事：\n附件为十一月排班表。\n", ".\n..\n.dots at the beginning of lines\n", "x" * 900 + "\n" + "第三封\n" * 20000]
    for number, text in enumerate(texts, 1):
        deliver(host, smtp, user, "第%d封" % number, text)

    pop = sign_in(host, port, user, password, tls)
    assert "UIDL" in pop.capa() and "TOP" in pop.capa(), pop.capa()
    count, octets = pop.stat()
    assert count == len(texts), count
    sizes = [int(line.split()[1]) for line in pop.list()[1]]
    assert sum(sizes) == octets, (sizes, octets)
    ids = [line.split()[1] for line in pop.uidl()[1]]
    assert len(set(ids)) == count, ids
    for number, text in enumerate(texts, 1):
        _, lines, _ = pop.retr(number)
        whole = b"".join(line + b"\r\n" for line in lines)
        assert len(whole) == sizes[number - 1], (len(whole), sizes)
        body = whole.split(b"\r\n\r\n", 1)[1].replace(b"\r\n", b"\n").decode()
        assert body == text, body[:200]
        head = pop.top(number, 1)[1]
        assert head == lines[: len(head)] and head[-1] == text.split("\n")[0].encode(), head[-3:]
    # Somebody else who polls at the same time is told so.
    try:
        sign_in(host, port, user, password, tls)
        raise AssertionError("two sessions have one maildrop")
    except poplib.error_proto as refused:
        assert b"[IN-USE]" in refused.args[0], refused
    pop.dele(1)
    pop.rset()
    pop.dele(2)
    pop.quit()

    # A session that breaks off deletes nothing; what was deleted stays so, and the others have kept their ids.
    pop = sign_in(host, port, user, password, tls)
    assert [line.split()[1] for line in pop.uidl()[1]] == [ids[0], ids[2]]
    pop.dele(1)
    pop.close()
    while True:
        try:
            pop = sign_in(host, port, user, password, tls)
            break
        except poplib.error_proto as refused:
            assert b"[IN-USE]" in refused.args[0], refused
    assert [line.split()[1] for line in pop.uidl()[1]] == [ids[0], ids[2]]
    pop.dele(1)
    pop.dele(2)
    pop.quit()
    print("ok")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4], int(sys.argv[5]), "tls" in sys.argv[6:])
