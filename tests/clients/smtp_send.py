"""Sends one mail with Python's smtplib: smtp_send.py HOST PORT USER PASSWORD TO SUBJECT TEXT [starttls] [reply-to-id=<…>]

USER "-" sends without signing in. With an attachment whose name is Chinese. Prints the Message-ID.
"""

import smtplib
import ssl
import sys
from email.message import EmailMessage
from email.utils import make_msgid


def main(host, port, user, password, to, subject, text, extras):
    mail = EmailMessage()
    mail["From"] = user if user != "-" else "sender@elsewhere.test"
    mail["To"] = to
    mail["Subject"] = subject
    mail["Message-ID"] = make_msgid(domain="client.test")
    for extra in extras:
        if extra.startswith("in-reply-to="):
            mail["In-Reply-To"] = extra.split("=", 1)[1]
            mail["References"] = extra.split("=", 1)[1]
    mail.set_content(text)
    mail.add_attachment("工号,姓名\n1,任熙\n".encode("gb18030"), maintype="text", subtype="csv", filename="排班表.csv")
    with smtplib.SMTP(host, port, timeout=60) as smtp:
        smtp.ehlo("client.test")
        if "starttls" in extras:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            smtp.starttls(context=context)
        if user != "-":
            smtp.login(user, password)
        refused = smtp.send_message(mail)
        assert not refused, refused
    print(mail["Message-ID"])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:8], sys.argv[8:])
