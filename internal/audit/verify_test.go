package audit_test

import (
	"fmt"
	"strings"
	"testing"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/signing"
)

// An attack is what somebody with SQL does to a record of five entries, and what a walk then says. The first word of a
// statement that is only for one dialect is its name.
type attack struct {
	statements []string
	says       []string
}

// inBody replaces a text in the body of entry seq.
func inBody(seq int, old, changed string) []string {
	return []string{
		fmt.Sprintf("sqlite UPDATE audit_entries SET body = CAST(replace(CAST(body AS TEXT), '%s', '%s') AS BLOB) WHERE seq = %d",
			old, changed, seq),
		fmt.Sprintf("postgresql UPDATE audit_entries SET body = convert_to(replace(convert_from(body, 'UTF8'), '%s', '%s'), 'UTF8') "+
			"WHERE seq = %d", old, changed, seq),
	}
}

const (
	copyEntry = `INSERT INTO audit_entries (seq, at, act, action, outcome, organization_id, body)
		SELECT %d, at, %[1]d, action, outcome, organization_id, body FROM audit_entries WHERE seq = 5`
	copyHashes = "INSERT INTO audit_tree (seq, hashes) SELECT %d, hashes FROM audit_tree WHERE seq = 5"
)

func swap(table string) []string {
	return []string{"UPDATE " + table + " SET seq = 99 WHERE seq = 2", "UPDATE " + table + " SET seq = 2 WHERE seq = 3",
		"UPDATE " + table + " SET seq = 3 WHERE seq = 99"}
}

func statements(lists ...[]string) (all []string) {
	for _, list := range lists {
		all = append(all, list...)
	}
	return all
}

