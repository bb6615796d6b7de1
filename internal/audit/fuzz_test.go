package audit

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"tokenconsole/internal/signing"
)

// A pair of keys that signs nothing else: seeds must be the same in every process that fuzzes.
const (
	fuzzPrivate = "PRIVATE+KEY+fuzz.example+53de04ed+ASCiXwczYmu9ehLfJiFrZ+gbCKlRsWisyRTdSdg9jTlX"
	fuzzPublic  = "fuzz.example+53de04ed+ATc/LoilSWwjvI3R83BERAcbA+u27Lc+AtZ+ub+ivMpp"
)

// provable makes a record of n entries, and the receipts of each.
func provable(f *testing.F, n int64) (bodies [][]byte, receipts [][]byte) {
	f.Helper()
	var hashes []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) (found []tlog.Hash, err error) {
		for _, i := range indexes {
			found = append(found, hashes[i])
		}
		return found, nil
	})
	must := func(err error) {
		if err != nil {
			f.Fatal(err)
		}
	}
	for seq := range n {
		body, err := encode(Entry{Seq: seq + 1, At: time.UnixMilli(seq), Action: Revoke, Outcome: Done, Reason: "lost \u202e phone"})
		must(err)
		stored, err := tlog.StoredHashes(seq, body, reader)
		must(err)
		bodies, hashes = append(bodies, body), append(hashes, stored...)
	}
	root, err := tlog.TreeHash(n, reader)
	must(err)
	keys, err := signing.ParseKeys(fuzzPrivate)
	must(err)
	c, err := signing.Sign(keys[0], n, root)
	must(err)
	for index := range n {
		proof, err := tlog.ProveRecord(n, index, reader)
		must(err)
		entry := ReceiptEntry{Index: index, Entry: bodies[index]}
		for _, h := range proof {
			entry.InclusionProof = append(entry.InclusionProof, base64.StdEncoding.EncodeToString(h[:]))
		}
		file, err := Receipt{receiptFormat, []ReceiptEntry{entry}, c.Text, c.Key}.JSON()
		must(err)
		receipts = append(receipts, file)
	}
	return bodies, receipts
}

// FuzzProve holds that whatever is proven was put on the record, word for word.
func FuzzProve(f *testing.F) {
	public, err := signing.ParsePublicKey(fuzzPublic)
	if err != nil {
		f.Fatal(err)
	}
	bodies, receipts := provable(f, 7)
	for _, file := range receipts {
		if _, err := Prove(file, public); err != nil {
			f.Fatal(err)
		}
		f.Add(file)
		f.Add(bytes.ReplaceAll(file, []byte(`"index"`), []byte(`"Index"`)))
		f.Add(bytes.Replace(file, []byte(`"entries": [`), []byte(`"entries": [null, `), 1))
	}
	f.Add([]byte(`{"format":"tokenconsole-receipt-1","entries":[],"checkpoint":"","key":""}`))
	f.Add([]byte(strings.Repeat("[", 100)))
	f.Fuzz(func(t *testing.T, file []byte) {
		proven, err := Prove(file, public)
		if err != nil {
			return
		}
		for _, e := range proven.Entries {
			body, err := encode(e)
			if err != nil || e.Seq < 1 || e.Seq > int64(len(bodies)) || !bytes.Equal(body, bodies[e.Seq-1]) {
				t.Errorf("%s, %v is proven by %s", body, err, file)
			}
		}
		if len(proven.Entries) == 0 || proven.Size != int64(len(bodies)) {
			t.Errorf("%+v is proven", proven)
		}
	})
}

// FuzzReadCanonical holds that the quick way to read an entry reads nothing else than encoding/json does.
func FuzzReadCanonical(f *testing.F) {
	whole, err := encode(wholeEntry())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(whole))
	f.Add("}") // it was taken for an entry that says nothing
	for _, change := range [][2]string{
		{`"name":"Ada"`, `"name":"\ud800"`}, {`"name":"Ada"`, "\"name\":\"\xff\""}, {`"id":"a",`, `"id":"a"{`}, {`"id":"a"`, `"ID":"a"`},
		{`{"seq":2`, ``}, {`"seq":2`, `"seq":02`}, {`"seq":2`, `"seq":-2`}, {`"seq":2`, `"seq":2e1`},
		{`"count":3`, `"count":999999999999999999`}, {`"count":3`, `"count":9999999999999999999`}, {`"from":"off",`, ``}, {`{"from":"off","to":"900 s"}`, `{}`},
		{`{"from":"off","to":"900 s"}`, `null`}, {"2026-03-01", "2026-02-30"}, {"2026-03-01", "0000-00-01"}, {"T09:", "T24:"},
		{`"reason":`, `"reason":"twice","reason":`}, {`"within":6}`, `"within":6}}`}, {`"within":6}`, `"within":6,}`}, {`,`, ` , `},
		{`"tally":{"done":1,`, `"tally":{,"done":1,`}, {`"ticket":"t"`, "\"ticket\":\"\x01\""}, {`"ticket":"t"`, `"ticket":"\"`},
	} {
		f.Add(strings.Replace(string(whole), change[0], change[1], 1))
	}
	f.Fuzz(func(t *testing.T, text string) {
		quick, sure := readCanonical(text)
		if !sure {
			return
		}
		if e, err := decodeAny([]byte(text)); err != nil || e != quick {
			t.Errorf("%+v, and %+v, %v by encoding/json: %q", quick, e, err, text)
		}
	})
}
