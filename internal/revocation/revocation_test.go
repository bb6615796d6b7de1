package revocation_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/revocation"
	"tokenconsole/internal/signing"
)

const (
	someone = "6e61b501-d95a-56be-b87a-009ea80487d7"
	actor   = "0f1e2d3c-0000-4000-8000-000000000001"
)

var (
	noon   = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	before = noon.Add(-time.Hour)
	after  = noon.Add(time.Second)
)

// console revokes on a platform that gives the answers of a test.
type console struct {
	revocation.Service
	mu    sync.Mutex
	log   strings.Builder
	asked []string // of the platform
	ended []string // sessions, by person
}

// EndPerson implements [revocation.Sessions].
func (c *console) EndPerson(_ context.Context, id genesys.UserID) error {
	c.ended = append(c.ended, id.String())
	return errors.New("which is logged")
}

// newConsole returns a console. The platform answers with the statuses in turn, of looking up and of deleting.
func newConsole(t *testing.T, lookUps []int, deletion int) *console {
	t.Helper()
	c := new(console)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.asked = append(c.asked, r.Method)
		w.Header().Set("Content-Type", "application/json")
		if r.Method == http.MethodDelete {
			w.WriteHeader(deletion)
			return
		}
		issued := before
		if slices.Contains(c.asked, http.MethodDelete) {
			issued = after
		}
		w.WriteHeader(lookUps[0])
		lookUps = lookUps[1:]
		_, _ = io.WriteString(w, `{"id":"`+someone+`","name":"Ada","email":"ada@demo.example","lastTokenIssued":{"dateIssued":"`+issued.Format(time.RFC3339)+`"}}`)
	}))
	transport := genesys.NewTransport()
	t.Cleanup(func() { transport.CloseIdleConnections(); server.Close() })
	private, _, err := signing.GenerateKey("tests")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := signing.ParseKeys(private)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(&c.log, nil))
	c.Service = revocation.Service{
		Platform: genesys.NewPlatform([]genesys.Region{{Domain: "demo", APIURL: server.URL}}, transport),
		Record:   audit.New(audit.Options{DB: databasetest.Open(t, databasetest.SQLite(t)), Keys: keys, Log: slog.New(slog.DiscardHandler)}),
		Sessions: c, Log: log, Now: func() time.Time { return noon },
	}
	return c
}

