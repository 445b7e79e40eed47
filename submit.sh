#!/usr/bin/env bash
# Lakebrush's one entry: ./submit.sh demo | run | serve | learn-watermark | ... (./submit.sh --help lists them).
#
# With SPARK_HOME set, or an option of spark-submit given, `run` and `learn-watermark` go through that Spark's spark-submit; otherwise Spark
# is embedded. These options are
#   --master M, --deploy-mode client|cluster, --conf K=V, --packages P
#   --properties-file F    conf/spark-gpu.conf is one; what it does not say, spark-defaults.conf does
#   --print                prints the spark-submit, and runs nothing
# Environment:
#   JAVA_HOME              the JDK (17 or later); else `java` on the PATH
#   LAKEBRUSH_MEMORY       heap of the embedded JVM, or of the driver under spark-submit (default 2g)
#   HADOOP_CONF_DIR        core-site.xml and the like, for the embedded run
#   LAKEBRUSH_JAVA_OPTS    more options for the embedded JVM
#   LAKEBRUSH_MODELS       a folder for models beside models/; fetched ones go there
#   LAKEBRUSH_NATIVES      a folder for native libraries, which are unpacked there once, the executors' too
#                          (default lakebrush-USER/natives in the folder for temporary files)
#   LAKEBRUSH_IMAGE_HOME   with --deploy-mode cluster on Kubernetes: where the image has Lakebrush, whose jars are then not uploaded
#   LAKEBRUSH_TOKEN        what requests to `serve` must bring
#   HTTPS_PROXY, HTTP_PROXY, NO_PROXY   for `model fetch`
# Keys and passwords are refused in --conf, LAKEBRUSH_JAVA_OPTS and URIs: every user of the machine would see them in the list of processes.
set -euo pipefail

self=${BASH_SOURCE[0]}
while [[ -L $self ]]; do
  # Called through a link: what belongs to it lies where the link leads.
  link=$(readlink -- "$self")
  [[ $link == /* ]] && self=$link || self=$(dirname -- "$self")/$link
done
home=$(CDPATH= cd -- "$(dirname -- "$self")" && pwd)
export LAKEBRUSH_HOME=$home
# The tarball has its jars beside this script, a working tree in target.
jars=$home
[[ ! -f $home/pom.xml ]] || jars=$home/target
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

# refuse_secrets WHERE OPTIONS: likewise in options of a JVM.
refuse_secrets() {
  local option
  # shellcheck disable=SC2086  # the options are meant to be split
  for option in $2; do
    [[ $option != -D*=* ]] || refuse_secret "$1 -D" "${option#-D}"
  done
}

# refuse_users WORD...: URIs with a user and a password.
refuse_users() {
  local word uri newline=$'\n' user='://[^/@:]*:([^@]*)@|s3[an]?://[^/@]+@'
  for word; do
    while IFS= read -r uri; do
      # A key may hold slashes, but what follows a port is a path.
      [[ ! $uri =~ $user || ${BASH_REMATCH[1]} =~ ^[0-9]{1,5}/ ]] ||
        die "a URI with a user and a password would show them in the list of processes, to every user of this machine: name it without," \
          "and give keys in core-site.xml in HADOOP_CONF_DIR, or in a credential provider (hadoop.security.credential.provider.path)"
    done <<<"${word//[, ]/$newline}"
  done
}

build_if_needed() {
  # The tarball has no sources.
  [[ -f $home/pom.xml ]] || return 0
  local jar=$jars/lakebrush.jar
  if [[ -f $jar && -d $jars/lib/s3a && -d $jars/lib/serve && -d $jars/spark ]] &&
     [[ -z $(find "$home/src/main" "$home/pom.xml" "$home/models/registry.yaml" -newer "$jar" -print -quit) ]]; then
    return
  fi
  command -v mvn >/dev/null || die "Maven is not on the PATH, and $jar has yet to be built: install Maven 3.8 or later"
  echo "Building Lakebrush (once; Maven fetches what it needs) ..." >&2
  (cd "$home" && mvn -B -q -DskipTests clean package 1>&2) || { echo "submit.sh: the build failed, see above" >&2; exit 1; }
}

# setting KEY: what the options say of it, else the properties file, else spark-defaults.conf.
setting() {
  local conf file value=
  for conf in ${settings[@]+"${settings[@]}"}; do
    [[ $conf != "$1="* ]] || value=${conf#*=}
  done
  for file in "$properties" "$spark_conf/spark-defaults.conf"; do
    [[ -z $value && -f $file ]] || continue
    value=$(sed -nE "s/^[[:space:]]*${1//./[.]}[[:space:]]*[[:space:]=:][[:space:]]*(.*[^[:space:]])[[:space:]]*$/\1/p" "$file" | tail -n 1)
  done
  printf '%s' "$value"
}

# joined ITEM...: those that are not empty, with commas.
joined() {
  local item all=
  for item; do
    [[ -z $item ]] || all+=${all:+,}$item
  done
  printf '%s' "$all"
}

# version FOLDER NAME: that of the jar NAME-VERSION.jar there; nothing where there is none.
version() {
  local jar
  for jar in "$1/$2"-[0-9]*.jar; do
    [[ -f $jar ]] || continue
    jar=${jar##*/"$2"-}
    printf '%s' "${jar%.jar}"
    return
  done
}

