package audit

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"
)

func wholeEntry() Entry {
	at := time.UnixMilli(1772355600123).UTC()
	return Entry{
		Seq: 2, At: at, Action: Revoke, Outcome: Done, Actor: Party{"a", "Ada", "ada@x"}, Organization: Organization{"o", "Örg"},
		Region: "mypurecloud.ie", Subject: Party{"b", "Ben", "ben@x"}, Reason: "r <&> \u202e\u0085\n", Ticket: "t", Token: "9f86d081",
		TokenRegion: "mypurecloud.de", TokenOrganization: Organization{"p", "Other"}, Change: Change{"off", "900 s"},
		Problem: "pr", Permission: "pe", Count: 3, Query: "q", Evidence: Evidence{at, at.Add(time.Second), at.Add(time.Minute)},
		Pruned: Pruned{1, at}, Closes: 1, About: 4, Batch: "ba", Approval: 5, PlatformStatus: 204, CorrelationID: "c",
		RequestID: "q", Address: "::1", Plan: "h", Tally: Tally{1, 2, 3, 4}, Client: Client{"cl", "Feed"},
		Playbook: "left", Steps: "deactivate tokens", Within: 6,
	}
}

// The record of years must stay verifiable, by this program and by others: neither the layout nor the hash may change.
func TestTheEncodingIsForEver(t *testing.T) {
	t.Parallel()
	const encoded = `{"seq":2,"at":"2026-03-01T09:00:00.123Z","action":"revoke","outcome":"done",` +
		`"actor":{"id":"a","name":"Ada","email":"ada@x"},"organization":{"id":"o","name":"Örg"},"region":"mypurecloud.ie",` +
		`"subject":{"id":"b","name":"Ben","email":"ben@x"},"reason":"r <&> \u202e\u0085\n","ticket":"t","token":"9f86d081",` +
		`"tokenRegion":"mypurecloud.de","tokenOrganization":{"id":"p","name":"Other"},"change":{"from":"off","to":"900 s"},` +
		`"problem":"pr","permission":"pe","count":3,"query":"q","evidence":{"tokenIssuedBefore":"2026-03-01T09:00:00.123Z",` +
		`"tokenIssuedAfter":"2026-03-01T09:00:01.123Z","readAt":"2026-03-01T09:01:00.123Z"},` +
		`"pruned":{"through":1,"before":"2026-03-01T09:00:00.123Z"},"closes":1,"about":4,"batch":"ba","approval":5,` +
		`"platformStatus":204,"correlationId":"c","requestId":"q","address":"::1"}`
	before := wholeEntry() // as entries were before there were batches
	before.Plan, before.Tally, before.Client = "", Tally{}, Client{}
	before.Playbook, before.Steps, before.Within = "", "", 0
	got, err := encode(before)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(encoded, string(got)); diff != "" {
		t.Error(diff)
	}
	const leaf = "XtAmoA/ZvUcWfKBTGWEbqyZW0+LnIh2e4V/nIruBh3s="
	if h := tlog.RecordHash(got); h.String() != leaf {
		t.Errorf("hash %s, want %s", h, leaf)
	}
	const batches = `,"plan":"h","tally":{"done":1,"failed":2,"unknown":3,"skipped":4},"client":{"id":"cl","name":"Feed"},` +
		`"playbook":"left","steps":"deactivate tokens","within":6}`
	got, err = encode(wholeEntry())
	if want := strings.TrimSuffix(encoded, "}") + batches; err != nil || string(got) != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
	small, err := encode(Entry{Seq: 1, At: time.UnixMilli(0), Action: Prune, Outcome: Asked})
	if want := `{"seq":1,"at":"1970-01-01T00:00:00.000Z","action":"prune","outcome":"asked"}`; err != nil || string(small) != want {
		t.Errorf("%s, %v; want %s", small, err, want)
	}
}

// No field of an entry may be left out of what is hashed.
func TestEveryFieldIsEncoded(t *testing.T) {
	t.Parallel()
	e := wholeEntry()
	v := reflect.ValueOf(e)
	for i := range v.NumField() {
		if name := v.Type().Field(i).Name; v.Field(i).IsZero() && name != "Open" {
			t.Errorf("the test leaves %s out", name)
		}
	}
	data, err := encode(e)
	if err != nil {
		t.Fatal(err)
	}
	back, err := decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(e, back); diff != "" {
		t.Error(diff)
	}
}

