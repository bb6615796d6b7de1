package comeback

import (
	"sync"
	"testing"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/signing"
)

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// organization is that of every test.
var organization = audit.Organization{ID: "o", Name: "Organization"}

// fixture is a service with a record and a clock of its own.
type fixture struct {
	*Service
	t testing.TB

	mu   sync.Mutex
	time time.Time
}

func newFixture(t testing.TB, db *database.DB) *fixture {
	t.Helper()
	private, err := recordKey()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := signing.ParseKeys(private)
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{t: t, time: now}
	record := audit.New(audit.Options{DB: db, Keys: keys, Now: f.now})
	f.Service = &Service{Record: record, DB: db, For: 24 * time.Hour, Now: f.now}
	return f
}

var recordKey = sync.OnceValues(func() (string, error) {
	private, _, err := signing.GenerateKey("tests")
	return private, err
})

func (f *fixture) now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.time
}

// to sets the clock to so long after the beginning.
func (f *fixture) to(after time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.time = now.Add(after)
}

func party(id genesys.UserID) audit.Party { return audit.Party{ID: id.String(), Name: "Name"} }

// revoked puts a revocation of who on the record, as an act with its outcome; Asked
// leaves it open.
func (f *fixture) revoked(by, who genesys.UserID, outcome audit.Outcome) audit.Entry {
	f.t.Helper()
	e := audit.Entry{
		Action: audit.Revoke, Outcome: audit.Asked, Organization: organization, Actor: party(by), Subject: party(who),
	}
	written := f.append(e)
	if outcome != audit.Asked {
		e.Outcome, e.Closes = outcome, written.Seq
		written = f.append(e)
	}
	return written
}

func (f *fixture) append(e audit.Entry) audit.Entry {
	f.t.Helper()
	written, err := f.Record.Append(f.t.Context(), e)
	if err != nil {
		f.t.Fatal(err)
	}
	return written
}

// issued tells that who got a token now.
func (f *fixture) issued(who genesys.UserID) {
	f.t.Helper()
	err := f.keep(f.t.Context(), organization.ID, []row{rowOf(who, Token{Issued: f.now(), ReadAt: f.now()})})
	if err != nil {
		f.t.Fatal(err)
	}
}

// of is what is known of who, who has to be watched.
func (f *fixture) of(who genesys.UserID) Person {
	f.t.Helper()
	p, watched, err := f.Of(f.t.Context(), organization.ID, who, time.Time{})
	if err != nil || !watched {
		f.t.Fatalf("watched: %t, %v", watched, err)
	}
	return p
}

func userID(t testing.TB, text string) genesys.UserID {
	t.Helper()
	id, err := genesys.ParseUserID(text)
	if err != nil {
		t.Fatal(err)
	}
	return id
}