var attacks = map[string]attack{
	"a reason changed":             {inBody(3, "lost phone", "fun"), []string{"entry 3 was changed after it was written"}},
	"an outcome changed":           {inBody(5, "failed", "done"), []string{"entry 5 was changed", `another outcome than it says: failed instead of done`}},
	"a time changed":               {inBody(2, "2026", "2025"), []string{"entry 2 was changed"}},
	"two entries changed":          {statements(inBody(1, "Ada", "Eve"), inBody(4, "Cleo", "Eve")), []string{"entry 1 was changed", "entry 4 was changed"}},
	"a body emptied":               {[]string{"sqlite UPDATE audit_entries SET body = x'' WHERE seq = 3", "postgresql UPDATE audit_entries SET body = '' WHERE seq = 3"}, []string{"entry 3 was changed", "entry 3 cannot be read"}},
	"removed in between":           {[]string{"DELETE FROM audit_entries WHERE seq = 3"}, []string{"entry 3 is missing, and no pruning on the record covers it"}},
	"the first removed":            {[]string{"DELETE FROM audit_entries WHERE seq = 1"}, []string{"entry 1 is missing"}},
	"the last removed":             {[]string{"DELETE FROM audit_entries WHERE seq = 5"}, []string{"entry 5 is missing"}},
	"all removed":                  {[]string{"DELETE FROM audit_entries"}, []string{"entries 1 to 5 are missing"}},
	"removed with its hashes":      {[]string{"DELETE FROM audit_entries WHERE seq = 3", "DELETE FROM audit_tree WHERE seq = 3"}, []string{"entry 3 is missing", "the tree has lost the hash of entry 3"}},
	"removed, the rest moved up":   {[]string{"DELETE FROM audit_entries WHERE seq = 3", "UPDATE audit_entries SET seq = 3 WHERE seq = 4", "UPDATE audit_entries SET seq = 4 WHERE seq = 5"}, []string{"entry 3 was changed", "entry 5 is missing"}},
	"added at the end":             {[]string{fmt.Sprintf(copyEntry, 6)}, []string{"entry 6 stands outside of the record"}},
	"added with hashes":            {[]string{fmt.Sprintf(copyHashes, 6), "UPDATE audit_head SET size = 6", fmt.Sprintf(copyEntry, 6)}, []string{"the end of the record was moved from entry 5 to entry 6"}},
	"added in front":               {[]string{fmt.Sprintf(copyEntry, 0)}, []string{"entry 0 stands outside of the record"}},
	"hashes added":                 {[]string{fmt.Sprintf(copyHashes, 9)}, []string{"entry 9 stands outside of the record"}},
	"two exchanged":                {swap("audit_entries"), []string{"entry 2 was changed", "entry 3 was changed"}},
	"two exchanged, with hashes":   {statements(swap("audit_entries"), swap("audit_tree")), []string{"the record was rewritten after entry 0"}},
	"cut off":                      {[]string{"DELETE FROM audit_entries WHERE seq = 5", "DELETE FROM audit_tree WHERE seq = 5", "UPDATE audit_head SET size = 4"}, []string{"the end of the record was moved from entry 5 to entry 4"}},
	"emptied":                      {[]string{"DELETE FROM audit_entries", "DELETE FROM audit_tree", "DELETE FROM audit_times", "UPDATE audit_head SET size = 0"}, []string{"the end of the record was moved from entry 5 to entry 0"}},
	"the signature removed":        {[]string{"UPDATE audit_head SET checkpoint = ''"}, []string{"the end of the record is not a checkpoint"}},
	"the signature spoiled":        {[]string{"UPDATE audit_head SET checkpoint = replace(checkpoint, 'console.example\n5', 'console.example\n4')"}, []string{"has a signature that is false"}},
	"an entry's hash changed":      {[]string{"sqlite UPDATE audit_tree SET hashes = randomblob(32) WHERE seq = 3", "postgresql UPDATE audit_tree SET hashes = sha256('x') WHERE seq = 3"}, []string{"the tree's hash of entry 3 was changed; the entry is the one that was signed"}},
	"a hash over several changed":  {[]string{"sqlite UPDATE audit_tree SET hashes = CAST(substr(hashes, 1, 64) || randomblob(32) AS BLOB) WHERE seq = 4", "postgresql UPDATE audit_tree SET hashes = substr(hashes, 1, 64) || sha256('x') WHERE seq = 4"}, []string{"the tree's hash over the entries 1 to 4 was changed"}},
	"a hash over several cut":      {[]string{"UPDATE audit_tree SET hashes = substr(hashes, 1, 64) WHERE seq = 4"}, []string{"the tree's hash over the entries 1 to 4 was changed"}},
	"hashes with more behind":      {[]string{"sqlite UPDATE audit_tree SET hashes = CAST(hashes || hashes AS BLOB) WHERE seq = 3", "postgresql UPDATE audit_tree SET hashes = hashes || hashes WHERE seq = 3"}, []string{"the tree holds more than it should at entry 3"}},
	"hidden from the open ones":    {[]string{"UPDATE audit_acts SET outcome = 'done' WHERE seq = 4"}, []string{"the act that entry 4 began is hidden"}},
	"a revocation not counted":     {[]string{"DELETE FROM audit_counts"}, []string{"counted wrongly"}},
	"a count changed":              {[]string{"UPDATE audit_counts SET number = number + 1"}, []string{"counted wrongly"}},
	"a count made up":              {[]string{"INSERT INTO audit_counts VALUES ('another', 1, 'done', 1)"}, []string{"revocations that are done in the quarter of an hour from 1970-01-01 00:15 UTC are counted wrongly"}},
	"false among the open ones":    {[]string{"UPDATE audit_acts SET outcome = 'asked' WHERE seq = 1"}, []string{"the act that entry 1 began is hidden"}},
	"pruned without a pruning":     {[]string{"UPDATE audit_head SET pruned = 3", "DELETE FROM audit_entries WHERE seq <= 3"}, []string{"entries 1 to 3 are missing", "retention is said to have removed entries up to 3"}},
	"the mark of retention moved":  {[]string{"UPDATE audit_head SET pruned = 2"}, []string{"retention is said to have removed entries up to 2"}},
	"pruned by a forged pruning":   {statements(inBody(5, `"action":"revoke"`, `"action":"prune","pruned":{"through":3}`), []string{"UPDATE audit_head SET pruned = 3", "DELETE FROM audit_entries WHERE seq <= 3"}), []string{"entry 5 was changed", "entries 1 to 3 are missing"}},
	"filed under another action":   {[]string{"UPDATE audit_entries SET action = 'verify' WHERE seq = 3"}, []string{"entry 3 is filed under another action than it says: verify instead of revoke"}},
	"filed under another outcome":  {[]string{"UPDATE audit_entries SET outcome = 'done' WHERE seq = 3"}, []string{"entry 3 is filed under another outcome"}},
	"filed with others":            {[]string{"UPDATE audit_entries SET organization_id = 'another' WHERE seq = 3"}, []string{"entry 3 is filed under another organization"}},
	"filed under another act":      {[]string{"UPDATE audit_entries SET act = 1 WHERE seq = 3"}, []string{"entry 3 is filed under another act"}},
	"filed under a batch":          {[]string{"UPDATE audit_acts SET batch = 'b' WHERE seq = 3"}, []string{"entry 3 is filed under another batch"}},
	"filed under another time":     {[]string{"UPDATE audit_entries SET at = at + 1 WHERE seq = 3"}, []string{"entry 3 is filed under another time"}},
	"actor and subject exchanged":  {[]string{"UPDATE audit_acts SET actor = subject, subject = actor WHERE seq = 3"}, []string{"entry 3 is filed under another actor", "entry 3 is filed under another subject"}},
	"filed under nobody":           {[]string{"UPDATE audit_acts SET actor = 999 WHERE seq = 3"}, []string{"entry 3 is filed under another actor"}},
	"a person renamed":             {[]string{"UPDATE audit_people SET name = 'Eve' WHERE id = 'cleo-id'"}, []string{"entry 3 is filed under another subject", "entry 4 is filed under another actor"}},
	"a person hidden from search":  {[]string{"UPDATE audit_people SET folded = 'x' WHERE id = 'cleo-id'"}, []string{"is hidden from searches"}},
	"a person removed":             {[]string{"DELETE FROM audit_people WHERE id = 'cleo-id'"}, []string{"entry 3 is filed under another subject"}},
	"hidden from searches by time": {[]string{"UPDATE audit_times SET latest = earliest"}, []string{"the entries 1 to 5 are hidden from searches by time"}},
	"found by false times":         {[]string{"UPDATE audit_times SET earliest = earliest - 1"}, []string{"the entries 1 to 5 are hidden from searches by time"}},
	"an act hidden from the list":  {[]string{"DELETE FROM audit_acts WHERE seq = 1"}, []string{"the act that entry 1 began is hidden from the list of acts"}},
	"an act listed elsewhere":      {[]string{"UPDATE audit_acts SET organization_id = 'another' WHERE seq = 3"}, []string{"the act that entry 3 began is hidden from the list of acts"}},
	"listed under another person":  {[]string{"UPDATE audit_acts SET actor = subject WHERE seq = 1"}, []string{"entry 1 is filed under another actor", "entry 2 is filed under another actor"}},
	"listed under a false outcome": {[]string{"UPDATE audit_acts SET outcome = 'failed'"}, []string{"the act that entry 1 began", "the act that entry 3 began", "the act that entry 4 began"}},
	"listed at another time":       {[]string{"UPDATE audit_acts SET at = at - 1 WHERE seq = 4"}, []string{"the act that entry 4 began is hidden"}},
	"an act made up":               {[]string{"INSERT INTO audit_acts SELECT 2, at, action, outcome, actor, subject, organization_id, batch FROM audit_acts WHERE seq = 1"}, []string{"an act stands in the list of acts that entry 2 did not begin"}},
	"an act made up at the end":    {[]string{"INSERT INTO audit_acts SELECT 99, at, action, outcome, actor, subject, organization_id, batch FROM audit_acts WHERE seq = 1"}, []string{"an act stands in the list of acts that entry 99 did not begin"}},
	"the times removed":            {[]string{"DELETE FROM audit_times"}, []string{"the entries 1 to 5 are hidden from searches by time"}},
}

