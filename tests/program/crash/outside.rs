//! A mail server outside that takes everything and counts how often each message came.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// How often each Message-ID arrived.
#[derive(Clone, Default)]
pub struct Outside(Arc<Mutex<BTreeMap<String, usize>>>);

impl Outside {
    /// Listens from now on until the test ends; answers its port, too.
    pub fn listen() -> (Self, u16) {
        let outside = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let taking = outside.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let taking = taking.clone();
                thread::spawn(move || taking.take_mail(stream));
            }
        });
        (outside, port)
    }

    pub fn has(&self, id: &str) -> bool {
        self.0.lock().unwrap().contains_key(id)
    }

    /// How many came more often than once, counting each time.
    pub fn repeated(&self) -> usize {
        self.0.lock().unwrap().values().map(|times| times - 1).sum()
    }

    fn take_mail(&self, mut stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let answer = |stream: &mut TcpStream, text: &str| stream.write_all(text.as_bytes()).is_ok();
        if !answer(&mut stream, "220 sink.test\r\n") {
            return;
        }
        let mut line = String::new();
        while reader.read_line(&mut line).is_ok_and(|count| count > 0) {
            let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
            let went_on = match verb.as_str() {
                "EHLO" => answer(&mut stream, "250-sink.test\r\n250 8BITMIME\r\n"),
                "DATA" => {
                    answer(&mut stream, "354 go on\r\n");
                    let Some(id) = read_message(&mut reader) else { return };
                    *self.0.lock().unwrap().entry(id).or_default() += 1;
                    answer(&mut stream, "250 taken\r\n")
                }
                "QUIT" => {
                    answer(&mut stream, "221 bye\r\n");
                    return;
                }
                _ => answer(&mut stream, "250 ok\r\n"),
            };
            if !went_on {
                return;
            }
            line.clear();
        }
    }
}

/// The Message-ID of a message that came whole.
fn read_message(reader: &mut BufReader<TcpStream>) -> Option<String> {
    let mut id = None;
    let mut text = String::new();
    while reader.read_line(&mut text).is_ok_and(|count| count > 0) && text != ".\r\n" {
        if let Some(found) = text.strip_prefix("Message-ID: <") {
            id = found.split('>').next().map(str::to_owned);
        }
        text.clear();
    }
    if text == ".\r\n" { Some(id.unwrap_or_default()) } else { None }
}
