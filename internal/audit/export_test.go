package audit_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
)

func TestCSV(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		evil := revocation(audit.Party{ID: "@x", Name: "=HYPERLINK(\"http://evil\")", Email: "+1"}, ben, audit.Done)
		evil.Reason, evil.Ticket, evil.Detail = "-1, \"quoted\"", "\tx", "two\nlines"
		hashed := add(t, l, evil, revocation(ada, ben, audit.Asked))[0]
		var b bytes.Buffer
		if err := l.WriteCSV(t.Context(), &b, audit.Filter{OrganizationID: organization}); err != nil {
			t.Fatal(err)
		}
		if strings.Count(b.String(), "\n") != strings.Count(b.String(), "\r\n") {
			t.Errorf("lines must end in CR LF: %q", b.String())
		}
		records, err := csv.NewReader(&b).ReadAll()
		if err != nil || len(records) != 3 {
			t.Fatalf("%d records, %v", len(records), err)
		}
		got := map[string]string{}
		for i, name := range records[0] {
			got[name] = records[2][i]
		}
		want := map[string]string{
			"seq": "1", "at": "2026-03-01T09:00:00.123Z", "action": "revoke", "outcome": "done",
			"actor_id": "'@x", "actor_name": "'=HYPERLINK(\"http://evil\")", "actor_email": "'+1",
			"organization_id": organization, "organization_name": "Demo", "region": "mypurecloud.ie",
			"subject_id": "ben-id", "subject_name": "Ben Öztürk", "subject_email": "ben@demo.example",
			"reason": "'-1, \"quoted\"", "ticket": "'\tx", "detail": "two\nlines", "platform_status": "0", "correlation_id": "",
			"request_id": "", "client_address": "", "asks": "0", "open": "false", "previous": "", "hash": hashed.Hash,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestJSON(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		add(t, l, revocation(ada, ben, audit.Asked), revocation(ada, cleo, audit.Done))
		for filter, want := range map[audit.Filter]int{
			{OrganizationID: organization}:               2,
			{OrganizationID: organization, Person: "zz"}: 0,
		} {
			var b bytes.Buffer
			if err := l.WriteJSON(t.Context(), &b, filter); err != nil {
				t.Fatal(err)
			}
			var got []map[string]any
			if err := json.Unmarshal(b.Bytes(), &got); err != nil || len(got) != want || got == nil {
				t.Fatalf("%d entries, %v; want an array of %d: %s", len(got), err, want, b.String())
			}
			if want == 0 {
				continue
			}
			subject := map[string]any{"id": "ben-id", "name": "Ben Öztürk", "email": "ben@demo.example"}
			if diff := cmp.Diff(subject, got[1]["subject"]); diff != "" || got[1]["at"] != "2026-03-01T09:00:00.123Z" || got[1]["open"] != true {
				t.Errorf("%v\n%s", got[1], diff)
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
		five(t, l)
		filter := audit.Filter{OrganizationID: organization}
		if err := l.WriteCSV(t.Context(), &brokenPipe{100}, filter); !errors.Is(err, errGone) {
			t.Errorf("CSV: %v", err)
		}
		if err := l.WriteJSON(t.Context(), &brokenPipe{700}, filter); !errors.Is(err, errGone) {
			t.Errorf("JSON: %v", err)
		}
	})
}