func TestVerifyNamesWhatWasDone(t *testing.T) {
	for name, a := range attacks {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
				five(t, l)
				unguard(t, db)
				execute(t, db, ofDialect(db, a.statements)...)
				found := faults(t, db)
				for _, words := range a.says {
					if !said(found, words) {
						t.Errorf("%q is not said: %v", words, found)
					}
				}
			})
		})
	}
}

// With the triggers in place, an attack fails or is named all the same.
func TestVerifyNamesWhatWasDonePastTheTriggers(t *testing.T) {
	for name, a := range attacks {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
				five(t, l)
				changed := false
				for _, statement := range ofDialect(db, a.statements) {
					result, err := db.ExecContext(t.Context(), statement)
					if err != nil {
						continue
					}
					if n, err := result.RowsAffected(); err == nil && n > 0 {
						changed = true
					}
				}
				if found := faults(t, db); len(found) == 0 && changed {
					t.Error("it went through, and nothing is said")
				}
			})
		})
	}
}

// ofDialect are the statements for db.
func ofDialect(db *database.DB, statements []string) (those []string) {
	for _, s := range statements {
		first, rest, _ := strings.Cut(s, " ")
		switch first {
		case string(db.Dialect):
			those = append(those, rest)
		case string(database.SQLite), string(database.PostgreSQL):
		default:
			those = append(those, s)
		}
	}
	return those
}

