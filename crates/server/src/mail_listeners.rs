//! The listeners of mail protocols: which there are, what they are made of, and what members are told of them.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use kernel::Network;
use mail_auth::MessageAuthenticator;
use serve_http::ClientServer;
use serve_imap::{Imap, ImapOptions, ImapParts, Security};
use serve_pop3::{Pop3, Pop3Options, Pop3Parts};
use serve_smtp::{Checks, Kind, Smtp, SmtpOptions, SmtpParts};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::app::App;
use crate::config::Config;
use crate::failure::Failure;
use crate::serve::listen;

/// Bound, and not served yet.
pub struct MailListeners {
    smtp: Vec<(Kind, TcpListener)>,
    imap: Vec<(Security, TcpListener)>,
    pop3: Vec<(Security, TcpListener)>,
}

impl MailListeners {
    pub fn bind(config: &Config) -> Result<Self, Failure> {
        let listeners = &config.listen;
        let mut smtp = Vec::new();
        for (key, value, kind) in [
            ("smtp", &listeners.smtp, Kind::Mx),
            ("submission", &listeners.submission, Kind::Submission),
            ("submissions", &listeners.submissions, Kind::Submissions),
            ("lmtp", &listeners.lmtp, Kind::Lmtp),
        ] {
            smtp.extend(listen(key, value)?.map(|listener| (kind, listener)));
        }
        let mut imap = Vec::new();
        for (key, value, security) in [("imaps", &listeners.imaps, Security::Implicit), ("imap", &listeners.imap, Security::StartTls)] {
            imap.extend(listen(key, value)?.map(|listener| (security, listener)));
        }
        let mut pop3 = Vec::new();
        for (key, value, security) in [("pop3s", &listeners.pop3s, Security::Implicit), ("pop3", &listeners.pop3, Security::StartTls)] {
            pop3.extend(listen(key, value)?.map(|listener| (security, listener)));
        }
        Ok(Self { smtp, imap, pop3 })
    }

    /// What members set their mail programs up with; TLS from the start comes first (RFC 8314).
    pub fn client_servers(&self, mail_host: &str) -> Vec<ClientServer> {
        let server = |protocol, listener: &TcpListener, security| {
            let address: SocketAddr = listener.local_addr().ok()?;
            Some(ClientServer { protocol, host: mail_host.to_owned(), port: address.port(), security })
        };
        let imap = self
            .imap
            .iter()
            .filter_map(|(security, listener)| server("imap", listener, if *security == Security::Implicit { "tls" } else { "starttls" }));
        let pop3 = self
            .pop3
            .iter()
            .filter_map(|(security, listener)| server("pop3", listener, if *security == Security::Implicit { "tls" } else { "starttls" }));
        let submission = |kind, security| {
            self.smtp.iter().filter(move |(found, _)| *found == kind).filter_map(move |(_, listener)| server("smtp", listener, security))
        };
        // IMAP first, which is what most want; POP3 last, for programs that know nothing else.
        imap.chain(submission(Kind::Submissions, "tls")).chain(submission(Kind::Submission, "starttls")).chain(pop3).collect()
    }

    /// The addresses at which other servers reach this one, so that sending can tell when it meets itself.
    pub fn smtp_addresses(&self) -> Vec<std::net::IpAddr> {
        let addresses = self.smtp.iter().filter(|(kind, _)| *kind == Kind::Mx).filter_map(|(_, listener)| listener.local_addr().ok());
        addresses.map(|address| address.ip()).filter(|ip| !ip.is_unspecified()).collect()
    }

    /// Serves all of them; each task ends when the server stops and its sessions have said goodbye.
    pub fn serve(
        self,
        config: &Config,
        app: &App,
        tls: &Arc<rustls::ServerConfig>,
        stopping: &watch::Receiver<bool>,
        tasks: &mut JoinSet<std::io::Result<()>>,
    ) -> Result<(), Failure> {
        let smtp = Smtp::new(SmtpParts {
            store: app.store.clone(),
            hasher: Arc::clone(&app.hasher),
            source: app.source.clone(),
            tls: Some(Arc::clone(tls)),
            stopping: stopping.clone(),
            options: smtp_options(config, &app.mail_host)?,
        });
        let imap = Imap::new(ImapParts {
            store: app.store.clone(),
            hasher: Arc::clone(&app.hasher),
            source: app.source.clone(),
            tls: Some(Arc::clone(tls)),
            stopping: stopping.clone(),
            options: ImapOptions {
                max_message_bytes: config.mail.max_message_bytes,
                jmap_session_url: jmap_session_url(config),
                ..ImapOptions::default()
            },
        });
        let pop3 = Pop3::new(Pop3Parts {
            store: app.store.clone(),
            hasher: Arc::clone(&app.hasher),
            source: app.source.clone(),
            tls: Some(Arc::clone(tls)),
            stopping: stopping.clone(),
            options: Pop3Options::default(),
        });
        for (kind, listener) in self.smtp {
            let (smtp, listener) = (smtp.clone(), tokio::net::TcpListener::from_std(listener)?);
            tasks.spawn(async move { smtp.serve(listener, kind).await });
        }
        for (security, listener) in self.imap {
            let (imap, listener) = (imap.clone(), tokio::net::TcpListener::from_std(listener)?);
            tasks.spawn(async move { imap.serve(listener, security).await });
        }
        for (security, listener) in self.pop3 {
            let (pop3, listener) = (pop3.clone(), tokio::net::TcpListener::from_std(listener)?);
            tasks.spawn(async move { pop3.serve(listener, security).await });
        }
        Ok(())
    }
}

fn smtp_options(config: &Config, mail_host: &str) -> Result<SmtpOptions, Failure> {
    let mut options = SmtpOptions::new(mail_host);
    options.trusted.extend(config.smtp.trusted_networks.iter().filter_map(|network| network.parse::<Network>().ok()));
    options.plain_auth_from_loopback = config.smtp.plain_auth_from_loopback;
    options.limits.message_bytes = usize::try_from(config.mail.max_message_bytes).unwrap_or(usize::MAX);
    options.limits.messages_per_hour = config.smtp.messages_per_hour;
    options.limits.recipients_per_hour = config.smtp.recipients_per_hour;
    options.limits.connections = config.smtp.connections;
    options.limits.connections_per_address = config.smtp.connections_per_address;
    options.limits.recipients = config.smtp.recipients_per_message;
    if config.smtp.checks {
        let resolver = MessageAuthenticator::new_system_conf()
            .map_err(|error| Failure::new(format!("the name servers of this machine cannot be used for checking senders: {error}; mend /etc/resolv.conf, or set YANSHU_SMTP__CHECKS=false")))?;
        options.checks = Some(Checks { refuse_on_dmarc_reject: config.smtp.refuse_on_dmarc_reject, ..Checks::new(Arc::new(resolver)) });
    }
    Ok(options)
}

/// Only where there is an address that programs on other machines reach.
fn jmap_session_url(config: &Config) -> Option<String> {
    let base = config.http.public_url.trim_end_matches('/');
    (!base.is_empty()).then(|| format!("{base}/jmap/session"))
}
