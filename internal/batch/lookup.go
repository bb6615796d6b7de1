package batch

import (
	"context"
	"slices"

	"tokenconsole/internal/directory"
	"tokenconsole/internal/genesys"
)

// byID looks up people by their ids (GetUsers).
func (c *Chooser) byID(ctx context.Context, ids []genesys.UserID, f *found) error {
	return inParts(ctx, once(ids), idsAtOnce, func(ctx context.Context, part []genesys.UserID) error {
		users, err := c.Client.GetUsers(ctx, c.Token, part)
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, u := range users {
			f.byID[u.ID] = u
		}
		return err
	})
}

// byText looks up people whose email or name is one of texts, in any case (PostUsersSearch).
func (c *Chooser) byText(ctx context.Context, field string, texts []string, f *found) error {
	return inParts(ctx, once(texts), textsAtOnce, func(ctx context.Context, part []string) error {
		users, err := c.search(ctx, genesys.SearchCriterion{Type: "EXACT", Fields: []string{field}, Values: part})
		f.add(users, func(u genesys.User) string {
			if field == "email" {
				return foldEmail(u.Email)
			}
			return directory.Fold(u.Name)
		})
		return err
	})
}

// search returns everybody whom a condition finds, whatever their state.
func (c *Chooser) search(ctx context.Context, condition genesys.SearchCriterion) ([]genesys.User, error) {
	var all []genesys.User
	for n := 1; ; n++ {
		page, err := c.Client.PostUsersSearch(ctx, c.Token, genesys.UserSearch{
			PageSize: idsAtOnce, PageNumber: n, SortBy: "name", SortOrder: "ASC", Expand: []string{"routingStatus"},
			Query: []genesys.SearchCriterion{condition, {Type: "EXACT", Fields: []string{"state"}, Values: directory.States}},
		})
		if err != nil {
			return nil, err
		}
		all = append(all, page.Results...)
		if page.Total > MaxPeople {
			return nil, ErrTooMany
		}
		if n >= page.PageCount || len(page.Results) == 0 {
			return all, nil
		}
	}
}

// maxGuessed is how many names that nobody has exactly are looked for once more, word by word: that takes a call or
// three for each.
const maxGuessed = 50

// guess finds who is nearest to the names that nobody has exactly.
func (c *Chooser) guess(ctx context.Context, lines []Line, f *found) error {
	missing := slices.DeleteFunc(slices.Clone(lines), func(l Line) bool {
		return !l.ID.IsZero() || l.Email != "" || len(l.Names) == 0 || len(f.named(l)) > 0
	})
	finder := directory.Finder{Client: c.Client, Token: c.Token}
	return inParts(ctx, missing[:min(len(missing), maxGuessed)], 1, func(ctx context.Context, part []Line) error {
		near, err := finder.Find(ctx, directory.ParseQuery(map[string][]string{"q": {part[0].Names[0]}}), 1)
		if near.Query.Text == "" {
			return err // no words in it: that would find everybody
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		f.guessed[part[0].Number] = slices.Concat(near.People, near.Near)
		return err
	})
}

// once is all without what comes again, in the same order.
func once[T comparable](all []T) []T {
	seen := map[T]bool{}
	return slices.DeleteFunc(slices.Clone(all), func(one T) bool {
		again := seen[one]
		seen[one] = true
		return again
	})
}
