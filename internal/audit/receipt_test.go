package audit_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
)

func receiptOf(t *testing.T, l *audit.Log, seq int64) []byte {
	t.Helper()
	r, err := l.Receipt(t.Context(), organization.ID, seq)
	if err != nil {
		t.Fatal(err)
	}
	file, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// A receipt proves every entry of an act, at every size of the record and at every place.
func TestAReceiptProvesItsAct(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		for range 20 {
			s := undertake(t, l, audit.Result{Outcome: audit.Done, Status: 200})
			for seq := int64(1); seq <= s.Entry.Seq; seq += 3 {
				proven, err := audit.Prove(receiptOf(t, l, seq), strangersKey.public, key.public)
				if err != nil {
					t.Fatalf("entry %d of %d: %v", seq, s.Entry.Seq, err)
				}
				act, err := l.Act(t.Context(), organization.ID, seq)
				if err != nil {
					t.Fatal(err)
				}
				act[0].Open = false
				if diff := cmp.Diff(act, proven.Entries); diff != "" || proven.Size != s.Entry.Seq || proven.Key != key.public.ID() {
					t.Errorf("%+v: %s", proven, diff)
				}
			}
		}
		if _, err := l.Receipt(t.Context(), "another", 1); !errors.Is(err, audit.ErrNotFound) {
			t.Errorf("another organization gets a receipt: %v", err)
		}
		if _, err := l.Receipt(t.Context(), organization.ID, 99); !errors.Is(err, audit.ErrNotFound) {
			t.Errorf("a receipt of nothing: %v", err)
		}
	})
}

