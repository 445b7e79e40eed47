# A lake and a standalone Spark cluster of this machine, for the scripts beside it. They set $storage (hdfs, s3 or disk) and $work (the name
# of a folder in target, which is emptied; what each part says is left there) and source it. Needs Linux, Maven, and python3 with venv.
# SPARK_VERSION=4.0.0 in the environment takes that Spark, and builds Lakebrush for it, which is what target then
# holds: `mvn clean` before the next build. Else it is the pom's.

home=$(CDPATH= cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../.." && pwd)
work=$home/target/$work
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
servers=()
workers=()
worker_cores=1
device=cpu
job=

die() { echo "cluster/$(basename -- "$0"): $*" >&2; exit 1; }

# stop PROCESS: ends one that was started here and not waited for: another's may have its number later.
stop() { kill "$1" 2>/dev/null && wait "$1" 2>/dev/null || true; }

stop_all() {
  [[ -z $job ]] || stop "$job"
  # The last started first: no worker outlives the master.
  for ((i = ${#servers[@]} - 1; i >= 0; i--)); do
    stop "${servers[i]}"
  done
}

# wait_for SECONDS WHAT COMMAND...: until the command succeeds.
wait_for() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    ((SECONDS < end)) || die "$what: waited in vain, see $work"
    sleep 0.2
  done
}

# start_cluster [IMAGES]: builds, and starts the lake (of so many images, all to be repaired, or a few of all sorts), a master and two
# workers of the Spark that the package pyspark ships, of $worker_cores. Sets $tests (the class path of the tests), $spark (its home),
# $master (its URL), $workers (processes) and $root (the lake's URI, with the images in $root/in). All ends with the script.
start_cluster() {
  [[ $storage == hdfs || $storage == s3 || $storage == disk ]] || die "'$storage' is no storage: hdfs, s3 or disk"
  cd "$home"
  rm -rf "$work"
  mkdir -p "$work/conf" "$work/events" "$work/tmp"
  local poms version venv n
  poms=$(sed -n '0,/<spark.version>/s:.*<spark.version>\(.*\)</spark.version>.*:\1:p' "$home/pom.xml")
  version=${SPARK_VERSION:-$poms}
  # Not clean: the Spark that was fetched lies in target, too.
  rm -rf "$home/target/lib" "$home/target/spark"
  mvn -q -B $([[ $version == "$poms" ]] || echo "-Pspark-${version%.*}") -DskipTests package dependency:build-classpath \
    -Dmdep.outputFile="$work/classpath"
  tests=$home/target/test-classes:$home/target/classes:$(<"$work/classpath")
  venv=$home/target/pyspark-$version
  if ! [[ -x $venv/bin/spark-submit ]]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install -q --no-deps "pyspark==$version"
  fi
  spark=$(echo "$venv"/lib/python3*/site-packages/pyspark)

  # Executors must get what submit.sh gives them, and not what they inherit here.
  unset SPARK_HOME SPARK_CONF_DIR HADOOP_CONF_DIR MALLOC_ARENA_MAX
  export SPARK_DAEMON_MEMORY=256m SPARK_LOCAL_IP=127.0.0.1 SPARK_LOCAL_DIRS=$work/tmp LC_ALL=C.UTF-8

  trap stop_all EXIT
  trap 'exit 1' INT TERM
  "$java" -Xmx512m -cp "$tests" org.lakebrush.cluster.LakeServer "$storage" "$work" "$@" >"$work/lake.log" 2>&1 &
  servers+=($!)
  "$spark/bin/spark-class" org.apache.spark.deploy.master.Master --host 127.0.0.1 --port 0 --webui-port 0 >"$work/master.log" 2>&1 &
  servers+=($!)
  wait_for 300 "the master starts" grep -qs "Starting Spark master at" "$work/master.log"
  master=$(sed -n 's/.*Starting Spark master at \(spark:[^ ]*\).*/\1/p' "$work/master.log")
  for n in 1 2; do
    # Spark starts no duplicate of a task on the host that has it: each worker has an address of its own.
    LC_ALL=C "$spark/bin/spark-class" org.apache.spark.deploy.worker.Worker --host "127.0.0.$n" --port 0 --webui-port 0 \
      --cores $worker_cores --memory ${worker_cores}g --work-dir "$work/worker$n" "$master" >"$work/worker$n.log" 2>&1 &
    servers+=($!)
    workers+=($!)
  done
  wait_for 300 "two workers register" two_workers
  wait_for 600 "the lake is filled" test -f "$work/root"
  root=$(<"$work/root")
  export HADOOP_CONF_DIR=$work/conf

  cat >"$work/spark.properties" <<END
spark.driver.host 127.0.0.1
spark.driver.extraJavaOptions -Djava.io.tmpdir=$work/tmp
spark.executor.extraJavaOptions -Djava.io.tmpdir=$work/tmp
spark.executor.cores 1
spark.executor.memory 768m
spark.ui.enabled false
spark.eventLog.enabled true
spark.eventLog.compress false
spark.eventLog.rolling.enabled false
END
}

two_workers() { (($(grep -c "Registering worker" "$work/master.log") == 2)); }

# job SLICE_IMAGES SLICES_IN_FLIGHT: what the runs do.
job() {
  cat >"$work/job.yaml" <<END
masks: [{kind: color, rgb: '#ff0000', tolerance: 60}]
run: {slice_images: $1, slices_in_flight: $2}
END
}

# background NAME COMMAND...: a job of the name $name, its process in $job.
background() {
  name=$1
  shift
  echo "$name ..."
  "$@" >"$work/$name.log" 2>&1 &
  job=$!
}

# start NAME OPTION...: the run in the background.
start() {
  background "$1" "$home/submit.sh" run --input "$root/in" --output "$root/out" --log "$root/log" --job "$work/job.yaml" \
    --device "$device" "${@:2}"
}

# on_cluster NAME: prints the options with which a run goes on the cluster, one a line, with an event log of its own.
on_cluster() {
  mkdir -p "$work/events/$1"
  printf '%s\n' --master "$master" --properties-file "$work/spark.properties" --conf "spark.eventLog.dir=file:$work/events/$1"
}

# submit NAME OPTION...: as start, on the cluster.
submit() {
  local options
  mapfile -t options < <(on_cluster "$1")
  SPARK_HOME=$spark start "$@" "${options[@]}"
}

# events PATTERN: how many of the job's events have it.
events() { cat "$work/events/$name"/* 2>/dev/null | grep -c -- "$1" || true; }

# slice_begins N: whether the job has begun its slice N.
slice_begins() { (($(events "\"SparkListenerJobStart\".*\"slice $1: ") > 0)); }

# lost_tasks: how many of the job's tasks went with their executor.
lost_tasks() { events '"SparkListenerTaskEnd".*"Reason":"ExecutorLostFailure"'; }

# executors PROCESS...: the processes of these workers' executors.
executors() { pgrep -P "$(IFS=,; echo "$*")" -f CoarseGrainedExecutorBackend; }

# hadoop_fs ARGUMENT...: a file system command. The S3 endpoint gives folder markers no ETag.
hadoop_fs() {
  "$java" -cp "$HADOOP_CONF_DIR:$tests" org.apache.hadoop.fs.FsShell -D fs.s3a.change.detection.version.required=false "$@" \
    2>>"$work/keep.log" || die "hadoop fs $*: see $work/keep.log"
}

# ended: waits for the job, which must end well.
ended() {
  local code=0
  wait "$job" || code=$?
  job=
  ((code == 0)) || die "$name: exit code $code, see $work/$name.log"
}

# keep NAME: keeps what was left as $root/NAME, so that all runs have the same output, and fingerprints.
keep() {
  hadoop_fs -mkdir -p "$root/$1"
  hadoop_fs -mv "$root/out" "$root/log" "$root/$1"
}

# finish: waits for the job and keeps what it left under its name.
finish() {
  ended
  keep "$name"
}

# compare NAME...: the runs that were kept, as CompareRuns' command line has them.
compare() {
  "$java" -cp "$HADOOP_CONF_DIR:$tests" org.lakebrush.cluster.CompareRuns "$root" "$@" 2>"$work/compare.log"
}
