//! A push service: takes requests over TLS, notes them, and answers what a test has it say.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::SecretKey;
use p256::ecdh::diffie_hellman;
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use p256::elliptic_curve::sec1::ToEncodedPoint;
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Salt};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

pub const HOST: &str = "push.example.net";
/// The user agent's keys of RFC 8291, appendix A.
const PRIVATE: &str = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94";
pub const P256DH: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
pub const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Received {
    pub line: String,
    pub headers: HashMap<String, String>,
    pub body: Vec<u8>,
}

pub struct Service {
    pub port: u16,
    /// The certificate as PEM.
    pub certificate: String,
    pub connections: Arc<AtomicUsize>,
    answers: Arc<Mutex<VecDeque<String>>>,
    arrived: mpsc::UnboundedReceiver<Received>,
}

impl Service {
    pub async fn start() -> Self {
        let made = rcgen::generate_simple_self_signed(vec![HOST.to_owned(), "127.0.0.1".to_owned()]).unwrap();
        let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, arrived) = mpsc::unbounded_channel();
        let (answers, connections) = (Arc::<Mutex<VecDeque<String>>>::default(), Arc::<AtomicUsize>::default());
        let (saying, counting) = (Arc::clone(&answers), Arc::clone(&connections));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counting.fetch_add(1, Ordering::SeqCst);
                let (acceptor, sender, saying) = (acceptor.clone(), sender.clone(), Arc::clone(&saying));
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let Some(received) = read(&mut stream).await else { return };
                    let answer = saying.lock().unwrap().pop_front().unwrap_or_else(|| "201 Created\r\nContent-Length: 0".to_owned());
                    sender.send(received).unwrap();
                    let head = format!("HTTP/1.1 {answer}\r\n\r\n");
                    if stream.write_all(head.as_bytes()).await.is_ok() && answer.contains("chunked") {
                        // As long as anybody takes it.
                        while stream.write_all(b"400\r\n").await.is_ok()
                            && stream.write_all(&[b'x'; 1024]).await.is_ok()
                            && stream.write_all(b"\r\n").await.is_ok()
                        {}
                    }
                    let _ = stream.shutdown().await;
                });
            }
        });
        Self { port, certificate: made.cert.pem(), connections, answers, arrived }
    }

    pub fn url(&self) -> String {
        format!("https://{HOST}:{}/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV", self.port)
    }

    /// What the next request is answered: status line and headers.
    pub fn says(&self, answer: &str) {
        self.answers.lock().unwrap().push_back(answer.to_owned());
    }

    /// What has come, if something has.
    pub fn taken(&mut self) -> Option<Received> {
        self.arrived.try_recv().ok()
    }

    /// What comes next.
    pub async fn next(&mut self) -> Received {
        self.arrived.recv().await.unwrap()
    }
}

async fn read(stream: &mut (impl AsyncReadExt + Unpin)) -> Option<Received> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let line = lines.next().unwrap().to_owned();
    let headers: HashMap<String, String> =
        lines.map(|line| line.split_once(':').unwrap()).map(|(name, value)| (name.to_lowercase(), value.trim().to_owned())).collect();
    let length: usize = headers["content-length"].parse().unwrap();
    let mut body = bytes[head_end + 4..].to_vec();
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    Some(Received { line, headers, body })
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn derive(salt: &[u8], input: &[u8], info: &[u8], length: usize) -> Vec<u8> {
    let mut derived = vec![0; length];
    Salt::new(HKDF_SHA256, salt).extract(input).expand(&[info], Length(length)).unwrap().fill(&mut derived).unwrap();
    derived
}

/// As the user agent of the RFC's example reads it.
pub fn decrypt(body: &[u8]) -> Vec<u8> {
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let own = SecretKey::from_slice(&decode(PRIVATE)).unwrap();
    let (salt, rest) = body.split_at(16);
    let (size, rest) = rest.split_at(4);
    assert!(u32::from_be_bytes(size.try_into().unwrap()) <= 4096 && body.len() <= 4096);
    let (server, sealed) = rest[1..].split_at(usize::from(rest[0]));
    let public = p256::PublicKey::from_sec1_bytes(server).unwrap();
    let shared = diffie_hellman(own.to_nonzero_scalar(), public.as_affine());
    let info = [b"WebPush: info\0", own.public_key().to_encoded_point(false).as_bytes(), server].concat();
    let input = derive(&decode(AUTH), shared.raw_secret_bytes(), &info, 32);
    let key = derive(salt, &input, b"Content-Encoding: aes128gcm\0", 16);
    let nonce = derive(salt, &input, b"Content-Encoding: nonce\0", 12);
    let opening = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).unwrap());
    let mut record = sealed.to_vec();
    let nonce = Nonce::try_assume_unique_for_key(&nonce).unwrap();
    let plain = opening.open_in_place(nonce, Aad::empty(), &mut record).unwrap();
    plain.strip_suffix(&[2]).unwrap().to_vec()
}

impl Received {
    /// The object that was pushed, decrypted.
    pub fn object(&self) -> Value {
        assert_eq!(self.headers["content-encoding"], "aes128gcm");
        serde_json::from_slice(&decrypt(&self.body)).unwrap()
    }

    /// The claims of the token that came along, and the key they are signed with.
    pub fn claims(&self) -> (Value, String) {
        let token = self.headers["authorization"].strip_prefix("vapid ").unwrap();
        let part = |name: &str| token.split(',').find_map(|part| part.trim().strip_prefix(name)).unwrap().to_owned();
        let (signed, key) = (part("t="), part("k="));
        let (text, signature) = signed.rsplit_once('.').unwrap();
        let verifying = VerifyingKey::from_sec1_bytes(&URL_SAFE_NO_PAD.decode(&key).unwrap()).unwrap();
        let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
        verifying.verify(text.as_bytes(), &signature).unwrap();
        let (header, claims) = text.split_once('.').unwrap();
        let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
        assert_eq!(header, serde_json::json!({ "typ": "JWT", "alg": "ES256" }));
        (serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap(), key)
    }
}

/// RFC 8291, appendix A: what this reads is what a user agent reads.
#[test]
fn the_example_of_the_rfc_is_read() {
    let body = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_\
                yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
    assert_eq!(decrypt(&URL_SAFE_NO_PAD.decode(body).unwrap()), b"When I grow up, I want to be a watermelon");
}
