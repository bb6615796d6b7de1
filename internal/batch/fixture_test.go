package batch_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/batch"
	"tokenconsole/internal/database"
	"tokenconsole/internal/emulator"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/revocation"
	"tokenconsole/internal/signing"
)

const (
	admin      = "admin@demo.example"
	supervisor = "supervisor@demo.example"
	agent      = "agent@demo.example"
	region     = "demo"
)

var sessionKey = []byte("0123456789abcdef0123456789abcdef")

// fixture is batches on an emulated platform.
type fixture struct {
	testing.TB
	*batch.Service
	platform
	db      *database.DB
	record  *audit.Log
	key     signing.PublicKey
	calls   *genesys.Platform
	options batch.Options
}

// platform is an emulated Genesys Cloud.
type platform struct {
	t         testing.TB
	url       string
	transport http.RoundTripper
}

func newPlatform(t testing.TB, o emulator.Options) platform {
	t.Helper()
	if o.RateLimit == 0 {
		o.RateLimit = 1 << 20
	}
	server := httptest.NewServer(emulator.New(o))
	transport := genesys.NewTransport()
	t.Cleanup(func() { transport.CloseIdleConnections(); server.Close() })
	return platform{t, server.URL, transport}
}

// newFixture returns batches in db, on p.
func newFixture(t testing.TB, db *database.DB, p platform, change ...func(*batch.Options)) *fixture {
	t.Helper()
	keys, err := signing.ParseKeys(recordKey())
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{TB: t, platform: p, db: db, key: keys[0].Public()}
	f.Service, f.options, err = newService(db, keys, p.url, p.transport, slog.New(slog.DiscardHandler), change...)
	if err != nil {
		t.Fatal(err)
	}
	f.record, f.calls = f.options.Record, f.options.Platform
	return f
}

// newService returns batches in db, on the platform at url.
func newService(
	db *database.DB, keys []signing.Key, url string, transport http.RoundTripper, log *slog.Logger, change ...func(*batch.Options),
) (*batch.Service, batch.Options, error) {
	calls := genesys.NewPlatform([]genesys.Region{{Name: region, Domain: region, LoginURL: url, APIURL: url}}, transport)
	record := audit.New(audit.Options{DB: db, Keys: keys, Log: slog.New(slog.DiscardHandler)})
	o := batch.Options{
		DB: db, Record: record, Platform: calls, Keys: [][]byte{sessionKey}, Log: log, Now: time.Now,
		Revocations: &revocation.Service{Platform: calls, Record: record, Sessions: noSessions{}, Log: log, Now: time.Now},
	}
	for _, c := range change {
		c(&o)
	}
	s, err := batch.New(o)
	return s, o, err
}

// verbose is a log for worker processes: what they complain about is seen with go test -v.
func verbose() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

var recordKey = sync.OnceValue(func() string {
	private, _, err := signing.GenerateKey("tests")
	if err != nil {
		panic(err)
	}
	return private
})

type noSessions struct{}

func (noSessions) EndPerson(context.Context, genesys.UserID) error { return nil }

// send asks the emulator's back door, or its API with a token.
func (p platform) send(method, path string, body, reply any, token ...genesys.Secret) {
	p.t.Helper()
	content, err := json.Marshal(body)
	if err != nil {
		p.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, bytes.NewReader(content))
	if err != nil {
		p.t.Fatal(err)
	}
	for _, secret := range token {
		req.Header.Set("Authorization", "Bearer "+secret.Reveal())
	}
	resp, err := (&http.Client{Transport: p.transport}).Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= 300 {
		p.t.Fatalf("%s %s: %s %s %v", method, path, resp.Status, answer, err)
	}
	if reply != nil {
		if err := json.Unmarshal(answer, reply); err != nil {
			p.t.Fatal(err)
		}
	}
}

func (p platform) token(email string) genesys.Secret {
	p.t.Helper()
	var minted struct {
		AccessToken string `json:"access_token"`
	}
	p.send("POST", "/emulator/tokens", map[string]string{"email": email, "clientId": emulator.DemoClientID}, &minted)
	return genesys.NewSecret(minted.AccessToken)
}

// deletions counts the revocations that the platform was asked for, by person.
func (p platform) deletions() map[string]int {
	p.t.Helper()
	var requests []struct{ Method, Path string }
	p.send("GET", "/emulator/requests", nil, &requests)
	asked := map[string]int{}
	for _, r := range requests {
		if id, ok := strings.CutPrefix(r.Path, "/api/v2/tokens/"); ok && r.Method == http.MethodDelete {
			asked[id]++
		}
	}
	return asked
}

// by is somebody who signed in.
func (f *fixture) by(email string) batch.By {
	f.Helper()
	token := f.token(email)
	me, err := f.calls.Client(region).GetUsersMe(f.Context(), token)
	if err != nil {
		f.Fatal(err)
	}
	return batch.By{
		Person:       audit.Party{ID: me.ID.String(), Name: me.Name, Email: me.Email},
		Organization: audit.Organization{ID: me.Organization.ID, Name: me.Organization.Name},
		Region:       region, Token: token, RequestID: "request", Address: "192.0.2.7",
	}
}

// everybody are the active people of the organization but those who act in tests, as rows of a plan.
func (f *fixture) everybody() []batch.Person {
	f.Helper()
	var all []batch.Person
	for page := 1; ; page++ {
		var found struct {
			Entities []struct{ ID, Name, Email, State string }
		}
		f.send("GET", fmt.Sprintf("/api/v2/users?pageSize=100&pageNumber=%d", page), nil, &found, f.token(admin))
		for _, u := range found.Entities {
			id, err := genesys.ParseUserID(u.ID)
			if err != nil {
				f.Fatal(err)
			}
			if u.Email != admin && u.Email != supervisor {
				all = append(all, batch.Person{ID: id, Name: u.Name, Email: u.Email, Line: len(all) + 1, Input: u.Email, Plan: batch.ToRevoke})
			}
		}
		if len(found.Entities) < 100 {
			return all
		}
	}
}

// self is a row of the plan for who acts.
func self(by batch.By) batch.Person {
	id, _ := genesys.ParseUserID(by.Person.ID)
	return batch.Person{ID: id, Name: by.Person.Name, Email: by.Person.Email, Plan: batch.ToRevoke}
}

// entries are those of a batch on the record, oldest first. What a change of the batch came to is recorded a moment after
// it can be seen, and waited for.
func (f *fixture) entries(by batch.By, id string) []audit.Entry {
	f.Helper()
	limit := time.Now().Add(10 * time.Second)
	for {
		entries := f.entriesNow(by, id)
		if len(entries) == 0 || !entries[len(entries)-1].Open || time.Now().After(limit) {
			return entries
		}
	}
}

func (f *fixture) entriesNow(by batch.By, id string) (entries []audit.Entry) {
	f.Helper()
	err := f.record.Each(f.Context(), audit.Filter{OrganizationID: by.Organization.ID, Batch: id}, func(e audit.Entry) error {
		entries = append(entries, e)
		return nil
	})
	if err != nil {
		f.Fatal(err)
	}
	slices.SortFunc(entries, func(a, b audit.Entry) int { return cmp.Compare(a.Seq, b.Seq) })
	return entries
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
