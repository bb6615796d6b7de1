# One command each; `make help` lists them. They need Go, make and git. What else the tests
# need, .ci/setup gets or names before the first test runs.

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
# The browser tests need a browser, so they run on their own.
PACKAGES = $$(go list ./... | grep -v '^tokenconsole/e2e$$')
# SQLite, the C library below it and its memory are C in Go's clothes, and nobody's data race of ours; nor is what takes pages
# apart or compresses them alone. Watched, their every memory access costs tests a multiple, and so do the checks of pointers
# where SQLite is called. SQLite's locks stay watched: those are Go's own. Only these packages: one that shares generic code with the
# standard library would make the detector see races that are none.
UNWATCHED = -gcflags=modernc.org/sqlite=-d=checkptr=0 $(foreach package,modernc.org/sqlite/lib modernc.org/libc modernc.org/memory \
	golang.org/x/net/html github.com/andybalholm/cascadia github.com/klauspost/compress/flate,-gcflags=$(package)=-race=false)
# What is checked and tested is compiled as what is given out: without C, and without types of PostgreSQL that nobody needs.
export CGO_ENABLED = 0
export GOFLAGS := $(shell go env GOFLAGS) -tags=nopgxregisterdefaulttypes
GENERATED = $$(find . -name '*_templ.go' -exec cksum {} + | sort)
step = @printf '\n== %s\n'

.NOTPARALLEL:
.DEFAULT_GOAL := help
.PHONY: help run test setup unit e2e check format generated lint security vulnerabilities fuzz mutation bench load rest watchers soak generate build size release clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

run: ## the console with an emulated Genesys Cloud; ARGS='--addr …' goes to it
	@go run ./cmd/web --demo $(ARGS)

test: setup unit e2e ## all tests: set-up, Go tests with race detector, browser tests

setup: ## get what the tests need and this machine lacks, or say how
	@.ci/setup

# Tests that the race detector slows down much, and that hardly show it anything: hundreds of people or entries one after the
# other, very long answers, workers that are killed, and faults that other tests try, too.
VOLUME = Test(Pace|FormsWorkAsTheyAreWritten|RandomKeysPass|UnusableReplies|ListsAreReadToTheirEnd|ReplyAtTheLimit|PassingFaults|Steps|StepFaults|KilledMidway|KilledBetweenSteps|ReplicaKilled|NetworkFaults_EveryRoute|NetworkFaults_GigabytesAreNotTaken|ExportThatBreaksOff|T9_PanicAmidAnAnswer|ASheetIsNotKeptWhole|ReceiptOfALargeBatch|VerifyBesideWritersFindsNoFault|VerifyNamesWhatWasDone.*|ReadBatchOfALongRecord|ReadBatchTampered|FiltersByTime.*|ALongRecordThatWasRewrittenIsRefused|P7_NobodyFillsTheRecordInAMoment|P7_RefusedActsAreBounded|P9_StrangersCannotFillTheRecord|WatchOfAThousand|ALongListTakesFewCalls|AnIdleReplicaFollows|TheNewestThousandAreLookedAt|TheFirstActOfAProcessTakesNoLonger.*|PruneForgetsPeopleNobodyNames|StateDoesNotClaimWhatNobodyRead|AnActTakesNoLongerAfterAnotherReplicaWroteMuch)
VOLUMINOUS = $$(grep -lrE --include='*_test.go' --exclude-dir=e2e --exclude-dir='.?*' -e '^func $(VOLUME)\(' . | xargs -n 1 dirname | sort -u)
# Two packages at a time, since many tests wait, and beside them one of those that the detector would slow down. More would be
# unfair: the tests hold the product to its own limits of time. The detector would have every process of a test wait for a
# second at its end. Vet is make lint's.
unit: ## the Go tests alone, with race detector and in random order
	@.ci/setup unit
	$(step) 'Go tests: race detector on, shuffled; beside them, without it, those that it slows down much'
	@packages="$(VOLUMINOUS)"; [ -n "$$packages" ] || { echo 'VOLUME in the Makefile names no test.' >&2; exit 1; }; \
	go test -p 1 -vet=off -run '^$(VOLUME)$$' $$packages & \
	QUICK_BUILD=1 GORACE=atexit_sleep_ms=0 CGO_ENABLED=1 go test -race -vet=off -p 2 $(UNWATCHED) -shuffle=on -skip '^$(VOLUME)$$' $(PACKAGES); \
	raced=$$?; wait $$! && exit $$raced

