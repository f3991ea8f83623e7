#!/usr/bin/env bash
# Two-way sync by OfflineIMAP, with folders in Chinese: offlineimap.sh HOST PORT USER PASSWORD DIRECTORY. Ends with "ok".
set -eu
host=$1 port=$2 user=$3 password=$4 dir=$5
mkdir -p "$dir"
configure() {
  cat >"$dir/$1.conf" <<CONF
[general]
accounts = yanshu
metadata = $dir/$1.state
ui = quiet
[Account yanshu]
localrepository = near
remoterepository = far
utf8foldernames = yes
[Repository near]
type = Maildir
localfolders = $dir/$1
sep = /
[Repository far]
type = IMAP
remotehost = $host
remoteport = $port
remoteuser = $user
remotepass = $password
ssl = no
starttls = no
auth_mechanisms = LOGIN
CONF
  mkdir -p "$dir/$1"
}
sync_all() { offlineimap -o -c "$dir/$1.conf" >"$dir/$1.log" 2>&1 || { cat "$dir/$1.log"; exit 1; }; }
count() { find "$dir/$1/cur" "$dir/$1/new" -type f 2>/dev/null | wc -l; }

configure one; configure two
sync_all one
[ -d "$dir/one/INBOX" ] || { echo "no INBOX came"; exit 1; }

# A folder and two mails made in one copy go there …
mkdir -p "$dir/one/客户/归档"/{cur,new,tmp} "$dir/one/客户"/{cur,new,tmp}
printf 'From: a@elsewhere.test\nTo: b@example.test\nSubject: one\nMessage-ID: <1@elsewhere.test>\n\nFirst\n' >"$dir/one/客户/归档/cur/1.here:2,S"
printf 'From: a@elsewhere.test\nTo: b@example.test\nSubject: two\nMessage-ID: <2@elsewhere.test>\n\nSecond\n' >"$dir/one/客户/归档/new/2.here"
sync_all one
# … and come to the other with their flags.
sync_all two
[ "$(count two/客户/归档)" = 2 ] || { echo "the folder came with $(count two/客户/归档) mails"; ls -R "$dir/two"; exit 1; }
read=$(grep -rl 'Subject: one' "$dir/two/客户/归档")
case $read in *:2,*S*) ;; *) echo "a read mail came unread: $read"; exit 1 ;; esac

# What is deleted and flagged in one copy is so in the other.
rm "$read"
two=$(grep -rl 'Subject: two' "$dir/two/客户/归档")
mv "$two" "$dir/two/客户/归档/cur/$(basename "${two%%:2,*}"):2,F"
sync_all two
sync_all one
[ "$(count one/客户/归档)" = 1 ] || { echo "a deletion did not reach the other copy"; exit 1; }
case $(ls "$dir/one/客户/归档/cur" "$dir/one/客户/归档/new") in *:2,*F*) ;; *) echo "a flag did not reach the other copy"; exit 1 ;; esac
echo ok
