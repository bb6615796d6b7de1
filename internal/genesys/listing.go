package genesys

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Position is a place in one of the platform's lists: a page's number or, in lists
// that have cursors, a cursor. The zero value is the beginning.
type Position struct {
	page  int
	after string
}

// Listing is one page of a list (the vendor's …EntityListing).
type Listing[T any] struct {
	Entities []T
	Total    int      // on all pages; 0 where the platform does not tell
	Next     Position // where the list goes on
	More     bool     // whether it does
}

// perPage is how many entries of a list the console asks for at once: the most that
// every list of the platform gives.
const perPage = 100

// listingReply is a page as the platform sends it.
type listingReply[T any] struct {
	Entities   []T    `json:"entities"`
	Total      int    `json:"total"`
	PageCount  int    `json:"pageCount"`
	PageNumber int    `json:"pageNumber"`
	NextURI    string `json:"nextUri"`
}

// list asks for the page of a list that begins at from. Query may be nil.
func list[T any](ctx context.Context, cl *Client, token Secret, operation, path string, query url.Values, from Position) (Listing[T], error) {
	if query == nil {
		query = url.Values{}
	}
	query.Set("pageSize", strconv.Itoa(perPage))
	number := max(from.page, 1)
	if from.after != "" {
		query.Set("after", from.after)
	} else if number > 1 {
		query.Set("pageNumber", strconv.Itoa(number))
	}
	var reply listingReply[T]
	_, err := cl.do(ctx, token, call{operation: operation, method: http.MethodGet, path: path, query: query, reply: &reply})
	if err != nil {
		return Listing[T]{}, err
	}
	page := Listing[T]{Entities: reply.Entities, Total: reply.Total}
	page.Next, page.More = reply.next(number)
	return page, nil
}

// next is where the list goes on after page number, and whether it does. Some
// lists name the next page, some count their pages, and some do neither: those go
// on while their pages are full.
func (r listingReply[T]) next(number int) (Position, bool) {
	if uri, err := url.Parse(r.NextURI); err == nil && r.NextURI != "" {
		if after := uri.Query().Get("after"); after != "" {
			return Position{after: after}, true
		}
	}
	counted := r.PageCount > 0 || r.PageNumber == 0
	more := r.NextURI != "" || number < r.PageCount || !counted && len(r.Entities) == perPage
	return Position{page: number + 1}, more
}

// ErrTooMany says that a list is longer than its reader has use for.
var ErrTooMany = errors.New("the list is longer than can be used")

// longestPause is how long Patiently waits for the platform's rate limit at once: its
// window is a minute.
const longestPause = time.Minute

// Patiently makes call and, while the platform says that there were too many, makes
// it again after the time that the platform names, or a second. It waits for as long
// as ctx lives, and gives up at a pause of more than a minute.
func Patiently(ctx context.Context, call func(context.Context) error) error {
	for {
		err := call(ctx)
		refused, ok := errors.AsType[*Error](err)
		if !ok || refused.Status != http.StatusTooManyRequests || refused.RetryAfter > longestPause {
			return err
		}
		pause := time.NewTimer(max(refused.RetryAfter, time.Second))
		select {
		case <-ctx.Done():
			pause.Stop()
			return err
		case <-pause.C:
		}
	}
}

// All reads a list to its end, patiently, and never less than that: ErrTooMany if
// it has more than most entries.
func All[T any](ctx context.Context, most int, page func(context.Context, Position) (Listing[T], error)) ([]T, error) {
	var all []T
	var at Position
	for {
		var got Listing[T]
		err := Patiently(ctx, func(ctx context.Context) (err error) {
			got, err = page(ctx, at)
			return err
		})
		if err != nil {
			return nil, err
		}
		all = append(all, got.Entities...)
		if max(len(all), got.Total) > most {
			return nil, ErrTooMany
		}
		if !got.More || len(got.Entities) == 0 {
			return all, nil
		}
		at = got.Next
	}
}
