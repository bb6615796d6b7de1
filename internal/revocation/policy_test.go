package revocation_test

import (
	"errors"
	"strings"
	"testing"

	"tokenconsole/internal/genesys"
	"tokenconsole/internal/revocation"
)

// Every act has a reason in words, or one that was chosen; a ticket is one line or nothing.
func TestPolicy(t *testing.T) {
	t.Parallel()
	long := func(n int) string { return strings.Repeat("ü", n) } // two bytes each
	for name, test := range map[string]struct {
		chosen, reason, ticket string
		want                   revocation.FormError
	}{
		"words":                {"", "phone lost", "", revocation.FormError{}},
		"words and a ticket":   {"", "phone lost", "SEC-1", revocation.FormError{}},
		"a number":             {"", "42", "", revocation.FormError{}},
		"chosen":               {"Left", "", "", revocation.FormError{}},
		"chosen, and words":    {"Left", "today", "", revocation.FormError{}},
		"chosen, and no words": {"Left", "...", "", revocation.FormError{Reason: revocation.NoWords, ReasonLength: 3}},
		"nothing":              {"", "", "", revocation.FormError{Reason: revocation.Missing}},
		"no words":             {"", "?! ", "", revocation.FormError{Reason: revocation.NoWords, ReasonLength: 3}},
		"not UTF-8":            {"", "a\xff", "\xff", revocation.FormError{Reason: revocation.Unreadable, Ticket: revocation.Unreadable, ReasonLength: 2}},
		"the longest":          {"", long(revocation.MaxReason), long(revocation.MaxTicket), revocation.FormError{}},
		"too long": {"", long(revocation.MaxReason + 1), long(revocation.MaxTicket + 1),
			revocation.FormError{Reason: revocation.TooLong, Ticket: revocation.TooLong, ReasonLength: revocation.MaxReason + 1}},
		"a ticket of two lines": {"", "phone lost", "a\nb", revocation.FormError{Ticket: revocation.NotOneLine, ReasonLength: 10}},
		"chosen, a bad ticket":  {"Left", "", "a\rb", revocation.FormError{Ticket: revocation.NotOneLine}},
	} {
		t.Run(name, func(t *testing.T) {
			err := revocation.Order{Chosen: test.chosen, Reason: test.reason, Ticket: test.ticket}.Check()
			told, ok := errors.AsType[*revocation.FormError](err)
			if fine := test.want.Reason == "" && test.want.Ticket == ""; ok == fine || ok && *told != test.want {
				t.Errorf("%v, want %v", err, &test.want)
			}
			if test.chosen == "" {
				if alone := revocation.Check(test.reason, test.ticket); (alone == nil) != (err == nil) {
					t.Errorf("alone: %v", alone)
				}
			}
		})
	}
}

func TestReasons(t *testing.T) {
	t.Parallel()
	reasons := revocation.UsualReasons()
	for _, test := range []struct{ choice, words, want string }{
		{"Left", "", "Left"}, {"Left", "today", "Left: today"}, {"", "today", "today"},
		{"Other", "today", "today"}, {"Other", "", ""}, {"made up", "today", "today"},
	} {
		if got := reasons.Whole(test.choice, test.words); got != test.want {
			t.Errorf("%q and %q are %q, want %q", test.choice, test.words, got, test.want)
		}
	}
	if got := (revocation.Reasons{"other", "Left"}).Chosen("other"); got != "" {
		t.Errorf("chosen: %q", got)
	}
}

// A protected person is revoked singly by who types their email, and never in a batch.
func TestProtected(t *testing.T) {
	t.Parallel()
	const text = "6e61b501-d95a-56be-b87a-009ea80487d7"
	id, err := genesys.ParseUserID(text)
	if err != nil {
		t.Fatal(err)
	}
	person := func(email string, unknown error) revocation.Subject {
		return revocation.Subject{User: genesys.User{ID: id, Email: email}, Unknown: unknown}
	}
	away := errors.New("away")
	for name, test := range map[string]struct {
		protected []string
		subject   revocation.Subject
		asks      string
	}{
		"nobody is":                  {nil, person("ada@demo.example", nil), ""},
		"nobody is, not known":       {nil, person("", away), ""},
		"somebody else":              {[]string{"ben@demo.example"}, person("ada@demo.example", nil), ""},
		"by email":                   {[]string{" Ada@Demo.example "}, person("ada@demo.EXAMPLE", nil), "ada@demo.EXAMPLE"},
		"by id":                      {[]string{strings.ToUpper(text)}, person("ada@demo.example", nil), "ada@demo.example"},
		"by id, without an email":    {[]string{text}, person("", nil), text},
		"another, without an email":  {[]string{"ben@demo.example"}, person("", nil), ""},
		"perhaps, since not known":   {[]string{"ben@demo.example"}, person("", away), text},
		"an empty setting, no email": {[]string{""}, person("", nil), ""},
	} {
		t.Run(name, func(t *testing.T) {
			protected := revocation.NewProtected(test.protected)
			if asks := protected.Asks(test.subject); asks != test.asks {
				t.Errorf("asks for %q, want %q", asks, test.asks)
			}
			has := test.asks != "" && test.subject.Unknown == nil
			if got := protected.Has(id, test.subject.Email); got != has {
				t.Errorf("protected: %t", got)
			}
			for typed, spares := range map[string]bool{"": test.asks != "", "wrong": test.asks != "", " " + strings.ToUpper(test.asks): false} {
				if test.asks == "" || typed != " " {
					if got := protected.Spares(revocation.Order{Typed: typed}, test.subject); got != spares {
						t.Errorf("typed %q: spared %t", typed, got)
					}
				}
			}
			if got := protected.Spares(revocation.Order{Typed: test.asks, Batch: "b"}, test.subject); got != (test.asks != "") {
				t.Errorf("in a batch: spared %t", got)
			}
		})
	}
}
