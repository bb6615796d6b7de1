package audit_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
)

var all = audit.Filter{OrganizationID: organization.ID}

func exportCSV(t *testing.T, l *audit.Log) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := l.WriteCSV(t.Context(), &b, all); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCSV(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		e := full()
		e.Pruned, e.Reason = audit.Pruned{}, "two\nlines, \"quoted\"; =2+5"
		add(t, l, e, entry(ada, ben, audit.Asked))
		text := exportCSV(t, l)
		if strings.Count(text, "\n") != 3 || strings.Count(text, "\r\n") != 3 {
			t.Errorf("three lines must end in CR LF, and nothing else: %q", text)
		}
		records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil || len(records) != 3 {
			t.Fatalf("%d records, %v", len(records), err)
		}
		got := map[string]string{}
		for i, name := range records[0] {
			if v := records[2][i]; v != "" {
				got[name] = v
			}
		}
		want := map[string]string{
			"seq": "1", "at": "2026-03-01T09:00:00.123Z", "action": "revoke", "outcome": "done", "open": "false",
			"actor_id": "ada-id", "actor_name": "Ada Park", "actor_email": "ada@demo.example",
			"organization_id": organization.ID, "organization_name": "Demo", "region": "mypurecloud.ie",
			"subject_id": "ben-id", "subject_name": "Ben Öztürk", "subject_email": "ben@demo.example",
			"reason": `two\u000alines, "quoted";' =2+5`, "ticket": "SEC-7", "token": "9f86d081",
			"token_organization_id": "other", "token_organization_name": "Other", "change_from": "off", "change_to": "900 s",
			"problem": "permission-missing", "permission": "oauth:token:delete", "count": "7", "query": "person=ada",
			"token_issued_before": "2026-03-01T09:00:00.123Z", "token_issued_after": "2026-03-01T10:00:00.123Z",
			"read_at": "2026-03-01T11:00:00.123Z", "batch": "batch-1", "approval": "12", "platform_status": "204",
			"correlation_id": "c-1", "request_id": "r-1", "address": "2001:db8::1", "token_region": "mypurecloud.ie",
			"client_id": "cl", "client_name": "Feed", "plan": "9f86d081", "done": "1", "failed": "2", "unknown": "3",
			"skipped": "4", "playbook": "left", "steps": "deactivate tokens", "within": "3",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		for line := range strings.Lines(strings.TrimSuffix(text, "\r\n")) {
			for field := range strings.SplitSeq(strings.TrimSuffix(line, "\r\n"), `","`) {
				if line[0] != '"' || strings.HasSuffix(field, ",") {
					t.Errorf("a field is not quoted: %q", line)
				}
			}
		}
	})
}

// formulas are values that a spreadsheet would run, under one separator or another.
var formulas = []string{
	"=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", "\r=1", "\n=1", "  =1", "\u00a0=1", "＝1", "'=1", `"=1+1"`, `""=1`,
	"x;=1+1", "x,=1+1", "x\t=1+1", "x|=1+1", "x; =1", `x;"=1"`, `x";"=1`, "x;\u200b=1", "x\n=1", "x;;=1", "x;'=1", "x;-1",
	`=HYPERLINK("http://evil")`, "x;=cmd|' /C calc'!A0", "=\u202e1", "\ufeff=1", "\u202e=1",
}

// cells splits a line of a file as a program does that takes separator for the one it is in: quotes count only where a cell
// begins.
func cells(line string, separator byte) (found []string) {
	for {
		if strings.HasPrefix(line, `"`) {
			if end := closing1(line[1:]); end >= 0 {
				cell, rest := line[1:1+end], line[2+end:]
				found = append(found, strings.ReplaceAll(cell, `""`, `"`))
				i := strings.IndexByte(rest, separator)
				if i < 0 {
					return found
				}
				line = rest[i+1:]
				continue
			}
		}
		cell, rest, more := strings.Cut(line, string(separator))
		found = append(found, cell)
		if !more {
			return found
		}
		line = rest
	}
}

// closing1 is where the quoted text ends that s begins with, or -1.
func closing1(s string) int {
	for i := 0; i < len(s); i++ {
		if s[i] == '"' {
			if i+1 < len(s) && s[i+1] == '"' {
				i++
				continue
			}
			return i
		}
	}
	return -1
}

func TestNoCellBeginsAFormula(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		for _, f := range formulas {
			e := entry(audit.Party{ID: f, Name: f, Email: f}, ben, audit.Done)
			e.Reason, e.Ticket, e.Query = f, "a "+f, f
			add(t, l, e)
		}
		text := exportCSV(t, l)
		for _, separator := range []byte(",;\t|") {
			for line := range strings.Lines(text) {
				for _, cell := range cells(strings.TrimRight(line, "\r\n"), separator) {
					bare := strings.TrimLeft(cell, " \u00a0\"")
					if strings.IndexAny(bare, "=+-@＝＋－＠\t\r\n") == 0 {
						t.Errorf("split at %q: %q begins a formula in %q", separator, cell, line)
					}
				}
			}
		}
	})
}

