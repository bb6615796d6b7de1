package main

import (
	"bytes"
	"database/sql"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/config"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/signing"
)

// kept is a record that a console wrote, and what somebody keeps of it elsewhere.
type kept struct {
	address, private, public string
	checkpoints              []string // files, one for each entry
	receipt                  string   // file; of the act that entries 1 and 2 are
}

// write makes a record of four entries at address: an act that is done, one
// that was refused, and one that is open.
func write(t *testing.T, address string) kept {
	t.Helper()
	k := kept{address: address}
	var err error
	if k.private, k.public, err = signing.GenerateKey("console.example"); err != nil {
		t.Fatal(err)
	}
	keys, err := signing.ParseKeys(k.private)
	if err != nil {
		t.Fatal(err)
	}
	db, err := database.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	record := audit.New(audit.Options{DB: db, Keys: keys, Now: time.Now})
	act := audit.Entry{
		Action: audit.Revoke, Organization: audit.Organization{ID: "o", Name: "Demo"}, Reason: "phone lost\nproven: all",
		Actor: audit.Party{ID: "a", Name: "Ada"}, Subject: audit.Party{ID: "b", Name: "Ben \u202e"},
	}
	for i, outcome := range []audit.Outcome{audit.Asked, audit.Done, audit.Refused, audit.Asked} {
		e := act
		if e.Outcome = outcome; outcome == audit.Done {
			e.Closes = int64(i)
		}
		if _, err := record.Append(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		text, err := record.Checkpoint(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		k.checkpoints = append(k.checkpoints, file(t, "checkpoint.txt", []byte(text)))
	}
	k.receipt = receipt(t, record)
	return k
}

func receipt(t *testing.T, record *audit.Log) string {
	t.Helper()
	r, err := record.Receipt(t.Context(), "o", 1)
	if err != nil {
		t.Fatal(err)
	}
	data, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return file(t, "receipt.json", data)
}

// file writes a file into a directory of its own.
func file(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// verify runs `web audit verify` on k with its public key.
func (k kept) verify(t *testing.T, args ...string) (string, error) {
	t.Helper()
	return output(t, append([]string{"audit", "verify", "--database-url=" + k.address, "--key=" + k.public}, args...)...)
}

// failed holds that a command failed with words, and not for its settings: its exit code is 1 then.
func failed(t *testing.T, err error, words string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), words) {
		t.Fatalf("%v; want %q", err, words)
	}
	if _, ok := errors.AsType[config.Problems](err); ok {
		t.Errorf("passes for a fault of the settings: %v", err)
	}
}

func TestAuditVerifyWhole(t *testing.T) {
	t.Parallel()
	databasetest.EachURL(t, func(t *testing.T, address string) {
		k := write(t, address)
		for n, args := range [][]string{{}, k.checkpoints[:1], k.checkpoints} {
			got, err := k.verify(t, args...)
			if err != nil {
				t.Errorf("with %d checkpoints: %v", n, err)
			}
			want := []string{"whole: the record of 4 entries is as the console wrote it\n", "entries: 4 there, of 4 ever written\n",
				"open: 1, of which nobody recorded what came: 4\n", "people: 2\n", "signature: by the key console.example+"}
			if len(args) == 0 {
				want = append(want, "note: no checkpoint kept elsewhere was given")
			}
			for _, name := range args {
				want = append(want, "checkpoint: "+name+" fits\n")
			}
			for _, words := range want {
				if !strings.Contains(got, words) {
					t.Errorf("%q is not said:\n%s", words, got)
				}
			}
		}
	})
}

// The console's own key is believed when no other is given.
func TestAuditVerifyTakesTheKeyOfTheConsole(t *testing.T) {
	t.Parallel()
	k := write(t, databasetest.SQLite(t))
	env := map[string]string{"CONSOLE_RECORD_KEY": k.private, "CONSOLE_DATABASE_URL": k.address}
	err := run(t.Context(), []string{"audit", "verify"}, func(name string) string { return env[name] }, io.Discard, io.Discard)
	if err != nil {
		t.Error(err)
	}
}

func TestAuditVerifyBroken(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ tamper, want string }{
		"changed":       {"UPDATE audit_entries SET body = x'7b7d' WHERE seq = 2", "entry 2 was changed after it was written"},
		"removed":       {"DELETE FROM audit_entries WHERE seq = 2", "entry 2 is missing, and no pruning on the record covers it"},
		"cut off":       {"UPDATE audit_head SET size = 3", "the end of the record was moved from entry 4 to entry 3"},
		"hidden":        {"UPDATE audit_acts SET outcome = 'done'", "the act that entry 4 began is hidden from the list of acts"},
		"without end":   {"DELETE FROM audit_head", "the end of the record"},
		"without tree":  {"DROP TABLE audit_tree", "audit_tree"},
		"fake pruning":  {"UPDATE audit_head SET pruned = 2", "no pruning on the record goes that far"},
		"a forged name": {"UPDATE audit_people SET name = 'Eve' WHERE id = 'b'", "entry 1 is filed under another subject than it names"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := write(t, databasetest.SQLite(t))
			execute(t, k.address, test.tamper)
			for _, args := range [][]string{{}, k.checkpoints} {
				got, err := k.verify(t, args...)
				if failed(t, err, ""); !strings.Contains(got+err.Error(), test.want) || strings.Contains(got, "whole:") {
					t.Errorf("%q is not said: %s%v", test.want, got, err)
				}
			}
		})
	}
}

