//! Thousands of connections at once, most of which never finish what they begin.

use std::io::Write;
use std::net::TcpStream;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::{BEGINNINGS, assert_everybody_is_served, ports};
use crate::installation::Installation;

const CROWD: usize = 10_000;
/// What the test and the server need besides.
const FILES_BESIDES: usize = 500;
/// A server that kept a page or two too many for each would need a gigabyte more.
const MAX_RESIDENT_MIB: u64 = 900;

#[test]
fn ten_thousand_connections_hold_nobody_up() {
    let crowd = room_for_files().saturating_sub(FILES_BESIDES).min(CROWD);
    // Nobody is sent away for being slow while the others come.
    let installation = Installation::new().with_mail().set_up();
    let mut server = installation.serve();
    let ports = ports(&server, &installation.mail());
    let mut peers = Vec::with_capacity(crowd);
    for number in 0..crowd {
        let Ok(mut peer) = TcpStream::connect(("127.0.0.1", ports[number % ports.len()])) else { continue };
        // One that was refused has got its answer.
        let _ = peer.write_all(BEGINNINGS[number / ports.len() % BEGINNINGS.len()]);
        peers.push(peer);
        if number.is_multiple_of(2000) {
            assert_everybody_is_served(&server, &installation.mail());
        }
    }
    assert!(peers.len() > crowd * 9 / 10, "only {} of {crowd} came through", peers.len());
    assert_everybody_is_served(&server, &installation.mail());
    let resident = server.most_resident_mib();
    assert!(resident < MAX_RESIDENT_MIB, "{resident} MiB");
    println!("{} connections: {resident} MiB at most", peers.len());
    drop(peers);
    assert_everybody_is_served(&server, &installation.mail());
    assert_eq!(server.stop(), Some(0));
}

/// How many files a process may have open here, after asking for as many as may be asked for; the server inherits it.
fn room_for_files() -> usize {
    let limit = getrlimit(Resource::Nofile);
    // If it is refused, there is as much room as before.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    getrlimit(Resource::Nofile).current.map_or(usize::MAX, |files| usize::try_from(files).unwrap_or(usize::MAX))
}
