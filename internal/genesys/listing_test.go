package genesys

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
)

// Lists tell in three ways where they go on, and some not at all.
func TestWhereAListGoesOn(t *testing.T) {
	t.Parallel()
	full := make([]Named, perPage)
	for name, test := range map[string]struct {
		page   listingReply[Named]
		number int
		want   Position
		more   bool
	}{
		"a cursor":                        {listingReply[Named]{NextURI: "/api/v2/things?after=abc"}, 1, Position{after: "abc"}, true},
		"the next page":                   {listingReply[Named]{NextURI: "/api/v2/things?pageNumber=2"}, 1, Position{page: 2}, true},
		"what is no address":              {listingReply[Named]{NextURI: ":"}, 1, Position{page: 2}, true},
		"one of three":                    {listingReply[Named]{PageCount: 3, PageNumber: 1}, 1, Position{page: 2}, true},
		"two of three":                    {listingReply[Named]{PageCount: 3, PageNumber: 2}, 2, Position{page: 3}, true},
		"the last, full":                  {listingReply[Named]{PageCount: 3, PageNumber: 3, Entities: full}, 3, Position{page: 4}, false},
		"numbered and not counted, full":  {listingReply[Named]{PageNumber: 1, Entities: full}, 1, Position{page: 2}, true},
		"numbered and not counted, short": {listingReply[Named]{PageNumber: 1, Entities: full[1:]}, 1, Position{page: 2}, false},
		"neither, full":                   {listingReply[Named]{Entities: full}, 1, Position{page: 2}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if at, more := test.page.next(test.number); at != test.want || more != test.more {
				t.Errorf("%+v, %t", at, more)
			}
		})
	}
}

func TestPagesAreAskedFor(t *testing.T) {
	t.Parallel()
	for want, from := range map[string]Position{
		"pageSize=100":              {},
		"pageNumber=2&pageSize=100": {page: 2},
		"after=abc&pageSize=100":    {after: "abc"},
	} {
		client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.RawQuery != want {
				t.Errorf("asked for %q, want %q", r.URL.RawQuery, want)
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, "{}")
		})
		if _, err := client.GetOAuthClients(t.Context(), bearer, from); err != nil {
			t.Error(err)
		}
	}
}

// A list may be as long as its reader has use for, and no longer.
func TestAllAtTheLimit(t *testing.T) {
	t.Parallel()
	pages := func(_ context.Context, at Position) (Listing[int], error) {
		return Listing[int]{Entities: []int{1, 2}, Next: Position{page: at.page + 1}, More: at.page < 1}, nil
	}
	if got, err := All(t.Context(), 4, pages); len(got) != 4 || err != nil {
		t.Errorf("four of four: %v, %v", got, err)
	}
	if _, err := All(t.Context(), 3, pages); !errors.Is(err, ErrTooMany) {
		t.Errorf("four of three: %v", err)
	}
}
