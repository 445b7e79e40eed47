"""
### Lakebrush, every night

Repairs one day's partition of an image lake: the **canary**, 20 images spread over it, and, where its verdict is good, the **full** run
over the rest. The **verdict** says whether the night was good, and the **report** is made whatever it says.

A night is good where its runs came to their end and no more than `limits.max_failures` of the images failed. A partition without images
is a good night; one that does not exist is not, and the run says so.

One log is the memory of all nights. Clear a failed task, or trigger the DAG with a `day`: what is done is not done again.
"""

from __future__ import annotations

import logging
import subprocess
from datetime import timedelta

import pendulum
from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.sdk import DAG, CronDataIntervalTimetable, Param, task
from airflow.sdk.exceptions import AirflowException, AirflowFailException

# Settings. What differs from site to site is in the Variable `lakebrush`, a JSON object:
#   home                where Lakebrush is unpacked on the workers; with deploy mode cluster on all machines of the cluster, too
#   jars                the folder of lakebrush.jar and lib/, where it is not home (in a checkout it is target/)
#   input, output, log  URIs; the partition dt=YYYY-MM-DD of the input goes into that of the output
#   job                 the job file, as the driver sees it
#   properties          a file of Spark's settings, such as conf/spark-gpu.conf; may be left out
#   files               what goes along to the cluster, comma-separated; may be left out. On YARN conf/spark-gpu.conf needs
#                       HOME/conf/gpu-discovery.sh
#   reports             the folder of the reports, a URI: file:///srv/reports on the workers, else any store
#   report_url          that folder's address in a browser; may be left out
# The Connection holds master, deploy mode and queue. The store's keys are in neither: they are in core-site.xml, in a credential provider
# or with the machines' role, for a command line shows them to everybody.
CONNECTION = "spark_lakebrush"
# With as many slots as runs may share the cluster; Airflow starts no task of a pool that does not exist.
POOL = "lakebrush"
DRIVER_MEMORY = "2g"
HOME = "{{ var.json.lakebrush.home }}"
JARS = "{{ var.json.lakebrush.jars | default(var.json.lakebrush.home) }}"
# spark-submit finds what the names stand for. lib/s3a (hadoop-aws) stays at home where the cluster's Spark has its own.
LIBRARIES = f"{JARS}/lib/*.jar,{JARS}/lib/s3a/*.jar"
# The first day of the data interval. Not `ds`, which is the day of the run with some timetables, and cannot be chosen.
DAY = "{{ params.day or (data_interval_start | ds) }}"
# What the log calls the runs over it, too: the newest of them is the one that is asked for.
PARTITION = "dt=" + DAY
INPUT = "{{ var.json.lakebrush.input }}/" + PARTITION
OUTPUT = "{{ var.json.lakebrush.output }}/" + PARTITION
LOG = "{{ var.json.lakebrush.log }}"
REPORT = "{{ var.json.lakebrush.reports }}/" + DAY + ".html"
LINK = "{{ var.json.lakebrush.report_url | default(var.json.lakebrush.reports) }}/" + DAY + ".html"


