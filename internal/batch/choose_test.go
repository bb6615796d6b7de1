package batch_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tokenconsole/internal/batch"
	"tokenconsole/internal/directory"
	"tokenconsole/internal/emulator"
	"tokenconsole/internal/genesys"
)

// organization is an emulated organization in which people are chosen.
type organization struct {
	*testing.T
	platform
	client *genesys.Client
}

func newOrganization(t *testing.T, o emulator.Options) organization {
	t.Helper()
	p := newPlatform(t, o)
	transport := genesys.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	return organization{t, p, genesys.NewClient(p.url, transport)}
}

// disturb has the platform refuse what begins with match as too many requests.
func (o organization) disturb(match string, retryAfter, times int) {
	o.Helper()
	o.send("POST", "/emulator/faults", emulator.Fault{Match: match, Status: 429, RetryAfter: retryAfter, Times: times}, nil)
}

// chooser chooses as the person with that email does.
func (o organization) chooser(email string) *batch.Chooser {
	o.Helper()
	return &batch.Chooser{Client: o.client, Token: o.token(email), Roles: true}
}

func (o organization) id(email string) genesys.UserID {
	o.Helper()
	return must[genesys.UserMe](o)(o.client.GetUsersMe(o.Context(), o.token(email))).ID
}

func (o organization) lines(text string) []batch.Line {
	o.Helper()
	return must[[]batch.Line](o)(batch.ReadList(text))
}

var pasted = batch.Rule{Source: batch.FromList, Words: "a pasted list"}

