package genesys_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"tokenconsole/internal/emulator"
	"tokenconsole/internal/genesys"
)

// from binds a list of one thing to the thing.
func from[T any](p *platform, token genesys.Secret, list func(context.Context, genesys.Secret, string, genesys.Position) (genesys.Listing[T], error), id string) func(context.Context, genesys.Position) (genesys.Listing[T], error) {
	return func(ctx context.Context, at genesys.Position) (genesys.Listing[T], error) {
		return list(ctx, token, id, at)
	}
}

// all binds a list that belongs to nothing.
func all[T any](token genesys.Secret, list func(context.Context, genesys.Secret, genesys.Position) (genesys.Listing[T], error)) func(context.Context, genesys.Position) (genesys.Listing[T], error) {
	return func(ctx context.Context, at genesys.Position) (genesys.Listing[T], error) {
		return list(ctx, token, at)
	}
}

// read reads a list to its end.
func read[T any](t *testing.T, page func(context.Context, genesys.Position) (genesys.Listing[T], error)) []T {
	t.Helper()
	got, err := genesys.All(t.Context(), 20_000, page)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// Whatever way a list of the platform counts or names its pages, it is read to its
// end: everybody once.
func TestListsAreReadToTheirEnd(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, emulator.Options{Users: 3000, RateLimit: 1 << 20})
	token := p.token(admin, emulator.DemoClientID)
	everybody := map[genesys.UserID]int{}
	for _, q := range read(t, all(token, p.GetRoutingQueues)) {
		members := read(t, from(p, token, p.GetRoutingQueueMembers, q.ID))
		if len(members) != q.MemberCount || q.Name == "" || members[0].Name == "" {
			t.Errorf("queue %s: %d of %d members", q.Name, len(members), q.MemberCount)
		}
	}
	for _, g := range read(t, all(token, p.GetGroupsPage)) {
		for _, u := range read(t, from(p, token, p.GetGroupMembers, g.ID)) {
			everybody[u.ID]++
		}
	}
	teamed := map[genesys.UserID]int{}
	teams := read(t, all(token, p.GetTeams))
	for _, team := range teams {
		members := read(t, from(p, token, p.GetTeamMembers, team.ID))
		if len(members) != team.MemberCount {
			t.Errorf("%s: %d of %d members", team.Name, len(members), team.MemberCount)
		}
		for _, m := range members {
			teamed[m.ID]++
		}
	}
	held := 0
	for _, r := range read(t, all(token, p.GetAuthorizationRoles)) {
		holders := read(t, from(p, token, p.GetAuthorizationRoleUsers, r.ID))
		if len(holders) != r.UserCount || r.Administers() != (r.Name == "Master Admin") {
			t.Errorf("%s: %d of %d holders, administers: %t", r.Name, len(holders), r.UserCount, r.Administers())
		}
		held += len(holders)
	}
	if len(everybody) != 2998 || len(teamed) < 2990 || len(teams) < 200 || held != 2999 { // two are deleted; the trustee holds a role
		t.Errorf("%d people in groups, %d in %d teams, %d roles held", len(everybody), len(teamed), len(teams), held)
	}
	for id, n := range everybody {
		if n != 1 || teamed[id] > 1 {
			t.Errorf("%s is in %d groups of departments and %d teams", id, n, teamed[id])
		}
	}
	if divisions := read(t, all(token, p.GetAuthorizationDivisions)); len(divisions) != 4 || divisions[0].Name == "" {
		t.Errorf("divisions: %v", divisions)
	}
}

// A list longer than wanted is an error, never a shorter list.
func TestALongListIsNotCut(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, emulator.Options{Users: 2000})
	token := p.token(admin, emulator.DemoClientID)
	for _, g := range read(t, all(token, p.GetGroupsPage)) {
		members, err := genesys.All(t.Context(), 250, from(p, token, p.GetGroupMembers, g.ID))
		if g.MemberCount > 251 && (!errors.Is(err, genesys.ErrTooMany) || members != nil) {
			t.Errorf("%s with %d members: %d read, %v", g.Name, g.MemberCount, len(members), err)
		}
	}
}

// Who may not read a list learns which permission is missing.
func TestListsNamePermissions(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, emulator.Options{})
	token := p.token(supervisor, emulator.DemoClientID)
	_, queues := p.GetRoutingQueues(t.Context(), token, genesys.Position{})
	_, teams := p.GetTeams(t.Context(), token, genesys.Position{})
	_, roles := p.GetAuthorizationRoles(t.Context(), token, genesys.Position{})
	for permission, err := range map[string]error{
		genesys.PermissionViewQueue: queues, genesys.PermissionViewTeam: teams, genesys.PermissionViewRole: roles,
	} {
		if refused, ok := errors.AsType[*genesys.Error](err); !ok || refused.MissingPermission() != permission {
			t.Errorf("want %s missing, got %v", permission, err)
		}
	}
	if _, err := p.GetRoutingQueueMembers(t.Context(), p.token(admin, emulator.DemoClientID), "../users", genesys.Position{}); !errors.Is(err, genesys.ErrNotFound) {
		t.Errorf("a path for a queue: %v", err)
	}
}

// The platform's rate limit is waited for as it says, for no more than a minute at a
// time, and no longer than the caller lives.
func TestPatiently(t *testing.T) {
	t.Parallel()
	limited := func(wait time.Duration) error {
		return &genesys.Error{Status: http.StatusTooManyRequests, RetryAfter: wait}
	}
	for name, test := range map[string]struct {
		answers []error
		waits   time.Duration
		limited bool
	}{
		"no limit":          {[]error{nil}, 0, false},
		"a limit":           {[]error{limited(7 * time.Second), nil}, 7 * time.Second, false},
		"twice":             {[]error{limited(50 * time.Second), limited(40 * time.Second), nil}, 90 * time.Second, false},
		"no time named":     {[]error{limited(0), nil}, time.Second, false},
		"a minute":          {[]error{limited(time.Minute), nil}, time.Minute, false},
		"an hour":           {[]error{limited(time.Hour)}, 0, true},
		"longer than asked": {[]error{limited(50 * time.Second), limited(50 * time.Second), limited(50 * time.Second)}, 2 * time.Minute, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
				defer cancel()
				begun, answers := time.Now(), slices.Clone(test.answers)
				err := genesys.Patiently(ctx, func(context.Context) error {
					answer := answers[0]
					answers = answers[1:]
					return answer
				})
				if errors.Is(err, genesys.ErrRateLimited) != test.limited || time.Since(begun) != test.waits {
					t.Errorf("waited %v, %v", time.Since(begun), err)
				}
			})
		})
	}
}
