package audit

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The record of years must stay verifiable, by this program and by others: neither the layout nor the hash may change.
func TestEncodingIsForEver(t *testing.T) {
	t.Parallel()
	e := Entry{
		Seq: 2, At: time.UnixMilli(1772355600123), Action: Revoke, Outcome: Done, Actor: Party{"a", "Ada", "ada@x"},
		OrganizationID: "o", OrganizationName: "Örg", Region: "mypurecloud.ie", Subject: Party{"b", "Ben", "ben@x"},
		Reason: "r", Ticket: "t", Detail: "d", PlatformStatus: 204, CorrelationID: "c", RequestID: "q", ClientAddress: "::1",
		Asks: 1, Previous: "ff", Hash: "not part of it", Open: true,
	}
	const encoded = "20:tokenconsole-audit-1,1:2,13:1772355600123,6:revoke,4:done,1:a,3:Ada,5:ada@x,1:o,4:Örg,14:mypurecloud.ie," +
		"1:b,3:Ben,5:ben@x,1:r,1:t,1:d,3:204,1:c,1:q,3:::1,1:1,2:ff,"
	if diff := cmp.Diff(encoded, string(encode(e))); diff != "" {
		t.Error(diff)
	}
	const sum = "17c39bfe27bdcd0d152bb0c204885b44b53c9058f2554e23b905a476d1a24858"
	if got := hash(e); got != sum {
		t.Errorf("hash %s, want %s", got, sum)
	}
}

// If every encoding can be read back, no two entries share one.
func FuzzEncodingIsUnambiguous(f *testing.F) {
	f.Add(int64(1), int64(0), "revoke", "a", "b", "c", "", "1:x,", "5:hello,0:,", 204, "ff")
	f.Add(int64(-1), int64(-5), "", ",", ":", "0:,", "\x00", "\xff", "é", -1, "")
	f.Fuzz(func(t *testing.T, seq, at int64, action, id, name, email, organization, reason, detail string, status int, previous string) {
		at %= 1 << 50
		want := Entry{
			Seq: seq, At: time.UnixMilli(at).UTC(), Action: Action(action), Outcome: Outcome(detail), Actor: Party{id, name, email},
			OrganizationID: organization, OrganizationName: name, Region: reason, Subject: Party{email, id, name},
			Reason: reason, Ticket: detail, Detail: detail, PlatformStatus: status, CorrelationID: id, RequestID: organization,
			ClientAddress: name, Asks: at, Previous: previous,
		}
		if diff := cmp.Diff(want, decode(t, string(encode(want)))); diff != "" {
			t.Error(diff)
		}
	})
}

func decode(t *testing.T, s string) Entry {
	t.Helper()
	next := func() string {
		digits, rest, ok := strings.Cut(s, ":")
		n, err := strconv.Atoi(digits)
		if !ok || err != nil || n < 0 || n >= len(rest) || rest[n] != ',' {
			t.Fatalf("not a netstring: %q", s)
		}
		s = rest[n+1:]
		return rest[:n]
	}
	number := func() int64 {
		n, err := strconv.ParseInt(next(), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	party := func() Party { return Party{ID: next(), Name: next(), Email: next()} }
	if name := next(); name != encodingName {
		t.Fatalf("encoding %q", name)
	}
	e := Entry{Seq: number(), At: time.UnixMilli(number()).UTC(), Action: Action(next()), Outcome: Outcome(next()), Actor: party(),
		OrganizationID: next(), OrganizationName: next(), Region: next(), Subject: party(), Reason: next(), Ticket: next(),
		Detail: next(), PlatformStatus: int(number()), CorrelationID: next(), RequestID: next(), ClientAddress: next(),
		Asks: number(), Previous: next()}
	if s != "" {
		t.Fatalf("left over: %q", s)
	}
	return e
}

// Whatever a field holds, a spreadsheet takes it for text, and a reader can take the apostrophe off again.
func FuzzUnformula(f *testing.F) {
	for _, s := range []string{"", "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "plain", "'=1", "a=1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := unformula(s)
		if got != s && got != "'"+s {
			t.Errorf("%q became %q", s, got)
		}
		first := strings.TrimLeft(got, " ")
		for _, dangerous := range []string{"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"} {
			if strings.HasPrefix(first, dangerous) {
				t.Errorf("%q still begins with %q", got, dangerous)
			}
		}
	})
}
