package audit_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
	"tokenconsole/internal/signing"
)

// rewrite does what somebody can who owns the database and knows how the record is made: it changes the body of entry seq
// and makes every hash of the tree anew. It returns size and root of that tree.
func rewrite(t *testing.T, db *database.DB, seq int64, change func([]byte) []byte) (int64, tlog.Hash) {
	t.Helper()
	unguard(t, db)
	rows, err := db.QueryContext(t.Context(), "SELECT seq, body FROM audit_entries ORDER BY seq")
	if err != nil {
		t.Fatal(err)
	}
	var bodies [][]byte
	for rows.Next() {
		var n int64
		var body []byte
		if err := rows.Scan(&n, &body); err != nil {
			t.Fatal(err)
		}
		if n == seq {
			body = change(body)
		}
		bodies = append(bodies, body)
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	var all []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var found []tlog.Hash
		for _, i := range indexes {
			found = append(found, all[i])
		}
		return found, nil
	})
	for i, body := range bodies {
		hashes, err := tlog.StoredHashes(int64(i), body, reader)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, hashes...)
		var packed []byte
		for _, h := range hashes {
			packed = append(packed, h[:]...)
		}
		write(t, db, "UPDATE audit_entries SET body = ? WHERE seq = ?", body, i+1)
		write(t, db, "UPDATE audit_tree SET hashes = ? WHERE seq = ?", packed, i+1)
	}
	root, err := tlog.TreeHash(int64(len(bodies)), reader)
	if err != nil {
		t.Fatal(err)
	}
	return int64(len(bodies)), root
}

func write(t *testing.T, db *database.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), db.Rebind(query), args...); err != nil {
		t.Fatal(err)
	}
}

// innocent changes what an entry gives as its reason.
func innocent(body []byte) []byte {
	return bytes.Replace(body, []byte("lost phone"), []byte("left us"), 1)
}

func TestARecordRewrittenWithAllItsHashes(t *testing.T) {
	for name, test := range map[string]struct {
		seal func(size int64, root tlog.Hash) (string, error) // the new end of the record; nil leaves the old one
		says []string
	}{
		"under the old signature": {nil, []string{"the record was rewritten after entry 0: its 7 entries are not those that were signed"}},
		"signed by another key": {func(size int64, root tlog.Hash) (string, error) {
			c, err := signing.Sign(strangersKey.keys[0], size, root)
			return c.Text, err
		}, []string{"the end of the record is not signed by a key given here"}},
		"under the old signature, with a new root": {func(size int64, root tlog.Hash) (string, error) {
			ours, err := signing.Sign(key.keys[0], size, tlog.Hash{})
			return strings.Replace(ours.Text, tlog.Hash{}.String(), root.String(), 1), err
		}, []string{"the end of the record has a signature that is false"}},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
				five(t, l)
				old := checkpoint(t, l)
				add(t, l, entry(ada, ben, audit.Done), entry(ada, ben, audit.Done))
				size, root := rewrite(t, db, 6, innocent)
				if test.seal != nil {
					text, err := test.seal(size, root)
					if err != nil {
						t.Fatal(err)
					}
					write(t, db, "UPDATE audit_head SET checkpoint = ?", text)
				}
				f := faults(t, db)
				for _, words := range test.says {
					if !said(f, words) {
						t.Errorf("%q is not said: %v", words, f)
					}
				}
				if f := faults(t, db, old); test.seal == nil && !said(f, "the record was rewritten after entry 5") {
					t.Errorf("with a checkpoint of five entries: %v", f)
				}
			})
		})
	}
}

// A checkpoint kept elsewhere tells a rewritten record even from one that has the key.
func TestARecordRewrittenWithTheKeyIsToldByAKeptCheckpoint(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		five(t, l)
		before := checkpoint(t, l)
		add(t, l, entry(ada, ben, audit.Done))
		after := checkpoint(t, l)
		size, root := rewrite(t, db, 6, innocent)
		signed, err := signing.Sign(key.keys[0], size, root)
		if err != nil {
			t.Fatal(err)
		}
		write(t, db, "UPDATE audit_head SET checkpoint = ?", signed.Text)
		if f := faults(t, db, before); len(f) > 0 {
			t.Errorf("%v; this is perfect from inside", f)
		}
		f := faults(t, db, before, after)
		if len(f) != 1 || f[0].Seq != 6 || !said(f, "among the entries after 5 and up to 6 is one that was another") {
			t.Errorf("%v", f)
		}
	})
}

// The running console knows the record's end by itself: it refuses what was rewritten, with or without the key.
func TestTheConsoleRefusesARewrittenRecord(t *testing.T) {
	for name, key := range map[string]pair{"by a stranger": strangersKey, "by somebody with the key": key} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
				five(t, l)
				size, root := rewrite(t, db, 3, innocent)
				signed, err := signing.Sign(key.keys[0], size, root)
				if err != nil {
					t.Fatal(err)
				}
				write(t, db, "UPDATE audit_head SET checkpoint = ?", signed.Text)
				if _, err := l.Append(t.Context(), entry(ada, ben, audit.Done)); !errors.Is(err, audit.ErrBroken) {
					t.Errorf("%v", err)
				}
			})
		})
	}
}
