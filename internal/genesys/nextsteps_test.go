package genesys_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"tokenconsole/internal/emulator"
	"tokenconsole/internal/genesys"
)

func presence(u genesys.User) string { return u.Presence.PresenceDefinition.SystemPresence }

// offline finds the presence that means Offline, as a console has to.
func offline(ctx context.Context, p *platform, token genesys.Secret) (string, error) {
	definitions, err := p.GetPresenceDefinitions(ctx, token)
	for _, d := range definitions {
		if d.SystemPresence == "Offline" {
			return d.ID, err
		}
	}
	return "", err
}

// Each call about what a token leaves behind does what it says, and nothing else.
func TestWhatATokenLeavesBehind(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		do   func(context.Context, *platform, genesys.Secret, genesys.User) error
		done func(before, after genesys.User) bool
	}{
		"station": {
			func(ctx context.Context, p *platform, token genesys.Secret, u genesys.User) error {
				_, err := p.DeleteUserStationAssociatedstation(ctx, token, u.ID)
				return err
			},
			func(before, after genesys.User) bool {
				return before.Station.Associated.Name != "" && after.Station.Associated.Name == "" && presence(after) == presence(before)
			},
		},
		"queue": {
			func(ctx context.Context, p *platform, token genesys.Secret, u genesys.User) error {
				_, err := p.PutUserRoutingstatus(ctx, token, u.ID)
				return err
			},
			func(before, after genesys.User) bool {
				return before.Busy() && after.RoutingStatus.Status == "OFF_QUEUE"
			},
		},
		"presence": {
			func(ctx context.Context, p *platform, token genesys.Secret, u genesys.User) error {
				definition, err := offline(ctx, p, token)
				if err == nil {
					_, err = p.PatchUserPresencesPurecloud(ctx, token, u.ID, definition)
				}
				return err
			},
			func(before, after genesys.User) bool {
				return presence(after) == "Offline" && after.State == genesys.UserActive
			},
		},
		"state": {
			func(ctx context.Context, p *platform, token genesys.Secret, u genesys.User) error {
				_, err := p.PatchUser(ctx, token, u.ID, u.Version)
				return err
			},
			func(before, after genesys.User) bool {
				return after.State == genesys.UserInactive && after.Version > before.Version && after.Station == before.Station
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlatform(t, emulator.Options{})
			token := p.token(admin, emulator.DemoClientID)
			whom := p.me(p.token(agent, emulator.DemoClientID)).ID
			before, err := p.GetUser(t.Context(), token, whom)
			if err != nil {
				t.Fatal(err)
			}
			if err := test.do(t.Context(), p, token, before); err != nil {
				t.Fatal(err)
			}
			if after, err := p.GetUser(t.Context(), token, whom); err != nil || !test.done(before, after) {
				t.Errorf("was %+v\nis %+v, %v", before, after, err)
			}
		})
	}
}

func TestSecondFactors(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, emulator.Options{})
	token := p.token(admin, emulator.DemoClientID)
	whom := p.me(p.token(agent, emulator.DemoClientID)).ID
	factors, _, err := p.GetUserVerifiers(t.Context(), token, whom)
	if err != nil || len(factors) != 1 {
		t.Fatal(factors, err)
	}
	if _, err := p.DeleteUserVerifier(t.Context(), token, whom, factors[0].ID); err != nil {
		t.Fatal(err)
	}
	if factors, _, err := p.GetUserVerifiers(t.Context(), token, whom); err != nil || len(factors) != 0 {
		t.Error(factors, err)
	}
	for _, id := range []string{"", ".", ".."} {
		if _, err := p.DeleteUserVerifier(t.Context(), token, whom, id); err == nil {
			t.Errorf("the id %q was sent", id)
		}
	}
}