// A copy of yesterday is whole by itself. What was kept elsewhere tells.
func TestAuditVerifyTellsAnOlderCopy(t *testing.T) {
	t.Parallel()
	k := write(t, databasetest.SQLite(t))
	path := strings.TrimPrefix(k.address, "sqlite:")
	older := read(t, path)
	keys, err := signing.ParseKeys(k.private)
	if err != nil {
		t.Fatal(err)
	}
	db := databasetest.Open(t, k.address)
	record := audit.New(audit.Options{DB: db, Keys: keys})
	if _, err := record.Append(t.Context(), audit.Entry{Action: audit.SignIn, Outcome: audit.Done}); err != nil {
		t.Fatal(err)
	}
	text, err := record.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	k.address = "sqlite:" + file(t, "console.db", []byte(older))
	if _, err := k.verify(t); err != nil {
		t.Errorf("by itself: %v", err)
	}
	got, err := k.verify(t, file(t, "today.txt", []byte(text)))
	failed(t, err, "the record was cut off after entry 4")
	if strings.Contains(got, "whole:") || !strings.Contains(got, "entries: 4 there, of 5 ever written\n") {
		t.Error(got)
	}
}

func TestAuditVerifyDoesNotIgnoreWhatItCannotCheck(t *testing.T) {
	t.Parallel()
	k, stranger := write(t, databasetest.SQLite(t)), write(t, databasetest.SQLite(t))
	whole := read(t, k.checkpoints[3])
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"a file that is missing":     {[]string{filepath.Join(t.TempDir(), "gone.txt")}, "a checkpoint cannot be checked"},
		"an empty file":              {[]string{file(t, "c.txt", nil)}, "is not a checkpoint of this console's record"},
		"something else":             {[]string{k.receipt}, "is not a checkpoint of this console's record"},
		"half of one":                {[]string{file(t, "c.txt", []byte(whole[:30]))}, "is not a checkpoint"},
		"one that was changed":       {[]string{file(t, "c.txt", []byte(strings.Replace(whole, "\n4\n", "\n3\n", 1)))}, "has a signature that is false"},
		"one of another console":     {[]string{stranger.checkpoints[0]}, "is not signed by a key given here"},
		"a good one and a bad one":   {[]string{k.checkpoints[0], stranger.checkpoints[0]}, "is not signed by a key given here"},
		"a believed key of another":  {[]string{"--key=" + stranger.public, stranger.checkpoints[0]}, "the record was rewritten"},
		"a directory":                {[]string{t.TempDir()}, "a checkpoint cannot be checked"},
		"the database as checkpoint": {[]string{strings.TrimPrefix(k.address, "sqlite:")}, "is not a checkpoint"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := k.verify(t, test.args...)
			if failed(t, err, test.want); strings.Contains(got, "whole:") {
				t.Error(got)
			}
		})
	}
	_, err := output(t, "audit", "verify", "--database-url="+k.address)
	failed(t, err, "was not checked, as no public key was given; give its public key with --key")
	_, err = output(t, "audit", "verify", "--database-url="+k.address, "--key="+stranger.public)
	failed(t, err, "is not signed by a key given here")
}

// commands are those that read the record.
func commands(k kept) [][]string {
	return [][]string{{"audit", "verify", "--key=" + k.public}, {"audit", "checkpoint"}}
}

