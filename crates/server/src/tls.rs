//! The certificate of the listeners with TLS: the configured one, or a self-signed one for local use.

use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::Config;
use crate::data::Layout;

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("{path} cannot be read or written: {source}")]
    File { path: PathBuf, source: io::Error },
    #[error("{0} holds no certificate in PEM form")]
    Certificate(PathBuf),
    #[error("{0} holds no private key in PEM form")]
    Key(PathBuf),
    #[error("certificate and key do not go together: {0}")]
    Mismatch(rustls::Error),
    #[error("a self-signed certificate could not be made: {0}")]
    SelfSigned(#[from] rcgen::Error),
}

/// TLS for servers, 1.2 and 1.3, with HTTP/1.1 and HTTP/2.
pub fn server_config(config: &Config, layout: &Layout) -> Result<Arc<rustls::ServerConfig>, TlsError> {
    let (certificate, key) = if config.tls.certificate.as_os_str().is_empty() {
        make_self_signed(config, layout)?;
        (layout.certificate.as_path(), layout.certificate_key.as_path())
    } else {
        (config.tls.certificate.as_path(), config.tls.key.as_path())
    };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&read(certificate)?)
        .collect::<Result<_, _>>()
        .map_err(|_| TlsError::Certificate(certificate.to_owned()))?;
    if chain.is_empty() {
        return Err(TlsError::Certificate(certificate.to_owned()));
    }
    let key = PrivateKeyDer::from_pem_slice(&read(key)?).map_err(|_| TlsError::Key(key.to_owned()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut server = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Mismatch)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(TlsError::Mismatch)?;
    server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(server))
}

/// The same certificate for protocols other than HTTP.
pub fn for_mail(web: &rustls::ServerConfig) -> Arc<rustls::ServerConfig> {
    let mut mail = web.clone();
    mail.alpn_protocols = Vec::new();
    Arc::new(mail)
}

/// Made once and kept, so that a browser's exception for it lasts.
fn make_self_signed(config: &Config, layout: &Layout) -> Result<(), TlsError> {
    if layout.certificate.exists() && layout.certificate_key.exists() {
        return Ok(());
    }
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    names.push(config.mail_host());
    let made = rcgen::generate_simple_self_signed(names)?;
    write(&layout.certificate_key, made.signing_key.serialize_pem().as_bytes())?;
    write(&layout.certificate, made.cert.pem().as_bytes())
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|source| TlsError::File { path: path.to_owned(), source })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), TlsError> {
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .map_err(|source| TlsError::File { path: path.to_owned(), source })
}