# needs_s3a: whether our hadoop-aws goes with the job. It must equal the cluster's Hadoop, and there must be no second one.
needs_s3a() {
  local own=${SPARK_HOME:-}/jars ours theirs
  [[ ,$(setting spark.jars.packages) != *,org.apache.hadoop:hadoop-aws:* && -z $(version "$own" hadoop-aws) ]] || return 1
  ours=$(version "$jars/lib/s3a" hadoop-aws)
  theirs=$(version "$own" hadoop-client-api)
  [[ -z $theirs || $theirs == "$ours" ]] ||
    die "the Spark in $SPARK_HOME has Hadoop $theirs, and lib/s3a has hadoop-aws $ours, which must be the same: build Lakebrush for that" \
      "Hadoop (README, \"On a cluster\"), or give --packages org.apache.hadoop:hadoop-aws:$theirs"
}

absolute() { [[ $1 == /* ]] && printf '%s' "$1" || printf '%s' "$PWD/$1"; }

# send_files: the job and the models, which a driver on the cluster cannot read here, go along in $files, and $app_args has their new names.
send_files() {
  local i option value model name text=" ${app_args[*]-} " edge='[^[:alnum:]_-]' sent=
  for ((i = 0; i < ${#app_args[@]}; i++)); do
    option=${app_args[i]}
    [[ $option == --job || $option == --model ]] || continue
    i=$((i + 1))
    value=${app_args[i]-}
    if [[ -f $value ]]; then
      [[ $option == --model ]] || text+="$(<"$value") "
      files+=("$(absolute "$value")")
      app_args[i]=${value##*/}
    elif [[ $value == local:///* ]]; then
      app_args[i]=${value#local://}
    elif [[ $option == --job ]]; then
      die "--job $value: no such file here; local:///PATH names one in the driver's image"
    fi
  done
  [[ -z $image ]] || return 0
  for model in ${LAKEBRUSH_MODELS:+"$LAKEBRUSH_MODELS"/*.onnx} "$home"/models/*.onnx; do
    name=${model##*/}
    name=${name%.onnx}
    [[ -f $model && " $sent " != *" $name "* ]] || continue
    [[ $name == lama-lite || $text =~ $edge"$name"$edge ]] || continue
    sent+=" $name"
    files+=("$(absolute "$model")")
  done
}

# show WORD...: a command as it can be pasted, an option with its value on a line.
show() {
  local word quote="'\\''" line= last=
  for word; do
    if [[ -n $line && ($word == --* || $last != --*) ]]; then
      printf '%s \\\n  ' "$line"
      line=
    fi
    last=$word
    [[ $word =~ ^[A-Za-z0-9_@%+=:,./-]+$ ]] || word="'${word//\'/$quote}'"
    line+=${line:+ }$word
  done
  printf '%s\n' "$line"
}

refuse_secrets LAKEBRUSH_JAVA_OPTS: "${LAKEBRUSH_JAVA_OPTS:-}"

command -v "$java" >/dev/null || die "no Java found: install JDK 17, or set JAVA_HOME"
version=$("$java" -version 2>&1 | sed -n 's/^[^"]*version "\([0-9]*\).*/\1/p' || true)
[[ ${version:-0} -ge 17 ]] || die "Java 17 or later is needed, $java is version ${version:-unknown}"

command=${1:-}
where=() spark_args=() app_args=() settings=() properties='' print='' through_spark_submit=''
spark_conf=${SPARK_CONF_DIR:-${SPARK_HOME:-}/conf}
if [[ $command == run || $command == learn-watermark ]]; then
  [[ -n ${SPARK_HOME:-} ]] && through_spark_submit=yes
  shift
  while (($#)); do
    case $1 in
      --print) print=yes through_spark_submit=yes; shift; continue ;;
      --master=*|--deploy-mode=*|--conf=*|--packages=*|--properties-file=*|--job=*|--model=*) set -- "${1%%=*}" "${1#*=}" "${@:2}" ;;
    esac
    case $1 in
      --master|--deploy-mode|--conf|--packages|--properties-file) (($# > 1)) || die "$1 needs a value" ;;
      *) app_args+=("$1"); shift; continue ;;
    esac
    through_spark_submit=yes
    case $1 in
      --master) settings+=("spark.master=$2"); where+=("$1" "$2") ;;
      --deploy-mode) settings+=("spark.submit.deployMode=$2"); where+=("$1" "$2") ;;
      --packages) settings+=("spark.jars.packages=$2"); spark_args+=("$1" "$2") ;;
      --conf)
        refuse_secret --conf "$2"
        [[ $2 != *avaOptions=* ]] || refuse_secrets "--conf ${2%%=*}:" "${2#*=}"
        settings+=("$2"); spark_args+=("$1" "$2") ;;
      --properties-file)
        [[ -z $properties ]] || die "--properties-file is given twice, and spark-submit takes one: put your own settings into" \
          "spark-defaults.conf, or all into one file"
        [[ -f $2 ]] || die "--properties-file $2: no such file"
        properties=$2; spark_args+=("$1" "$2" --load-spark-defaults) ;;
    esac
    shift 2
  done
  # ${a[@]+...}: before bash 4.4 an empty array counts as unset.
  set -- "$command" ${app_args[@]+"${app_args[@]}"}
