package audit_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
)

const organization = "6b1f4d1e-0000-4000-8000-000000000001"

var (
	start = time.Date(2026, 3, 1, 9, 0, 0, 123_456_789, time.UTC)
	ada   = audit.Party{ID: "ada-id", Name: "Ada Park", Email: "ada@demo.example"}
	ben   = audit.Party{ID: "ben-id", Name: "Ben Öztürk", Email: "ben@demo.example"}
	cleo  = audit.Party{ID: "cleo-id", Name: "Cleo 100%_\\", Email: "cleo@demo.example"}
)

// clock tells a time that is a second later at each look.
func clock() func() time.Time {
	var mu sync.Mutex
	now := start.Add(-time.Second)
	return func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(time.Second)
		return now
	}
}

var discard = slog.New(slog.DiscardHandler)

func newLog(db *database.DB) *audit.Log { return audit.New(db, discard, clock()) }

// each runs test with an empty record in every kind of database.
func each(t *testing.T, test func(t *testing.T, db *database.DB, l *audit.Log)) {
	t.Helper()
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) { test(t, db, newLog(db)) })
}

func revocation(actor, subject audit.Party, outcome audit.Outcome) audit.Entry {
	return audit.Entry{
		Action: audit.Revoke, Outcome: outcome, Actor: actor, Subject: subject,
		OrganizationID: organization, OrganizationName: "Demo", Region: "mypurecloud.ie", Reason: "lost phone",
	}
}

func add(t *testing.T, l *audit.Log, entries ...audit.Entry) []audit.Entry {
	t.Helper()
	var added []audit.Entry
	for _, e := range entries {
		e, err := l.Append(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		added = append(added, e)
	}
	return added
}

func TestAnEntryIsKeptWhole(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		entry := revocation(ada, ben, audit.Done)
		entry.Ticket, entry.Detail, entry.PlatformStatus = "SEC-7", "line\r\nbreak \u202e 'quote\" \\ ñ", 204
		entry.CorrelationID, entry.RequestID, entry.ClientAddress = "c-1", "r-1", "2001:db8::1"
		want := add(t, l, entry)[0]
		entry.Seq, entry.At, entry.Hash = 1, start.Truncate(time.Millisecond), want.Hash
		if diff := cmp.Diff(entry, want); diff != "" {
			t.Errorf("Append changed more than it should (-given +got):\n%s", diff)
		}
		got, err := newLog(db).Get(t.Context(), organization, 1)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if _, err := l.Get(t.Context(), "another organization", 1); err != audit.ErrNotFound {
			t.Errorf("another organization reads the entry: %v", err)
		}
	})
}

func TestEntriesFormAChain(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		e := add(t, l, revocation(ada, ben, audit.Asked), revocation(ada, ben, audit.Done), revocation(ben, ada, audit.Refused))
		for i := 1; i < len(e); i++ {
			if e[i].Seq != e[i-1].Seq+1 || e[i].Previous != e[i-1].Hash {
				t.Errorf("entry %d does not continue entry %d", e[i].Seq, e[i-1].Seq)
			}
		}
	})
}