// Whatever the texts, an entry reads back as it was, its JSON is good and compact, and nothing hidden stands in it.
func FuzzEncoding(f *testing.F) {
	f.Add(int64(1), int64(0), "revoke", "a", `b"\`, "c\u202e\u2028", "\U000e0041", 204)
	f.Add(int64(-1), int64(-5), "", "<>&", "\x01\x1f\x7f", "é\ufeff\u200b", "日本", -1)
	f.Fuzz(func(t *testing.T, seq, at int64, action, id, name, reason, ticket string, status int) {
		e, err := clean(Entry{Action: Action(action), Outcome: Done, Actor: Party{ID: id, Name: name}, Reason: reason, Ticket: ticket,
			Subject: Party{Email: name}, PlatformStatus: status, Count: at})
		if err != nil {
			t.Skip()
		}
		e.Seq, e.At = seq, time.UnixMilli(at%(1<<45)).UTC()
		data, err := encode(e)
		if err != nil {
			t.Fatal(err)
		}
		back, err := decode(data)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(e, back); diff != "" {
			t.Error(diff)
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, data); err != nil || !bytes.Equal(compact.Bytes(), data) {
			t.Errorf("not compact: %s, %v", data, err)
		}
		if i := strings.IndexFunc(string(data), func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }); i >= 0 {
			t.Errorf("hidden at %d: %q", i, data)
		}
	})
}

// The edge of a tree is what package tlog makes of all its leaves, and stored where it looks.
func TestTheEdgeIsThatOfTheTree(t *testing.T) {
	t.Parallel()
	var e edge
	stored := map[place]tlog.Hash{}
	var all []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var found []tlog.Hash
		for _, i := range indexes {
			found = append(found, all[i])
		}
		return found, nil
	})
	for n := range int64(300) {
		data := []byte{byte(n), byte(n >> 8)}
		hashes, err := tlog.StoredHashes(n, data, reader)
		if err != nil {
			t.Fatal(err)
		}
		gained := e.add(tlog.RecordHash(data))
		if diff := cmp.Diff(hashes, gained); diff != "" {
			t.Fatalf("leaf %d: %s", n, diff)
		}
		for level, h := range gained {
			stored[place{n + 1, level}] = h
			if packed := packHashes(gained); true {
				if back, ok := unpackHash(packed, level); !ok || back != h {
					t.Errorf("leaf %d, level %d: not unpacked", n, level)
				}
			}
		}
		first := int64(len(all))
		all = append(all, hashes...)
		for i := range hashes {
			if stored[placeOf(first+int64(i))] != hashes[i] {
				t.Errorf("hash %d is not where it should be", first+int64(i))
			}
		}
		root, err := tlog.TreeHash(n+1, reader)
		if err != nil || root != e.root() || e.size != n+1 {
			t.Fatalf("size %d: root %s, want %s, %v", n+1, e.root(), root, err)
		}
		var again edge
		again.size = e.size
		for _, p := range edgePlaces(e.size) {
			again.roots = append(again.roots, stored[p])
		}
		if again.root() != root {
			t.Errorf("size %d: the edge cannot be read back", n+1)
		}
	}
}

func TestVisible(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain é 日本 👍": "plain é 日本 👍", "a\nb": `a\u000ab`, "\u202e": `\u202e`, "\U000e0041": `\udb40\udc41`, "": "", `\n`: `\n`,
	} {
		if got := Visible(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// What the console writes is read the quick way.
func TestEntriesAreReadTheQuickWay(t *testing.T) {
	t.Parallel()
	entries := []Entry{wholeEntry(), {Seq: 1, At: time.UnixMilli(0).UTC(), Action: Prune, Outcome: Asked}}
	for n := range 50 {
		e := sample(n)
		e.Seq, e.At = int64(n)+1, epoch
		entries = append(entries, e)
	}
	for _, e := range entries {
		text, err := encode(e)
		if err != nil {
			t.Fatal(err)
		}
		if read, sure := readCanonical(string(text)); !sure || read != e {
			t.Errorf("%v: %+v is read as %+v", sure, e, read)
		}
	}
}
