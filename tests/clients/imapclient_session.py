"""One session of IMAPClient: imapclient_session.py HOST PORT USER PASSWORD

Folders in Chinese, mail in GB 18030 and UTF-8, searches, flags, IDLE between two connections, sorting, threads, quota, MOVE and expunge by uid. Ends with "ok".
"""

import sys
from email.header import Header
from email.mime.text import MIMEText

from imapclient import FLAGGED, SEEN, IMAPClient


def message(subject, text, charset):
    mail = MIMEText(text, "plain", charset)
    mail["Subject"] = Header(subject, charset)
    mail["From"] = "Sender <sender@elsewhere.test>"
    mail["To"] = "me@example.test"
    mail["Message-ID"] = "<%s.%d@elsewhere.test>" % (charset, len(subject))
    return mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def main(host, port, user, password):
    with IMAPClient(host, port=int(port), ssl=False) as client, IMAPClient(host, port=int(port), ssl=False) as other:
        client.login(user, password)
        other.login(user, password)
        for capability in ("IDLE", "MOVE", "UIDPLUS", "SORT", "THREAD=REFERENCES", "QUOTA", "CONDSTORE"):
            assert client.has_capability(capability), capability

        folder, below = "项目资料", "项目资料/二〇二六"
        client.create_folder(below)
        names = [name for _, _, name in client.list_folders()]
        assert folder in names and below in names, names
        assert client.find_special_folder(b"\\Trash") == "Trash"
        client.subscribe_folder(below)
        assert below in [name for _, _, name in client.list_sub_folders()]

        mails = [message("排班表", "请查收十一月的排班。", "gb18030"), message("会议 🪿", "雁书已到。", "utf-8"), message("plain", "nothing", "us-ascii")]
        client.select_folder(below)
        other.select_folder(below)
        other.idle()
        for mail in mails:
            client.append(below, mail, flags=[FLAGGED] if mail is mails[0] else ())
        seen = []
        while not any(answer[1] == b"EXISTS" and answer[0] == 3 for answer in seen):
            news = other.idle_check(timeout=30)
            assert news, "nothing was told in IDLE: %r" % seen
            seen.extend(news)
        other.idle_done()

        assert client.search(["SUBJECT", "排班"], charset="UTF-8") == [1]
        assert client.search(["BODY", "雁书"], charset="UTF-8") == [2]
        assert client.search("FLAGGED") == [1]
        assert list(client.sort("REVERSE SUBJECT")) != list(client.sort("SUBJECT"))
        assert len(client.thread()) == 3
        fetched = client.fetch([1, 2, 3], ["BODY.PEEK[]", "FLAGS", "ENVELOPE", "RFC822.SIZE"])
        for uid, mail in enumerate(mails, 1):
            assert fetched[uid][b"BODY[]"] == mail and fetched[uid][b"RFC822.SIZE"] == len(mail), uid
        assert FLAGGED in fetched[1][b"FLAGS"] and fetched[1][b"ENVELOPE"].from_[0].mailbox == b"sender"

        client.add_flags([1, 2], [SEEN, "$Work"])
        assert client.get_flags([2])[2].count(b"$Work") == 1
        assert client.folder_status(below, ["MESSAGES", "UNSEEN"]) == {b"MESSAGES": 3, b"UNSEEN": 1}
        client.move([2], folder)
        client.delete_messages([3])
        client.expunge([3])
        assert client.search() == [1]
        client.select_folder(folder, readonly=True)
        assert client.fetch([1], ["BODY.PEEK[]"])[1][b"BODY[]"] == mails[1]
        quota = client.get_quota()
        assert not quota or quota[0].resource == "STORAGE", quota

        client.close_folder()
        other.unselect_folder()
        client.rename_folder(folder, "归档")
        client.delete_folder("归档/二〇二六")
        client.delete_folder("归档")
        # The names stay subscribed until they are unsubscribed. RFC 9051 section 6.3.7
        assert below in [name for _, _, name in client.list_sub_folders()]
        for name in [name for _, _, name in client.list_sub_folders() if name.startswith(("项目", "归档"))]:
            client.unsubscribe_folder(name)
        assert not [name for _, _, name in client.list_sub_folders() if name.startswith(("项目", "归档"))]
    print("ok")


main(*sys.argv[1:])