e2e: ## the browser tests alone; ARGS='-run Name -v' goes to go test
	@.ci/setup e2e
	$(step) 'Browser tests of the built program'
	go test -count=1 -timeout=8m ./e2e $(ARGS)

check: format generated lint security vulnerabilities ## formatting, generated code, vet, staticcheck, gosec, known vulnerabilities

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
	go vet ./... ./.ci/mutants
	go tool staticcheck ./... ./.ci/mutants
	go vet -C .ci/gosec .

# Not the emulator and the tests: they do on purpose what gosec looks for. Findings that stay are explained where they stand.
security:
	$(step) 'gosec'
	@go build -C .ci/gosec -buildvcs=false -o ../../.cache/gosec .
	@directories=$$(go list -f '{{.Dir}}' ./...) && \
		.cache/gosec $$(echo "$$directories" | grep -vE '/(internal/emulator|internal/database/databasetest|e2e)(/|$$)')

# Asked first whether the database answers: the check itself compiles everything before it finds out.
GOVULNDB ?= https://vuln.go.dev
vulnerabilities:
	$(step) 'Known vulnerabilities: govulncheck'
	@if go tool govulncheck -db $(GOVULNDB) -version 2>&1 | grep '^DB updated'; then \
		go tool govulncheck -db $(GOVULNDB) ./...; \
	else \
		echo "Not checked: no vulnerability database answers at $(GOVULNDB) (GOVULNDB may name another)."; \
	fi

FUZZTIME ?= 10s
fuzz: ## every fuzz target for FUZZTIME (10s)
	@for package in $(PACKAGES); do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			printf '\n== %s %s\n' "$$package" "$$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package || exit 1; \
		done; \
	done

# What must not break unseen. A mutant is a small change of the code that some test should notice; see .ci/mutants.
MUTATED ?= session internal/genesys internal/login internal/config internal/audit internal/revocation internal/batch
MUTATIONTIME ?= 30m
mutation: ## small changes of the packages in MUTATED that no test notices; MUTATIONTIME (30m) each at most, ONLY=file.go:12, MUTATIONFLAGS=-sqlite
	@nice -n 19 go run ./.ci/mutants $(MUTATIONFLAGS) -time $(MUTATIONTIME) -only '$(ONLY)' $(addprefix ./,$(MUTATED))

bench: ## the benchmarks, with allocations
	@go test -run '^$$' -bench . -benchmem $(PACKAGES)

load: ## views a second of the built console beside a bare floor; ARGS='-each 8s -only /token'
	@go build -o bin/load ./e2e/load && bin/load $(ARGS)

rest: ## how soon the console answers, and what it takes while nobody works with it
	@go build -o bin/load ./e2e/load && bin/load rest

watchers: ## the page of a batch that runs, while 50 browsers watch it; ARGS='-apart -people 2000'
	@go build -o bin/load ./e2e/load && bin/load watchers $(ARGS)

soak: ## 200 browsers for ten minutes with faults in between; ARGS='-for 1m -browsers 50'
	@go build -o bin/load ./e2e/load && bin/load soak $(ARGS)

generate: ## the Go code of the templ views
	@go tool templ generate

build: ## the static binary, bin/web
	@VERSION=$(VERSION) .ci/build bin/web

size: build ## that binary against its budget of 25 MB
	@bytes=$$(wc -c <bin/web); echo "bin/web: $$bytes bytes of 25000000"; [ "$$bytes" -le 25000000 ]

release: ## what is given out, in bin/release; VERSION=v1.2.3 names it, PLATFORMS='linux/amd64 …' picks some
	@VERSION=$(VERSION) PLATFORMS='$(PLATFORMS)' .ci/release

clean: ## away with what was built and what failed tests left
	@rm -rf bin e2e/artifacts
