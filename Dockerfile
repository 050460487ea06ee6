# The image of every Airflow part: the locked packages, this program and its DAGs, run by a user without rights.
FROM python:3.12.12-slim-bookworm

# Airflow's customary user id; group 0 lets platforms that choose their own user id write where this one may.
RUN useradd --uid 50000 --gid 0 --create-home --home-dir /opt/airflow airflow \
    && install --directory --owner=50000 --group=0 --mode=0770 /opt/airflow/logs /opt/airflow/private /var/lib/gm1

WORKDIR /opt/gm1
COPY requirements.lock ./
RUN pip install --no-cache-dir --no-deps --require-hashes --requirement requirements.lock

# After the packages: a change of ours does not install them anew.
COPY LICENSE README.md pyproject.toml ./
COPY expectations ./expectations
COPY sql ./sql
COPY pipeline ./pipeline
RUN pip install --no-cache-dir --no-deps --no-build-isolation . && rm -r expectations sql pipeline
COPY dags ./dags

ENV AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/gm1/dags \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    GM1_HOME=/var/lib/gm1 \
    PYTHONUNBUFFERED=1

USER 50000:0
CMD ["airflow", "version"]