func id(t *testing.T, text string) genesys.UserID {
	t.Helper()
	id, err := genesys.ParseUserID(text)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// What is asked of the platform for an order, what is put on the record, and whose sessions end.
func TestRevoke(t *testing.T) {
	t.Parallel()
	known := &revocation.Subject{User: genesys.User{ID: id(t, someone), Email: "ada@demo.example"}, ReadAt: before}
	for name, test := range map[string]struct {
		lookUps   []int
		deletion  int
		order     revocation.Order
		protected []string
		asked     string
		record    string // actions and outcomes
		ended     bool
		err       error
	}{
		"as a rule":       {[]int{200, 200}, 204, revocation.Order{}, nil, "GET DELETE GET", "revoke asked, revoke done, read-evidence done", true, nil},
		"not read again":  {[]int{200, 500}, 204, revocation.Order{}, nil, "GET DELETE GET", "revoke asked, revoke done", true, nil},
		"not looked up":   {[]int{500, 200}, 204, revocation.Order{}, nil, "GET DELETE GET", "revoke asked, revoke done, read-evidence done", true, nil},
		"refused":         {[]int{200}, 403, revocation.Order{}, nil, "GET DELETE", "revoke asked, revoke refused", false, nil},
		"of unknown end":  {[]int{200}, 500, revocation.Order{}, nil, "GET DELETE", "revoke asked, revoke unknown", false, nil},
		"with dead token": {[]int{401}, 204, revocation.Order{}, nil, "GET", "", false, genesys.ErrUnauthorized},
		"known before":    {nil, 204, revocation.Order{Known: known}, nil, "DELETE", "revoke asked, revoke done", true, nil},
		"known, followed": {[]int{200}, 204, revocation.Order{Known: known, Follow: true}, nil, "DELETE GET", "revoke asked, revoke done, read-evidence done", true, nil},
		"of oneself":      {[]int{200}, 204, revocation.Order{Actor: audit.Party{ID: someone}}, nil, "GET DELETE", "revoke asked, revoke done", true, nil},
		"protected":       {[]int{200}, 204, revocation.Order{}, []string{"ada@demo.example"}, "GET", "", false, revocation.ErrProtected},
		"protected, in a batch": {nil, 204, revocation.Order{Known: known, Batch: "b"}, []string{"ada@demo.example"}, "",
			"revoke asked, revoke refused", false, nil},
		"protected, typed": {[]int{200, 200}, 204, revocation.Order{Typed: "ada@demo.example"}, []string{"ada@demo.example"}, "GET DELETE GET",
			"revoke asked, revoke done, read-evidence done", true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newConsole(t, test.lookUps, test.deletion)
			c.Protected = revocation.NewProtected(test.protected)
			o := test.order
			o.Region, o.Token, o.Subject, o.Reason = "demo", genesys.NewSecret("x"), id(t, someone), "phone lost"
			o.Organization = audit.Organization{ID: "o", Name: "Demo"}
			if o.Actor.ID == "" {
				o.Actor.ID = actor
			}
			report, err := c.Revoke(t.Context(), o)
			if !errors.Is(err, test.err) {
				t.Fatal(err)
			}
			if got := strings.Join(c.asked, " "); got != test.asked {
				t.Errorf("asked %q, want %q", got, test.asked)
			}
			if len(c.ended) > 0 != test.ended || strings.Contains(c.log.String(), "sessions of a person could not be ended") != test.ended {
				t.Errorf("sessions ended: %q, logged %s", c.ended, &c.log)
			}
			entries := entries(t, c)
			var record []string
			for _, e := range entries {
				record = append(record, string(e.Action)+" "+string(e.Outcome))
			}
			if got := strings.Join(record, ", "); got != test.record {
				t.Fatalf("on the record: %q, want %q", got, test.record)
			}
			if len(entries) == 0 {
				return
			}
			first := audit.Evidence{TokenIssuedBefore: before, ReadAt: noon}
			switch {
			case o.Known != nil:
				first = audit.Evidence{ReadAt: before}
			case test.lookUps[0] != 200:
				first.TokenIssuedBefore = time.Time{}
			}
			last := first
			if strings.HasSuffix(test.record, "read-evidence done") {
				last.TokenIssuedAfter, last.ReadAt = after, noon
				about := entries[len(entries)-1]
				if about.About != report.Act.Asked.Seq || about.Reason != "" || entries[0].Reason != "phone lost" {
					t.Errorf("%+v", about)
				}
			}
			if d := cmp.Diff(first, entries[0].Evidence); d != "" {
				t.Errorf("asked with, -want +got:\n%s", d)
			}
			if d := cmp.Diff(last, entries[len(entries)-1].Evidence); d != "" || !cmp.Equal(last, report.Evidence) {
				t.Errorf("ends with, -want +got:\n%s, reported %+v", d, report.Evidence)
			}
		})
	}
}

// What the policy does not allow is not done.
func TestRevokeWithoutAReason(t *testing.T) {
	t.Parallel()
	c := newConsole(t, []int{200}, 204)
	_, err := c.Revoke(t.Context(), revocation.Order{Region: "demo", Subject: id(t, someone), Organization: audit.Organization{ID: "o"}})
	if told, ok := errors.AsType[*revocation.FormError](err); !ok || told.Reason != revocation.Missing {
		t.Errorf("%v", err)
	}
	if slices.Contains(c.asked, http.MethodDelete) || len(entries(t, c)) > 0 {
		t.Errorf("asked %q, on the record %v", c.asked, entries(t, c))
	}
}

func entries(t *testing.T, c *console) (entries []audit.Entry) {
	t.Helper()
	err := c.Record.Each(t.Context(), audit.Filter{OrganizationID: "o"}, func(e audit.Entry) error {
		entries = append(entries, e)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(entries, func(a, b audit.Entry) int { return int(a.Seq - b.Seq) })
	return entries
}
