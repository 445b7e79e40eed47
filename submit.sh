#!/usr/bin/env bash
# Lakebrush's one entry: ./submit.sh demo | run | learn-watermark | eval | ... (./submit.sh --help lists them).
#
# With SPARK_HOME set, or --master given, `run` and `learn-watermark` go through that Spark's spark-submit; otherwise Spark is embedded.
#   JAVA_HOME              the JDK (17 or later); else `java` on the PATH
#   LAKEBRUSH_MEMORY       heap of the embedded JVM, or of the driver under spark-submit (default 2g)
#   HADOOP_CONF_DIR        core-site.xml and the like, for the embedded run
#   LAKEBRUSH_JAVA_OPTS    more options for the embedded JVM
#   LAKEBRUSH_MODELS       a folder for models beside models/; fetched ones go there
#   LAKEBRUSH_NATIVES      a folder for native libraries, which are unpacked there once, the executors' too
#                          (default lakebrush-USER/natives in the folder for temporary files)
#   HTTPS_PROXY, HTTP_PROXY, NO_PROXY   for `model fetch`
#   --master M, --conf k=v, --properties-file F (with these two)   passed on to spark-submit
# Keys and passwords are refused in --conf and LAKEBRUSH_JAVA_OPTS: every user of the machine would see them in the list of processes.
set -euo pipefail

self=${BASH_SOURCE[0]}
while [[ -L $self ]]; do
  # Called through a link: what belongs to it lies where the link leads.
  link=$(readlink -- "$self")
  [[ $link == /* ]] && self=$link || self=$(dirname -- "$self")/$link
done
home=$(CDPATH= cd -- "$(dirname -- "$self")" && pwd)
export LAKEBRUSH_HOME=$home
# Without it glibc keeps a heap for each thread, and native memory creeps up over a night.
export MALLOC_ARENA_MAX=${MALLOC_ARENA_MAX:-2}
# JDK 17 can name files outside of ASCII only in a UTF-8 locale.
case $(locale charmap 2>/dev/null || true) in
  UTF-8|utf8) ;;
  *) export LC_ALL=C.UTF-8 ;;
esac
java=${JAVA_HOME:+$JAVA_HOME/bin/}java

die() { echo "submit.sh: $*" >&2; exit 2; }

# refuse_secret WHERE KEY=VALUE: a setting that is a secret itself, and no file, class or switch that has to do with secrets.
refuse_secret() {
  local key
  key=$(LC_ALL=C tr '[:upper:]' '[:lower:]' <<<"${2%%=*}")
  local secrets='(secret|secret[._-]?key|password|passphrase|token|credential|access[._-]?key|account[.]key.*|encryption[.]key'
  secrets+='|private[._-]?key|api[._-]?key|keystore[.]pass|[.]sas[.].*|accesskeyid|key[._]id)$'
  [[ $key =~ $secrets ]] || return 0
  die "$1 ${2%%=*} would show its value in the list of processes, to every user of this machine. Give it in core-site.xml in" \
    "HADOOP_CONF_DIR, in a file of mode 600 with --properties-file, as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment," \
    "or in a credential provider (hadoop.security.credential.provider.path)"
}

build_if_needed() {
  local jar=$home/target/lakebrush.jar
  if [[ -f $jar && -d $home/target/lib && -d $home/target/spark ]] &&
     [[ -z $(find "$home/src/main" "$home/pom.xml" "$home/models/registry.yaml" -newer "$jar" -print -quit) ]]; then
    return
  fi
  command -v mvn >/dev/null || die "Maven is not on the PATH, and $jar has yet to be built: install Maven 3.8 or later"
  echo "Building Lakebrush (once; Maven fetches what it needs) ..." >&2
  (cd "$home" && mvn -B -q -DskipTests clean package 1>&2) || { echo "submit.sh: the build failed, see above" >&2; exit 1; }
}

# shellcheck disable=SC2086  # the options are meant to be split
for option in ${LAKEBRUSH_JAVA_OPTS:-}; do
  [[ $option == -D*=* ]] && refuse_secret "LAKEBRUSH_JAVA_OPTS: -D" "${option#-D}"
done

command -v "$java" >/dev/null || die "no Java found: install JDK 17, or set JAVA_HOME"
version=$("$java" -version 2>&1 | sed -n 's/^[^"]*version "\([0-9]*\).*/\1/p' || true)
[[ ${version:-0} -ge 17 ]] || die "Java 17 or later is needed, $java is version ${version:-unknown}"
build_if_needed

command=${1:-}
spark_args=() app_args=() through_spark_submit=
if [[ $command == run || $command == learn-watermark ]]; then
  [[ -n ${SPARK_HOME:-} ]] && through_spark_submit=yes
  shift
  while (($#)); do
    case $1 in
      --master|--conf|--properties-file)
        (($# > 1)) || die "$1 needs a value"
        [[ $1 == --conf ]] && refuse_secret --conf "$2"
        through_spark_submit=yes; spark_args+=("$1" "$2"); shift 2 ;;
      --master=*|--conf=*|--properties-file=*)
        [[ $1 == --conf=* ]] && refuse_secret --conf "${1#*=}"
        through_spark_submit=yes; spark_args+=("${1%%=*}" "${1#*=}"); shift ;;
      *) app_args+=("$1"); shift ;;
    esac
  done
  # ${a[@]+...}: before bash 4.4 an empty array counts as unset.
  set -- "$command" ${app_args[@]+"${app_args[@]}"}
fi

if [[ -n $through_spark_submit ]]; then
  if [[ -n ${SPARK_HOME:-} ]]; then
    submit=$SPARK_HOME/bin/spark-submit
    [[ -x $submit ]] || die "SPARK_HOME is $SPARK_HOME, and there is no bin/spark-submit in it"
  else
    submit=$(command -v spark-submit) || die "--master and --conf need a Spark: set SPARK_HOME, or put spark-submit on the PATH"
  fi
  jars=$(printf '%s,' "$home"/target/lib/*.jar)
  exec "$submit" --name lakebrush --class org.lakebrush.Lakebrush --driver-memory "${LAKEBRUSH_MEMORY:-2g}" \
    --conf spark.executorEnv.MALLOC_ARENA_MAX="$MALLOC_ARENA_MAX" --conf spark.executorEnv.LC_ALL=C.UTF-8 \
    ${LAKEBRUSH_NATIVES:+--conf spark.executorEnv.LAKEBRUSH_NATIVES="$LAKEBRUSH_NATIVES"} \
    ${spark_args[@]+"${spark_args[@]}"} --jars "${jars%,}" "$home/target/lakebrush.jar" "$@"
fi

# shellcheck disable=SC2086  # the options are meant to be split
exec "$java" -Xmx"${LAKEBRUSH_MEMORY:-2g}" -XX:MaxDirectMemorySize=1g -XX:+ExitOnOutOfMemoryError -Djava.awt.headless=true \
  -Dlog4j2.configurationFile="$home/conf/log4j2.properties" -Dspark.metrics.conf="$home/conf/metrics.properties" \
  ${LAKEBRUSH_JAVA_OPTS:-} \
  -cp "${HADOOP_CONF_DIR:+$HADOOP_CONF_DIR:}$home/target/lakebrush.jar:$home/target/lib/*:$home/target/spark/*" org.lakebrush.Lakebrush "$@"
