# 家常热线 · make help
.DEFAULT_GOAL := help
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
VENV ?= .venv
PORT ?= 8000
ONCE ?=
TESTS ?= tests
export PORT ONCE VENV

# The first Python that is new enough; if there is none, `python3` gets to say so.
ifndef PYTHON
PYTHON := $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PYTHON := $(if $(PYTHON),$(PYTHON),python3)
endif
BIN = $(VENV)/bin

.PHONY: help demo test check unit format lock bench docs texts serve doctor clean env-demo env-test

help:  ## 显示这份说明 / show this help
	@echo "家常热线 Jiachang —— 给不用智能手机的居民的服务热线"
	@echo
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  make demo PORT=8100     换一个端口（连用三个）/ move to other ports (three in a row)"
	@echo "  make demo ONCE=1        演一遍就结束，全部成立才返回 0 / play once, exit 0 only if all held"
	@echo "  make test TESTS=tests/app   只测一部分 / only some tests"

demo: env-demo  ## 一条命令看完整个故事：来电、派单、办结、回访 / the whole loop, then keeps serving
	@$(BIN)/jiachang demo

test: env-test  ## 装好所需，检查并测试全部 / install what tests need, check and test everything
	@tools/system-packages.sh
	@$(MAKE) check unit

check: env-test  ## 格式、规范、类型、层次 / format, lint, strict types, import floors
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: env-test  ## 只跑测试 / the tests alone
	$(BIN)/python -m pytest -n 2 --dist loadfile $(TESTS)

format: env-test  ## 整理代码格式 / put the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: env-test  ## 测速，结果写入 bench/results / the measured figures
	$(BIN)/python -m bench

docs: env-test  ## 重新生成由代码产生的文档 / write the generated documents anew
	$(BIN)/python -m app.settings_docs > docs/settings.md
	$(BIN)/python -m ivr.drawing > docs/call-flows.md

texts: env-test  ## 把新的句子加进译文目录 / bring the catalogues in step with the source
	@$(BIN)/python -m app.texts.extract

serve: env-demo  ## 只开网页进程（其余见 Procfile）/ the web process alone, see Procfile
	@$(BIN)/jiachang serve

doctor: env-demo  ## 看看哪里不对、怎么修 / what is wrong and how to mend it
	@$(BIN)/jiachang doctor

lock:  ## 重新锁定依赖版本 / pin and hash the requirements anew
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet uv==0.13.9
	PATH="$(CURDIR)/.venv-lock/bin:$$PATH" tools/lock.sh

clean:  ## 删除环境和缓存，保留 var/ 里的数据 / remove environment and caches, keep the data in var/
	rm -rf $(VENV) .venv-lock build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis \
		.import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

env-demo:
	@$(PYTHON) tools/bootstrap/environment.py $(VENV) demo

env-test:
	@$(PYTHON) tools/bootstrap/environment.py $(VENV) test