func said(faults []audit.Fault, words string) bool {
	for _, f := range faults {
		if strings.Contains(f.Words, words) {
			return true
		}
	}
	return false
}

func TestAWholeRecord(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		five(t, l)
		kept := checkpoint(t, l)
		add(t, l, entry(ada, ben, audit.Done))
		r := report(t, db, kept, checkpoint(t, l))
		if len(r.Faults) > 0 || r.Size != 6 || r.Entries != 6 || r.OpenCount != 1 || len(r.Open) != 1 || r.Open[0] != 4 ||
			r.People != 3 || r.Key != key.public.ID() || len(r.Checkpoints) != 2 {
			t.Errorf("%+v", r)
		}
	})
}

// A checkpoint that was kept fits the entries that were signed, whatever happened to the tree's hashes of them.
func TestAKeptCheckpointFitsThoughTheTreeWasChanged(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		five(t, l)
		kept := checkpoint(t, l)
		unguard(t, db)
		execute(t, db, ofDialect(db, attacks["an entry's hash changed"].statements)...)
		r := report(t, db, kept)
		if len(r.Faults) == 0 || len(r.Checkpoints) != 1 || said(r.Faults, "was another when the checkpoint") {
			t.Errorf("%+v", r)
		}
	})
}

// A report names a hundred faults and counts the others.
func TestFaultsThatAreNotNamedAreCounted(t *testing.T) {
	db := databasetest.Open(t, databasetest.SQLite(t))
	l := newLog(db)
	addMany(t, l, 107, entry(ada, ben, audit.Done))
	unguard(t, db)
	for seq := range 107 {
		execute(t, db, ofDialect(db, inBody(seq+1, "lost phone", "fun"))...)
	}
	r := report(t, db)
	if len(r.Faults) != 100 || r.MoreFaults != 7 {
		t.Errorf("%d faults are named, and there are %d more", len(r.Faults), r.MoreFaults)
	}
}

