#!/usr/bin/env bash
# Starts Yanshu on ./data/demo with a made-up hospital group: three levels of departments and 300 members, who have exchanged mail for four months.
# Prints how to sign in.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
yanshu=$(scripts/built.sh release --print-path)
data=data/demo
if [ ! -e "$data/yanshu.lock" ]; then
  echo "Making the demo data…"
  password=$(mktemp)
  trap 'rm -f "$password"' EXIT
  printf 'Yanshu-Demo-2026' > "$password"
  "$yanshu" setup --data "$data" --org-code kangning --org-name 康宁医疗集团 --domain kangning.example --admin admin --admin-name 系统管理员 \
    --password-file "$password" --assume-verified
  "$yanshu" member import deploy/demo/members.csv --data "$data" --org kangning --initial-passwords given
  "$yanshu" demo-mail --data "$data" --org kangning
fi
cat <<'TEXT'

Sign in as                             password
  administrator  admin@kangning.example    Yanshu-Demo-2026   (console: /admin)
  a member       any other address         Huanying-2026      (an initial password: you are asked to choose your own)
                 dongjian@kangning.example Huanying-2026      (head of the computer centre, with 5,000 mails in the inbox)
TEXT
"$yanshu" member list --data "$data" --org kangning --limit 5
echo
exec "$yanshu" serve --data "$data" "$@"