def repair(task_id: str, *options: str, **arguments) -> SparkSubmitOperator:
    """A run over the partition. It fails where it did not come to its end; how its images fared is for the verdict to say."""
    return SparkSubmitOperator(
        task_id=task_id,
        conn_id=CONNECTION,
        application=JARS + "/lakebrush.jar",
        java_class="org.lakebrush.Lakebrush",
        jars=LIBRARIES,
        files="{{ var.json.lakebrush.files | default('') }}",
        properties_file="{{ var.json.lakebrush.properties | default('') }}",
        name=f"lakebrush {PARTITION} {task_id}",
        driver_memory=DRIVER_MEMORY,
        conf={
            # YARN would start a driver that ended badly once more, beside Airflow's retries.
            "spark.yarn.maxAppAttempts": "1",
            "spark.executorEnv.MALLOC_ARENA_MAX": "2",
            "spark.executorEnv.LC_ALL": "C.UTF-8",
        },
        # The driver's, which looks for models in home. Its log, and in client mode the task's, is a line for each slice and each failure.
        env_vars={
            "LAKEBRUSH_HOME": HOME,
            "LOG4J_CONFIGURATION_FILE": HOME + "/conf/log4j2.properties",
            "MALLOC_ARENA_MAX": "2",
            "LC_ALL": "C.UTF-8",
        },
        application_args=[
            "run",
            "--input", INPUT,
            "--output", OUTPUT,
            "--log", LOG,
            "--job", "{{ var.json.lakebrush.job }}",
            "--run-name", PARTITION,
            # On a cluster an exit code says only that something was wrong, and fails the task: the verdict is in the log.
            "--set", "limits.fail_on=never",
            # A day may bring no images.
            "--set", "limits.empty_input=done",
            # A try that was lost with its worker may still run; the next one ends it, and goes on from its last slice.
            "--takeover={{ ti.try_number > 1 }}",
            *options,
        ],
        # A retry is a run of its own, as the log has what is done. (On YARN Airflow refuses to wait for a driver on the cluster otherwise.)
        durable=False,
        pool=POOL,
        retries=2,
        # A dead run's hold on the log ends after a minute.
        retry_delay=timedelta(minutes=5),
        retry_exponential_backoff=True,
        max_retry_delay=timedelta(minutes=30),
        # When the time is up, or somebody ends the task, Airflow kills spark-submit (SIGKILL, in client mode the driver itself), or has the
        # cluster kill the driver. At most the slices in hand are done again.
        **arguments,
    )


def lakebrush(home: str, *arguments: str) -> tuple[int, str]:
    """Runs a command of Lakebrush on this worker; returns its exit code and what it said."""
    done = subprocess.run([f"{home}/submit.sh", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    print(done.stdout)
    return done.returncode, done.stdout


@task(retries=2, retry_delay=timedelta(minutes=1), execution_timeout=timedelta(minutes=15))
def verdict(home: str, log: str, run: str, link: str) -> None:
    """Fails unless the log says that the run was good."""
    code, said = lakebrush(home, "status", "--log", log, "--run", run, "--exit-code")
    message = f"{run} is not good (status: exit code {code}); report: {link}\n{said}"
    if code == 3:
        raise AirflowFailException(message)
    if code != 0:
        # Perhaps the log was out of reach: ask again.
        raise AirflowException(message)


@task(retries=1, retry_delay=timedelta(minutes=1), execution_timeout=timedelta(hours=1))
def report(home: str, log: str, run: str, out: str, link: str) -> None:
    """Makes the report of the newest of the night's runs."""
    code, said = lakebrush(home, "report", "--log", log, "--run", run, "--out", out)
    if code != 0:
        raise AirflowException(f"No report: report ended with exit code {code}\n{said}")
    print(f"Report: {link}")


def tell(context) -> None:
    """Says where to look, in the log of the task that failed. Put your notifiers beside it."""
    link = context["task"].render_template(LINK, context)
    logging.getLogger(__name__).error("Lakebrush: the night's task %s failed; report: %s", context["ti"].task_id, link)


with DAG(
    "lakebrush_nightly",
    doc_md=__doc__,
    # At two in the morning, for the day that has ended.
    schedule=CronDataIntervalTimetable("0 2 * * *", timezone="UTC"),
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    # Of nights that were missed: `airflow backfill create`, or trigger with a day.
    catchup=False,
    # Two runs never work on one log.
    max_active_runs=1,
    params={"day": Param(None, type=["null", "string"], format="date", description="The partition, instead of the data interval's")},
    default_args={"owner": "lakebrush", "on_failure_callback": tell},
    tags=["lakebrush"],
):
    canary = repair("canary", "--sample", "20", execution_timeout=timedelta(hours=1))
    full = repair("full", execution_timeout=timedelta(hours=8))
    asked = {"home": HOME, "log": LOG, "run": PARTITION, "link": LINK}
    # A teardown is made whatever came before it, and leaves the night's state to the verdict: an ordinary last task with the trigger rule
    # all_done would, by its own success, mark a bad night as good.
    (
        canary
        >> verdict.override(task_id="canary_verdict")(**asked)
        >> full
        >> verdict(**asked)
        >> report(**asked, out=REPORT).as_teardown()
    )
