#!/bin/sh
# Installs the named Debian or Ubuntu packages. No service of theirs is started, now or at the next boot, and no database cluster made.
# Runs as root; called by ./l2r. Its output is apt's own; what a person waits for goes to standard error.
set -eu

root=${DPKG_ROOT:-} # of the file system, as dpkg calls it
policy=$root/usr/sbin/policy-rc.d
common=$root/etc/postgresql-common
cluster=$common/createcluster.d
made_policy='' made_cluster='' made_folders='' ours=''

has_service() { [ -e "$root/etc/init.d/$1" ] || [ -e "$root/lib/systemd/system/$1.service" ] || [ -e "$root/etc/systemd/system/$1.service" ]; }

# Debian enables what it installs: the next boot would start it.
disable_service() {
    if [ -e "$root/etc/init.d/$1" ]; then update-rc.d "$1" disable; fi
    rm -f "$root"/etc/systemd/system/*.wants/"$1".service "$root"/etc/systemd/system/*.wants/"$1".socket
}

# Whatever happened in between.
restore() {
    if [ -n "$made_policy" ]; then rm -f "$policy"; fi
    if [ -n "$made_cluster" ]; then rm -f "$cluster/l2r.conf"; fi
    # Empty folders of ours go; the package's own stay.
    for folder in $made_folders; do rmdir "$folder" 2>/dev/null || true; done
    for service in $ours; do disable_service "$service"; done
}
trap restore EXIT
trap 'exit 130' INT TERM HUP

# What was there before is not ours to disable. epmd comes with RabbitMQ.
for service in postgresql rabbitmq-server epmd; do has_service "$service" || ours="$ours $service"; done

# Answers "forbidden by policy" to every start of a service that a package attempts while it is installed.
if [ ! -e "$policy" ]; then
    made_policy=yes
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi

case " $* " in *' postgresql '*)
    for folder in "$common" "$cluster"; do [ -d "$folder" ] || { mkdir "$folder"; made_folders="$folder $made_folders"; }; done
    if [ ! -e "$cluster/l2r.conf" ]; then made_cluster=yes; echo 'create_main_cluster = false' >"$cluster/l2r.conf"; fi ;;
esac

export DEBIAN_FRONTEND=noninteractive LC_ALL=C
# A fresh machine may still be busy with its own unattended upgrades: waits for their lock.
apt() { apt-get -q -o DPkg::Lock::Timeout=300 "$@" 2>&1; }
apt update
size=$(apt --assume-no install --no-install-recommends "$@" | sed -n -e 's/.* \([0-9]*\) newly installed.*/\1 packages/p' \
    -e 's/^Need to get \(.*\) of archives.*/, \1 to fetch/p' -e 's/^After this operation, \(.*\) of additional.*/, \1 on disk/p' | tr -d '\n')
if [ -n "$size" ]; then echo "l2r: with what these need, $size" >&2; fi
apt -y install --no-install-recommends "$@"
