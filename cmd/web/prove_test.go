package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/config"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/signing"
)

func TestAuditProve(t *testing.T) {
	t.Parallel()
	k := write(t, databasetest.SQLite(t))
	got, err := output(t, "audit", "prove", "--key="+k.public, k.receipt)
	if err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{
		"proven: 2 entries are on the record of 4 entries that the key console.example+",
		"entry 1, ", ": revoke, asked\n", "entry 2, ", ": revoke, done\n", "  by: Ada (a)\n", "  closes entry: 1\n",
		`  on: Ben \u202e (b)` + "\n", `  reason: phone lost\u000aproven: all` + "\n", "  organization: Demo (o)\n", "\nroot: ",
	} {
		if !strings.Contains(got, words) {
			t.Errorf("%q is not said:\n%s", words, got)
		}
	}
	if n := strings.Count(got, "\nproven:"); n != 0 {
		t.Errorf("an entry's text makes a line of its own:\n%s", got)
	}
}

// Whatever an entry says is said of it: each of its values, set alone, shows.
func TestAuditProveSaysEverything(t *testing.T) {
	t.Parallel()
	eachValue(reflect.TypeFor[audit.Entry](), nil, func(name string, index []int) {
		if name == "Open" {
			return // no part of an entry
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := audit.Entry{}
			want := set(t, reflect.ValueOf(&e).Elem().FieldByIndex(index))
			got := provenWords(audit.Proven{Entries: []audit.Entry{e}})
			if nothing := provenWords(audit.Proven{Entries: []audit.Entry{{}}}); !strings.Contains(got, want) || strings.Contains(nothing, want) {
				t.Errorf("%q is not said of it:\n%s", want, got)
			}
		})
	})
}

// eachValue calls with the name and the index of every value in a struct, and in the structs of this module within it.
func eachValue(of reflect.Type, at []int, with func(name string, index []int)) {
	for i := range of.NumField() {
		f, index := of.Field(i), append(slices.Clone(at), i)
		if f.Type.Kind() == reflect.Struct && f.Type != reflect.TypeFor[time.Time]() {
			eachValue(f.Type, index, func(name string, index []int) { with(f.Name+"."+name, index) })
			continue
		}
		with(f.Name, index)
	}
}

// set gives v a value, and returns how that is written.
func set(t *testing.T, v reflect.Value) string {
	t.Helper()
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Date(2031, 7, 9, 3, 4, 5, 0, time.UTC)))
		return "2031-07-09 03:04:05.000 UTC"
	case int, int64:
		v.SetInt(77131)
		return "77131"
	}
	v.SetString("its own text")
	return "its own text"
}

func TestAuditProveRefuses(t *testing.T) {
	t.Parallel()
	k, stranger := write(t, databasetest.SQLite(t)), write(t, databasetest.SQLite(t))
	good := read(t, k.receipt)
	changed := func(old, text string) string {
		t.Helper()
		if !strings.Contains(good, old) {
			t.Fatalf("the receipt has no %q:\n%s", old, good)
		}
		return file(t, "receipt.json", []byte(strings.Replace(good, old, text, 1)))
	}
	for name, test := range map[string]struct{ path, want string }{
		"missing":             {filepath.Join(t.TempDir(), "gone.json"), "the receipt cannot be read"},
		"a folder":            {t.TempDir(), "the receipt cannot be read"},
		"empty":               {file(t, "receipt.json", nil), "is not JSON"},
		"a checkpoint":        {k.checkpoints[0], "is not JSON"},
		"half of one":         {file(t, "receipt.json", []byte(good[:len(good)/2])), "is not JSON"},
		"another JSON":        {file(t, "receipt.json", []byte(`{"a": 1}`)), "it has not the fields of one"},
		"another format":      {changed("tokenconsole-receipt-1", "tokenconsole-receipt-2"), "not a receipt of the format"},
		"a name changed":      {changed(`"name": "Ada"`, `"name": "Eve"`), "entry 1, the receipt's number 1, is not on the record"},
		"an outcome changed":  {changed(`"outcome": "done"`, `"outcome": "failed"`), "entry 2, the receipt's number 2, is not on the record"},
		"a place changed":     {changed(`"index": 0`, `"index": 2`), "entry 3, the receipt's number 1, says that it is entry 1"},
		"the size changed":    {changed(`example\n4\n`, `example\n9\n`), "has a signature that is false"},
		"something twice":     {changed(`"outcome": "done"`, `"outcome": "done", "Outcome": "done"`), "says \"outcome\" twice"},
		"something more":      {changed(`"index": 0`, `"index": 0, "note": "x"`), "it has not the fields of one"},
		"an unknown field":    {changed(`"outcome": "done"`, `"outcome": "done", "note": "x"`), "entry 2, the receipt's number 2, says something that an entry does not say"},
		"a field in capitals": {changed(`"outcome": "done"`, `"OUTCOME": "done"`), "entry 2, the receipt's number 2, says something that an entry does not say"},
		"a beginning cut off": {cut(t, good, 0), "entry 2 belongs to entry 1, which is missing from it"},
		"from another record": {stranger.receipt, "is not signed by a key given here: it names "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := output(t, "audit", "prove", "--key="+k.public, test.path)
			if failed(t, err, test.want); got != "" {
				t.Errorf("it says %q all the same", got)
			}
		})
	}
}

// cut is the receipt without its entry number i.
func cut(t *testing.T, receipt string, i int) string {
	t.Helper()
	var r audit.Receipt
	if err := json.Unmarshal([]byte(receipt), &r); err != nil {
		t.Fatal(err)
	}
	r.Entries = slices.Delete(r.Entries, i, i+1)
	data, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return file(t, "receipt.json", data)
}

