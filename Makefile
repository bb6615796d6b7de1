# One command each; `make help` lists them. Needs Go, make and git; the tests also a C
# compiler (for the race detector), Node.js with npm, and Chromium or the way to get it.

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
# The browser tests need a browser, so they run on their own.
PACKAGES = $$(go list ./... | grep -v '^tokenconsole/e2e$$')
GENERATED = $$(find . -name '*_templ.go' -exec cksum {} + | sort)
step = @printf '\n== %s\n'

.NOTPARALLEL:
.DEFAULT_GOAL := help
.PHONY: help run test unit e2e compiler check format generated lint vulnerabilities bench generate build size clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

run: ## the whole product on this machine: console and emulated Genesys Cloud
	@go run ./cmd/web --demo

test: unit e2e ## everything: Go tests with race detector, then the browser tests

unit: compiler ## the Go tests alone, with race detector and in random order
	$(step) 'Go tests, race detector on, shuffled'
	CGO_ENABLED=1 go test -race -shuffle=on $(PACKAGES)

e2e: compiler ## the browser tests alone; ARGS='-run Name -v' goes to go test
	$(step) 'Browser tests of the built program'
	CGO_ENABLED=1 go test -race -count=1 -timeout=8m ./e2e $(ARGS)

compiler:
	@cc=$$(go env CC); command -v "$${cc%% *}" >/dev/null || { \
		echo "The race detector needs a C compiler, and there is no \"$$cc\": install one (Debian: apt-get install gcc libc6-dev)."; \
		exit 1; } >&2

check: format generated lint vulnerabilities ## formatting, generated code, vet, staticcheck, known vulnerabilities

format:
	$(step) 'Formatting: gofmt, templ fmt, go mod tidy'
	@unformatted=$$(gofmt -l .); [ -z "$$unformatted" ] || { echo "gofmt -w would change:"; echo "$$unformatted"; exit 1; } >&2
	go tool templ fmt -fail .
	go mod tidy -diff

# Compared with itself before, not with the last commit: uncommitted work may be current.
generated:
	$(step) 'Generated code is current'
	@before="$(GENERATED)" && go tool templ generate -log-level warn && [ "$$before" = "$(GENERATED)" ] || { \
		echo "*_templ.go was not current; it is now, where the templates allow: look at it and commit it."; \
		exit 1; } >&2

lint:
	$(step) 'go vet, staticcheck'
	go vet ./...
	go tool staticcheck ./...

vulnerabilities:
	$(step) 'Known vulnerabilities: govulncheck'
	@report=$$(go tool govulncheck ./... 2>&1) && echo "$$report" || { status=$$?; echo "$$report"; \
		echo "$$report" | grep -q 'fetching vulnerabilities' || exit $$status; \
		echo "Not checked: the vulnerability database cannot be reached from here (GOVULNDB may name another)."; }

bench: ## the benchmarks, with allocations
	@go test -run '^$$' -bench . -benchmem $(PACKAGES)

generate: ## the Go code of the templ views
	@go tool templ generate

build: ## the static binary, bin/web
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '-s -w -X main.version=$(VERSION)' -o bin/web ./cmd/web

size: build ## that binary against its budget of 25 MB
	@bytes=$$(wc -c <bin/web); echo "bin/web: $$bytes bytes of 25000000"; [ "$$bytes" -le 25000000 ]

clean: ## away with what was built and what failed tests left
	@rm -rf bin e2e/artifacts
