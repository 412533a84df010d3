#!/bin/sh
# Installs the named Debian or Ubuntu packages without starting a service or creating a database cluster. Runs as root; called by ./l2r.
set -eu

policy=/usr/sbin/policy-rc.d
cluster=/etc/postgresql-common/createcluster.d
made_policy='' made_cluster='' made_folder=''

restore() {
    if [ -n "$made_policy" ]; then rm -f "$policy"; fi
    if [ -n "$made_cluster" ]; then rm -f "$cluster/l2r.conf"; fi
    # An empty folder of ours goes; the package's own stays.
    if [ -n "$made_folder" ]; then rmdir "$cluster" 2>/dev/null || true; fi
}
trap restore EXIT
trap 'exit 130' INT TERM HUP

# Answers "forbidden by policy" to every start of a service that a package attempts while it is installed.
if [ ! -e "$policy" ]; then
    made_policy=yes
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi

case " $* " in *' postgresql '*)
    if [ ! -d "$cluster" ]; then made_folder=yes; mkdir -p "$cluster"; fi
    if [ ! -e "$cluster/l2r.conf" ]; then made_cluster=yes; echo 'create_main_cluster = false' >"$cluster/l2r.conf"; fi ;;
esac

export DEBIAN_FRONTEND=noninteractive
# A fresh machine may still be busy with its own unattended upgrades: waits for their lock.
apt-get -q -o DPkg::Lock::Timeout=300 update
apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "$@"
