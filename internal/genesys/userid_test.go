package genesys

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"
)

const someone = "6e61b501-d95a-56be-b87a-009ea80487d7"

func userID(tb testing.TB, text string) UserID {
	tb.Helper()
	id, err := ParseUserID(text)
	if err != nil {
		tb.Fatal(err)
	}
	return id
}

// refusedIDs must never name a user in a request (R5, R6 of the requirements on
// revoking: they would lead DELETE /api/v2/tokens/{userId} elsewhere).
var refusedIDs = []string{
	"", " ", "me", "ME", "Me", " me ", "me%00", "me\x00", "%6d%65", "ｍｅ", "ｍe", "timeout",
	"../me", "..%2fme", "..%2Fme", "%2e%2e%2fme", "%252e%252e", "..\\me", "./me", "//h", `\`, "me/", "/me",
	someone + "/../me", someone + "/", someone + "?x=1", someone + "#", someone + ";x", someone + "%00",
	someone + "\n", someone + "\r\n", "\n" + someone, someone + " ", " " + someone, "\t" + someone,
	strings.ToUpper(someone), "6E61b501-d95a-56be-b87a-009ea80487d7",
	"{" + someone + "}", "(" + someone + ")", "urn:uuid:" + someone, "URN:UUID:" + someone, `"` + someone + `"`,
	strings.ReplaceAll(someone, "-", ""), strings.ReplaceAll(someone, "-", "_"), strings.ReplaceAll(someone, "-", "–"),
	"６e61b501-d95a-56be-b87a-009ea80487d7", someone[:35], someone + "0", someone + someone,
	"00000000-0000-0000-0000-000000000000", "g" + someone[1:], strings.Repeat("a", 10_000), someone + "," + someone,
}

func TestParseUserIDRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range refusedIDs {
		id, err := ParseUserID(text)
		if !errors.Is(err, ErrUserID) || !id.IsZero() {
			t.Errorf("%.60q gives %q, %v", text, id, err)
		}
		var decoded UserID
		if err := decoded.UnmarshalText([]byte(text)); text != "" && !errors.Is(err, ErrUserID) {
			t.Errorf("UnmarshalText(%.60q) = %v, and gives %q", text, err, decoded)
		}
	}
}

func TestParseUserIDAccepts(t *testing.T) {
	t.Parallel()
	for _, text := range []string{someone, "ffffffff-ffff-ffff-ffff-ffffffffffff", "018f3c1e-0000-7000-8000-000000000001"} {
		id := userID(t, text)
		if id.String() != text || id.IsZero() {
			t.Errorf("%q became %q", text, id)
		}
	}
}

func TestUserIDInJSON(t *testing.T) {
	t.Parallel()
	want := struct{ ID, Nobody UserID }{ID: userID(t, someone)}
	encoded, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	got := want
	got.ID = UserID{}
	if err := json.Unmarshal(encoded, &got); err != nil || got != want {
		t.Errorf("%s became %v, %v", encoded, got, err)
	}
}

var canonical = regexp.MustCompile(`\A[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\z`)

// FuzzParseUserID holds that what is accepted is canonical and comes back as it
// was given, and that what is canonical is accepted but for the nil UUID.
func FuzzParseUserID(f *testing.F) {
	f.Add(someone)
	for _, text := range refusedIDs {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, err := ParseUserID(text)
		want := canonical.MatchString(text) && strings.Trim(text, "0-") != ""
		if accepted := err == nil; accepted != want {
			t.Fatalf("%q accepted: %t, want %t", text, accepted, want)
		}
		if err == nil && id.String() != text || err != nil && !id.IsZero() {
			t.Fatalf("%q became %q", text, id)
		}
	})
}
