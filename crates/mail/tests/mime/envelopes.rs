use mail::mime;

use super::{lines, shown};

fn envelope(header: &str) -> String {
    shown(&mime::render(&lines(header)).envelope)
}

/// RFC 9051 §8.
#[test]
fn the_example_of_the_rfc_has_its_envelope() {
    let header = "Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)
From: Terry Gray <gray@cac.washington.edu>
Subject: IMAP4rev2 WG mtg summary and minutes
To: imap@cac.washington.edu
cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>
Message-Id: <B27397-0100000@cac.washington.edu>
MIME-Version: 1.0
Content-Type: TEXT/PLAIN; CHARSET=US-ASCII

";
    let gray = r#"(("Terry Gray" NIL "gray" "cac.washington.edu"))"#;
    assert_eq!(
        envelope(header),
        format!(
            r#"("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev2 WG mtg summary and minutes" {gray} {gray} {gray} ((NIL NIL "imap" "cac.washington.edu")) ((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU")) NIL NIL "<B27397-0100000@cac.washington.edu>")"#
        )
    );
}

#[test]
fn what_is_absent_is_nil_and_what_is_empty_is_empty() {
    assert_eq!(envelope("X: y\n\n"), "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)");
    assert_eq!(envelope("Subject:\nDate: \nMessage-ID:\n\n"), "(\"\" \"\" NIL NIL NIL NIL NIL NIL NIL \"\")");
    // An empty Sender is taken for an absent one.
    assert_eq!(
        envelope("From: a@b\nSender:\nTo:\n\n"),
        r#"(NIL NIL ((NIL NIL "a" "b")) ((NIL NIL "a" "b")) ((NIL NIL "a" "b")) NIL NIL NIL NIL NIL)"#
    );
    assert_eq!(
        envelope("From: a@b\nSender: c@d\nReply-To: e@f\n\n"),
        r#"(NIL NIL ((NIL NIL "a" "b")) ((NIL NIL "c" "d")) ((NIL NIL "e" "f")) NIL NIL NIL NIL NIL)"#
    );
}

#[test]
fn groups_and_routes_are_written_as_the_rfc_wants_them() {
    assert_eq!(
        envelope("To: Friends: a@b, \"C, D\" <@route,@two:c@d>;, undisclosed:;\n\n"),
        r#"(NIL NIL NIL NIL NIL ((NIL NIL "Friends" NIL)(NIL NIL "a" "b")("C, D" "@route,@two" "c" "d")(NIL NIL NIL NIL)(NIL NIL "undisclosed" NIL)(NIL NIL NIL NIL)) NIL NIL NIL NIL)"#
    );
    // A host is only absent in a group.
    assert_eq!(envelope("To: root\n\n"), r#"(NIL NIL NIL NIL NIL ((NIL NIL "root" "")) NIL NIL NIL NIL)"#);
}

#[test]
fn text_goes_as_it_is_written() {
    assert_eq!(
        envelope("Subject: =?utf-8?B?5L2g?=\n =?utf-8?B?5aW9?= \"x\"\nFrom: \"=?utf-8?B?5L2g?=\" <a@b>\n\n"),
        r#"(NIL "=?utf-8?B?5L2g?= =?utf-8?B?5aW9?= \"x\"" (("=?utf-8?B?5L2g?=" NIL "a" "b")) (("=?utf-8?B?5L2g?=" NIL "a" "b")) (("=?utf-8?B?5L2g?=" NIL "a" "b")) NIL NIL NIL NIL NIL)"#
    );
    assert_eq!(envelope("Subject: 你好\n\n"), "(NIL {6}\r\n你好 NIL NIL NIL NIL NIL NIL NIL NIL)");
}
