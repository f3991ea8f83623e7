//! What sending is made of, from the configuration.

use std::net::IpAddr;
use std::sync::Arc;

use mail::outbound::RetrySchedule;
use worker::outbound::{Addresses, Credentials, OutboundOptions, OutboundParts, Security, SmartHost, SystemDns, TlsPolicy};
use zeroize::Zeroizing;

use crate::app::App;
use crate::config::{Config, OutboundAddresses, OutboundTls, SmartHostSecurity};

pub fn parts(config: &Config, app: &App, own_addresses: Vec<IpAddr>) -> OutboundParts {
    OutboundParts {
        app: app.jobs(),
        dns: Arc::new(SystemDns::default()),
        options: options(config, &app.mail_host, own_addresses),
        node: config.node_name(),
        process: std::process::id().to_string(),
    }
}

fn options(config: &Config, mail_host: &str, own_addresses: Vec<IpAddr>) -> OutboundOptions {
    let outbound = &config.outbound;
    let mut options = OutboundOptions::new(mail_host);
    options.smart_host = outbound.smart_host_address().map(|(host, port)| SmartHost {
        host,
        port,
        security: match outbound.smart_host_security {
            SmartHostSecurity::Tls => Security::Tls,
            SmartHostSecurity::StartTls => Security::StartTls,
            SmartHostSecurity::None => Security::None,
        },
        credentials: (!outbound.smart_host_user.is_empty()).then(|| Credentials {
            user_name: outbound.smart_host_user.clone(),
            password: Zeroizing::new(outbound.smart_host_password.clone()),
        }),
        ca_file: Some(outbound.smart_host_ca_file.clone()).filter(|file| !file.as_os_str().is_empty()),
    });
    options.tls = match outbound.tls {
        OutboundTls::Opportunistic => TlsPolicy::Opportunistic,
        OutboundTls::Required => TlsPolicy::Required,
        OutboundTls::Never => TlsPolicy::Never,
    };
    options.addresses = match outbound.addresses {
        OutboundAddresses::Both => Addresses::Both,
        OutboundAddresses::Ipv4 => Addresses::OnlyV4,
        OutboundAddresses::Ipv6 => Addresses::OnlyV6,
    };
    options.allowed_networks = outbound.allowed_networks.iter().filter_map(|network| network.parse().ok()).collect();
    options.own_addresses = own_addresses;
    options.port = outbound.port;
    options.connections = outbound.connections;
    options.connections_per_destination = outbound.connections_per_destination;
    options.messages_per_connection = outbound.messages_per_connection;
    options.retry = RetrySchedule {
        delays_secs: outbound.retry_minutes.iter().map(|minutes| i64::from(*minutes) * 60).collect(),
        give_up_after_secs: i64::from(outbound.give_up_after_days) * 24 * 3600,
        tell_delay_after_secs: i64::from(outbound.tell_delay_after_hours) * 3600,
    };
    options.keep_finished_secs = i64::from(outbound.keep_finished_days) * 24 * 3600;
    options
}
