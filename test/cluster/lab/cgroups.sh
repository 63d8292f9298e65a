# The lab's cgroups (v1), one below the other: NAME/cp, NAME/node1 ... Nothing outside of them is ever ended.
controllers="cpu cpuacct cpuset memory devices freezer blkio pids systemd"

cgroup_make() { # cgroup_make PATH: in every hierarchy; a cpuset takes nobody before its cpus and mems are set
  local controller folder part
  for controller in $controllers; do
    folder=/sys/fs/cgroup/$controller
    for part in ${1//\// }; do
      mkdir -p "$folder/$part"
      if [ "$controller" = cpuset ] && [ -z "$(cat "$folder/$part/cpuset.cpus")" ]; then
        cat "$folder/cpuset.cpus" > "$folder/$part/cpuset.cpus"
        cat "$folder/cpuset.mems" > "$folder/$part/cpuset.mems"
      fi
      folder=$folder/$part
    done
  done
}
cgroup_join() { # the calling subshell; nsenter does not do it
  local controller
  for controller in $controllers; do echo "$BASHPID" > "/sys/fs/cgroup/$controller/$1/cgroup.procs"; done
}
cgroup_empty() { # cgroup_empty PART: nobody is in it, or it is gone
  local procs
  procs=$(find "/sys/fs/cgroup/pids/$name/$1" -name cgroup.procs -exec cat {} + 2>/dev/null) || true
  [ -z "$procs" ]
}
cgroup_remove() {
  local controller
  for controller in $controllers; do
    [ ! -d "/sys/fs/cgroup/$controller/$1" ] || find "/sys/fs/cgroup/$controller/$1" -depth -type d -exec rmdir {} + 2>/dev/null || true
  done
}
alive() { [ -n "${1:-}" ] && [ -d "/proc/$1" ]; }
ours() { alive "${1:-}" && grep -q "/$name/" "/proc/$1/cgroup"; } # a pid file may be old
