#!/bin/sh
# A Slurm of two nodes on this machine, for testing what submits to a cluster.
#   apt-get install slurm-wlm munge
#   two-nodes.sh start DIR    then: export SLURM_CONF=DIR/slurm.conf; sinfo; sbatch ...
#   two-nodes.sh stop DIR
# Runs as root. Everything it writes is under DIR; it ends only the processes whose pid files are there.
set -eu
usage() { echo "usage: $0 start|stop DIR" >&2; exit 2; }
[ $# -eq 2 ] || usage
dir=$(mkdir -p "$2" && cd "$2" && pwd)
host=$(hostname -s)

start() {
  mkdir -p "$dir/state" "$dir/log" "$dir/munge" "$dir/spool/n1" "$dir/spool/n2"
  head -c 1024 /dev/urandom > "$dir/munge/key"
  chmod 600 "$dir/munge/key"; chmod 711 "$dir" "$dir/munge"; chown -R munge: "$dir/munge"
  cat > "$dir/slurm.conf" <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$dir/munge/sock
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool/%n
SlurmctldPidFile=$dir/ctld.pid
SlurmdPidFile=$dir/slurmd.%n.pid
SlurmctldLogFile=$dir/log/ctld.log
SlurmdLogFile=$dir/log/slurmd.%n.log
SlurmctldPort=16817
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
KillWait=5
MpiDefault=none
NodeName=n[1-2] NodeHostname=$host NodeAddr=127.0.0.1 Port=[17001-17002] CPUs=1 RealMemory=4000 State=UNKNOWN
PartitionName=main Nodes=n[1-2] Default=YES MaxTime=INFINITE State=UP
CONF
  export SLURM_CONF="$dir/slurm.conf"
  setpriv --reuid=munge --regid=munge --clear-groups munged --force --key-file="$dir/munge/key" \
    --socket="$dir/munge/sock" --pid-file="$dir/munge/pid" --log-file="$dir/munge/log" --seed-file="$dir/munge/seed"
  slurmctld
  sleep 2
  slurmd -N n1
  slurmd -N n2
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    sinfo -h -o %T | grep -qx idle && break
    sleep 1
  done
  sinfo
}

stop() {
  for pid in "$dir/slurmd.n1.pid" "$dir/slurmd.n2.pid" "$dir/ctld.pid" "$dir/munge/pid"; do
    [ -f "$pid" ] || continue
    id=$(cat "$pid")
    kill "$id" 2>/dev/null || continue
    # The next cluster takes the same ports.
    for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$id" 2>/dev/null || break; sleep 1; done
  done
}

case $1 in start) start ;; stop) stop ;; *) usage ;; esac