// tricks are characters that change what a reader sees instead of being seen.
const tricks = "a\u202eb\u2066c\u200bd\u0000e\u001bf\u0085g\u2028h\u007fi\u00adj\ufeffk\rl\nm\tn\U000e0041o"

func TestNothingHiddenStandsRaw(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, _ *audit.Log) {
		for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
			"text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
			"json": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
		} {
			var log, json bytes.Buffer
			l := audit.New(audit.Options{DB: db, Keys: key.keys, Log: slog.New(handler(&log)), Now: clock()})
			e := entry(audit.Party{ID: tricks, Name: tricks, Email: tricks}, ben, audit.Done)
			e.Reason, e.Ticket, e.Change.From, e.Address = tricks, tricks, tricks, tricks
			add(t, l, e)
			if _, err := l.WriteJSON(t.Context(), &json, all); err != nil {
				t.Fatal(err)
			}
			receipt, err := l.Receipt(t.Context(), organization.ID, 1)
			if err != nil {
				t.Fatal(err)
			}
			file, err := receipt.JSON()
			if err != nil {
				t.Fatal(err)
			}
			for where, text := range map[string]string{"log as " + name: log.String(), "JSON": json.String(),
				"CSV": strings.ReplaceAll(exportCSV(t, l), "\r\n", "\n"), "receipt": string(file)} {
				for _, r := range text {
					if r != '\n' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)) {
						t.Errorf("%s holds %U raw: %q", where, r, text)
						break
					}
				}
				if !strings.Contains(text, "u202e") {
					t.Errorf("%s does not show what it hides: %q", where, text)
				}
			}
			if n := strings.Count(log.String(), "\n"); n != 1 {
				t.Errorf("%d lines in the log:\n%s", n, log.String())
			}
		}
	})
}

func TestJSON(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		add(t, l, entry(ada, ben, audit.Asked), entry(ada, cleo, audit.Done))
		for filter, want := range map[audit.Filter]int64{all: 2, {OrganizationID: organization.ID, Person: "zz"}: 0} {
			var b bytes.Buffer
			if n, err := l.WriteJSON(t.Context(), &b, filter); err != nil || n != want {
				t.Fatal(n, err)
			}
			var got []map[string]any
			if err := json.Unmarshal(b.Bytes(), &got); err != nil || int64(len(got)) != want || got == nil {
				t.Fatalf("%d entries, %v; want an array of %d: %s", len(got), err, want, b.String())
			}
			if want == 0 {
				continue
			}
			expected := map[string]any{
				"seq": 1.0, "at": "2026-03-01T09:00:00.123Z", "action": "revoke", "outcome": "asked", "region": "mypurecloud.ie",
				"actor":        map[string]any{"id": "ada-id", "name": "Ada Park", "email": "ada@demo.example"},
				"subject":      map[string]any{"id": "ben-id", "name": "Ben Öztürk", "email": "ben@demo.example"},
				"organization": map[string]any{"id": organization.ID, "name": "Demo"}, "reason": "lost phone", "open": true,
			}
			if diff := cmp.Diff(expected, got[1]); diff != "" {
				t.Error(diff)
			}
		}
	})
}

// brokenPipe is a client that goes away after some bytes.
type brokenPipe struct{ left int }

var errGone = errors.New("gone")

func (w *brokenPipe) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, errGone
	}
	return len(p), nil
}

func TestExportsReportAFailedWrite(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		if err := l.AppendAll(t.Context(), slices.Repeat([]audit.Entry{full2(), entry(ada, ben, audit.Done)}, 200)); err != nil {
			t.Fatal(err)
		}
		for _, left := range []int{0, 40_000} {
			if _, err := l.WriteCSV(t.Context(), &brokenPipe{left}, all); !errors.Is(err, errGone) {
				t.Errorf("CSV: %v", err)
			}
			if _, err := l.WriteJSON(t.Context(), &brokenPipe{left}, all); !errors.Is(err, errGone) {
				t.Errorf("JSON: %v", err)
			}
		}
	})
}

func full2() audit.Entry {
	e := full()
	e.Pruned = audit.Pruned{}
	return e
}

// Each entry is a line in the log with its place and the root of the tree, so that a log kept elsewhere is a witness.
func TestEachEntryIsALogLineWithItsRoot(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	db := databasetest.Open(t, databasetest.SQLite(t))
	l := audit.New(audit.Options{DB: db, Keys: key.keys, Log: slog.New(slog.NewJSONHandler(&b, nil)), Now: clock()})
	for range 3 {
		add(t, l, full2())
		lines := strings.Split(strings.TrimSpace(b.String()), "\n")
		var line struct {
			Seq, Count, Within int64
			Root               string
			Closes             *int64
		}
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &line); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(checkpoint(t, l), "\n"+line.Root+"\n") || line.Seq != int64(len(lines)) ||
			line.Count != full2().Count || line.Within != full2().Within || line.Closes != nil {
			t.Errorf("%+v does not fit the checkpoint %q", line, checkpoint(t, l))
		}
	}
}