// A console that dies between asking and answering leaves the question visible to the next one.
func TestACrashLeavesAnOpenEntry(t *testing.T) {
	t.Parallel()
	databasetest.EachURL(t, func(t *testing.T, url string) {
		first, err := database.Open(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		asked := add(t, newLog(first), revocation(ada, ben, audit.Asked), revocation(ada, cleo, audit.Asked))
		// No Close: what is on disk now is what a crash leaves.
		l := newLog(databasetest.Open(t, url))
		closing := revocation(ada, cleo, audit.Unknown)
		closing.Asks = asked[1].Seq
		add(t, l, closing)

		open, err := l.OpenEntries(t.Context(), audit.Filter{OrganizationID: organization})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(asked[:1], open); diff != "" {
			t.Errorf("open entries (-want +got):\n%s", diff)
		}
		if chain, err := l.Verify(t.Context()); err != nil || chain.Open != 1 {
			t.Errorf("the walk counts %d open entries, %v; want 1", chain.Open, err)
		}
		if err := first.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A client that goes away after the question must not take the answer with it.
func TestAnOutcomeOutlivesItsRequest(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		ctx, cancel := context.WithCancel(t.Context())
		asked, err := l.Append(ctx, revocation(ada, ben, audit.Asked))
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		outcome := revocation(ada, ben, audit.Done)
		outcome.Asks = asked.Seq
		if _, err := l.Append(ctx, outcome); err == nil {
			t.Error("Append does not heed a cancelled context")
		}
		if _, err := l.Append(context.WithoutCancel(ctx), outcome); err != nil {
			t.Error(err)
		}
		if chain, err := l.Verify(t.Context()); err != nil || chain.Entries != 2 || chain.Open != 0 {
			t.Errorf("%+v, %v; want two entries, none open", chain, err)
		}
	})
}

// Replicas share a chain: each appender here has a Log of its own.
func TestManyAppendToOneChain(t *testing.T) {
	t.Parallel()
	databasetest.EachURL(t, func(t *testing.T, url string) {
		const replicas, entries = 4, 25
		var wg sync.WaitGroup
		for range replicas {
			l := newLog(databasetest.Open(t, url))
			for range 2 {
				wg.Go(func() {
					for i := range entries {
						if _, err := l.Append(t.Context(), revocation(ada, audit.Party{ID: fmt.Sprint(i % 7)}, audit.Done)); err != nil {
							t.Error(err)
						}
					}
				})
			}
		}
		wg.Wait()
		chain, err := newLog(databasetest.Open(t, url)).Verify(t.Context())
		if err != nil || chain.Broken != nil || chain.Entries != 2*replicas*entries {
			t.Errorf("%+v %+v, %v; want %d intact entries", chain, chain.Broken, err, 2*replicas*entries)
		}
	})
}

func TestWhatCannotBeWrittenIsAnError(t *testing.T) {
	t.Parallel()
	full := databasetest.Open(t, databasetest.SQLite(t))
	full.SetMaxOpenConns(1)
	readOnly := databasetest.Open(t, databasetest.SQLite(t))
	readOnly.SetMaxOpenConns(1)
	for db, pragma := range map[*database.DB]string{full: "PRAGMA max_page_count = 1", readOnly: "PRAGMA query_only = 1"} {
		if _, err := db.ExecContext(t.Context(), pragma); err != nil {
			t.Fatal(err)
		}
		var err error
		for i := 0; i < 1000 && err == nil; i++ {
			_, err = newLog(db).Append(t.Context(), revocation(ada, ben, audit.Asked))
		}
		if err == nil {
			t.Errorf("%s: Append reports success", pragma)
		}
		if chain, err := newLog(db).Verify(t.Context()); err != nil || chain.Broken != nil {
			t.Errorf("%s: the failure broke the chain: %+v, %v", pragma, chain.Broken, err)
		}
	}
}

func TestAReadOnlyPostgreSQLIsAnError(t *testing.T) {
	t.Parallel()
	db := databasetest.Open(t, databasetest.PostgreSQL(t))
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(t.Context(), "SET default_transaction_read_only = on"); err != nil {
		t.Fatal(err)
	}
	if _, err := newLog(db).Append(t.Context(), revocation(ada, ben, audit.Asked)); err == nil {
		t.Error("Append reports success")
	}
}

func TestAppendRefusesWhatMakesNoSense(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		nothing, future, both := revocation(ada, ben, ""), revocation(ada, ben, audit.Done), revocation(ada, ben, audit.Asked)
		future.Asks, both.Asks = 9, 1
		for _, e := range []audit.Entry{{}, nothing, future, both} {
			if _, err := l.Append(t.Context(), e); err == nil {
				t.Errorf("appended %+v", e)
			}
		}
	})
}

// A person may paste the very token they found into the reason, and a profile may hold anything.
func TestNoTokenAndNoOddTextGetsIn(t *testing.T) {
	const token = "hJ3kQ-x9_Zb7vN2mPq8rT4sWc6yL1dFgHu5iKoEaBtXnMzVjRpCq0wSeYlDfGhJkTnBvCxZaQwErTyUiOp12"
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		e := revocation(ada, audit.Party{ID: "x", Name: "nul \x00 bad \xff", Email: strings.Repeat("é", 5000)}, audit.Done)
		e.Reason = "found " + token + ", see https://wiki.example.com/how-to-handle-lost-phones-in-the-support-team"
		e.Detail = strings.Repeat("x", 100_000)
		got := add(t, l, e)[0]
		if want := "found [removed: looks like a token], see https://wiki.example.com/how-to-handle-lost-phones-in-the-support-team"; got.Reason != want {
			t.Errorf("reason %q, want %q", got.Reason, want)
		}
		if got.Subject.Name != "nul \uFFFD bad \uFFFD" || len(got.Subject.Email) > 1024 || len(got.Detail) > 8000 {
			t.Errorf("kept %q, %d bytes of email, %d of detail", got.Subject.Name, len(got.Subject.Email), len(got.Detail))
		}
		if chain, err := l.Verify(t.Context()); err != nil || chain.Broken != nil {
			t.Errorf("%+v, %v", chain.Broken, err)
		}
	})
}

func TestEachEntryIsOneLogLine(t *testing.T) {
	t.Parallel()
	handlers := map[string]func(*bytes.Buffer) slog.Handler{
		"text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		"json": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	}
	for name, handler := range handlers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			l := audit.New(databasetest.Open(t, databasetest.SQLite(t)), slog.New(handler(&b)), clock())
			e := revocation(ada, ben, audit.Done)
			e.Reason = "x\r\nlevel=INFO msg=audit seq=2 action=revoke\u2028\u0085"
			e = add(t, l, e)[0]
			if n := strings.Count(b.String(), "\n"); n != 1 || strings.ContainsAny(b.String(), "\r") {
				t.Errorf("%d lines:\n%s", n, b.String())
			}
			for _, want := range []string{e.Hash, "ada-id", "ben@demo.example", "revoke", "done", "2026-03-01T09:00:00.123Z"} {
				if !strings.Contains(b.String(), want) {
					t.Errorf("the line lacks %q: %s", want, b.String())
				}
			}
		})
	}
}

func seqs(entries []audit.Entry) []int64 {
	var s []int64
	for _, e := range entries {
		s = append(s, e.Seq)
	}
	return s
}