func TestWithoutARecordThereAreWords(t *testing.T) {
	t.Parallel()
	k, folder := write(t, databasetest.SQLite(t)), t.TempDir()
	older := write(t, databasetest.SQLite(t))
	execute(t, older.address, "DELETE FROM goose_db_version WHERE version_id = (SELECT max(version_id) FROM goose_db_version)")
	newer := write(t, databasetest.SQLite(t))
	execute(t, newer.address, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)")
	empty := databasetest.SQLite(t)
	execute(t, empty)
	for name, test := range map[string]struct{ address, want string }{
		"missing":                 {"sqlite:" + folder + "/console.db", "there is no database at " + folder},
		"in no folder":            {"sqlite:" + folder + "/none/console.db", "there is no database at " + folder},
		"an empty file":           {"sqlite:" + file(t, "empty.db", nil), "is empty"},
		"another file":            {"sqlite:" + file(t, "junk.db", bytes.Repeat([]byte("junk"), 1000)), "is not a SQLite database"},
		"a folder":                {"sqlite:" + folder, "is a directory"},
		"a foreign database":      {foreign(t), "is not one of this console"},
		"an older console's":      {older.address, "of an older version of the console"},
		"a newer console's":       {newer.address, "of a newer version of the console"},
		"a record without entry":  {empty, "the record is empty"},
		"an unknown kind":         {"mysql:x", "CONSOLE_DATABASE_URL"},
		"PostgreSQL, not there":   {"postgres://127.0.0.1:1/x?connect_timeout=5", "connecting to PostgreSQL"},
		"PostgreSQL, not ours":    {databasetest.PostgreSQL(t), "is not one of this console"},
		"PostgreSQL, no password": {"postgres://u:hunter2@127.0.0.1:1/x", "connecting to PostgreSQL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, args := range commands(k) {
				got, err := output(t, append(args, "--database-url="+test.address)...)
				failed(t, err, test.want)
				if got != "" || strings.Contains(err.Error(), "hunter2") {
					t.Errorf("%v: %q, %v", args, got, err)
				}
			}
		})
	}
	t.Cleanup(func() {
		if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
			t.Errorf("looking for a record made %v, %v", left, err)
		}
	})
}

// foreign makes a SQLite database of another program.
func foreign(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "foreign.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE songs (name TEXT)"); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}

// Reading the record changes no byte of it and makes no file, whether a console has it open or none does.
func TestReadingTheRecordChangesNothing(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]bool{"at rest": false, "open": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := write(t, databasetest.SQLite(t))
			folder := filepath.Dir(strings.TrimPrefix(k.address, "sqlite:"))
			if open {
				databasetest.Open(t, k.address)
			}
			before := contents(t, folder)
			for _, args := range commands(k) {
				if _, err := output(t, append(args, "--database-url="+k.address)...); err != nil {
					t.Errorf("%v: %v", args, err)
				}
			}
			if diff := cmp.Diff(before, contents(t, folder)); diff != "" {
				t.Errorf("-before +after:\n%s", diff)
			}
		})
	}
}

// contents are the files of a folder. What readers note in the shared memory beside the database is none of it.
func contents(t *testing.T, folder string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, e := range entries {
		all[e.Name()] = "shared memory"
		if !strings.HasSuffix(e.Name(), "-shm") {
			all[e.Name()] = read(t, filepath.Join(folder, e.Name()))
		}
	}
	return all
}

// A demo keeps its record where it is told to, signed with the key that it was given.
func TestADemoKeepsTheRecordItWasGiven(t *testing.T) {
	t.Parallel()
	k := kept{address: databasetest.SQLite(t)}
	var err error
	if k.private, k.public, err = signing.GenerateKey("console.example"); err != nil {
		t.Fatal(err)
	}
	d := startDemoHere(t, "--database-url="+k.address, "--record-key="+k.private)
	d.declineSignIn()
	d.stop()
	d.ended()
	got, err := k.verify(t)
	if err != nil || !strings.Contains(got, "entries: 1 there, of 1 ever written\n") || !strings.Contains(got, "whole: the record of 1 entry is ") {
		t.Errorf("%v: %s", err, got)
	}
}

// declineSignIn begins to sign in, and then does not let the console in.
func (d *demo) declineSignIn() {
	d.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		d.Fatal(err)
	}
	d.client.Jar = jar
	d.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	begin, err := http.NewRequestWithContext(d.Context(), http.MethodPost, d.console+"/login", nil)
	if err != nil {
		d.Fatal(err)
	}
	begin.Header.Set("Origin", d.console)
	begin.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := d.client.Do(begin)
	if err != nil {
		d.Fatal(err)
	}
	resp.Body.Close()
	platform, err := resp.Location()
	if err != nil {
		d.Fatalf("%v: %s", err, resp.Status)
	}
	back := url.Values{"state": {platform.Query().Get("state")}, "error": {"access_denied"}}
	d.get(d.console + "/oauth/callback?" + back.Encode())
}

func TestAuditCheckpoint(t *testing.T) {
	t.Parallel()
	databasetest.EachURL(t, func(t *testing.T, address string) {
		k := write(t, address)
		got, err := output(t, "audit", "checkpoint", "--database-url="+address)
		if want := read(t, k.checkpoints[3]); err != nil || got != want {
			t.Errorf("%q, %v; want %q", got, err, want)
		}
	})
}

// execute runs statements on a record that has nothing to guard it.
func execute(t *testing.T, address string, statements ...string) {
	t.Helper()
	db, err := database.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if len(statements) == 0 {
		return
	}
	for _, s := range append(withoutTriggers(t, db), statements...) {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// withoutTriggers are the statements that take what guards a SQLite record away.
func withoutTriggers(t *testing.T, db *database.DB) (drop []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT name FROM sqlite_schema WHERE type = 'trigger'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		drop = append(drop, "DROP TRIGGER "+name)
	}
	return drop
}