func TestAReceiptProvesHoweverItIsSpaced(t *testing.T) {
	t.Parallel()
	l := newLog(databasetest.Open(t, databasetest.SQLite(t)))
	add(t, l, full2())
	file := receiptOf(t, l, 1)
	var compact, wide bytes.Buffer
	if err := errors.Join(json.Compact(&compact, file), json.Indent(&wide, file, "\t", "        ")); err != nil {
		t.Fatal(err)
	}
	var anything any
	if err := json.Unmarshal(file, &anything); err != nil {
		t.Fatal(err)
	}
	sorted, err := json.Marshal(anything) // other order, other escapes
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{"compact": compact.Bytes(), "wide": wide.Bytes(), "sorted": sorted, "CR LF": bytes.ReplaceAll(file, []byte("\n"), []byte("\r\n"))} {
		if _, err := audit.Prove(file, key.public); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAFalseReceiptProvesNothing(t *testing.T) {
	t.Parallel()
	l := newLog(databasetest.Open(t, databasetest.SQLite(t)))
	undertake(t, l, audit.Result{Outcome: audit.Done})
	undertake(t, l, audit.Result{Outcome: audit.Done})
	file := string(receiptOf(t, l, 3))
	elder := string(receiptOf(t, l, 1))
	undertake(t, l, audit.Result{Outcome: audit.Done})
	later := string(receiptOf(t, l, 3))
	replace := func(old, changed string) string {
		if !strings.Contains(file, old) {
			t.Fatalf("%q is not in %s", old, file)
		}
		return strings.Replace(file, old, changed, 1)
	}
	first := func(text, name string) string {
		_, rest, _ := strings.Cut(text, name)
		value, _, _ := strings.Cut(rest, "\n")
		return value
	}
	proof := file[strings.Index(file, "inclusionProof"):]
	hash := strings.Split(proof, `"`)[2]
	for name, test := range map[string]struct{ file, says string }{
		"empty":                       {"", "not JSON"},
		"no receipt":                  {`{"format":"tokenconsole-receipt-1"}`, "is not a checkpoint"},
		"another format":              {replace("receipt-1", "receipt-2"), `of "tokenconsole-receipt-2"`},
		"an unknown field":            {replace(`"format"`, `"extra 1": 1, "format"`), "has not the fields"},
		"something behind":            {file + "{}", "something follows"},
		"a field twice":               {replace(`"format"`, `"format": "x", "format"`), `says "format" twice`},
		"a field twice, other case":   {replace(`"seq": 3`, `"seq": 3, "Seq": 3`), `says "seq" twice`},
		"a field twice, old letter":   {replace(`"entries": [`, `"entrieſ": [], "entries": [`), `says "entries" twice`},
		"a field of the entry twice":  {replace(`"outcome": "asked"`, `"outcome": "asked", "outcome": "done"`), `says "outcome" twice`},
		"another reason":              {replace("lost phone", "left us"), "entry 3, the receipt's number 1, is not on the record"},
		"another outcome":             {replace(`"outcome": "asked"`, `"outcome": "done"`), "is not on the record"},
		"a field of the entry more":   {replace(`"region"`, `"ticket": "x", "region"`), "is not on the record"},
		"another number":              {replace(`"seq": 3`, `"seq": 2`), "says that it is entry 2"},
		"another place":               {strings.Replace(replace(`"seq": 3`, `"seq": 2`), `"index": 2`, `"index": 1`, 1), "is not on the record"},
		"a place beyond":              {strings.Replace(replace(`"seq": 3`, `"seq": 30`), `"index": 2`, `"index": 29`, 1), "the checkpoint covers 4 entries"},
		"the place after the last":    {strings.Replace(replace(`"seq": 3`, `"seq": 5`), `"index": 2`, `"index": 4`, 1), "the checkpoint covers 4 entries"},
		"a place before":              {strings.Replace(replace(`"seq": 3`, `"seq": -1`), `"index": 2`, `"index": -2`, 1), "covers 4 entries"},
		"a hash less":                 {replace(`"`+hash+`",`, ""), "is not on the record"},
		"a hash spoiled":              {replace(hash, "!"), "a proof that cannot be read"},
		"an older checkpoint":         {replace(first(file, `"checkpoint": `), first(elder, `"checkpoint": `)), ""},
		"a later checkpoint":          {replace(first(file, `"checkpoint": `), first(later, `"checkpoint": `)), "is not on the record"},
		"a checkpoint changed":        {replace(`\n4\n`, `\n5\n`), "signature that is false"},
		"a checkpoint of a stranger":  {strings.ReplaceAll(file, first(file, `"checkpoint": `), `"x",`), "is not a checkpoint"},
		"another key named":           {replace(`"key": "console.example`, `"key": "x`), "names the key"},
		"no entry":                    {`{"format":"tokenconsole-receipt-1","entries":[],"checkpoint":` + first(file, `"checkpoint": `) + `"key":"` + key.public.ID() + `"}`, "holds no entry"},
		"an entry twice":              {strings.Replace(file, `"entries": [`, `"entries": [`+entryOf(file)+`,`, 1), "entry 3, the receipt's number 2, stands out of order"},
		"an entry that is a text":     {replace(`"entry": {`, `"entry": "x", "other": {`), "fields"},
		"deep enough to fill a stack": {strings.Repeat("[", 100_000), "not JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := audit.Prove([]byte(test.file), key.public)
			if test.says == "" && err == nil {
				return // as good as the other
			}
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v; want %q", err, test.says)
			}
		})
	}
	if _, err := audit.Prove([]byte(file), strangersKey.public); err == nil || !strings.Contains(err.Error(), "not signed by a key given here") {
		t.Errorf("with another key: %v", err)
	}
	if _, err := audit.Prove([]byte(file)); err == nil {
		t.Error("proven without a key")
	}
}

// entryOf is the first entry of a receipt, with its proof.
func entryOf(file string) string {
	var r struct{ Entries []json.RawMessage }
	if err := json.Unmarshal([]byte(file), &r); err != nil {
		return fmt.Sprint(err)
	}
	return string(r.Entries[0])
}

func TestAReceiptOfAChangedEntryIsRefused(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		five(t, l)
		unguard(t, db)
		execute(t, db, ofDialect(db, inBody(3, "lost phone", "fun"))...)
		if _, err := l.Receipt(t.Context(), organization.ID, 3); !errors.Is(err, audit.ErrBroken) {
			t.Errorf("%v", err)
		}
	})
}

func TestAnEmptyRecordHasNeitherReceiptNorCheckpoint(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		if _, err := l.Receipt(t.Context(), organization.ID, 1); !errors.Is(err, audit.ErrNotFound) {
			t.Error(err)
		}
		if _, err := l.Checkpoint(t.Context()); !errors.Is(err, audit.ErrNotFound) {
			t.Error(err)
		}
		if r := report(t, db); len(r.Faults) > 0 || r.Size != 0 {
			t.Errorf("%+v", r)
		}
	})
}
