#!/usr/bin/env bash
# Debian's Postfix and Dovecot on loopback, for comparison: bench/peers.sh start DIRECTORY | index DIRECTORY USER | stop DIRECTORY
#
# Postfix takes SMTP on 127.0.0.1:12525 and hands to Dovecot by LMTP; Dovecot takes LMTP on 127.0.0.1:12424 and IMAP on 127.0.0.1:12143. Mailboxes are mdbox
# with the settings Dovecot's documentation gives for it. Everybody's password is $BENCH_PASSWORD. Nothing is checked, scanned or filtered.
set -eu
dir=$(mkdir -p "$2" && cd "$2" && pwd)

start_dovecot() {
  mkdir -p "$dir/dovecot/run" "$dir/dovecot/mail"
  id vmail >/dev/null 2>&1 || useradd --system --no-create-home --shell /usr/sbin/nologin vmail
  chown -R vmail "$dir/dovecot/mail"
  chmod 755 "$dir" "$dir/dovecot"
  cat >"$dir/dovecot/dovecot.conf" <<CONF
base_dir = $dir/dovecot/run
state_dir = $dir/dovecot/run
log_path = $dir/dovecot/log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_cache_size = 1M
first_valid_uid = 1
mail_location = mdbox:$dir/dovecot/mail/%u
mail_uid = vmail
mail_gid = vmail
mail_fsync = optimized
mdbox_rotate_size = 64M
mail_max_userip_connections = 1000
${SLOW_SYNC:+import_environment = TZ LD_PRELOAD=$SLOW_SYNC SLOW_SYNC_MICROS=$SLOW_SYNC_MICROS}
mail_attachment_detection_options =
default_process_limit = 400
default_client_limit = 2000
passdb {
  driver = static
  args = password=$BENCH_PASSWORD
}
userdb {
  driver = static
  args = uid=vmail gid=vmail home=$dir/dovecot/mail/%u allow_all_users=yes
}
service imap-login {
  inet_listener imap {
    port = 12143
  }
  inet_listener imaps {
    port = 0
  }
  service_count = 0
  process_min_avail = 2
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = 12424
  }
  unix_listener lmtp {
    mode = 0666
  }
  process_min_avail = 4
}
protocol lmtp {
  postmaster_address = postmaster@bench.test
}
CONF
  /usr/sbin/dovecot -c "$dir/dovecot/dovecot.conf"
}

start_postfix() {
  local queue=$dir/postfix/queue data=$dir/postfix/data conf=$dir/postfix/conf
  mkdir -p "$queue" "$data" "$conf"
  chown postfix "$data"
  cat >"$conf/main.cf" <<CONF
compatibility_level = 3.6
queue_directory = $queue
data_directory = $data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
maillog_file = $dir/postfix/log
maillog_file_prefixes = $dir
myhostname = peer.bench.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
virtual_mailbox_domains = bench.test
virtual_mailbox_maps = static:all
virtual_transport = lmtp:inet:127.0.0.1:12424
lmtp_destination_concurrency_limit = 20
lmtp_destination_recipient_limit = 1
lmtp_connection_cache_on_demand = yes
default_process_limit = 150
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_tls_security_level = none
smtp_tls_security_level = none
message_size_limit = 0
mailbox_size_limit = 0
virtual_mailbox_limit = 0
alias_maps =
biff = no
${SLOW_SYNC:+import_environment = MAIL_CONFIG MAIL_LOGTAG LD_PRELOAD=$SLOW_SYNC SLOW_SYNC_MICROS=$SLOW_SYNC_MICROS}
CONF
  sed -e 's/^smtp      inet .*/127.0.0.1:12525 inet n - n - - smtpd/' /usr/share/postfix/master.cf.dist | sed -e '/^maildrop\|^uucp\|^ifmail\|^bsmtp\|^scalemail\|^mailman/,/^$/d' >"$conf/master.cf"
  grep -q '^postlog' "$conf/master.cf" || echo 'postlog unix-dgram n - n - 1 postlogd' >>"$conf/master.cf"
  sed -i 's/^\([a-z]* *\(unix\|inet\|fifo\) *[-ny] *[-ny] *\)y\( \)/\1n\3/' "$conf/master.cf"
  postfix -c "$conf" start
}

# Restarts Dovecot with an index for searches in full text, and fills it for one user.
index_dovecot() {
  doveadm -c "$dir/dovecot/dovecot.conf" stop
  cat >>"$dir/dovecot/dovecot.conf" <<CONF
mail_plugins = fts fts_xapian
plugin {
  fts = xapian
  fts_xapian = partial=3 full=20 verbose=0
  fts_autoindex = no
  fts_enforced = yes
}
service indexer-worker {
  vsz_limit = 2G
}
CONF
  sleep 1
  /usr/sbin/dovecot -c "$dir/dovecot/dovecot.conf"
  doveadm -c "$dir/dovecot/dovecot.conf" index -u "$1" INBOX
}

case $1 in
index) index_dovecot "$3" ;;
start) start_dovecot; start_postfix ;;
stop)
  [ -d "$dir/postfix/conf" ] && postfix -c "$dir/postfix/conf" stop || true
  [ -f "$dir/dovecot/dovecot.conf" ] && doveadm -c "$dir/dovecot/dovecot.conf" stop || true
  ;;
*) echo "bench/peers.sh start|index|stop DIRECTORY" >&2; exit 2 ;;
esac
