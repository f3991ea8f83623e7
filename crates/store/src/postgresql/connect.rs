//! Reaching the server.

use std::time::Duration;

use postgres::config::{Host, SslMode};
use postgres::{Client, Config, NoTls};

use super::session::cause;
use crate::{OpenError, StoreError};

/// Makes connections, each with its time limits set.
#[derive(Clone)]
pub(crate) struct Connector {
    config: Config,
}

impl Connector {
    /// What every connection starts with: no statement, lock or forgotten transaction lasts for ever, and times are told in UTC.
    ///
    /// A statement is planned once, perhaps while its table fits in one page, and kept: read as a whole, that table would be read as a whole when it has
    /// become large. So an index is taken wherever there is one. What has none looks very costly then, for which compiling it would not help.
    const SETTINGS: &'static str = "SET statement_timeout = '30s'; SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '60s'; \
        SET timezone = 'UTC'; SET synchronous_commit = 'on'; SET client_min_messages = 'warning'; \
        SELECT set_config(name, 'off', false) FROM pg_settings WHERE name IN ('enable_seqscan', 'jit')";

    pub(crate) fn new(address: &str) -> Result<Self, OpenError> {
        let mut config: Config = address.parse().map_err(|error: postgres::Error| OpenError::Address(error.to_string()))?;
        if config.get_ssl_mode() == SslMode::Require {
            return Err(OpenError::TlsUnsupported);
        }
        config.ssl_mode(SslMode::Disable);
        config.connect_timeout(Duration::from_secs(10)).tcp_user_timeout(Duration::from_secs(40));
        config.keepalives(true).keepalives_idle(Duration::from_secs(30)).keepalives_interval(Duration::from_secs(10)).keepalives_retries(3);
        if config.get_application_name().is_none() {
            config.application_name("yanshu");
        }
        Ok(Self { config })
    }

    /// Said once, at opening.
    pub(crate) fn warn_if_exposed(&self) {
        let exposed = self.config.get_hosts().iter().any(|host| match host {
            Host::Tcp(name) => !(name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())),
            Host::Unix(_) => false,
        });
        if exposed {
            tracing::warn!("The connection to the database is not encrypted; keep it on a private network");
        }
    }

    pub(crate) fn connect(&self) -> Result<Client, postgres::Error> {
        let mut client = self.config.connect(NoTls)?;
        client.batch_execute(Self::SETTINGS)?;
        Ok(client)
    }

    pub(crate) fn connect_for_open(&self) -> Result<Client, OpenError> {
        self.connect().map_err(open_fault)
    }

    pub(crate) fn connect_for_use(&self) -> Result<Client, StoreError> {
        self.connect().map_err(|error| StoreError::Unavailable(cause(error)))
    }
}

/// PostgreSQL's error at opening, in words an operator can act on.
pub(crate) fn open_fault(error: postgres::Error) -> OpenError {
    use postgres::error::SqlState;
    match error.code() {
        None => OpenError::Unreachable(error.into()),
        Some(code) if *code == SqlState::DISK_FULL => OpenError::Full(error.into()),
        Some(code) if *code == SqlState::READ_ONLY_SQL_TRANSACTION => OpenError::ReadOnly(error.to_string()),
        Some(code) if *code == SqlState::DATA_CORRUPTED || *code == SqlState::INDEX_CORRUPTED => OpenError::Corrupt(error.into()),
        Some(_) => OpenError::Other(error.into()),
    }
}
