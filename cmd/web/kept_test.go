package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/config"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/signing"
)

// logged is the log of a console that starts and ends with the record of k.
func (k kept) logged(t *testing.T, format string) string {
	t.Helper()
	keys, err := signing.ParseKeys(k.private)
	if err != nil {
		t.Fatal(err)
	}
	db, err := database.Open(t.Context(), k.address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var b bytes.Buffer
	log, _ := newLog(config.Config{LogFormat: format}, &logLines{to: &b})
	ended, end := context.WithCancel(t.Context())
	end()
	audit.NewMonitor(audit.New(audit.Options{DB: db, Keys: keys, Now: time.Now}), log, time.Now).Run(ended)
	return b.String()
}

// TestAuditVerifyTakesALog holds that the record is held against every checkpoint that stands in a log of the console.
func TestAuditVerifyTakesALog(t *testing.T) {
	t.Parallel()
	k := write(t, databasetest.SQLite(t))
	for _, format := range []string{config.JSON, config.Text, config.Journal} {
		log := k.logged(t, format) // which opens the database, so not while another verifies it
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			whole := file(t, "console.log", []byte("Nov 29 22:14:03 web[1]: "+log+log))
			got, err := k.verify(t, whole)
			if want := "checkpoint: " + whole + ", line 1, fits\n"; err != nil || !strings.Contains(got, want) || strings.Count(got, "fits") != 1 {
				t.Errorf("%v\n%s", err, got)
			}
			later := write(t, databasetest.SQLite(t))
			_, err = k.verify(t, file(t, "console.log", []byte(log+later.logged(t, format))), "--key="+later.public)
			failed(t, err, "line 2, was signed")
			cut, _, _ := strings.Cut(log, "\u2014")
			_, err = k.verify(t, file(t, "console.log", []byte(log+cut)))
			failed(t, err, "line 2, is not a checkpoint")
		})
	}
}

// TestAuditVerifyTakesACheckpointAsItWasKept holds that empty lines at its end, or the line ends of Windows, do not make a checkpoint
// another one.
func TestAuditVerifyTakesACheckpointAsItWasKept(t *testing.T) {
	t.Parallel()
	k := write(t, databasetest.SQLite(t))
	text := read(t, k.checkpoints[3])
	for _, kept := range []string{text + "\n\n", strings.ReplaceAll(text, "\n", "\r\n"), strings.TrimSpace(text)} {
		if got, err := k.verify(t, file(t, "c.txt", []byte(kept))); err != nil {
			t.Errorf("%q: %v\n%s", kept, err, got)
		}
	}
}

// TestManyCheckpointsAreCounted holds that a report does not name thousands of them.
func TestManyCheckpointsAreCounted(t *testing.T) {
	t.Parallel()
	var r audit.Report
	for n := range mostNamed + 2 {
		r.Checkpoints = append(r.Checkpoints, fmt.Sprint(n))
	}
	got := reportWords(r)
	if strings.Count(got, " fits\n") != mostNamed || !strings.Contains(got, "checkpoint: 2 more fit\n") {
		t.Error(got)
	}
}