// A user who was changed since they were read is not deactivated; nobody is without an id or the permission.
func TestStepsThatAreNotDone(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, emulator.Options{})
	boss, lead := p.token(admin, emulator.DemoClientID), p.token(supervisor, emulator.DemoClientID)
	whom := p.me(p.token(agent, emulator.DemoClientID)).ID
	u, err := p.GetUser(t.Context(), boss, whom)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.PatchUser(t.Context(), boss, whom, u.Version-1); genesys.ProblemOf(err) != genesys.PlatformRefused || !errors.Is(err, genesys.ErrConflict) {
		t.Error("an old version:", err)
	}
	if _, err := p.PatchUser(t.Context(), boss, genesys.UserID{}, u.Version); !errors.Is(err, genesys.ErrUserID) {
		t.Error("nobody:", err)
	}
	_, err = p.DeleteUserStationAssociatedstation(t.Context(), lead, whom)
	if e, ok := errors.AsType[*genesys.Error](err); !ok || e.MissingPermission() != genesys.PermissionDisassociateStation {
		t.Error("without the permission:", err)
	}
}

// A reply that is about somebody or something else, or does not tell the state that was asked for, confirms nothing.
func TestRepliesThatConfirmNothing(t *testing.T) {
	t.Parallel()
	const other = `"11111111-1111-4111-8111-111111111111"`
	for name, test := range map[string]struct {
		match, reply string // ID in the reply is the right one
		is           error
	}{
		"another status":      {"PUT /api/v2/users/", `{"userId":"ID","status":"IDLE"}`, genesys.ErrUnchanged},
		"no status":           {"PUT /api/v2/users/", `{"userId":"ID"}`, genesys.ErrUnchanged},
		"another's status":    {"PUT /api/v2/users/", `{"userId":` + other + `,"status":"OFF_QUEUE"}`, genesys.ErrAnotherUser},
		"another presence":    {"PATCH /api/v2/users/ID/presences", `{"presenceDefinition":{"id":` + other + `}}`, genesys.ErrUnchanged},
		"no presence":         {"PATCH /api/v2/users/ID/presences", `{}`, genesys.ErrUnchanged},
		"still active":        {"PATCH /api/v2/users/ID", `{"id":"ID","state":"active","version":2}`, genesys.ErrUnchanged},
		"no state":            {"PATCH /api/v2/users/ID", `{"id":"ID","version":2}`, genesys.ErrUnchanged},
		"another is inactive": {"PATCH /api/v2/users/ID", `{"id":` + other + `,"state":"inactive","version":2}`, genesys.ErrAnotherUser},
		"nobody is inactive":  {"PATCH /api/v2/users/ID", `{"state":"inactive","version":2}`, genesys.ErrAnotherUser},
		"the client is on":    {"PUT /api/v2/oauth/clients/", `{"id":"demo-narrow","name":"n","state":"active"}`, genesys.ErrUnchanged},
		"no client state":     {"PUT /api/v2/oauth/clients/", `{"id":"demo-narrow","name":"n"}`, genesys.ErrUnchanged},
		"another client":      {"PUT /api/v2/oauth/clients/", `{"id":"another","name":"n","state":"disabled"}`, genesys.ErrAnotherUser},
		"no client":           {"PUT /api/v2/oauth/clients/", `{"name":"n","state":"disabled"}`, genesys.ErrAnotherUser},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlatform(t, emulator.Options{})
			token := p.token(admin, emulator.DemoClientID)
			whom := p.me(p.token(agent, emulator.DemoClientID)).ID
			client, err := p.GetOAuthClient(t.Context(), token, emulator.NarrowClientID)
			if err != nil {
				t.Fatal(err)
			}
			client.State = genesys.ClientDisabled
			withID := func(text string) string { return strings.ReplaceAll(text, "ID", whom.String()) }
			p.send("POST", "/emulator/faults", `{"match":"`+withID(test.match)+`","body":`+withID(test.reply)+`}`)
			switch {
			case strings.Contains(test.match, "oauth"):
				_, err = p.PutOAuthClient(t.Context(), token, client)
			case strings.Contains(test.match, "presences"):
				_, err = p.PatchUserPresencesPurecloud(t.Context(), token, whom, "offline")
			case strings.HasPrefix(test.match, "PATCH"):
				_, err = p.PatchUser(t.Context(), token, whom, 1)
			default:
				_, err = p.PutUserRoutingstatus(t.Context(), token, whom)
			}
			if !errors.Is(err, test.is) || !genesys.OutcomeUnknown(err) {
				t.Error(err)
			}
		})
	}
}