// A receipt says which entries of the act it holds, and that the outcome is not among them.
func TestAuditProveTellsWhatTheReceiptHolds(t *testing.T) {
	t.Parallel()
	k := write(t, databasetest.SQLite(t))
	const missing = "its outcome is NOT in this receipt"
	for name, test := range map[string]struct {
		path, holds string
		missing     bool
	}{
		"whole":               {k.receipt, "entry 1 began, this receipt holds: 1, 2\n", false},
		"the outcome cut off": {cut(t, read(t, k.receipt), 1), "entry 1 began, this receipt holds: 1\n", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := output(t, "audit", "prove", "--key="+k.public, test.path)
			if err != nil || !strings.Contains(got, test.holds) || strings.Contains(got, missing) != test.missing {
				t.Errorf("%v: %s", err, got)
			}
		})
	}
}

// An auditor has the program, the public key and the receipt: no database, no network, no setting.
func TestAuditProveNeedsNothingElse(t *testing.T) {
	t.Parallel()
	k := write(t, databasetest.SQLite(t))
	folder := t.TempDir()
	cmd := program(t.Context(), "audit", "prove", "--key", k.public, "-")
	cmd.Dir, cmd.Stdin = folder, strings.NewReader(read(t, k.receipt))
	if out, err := cmd.CombinedOutput(); err != nil || !strings.HasPrefix(string(out), "proven: 2 entries") {
		t.Errorf("%v: %s", err, out)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("it made %v, %v", left, err)
	}
}

// TestAuditExitCodes holds that 0 means that all holds, 1 that something does not, and 2 that it was asked wrongly.
func TestAuditExitCodes(t *testing.T) {
	t.Parallel()
	k, broken := write(t, databasetest.SQLite(t)), write(t, databasetest.SQLite(t))
	execute(t, broken.address, "DELETE FROM audit_entries WHERE seq = 2")
	at := func(k kept) string { return "--database-url=" + k.address }
	for name, test := range map[string]struct {
		args []string
		want int
	}{
		"whole":              {[]string{"verify", "--key", k.public, at(k), k.checkpoints[2]}, 0},
		"broken":             {[]string{"verify", "--key", broken.public, at(broken)}, 1},
		"without a key":      {[]string{"verify", at(k)}, 1},
		"no record":          {[]string{"verify", "--key", k.public, "--database-url=sqlite:" + t.TempDir() + "/x"}, 1},
		"odd checkpoint":     {[]string{"verify", "--key", k.public, at(k), k.receipt}, 1},
		"odd key":            {[]string{"verify", "--key", "x", at(k)}, 2},
		"the private key":    {[]string{"verify", "--key", k.private, at(k)}, 2},
		"proven":             {[]string{"prove", "--key", k.public, k.receipt}, 0},
		"not proven":         {[]string{"prove", "--key", broken.public, k.receipt}, 1},
		"proven by no key":   {[]string{"prove", k.receipt}, 2},
		"nothing to prove":   {[]string{"prove", "--key", k.public}, 2},
		"a checkpoint":       {[]string{"checkpoint", at(k)}, 0},
		"no checkpoint":      {[]string{"checkpoint", "--database-url=sqlite:" + t.TempDir() + "/x"}, 1},
		"a key":              {[]string{"keygen"}, 0},
		"a key of odd name":  {[]string{"keygen", "--name", "a b"}, 2},
		"nothing in special": {nil, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := program(t.Context(), append([]string{"audit"}, test.args...)...)
			out, err := cmd.CombinedOutput()
			if _, ok := err.(*exec.ExitError); err != nil && !ok {
				t.Fatal(err)
			}
			if got := cmd.ProcessState.ExitCode(); got != test.want {
				t.Errorf("exit code %d, want %d: %s", got, test.want, out)
			}
			if strings.Contains(string(out), k.private) {
				t.Errorf("the private key is shown: %s", out)
			}
		})
	}
}

// TestAuditKeygen holds that the two lines are a pair of keys that the settings take.
func TestAuditKeygen(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, args := range [][]string{nil, nil, {"--name=tokens.example.com"}} {
		got, err := output(t, append([]string{"audit", "keygen"}, args...)...)
		private, rest, _ := strings.Cut(got, "\n")
		public, rest, ok := strings.Cut(rest, "\n")
		if err != nil || !ok || rest != "" {
			t.Fatalf("%q, %v; want two lines", got, err)
		}
		key, err := signing.ParseKey(private)
		if err != nil || key.Public().String() != public {
			t.Errorf("%v: the lines are no pair: %q", err, got)
		}
		want := signing.DefaultKeyName
		if args != nil {
			want = "tokens.example.com"
		}
		if key.Name() != want {
			t.Errorf("called %q, want %q", key.Name(), want)
		}
		env := map[string]string{"CONSOLE_RECORD_KEY": private}
		c, err := config.Parse([]string{"--demo"}, func(name string) string { return env[name] }, nil)
		if err != nil || len(c.RecordKeys) != 1 {
			t.Errorf("the settings do not take it: %v", err)
		}
		seen[private] = true
	}
	if len(seen) != 3 {
		t.Errorf("%d different keys of 3", len(seen))
	}
}

func TestOneEntryIsNotSeveral(t *testing.T) {
	t.Parallel()
	if got := provenWords(audit.Proven{Entries: make([]audit.Entry, 1), Size: 1, Key: "k"}); !strings.HasPrefix(got, "proven: 1 entry is on the record of 1 entry that ") {
		t.Error(got)
	}
}
