//! What is told of a message is what is sent of it, for messages of any kind and any number of them.

use store::Store;

use crate::office::Office;
use crate::peer::Peer;
use crate::transcript::message;

/// RETR, with the size that was told and the octets that came, dots undone.
async fn retrieve(peer: &mut Peer, number: usize) -> (usize, Vec<u8>) {
    let first = peer.ask(&format!("RETR {number}")).await;
    let size = first.strip_prefix("+OK ").and_then(|rest| rest.split(' ').next()?.parse().ok()).unwrap_or_else(|| panic!("{first}"));
    let mut octets = Vec::with_capacity(size);
    loop {
        let line = peer.octets().await;
        if line == b".\r\n" {
            return (size, octets);
        }
        assert!(line.ends_with(b"\r\n"));
        octets.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}

#[testkit::test_each_engine]
async fn sizes_are_exact_whatever_the_line_ends_are(store: Store) {
    let office = Office::open(store).await;
    let user = office.newcomer().await;
    let large = format!("Subject: large\r\n\r\n{}", "0123456789.\r\n.\r\n".repeat(200_000));
    let one_line = format!("Subject: one line\n\n{}", ".".repeat(300_000));
    let samples: [&[u8]; 8] = [
        b"",
        b".",
        b"Subject: x\r\n\r\n.\r\n..\r\n.",
        b"Subject: x\n\n.\n..\n.\n",
        b"Subject: x\r\rlone CR\r.\r",
        b"Subject: x\r\n\r\n\x00\xff\xfe\r\n",
        large.as_bytes(),
        one_line.as_bytes(),
    ];
    for sample in samples {
        office.append(&user, sample).await;
    }
    let mut peer = Peer::signed_in(&office, &user).await;
    let listed = peer.list("LIST").await;
    let mut sum = 0;
    for (index, sample) in samples.iter().enumerate() {
        let (told, octets) = retrieve(&mut peer, index + 1).await;
        assert_eq!((told, listed[index].as_str()), (octets.len(), format!("{} {told}", index + 1).as_str()));
        sum += told;
        let bare = |bytes: &[u8]| bytes.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect::<Vec<u8>>();
        assert!(bare(sample) == bare(&octets), "message {} came as it is kept", index + 1);
        if sample.ends_with(b"\r\n") && !sample.windows(2).any(|pair| (pair[1] == b'\n') != (pair[0] == b'\r')) {
            assert!(octets == *sample);
        }
    }
    assert_eq!(peer.ask("STAT").await, format!("+OK {} {sum}", samples.len()));
}

#[testkit::test_each_engine]
async fn thousands_of_messages_are_listed_and_deleted_in_chunks(store: Store) {
    let office = Office::open(store).await;
    let user = office.newcomer().await;
    // Copies onto copies: 1, 2, 4 … 4096; each is a message of its own.
    office.append(&user, b"Subject: many\n\nx\n").await;
    for _ in 0..12 {
        office.double(&user).await;
    }
    let mut peer = Peer::signed_in(&office, &user).await;
    assert_eq!(peer.ask("STAT").await, format!("+OK 4096 {}", 4096 * 20));
    let (listed, ids) = (peer.list("LIST").await, peer.list("UIDL").await);
    assert_eq!((listed.len(), listed[4095].as_str()), (4096, "4096 20"));
    assert!(ids[4095].starts_with("4096 ") && ids[4095].ends_with(".4096"), "{}", ids[4095]);
    // All but every thousandth, said without waiting for answers.
    let deletions: Vec<String> = (1..=4096).filter(|number| number % 1000 != 0).map(|number| format!("DELE {number}\r\n")).collect();
    for some in deletions.chunks(500) {
        peer.send(some.concat()).await;
        for _ in some {
            assert!(peer.line().await.unwrap().starts_with("+OK"));
        }
    }
    assert!(peer.quit().await.starts_with("+OK"));
    assert_eq!(office.uids(&user).await, [1000, 2000, 3000, 4000]);
}

#[testkit::test_each_engine]
async fn a_message_that_came_to_several_members_has_the_same_size_for_each(store: Store) {
    let office = Office::open(store).await;
    let (user, other) = (office.newcomer().await, office.newcomer().await);
    for colleague in [&user, &other] {
        office.append(colleague, b"Subject: x\n\n.\n").await;
        let mut peer = Peer::signed_in(&office, colleague).await;
        let (told, octets) = retrieve(&mut peer, 1).await;
        assert_eq!((told, octets.len()), (17, 17));
    }
    office.append(&user, &message("dots.eml")).await;
    let mut peer = Peer::connect(&office).await;
    peer.line().await.unwrap();
    while !peer.sign_in(&user).await.starts_with("+OK") {}
    assert_eq!(retrieve(&mut peer, 2).await.0, message("dots.eml").len());
}
