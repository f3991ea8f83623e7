//! One message stays one message, however its end is faked.

use serve_smtp::Kind;
use store::Store;
use testkit::test_each_engine;

use crate::office::Office;

/// What other servers have been fooled with.
const FALSE_ENDS: &[&[u8]] = &[
    b"\n.\n",
    b"\n.\r\n",
    b"\r.\r",
    b"\r.\r\n",
    b"\r\n.\r",
    b"\r\n.\n",
    b"\n.\r",
    b"\r.\n",
    b"\r\n\0.\r\n",
    b"\r\n.\0\r\n",
    b"\r\n\0.\0\r\n",
    b"\n\0.\r\n",
    b"\r\0\n.\r\n",
    b"\r\r\n.\r\r\n",
    b"\r\n.\r\r\n",
];

const SMUGGLED: &[u8] = b"MAIL FROM:<ceo@example.test>\r\nRCPT TO:<chen@example.test>\r\nDATA\r\nSubject: Pay this\r\n\r\nNow\r\n.\r\n";

#[test_each_engine]
async fn nothing_is_smuggled_in_behind_a_false_end_however_it_is_split_over_packets(store: Store) {
    let office = Office::open(store).await;
    for false_end in FALSE_ENDS {
        // Split before, within and behind the false end.
        for cut in 0..=false_end.len() {
            let mut peer = office.greeted(Kind::Mx).await;
            for command in ["MAIL FROM:<a@elsewhere.test>", "RCPT TO:<wang@example.test>", "DATA"] {
                peer.command(command).await;
            }
            peer.send(b"Subject: x\r\n\r\ntext").await;
            peer.send(&false_end[..cut]).await;
            tokio::task::yield_now().await;
            peer.send(&[&false_end[cut..], SMUGGLED].concat()).await;
            let said = peer.reply().await;
            assert!(said.starts_with("550 5.6.0"), "{}: {said}", false_end.escape_ascii());
            // One answer for all of it, and the session goes on behind the true end.
            assert!(peer.command("NOOP").await.starts_with("250 "));
            assert!(peer.command("RCPT TO:<chen@example.test>").await.starts_with("503 "), "nothing of it was obeyed");
        }
    }
    assert_eq!(office.inbox("wang").await.len() + office.inbox("chen").await.len(), 0);
}
