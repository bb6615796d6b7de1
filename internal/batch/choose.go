package batch

import (
	"context"
	"errors"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"tokenconsole/internal/directory"
	"tokenconsole/internal/genesys"
)

// Chooser finds out on the platform who the people of a plan are, with the token of who prepares it. It only reads. It
// makes a few calls at a time, waits while the platform says that there were too many, and gives up with its context.
type Chooser struct {
	Client *genesys.Client
	Token  genesys.Secret
	Roles  bool // whether who prepares may read roles: without that nobody can say who is an administrator
}

// Choice is whom a plan is to be about, for Prepare.
type Choice struct {
	Rule   Rule
	People []Person
}

const (
	callsAtOnce = 4   // of the platform, for one plan
	idsAtOnce   = 100 // in one call
	textsAtOnce = 50  // values of one search: the platform refuses too many
)

// Lines chooses whom the lines of a list name: ids and addresses exactly, and names by the whole name in any case. A
// name that nobody has exactly comes with those who are nearest to it, for the first maxGuessed of them.
func (c *Chooser) Lines(ctx context.Context, rule Rule, lines []Line) (Choice, error) {
	var ids []genesys.UserID
	var emails, names []string
	for _, l := range lines {
		switch {
		case !l.ID.IsZero():
			ids = append(ids, l.ID)
		case l.Email != "":
			emails = append(emails, l.Email)
		default:
			names = append(names, l.Names...)
		}
	}
	found := newFound()
	if err := c.byID(ctx, ids, found); err != nil {
		return Choice{}, err
	}
	if err := c.byText(ctx, "email", emails, found); err != nil {
		return Choice{}, err
	}
	if err := c.byText(ctx, "name", names, found); err != nil {
		return Choice{}, err
	}
	if err := c.guess(ctx, lines, found); err != nil {
		return Choice{}, err
	}
	people := make([]Person, len(lines))
	for i, l := range lines {
		people[i] = found.person(l)
		people[i].Line, people[i].Input = l.Number, l.Input
	}
	return c.finish(ctx, Choice{rule, people})
}

// IDs chooses the people with these ids.
func (c *Chooser) IDs(ctx context.Context, rule Rule, ids []genesys.UserID) (Choice, error) {
	found := newFound()
	if err := c.byID(ctx, ids, found); err != nil {
		return Choice{}, err
	}
	people := make([]Person, len(ids))
	for i, id := range ids {
		people[i] = found.person(Line{ID: id})
		people[i].Input = id.String()
	}
	return c.finish(ctx, Choice{rule, people})
}

// Query chooses everybody whom q finds. ErrTooMany: more people than a batch takes.
func (c *Chooser) Query(ctx context.Context, rule Rule, q directory.Query) (Choice, error) {
	finder := directory.Finder{Client: c.Client, Token: c.Token}
	var users []genesys.User
	err := genesys.Patiently(ctx, func(ctx context.Context) error {
		if first, err := finder.Find(ctx, q, 1); err != nil || first.Total == 0 || first.Total > MaxPeople {
			return refusal(err, first.Total)
		}
		found, total, err := finder.All(ctx, q, MaxPeople)
		users = found
		return refusal(err, total)
	})
	if err != nil {
		return Choice{}, err
	}
	people := make([]Person, len(users))
	for i, u := range users {
		people[i] = personOf(u)
	}
	return c.finish(ctx, Choice{rule, people})
}

// refusal is err, or what is wrong with so many people.
func refusal(err error, people int) error {
	if err == nil && people > MaxPeople {
		return ErrTooMany
	}
	return err
}

// finish marks who is an administrator.
func (c *Chooser) finish(ctx context.Context, choice Choice) (Choice, error) {
	if !c.Roles {
		choice.Rule.NoRoles = true
		return choice, nil
	}
	administrators, err := c.administrators(ctx)
	if errors.Is(err, genesys.ErrForbidden) {
		choice.Rule.NoRoles = true // the role of who prepares has changed since they signed in, or a scope is missing
		return choice, nil
	}
	for i := range choice.People {
		p := &choice.People[i]
		p.Administrator = administrators[p.ID]
		for j := range p.Candidates {
			p.Candidates[j].Administrator = administrators[p.Candidates[j].ID]
		}
	}
	return choice, err
}

