# What people run. Each target says in one line what it does; `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
YANSHU_FLAGS ?=
ROUNDS ?= 200
SECONDS ?= 3600

help: ## what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

run: tools web ## build everything and start Yanshu with local storage under ./data
	cargo build --release -p server
	@scripts/built.sh release serve $(YANSHU_FLAGS)

demo: tools web ## start Yanshu with a made-up hospital group of 300 members under ./data/demo
	cargo build --release -p server
	@scripts/demo.sh

test: ## every suite that can run here; the last lines say which did, and on which engines
	@tests/run.sh

check: ## formatting, lints and types, Rust and web
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	@scripts/npm-install.sh
	cd web && npm run --silent lint && npm run --silent typecheck

bench: tools ## the figures of docs/performance.md
	@bench/run.sh

crash: tools ## kills, power cuts and failing disks under load, again and again: make crash ROUNDS=1000
	YANSHU_CRASH_ROUNDS=$(ROUNDS) tests/with-postgres.sh cargo test -p server --test program crash:: -- --nocapture --test-threads 1

fuzz: ## made-up input into everything that reads what strangers send, an hour each: make fuzz SECONDS=3600
	scripts/fuzz.sh $(SECONDS)

generate: ## the API document, the web client's types and the reference tables in docs/
	@scripts/generate.sh

fmt: ## format everything
	cargo fmt --all
	cd web && npm run --silent fmt

web: ## build the web apps into web/dist
	@scripts/npm-install.sh
	cd web && npm run --silent build

tools: ## check that what building needs is installed
	@scripts/check-tools.sh

.PHONY: help run demo test check bench crash fuzz generate fmt web tools
