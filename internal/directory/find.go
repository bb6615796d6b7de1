package directory

import (
	"context"
	"slices"
	"strings"

	"tokenconsole/internal/genesys"
)

const (
	// PerPage is how many people a page of a list holds.
	PerPage = 50
	// MaxTold is of how many people the platform tells the last tokens in one call.
	MaxTold = maxPage
	// maxPage is the most people that one call returns.
	maxPage = 100
	// maxRead is how many people are read, at most, to find those who are busy: the
	// platform cannot search for that.
	maxRead = 500
	// maxSearchable is how many of the people found the platform shows at all.
	maxSearchable = 10_000
)

// Finder finds people with the token of who looks.
type Finder struct {
	Client *genesys.Client
	Token  genesys.Secret
}

// Found is a page of the people that a query finds.
type Found struct {
	Query  Query // as it was searched for: other spellings may have been added
	People []genesys.User
	Total  int // in all pages
	Page   int // from 1
	Pages  int
	Near   []genesys.User // nearly what was looked for, when nobody is; at most 8

	Spellable bool // the words could be written with other accents, and were not tried so
	Unsorted  bool // too many people to sort by the last token
	ReadFirst int  // only so many people were looked at for busy ones; 0 for all
	HasTokens bool // the people come with the time of their last token and log-in
}

// Find returns page number of the people whom q finds (PostUsersSearch, and its
// permission and scope). It asks the platform once, and once or twice more for
// other spellings and near misses when nobody is found.
func (f *Finder) Find(ctx context.Context, q Query, number int) (Found, error) {
	found, err := f.asked(ctx, q, number)
	words := q.words()
	if err != nil || found.Total > 0 || len(words) == 0 {
		found.Spellable = !q.Spelling && foldable(words)
		return found, err
	}
	if !q.Spelling && foldable(words) {
		other := q
		other.Spelling = true
		if again, err := f.asked(ctx, other, number); err != nil || again.Total > 0 {
			return again, err
		}
	}
	found.Near, err = f.near(ctx, q)
	return found, err
}

// asked finds exactly what q says.
func (f *Finder) asked(ctx context.Context, q Query, number int) (Found, error) {
	number = min(max(number, 1), maxSearchable/PerPage)
	switch {
	case q.Busy:
		return f.busy(ctx, q, number)
	case strings.TrimPrefix(q.Sort, "-") == "issued":
		return f.byToken(ctx, q, number)
	}
	page, err := f.search(ctx, q, PerPage, number)
	if err == nil && len(page.Results) == 0 && page.PageCount > 0 && number > page.PageCount {
		// There are people, only not so many pages of them.
		number = page.PageCount
		page, err = f.search(ctx, q, PerPage, number)
	}
	return Found{
		Query: q, People: page.Results, Total: page.Total, Page: number, Pages: min(page.PageCount, maxSearchable/PerPage),
	}, err
}

func (f *Finder) search(ctx context.Context, q Query, size, number int) (genesys.UserPage, error) {
	var spelled [][]string
	if words := q.words(); q.Spelling && len(words) > 0 {
		spelled = spellingsOf(words)
	}
	by, direction := q.order()
	return f.Client.PostUsersSearch(ctx, f.Token, genesys.UserSearch{
		PageSize: size, PageNumber: number, SortBy: by, SortOrder: direction,
		Query: q.criteria(spelled), Expand: []string{"presence", "routingStatus"},
	})
}

// busy reads people until maxRead and keeps those in an interaction.
func (f *Finder) busy(ctx context.Context, q Query, number int) (Found, error) {
	found := Found{Query: q}
	var all []genesys.User
	for n := 1; n <= maxRead/maxPage; n++ {
		page, err := f.search(ctx, q, maxPage, n)
		if err != nil {
			return found, err
		}
		all = append(all, page.Results...)
		if n >= page.PageCount {
			break
		}
		if n == maxRead/maxPage {
			found.ReadFirst = maxRead
		}
	}
	return found.cut(slices.DeleteFunc(all, func(u genesys.User) bool { return !u.Busy() }), number), nil
}

// byToken sorts people by their last token, if one call can tell it of all.
func (f *Finder) byToken(ctx context.Context, q Query, number int) (Found, error) {
	page, err := f.search(ctx, q, maxPage, 1)
	if err != nil {
		return Found{Query: q}, err
	}
	if page.Total > maxPage {
		q.Sort = ""
		found, err := f.asked(ctx, q, number)
		found.Unsorted = true
		return found, err
	}
	found := Found{Query: q}
	people, err := f.WithTokens(ctx, page.Results)
	if err != nil {
		found.Unsorted = true
		return found.cut(page.Results, number), nil // the list is right; the caller asks again, and tells why not
	}
	found.HasTokens = true
	slices.SortStableFunc(people, func(a, b genesys.User) int {
		order := b.LastTokenIssued.DateIssued.Compare(a.LastTokenIssued.DateIssued)
		if strings.HasPrefix(q.Sort, "-") {
			return -order
		}
		return order
	})
	return found.cut(people, number), nil
}

// cut is f with page number of people.
func (f Found) cut(people []genesys.User, number int) Found {
	f.Total, f.Pages = len(people), (len(people)+PerPage-1)/PerPage
	f.Page = min(number, max(f.Pages, 1))
	from := (f.Page - 1) * PerPage
	f.People = people[from:min(from+PerPage, len(people))]
	return f
}

// near finds people who are nearly what q looks for.
func (f *Finder) near(ctx context.Context, q Query) ([]genesys.User, error) {
	page, err := f.Client.PostUsersSearch(ctx, f.Token, genesys.UserSearch{
		PageSize: maxPage, PageNumber: 1, SortBy: "name", SortOrder: "SCORE", Query: q.nearCriteria(),
		Expand: []string{"presence", "routingStatus"},
	})
	return q.nearest(page.Results), err
}

// WithTokens returns users with the times of their last token and log-in, in one
// call (GetUsers; at most MaxTold people). It returns an error and users as they are
// if the platform does not tell.
func (f *Finder) WithTokens(ctx context.Context, users []genesys.User) ([]genesys.User, error) {
	if len(users) == 0 {
		return nil, nil
	}
	ids := make([]genesys.UserID, len(users))
	for i, u := range users {
		ids[i] = u.ID
	}
	told, err := f.Client.GetUsers(ctx, f.Token, ids)
	if err != nil {
		return users, err
	}
	merged := slices.Clone(users)
	for i, u := range merged {
		if j := slices.IndexFunc(told, func(t genesys.User) bool { return t.ID == u.ID }); j >= 0 {
			merged[i] = told[j]
		}
	}
	return merged, nil
}

// All returns everybody whom q finds, as far as the platform shows them: at most
// limit people, and how many there are. It makes one call for each 100.
func (f *Finder) All(ctx context.Context, q Query, limit int) (people []genesys.User, total int, err error) {
	q.Sort = ""
	for n := 1; len(people) < limit && n <= maxSearchable/maxPage; n++ {
		page, err := f.search(ctx, q, maxPage, n)
		if err != nil {
			return nil, 0, err
		}
		people, total = append(people, page.Results...), page.Total
		if n >= page.PageCount {
			break
		}
	}
	if q.Busy {
		people = slices.DeleteFunc(people, func(u genesys.User) bool { return !u.Busy() })
		total = len(people)
	}
	return people[:min(len(people), limit)], total, nil
}