// administrators are the people with a role that may administer the organization.
func (c *Chooser) administrators(ctx context.Context) (map[genesys.UserID]bool, error) {
	roles, err := listed(ctx, c, c.Client.GetAuthorizationRoles)
	if err != nil {
		return nil, err
	}
	all := map[genesys.UserID]bool{}
	for _, role := range roles {
		if !role.Administers() {
			continue
		}
		ids, err := c.holders(ctx, role.ID)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			all[id] = true
		}
	}
	return all, nil
}

// found is who was found, by what they were looked for. It is filled by several goroutines.
type found struct {
	mu      sync.Mutex
	byID    map[genesys.UserID]genesys.User
	byText  map[string][]genesys.User // by address in lower case, or by folded name
	guessed map[int][]genesys.User    // by line: who is nearest to its name
}

func newFound() *found {
	return &found{
		byID: map[genesys.UserID]genesys.User{}, byText: map[string][]genesys.User{}, guessed: map[int][]genesys.User{},
	}
}

func (f *found) add(users []genesys.User, text func(genesys.User) string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, u := range users {
		key := text(u)
		if !slices.ContainsFunc(f.byText[key], func(other genesys.User) bool { return other.ID == u.ID }) {
			f.byText[key] = append(f.byText[key], u)
		}
	}
}

// person is whom l names, as a row of the plan.
func (f *found) person(l Line) Person {
	if !l.ID.IsZero() {
		if u, ok := f.byID[l.ID]; ok {
			return personOf(u)
		}
		return Person{Plan: NotFound}
	}
	if l.Email != "" {
		return oneOf(f.byText[foldEmail(l.Email)])
	}
	if same := f.named(l); len(same) > 0 {
		return oneOf(same)
	}
	if near := f.guessed[l.Number]; len(near) > 0 {
		return Person{Plan: Ambiguous, Candidates: candidates(near)}
	}
	return Person{Plan: NotFound}
}

// named are the people who have the name of l in one of its spellings.
func (f *found) named(l Line) []genesys.User {
	var same []genesys.User
	for _, name := range l.Names {
		for _, u := range f.byText[directory.Fold(name)] {
			if !slices.ContainsFunc(same, func(other genesys.User) bool { return other.ID == u.ID }) {
				same = append(same, u)
			}
		}
	}
	return same
}

// oneOf is the row of whoever is meant by something that fits all of users: the only active one, if there is one.
func oneOf(users []genesys.User) Person {
	active := slices.DeleteFunc(slices.Clone(users), func(u genesys.User) bool { return !isActive(u) })
	switch {
	case len(active) == 1:
		return personOf(active[0])
	case len(active) > 1:
		return Person{Plan: Ambiguous, Candidates: candidates(active)}
	case len(users) > 0:
		return personOf(users[0])
	}
	return Person{Plan: NotFound}
}

func isActive(u genesys.User) bool { return u.State == "active" || u.State == "" }

func personOf(u genesys.User) Person {
	p := Person{ID: u.ID, Name: u.Name, Email: u.Email, Plan: ToRevoke, Busy: busy(u)}
	if !isActive(u) {
		p.Plan = Inactive
	}
	return p
}

func candidates(users []genesys.User) []Candidate {
	all := make([]Candidate, 0, len(users))
	for _, u := range users[:min(len(users), MaxCandidates)] {
		all = append(all, Candidate{
			ID: u.ID, Name: u.Name, Email: u.Email, Department: u.Department, Inactive: !isActive(u), Busy: busy(u),
		})
	}
	return all
}

func busy(u genesys.User) string {
	if u.Busy() {
		return u.RoutingStatus.Status
	}
	return ""
}

// inParts calls the platform for parts of all, a few at a time.
func inParts[T any](ctx context.Context, all []T, size int, call func(context.Context, []T) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(callsAtOnce)
	for part := range slices.Chunk(all, size) {
		group.Go(func() error {
			return genesys.Safely(func() error {
				return genesys.Patiently(ctx, func(ctx context.Context) error { return call(ctx, part) })
			})
		})
	}
	return group.Wait()
}
