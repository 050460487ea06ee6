# Each target makes .venv ready first (quick when nothing changed) and hands the work to Python.
# Needs git, make and Python 3.11, 3.12 or 3.13. Override: make PYTHON=/path/to/python3.12 PORT=8090 airflow
PORT ?= 8080
ROWS ?= 100000
RUN := .venv/bin/python

.PHONY: demo test check bench airflow docs env setup clean

demo: setup   ## invented exports through the three DAGs in one process; ends with where to look
	@$(RUN) dags/one_process.py --demo
test: setup   ## every test
	@$(RUN) -m pytest
check: setup  ## style and types
	@$(RUN) -m ruff check . && $(RUN) -m ruff format --check . && $(RUN) -m mypy
bench: setup  ## wall, CPU and memory of each step on invented exports of ROWS rows
	@$(RUN) tests/bench/measure.py --rows $(ROWS)
airflow: setup  ## Airflow with its web page on http://127.0.0.1:$(PORT) until Ctrl-C
	@exec $(RUN) dags/live.py --port $(PORT)
env:          ## .env with fresh secrets, for docker-compose.yaml
	@python=$$(.ci/find-python) && "$$python" .ci/make_env.py
docs: setup   ## the generated pages of docs/reference/
	@$(RUN) docs/generate.py
setup:
	@python=$$(.ci/find-python) && "$$python" .ci/setup.py
clean:        ## what set-up and tests left; never a home
	@rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis dist
