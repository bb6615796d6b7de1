package directory

import (
	"context"
	"slices"
	"strings"

	"tokenconsole/internal/genesys"
)

// Exact returns the one person whose address or whole name q is, in any case and
// order and with or without accents (PostUsersSearch). It reports false if there
// is nobody, or more than one.
func (f *Finder) Exact(ctx context.Context, q Query) (genesys.User, bool, error) {
	if words := q.words(); len(words) == 0 || q.Filtered() {
		return genesys.User{}, false, nil
	}
	page, err := f.search(ctx, q, maxPage, 1)
	if err != nil {
		return genesys.User{}, false, err
	}
	if i := slices.IndexFunc(page.Results, q.IsEmailOf); i >= 0 {
		return page.Results[i], true, nil
	}
	named := slices.DeleteFunc(page.Results, func(u genesys.User) bool { return !q.isNameOf(u) })
	if len(named) == 1 && page.Total <= maxPage {
		return named[0], true, nil
	}
	return genesys.User{}, false, nil
}

// IsEmailOf reports whether q is the address of u.
func (q Query) IsEmailOf(u genesys.User) bool {
	return q.Text != "" && strings.EqualFold(q.Text, u.Email)
}

func (q Query) isNameOf(u genesys.User) bool {
	typed, name := strings.Fields(Fold(q.Text)), strings.Fields(Fold(u.Name))
	slices.Sort(typed)
	slices.Sort(name)
	return slices.Equal(typed, name)
}