func TestLinesOfAListAreFound(t *testing.T) {
	t.Parallel()
	o := newOrganization(t, emulator.Options{})
	c := o.chooser(admin)
	choice, err := c.Lines(t.Context(), pasted, o.lines(strings.Join([]string{
		"agent@demo.example",
		o.id(supervisor).String(),
		"ada park",
		"Keller, Mina",
		"Jun Zhang",
		"Jun Zang",
		"nobody@demo.example",
		"00000000-0000-4000-8000-000000000001",
		"qqqqqqq",
		"-",
	}, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		plan       batch.Plan
		name       string
		candidates int
	}{
		{batch.ToRevoke, "Mina Keller", 0},
		{batch.ToRevoke, "Samuel Ortiz", 0},
		{batch.ToRevoke, "Ada Park", 0},
		{batch.ToRevoke, "Mina Keller", 0}, // twice, which is for Prepare to say
		{batch.Ambiguous, "", 2},
		{batch.Ambiguous, "", 2},
		{batch.NotFound, "", 0},
		{batch.NotFound, "", 0},
		{batch.NotFound, "", 0},
		{batch.NotFound, "", 0}, // of words that could find everybody there are none
	} {
		p := choice.People[i]
		if p.Plan != want.plan || p.Name != want.name || len(p.Candidates) != want.candidates || p.Line != i+1 || p.Input == "" {
			t.Errorf("row %d: %+v, want %+v", i+1, p, want)
		}
	}
	if p := choice.People[0]; p.Busy != "INTERACTING" || p.Administrator {
		t.Errorf("the agent on a call: %+v", p)
	}
	if !choice.People[2].Administrator || choice.Rule.NoRoles {
		t.Error("the administrator is not known as one")
	}
}

// Of two people with one name who is active is meant, and either if nobody is: they can only be left out.
func TestAnInactiveNamesakeIsNotMeant(t *testing.T) {
	t.Parallel()
	o := newOrganization(t, emulator.Options{})
	c := o.chooser(admin)
	twins := must[batch.Choice](t)(c.Lines(t.Context(), pasted, o.lines("Jun Zhang"))).People[0].Candidates
	if len(twins) != 2 || twins[0].Inactive || twins[1].Inactive || twins[0].ID == twins[1].ID || twins[0].Department == twins[1].Department {
		t.Fatalf("%+v", twins)
	}
	for i, want := range []batch.Person{
		{ID: twins[1].ID, Plan: batch.ToRevoke}, {Plan: batch.Inactive},
	} {
		path := "/api/v2/users/" + twins[i].ID.String()
		var user struct{ Version int }
		o.send("GET", path, nil, &user, o.token(admin))
		o.send("PATCH", path, map[string]any{"state": "inactive", "version": user.Version}, nil, o.token(admin))
		p := must[batch.Choice](t)(c.Lines(t.Context(), pasted, o.lines("Jun Zhang"))).People[0]
		if p.Plan != want.Plan || i == 0 && p.ID != want.ID || p.ID.IsZero() || len(p.Candidates) > 0 {
			t.Errorf("with %d of them inactive: %+v", i+1, p)
		}
	}
}

// A long list takes few calls, and nobody of it is lost.
func TestALongListTakesFewCalls(t *testing.T) {
	t.Parallel()
	o := newOrganization(t, emulator.Options{Users: 2000, RateLimit: 1 << 20})
	c := o.chooser(admin)
	whole, err := c.Query(t.Context(), pasted, directory.Query{State: "active"})
	if err != nil || len(whole.People) < 1700 {
		t.Fatal(len(whole.People), err)
	}
	for name, write := range map[string]func(batch.Person) string{
		"by address": func(p batch.Person) string { return p.Email },
		"by id":      func(p batch.Person) string { return p.ID.String() },
		"by name":    func(p batch.Person) string { return p.Name },
	} {
		t.Run(name, func(t *testing.T) {
			var text strings.Builder
			for _, p := range whole.People {
				fmt.Fprintln(&text, write(p))
			}
			o.send("DELETE", "/emulator/requests", nil, nil)
			choice, err := c.Lines(t.Context(), pasted, o.lines(text.String()))
			if err != nil {
				t.Fatal(err)
			}
			missing := 0
			for i, p := range choice.People {
				if p.ID != whole.People[i].ID {
					missing++
				}
			}
			var calls []any
			o.send("GET", "/emulator/requests", nil, &calls)
			if missing > 4 || len(calls) > len(choice.People)/30 { // namesakes are ambiguous
				t.Errorf("%d of %d are not found, with %d calls", missing, len(choice.People), len(calls))
			}
		})
	}
}

func TestMembersOfASet(t *testing.T) {
	t.Parallel()
	o := newOrganization(t, emulator.Options{Users: 900, RateLimit: 1 << 20})
	c := o.chooser(admin)
	for _, source := range []batch.Source{batch.FromQueue, batch.FromGroup, batch.FromTeam, batch.FromRole} {
		t.Run(string(source), func(t *testing.T) {
			sets, err := c.Sets(t.Context(), source)
			if err != nil || len(sets) < 3 {
				t.Fatal(sets, err)
			}
			largest := slices.MaxFunc(sets, func(a, b batch.Set) int { return a.Members - b.Members })
			choice, err := c.Members(t.Context(), batch.Rule{Source: source, ID: largest.ID})
			if err != nil || largest.Name == "" {
				t.Fatal(largest, err)
			}
			// The trustee holds a role, and deleted people are counted in groups.
			if n := len(choice.People); n > largest.Members || n < largest.Members-2 {
				t.Errorf("%d of %d people", n, largest.Members)
			}
			for _, p := range choice.People {
				if p.ID.IsZero() && source != batch.FromRole || p.Plan == batch.Ambiguous {
					t.Errorf("%+v", p)
				}
			}
		})
	}
	if sets, err := c.Sets(t.Context(), batch.FromDivision); err != nil || len(sets) != 4 || sets[0].Members != -1 {
		t.Errorf("divisions: %v, %v", sets, err)
	}
	_, err := c.Members(t.Context(), batch.Rule{Source: batch.FromQueue, ID: "00000000-0000-4000-8000-000000000001"})
	if !errors.Is(err, genesys.ErrNotFound) {
		t.Errorf("a queue that does not exist: %v", err)
	}
}

// Who may not read roles cannot tell who is an administrator: that is unknown, and not "nobody".
func TestAdministratorsMayBeUnknown(t *testing.T) {
	t.Parallel()
	o := newOrganization(t, emulator.Options{})
	c := o.chooser(supervisor)
	for _, told := range []bool{false, true} { // of the permission, as of the sign-in
		c.Roles = told
		choice, err := c.IDs(t.Context(), pasted, []genesys.UserID{o.id(admin)})
		if err != nil || !choice.Rule.NoRoles || choice.People[0].Administrator {
			t.Errorf("%+v, %v", choice, err)
		}
	}
}

// The platform's rate limit is waited for, and what waits ends with its context.
func TestChoosingIsPaced(t *testing.T) {
	t.Parallel()
	o := newOrganization(t, emulator.Options{})
	c, id := o.chooser(admin), o.id(agent)
	o.disturb("GET /api/v2/users", 1, 1)
	if _, err := c.IDs(t.Context(), pasted, []genesys.UserID{id}); err != nil {
		t.Error("one refusal:", err)
	}
	o.disturb("GET /api/v2/users", 30, 0)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := c.IDs(ctx, pasted, []genesys.UserID{id}); !errors.Is(err, genesys.ErrRateLimited) {
		t.Error("no end of refusals:", err)
	}
}

// What finds too many people is refused, and never cut.
func TestTooManyPeople(t *testing.T) {
	t.Parallel()
	o := newOrganization(t, emulator.Options{Users: batch.MaxPeople + 500, RateLimit: 1 << 20})
	c := o.chooser(admin)
	if _, err := c.Query(t.Context(), pasted, directory.Query{Department: ""}); !errors.Is(err, batch.ErrTooMany) {
		t.Errorf("everybody: %v", err)
	}
	sets, err := c.Sets(t.Context(), batch.FromRole)
	if err != nil {
		t.Fatal(err)
	}
	employees := slices.IndexFunc(sets, func(s batch.Set) bool { return s.Name == "employee" })
	_, err = c.Members(t.Context(), batch.Rule{Source: batch.FromRole, ID: sets[employees].ID})
	if !errors.Is(err, batch.ErrTooMany) {
		t.Errorf("a role of %d people: %v", sets[employees].Members, err)
	}
}