// Who has the database can put back an older copy of it, signature and all. A checkpoint kept elsewhere tells.
func TestAnOlderCopyIsToldByAKeptCheckpoint(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		e := five(t, l)
		old := checkpoint(t, l)
		add(t, l, entry(ada, ben, audit.Done), entry(ada, ben, audit.Done))
		kept := checkpoint(t, l)
		unguard(t, db)
		execute(t, db, "DELETE FROM audit_entries WHERE seq > 5", "DELETE FROM audit_tree WHERE seq > 5",
			"UPDATE audit_counts SET number = number - 2 WHERE outcome = 'done'", "UPDATE audit_times SET latest = "+fmt.Sprint(e[4].At.UnixMilli()), "DELETE FROM audit_acts WHERE seq > 5", "UPDATE audit_head SET size = 5, checkpoint = '"+old+"'")
		if f := faults(t, db); len(f) > 0 {
			t.Fatalf("%v; this is perfect from inside", f)
		}
		f := faults(t, db, kept)
		if len(f) != 1 || f[0].Seq != 6 || !said(f, "the record was cut off after entry 5: the checkpoint kept.txt knows 7 entries") {
			t.Errorf("%v", f)
		}
	})
}

func TestACheckpointThatCannotBeCheckedIsAFault(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		five(t, l)
		good := checkpoint(t, l)
		parsed, err := signing.Read(good)
		if err != nil {
			t.Fatal(err)
		}
		forged, err := signing.Sign(strangersKey.keys[0], parsed.Size, parsed.Root)
		if err != nil {
			t.Fatal(err)
		}
		other := parsed.Root
		other[0] ^= 1
		another, err := signing.Sign(key.keys[0], 3, other)
		if err != nil {
			t.Fatal(err)
		}
		for name, test := range map[string]struct{ text, says string }{
			"empty":               {"", "is not a checkpoint"},
			"not one":             {"hello\n", "is not a checkpoint"},
			"without signature":   {good[:strings.Index(good, "\n\n")+2], "is not a checkpoint"},
			"by another key":      {forged.Text, "is not signed by a key given here"},
			"changed":             {strings.Replace(good, "\n5\n", "\n4\n", 1), "has a signature that is false"},
			"of another record":   {another.Text, "is one that was another"},
			"with a line more":    {strings.Replace(good, "\n\n", "\nmore\n\n", 1), "is not a checkpoint"},
			"only its first part": {good[:20], "is not a checkpoint"},
		} {
			t.Run(name, func(t *testing.T) {
				if f := faults(t, db, test.text); len(f) != 1 || !said(f, test.says) {
					t.Errorf("%v", f)
				}
			})
		}
	})
}

func TestWithoutAPublicKeyNothingIsProven(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		five(t, l)
		blind := audit.New(audit.Options{DB: db})
		r, err := blind.Verify(t.Context(), audit.Kept{Name: "kept.txt", Text: checkpoint(t, l)})
		if err != nil || !said(r.Faults, "the end of the record was not checked, as no public key was given") ||
			!said(r.Faults, "the checkpoint kept.txt was not checked") {
			t.Errorf("%v, %v", r.Faults, err)
		}
	})
}

func TestTheKeyMayChange(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		five(t, l)
		old := checkpoint(t, l)
		next := newPair("console.example")
		alone := audit.New(audit.Options{DB: db, Keys: next.keys, Log: discard, Now: clock()})
		if _, err := alone.Append(t.Context(), entry(ada, ben, audit.Done)); err == nil {
			t.Error("a key that never signed takes the record over")
		}
		both, err := signing.ParseKeys(next.private + ", " + key.private)
		if err != nil {
			t.Fatal(err)
		}
		rotated := audit.New(audit.Options{DB: db, Keys: both, Log: discard, Now: clock()})
		add(t, rotated, entry(ada, ben, audit.Done))
		reader := audit.New(audit.Options{DB: db, Public: []signing.PublicKey{next.public, key.public}})
		r, err := reader.Verify(t.Context(), audit.Kept{Name: "old", Text: old}, audit.Kept{Name: "new", Text: checkpoint(t, l)})
		if err != nil || len(r.Faults) > 0 || r.Key != next.public.ID() || len(r.Checkpoints) != 2 {
			t.Errorf("%+v, %v", r, err)
		}
		if f := faults(t, db); !said(f, "is not signed by a key given here") {
			t.Errorf("with the old key alone: %v", f)
		}
		add(t, audit.New(audit.Options{DB: db, Keys: next.keys, Log: discard, Now: clock()}), entry(ada, ben, audit.Done))
	})
}
