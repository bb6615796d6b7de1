package emulator

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
)

// listing is one page of the platform's EntityListings. Some of them have no
// total, and some no URIs.
type listing[T any] struct {
	Entities   []T    `json:"entities"`
	PageSize   int    `json:"pageSize,omitempty"`
	PageNumber int    `json:"pageNumber,omitempty"`
	Total      *int   `json:"total,omitempty"`
	PageCount  *int   `json:"pageCount,omitempty"`
	FirstURI   string `json:"firstUri,omitempty"`
	LastURI    string `json:"lastUri,omitempty"`
	SelfURI    string `json:"selfUri,omitempty"`
	NextURI    string `json:"nextUri,omitempty"`
	PrevURI    string `json:"previousUri,omitempty"`
}

// pageOf returns the page of all that r asks for, each shown by show. A page holds
// 25 unless r asks for another size, and at most most.
func pageOf[S, T any](r *http.Request, all []S, most int, show func(S) T) (listing[T], error) {
	q := r.URL.Query()
	size, err := number(q, "pageSize", 25, most)
	if err != nil {
		return listing[T]{}, err
	}
	page, err := number(q, "pageNumber", 1, 1<<20)
	if err != nil {
		return listing[T]{}, err
	}
	total, count := len(all), (len(all)+size-1)/size
	l := listing[T]{Entities: []T{}, PageSize: size, PageNumber: page, Total: &total, PageCount: &count}
	for _, one := range slice(all, page, size) {
		l.Entities = append(l.Entities, show(one))
	}
	l.link(r.URL.Path, q)
	return l, nil
}

// link fills in the URIs of this page, its neighbours, the first and the last.
func (l *listing[T]) link(path string, q url.Values) {
	at := func(page int) string {
		q.Set("pageNumber", strconv.Itoa(page))
		return path + "?" + q.Encode()
	}
	l.FirstURI, l.LastURI, l.SelfURI = at(1), at(max(*l.PageCount, 1)), at(l.PageNumber)
	if l.PageNumber < *l.PageCount {
		l.NextURI = at(l.PageNumber + 1)
	}
	if l.PageNumber > 1 {
		l.PrevURI = at(l.PageNumber - 1)
	}
}

// partOf returns the part of all that r asks for with a cursor, each shown by show.
// It names neither a total nor a number of pages.
func partOf[S, T any](r *http.Request, all []S, show func(S) T) (listing[T], error) {
	q := r.URL.Query()
	size, err := number(q, "pageSize", 25, 100)
	if err != nil {
		return listing[T]{}, err
	}
	from, err := position(q)
	if err != nil {
		return listing[T]{}, err
	}
	at := func(from int) string {
		q.Set("after", base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(from))))
		return r.URL.Path + "?" + q.Encode()
	}
	from = min(from, len(all))
	until := min(from+size, len(all))
	l := listing[T]{Entities: []T{}, SelfURI: at(from)}
	for _, one := range all[from:until] {
		l.Entities = append(l.Entities, show(one))
	}
	if until < len(all) {
		l.NextURI = at(until)
	}
	return l, nil
}

// position returns where the cursor after points to.
func position(q url.Values) (int, error) {
	cursor := q.Get("after")
	if cursor == "" {
		return 0, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return 0, malformed()
	}
	from, err := strconv.Atoi(string(text))
	if err != nil || from < 0 {
		return 0, malformed()
	}
	return from, nil
}

// slice returns one page of all. Pages count from 1.
func slice[T any](all []T, page, size int) []T {
	from := min((page-1)*size, len(all))
	return all[from:min(from+size, len(all))]
}