fi

[[ -n $print && -f $jars/lakebrush.jar ]] || build_if_needed

if [[ -n $through_spark_submit ]]; then
  submit=spark-submit
  if [[ -n ${SPARK_HOME:-} ]]; then
    submit=$SPARK_HOME/bin/spark-submit
    [[ -x $submit ]] || die "SPARK_HOME is $SPARK_HOME, and there is no bin/spark-submit in it"
    spark=$(version "$SPARK_HOME/jars" spark-core_2.13)
    [[ $spark != 3* && -z $(version "$SPARK_HOME/jars" spark-core_2.12) ]] ||
      die "the Spark in $SPARK_HOME is version 3, and Lakebrush needs 4.0 or later"
  elif [[ -z $print ]]; then
    command -v spark-submit >/dev/null || die "--master and --conf need a Spark: set SPARK_HOME, or put spark-submit on the PATH"
  fi

  master=$(setting spark.master) deploy_mode=$(setting spark.submit.deployMode)
  conf=() files=() driver_env='' image=''
  if [[ $deploy_mode == cluster ]]; then
    # Where a standalone cluster's driver runs, all must lie at the same place as here, as Spark itself has it.
    case $master in
      yarn) driver_env=spark.yarn.appMasterEnv ;;
      k8s://*) driver_env=spark.kubernetes.driverEnv image=${LAKEBRUSH_IMAGE_HOME:-} ;;
    esac
  fi
  environment=("MALLOC_ARENA_MAX=$MALLOC_ARENA_MAX" LC_ALL=C.UTF-8)
  [[ -z ${LAKEBRUSH_NATIVES:-} ]] || environment+=("LAKEBRUSH_NATIVES=$LAKEBRUSH_NATIVES")
  here=("LAKEBRUSH_HOME=$home" "MALLOC_ARENA_MAX=$MALLOC_ARENA_MAX" ${LC_ALL:+"LC_ALL=$LC_ALL"})
  # YARN puts files into the working folder of each container before its process starts; Kubernetes and standalone do not.
  [[ $master != yarn ]] || files+=("$home/conf/gpu-discovery.sh")
  if [[ -z ${LOG4J_CONFIGURATION_FILE:-} && ! -f $spark_conf/log4j2.properties ]]; then
    if [[ $master == yarn ]]; then
      files+=("$home/conf/log4j2.properties")
      environment+=(LOG4J_CONFIGURATION_FILE=log4j2.properties)
    fi
    [[ -z $image ]] || environment+=("LOG4J_CONFIGURATION_FILE=$image/conf/log4j2.properties")
    # Of an application on a cluster spark-submit itself says how it stands, which that file is silent on.
    [[ $deploy_mode == cluster ]] || here+=("LOG4J_CONFIGURATION_FILE=$home/conf/log4j2.properties")
  fi

  travelling=("$jars/lib/*.jar")
  ! needs_s3a || travelling+=("$jars/lib/s3a/*.jar")
  app=$jars/lakebrush.jar
  if [[ -n $driver_env ]]; then
    here=()
    send_files
    for variable in "${environment[@]}" "$([[ -n $image ]] && echo "LAKEBRUSH_HOME=$image" || echo LAKEBRUSH_MODELS=.)"; do
      conf+=(--conf "$driver_env.$variable")
    done
  fi
  if [[ -n $image ]]; then
    # Spark takes it for a GPU that is asked for without an amount.
    [[ -z $(setting spark.executor.resource.gpu.amount) ]] ||
      conf+=(--conf "spark.executor.resource.gpu.discoveryScript=$image/conf/gpu-discovery.sh")
    app=local://$image/lakebrush.jar
    names=()
    for glob in "${travelling[@]}"; do
      for jar in "${glob%/*}"/*.jar; do
        names+=("local://$image${jar#"$jars"}")
      done
    done
    travelling=("${names[@]}")
  fi
  for variable in "${environment[@]}"; do
    conf+=(--conf "spark.executorEnv.$variable")
  done
  memory=${LAKEBRUSH_MEMORY:-$(setting spark.driver.memory)}
  all_files=$(joined ${files[@]+"${files[@]}"} "$(setting spark.files)")
  submission=(${here[@]+env "${here[@]}"} "$submit" ${where[@]+"${where[@]}"} --name lakebrush --class org.lakebrush.Lakebrush
    --driver-memory "${memory:-2g}" "${conf[@]}" ${spark_args[@]+"${spark_args[@]}"}
    --jars "$(joined "${travelling[@]}" "$(setting spark.jars)")" ${all_files:+--files "$all_files"}
    "$app" "$command" ${app_args[@]+"${app_args[@]}"})
  refuse_users "${submission[@]}"
  [[ -z $print ]] || { show "${submission[@]}"; exit; }
  exec "${submission[@]}"
fi

# What works on no picture starts in half the time where the JVM does not compile its code for speed.
quick=
[[ $command == status ]] && quick=-XX:TieredStopAtLevel=1

spark=$jars/spark/*
if [[ $command == serve ]]; then
  # There is no Spark in it: of what lies there it needs Hadoop, Jackson and Log4j.
  spark=
  for jar in "$jars"/spark/*.jar; do
    [[ ${jar##*/} == spark-* || ${jar##*/} == scala-* ]] || spark+=${spark:+:}$jar
  done
fi

# shellcheck disable=SC2086  # the options are meant to be split
exec "$java" $quick -Xmx"${LAKEBRUSH_MEMORY:-2g}" -XX:MaxDirectMemorySize=1g -XX:+ExitOnOutOfMemoryError -Djava.awt.headless=true \
  -Dlog4j2.configurationFile="$home/conf/log4j2.properties" -Dspark.metrics.conf="$home/conf/metrics.properties" \
  ${LAKEBRUSH_JAVA_OPTS:-} \
  -cp "${HADOOP_CONF_DIR:+$HADOOP_CONF_DIR:}$jars/lakebrush.jar:$jars/lib/*:$jars/lib/s3a/*:$jars/lib/serve/*:$spark" org.lakebrush.Lakebrush "$@"
